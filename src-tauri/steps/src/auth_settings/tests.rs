//! Only what differs is changed.

use fabrik_domain::{ports::Secrets, secret::SecretRef};
use serde_json::{Value, json};

use super::*;
use crate::{
    parameters::{Parameters, Text},
    testing::{Scene, Vendor, clouds_with, parameters, supabase},
};

fn step(vendor: &Vendor, with: &Value) -> AuthSettings {
    AuthSettings {
        management: supabase(&vendor.base),
        with: parameters(with).read(&[]).unwrap(),
        smtp_password: None,
    }
}

fn with() -> Value {
    json!({
        "project": "aaaaaaaaaaaaaaaaaaaa", "site_url": "https://a.example",
        "redirect_urls": ["https://a.example/**", ""], "link_seconds": "86400", "sender_name": "Å",
    })
}

#[tokio::test]
async fn what_is_set_already_is_left_alone() {
    let vendor = Vendor::start(|_| {
        let config = json!({
            "site_url": "https://a.example", "uri_allow_list": "https://a.example/**",
            "mailer_otp_exp": 86400, "smtp_sender_name": "Å", "jwt_exp": 3600,
        });
        (200, config)
    })
    .await;
    let scene = Scene::new(StepKind::AuthSettings, "auth");
    let found = step(&vendor, &with()).find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Ours(_)), "{found:?}");
    let ready = step(&vendor, &with())
        .await_ready(&scene.context(), None)
        .await
        .unwrap();
    assert_eq!(ready, Readiness::Ready(Outputs::new()));
    assert!(vendor.changes().is_empty());
}

#[tokio::test]
async fn a_new_project_points_to_localhost_until_it_is_told() {
    let vendor = Vendor::start(|_| {
        (200, json!({"site_url": "http://localhost:3000", "uri_allow_list": null, "mailer_otp_exp": 3600}))
    })
    .await;
    let scene = Scene::new(StepKind::AuthSettings, "auth");
    let step = step(&vendor, &with());
    assert!(matches!(
        step.find(&scene.context()).await.unwrap(),
        Found::Absent { .. }
    ));
    let made = step.create(&scene.context()).await.unwrap();
    assert!(matches!(made, Created::Resource(made) if made.id == "aaaaaaaaaaaaaaaaaaaa"));
    let expected = json!({
        "site_url": "https://a.example", "uri_allow_list": "https://a.example/**",
        "mailer_otp_exp": 86400, "smtp_sender_name": "Å",
    });
    assert_eq!(vendor.changes()[0].body, expected);
    let readiness = step.await_ready(&scene.context(), None).await.unwrap();
    assert!(
        matches!(readiness, Readiness::NotYet { .. }),
        "the vendor still says otherwise"
    );
}

#[tokio::test]
async fn what_would_be_another_place_or_no_number_is_refused_before() {
    let vendor = Vendor::start(|_| (200, json!({}))).await;
    let scene = Scene::new(StepKind::AuthSettings, "auth");
    for (field, value) in [
        (
            "redirect_urls",
            json!(["https://a.example,https://evil.se"]),
        ),
        ("link_seconds", json!("soon")),
        ("link_seconds", json!(0)),
    ] {
        let mut with = with();
        with[field] = value;
        let problems = step(&vendor, &with).check(&scene.context()).await.unwrap();
        assert_eq!(problems.len(), 1, "{field}");
    }
    assert!(vendor.asked().is_empty());
}

async fn told(step: &AuthSettings, scene: &Scene) -> Vec<String> {
    let problems = step.check(&scene.context()).await.unwrap();
    problems.iter().map(Problem::code).collect()
}

#[tokio::test]
async fn a_password_that_is_gone_is_told_by_the_plan_where_there_is_a_mail_server() {
    let vendor = Vendor::start(|_| (200, json!({}))).await;
    let mut scene = Scene::new(StepKind::AuthSettings, "auth");
    let password = SecretRef::setting(scene.workspace, "smtp.password");
    let template = json!("{{ settings.smtp.password }}");
    scene.step.with.insert("smtp_password".to_owned(), template);
    scene.snapshot.settings = [("smtp.password".to_owned(), password.to_string())].into();
    let mut served = with();
    served["smtp_host"] = json!("smtp.example");

    let none = told(&step(&vendor, &with()), &scene).await;
    assert!(none.is_empty(), "nobody needs it: {none:?}");
    let step = step(&vendor, &served);
    assert_eq!(told(&step, &scene).await, ["secret_missing"]);
    let secret = Secret::from("s3cret");
    scene.secrets.set(&password, secret).await.unwrap();
    assert!(told(&step, &scene).await.is_empty());

    let clouds = clouds_with("http://127.0.0.1:9", scene.secrets.clone());
    for (with, missed) in [(with(), false), (served, true)] {
        scene.step.with = with.as_object().unwrap().clone();
        let gone = "gone".into();
        scene.step.with.insert("smtp_password".to_owned(), gone);
        let parameters = Parameters::render("factory", &scene.step, |text| {
            Ok(match text {
                "gone" => Text::Missing(password.clone()),
                _ => Text::Public(text.into()),
            })
        });
        let refused = (ENTRY.build)(&clouds, &parameters.unwrap()).err();
        assert_eq!(refused.is_some(), missed, "{refused:?}");
    }
}

/// A project whose settings are these, until they are changed.
async fn project(settings: Value) -> Vendor {
    let settings = std::sync::Mutex::new(settings);
    Vendor::start(move |asked| {
        let mut settings = settings.lock().unwrap();
        if !asked.path.ends_with("/config/auth") {
            return (
                200,
                json!({"ref": "a", "name": "a", "status": "ACTIVE_HEALTHY"}),
            );
        }
        if asked.method == "PATCH" {
            for (name, value) in asked.body.as_object().unwrap() {
                settings[name] = value.clone();
            }
        }
        (200, settings.clone())
    })
    .await
}

#[tokio::test]
async fn an_undo_puts_back_what_was_there_and_leaves_what_was_changed_since() {
    for changed in [false, true] {
        let before = json!({
            "site_url": "http://localhost:3000", "uri_allow_list": null, "mailer_otp_exp": 3600,
            "smtp_sender_name": null,
        });
        let vendor = project(before.clone()).await;
        let mut scene = Scene::new(StepKind::AuthSettings, "auth");
        let step = step(&vendor, &with());
        scene.intends(step.find(&scene.context()).await.unwrap());
        let Created::Resource(made) = step.create(&scene.context()).await.unwrap() else {
            panic!("it has an id")
        };
        if changed {
            let by_hand = AuthConfigChange {
                site_url: Some("https://own.example".to_owned()),
                ..AuthConfigChange::default()
            };
            let management = supabase(&vendor.base);
            management
                .change_auth_config(&made.id, &by_hand)
                .await
                .unwrap();
        }
        for turn in ["once", "twice"] {
            let undone = step.undo(&scene.context(), &made).await.unwrap();
            let code = match undone {
                Undone::Gone => "gone".to_owned(),
                Undone::Refused(problem) => problem.code(),
                other => panic!("{other:?}"),
            };
            let expected = if changed { "changed_since" } else { "gone" };
            assert_eq!(code, expected, "{turn}");
        }
        let now = supabase(&vendor.base).auth_config(&made.id).await.unwrap();
        let site = if changed {
            "https://own.example"
        } else {
            "http://localhost:3000"
        };
        assert_eq!(now.site_url.as_deref(), Some(site));
        assert_eq!(
            now.mailer_otp_exp,
            Some(3600),
            "what nobody touched goes back"
        );
    }
}
