//! Files by path: read one by one, changed several at a time.

use std::collections::BTreeMap;

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
    files::{self, Changes, File},
    not_found, refused,
    repositories::{Repository, addressed},
};
use crate::{
    answer::{Answer, Refusal, json_answer},
    error::SandboxError,
    platform::Core,
    token::Token,
};

#[derive(Deserialize)]
pub(super) struct Reference {
    r#ref: Option<String>,
}

/// `GET /repos/{owner}/{repo}/contents/{filepath}`, `repoGetContents`: a file, or a folder's list. Both are
/// read from the commit: neither is ever behind.
pub(super) async fn get(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name, path)): Path<(String, String, String)>,
    Query(query): Query<Reference>,
) -> Answer {
    let repository = addressed(&core, &token, &owner, &name)?;
    let at = query.r#ref.as_deref().unwrap_or(&repository.default_branch);
    let history = files::history(&core, &repository, at)?.ok_or_else(not_found)?;
    let tree = files::tree(&history);
    let path = path.trim_matches('/');
    if let Some(file) = tree.get(path) {
        let shown = shown(&core, &repository, path, file, true)?;
        return json_answer(StatusCode::OK, &shown);
    }
    let folder = format!("{path}/");
    let inside = tree.iter().filter(|(path, _)| path.starts_with(&folder));
    let listed = inside
        .map(|(path, file)| shown(&core, &repository, path, file, false))
        .collect::<Result<Vec<_>, _>>()?;
    if listed.is_empty() {
        return Err(not_found());
    }
    json_answer(StatusCode::OK, &listed)
}

fn shown(
    core: &Core,
    repository: &Repository,
    path: &str,
    file: &File,
    whole: bool,
) -> Result<Value, SandboxError> {
    let content = files::content(core, repository, &file.sha)?;
    let page = format!(
        "{}/src/branch/{}/{path}",
        repository.page(core),
        repository.default_branch
    );
    Ok(json!({
        "name": path.rsplit('/').next(), "path": path, "sha": file.sha, "type": "file",
        "size": STANDARD.decode(&content).unwrap_or_default().len(), "last_commit_sha": file.commit,
        "encoding": whole.then_some("base64"), "content": whole.then_some(content), "html_url": page,
    }))
}

#[derive(Deserialize)]
pub(super) struct Wish {
    #[serde(default)]
    message: String,
    branch: Option<String>,
    files: Vec<Operation>,
}

#[derive(Deserialize)]
struct Operation {
    #[serde(rename = "operation")]
    verb: String,
    path: String,
    #[serde(default)]
    content: String,
    sha: Option<String>,
}

/// `POST /repos/{owner}/{repo}/contents`, `repoChangeFiles`: all of it in one commit, or none.
pub(super) async fn change(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name)): Path<(String, String)>,
    Json(wish): Json<Wish>,
) -> Answer {
    let _turn = core.turn(Provider::Gitea);
    let repository = addressed(&core, &token, &owner, &name)?;
    let branch = wish.branch.as_deref().unwrap_or(&repository.default_branch);
    if branch != repository.default_branch {
        return Err(not_found());
    }
    let history = files::history(&core, &repository, branch)?.unwrap_or_default();
    let before = files::tree(&history);
    let mut changes = Changes::new();
    let mut contents = BTreeMap::new();
    for operation in &wish.files {
        let content = judge(&before, operation)?;
        contents.insert(operation.path.clone(), content);
    }
    for (path, content) in contents {
        let blob = match content {
            Some(content) => Some(files::put_blob(&core, &repository, &content)?),
            None => None,
        };
        changes.insert(path, blob);
    }
    let commit = files::commit(&core, &repository, &wish.message, changes)?;
    let mut history = history;
    history.push(commit.clone());
    let after = files::tree(&history);
    let listed = wish
        .files
        .iter()
        .map(|operation| match after.get(&operation.path) {
            Some(file) => shown(&core, &repository, &operation.path, file, true),
            None => Ok(Value::Null),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let person = json!({ "name": "Sandbox Owner", "email": "owner@sandbox-agency.example", "date": commit.date.to_string() });
    let body = json!({
        "files": listed.iter().filter(|file| !file.is_null()).collect::<Vec<_>>(),
        "commit": {
            "sha": commit.sha, "message": commit.message, "author": person, "committer": person,
            "html_url": format!("{}/commit/{}", repository.page(&core), commit.sha),
        },
        "verification": { "verified": false, "reason": "gpg.error.not_signed_commit", "signature": "", "payload": "" },
    });
    json_answer(StatusCode::CREATED, &body)
}

/// What a file holds after the operation; none where it is taken away.
fn judge(
    before: &BTreeMap<String, File>,
    operation: &Operation,
) -> Result<Option<Vec<u8>>, Refusal> {
    let unprocessable = |message: String| refused(StatusCode::UNPROCESSABLE_ENTITY, &message);
    let path = &operation.path;
    let there = before.get(path);
    let replaced = || match (there, &operation.sha) {
        (None, _) => Err(unprocessable(format!(
            "repository file does not exist [path: {path}]"
        ))),
        (Some(_), None) => Err(unprocessable(
            "a SHA or commit ID must be provided when updating a file".to_owned(),
        )),
        (Some(file), Some(sha)) if file.sha != *sha => Err(unprocessable(format!(
            "sha does not match [given: {sha}, expected: {}]",
            file.sha
        ))),
        _ => Ok(()),
    };
    match operation.verb.as_str() {
        "create" if there.is_some() => {
            return Err(unprocessable(format!(
                "repository file already exists [path: {path}]"
            )));
        }
        "create" => {}
        "update" => replaced()?,
        "delete" => {
            replaced()?;
            return Ok(None);
        }
        other => return Err(unprocessable(format!("unknown operation {other}"))),
    }
    let content = STANDARD
        .decode(&operation.content)
        .map_err(|error| unprocessable(error.to_string()))?;
    Ok(Some(content))
}
