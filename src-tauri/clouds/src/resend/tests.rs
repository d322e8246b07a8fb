//! Resend's quirks, against a server on this machine that has them.

use axum::{
    Json, Router,
    extract::Query,
    http::HeaderMap,
    response::IntoResponse,
    routing::{get, post},
};
use fabrik_domain::{Cause, failure::Outcome, secret::Secret};
use http::StatusCode;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Email, Resend, Senders};
use crate::testing::{answering, http, serve, token};

async fn resend(router: Router) -> Resend {
    Resend::new(http(), serve(router).await, token().await)
}

fn refusal(status: u16, name: &str, message: &str) -> impl IntoResponse + use<> {
    let body = json!({"statusCode": status, "name": name, "message": message});
    (StatusCode::from_u16(status).unwrap(), Json(body))
}

async fn send(resend: &Resend) -> Result<String, fabrik_domain::failure::Failure> {
    let (html, text) = (Secret::from("<p>hej</p>"), Secret::from("hej"));
    let email = Email {
        from: "Norrform <hej@norrform.se>",
        to: "anna@akermark.se",
        reply_to: Some("support@norrform.se"),
        subject: "Välkommen",
        html: &html,
        text: &text,
    };
    resend.send(email, "run/welcome").await
}

#[tokio::test]
async fn a_mail_goes_with_its_key() {
    let sent = post(async |headers: HeaderMap, Json(body): Json<Value>| {
        assert_eq!(headers["idempotency-key"], "run/welcome");
        let expected = json!({
            "from": "Norrform <hej@norrform.se>", "to": ["anna@akermark.se"],
            "subject": "Välkommen", "html": "<p>hej</p>", "text": "hej",
            "reply_to": "support@norrform.se",
        });
        assert_eq!(body, expected);
        Json(json!({"id": "mail_1"}))
    });
    let resend = resend(Router::new().route("/emails", sent)).await;
    assert_eq!(send(&resend).await.unwrap(), "mail_1");
}

#[tokio::test]
async fn the_meanings_of_a_refusal_are_told_apart() {
    for (status, name, message, code) in [
        (409, "invalid_idempotent_request", "", "mail_already_sent"),
        (409, "concurrent_idempotent_requests", "", "throttled"),
        (409, "resource_locked", "", "throttled"),
        (429, "rate_limit_exceeded", "", "throttled"),
        (429, "daily_quota_exceeded", "", "quota_exceeded"),
        (429, "monthly_quota_exceeded", "", "quota_exceeded"),
        (
            403,
            "validation_error",
            "The norrform.se domain is not verified",
            "sender_unverified",
        ),
        (
            403,
            "invalid_api_key",
            "API key is invalid",
            "credential_rejected",
        ),
        (
            401,
            "restricted_api_key",
            "may only send",
            "credential_scope_missing",
        ),
        (422, "validation_error", "Invalid `to`", "refused"),
    ] {
        let answer = post(async move || refusal(status, name, message));
        let resend = resend(Router::new().route("/emails", answer)).await;
        let failure = send(&resend).await.unwrap_err();
        assert_eq!(failure.problem.code(), code, "{status} {name}");
        assert_ne!(
            failure.outcome,
            Outcome::Unknown,
            "{status} {name}: nothing was sent by it"
        );
    }
}

#[tokio::test]
async fn a_used_up_quota_is_waited_out_and_is_no_rate_limit() {
    for name in ["daily_quota_exceeded", "monthly_quota_exceeded"] {
        let answer = post(async move || refusal(429, name, "quota"));
        let resend = resend(Router::new().route("/emails", answer)).await;
        let failure = send(&resend).await.unwrap_err();
        let quota = name.split('_').next().unwrap().to_owned();
        assert_eq!(*failure.problem.cause, Cause::QuotaExceeded { quota });
        let Outcome::Throttled(until) = failure.outcome else {
            panic!("{name}: only time mends it")
        };
        let now = crate::testing::clock().now();
        assert!(until > now, "{name}");
    }
}

#[tokio::test]
async fn sent_mail_is_read_back_to_a_time() {
    let pages = get(async |Query(query): Query<Value>| {
        let mail = |id: &str, minute: u32| json!({"id": id, "to": ["a@b.se"], "created_at": format!("2026-11-21 08:{minute:02}:00+00")});
        Json(match query["after"].as_str() {
            None => json!({"has_more": true, "data": [mail("4", 40), mail("3", 30)]}),
            Some("3") => json!({"has_more": true, "data": [mail("2", 20), mail("1", 10)]}),
            Some(other) => panic!("{other} is before the time that is asked for"),
        })
    });
    let one = get(async || Json(json!({"id": "4", "last_event": "delivered"})));
    let router = Router::new()
        .route("/emails", pages)
        .route("/emails/4", one)
        .route("/emails/5", get(async || refusal(404, "not_found", "")));
    let resend = resend(router).await;
    let since = "2026-11-21T08:15:00Z".parse().unwrap();
    let sent = resend.sent_since(since).await.unwrap();
    let ids: Vec<_> = sent.iter().map(|mail| mail.id.as_str()).collect();
    assert_eq!(ids, ["4", "3", "2"]);
    let mail = resend.email("4").await.unwrap().unwrap();
    assert_eq!(mail.last_event.as_deref(), Some("delivered"));
    assert_eq!(resend.email("5").await.unwrap(), None);
}

#[tokio::test]
async fn a_list_that_repeats_itself_ends() {
    let again = get(async || {
        Json(
            json!({"has_more": true, "data": [{"id": "1", "created_at": "2026-11-21 08:00:00+00"}]}),
        )
    });
    let resend = resend(Router::new().route("/emails", again)).await;
    let since = "2026-11-21T07:00:00Z".parse().unwrap();
    assert_eq!(resend.sent_since(since).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_that_may_only_send_is_no_error() {
    let answer = get(async || refusal(401, "restricted_api_key", "may only send"));
    let resend = resend(Router::new().route("/domains", answer)).await;
    assert_eq!(resend.senders().await.unwrap(), Senders::Unknown);
    assert_eq!(resend.team().await.unwrap(), None);
    assert_eq!(resend.whoami().await.unwrap().scopes, ["sending_access"]);
}

#[tokio::test]
async fn only_verified_domains_may_send() {
    let answer = get(async || {
        Json(json!({"object": "list", "data": [
            {"id": "1", "name": "norrform.se", "status": "verified"},
            {"id": "2", "name": "later.se", "status": "pending"},
        ]}))
    });
    let resend = resend(Router::new().route("/domains", answer)).await;
    let senders = resend.senders().await.unwrap();
    assert_eq!(senders, Senders::Domains(vec!["norrform.se".to_owned()]));
    let team = resend.team().await.unwrap().unwrap();
    assert_eq!(Vec::from_iter(team), ["1", "2"]);
    let info = resend.whoami().await.unwrap();
    assert_eq!(
        (info.account.as_str(), info.scopes),
        ("norrform.se, later.se", vec!["full_access".to_owned()])
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_answer_makes_a_decoder_panic(
        cut in 0usize..200, at in 0usize..200, byte in any::<u8>(), status in 200u16..600,
    ) {
        let mut body = json!({
            "id": "mail_1", "data": [{
                "id": "1", "name": "a.se", "status": "verified", "to": ["a@b.se"], "subject": "s",
                "created_at": "2026-11-21 08:00:00.5+00",
            }],
        })
        .to_string()
        .into_bytes();
        body.truncate(body.len() - cut.min(body.len()));
        if let Some(place) = body.get_mut(at) {
            *place = byte;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let base = crate::BaseUrl::parse("http://127.0.0.1:9").unwrap();
            let resend = Resend::new(answering(status, body), base, token().await);
            let _ = send(&resend).await;
            let since = jiff::Timestamp::UNIX_EPOCH;
            for mail in resend.sent_since(since).await.unwrap_or_default() {
                let _ = mail.at();
            }
            let _ = resend.senders().await;
            let _ = resend.team().await;
            let _ = resend.email("1").await;
        });
    }
}
