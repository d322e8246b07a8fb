//! Mails beside a run's steps: the owner hears of a run that failed, once, and a customer's welcome mail is shown
//! and sent again.

use serde_json::{Value, json};

use crate::world::{Ran, TestApp};

const OWNER: &str = "agaren@norrform.example";

/// The new database takes no schema: the run fails, with a project made before.
fn no_schema() -> Value {
    let path = "/v1/projects/*/database/query";
    json!({ "provider": "supabase", "method": "POST", "path": path, "every": 1, "do": "status:400" })
}

/// Something happens to every mail, or to the first.
fn mails_meet(effect: &str, which: &str) -> Value {
    json!({ "provider": "resend", "method": "POST", "path": "/emails", which: 1, "do": effect })
}

/// A world whose runs fail, with an owner to tell.
async fn failing(more: &[Value]) -> TestApp {
    let mut app = TestApp::new().await;
    app.set("FABRIK_EMAIL_OWNER", OWNER);
    app.add("akermark").await;
    let rules: Vec<_> = std::iter::once(no_schema())
        .chain(more.iter().cloned())
        .collect();
    app.cloud.faults(rules.into()).await;
    app
}

/// What was sent to an address, the oldest first.
async fn sent_to(app: &TestApp, address: &str) -> Vec<Value> {
    let mails = app.cloud.mails().await;
    let to = |mail: &Value| mail["to"].to_string().contains(address);
    mails.into_iter().filter(to).collect()
}

async fn provision(app: &TestApp, on_failure: &str) -> Ran {
    app.run(&[
        "provision",
        "akermark",
        "--on-failure",
        on_failure,
        "--json",
    ])
    .await
}

async fn show(app: &TestApp, document: &Value) -> Value {
    let id = document["run"]["id"].as_str().expect("a run");
    app.run(&["runs", "show", id, "--json"])
        .await
        .exits(0)
        .json()
}

#[tokio::test]
async fn the_owner_is_told_once_what_failed_and_what_exists() {
    let mut app = failing(&[]).await;
    app.set("FABRIK_LANG", "sv");
    let document = provision(&app, "keep").await.exits(1).json();
    let mail = &document["run"]["owner_mail"];
    assert_eq!(
        (&mail["state"], &mail["to"]),
        (&json!("sent"), &json!(OWNER))
    );
    let mails = sent_to(&app, OWNER).await;
    assert_eq!(mails.len(), 1, "{mails:#?}");
    let (subject, text) = (
        mails[0]["subject"].as_str().unwrap(),
        mails[0]["text"].as_str().unwrap(),
    );
    assert_eq!(subject, "Körning 1 för Akermark misslyckades");
    let mut resources = document["run"]["resources"].as_array().unwrap().iter();
    let project = resources
        .find(|resource| resource["kind"] == "supabase_project")
        .and_then(|resource| resource["name"].as_str())
        .expect("it was made before the schema failed");
    for word in ["database-schema", project, "Inget är borttaget."] {
        assert!(text.contains(word), "{word}: {text}");
    }
    for (name, secret) in app.cloud.environment() {
        let shown = name.starts_with("FABRIK_SECRET_") && text.contains(secret);
        assert!(!shown, "{name} is in the mail");
    }
    // Nothing that looks for what is due finds it again; failing again is news.
    app.run(&["runs", "resume", "--json"]).await.exits(0);
    assert_eq!(sent_to(&app, OWNER).await.len(), 1);
    let id = document["run"]["id"].as_str().unwrap();
    app.run(&["runs", "resume", id, "--json"]).await.exits(1);
    assert_eq!(sent_to(&app, OWNER).await.len(), 2);
    // What the owner asks for is no news.
    app.run(&["runs", "rollback", id, "--json"]).await.exits(0);
    assert_eq!(sent_to(&app, OWNER).await.len(), 2);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_no_second_mail() {
    let app = failing(&[mails_meet("drop_after", "nth")]).await;
    let document = provision(&app, "rollback").await.exits(1).json();
    assert_eq!(document["run"]["state"], "rolled_back");
    assert_eq!(document["run"]["owner_mail"]["state"], "sent", "{document}");
    let mails = sent_to(&app, OWNER).await;
    assert_eq!(mails.len(), 1, "{mails:#?}");
    let text = mails[0]["text"].as_str().unwrap();
    assert!(text.contains("Everything that the run had made is removed."));
}

#[tokio::test]
async fn killed_between_the_end_of_the_run_and_the_answer_the_owner_is_told_once() {
    // The first is carried out late, whoever waits for it; the same key goes with the next process's.
    for late in ["delay:2s", "delay:20s"] {
        let app = failing(&[mails_meet(late, "nth")]).await;
        let mut child = app.spawn(&["provision", "akermark", "--on-failure", "keep", "--json"]);
        loop {
            let runs = app.run(&["runs", "list", "--json"]).await.exits(0).json();
            if runs["runs"][0]["state"] == "failed" {
                break;
            }
            assert_eq!(
                child.try_wait().expect("a child"),
                None,
                "it still waits for the mail"
            );
        }
        child.kill().await.expect("SIGKILL");
        app.run(&["runs", "resume", "--json"]).await.exits(0);
        let mails = sent_to(&app, OWNER).await;
        assert_eq!(mails.len(), 1, "{late}: {mails:#?}");
        let runs = app.run(&["runs", "list", "--json"]).await.exits(0).json();
        let run = json!({ "run": runs["runs"][0] });
        let shown = show(&app, &run).await;
        assert_eq!(
            shown["run"]["owner_mail"]["state"], "sent",
            "{late}: {shown}"
        );
        assert_eq!(shown["run"]["state"], "failed", "{late}");
    }
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_changes_nothing_of_the_run_and_is_told() {
    let app = failing(&[mails_meet("status:422", "every")]).await;
    let document = provision(&app, "keep").await.exits(1).json();
    assert_eq!(document["run"]["state"], "failed");
    assert_eq!(
        document["provider"], "supabase",
        "what failed is the schema: {document}"
    );
    let mail = &document["run"]["owner_mail"];
    assert_eq!(mail["state"], "not_sent", "{mail}");
    assert_eq!(mail["problem"]["provider"], "resend", "{mail}");
    let number = document["run"]["id"].as_str().unwrap();
    let shown = app.run(&["runs", "show", number]).await.exits(0).stdout;
    assert!(
        shown.contains(&format!(
            "The mail about the failure was not sent to {OWNER}"
        )),
        "{shown}"
    );
    app.cloud.faults(json!([])).await;
    app.run(&["runs", "resume", "--json"]).await.exits(0);
    assert!(sent_to(&app, OWNER).await.is_empty(), "refused is refused");
}

#[tokio::test]
async fn a_run_that_waits_or_has_nobody_to_tell_is_no_mail() {
    let mut app = failing(&[]).await;
    let github =
        |effect| json!([{ "provider": "github", "method": "POST", "every": 1, "do": effect }]);
    app.cloud.faults(github("status:401")).await;
    let document = provision(&app, "rollback").await.exits(4).json();
    assert_eq!(document["run"]["state"], "waiting", "{document}");
    assert!(sent_to(&app, OWNER).await.is_empty(), "it only waits");

    app.unset("FABRIK_EMAIL_OWNER");
    app.cloud.faults(github("status:422")).await;
    let id = document["run"]["id"].as_str().unwrap();
    let failed = app.run(&["runs", "resume", id, "--json"]).await.exits(1);
    assert_eq!(failed.json()["run"].get("owner_mail"), None);
    // Named too late, the owner hears of no old failures.
    app.set("FABRIK_EMAIL_OWNER", OWNER);
    app.run(&["runs", "resume", "--json"]).await.exits(0);
    assert!(app.cloud.mails().await.is_empty());
}

/// The sign-in link in a mail's text.
fn link(mail: &Value) -> String {
    let text = mail["text"].as_str().expect("a text");
    let words = text.split_whitespace();
    let mut links = words.filter(|word| word.contains("token"));
    links.next().expect("a sign-in link").to_owned()
}

#[tokio::test]
async fn the_welcome_mail_is_shown_and_sent_again_to_where_the_customer_is_now() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    let preview = async || {
        let shown = app.run(&["welcome", "preview", "akermark", "--json"]).await;
        shown.exits(0).json()
    };
    let resend = async || {
        app.run(&["welcome", "resend", "akermark", "--yes", "--json"])
            .await
    };

    let before = preview().await;
    assert_eq!(before["to"], "anna@akermark.example");
    assert_eq!(before["refused"]["code"], "instance_missing", "{before}");
    assert!(
        before["text"].as_str().unwrap().contains("••••"),
        "{before}"
    );
    let refused = resend().await.exits(3).json();
    assert_eq!(refused["code"], "instance_missing");

    app.run(&["provision", "akermark", "--json"]).await.exits(0);
    let first = sent_to(&app, "anna@akermark.example").await;
    let shown = preview().await;
    assert_eq!(shown["last"]["state"], "sent", "{shown}");
    assert_eq!(shown.get("refused"), None, "{shown}");
    assert_eq!(shown["subject"], first[0]["subject"]);
    assert!(!shown.to_string().contains(&link(&first[0])), "masked");
    assert_eq!(app.cloud.mails().await.len(), 1, "a preview sends nothing");

    // A mended address; and the answer is lost on the way.
    let mended = "anna@nytt.example";
    app.run(&["customers", "edit", "akermark", "--email", mended])
        .await
        .exits(0);
    app.cloud
        .faults(json!([mails_meet("drop_after", "nth")]))
        .await;
    let sent = resend().await.exits(0).json();
    assert_eq!(
        (&sent["state"], &sent["to"]),
        (&json!("sent"), &json!(mended))
    );
    let again = sent_to(&app, mended).await;
    assert_eq!(again.len(), 1, "one wish, one mail: {again:#?}");
    assert_ne!(link(&again[0]), link(&first[0]), "the link is new");
    let login = "anna@akermark.example";
    assert!(
        again[0]["text"].as_str().unwrap().contains(login),
        "it is still what the administrator signs in with"
    );
    assert_eq!(preview().await["last"]["to"], mended);

    // It did not go out, and says so; another wish is another mail.
    app.cloud
        .faults(json!([mails_meet("status:422", "every")]))
        .await;
    let refused = resend().await.exits(1).json();
    assert_eq!(
        (&refused["state"], &refused["code"]),
        (&json!("not_sent"), &json!("refused"))
    );
    app.cloud.faults(json!([])).await;
    resend().await.exits(0);
    assert_eq!(sent_to(&app, mended).await.len(), 2);

    app.run(&["deprovision", "akermark", "--confirm", "akermark"])
        .await
        .exits(0);
    let gone = resend().await.exits(3).json();
    assert_eq!(gone["code"], "instance_missing");
}
