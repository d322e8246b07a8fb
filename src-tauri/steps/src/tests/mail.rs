//! The mail to the customer and the end of a run; the mails beside runs.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use fabrik_domain::{
    blueprint::StepKind,
    customer::CustomerStatus,
    failure::Outcome,
    ports::Secrets,
    resource::ResourceKind,
    run::{Output, Outputs},
    secret::{ExposeSecret, Secret, SecretRef},
};
use fabrik_engine::step::{Found, Inputs, Occasion, Step, StepFactory};
use fabrik_tests::Proof;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{build, plan, public, rebuild};
use crate::{
    finalize,
    kept::Kept,
    registry::{self, Registry},
    testing::{Memory, Scene, Vendor, clouds_with},
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

/// Resend to a key of this team, which answers so about mails.
async fn resend(team: &'static str, mails: (u16, Value)) -> Vendor {
    Vendor::start(move |asked| match asked.path.as_str() {
        "/domains" if team.is_empty() => may_only_send(),
        "/domains" => (200, json!({"data": [{"id": team, "name": "norrform.se"}]})),
        path if path.starts_with("/emails") => mails.clone(),
        path => panic!("{path} was not expected"),
    })
    .await
}

fn may_only_send() -> (u16, Value) {
    (
        401,
        json!({"name": "restricted_api_key", "message": "may only send"}),
    )
}

/// A list of one sent mail.
fn listed(id: &str, subject: &str) -> (u16, Value) {
    let mail = json!({"id": id, "to": ["anna@akermark.se"], "subject": subject,
                      "created_at": "2026-11-21 08:00:01.5+00"});
    (200, json!({"data": [mail]}))
}

#[tokio::test]
async fn a_mail_is_sent_with_the_same_bytes_after_a_kill() {
    let mut scene = mail_scene();
    let vendor = resend("team_1", (200, json!({"id": "mail_1"}))).await;
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
async fn a_mail_whose_key_is_in_use_is_neither_sent_nor_refused_and_goes_again() {
    let mut scene = mail_scene();
    let mails = AtomicUsize::default();
    let vendor = Vendor::start(move |asked| match asked.path.as_str() {
        "/domains" => may_only_send(),
        _ if mails.fetch_add(1, Ordering::Relaxed) == 0 => {
            (409, json!({"name": "concurrent_idempotent_requests"}))
        }
        _ => (200, json!({"id": "mail_1"})),
    })
    .await;
    let with: Value = serde_json::from_str(MAIL).unwrap();
    let step = build(&welcome_email::ENTRY, &vendor.base, &with);
    let Found::Absent { evidence } = step.find(&scene.context()).await.unwrap() else {
        panic!("none was sent")
    };
    scene.evidence = Some(evidence);
    step.prepare(&scene.context()).await.unwrap();
    let failure = step.create(&scene.context()).await.unwrap_err();
    let throttled = matches!(failure.outcome, Outcome::Throttled(_));
    assert!(throttled, "{:?}", failure.outcome);
    step.create(&scene.context()).await.unwrap();
    let sent = vendor.changes();
    assert_eq!(sent.len(), 2);
    assert_eq!(
        (&sent[0].body, &sent[0].headers["idempotency-key"]),
        (&sent[1].body, &sent[1].headers["idempotency-key"])
    );
}

#[tokio::test]
async fn neither_a_senders_name_nor_an_address_for_answers_splits_a_header() {
    let proof = Proof::of(
        "S8",
        "payloads as a sender's name and the address for answers, as they are sent",
    );
    let naughty: Vec<String> =
        serde_json::from_str(include_str!("../../../../tests/naughty.json")).unwrap();
    let vendor = resend("team_1", (200, json!({"id": "mail_1"}))).await;
    let is_one_line = |text: &str| {
        let ends = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        !text.contains(ends)
    };
    for (number, payload) in naughty.iter().enumerate() {
        let mut scene = mail_scene();
        let mut with: Value = serde_json::from_str(MAIL).unwrap();
        with["from"] = json!(format!("{payload} <hej@norrform.se>"));
        with["reply_to"] = json!(format!("hej@norrform.se{payload}"));
        let step = build(&welcome_email::ENTRY, &vendor.base, &with);
        let Found::Absent { evidence } = step.find(&scene.context()).await.unwrap() else {
            panic!("{payload:?}: none was sent")
        };
        scene.evidence = Some(evidence);
        step.prepare(&scene.context()).await.unwrap();
        step.create(&scene.context()).await.unwrap();
        let sent = vendor.changes();
        assert_eq!(sent.len(), number + 1, "{payload:?}: one more");
        let from = sent[number].body["from"].as_str().unwrap();
        assert!(
            is_one_line(from) && from.ends_with("<hej@norrform.se>"),
            "{payload:?}: {from:?}"
        );
        let reply_to = sent[number].body["reply_to"].as_str().unwrap();
        assert!(
            is_one_line(reply_to) && reply_to.starts_with("hej@norrform.se"),
            "{payload:?}: {reply_to:?}"
        );
        proof.held(1);
    }
}

/// A mail with a link of a user in a project of its own, whose vendor counts the links it makes.
struct Invited {
    scene: Scene,
    vendor: Vendor,
    memory: Arc<Memory>,
    outputs: BTreeMap<String, Outputs>,
}

impl Invited {
    async fn new() -> Self {
        let links = AtomicUsize::new(0);
        let vendor = Vendor::start(move |asked| match asked.path.as_str() {
            "/auth/v1/admin/generate_link" => {
                let link = links.fetch_add(1, Ordering::Relaxed) + 1;
                (
                    200,
                    json!({"action_link": format!("https://a.se/?n={link}")}),
                )
            }
            "/emails" => (
                429,
                json!({"name": "daily_quota_exceeded", "message": "no"}),
            ),
            "/domains" => may_only_send(),
            path => panic!("{path} was not expected"),
        })
        .await;
        let mut scene = mail_scene();
        let mut admin = scene.step.clone();
        admin.id = "admin".to_owned();
        admin.kind = StepKind::AdminUser;
        let with = json!({
            "project_url": vendor.base, "publishable_key": "p", "secret_key": "{{ supabase.key }}",
            "email": "anna@akermark.se", "role": "admin", "table": "members",
        });
        admin.with = with.as_object().unwrap().clone();
        scene.snapshot.blueprint.steps.push(admin);
        let mail = MAIL.replace("secret:https://a.se/?token=s3cret", "{{ admin.link }}");
        scene.step.with = serde_json::from_str(&mail).unwrap();
        let key = SecretRef::Env("KEY".to_owned());
        let memory = Arc::new(Memory::default());
        memory.set(&key, Secret::from("sb_secret_x")).await.unwrap();
        let link = SecretRef::Env("LINK".to_owned());
        let outputs = [
            (
                "supabase".to_owned(),
                [("key".to_owned(), Output::Secret(key))].into(),
            ),
            (
                "admin".to_owned(),
                [("link".to_owned(), Output::Secret(link))].into(),
            ),
        ];
        Self {
            scene,
            vendor,
            memory,
            outputs: outputs.into(),
        }
    }

    async fn step(&self, occasion: Occasion) -> Box<dyn Step> {
        let clouds = clouds_with(&self.vendor.base, self.memory.clone());
        let registry = Registry::new(clouds, self.scene.workspace);
        let inputs = Inputs {
            snapshot: &self.scene.snapshot,
            outputs: &self.outputs,
            occasion,
        };
        registry.build(&self.scene.step, inputs).await.unwrap()
    }

    fn pass(&self, time: SignedDuration) {
        *self.scene.clock.0.lock().unwrap() += time;
    }

    /// What was asked of Resend last.
    fn text(&self) -> Value {
        let changes = self.vendor.changes();
        let mail = changes.iter().rfind(|asked| asked.path == "/emails");
        mail.unwrap().body["text"].clone()
    }
}

#[tokio::test]
async fn a_link_is_made_when_the_mail_is_and_anew_while_nothing_was_sent_with_it() {
    let mut invited = Invited::new().await;
    // A run that waits at its mail for a day: Resend's quota is used up.
    for (hours, link) in [(0, 1), (24, 2)] {
        invited.pass(SignedDuration::from_hours(hours));
        let step = invited.step(Occasion::Run).await;
        let found = step.find(&invited.scene.context()).await.unwrap();
        for _ in 0..2 {
            step.prepare(&invited.scene.context()).await.unwrap();
        }
        invited.scene.intends(found);
        step.create(&invited.scene.context()).await.unwrap_err();
        let text = format!("Anna: https://a.se/?n={link} (24 h)");
        assert_eq!(invited.text(), text, "after {hours} hours");
        invited.scene.evidence = None;
    }
    // A call whose answer was lost goes out as it was, however late.
    let step = invited.step(Occasion::Run).await;
    let found = step.find(&invited.scene.context()).await.unwrap();
    invited.scene.intends(found);
    invited.pass(SignedDuration::from_hours(2));
    let again = invited.step(Occasion::Run).await;
    again.prepare(&invited.scene.context()).await.unwrap();
    again.create(&invited.scene.context()).await.unwrap_err();
    assert_eq!(invited.text(), "Anna: https://a.se/?n=2 (24 h)");
}

#[tokio::test]
async fn a_mail_that_is_planned_or_undone_makes_no_link() {
    let invited = Invited::new().await;
    for occasion in [Occasion::Plan, Occasion::Undo] {
        let step = invited.step(occasion).await;
        step.find(&invited.scene.context()).await.unwrap();
        assert!(invited.vendor.changes().is_empty(), "{occasion:?}");
    }
}

fn found(found: Found) -> &'static str {
    match found {
        Found::Ours(ours) if ours.id == "mail_1" => "ours",
        Found::Absent { .. } => "absent",
        Found::Ambiguous(candidates) if candidates.len() == 1 => "asks",
        Found::CannotSee(_) => "cannot see",
        other => panic!("{other:?}"),
    }
}

/// A run whose mail's answer was lost so many hours ago.
async fn lost(hours: i64) -> Scene {
    let mut scene = mail_scene();
    let vendor = resend("team_1", (502, json!({}))).await;
    let with: Value = serde_json::from_str(MAIL).unwrap();
    let step = build(&welcome_email::ENTRY, &vendor.base, &with);
    scene.intends(step.find(&scene.context()).await.unwrap());
    *scene.clock.0.lock().unwrap() += SignedDuration::from_hours(hours);
    scene
}

#[tokio::test]
async fn past_the_keys_life_the_list_tells_and_without_it_the_owner_is_asked() {
    let scene = lost(30).await;
    let with: Value = serde_json::from_str(MAIL).unwrap();
    for (team, mails, expected) in [
        ("team_1", listed("mail_1", "Välkommen Anna"), "ours"),
        ("team_1", listed("mail_2", "Another"), "absent"),
        ("team_1", may_only_send(), "asks"),
        // What another team has sent says nothing of this one's mail.
        ("team_2", listed("mail_2", "Another"), "asks"),
        ("", may_only_send(), "asks"),
    ] {
        let vendor = resend(team, mails).await;
        let step = build(&welcome_email::ENTRY, &vendor.base, &with);
        let got = found(step.find(&scene.context()).await.unwrap());
        assert_eq!(got, expected, "{team}");
        assert!(vendor.changes().is_empty(), "looking sends nothing");
    }
}

#[tokio::test]
async fn however_many_were_sent_since_the_list_is_read_back_to_then() {
    let scene = lost(30).await;
    let with: Value = serde_json::from_str(MAIL).unwrap();
    let vendor = Vendor::start(|asked| {
        let page = |from: u32, has_more: bool| {
            let mails: Vec<_> = (from..from + 100)
                .map(|n| {
                    json!({"id": format!("other_{n}"), "to": ["b@b.se"], "subject": "",
                                "created_at": "2026-11-22 08:00:00+00"})
                })
                .collect();
            (200, json!({"data": mails, "has_more": has_more}))
        };
        match asked.path.as_str() {
            "/domains" => (200, json!({"data": [{"id": "team_1", "name": "a.se"}]})),
            path if path.contains("after=other_199") => listed("mail_1", "Välkommen Anna"),
            path if path.contains("after=other_99") => page(100, true),
            _ => page(0, true),
        }
    })
    .await;
    let step = build(&welcome_email::ENTRY, &vendor.base, &with);
    assert_eq!(found(step.find(&scene.context()).await.unwrap()), "ours");
}

#[tokio::test]
async fn the_owners_word_that_it_was_not_sent_sends_it() {
    let mut scene = lost(30).await;
    let with: Value = serde_json::from_str(MAIL).unwrap();
    let vendor = resend("", (200, json!({"id": "mail_1"}))).await;
    let step = build(&welcome_email::ENTRY, &vendor.base, &with);
    let Found::Ambiguous(asked) = step.find(&scene.context()).await.unwrap() else {
        panic!("the list can't be read")
    };
    scene.ruled_out = asked.into_iter().map(|one| one.id).collect();
    assert_eq!(found(step.find(&scene.context()).await.unwrap()), "absent");
}

#[tokio::test]
async fn while_the_key_lives_another_teams_knows_nothing_of_it() {
    let scene = lost(1).await;
    let with: Value = serde_json::from_str(MAIL).unwrap();
    for (team, expected) in [("team_1", "absent"), ("team_2", "asks"), ("", "asks")] {
        let vendor = resend(team, listed("mail_1", "Välkommen Anna")).await;
        let step = build(&welcome_email::ENTRY, &vendor.base, &with);
        let got = found(step.find(&scene.context()).await.unwrap());
        assert_eq!(got, expected, "{team}: it would go out twice");
    }
}

#[tokio::test]
async fn going_back_a_mail_is_never_made_only_where_the_list_says_so() {
    let mut scene = lost(0).await;
    // Whatever the owner said before it went out.
    let key = scene.evidence.as_ref().unwrap()["key"].as_str().unwrap();
    scene.ruled_out.push(key.to_owned());
    let with: Value = serde_json::from_str(MAIL).unwrap();
    for (team, mails, expected) in [
        ("team_1", listed("mail_1", "Välkommen Anna"), "ours"),
        ("team_1", listed("mail_2", "Another"), "absent"),
        ("team_1", may_only_send(), "cannot see"),
        ("team_2", listed("mail_2", "Another"), "cannot see"),
    ] {
        let vendor = resend(team, mails).await;
        let step = rebuild(&welcome_email::ENTRY, &vendor.base, &with);
        let got = found(step.find(&scene.context()).await.unwrap());
        assert_eq!(got, expected, "{team}");
    }
}

#[tokio::test]
async fn a_sender_that_nobody_has_set_is_told_as_a_setting() {
    let mut with: Value = serde_json::from_str(MAIL).unwrap();
    with["from"] = json!("");
    let step = build(&welcome_email::ENTRY, "http://127.0.0.1:9", &with);
    let told = step.check(&mail_scene().context()).await.unwrap();
    assert_eq!(told, [registry::missing("email.from")]);
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
    let earlier = Kept::AdminPassword.reference(scene.mark(), user.run, "finalize");
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

#[tokio::test]
async fn a_plan_tells_a_mail_that_was_sent_before_it_knows_what_another_would_say() {
    const { assert!(welcome_email::ENTRY.plans_alone) };
    let mut scene = mail_scene();
    let mut with: Value = serde_json::from_str(MAIL).unwrap();
    with["values"]["link"] = json!("");
    // Nobody is asked.
    let step = plan(&welcome_email::ENTRY, "http://127.0.0.1:9", &with);
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Absent { .. }), "{found:?}");
    scene.knows(ResourceKind::Mail, "mail_1", "anna@akermark.se", None);
    let found = step.find(&scene.context()).await.unwrap();
    assert_eq!(found, Found::Satisfied, "it is not sent twice");
}

#[tokio::test]
async fn a_plan_tells_a_record_that_stays_as_it_is() {
    const { assert!(finalize::ENTRY.plans_alone) };
    let mut scene = Scene::new(StepKind::Finalize, "finalize");
    let templates = json!({
        "production_url": "{{ deploy.url }}", "supabase_project_ref": "{{ supabase.ref }}",
    });
    scene.step.with = templates.as_object().unwrap().clone();
    let found = async |scene: &Scene, project: &str| {
        // The deployment is made anew, so its address is not known.
        let with = json!({"production_url": "", "supabase_project_ref": project});
        let step = plan(&finalize::ENTRY, "http://127.0.0.1:9", &with);
        step.find(&scene.context()).await.unwrap()
    };
    let absent = |found: Found| matches!(found, Found::Absent { .. });
    scene.snapshot.customer.supabase_project_ref = Some("abc".to_owned());
    assert!(absent(found(&scene, "abc").await), "not handed over yet");
    scene.snapshot.customer.status = CustomerStatus::Active;
    assert!(absent(found(&scene, "abc").await), "no address is recorded");
    scene.snapshot.customer.production_url = Some("https://a.se".to_owned());
    assert_eq!(found(&scene, "abc").await, Found::Satisfied);
    assert!(absent(found(&scene, "").await), "another project is made");
}
