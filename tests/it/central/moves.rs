//! Records that move to a server and back, and a move that was broken off.

use super::{customers, set};
use crate::{server::Database, world::TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn two_desktops_share_one_database_and_can_go_back() {
    let (anna, bo) = (TestApp::new().await, TestApp::new().await);
    let url = Database::new().direct().to_string();
    anna.add_on("akermark", "factory", "starter").await;

    let moved = set(&anna, &url, &["--move"]).await;
    let rows = moved["moved"].as_array().unwrap().iter();
    let of_customers = rows
        .clone()
        .find(|one| one["table"] == "customers")
        .unwrap();
    assert_eq!(of_customers["rows"], 1, "{moved:#}");
    assert_eq!(customers(&anna).await, ["akermark"], "on the server");
    let provisioned = anna
        .run(&["provision", "akermark", "--yes", "--json"])
        .await;
    provisioned.exits(0);

    set(&bo, &url, &[]).await;
    let shown = bo.run(&["runs", "list", "--json"]).await.exits(0).json();
    assert_eq!(shown["runs"][0]["state"], "succeeded", "{shown:#}");
    bo.add_on("bjork", "factory", "starter").await;
    assert_eq!(customers(&anna).await, ["akermark", "bjork"]);

    let back = set(&anna, "local", &[]).await;
    assert_eq!(back["server"], false, "{back:#}");
    assert_eq!(back["left"], url, "its records stay: {back:#}");
    assert_eq!(
        customers(&anna).await,
        ["akermark", "bjork"],
        "what had moved is brought back"
    );
    anna.add_on("ceder", "factory", "starter").await;
    assert_eq!(
        customers(&bo).await,
        ["akermark", "bjork"],
        "on the server still"
    );
    anna.run(&["doctor"]).await;
}

/// Killed between two of its writings, a move is gone on with by the same command, with `--move` or without.
#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_was_broken_off_is_gone_on_with() {
    for again in [&["--move"][..], &[]] {
        let app = TestApp::new().await;
        let url = Database::new().direct().to_string();
        app.add_on("akermark", "factory", "starter").await;
        let folder = app.data().join("agency");
        let noted = folder.join("database.json");

        // After all is on the server, and before the file is shut: the shutting of it fails.
        let file = rusqlite::Connection::open(folder.join("central.db")).unwrap();
        let broken = "CREATE TRIGGER moved_call_windows_DELETE BEFORE DELETE ON call_windows BEGIN SELECT 1; END";
        file.execute_batch(broken).unwrap();
        let first = ["settings", "set", "database", &url, "--move", "--json"];
        let failed = app.run(&first).await.exits(1).json();
        assert_eq!(failed["code"], "database_failed", "{failed:#}");
        file.execute_batch("DROP TRIGGER moved_call_windows_DELETE")
            .unwrap();
        drop(file);
        set(&app, &url, &["--move"]).await;
        assert_eq!(customers(&app).await, ["akermark"], "{again:?}");

        // After the file is shut, and before the place is noted.
        std::fs::remove_file(&noted).unwrap();
        let elsewhere = Database::new().direct().to_string();
        let stale = [
            "settings", "set", "database", &elsewhere, "--move", "--json",
        ];
        let refused = app.run(&stale).await.exits(1).json();
        assert_eq!(
            refused["code"], "database_failed",
            "what is old goes nowhere: {refused:#}"
        );
        let back = set(&app, &url, again).await;
        assert_eq!(back["server"], true, "{again:?}: {back:#}");
        app.add_on("bjork", "factory", "starter").await;
        assert_eq!(customers(&app).await, ["akermark", "bjork"], "{again:?}");
    }
}
