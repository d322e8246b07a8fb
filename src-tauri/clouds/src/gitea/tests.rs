//! Gitea's quirks, against a server on this machine that has them.

use axum::{
    Json, Router,
    extract::Query,
    http::HeaderMap,
    response::IntoResponse,
    routing::{get, post},
};
use fabrik_domain::failure::Outcome;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Change, Gitea, Repository};
use crate::testing::{TOKEN, http, serve, token};

async fn gitea(router: Router) -> Gitea {
    let router = Router::new().nest("/api/v1", router);
    Gitea::new(http(), serve(router).await, token().await)
}

fn no(status: u16, message: &str) -> impl IntoResponse + use<> {
    let body = Json(json!({ "message": message, "url": "https://gitea.example/api/swagger" }));
    (StatusCode::from_u16(status).unwrap(), body)
}

fn repository() -> Repository {
    Repository {
        id: 7,
        full_name: "ops-hub/client-backups".to_owned(),
        default_branch: "main".to_owned(),
        html_url: String::new(),
        private: true,
        internal: false,
    }
}

#[tokio::test]
async fn several_files_go_in_one_commit() {
    let change = post(async |headers: HeaderMap, Json(body): Json<Value>| {
        assert_eq!(headers["authorization"], format!("token {TOKEN}"));
        let expected = json!({
            "branch": "main", "message": "Back up 4711", "files": [
                {"operation": "create", "path": "4711/a.json", "content": "e30="},
                {"operation": "update", "path": "4711/b.json", "content": "e30=", "sha": "s1"},
                {"operation": "delete", "path": "4711/c.json", "sha": "s2"},
            ],
        });
        assert_eq!(body, expected);
        (
            StatusCode::CREATED,
            Json(json!({"commit": {"sha": "c1"}, "files": []})),
        )
    });
    let router = Router::new().route("/repos/ops-hub/client-backups/contents", change);
    let changes = [
        Change::Create {
            path: "4711/a.json",
            content: b"{}",
        },
        Change::Update {
            path: "4711/b.json",
            content: b"{}",
            replaces: "s1",
        },
        Change::Delete {
            path: "4711/c.json",
            replaces: "s2",
        },
    ];
    let gitea = gitea(router).await;
    let repository = repository();
    let commit = gitea.change_files(&repository, "main", "Back up 4711", &changes);
    assert_eq!(commit.await.unwrap(), "c1");
}

#[tokio::test]
async fn a_file_is_read_at_a_commit() {
    let file = get(async |Query(query): Query<Value>| {
        if query["ref"] != "c0" {
            return no(404, "The target couldn't be found.").into_response();
        }
        let body =
            json!({"sha": "s1", "last_commit_sha": "c0", "encoding": "base64", "content": "e30="});
        Json(body).into_response()
    });
    let router = Router::new().route("/repos/ops-hub/client-backups/contents/4711/a.json", file);
    let gitea = gitea(router).await;
    let found = gitea
        .file(&repository(), "c0", "4711/a.json")
        .await
        .unwrap();
    let found = found.unwrap();
    assert_eq!(
        (
            found.sha.as_str(),
            found.commit.as_str(),
            found.content.as_slice()
        ),
        ("s1", "c0", b"{}".as_slice())
    );
    let none = gitea.file(&repository(), "c1", "4711/a.json").await;
    assert_eq!(none.unwrap(), None);
}

#[tokio::test]
async fn who_reads_a_repository_is_told() {
    for (private, internal, public) in [
        (true, false, false),
        (false, true, false),
        (false, false, true),
    ] {
        let answer = get(async move || {
            Json(
                json!({ "id": 7, "full_name": "ops-hub/a", "private": private, "internal": internal }),
            )
        });
        let gitea = gitea(Router::new().route("/repos/ops-hub/a", answer)).await;
        let repository = gitea.repository("ops-hub", "a").await.unwrap().unwrap();
        assert_eq!(repository.is_public(), public, "{private} {internal}");
    }
}

#[tokio::test]
async fn what_is_there_already_is_no_failure_to_make_it() {
    for (status, made) in [(201, true), (409, false), (422, false)] {
        let answer = async move || no(status, "already exists");
        let router = Router::new()
            .route("/orgs", post(answer))
            .route("/orgs/ops-hub/repos", post(answer))
            .route("/user/repos", post(answer));
        let gitea = gitea(router).await;
        let organization = gitea.create_organization("ops-hub").await;
        assert_eq!(organization.unwrap(), made, "{status}");
        for owner in [Some("ops-hub"), None] {
            let repository = gitea.create_repository(owner, "client-backups", "").await;
            assert_eq!(repository.unwrap(), made, "{status}");
        }
    }
}

#[tokio::test]
async fn scopes_are_told_by_new_servers_and_writing_covers_reading() {
    let user = || get(async || Json(json!({"login": "bot"})));
    for (scopes, missing) in [
        (json!(["all"]), vec![]),
        (
            json!(["write:repository", "write:organization", "write:user"]),
            vec![],
        ),
        (
            json!(["read:repository", "read:user"]),
            vec!["write:repository", "write:organization"],
        ),
    ] {
        let token = get(async move || Json(json!({"id": 1, "scopes": scopes})));
        let router = Router::new().route("/user", user()).route("/token", token);
        let info = gitea(router).await.whoami().await.unwrap();
        assert_eq!(
            (info.account.as_str(), info.missing_scopes),
            ("bot", missing.into_iter().map(str::to_owned).collect())
        );
    }
    let older = gitea(Router::new().route("/user", user())).await;
    let info = older.whoami().await.unwrap();
    assert!(info.scopes.is_empty() && info.missing_scopes.is_empty());
}

#[tokio::test]
async fn a_token_without_a_scope_names_it() {
    let answer = get(async || {
        no(
            403,
            "token does not have at least one of required scope(s), required=[read:repository]",
        )
    });
    let router = Router::new().route("/repos/o/r", answer);
    let failure = gitea(router).await.repository("o", "r").await.unwrap_err();
    assert_eq!(failure.outcome, Outcome::Unauthorized);
    assert_eq!(failure.problem.code(), "credential_scope_missing");
}
