//! Whether Vercel's GitHub app is where the repository is. Installing it can't be done by API.

use fabrik_domain::failure::Failure;
use serde::Deserialize;

use super::{ForTeam, Team, Vercel};
use crate::Call;

/// What Vercel sees of an owner's repositories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GitAccess {
    /// The app is not installed on the owner, or the token's user has no GitHub login at Vercel.
    Missing,
    /// The app is there.
    Sees {
        /// Whether the owner is known to be an organization.
        organization: bool,
        /// The repositories that the query found.
        found: Vec<SeenRepository>,
    },
}

/// A repository that Vercel sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenRepository {
    /// `owner/name`.
    pub full_name: String,
    /// Whether it is private; `None` where Vercel doesn't say.
    pub private: Option<bool>,
}

impl GitAccess {
    /// Whether the repository `owner/name` is among those found.
    pub fn sees(&self, repository: &str) -> bool {
        self.find(repository).is_some()
    }

    /// Whether the repository `owner/name` is an organization's, and private as far as is known: one that is still to
    /// be made is.
    pub fn is_private_of_organization(&self, repository: &str) -> bool {
        let public = |seen: &SeenRepository| seen.private == Some(false);
        matches!(
            self,
            Self::Sees {
                organization: true,
                ..
            }
        ) && !self.find(repository).is_some_and(public)
    }

    fn find(&self, repository: &str) -> Option<&SeenRepository> {
        match self {
            Self::Missing => None,
            Self::Sees { found, .. } => found
                .iter()
                .find(|seen| seen.full_name.eq_ignore_ascii_case(repository)),
        }
    }
}

/// Vercel's word for an organization, in `searchRepo` of its document; a person is a `user`.
const ORGANIZATION: &str = "team";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Namespace {
    slug: String,
    id: Id,
    #[serde(default)]
    owner_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Number(u64),
    Text(String),
}

impl Id {
    fn text(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

/// A missing app is a 200 with an error in it.
#[derive(Deserialize)]
#[serde(untagged)]
enum SearchBody {
    Refused { error: SearchError },
    Found { repos: Vec<Repo> },
}

#[derive(Deserialize)]
struct SearchError {
    code: String,
}

#[derive(Deserialize)]
struct Repo {
    #[serde(default)]
    namespace: Option<String>,
    #[serde(default)]
    slug: Option<String>,
    name: String,
    #[serde(default)]
    private: Option<bool>,
}

impl Vercel {
    /// What Vercel sees of `owner`'s repositories whose name holds `query`. `gitNamespaces`, `searchRepo`.
    pub async fn git_access(
        &self,
        team: Team<'_>,
        owner: &str,
        query: &str,
    ) -> Result<GitAccess, Failure> {
        let namespaces: Vec<Namespace> = self
            .account
            .get(
                Call::reads("gitNamespaces"),
                ["v1", "integrations", "git-namespaces"],
            )
            .query("provider", "github")
            .receive()
            .await?;
        let Some(namespace) = namespaces
            .into_iter()
            .find(|namespace| namespace.slug.eq_ignore_ascii_case(owner))
        else {
            return Ok(GitAccess::Missing);
        };
        let organization = namespace.owner_type.as_deref() == Some(ORGANIZATION);
        let body: SearchBody = self
            .account
            .get(
                Call::reads("searchRepo"),
                ["v1", "integrations", "search-repo"],
            )
            .query("provider", "github")
            .query("namespaceId", namespace.id.text())
            .query("query", query)
            .for_team(team)
            .receive()
            .await?;
        Ok(match body {
            SearchBody::Refused { error } => {
                tracing::debug!(code = error.code, "repositories can't be searched");
                GitAccess::Missing
            }
            SearchBody::Found { repos } => GitAccess::Sees {
                organization,
                found: repos
                    .into_iter()
                    .map(|repo| {
                        let owner = repo.namespace.unwrap_or_else(|| owner.to_owned());
                        SeenRepository {
                            full_name: format!("{owner}/{}", repo.slug.unwrap_or(repo.name)),
                            private: repo.private,
                        }
                    })
                    .collect(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(organization: bool, private: Option<bool>) -> GitAccess {
        let full_name = "Acme/Shop".to_owned();
        GitAccess::Sees {
            organization,
            found: vec![SeenRepository { full_name, private }],
        }
    }

    #[test]
    fn a_missing_app_is_a_success_with_an_error_in_it() {
        let body = r#"{"error":{"code":"installation_not_found","message":"…"}}"#;
        assert!(matches!(
            serde_json::from_str(body).unwrap(),
            SearchBody::Refused { .. }
        ));
        let body = r#"{"gitAccount":{"provider":"github"},"repos":[{"id":1,"name":"shop"}]}"#;
        let SearchBody::Found { repos } = serde_json::from_str(body).unwrap() else {
            panic!("repositories were found")
        };
        assert_eq!(repos[0].name, "shop");
    }

    #[test]
    fn repositories_are_compared_as_github_does() {
        let access = seen(false, None);
        assert!(access.sees("acme/shop") && !access.sees("acme/shop-2"));
    }

    #[test]
    fn what_is_not_seen_to_be_public_is_private() {
        for (organization, private, expected) in [
            (true, Some(true), true),
            (true, None, true),
            (true, Some(false), false),
            (false, Some(true), false),
        ] {
            let access = seen(organization, private);
            let told = access.is_private_of_organization("acme/shop");
            assert_eq!(told, expected, "{organization} {private:?}");
        }
        // In a plan, before it is made.
        assert!(seen(true, Some(false)).is_private_of_organization(""));
        assert!(!GitAccess::Missing.is_private_of_organization(""));
    }
}
