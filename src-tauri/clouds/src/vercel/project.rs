//! Projects and their domains.

use fabrik_domain::{Cause, failure::Failure};
use serde::{Deserialize, Serialize};

use super::{
    Challenge, ForTeam, Team, Vercel, address,
    environment::{Target, milliseconds},
};
use crate::{
    Call,
    decode::Room,
    status::{found, refused_with},
};

/// How many pages of a project's domains are read, each of a hundred: so that a list without an end has one.
const PAGES: usize = 100;

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// `prj_…`.
    pub id: String,
    /// Unique in the account.
    pub name: String,
    /// The repository it is linked to.
    #[serde(default)]
    pub link: Option<Link>,
}

/// A project's repository.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// The owner's name.
    #[serde(default)]
    pub org: Option<String>,
    /// The repository's name.
    #[serde(default)]
    pub repo: Option<String>,
    /// GitHub's id of it; a number or a text of one.
    #[serde(default)]
    repo_id: Option<RepoId>,
    /// The branch whose pushes go to production.
    #[serde(default)]
    pub production_branch: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum RepoId {
    Number(u64),
    Text(String),
}

impl Project {
    /// GitHub's id of the linked repository, as text.
    pub fn repo_id(&self) -> Option<String> {
        match self.link.as_ref()?.repo_id.as_ref()? {
            RepoId::Number(number) => Some(number.to_string()),
            RepoId::Text(text) => Some(text.clone()),
        }
    }
}

/// A project to be made, linked to a repository.
#[derive(Clone, Copy, Debug)]
pub struct NewProject<'a> {
    /// At most 100 characters.
    pub name: &'a str,
    /// As Vercel names it: `nextjs`; `None` lets it be none.
    pub framework: Option<&'a str>,
    /// `owner/name` at GitHub.
    pub repository: &'a str,
    /// A variable that marks it as ours, given with the project so that there is none without.
    pub mark: (&'a str, &'a str),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewProjectBody<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    framework: Option<&'a str>,
    git_repository: GitRepository<'a>,
    environment_variables: [MarkBody<'a>; 1],
}

#[derive(Serialize)]
struct GitRepository<'a> {
    r#type: &'static str,
    repo: &'a str,
}

#[derive(Serialize)]
struct MarkBody<'a> {
    key: &'a str,
    value: &'a str,
    r#type: &'static str,
    target: [Target; 1],
}

/// A host that leads to a project.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Domain {
    /// The host, without a scheme.
    pub name: String,
    /// Whether its owner has proved it.
    #[serde(default)]
    pub verified: bool,
    /// When the project was given it, in milliseconds since 1970: given it anew, it has another.
    #[serde(default)]
    pub created_at: Option<i64>,
    /// Another host that it leads to.
    #[serde(default)]
    pub redirect: Option<String>,
    /// The branch it shows, where that is not production's.
    #[serde(default)]
    pub git_branch: Option<String>,
    /// The environment it shows, where that is one of the owner's own.
    #[serde(default)]
    pub custom_environment_id: Option<String>,
    /// The domain that it is or lies in.
    #[serde(default)]
    pub apex_name: Option<String>,
    /// One of these proves it.
    #[serde(default)]
    pub(super) verification: Vec<Challenge>,
}

impl Domain {
    /// Whether people meet production at it.
    pub fn is_production(&self) -> bool {
        self.verified
            && self.redirect.is_none()
            && self.git_branch.is_none()
            && self.custom_environment_id.is_none()
    }

    /// Its address.
    pub fn address(&self) -> String {
        address(&self.name)
    }
}

#[derive(Deserialize)]
struct DomainsBody {
    domains: Vec<Domain>,
    #[serde(default)]
    pagination: Pagination,
}

#[derive(Default, Deserialize)]
pub(super) struct Pagination {
    /// What the next page is asked for by: only what is older than this is on it.
    #[serde(default)]
    pub(super) next: Option<f64>,
}

impl Vercel {
    /// The project with this id or name; `None` where there is none. `getProject`.
    pub async fn project(
        &self,
        team: Team<'_>,
        id_or_name: &str,
    ) -> Result<Option<Project>, Failure> {
        let call = Call::reads("getProject");
        let path = ["v9", "projects", id_or_name];
        found(self.account.get(call, path).for_team(team).receive().await)
    }

    /// Makes a project linked to a repository. Linking deploys nothing of what is in it already.
    /// `createProject`. `name_taken`, else as Vercel says.
    pub async fn create_project(
        &self,
        team: Team<'_>,
        project: NewProject<'_>,
    ) -> Result<Project, Failure> {
        let (key, value) = project.mark;
        let body = NewProjectBody {
            name: project.name,
            framework: project.framework,
            git_repository: GitRepository {
                r#type: "github",
                repo: project.repository,
            },
            environment_variables: [MarkBody {
                key,
                value,
                r#type: "plain",
                // The one target whose variables no policy of a team keeps from being read again.
                target: [Target::Development],
            }],
        };
        let call = Call::changes("createProject");
        let draft = self
            .account
            .post(call, ["v11", "projects"])
            .for_team(team)
            .json(&body);
        draft.receive().await.map_err(|mut failure| {
            if refused_with(&failure) == Some(409) {
                *failure.problem.cause = Cause::NameTaken {
                    name: project.name.to_owned(),
                };
            }
            failure
        })
    }

    /// Deletes a project with its deployments, variables and domains; the repository stays. `false` where Vercel
    /// says 404: there is none, or it can't be seen (see [`team`](Self::team)). `deleteProject`.
    pub async fn delete_project(&self, team: Team<'_>, id: &str) -> Result<bool, Failure> {
        let call = Call::changes("deleteProject");
        let draft = self.account.delete(call, ["v9", "projects", id]);
        Ok(found(draft.for_team(team).send().await)?.is_some())
    }

    /// The project's domains, the newest first. `getProjectDomains`.
    pub async fn domains(&self, team: Team<'_>, project: &str) -> Result<Vec<Domain>, Failure> {
        let call = Call::reads("getProjectDomains");
        let (mut domains, mut room) = (Vec::new(), Room::for_list());
        let mut until = None;
        for _ in 0..PAGES {
            let path = ["v9", "projects", project, "domains"];
            let mut draft = self.account.get(call, path).query("limit", "100");
            if let Some(until) = until {
                draft = draft.query("until", milliseconds(until).to_string());
            }
            let page: DomainsBody = draft.for_team(team).receive_page(&mut room).await?;
            until = page.pagination.next.filter(|_| !page.domains.is_empty());
            domains.extend(page.domains);
            if until.is_none() {
                break;
            }
        }
        Ok(domains)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_id_is_a_number_or_a_text() {
        for id in ["12", "\"12\""] {
            let body = format!(r#"{{"id":"prj_1","name":"a","link":{{"repoId":{id}}}}}"#);
            let project: Project = serde_json::from_str(&body).unwrap();
            assert_eq!(project.repo_id().as_deref(), Some("12"));
        }
        let bare: Project = serde_json::from_str(r#"{"id":"prj_1","name":"a"}"#).unwrap();
        assert_eq!(bare.repo_id(), None);
    }

    #[test]
    fn only_hosts_of_production_count() {
        let of = |text: &str| {
            serde_json::from_str::<Domain>(text)
                .unwrap()
                .is_production()
        };
        assert!(of(
            r#"{"name":"a.vercel.app","verified":true,"redirect":null}"#
        ));
        assert!(!of(r#"{"name":"a.se","verified":false}"#), "not proved");
        assert!(
            !of(r#"{"name":"www.a.se","verified":true,"redirect":"a.se"}"#),
            "leads on"
        );
        assert!(
            !of(r#"{"name":"b.a.se","verified":true,"gitBranch":"next"}"#),
            "a branch"
        );
    }
}
