//! Where a request may be sent on to, and what goes along (S10).

use fabrik_domain::failure::Outcome;
use fabrik_tests::Proof;

use super::{super::*, noting};
use crate::testing::{TOKEN, account, http};

fn redirecting(base: &BaseUrl, status: u16, location: &str, method: Method) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = method;
    *request.uri_mut() = format!("{base}/to/{status}?{location}").parse().unwrap();
    secret_header(
        request.headers_mut(),
        "x-key".parse().unwrap(),
        "",
        &TOKEN.into(),
    )
    .unwrap();
    request
}

#[tokio::test]
async fn no_token_follows_a_redirect_to_another_origin() {
    let proof = Proof::of(
        "S10",
        "redirects to another origin, each with two secrets in the request",
    );
    let (here, _) = noting().await;
    let (there, seen_there) = noting().await;
    let account = account(http(), here.clone()).await;
    let port = there.as_url().port().unwrap();
    let mut cases = 0;
    for status in [301, 302, 303, 307, 308] {
        for location in [
            format!("http://127.0.0.1:{port}/landed"),
            format!("HTTP://127.0.0.1:{port}/landed"),
            format!("//127.0.0.1:{port}/landed"),
            format!("http://localhost:{port}/landed"),
            format!("http://2130706433:{port}/landed"),
            // Twice: a secret that was stripped must not come back.
            format!("http://127.0.0.1:{port}/to/302?/landed"),
            // Back where it came from, by the other server's word.
            format!("http://127.0.0.1:{port}/to/307?{here}/landed"),
            format!("http://127.0.0.1:{port}/landed#fragment"),
        ] {
            cases += 1;
            let before = seen_there.lock().unwrap().len();
            let _ = account
                .send(redirecting(&here, status, &location, Method::GET))
                .await
                .unwrap();
            let now = seen_there.lock().unwrap().len();
            assert!(now > before, "{status} to {location} was followed");
        }
    }
    assert_eq!(cases, 40);
    let seen = seen_there.lock().unwrap();
    for (path, secrets) in seen.iter() {
        assert!(secrets.is_empty(), "{path} got {secrets:?}");
    }
    proof.held(cases);
}

#[tokio::test]
async fn a_redirect_within_the_origin_keeps_the_token() {
    let (here, seen) = noting().await;
    let account = account(http(), here.clone()).await;
    account
        .send(redirecting(&here, 301, "/renamed", Method::GET))
        .await
        .unwrap();
    let seen = seen.lock().unwrap();
    let (path, secrets) = seen.last().unwrap();
    assert_eq!(path, "/renamed");
    assert_eq!(secrets.len(), 2, "the token and the key");
}

#[tokio::test]
async fn changes_are_never_repeated_elsewhere() {
    let (here, seen) = noting().await;
    let account = account(http(), here.clone()).await;
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let before = seen.lock().unwrap().len();
        let answer = account
            .send(redirecting(&here, 307, "/again", method.clone()))
            .await;
        assert_eq!(answer.unwrap_err().outcome, Outcome::Refused, "{method}");
        assert_eq!(
            seen.lock().unwrap().len(),
            before + 1,
            "{method} was sent once"
        );
    }
}

#[tokio::test]
async fn a_loop_ends() {
    let (here, seen) = noting().await;
    let account = account(http(), here.clone()).await;
    let looping = Request::builder()
        .uri(format!("{here}/to/302?"))
        .body(Bytes::new())
        .unwrap();
    let failure = account.send(looping).await.unwrap_err();
    assert_eq!(failure.problem.code(), "answer_unreadable");
    assert_eq!(seen.lock().unwrap().len(), 6, "the first and five hops");
}
