//! GitHub's REST API at `/github`: one organisation with a template, its repositories and their
//! files.

mod account;
mod branches;
mod contents;
mod git_data;
mod limits;
mod objects;
mod page;
mod render;
mod repositories;
mod repository;
mod seed;

use axum::{
    Json, Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use fabrik_domain::provider::Provider;
use serde_json::json;

use crate::{
    answer::Refusal,
    figure::Figure,
    routes::{Dialect, Routes},
    token::{Token, bearer_or_token},
};

pub(crate) use account::GitHubAccount;
pub(crate) use objects::{head_of, read_file};
pub(crate) use render::page_url;
pub(crate) use repository::{Repository, by_full_name, by_id, rename};
pub(crate) use seed::{put_foreign, seed};

const DIALECT: Dialect = Dialect {
    guard: has_user_agent,
    token: Some(bearer_or_token),
    at_once: Some(limits::AT_ONCE),
    limits: limits::limits,
    limit_headers: limits::headers,
    throttled: limits::throttled,
    caller_headers,
    ..Dialect::plain(Provider::GitHub, vendor_error)
};

/// The scopes of a token that may do everything.
const ALL_SCOPES: &str = "admin:org, delete_repo, repo, workflow";

pub(crate) fn routes() -> Router {
    let api = Routes::new(DIALECT)
        .get("/user", Figure::Read, account::authenticated)
        .get("/users/{login}", Figure::Read, account::user)
        .get("/user/orgs", Figure::Read, account::organizations)
        .get("/user/repos", Figure::Read, repositories::list_own)
        .get(
            "/user/memberships/orgs/{org}",
            Figure::Read,
            account::membership,
        )
        .get("/orgs/{org}", Figure::Read, account::organization)
        .get(
            "/orgs/{org}/installations",
            Figure::Read,
            account::installations,
        )
        .get(
            "/orgs/{org}/repos",
            Figure::Read,
            repositories::list_of_organization,
        )
        .get("/rate_limit", Figure::Read, limits::rate_limit)
        .get("/repositories/{id}", Figure::Read, repositories::get_by_id)
        .post(
            "/repos/{owner}/{repo}/generate",
            Figure::GitHubGenerate,
            repositories::generate,
        )
        .get("/repos/{owner}/{repo}", Figure::Read, repositories::get)
        .patch(
            "/repos/{owner}/{repo}",
            Figure::GitHubContents,
            repositories::update,
        )
        .delete(
            "/repos/{owner}/{repo}",
            Figure::GitHubContents,
            repositories::delete,
        )
        .get(
            "/repos/{owner}/{repo}/branches",
            Figure::Read,
            branches::list,
        )
        .get(
            "/repos/{owner}/{repo}/branches/{*branch}",
            Figure::Read,
            branches::get,
        )
        .get(
            "/repos/{owner}/{repo}/commits",
            Figure::Read,
            branches::commits,
        )
        .get(
            "/repos/{owner}/{repo}/contents",
            Figure::Read,
            contents::root,
        )
        .get(
            "/repos/{owner}/{repo}/contents/{*path}",
            Figure::Read,
            contents::get,
        )
        .put(
            "/repos/{owner}/{repo}/contents/{*path}",
            Figure::GitHubContents,
            contents::put,
        )
        .delete(
            "/repos/{owner}/{repo}/contents/{*path}",
            Figure::GitHubContents,
            contents::delete,
        )
        .post(
            "/repos/{owner}/{repo}/git/blobs",
            Figure::GitHubContents,
            git_data::create_blob,
        )
        .post(
            "/repos/{owner}/{repo}/git/trees",
            Figure::GitHubContents,
            git_data::create_tree,
        )
        .get(
            "/repos/{owner}/{repo}/git/trees/{sha}",
            Figure::Read,
            git_data::get_tree,
        )
        .post(
            "/repos/{owner}/{repo}/git/commits",
            Figure::GitHubContents,
            git_data::create_commit,
        )
        .get(
            "/repos/{owner}/{repo}/git/commits/{sha}",
            Figure::Read,
            git_data::get_commit,
        )
        .get(
            "/repos/{owner}/{repo}/git/ref/{*reference}",
            Figure::Read,
            git_data::get_ref,
        )
        .post(
            "/repos/{owner}/{repo}/git/refs",
            Figure::GitHubContents,
            git_data::create_ref,
        )
        .patch(
            "/repos/{owner}/{repo}/git/refs/{*reference}",
            Figure::GitHubContents,
            git_data::update_ref,
        )
        .finish("/github");
    let pages = Router::new().route("/_github/{owner}/{repo}", get(page::show));
    api.merge(pages)
}

fn vendor_error(status: StatusCode, message: &str) -> Response {
    let message = if status == StatusCode::UNAUTHORIZED {
        "Bad credentials"
    } else {
        message
    };
    let body = json!({
        "message": message,
        "documentation_url": "https://docs.github.com/rest",
        "status": status.as_u16().to_string(),
    });
    (status, Json(body)).into_response()
}

fn refused(status: StatusCode, message: &str) -> Refusal {
    vendor_error(status, message).into()
}

fn not_found() -> Refusal {
    refused(StatusCode::NOT_FOUND, "Not Found")
}

fn has_user_agent(headers: &HeaderMap) -> Option<Response> {
    let message = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.";
    (!headers.contains_key(header::USER_AGENT))
        .then(|| (StatusCode::FORBIDDEN, message).into_response())
}

/// A classic token's scopes are on every answer; a fine-grained one has none to show.
fn caller_headers(token: &Token, headers: &mut HeaderMap) {
    // Only a fine-grained one is for chosen repositories.
    if token.only.is_some() {
        return;
    }
    let scopes = match &token.scopes {
        None => ALL_SCOPES.to_owned(),
        Some(scopes) if scopes.iter().any(|scope| scope == FINE_GRAINED) => return,
        Some(scopes) => scopes.join(", "),
    };
    if let Ok(value) = HeaderValue::from_str(&scopes) {
        headers.insert("x-oauth-scopes", value);
    }
}

/// Registered with this scope, a token stands for a fine-grained one.
const FINE_GRAINED: &str = "fine_grained";

/// Whether the token may do what this scope allows. A fine-grained token may do all here.
fn may(token: &Token, scope: &str) -> bool {
    token.has(scope) || token.has(FINE_GRAINED)
}
