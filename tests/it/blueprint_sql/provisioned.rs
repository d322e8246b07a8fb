//! A customer of the agency, provisioned: its own project and site, on a repository that is nobody's own.

use serde_json::{Value, json};

use crate::world::TestApp;

async fn provision(app: &TestApp, subdomain: &str) -> Value {
    app.run(&["provision", subdomain, "--json"])
        .await
        .exits(0)
        .json()
}

fn plain(variable: &Value) -> (String, String) {
    let text = |name: &str| variable[name].as_str().unwrap_or_default().to_owned();
    (text("key"), text("value"))
}

#[tokio::test]
async fn two_customers_share_a_repository_and_nothing_else() {
    let app = TestApp::new().await;
    let mut hosts = Vec::new();
    for subdomain in ["akermark", "bergstrom"] {
        app.add_on(subdomain, "agency", "starter").await;
        let plan = app
            .run(&["plan", subdomain, "--json"])
            .await
            .exits(0)
            .json();
        assert_eq!(plan["can_run"], true, "{plan:#}");
        assert_eq!(plan["monthly_price"]["amount"], "45.00", "{plan:#}");
        let document = provision(&app, subdomain).await;
        assert_eq!(document["run"]["state"], "succeeded", "{document:#}");
        let resources = document["run"]["resources"].as_array().unwrap();
        assert!(
            resources.iter().all(|one| one["provider"] != "github"),
            "the shared repository is no resource: {document:#}"
        );
        let named = |kind: &str| {
            let one = resources.iter().find(|one| one["kind"] == kind);
            one.unwrap_or_else(|| panic!("{kind}: {document:#}"))["name"].clone()
        };
        assert_eq!(named("supabase_project"), format!("tlp-{subdomain}"));
        let customer = &document["customer"];
        assert_eq!(customer["github_repo_url"], Value::Null, "nobody's own");
        let reference = customer["supabase_project_ref"].as_str().unwrap();
        variables(&app, subdomain, reference).await;
        hosts.push(document["instance_url"].clone());

        let again = provision(&app, subdomain).await;
        let state = |step: &Value| step["state"].as_str().unwrap().to_owned();
        let states: Vec<_> = again["run"]["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(state)
            .collect();
        assert!(
            states
                .iter()
                .all(|state| state == "adopted" || state == "skipped"),
            "nothing is made twice: {states:?}"
        );
    }
    assert_ne!(hosts[0], hosts[1], "each has an address of its own");
    assert_eq!(
        app.cloud.census().await,
        json!({ "supabase projects": 2, "repositories": 0, "vercel projects": 2, "deployments": 2, "mails": 2 })
    );
}

/// The site has exactly its four variables, beside the mark.
async fn variables(app: &TestApp, subdomain: &str, reference: &str) {
    let team = app.cloud.variable("FABRIK_VERCEL_TEAM");
    let path = format!("/v10/projects/tlp-{subdomain}/env?teamId={team}");
    let answer = app.vendor("vercel").get(&path).await;
    let mut variables: Vec<_> = answer["envs"]
        .as_array()
        .unwrap_or_else(|| panic!("{answer:#}"))
        .iter()
        .map(plain)
        .filter(|(key, _)| key != "FABRIK_MARK")
        .collect();
    variables.sort();
    variables.dedup();
    let value = |wanted: &str| {
        let found = variables.iter().find(|(key, _)| key == wanted);
        found
            .unwrap_or_else(|| panic!("{wanted}: {answer:#}"))
            .1
            .clone()
    };
    let keys: Vec<_> = variables.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "AGENCY_NAME",
            "AGENCY_SUPABASE_PROJECT_ID",
            "NEXT_PUBLIC_SUPABASE_ANON_KEY",
            "NEXT_PUBLIC_SUPABASE_URL"
        ]
    );
    assert_eq!(value("AGENCY_NAME"), subdomain);
    assert_eq!(value("AGENCY_SUPABASE_PROJECT_ID"), reference);
    assert!(value("NEXT_PUBLIC_SUPABASE_URL").contains(reference));
    assert!(value("NEXT_PUBLIC_SUPABASE_ANON_KEY").starts_with("sb_publishable_"));
}

/// An instance is told once whose it is; what is said there from then on stays.
#[tokio::test]
async fn an_instance_has_its_customers_name_and_language_until_they_are_changed_there() {
    let app = TestApp::new().await;
    for (blueprint, table) in [("factory", "organization"), ("agency", "company")] {
        let subdomain = format!("hos-{blueprint}");
        app.add_on(&subdomain, blueprint, "starter").await;
        let name = format!("Å'kermark & \"{blueprint}\"\\");
        let edit = ["customers", "edit", &subdomain, "--name"];
        let named = [&edit[..], &[name.as_str(), "--language", "en"]].concat();
        app.run(&named).await.exits(0);
        let document = provision(&app, &subdomain).await;
        assert_eq!(document["run"]["state"], "succeeded", "{document:#}");
        let project = document["customer"]["supabase_project_ref"].as_str();
        let project = project.expect("a project");
        let said = async || {
            let sql = format!("select name, language from public.{table}");
            app.ask_database(project, &sql).await
        };
        let from_the_start = json!([{ "name": name, "language": "en" }]);
        assert_eq!(said().await, from_the_start, "{blueprint}");

        let own = format!("update public.{table} set name = 'Eget', language = 'sv'");
        app.ask_database(project, &own).await;
        let other = format!("Annat {blueprint}");
        let renamed = [&edit[..], &[other.as_str()]].concat();
        app.run(&renamed).await.exits(0);
        let again = provision(&app, &subdomain).await;
        assert_eq!(again["run"]["state"], "succeeded", "{again:#}");
        let kept = json!([{ "name": "Eget", "language": "sv" }]);
        assert_eq!(said().await, kept, "{blueprint}: it is theirs");
    }
}
