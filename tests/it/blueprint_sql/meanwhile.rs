//! A file applied by a run, on a server where others are at work. The sandbox's databases have one session each, so what
//! a run sends to one of them is sent to a server with several.

use fabrik_postgres::Login;
use fabrik_tests::Proof;
use tokio_postgres::{Client, NoTls};

use super::{Instance, check::with_more};
use crate::{recorder::Recorder, server::Database, world::TestApp};

/// Where another session acts, in the middle of the file.
const HERE: &str = "-- Here.";

/// What the run sends to apply the file.
async fn sent() -> String {
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    with_more(&app, &format!("{HERE}\ndo $$ begin end $$;\n")).await;
    app.add_on("akermark", "mine", "starter").await;
    app.run(&["provision", "akermark"]).await.exits(0);
    let exchanges = recorder.exchanges().into_iter();
    let mut queries = exchanges.filter_map(|exchange| {
        let query = exchange.request_json()["query"].as_str()?.to_owned();
        (query.contains("applied_files") && query.contains(HERE)).then_some(query)
    });
    queries.next().expect("the file was applied")
}

/// What a project has that the run's SQL speaks of, with somebody who signed up.
const PROJECT: &str = "create schema auth; create table auth.users (id int, seen timestamptz);
    insert into auth.users values (0, '2026-11-21 12:00:00+00');
    do $$ begin create role anon; exception when duplicate_object or unique_violation then null; end $$;
    do $$ begin create role authenticated; exception when duplicate_object or unique_violation then null; end $$;";

async fn connect(database: &Database) -> Client {
    let connected = tokio_postgres::connect(&database.config(), NoTls).await;
    let (client, connection) = connected.unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn who_signs_up_while_a_file_is_applied_is_not_taken_for_the_files() {
    let sql = sent().await;
    let database = Database::new();
    database.run(PROJECT);
    let (run, other) = (connect(&database).await, connect(&database).await);
    let begun = other.batch_execute("begin; select pg_advisory_xact_lock(7)");
    begun.await.unwrap();
    let sql = sql.replace(HERE, "select pg_catalog.pg_advisory_xact_lock(7);");
    let applying = tokio::spawn(async move { run.batch_execute(&sql).await });
    let waits = "select 1 from pg_locks where locktype = 'advisory' and not granted
                 and database = (select oid from pg_database where datname = current_database())";
    while !applying.is_finished() && other.query(waits, &[]).await.unwrap().is_empty() {}
    let signed_up = other.batch_execute(
        "insert into auth.users values (1); update auth.users set seen = now(); create table auth.factors (id int);
         create function auth.mfa() returns int language sql as 'select 1'; commit",
    );
    signed_up.await.unwrap();
    let applied = applying.await.unwrap();
    assert!(applied.is_ok(), "{applied:?}");
    let files = "select 1 from fabrik.applied_files where name = 'more.sql'";
    assert_eq!(other.query(files, &[]).await.unwrap().len(), 1);
}

/// Each is put together at run time, so that it is seen only by what came of it.
#[tokio::test]
async fn what_a_file_did_to_a_sign_in_or_by_an_extension_is_refused() {
    let proof = Proof::of(
        "S11",
        "sign-ins that a file changed, and ways out that it opened, by SQL put together at run time: refused",
    );
    let sql = sent().await;
    let database = Database::new();
    database.run(PROJECT);
    let run = connect(&database).await;
    for (done, touched) in [
        (
            "execute 'update au' || 'th.users set id = 7'",
            "rows of auth.users",
        ),
        (
            "execute 'create ext' || 'ension dblink'",
            "extension dblink",
        ),
        (
            "execute 'create for' || 'eign data wrapper lead'",
            "foreign data wrapper lead",
        ),
    ] {
        let sql = sql.replace(HERE, &format!("do $$ begin {done}; end $$;"));
        let error = run.batch_execute(&sql).await.unwrap_err();
        let said = error.as_db_error().expect("the server's");
        assert_eq!(said.code().code(), "FAB01", "{done}: {said:?}");
        let expected = serde_json::json!([touched]).to_string();
        assert_eq!(said.message(), expected, "{done}");
        run.batch_execute("rollback").await.unwrap();
        proof.held(1);
    }

    // What is as it was is not taken for another because it reads otherwise.
    let sql_of_another_zone = sql.replace(HERE, "set time zone 'Asia/Tokyo';");
    run.batch_execute(&sql_of_another_zone).await.unwrap();
    let zone = run.query_one("show time zone", &[]).await.unwrap();
    assert_eq!(zone.get::<_, &str>(0), "Asia/Tokyo", "it stays the file's");

    // The tables as Supabase has them, as the project's owner.
    let project = Instance::empty("factory");
    project
        .owner("insert into auth.users (id, email) values (gen_random_uuid(), 'anna@kund.invalid')")
        .await;
    let change = "execute 'update au' || 'th.users set encrypted_password = ''x'''";
    let changing = sql.replace(HERE, &format!("do $$ begin {change}; end $$;"));
    let refused = project.database.script(&Login::Owner, &changing).await;
    let refused = refused.expect_err("a password was changed");
    let said = refused.sql().expect("the server's");
    assert_eq!(said.state, "FAB01", "{said}");
    assert_eq!(said.message, "[\"rows of auth.users\"]");
    proof.held(1);
    let applied = project.database.script(&Login::Owner, &sql).await;
    assert!(applied.is_ok(), "{applied:?}");
}
