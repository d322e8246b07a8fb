//! A new database opened by many at once, and those of newer and older versions.

use std::{sync::Arc, time::Duration};

use fabrik_domain::Cause;
use fabrik_store::{PostgresStore, Store};

use crate::{
    Central,
    server::Database,
    suite::{
        Backend,
        clock::Still,
        older,
        samples::{add, audit},
    },
};

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
