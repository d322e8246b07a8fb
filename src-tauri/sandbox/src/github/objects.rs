//! Git's objects: blobs, trees, commits, and the branches that point at them. Blobs bear the name
//! git gives them. A tree is kept as one flat list of paths; its name follows from that list.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use super::repository::{Repository, by_id, documents};
use crate::{error::SandboxError, platform::Core, vercel};

/// The mode of a plain file.
pub(super) const FILE_MODE: &str = "100644";

/// A file in a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) mode: String,
    pub(super) sha: String,
    pub(super) size: usize,
}

/// Path to file.
pub(super) type Tree = BTreeMap<String, Entry>;

/// A commit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Commit {
    pub(super) sha: String,
    pub(super) tree: String,
    pub(super) parents: Vec<String>,
    pub(super) message: String,
    pub(super) author_name: String,
    pub(super) author_email: String,
    pub(super) date: Timestamp,
}

#[derive(Clone, Serialize, Deserialize)]
struct Blob {
    content: String,
}

/// The name that git gives a file's content.
pub(super) fn blob_name(content: &[u8]) -> String {
    name("blob", content)
}

fn name(kind: &str, content: &[u8]) -> String {
    let digest = Sha1::new()
        .chain_update(format!("{kind} {}\0", content.len()))
        .chain_update(content)
        .finalize();
    hex::encode(digest)
}

fn key(repository: &Repository, sha: &str) -> String {
    format!("{}/{sha}", repository.id)
}

/// Keeps a file's content and returns its name.
pub(super) fn put_blob(
    core: &Core,
    repository: &Repository,
    content: &[u8],
) -> Result<Entry, SandboxError> {
    let sha = blob_name(content);
    let blob = Blob {
        content: STANDARD.encode(content),
    };
    documents(core).put("blob", &key(repository, &sha), &blob)?;
    Ok(Entry {
        mode: FILE_MODE.to_owned(),
        sha,
        size: content.len(),
    })
}

/// A file's content by name.
pub(super) fn blob(
    core: &Core,
    repository: &Repository,
    sha: &str,
) -> Result<Option<Vec<u8>>, SandboxError> {
    let blob = documents(core).get::<Blob>("blob", &key(repository, sha))?;
    Ok(blob.and_then(|blob| STANDARD.decode(blob.content).ok()))
}

/// Keeps a tree and returns its name.
pub(super) fn put_tree(
    core: &Core,
    repository: &Repository,
    tree: &Tree,
) -> Result<String, SandboxError> {
    let mut listing = Vec::new();
    for (path, entry) in tree {
        listing.extend(format!("{} {path}\0{}", entry.mode, entry.sha).into_bytes());
    }
    let sha = name("tree", &listing);
    documents(core).put("tree", &key(repository, &sha), tree)?;
    Ok(sha)
}

/// A tree by name.
pub(super) fn tree(
    core: &Core,
    repository: &Repository,
    sha: &str,
) -> Result<Option<Tree>, SandboxError> {
    documents(core).get("tree", &key(repository, sha))
}

/// What a new commit says.
pub(super) struct Message<'a> {
    pub(super) text: &'a str,
    pub(super) author_name: &'a str,
    pub(super) author_email: &'a str,
}

/// Keeps a commit.
pub(super) fn put_commit(
    core: &Core,
    repository: &Repository,
    tree: &str,
    parents: Vec<String>,
    message: &Message<'_>,
) -> Result<Commit, SandboxError> {
    let date = core.now();
    let Message {
        text,
        author_name,
        author_email,
    } = message;
    let body = format!("{tree}\n{parents:?}\n{author_name} <{author_email}> {date}\n\n{text}");
    let commit = Commit {
        sha: name("commit", body.as_bytes()),
        tree: tree.to_owned(),
        parents,
        message: (*text).to_owned(),
        author_name: (*author_name).to_owned(),
        author_email: (*author_email).to_owned(),
        date,
    };
    documents(core).put("commit", &key(repository, &commit.sha), &commit)?;
    Ok(commit)
}

/// A commit by name.
pub(super) fn commit(
    core: &Core,
    repository: &Repository,
    sha: &str,
) -> Result<Option<Commit>, SandboxError> {
    documents(core).get("commit", &key(repository, sha))
}

/// The commit a branch points at.
pub(super) fn head(
    core: &Core,
    repository: &Repository,
    branch: &str,
) -> Result<Option<Commit>, SandboxError> {
    match documents(core).get::<String>("branch", &key(repository, branch))? {
        Some(sha) => commit(core, repository, &sha),
        None => Ok(None),
    }
}

/// Points a branch at a commit.
pub(super) fn set_head(
    core: &Core,
    repository: &Repository,
    branch: &str,
    sha: &str,
) -> Result<(), SandboxError> {
    documents(core).put("branch", &key(repository, branch), &sha.to_owned())?;
    let Some(mut repository) = by_id(core, repository.id)? else {
        return Ok(());
    };
    repository.pushed_at = core.now();
    repository.save(core)
}

/// The names of the branches.
pub(super) fn branches(core: &Core, repository: &Repository) -> Vec<String> {
    let prefix = key(repository, "");
    let ids = documents(core).ids("branch");
    ids.into_iter()
        .filter_map(|id| id.strip_prefix(&prefix).map(str::to_owned))
        .collect()
}

/// The content of a file on the default branch. `None` where either is not there (yet).
pub(crate) fn read_file(
    core: &Core,
    repository: &Repository,
    path: &str,
) -> Result<Option<Vec<u8>>, SandboxError> {
    if !repository.content.is_ready(core.now()) {
        return Ok(None);
    }
    let Some(head) = head(core, repository, &repository.default_branch)? else {
        return Ok(None);
    };
    let Some(tree) = tree(core, repository, &head.tree)? else {
        return Ok(None);
    };
    tree.get(path)
        .map_or(Ok(None), |entry| blob(core, repository, &entry.sha))
}

/// The commit that a branch or a commit's name means. `None` where there is none (yet).
pub(crate) fn head_of(
    core: &Core,
    repository: &Repository,
    reference: &str,
) -> Result<Option<String>, SandboxError> {
    if !repository.content.is_ready(core.now()) {
        return Ok(None);
    }
    let found = match head(core, repository, reference)? {
        Some(head) => Some(head),
        None => commit(core, repository, reference)?,
    };
    Ok(found.map(|commit| commit.sha))
}

/// Points a branch at a commit, as a push does: what is linked to the repository builds.
pub(super) fn push(
    core: &Core,
    repository: &Repository,
    branch: &str,
    sha: &str,
) -> Result<(), SandboxError> {
    set_head(core, repository, branch, sha)?;
    vercel::pushed(core, repository, branch, sha)
}

/// Copies a template's files into one first commit, as generating does.
pub(super) fn copy(
    core: &Core,
    template: &Repository,
    repository: &Repository,
) -> Result<(), SandboxError> {
    let Some(head) = head(core, template, &template.default_branch)? else {
        return Ok(());
    };
    let files = tree(core, template, &head.tree)?.unwrap_or_default();
    for entry in files.values() {
        if let Some(content) = blob(core, template, &entry.sha)? {
            put_blob(core, repository, &content)?;
        }
    }
    let sha = put_tree(core, repository, &files)?;
    let message = Message {
        text: "Initial commit",
        author_name: "Sandbox Owner",
        author_email: "owner@sandbox-agency.example",
    };
    let commit = put_commit(core, repository, &sha, Vec::new(), &message)?;
    set_head(core, repository, &repository.default_branch, &commit.sha)
}

/// Forgets everything of a repository that is being deleted.
pub(super) fn drop_all(core: &Core, repository: &Repository) -> Result<(), SandboxError> {
    let prefix = key(repository, "");
    for kind in ["branch", "commit", "tree", "blob"] {
        for id in documents(core).ids(kind) {
            if id.starts_with(&prefix) {
                documents(core).remove(kind, &id)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_bear_the_name_that_git_gives_them() {
        // `printf 'hello\n' | git hash-object --stdin`
        assert_eq!(
            blob_name(b"hello\n"),
            "ce013625030ba8dba906f756967f9e9ca394464a"
        );
    }
}
