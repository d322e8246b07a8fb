//! The mail to the customer and the end of a run; the mails beside runs.

use fabrik_domain::{
    blueprint::StepKind,
    customer::CustomerStatus,
    ports::Secrets,
    resource::ResourceKind,
    secret::{ExposeSecret, Secret, SecretRef},
};
use fabrik_engine::step::Found;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{build, public};
use crate::{
    finalize,
    kept::Kept,
    testing::{Scene, Vendor},
    welcome_email,
};

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
    step.prepare(&scene.context()).await.unwrap();
    step.create(&scene.context()).await.unwrap();
    // The run is resumed by another process, and the link has been made anew since.
    let again = serde_json::from_str(&MAIL.replace("s3cret", "later")).unwrap();
    let step = build(&welcome_email::ENTRY, &vendor.base, &again);
    assert_eq!(
        step.find(&scene.context()).await.unwrap(),
        Found::Absent { evidence }
    );
    step.prepare(&scene.context()).await.unwrap();
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
    let kept = Kept::AdminPassword.reference(scene.mark(), scene.run, "admin");
    // What a run before this one left, which never came to its end.
    let user = scene.row(ResourceKind::AuthUser, "u", "anna@akermark.se", None);
    let earlier = Kept::AdminLink.reference(scene.mark(), user.run, "finalize");
    scene
        .secrets
        .set(&earlier, Secret::from("l"))
        .await
        .unwrap();
    scene.all.push(user);
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
    assert!(
        scene.secrets.get(&earlier).await.unwrap().is_none(),
        "and the earlier run's"
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
