//! What is told: documents, lines beside them, and what the docs name of them.

use fabrik_domain::{blueprint::StepKind, provider::Provider, setting::SETTINGS};
use serde_json::json;

use crate::world::TestApp;

#[tokio::test]
async fn every_answer_is_one_document() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    for arguments in [
        &["customers", "list"][..],
        &["customers", "show", "akermark"],
        &["customers", "edit", "akermark", "--credits", "5"],
        &["customers", "export"],
        &["blueprints", "list"],
        &["blueprints", "show", "factory"],
        &["credentials", "status"],
        &["settings", "get"],
        &["plan", "akermark"],
        &["runs", "list"],
    ] {
        let ran = app.run(&[arguments, &["--json"]].concat()).await.exits(0);
        assert!(
            ran.json().is_object() || ran.json().is_array(),
            "{arguments:?}: {}",
            ran.stdout
        );
        let said = app.run(arguments).await.exits(0).stdout;
        assert!(
            !said.trim().is_empty(),
            "{arguments:?} says something to people too"
        );
    }
    let list = app.run(&["customers", "list", "--json"]).await.json();
    assert_eq!(list["total"], 1);
    let customer = &list["customers"][0];
    for field in [
        "id",
        "name",
        "slug",
        "subdomain",
        "status",
        "plan",
        "blueprint",
        "contact_email",
        "created_at",
        "updated_at",
    ] {
        assert!(customer[field].is_string(), "customer.{field}: {customer}");
    }
    assert!(
        customer["credits"].is_i64() && customer["modules"].is_array(),
        "{customer}"
    );
    assert!(
        customer["created_at"].as_str().unwrap().ends_with('Z'),
        "UTC: {customer}"
    );
}

#[tokio::test]
async fn what_is_no_subdomain_is_bad_input_however_it_begins() {
    let app = TestApp::new().await;
    let added = [
        "customers",
        "add",
        "Åkermark",
        "--subdomain",
        "-bad-",
        "--email",
        "anna@akermark.example",
        "--blueprint",
        "factory",
        "--plan",
        "starter",
        "--json",
    ];
    let refused = app.run(&added).await.exits(3).json();
    assert_eq!(refused["code"], "subdomain_invalid", "{refused:#}");
}

#[tokio::test]
async fn several_customers_are_one_document_and_the_worst_exit_code() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    app.add("bergstrom").await;
    let taken = json!({ "owner": "sandbox-agency", "name": "bergstrom" });
    app.vendor("github")
        .post("/repos/sandbox-agency/template/generate", &taken)
        .await;
    let document = app
        .run(&["provision", "--pending", "--json"])
        .await
        .exits(3)
        .json();
    let results = document["results"].as_array().expect("results");
    assert_eq!(results.len(), 2, "{document:#}");
    assert_eq!(
        results[0]["run"]["state"], "succeeded",
        "one customer's trouble is its own"
    );
    assert_eq!(results[1]["code"], "name_taken", "{:#}", results[1]);
}

#[tokio::test]
async fn whatever_is_told_beside_a_document_is_json_lines() {
    let app = TestApp::new().await;
    for (arguments, note) in [
        (&["provision", "--pending"][..], "No customer is pending."),
        (&["runs", "resume"][..], "No run was interrupted."),
        (&["blueprints", "check", "factory"][..], "SQL"),
    ] {
        let asked = [arguments, &["--json"]].concat();
        let told = app.run(&asked).await.exits(0).progress();
        assert!(
            matches!(told.as_slice(), [only] if only["note"].as_str().unwrap().contains(note)),
            "{asked:?}: {told:?}"
        );
        let quiet = app.run(&[&asked[..], &["--quiet"]].concat()).await.exits(0);
        assert_eq!(quiet.stderr, "", "{asked:?}");
    }
    app.add("akermark").await;
    app.add("bergstrom").await;
    let ran = app
        .run(&["provision", "--pending", "--json"])
        .await
        .exits(0);
    let told = ran.progress();
    assert!(
        !told.iter().any(|line| line["note"].is_string()),
        "no limit makes two of them wait: {told:?}"
    );
    assert!(
        told.iter().any(|line| line["step"].is_string()),
        "what happens in each run: {told:?}"
    );
}

#[tokio::test]
async fn a_token_goes_in_by_standard_input_and_never_comes_out() {
    let mut app = TestApp::new().await;
    let token = app.cloud.variable("FABRIK_SECRET_GITHUB").to_owned();
    app.unset("FABRIK_SECRET_GITHUB");
    let set = app
        .run_with_input(
            &["credentials", "set", "github", "--json"],
            &format!("{token}\n"),
        )
        .await
        .exits(0);
    assert_eq!(
        (set.json()["state"].as_str(), set.json()["source"].as_str()),
        (Some("works"), Some("keyring"))
    );
    let status = app.run(&["credentials", "status", "--json"]).await.exits(0);
    for credential in status.json()["credentials"].as_array().unwrap() {
        assert!(
            credential.get("value").is_none() && credential.get("token").is_none(),
            "{credential}"
        );
    }
    for said in [&set.stdout, &set.stderr, &status.stdout, &status.stderr] {
        assert!(!said.contains(&token), "{said}");
    }
    app.run(&["credentials", "remove", "github"]).await.exits(0);
    let gone = app
        .run(&["credentials", "test", "github", "--json"])
        .await
        .exits(3)
        .json();
    assert_eq!(gone["code"], "credential_missing", "{gone}");
}

#[test]
fn the_readme_names_the_variable_of_every_credential() {
    let readme = include_str!("../../../README.md");
    for provider in Provider::ALL {
        let variable = format!("`FABRIK_SECRET_{}`", provider.key().to_uppercase());
        assert!(readme.contains(&variable), "{variable}");
    }
}

#[test]
fn the_document_for_scripts_names_every_kind_of_step_and_every_setting() {
    let document = include_str!("../../../docs/command-line.md");
    let kinds = StepKind::ALL.map(StepKind::key);
    let settings = SETTINGS.iter().map(|setting| setting.key);
    for word in kinds.into_iter().chain(settings) {
        assert!(document.contains(&format!("`{word}`")), "{word}");
    }
}
