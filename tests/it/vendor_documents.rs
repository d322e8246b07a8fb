//! Every call of whole runs held against the vendors' own documents: the requests that the clients make, and
//! the answers that the sandbox gives.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::{
    openapi::{Document, are_there},
    recorder::{Exchange, Recorder},
    world::TestApp,
};

/// Statuses that the documents lack and the vendors give: operation (`*` for all of an API), status, source.
const KNOWN: &[(&str, u16, &str)] = &[
    (
        "supabase *",
        400,
        "the document declares no error bodies; a removed project answers 400",
    ),
    (
        "supabase *",
        401,
        "the document declares it for few operations; every call needs a token",
    ),
    (
        "supabase *",
        429,
        "the documented limit of 120 calls a minute",
    ),
    (
        "supabase *",
        500,
        "the document declares no error bodies; odd 5xx numbers are to be expected",
    ),
    (
        "github *",
        401,
        "a revoked token; the document asks for no token at all",
    ),
    (
        "github *",
        429,
        "the secondary limits, in the guide to rate limits",
    ),
    ("github *", 500, "any server fails at times"),
    (
        "github GET /repos/{owner}/{repo}/branches/{branch}",
        409,
        "an empty repository, just after generate",
    ),
    (
        "github GET /repos/{owner}/{repo}/contents/{path}",
        409,
        "an empty repository, just after generate",
    ),
    (
        "github POST /repos/{template_owner}/{template_repo}/generate",
        422,
        "a name that is taken",
    ),
    (
        "vercel *",
        404,
        "the errors page lists it for every operation; the document for few",
    ),
    ("vercel *", 429, "the errors page: per endpoint"),
    ("vercel *", 500, "any server fails at times"),
    (
        "resend *",
        403,
        "an invalid key, or a domain that is not verified",
    ),
    ("resend *", 429, "the rate limit of five calls a second"),
    ("resend *", 500, "any server fails at times"),
    (
        "project POST /token",
        400,
        "wrong credentials; declared in prose",
    ),
    ("project *", 404, "a user that is not there"),
    ("project *", 429, "the limits of a project's Auth"),
    ("project *", 500, "any server fails at times"),
];

fn known(operation: &str, status: u16) -> bool {
    let api = operation.split(' ').next().unwrap_or_default();
    KNOWN
        .iter()
        .any(|(of, code, _)| *code == status && (*of == operation || *of == format!("{api} *")))
}

/// What must have been called for the test to have seen the whole product.
const EXPECTED: [&str; 35] = [
    "supabase POST /v1/projects",
    "supabase GET /v1/projects/{ref}",
    "supabase GET /v1/projects/{ref}/health",
    "supabase GET /v1/projects/{ref}/api-keys",
    "supabase POST /v1/projects/{ref}/database/query",
    "supabase PATCH /v1/projects/{ref}/config/auth",
    "supabase GET /v1/projects/{ref}/config/database/pooler",
    "supabase GET /v1/projects/{ref}/billing/addons",
    "supabase PATCH /v1/projects/{ref}/billing/addons",
    "project POST /admin/users",
    "project POST /admin/generate_link",
    "github POST /repos/{template_owner}/{template_repo}/generate",
    "github PUT /repos/{owner}/{repo}/contents/{path}",
    "vercel POST /v11/projects",
    "vercel POST /v10/projects/{idOrName}/env",
    "vercel POST /v13/deployments",
    "vercel POST /v10/projects/{idOrName}/domains",
    "vercel GET /v9/projects/{idOrName}/domains/{domain}",
    "vercel POST /v9/projects/{idOrName}/domains/{domain}/verify",
    "vercel GET /v6/domains/{domain}/config",
    "resend POST /emails",
    "n8n GET /workflows",
    "n8n POST /workflows",
    "n8n POST /workflows/{workflowId}/publish",
    "n8n DELETE /workflows/{workflowId}",
    "n8n POST /credentials",
    "gitea POST /orgs/{org}/repos",
    "gitea POST /repos/{owner}/{repo}/contents",
    "stripe GET /v1/account",
    "stripe GET /v1/events",
    "stripe GET /v1/checkout/sessions/{id}",
    "stripe GET /v1/subscriptions",
    "stripe GET /v1/subscriptions/{id}",
    "stripe GET /v1/prices/{id}",
    "stripe GET /v1/customers/{id}",
];

#[tokio::test]
async fn every_call_is_as_the_vendors_documents_say() {
    if !are_there() {
        return;
    }
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    everything(&app).await;

    let documents = BTreeMap::from([
        ("supabase", Document::load("supabase-management", "")),
        ("project", Document::load("supabase-auth", "/auth/v1")),
        ("github", Document::load("github", "")),
        ("vercel", Document::load("vercel", "")),
        ("n8n", Document::load("n8n", "/api/v1")),
        ("gitea", Document::load("gitea", "/api/v1")),
        ("resend", Document::load("resend", "")),
        ("stripe", Document::load("stripe", "")),
    ]);
    let mut seen = BTreeSet::new();
    let mut wrong = BTreeSet::new();
    let mut undescribed = 0;
    let exchanges = recorder.exchanges();
    for exchange in exchanges.iter().map(below_its_project) {
        // PostgREST's own interface follows from each project's tables: no vendor's document describes it. A repository
        // by its id is where GitHub's own redirects from a former name lead, and in no document either.
        if exchange.api == "project" && exchange.path.starts_with("/rest/v1")
            || exchange.api == "github" && exchange.path.starts_with("/repositories/")
        {
            undescribed += 1;
            continue;
        }
        let (operation, faults) = documents[exchange.api].check(&exchange, known);
        seen.insert(operation);
        wrong.extend(faults);
    }
    #[expect(clippy::print_stderr, reason = "what the figure covers")]
    {
        eprintln!(
            "{} calls of {} operations held against the vendors' documents; {undescribed} calls of /rest/v1 and of \
             repositories by their ids have none",
            exchanges.len(),
            seen.len(),
        );
    }
    assert!(wrong.is_empty(), "{} violations: {wrong:#?}", wrong.len());
    let missing: Vec<_> = EXPECTED
        .iter()
        .filter(|operation| !seen.contains(**operation))
        .collect();
    assert!(
        missing.is_empty(),
        "never called: {missing:#?}; called: {seen:#?}"
    );
}

/// Without the project's ref, which is the host's name in real life.
fn below_its_project(exchange: &Exchange) -> Exchange {
    let mut exchange = exchange.clone();
    if exchange.api == "project" {
        let (_, rest) = exchange.path[1..]
            .split_once('/')
            .expect("a path below the project");
        exchange.path = format!("/{rest}");
    }
    exchange
}

/// Whole runs, again, with faults, and what is asked around them.
async fn everything(app: &TestApp) {
    app.run(&["credentials", "test", "--json"]).await.exits(0);
    // A domain of the agency's, which must be proved to Vercel and leads nowhere yet.
    app.set_base_domain("norrform.se").await;
    let elsewhere = json!({ "vercel": { "domains_elsewhere": ["norrform.se"] } });
    app.cloud.steer("accounts", &elsewhere).await;
    app.add("akermark").await;
    app.run(&["plan", "akermark"]).await.exits(0);
    app.run(&["provision", "akermark"]).await.exits(0);
    app.run(&["provision", "akermark"]).await.exits(0);
    app.run(&["plan", "akermark"]).await.exits(0);
    app.run(&["domains", "check"]).await.exits(4);
    let records = json!({ "domain": "*.norrform.se", "points": true, "challenge": true });
    app.cloud.steer("dns", &records).await;
    app.run(&["domains", "check"]).await.exits(0);

    stacks(app).await;
    subscriptions(app).await;

    // Errors of the vendors, in their own shape.
    app.add("bergstrom").await;
    let faults = json!([
        { "provider": "supabase", "method": "GET", "nth": 2, "do": "status:500" },
        { "provider": "github", "method": "GET", "nth": 3, "do": "status:500" },
        { "provider": "vercel", "method": "GET", "nth": 3, "do": "status:500" },
        { "provider": "resend", "nth": 2, "do": "status:429" },
    ]);
    app.cloud.faults(faults).await;
    app.run(&["plan", "bergstrom"]).await;
    app.cloud
        .faults(json!([{ "provider": "vercel", "method": "GET", "every": 5, "do": "status:429" }]))
        .await;
    let ran = app.run(&["provision", "bergstrom", "--json"]).await;
    app.cloud.faults(json!([])).await;
    if ran.status != 0 {
        app.run(&["runs", "resume", "--json"]).await;
    }
    // What a name that is taken looks like.
    app.vendor("github")
        .post(
            "/repos/sandbox-agency/template/generate",
            &json!({ "owner": "sandbox-agency", "name": "taken" }),
        )
        .await;
    app.add("taken").await;
    app.run(&["plan", "taken"]).await.exits(3);
}

/// Customers of the blueprints that do more: workflows with their copy and recovery, and an app that all share.
async fn stacks(app: &TestApp) {
    for (subdomain, blueprint) in [("cedergren", "client-stack"), ("dalgren", "orchestra")] {
        app.add_on(subdomain, blueprint, "enterprise").await;
        app.run(&["plan", subdomain]).await.exits(0);
        app.run(&["provision", subdomain]).await.exits(0);
        app.run(&["provision", subdomain]).await.exits(0);
        let remove = ["deprovision", subdomain, "--confirm", subdomain];
        app.run(&remove).await.exits(0);
    }
}

/// Who subscribes is read from a time on, then from the last event on.
async fn subscriptions(app: &TestApp) {
    for name in ["Lyran", "Svanen"] {
        let email = format!("info@{}.example", name.to_lowercase());
        let checkout = json!({ "do": "checkout", "name": name, "email": email, "price": "price_factory_starter" });
        app.cloud.steer("stripe", &checkout).await;
        let poll = app.run(&["stripe", "poll", "--json"]).await;
        let poll = poll.exits(0).json();
        assert_eq!(poll["added"][0]["name"], name, "{poll:#}");
    }
}
