//! Where a token comes from, where it goes, and where it never shows.

use std::sync::Arc;

use axum::{Router, routing::any};
use fabrik_domain::{failure::Outcome, ports::Secrets, secret::ExposeSecret};
use http::StatusCode;

use super::{super::*, CHANGE, READ, failure, noting};
use crate::testing::TOKEN;
use crate::testing::{
    MemorySecrets, PlainDialect, account, answering, http, reference, secrets, serve, token,
};

#[tokio::test]
async fn the_token_goes_to_its_own_origin_alone() {
    let (here, _) = noting().await;
    let (there, seen) = noting().await;
    let account = account(http(), here.clone()).await;
    for other in [
        there.to_string(),
        "https://api.evil.se".to_owned(),
        format!("{here}.evil.se"),
    ] {
        let request = Request::builder()
            .uri(format!("{other}/x"))
            .body(Bytes::new());
        let Ok(request) = request else { continue };
        let failure = account.send(request).await.unwrap_err();
        assert_eq!(failure.problem.code(), "link_refused", "{other}");
    }
    assert!(seen.lock().unwrap().is_empty());
    let below = Request::builder().uri("/y?z=1").body(Bytes::new()).unwrap();
    assert!(
        account.send(below).await.is_ok(),
        "a path alone is below the base"
    );
}

#[tokio::test]
async fn tokens_are_read_at_each_call() {
    let (here, seen) = noting().await;
    let secrets = secrets().await;
    let token = Token::new(Arc::<MemorySecrets>::clone(&secrets), reference());
    let account = Account::new(http(), PlainDialect, here, token, Scheme::Header("x-key"));
    account.get(READ, ["a"]).send().await.unwrap();
    secrets
        .set(&reference(), Secret::from("replaced"))
        .await
        .unwrap();
    account.get(READ, ["a"]).send().await.unwrap();
    secrets.remove(&reference()).await.unwrap();
    let missing = failure(&account, READ, "a").await;
    assert_eq!(
        (missing.outcome, missing.problem.code().as_str()),
        (Outcome::Unauthorized, "credential_missing")
    );
    let sent: Vec<_> = seen
        .lock()
        .unwrap()
        .iter()
        .map(|(_, secrets)| secrets.clone())
        .collect();
    assert_eq!(sent, [[TOKEN], ["replaced"]]);
}

#[tokio::test]
async fn tokens_of_the_sandbox_stay_on_this_machine() {
    let out = BaseUrl::parse("https://api.supabase.com").unwrap();
    let token = token().await.local_only();
    let account = Account::new(
        answering(200, "{}"),
        PlainDialect,
        out,
        token,
        Scheme::Bearer,
    );
    let failure = failure(&account, READ, "x").await;
    assert_eq!(failure.problem.code(), "sandbox_token_refused");
}

#[tokio::test]
async fn a_token_with_a_line_break_is_no_header() {
    let secrets = secrets().await;
    secrets
        .set(&reference(), Secret::from("a\r\nx-evil: 1"))
        .await
        .unwrap();
    let base = BaseUrl::parse("http://127.0.0.1:1").unwrap();
    let token = Token::new(secrets, reference());
    let account = Account::new(
        answering(200, "{}"),
        PlainDialect,
        base,
        token,
        Scheme::Bearer,
    );
    assert_eq!(
        failure(&account, READ, "x").await.problem.code(),
        "credential_rejected"
    );
}

#[tokio::test]
async fn what_a_vendor_repeats_of_a_secret_is_masked() {
    let echo = |request: axum::extract::Request| async move {
        let token = request.headers()["authorization"]
            .to_str()
            .unwrap()
            .to_owned();
        (
            StatusCode::BAD_REQUEST,
            format!("no good: {token}, nor hunter2-password"),
        )
    };
    let account = account(http(), serve(Router::new().route("/x", any(echo))).await).await;
    let password = Secret::from("hunter2-password");
    let failure = account
        .post(CHANGE, ["x"])
        .masking(&password)
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        failure.problem.detail.as_deref(),
        Some("no good: Bearer […], nor […]")
    );
}

#[tokio::test]
async fn a_secret_at_the_cut_is_masked_whole() {
    let password = Secret::from("hunter2-password-of-some-length");
    for before in 470..500 {
        let words = format!("{} {}", "x".repeat(before), password.expose_secret());
        let base = BaseUrl::parse("http://127.0.0.1:1").unwrap();
        let account = Account::anonymous(answering(400, words), PlainDialect, base);
        let draft = account.post(CHANGE, ["x"]).masking(&password);
        let failure = draft.send().await.unwrap_err();
        let detail = failure.problem.detail.unwrap();
        assert!(!detail.contains("hunter"), "{detail}");
    }
}

#[tokio::test]
async fn the_log_tells_the_call_and_no_secret() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let log = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(file.reopen().unwrap())
        .finish();
    // For the whole process: what a thread of another test registers without a log would stay silent here.
    tracing::subscriber::set_global_default(log).unwrap();
    let (here, _) = noting().await;
    let account = account(http(), here).await;
    let secret = Secret::from("canary-body-5f1c9a");
    let draft = account
        .post(CHANGE, ["v1", "logged-things"])
        .query("key", "canary-query-5f1c9a");
    draft.json(&[secret.expose_secret()]).send().await.unwrap();
    let refusing = Account::anonymous(
        answering(503, "canary-answer-5f1c9a"),
        PlainDialect,
        BaseUrl::parse("http://127.0.0.1:1").unwrap(),
    );
    let draft = refusing
        .post(CHANGE, ["v1", "refused-things"])
        .query("key", "canary-query-5f1c9a");
    draft
        .json(&[secret.expose_secret()])
        .send()
        .await
        .unwrap_err();
    let text = std::fs::read_to_string(file.path()).unwrap();
    assert!(
        text.contains("POST") && text.contains("/v1/logged-things") && text.contains("200"),
        "{text}"
    );
    // The log files take warnings.
    let refused = text
        .lines()
        .find(|line| line.contains("/v1/refused-things"));
    let refused = refused.unwrap();
    assert!(
        refused.contains("WARN") && refused.contains("make") && refused.contains("503"),
        "{refused}"
    );
    assert!(!text.contains("canary"), "{text}");
}
