//! What the gates do to calls: one too many is not sent, and says when its turn comes.

use std::{sync::Mutex, time::Duration};

use axum::{Router, http::HeaderMap, routing::any};
use fabrik_domain::{
    gate::{Ending, Gate, Limit, NotBefore, Pass},
    id::CustomerId,
    ports::{Clock, Secrets},
    provider::Provider,
    secret::SecretRef,
};
use http::StatusCode;
use jiff::Timestamp;

use super::{super::*, CHANGE, READ, failure, noting};
use crate::{
    GitHub, Resend, Reset, Words,
    gate::tests::{SetClock, gates},
    supabase::Management,
    testing::{TOKEN, secrets, serve, token},
};

const MINUTE: Duration = Duration::from_mins(1);
const TWO: &[Limit] = &[Limit::new(2, MINUTE), Limit::at_once(1)];

/// A vendor that lets two calls a minute through, one at a time.
struct Narrow;

impl Dialect for Narrow {
    fn provider(&self) -> Provider {
        Provider::Resend
    }

    fn words(&self, _: &HeaderMap, _: &Bytes) -> Words {
        Words::default()
    }

    fn reset(&self) -> Reset {
        Reset::FromNow("x-reset")
    }

    fn counts(&self, _: Call, _: &Request<Bytes>) -> Vec<Count> {
        vec![Count {
            class: "all".to_owned(),
            limits: TWO,
            units: 1,
            told: true,
        }]
    }
}

fn gated() -> (Arc<SetClock>, Http) {
    let (clock, gates) = gates();
    let http = Http::over_network(Arc::<SetClock>::clone(&clock)).unwrap();
    (clock, http.gated(Arc::new(gates)))
}

async fn narrow(http: &Http, base: &BaseUrl) -> Account {
    Account::new(
        http.clone(),
        Narrow,
        base.clone(),
        token().await,
        Scheme::Bearer,
    )
}

fn until(failure: &Failure) -> Timestamp {
    match failure.outcome {
        Outcome::Throttled(until) => until,
        other => panic!("it waits, and is not {other:?}"),
    }
}

#[tokio::test]
async fn one_too_many_is_not_sent() {
    let (clock, http) = gated();
    let (base, seen) = noting().await;
    let account = narrow(&http, &base).await;
    for _ in 0..2 {
        account.post(CHANGE, ["x"]).send().await.unwrap();
    }
    let refused = failure(&account, CHANGE, "x").await;
    assert_eq!(seen.lock().unwrap().len(), 2, "the third was not sent");
    assert_eq!(refused.problem.code(), "throttled");
    assert_eq!(refused.problem.provider, Some(Provider::Resend));
    let when = until(&refused);
    assert_eq!(*refused.problem.cause, Cause::Throttled { until: when });
    clock.pass_until(when);
    account
        .post(CHANGE, ["x"])
        .send()
        .await
        .expect("its turn was kept");
}

#[tokio::test]
async fn a_call_that_only_reads_waits_for_a_turn_that_comes_soon() {
    let (_, http) = gated();
    let (base, seen) = noting().await;
    // Five a second.
    let resend = Resend::new(http, base, token().await);
    for _ in 0..5 {
        let _ = resend.sent().await;
    }
    let mut sixth = std::pin::pin!(resend.sent());
    // As often as it takes to get the token: the clock stands still, so its turn never comes.
    for _ in 0..10 {
        assert!(futures::poll!(sixth.as_mut()).is_pending(), "it waits");
        tokio::task::yield_now().await;
    }
    assert_eq!(seen.lock().unwrap().len(), 5, "the sixth was not sent");
}

#[tokio::test]
async fn accounts_are_told_apart_by_where_their_token_is() {
    let (_, http) = gated();
    let (base, _) = noting().await;
    let (other_base, _) = noting().await;
    let account = narrow(&http, &base).await;
    for _ in 0..2 {
        account.get(READ, ["x"]).send().await.unwrap();
    }
    let same = narrow(&http, &base).await;
    let other = narrow(&http, &other_base).await;
    let kept = secrets().await;
    let elsewhere = SecretRef::Keyring("v1/other/token".to_owned());
    kept.set(&elsewhere, Secret::from(TOKEN)).await.unwrap();
    let token = Token::new(kept, elsewhere);
    let another = Account::new(http.clone(), Narrow, base, token, Scheme::Bearer);
    until(&failure(&same, READ, "x").await);
    assert!(other.get(READ, ["x"]).send().await.is_ok());
    assert!(another.get(READ, ["x"]).send().await.is_ok());
    assert!(!account.name.contains("token"), "the name tells nothing");
}

#[tokio::test]
async fn a_call_given_up_on_its_way_holds_no_slot() {
    let (_, http) = gated();
    let router = Router::new().fallback(any(std::future::pending::<()>));
    let account = narrow(&http, &serve(router).await).await;
    {
        let call = account.post(CHANGE, ["x"]).send();
        futures::pin_mut!(call);
        let soon = tokio::time::timeout(Duration::from_millis(100), &mut call).await;
        assert!(soon.is_err(), "it is on its way");
        until(&failure(&account, CHANGE, "x").await);
    }
    let second = account.post(CHANGE, ["x"]).send();
    let second = tokio::time::timeout(Duration::from_millis(100), second).await;
    assert!(second.is_err(), "the second is let through, and on its way");
    until(&failure(&account, CHANGE, "x").await);
}

#[tokio::test]
async fn what_never_left_counts_nowhere() {
    let (_, http) = gated();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = BaseUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let account = narrow(&http, &base).await;
    for _ in 0..5 {
        let unsent = failure(&account, CHANGE, "x").await;
        assert_eq!(unsent.outcome, Outcome::NotSent);
    }
}

#[tokio::test]
async fn a_refusal_for_too_many_holds_all_customers_back() {
    let (clock, http) = gated();
    let count = Arc::new(Mutex::new(0));
    let answers = Arc::clone(&count);
    let answer = move || {
        *answers.lock().unwrap() += 1;
        async { (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "300")], "") }
    };
    let base = serve(Router::new().fallback(any(answer))).await;
    let account = narrow(&http, &base).await;
    let one = account.for_customer(CustomerId::new());
    let other = account.for_customer(CustomerId::new());
    let told = until(&failure(&one, READ, "x").await);
    let waits = until(&failure(&other, READ, "x").await);
    assert_eq!(*count.lock().unwrap(), 1, "the second was not sent");
    assert!(told <= waits && waits.duration_since(clock.now()).as_secs() <= 301);
}

#[tokio::test]
async fn what_the_headers_leave_is_not_overdrawn() {
    let (clock, http) = gated();
    let headers = [("x-limit", "100"), ("x-remaining", "0"), ("x-reset", "40")];
    let router = Router::new().fallback(any(move || async move { (headers, "{}") }));
    let account = narrow(&http, &serve(router).await).await;
    account.get(READ, ["x"]).send().await.unwrap();
    // The vendor allows a hundred; somebody else has used the rest.
    let wait = until(&failure(&account, READ, "x").await).duration_since(clock.now());
    assert!((40..=42).contains(&wait.as_secs()), "{wait:?}");
}

#[tokio::test]
async fn a_refused_tokens_headers_shut_nothing() {
    for refusal in [401, 403] {
        let (_, http) = gated();
        // What GitHub tells a caller that it takes for nobody.
        let headers = [("x-limit", "1"), ("x-remaining", "0"), ("x-reset", "3600")];
        let calls = Arc::new(Mutex::new(0));
        let answer = move || {
            let mut calls = calls.lock().unwrap();
            *calls += 1;
            let status = if *calls == 1 { refusal } else { 200 };
            async move { (StatusCode::from_u16(status).unwrap(), headers, "{}") }
        };
        let base = serve(Router::new().fallback(any(answer))).await;
        let account = narrow(&http, &base).await;
        let refused = failure(&account, READ, "x").await;
        assert!(
            !matches!(refused.outcome, Outcome::Throttled(_)),
            "{refused}"
        );
        // The owner has given a new token.
        let next = account.get(READ, ["x"]).send().await;
        assert!(next.is_ok(), "{refusal}: {next:?}");
    }
}

/// Writes down what calls count.
#[derive(Default)]
struct Recording(Mutex<Vec<Vec<Charge>>>);

impl Gate for Recording {
    fn enter(&self, _: Option<CustomerId>, charges: &[Charge]) -> Result<Pass, Timestamp> {
        self.0.lock().unwrap().push(charges.to_vec());
        Ok(Pass(0))
    }

    fn leave(&self, _: Pass, _: Ending) {}

    fn earliest_end(&self, _: &[Charge]) -> Option<NotBefore> {
        None
    }

    fn reserve(&self, _: CustomerId, _: &[Charge]) -> Result<(), NotBefore> {
        Ok(())
    }

    fn release(&self, _: CustomerId) {}
}

#[tokio::test]
async fn a_forecast_is_of_what_calls_count() {
    let recording = Arc::new(Recording::default());
    let (base, _) = noting().await;
    let http = crate::testing::http().gated(Arc::<Recording>::clone(&recording));
    let github = GitHub::new(http.clone(), base.clone(), token().await);
    let supabase = Management::new(http.clone(), base.clone(), token().await);
    let resend = Resend::new(http, base, token().await);
    let _ = github.repository("a", "b").await;
    let repository = serde_json::json!({
        "id": 1, "full_name": "a/b", "html_url": "", "default_branch": "main",
    });
    let repository = serde_json::from_value(repository).unwrap();
    let _ = github.delete_repository(&repository).await;
    let _ = supabase.project("abcdefghijklmnopqrst").await;
    let _ = resend.senders().await;
    let expected = [
        github.demand(1, 0),
        github.demand(0, 1),
        supabase.demand("v1-get-project", "abcdefghijklmnopqrst", 1),
        resend.demand(1),
    ];
    let seen = recording.0.lock().unwrap();
    assert_eq!(seen.len(), expected.len());
    for (seen, expected) in seen.iter().zip(expected) {
        let expected: Vec<_> = expected.into_iter().filter(|one| one.units > 0).collect();
        assert_eq!(*seen, expected);
    }
    let both = github.demand(2, 3);
    let units: Vec<_> = both
        .iter()
        .map(|charge| (charge.class.name.as_str(), charge.units))
        .collect();
    assert_eq!(units, [("core", 5), ("points", 17), ("content", 3)]);
}
