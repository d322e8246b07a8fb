//! A database as an older version left it: the same rows in the tables of then, so that every migration runs over
//! rows. What later versions added is not in it.

use std::{collections::BTreeMap, path::Path};

use fabrik_domain::{
    customer::{CustomerPatch, CustomerStatus},
    resource::{Origin, ResourceState},
    run::{Purpose, RunState},
};
use fabrik_store::{CustomerQuery, JournalEntry, NewRun, RunQuery, Store};

use super::samples::{LEASE, add, audit, begin, event, new_run, resource, to};

/// The migrations of a database, in order: as many as there are versions.
pub fn migrations(dialect: &str) -> Vec<String> {
    // From where Cargo runs a test: the package's folder.
    let folder = Path::new("migrations").join(dialect);
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let text = |file| std::fs::read_to_string(file).unwrap();
    files.into_iter().map(text).collect()
}

/// Writes a customer whose instance was removed, which the first version had no word for.
pub async fn remove(store: &dyn Store) {
    let removed = add(store, "Uppsagd", "uppsagd").await;
    let removal = NewRun {
        purpose: Purpose::Deprovision,
        ..new_run(&removed)
    };
    let (_, lease) = store.add_run(removal, "one", LEASE).await.unwrap();
    let entry = JournalEntry {
        customer: Some(CustomerPatch {
            status: Some(CustomerStatus::Inactive),
            ..CustomerPatch::default()
        }),
        ..to(RunState::Succeeded)
    };
    store.journal(&lease, entry).await.unwrap();
}

/// Writes what every version had: a customer whose run has failed, one whose run came to nothing, and one without.
pub async fn fill(store: &dyn Store) {
    let failed = add(store, "Åberg\t\u{1F6B2}\\n", "aberg").await;
    let (run, lease) = begin(store, &failed, "one").await;
    let entry = JournalEntry {
        resources: vec![resource(&run, ResourceState::Live, Origin::Created)],
        events: vec![event(run.id, 1)],
        audit: Some(audit("run.failed")),
        ..to(RunState::Failed)
    };
    store.journal(&lease, entry).await.unwrap();
    let undone = add(store, "Borta \"AB\"", "borta").await;
    let (_, lease) = begin(store, &undone, "one").await;
    store
        .journal(&lease, to(RunState::RolledBack))
        .await
        .unwrap();
    add(store, "Ny", "ny").await;
    store
        .set_setting("github.owner", Some("norrform"), audit("setting.changed"))
        .await
        .unwrap();
}

/// All that it answers of that, by what was asked.
pub async fn told(store: &dyn Store) -> BTreeMap<&'static str, String> {
    let mut told = BTreeMap::from([
        ("workspace", format!("{:?}", store.workspace())),
        (
            "settings",
            format!("{:#?}", store.settings().await.unwrap()),
        ),
        (
            "states",
            format!("{:#?}", store.state_counts().await.unwrap()),
        ),
        (
            "audit log",
            format!("{:#?}", store.audit_log(None, 0).await.unwrap()),
        ),
    ]);
    let customers = store.customers(CustomerQuery::default()).await.unwrap();
    let mut resources = Vec::new();
    for customer in &customers.rows {
        resources.extend(store.resources(customer.id).await.unwrap());
    }
    let runs = store.runs(RunQuery::default()).await.unwrap();
    let (mut steps, mut snapshots, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for run in &runs {
        steps.extend(store.steps(run.id).await.unwrap());
        snapshots.push(store.snapshot(run.id).await.unwrap());
        events.extend(store.events_since(run.id, 0).await.unwrap());
    }
    told.extend([
        ("customers", format!("{:#?}", customers.rows)),
        ("resources", format!("{resources:#?}")),
        ("runs", format!("{runs:#?}")),
        ("steps", format!("{steps:#?}")),
        ("snapshots", format!("{snapshots:#?}")),
        ("events", format!("{events:#?}")),
    ]);
    told
}

/// New rows get numbers that no row before them had.
pub async fn goes_on(store: &dyn Store) {
    let before = store.runs(RunQuery::default()).await.unwrap();
    let customer = add(store, "Sist", "sist").await;
    let (run, lease) = begin(store, &customer, "two").await;
    assert!(before.iter().all(|other| other.number < run.number));
    let entry = JournalEntry {
        resources: vec![resource(&run, ResourceState::Live, Origin::Created)],
        ..to(RunState::Failed)
    };
    store.journal(&lease, entry).await.unwrap();
    assert_eq!(store.resources(customer.id).await.unwrap().len(), 1);
}
