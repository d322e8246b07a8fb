//! Files in a repository.
//!
//! Contents calls on one repository must run one after another; parallel ones conflict.

use base64::{Engine, engine::general_purpose::STANDARD};
use fabrik_domain::{Cause, Problem, failure::Failure, provider::Provider};
use http::Method;
use serde::{Deserialize, Serialize};

use super::{GitHub, model::CommitBody, transport::decode};
use crate::{Call, status::found};

/// A file as it stands on a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileAt {
    /// The blob's SHA, by which a replacement says what it replaces.
    pub sha: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// A commit that wrote a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The commit's SHA.
    pub commit: String,
}

#[derive(Deserialize)]
struct ContentBody {
    sha: String,
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    encoding: Option<String>,
}

#[derive(Serialize)]
struct PutBody<'a> {
    message: &'a str,
    content: String,
    branch: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha: Option<&'a str>,
}

/// What writing and deleting answer.
#[derive(Deserialize)]
pub(super) struct PutAnswer {
    pub(super) commit: CommitBody,
}

impl GitHub {
    /// A file on a branch, or as a commit has it; `None` where there is none. Files over 1 MB come without content and are an
    /// error here. `repos/get-content`.
    pub async fn file(
        &self,
        owner: &str,
        name: &str,
        branch: &str,
        path: &str,
    ) -> Result<Option<FileAt>, Failure> {
        let call = Call::reads("repos/get-content").needs(&["repo"]);
        let segments = contents_path(owner, name, path);
        let answer = self
            .get::<ContentBody>(call, segments, &[("ref", branch)])
            .await;
        let Some(body) = found(answer)? else {
            return Ok(None);
        };
        let content = match body.encoding.as_deref() {
            Some("base64") => decode_base64(body.content.as_deref().unwrap_or_default()),
            _ => None,
        };
        match content {
            Some(content) => Ok(Some(FileAt {
                sha: body.sha,
                content,
            })),
            None => Err(Problem::from(Cause::AnswerUnreadable {
                operation: call.operation.to_owned(),
            })
            .by(Provider::GitHub)
            .detail("the file's content is not in the answer")
            .into()),
        }
    }

    /// Writes one file in one commit. `replaces` is the blob that is there now, `None` for a new file; a
    /// stale or missing one is refused with 409 or 422. `repos/create-or-update-file-contents`.
    pub async fn write_file(
        &self,
        (owner, name): (&str, &str),
        branch: &str,
        path: &str,
        content: &[u8],
        message: &str,
        replaces: Option<&str>,
    ) -> Result<Written, Failure> {
        // A token without `workflow` is refused files of GitHub Actions, and told so as a missing file.
        let call =
            Call::changes("repos/create-or-update-file-contents").needs(&["repo", "workflow"]);
        let segments = contents_path(owner, name, path);
        let body = PutBody {
            message,
            content: STANDARD.encode(content),
            branch,
            sha: replaces,
        };
        let answer = self
            .send(call, Method::PUT, segments, &[], Some(&body))
            .await?;
        let answer: PutAnswer = decode(&answer, call)?;
        Ok(Written {
            commit: answer.commit.sha,
        })
    }

    /// The last commit on a branch that touched a file. `repos/list-commits`.
    pub async fn last_commit(
        &self,
        owner: &str,
        name: &str,
        branch: &str,
        path: &str,
    ) -> Result<Option<String>, Failure> {
        let call = Call::reads("repos/list-commits").needs(&["repo"]);
        let query = [("sha", branch), ("path", path), ("per_page", "1")];
        let commits: Vec<CommitBody> = self
            .get(call, ["repos", owner, name, "commits"], &query)
            .await?;
        Ok(commits.into_iter().next().map(|commit| commit.sha))
    }
}

/// The file's path stays a path: only what is inside a segment is encoded.
pub(super) fn contents_path<'s>(owner: &'s str, name: &'s str, path: &'s str) -> Vec<&'s str> {
    let mut segments = vec!["repos", owner, name, "contents"];
    segments.extend(path.split('/'));
    segments
}

/// GitHub breaks its base64 into lines.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let text: String = text.split_whitespace().collect();
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_comes_in_lines_of_base64() {
        assert_eq!(
            decode_base64("eyJh\nIjox\nfQ==\n"),
            Some(b"{\"a\":1}".to_vec())
        );
        assert_eq!(decode_base64("no base64!"), None);
    }

    #[test]
    fn a_path_keeps_its_slashes() {
        let path = contents_path("o", "r", ".github/workflows/ci.yml");
        assert_eq!(path[4..], [".github", "workflows", "ci.yml"]);
    }
}
