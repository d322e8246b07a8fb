//! Resend's quirks.

use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Cloud, cloud};

fn mail(cloud: &Cloud) -> Value {
    json!({
        "from": cloud.variable("FABRIK_EMAIL_FROM"), "to": "anna@example.com", "subject": "Välkommen",
        "html": "<a href=\"https://example.com/canary-link\">in</a>", "reply_to": "support@sandbox-agency.example",
    })
}

#[tokio::test]
async fn the_same_key_sends_once_and_another_body_is_a_conflict() {
    let (folder, cloud) = cloud().await;
    let resend = cloud.vendor("resend");
    let key = [("idempotency-key", "run-1/welcome")];
    let first = resend
        .attempt(Method::POST, "/emails", Some(&mail(&cloud)), &key)
        .await
        .unwrap();
    let again = resend
        .attempt(Method::POST, "/emails", Some(&mail(&cloud)), &key)
        .await
        .unwrap();
    assert_eq!((first.status.as_u16(), &first.body), (200, &again.body));
    let mut other = mail(&cloud);
    other["subject"] = json!("Hej");
    let refused = resend
        .attempt(Method::POST, "/emails", Some(&other), &key)
        .await
        .unwrap();
    assert_eq!(
        (refused.status.as_u16(), &refused.body["name"]),
        (409, &json!("invalid_idempotent_request"))
    );
    let mails = cloud.look("mails").await["mails"].clone();
    assert_eq!(mails.as_array().unwrap().len(), 1, "one mail was sent");
    assert!(mails[0]["html"].as_str().unwrap().contains("canary-link"));
    let id = first.body["id"].as_str().unwrap();
    assert_eq!(
        resend.get(&format!("/emails/{id}")).await["last_event"],
        "delivered"
    );
    cloud.stop().await;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(
                !bytes.windows(11).any(|part| part == b"canary-link"),
                "{} holds the link",
                path.display()
            );
        }
    }
}

#[tokio::test]
async fn an_unverified_domain_and_a_narrow_key_are_refused() {
    let (_folder, cloud) = cloud().await;
    let resend = cloud.vendor("resend");
    assert_eq!(
        resend.get("/domains").await["data"][0]["status"],
        "verified"
    );
    cloud
        .steer(
            "accounts",
            &json!({ "resend": { "domain_status": "pending" } }),
        )
        .await;
    let refused = resend.post(403, "/emails", mail(&cloud)).await;
    assert!(
        refused["message"]
            .as_str()
            .unwrap()
            .contains("not verified")
    );
    let change =
        json!({ "provider": "resend", "token": "re_narrow", "scopes": ["sending_access"] });
    cloud.steer("tokens", &change).await;
    let narrow = resend.with_token("re_narrow");
    assert_eq!(
        narrow.expect(401, Method::GET, "/domains", None).await["name"],
        "restricted_api_key"
    );
    let wrong = resend.with_token("re_wrong");
    assert_eq!(
        wrong.expect(403, Method::GET, "/domains", None).await["name"],
        "invalid_api_key"
    );
    cloud.stop().await;
}

#[tokio::test]
async fn the_sixth_call_in_a_second_waits() {
    let (_folder, cloud) = cloud().await;
    let resend = cloud.vendor("resend");
    let calls = (0..12).map(|_| resend.attempt(Method::GET, "/emails", None, &[]));
    let answers = futures::future::join_all(calls).await;
    let throttled: Vec<_> = answers
        .into_iter()
        .map(Result::unwrap)
        .filter(|answer| answer.status == 429)
        .collect();
    assert!(
        !throttled.is_empty(),
        "twelve at once are more than five a second"
    );
    assert_eq!(throttled[0].body["name"], "rate_limit_exceeded");
    assert_eq!(throttled[0].headers["retry-after"], "1");
    cloud.stop().await;
}
