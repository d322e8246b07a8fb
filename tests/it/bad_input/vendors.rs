//! What the accounts at the vendors don't allow.

use serde_json::{Value, json};

use super::{cannot_be_provisioned, guilty, problem};
use crate::world::TestApp;

const TOKENS: [&str; 4] = ["SUPABASE", "GITHUB", "VERCEL", "RESEND"];

async fn world() -> TestApp {
    let app = TestApp::new().await;
    app.add("akermark").await;
    app
}

/// The providers of all problems of this code.
fn providers<'a>(plan: &'a Value, code: &str) -> Vec<&'a str> {
    let missing = plan["missing"].as_array().expect("a list");
    let mut found: Vec<_> = missing
        .iter()
        .filter(|problem| problem["code"] == code)
        .map(|problem| problem["provider"].as_str().expect("whose"))
        .collect();
    found.sort_unstable();
    found
}

#[tokio::test]
async fn missing_credentials_are_named_all_at_once() {
    let mut app = world().await;
    for provider in TOKENS {
        app.unset(&format!("FABRIK_SECRET_{provider}"));
    }
    let plan = cannot_be_provisioned(&app, "akermark", "credential_missing").await;
    assert_eq!(
        providers(&plan, "credential_missing"),
        ["github", "resend", "supabase", "vercel"]
    );
}

#[tokio::test]
async fn wrong_credentials_are_named_all_at_once() {
    let mut app = world().await;
    app.set(
        "FABRIK_SECRET_SUPABASE",
        "sbp_0000000000000000000000000000000000000000",
    );
    app.set("FABRIK_SECRET_VERCEL", "000000000000000000000000");
    let plan = cannot_be_provisioned(&app, "akermark", "credential_rejected").await;
    assert_eq!(
        providers(&plan, "credential_rejected"),
        ["supabase", "vercel"]
    );
    app.set(
        "FABRIK_SECRET_GITHUB",
        "ghp_000000000000000000000000000000000000",
    );
    app.set(
        "FABRIK_SECRET_RESEND",
        "re_00000000_000000000000000000000000",
    );
    let plan = cannot_be_provisioned(&app, "akermark", "credential_rejected").await;
    assert_eq!(
        providers(&plan, "credential_rejected"),
        ["github", "resend", "supabase", "vercel"]
    );
}

#[tokio::test]
async fn missing_settings_and_credentials_are_named_all_at_once() {
    let mut app = world().await;
    for setting in [
        "SUPABASE_ORGANIZATION",
        "GITHUB_OWNER",
        "GITHUB_TEMPLATE",
        "EMAIL_FROM",
    ] {
        app.unset(&format!("FABRIK_{setting}"));
    }
    for provider in TOKENS {
        app.unset(&format!("FABRIK_SECRET_{provider}"));
    }
    let plan = cannot_be_provisioned(&app, "akermark", "setting_missing").await;
    assert_eq!(
        providers(&plan, "credential_missing"),
        ["github", "resend", "supabase", "vercel"],
        "the keys are not told only when the settings are there"
    );
    let missing = plan["missing"].as_array().unwrap();
    let missing = missing
        .iter()
        .filter(|problem| problem["code"] == "setting_missing");
    let mut missing: Vec<_> = missing
        .map(|problem| problem["setting"].as_str().unwrap())
        .collect();
    missing.sort_unstable();
    assert_eq!(
        missing,
        [
            "email.from",
            "github.owner",
            "github.template",
            "supabase.organization"
        ]
    );
}

#[tokio::test]
async fn a_region_that_is_not_offered_is_refused_with_those_there_are() {
    let app = world().await;
    app.run(&["settings", "set", "supabase.region", "af-south-1"])
        .await
        .exits(0);
    let plan = cannot_be_provisioned(&app, "akermark", "region_not_offered").await;
    assert_eq!(guilty(&plan, "region_not_offered"), ["supabase"]);
    let takes = plan["expected_seconds"].clone();
    let problem = problem(&plan, "region_not_offered");
    let said = format!("{} {}", problem["message"], problem["hint"]);
    for word in ["af-south-1", "eu-north-1", "eu-central-1"] {
        assert!(said.contains(word), "{word} is in what people read: {said}");
    }
    app.run(&["settings", "set", "supabase.region", "eu-central-1"])
        .await
        .exits(0);
    let plan = app.run(&["plan", "akermark", "--json"]).await.exits(0);
    let plan = plan.json();
    assert_eq!(
        plan["expected_seconds"], takes,
        "as long as was said before it was mended"
    );
}

#[tokio::test]
async fn a_region_that_is_full_is_refused_with_those_that_have_room() {
    let app = world().await;
    let full = json!({ "supabase": { "regions_full": ["eu-north-1"] } });
    app.cloud.steer("accounts", &full).await;
    let plan = cannot_be_provisioned(&app, "akermark", "region_not_offered").await;
    assert_eq!(guilty(&plan, "region_not_offered"), ["supabase"]);
    let problem = problem(&plan, "region_not_offered");
    assert_eq!(problem["region"], "eu-north-1", "{problem}");
    let offered = problem["offered"].as_array().expect("those with room");
    assert!(!offered.contains(&json!("eu-north-1")), "{problem}");
    assert!(offered.contains(&json!("eu-central-1")), "{problem}");
    app.run(&["settings", "set", "supabase.region", "eu-central-1"])
        .await
        .exits(0);
    app.run(&["plan", "akermark"]).await.exits(0);
}

#[tokio::test]
async fn a_template_that_is_none_is_refused() {
    let mut app = world().await;
    app.set("FABRIK_GITHUB_TEMPLATE", "sandbox-agency/nothing");
    cannot_be_provisioned(&app, "akermark", "template_not_visible").await;
    // A repository made from a template is none itself.
    let body = json!({ "owner": "sandbox-agency", "name": "ordinary" });
    app.vendor("github")
        .post("/repos/sandbox-agency/template/generate", &body)
        .await;
    app.set("FABRIK_GITHUB_TEMPLATE", "sandbox-agency/ordinary");
    let plan = cannot_be_provisioned(&app, "akermark", "template_not_template").await;
    assert_eq!(guilty(&plan, "template_not_template"), ["repo"]);
}

#[tokio::test]
async fn accounts_that_the_tokens_can_not_see_are_refused() {
    let mut app = world().await;
    app.set("FABRIK_SUPABASE_ORGANIZATION", "somebodyelsesorgxxxx");
    cannot_be_provisioned(&app, "akermark", "organization_not_visible").await;
    app.set(
        "FABRIK_SUPABASE_ORGANIZATION",
        app.cloud
            .variable("FABRIK_SUPABASE_ORGANIZATION")
            .to_owned(),
    );
    app.cloud
        .steer(
            "accounts",
            &json!({ "supabase": { "organization_hidden": true } }),
        )
        .await;
    cannot_be_provisioned(&app, "akermark", "organization_not_visible").await;
    app.cloud
        .steer(
            "accounts",
            &json!({ "supabase": { "organization_hidden": null } }),
        )
        .await;

    app.set("FABRIK_GITHUB_OWNER", "somebody-else");
    cannot_be_provisioned(&app, "akermark", "owner_not_visible").await;
    app.set("FABRIK_GITHUB_OWNER", "sandbox-agency");
    app.set("FABRIK_VERCEL_TEAM", "team_000000000000000000000000");
    cannot_be_provisioned(&app, "akermark", "team_not_visible").await;
}

#[tokio::test]
async fn what_bears_the_name_and_is_not_ours_is_left_alone() {
    let app = world().await;
    let team = app.cloud.variable("FABRIK_VERCEL_TEAM");
    let organization = app.cloud.variable("FABRIK_SUPABASE_ORGANIZATION");
    app.vendor("vercel")
        .post(
            &format!("/v11/projects?teamId={team}"),
            &json!({ "name": "akermark" }),
        )
        .await;
    let project = json!({ "name": "akermark", "organization_slug": organization, "db_pass": "0123456789abcdef",
                          "region_selection": { "type": "specific", "code": "eu-north-1" } });
    app.vendor("supabase").post("/v1/projects", &project).await;
    let repository = json!({ "owner": "sandbox-agency", "name": "akermark" });
    app.vendor("github")
        .post("/repos/sandbox-agency/template/generate", &repository)
        .await;

    let plan = cannot_be_provisioned(&app, "akermark", "name_taken").await;
    let steps = plan["steps"].as_array().unwrap();
    for id in ["supabase", "repo", "site"] {
        let step = steps.iter().find(|step| step["id"] == id).unwrap();
        assert_eq!(
            (&step["action"], &step["because"]["code"]),
            (&json!("conflict"), &json!("name_taken")),
            "{step}"
        );
    }
}

#[tokio::test]
async fn a_vercel_app_that_does_not_see_the_repositories_is_refused() {
    let app = world().await;
    app.cloud
        .steer(
            "accounts",
            &json!({ "vercel": { "github_app": "missing" } }),
        )
        .await;
    let plan = cannot_be_provisioned(&app, "akermark", "vercel_app_missing").await;
    assert_eq!(guilty(&plan, "vercel_app_missing"), ["site"]);
    let problem = problem(&plan, "vercel_app_missing");
    assert!(
        problem["hint"]
            .to_string()
            .contains("https://github.com/apps/vercel"),
        "where to mend it: {problem}"
    );
}

/// Vercel says the same of it as of an app that is missing.
#[tokio::test]
async fn a_vercel_user_without_a_github_login_is_refused_with_where_to_connect_it() {
    let app = world().await;
    let no_login = json!({ "vercel": { "github_login_connection": false } });
    app.cloud.steer("accounts", &no_login).await;
    let plan = cannot_be_provisioned(&app, "akermark", "vercel_app_missing").await;
    let problem = problem(&plan, "vercel_app_missing");
    let hint = problem["hint"].to_string();
    assert!(hint.contains("Settings → Authentication"), "{problem}");
}

#[tokio::test]
async fn a_vercel_app_for_chosen_repositories_is_refused_where_the_token_may_know() {
    let app = world().await;
    let limited = json!({ "vercel": { "github_app": "limited" } });
    app.cloud.steer("accounts", &limited).await;
    let plan = cannot_be_provisioned(&app, "akermark", "vercel_app_limited").await;
    let problem = problem(&plan, "vercel_app_limited");
    assert_eq!(problem["repository"], "sandbox-agency/*", "{problem}");
    assert!(
        problem["hint"]
            .to_string()
            .contains("https://github.com/apps/vercel"),
        "where to mend it: {problem}"
    );
    let token = app.cloud.variable("FABRIK_SECRET_GITHUB");
    let narrow = json!({ "provider": "github", "token": token, "scopes": ["repo", "delete_repo", "workflow"] });
    app.cloud.steer("tokens", &narrow).await;
    app.run(&["plan", "akermark"]).await.exits(0);
}

/// Vercel says on a deployment alone what is paid for.
#[tokio::test]
async fn a_vercel_account_on_hobby_is_refused_an_organizations_private_repository() {
    let app = world().await;
    let plan = |plan: Option<&str>| json!({ "vercel": { "plan": plan } });
    app.cloud.steer("accounts", &plan(Some("hobby"))).await;
    app.run(&["plan", "akermark"]).await.exits(0);
    let team = app.cloud.variable("FABRIK_VERCEL_TEAM");
    let vercel = app.vendor("vercel");
    let path = format!("/v11/projects?teamId={team}");
    vercel.post(&path, &json!({ "name": "earlier" })).await;
    let deploy = async || {
        let path = format!("/v13/deployments?teamId={team}");
        let source =
            json!({ "type": "github", "org": "sandbox-agency", "repo": "template", "ref": "main" });
        let body = json!({ "name": "earlier", "project": "earlier", "gitSource": source });
        vercel.post(&path, &body).await
    };
    assert_eq!(deploy().await["plan"], "hobby");
    let refused = cannot_be_provisioned(&app, "akermark", "vercel_hobby").await;
    assert_eq!(guilty(&refused, "vercel_hobby"), ["site"]);
    let problem = problem(&refused, "vercel_hobby");
    let named = (&problem["team"], &problem["owner"]);
    assert_eq!(named, (&json!(team), &json!("sandbox-agency")), "{problem}");
    let hint = problem["hint"].to_string();
    assert!(hint.contains("Pro") && hint.contains("Redeploy"), "{hint}");

    app.cloud.steer("accounts", &plan(None)).await;
    assert_eq!(deploy().await["plan"], "pro");
    app.run(&["plan", "akermark"]).await.exits(0);
}

#[tokio::test]
async fn a_sender_whose_domain_is_not_verified_is_refused() {
    let mut app = world().await;
    app.cloud
        .steer(
            "accounts",
            &json!({ "resend": { "domain_status": "pending" } }),
        )
        .await;
    cannot_be_provisioned(&app, "akermark", "sender_unverified").await;
    app.cloud
        .steer("accounts", &json!({ "resend": { "domain_status": null } }))
        .await;
    app.run(&["doctor"]).await.exits(0);
    app.set("FABRIK_EMAIL_FROM", "Agency <hello@unknown.example>");
    cannot_be_provisioned(&app, "akermark", "sender_unverified").await;
    let looked = app.run(&["doctor", "--json"]).await.json();
    assert_eq!(looked["code"], "sender_unverified", "{looked:#}");
}

#[tokio::test]
async fn a_vendor_that_only_says_to_wait_is_no_fault() {
    let app = world().await;
    let wait = json!([{ "provider": "resend", "every": 1, "do": "status:429" }]);
    app.cloud.faults(wait).await;
    let looked = app.run(&["doctor", "--json"]).await.exits(4).json();
    assert_eq!(looked["code"], "throttled", "{looked:#}");
    let findings = looked["findings"].as_array().expect("a list");
    let troubled = findings.iter().filter(|one| one["problem"].is_object());
    let troubled: Vec<_> = troubled.filter(|one| one["optional"] == false).collect();
    assert_eq!(troubled.len(), 1, "{looked:#}");
    let expected = (&json!("credential"), &json!("Resend"), &json!(true));
    let told = troubled[0];
    assert_eq!((&told["subject"], &told["name"], &told["waits"]), expected);
    let tested = app.run(&["credentials", "test", "resend", "--json"]).await;
    let tested = tested.exits(4).json();
    assert_eq!(tested["state"], "waits", "{tested:#}");
    app.run(&["credentials", "test"]).await.exits(4);
}

#[tokio::test]
async fn a_free_organization_with_two_projects_allows_no_more() {
    let app = world().await;
    let organization = app.cloud.variable("FABRIK_SUPABASE_ORGANIZATION");
    app.cloud
        .steer("accounts", &json!({ "supabase": { "plan": "free" } }))
        .await;
    for name in ["one", "another"] {
        let project = json!({ "name": name, "organization_slug": organization, "db_pass": "0123456789abcdef",
                              "region_selection": { "type": "specific", "code": "eu-north-1" } });
        app.vendor("supabase").post("/v1/projects", &project).await;
    }
    cannot_be_provisioned(&app, "akermark", "project_limit_reached").await;
}

/// The tokens come from the environment; a database's password has to be kept somewhere else.
#[tokio::test]
async fn a_keyring_that_is_not_there_is_told_before_anything_is_made() {
    let mut app = world().await;
    app.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
    let plan = cannot_be_provisioned(&app, "akermark", "keyring_missing").await;
    let missing = plan["missing"].as_array().expect("a list");
    assert_eq!(
        missing.len(),
        1,
        "once, not for each that needs it: {plan:#}"
    );
}
