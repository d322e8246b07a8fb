//! Repositories: look, make from a template, wait for the content.

use fabrik_domain::{Cause, failure::Failure};
use http::Method;
use serde::Serialize;

use super::{
    GitHub,
    model::{Branch, BranchBody, Repository},
    transport::decode,
};
use crate::{
    Call,
    status::{found, refused_with, says},
};

/// A private repository to be made from a template.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct NewRepository<'a> {
    /// A user or an organisation.
    pub owner: &'a str,
    /// Its name.
    pub name: &'a str,
    /// A line for people, with the mark.
    pub description: &'a str,
}

#[derive(Serialize)]
struct GenerateBody<'a> {
    #[serde(flatten)]
    repository: NewRepository<'a>,
    private: bool,
    include_all_branches: bool,
}

impl GitHub {
    /// The repository of this name, also by a name it had before (GitHub answers 301 and is followed).
    /// `None` where there is none, or where the token can't see it: GitHub doesn't tell these apart.
    /// `repos/get`.
    pub async fn repository(&self, owner: &str, name: &str) -> Result<Option<Repository>, Failure> {
        let call = Call::reads("repos/get").needs(&["repo"]);
        found(self.get(call, ["repos", owner, name], &[]).await)
    }

    /// The repository with this id, whatever its name is by now. `None` as for
    /// [`repository`](Self::repository). GitHub's own target of redirects after a rename.
    pub async fn repository_by_id(&self, id: &str) -> Result<Option<Repository>, Failure> {
        let call = Call::reads("repos/get").needs(&["repo"]);
        found(self.get(call, ["repositories", id], &[]).await)
    }

    /// Makes a private repository from a template. The content is copied after the answer: see
    /// [`branch`](Self::branch). `repos/create-using-template`.
    ///
    /// `name_taken`, `template_not_visible`, else as GitHub says.
    pub async fn generate(
        &self,
        template_owner: &str,
        template: &str,
        repository: NewRepository<'_>,
    ) -> Result<Repository, Failure> {
        let call = Call::changes("repos/create-using-template").needs(&["repo"]);
        let path = ["repos", template_owner, template, "generate"];
        let body = GenerateBody {
            repository,
            private: true,
            include_all_branches: false,
        };
        let answer = self.send(call, Method::POST, path, &[], Some(&body)).await;
        let answer = answer.map_err(|mut failure| {
            let cause = match refused_with(&failure) {
                Some(422) if says(&failure, "name already exists") => Cause::NameTaken {
                    name: format!("{}/{}", repository.owner, repository.name),
                },
                Some(404) => template_not_visible(template_owner, template),
                Some(422) if says(&failure, "template repository not found") => {
                    template_not_visible(template_owner, template)
                }
                _ => return failure,
            };
            *failure.problem.cause = cause;
            failure
        })?;
        decode(&answer, call)
    }

    /// The head of a branch; `None` while there is none. A repository made from a template has none until
    /// its content is copied: GitHub then says 409 "Git Repository is empty." or 404. `repos/get-branch`.
    pub async fn branch(
        &self,
        owner: &str,
        name: &str,
        branch: &str,
    ) -> Result<Option<Branch>, Failure> {
        let call = Call::reads("repos/get-branch").needs(&["repo"]);
        let path = ["repos", owner, name, "branches", branch];
        match self.get::<BranchBody>(call, path, &[]).await {
            Ok(body) => Ok(Some(Branch {
                commit: body.commit.sha,
            })),
            Err(failure) if matches!(refused_with(&failure), Some(404 | 409)) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

fn template_not_visible(owner: &str, name: &str) -> Cause {
    Cause::TemplateNotVisible {
        template: format!("{owner}/{name}"),
    }
}
