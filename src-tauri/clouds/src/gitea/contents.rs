//! Files in a repository: read one by one, written several at a time in one commit.

use base64::{Engine, engine::general_purpose::STANDARD};
use fabrik_domain::{Cause, Problem, failure::Failure, provider::Provider};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Gitea, Repository, api};
use crate::{Call, status::found};

/// A file as it stands on a branch, or as a commit has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileAt {
    /// The blob's SHA, by which a change says what it replaces.
    pub sha: String,
    /// The commit that wrote it last.
    pub commit: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// What a commit does to a file. `replaces` is the blob that is there now: a stale one is refused, and the whole
/// commit with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// A new file.
    Create {
        /// Where.
        path: &'a str,
        /// Its bytes.
        content: &'a [u8],
    },
    /// Other bytes in its place.
    Update {
        /// Where.
        path: &'a str,
        /// Its bytes.
        content: &'a [u8],
        /// What is there.
        replaces: &'a str,
    },
    /// None any more.
    Delete {
        /// Where.
        path: &'a str,
        /// What is there.
        replaces: &'a str,
    },
}

#[derive(Serialize)]
struct ChangeBody<'a> {
    operation: &'static str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha: Option<&'a str>,
}

impl Change<'_> {
    fn body(&self) -> ChangeBody<'_> {
        let body = |operation, path, content: Option<&[u8]>, sha| ChangeBody {
            operation,
            path,
            content: content.map(|bytes| STANDARD.encode(bytes)),
            sha,
        };
        match self {
            Self::Create { path, content } => body("create", path, Some(content), None),
            Self::Update {
                path,
                content,
                replaces,
            } => body("update", path, Some(content), Some(replaces)),
            Self::Delete { path, replaces } => body("delete", path, None, Some(replaces)),
        }
    }
}

#[derive(Deserialize)]
struct ContentBody {
    sha: String,
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    encoding: Option<String>,
    #[serde(default)]
    last_commit_sha: Option<String>,
}

#[derive(Deserialize)]
struct FilesBody {
    commit: CommitBody,
}

#[derive(Deserialize)]
struct CommitBody {
    sha: String,
}

impl Gitea {
    /// A file at a branch or commit; `None` where there is none. `repoGetContents`.
    pub async fn file(
        &self,
        repository: &Repository,
        at: &str,
        path: &str,
    ) -> Result<Option<FileAt>, Failure> {
        let call = Call::reads("repoGetContents").needs(&["read:repository"]);
        let (owner, name) = repository.owner_and_name();
        let mut segments = vec!["repos", owner, name, "contents"];
        // The file's path stays a path: only what is inside a segment is encoded.
        segments.extend(path.split('/'));
        let draft = self.account.get(call, api(segments)).query("ref", at);
        let Some(body) = found(draft.receive::<ContentBody>().await)? else {
            return Ok(None);
        };
        let content = match body.encoding.as_deref() {
            Some("base64") => STANDARD.decode(body.content.unwrap_or_default()).ok(),
            _ => None,
        };
        match content {
            Some(content) => Ok(Some(FileAt {
                sha: body.sha,
                commit: body.last_commit_sha.unwrap_or_default(),
                content,
            })),
            None => Err(Problem::from(Cause::AnswerUnreadable {
                operation: call.operation.to_owned(),
            })
            .by(Provider::Gitea)
            .detail("the file's content is not in the answer")
            .into()),
        }
    }

    /// All these changes in one commit, whose SHA it gives; or none of them: what is there already, or is not as a
    /// change says, is refused with 404, 409 or 422. `repoChangeFiles`.
    pub async fn change_files(
        &self,
        repository: &Repository,
        branch: &str,
        message: &str,
        changes: &[Change<'_>],
    ) -> Result<String, Failure> {
        let call = Call::changes("repoChangeFiles").needs(&["write:repository"]);
        let (owner, name) = repository.owner_and_name();
        let files: Vec<_> = changes.iter().map(Change::body).collect();
        let body = json!({ "branch": branch, "message": message, "files": files });
        let path = ["repos", owner, name, "contents"];
        let draft = self.account.post(call, api(path)).json(&body);
        Ok(draft.receive::<FilesBody>().await?.commit.sha)
    }
}
