//! A project as it is kept, how it is found and shown.

use axum::http::StatusCode;
use fabrik_domain::{provider::Provider, secret::ExposeSecret};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    account::VercelAccount, deployment, environment::Variable, not_found, refused, scope::Scope,
};
use crate::{
    answer::Refusal,
    documents::Documents,
    environment::{OWNER, SHARED, vercel_project, vercel_team},
    error::SandboxError,
    github,
    platform::Core,
};

/// A link to a repository.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Link {
    pub(super) repository: u64,
    pub(super) org: String,
    pub(super) repo: String,
    pub(super) branch: String,
    pub(super) created: Timestamp,
}

/// A domain that was added.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Domain {
    pub(super) name: String,
    pub(super) created: Timestamp,
    /// Until it is, it is not the project's.
    #[serde(default = "yes")]
    pub(super) verified: bool,
}

fn yes() -> bool {
    true
}

/// A project.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Project {
    /// `prj_…`.
    pub(crate) id: String,
    /// The team's or person's id.
    pub(super) account: String,
    /// Its name, unique in the account.
    pub(crate) name: String,
    pub(super) framework: Option<String>,
    pub(super) root_directory: Option<String>,
    pub(super) link: Option<Link>,
    pub(super) variables: Vec<Variable>,
    pub(super) domains: Vec<Domain>,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

pub(super) fn documents(core: &Core) -> Documents {
    core.documents(Provider::Vercel)
}

/// The project of this name in any account, oldest first: what a site's URL says.
pub(crate) fn by_name(core: &Core, name: &str) -> Result<Option<Project>, SandboxError> {
    documents(core).find("project", |project: &Project| project.name == name)
}

/// Another name, as somebody gives it in the dashboard. `id` is an id or a name.
pub(crate) fn rename(core: &Core, id: &str, name: &str) -> Result<Value, SandboxError> {
    let wanted = |project: &Project| project.id == id || project.name == id;
    let found = documents(core).find("project", wanted)?;
    let mut project = found.ok_or_else(|| SandboxError::unknown("vercel project", id))?;
    name.clone_into(&mut project.name);
    project.save(core)?;
    Ok(json!({ "id": project.id, "name": project.name }))
}

/// The project that customers share who have none of their own, where it is not there: the shared repository's,
/// with nothing deployed yet.
pub(crate) fn seed(core: &Core) -> Result<(), SandboxError> {
    let (id, now) = (vercel_project(core), core.now());
    let repository = github::by_full_name(core, OWNER, SHARED)?;
    if documents(core).get::<Project>("project", &id)?.is_some() {
        return Ok(());
    }
    let project = Project {
        id,
        account: vercel_team(core),
        name: SHARED.to_owned(),
        framework: Some("nextjs".to_owned()),
        root_directory: None,
        link: repository.map(|repository| linked(core, repository)),
        variables: Vec::new(),
        domains: Vec::new(),
        created: now,
        updated: now,
    };
    project.save(core)
}

/// A project that somebody else made in the team, with these variables and nothing deployed.
pub(crate) fn put_foreign(
    core: &Core,
    name: &str,
    repository: Option<&str>,
    variables: Map<String, Value>,
) -> Result<Value, SandboxError> {
    let link = match repository.and_then(|full_name| full_name.split_once('/')) {
        Some((owner, name)) => github::by_full_name(core, owner, name)?,
        None => None,
    };
    let scope = Scope(vercel_team(core));
    if find(core, &scope, name)?.is_some() {
        return Err(SandboxError::Invalid(format!("a project is called {name}")));
    }
    let variables = variables
        .into_iter()
        .map(|(key, value)| Variable::plain(core, key, value.as_str().unwrap_or_default()));
    let now = core.now();
    let project = Project {
        id: next_id(core)?,
        account: scope.0,
        name: name.to_owned(),
        framework: None,
        root_directory: None,
        link: link.map(|repository| linked(core, repository)),
        variables: variables.collect::<Result<_, _>>()?,
        domains: Vec::new(),
        created: now,
        updated: now,
    };
    project.save(core)?;
    Ok(json!({ "id": project.id, "name": project.name }))
}

/// The id of a new project.
pub(super) fn next_id(core: &Core) -> Result<String, SandboxError> {
    let number = documents(core).next("project")?;
    let mut seeded = core.seeded(&format!("vercel/project/{number}"));
    Ok(format!("prj_{}", seeded.alphanumeric(28)))
}

/// The project with this id or name in the account.
pub(super) fn find(
    core: &Core,
    scope: &Scope,
    id_or_name: &str,
) -> Result<Option<Project>, SandboxError> {
    documents(core).find("project", |project: &Project| {
        project.account == scope.0 && (project.id == id_or_name || project.name == id_or_name)
    })
}

/// As [`find`]; 404 where there is none.
pub(super) fn addressed(core: &Core, scope: &Scope, id_or_name: &str) -> Result<Project, Refusal> {
    find(core, scope, id_or_name)?.ok_or_else(|| not_found("Project"))
}

/// The link to a repository, where the app sees it.
pub(super) fn link(core: &Core, full_name: &str) -> Result<Link, Refusal> {
    let account: VercelAccount = core.account()?;
    let bad = |message: &str| refused(StatusCode::BAD_REQUEST, "bad_request", message);
    if !account.github_login_connection {
        return Err(bad(
            "You need to add a Login Connection to your GitHub account first.",
        ));
    }
    if account.app_selection().is_none() {
        return Err(bad(
            "To link a GitHub repository, you need to install the GitHub integration first.",
        ));
    }
    let unseen = || {
        let message = format!(
            "The repository \"{full_name}\" couldn't be found in your linked GitHub account."
        );
        refused(StatusCode::BAD_REQUEST, "repo_not_found", &message)
    };
    let (owner, name) = full_name.split_once('/').ok_or_else(unseen)?;
    let repository = github::by_full_name(core, owner, name)?
        .filter(|repository| account.app_sees(&repository.full_name()))
        .ok_or_else(unseen)?;
    Ok(linked(core, repository))
}

fn linked(core: &Core, repository: github::Repository) -> Link {
    Link {
        repository: repository.id,
        org: repository.owner,
        repo: repository.name,
        branch: repository.default_branch,
        created: core.now(),
    }
}

impl Project {
    /// Keeps it.
    pub(super) fn save(&self, core: &Core) -> Result<(), SandboxError> {
        documents(core).put("project", &self.id, self)
    }

    /// Host (and, here, path) that production answers at, without a scheme.
    pub(super) fn production_host(&self, core: &Core) -> String {
        host(core, &self.name)
    }

    /// The project as every call about it shows it.
    pub(super) fn show(&self, core: &Core) -> Result<Value, SandboxError> {
        let link = self.link.as_ref().map(|link| {
            json!({
                "type": "github", "org": link.org, "repo": link.repo, "repoId": link.repository,
                "repoOwnerId": 1001, "gitCredentialId": "cred_sandbox",
                "productionBranch": link.branch, "deployHooks": [], "sourceless": false,
                "createdAt": link.created.as_millisecond(), "updatedAt": link.created.as_millisecond(),
            })
        });
        let variables = self
            .variables
            .iter()
            .map(|variable| variable.show(core, false));
        let variables = variables.collect::<Result<Vec<_>, _>>()?;
        let resources = json!({ "functionDefaultRegions": ["arn1"] });
        let mut project = json!({
            "id": self.id, "accountId": self.account, "name": self.name,
            "framework": self.framework, "rootDirectory": self.root_directory,
            "nodeVersion": "24.x", "directoryListing": false, "env": variables,
            "resourceConfig": resources, "defaultResourceConfig": resources,
            "autoAssignCustomDomains": true, "live": false,
            "createdAt": self.created.as_millisecond(), "updatedAt": self.updated.as_millisecond(),
            "targets": {}, "latestDeployments": [],
        });
        if let Some(link) = link {
            project["link"] = link;
        }
        if let Some(latest) = deployment::latest_ready(core, &self.id)? {
            project["targets"]["production"] = latest.show_as_target(core, self);
        }
        Ok(project)
    }

    /// The values a deployment for this target starts with, sealed as they are kept.
    pub(super) fn values_for(&self, target: &str) -> Vec<Variable> {
        self.variables
            .iter()
            .filter(|variable| variable.targets.iter().any(|own| own == target))
            .cloned()
            .collect()
    }
}

/// The host a site answers at. Vercel gives hosts without a scheme; this one has a path.
pub(super) fn host(core: &Core, label: &str) -> String {
    let authority = core.base_url().trim_start_matches("http://");
    format!("{authority}/_sites/{label}")
}

/// Plain value of a variable, for what runs with it.
pub(super) fn plain(core: &Core, variable: &Variable) -> Result<String, SandboxError> {
    Ok(documents(core)
        .unseal(&variable.value)?
        .expose_secret()
        .to_owned())
}
