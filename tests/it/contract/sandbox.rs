//! A sandbox, served and asked for.

use crate::world::TestApp;

#[tokio::test]
async fn a_sandbox_that_is_served_is_worked_on_where_no_workspace_is_named() {
    let mut app = TestApp::new().await;
    app.unset("FABRIK_WORKSPACE");
    app.add("akermark").await;
    let provisioned = app.run(&["provision", "akermark", "--json"]).await.exits(0);
    assert_eq!(provisioned.json()["run"]["state"], "succeeded");
    let made = app.cloud.mutating().await;
    assert!(made > 0, "made in the cloud that the variables name");
    let own = app.data().join("sandbox/endpoint.json");
    assert!(!own.exists(), "the workspace started none of its own");
    let status = app.run(&["credentials", "status", "--json"]).await;
    let status = status.exits(0).json();
    assert_eq!(
        status["credentials"][0]["source"], "environment",
        "{status:#}"
    );
    // A token whose vendor isn't named goes nowhere: the workspace's own sandbox has its own.
    app.unset("FABRIK_GITHUB_URL");
    let status = app.run(&["credentials", "status", "--json"]).await;
    let status = status.exits(0).json();
    let listed = status["credentials"].as_array().unwrap();
    let github = listed.iter().find(|one| one["provider"] == "github");
    assert_eq!(github.unwrap()["source"], "sandbox", "{status:#}");
}

#[tokio::test]
async fn a_sandbox_that_is_asked_for_wrongly_is_refused_with_what_is_wrong() {
    let app = TestApp::new().await;
    let misspelt = app.file("latency.toml", "supabase.redy = 3");
    let no_rules = app.file("faults.json", "{}");
    let served = app.cloud.folder().join("cloud").display().to_string();
    for (option, value, told) in [
        (
            "--latency",
            "/nowhere/latency.toml",
            "/nowhere/latency.toml",
        ),
        ("--latency", misspelt.as_str(), "supabase.redy"),
        ("--faults", no_rules.as_str(), "faults.json"),
        ("--data", served.as_str(), served.as_str()),
    ] {
        let data = app.data().join("cloud").display().to_string();
        let mut arguments = vec!["sandbox", "serve", "--json", option, value];
        if option != "--data" {
            arguments.extend(["--data", data.as_str()]);
        }
        let refused = app.run(&arguments).await.exits(3).json();
        assert_eq!(refused["code"], "sandbox_refused", "{refused:#}");
        let message = refused["message"].as_str().unwrap();
        assert!(message.contains(told), "{told} in {message}");
    }
}
