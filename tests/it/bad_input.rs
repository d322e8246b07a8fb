//! What can't be done is refused before anything is made, in both languages, with the next step.

mod typed;
mod vendors;

use serde_json::Value;

use crate::world::TestApp;

/// Runs a command that must be refused, in both languages, for people and for scripts; the document in
/// English.
async fn refused(app: &TestApp, arguments: &[&str], code: &str) -> Value {
    let before = (app.cloud.mutating().await, app.cloud.census().await);
    let mut documents = Vec::new();
    for language in ["en", "sv"] {
        let with = |more: &[&'static str]| {
            let mut all = arguments.to_vec();
            all.extend(["--lang", language]);
            all.extend(more);
            all
        };
        let document = app.run(&with(&["--json"])).await.exits(3).json();
        let found = problem(&document, code);
        let text = |field: &str| found[field].as_str().unwrap_or_default().to_owned();
        let (message, hint) = (text("message"), text("hint"));
        assert!(
            !message.is_empty() && !hint.is_empty(),
            "{code} in {language}: {found}"
        );
        let said = app.run(&with(&[])).await.exits(3);
        let said = format!("{}{}", said.stdout, said.stderr);
        assert!(
            said.contains(&message),
            "people read {message:?} too: {said}"
        );
        assert!(said.contains(&hint), "people read {hint:?} too: {said}");
        documents.push((document, message, hint));
    }
    assert_ne!(
        documents[0].1, documents[1].1,
        "{code}: a message in each language"
    );
    let after = (app.cloud.mutating().await, app.cloud.census().await);
    assert_eq!(after, before, "{code}: nothing was made");
    documents.swap_remove(0).0
}

/// The problem of this code: the document itself, or one of those it lists.
#[track_caller]
fn problem<'a>(document: &'a Value, code: &str) -> &'a Value {
    assert!(
        document["code"].is_string(),
        "the document is an error: {document}"
    );
    let listed = document["missing"].as_array().into_iter().flatten();
    let because = document["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|step| &step["because"]);
    [document]
        .into_iter()
        .chain(listed)
        .chain(because)
        .find(|problem| problem["code"] == code)
        .unwrap_or_else(|| panic!("{code} is said: {document:#}"))
}

/// Both ways to find out: the dry run, and the real one.
async fn cannot_be_provisioned(app: &TestApp, subdomain: &str, code: &str) -> Value {
    refused(app, &["provision", subdomain], code).await;
    let plan = refused(app, &["plan", subdomain], code).await;
    assert_eq!(plan["can_run"], false, "{plan:#}");
    let guilty = guilty(&plan, code);
    assert!(!guilty.is_empty(), "{code}: a step says so: {plan:#}");
    plan
}

/// The steps that can't be made for this.
#[track_caller]
fn guilty<'a>(plan: &'a Value, code: &str) -> Vec<&'a str> {
    let steps = plan["steps"].as_array().expect("a list");
    let says_so = steps.iter().filter(|step| {
        let is_refused = matches!(step["action"].as_str(), Some("blocked" | "conflict"));
        is_refused && step["because"]["code"] == code
    });
    says_so
        .map(|step| step["id"].as_str().expect("its name"))
        .collect()
}
