//! Customers' own domains: wanted records, waiting without holding the run, looking again, removal.

use std::time::Duration;

use fabrik_app::{App, Environment, Options};
use fabrik_domain::run::StepState;
use fabrik_tests::Proof;
use serde_json::{Value, json};

use crate::{provision::states, world::TestApp};

const DOMAIN: &str = "akermark.norrform.se";

/// A workspace with a domain for its customers.
async fn agency() -> TestApp {
    let app = TestApp::new().await;
    app.set_base_domain("norrform.se").await;
    app.add("akermark").await;
    app
}

fn step<'d>(document: &'d Value, id: &str) -> &'d Value {
    let mut steps = document["run"]["steps"].as_array().unwrap().iter();
    steps
        .find(|step| step["id"] == id)
        .unwrap_or_else(|| panic!("{id}: {document:#}"))
}

async fn provisioned(app: &TestApp) -> Value {
    let document = app
        .run(&["provision", "akermark", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(document["run"]["state"], "succeeded", "{document:#}");
    let domain = step(&document, "domain");
    assert_eq!(domain["state"], "deferred", "{domain:#}");
    assert_eq!(domain["error"]["code"], "domain_pending", "{domain:#}");
    document
}

/// The records that a domain waits for, as `TYPE name`.
fn wanted(domain: &Value) -> Vec<String> {
    let records = domain["records"].as_array();
    let text = |record: &Value, name: &str| record[name].as_str().unwrap().to_owned();
    records
        .unwrap_or_else(|| panic!("{domain:#}"))
        .iter()
        .map(|record| format!("{} {}", text(record, "kind"), text(record, "name")))
        .collect()
}

#[tokio::test]
async fn a_run_does_not_wait_for_dns_and_the_domain_is_found_later() {
    let app = agency().await;
    let document = provisioned(&app).await;
    let run = document["run"]["id"].as_str().unwrap();
    assert!(
        !document["instance_url"].as_str().unwrap().contains(DOMAIN),
        "where the instance answers today: {document:#}"
    );
    assert_eq!(app.cloud.mails().await.len(), 1, "the customer is told");
    let made = document["run"]["resources"].as_array().unwrap();
    let domain = made.iter().find(|one| one["kind"] == "domain").unwrap();
    assert_eq!(
        (&domain["name"], &domain["state"], &domain["origin"]),
        (&json!(DOMAIN), &json!("live"), &json!("created"))
    );
    let said = app.run(&["runs", "show", run]).await.exits(0).stdout;
    assert!(
        said.contains("CNAME") && said.contains("fabrik domains check"),
        "what the owner has to do: {said}"
    );

    let looked = app
        .run(&["domains", "check", "--json"])
        .await
        .exits(4)
        .json();
    assert_eq!(looked["code"], "domain_pending", "{looked:#}");
    let waits = &looked["domains"][0];
    assert_eq!(
        (&waits["domain"], &waits["verified"]),
        (&json!(DOMAIN), &json!(false))
    );
    assert_eq!(wanted(&waits["problem"]), [format!("CNAME {DOMAIN}")]);

    // Provisioned again it waits as before, once.
    let again = provisioned(&app).await;
    assert!(
        states(&again)
            .iter()
            .all(|state| matches!(*state, "adopted" | "skipped" | "deferred")),
        "{again:#}"
    );
    let looked = app
        .run(&["domains", "check", "--json"])
        .await
        .exits(4)
        .json();
    assert_eq!(looked["domains"].as_array().unwrap().len(), 1, "{looked:#}");

    let records = json!({ "domain": DOMAIN, "points": true });
    app.cloud.steer("dns", &records).await;
    let looked = app
        .run(&["domains", "check", "akermark", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(looked["domains"][0]["verified"], true, "{looked:#}");
    let run = again["run"]["id"].as_str().unwrap();
    let shown = app
        .run(&["runs", "show", run, "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(step(&shown, "domain")["state"], "done");
    let looked = app
        .run(&["domains", "check", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(looked["domains"], json!([]), "nothing waits any more");
}

#[tokio::test]
async fn a_domain_that_another_account_has_is_proved_first() {
    let app = agency().await;
    let elsewhere = json!({ "vercel": { "domains_elsewhere": ["norrform.se"] } });
    app.cloud.steer("accounts", &elsewhere).await;
    provisioned(&app).await;
    let looked = app
        .run(&["domains", "check", "--json"])
        .await
        .exits(4)
        .json();
    assert_eq!(
        wanted(&looked["domains"][0]["problem"]),
        [
            "TXT _vercel.norrform.se".to_owned(),
            format!("CNAME {DOMAIN}")
        ]
    );
    let proof = json!({ "domain": DOMAIN, "challenge": true });
    app.cloud.steer("dns", &proof).await;
    let looked = app
        .run(&["domains", "check", "--json"])
        .await
        .exits(4)
        .json();
    assert_eq!(
        wanted(&looked["domains"][0]["problem"]),
        [format!("CNAME {DOMAIN}")],
        "what is proved is asked for no more"
    );
    let both = json!({ "domain": DOMAIN, "challenge": true, "points": true });
    app.cloud.steer("dns", &both).await;
    app.run(&["domains", "check"]).await.exits(0);
}

#[tokio::test]
async fn an_open_window_finds_it_by_itself() {
    let app = agency().await;
    let document = provisioned(&app).await;
    let run = document["run"]["id"].as_str().unwrap().parse().unwrap();
    app.cloud
        .steer("dns", &json!({ "domain": "*.norrform.se", "points": true }))
        .await;
    let variables = app
        .variables()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let window = App::open(Options {
        environment: Environment::of(variables, true),
        data_dir: None,
        workspace: None,
        browser: None,
    })
    .await
    .unwrap();
    let window = std::sync::Arc::new(window);
    let mut hints = window.hints();
    let verified = async {
        loop {
            let detail = window.run_get(run).await.unwrap();
            let domain = detail.steps.iter().find(|step| step.id == "domain");
            if domain.unwrap().state == StepState::Done {
                break;
            }
            assert!(hints.recv().await.is_some(), "the window is told");
        }
    };
    tokio::time::timeout(Duration::from_mins(1), verified)
        .await
        .expect("it looks when it is opened");
}

/// In the shared app the domain is the instance's address: what answers for another customer proves little, and it is said
/// where that is all that was asked.
#[tokio::test]
async fn an_orchestra_says_that_the_shared_app_was_asked_in_place_of_its_own_address() {
    let app = TestApp::new().await;
    let base = ["settings", "set", "domain.base", "norrform.se"];
    app.run(&base).await.exits(0);
    app.add_on("akermark", "orchestra", "small").await;
    let document = provisioned(&app).await;
    let run = document["run"]["id"].as_str().unwrap();
    let show = ["runs", "show", run, "--log", "--json"];
    let shown = app.run(&show).await.exits(0).json();
    let events = shown["events"].as_array().unwrap().iter();
    let details: Vec<_> = events
        .filter(|event| event["step"] == "check" && event["what"]["type"] == "detail")
        .map(|event| event["what"]["detail"].as_str().unwrap())
        .collect();
    assert_eq!(details, ["shared_site_asked", "site_answered"], "{shown:#}");
    let domain = step(&document, "domain");
    assert_eq!(domain["error"]["domain"], DOMAIN, "{domain:#}");
}

#[tokio::test]
async fn without_a_domain_of_the_agencys_the_step_is_skipped_and_says_why() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    let document = app
        .run(&["provision", "akermark", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(step(&document, "domain")["state"], "skipped");
    let run = document["run"]["id"].as_str().unwrap();
    let said = app
        .run(&["runs", "show", run, "--log"])
        .await
        .exits(0)
        .stdout;
    assert!(said.contains("no domain of your own is set"), "{said}");
    app.run(&["domains", "check"]).await.exits(0);
}

#[tokio::test]
async fn a_removal_takes_the_subdomain_typed_and_the_domain_before_its_project() {
    let proof = Proof::of(
        "S13",
        "removals that were not confirmed, and the order of one that was",
    );
    let app = agency().await;
    provisioned(&app).await;
    let before = app.cloud.mutating().await;
    for typed in [
        "",
        "yes",
        "akermar",
        "AKERMARK",
        "akermark.",
        "akermark,akermark",
        "*",
    ] {
        let removal = ["deprovision", "akermark", "--confirm", typed, "--json"];
        let refused = app.run(&removal).await.exits(3).json();
        assert_eq!(refused["code"], "confirmation_mismatch", "{typed:?}");
        proof.held(1);
    }
    app.run_with_input(&["deprovision", "akermark"], "\n\ny\n")
        .await
        .exits(3);
    let planned = app.run(&["deprovision", "akermark", "--json"]).await;
    let planned = planned.exits(3).json();
    assert_eq!(planned["code"], "confirmation_mismatch", "{planned:#}");
    assert!(
        planned["resources"].is_array(),
        "and what goes: {planned:#}"
    );
    assert_eq!(app.cloud.mutating().await, before, "nothing was touched");
    app.run(&["deprovision", "akermark", "--confirm", "akermark"])
        .await
        .exits(0);
    let calls = app.cloud.look("calls").await;
    let removed: Vec<_> = calls["calls"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|call| call["provider"] == "vercel" && call["method"] == "DELETE")
        .map(|call| call["path"].as_str().unwrap().contains("/domains/"))
        .collect();
    assert_eq!(
        removed,
        [true, false],
        "one that still points to a project that is gone can be taken over: {calls:#}"
    );
    let looked = app
        .run(&["domains", "check", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(looked["domains"], json!([]), "nobody waits for it any more");
    proof.held(1);
}
