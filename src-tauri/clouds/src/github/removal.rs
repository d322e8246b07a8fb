//! Taking away what was made: a repository, a file.

use fabrik_domain::failure::Failure;
use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    GitHub, Owner, Repository, Written,
    contents::{PutAnswer, contents_path},
    model::CommitBody,
    transport::decode,
};
use crate::{Call, status::found};

#[derive(Serialize)]
struct DeleteBody<'a> {
    message: &'a str,
    sha: &'a str,
    branch: &'a str,
}

#[derive(Deserialize)]
struct Listed {}

impl GitHub {
    /// Deletes a repository as it was just read, best by its id: its name may be another's by now.
    /// `repos/delete`. An organization may forbid it: then the token may not.
    ///
    /// `false` where GitHub says 404: there is none, or the token can't see it. See
    /// [`sees_every_private`](Self::sees_every_private).
    pub async fn delete_repository(&self, repository: &Repository) -> Result<bool, Failure> {
        let call = Call::changes("repos/delete").needs(&["delete_repo"]);
        let (owner, name) = repository.owner_and_name();
        let path = ["repos", owner, name];
        let answer = self
            .send(call, Method::DELETE, path, &[], None::<&()>)
            .await;
        Ok(found(answer)?.is_some())
    }

    /// Whether the token sees every private repository of an owner, so that a 404 means that one is gone. A token
    /// for chosen repositories doesn't tell its scopes, and is not sure. `users/get-authenticated`.
    pub async fn sees_every_private(&self, owner: &str) -> Result<bool, Failure> {
        let scopes = self.whoami().await?.scopes;
        Ok(scopes.iter().any(|scope| scope == "repo") && self.owner(owner).await?.is_some())
    }

    /// Whether the token sees private repositories of an owner, or one at least: then a 404 most likely means that
    /// one is gone. For a look before something is made, which the vendor refuses where the name is taken after
    /// all. `users/get-authenticated`, `repos/list-for-org`, `repos/list-for-authenticated-user`.
    pub async fn sees_private(&self, owner: &str) -> Result<bool, Failure> {
        if self.sees_every_private(owner).await? {
            return Ok(true);
        }
        let one = ("per_page", "1");
        let listed: Option<Vec<Listed>> = match self.owner(owner).await? {
            Some(Owner::User) => {
                let call = Call::reads("repos/list-for-authenticated-user").needs(&["repo"]);
                let query = [("visibility", "private"), ("affiliation", "owner"), one];
                found(self.get(call, ["user", "repos"], &query).await)?
            }
            Some(Owner::Organization) => {
                let call = Call::reads("repos/list-for-org").needs(&["repo"]);
                let query = [("type", "private"), one];
                found(self.get(call, ["orgs", owner, "repos"], &query).await)?
            }
            None => None,
        };
        Ok(listed.is_some_and(|listed| !listed.is_empty()))
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
