//! Settings, the audit log, changes, and the workspace itself.

use std::collections::BTreeMap;

use fabrik_store::{AuditAnchor, Change, Topic};

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

pub async fn the_audit_log_is_anchored_in_turn(backend: &impl Backend) {
    let (one, two) = (backend.open(), backend.open());
    assert_eq!(one.audit_end().await.unwrap(), 0);
    for action in ["one", "two", "three"] {
        one.audit(audit(action)).await.unwrap();
    }
    let rows = two.audit_rows(0, 2).await.unwrap();
    let actions: Vec<_> = rows.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["one", "two"], "the oldest first");
    let whole = two.audit_rows(i64::MIN, 10).await.unwrap();
    assert_eq!(whole.len(), 3, "from the least number on");
    let rest = two.audit_rows(rows[1].number + 1, 10).await.unwrap();
    let end = two.audit_end().await.unwrap();
    assert!(
        matches!(&*rest, [last] if last.number == end && last.action == "three"),
        "{rest:?}"
    );
    let facts: serde_json::Value = serde_json::from_str(&rest[0].facts).unwrap();
    assert_eq!(facts, audit("three").facts, "letter by letter");

    let anchor = |key: &str, number| AuditAnchor {
        key: key.to_owned(),
        number,
        at: 1_700_000_000_000_000,
        mac: format!("{key}{number}"),
    };
    let (early, late) = (anchor("a", rows[0].number), anchor("a", end));
    assert!(one.add_audit_anchor(early.clone(), None).await.unwrap());
    for (anchor, after) in [(&late, None), (&late, Some(end)), (&early, None)] {
        let added = two.add_audit_anchor(anchor.clone(), after).await.unwrap();
        assert!(!added, "another is the newest by now");
    }
    let after = Some(early.number);
    assert!(two.add_audit_anchor(late.clone(), after).await.unwrap());
    let other = anchor("b", end);
    assert!(two.add_audit_anchor(other.clone(), None).await.unwrap());
    for (key, number, found) in [
        ("a", None, Some(&late)),
        ("a", Some(early.number), Some(&early)),
        ("a", Some(end + 1), None),
        ("b", None, Some(&other)),
        ("b", Some(early.number), None),
        ("c", None, None),
    ] {
        let anchor = one.audit_anchor(key, number).await.unwrap();
        assert_eq!(anchor.as_ref(), found, "{key} {number:?}");
    }
    assert_eq!(one.audit_anchors().await.unwrap(), [early, late, other]);
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
