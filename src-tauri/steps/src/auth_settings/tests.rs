//! Only what differs is changed.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Scene, Vendor, parameters, supabase};

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
    assert_eq!(found, Found::Satisfied);
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
    assert_eq!(
        step.create(&scene.context()).await.unwrap(),
        Created::Effect
    );
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
