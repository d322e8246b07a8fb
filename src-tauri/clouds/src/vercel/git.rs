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
    /// The app is there. These are the repositories that the query found, as `owner/name`.
    Sees(Vec<String>),
}

impl GitAccess {
    /// Whether the repository `owner/name` is among those found.
    pub fn sees(&self, repository: &str) -> bool {
        match self {
            Self::Missing => false,
            Self::Sees(found) => found
                .iter()
                .any(|name| name.eq_ignore_ascii_case(repository)),
        }
    }
}

#[derive(Deserialize)]
struct Namespace {
    slug: String,
    id: Id,
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
            SearchBody::Found { repos } => GitAccess::Sees(
                repos
                    .into_iter()
                    .map(|repo| {
                        let owner = repo.namespace.unwrap_or_else(|| owner.to_owned());
                        format!("{owner}/{}", repo.slug.unwrap_or(repo.name))
                    })
                    .collect(),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let access = GitAccess::Sees(vec!["Acme/Shop".to_owned()]);
        assert!(access.sees("acme/shop") && !access.sees("acme/shop-2"));
    }
}
