//! What became of a writing into an agency's table.

use std::{collections::BTreeMap, time::Duration};

use fabrik_domain::mapping::{ResultField, ResultMapping};
use fabrik_store::{Source, SourceMark, Written};
use serde_json::json;

use crate::server::Database;

/// By the server's word where it has one, else by what stands in the row.
#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_writing_into_an_agencys_table_is_found_out_later() {
    let database = Database::new();
    database.run(
        "CREATE TABLE clients (id text PRIMARY KEY, status text);
         INSERT INTO clients VALUES ('A', 'new')",
    );
    let results: ResultMapping = serde_json::from_value(json!({
        "table": { "schema": "public", "name": "clients" },
        "key": "id",
        "columns": { "status": "status" },
    }))
    .unwrap();
    let source = Source::at(database.direct());
    let values = BTreeMap::from([(ResultField::Status, Some("active".to_owned()))]);
    let begin = async || {
        let write = source.begin_write(&results, "A", &values).await.unwrap();
        write.expect("it has a row")
    };
    let found = async |mark: &SourceMark| source.written(&results, "A", mark).await.unwrap();
    let set = |status: &str| database.run(&format!("UPDATE clients SET status = '{status}'"));

    let write = begin().await;
    let mark = write.mark().clone();
    write.roll_back().await;
    assert_eq!(found(&mark).await, Written::No);

    let write = begin().await;
    let mark = write.mark().clone();
    let (early, late) = tokio::join!(found(&mark), async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        write.commit().await
    });
    assert_eq!((early, late), (Written::Yes, Ok(())), "it was waited for");
    set("paused");
    assert_eq!(found(&mark).await, Written::Yes, "whatever came since");

    // A number that this server has never given; one of another server, of this one before it was set back, and of
    // one that did not say which it is.
    let noted = serde_json::to_value(&mark).unwrap();
    let server = noted["server"].as_str().expect("any user may ask");
    let (cluster, timeline) = server.split_once('/').expect("both");
    assert_eq!(timeline, "00000001", "{server}");
    for (field, value) in [
        ("transaction", json!(4_000_000_000_000_i64)),
        ("server", json!(format!("1{cluster}/{timeline}"))),
        ("server", json!(format!("{cluster}/00000002"))),
        ("server", json!(null)),
    ] {
        let mut other = noted.clone();
        other[field] = value.clone();
        let other: SourceMark = serde_json::from_value(other).unwrap();
        for (status, written) in [
            ("paused", Written::Changed),
            ("new", Written::No),
            ("active", Written::Yes),
        ] {
            set(status);
            assert_eq!(found(&other).await, written, "{field} {value}: {status}");
        }
    }
    // As it was noted when servers were not.
    let mut earlier = noted;
    earlier.as_object_mut().unwrap().remove("server");
    let earlier: SourceMark = serde_json::from_value(earlier).unwrap();
    set("paused");
    assert_eq!(found(&earlier).await, Written::Changed);
}
