//! Records that move to a server and back, and what is written meanwhile to where they no longer are.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use fabrik_domain::{
    Cause,
    ports::Clock,
    resource::{Origin, ResourceState},
    run::RunState,
};
use fabrik_store::{FileHold, JournalEntry, PostgresStore, SqliteStore, Store, to_file, to_server};
use tokio::task::block_in_place;

use crate::{
    Central,
    server::Database,
    suite::{
        Backend,
        clock::Still,
        samples::{add, audit, begin, event, resource, to},
    },
};

/// P: nothing is lost on the way to the server and back, and the file that was left is written no more.
#[tokio::test(flavor = "multi_thread")]
async fn records_move_to_a_server_and_back() {
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
    for central in [Central::direct(), Central::pooled()] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("database.json");
        let named = Arc::new(AtomicBool::new(true));
        let asked = Arc::clone(&named);
        let opened = central.try_open().unwrap();
        let still = move || asked.load(Ordering::SeqCst);
        let store: Arc<dyn Store> = Arc::new(opened.while_named(file.clone(), still));
        let customer = add(&*store, "Åberg", "aberg").await;

        let alone = block_in_place(|| FileHold::alone(&file)).unwrap();
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
