//! The suite on PostgreSQL, by a connection of one's own and through a pooler in transaction mode; and what is the
//! server's own matter.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "a test that can't go on should fail where it stands; its name says what it is"
)]
#![cfg(unix)]

mod identifiers;
#[allow(dead_code, reason = "the whole product's tests use the rest")]
mod server;
mod suite;

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use fabrik_domain::{Cause, Problem, ports::Clock};
use fabrik_store::{Address, CustomerQuery, Heard, Inserted, PostgresStore, Store};
use fabrik_tests::Proof;
use tokio::sync::watch;

use crate::{
    server::Database,
    suite::{Backend, clock::Still, older, samples::add},
};

/// A database of its own, whose time stands still.
struct Central {
    database: Database,
    address: Address,
    is_pooled: bool,
    clock: Arc<Still>,
}

impl Central {
    fn direct() -> Self {
        let database = Database::new();
        Self::at(database.direct(), database, false)
    }

    fn pooled() -> Self {
        let database = Database::new();
        Self::at(database.pooled(), database, true)
    }

    fn at(address: Address, database: Database, is_pooled: bool) -> Self {
        let clock = Still::at_noon();
        drop(PostgresStore::open(address.clone(), Arc::clone(&clock) as _).unwrap());
        let central = Self {
            database,
            address,
            is_pooled,
            clock,
        };
        central.set_clock();
        central
    }

    fn set_clock(&self) {
        let now = self.clock.now().as_microsecond();
        self.database.run(&format!(
            "CREATE OR REPLACE FUNCTION fabrik.central_time() RETURNS bigint
             LANGUAGE sql VOLATILE AS 'SELECT {now}::bigint'"
        ));
    }

    fn try_open(&self) -> Result<PostgresStore, Problem> {
        PostgresStore::open(self.address.clone(), Arc::clone(&self.clock) as _)
    }
}

impl Backend for Central {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.try_open().unwrap())
    }

    fn pass(&self, time: Duration) {
        self.clock.pass(time);
        self.set_clock();
    }

    fn proof_of_names(&self) -> Proof {
        if self.is_pooled {
            Proof::of(
                "S6",
                "naughty strings as names, contacts and ids in PostgreSQL, through a pooler",
            )
        } else {
            Proof::of(
                "S6",
                "naughty strings as names, contacts and ids in PostgreSQL",
            )
        }
    }
}

mod direct {
    crate::suite::whole! { crate::Central::direct() }
}

mod pooled {
    crate::suite::whole! { crate::Central::pooled() }
}

#[test]
fn many_may_open_a_new_database_at_once() {
    let database = Database::new();
    let open = || PostgresStore::open(database.direct(), Still::at_noon());
    let workspaces: Vec<_> = std::thread::scope(|scope| {
        let openers: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        openers
            .into_iter()
            .map(|opener| opener.join().unwrap().unwrap().workspace())
            .collect()
    });
    let first = workspaces[0];
    assert!(workspaces.iter().all(|one| *one == first), "one workspace");
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let central = Central::direct();
    let newer = "UPDATE fabrik.meta SET value = '99' WHERE key = 'version'";
    central.database.run(newer);
    let problem = central.try_open().err().unwrap();
    let cause = Cause::DatabaseNewer {
        found: 99,
        known: 9,
    };
    assert_eq!(*problem.cause, cause);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_it_open_while_a_newer_version_takes_it_over_writes_no_more() {
    use crate::suite::samples::audit;

    /// What whoever brings a database up to date holds: `fabrik` in ASCII, and two zeros.
    const LOCK: i64 = 0x6661_6272_696b_0000;
    async fn write(store: Arc<dyn Store>) -> Result<(), Cause> {
        let set = store.set_setting("github.owner", Some("norrform"), audit("x"));
        set.await.map_err(|problem| *problem.cause)
    }
    for central in [Central::direct(), Central::pooled()] {
        let store = central.open();
        let customer = add(&*store, "Åberg", "aberg").await;
        let config = central.database.config();
        let connected = tokio_postgres::connect(&config, tokio_postgres::NoTls).await;
        let (newer, connection) = connected.unwrap();
        tokio::spawn(connection);
        let migrate = format!(
            "BEGIN; SELECT pg_advisory_xact_lock({LOCK});
             UPDATE fabrik.meta SET value = '99' WHERE key = 'version'"
        );
        newer.batch_execute(&migrate).await.unwrap();
        let waiting = tokio::spawn(write(Arc::clone(&store)));
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!waiting.is_finished(), "the newer one is in the middle");
        newer.batch_execute("COMMIT").await.unwrap();
        let refused = Err(Cause::DatabaseNewer {
            found: 99,
            known: 9,
        });
        assert_eq!(waiting.await.unwrap(), refused, "who came meanwhile");
        assert_eq!(write(Arc::clone(&store)).await, refused, "who comes after");
        assert_eq!(store.customer(customer.id).await.unwrap(), customer);
        assert!(store.settings().await.unwrap().is_empty());
    }
}

/// From this version on a removed customer is told as that.
const REMOVED: usize = 7;

/// What was removed was told as if it were switched off.
const PAUSED: &str = "
    UPDATE fabrik.customers SET instance_state = 'paused'
    WHERE instance_state = 'stopped' AND status = 'inactive';";

/// Moves the rows into the tables of an older version.
const AGE: &str = "
    DO $age$
    DECLARE
        one    record;
        listed text;
    BEGIN
        FOR one IN SELECT table_name FROM information_schema.tables WHERE table_schema = 'fabrik' LOOP
            SELECT string_agg(quote_ident(column_name), ', ') INTO listed
            FROM information_schema.columns
            WHERE table_schema = 'fabrik' AND table_name = one.table_name;
            EXECUTE format('INSERT INTO fabrik.%1$I (%2$s) SELECT %2$s FROM newer.%1$I', one.table_name, listed);
        END LOOP;
        FOR one IN SELECT table_name FROM information_schema.columns
                   WHERE table_schema = 'fabrik' AND is_identity = 'YES' LOOP
            EXECUTE format(
                'SELECT setval(pg_get_serial_sequence(%L, ''number''), coalesce(max(number), 0) + 1, false) FROM fabrik.%I',
                'fabrik.' || one.table_name, one.table_name);
        END LOOP;
    END $age$;
    DROP SCHEMA newer CASCADE;";

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_an_older_version_is_opened_with_all_that_is_in_it() {
    let migrations = older::migrations("postgres");
    for version in 1..migrations.len() {
        let central = Central::direct();
        let store = central.open();
        older::fill(&*store).await;
        older::remove(&*store).await;
        let told = older::told(&*store).await;
        drop(store);
        let tables = migrations[..version].concat();
        let paused = if version < REMOVED { PAUSED } else { "" };
        central.database.run(&format!(
            "SET session_replication_role = replica;
             ALTER SCHEMA fabrik RENAME TO newer;
             CREATE SCHEMA fabrik;
             CREATE TABLE fabrik.meta (key text COLLATE \"C\" PRIMARY KEY, value text NOT NULL);
             {tables}
             {AGE}
             {paused}
             UPDATE fabrik.meta SET value = '{version}' WHERE key = 'version';"
        ));
        let store = central.open();
        central.set_clock();
        assert_eq!(older::told(&*store).await, told, "from version {version}");
        older::goes_on(&*store).await;
    }
}

/// Stands before the server, and counts how often something comes for it: who waits for each answer comes for each.
fn counted() -> (u16, Arc<AtomicUsize>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let came = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&came);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            client.set_nodelay(true).unwrap();
            let mut server = UnixStream::connect(server::socket()).unwrap();
            let mut answers = server.try_clone().unwrap();
            let mut answered = client.try_clone().unwrap();
            std::thread::spawn(move || std::io::copy(&mut answers, &mut answered));
            let counted = Arc::clone(&counted);
            std::thread::spawn(move || {
                let mut bytes = vec![0; 1 << 20];
                while let Ok(length @ 1..) = client.read(&mut bytes) {
                    counted.fetch_add(1, Ordering::Relaxed);
                    if server.write_all(&bytes[..length]).is_err() {
                        break;
                    }
                }
                drop(server.shutdown(std::net::Shutdown::Both));
            });
        }
    });
    (port, came)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_imported_again_is_not_asked_about_row_by_row() {
    use crate::suite::samples::{audit, named};

    const ROWS: usize = 1000;
    let database = Database::new();
    let (port, came) = counted();
    let place = format!("127.0.0.1:{port}/{}", database.name);
    let address = Address::parse(&format!("postgres://postgres@{place}?sslmode=disable")).unwrap();
    let store = PostgresStore::open(address, Still::at_noon()).unwrap();
    let rows: Vec<_> = (0..ROWS)
        .map(|number| {
            let name = format!("kund-{number}");
            (named(&name, &name), name)
        })
        .collect();
    let import = async || {
        let done = store.import_customers(rows.clone(), false, audit("x"), Arc::default());
        let verdicts = done.await.unwrap();
        let added = verdicts.iter();
        let added = added.filter(|verdict| matches!(verdict, Inserted::Added(_)));
        added.count()
    };
    assert_eq!(import().await, ROWS);
    let before = came.load(Ordering::Relaxed);
    assert_eq!(import().await, 0, "all are there");
    let times = came.load(Ordering::Relaxed) - before;
    assert!(times < ROWS / 2, "{times} times");
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_goes_on_while_another_writes() {
    let central = Central::direct();
    let store = central.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (client, connection) = {
        let config = central.database.config();
        tokio_postgres::connect(&config, tokio_postgres::NoTls)
            .await
            .unwrap()
    };
    tokio::spawn(connection);
    client
        .batch_execute("BEGIN; UPDATE fabrik.customers SET name = 'Uncommitted'")
        .await
        .unwrap();
    assert_eq!(store.customer(customer.id).await.unwrap(), customer);
}

/// P: nothing is lost on the way to the server and back, and the file that was left is written no more.
#[tokio::test(flavor = "multi_thread")]
async fn records_move_to_a_server_and_back() {
    use crate::suite::samples::{audit, begin, event, resource, to};
    use fabrik_domain::{
        resource::{Origin, ResourceState},
        run::RunState,
    };
    use fabrik_store::{JournalEntry, SqliteStore, to_file, to_server};

    use tokio::task::block_in_place;

    let move_to =
        |file: &std::path::Path, server, clock| block_in_place(|| to_server(file, server, clock));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("central.db");
    let clock: Arc<dyn Clock> = Still::at_noon();
    let old = SqliteStore::open(&file, Arc::clone(&clock)).unwrap();
    let removed = add(&old, "Borta \"AB\"", "borta").await;
    let (_, lease) = begin(&old, &removed, "one").await;
    old.journal(&lease, to(RunState::RolledBack)).await.unwrap();
    let customer = add(&old, "Åberg\t\u{1F6B2}\\n", "aberg").await;
    let (run, lease) = begin(&old, &customer, "one").await;
    let refused = move_to(&file, Database::new().direct(), Arc::clone(&clock));
    assert_eq!(
        *refused.unwrap_err().cause,
        Cause::RunActive { run: run.id },
        "a run is under way"
    );
    let entry = JournalEntry {
        resources: vec![resource(&run, ResourceState::Live, Origin::Created)],
        events: vec![event(run.id, 1)],
        failed_at: Some(clock.now()),
        audit: Some(audit("run.failed")),
        ..to(RunState::Failed)
    };
    old.journal(&lease, entry).await.unwrap();
    old.set_setting("github.owner", Some("norrform"), audit("x"))
        .await
        .unwrap();
    // The newest run is removed: its number must not be given again.
    let last = add(&old, "Sist", "sist").await;
    let (newest, lease) = begin(&old, &last, "one").await;
    old.journal(&lease, to(RunState::RolledBack)).await.unwrap();
    old.remove_customer(last.id, audit("x")).await.unwrap();

    let database = Database::new();
    let twin = folder.path().join("twin.db");
    let copy = rusqlite::Connection::open(&file).unwrap();
    copy.execute("VACUUM INTO ?1", [twin.to_str().unwrap()])
        .unwrap();
    drop(copy);
    let sent = move_to(&file, database.direct(), Arc::clone(&clock)).unwrap();
    // As if the answer had been lost: all is there, and the file is not shut.
    let again = move_to(&twin, database.pooled(), Arc::clone(&clock)).unwrap();
    assert_eq!(again, sent, "it is found to be there");
    assert_eq!(
        fabrik_store::moved_from(&twin).unwrap(),
        Some(old.workspace()),
        "and the file is shut"
    );
    let rows: Vec<_> = sent
        .iter()
        .map(|one| (one.table.as_str(), one.rows))
        .collect();
    assert_eq!(
        rows[..4],
        [
            ("settings", 1),
            ("customers", 2),
            ("runs", 2),
            ("run_snapshots", 2)
        ]
    );
    let late = old.set_setting("github.owner", None, audit("late")).await;
    assert_eq!(*late.unwrap_err().cause, Cause::DatabaseLeft, "it is shut");

    let new = PostgresStore::open(database.pooled(), Arc::clone(&clock)).unwrap();
    assert_eq!(
        new.workspace(),
        old.workspace(),
        "the keyring's names are the same"
    );
    assert_eq!(
        new.run(run.id).await.unwrap(),
        old.run(run.id).await.unwrap()
    );
    assert_eq!(
        new.steps(run.id).await.unwrap(),
        old.steps(run.id).await.unwrap()
    );
    assert_eq!(
        new.snapshot(run.id).await.unwrap(),
        old.snapshot(run.id).await.unwrap()
    );
    assert_eq!(
        new.audit_log(None, 0).await.unwrap(),
        old.audit_log(None, 0).await.unwrap()
    );
    let (again, lease) = begin(&new, &removed, "two").await;
    assert!(again.number > newest.number, "no number twice");
    new.journal(&lease, to(RunState::Failed)).await.unwrap();
    let kept = new.audit_log(None, 0).await.unwrap();

    let occupied = move_to(&file, database.direct(), Arc::clone(&clock));
    let cause = *occupied.unwrap_err().cause;
    assert!(matches!(cause, Cause::DatabaseNotEmpty { .. }), "{cause:?}");

    let back = folder.path().join("back.db");
    let returned = block_in_place(|| to_file(database.direct(), &back, Arc::clone(&clock)));
    let returned = returned.unwrap();
    let digest = |of: &[fabrik_store::TableContent], table: &str| {
        of.iter()
            .find(|one| one.table == table)
            .unwrap()
            .digest
            .clone()
    };
    for table in ["customers", "resources", "settings", "run_events", "mails"] {
        if table != "customers" {
            assert_eq!(digest(&sent, table), digest(&returned, table), "{table}");
        }
    }
    let home = SqliteStore::open(&back, clock).unwrap();
    assert_eq!(home.workspace(), new.workspace());
    assert_eq!(home.audit_log(None, 0).await.unwrap(), kept);
    let (next, _) = begin(&home, &removed, "three").await;
    assert!(next.number > again.number, "no number twice");
    home.check().await.unwrap();
}

/// As where another process of the same data directory goes back to a file: what comes while it copies waits.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_named_any_more_is_read_and_not_written() {
    use std::sync::atomic::AtomicBool;

    use crate::suite::samples::audit;
    use fabrik_store::FileHold;

    for central in [Central::direct(), Central::pooled()] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("database.json");
        let named = Arc::new(AtomicBool::new(true));
        let asked = Arc::clone(&named);
        let opened = central.try_open().unwrap();
        let still = move || asked.load(Ordering::SeqCst);
        let store: Arc<dyn Store> = Arc::new(opened.while_named(file.clone(), still));
        let customer = add(&*store, "Åberg", "aberg").await;

        let alone = tokio::task::block_in_place(|| FileHold::alone(&file)).unwrap();
        let writing = Arc::clone(&store);
        let held_up = tokio::spawn(async move {
            let set = writing.set_setting("github.owner", Some("norrform"), audit("x"));
            set.await.map_err(|problem| *problem.cause)
        });
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!held_up.is_finished(), "it is being copied");
        named.store(false, Ordering::SeqCst);
        drop(alone);
        assert_eq!(held_up.await.unwrap(), Err(Cause::DatabaseLeft));
        let writable = store.writable().await;
        assert_eq!(*writable.unwrap_err().cause, Cause::DatabaseLeft);
        assert!(store.settings().await.unwrap().is_empty());
        assert_eq!(store.customer(customer.id).await.unwrap(), customer);
        add(&*central.open(), "Ek", "ek").await;
    }
}

/// What `address` is refused with.
fn refusal(address: Address) -> Cause {
    let opened = PostgresStore::open(address, Still::at_noon());
    *opened.err().expect("it is refused").cause
}

#[test]
fn what_is_wrong_with_the_server_is_told_apart() {
    let database = Database::new();
    let server = database.with_password("anna", "").server();
    let user = "anna".to_owned();
    let role = "CREATE ROLE anna LOGIN PASSWORD 'right'";
    database.run(role);
    assert_eq!(
        refusal(database.with_password("anna", "wrong")),
        Cause::DatabaseLoginRefused {
            server: server.clone(),
            user: user.clone()
        }
    );
    let right = || database.with_password("anna", "right");
    assert_eq!(
        refusal(right()),
        Cause::DatabaseRightsMissing { user },
        "she may make no schema"
    );
    database.run("CREATE SCHEMA fabrik AUTHORIZATION anna");
    drop(PostgresStore::open(right(), Still::at_noon()).expect("it is hers"));

    let elsewhere = Address::parse(&format!("postgres://anna:right@{server}/nowhere")).unwrap();
    assert_eq!(
        refusal(elsewhere),
        Cause::DatabaseUnknown {
            server: server.clone()
        }
    );
    // Nobody listens on port 1.
    assert_eq!(
        refusal(Address::parse("postgres://anna@127.0.0.1:1/central").unwrap()),
        Cause::DatabaseUnreachable {
            server: "127.0.0.1:1".to_owned()
        }
    );
    // Somebody who says no to TLS, and somebody who says yes and goes, which tells nothing of a certificate.
    for answer in [b"N", b"S"] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap().to_string();
        let says = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.read_exact(&mut [0; 8]).unwrap();
            stream.write_all(answer).unwrap();
        });
        let encrypted = format!("postgres://anna@{server}/central?sslmode=require");
        let refused = refusal(Address::parse(&encrypted).unwrap());
        let expected = match answer {
            b"N" => Cause::DatabaseCertificate { server },
            _ => Cause::DatabaseUnreachable { server },
        };
        assert_eq!(refused, expected);
        says.join().unwrap();
    }
}

/// The server's certificate is made for `localhost` alone, by an authority of the test's own.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_checked_down_to_the_servers_name() {
    let database = Database::new();
    database.run("CREATE ROLE berit LOGIN SUPERUSER PASSWORD 'right'");
    let address = |host: &str, authority: &str| {
        let url = database.encrypted("berit", "right", host, authority);
        Address::parse(&url).unwrap()
    };
    let trusted = address("localhost", "authority.pem");
    assert!(trusted.is_encrypted(), "{trusted}");
    let store = PostgresStore::open(trusted, Still::at_noon()).expect("it can be trusted");
    let customer = add(&store, "Åberg", "aberg").await;
    assert_eq!(store.customer(customer.id).await.unwrap(), customer);
    database.run(
        "DO $$ BEGIN
             ASSERT (SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                     WHERE datname = current_database() AND application_name = 'fabrik'),
                 'a connection in the clear';
         END $$",
    );
    for (host, authority, why) in [
        ("127.0.0.1", "authority.pem", "another name"),
        ("localhost", "other.pem", "another authority"),
    ] {
        let address = address(host, authority);
        let server = address.server();
        let refused = tokio::task::block_in_place(|| refusal(address));
        assert_eq!(refused, Cause::DatabaseCertificate { server }, "{why}");
    }
    // No authority is named: the system's own know nothing of it.
    let url = database.encrypted("berit", "right", "localhost", "");
    let unnamed = Address::parse(url.split("&sslrootcert").next().unwrap()).unwrap();
    let server = unnamed.server();
    let refused = tokio::task::block_in_place(|| refusal(unnamed));
    assert_eq!(refused, Cause::DatabaseCertificate { server });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_no_changes_is_read_and_says_so() {
    use crate::suite::samples::audit;
    let central = Central::direct();
    let customer = add(&*central.open(), "Åberg", "aberg").await;
    let shut = format!(
        "ALTER DATABASE {} SET default_transaction_read_only = on",
        central.database.name
    );
    central.database.run(&shut);
    let store = central.open();
    assert_eq!(
        store.customer(customer.id).await.unwrap(),
        customer,
        "what is known is read"
    );
    for refused in [store.audit(audit("x")).await, store.writable().await] {
        let problem = refused.expect_err("nothing can be written");
        assert!(
            matches!(*problem.cause, Cause::DatabaseServerReadOnly { .. }),
            "{problem}"
        );
    }
    let open = shut.replace("= on", "= off");
    server::admin("postgres", &open);
    store.writable().await.expect("it takes changes again");
    store.audit(audit("x")).await.unwrap();
    assert_eq!(store.customer(customer.id).await.unwrap(), customer);

    // One of an older version can't be brought up to date.
    central
        .database
        .run("UPDATE fabrik.meta SET value = '4' WHERE key = 'version'");
    server::admin("postgres", &shut);
    let problem = central.try_open().err().expect("it is not up to date");
    assert!(
        matches!(*problem.cause, Cause::DatabaseServerReadOnly { .. }),
        "{problem}"
    );
    server::admin("postgres", &open);
}

/// The server ends every connection again and again, in the middle of whatever is written: each writing is there
/// once, no more and no less.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_while_connections_break_is_written_once() {
    use crate::suite::samples::audit;
    const WRITERS: usize = 4;
    /// At least.
    const WRITINGS: usize = 50;
    const CUTS: usize = 4;
    let central = Central::direct();
    let store = central.open();
    let database = server::Database {
        name: central.database.name.clone(),
    };
    let cuts = Arc::new(AtomicUsize::new(0));
    let (stop, mut stopped) = tokio::sync::oneshot::channel();
    let breaker = tokio::task::spawn_blocking({
        let cuts = Arc::clone(&cuts);
        move || {
            while stopped.try_recv().is_err() {
                database.cut();
                cuts.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let writers = (0..WRITERS).map(|writer| {
        let (store, cuts) = (Arc::clone(&store), Arc::clone(&cuts));
        async move {
            let mut written = 0;
            // A busy machine may end few in the time of those writings.
            while written < WRITINGS || cuts.load(Ordering::SeqCst) < CUTS {
                let action = format!("{writer}.{written}");
                store.audit(audit(&action)).await.unwrap();
                written += 1;
            }
            written
        }
    });
    let written = futures::future::join_all(writers).await;
    let written: usize = written.into_iter().sum();
    stop.send(()).unwrap();
    breaker.await.unwrap();
    let mut kept: Vec<_> = store
        .audit_log(None, 0)
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.entry.action)
        .collect();
    let all = kept.len();
    kept.sort_unstable();
    kept.dedup();
    assert_eq!((all, kept.len()), (written, written));
}

/// By the server's word where it has one, else by what stands in the row.
#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_writing_into_an_agencys_table_is_found_out_later() {
    use fabrik_domain::mapping::{ResultField, ResultMapping};
    use fabrik_store::{Source, SourceMark, Written};
    use serde_json::json;

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
    let values =
        std::collections::BTreeMap::from([(ResultField::Status, Some("active".to_owned()))]);
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

/// Waits until what `heard` tells is so.
async fn until(heard: &mut watch::Receiver<Heard>, so: impl Fn(&Heard) -> bool, what: &str) {
    within(Duration::from_secs(30), heard, so, what).await;
}

/// A change that was written, told to who listens. It takes a moment; the rest is for a machine that has much else to do.
async fn is_told(heard: &mut watch::Receiver<Heard>, before: u64) {
    let later = |heard: &Heard| heard.times > before;
    within(Duration::from_secs(2), heard, later, "it is told in time").await;
}

async fn within(
    time: Duration,
    heard: &mut watch::Receiver<Heard>,
    so: impl Fn(&Heard) -> bool,
    what: &str,
) {
    let wait = tokio::time::timeout(time, heard.wait_for(so));
    assert!(wait.await.is_ok_and(|told| told.is_ok()), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_to_who_listens_and_again_after_the_line_was_cut() {
    let central = Central::direct();
    let (here, there) = (central.open(), central.open());
    let mut heard = here.listen().expect("a server tells");
    until(&mut heard, |heard| heard.listening, "it listens").await;
    let before = heard.borrow_and_update().times;
    add(&*there, "Åberg", "aberg").await;
    is_told(&mut heard, before).await;

    central.database.cut();
    let cut = "the line was cut, and it listens again";
    until(
        &mut heard,
        |heard| heard.listening && heard.times > before + 2,
        cut,
    )
    .await;
    let before = heard.borrow_and_update().times;
    add(&*there, "Berg", "berg").await;
    is_told(&mut heard, before).await;
}

/// Behind a pooler nothing is heard: what is known is dropped by whoever looks.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_never_outlives_a_change() {
    for central in [Central::direct(), Central::pooled()] {
        let (here, there) = (central.open(), central.open());
        let mut heard = here.listen().expect("a server tells");
        let pooled = central.address.to_string().contains(":6432/");
        if !pooled {
            until(&mut heard, |heard| heard.listening, "it listens").await;
        }
        let query = CustomerQuery {
            limit: 100,
            ..CustomerQuery::default()
        };
        let total = async |store: &dyn Store| store.customers(query.clone()).await.unwrap().total;
        let mut number = 0;
        for (before, name) in ["aberg", "berg", "ceder", "dahl"].into_iter().enumerate() {
            here.changes_since(number).await.unwrap();
            assert_eq!(total(&*here).await, before as u64, "as it is");
            let times = heard.borrow_and_update().times;
            add(&*there, name, name).await;
            if pooled {
                assert!(!heard.borrow().listening, "a pooler is deaf");
                number = here.changes_since(number).await.unwrap()[0].number;
            } else {
                is_told(&mut heard, times).await;
            }
            assert_eq!(total(&*here).await, before as u64 + 1, "{name} is seen");
        }
        // Written past Fabrik, so that nobody is told: the answer is one that was known.
        here.changes_since(number).await.unwrap();
        let known = total(&*here).await;
        let gone = "DELETE FROM fabrik.customers WHERE subdomain IN ('ceder', 'dahl')";
        central.database.run(gone);
        assert_eq!(total(&*here).await, known, "asked a moment ago");
        add(&*here, "Ek", "ek").await;
        assert_eq!(total(&*here).await, known - 1, "after a change of its own");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leases_go_by_the_servers_clock_and_are_told_in_this_machines() {
    use crate::suite::samples::{LEASE, begin};
    use fabrik_store::Gone;
    let central = Central::direct();
    // Eight minutes ahead of this desktop's.
    let ahead = Duration::from_mins(8);
    let now = central.clock.now() + jiff::SignedDuration::try_from(ahead).unwrap();
    central.database.run(&format!(
        "CREATE OR REPLACE FUNCTION fabrik.central_time() RETURNS bigint
         LANGUAGE sql VOLATILE AS 'SELECT {}::bigint'",
        now.as_microsecond()
    ));
    let store = central.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &customer, "one").await;
    let left = lease.expires.duration_since(central.clock.now());
    assert_eq!(left.unsigned_abs(), LEASE, "as this machine counts");
    assert_eq!(store.lease(run.id).await.unwrap(), Some(lease));

    // Another desktop, whose clock is right, sees the same lease.
    let other = Still::at_noon();
    other.pass(ahead);
    let other = PostgresStore::open(central.address.clone(), other).unwrap();
    let seen = other.lease(run.id).await.unwrap().unwrap();
    assert_eq!(seen.expires.duration_since(now).unsigned_abs(), LEASE);
    let taken = other.take_run(run.id, "two", LEASE, Gone::default()).await;
    assert_eq!(*taken.unwrap_err().cause, Cause::RunOwned { run: run.id });
}
