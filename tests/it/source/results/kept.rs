//! What is not written over: by a run that failed, or by an older one's word that comes late.

use serde_json::json;

use crate::{
    source::{CLIENT_STACK, agency, asked, document},
    world::TestApp,
};

/// What a failed run knows nothing of stays as the agency has it, and who has an instance keeps the word for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_failed_takes_nothing_from_the_agency() {
    let app = TestApp::new().await;
    let (database, url) = agency(CLIENT_STACK);
    let connect = [
        "connect",
        &url,
        "--preset",
        "client-stack",
        "--blueprint",
        "factory",
    ];
    database.run("ALTER TABLE clients ADD provisioned_at timestamptz");
    document(&app, &connect, 0).await;
    document(&app, &["refresh"], 0).await;
    database.run("UPDATE clients SET repository_url = 'https://git.example/forsberg'");
    let row = async || {
        let sql = "SELECT json_build_array(status, repository_url, error, provisioned_at)::text
                   FROM clients";
        asked(&database, sql).await
    };
    // A plan asks there for nothing.
    let refused = json!([{
        "provider": "vercel", "method": "POST", "path": "/v13/deployments", "every": 1, "do": "status:400",
    }]);
    let fails = async || {
        app.cloud.faults(refused.clone()).await;
        let run = app.run(&["provision", "forsberg", "--json"]).await.json();
        app.cloud.faults(json!([])).await;
        assert!(run["run"]["error"].is_object(), "it failed: {run:#}");
        run["run"]["error"]["code"].clone()
    };
    let error = fails().await;
    assert_eq!(
        row().await,
        json!(["failed", "https://git.example/forsberg", error, null]),
        "nothing was provisioned"
    );
    app.run(&["provision", "forsberg"]).await.exits(0);
    let live = row().await;
    assert_eq!(live[0], "active");
    assert!(live[3].is_string(), "{live:#}");
    // Another module is another deployment.
    database.run(r#"UPDATE clients SET modules = '["crm"]'"#);
    document(&app, &["refresh"], 0).await;
    let error = fails().await;
    assert_eq!(
        row().await,
        json!(["active", live[1], error, live[3]]),
        "its instance is there as before"
    );
    let removal = ["deprovision", "forsberg", "--confirm", "forsberg"];
    app.run(&removal).await.exits(0);
    assert_eq!(
        row().await,
        json!(["inactive", null, null, null]),
        "the instance is gone"
    );
}

/// Of two desktops the slower one's word is an older run's: it is not written over what the newer came to.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_slow_desktop_has_left_to_write_is_not_written_over_the_newer() {
    let app = TestApp::new().await;
    let (database, url) = agency(CLIENT_STACK);
    let connect = ["connect", &url, "--preset", "client-stack"];
    document(
        &app,
        &[&connect[..], &["--blueprint", "factory"]].concat(),
        0,
    )
    .await;
    document(&app, &["refresh"], 0).await;
    // The first who writes waits for a word; the others don't.
    database.run(
        "CREATE SEQUENCE turns; CREATE SEQUENCE word;
         CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('turns') = 1 THEN
                 WHILE NOT (SELECT is_called FROM word) LOOP PERFORM pg_sleep(0.05); END LOOP;
             END IF;
             RETURN NULL;
         END $$;
         CREATE TRIGGER wait BEFORE UPDATE ON clients FOR EACH STATEMENT EXECUTE FUNCTION wait();",
    );
    let slow = app.spawn(&["provision", "forsberg", "--json"]);
    let writes = "SELECT to_json(is_called)::text FROM turns";
    while asked(&database, writes).await != true {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let removal = ["deprovision", "forsberg", "--confirm", "forsberg"];
    app.run(&removal).await.exits(0);
    let status = async || asked(&database, "SELECT to_json(status)::text FROM clients").await;
    assert_eq!(status().await, "inactive");
    database.run("SELECT nextval('word')");
    TestApp::ended(slow).await.exits(0);
    assert_eq!(status().await, "inactive", "the slow one came last");
    let report = document(&app, &["refresh"], 0).await;
    assert_eq!(
        (&report["told"], status().await),
        (&json!(0), json!("inactive"))
    );
}
