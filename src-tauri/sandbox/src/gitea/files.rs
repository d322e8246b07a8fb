//! A repository's history: commits, each with what it did to which file, and the files' contents. A commit
//! changes no document that is there already.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use super::{documents, repositories::Repository};
use crate::{error::SandboxError, platform::Core};

/// Path to blob; none where the file is taken away.
pub(super) type Changes = BTreeMap<String, Option<String>>;

/// A commit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Commit {
    repository: u64,
    number: u64,
    pub(super) sha: String,
    pub(super) message: String,
    changes: Changes,
    pub(super) date: Timestamp,
}

/// A file as a commit has it.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) sha: String,
    /// The commit that wrote it last.
    pub(super) commit: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct Blob {
    content: String,
}

fn name(kind: &str, content: &[u8]) -> String {
    let digest = Sha1::new()
        .chain_update(format!("{kind} {}\0", content.len()))
        .chain_update(content)
        .finalize();
    hex::encode(digest)
}

/// Keeps a file's content, and returns the name that git gives it.
pub(super) fn put_blob(
    core: &Core,
    repository: &Repository,
    content: &[u8],
) -> Result<String, SandboxError> {
    let sha = name("blob", content);
    let blob = Blob {
        content: STANDARD.encode(content),
    };
    documents(core).put("blob", &format!("{}/{sha}", repository.id), &blob)?;
    Ok(sha)
}

/// A file's content, in base64.
pub(super) fn content(
    core: &Core,
    repository: &Repository,
    sha: &str,
) -> Result<String, SandboxError> {
    let blob = documents(core).get::<Blob>("blob", &format!("{}/{sha}", repository.id))?;
    Ok(blob.map(|blob| blob.content).unwrap_or_default())
}

/// Makes a commit.
pub(super) fn commit(
    core: &Core,
    repository: &Repository,
    message: &str,
    changes: Changes,
) -> Result<Commit, SandboxError> {
    let number = documents(core).next(&format!("commit/{}", repository.id))?;
    let told = format!("{}/{number} {message} {changes:?}", repository.id);
    let commit = Commit {
        repository: repository.id,
        number,
        sha: name("commit", told.as_bytes()),
        message: message.to_owned(),
        changes,
        date: core.now(),
    };
    documents(core).put("commit", &format!("{}/{number}", repository.id), &commit)?;
    Ok(commit)
}

/// The commits of a repository up to a branch or commit, the oldest first; none where there is no such one.
pub(super) fn history(
    core: &Core,
    repository: &Repository,
    at: &str,
) -> Result<Option<Vec<Commit>>, SandboxError> {
    let mut commits =
        documents(core).wanted("commit", |one: &Commit| one.repository == repository.id)?;
    commits.sort_by_key(|commit| commit.number);
    if at == repository.default_branch {
        return Ok(Some(commits));
    }
    let last = commits.iter().position(|commit| commit.sha == at);
    Ok(last.map(|last| {
        commits.truncate(last + 1);
        commits
    }))
}

/// The files that a history ends with, by path.
pub(super) fn tree(history: &[Commit]) -> BTreeMap<String, File> {
    let mut tree = BTreeMap::new();
    for commit in history {
        for (path, blob) in &commit.changes {
            match blob {
                Some(sha) => {
                    let file = File {
                        sha: sha.clone(),
                        commit: commit.sha.clone(),
                    };
                    tree.insert(path.clone(), file);
                }
                None => drop(tree.remove(path)),
            }
        }
    }
    tree
}
