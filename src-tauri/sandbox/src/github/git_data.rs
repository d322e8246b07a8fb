//! Git data: several files in one commit, blob by blob.

use axum::{
    Extension, Json,
    extract::{Path, Query},
    http::StatusCode,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use fabrik_domain::provider::Provider;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    not_found,
    objects::{self, Entry, FILE_MODE, Message, Tree},
    refused, render,
    repositories::unprocessable,
    repository::{Repository, addressed},
};
use crate::{
    answer::{Answer, Refusal, json_answer},
    platform::Core,
    token::Token,
};

type Address = Path<(String, String)>;
type AddressAnd = Path<(String, String, String)>;

#[derive(Deserialize)]
pub(super) struct NewBlob {
    content: String,
    encoding: Option<String>,
}

/// `POST /repos/{owner}/{repo}/git/blobs`, `git/create-blob`.
pub(super) async fn create_blob(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name)): Address,
    Json(wish): Json<NewBlob>,
) -> Answer {
    let _turn = core.turn(Provider::GitHub);
    let repository = with_content(&core, &token, &owner, &name)?;
    let content = match wish.encoding.as_deref() {
        Some("base64") => STANDARD
            .decode(&wish.content)
            .map_err(|_| unprocessable("content is not valid Base64"))?,
        _ => wish.content.into_bytes(),
    };
    let entry = objects::put_blob(&core, &repository, &content)?;
    let url = format!(
        "{}/git/blobs/{}",
        render::url(&core, &repository),
        entry.sha
    );
    json_answer(
        StatusCode::CREATED,
        &json!({ "sha": entry.sha, "url": url }),
    )
}

#[derive(Deserialize)]
pub(super) struct NewEntry {
    path: Option<String>,
    mode: Option<String>,
    #[serde(default, deserialize_with = "given")]
    sha: Option<Value>,
    content: Option<String>,
}

/// Tells `"sha": null` (delete the path) from no `sha`.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
pub(super) struct NewTree {
    tree: Vec<NewEntry>,
    base_tree: Option<String>,
}

/// `POST /repos/{owner}/{repo}/git/trees`, `git/create-tree`.
pub(super) async fn create_tree(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name)): Address,
    Json(wish): Json<NewTree>,
) -> Answer {
    let _turn = core.turn(Provider::GitHub);
    let repository = with_content(&core, &token, &owner, &name)?;
    let mut tree = match &wish.base_tree {
        Some(sha) => tree_of(&core, &repository, sha)?,
        None => Tree::new(),
    };
    for entry in wish.tree {
        let path = entry
            .path
            .ok_or_else(|| unprocessable("tree.path is missing"))?;
        let mode = entry.mode.unwrap_or_else(|| FILE_MODE.to_owned());
        let file = match (entry.sha, entry.content) {
            (Some(Value::Null), _) => {
                tree.remove(&path);
                continue;
            }
            (Some(Value::String(sha)), _) => {
                let content = objects::blob(&core, &repository, &sha)?
                    .ok_or_else(|| unprocessable(&format!("tree.sha {sha} is not a valid blob")))?;
                Entry {
                    mode,
                    sha,
                    size: content.len(),
                }
            }
            (_, Some(content)) => Entry {
                mode,
                ..objects::put_blob(&core, &repository, content.as_bytes())?
            },
            _ => return Err(unprocessable("Must supply either tree.sha or tree.content")),
        };
        tree.insert(path, file);
    }
    let sha = objects::put_tree(&core, &repository, &tree)?;
    json_answer(
        StatusCode::CREATED,
        &show_tree(&core, &repository, &sha, &tree),
    )
}

#[derive(Deserialize)]
pub(super) struct TreeQuery {
    recursive: Option<String>,
}

/// `GET /repos/{owner}/{repo}/git/trees/{tree_sha}`, `git/get-tree`: by tree, commit or branch.
/// Without `recursive` only the files at the top are shown.
pub(super) async fn get_tree(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name, sha)): AddressAnd,
    Query(query): Query<TreeQuery>,
) -> Answer {
    let repository = with_content(&core, &token, &owner, &name)?;
    let mut tree = tree_of(&core, &repository, &sha)?;
    if query.recursive.is_none() {
        tree.retain(|path, _| !path.contains('/'));
    }
    json_answer(StatusCode::OK, &show_tree(&core, &repository, &sha, &tree))
}

fn tree_of(core: &Core, repository: &Repository, sha: &str) -> Result<Tree, Refusal> {
    if let Some(tree) = objects::tree(core, repository, sha)? {
        return Ok(tree);
    }
    let commit = match objects::head(core, repository, sha)? {
        Some(head) => head,
        None => objects::commit(core, repository, sha)?.ok_or_else(not_found)?,
    };
    objects::tree(core, repository, &commit.tree)?.ok_or_else(not_found)
}

fn show_tree(core: &Core, repository: &Repository, sha: &str, tree: &Tree) -> Value {
    let url = render::url(core, repository);
    let entries = tree.iter().map(|(path, entry)| {
        json!({
            "path": path, "mode": entry.mode, "type": "blob", "sha": entry.sha,
            "size": entry.size, "url": format!("{url}/git/blobs/{}", entry.sha),
        })
    });
    json!({
        "sha": sha, "url": format!("{url}/git/trees/{sha}"),
        "tree": entries.collect::<Vec<_>>(), "truncated": false,
    })
}

#[derive(Deserialize)]
pub(super) struct NewCommit {
    message: String,
    tree: String,
    #[serde(default)]
    parents: Vec<String>,
}

/// `POST /repos/{owner}/{repo}/git/commits`, `git/create-commit`.
pub(super) async fn create_commit(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name)): Address,
    Json(wish): Json<NewCommit>,
) -> Answer {
    let _turn = core.turn(Provider::GitHub);
    let repository = with_content(&core, &token, &owner, &name)?;
    if objects::tree(&core, &repository, &wish.tree)?.is_none() {
        return Err(unprocessable("Tree SHA does not exist"));
    }
    for parent in &wish.parents {
        if objects::commit(&core, &repository, parent)?.is_none() {
            return Err(unprocessable(
                "Parent SHA does not exist or is not a commit object",
            ));
        }
    }
    let message = Message {
        text: &wish.message,
        author_name: "Sandbox Owner",
        author_email: "owner@sandbox-agency.example",
    };
    let commit = objects::put_commit(&core, &repository, &wish.tree, wish.parents, &message)?;
    json_answer(
        StatusCode::CREATED,
        &render::git_commit(&core, &repository, &commit),
    )
}

/// `GET /repos/{owner}/{repo}/git/commits/{commit_sha}`, `git/get-commit`.
pub(super) async fn get_commit(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name, sha)): AddressAnd,
) -> Answer {
    let repository = with_content(&core, &token, &owner, &name)?;
    let commit = objects::commit(&core, &repository, &sha)?.ok_or_else(not_found)?;
    json_answer(
        StatusCode::OK,
        &render::git_commit(&core, &repository, &commit),
    )
}

/// `GET /repos/{owner}/{repo}/git/ref/{ref}`, `git/get-ref`.
pub(super) async fn get_ref(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name, reference)): AddressAnd,
) -> Answer {
    let repository = with_content(&core, &token, &owner, &name)?;
    let branch = branch_of(&reference)?;
    let head = objects::head(&core, &repository, branch)?.ok_or_else(not_found)?;
    json_answer(
        StatusCode::OK,
        &show_ref(&core, &repository, branch, &head.sha),
    )
}

#[derive(Deserialize)]
pub(super) struct NewRef {
    r#ref: String,
    sha: String,
}

/// `POST /repos/{owner}/{repo}/git/refs`, `git/create-ref`.
pub(super) async fn create_ref(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name)): Address,
    Json(wish): Json<NewRef>,
) -> Answer {
    let _turn = core.turn(Provider::GitHub);
    let repository = with_content(&core, &token, &owner, &name)?;
    let branch = branch_of(wish.r#ref.trim_start_matches("refs/"))?;
    if objects::head(&core, &repository, branch)?.is_some() {
        return Err(unprocessable("Reference already exists"));
    }
    point(&core, &repository, branch, &wish.sha)?;
    json_answer(
        StatusCode::CREATED,
        &show_ref(&core, &repository, branch, &wish.sha),
    )
}

#[derive(Deserialize)]
pub(super) struct MoveRef {
    sha: String,
    #[serde(default)]
    force: bool,
}

/// `PATCH /repos/{owner}/{repo}/git/refs/{ref}`, `git/update-ref`: forward only, unless forced.
pub(super) async fn update_ref(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name, reference)): AddressAnd,
    Json(wish): Json<MoveRef>,
) -> Answer {
    let _turn = core.turn(Provider::GitHub);
    let repository = addressed(&core, &token, &owner, &name, true)?;
    if !repository.content.is_ready(core.now()) {
        return Err(unprocessable("Reference does not exist"));
    }
    let branch = branch_of(&reference)?;
    let head = objects::head(&core, &repository, branch)?
        .ok_or_else(|| unprocessable("Reference does not exist"))?;
    if !wish.force && !descends(&core, &repository, &wish.sha, &head.sha)? {
        return Err(unprocessable("Update is not a fast forward"));
    }
    point(&core, &repository, branch, &wish.sha)?;
    json_answer(
        StatusCode::OK,
        &show_ref(&core, &repository, branch, &wish.sha),
    )
}

fn point(core: &Core, repository: &Repository, branch: &str, sha: &str) -> Result<(), Refusal> {
    if objects::commit(core, repository, sha)?.is_none() {
        return Err(unprocessable("Object does not exist"));
    }
    Ok(objects::push(core, repository, branch, sha)?)
}

/// Whether `ancestor` is among the commits before `sha`.
fn descends(
    core: &Core,
    repository: &Repository,
    sha: &str,
    ancestor: &str,
) -> Result<bool, Refusal> {
    let mut open = vec![sha.to_owned()];
    while let Some(sha) = open.pop() {
        if sha == ancestor {
            return Ok(true);
        }
        if let Some(commit) = objects::commit(core, repository, &sha)? {
            open.extend(commit.parents);
        }
    }
    Ok(false)
}

fn show_ref(core: &Core, repository: &Repository, branch: &str, sha: &str) -> Value {
    let url = render::url(core, repository);
    json!({
        "ref": format!("refs/heads/{branch}"), "node_id": format!("REF_{branch}"),
        "url": format!("{url}/git/refs/heads/{branch}"),
        "object": { "type": "commit", "sha": sha, "url": format!("{url}/git/commits/{sha}") },
    })
}

fn branch_of(reference: &str) -> Result<&str, Refusal> {
    reference.strip_prefix("heads/").ok_or_else(not_found)
}

/// The repository; 409 while it is empty.
fn with_content(
    core: &Core,
    token: &Token,
    owner: &str,
    name: &str,
) -> Result<Repository, Refusal> {
    let repository = addressed(core, token, owner, name, false)?;
    repository
        .require_content(core)
        .map_err(|_| refused(StatusCode::CONFLICT, "Git Repository is empty."))?;
    Ok(repository)
}
