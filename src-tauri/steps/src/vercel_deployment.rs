//! `vercel-deployment`: a production deployment that has the variables in it. One that was made after they were
//! last written, by a developer's push, serves as well as one of our own, and is adopted. Our own bear the
//! mark, so that a push between two looks is never taken for them.
//!
//! Of a project that all customers share, no step knows more than its id: what is deployed is read from the project.

use std::{collections::BTreeSet, sync::OnceLock, time::Duration};

use async_trait::async_trait;
use fabrik_clouds::vercel::{
    Deployment, DeploymentState, Domain, NewDeployment, Team, Vercel, address,
};
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    failure::Failure,
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::Output,
};
use fabrik_engine::step::{Context, Created, Found, Parent, Readiness, Step, Timing, Undone};
use serde::{Deserialize, Serialize};

use crate::{custom_domain::without_added, parameters::filled, registry::Entry};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::VercelDeployment,
    revision: 1,
    plans_alone: false,
    timing: Timing {
        usual: Duration::from_secs(40),
        ceiling: Duration::from_mins(15),
        settle: Duration::from_mins(1),
    },
    build: |clouds, parameters| {
        let with = parameters.read(&[])?;
        let vercel = clouds.vercel.clone();
        Ok(Box::new(VercelDeployment {
            vercel,
            with,
            domains: OnceLock::new(),
        }))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    project: String,
    /// The project's. Empty, as what follows may be, for what the project says.
    #[serde(default)]
    name: String,
    #[serde(default)]
    team: String,
    #[serde(default)]
    repo_id: String,
    /// The branch.
    #[serde(default)]
    r#ref: String,
}

/// What is deployed.
struct Source {
    name: String,
    repo_id: String,
    branch: String,
}

/// The field of a deployment's metadata that holds the mark.
const MARK: &str = "fabrikMark";

/// What `find` saw.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Evidence {
    /// The deployments that were there.
    before: BTreeSet<String>,
}

struct VercelDeployment {
    vercel: Vercel,
    with: With,
    /// Asked for while the deployment is being built.
    domains: OnceLock<Vec<Domain>>,
}

impl VercelDeployment {
    fn team(&self) -> Team<'_> {
        filled(&self.with.team)
    }

    /// What is deployed, or why nothing can be.
    async fn source(&self) -> Result<Result<Source, Problem>, Failure> {
        let With {
            project,
            name,
            repo_id,
            r#ref,
            ..
        } = &self.with;
        let said = Source {
            name: name.clone(),
            repo_id: repo_id.clone(),
            branch: r#ref.clone(),
        };
        if [name, repo_id, r#ref].iter().all(|text| !text.is_empty()) {
            return Ok(Ok(said));
        }
        let unfit = |expected: &str| {
            let setting = "vercel.project".to_owned();
            let expected = expected.to_owned();
            let problem = Problem::from(Cause::SettingInvalid { setting, expected });
            Ok(Err(problem.by(Provider::Vercel).detail(project.as_str())))
        };
        let Some(there) = self.vercel.project(self.team(), project).await? else {
            return unfit("prj_…");
        };
        let Some(repo_id) = there.repo_id() else {
            return unfit("prj_… + GitHub");
        };
        let branch = there.link.and_then(|link| link.production_branch);
        let or = |said: String, read: String| if said.is_empty() { read } else { said };
        Ok(Ok(Source {
            name: or(said.name, there.name),
            repo_id: or(said.repo_id, repo_id),
            branch: or(said.branch, branch.unwrap_or_else(|| "main".to_owned())),
        }))
    }

    /// Below what the domains in a project are that all customers share: none of them is the app's own address, and
    /// whether one leads there is its customer's matter.
    fn customers_base<'c>(&self, cx: &'c Context<'_>) -> Option<&'c str> {
        let setting = |key: &str| cx.snapshot.settings.get(key).map(String::as_str);
        let is_shared = setting("vercel.project") == Some(self.with.project.as_str());
        setting("domain.base").filter(|base| is_shared && !base.is_empty())
    }

    fn existing(&self, deployment: &Deployment) -> Existing {
        Existing {
            id: deployment.id.clone(),
            name: self.name(),
            url: deployment.inspector_url.clone(),
            content_hash: None,
        }
    }

    async fn domains(&self) -> Result<Vec<Domain>, Failure> {
        if let Some(domains) = self.domains.get() {
            return Ok(domains.clone());
        }
        let domains = self.vercel.domains(self.team(), &self.with.project).await?;
        Ok(self.domains.get_or_init(|| domains).clone())
    }
}

/// The newest deployment that may serve: it is ready or on its way, and not older than the variables.
/// Both times are Vercel's own.
fn serving(deployments: &[Deployment], variables_changed_at: i64) -> Option<&Deployment> {
    deployments
        .iter()
        .filter(|deployment| !matches!(deployment.state, DeploymentState::Ended(_)))
        .filter(|deployment| deployment.created_at >= variables_changed_at)
        .max_by_key(|deployment| deployment.created_at)
}

/// The newest deployment that we have made since the intent. One that failed and is in the records was looked at before;
/// one of an earlier run is not this one's, though a list that lagged had left it out when the intent was written.
fn made<'d>(
    cx: &Context<'_>,
    deployments: &'d [Deployment],
    evidence: &Evidence,
) -> Option<&'d Deployment> {
    let mark = cx.mark.to_string();
    let is_past = |deployment: &Deployment| {
        let has_ended = matches!(deployment.state, DeploymentState::Ended(_));
        let mut rows = cx.all.iter().filter(|row| row.id == deployment.id);
        rows.any(|row| has_ended || row.run != cx.run)
    };
    deployments
        .iter()
        .filter(|deployment| deployment.meta.get(MARK) == Some(&mark))
        .filter(|deployment| !evidence.before.contains(&deployment.id) && !is_past(deployment))
        .max_by_key(|deployment| deployment.created_at)
}

/// Where people meet this deployment: the project's production domain, one that is an alias of it first.
fn address_of(deployment: &Deployment, domains: &[Domain]) -> Option<String> {
    let production = || domains.iter().filter(|domain| domain.is_production());
    production()
        .find(|domain| deployment.aliases.contains(&domain.name))
        .or_else(|| production().next())
        .map(Domain::address)
        .or_else(|| deployment.aliases.first().map(|host| address(host)))
        .or_else(|| deployment.host.as_deref().map(address))
}

#[async_trait]
impl Step for VercelDeployment {
    fn name(&self) -> String {
        let said = filled(&self.with.name);
        said.unwrap_or(&self.with.project).to_owned()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::VercelDeployment)
    }

    /// A shared project is there before any run.
    async fn check(&self, _: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        if filled(&self.with.project).is_none() {
            return Ok(Vec::new());
        }
        Ok(self.source().await?.err().into_iter().collect())
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let (deployments, environment) = futures::join!(
            self.vercel.deployments(self.team(), &self.with.project),
            self.vercel.variables(self.team(), &self.with.project)
        );
        let (deployments, changed_at) = (deployments?, environment?.changed_at());
        let (found, evidence) = match cx.evidence {
            None => {
                let before = deployments.iter().map(|one| one.id.clone()).collect();
                (serving(&deployments, changed_at), Evidence { before })
            }
            Some(evidence) => {
                let evidence = Evidence::deserialize(evidence).unwrap_or_default();
                (made(cx, &deployments, &evidence), evidence)
            }
        };
        Ok(match found {
            Some(deployment) => Found::Ours(self.existing(deployment)),
            None => Found::Absent {
                evidence: serde_json::to_value(evidence).unwrap_or_default(),
            },
        })
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let mark = cx.mark.to_string();
        let source = self.source().await?.map_err(Failure::refused)?;
        let deployment = NewDeployment {
            name: &source.name,
            project: &self.with.project,
            repo_id: &source.repo_id,
            branch: &source.branch,
            meta: &[(MARK, &mark)],
        };
        let made = self
            .vercel
            .create_deployment(self.team(), deployment)
            .await?;
        Ok(Created::Resource(self.existing(&made)))
    }

    async fn await_ready(
        &self,
        cx: &Context<'_>,
        existing: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        let existing = existing.ok_or_else(|| Failure::refused(Cause::Internal))?;
        let (deployment, domains) = futures::join!(
            self.vercel.deployment(self.team(), &existing.id),
            self.domains()
        );
        let deployment = deployment?;
        match &deployment.state {
            DeploymentState::UnderWay(status) => {
                return Ok(Readiness::NotYet {
                    status: status.clone(),
                });
            }
            DeploymentState::Ended(state) => {
                let cause = Cause::DeploymentFailed {
                    state: state.clone(),
                };
                let problem = Problem::from(cause).by(Provider::Vercel);
                let why = deployment.error.as_deref().unwrap_or_default();
                return Ok(Readiness::Failed(problem.detail(why)));
            }
            DeploymentState::Ready if deployment.alias_assigned == Some(false) => {
                return Ok(Readiness::NotYet {
                    status: "no alias yet".to_owned(),
                });
            }
            DeploymentState::Ready => {}
        }
        let mut domains = without_added(domains?, cx.all);
        if let Some(base) = self.customers_base(cx) {
            let below = format!(".{base}");
            domains.retain(|domain| !domain.name.ends_with(&below));
        }
        let Some(url) = address_of(&deployment, &domains) else {
            return Ok(Readiness::NotYet {
                status: "no alias yet".to_owned(),
            });
        };
        Ok(Readiness::Ready(
            [
                ("id", deployment.id),
                ("url", url),
                (
                    "inspector_url",
                    deployment.inspector_url.unwrap_or_default(),
                ),
            ]
            .map(|(name, value)| (name.to_owned(), Output::Public(value)))
            .into(),
        ))
    }

    /// A deployment goes with its project.
    fn within(&self) -> Option<Parent> {
        let project = self.with.project.as_str();
        Some(Parent::covering(ResourceKind::VercelProject, project))
    }

    /// In a project that was there before, visitors may meet it by now, and without it they would meet nothing. It
    /// costs nothing.
    fn stays(&self) -> bool {
        true
    }

    async fn undo(&self, _: &Context<'_>, _: &Existing) -> Result<Undone, Failure> {
        Ok(Undone::Stays)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(id: &str, state: &str, created_at: i64) -> Deployment {
        Deployment {
            id: id.to_owned(),
            host: Some(format!("{id}.vercel.app")),
            state: state.to_owned().into(),
            aliases: vec![],
            alias_assigned: None,
            inspector_url: None,
            created_at,
            error: None,
            meta: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn the_newest_that_has_the_variables_serves() {
        let all = [
            deployment("failed", "ERROR", 40),
            deployment("building", "BUILDING", 30),
            deployment("ready", "READY", 20),
            deployment("old", "READY", 5),
        ];
        let found = |since| serving(&all, since).map(|d| d.id.as_str());
        assert_eq!(found(10), Some("building"));
        assert_eq!(found(30), Some("building"), "made in the same instant");
        assert_eq!(
            found(31),
            None,
            "a failed one doesn't serve, an older one has old variables"
        );
    }

    #[test]
    fn people_meet_it_at_the_projects_domain() {
        let domains: Vec<Domain> = serde_json::from_str(
            r#"[{"name":"a.se","verified":true},{"name":"a.vercel.app","verified":true}]"#,
        )
        .unwrap();
        let mut ready = deployment("dpl", "READY", 1);
        assert_eq!(
            address_of(&ready, &domains).as_deref(),
            Some("https://a.se")
        );
        ready.aliases = vec!["a.vercel.app".to_owned()];
        assert_eq!(
            address_of(&ready, &domains).as_deref(),
            Some("https://a.vercel.app")
        );
        assert_eq!(
            address_of(&ready, &[]).as_deref(),
            Some("https://a.vercel.app")
        );
    }
}
