//! Vercel's quirks, against a server on this machine that has them.

use axum::{
    Json, Router,
    extract::Query,
    response::IntoResponse,
    routing::{get, post},
};
use fabrik_domain::{failure::Outcome, secret::Secret};
use http::StatusCode;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{GitAccess, Kind, NewDeployment, NewProject, Target, Variable, Vercel, address};
use crate::testing::{answering, http, serve, token};

async fn vercel(router: Router) -> Vercel {
    Vercel::new(http(), serve(router).await, token().await)
}

fn refusal(status: u16, code: &str, invalid_token: bool) -> impl IntoResponse + use<> {
    let body = json!({"error": {"code": code, "message": "no", "invalidToken": invalid_token}});
    (StatusCode::from_u16(status).unwrap(), Json(body))
}

#[test]
fn hosts_become_addresses() {
    assert_eq!(address("acme.vercel.app"), "https://acme.vercel.app");
    assert_eq!(
        address("127.0.0.1:4000/_sites/acme"),
        "http://127.0.0.1:4000/_sites/acme"
    );
    assert_eq!(address("127.0.0.1.evil.se"), "https://127.0.0.1.evil.se");
}

#[tokio::test]
async fn every_call_says_for_which_team() {
    let echo =
        get(async |Query(query): Query<Value>| Json(json!({"id": query.to_string(), "name": "a"})));
    let vercel = vercel(Router::new().route("/v9/projects/a", echo)).await;
    for (team, query) in [
        (Some("team_1"), json!({"teamId": "team_1"})),
        (Some("acme"), json!({"slug": "acme"})),
        (Some(""), json!({})),
        (None, json!({})),
    ] {
        let project = vercel.project(team, "a").await.unwrap().unwrap();
        assert_eq!(project.id, query.to_string(), "for {team:?}");
    }
}

#[tokio::test]
async fn a_project_is_made_with_its_mark() {
    let made = post(async |Json(body): Json<Value>| {
        let expected = json!({
            "name": "shop", "framework": "nextjs",
            "gitRepository": {"type": "github", "repo": "acme/shop"},
            "environmentVariables": [{
                "key": "FABRIK_MARK", "value": "fabrik:w:c", "type": "plain",
                "target": ["production", "preview", "development"],
            }],
        });
        assert_eq!(body, expected);
        Json(json!({"id": "prj_1", "name": "shop", "link": {"repoId": 12}}))
    });
    let vercel = vercel(Router::new().route("/v11/projects", made)).await;
    let project = NewProject {
        name: "shop",
        framework: Some("nextjs"),
        repository: "acme/shop",
        mark: ("FABRIK_MARK", "fabrik:w:c"),
    };
    let made = vercel.create_project(None, project).await.unwrap();
    assert_eq!(made.repo_id().as_deref(), Some("12"));
}

#[tokio::test]
async fn a_taken_name_and_a_bad_token_are_told_apart_from_refusals() {
    let project = NewProject {
        name: "shop",
        framework: None,
        repository: "acme/shop",
        mark: ("M", "m"),
    };
    for (status, code, invalid, expected, outcome) in [
        (409, "conflict", false, "name_taken", Outcome::Refused),
        (
            403,
            "forbidden",
            true,
            "credential_rejected",
            Outcome::Unauthorized,
        ),
        (
            403,
            "forbidden",
            false,
            "credential_scope_missing",
            Outcome::Unauthorized,
        ),
        (
            402,
            "payment_required",
            false,
            "quota_exceeded",
            Outcome::Refused,
        ),
        (400, "bad_request", false, "refused", Outcome::Refused),
    ] {
        let answer = post(async move || refusal(status, code, invalid));
        let vercel = vercel(Router::new().route("/v11/projects", answer)).await;
        let failure = vercel.create_project(None, project).await.unwrap_err();
        assert_eq!(
            (failure.problem.code().as_str(), failure.outcome),
            (expected, outcome)
        );
    }
}

#[tokio::test]
async fn a_limit_is_waited_out_until_its_epoch() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the vendor tells the time by the wall clock"
    )]
    let until = jiff::Timestamp::now().as_second() + 40;
    let answer = get(async move || {
        let mut response = refusal(429, "rate_limited", false).into_response();
        response
            .headers_mut()
            .insert("x-ratelimit-reset", until.into());
        response
    });
    let vercel = vercel(Router::new().route("/v9/projects/a", answer)).await;
    let failure = vercel.project(None, "a").await.unwrap_err();
    assert_eq!(
        failure.outcome,
        Outcome::Throttled(jiff::Timestamp::from_second(until).unwrap())
    );
}

#[tokio::test]
async fn a_missing_app_is_seen_in_a_success() {
    let namespaces = json!([{"provider": "github", "slug": "acme", "id": 5, "ownerType": "team"}]);
    let router = |search: Value| {
        let namespaces = namespaces.clone();
        Router::new()
            .route(
                "/v1/integrations/git-namespaces",
                get(async || Json(namespaces)),
            )
            .route(
                "/v1/integrations/search-repo",
                get(async move |Query(query): Query<Value>| {
                    assert_eq!(
                        (&query["namespaceId"], &query["provider"]),
                        (&json!("5"), &json!("github"))
                    );
                    Json(search)
                }),
            )
    };
    let missing = json!({"error": {"code": "installation_not_found", "message": "…"}});
    let client = vercel(router(missing)).await;
    assert_eq!(
        client.git_access(None, "acme", "shop").await.unwrap(),
        GitAccess::Missing
    );
    assert_eq!(
        client.git_access(None, "other", "shop").await.unwrap(),
        GitAccess::Missing
    );
    let found = json!({"repos": [{"name": "shop", "slug": "shop", "namespace": "acme"}]});
    let access = vercel(router(found))
        .await
        .git_access(None, "acme", "shop")
        .await
        .unwrap();
    assert!(access.sees("acme/shop") && !access.sees("acme/other"));
}

#[tokio::test]
async fn variables_go_one_call_per_target_and_failures_in_a_success_are_told() {
    let write = post(
        async |Query(query): Query<Value>, Json(body): Json<Value>| {
            assert_eq!(query["upsert"], "true");
            let expected = json!([
                {"key": "URL", "value": "https://a", "type": "plain", "target": ["preview"]},
                {"key": "KEY", "value": "s3cret-value", "type": "sensitive", "target": ["preview"]},
            ]);
            assert_eq!(body, expected);
            let failed = json!([{"error": {
                "code": "ENV_CONFLICT", "message": "KEY=s3cret-value is there", "envVarKey": "KEY",
            }}]);
            (
                StatusCode::CREATED,
                Json(json!({"created": [], "failed": failed})),
            )
        },
    );
    let vercel = vercel(Router::new().route("/v10/projects/prj_1/env", write)).await;
    let (url, key) = (Secret::from("https://a"), Secret::from("s3cret-value"));
    let variables = [
        Variable {
            key: "URL",
            value: &url,
            kind: Kind::Plain,
        },
        Variable {
            key: "KEY",
            value: &key,
            kind: Kind::Sensitive,
        },
    ];
    let failure = vercel
        .set_variables(None, "prj_1", Target::Preview, &variables)
        .await
        .unwrap_err();
    assert_eq!(failure.problem.detail.as_deref(), Some("KEY: ENV_CONFLICT"));
    assert!(
        !format!("{failure:?}").contains("s3cret"),
        "no value is in an error"
    );
}

#[tokio::test]
async fn a_deployment_is_new_and_of_production() {
    let made = post(
        async |Query(query): Query<Value>, Json(body): Json<Value>| {
            assert_eq!(
                query,
                json!({"forceNew": "1", "skipAutoDetectionConfirmation": "1"})
            );
            let expected = json!({
                "name": "shop", "project": "prj_1", "target": "production",
                "gitSource": {"type": "github", "repoId": "12", "ref": "main"},
            });
            assert_eq!(body, expected);
            Json(
                json!({"id": "dpl_1", "readyState": "QUEUED", "createdAt": 5, "url": "shop-1.vercel.app"}),
            )
        },
    );
    let vercel = vercel(Router::new().route("/v13/deployments", made)).await;
    let deployment = NewDeployment {
        name: "shop",
        project: "prj_1",
        repo_id: "12",
        branch: "main",
    };
    assert_eq!(
        vercel.create_deployment(None, deployment).await.unwrap().id,
        "dpl_1"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_answer_makes_a_decoder_panic(
        cut in 0usize..200, at in 0usize..200, byte in any::<u8>(), status in 200u16..600,
    ) {
        let mut body = json!({
            "id": "prj_1", "name": "shop", "link": {"repoId": 12, "org": "acme"},
            "envs": [{"key": "A", "type": "plain", "value": "1", "target": ["production"]}],
            "domains": [{"name": "a.vercel.app", "verified": true}],
            "deployments": [{"uid": "dpl_1", "state": "READY", "created": 5.5, "alias": []}],
            "user": {"username": "anna"}, "repos": [{"name": "shop"}],
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
            let vercel = Vercel::new(answering(status, body), base, token().await);
            let _ = vercel.project(None, "a").await;
            let _ = vercel.variables(None, "a").await;
            let _ = vercel.domains(None, "a").await;
            let _ = vercel.deployments(None, "a").await;
            let _ = vercel.deployment(None, "a").await;
            let _ = vercel.whoami().await;
            let _ = vercel.team("a").await;
            let _ = vercel.git_access(None, "a", "b").await;
        });
    }
}
