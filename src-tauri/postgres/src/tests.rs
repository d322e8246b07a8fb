//! The crate as its users see it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{ApiRole, Caller, Database, Error, Login, Pool, ScratchDatabase};

const ALICE: &str = "a11ce000-0000-4000-8000-000000000000";
const BOB: &str = "b0b00000-0000-4000-8000-000000000000";

const NOTES: &str = "
    create table notes (
      id bigint generated always as identity primary key,
      owner uuid not null default auth.uid() references auth.users (id),
      body text not null
    );
    grant all on notes to anon, authenticated, service_role;
    alter table notes enable row level security;
    create policy own on notes for all to authenticated
      using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
";

fn api(role: ApiRole, user: Option<&str>) -> Login {
    let claims = json!({ "role": role.name(), "sub": user, "email": "someone@example.com" });
    Login::Api(Caller {
        role,
        claims,
        read_only: false,
    })
}

async fn with_notes(database: &Database) {
    for user in [ALICE, BOB] {
        let sql = "insert into users (id, email, aud, role) values ($1, $2, 'x', 'authenticated')";
        let email = format!("{user}@example.com");
        database
            .statement(&Login::Auth, sql, &[Some(user), Some(&email)])
            .await
            .unwrap();
    }
    database.script(&Login::Owner, NOTES).await.unwrap();
}

async fn bodies(database: &Database, login: &Login) -> Vec<Value> {
    database
        .script(login, "select body from notes order by id")
        .await
        .unwrap()
        .rows
}

fn state<T>(result: Result<T, Error>) -> String {
    let error = result.err().expect("PostgreSQL must refuse it");
    error
        .sql()
        .unwrap_or_else(|| panic!("{error} is not PostgreSQL's"))
        .state
        .clone()
}

#[tokio::test]
async fn policies_keep_each_role_to_its_rows() {
    let database = ScratchDatabase::new().unwrap();
    with_notes(&database).await;
    let (alice, bob) = (
        api(ApiRole::Authenticated, Some(ALICE)),
        api(ApiRole::Authenticated, Some(BOB)),
    );
    let insert = "insert into notes (body) values ($1)";
    database
        .statement(&alice, insert, &[Some("of Alice")])
        .await
        .unwrap();
    database
        .statement(&bob, insert, &[Some("of Bob")])
        .await
        .unwrap();

    assert_eq!(
        bodies(&database, &alice).await,
        [json!({"body": "of Alice"})]
    );
    assert_eq!(bodies(&database, &bob).await, [json!({"body": "of Bob"})]);
    assert_eq!(
        bodies(&database, &api(ApiRole::Anon, None)).await,
        [] as [Value; 0]
    );
    let service = api(ApiRole::Service, None);
    assert_eq!(
        bodies(&database, &service).await.len(),
        2,
        "service_role is past the policies"
    );

    let forged = format!("insert into notes (owner, body) values ('{BOB}', 'forged')");
    assert_eq!(
        state(database.script(&alice, &forged).await),
        "42501",
        "a row for someone else"
    );
    let nobody = api(ApiRole::Anon, None);
    let anonymous = database.statement(&nobody, insert, &[Some("?")]).await;
    assert_eq!(state(anonymous), "42501", "no policy for anon");
    let users = database.script(&alice, "select * from auth.users").await;
    assert_eq!(
        state(users),
        "42501",
        "the API's roles don't read auth.users"
    );
}

#[tokio::test]
async fn a_table_is_open_to_none_of_the_apis_roles_until_it_is_granted() {
    let database = ScratchDatabase::new().unwrap();
    let make = "create table bare (n int); insert into bare values (1)";
    database.script(&Login::Owner, make).await.unwrap();
    let roles = [ApiRole::Anon, ApiRole::Authenticated, ApiRole::Service];
    let read = "select n from bare";
    for login in roles.map(|role| api(role, None)) {
        let refused = database.script(&login, read).await;
        assert_eq!(state(refused), "42501", "{login:?}");
    }
    let grant = "grant select on bare to service_role";
    database.script(&Login::Owner, grant).await.unwrap();
    let service = api(ApiRole::Service, None);
    let rows = database.script(&service, read).await.unwrap().rows;
    assert_eq!(rows, [json!({"n": 1})]);
}

#[tokio::test]
async fn claims_are_the_callers_and_gone_with_the_request() {
    let database = ScratchDatabase::new().unwrap();
    let sql =
        "select auth.uid(), auth.role(), auth.email(), auth.jwt() ->> 'sub' as sub, current_user";
    let login = api(ApiRole::Authenticated, Some(ALICE));
    assert_eq!(
        database.script(&login, sql).await.unwrap().rows,
        [json!({
            "uid": ALICE, "role": "authenticated", "email": "someone@example.com", "sub": ALICE,
            "current_user": "authenticated",
        })]
    );
    let after = database.script(&Login::Owner, sql).await.unwrap();
    assert_eq!(
        after.rows[0]["uid"],
        Value::Null,
        "no claims outlive their request"
    );
    assert_eq!(after.rows[0]["current_user"], "postgres");
}

#[tokio::test]
async fn the_owner_is_no_superuser_and_the_reader_only_reads() {
    let database = ScratchDatabase::new().unwrap();
    let owner = "select rolsuper, rolbypassrls from pg_roles where rolname = current_user";
    assert_eq!(
        database.script(&Login::Owner, owner).await.unwrap().rows,
        [json!({"rolsuper": false, "rolbypassrls": true})]
    );
    let superuser = database
        .script(&Login::Owner, "alter role postgres superuser")
        .await;
    assert_eq!(state(superuser), "42501");

    database
        .script(
            &Login::Owner,
            "create table t (n int); insert into t values (1)",
        )
        .await
        .unwrap();
    let read = database
        .script(&Login::Reader, "select n from public.t")
        .await
        .unwrap();
    assert_eq!(read.rows, [json!({"n": 1})]);
    let bare = database.script(&Login::Reader, "select n from t").await;
    assert_eq!(state(bare), "42P01", "names must be qualified");
    let write = database
        .script(&Login::Reader, "insert into public.t values (2)")
        .await;
    assert_eq!(state(write), "25006");
    let around = "set default_transaction_read_only = off; commit; insert into public.t values (2)";
    assert_eq!(
        state(database.script(&Login::Reader, around).await),
        "42501",
        "no right to write"
    );
}

#[tokio::test]
async fn a_script_is_all_or_nothing_and_leaves_no_transaction_open() {
    let database = ScratchDatabase::new().unwrap();
    let failing = "create table half (n int);\nselect * from nowhere";
    let error = database.script(&Login::Owner, failing).await.unwrap_err();
    let error = error.sql().unwrap();
    assert_eq!(
        (error.state.as_str(), error.line(failing)),
        ("42P01", Some((2, "select * from nowhere", 15)))
    );
    let half = database
        .script(&Login::Owner, "select to_regclass('public.half') as half")
        .await;
    assert_eq!(
        half.unwrap().rows,
        [json!({"half": null})],
        "the first statement was undone"
    );

    database
        .script(&Login::Owner, "begin; create table open (n int)")
        .await
        .unwrap();
    let open = database
        .script(&Login::Owner, "select to_regclass('public.open') as open")
        .await;
    assert_eq!(
        open.unwrap().rows,
        [json!({"open": null})],
        "what was left open was rolled back"
    );

    let last = database
        .script(&Login::Owner, "select 1; select 2 as b; create table u ()")
        .await;
    assert_eq!(
        last.unwrap().rows,
        [json!({"b": 2})],
        "the last rows are the answer"
    );
}

#[tokio::test]
async fn one_that_never_ends_is_named_and_given_up() {
    let database = ScratchDatabase::new().unwrap();
    database.wake().await.unwrap();
    let steps = ["begin", "create table t ()", "select pg_sleep(600)", "x"];
    let steps = steps.map(str::to_owned).to_vec();
    let ended = Arc::new(AtomicUsize::new(0));
    let run = database.steps(&Login::Owner, steps, Arc::clone(&ended));
    let run = tokio::time::timeout(Duration::from_secs(5), run).await;
    assert!(run.is_err(), "it is at it still");
    assert_eq!(ended.load(Ordering::Relaxed), 2, "the third is");
    let begun = Instant::now();
    database.abandon().await;
    let asked = database.script(&Login::Owner, "select 1").await;
    assert!(matches!(asked, Err(Error::Unknown(_))), "it is no more");
    drop(database);
    let waited = begun.elapsed();
    assert!(waited < Duration::from_mins(1), "waited {waited:?}");

    // Another one is there at once.
    let database = ScratchDatabase::new().unwrap();
    let steps = ["begin", "create table t ()", "select nothing"];
    let steps = steps.map(str::to_owned).to_vec();
    let ended = Arc::new(AtomicUsize::new(0));
    let run = database.steps(&Login::Owner, steps, Arc::clone(&ended));
    assert_eq!(state(run.await), "42703");
    assert_eq!(ended.load(Ordering::Relaxed), 2);
    let gone = "select to_regclass('public.t') as t";
    let gone = database.script(&Login::Owner, gone).await.unwrap();
    assert_eq!(gone.rows, [json!({"t": null})], "it was rolled back");
}

#[tokio::test]
async fn parameters_are_never_sql() {
    let database = ScratchDatabase::new().unwrap();
    let evil = "'; drop schema auth cascade; --\\";
    let sql = "select $1::text as echo, $2::int + 1 as next, $3::text as nothing";
    let answer = database
        .statement(&Login::Owner, sql, &[Some(evil), Some("41"), None])
        .await;
    assert_eq!(
        answer.unwrap().rows,
        [json!({"echo": evil, "next": 42, "nothing": null})]
    );
    let wrong = database
        .statement(&Login::Owner, sql, &[Some("a"), Some("no number"), None])
        .await;
    assert_eq!(state(wrong), "22P02");
    let next = database
        .script(&Login::Owner, "select 1 as alive")
        .await
        .unwrap();
    assert_eq!(
        next.rows,
        [json!({"alive": 1})],
        "an error does not end the session"
    );
}

#[tokio::test]
async fn extensions_that_schemas_ask_for_are_there() {
    let database = ScratchDatabase::new().unwrap();
    let sql =
        "create extension if not exists pgcrypto; create extension if not exists \"uuid-ossp\";
        select encode(digest('abc', 'sha1x'), 'hex') as unknown,
          encode(digest('abc', 'sha256'), 'hex') as digest,
          encode(hmac('what do ya want for nothing?', 'Jefe', 'sha256'), 'hex') as hmac,
          length(gen_random_bytes(40)) as bytes, uuid_generate_v4() <> gen_random_uuid() as uuids";
    let answer = database.script(&Login::Owner, sql).await.unwrap();
    assert_eq!(
        answer.rows,
        [json!({
            "unknown": null,
            "digest": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            // RFC 4231, test case 2.
            "hmac": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            "bytes": 40,
            "uuids": true,
        })]
    );
}

#[tokio::test]
async fn data_survive_a_restart_and_go_with_the_database() {
    let root = tempfile::tempdir().unwrap();
    let pool = Pool::open(root.path()).unwrap();
    let database = pool.create("one").await.unwrap();
    database
        .script(
            &Login::Owner,
            "create table t (n int); insert into t values (7)",
        )
        .await
        .unwrap();
    assert!(matches!(pool.create("one").await, Err(Error::Exists(_))));
    drop((pool, database));

    let pool = Pool::open(root.path()).unwrap();
    let database = pool.database("one").await.unwrap();
    let read = database
        .script(&Login::Owner, "select n from t")
        .await
        .unwrap();
    assert_eq!(read.rows, [json!({"n": 7})]);

    pool.remove("one").await.unwrap();
    let left = database.script(&Login::Owner, "select 1").await;
    assert!(
        matches!(left, Err(Error::Unknown(_))),
        "an old handle must not make it anew"
    );
    assert!(matches!(pool.database("one").await, Err(Error::Unknown(_))));
    pool.remove("one").await.unwrap();
    assert!(matches!(pool.create("../out").await, Err(Error::Name(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_nine_databases_eight_are_awake_and_all_answer() {
    let root = tempfile::tempdir().unwrap();
    let pool = Pool::open(root.path()).unwrap();
    let mut databases = Vec::new();
    for number in 0..9 {
        let database = pool.create(&format!("db{number}")).await.unwrap();
        let sql = format!("create table t as select {number} as n");
        database.script(&Login::Owner, &sql).await.unwrap();
        databases.push(database);
    }
    assert_eq!(pool.awake().await, 8);
    assert!(
        !databases[0].is_awake(),
        "the one unused for longest sleeps"
    );

    // All at once, with room for eight: whoever waits gets its turn.
    for _ in 0..2 {
        let asked = databases.iter().map(|database| {
            let database = database.clone();
            tokio::spawn(async move { database.script(&Login::Owner, "select n from t").await })
        });
        for (number, asked) in asked.collect::<Vec<_>>().into_iter().enumerate() {
            assert_eq!(asked.await.unwrap().unwrap().rows, [json!({"n": number})]);
        }
        assert!(pool.awake().await <= 8);
    }
}
