//! The steps for GitHub, Vercel, Resend and the end, each against a vendor on this machine.

use fabrik_domain::{
    blueprint::StepKind,
    customer::CustomerStatus,
    ports::Secrets,
    resource::ResourceKind,
    run::Output,
    secret::{ExposeSecret, Secret, SecretRef},
};
use fabrik_engine::step::{Created, Found, Readiness, Step};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{
    client_config, finalize, github_repo,
    kept::Kept,
    registry::{Clouds, Entry},
    testing::{
        Asked, Memory, Scene, Vendor, github, http, parameters, resend, site, token, vercel,
    },
    vercel_deployment, vercel_environment, vercel_project, welcome_email,
};

fn build(entry: &Entry, base: &str, with: &Value) -> Box<dyn Step> {
    let url = || fabrik_clouds::BaseUrl::parse(base).unwrap();
    let clouds = Clouds {
        supabase: fabrik_clouds::supabase::Management::new(http(), url(), token()),
        projects: fabrik_clouds::supabase::ProjectUrl::parse("https://{ref}.supabase.co").unwrap(),
        github: github(base),
        vercel: vercel(base),
        resend: resend(base),
        site: site(),
        http: http(),
        secrets: std::sync::Arc::new(Memory::default()),
    };
    (entry.build)(&clouds, &parameters(with)).unwrap()
}

fn not_found() -> (u16, Value) {
    (
        404,
        json!({"message": "Not Found", "error": {"code": "not_found", "message": "no"}}),
    )
}

fn public(readiness: Readiness) -> Vec<(String, String)> {
    let Readiness::Ready(outputs) = readiness else {
        panic!("ready, not {readiness:?}")
    };
    outputs
        .into_iter()
        .map(|(name, output)| match output {
            Output::Public(text) => (name, text),
            Output::Secret(_) => panic!("{name} is public"),
        })
        .collect()
}

// --- GitHub ---

fn repository(description: &str) -> Value {
    json!({
        "id": 7, "full_name": "acme/akermark", "html_url": "https://github.com/acme/akermark",
        "description": description, "default_branch": "main", "is_template": true,
    })
}

const REPO: &str =
    r#"{"owner": "acme", "name": "akermark", "template": "acme/base", "description": "Åkermark"}"#;

async fn github_with(description: Option<String>) -> Vendor {
    Vendor::start(move |asked: &Asked| match asked.path.as_str() {
        "/user" => (200, json!({"login": "anna"})),
        "/orgs/acme" => (200, json!({"login": "acme"})),
        "/repos/acme/akermark" => match &description {
            Some(text) => (200, repository(text)),
            None => not_found(),
        },
        "/repos/acme/base/generate" => {
            (201, repository(asked.body["description"].as_str().unwrap()))
        }
        "/repos/acme/akermark/branches/main" => (200, json!({"commit": {"sha": "c0"}})),
        _ => not_found(),
    })
    .await
}

#[tokio::test]
async fn a_repository_is_ours_by_its_mark_and_foreign_without() {
    let scene = Scene::new(StepKind::GithubRepo, "repo");
    let with = serde_json::from_str(REPO).unwrap();
    let marked = github_with(Some(format!("Åkermark [{}]", scene.mark()))).await;
    let found = build(&github_repo::ENTRY, &marked.base, &with)
        .find(&scene.context())
        .await
        .unwrap();
    assert!(matches!(found, Found::Ours(ours) if ours.id == "7"));
    let other = github_with(Some("somebody's".to_owned())).await;
    let found = build(&github_repo::ENTRY, &other.base, &with)
        .find(&scene.context())
        .await
        .unwrap();
    assert!(matches!(found, Found::Foreign(problem) if problem.code() == "name_taken"));
}

#[tokio::test]
async fn a_repository_is_made_with_its_mark_and_is_ready_with_its_content() {
    let scene = Scene::new(StepKind::GithubRepo, "repo");
    let vendor = github_with(None).await;
    let step = build(
        &github_repo::ENTRY,
        &vendor.base,
        &serde_json::from_str(REPO).unwrap(),
    );
    assert!(matches!(
        step.find(&scene.context()).await.unwrap(),
        Found::Absent { .. }
    ));
    let Created::Resource(made) = step.create(&scene.context()).await.unwrap() else {
        panic!("it has an id")
    };
    let description = vendor.changes()[0].body["description"].clone();
    assert_eq!(description, json!(format!("Åkermark [{}]", scene.mark())));
    let outputs = public(
        step.await_ready(&scene.context(), Some(&made))
            .await
            .unwrap(),
    );
    assert!(outputs.contains(&("default_branch".to_owned(), "main".to_owned())));
    assert_eq!(vendor.changes().len(), 1);
}

#[tokio::test]
async fn a_narrowed_token_is_not_an_absence() {
    let scene = Scene::new(StepKind::GithubRepo, "repo");
    let vendor = Vendor::start(|asked| match asked.path.as_str() {
        "/user" => (200, json!({"login": "anna"})),
        _ => not_found(),
    })
    .await;
    let step = build(
        &github_repo::ENTRY,
        &vendor.base,
        &serde_json::from_str(REPO).unwrap(),
    );
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::CannotSee(problem) if problem.code() == "owner_not_visible"));
}

#[tokio::test]
async fn a_configuration_that_says_the_same_is_not_written_again() {
    let scene = Scene::new(StepKind::ClientConfig, "config");
    let vendor = Vendor::start(|asked| match asked.path.split('?').next().unwrap() {
        "/repos/acme/a/contents/client-config.json" if asked.method == "PUT" => {
            assert_eq!(asked.body["sha"], "b1", "the template's file is replaced");
            (200, json!({"commit": {"sha": "c2"}}))
        }
        // {"a":1}
        "/repos/acme/a/contents/client-config.json" => (
            200,
            json!({"sha": "b1", "encoding": "base64", "content": "eyJhIjoxfQ=="}),
        ),
        "/repos/acme/a/commits" => (200, json!([{"sha": "c1"}])),
        _ => not_found(),
    })
    .await;
    let with = |a: u8| json!({"repository": "acme/a", "branch": "main", "path": "client-config.json", "content": {"a": a}});
    let same = build(&client_config::ENTRY, &vendor.base, &with(1));
    let found = same.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Ours(ours) if ours.id == "c1"));
    let mut scene = scene;
    let other = build(&client_config::ENTRY, &vendor.base, &with(2));
    let Found::Absent { evidence } = other.find(&scene.context()).await.unwrap() else {
        panic!("another content is there")
    };
    scene.evidence = Some(evidence);
    let made = other.create(&scene.context()).await.unwrap();
    assert!(matches!(made, Created::Resource(made) if made.id == "c2"));
}

// --- Vercel ---

#[tokio::test]
async fn a_project_is_ours_by_the_variable_it_was_made_with() {
    let scene = Scene::new(StepKind::VercelProject, "site");
    let mark = scene.mark().to_string();
    for (value, ours) in [(mark.as_str(), true), ("fabrik:other:customer", false)] {
        let value = value.to_owned();
        let vendor = Vendor::start(move |asked| match asked.path.as_str() {
            "/v9/projects/akermark" => (200, json!({"id": "prj_1", "name": "akermark"})),
            "/v10/projects/akermark/env" => (200, json!({"envs": [
                {"key": "FABRIK_MARK", "type": "plain", "value": value, "target": ["production"]},
            ]})),
            _ => not_found(),
        })
        .await;
        let with = json!({"name": "akermark", "repository": "acme/akermark"});
        let step = build(&vercel_project::ENTRY, &vendor.base, &with);
        let found = step.find(&scene.context()).await.unwrap();
        assert_eq!(matches!(found, Found::Ours(_)), ours, "{found:?}");
        assert_eq!(matches!(found, Found::Foreign(_)), !ours, "{found:?}");
    }
}

#[tokio::test]
async fn variables_once_written_are_known_again() {
    let mut scene = Scene::new(StepKind::VercelEnvironment, "env");
    let vendor = Vendor::start(|asked| {
        if asked.method == "POST" {
            return (201, json!({"created": [], "failed": []}));
        }
        let targets = json!(["production", "preview", "development"]);
        (
            200,
            json!({"envs": [
                {"key": "URL", "type": "plain", "value": "https://a", "target": targets},
                {"key": "KEY", "type": "sensitive", "target": targets},
            ]}),
        )
    })
    .await;
    let with = json!({"project": "prj_1", "variables": [
        {"key": "URL", "value": "https://a"}, {"key": "KEY", "value": "secret:s3cret"},
    ]});
    let step = build(&vercel_environment::ENTRY, &vendor.base, &with);
    assert!(matches!(
        step.find(&scene.context()).await.unwrap(),
        Found::Absent { .. }
    ));
    let Created::Resource(made) = step.create(&scene.context()).await.unwrap() else {
        panic!("it has an id")
    };
    let calls = vendor.changes();
    assert_eq!(calls.len(), 3, "one call per target");
    let types = |target: &str| {
        let call = calls
            .iter()
            .find(|call| call.body[0]["target"] == json!([target]))
            .unwrap();
        (call.body[0]["type"].clone(), call.body[1]["type"].clone())
    };
    assert_eq!(types("production"), (json!("plain"), json!("sensitive")));
    assert_eq!(types("development"), (json!("plain"), json!("encrypted")));
    assert!(!format!("{made:?}").contains("s3cret"));
    let hash = made.content_hash.as_deref();
    scene.knows(ResourceKind::VercelEnvironment, "prj_1", &made.name, hash);
    assert_eq!(
        step.find(&scene.context()).await.unwrap(),
        Found::Ours(made)
    );
    assert_eq!(vendor.changes().len(), 3, "nothing is written again");
}

#[tokio::test]
async fn a_deployment_older_than_the_variables_does_not_serve() {
    let scene = Scene::new(StepKind::VercelDeployment, "deploy");
    for (changed, adopted) in [(10, true), (30, false)] {
        let vendor = Vendor::start(move |asked| match asked.path.split('?').next().unwrap() {
            "/v7/deployments" => (200, json!({"deployments": [
                {"uid": "dpl_1", "state": "READY", "created": 20, "url": "a-1.vercel.app"},
            ]})),
            "/v10/projects/prj_1/env" => (200, json!({"envs": [
                {"key": "URL", "type": "plain", "value": "x", "target": ["production"], "updatedAt": changed},
            ]})),
            _ => not_found(),
        })
        .await;
        let with = json!({"project": "prj_1", "name": "a", "repo_id": "7", "ref": "main"});
        let step = build(&vercel_deployment::ENTRY, &vendor.base, &with);
        let found = step.find(&scene.context()).await.unwrap();
        assert_eq!(matches!(found, Found::Ours(_)), adopted, "{found:?}");
    }
}

#[tokio::test]
async fn a_blocked_deployment_fails_and_a_building_one_is_waited_on() {
    let scene = Scene::new(StepKind::VercelDeployment, "deploy");
    for (state, ready) in [
        ("BLOCKED", "failed"),
        ("BUILDING", "not yet"),
        ("READY", "ready"),
    ] {
        let vendor = Vendor::start(move |asked| match asked.path.split('?').next().unwrap() {
            "/v13/deployments/dpl_1" => (
                200,
                json!({"id": "dpl_1", "readyState": state, "alias": ["a.vercel.app"]}),
            ),
            "/v9/projects/prj_1/domains" => (
                200,
                json!({"domains": [{"name": "a.vercel.app", "verified": true}]}),
            ),
            _ => not_found(),
        })
        .await;
        let with = json!({"project": "prj_1", "name": "a", "repo_id": "7", "ref": "main"});
        let step = build(&vercel_deployment::ENTRY, &vendor.base, &with);
        let existing = fabrik_domain::resource::Found {
            id: "dpl_1".to_owned(),
            name: "a".to_owned(),
            url: None,
            content_hash: None,
        };
        let readiness = step
            .await_ready(&scene.context(), Some(&existing))
            .await
            .unwrap();
        let got = match &readiness {
            Readiness::Failed(problem) if problem.code() == "deployment_failed" => "failed",
            Readiness::NotYet { .. } => "not yet",
            Readiness::Ready(_) => "ready",
            Readiness::Failed(_) => "failed otherwise",
        };
        assert_eq!(got, ready, "{state}: {readiness:?}");
    }
}

// --- The mail, and the end ---

const MAIL: &str = r#"{"from": "Norrform <hej@norrform.se>", "to": "anna@akermark.se",
    "template": "email/welcome", "language": "sv",
    "values": {"name": "Anna", "hours": 24, "link": "secret:https://a.se/?token=s3cret"}}"#;

fn mail_scene() -> Scene {
    let mut scene = Scene::new(StepKind::WelcomeEmail, "welcome");
    for (kind, text) in [
        ("subject", "Välkommen {{ name }}"),
        ("html", "<a href=\"{{ link }}\">{{ name }}</a>"),
        ("txt", "{{ name }}: {{ link }} ({{ hours }} h)"),
    ] {
        scene
            .snapshot
            .blueprint
            .files
            .insert(format!("email/welcome.sv.{kind}"), text.to_owned());
    }
    scene
}

#[tokio::test]
async fn a_mail_is_sent_with_the_same_bytes_after_a_kill() {
    let mut scene = mail_scene();
    let vendor = Vendor::start(|_| (200, json!({"id": "mail_1"}))).await;
    let with: Value = serde_json::from_str(MAIL).unwrap();
    let step = build(&welcome_email::ENTRY, &vendor.base, &with);
    let Found::Absent { evidence } = step.find(&scene.context()).await.unwrap() else {
        panic!("none was sent")
    };
    assert!(
        !evidence.to_string().contains("s3cret"),
        "evidence holds no secret"
    );
    scene.evidence = Some(evidence.clone());
    step.create(&scene.context()).await.unwrap();
    // The run is resumed by another process, and the link has been made anew since.
    let again = serde_json::from_str(&MAIL.replace("s3cret", "later")).unwrap();
    let step = build(&welcome_email::ENTRY, &vendor.base, &again);
    assert_eq!(
        step.find(&scene.context()).await.unwrap(),
        Found::Absent { evidence }
    );
    step.create(&scene.context()).await.unwrap();
    let sent = vendor.changes();
    assert_eq!(
        sent[0].body, sent[1].body,
        "the same key goes with the same bytes"
    );
    assert_eq!(
        sent[0].headers["idempotency-key"],
        sent[1].headers["idempotency-key"]
    );
    assert_eq!(
        sent[0].body["text"],
        "Anna: https://a.se/?token=s3cret (24 h)"
    );
}

#[tokio::test]
async fn past_the_keys_life_the_list_tells_and_without_it_the_owner_is_asked() {
    let mut scene = mail_scene();
    let with: Value = serde_json::from_str(MAIL).unwrap();
    let listed = |id: &'static str, subject: &'static str| {
        json!({"data": [{"id": id, "to": ["anna@akermark.se"], "subject": subject,
                         "created_at": "2026-11-21 08:00:01.5+00"}]})
    };
    let first = build(&welcome_email::ENTRY, "http://127.0.0.1:9", &with);
    let Found::Absent { evidence } = first.find(&scene.context()).await.unwrap() else {
        panic!("none was sent")
    };
    scene.evidence = Some(evidence);
    let later = crate::testing::now() + SignedDuration::from_hours(30);
    *scene.clock.0.lock().unwrap() = later;
    for (status, body, expected) in [
        (200, listed("mail_1", "Välkommen Anna"), "ours"),
        (200, listed("mail_2", "Another"), "absent"),
        (
            401,
            json!({"name": "restricted_api_key", "message": "may only send"}),
            "cannot see",
        ),
    ] {
        let vendor = Vendor::start(move |_| (status, body.clone())).await;
        let step = build(&welcome_email::ENTRY, &vendor.base, &with);
        let got = match step.find(&scene.context()).await.unwrap() {
            Found::Ours(ours) if ours.id == "mail_1" => "ours",
            Found::Absent { .. } => "absent",
            Found::CannotSee(_) => "cannot see",
            other => panic!("{other:?}"),
        };
        assert_eq!(got, expected);
        assert!(vendor.changes().is_empty(), "looking sends nothing");
    }
}

#[tokio::test]
async fn a_customer_gets_one_mail() {
    let mut scene = mail_scene();
    scene.knows(ResourceKind::Mail, "mail_1", "anna@akermark.se", None);
    let with: Value = serde_json::from_str(MAIL).unwrap();
    let step = build(&welcome_email::ENTRY, "http://127.0.0.1:9", &with);
    assert_eq!(step.find(&scene.context()).await.unwrap(), Found::Satisfied);
    let outputs = public(step.await_ready(&scene.context(), None).await.unwrap());
    assert_eq!(outputs, [("id".to_owned(), "mail_1".to_owned())]);
}

#[tokio::test]
async fn the_end_clears_the_vault_and_hands_the_instance_over() {
    let mut scene = Scene::new(StepKind::Finalize, "finalize");
    let mut admin = scene.step.clone();
    admin.id = "admin".to_owned();
    admin.kind = StepKind::AdminUser;
    scene.snapshot.blueprint.steps.push(admin);
    let kept = Kept::AdminPassword.reference(&scene.context(), "admin");
    let other = SecretRef::Env("OTHER".to_owned());
    scene.secrets.set(&kept, Secret::from("p")).await.unwrap();
    scene.secrets.set(&other, Secret::from("o")).await.unwrap();
    let with = json!({"production_url": "https://a.se", "github_repo_url": "", "supabase_project_ref": ""});
    let step = build(&finalize::ENTRY, "http://127.0.0.1:9", &with);
    assert!(matches!(
        step.find(&scene.context()).await.unwrap(),
        Found::Absent { .. }
    ));
    step.create(&scene.context()).await.unwrap();
    assert!(
        scene.secrets.get(&kept).await.unwrap().is_none(),
        "the run's entry is gone"
    );
    let left = scene.secrets.get(&other).await.unwrap().unwrap();
    assert_eq!(left.expose_secret(), "o", "and nothing else");
    let outputs = public(step.await_ready(&scene.context(), None).await.unwrap());
    assert_eq!(
        outputs,
        [("production_url".to_owned(), "https://a.se".to_owned())]
    );
    scene.snapshot.customer.status = CustomerStatus::Active;
    scene.snapshot.customer.production_url = Some("https://a.se".to_owned());
    assert_eq!(step.find(&scene.context()).await.unwrap(), Found::Satisfied);
}
