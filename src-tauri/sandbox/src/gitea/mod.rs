//! Gitea's API at `/gitea/api/v1`: one user, who may make organizations; their repositories and files. There is
//! no branch but the default one, and no folder is kept for itself.

mod contents;
mod files;
mod page;
mod repositories;

use axum::{
    Json, Router,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use fabrik_domain::provider::Provider;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal, json_answer},
    documents::Documents,
    figure::Figure,
    platform::{Account, Core},
    routes::{Dialect, Incoming, Routes},
    token::{Token, bearer_or_token},
};

pub(crate) use repositories::{put_foreign, rename};

/// The login of the person the tokens belong to.
pub(crate) const LOGIN: &str = "sandbox-owner";

const DIALECT: Dialect = Dialect {
    token: Some(bearer_or_token),
    permit,
    ..Dialect::plain(Provider::Gitea, vendor_error)
};

pub(crate) fn routes() -> Router {
    let api = Routes::new(DIALECT)
        .get("/version", Figure::Read, version)
        .get("/user", Figure::Read, user)
        .get("/token", Figure::Read, current_token)
        .post("/orgs", Figure::Gitea, repositories::create_organization)
        .get("/orgs/{org}", Figure::Read, repositories::organization)
        .post(
            "/orgs/{org}/repos",
            Figure::Gitea,
            repositories::create_in_organization,
        )
        .post("/user/repos", Figure::Gitea, repositories::create_own)
        .get("/repos/{owner}/{repo}", Figure::Read, repositories::get)
        .delete("/repos/{owner}/{repo}", Figure::Gitea, repositories::delete)
        .get(
            "/repos/{owner}/{repo}/contents/{*path}",
            Figure::Read,
            contents::get,
        )
        .post(
            "/repos/{owner}/{repo}/contents",
            Figure::Gitea,
            contents::change,
        )
        .finish("/gitea/api/v1");
    let pages = Router::new()
        .route("/gitea/{owner}/{repo}", get(page::show))
        .route(
            "/gitea/{owner}/{repo}/{*path}",
            get(
                async |core, Path((owner, repo, _)): Path<(String, String, String)>| {
                    page::show(core, Path((owner, repo))).await
                },
            ),
        );
    api.merge(pages)
}

/// Switches of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct GiteaAccount {
    /// Whether users may make organizations.
    pub(super) users_can_create_organizations: bool,
    /// The second number of its version: from 27 on a token can be asked about.
    pub(super) version: u32,
}

impl Default for GiteaAccount {
    fn default() -> Self {
        Self {
            users_can_create_organizations: true,
            version: 27,
        }
    }
}

impl Account for GiteaAccount {
    const PROVIDER: Provider = Provider::Gitea;
}

fn documents(core: &Core) -> Documents {
    core.documents(Provider::Gitea)
}

fn refused(status: StatusCode, message: &str) -> Refusal {
    vendor_error(status, message).into()
}

fn not_found() -> Refusal {
    refused(StatusCode::NOT_FOUND, "The target couldn't be found.")
}

fn vendor_error(status: StatusCode, message: &str) -> Response {
    let message = match status {
        StatusCode::UNAUTHORIZED => "invalid username, password or token",
        _ => message,
    };
    let body = json!({ "message": message, "url": "https://gitea.example/api/swagger" });
    (status, Json(body)).into_response()
}

/// What a token must be allowed for an operation.
fn needed(method: &str, pattern: &str) -> Option<String> {
    let area = match pattern {
        "/version" | "/token" => return None,
        _ if pattern.starts_with("/repos") => "repository",
        _ if pattern.starts_with("/orgs") => "organization",
        _ => "user",
    };
    let verb = if method == "GET" { "read" } else { "write" };
    Some(format!("{verb}:{area}"))
}

fn permit(token: &Token, call: &Incoming<'_>) -> Option<Response> {
    let wanted = needed(call.method.as_str(), call.pattern)?;
    // Writing covers reading.
    let writes = wanted.replace("read:", "write:");
    if token.has(&wanted) || token.has(&writes) || token.has("all") {
        return None;
    }
    let scopes = token.scopes.clone().unwrap_or_default().join(",");
    let message = format!(
        "token does not have at least one of required scope(s), required=[{wanted}], token scope={scopes}"
    );
    Some(vendor_error(StatusCode::FORBIDDEN, &message))
}

fn user_shown(core: &Core, login: &str) -> Value {
    json!({
        "id": 1, "login": login, "full_name": "Sandbox Owner", "email": "owner@sandbox-agency.example",
        "avatar_url": "", "html_url": format!("{}/gitea/{login}", core.base_url()), "active": true,
        "is_admin": false, "language": "en-US", "visibility": "public",
    })
}

/// `GET /version`, `getVersion`.
async fn version(core: Core) -> Answer {
    let account: GiteaAccount = core.account()?;
    let version = format!("1.{}.0", account.version);
    json_answer(StatusCode::OK, &json!({ "version": version }))
}

/// `GET /user`, `userGetCurrent`.
async fn user(core: Core) -> Answer {
    json_answer(StatusCode::OK, &user_shown(&core, LOGIN))
}

/// `GET /token`, `getCurrentToken`.
async fn current_token(core: Core, axum::Extension(token): axum::Extension<Token>) -> Answer {
    let account: GiteaAccount = core.account()?;
    if account.version < 27 {
        return Err(not_found());
    }
    let scopes = token.scopes.unwrap_or_else(|| vec!["all".to_owned()]);
    json_answer(
        StatusCode::OK,
        &json!({ "id": 1, "name": "fabrik", "scopes": scopes }),
    )
}
