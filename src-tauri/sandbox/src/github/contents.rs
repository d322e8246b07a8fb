//! Files by path: read, written and deleted with one commit each.

use axum::{
    Extension, Json,
    extract::{Path, Query},
    http::StatusCode,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use fabrik_domain::provider::Provider;
use serde::Deserialize;
use serde_json::json;

use super::{
    not_found,
    objects::{self, Commit, Message, Tree},
    refused, render,
    repositories::unprocessable,
    repository::{Repository, addressed},
};
use crate::{
    answer::{Answer, Refusal, json_answer},
    platform::Core,
    token::Token,
};

#[derive(Deserialize)]
pub(super) struct Reference {
    r#ref: Option<String>,
}

/// `GET /repos/{owner}/{repo}/contents`, `repos/get-content` of the root.
pub(super) async fn root(
    core: Core,
    token: Extension<Token>,
    Path((owner, name)): Path<(String, String)>,
    query: Query<Reference>,
) -> Answer {
    get(core, token, Path((owner, name, String::new())), query).await
}

/// `GET /repos/{owner}/{repo}/contents/{path}`, `repos/get-content`: a file, or a folder's list.
pub(super) async fn get(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name, path)): Path<(String, String, String)>,
    Query(query): Query<Reference>,
) -> Answer {
    let repository = addressed(&core, &token, &owner, &name, false)?;
    if !repository.content.is_ready(core.now()) {
        return Err(refused(StatusCode::NOT_FOUND, "This repository is empty."));
    }
    let at = query.r#ref.as_deref().unwrap_or(&repository.default_branch);
    let commit = match objects::head(&core, &repository, at)? {
        Some(head) => head,
        None => objects::commit(&core, &repository, at)?.ok_or_else(|| {
            refused(
                StatusCode::NOT_FOUND,
                &format!("No commit found for the ref {at}"),
            )
        })?,
    };
    let tree = objects::tree(&core, &repository, &commit.tree)?.unwrap_or_default();
    let path = path.trim_matches('/');
    if let Some(entry) = tree.get(path) {
        let content = objects::blob(&core, &repository, &entry.sha)?.unwrap_or_default();
        let file = render::file(&core, &repository, path, entry, Some(&content));
        return json_answer(StatusCode::OK, &file);
    }
    let listing = listing(&core, &repository, &tree, path);
    if listing.is_empty() {
        return Err(not_found());
    }
    json_answer(StatusCode::OK, &listing)
}

fn listing(
    core: &Core,
    repository: &Repository,
    tree: &Tree,
    folder: &str,
) -> Vec<serde_json::Value> {
    let prefix = if folder.is_empty() {
        String::new()
    } else {
        format!("{folder}/")
    };
    let mut seen = Vec::new();
    let mut last_folder = String::new();
    for (path, entry) in tree {
        let Some(rest) = path.strip_prefix(&prefix) else {
            continue;
        };
        match rest.split_once('/') {
            None => seen.push(render::file(core, repository, path, entry, None)),
            Some((name, _)) if name != last_folder => {
                name.clone_into(&mut last_folder);
                seen.push(render::folder(core, repository, &format!("{prefix}{name}")));
            }
            Some(_) => {}
        }
    }
    seen
}

#[derive(Deserialize)]
pub(super) struct Person {
    name: String,
    email: String,
}

#[derive(Deserialize)]
pub(super) struct Put {
    message: String,
    content: String,
    sha: Option<String>,
    branch: Option<String>,
    committer: Option<Person>,
    author: Option<Person>,
}

/// `PUT /repos/{owner}/{repo}/contents/{path}`, `repos/create-or-update-file-contents`: 201 for a
/// new file; replacing one needs the `sha` it has.
pub(super) async fn put(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name, path)): Path<(String, String, String)>,
    Json(wish): Json<Put>,
) -> Answer {
    let _turn = core.turn(Provider::GitHub);
    let (repository, branch, head) = writable(&core, &token, (&owner, &name), wish.branch)?;
    let clean: String = wish
        .content
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .collect();
    let content = STANDARD
        .decode(clean)
        .map_err(|_| unprocessable("content is not valid Base64"))?;
    let mut tree = objects::tree(&core, &repository, &head.tree)?.unwrap_or_default();
    let before = tree.get(&path).cloned();
    require_sha(
        before.as_ref().map(|entry| entry.sha.as_str()),
        wish.sha.as_deref(),
        &path,
    )?;
    let entry = objects::put_blob(&core, &repository, &content)?;
    tree.insert(path.clone(), entry.clone());
    let author = wish.author.or(wish.committer);
    let commit = commit(
        &core,
        &repository,
        (&branch, &head),
        &tree,
        &wish.message,
        author.as_ref(),
    )?;
    let status = if before.is_some() {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let body = json!({
        "content": render::file(&core, &repository, &path, &entry, None),
        "commit": render::git_commit(&core, &repository, &commit),
    });
    json_answer(status, &body)
}

#[derive(Deserialize)]
pub(super) struct Delete {
    message: String,
    sha: String,
    branch: Option<String>,
}

/// `DELETE /repos/{owner}/{repo}/contents/{path}`, `repos/delete-file`.
pub(super) async fn delete(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name, path)): Path<(String, String, String)>,
    Json(wish): Json<Delete>,
) -> Answer {
    let _turn = core.turn(Provider::GitHub);
    let (repository, branch, head) = writable(&core, &token, (&owner, &name), wish.branch)?;
    let mut tree = objects::tree(&core, &repository, &head.tree)?.unwrap_or_default();
    let before = tree.remove(&path).ok_or_else(not_found)?;
    require_sha(Some(&before.sha), Some(&wish.sha), &path)?;
    let commit = commit(
        &core,
        &repository,
        (&branch, &head),
        &tree,
        &wish.message,
        None,
    )?;
    let body = json!({
        "content": null, "commit": render::git_commit(&core, &repository, &commit),
    });
    json_answer(StatusCode::OK, &body)
}

/// The repository, the branch that is written and the commit it points at.
fn writable(
    core: &Core,
    token: &Token,
    (owner, name): (&str, &str),
    branch: Option<String>,
) -> Result<(Repository, String, Commit), Refusal> {
    let repository = addressed(core, token, owner, name, true)?;
    repository.require_content(core)?;
    let branch = branch.unwrap_or_else(|| repository.default_branch.clone());
    let head = objects::head(core, &repository, &branch)?
        .ok_or_else(|| refused(StatusCode::NOT_FOUND, &format!("Branch {branch} not found")))?;
    Ok((repository, branch, head))
}

fn require_sha(before: Option<&str>, given: Option<&str>, path: &str) -> Result<(), Refusal> {
    match (before, given) {
        (Some(_), None) => Err(unprocessable(
            "Invalid request.\n\n\"sha\" wasn't supplied.",
        )),
        (Some(before), Some(given)) if before != given => Err(refused(
            StatusCode::CONFLICT,
            &format!("{path} does not match {given}"),
        )),
        (None, Some(given)) => Err(refused(
            StatusCode::CONFLICT,
            &format!("{path} does not match {given}"),
        )),
        _ => Ok(()),
    }
}

fn commit(
    core: &Core,
    repository: &Repository,
    (branch, head): (&str, &Commit),
    tree: &Tree,
    text: &str,
    author: Option<&Person>,
) -> Result<Commit, Refusal> {
    let tree = objects::put_tree(core, repository, tree)?;
    let message = Message {
        text,
        author_name: author.map_or("Sandbox Owner", |author| &author.name),
        author_email: author.map_or("owner@sandbox-agency.example", |author| &author.email),
    };
    let commit = objects::put_commit(core, repository, &tree, vec![head.sha.clone()], &message)?;
    objects::push(core, repository, branch, &commit.sha)?;
    Ok(commit)
}
