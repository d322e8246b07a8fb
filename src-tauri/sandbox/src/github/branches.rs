//! Branches and the commits on them.

use axum::{
    Extension,
    extract::{Path, Query},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::json;

use super::{not_found, objects, refused, render, repository::addressed};
use crate::{
    answer::{Answer, json_answer},
    platform::Core,
    token::Token,
};

/// `GET /repos/{owner}/{repo}/branches`, `repos/list-branches`.
pub(super) async fn list(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name)): Path<(String, String)>,
) -> Answer {
    let repository = addressed(&core, &token, &owner, &name, false)?;
    let mut seen = Vec::new();
    if repository.content.is_ready(core.now()) {
        for branch in objects::branches(&core, &repository) {
            if let Some(head) = objects::head(&core, &repository, &branch)? {
                let url = format!("{}/commits/{}", render::url(&core, &repository), head.sha);
                let commit = json!({ "sha": head.sha, "url": url });
                seen.push(json!({ "name": branch, "commit": commit, "protected": false }));
            }
        }
    }
    json_answer(StatusCode::OK, &seen)
}

/// `GET /repos/{owner}/{repo}/branches/{branch}`, `repos/get-branch`: 404 until the content of a
/// template is there.
pub(super) async fn get(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name, branch)): Path<(String, String, String)>,
) -> Answer {
    let repository = addressed(&core, &token, &owner, &name, false)?;
    let missing = || refused(StatusCode::NOT_FOUND, "Branch not found");
    if !repository.content.is_ready(core.now()) {
        return Err(missing());
    }
    let head = objects::head(&core, &repository, &branch)?.ok_or_else(missing)?;
    let url = format!("{}/branches/{branch}", render::url(&core, &repository));
    let page = format!("{}/tree/{branch}", render::page_url(&core, &repository));
    let body = json!({
        "name": branch, "commit": render::commit(&core, &repository, &head),
        "_links": { "self": url, "html": page }, "protected": false,
        "protection": { "enabled": false }, "protection_url": format!("{url}/protection"),
    });
    json_answer(StatusCode::OK, &body)
}

#[derive(Deserialize)]
pub(super) struct Commits {
    sha: Option<String>,
    per_page: Option<usize>,
}

/// `GET /repos/{owner}/{repo}/commits`, `repos/list-commits`: newest first.
pub(super) async fn commits(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name)): Path<(String, String)>,
    Query(query): Query<Commits>,
) -> Answer {
    let repository = addressed(&core, &token, &owner, &name, false)?;
    repository.require_content(&core)?;
    let start = query.sha.as_deref().unwrap_or(&repository.default_branch);
    let mut next = match objects::head(&core, &repository, start)? {
        Some(head) => Some(head),
        None => Some(objects::commit(&core, &repository, start)?.ok_or_else(not_found)?),
    };
    let mut seen = Vec::new();
    while let Some(commit) = next.take() {
        seen.push(render::commit(&core, &repository, &commit));
        if seen.len() == query.per_page.unwrap_or(30).clamp(1, 100) {
            break;
        }
        if let Some(parent) = commit.parents.first() {
            next = objects::commit(&core, &repository, parent)?;
        }
    }
    json_answer(StatusCode::OK, &seen)
}
