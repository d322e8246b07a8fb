//! What a call may have done, by how it ended.

use std::time::Duration;

use axum::{Router, body::Body, extract::Path, routing::get};
use fabrik_domain::{Cause, failure::Outcome};
use http::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{super::*, CHANGE, READ, failure};
use crate::testing::{PlainDialect, account, answering, http, serve};

/// A server that takes a request, sends these bytes and hangs up.
async fn rude(answer: &'static [u8]) -> BaseUrl {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = BaseUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer).await;
        }
    });
    base
}

#[tokio::test]
async fn no_answer_in_time_is_unknown_for_a_change_alone() {
    let never = get(std::future::pending::<()>).post(std::future::pending::<()>);
    let account = account(http(), serve(Router::new().route("/never", never)).await).await;
    let short = Duration::from_millis(200);
    let read = failure(&account, READ.within(short), "never").await;
    assert_eq!(read.outcome, Outcome::NotSent, "reading did nothing");
    assert!(
        matches!(*read.problem.cause, Cause::TimedOut { reads: true, .. }),
        "it only asked"
    );
    let change = failure(&account, CHANGE.within(short), "never").await;
    assert_eq!(change.outcome, Outcome::Unknown, "it may have been done");
    assert!(matches!(
        *change.problem.cause,
        Cause::TimedOut { reads: false, .. }
    ));
    assert_eq!(change.problem.provider, Some(PlainDialect.provider()));
}

#[tokio::test]
async fn no_connection_means_that_nothing_was_done() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = BaseUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let http = http();
    let failure = failure(&account(http.clone(), base).await, CHANGE, "x").await;
    assert_eq!(failure.outcome, Outcome::NotSent);
    assert_eq!(failure.problem.code(), "unreachable");
    let silent = http.silent(Duration::from_mins(1));
    assert_eq!(silent.len(), 1, "{silent:?}");
    assert_eq!(silent[0].code(), "vendor_silent");
    assert_eq!(silent[0].provider, failure.problem.provider);
}

#[tokio::test]
async fn a_cut_connection_is_unknown_for_a_change_alone() {
    let answers: [&'static [u8]; 3] = [
        b"",
        b"HTTP/1.1 200 OK\r\nconte",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",
    ];
    for answer in answers {
        let account = account(http(), rude(answer).await).await;
        let change = failure(&account, CHANGE, "x").await;
        assert_eq!(change.outcome, Outcome::Unknown, "after {answer:?}");
        let cause = &*change.problem.cause;
        assert!(
            matches!(cause, Cause::AnswerLost { reads: false, .. }),
            "after {answer:?}: {cause:?}"
        );
        let read = failure(&account, READ, "x").await;
        assert_eq!(read.outcome, Outcome::NotSent, "after {answer:?}");
        let cause = &*read.problem.cause;
        assert!(
            matches!(cause, Cause::AnswerLost { reads: true, .. }),
            "after {answer:?}: {cause:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_is_read_to_the_cap_and_no_further() {
    let endless = || async {
        let chunk = Bytes::from(vec![b' '; 64 * 1024]);
        let chunks = futures::stream::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone()));
        Body::from_stream(chunks)
    };
    let full = || async { vec![b' '; crate::transport::BODY_CAP] };
    let router = Router::new()
        .route("/endless", get(endless).post(endless))
        .route("/full", get(full));
    let account = account(http(), serve(router).await).await;
    let read = failure(&account, READ, "endless").await;
    assert_eq!(read.problem.code(), "answer_unreadable");
    assert_eq!(
        failure(&account, CHANGE, "endless").await.outcome,
        Outcome::Unknown
    );
    let full = account.get(READ, ["full"]).send().await.unwrap();
    assert_eq!(
        full.body().len(),
        crate::transport::BODY_CAP,
        "the cap itself is allowed"
    );
}

#[tokio::test]
async fn statuses_have_their_classes() {
    let answer = |Path(status): Path<u16>| async move {
        let headers = [("x-request-id", "req-1"), ("x-ratelimit-reset", "42")];
        (
            StatusCode::from_u16(status).unwrap(),
            headers,
            "the vendor's words",
        )
    };
    let router = Router::new().route("/{status}", get(answer).post(answer));
    let account = account(http(), serve(router).await).await;
    for (status, read, change, code) in [
        (400, Outcome::Refused, Outcome::Refused, "refused"),
        (
            401,
            Outcome::Unauthorized,
            Outcome::Unauthorized,
            "credential_rejected",
        ),
        (
            403,
            Outcome::Unauthorized,
            Outcome::Unauthorized,
            "credential_scope_missing",
        ),
        (404, Outcome::Refused, Outcome::Refused, "refused"),
        (408, Outcome::NotSent, Outcome::Unknown, "timed_out"),
        (422, Outcome::Refused, Outcome::Refused, "refused"),
        (500, Outcome::NotSent, Outcome::Unknown, "vendor_failed"),
        (544, Outcome::NotSent, Outcome::Unknown, "vendor_failed"),
        (999, Outcome::NotSent, Outcome::Unknown, "vendor_failed"),
    ] {
        let path = status.to_string();
        let seen = failure(&account, READ, &path).await;
        assert_eq!(
            (seen.outcome, seen.problem.code().as_str()),
            (read, code),
            "{status}"
        );
        assert_eq!(
            seen.problem.detail.as_deref(),
            Some("the vendor's words"),
            "{status}"
        );
        assert_eq!(
            seen.problem.request_id.as_deref(),
            Some("req-1"),
            "{status}"
        );
        assert_eq!(
            failure(&account, CHANGE, &path).await.outcome,
            change,
            "{status}"
        );
    }
    let before = account.http.clock().now();
    let Outcome::Throttled(until) = failure(&account, CHANGE, "429").await.outcome else {
        panic!("429 is throttling");
    };
    let wait = until.duration_since(before).as_secs();
    assert!(
        (42..=47).contains(&wait),
        "the header's 42 seconds, not {wait}"
    );
    let scopes = failure(&account, READ.needs(&["organizations_read"]), "403").await;
    let named = serde_json::to_value(scopes.problem.cause).unwrap();
    assert_eq!(
        named["scopes"][0], "organizations_read",
        "a refusal names what the token lacks"
    );
}

#[tokio::test]
async fn an_unreadable_success_is_no_success() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only decoding is tried")]
    struct Wanted {
        id: u32,
    }
    for body in [
        "",
        "{",
        "null",
        r#"{"id":"canary-in-answer"}"#,
        "<html>",
        "\u{feff}{}",
    ] {
        let base = BaseUrl::parse("http://127.0.0.1:1").unwrap();
        let account = Account::anonymous(answering(200, body), PlainDialect, base);
        let failure = account
            .post(CHANGE, ["x"])
            .receive::<Wanted>()
            .await
            .unwrap_err();
        assert_eq!(
            failure.outcome,
            Outcome::Unknown,
            "{body:?} may hide that it was done"
        );
        assert_eq!(failure.problem.code(), "answer_unreadable");
        assert!(
            !format!("{failure:?}").contains("canary"),
            "an answer's content is not told"
        );
    }
}

#[tokio::test]
async fn every_request_says_who_asks() {
    let agent =
        |headers: HeaderMap| async move { headers["user-agent"].to_str().unwrap().to_owned() };
    let account = account(http(), serve(Router::new().route("/x", get(agent))).await).await;
    let answer = account.get(READ, ["x"]).send().await.unwrap();
    assert_eq!(answer.body(), concat!("Fabrik/", env!("CARGO_PKG_VERSION")));
}
