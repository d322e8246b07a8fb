//! GitHub's quirks, against a server on this machine that has them.

use axum::{
    Json, Router,
    extract::Query,
    http::HeaderMap,
    response::{IntoResponse, Redirect},
    routing::{delete, get, post, put},
};
use fabrik_domain::{Cause, failure::Outcome};
use http::StatusCode;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{FileAt, GitHub, NewRepository, Owner};
use crate::testing::{TOKEN, answering, http, serve, token};

async fn github(router: Router) -> GitHub {
    GitHub::new(http(), serve(router).await, token().await)
}

fn repository(id: u64, name: &str) -> Value {
    json!({
        "id": id, "full_name": name, "html_url": format!("https://github.com/{name}"),
        "description": null, "default_branch": "main", "is_template": true, "private": true,
        "size": 7, "owner": {"login": "acme"},
    })
}

fn refusal(status: u16, message: &str) -> impl IntoResponse + use<> {
    let body = json!({"message": message, "documentation_url": "https://docs.github.com"});
    (StatusCode::from_u16(status).unwrap(), Json(body))
}

const SHOP: NewRepository<'static> = NewRepository {
    owner: "acme",
    name: "shop",
    description: "a shop [fabrik:w:c]",
};

#[tokio::test]
async fn requests_carry_token_version_and_agent() {
    let seen = get(async |headers: HeaderMap| {
        let text = |name: &str| headers[name].to_str().unwrap().to_owned();
        let all: Vec<_> = headers.get_all("x-github-api-version").iter().collect();
        assert_eq!(all.len(), 1, "one version, ours");
        let names = [
            "authorization",
            "x-github-api-version",
            "user-agent",
            "accept",
        ];
        Json(json!({"login": names.map(text).join(" | ")}))
    });
    let github = github(Router::new().route("/user", seen)).await;
    let account = github.whoami().await.unwrap().account;
    let agent = concat!("Fabrik/", env!("CARGO_PKG_VERSION"));
    let expected = format!("Bearer {TOKEN} | 2022-11-28 | {agent} | application/vnd.github+json");
    assert_eq!(account, expected);
}

#[tokio::test]
async fn a_rename_is_followed_by_id() {
    let router = Router::new()
        .route(
            "/repos/acme/old",
            get(async || Redirect::permanent("/repositories/7")),
        )
        .route(
            "/repositories/7",
            get(async || Json(repository(7, "acme/new"))),
        )
        .route("/repos/acme/gone", get(async || refusal(404, "Not Found")));
    let github = github(router).await;
    let found = github.repository("acme", "old").await.unwrap().unwrap();
    assert_eq!((found.id, found.owner_and_name()), (7, ("acme", "new")));
    assert_eq!(github.repository("acme", "gone").await.unwrap(), None);
}

#[tokio::test]
async fn generating_asks_for_a_private_repository() {
    let made = post(async |Json(body): Json<Value>| {
        let expected = json!({
            "owner": "acme", "name": "shop", "description": "a shop [fabrik:w:c]",
            "private": true, "include_all_branches": false,
        });
        assert_eq!(body, expected);
        (StatusCode::CREATED, Json(repository(8, "acme/shop")))
    });
    let github = github(Router::new().route("/repos/acme/template/generate", made)).await;
    assert_eq!(
        github.generate("acme", "template", SHOP).await.unwrap().id,
        8
    );
}

#[tokio::test]
async fn why_nothing_was_generated_is_told() {
    for (status, message, code) in [
        (
            422,
            "Could not clone: Name already exists on this account",
            "name_taken",
        ),
        (
            422,
            "Could not clone: template repository not found",
            "template_not_visible",
        ),
        (404, "Not Found", "template_not_visible"),
        (422, "Validation Failed", "refused"),
    ] {
        let answer = post(async move || refusal(status, message));
        let github = github(Router::new().route("/repos/acme/template/generate", answer)).await;
        let failure = github.generate("acme", "template", SHOP).await.unwrap_err();
        assert_eq!(
            (failure.problem.code().as_str(), failure.outcome),
            (code, Outcome::Refused)
        );
        assert_eq!(
            failure.problem.detail.as_deref(),
            Some(message),
            "GitHub's own words stay"
        );
    }
}

#[tokio::test]
async fn an_empty_repository_has_no_branch_yet() {
    let router = Router::new()
        .route(
            "/repos/a/empty/branches/main",
            get(async || refusal(409, "Git Repository is empty.")),
        )
        .route(
            "/repos/a/early/branches/main",
            get(async || refusal(404, "Branch not found")),
        )
        .route(
            "/repos/a/full/branches/main",
            get(async || Json(json!({"commit": {"sha": "c0"}}))),
        );
    let github = github(router).await;
    assert_eq!(github.branch("a", "empty", "main").await.unwrap(), None);
    assert_eq!(github.branch("a", "early", "main").await.unwrap(), None);
    assert_eq!(
        github
            .branch("a", "full", "main")
            .await
            .unwrap()
            .unwrap()
            .commit,
        "c0"
    );
}

#[tokio::test]
async fn both_kinds_of_limits_are_waited_out() {
    for (status, headers, wait) in [
        (403, vec![("retry-after", "30")], 30),
        (429, vec![], 60),
        // The reset is the hourly limit's and says nothing of a secondary one.
        (
            403,
            vec![
                ("x-ratelimit-remaining", "4000"),
                ("x-ratelimit-reset", "99999999999"),
            ],
            60,
        ),
    ] {
        let answer = get(async move || {
            let message = "You have exceeded a secondary rate limit.";
            let mut response = refusal(status, message).into_response();
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            response
        });
        let github = github(Router::new().route("/repos/a/b", answer)).await;
        let failure = github.repository("a", "b").await.unwrap_err();
        let Outcome::Throttled(until) = failure.outcome else {
            panic!("{status} is a limit, not {:?}", failure.outcome)
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "the server of the test counts from the wall clock"
        )]
        let seconds = until.duration_since(jiff::Timestamp::now()).as_secs();
        assert!(
            (wait - 5..=wait).contains(&seconds),
            "{seconds} s, where {wait} s were told"
        );
    }
}

#[tokio::test]
async fn a_forbidden_call_names_the_scopes_and_the_request() {
    let answer = get(async || {
        let mut response = refusal(403, "Resource not accessible").into_response();
        response
            .headers_mut()
            .insert("x-github-request-id", "A1:B2".parse().unwrap());
        response
    });
    let github = github(Router::new().route("/repos/a/b", answer)).await;
    let failure = github.repository("a", "b").await.unwrap_err();
    assert_eq!(failure.outcome, Outcome::Unauthorized);
    assert_eq!(failure.problem.request_id.as_deref(), Some("A1:B2"));
    let scopes = vec!["repo".to_owned()];
    assert_eq!(
        *failure.problem.cause,
        Cause::CredentialScopeMissing { scopes }
    );
}

#[tokio::test]
async fn a_lost_answer_to_a_change_is_unknown() {
    let broken = async || (StatusCode::CREATED, "{\"id\": 8, \"full");
    let down = async || StatusCode::BAD_GATEWAY;
    for router in [
        Router::new().route("/repos/acme/template/generate", post(broken)),
        Router::new().route("/repos/acme/template/generate", post(down)),
    ] {
        let failure = github(router)
            .await
            .generate("acme", "template", SHOP)
            .await
            .unwrap_err();
        assert_eq!(failure.outcome, Outcome::Unknown, "{failure}");
    }
}

#[tokio::test]
async fn an_owner_is_the_user_or_an_organization_or_not_seen() {
    let router = Router::new()
        .route("/user", get(async || Json(json!({"login": "Anna"}))))
        .route("/orgs/acme", get(async || Json(json!({"login": "acme"}))))
        .route("/orgs/{org}", get(async || refusal(404, "Not Found")));
    let github = github(router).await;
    for (owner, is) in [
        ("anna", Some(Owner::User)),
        ("acme", Some(Owner::Organization)),
        ("other", None),
    ] {
        let told = github.owner(owner).await.unwrap();
        assert_eq!(told, ("Anna".to_owned(), is), "{owner}");
    }
}

#[tokio::test]
async fn an_app_for_chosen_repositories_is_told_where_the_token_may_know() {
    let installed = |selection: &'static str| {
        get(async move || {
            Json(json!({"total_count": 2, "installations": [
                {"id": 1, "app_slug": "ci", "repository_selection": "selected"},
                {"id": 2, "app_slug": "vercel", "repository_selection": selection},
            ]}))
        })
    };
    let router = Router::new()
        .route("/orgs/chosen/installations", installed("selected"))
        .route("/orgs/all/installations", installed("all"))
        .route(
            "/orgs/hidden/installations",
            get(async || refusal(403, "You must be an organization owner")),
        )
        .route(
            "/orgs/{person}/installations",
            get(async || refusal(404, "Not Found")),
        );
    let github = github(router).await;
    for (owner, limited) in [
        ("chosen", Some(true)),
        ("all", Some(false)),
        ("hidden", None),
        ("anna", None),
    ] {
        let told = github.app_is_limited(owner, "vercel").await.unwrap();
        assert_eq!(told, limited, "{owner}");
    }
    let other = github.app_is_limited("all", "another").await.unwrap();
    assert_eq!(other, None, "it is not there");
}

#[tokio::test]
async fn files_are_read_and_replaced_on_their_branch() {
    let read = get(async |Query(query): Query<Value>| {
        assert_eq!(query["ref"], "main");
        Json(json!({"sha": "b1", "encoding": "base64", "content": "eyJh\nIjoxfQ==\n"}))
    });
    let write = put(async |Json(body): Json<Value>| {
        assert_eq!(
            (&body["sha"], &body["content"]),
            (&json!("b1"), &json!("eyJhIjoyfQ=="))
        );
        Json(json!({"content": {}, "commit": {"sha": "c1"}}))
    });
    let router = Router::new()
        .route(
            "/repos/a/b/contents/dir/client-config.json",
            read.merge(write),
        )
        .route(
            "/repos/a/b/contents/none.json",
            get(async || refusal(404, "Not Found")),
        );
    let github = github(router).await;
    let path = "dir/client-config.json";
    let file = github.file("a", "b", "main", path).await.unwrap();
    let expected = FileAt {
        sha: "b1".to_owned(),
        content: b"{\"a\":1}".to_vec(),
    };
    assert_eq!(file, Some(expected));
    let written = github
        .write_file(
            ("a", "b"),
            "main",
            path,
            b"{\"a\":2}",
            "Configure",
            Some("b1"),
        )
        .await;
    assert_eq!(written.unwrap().commit, "c1");
    assert_eq!(
        github.file("a", "b", "main", "none.json").await.unwrap(),
        None
    );
}

fn seen(name: &str) -> super::Repository {
    serde_json::from_value(repository(7, name)).unwrap()
}

#[tokio::test]
async fn a_repository_is_deleted_under_the_name_it_has_now() {
    let router = Router::new()
        .route("/repos/acme/shop", delete(async || StatusCode::NO_CONTENT))
        .route(
            "/repos/acme/gone",
            delete(async || refusal(404, "Not Found")),
        )
        .route(
            "/repos/acme/moved",
            delete(async || Redirect::temporary("/repositories/7")),
        )
        .route(
            "/repos/acme/kept",
            delete(async || refusal(403, "Organization members cannot delete repositories.")),
        );
    let github = github(router).await;
    assert!(github.delete_repository(&seen("acme/shop")).await.unwrap());
    assert!(!github.delete_repository(&seen("acme/gone")).await.unwrap());
    let moved = github.delete_repository(&seen("acme/moved")).await;
    assert_eq!(
        moved.unwrap_err().outcome,
        Outcome::Refused,
        "it was renamed since it was read, and what is there now isn't followed"
    );
    let kept = github
        .delete_repository(&seen("acme/kept"))
        .await
        .unwrap_err();
    assert_eq!(
        *kept.problem.cause,
        Cause::CredentialScopeMissing {
            scopes: vec!["delete_repo".to_owned()]
        }
    );
}

#[tokio::test]
async fn a_404_is_believed_of_a_token_that_would_see_it() {
    let of = |scopes: Option<&'static str>| {
        let user = get(async move || {
            let headers = scopes.map(|scopes| [("x-oauth-scopes", scopes)]);
            (headers, Json(json!({"login": "Anna"})))
        });
        let member = |state: &'static str, role: &'static str| {
            get(async move || Json(json!({"state": state, "role": role})))
        };
        // Anybody sees that an organization is there.
        let organization = get(async || Json(json!({"login": "acme"})));
        let others = get(async || Json(json!([{"id": 1, "private": true}])));
        Router::new()
            .route("/user", user)
            .route("/orgs/{org}", organization)
            .route("/orgs/{org}/repos", others)
            .route("/user/memberships/orgs/owns", member("active", "admin"))
            .route("/user/memberships/orgs/works", member("active", "member"))
            .route(
                "/user/memberships/orgs/invited",
                member("pending", "member"),
            )
            .route(
                "/user/memberships/orgs/guarded",
                get(async || refusal(403, "Resource protected by organization SAML enforcement")),
            )
            .route(
                "/user/memberships/orgs/{org}",
                get(async || refusal(404, "Not Found")),
            )
    };
    let classic = github(of(Some("delete_repo, repo"))).await;
    for (owner, maker, sees) in [
        ("anna", None, true),
        ("owns", None, true),
        ("works", Some("anna"), true),
        ("works", Some("bo"), false),
        ("works", None, false),
        ("invited", Some("anna"), false),
        ("left", Some("anna"), false),
        ("guarded", Some("anna"), false),
    ] {
        let seen = classic.sees_private(owner, maker).await.unwrap();
        assert_eq!(seen, sees, "{owner}, made by {maker:?}");
    }
    for (scopes, why) in [
        (None, "it may be for chosen repositories"),
        (Some("public_repo"), "it sees no private ones"),
    ] {
        let github = github(of(scopes)).await;
        assert!(!github.sees_private("owns", None).await.unwrap(), "{why}");
    }
}

#[tokio::test]
async fn a_file_is_deleted_as_it_was_seen() {
    let deleted = delete(async |Json(body): Json<Value>| {
        assert_eq!(
            body,
            json!({"message": "Undo", "sha": "b1", "branch": "main"})
        );
        Json(json!({"content": null, "commit": {"sha": "c2"}}))
    });
    let router = Router::new()
        .route("/repos/a/b/contents/dir/client-config.json", deleted)
        .route(
            "/repos/a/b/contents/stale.json",
            delete(async || refusal(409, "stale.json does not match b1")),
        )
        .route(
            "/repos/a/b/contents/none.json",
            delete(async || refusal(404, "Not Found")),
        );
    let github = github(router).await;
    let delete = async |path| {
        github
            .delete_file(("a", "b"), "main", path, "Undo", "b1")
            .await
    };
    let written = delete("dir/client-config.json").await.unwrap();
    assert_eq!(written.unwrap().commit, "c2");
    assert_eq!(delete("none.json").await.unwrap(), None);
    let stale = delete("stale.json").await.unwrap_err();
    assert_eq!(stale.outcome, Outcome::Refused, "somebody changed it since");
}

#[tokio::test]
async fn a_files_commits_are_listed() {
    let commits = get(async |Query(query): Query<Value>| {
        assert_eq!(query["path"], "client-config.json");
        Json(json!([{"sha": "c2"}, {"sha": "c1"}]))
    });
    let github = github(Router::new().route("/repos/a/b/commits", commits)).await;
    let commits = github.commits("a", "b", "main", "client-config.json").await;
    assert_eq!(commits.unwrap(), ["c2", "c1"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_answer_makes_a_decoder_panic(
        cut in 0usize..200, at in 0usize..200, byte in any::<u8>(), status in 200u16..600,
    ) {
        let mut body = repository(7, "acme/shop").to_string().into_bytes();
        body.truncate(body.len() - cut.min(body.len()));
        if let Some(place) = body.get_mut(at) {
            *place = byte;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let base = crate::BaseUrl::parse("http://127.0.0.1:9").unwrap();
            let github = GitHub::new(answering(status, body), base, token().await);
            let _ = github.repository("a", "b").await;
            let _ = github.branch("a", "b", "main").await;
            let _ = github.file("a", "b", "main", "f").await;
            let _ = github.whoami().await;
            let _ = github.commits("a", "b", "main", "f").await;
            let _ = github.sees_private("a", None).await;
            let _ = github.delete_file(("a", "b"), "main", "f", "m", "s").await;
        });
    }
}
