//! A file applied by a run, on a server where others are at work. The sandbox's databases have one session each, so what
//! a run sends to one of them is sent to a server with several.

use tokio_postgres::NoTls;

use super::check::with_more;
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

#[tokio::test]
async fn who_signs_up_while_a_file_is_applied_is_not_taken_for_the_files() {
    let sql = sent().await;
    let database = Database::new();
    database.run(
        "create schema auth; create table auth.users (id int);
         do $$ begin create role anon; exception when duplicate_object then null; end $$;
         do $$ begin create role authenticated; exception when duplicate_object then null; end $$;",
    );
    let connect = async || {
        let connected = tokio_postgres::connect(&database.config(), NoTls).await;
        let (client, connection) = connected.unwrap();
        tokio::spawn(connection);
        client
    };
    let (run, other) = (connect().await, connect().await);
    let begun = other.batch_execute("begin; select pg_advisory_xact_lock(7)");
    begun.await.unwrap();
    let sql = sql.replace(HERE, "select pg_catalog.pg_advisory_xact_lock(7);");
    let applying = tokio::spawn(async move { run.batch_execute(&sql).await });
    let waits = "select 1 from pg_locks where locktype = 'advisory' and not granted
                 and database = (select oid from pg_database where datname = current_database())";
    while !applying.is_finished() && other.query(waits, &[]).await.unwrap().is_empty() {}
    let signed_up = other.batch_execute(
        "insert into auth.users values (1); create table auth.factors (id int);
         create function auth.mfa() returns int language sql as 'select 1'; commit",
    );
    signed_up.await.unwrap();
    let applied = applying.await.unwrap();
    assert!(applied.is_ok(), "{applied:?}");
    let files = "select 1 from fabrik.applied_files where name = 'more.sql'";
    assert_eq!(other.query(files, &[]).await.unwrap().len(), 1);
}
