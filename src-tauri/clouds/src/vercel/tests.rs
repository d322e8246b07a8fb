//! Vercel's quirks, against a server on this machine that has them.

use axum::{
    Json, Router,
    extract::Query,
    response::IntoResponse,
    routing::{delete, get, patch, post},
};
use fabrik_domain::{failure::Outcome, secret::Secret};
use http::StatusCode;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    DeploymentState, DnsRecord, Domain, DomainConfig, GitAccess, Kind, NewDeployment, NewProject,
    Target, Variable, Vercel, address,
};
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
                "target": ["development"],
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
        (
            402,
            "api-deployments-free-per-day",
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
    let Outcome::Throttled(told) = failure.outcome else {
        panic!("it is a limit, not {:?}", failure.outcome)
    };
    // By the `date` of the answer, which is up to a second old.
    let later = told.as_second() - until;
    assert!((0..=5).contains(&later), "{later} s later than told");
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
async fn an_organization_is_a_team_in_vercels_words() {
    for (owner_type, organization) in [
        (json!("team"), true),
        (json!("user"), false),
        (json!("bot"), false),
        (Value::Null, false),
    ] {
        let namespaces = json!([{"slug": "acme", "id": 5, "ownerType": owner_type}]);
        let search = json!({"repos": [{"name": "shop", "slug": "shop", "namespace": "acme", "private": true}]});
        let router = Router::new()
            .route(
                "/v1/integrations/git-namespaces",
                get(async move || Json(namespaces)),
            )
            .route(
                "/v1/integrations/search-repo",
                get(async move || Json(search)),
            );
        let client = vercel(router).await;
        let access = client.git_access(None, "acme", "shop").await.unwrap();
        assert!(access.sees("acme/shop"));
        let told = access.is_private_of_organization("acme/shop");
        assert_eq!(told, organization, "{owner_type}");
    }
}

#[tokio::test]
async fn the_plan_is_that_of_the_newest_deployment() {
    for (listed, plan, expected) in [
        (json!([{"uid": "dpl_2"}]), json!("hobby"), Some("hobby")),
        (json!([{"uid": "dpl_2"}]), json!("new"), Some("new")),
        (json!([{"uid": "dpl_2"}]), Value::Null, None),
        (json!([]), json!("hobby"), None),
    ] {
        let router = Router::new()
            .route(
                "/v7/deployments",
                get(async move |Query(query): Query<Value>| {
                    assert_eq!(query, json!({"limit": "1", "slug": "acme"}));
                    Json(json!({ "deployments": listed }))
                }),
            )
            .route(
                "/v13/deployments/dpl_2",
                get(async move |Query(query): Query<Value>| {
                    assert_eq!(query, json!({"slug": "acme"}));
                    Json(json!({ "id": "dpl_2", "plan": plan }))
                }),
            );
        let told = vercel(router).await.plan(Some("acme")).await.unwrap();
        assert_eq!(told.as_deref(), expected);
    }
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
async fn a_writing_that_meets_another_is_tried_again_and_no_other_refusal_is() {
    // The first is Vercel's own, misspelt as it is.
    for (status, message, expected) in [
        (
            400,
            "The environment variable coudn't be created because an ongoing update env update is already happening",
            Outcome::NotSent,
        ),
        (
            400,
            "The environment variable coudn't be created because project document is too large",
            Outcome::Refused,
        ),
        (400, "ONGOING_WORK has no valid value", Outcome::Refused),
        (409, "An ongoing transfer of the project", Outcome::Refused),
    ] {
        let code = StatusCode::from_u16(status).unwrap();
        let body = json!({"error": {"code": "bad_request", "message": message}});
        let write = post(async move || (code, Json(body)));
        let vercel = vercel(Router::new().route("/v10/projects/prj_1/env", write)).await;
        let value = Secret::from("https://a");
        let variable = Variable {
            key: "URL",
            value: &value,
            kind: Kind::Plain,
        };
        let failure = vercel
            .set_variables(None, "prj_1", Target::Preview, &[variable])
            .await
            .unwrap_err();
        assert_eq!(failure.outcome, expected, "{message}");
    }
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
                "meta": {"fabrikMark": "fabrik:w:c"},
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
        meta: &[("fabrikMark", "fabrik:w:c")],
    };
    assert_eq!(
        vercel.create_deployment(None, deployment).await.unwrap().id,
        "dpl_1"
    );
}

#[tokio::test]
async fn a_projects_domains_are_read_to_the_last_page() {
    let page = get(async |Query(query): Query<Value>| {
        let older = json!({"limit": "100", "slug": "acme", "until": "1612264332000"});
        let (name, next) = if query == older {
            ("shop.vercel.app", Value::Null)
        } else {
            ("shop.acme.se", json!(1_612_264_332_000_u64))
        };
        let pagination = json!({"count": 1, "next": next, "prev": null});
        Json(json!({"domains": [{"name": name, "verified": true}], "pagination": pagination}))
    });
    let client = vercel(Router::new().route("/v9/projects/prj_1/domains", page)).await;
    let domains = client.domains(Some("acme"), "prj_1").await.unwrap();
    let names: Vec<_> = domains.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["shop.acme.se", "shop.vercel.app"]);
}

#[tokio::test]
async fn a_list_of_domains_without_an_end_has_one() {
    let page = get(async || {
        let domains = json!([{"name": "shop.acme.se", "verified": true}]);
        Json(json!({"domains": domains, "pagination": {"count": 1, "next": 5, "prev": null}}))
    });
    let client = vercel(Router::new().route("/v9/projects/prj_1/domains", page)).await;
    let domains = client.domains(None, "prj_1").await.unwrap();
    assert_eq!(domains.len(), 100);
}

fn record(kind: &str, name: &str, value: &str) -> DnsRecord {
    DnsRecord {
        kind: kind.to_owned(),
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

#[tokio::test]
async fn a_domain_is_added_proved_and_removed() {
    let added = post(async |Json(body): Json<Value>| {
        assert_eq!(body, json!({"name": "shop.acme.se"}));
        Json(json!({
            "name": "shop.acme.se", "apexName": "acme.se", "projectId": "prj_1", "verified": false,
            "verification": [{
                "type": "TXT", "domain": "_vercel.acme.se", "value": "vc-domain-verify=1", "reason": "pending",
            }],
        }))
    });
    let config = get(async |Query(query): Query<Value>| {
        assert_eq!(query["projectIdOrName"], "prj_1");
        Json(json!({
            "configuredBy": null, "acceptedChallenges": [], "misconfigured": true,
            "recommendedIPv4": [{"rank": 1, "value": ["216.150.1.1"]}],
            "recommendedCNAME": [
                {"rank": 2, "value": "cname.vercel-dns.com."},
                {"rank": 1, "value": "d1.vercel-dns-017.com."},
            ],
        }))
    });
    let verify = post(async || refusal(400, "missing_txt_record", false));
    let own = "/v9/projects/prj_1/domains/shop.acme.se";
    let router = Router::new()
        .route("/v10/projects/prj_1/domains", added)
        .route("/v6/domains/shop.acme.se/config", config)
        .route(&format!("{own}/verify"), verify)
        .route(own, delete(async || Json(json!({}))))
        .route(
            "/v9/projects/prj_1/domains/gone.acme.se",
            delete(async || refusal(404, "not_found", false))
                .get(async || refusal(404, "not_found", false)),
        );
    let vercel = vercel(router).await;
    let domain = vercel
        .add_domain(None, "prj_1", "shop.acme.se")
        .await
        .unwrap();
    let config = vercel
        .domain_config(None, "prj_1", "shop.acme.se")
        .await
        .unwrap();
    let wanted = [
        record("TXT", "_vercel.acme.se", "vc-domain-verify=1"),
        record("CNAME", "shop.acme.se", "d1.vercel-dns-017.com"),
    ];
    assert_eq!(domain.wanted(&config), wanted);
    let verified = vercel.verify_domain(None, "prj_1", "shop.acme.se").await;
    assert!(!verified.unwrap(), "the record isn't there yet");
    let gone = "gone.acme.se";
    assert_eq!(vercel.domain(None, "prj_1", gone).await.unwrap(), None);
    assert!(!vercel.remove_domain(None, "prj_1", gone).await.unwrap());
    assert!(
        vercel
            .remove_domain(None, "prj_1", "shop.acme.se")
            .await
            .unwrap()
    );
}

#[test]
fn a_bare_domain_wants_an_address_and_one_that_is_right_nothing() {
    let bare: Domain =
        serde_json::from_value(json!({"name": "acme.se", "apexName": "acme.se", "verified": true}))
            .unwrap();
    let config = |misconfigured: bool| -> DomainConfig {
        serde_json::from_value(json!({
            "misconfigured": misconfigured, "configuredBy": "A",
            "recommendedIPv4": [{"rank": 1, "value": ["216.150.1.1", "216.150.16.1"]}],
            "recommendedCNAME": [{"rank": 1, "value": "x."}],
        }))
        .unwrap()
    };
    let wanted = [record("A", "acme.se", "216.150.1.1")];
    assert_eq!(bare.wanted(&config(true)), wanted, "one address is enough");
    assert_eq!(bare.wanted(&config(false)), []);
}

#[tokio::test]
async fn a_domain_of_somebody_elses_is_a_name_that_is_taken() {
    let taken = post(async || refusal(409, "domain_already_in_use", false));
    let vercel = vercel(Router::new().route("/v10/projects/prj_1/domains", taken)).await;
    let failure = vercel
        .add_domain(None, "prj_1", "shop.acme.se")
        .await
        .unwrap_err();
    assert_eq!(failure.problem.code(), "name_taken");
}

#[tokio::test]
async fn what_is_deleted_is_deleted_by_its_id() {
    let gone = async || refusal(404, "not_found", false);
    let router = Router::new()
        .route(
            "/v9/projects/prj_1",
            delete(async || StatusCode::NO_CONTENT),
        )
        .route("/v9/projects/prj_2", delete(gone))
        .route(
            "/v9/projects/prj_3",
            delete(async || refusal(409, "transfer", false)),
        )
        .route(
            "/v9/projects/prj_1/env/e1",
            delete(async || Json(json!({}))),
        )
        .route("/v9/projects/prj_1/env/e2", delete(gone))
        .route(
            "/v13/deployments/dpl_1",
            delete(async || Json(json!({"uid": "dpl_1", "state": "DELETED"}))),
        )
        .route("/v13/deployments/dpl_2", delete(gone))
        .route(
            "/v12/deployments/dpl_1/cancel",
            patch(async || Json(json!({"id": "dpl_1", "readyState": "CANCELED"}))),
        );
    let vercel = vercel(router).await;
    assert!(vercel.delete_project(None, "prj_1").await.unwrap());
    assert!(!vercel.delete_project(None, "prj_2").await.unwrap());
    let transferred = vercel.delete_project(None, "prj_3").await.unwrap_err();
    assert_eq!(transferred.outcome, Outcome::Refused);
    assert!(vercel.delete_variable(None, "prj_1", "e1").await.unwrap());
    assert!(!vercel.delete_variable(None, "prj_1", "e2").await.unwrap());
    assert!(vercel.delete_deployment(None, "dpl_1").await.unwrap());
    assert!(!vercel.delete_deployment(None, "dpl_2").await.unwrap());
    let canceled = vercel.cancel_deployment(None, "dpl_1").await.unwrap();
    assert_eq!(
        canceled.state,
        DeploymentState::Ended("CANCELED".to_owned())
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
            let domain = vercel.domain(None, "a", "b").await;
            let config = vercel.domain_config(None, "a", "b").await;
            if let (Ok(Some(domain)), Ok(config)) = (domain, config) {
                let _ = domain.wanted(&config);
            }
            let _ = vercel.verify_domain(None, "a", "b").await;
            let _ = vercel.cancel_deployment(None, "a").await;
            let _ = vercel.deployments(None, "a").await;
            let _ = vercel.deployment(None, "a").await;
            let _ = vercel.plan(None).await;
            let _ = vercel.whoami().await;
            let _ = vercel.team("a").await;
            let _ = vercel.git_access(None, "a", "b").await;
        });
    }
}
