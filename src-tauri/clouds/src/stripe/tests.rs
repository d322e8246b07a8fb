//! Stripe's quirks, against a server on this machine that has them.

use axum::{
    Json, Router, extract::RawQuery, http::HeaderMap, response::IntoResponse, routing::get,
};
use fabrik_domain::{failure::Outcome, ports::Secrets, secret::Secret};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Event, EventsFrom, Standing, Stripe, check_key};
use crate::{
    Token,
    testing::{answering, http, reference, secrets, serve},
};

async fn stripe(router: Router) -> Stripe {
    Stripe::new(
        http(),
        serve(router).await,
        with("rk_test_canary5f1c9a").await,
    )
}

/// A token that is this key.
async fn with(key: &str) -> Token {
    let secrets = secrets().await;
    secrets.set(&reference(), Secret::from(key)).await.unwrap();
    Token::new(secrets, reference())
}

fn missing() -> impl IntoResponse {
    let body = json!({"error": {"type": "invalid_request_error", "code": "resource_missing",
        "param": "ending_before", "message": "No such event: 'evt_old'"}});
    (StatusCode::BAD_REQUEST, Json(body))
}

#[tokio::test]
async fn events_are_asked_for_by_kind_and_version_and_read_by_id_alone() {
    let events = get(async |headers: HeaderMap, RawQuery(query): RawQuery| {
        assert_eq!(headers["stripe-version"], "2026-10-28.endive");
        let query = query.unwrap();
        assert_eq!(query.matches("types%5B%5D=").count(), 4, "{query}");
        assert!(
            query.contains("ending_before=evt_1") && query.contains("limit=100"),
            "{query}"
        );
        // An object of another version's shape, and one without an id.
        Json(
            json!({"object": "list", "has_more": true, "url": "/v1/events", "data": [
                {"id": "evt_3", "created": 1_764_000_060, "type": "customer.subscription.created",
                 "data": {"object": {"id": "sub_1", "object": "subscription", "plan": {"old": true}}}},
                {"id": "evt_2", "created": 1_764_000_000, "type": "checkout.session.completed", "data": null},
            ]}),
        )
    });
    let stripe = stripe(Router::new().route("/v1/events", events)).await;
    let page = stripe.events(&EventsFrom::After("evt_1".to_owned())).await;
    let page = page.unwrap().unwrap();
    assert!(page.has_more);
    let [newer, older] = &page.events[..] else {
        panic!("{page:?}")
    };
    assert_eq!(
        *newer,
        Event {
            id: "evt_3".to_owned(),
            at: "2025-11-24T16:01:00Z".parse().unwrap(),
            kind: "customer.subscription.created".to_owned(),
            object: Some("sub_1".to_owned()),
        }
    );
    assert_eq!(older.object, None);
}

#[tokio::test]
async fn an_event_that_stripe_has_forgotten_is_told_apart_from_a_failure() {
    let router = Router::new().route("/v1/events", get(async || missing()));
    let stripe = stripe(router).await;
    let page = stripe
        .events(&EventsFrom::After("evt_old".to_owned()))
        .await;
    assert_eq!(page.unwrap(), None);
    let down = Stripe::new(
        answering(500, "{}"),
        serve(Router::new()).await,
        with("rk_test_canary5f1c9a").await,
    );
    let failure = down.events(&EventsFrom::After("evt_1".to_owned())).await;
    assert_eq!(
        failure.unwrap_err().outcome,
        Outcome::NotSent,
        "it may be asked again"
    );
}

#[tokio::test]
async fn a_subscription_is_read_as_it_stands() {
    let body = |status: &str, customer: Value| {
        json!({"id": "sub_1", "object": "subscription", "created": 1_764_000_000, "status": status, "customer": customer,
        "metadata": {"subdomain": "lyran"},
        "items": {"object": "list", "data": [
            {"id": "si_0", "price": {"id": "price_0", "metadata": {}, "lookup_key": "support"}},
            {"id": "si_1", "current_period_end": 1,
                "price": {"id": "price_1", "metadata": {"plan": "medium"}, "lookup_key": null}},
        ]}})
    };
    for (status, standing) in [
        ("active", Standing::Runs),
        ("trialing", Standing::Runs),
        ("past_due", Standing::Runs),
        ("canceled", Standing::Ended),
        ("incomplete", Standing::Between),
        ("incomplete_expired", Standing::Between),
        ("paused", Standing::Between),
        ("a status of tomorrow", Standing::Between),
    ] {
        let whole = body(status, json!({"id": "cus_1", "object": "customer"}));
        let answer = get(async move || Json(whole));
        let stripe = stripe(Router::new().route("/v1/subscriptions/sub_1", answer)).await;
        let subscription = stripe.subscription("sub_1").await.unwrap().unwrap();
        assert_eq!(subscription.standing, standing, "{status}");
        assert_eq!(subscription.customer, "cus_1");
        assert_eq!(subscription.created.as_second(), 1_764_000_000);
        let [support, plan] = &subscription.prices[..] else {
            panic!("{:?}", subscription.prices)
        };
        assert_eq!(support.lookup_key.as_deref(), Some("support"));
        assert_eq!(plan.metadata["plan"], "medium");
    }
    let gone = Router::new().route(
        "/v1/subscriptions/sub_1",
        get(async || (StatusCode::NOT_FOUND, missing())),
    );
    assert_eq!(
        stripe(gone).await.subscription("sub_1").await.unwrap(),
        None
    );
}

#[tokio::test]
async fn a_subscription_that_cannot_be_read_hides_no_other_of_its_page() {
    let list = get(async || {
        let listed = |id: &str, item: Value| {
            json!({"id": id, "object": "subscription", "created": 1_764_000_000, "status": "active",
                "customer": "cus_1", "metadata": {}, "items": {"object": "list", "data": [item]}})
        };
        let good = json!({"id": "si_1", "price": {"id": "price_1", "metadata": {}}});
        // As it was before there were prices.
        let old = json!({"id": "si_2", "plan": {"id": "plan_1", "metadata": {}}});
        Json(json!({"object": "list", "has_more": true,
            "data": [listed("sub_1", good), listed("sub_2", old)]}))
    });
    let stripe = stripe(Router::new().route("/v1/subscriptions", list)).await;
    let page = stripe.subscriptions(None).await.unwrap();
    let read: Vec<_> = page.subscriptions.iter().map(|one| &*one.id).collect();
    assert_eq!(read, ["sub_1"]);
    assert_eq!(page.unread, ["sub_2"]);
    assert_eq!(
        page.last.as_deref(),
        Some("sub_2"),
        "it is read on from there"
    );
    assert!(page.has_more);
}

#[tokio::test]
async fn who_pays_is_known_by_name_where_no_language_is_chosen() {
    let body = json!({"id": "cus_1", "object": "customer", "name": "Lyran", "email": null,
        "preferred_locales": null, "metadata": {}});
    let answer = get(async move || Json(body));
    let stripe = stripe(Router::new().route("/v1/customers/cus_1", answer)).await;
    let payer = stripe.payer("cus_1").await.unwrap().unwrap();
    assert_eq!(payer.name.as_deref(), Some("Lyran"));
    assert!(payer.preferred_locales.is_empty());
}

#[tokio::test]
async fn only_a_restricted_key_or_one_for_tests_is_sent() {
    let (unrestricted, other) = ("credential_unrestricted", "credential_rejected");
    for (key, expected) in [
        ("rk_live_51canarycanary", None),
        ("rk_test_51canarycanary", None),
        ("sk_test_51canarycanary", None),
        (" rk_live_51canarycanary\n", None),
        ("sk_live_51canarycanary", Some(unrestricted)),
        ("sk_org_live_51canarycanary", Some(unrestricted)),
        ("sk_tomorrow_51canarycanary", Some(unrestricted)),
        ("pk_live_51canarycanary", Some(other)),
        ("whsec_51canarycanary", Some(other)),
        ("ghp_51canarycanary", Some(other)),
    ] {
        let checked = check_key(&Secret::from(key)).map_err(|problem| problem.code());
        assert_eq!(checked.err().as_deref(), expected, "{key}");
        let Some(code) = expected else { continue };
        let base = serve(Router::new().route(
            "/v1/account",
            get(async || -> StatusCode { panic!("it was sent") }),
        ))
        .await;
        let failure = Stripe::new(http(), base, with(key).await).whoami().await;
        let failure = failure.unwrap_err();
        assert_eq!(failure.problem.code(), code, "{key}");
        assert_eq!(failure.outcome, Outcome::Unauthorized, "{key}");
        assert!(!format!("{failure:?}").contains("canary"), "nor told");
    }
}

#[tokio::test]
async fn what_a_key_may_not_read_is_named() {
    let list = || get(async || Json(json!({"object": "list", "data": [], "has_more": false})));
    let forbidden = || {
        get(async || {
            let body = json!({"error": {"type": "invalid_request_error", "code": "more_permissions_required",
                "message": "The provided key does not have the required permissions for this endpoint."}});
            (StatusCode::FORBIDDEN, Json(body))
        })
    };
    let router = Router::new()
        .route("/v1/account", forbidden())
        .route("/v1/events", list())
        .route("/v1/checkout/sessions", list())
        .route("/v1/subscriptions", forbidden())
        .route("/v1/prices", list())
        .route("/v1/customers", list());
    let stripe = stripe(router).await;
    let info = stripe.whoami().await.unwrap();
    assert_eq!(info.missing_scopes, ["Subscriptions: read"]);
    assert_eq!(info.account, "", "whose it is need not be told");
    assert!(
        ["live", "test"].contains(&stripe.whose().await.unwrap().as_str()),
        "nor known"
    );
    let dead = Stripe::new(
        answering(
            401,
            r#"{"error": {"message": "Invalid API Key provided: rk_live_****"}}"#,
        ),
        serve(Router::new()).await,
        with("rk_test_canary5f1c9a").await,
    );
    let failure = dead.whoami().await.unwrap_err();
    assert_eq!(failure.problem.code(), "credential_rejected");
}
