//! A byte of the central database is changed under the program's feet: the doctor says so, nothing opens it any more,
//! and the way back to the day's copy is there, from the command line as it is installed (P9).

use fabrik_tests::Proof;
use rusqlite::Connection;

use crate::world::TestApp;

#[tokio::test]
async fn a_damaged_database_is_said_and_a_copy_brings_it_back() {
    let proof = Proof::of(
        "P9",
        "damaged, refused, and brought back from the day's copy",
    );
    let app = TestApp::new().await;
    app.add("akermark").await;
    let listed = app.run(&["copies", "list", "--json"]).await.exits(0).json();
    let days = listed["copies"].as_array().expect("a list");
    assert_eq!(
        days.len(),
        1,
        "the first start of a day makes one: {listed}"
    );
    let day = days[0]["day"].as_str().expect("a day");

    let path = app.data().join("agency/central.db");
    let mut bytes = std::fs::read(&path).expect("the database");
    let name = b"anna@akermark.example";
    let places: Vec<_> = (0..bytes.len() - name.len())
        .filter(|place| bytes[*place..].starts_with(name))
        .collect();
    assert!(!places.is_empty(), "the address is in the file");
    for place in places {
        bytes[place] ^= 4;
    }
    std::fs::write(&path, bytes).expect("it is damaged");

    let doctor = app.run(&["doctor", "--json"]).await;
    assert_ne!(doctor.status, 0, "something is wrong: {doctor:#?}");
    let document = doctor.json();
    assert_eq!(document["code"], "database_damaged", "{document:#}");
    assert_eq!(document["copies"][0]["day"], day, "{document:#}");
    let people = app.run(&["doctor"]).await;
    let offer = format!("fabrik copies restore {day}");
    assert!(people.stdout.contains(&offer), "{people:#?}");
    for command in [&["customers", "list"][..], &["provision", "akermark"]] {
        let refused = app.run(&[command, &["--json"]].concat()).await;
        assert_eq!(refused.json()["code"], "database_damaged", "{refused:#?}");
    }

    let restored = app.run(&["copies", "restore", day, "--json"]).await;
    let restored = restored.exits(0).json();
    let aside = restored["set_aside"].as_str().expect("a path");
    assert!(
        std::path::Path::new(aside).is_file(),
        "nothing is thrown away"
    );
    app.run(&["customers", "list"]).await.exits(0);
    // As on the morning of the copy: before the customer.
    app.add("akermark").await;
    app.run(&["provision", "akermark"]).await.exits(0);
    proof.held(1);
}

#[tokio::test]
async fn no_copy_is_offered_for_what_an_older_database_does_not_mend() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    // As a newer Fabrik leaves it: sound, and not for this one.
    let database = Connection::open(app.data().join("agency/central.db")).expect("it opens");
    let newer = database.pragma_update(None, "user_version", 9999);
    newer.expect("it is written");
    drop(database);
    let doctor = app.run(&["doctor", "--json"]).await;
    assert_eq!(doctor.json()["code"], "database_newer", "{doctor:#?}");
    let people = app.run(&["doctor"]).await;
    assert!(!people.stdout.contains("copies restore"), "{people:#?}");
}
