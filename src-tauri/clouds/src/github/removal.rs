//! Taking away what was made: a repository, a file.

use fabrik_domain::failure::Failure;
use http::Method;
use serde::Serialize;

use super::{
    GitHub, Repository, Written,
    contents::{PutAnswer, contents_path},
    model::{CommitBody, Membership},
    transport::decode,
};
use crate::{Call, status::found};

#[derive(Serialize)]
struct DeleteBody<'a> {
    message: &'a str,
    sha: &'a str,
    branch: &'a str,
}

impl GitHub {
    /// Deletes a repository as it was just read, best by its id: its name may be another's by now.
    /// `repos/delete`. An organization may forbid it: then the token may not.
    ///
    /// `false` where GitHub says 404: there is none, or the token can't see it. See
    /// [`sees_private`](Self::sees_private).
    pub async fn delete_repository(&self, repository: &Repository) -> Result<bool, Failure> {
        let call = Call::changes("repos/delete").needs(&["delete_repo"]);
        let (owner, name) = repository.owner_and_name();
        let path = ["repos", owner, name];
        let answer = self
            .send(call, Method::DELETE, path, &[], None::<&()>)
            .await;
        Ok(found(answer)?.is_some())
    }

    /// Whether the token sees every private repository of `owner` that it may be asked for: only then does a 404
    /// mean that one is gone. `maker` is the login that made it, where that is known.
    ///
    /// A classic token with the scope `repo` sees what its user sees: all that is the user's own, all of an
    /// organization that the user owns, and of one that the user is a member of what the user has made. A
    /// fine-grained token may be for chosen repositories alone, which it doesn't tell: it is no proof.
    /// `users/get-authenticated`, `orgs/get-membership-for-authenticated-user`.
    pub async fn sees_private(&self, owner: &str, maker: Option<&str>) -> Result<bool, Failure> {
        let user = self.whoami().await?;
        if !user.scopes.iter().any(|scope| scope == "repo") {
            return Ok(false);
        }
        if user.account.eq_ignore_ascii_case(owner) {
            return Ok(true);
        }
        Ok(match self.membership(owner).await? {
            Some(Membership::Owner) => true,
            Some(Membership::Member) => {
                maker.is_some_and(|maker| maker.eq_ignore_ascii_case(&user.account))
            }
            None => false,
        })
    }

    /// Deletes a file in one commit. `sha` is the blob that is there now; a stale one is refused with 409 or
    /// 422. `None` where there is no such file. `repos/delete-file`.
    pub async fn delete_file(
        &self,
        (owner, name): (&str, &str),
        branch: &str,
        path: &str,
        message: &str,
        sha: &str,
    ) -> Result<Option<Written>, Failure> {
        let call = Call::changes("repos/delete-file").needs(&["repo", "workflow"]);
        let body = DeleteBody {
            message,
            sha,
            branch,
        };
        let segments = contents_path(owner, name, path);
        let answer = self
            .send(call, Method::DELETE, segments, &[], Some(&body))
            .await;
        let Some(answer) = found(answer)? else {
            return Ok(None);
        };
        let answer: PutAnswer = decode(&answer, call)?;
        Ok(Some(Written {
            commit: answer.commit.sha,
        }))
    }

    /// The commits that touched a file, the newest first; at most 100. A file as it was at one of them is
    /// read with [`file`](Self::file), which takes a commit for a branch. `repos/list-commits`.
    pub async fn commits(
        &self,
        owner: &str,
        name: &str,
        branch: &str,
        path: &str,
    ) -> Result<Vec<String>, Failure> {
        let call = Call::reads("repos/list-commits").needs(&["repo"]);
        let query = [("sha", branch), ("path", path), ("per_page", "100")];
        let commits: Vec<CommitBody> = self
            .get(call, ["repos", owner, name, "commits"], &query)
            .await?;
        Ok(commits.into_iter().map(|commit| commit.sha).collect())
    }
}
