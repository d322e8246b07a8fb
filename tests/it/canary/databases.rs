//! The passwords that no vendor gives: of the central database, of an agency's own, and of the mail server. Each is typed,
//! kept in the session's keyring, used, refused, and forgotten (S1, S2).

use fabrik_tests::Proof;
use tokio_postgres::NoTls;

use super::{processes::Watch, search_for, secrets, world};
use crate::{server::Database, source::FACTORY};

const CENTRAL: &str = "KanariefagelC0entralZq7Xv9Wj3Kp5";
const AGENCY: &str = "KanariefagelA0gencyZq7Xv9Wj3Kp5";
const MAIL: &str = "KanariefagelM0ailZq7Xv9Wj3Kp5";

/// A database of the test's server, with somebody in it who needs that password; its address without it.
fn guarded(user: &str, password: &str, tables: &str) -> (Database, String) {
    let database = Database::new();
    database.run(&format!(
        "{tables} CREATE ROLE {user} LOGIN SUPERUSER PASSWORD '{password}'"
    ));
    let url = database.with_password(user, "").to_string();
    (database, url)
}

/// What the tables of a schema hold: each table, and its rows as they would be read.
async fn rows(database: &Database, schema: &str) -> Vec<(String, Vec<u8>)> {
    let connected = tokio_postgres::connect(&database.config(), NoTls).await;
    let (client, connection) = connected.unwrap();
    tokio::spawn(connection);
    let tables =
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = $1";
    let mut held = vec![];
    for table in client.query(tables, &[&schema]).await.unwrap() {
        let table: String = table.get(0);
        let sql = format!("SELECT row_to_json(t)::text FROM {table} t");
        let rows = client.query(&sql, &[]).await.unwrap();
        let rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        held.push((table, rows.join("\n").into_bytes()));
    }
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn no_password_of_a_database_or_a_mail_server_is_left_anywhere() {
    let proofs = [
        Proof::of(
            "S1",
            "places × secrets searched through passwords of databases and a mail server",
        ),
        Proof::of(
            "S2",
            "looks at all processes, 50 ms apart, through passwords of databases and a mail server",
        ),
    ];
    let (app, recorder) = world().await;
    let mut watch = Watch::default();
    let mut said = vec![];
    let (central, central_url) = guarded("kanarie_c", CENTRAL, "");
    let (agency, agency_url) = guarded("kanarie_a", AGENCY, FACTORY);
    // A row that is refused is another test's.
    agency.run("DELETE FROM organizations WHERE email IS NULL");
    let choose = ["settings", "set", "database", &central_url, "--json"];
    let connect = [
        "source",
        "connect",
        &agency_url,
        "--preset",
        "factory",
        "--json",
    ];
    for (arguments, input) in [
        (&choose[..], CENTRAL),
        (&connect, AGENCY),
        (&["settings", "set", "smtp.password", "--json"], MAIL),
        (&["settings", "set", "smtp.host", "smtp.studio.example"], ""),
        (&["settings", "set", "smtp.user", "post"], ""),
        (
            &["settings", "set", "smtp.sender", "post@studio.example"],
            "",
        ),
        (&["settings", "get", "--json"], ""),
        (&["source", "refresh", "--json"], ""),
        (&["provision", "akermark", "--json"], ""),
        (&["runs", "show", "1", "--log", "--json"], ""),
        (&["audit", "export"], ""),
    ] {
        let typed = format!("{input}\n");
        let ran = watch.run_with_input(&app, arguments, &typed).await;
        said.push(ran.exits(0));
    }
    let known = secrets(&recorder);
    assert!(
        known.contains(&("the mail server's password".to_owned(), MAIL.to_owned())),
        "the project was given it"
    );

    // What lets nobody in any more says so without what it was given.
    for (database, user) in [(&agency, "kanarie_a"), (&central, "kanarie_c")] {
        database.run(&format!("ALTER ROLE {user} PASSWORD 'another'"));
        database.cut();
        said.push(watch.run(&app, &["source", "refresh", "--json"]).await);
        said.push(watch.run(&app, &["doctor", "--json"]).await);
    }
    let refused = said.last().expect("the doctor's");
    assert!(
        refused.stdout.contains("database_login_refused"),
        "{refused:#?}"
    );
    said.push(
        watch
            .run_with_input(&app, &choose, &format!("{CENTRAL}\n"))
            .await
            .exits(3),
    );

    let own = [
        ("the central database's password", CENTRAL),
        ("the password of the agency's own", AGENCY),
        ("the mail server's password", MAIL),
    ];
    let mut sought = known;
    sought.extend(own.map(|(name, secret)| (name.to_owned(), secret.to_owned())));
    let mut kept = rows(&central, "fabrik").await;
    kept.extend(rows(&agency, "public").await);
    let is_told = |table: &str, what: &str| {
        let held = kept.iter().find(|(name, _)| name == table);
        held.is_some_and(|(_, content)| String::from_utf8_lossy(content).contains(what))
    };
    for (table, what) in [
        ("fabrik.customers", "akermark"),
        ("fabrik.run_events", "run"),
        ("fabrik.resources", "supabase_project"),
        ("fabrik.audit_log", "run"),
        // What came of the run.
        ("public.organizations", "\"supabase_project_ref\":\""),
    ] {
        assert!(is_told(table, what), "{what} in {table}");
    }
    search_for(&sought, &app, kept, &said, &watch, &proofs);
    // The keyring is the session's, of all tests.
    for forget in [
        &["settings", "set", "database", "local"][..],
        &["settings", "set", "smtp.password", ""],
    ] {
        app.run(forget).await.exits(0);
    }
}
