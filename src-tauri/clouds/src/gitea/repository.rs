//! Organizations and repositories.

use fabrik_domain::failure::Failure;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;

use super::{Gitea, api};
use crate::{
    Call,
    status::{found, refused_with},
};

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Repository {
    /// Gitea's number, which renames leave as it is.
    pub id: u64,
    /// `owner/name`, as they are now.
    pub full_name: String,
    /// The branch that is shown.
    #[serde(default)]
    pub default_branch: String,
    /// Its page, for people.
    #[serde(default)]
    pub html_url: String,
    #[serde(default)]
    pub(super) private: bool,
    /// It is in an organization that only its members see.
    #[serde(default)]
    pub(super) internal: bool,
}

impl Repository {
    /// `owner/name` in its parts.
    pub fn owner_and_name(&self) -> (&str, &str) {
        self.full_name.split_once('/').unwrap_or_default()
    }

    /// Whether others than its own people read it: neither it is private nor the organization that it is in.
    pub fn is_public(&self) -> bool {
        !self.private && !self.internal
    }
}

impl Gitea {
    /// A repository; `None` where Gitea says 404: there is none, or the token doesn't see it. One that got
    /// another name is found by its old one. `repoGet`.
    pub async fn repository(&self, owner: &str, name: &str) -> Result<Option<Repository>, Failure> {
        let call = Call::reads("repoGet").needs(&["read:repository"]);
        let draft = self.account.get(call, api(["repos", owner, name]));
        found(draft.receive().await)
    }

    /// Whether the token sees the organization. `orgGet`.
    pub async fn sees_organization(&self, name: &str) -> Result<bool, Failure> {
        let call = Call::reads("orgGet").needs(&["read:organization"]);
        let draft = self.account.get(call, api(["orgs", name]));
        Ok(found(draft.receive::<IgnoredAny>().await)?.is_some())
    }

    /// Makes an organization that only its members see; `false` where somebody was faster, or the name is taken.
    /// `orgCreate`.
    pub async fn create_organization(&self, name: &str) -> Result<bool, Failure> {
        let call = Call::changes("orgCreate").needs(&["write:organization"]);
        let body = json!({ "username": name, "visibility": "private" });
        let draft = self.account.post(call, api(["orgs"])).json(&body);
        made(draft.send().await)
    }

    /// Makes a private repository with a first commit; of the token's user where `organization` is `None`.
    /// `false` where somebody was faster. `createOrgRepo`, `createCurrentUserRepo`.
    pub async fn create_repository(
        &self,
        organization: Option<&str>,
        name: &str,
        description: &str,
    ) -> Result<bool, Failure> {
        let body = json!({
            "name": name, "description": description, "private": true, "auto_init": true, "default_branch": "main",
        });
        let draft = match organization {
            Some(organization) => {
                let call = Call::changes("createOrgRepo")
                    .needs(&["write:organization", "write:repository"]);
                self.account
                    .post(call, api(["orgs", organization, "repos"]))
            }
            None => {
                let call = Call::changes("createCurrentUserRepo")
                    .needs(&["write:user", "write:repository"]);
                self.account.post(call, api(["user", "repos"]))
            }
        };
        made(draft.json(&body).send().await)
    }
}

/// Whether it was made: that it is there already is no failure.
fn made<T>(answer: Result<T, Failure>) -> Result<bool, Failure> {
    match answer {
        Ok(_) => Ok(true),
        Err(failure) if matches!(refused_with(&failure), Some(409 | 422)) => Ok(false),
        Err(failure) => Err(failure),
    }
}
