//! Settings, the audit log, changes, and the workspace itself.

use std::collections::BTreeMap;

use fabrik_store::{Change, Topic};

use super::{
    Backend,
    samples::{add, audit},
};

pub async fn a_workspace_keeps_its_id(backend: &impl Backend) {
    let workspace = backend.open().workspace();
    assert_eq!(backend.open().workspace(), workspace);
}

pub async fn settings_are_stored_and_dropped(backend: &impl Backend) {
    let store = backend.open();
    let set = async |key: &str, value: Option<&str>| {
        store
            .set_setting(key, value, audit("setting.changed"))
            .await
            .unwrap();
    };
    set("github.owner", Some("norrform")).await;
    set("supabase.region", Some("eu-north-1")).await;
    set("github.owner", Some("åberg")).await;
    set("supabase.region", None).await;
    set("vercel.team", None).await;
    let stored = backend.open().settings().await.unwrap();
    assert_eq!(
        stored,
        BTreeMap::from([("github.owner".to_owned(), "åberg".to_owned())])
    );
    assert_eq!(store.audit_log(None, 0).await.unwrap().len(), 5);
}

pub async fn the_audit_log_is_read_newest_first(backend: &impl Backend) {
    let store = backend.open();
    for action in ["one", "two", "three"] {
        store.audit(audit(action)).await.unwrap();
    }
    let log = store.audit_log(None, 2).await.unwrap();
    assert_eq!(
        log.iter()
            .map(|entry| &*entry.entry.action)
            .collect::<Vec<_>>(),
        ["three", "two"]
    );
    assert!(log[0].number > log[1].number);
    assert_eq!(log[0].entry, audit("three"), "facts come back as they were");
}

pub async fn changes_are_followed_across_processes(backend: &impl Backend) {
    let (one, two) = (backend.open(), backend.open());
    assert_eq!(two.last_change().await.unwrap(), 0);
    let customer = add(&*one, "Åberg", "aberg").await;
    one.announce(Topic::Credentials, "github").await.unwrap();
    let seen = two.changes_since(0).await.unwrap();
    let what: Vec<_> = seen
        .iter()
        .map(|change| (change.topic, change.id.as_str()))
        .collect();
    let id = customer.id.to_string();
    assert_eq!(
        what,
        [
            (Topic::Customers, id.as_str()),
            (Topic::Credentials, "github")
        ]
    );

    let last = two.last_change().await.unwrap();
    assert_eq!(Some(last), seen.last().map(|change| change.number));
    assert!(two.changes_since(last).await.unwrap().is_empty());
    one.announce(Topic::Credentials, "github").await.unwrap();
    let next = two.changes_since(last).await.unwrap();
    assert!(
        matches!(&*next, [Change { number, topic: Topic::Credentials, .. }] if *number > last),
        "the same again is a new change"
    );
}

pub async fn a_sound_database_passes_its_check(backend: &impl Backend) {
    let store = backend.open();
    add(&*store, "Åberg", "aberg").await;
    store.check().await.unwrap();
}
