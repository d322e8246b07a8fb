//! The audit log of real runs, anchored in a real keyring: whoever changes it in the database or in an export is found
//! (S14), by Fabrik and by a program that shares no code with it.

mod on_a_server;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use fabrik_tests::{Proof, checkout, in_full};
use rusqlite::{
    Connection,
    functions::{Context, FunctionFlags},
};
use serde_json::Value;

use crate::world::TestApp;

/// How many changes of an export are tried.
const CHANGES: usize = 10_000;

/// How many changes of its file's bytes the full proof tries.
const BYTES: usize = 5_000;

/// Two customers with their stacks, and one that is only written down.
async fn world() -> TestApp {
    let app = TestApp::new().await;
    for subdomain in ["akermark", "bergstrom"] {
        app.add(subdomain).await;
        app.run(&["provision", subdomain]).await.exits(0);
    }
    app.add("cederlund").await;
    app
}

/// What the keyring has of the log, read past Fabrik.
fn kept(workspace: &str, purpose: &str) -> String {
    let name = format!("v1/{workspace}/audit/{purpose}");
    let output = Command::new("secret-tool")
        .args(["lookup", "service", "se.fabrik.desktop", "username", &name])
        .output()
        .unwrap_or_else(|error| panic!("secret-tool: {error}; `scripts/setup` installs it"));
    let found = String::from_utf8(output.stdout).unwrap();
    assert!(!found.is_empty(), "the keyring has {name}");
    found
}

/// Runs the program that shares no code with Fabrik: its status, and what it said.
fn independently(log: &str, keyring: &str) -> (Option<i32>, String) {
    let mut child = Command::new("node")
        .arg(checkout().join("scripts/verify-audit.mjs"))
        .arg(log)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node runs");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(keyring.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[tokio::test]
async fn whatever_is_changed_in_an_export_is_found_by_another_program() {
    let proof = Proof::of(
        "S14",
        "an exported log changed at random before its last anchor, and read by a program of its own",
    )
    .from_seeds(CHANGES as u64);
    let bytes = if in_full() { BYTES } else { BYTES / 10 };
    let of_bytes = Proof::of(
        "S14",
        "bytes of an exported log's file changed at random: unreadable, told, or the very same entries",
    )
    .from_seeds(bytes as u64);
    let app = world().await;
    let exported = app.run(&["audit", "export"]).await.exits(0);
    let log = app.file("audit.json", &exported.stdout);
    let document = exported.json();
    let workspace = document["workspace"].as_str().unwrap();
    let (key, anchor) = (kept(workspace, "key"), kept(workspace, "anchor"));
    assert!(
        !exported.stdout.contains(&key),
        "the key is in the keyring alone"
    );
    let (status, said) = independently(&log, &format!("{key}\n{anchor}\n"));
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("entries are covered"), "{said}");

    let other = "00".repeat(32);
    let (status, said) = independently(&log, &format!("{other}\n"));
    assert_eq!(status, Some(2), "another key proves nothing: {said}");

    // Where the keyring gives no anchor, a cut at one looks like an end: that is said.
    let (status, said) = independently(&log, &format!("{key}\n"));
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("can't be told"), "{said}");
    // A name that stands twice is read in two ways, and what is no log is not a changed one.
    let twice =
        exported
            .stdout
            .replacen("\"operator\":", "\"operator\":\"mallory\",\"operator\":", 1);
    assert_ne!(twice, exported.stdout, "the second is what JSON takes");
    let without = |name: &str| {
        let mut document = document.clone();
        document.as_object_mut().unwrap().remove(name);
        document.to_string()
    };
    for spoiled in [
        twice,
        without("entries"),
        without("anchors"),
        "{}".to_owned(),
        "null".to_owned(),
        String::new(),
    ] {
        let file = app.file("spoiled.json", &spoiled);
        let (status, said) = independently(&file, &format!("{key}\n{anchor}\n"));
        assert_eq!(status, Some(2), "{spoiled:.200}: {said}");
    }

    let tampered = Command::new("node")
        .arg(checkout().join("tests/it/audit/tamper.mjs"))
        .args([&log, &key, &anchor])
        .args([CHANGES.to_string(), bytes.to_string()])
        .output()
        .expect("node runs");
    assert!(
        tampered.status.success(),
        "{}",
        String::from_utf8_lossy(&tampered.stderr)
    );
    let said: Value = serde_json::from_slice(&tampered.stdout).unwrap();
    assert_eq!(said["found"], CHANGES, "{said}");
    proof.held(CHANGES);
    let judgements = &said["judgements"];
    let judged = |as_what: &str| judgements[as_what].as_u64().unwrap();
    assert!(judged("told") > 0, "some can still be read: {said}");
    let all = judged("unreadable") + judged("told") + judged("same");
    assert_eq!(all, bytes as u64, "{said}");
    of_bytes.held(bytes);
}

/// What somebody who has the database may do to it, and the code that tells it.
const DEEDS: [(&str, &str); 13] = [
    (
        "UPDATE audit_log SET operator = 'anna@elsewhere' WHERE number = 2",
        "audit_altered",
    ),
    (
        "UPDATE audit_log SET at = at + 1 WHERE number = 1",
        "audit_altered",
    ),
    (
        "UPDATE audit_log SET facts = json_set(facts, '$.more', 1) WHERE number = 3",
        "audit_altered",
    ),
    (
        "UPDATE audit_log SET customer_id = NULL WHERE customer_id IS NOT NULL",
        "audit_altered",
    ),
    ("DELETE FROM audit_log WHERE number = 2", "audit_altered"),
    ("DELETE FROM audit_log WHERE number < 3", "audit_altered"),
    (
        "UPDATE audit_log SET number = -number WHERE number IN (1, 2);
         UPDATE audit_log SET number = 3 + number WHERE number < 0",
        "audit_altered",
    ),
    // Below all that Fabrik writes: who reads from 1 on would not see it.
    (
        "INSERT INTO audit_log (number, at, operator, action, facts)
         VALUES (-5, 1700000000000000, 'mallory', 'customer.changed', '{}')",
        "audit_altered",
    ),
    (
        "INSERT INTO audit_log (number, at, operator, action, facts)
         VALUES (-9223372036854775807 - 1, 1700000000000000, 'mallory', 'customer.changed', '{}')",
        "audit_altered",
    ),
    (
        "UPDATE audit_log SET number = 0 WHERE number = 1",
        "audit_altered",
    ),
    (
        "DELETE FROM audit_anchors WHERE number = (SELECT min(number) FROM audit_anchors)",
        "audit_altered",
    ),
    (
        "DELETE FROM audit_log WHERE number > 2; DELETE FROM audit_anchors WHERE number > 2",
        "audit_cut",
    ),
    ("DELETE FROM audit_anchors", "audit_cut"),
];

/// For whoever writes past Fabrik: what adds up the rows of a table adds nothing.
fn past_the_sums(database: &Path) -> Connection {
    let connection = Connection::open(database).unwrap();
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let unchanged = |context: &Context<'_>| context.get::<i64>(0);
    for function in ["sum_plus_row", "sum_minus_row", "sum_row_changed"] {
        connection
            .create_scalar_function(function, -1, flags, unchanged)
            .unwrap();
    }
    connection
}

fn database(app: &TestApp) -> PathBuf {
    app.data().join("agency/central.db")
}

/// Puts a copy in the place of the database.
fn restore(app: &TestApp, copy: &Path) {
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", database(app).display()));
    }
    fs::copy(copy, database(app)).unwrap();
}

#[tokio::test]
async fn whatever_is_changed_in_the_database_is_found_and_a_cut_stays_told() {
    let proof = Proof::of("S14", "the log changed in the database itself");
    let app = TestApp::new().await;
    app.add("akermark").await;
    // No anchor can be missing yet; what there is, is said not to be covered.
    let verify = ["audit", "verify", "--json"];
    let nothing = app.run(&verify).await.exits(0).json();
    assert_eq!(nothing["anchors"], 0, "{nothing}");
    assert_eq!(nothing["since"], nothing["entries"], "{nothing}");
    assert!(nothing["since_at"].is_string(), "{nothing}");
    let told = app.run(&verify[..2]).await.exits(0).stdout;
    assert!(told.contains("No run has ended yet"), "{told}");
    app.run(&["provision", "akermark"]).await.exits(0);
    let early = app.data().join("early.db");
    let copy = |to: &Path| {
        let connection = Connection::open(database(&app)).unwrap();
        let sql = format!("VACUUM INTO '{}'", to.display());
        connection.execute_batch(&sql).unwrap();
    };
    copy(&early);
    app.add("bergstrom").await;
    app.run(&["provision", "bergstrom"]).await.exits(0);
    app.add("cederlund").await;
    let late = app.data().join("late.db");
    copy(&late);

    let verdict = app
        .run(&["audit", "verify", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(verdict["anchors"], 2, "{verdict}");
    assert_eq!(verdict["since"], 1, "the third customer: {verdict}");
    assert_eq!(verdict["faults"], serde_json::json!([]), "{verdict}");
    for (deed, code) in DEEDS {
        restore(&app, &late);
        past_the_sums(&database(&app)).execute_batch(deed).unwrap();
        let told = app
            .run(&["audit", "verify", "--json"])
            .await
            .exits(1)
            .json();
        assert_eq!(told["code"], code, "{deed}: {told:#}");
        proof.held(1);
    }

    // What can't be found, and is said not to be: an entry that nothing covers yet.
    restore(&app, &late);
    past_the_sums(&database(&app))
        .execute_batch("DELETE FROM audit_log WHERE number = (SELECT max(number) FROM audit_log)")
        .unwrap();
    let verdict = app
        .run(&["audit", "verify", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(verdict["since"], 0, "{verdict}");

    // A copy from before is a cut, and the log says so for good, though it is anchored anew.
    restore(&app, &early);
    let told = app.run(&["audit", "verify"]).await.exits(1);
    assert!(told.stdout.contains("the log was cut"), "{told:#?}");
    app.add("dalgren").await;
    app.run(&["provision", "dalgren"]).await.exits(0);
    let told = app.run(&["audit", "verify"]).await.exits(1);
    assert!(told.stdout.contains("the log was cut"), "{told:#?}");
    let exported = app.run(&["audit", "export"]).await.exits(0);
    let document = exported.json();
    let entries = document["entries"].as_array().unwrap();
    assert!(
        entries.iter().any(|entry| entry["action"] == "audit.cut"),
        "{document:#}"
    );
    let workspace = document["workspace"].as_str().unwrap();
    let keyring = format!(
        "{}\n{}\n",
        kept(workspace, "key"),
        kept(workspace, "anchor")
    );
    let log = app.file("cut.json", &exported.stdout);
    let (status, said) = independently(&log, &keyring);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("cut:"), "{said}");
    proof.held(2);
}
