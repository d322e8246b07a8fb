//! A deployment as it is kept, and how its state follows from the time.

use std::collections::BTreeMap;

use fabrik_domain::provider::Provider;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    account::{Plan, VercelAccount},
    environment::Variable,
    project::{Project, documents, host, plain},
    scope::user_id,
};
use crate::{
    error::SandboxError, figure::Figure, github::Repository, platform::Core, readiness::Readiness,
};

/// A deployment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Deployment {
    /// `dpl_…`.
    pub(crate) id: String,
    pub(super) project: String,
    pub(super) account: String,
    /// What was paid for when it was made.
    #[serde(default)]
    pub(super) plan: Plan,
    /// The part of its own URL that is its alone.
    pub(super) label: String,
    /// `production`, or none for a preview.
    pub(super) target: Option<String>,
    pub(super) repository: u64,
    pub(super) reference: String,
    pub(super) sha: String,
    /// `api-trigger-git-deploy`, or `git` for one that a push began.
    pub(super) source: String,
    /// When it was asked for; the build begins when there is room.
    #[serde(default)]
    pub(super) created: Timestamp,
    pub(super) build: Readiness,
    /// What the build ends with.
    pub(super) ends: String,
    pub(super) canceled: Option<Timestamp>,
    /// The variables as they were when it began; later changes don't reach it.
    pub(super) variables: Vec<Variable>,
    /// What it was given to be known by.
    #[serde(default)]
    pub(super) meta: BTreeMap<String, String>,
}

/// What a deployment is made of.
pub(super) struct Source<'a> {
    pub(super) repository: &'a Repository,
    pub(super) reference: &'a str,
    pub(super) sha: String,
    pub(super) target: Option<String>,
    pub(super) begun_by: &'static str,
    pub(super) meta: BTreeMap<String, String>,
}

/// Begins a build.
pub(super) fn begin(
    core: &Core,
    project: &Project,
    source: Source<'_>,
) -> Result<Deployment, SandboxError> {
    let account: VercelAccount = core.account()?;
    let number = documents(core).next("deployment")?;
    let mut seeded = core.seeded(&format!("vercel/deployment/{number}"));
    let id = format!("dpl_{}", seeded.alphanumeric(28));
    let label = format!(
        "{}-{}",
        project.name,
        seeded.text("abcdefghijklmnopqrstuvwxyz0123456789", 9)
    );
    let target = source.target.as_deref().unwrap_or("preview");
    let deployment = Deployment {
        project: project.id.clone(),
        account: project.account.clone(),
        plan: account.plan,
        label,
        repository: source.repository.id,
        reference: source.reference.to_owned(),
        sha: source.sha,
        source: source.begun_by.to_owned(),
        created: core.now(),
        build: core.begin_at(
            room(core, account.builds())?,
            Provider::Vercel,
            Figure::VercelReady,
            &id,
        ),
        ends: account.end_of(source.repository),
        canceled: None,
        variables: project.values_for(target),
        target: source.target,
        meta: source.meta,
        id,
    };
    deployment.save(core)?;
    Ok(deployment)
}

/// When a build can begin: at once, or when enough of those before it have ended.
fn room(core: &Core, at_once: usize) -> Result<Timestamp, SandboxError> {
    let now = core.now();
    let unfinished = documents(core).wanted("deployment", |deployment: &Deployment| {
        deployment.canceled.is_none() && deployment.build.ready > now
    })?;
    let ends = unfinished.iter().map(|deployment| deployment.build.ready);
    let mut ends: Vec<Timestamp> = ends.collect();
    ends.sort_unstable();
    let ahead = ends.len().checked_sub(at_once.max(1));
    Ok(ahead.map_or(now, |number| ends[number]))
}

/// The deployments of a project, oldest first.
pub(super) fn of_project(core: &Core, project: &str) -> Result<Vec<Deployment>, SandboxError> {
    documents(core).wanted("deployment", |deployment: &Deployment| {
        deployment.project == project
    })
}

/// The deployment that production shows.
pub(crate) fn latest_ready(core: &Core, project: &str) -> Result<Option<Deployment>, SandboxError> {
    let mut all = of_project(core, project)?;
    let shown = |deployment: &Deployment| {
        deployment.target.as_deref() == Some("production")
            && deployment.state(core.now()) == "READY"
    };
    all.retain(shown);
    Ok(all.pop())
}

/// The deployment with this label, and its project.
pub(crate) fn by_label(core: &Core, label: &str) -> Result<Option<Deployment>, SandboxError> {
    documents(core).find("deployment", |deployment: &Deployment| {
        deployment.label == label
    })
}

impl Deployment {
    pub(super) fn save(&self, core: &Core) -> Result<(), SandboxError> {
        documents(core).put("deployment", &self.id, self)
    }

    /// The state at `now`.
    pub(crate) fn state(&self, now: Timestamp) -> &str {
        if self.canceled.is_some() {
            return "CANCELED";
        }
        match self.build.progress(now) {
            done if done >= 1.0 => &self.ends,
            done if done >= 0.15 => "BUILDING",
            done if done >= 0.05 => "INITIALIZING",
            _ => "QUEUED",
        }
    }

    /// The id of the repository it was built from.
    pub(crate) fn repository(&self) -> u64 {
        self.repository
    }

    /// Its own host.
    pub(super) fn host(&self, core: &Core) -> String {
        host(core, &self.label)
    }

    /// What the site reads from its environment.
    pub(crate) fn environment(&self, core: &Core) -> Result<Vec<(String, String)>, SandboxError> {
        self.variables
            .iter()
            .map(|variable| Ok((variable.key.clone(), plain(core, variable)?)))
            .collect()
    }

    /// The hosts that lead to it besides its own.
    pub(super) fn aliases(&self, core: &Core, project: &Project) -> Vec<String> {
        if self.target.as_deref() != Some("production") {
            return Vec::new();
        }
        let verified = project.domains.iter().filter(|domain| domain.verified);
        let added = verified.map(|domain| domain.name.clone());
        std::iter::once(project.production_host(core))
            .chain(added)
            .collect()
    }

    /// What it was given, and what the vendor writes beside it.
    fn shown_meta(&self) -> Value {
        let mut meta = json!({
            "githubCommitSha": self.sha, "githubCommitRef": self.reference,
            "githubRepoId": self.repository.to_string(),
        });
        for (name, value) in &self.meta {
            meta[name] = json!(value);
        }
        meta
    }

    /// As the calls about it show it.
    pub(super) fn show(&self, core: &Core, project: &Project) -> Value {
        let state = self.state(core.now());
        let begun = self.created.as_millisecond();
        let ready = state == "READY";
        let mut shown = json!({
            "id": self.id, "name": project.name, "url": self.host(core), "version": 2,
            "projectId": self.project, "ownerId": self.account, "plan": self.plan, "type": "LAMBDAS",
            "status": state, "readyState": state, "createdIn": "arn1", "regions": ["arn1"],
            "createdAt": begun, "bootedAt": self.build.started.as_millisecond(),
            "buildingAt": self.build.started.as_millisecond(), "buildSkipped": false,
            "public": false, "routes": null, "meta": self.shown_meta(),
            "creator": { "uid": user_id(core), "username": "sandbox-owner" },
            "inspectorUrl": format!("http://{}", self.host(core)),
            "isInConcurrentBuildsQueue": self.build.started > core.now(),
            "isInSystemBuildsQueue": false,
            "projectSettings": { "framework": project.framework },
            "build": { "env": [] }, "env": self.variables.iter().map(|variable| &variable.key).collect::<Vec<_>>(),
            "target": self.target, "source": self.source,
            "alias": if ready { self.aliases(core, project) } else { Vec::new() },
            "aliasAssigned": ready, "aliasError": null,
            "gitSource": {
                "type": "github", "repoId": self.repository, "ref": self.reference,
            },
            "project": { "id": self.project, "name": project.name, "framework": project.framework },
        });
        if ready {
            shown["ready"] = json!(self.build.ready.as_millisecond());
            shown["aliasAssignedAt"] = json!(self.build.ready.as_millisecond());
        }
        if state == "ERROR" {
            shown["errorCode"] = json!("BUILD_FAILED");
            shown["errorMessage"] = json!("Command \"npm run build\" exited with 1");
        }
        shown
    }

    /// As a list shows it.
    pub(super) fn show_in_list(&self, core: &Core, project: &Project) -> Value {
        let state = self.state(core.now());
        json!({
            "uid": self.id, "name": project.name, "projectId": self.project,
            "url": self.host(core), "created": self.created.as_millisecond(),
            "createdAt": self.created.as_millisecond(), "type": "LAMBDAS",
            "creator": { "uid": user_id(core), "username": "sandbox-owner" },
            "inspectorUrl": format!("http://{}", self.host(core)), "state": state,
            "readyState": state, "target": self.target, "source": self.source,
            "meta": self.shown_meta(),
        })
    }

    /// As a project shows what production runs.
    pub(super) fn show_as_target(&self, core: &Core, project: &Project) -> Value {
        json!({
            "id": self.id, "name": project.name, "url": self.host(core), "type": "LAMBDAS",
            "plan": self.plan, "private": true, "createdIn": "arn1", "target": self.target,
            "userId": user_id(core), "teamId": self.account,
            "creator": {
                "uid": user_id(core), "username": "sandbox-owner",
                "email": "owner@sandbox-agency.example",
            },
            "deploymentHostname": self.host(core), "readyState": self.state(core.now()),
            "createdAt": self.created.as_millisecond(),
            "readyAt": self.build.ready.as_millisecond(), "alias": self.aliases(core, project),
            "aliasAssigned": self.build.ready.as_millisecond(),
        })
    }
}
