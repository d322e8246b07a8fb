//! The client stack and the orchestra, provisioned by the command line: what two customers of each have, that neither
//! meets the other, and what goes with the first of them.

use std::path::Path;

use memchr::memmem;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{provision::made, world::TestApp};

async fn provision(app: &TestApp, subdomain: &str) -> Value {
    let document = app.run(&["provision", subdomain, "--json"]).await;
    let document = document.exits(0).json();
    assert_eq!(document["run"]["state"], "succeeded", "{document:#}");
    document
}

async fn customer(app: &TestApp, subdomain: &str) -> Value {
    let shown = app.run(&["customers", "show", subdomain, "--json"]).await;
    shown.exits(0).json()
}

/// Whether the bytes are in a file below the folder.
fn holds(folder: &Path, wanted: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, wanted);
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        memmem::find(&bytes, wanted.as_bytes()).is_some()
    })
}

/// The second run of a customer makes nothing.
async fn again(app: &TestApp, subdomain: &str, looks: &[&str]) {
    let before = app.cloud.census().await;
    let document = provision(app, subdomain).await;
    for step in document["run"]["steps"].as_array().unwrap() {
        let (id, state) = (
            step["id"].as_str().unwrap(),
            step["state"].as_str().unwrap(),
        );
        let nothing = ["adopted", "skipped", "deferred"].contains(&state);
        assert!(
            nothing || looks.contains(&id),
            "{subdomain}: {id} is {state}"
        );
    }
    assert_eq!(app.cloud.census().await, before, "nothing is made twice");
}

#[tokio::test]
async fn two_client_stacks_have_everything_of_their_own() {
    let app = TestApp::new().await;
    let mut references = Vec::new();
    for subdomain in ["akermark", "bergstrom"] {
        app.add_on(subdomain, "client-stack", "enterprise").await;
        let plan = app.run(&["plan", subdomain, "--json"]).await;
        let plan = plan.exits(0).json();
        assert_eq!(plan["can_run"], true, "{plan:#}");
        assert_eq!(plan["monthly_price"]["amount"], "195.00", "{plan:#}");
        let document = provision(&app, subdomain).await;
        let project = made(&document, "supabase_project");
        assert_eq!(project["name"], format!("client-{subdomain}-prod"));
        let reference = project["id"].as_str().unwrap().to_owned();
        let addons = format!("/v1/projects/{reference}/billing/addons");
        let addons = app.vendor("supabase").get(&addons).await;
        let selected = addons["selected_addons"].as_array().unwrap();
        assert!(
            selected.iter().any(|one| one["variant"]["id"] == "pitr_7"),
            "the plan promises it: {addons:#}"
        );
        let backup = made(&document, "workflow_backup");
        assert_eq!(
            backup["id"],
            format!("ops-hub/client-backups/{subdomain}"),
            "{backup:#}"
        );
        references.push(reference);
        again(&app, subdomain, &[]).await;
    }
    let workflows = app.cloud.resources("n8n", "workflow").await;
    assert_eq!(workflows.len(), 6, "three each");
    let mut paths: Vec<_> = workflows
        .iter()
        .filter_map(|(_, one)| one["content"]["nodes"][0]["parameters"]["path"].as_str())
        .collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            "leads-akermark",
            "leads-bergstrom",
            "unsubscribe-akermark",
            "unsubscribe-bergstrom"
        ]
    );
    assert_eq!(
        app.cloud.census().await,
        json!({ "supabase projects": 2, "repositories": 2, "vercel projects": 2, "deployments": 2, "mails": 2 })
    );

    let remove = ["deprovision", "akermark", "--confirm", "akermark"];
    app.run(&remove).await.exits(0);
    let left = app.cloud.resources("n8n", "workflow").await;
    assert_eq!(left.len(), 3, "those of the other customer");
    assert!(
        left.iter()
            .all(|(_, one)| one["name"].as_str().unwrap().contains("bergstrom")),
        "{left:#?}"
    );
    let other = format!("/v1/projects/{}", references[1]);
    let other = app.vendor("supabase").get(&other).await;
    assert_eq!(other["status"], "ACTIVE_HEALTHY", "{other:#}");
    again(&app, "bergstrom", &[]).await;
}

/// What a project is billed for beside its plan.
async fn addons(app: &TestApp, reference: &str) -> Vec<String> {
    let path = format!("/v1/projects/{reference}/billing/addons");
    let addons = app.vendor("supabase").get(&path).await;
    let selected = addons["selected_addons"].as_array().unwrap().iter();
    let ids = selected.map(|one| one["variant"]["id"].as_str().unwrap().to_owned());
    ids.collect()
}

#[tokio::test]
async fn another_plan_brings_its_instance_and_its_recovery_and_takes_them() {
    let app = TestApp::new().await;
    app.add_on("akermark", "client-stack", "starter").await;
    let document = provision(&app, "akermark").await;
    let reference = made(&document, "supabase_project")["id"].as_str().unwrap();
    let reference = reference.to_owned();
    assert_eq!(addons(&app, &reference).await, ["ci_micro"]);
    for (plan, prices, to_do, billed) in [
        (
            "enterprise",
            ["45.00", "195.00"],
            ["size", "recovery"],
            &["ci_medium", "pitr_7"][..],
        ),
        (
            "starter",
            ["195.00", "45.00"],
            ["recovery_off", "size"],
            &["ci_micro"][..],
        ),
    ] {
        let edit = ["customers", "edit", "akermark", "--plan", plan];
        app.run(&edit).await.exits(0);
        let planned = app.run(&["plan", "akermark", "--json"]).await;
        let planned = planned.exits(0).json();
        let told = ["price_before", "monthly_price"].map(|price| &planned[price]["amount"]);
        assert_eq!(told, prices, "{planned:#}");
        let steps = planned["steps"].as_array().unwrap().iter();
        let of_project = ["recovery_off", "size", "recovery"];
        let made: Vec<_> = steps
            .filter(|step| step["action"] == "create")
            .filter_map(|step| step["id"].as_str())
            .filter(|id| of_project.contains(id))
            .collect();
        assert_eq!(made, to_do, "{planned:#}");
        provision(&app, "akermark").await;
        assert_eq!(addons(&app, &reference).await, billed, "{plan}");
        again(&app, "akermark", &[]).await;
        assert_eq!(addons(&app, &reference).await, billed, "{plan}, again");
    }
}

#[tokio::test]
async fn recovery_that_somebody_turned_on_is_told_before_a_smaller_plan_meets_it() {
    let app = TestApp::new().await;
    app.add_on("akermark", "client-stack", "professional").await;
    let document = provision(&app, "akermark").await;
    let reference = made(&document, "supabase_project")["id"].as_str().unwrap();
    let path = format!("/v1/projects/{reference}/billing/addons");
    let choice = json!({ "addon_type": "pitr", "addon_variant": "pitr_7" });
    let supabase = app.vendor("supabase");
    let (status, answer) = supabase.call(Method::PATCH, &path, &choice).await;
    assert_eq!(status, 200, "{answer}");
    let edit = ["customers", "edit", "akermark", "--plan", "starter"];
    app.run(&edit).await.exits(0);
    let before = app.cloud.mutating().await;
    for asked in ["plan", "provision"] {
        let refused = app.run(&[asked, "akermark", "--json"]).await;
        let refused = refused.exits(3);
        assert!(refused.stdout.contains("recovery_stands"), "{refused:#?}");
    }
    assert_eq!(app.cloud.mutating().await, before, "nothing was changed");

    let off = format!("{path}/pitr_7");
    let (status, answer) = supabase.call(Method::DELETE, &off, &json!({})).await;
    assert_eq!(status, 200, "{answer}");
    provision(&app, "akermark").await;
    assert_eq!(addons(&app, reference).await, ["ci_micro"]);
}

#[tokio::test]
async fn another_plan_brings_its_instance_whatever_the_blueprint() {
    for (blueprint, smallest) in [
        ("factory", "starter"),
        ("agency", "starter"),
        ("orchestra", "small"),
    ] {
        let app = TestApp::new().await;
        if blueprint == "orchestra" {
            app.set_base_domain("orkester.example").await;
        }
        app.add_on("akermark", blueprint, smallest).await;
        let document = provision(&app, "akermark").await;
        let reference = made(&document, "supabase_project")["id"].as_str().unwrap();
        let reference = reference.to_owned();
        for (plan, billed) in [("enterprise", "ci_medium"), (smallest, "ci_micro")] {
            let edit = ["customers", "edit", "akermark", "--plan", plan];
            app.run(&edit).await.exits(0);
            let planned = app.run(&["plan", "akermark", "--json"]).await;
            let planned = planned.exits(0).json();
            let mut steps = planned["steps"].as_array().unwrap().iter();
            let size = steps.find(|step| step["kind"] == "compute-size");
            let action = size.map(|step| &step["action"]);
            assert_eq!(action, Some(&json!("create")), "{blueprint}: {planned:#}");
            provision(&app, "akermark").await;
            let there = addons(&app, &reference).await;
            assert_eq!(there, [billed], "{blueprint}: {plan}");
            again(&app, "akermark", &["check"]).await;
        }
    }
}

/// The variables of the shared project: key, kind and value, where it shows.
async fn variables(app: &TestApp) -> Vec<(String, String, String)> {
    let (team, project) = (
        app.cloud.variable("FABRIK_VERCEL_TEAM"),
        app.cloud.variable("FABRIK_VERCEL_PROJECT"),
    );
    let path = format!("/v10/projects/{project}/env?teamId={team}");
    let answer = app.vendor("vercel").get(&path).await;
    let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    let all = answer["envs"].as_array().unwrap().iter();
    let mut all: Vec<_> = all
        .map(|one| (text(one, "key"), text(one, "type"), text(one, "value")))
        .collect();
    all.sort();
    all.dedup();
    all
}

#[tokio::test]
async fn two_orchestras_share_an_app_and_nothing_else() {
    let app = TestApp::new().await;
    app.set_base_domain("orkester.example").await;
    let mut documents = Vec::new();
    for subdomain in ["akermark", "vastra-kapellet"] {
        app.add_on(subdomain, "orchestra", "enterprise").await;
        let document = provision(&app, subdomain).await;
        let url = format!("https://{subdomain}.orkester.example");
        assert_eq!(document["instance_url"], url, "{document:#}");
        let shown = customer(&app, subdomain).await;
        let shown = shown.to_string();
        assert!(shown.contains("keyring:v1/"), "a reference: {shown}");
        // The check looks each time, at the address that all share.
        again(&app, subdomain, &["check"]).await;
        documents.push(document);
    }
    let there = variables(&app).await;
    let keys: Vec<_> = there.iter().map(|(key, ..)| key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "DATABASE_URL_AKERMARK",
            "DATABASE_URL_VASTRA_KAPELLET",
            "DIRECT_URL_AKERMARK",
            "DIRECT_URL_VASTRA_KAPELLET",
            "SUPABASE_ANON_KEY_AKERMARK",
            "SUPABASE_ANON_KEY_VASTRA_KAPELLET",
            "SUPABASE_URL_AKERMARK",
            "SUPABASE_URL_VASTRA_KAPELLET",
        ]
    );
    for (key, kind, value) in &there {
        let secret = !key.starts_with("SUPABASE_");
        assert_eq!(kind == "sensitive", secret, "{key}");
        assert!(!value.contains("pooler"), "{key} shows nothing");
    }
    // The host is in both strings and nowhere else; the vault of a sandbox is sealed.
    assert!(
        !holds(app.data(), "pooler.supabase.com"),
        "neither records nor log have the strings"
    );
    assert_eq!(
        app.cloud.census().await,
        json!({ "supabase projects": 2, "repositories": 0, "vercel projects": 0, "deployments": 2, "mails": 2 })
    );

    let before = there;
    let plan = ["deprovision", "akermark", "--confirm", "akermark"];
    app.run(&plan).await.exits(0);
    let after = variables(&app).await;
    let others: Vec<_> = before
        .into_iter()
        .filter(|(key, ..)| key.ends_with("_VASTRA_KAPELLET"))
        .collect();
    assert_eq!(after, others, "the other customer's are as they were");
    let (_, shared) = app.cloud.resources("vercel", "project").await.remove(0);
    let domains = shared["domains"].as_array().unwrap();
    let named: Vec<_> = domains.iter().map(|one| &one["name"]).collect();
    assert_eq!(named, ["vastra-kapellet.orkester.example"], "{shared:#}");
    let shown = customer(&app, "akermark").await.to_string();
    assert!(!shown.contains("keyring:"), "nothing is kept: {shown}");
    again(&app, "vastra-kapellet", &["check"]).await;
}
