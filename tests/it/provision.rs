//! The main job, end to end: a customer is added, planned, provisioned, and provisioned again.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{TestApp, Vendor};

/// The blueprint's steps, in its order.
pub(crate) const STEPS: [&str; 15] = [
    "supabase",
    "size",
    "schema",
    "auth",
    "admin",
    "isolation",
    "repo",
    "config",
    "site",
    "env",
    "deploy",
    "domain",
    "check",
    "welcome",
    "finalize",
];

/// What a step comes to in an empty cloud: `done`, but for the domain where no base is set, and the instance's size, with
/// which the project is made.
fn first_state(step: &Value) -> &'static str {
    match step["id"].as_str() {
        Some("domain" | "size") => "skipped",
        _ => "done",
    }
}

/// `states[i]` of the document's steps.
pub(crate) fn states(document: &Value) -> Vec<&str> {
    let steps = document["run"]["steps"].as_array().expect("steps");
    steps
        .iter()
        .map(|step| step["state"].as_str().expect("a state"))
        .collect()
}

/// What one customer is given, in a cloud that was empty.
pub(crate) fn one_of_each() -> Value {
    json!({ "supabase projects": 1, "repositories": 1, "vercel projects": 1, "deployments": 1, "mails": 1 })
}

/// The project's own API, with its `secret` or its `publishable` key.
pub(crate) async fn project(app: &TestApp, reference: &str, kind: &str) -> Vendor {
    let keys = app
        .vendor("supabase")
        .get(&format!("/v1/projects/{reference}/api-keys?reveal=true"))
        .await;
    let keys = keys.as_array().expect("a list");
    let key = keys
        .iter()
        .find(|key| key["type"] == kind)
        .expect("a key of that kind");
    let url = app
        .cloud
        .variable("FABRIK_SUPABASE_PROJECT_URL")
        .replace("{ref}", reference);
    Vendor::project(&url, key["api_key"].as_str().expect("revealed"))
}

#[tokio::test]
async fn a_customer_is_provisioned_and_provisioning_again_changes_nothing() {
    let app = TestApp::new().await;
    let customer = app.add("akermark").await;
    assert_eq!(
        customer["status"], "pending",
        "nothing was made yet: {customer}"
    );

    let plan = app
        .run(&["plan", "akermark", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(plan["can_run"], true, "{plan}");
    let steps = plan["steps"].as_array().unwrap();
    assert_eq!(
        steps
            .iter()
            .map(|step| step["id"].as_str().unwrap())
            .collect::<Vec<_>>(),
        STEPS
    );
    for step in steps {
        let action = match first_state(step) {
            "skipped" => "skip",
            _ => "create",
        };
        assert_eq!(step["action"], action, "the cloud is empty: {step}");
    }
    assert!(plan["expected_seconds"].as_f64().unwrap() > 0.0, "{plan}");
    assert_eq!(plan["monthly_price"]["currency"], "USD", "{plan}");
    assert_eq!(app.cloud.mutating().await, 0, "a plan makes nothing");

    let document = app
        .run(&["provision", "akermark", "--json"])
        .await
        .exits(0)
        .json();
    first_run_is_as_promised(&document);
    assert_eq!(app.cloud.census().await, one_of_each());
    the_site_shows_the_customer(&document).await;
    the_records_know_it(&app, &document).await;
    the_admin_can_sign_in(&app, &document).await;

    let before = (app.cloud.mutating().await, app.cloud.census().await);
    let again = app
        .run(&["provision", "akermark", "--json"])
        .await
        .exits(0)
        .json();
    assert_ne!(
        again["run"]["id"], document["run"]["id"],
        "a run of its own"
    );
    assert_eq!(again["run"]["state"], "succeeded");
    assert!(
        states(&again)
            .iter()
            .all(|state| matches!(*state, "adopted" | "skipped")),
        "everything is there: {again}"
    );
    let adopted = |resource: &Value| resource["origin"] == "adopted";
    assert!(
        again["run"]["resources"]
            .as_array()
            .unwrap()
            .iter()
            .all(adopted),
        "{again}"
    );
    assert_eq!(again["instance_url"], document["instance_url"]);
    assert_eq!(
        (app.cloud.mutating().await, app.cloud.census().await),
        before,
        "0 mutating calls"
    );
}

#[tokio::test]
async fn what_matters_only_when_something_is_made_refuses_nobody_who_has_it() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    let provision = ["provision", "akermark", "--json"];
    app.run(&provision).await.exits(0);
    app.run(&["settings", "set", "supabase.region", "af-south-1"])
        .await
        .exits(0);
    let unmarked = json!({ "is_template": false });
    let (status, answer) = app
        .vendor("github")
        .call(Method::PATCH, "/repos/sandbox-agency/template", &unmarked)
        .await;
    assert_eq!(status, 200, "it is no template any more: {answer}");
    let no_app = json!({ "vercel": { "github_app": "missing" } });
    app.cloud.steer("accounts", &no_app).await;

    let before = (app.cloud.mutating().await, app.cloud.census().await);
    let plan = app.run(&["plan", "akermark", "--json"]).await;
    let plan = plan.exits(0).json();
    assert_eq!(plan["missing"], json!([]), "{plan:#}");
    let again = app.run(&provision).await.exits(0).json();
    assert!(
        states(&again)
            .iter()
            .all(|state| matches!(*state, "adopted" | "skipped")),
        "everything is there: {again:#}"
    );
    let after = (app.cloud.mutating().await, app.cloud.census().await);
    assert_eq!(after, before, "0 mutating calls");

    app.add("bergstrom").await;
    let refused = app.run(&["plan", "bergstrom", "--json"]).await;
    let refused = refused.exits(3).json();
    let told = refused["missing"].to_string();
    for code in [
        "region_not_offered",
        "template_not_template",
        "vercel_app_missing",
    ] {
        assert!(told.contains(code), "{code}: {refused:#}");
    }
}

fn first_run_is_as_promised(document: &Value) {
    let run = &document["run"];
    assert_eq!(run["state"], "succeeded", "{document}");
    for field in ["id", "operator", "started_at", "finished_at"] {
        assert!(run[field].is_string(), "run.{field}: {run}");
    }
    for step in run["steps"].as_array().unwrap() {
        assert_eq!(step["state"], first_state(step), "{step}");
        for field in ["id", "kind", "started_at", "finished_at"] {
            assert!(step[field].is_string(), "step.{field}: {step}");
        }
        assert!(
            step["attempts"].is_u64() && step.get("error").is_none(),
            "{step}"
        );
    }
    for resource in run["resources"].as_array().unwrap() {
        assert_eq!(
            (&resource["origin"], &resource["state"]),
            (&json!("created"), &json!("live")),
            "{resource}"
        );
        assert!(
            !resource["id"].as_str().unwrap().is_empty(),
            "the vendor's id is known: {resource}"
        );
    }
    let customer = &document["customer"];
    assert_eq!(customer["status"], "active", "{customer}");
    assert_eq!(
        customer["production_url"], document["instance_url"],
        "{customer}"
    );
    for field in ["github_repo_url", "supabase_project_ref"] {
        assert!(customer[field].is_string(), "customer.{field}: {customer}");
    }
}

async fn the_site_shows_the_customer(document: &Value) {
    let site = Vendor::open(document["instance_url"].as_str().expect("an instance"));
    let page = site.get("").await;
    assert!(
        page.as_str().unwrap().contains("Akermark"),
        "the customer's name is on its page: {page}"
    );
}

async fn the_records_know_it(app: &TestApp, document: &Value) {
    let run = document["run"]["id"].as_str().unwrap();
    let shown = app
        .run(&["runs", "show", run, "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(
        shown["run"], document["run"],
        "the journal says what the run said"
    );
    let list = app.run(&["runs", "list", "--json"]).await.exits(0).json();
    assert_eq!(list["runs"].as_array().unwrap().len(), 1, "{list}");
}

/// The only way in is the mail: its link is for one use, and lets a password be set.
async fn the_admin_can_sign_in(app: &TestApp, document: &Value) {
    let mails = app.cloud.mails().await;
    let mail = &mails[0];
    assert!(
        mail["subject"].as_str().unwrap().starts_with("Välkommen"),
        "it is in Swedish: {mail}"
    );
    assert!(
        mail["to"].to_string().contains("anna@akermark.example"),
        "{mail}"
    );
    let (html, text) = (
        mail["html"].as_str().unwrap(),
        mail["text"].as_str().unwrap(),
    );
    let link = text
        .split_whitespace()
        .find(|word| word.contains("/auth/v1/verify"))
        .unwrap_or_else(|| panic!("a link in the text: {text}"));
    let shown = html.replace("&#x2f;", "/").replace("&amp;", "&");
    assert!(shown.contains(link), "the same link in the HTML: {html}");
    assert!(
        text.contains(document["instance_url"].as_str().unwrap()),
        "the instance's address: {text}"
    );

    let fragment = follow(link).await;
    assert!(
        fragment.starts_with(document["instance_url"].as_str().unwrap()),
        "back to the instance: {fragment}"
    );
    let session = fragment
        .split(['#', '&'])
        .find_map(|part| part.strip_prefix("access_token="))
        .unwrap_or_else(|| panic!("the link signs in: {fragment}"));

    let reference = document["customer"]["supabase_project_ref"]
        .as_str()
        .unwrap();
    let anonymous = project(app, reference, "publishable").await;
    let signed_in = anonymous.signed_in(session);
    let password = json!({ "password": "correct horse battery staple" });
    let (status, user) = signed_in
        .call(Method::PUT, "/auth/v1/user", &password)
        .await;
    assert_eq!(status, 200, "the password is set: {user}");
    let credentials = json!({ "email": "anna@akermark.example", "password": password["password"] });
    let session = anonymous
        .post("/auth/v1/token?grant_type=password", &credentials)
        .await;
    let token = session["access_token"].as_str().expect("a session");
    let rows = anonymous
        .signed_in(token)
        .get("/rest/v1/members?select=email,role")
        .await;
    assert_eq!(
        rows,
        json!([{ "email": "anna@akermark.example", "role": "admin" }]),
        "its own row, by policy"
    );

    let users = project(app, reference, "secret")
        .await
        .get("/auth/v1/admin/users")
        .await;
    assert_eq!(
        users["users"].as_array().unwrap().len(),
        1,
        "one administrator: {users}"
    );
    let twice = follow(link).await;
    assert!(
        !twice.contains("access_token"),
        "the link works once: {twice}"
    );
}

/// Where a link leads.
async fn follow(link: &str) -> String {
    let client = crate::world::client();
    let answer = client.get(link).send().await.expect("an answer");
    let location = answer
        .headers()
        .get("location")
        .map(|value| value.to_str().unwrap().to_owned());
    location.unwrap_or_else(|| panic!("{link}: {}", answer.status()))
}

#[tokio::test]
async fn the_welcome_mail_is_in_the_customers_language() {
    let app = TestApp::new().await;
    let arguments = [
        "customers",
        "add",
        "Baker Street",
        "--subdomain",
        "baker",
        "--email",
        "info@baker.example",
        "--blueprint",
        "factory",
        "--plan",
        "professional",
        "--language",
        "en",
    ];
    app.run(&arguments).await.exits(0);
    let said = app
        .run(&["provision", "baker", "--lang", "sv"])
        .await
        .exits(0);
    assert!(
        said.stdout.contains("Baker Street: klar på"),
        "the operator reads Swedish: {}",
        said.stdout
    );
    let mails = app.cloud.mails().await;
    assert_eq!(mails.len(), 1);
    assert!(
        mails[0]["subject"].as_str().unwrap().starts_with("Welcome"),
        "{}",
        mails[0]["subject"]
    );
    assert!(
        mails[0]["from"]
            .to_string()
            .contains("sandbox-agency.example"),
        "{}",
        mails[0]["from"]
    );
}

#[tokio::test]
async fn a_module_switched_on_for_a_live_instance_is_brought_to_it_and_nothing_else() {
    let app = TestApp::new().await;
    let list = app.run(&["blueprints", "list", "--json"]).await;
    let list = list.exits(0).json();
    let all = list["blueprints"].as_array().expect("a list").iter();
    let with_modules: Vec<_> = all
        .filter(|one| !one["modules"].as_array().expect("modules").is_empty())
        .collect();
    assert!(with_modules.len() >= 2, "{list:#}");
    for blueprint in with_modules {
        let name = blueprint["name"].as_str().expect("a name");
        let plan = blueprint["plans"][0]["name"].as_str().expect("a plan");
        let modules = blueprint["modules"].as_array().expect("modules").iter();
        let modules: Vec<_> = modules.map(|one| one.as_str().expect("a word")).collect();
        toggled(name, plan, &modules).await;
    }
}

/// Switches a module of a live instance of this blueprint on, then all others, and the first off again.
async fn toggled(blueprint: &str, plan: &str, modules: &[&str]) {
    let app = TestApp::new().await;
    app.add_on("akermark", blueprint, plan).await;
    let provision = ["provision", "akermark", "--json"];
    let first = app.run(&provision).await.exits(0).json();
    let before = app.cloud.census().await;
    let mut deployed = made(&first, "vercel_deployment").clone();
    for (number, chosen) in (1_u64..).zip([&modules[..1], modules, &modules[1..]]) {
        let mut edit = vec!["customers", "edit", "akermark"];
        edit.extend(chosen.iter().flat_map(|module| ["--module", *module]));
        app.run(&edit).await.exits(0);
        let run = app.run(&provision).await.exits(0).json();
        let done: Vec<_> = run["run"]["steps"]
            .as_array()
            .expect("steps")
            .iter()
            .filter(|step| step["state"] == "done")
            .map(|step| step["id"].as_str().expect("an id"))
            .collect();
        assert_eq!(done, ["config", "env", "deploy"], "{blueprint}: {run:#}");
        let mut after = app.cloud.census().await;
        assert_eq!(
            after["deployments"],
            1 + 2 * number,
            "Vercel's own for the commit, and ours with the variables"
        );
        after["deployments"] = before["deployments"].clone();
        assert_eq!(after, before, "nothing else came, nobody is welcomed twice");

        let config = config_of(&app, &run).await;
        for module in modules {
            let on = chosen.contains(module);
            assert_eq!(config["modules"][module], on, "{blueprint}: {config:#}");
        }
        let joined = chosen.join(",");
        let variable = variable_of(&app, &run, "NEXT_PUBLIC_MODULES").await;
        assert_eq!(variable, joined, "{blueprint}");
        let deployment = made(&run, "vercel_deployment");
        assert_ne!(deployment["id"], deployed["id"], "{blueprint}: {run:#}");
        deployed = deployment.clone();
        let site = Vendor::open(run["instance_url"].as_str().expect("an instance"));
        let page = site.get("").await;
        let page = page.as_str().expect("a page");
        let shown = format!("<code>{joined}</code>");
        assert!(page.contains(&shown), "the site has it: {page}");
    }
}

/// What a run made of this kind, or found.
pub(crate) fn made<'d>(document: &'d Value, kind: &str) -> &'d Value {
    let resources = document["run"]["resources"].as_array().unwrap();
    let found = resources.iter().find(|one| one["kind"] == kind);
    found.unwrap_or_else(|| panic!("{kind}: {document:#}"))
}

/// What the customer's repository says to its site.
async fn config_of(app: &TestApp, document: &Value) -> Value {
    let url = document["customer"]["github_repo_url"].as_str().unwrap();
    let mut parts = url.rsplit('/');
    let (name, owner) = (parts.next().unwrap(), parts.next().unwrap());
    let path = format!("/repos/{owner}/{name}/contents/client-config.json");
    let file = app.vendor("github").get(&path).await;
    // GitHub breaks its lines.
    let content = file["content"].as_str().unwrap().replace('\n', "");
    let content = STANDARD.decode(content).unwrap();
    serde_json::from_slice(&content).unwrap()
}

/// A variable of the customer's project that everybody may read.
async fn variable_of(app: &TestApp, document: &Value, key: &str) -> String {
    let project = made(document, "vercel_project")["id"].as_str().unwrap();
    let team = app.cloud.variable("FABRIK_VERCEL_TEAM");
    let path = format!("/v10/projects/{project}/env?decrypt=true&teamId={team}");
    let answer = app.vendor("vercel").get(&path).await;
    let mut all = answer["envs"].as_array().unwrap().iter();
    let found = all.find(|one| one["key"] == key);
    let found = found.unwrap_or_else(|| panic!("{key}: {answer:#}"));
    found["value"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_site_that_does_not_answer_is_handed_over_where_its_check_is_switched_off() {
    let mut app = TestApp::new().await;
    let made = app
        .run(&["blueprints", "new", "mine", "--from", "factory", "--json"])
        .await
        .exits(0)
        .json();
    let file = Path::new(made["folder"].as_str().unwrap()).join("blueprint.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (before, check) = text.split_once("kind = \"site-check\"").unwrap();
    let elsewhere = check.replacen("{{ deploy.url }}", "{{ deploy.url }}-elsewhere", 1);
    fs::write(&file, format!("{before}kind = \"site-check\"{elsewhere}")).unwrap();
    app.add_on("akermark", "mine", "starter").await;
    let provision = ["provision", "akermark", "--json"];
    let failed = app.run(&provision).await.exits(1).json();
    assert_eq!(failed["code"], "site_answers_error", "{failed:#}");
    assert_eq!(welcomed(&app).await, 0, "nobody is invited");

    app.set("FABRIK_SITE_CHECK", "off");
    let document = app.run(&provision).await.exits(0).json();
    let steps = document["run"]["steps"].as_array().unwrap();
    let check = steps.iter().find(|step| step["id"] == "check").unwrap();
    assert_eq!(check["state"], "skipped", "{document:#}");
    assert_eq!(welcomed(&app).await, 1);
}

/// How many mails the customer has got.
async fn welcomed(app: &TestApp) -> usize {
    let mails = app.cloud.mails().await;
    let to_customer = mails
        .iter()
        .filter(|mail| mail["to"][0] == "anna@akermark.example");
    to_customer.count()
}
