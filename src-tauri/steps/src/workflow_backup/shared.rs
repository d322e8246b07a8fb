//! What all customers share: the owner and the repository. Neither is anybody's resource.

use fabrik_clouds::{
    AccountInfo,
    gitea::{NEEDED_FOR_OWN, Repository, allows},
    refused_with,
};
use fabrik_domain::{
    Cause, Problem,
    failure::{Failure, Outcome},
    provider::Provider,
};

use super::{DESCRIPTION, With, WorkflowBackup};

/// What is wrong with a repository that anybody reads: workflows name addresses that whoever knows them may call.
pub(super) fn public(repository: &Repository) -> Option<Problem> {
    let name = repository.full_name.clone();
    let problem = Problem::from(Cause::RepositoryPublic { repository: name }).by(Provider::Gitea);
    repository.is_public().then_some(problem)
}

impl WorkflowBackup {
    pub(super) async fn repository(&self) -> Result<Option<Repository>, Failure> {
        let With {
            owner, repository, ..
        } = &self.with;
        self.gitea.repository(owner, repository).await
    }

    /// The scopes that a token lacks to make the repository, as far as they are told: one of its own user's takes one more.
    pub(super) fn missing_to_make(&self, token: AccountInfo) -> Vec<String> {
        let is_told = !token.scopes.is_empty();
        let is_own = token.account.eq_ignore_ascii_case(&self.with.owner);
        let mut missing = token.missing_scopes;
        if is_told && is_own && !allows(&token.scopes, NEEDED_FOR_OWN) {
            missing.push(NEEDED_FOR_OWN.to_owned());
        }
        missing
    }

    /// Makes owner and repository where they are missing. Somebody may be doing so at the same time.
    pub(super) async fn shared(&self) -> Result<Repository, Failure> {
        if let Some(repository) = self.repository().await? {
            return match public(&repository) {
                Some(problem) => Err(Failure {
                    outcome: Outcome::Refused,
                    problem,
                }),
                None => Ok(repository),
            };
        }
        let With {
            owner, repository, ..
        } = &self.with;
        let is_own = self.gitea.login().await?.eq_ignore_ascii_case(owner);
        if !is_own && !self.gitea.sees_organization(owner).await? {
            self.gitea.create_organization(owner).await?;
        }
        let organization = (!is_own).then_some(owner.as_str());
        let made = self
            .gitea
            .create_repository(organization, repository, DESCRIPTION)
            .await;
        match made {
            // The name is somebody's who doesn't show it.
            Err(failure) if refused_with(&failure) == Some(404) => Err(self.owner_hidden()),
            Err(failure) => Err(failure),
            Ok(_) => self.repository().await?.ok_or_else(|| self.owner_hidden()),
        }
    }

    fn owner_hidden(&self) -> Failure {
        let owner = self.with.owner.clone();
        let problem = Problem::from(Cause::OwnerNotVisible { owner });
        Failure {
            outcome: Outcome::Refused,
            problem: problem.by(Provider::Gitea),
        }
    }
}
