//! `vercel-project`: a project linked to the repository, known by the variable that it is made with.

mod checked;

use std::{sync::OnceLock, time::Duration};

use async_trait::async_trait;
use fabrik_clouds::{
    GitHub, refused_with,
    vercel::{Domain, NewProject, Project, Team, Vercel},
};
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    failure::Failure,
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::Output,
};
use fabrik_engine::step::{Context, Created, Found, Readiness, Step, Timing, Undone};
use serde::Deserialize;

use crate::{
    custom_domain::without_added, github_repo::out_of_sight, left_standing, parameters::filled,
    registry::Entry, vercel_account,
};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::VercelProject,
    revision: 1,
    plans_alone: true,
    timing: Timing {
        usual: Duration::from_secs(1),
        ceiling: Duration::from_mins(2),
        settle: Duration::from_secs(40),
    },
    build: |clouds, parameters| {
        let with = parameters.read(&[])?;
        Ok(Box::new(VercelProject {
            vercel: clouds.vercel.clone(),
            github: clouds.github.clone(),
            with,
            seen: OnceLock::new(),
        }))
    },
};

/// The variable whose value is the mark.
const MARK: &str = "FABRIK_MARK";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    name: String,
    #[serde(default)]
    team: String,
    /// `owner/name`; empty in a plan, before there is one.
    #[serde(default)]
    repository: String,
    /// Its id, where a step of the blueprint makes it: it is linked by the name that it has by then. In a plan as above.
    #[serde(default)]
    repository_id: Option<String>,
    #[serde(default)]
    framework: String,
}

struct VercelProject {
    vercel: Vercel,
    github: GitHub,
    with: With,
    /// What the last answer showed.
    seen: OnceLock<Project>,
}

impl VercelProject {
    fn team(&self) -> Team<'_> {
        filled(&self.with.team)
    }

    fn existing(&self, project: Project) -> Existing {
        let existing = Existing {
            id: project.id.clone(),
            name: project.name.clone(),
            url: self.dashboard(&project.name),
            content_hash: None,
        };
        let _ = self.seen.set(project);
        existing
    }

    /// The project's page. Vercel's answers don't have it; its addresses go by the team's slug.
    fn dashboard(&self, project: &str) -> Option<String> {
        let team = self.team().filter(|team| !team.starts_with("team_"))?;
        Some(format!("https://vercel.com/{team}/{project}"))
    }

    /// The project in our records, whatever its name is by now.
    async fn recorded(&self, cx: &Context<'_>) -> Result<Option<Project>, Failure> {
        let Some(known) = cx.known.first() else {
            return Ok(None);
        };
        self.vercel.project(self.team(), &known.id).await
    }

    /// Whether a project, by its id or name, bears the customer's mark.
    async fn marked(&self, cx: &Context<'_>, project: &str) -> Result<Marked, Failure> {
        match self.vercel.variables(self.team(), project).await {
            Ok(environment) => Ok(match environment.plain(MARK) {
                Some(mark) if *mark == cx.mark.to_string() => Marked::Yes,
                None if environment.hides_some => Marked::Hidden,
                Some(_) | None => Marked::No,
            }),
            Err(failure) if refused_with(&failure) == Some(404) => Ok(Marked::No),
            Err(failure) => Err(failure),
        }
    }

    /// The name by which the repository is linked: Vercel takes no id, and whoever takes the name that it had has another.
    async fn linked(&self) -> Result<String, Failure> {
        let Some(id) = self.with.repository_id.as_deref().and_then(filled) else {
            return Ok(self.with.repository.clone());
        };
        match self.github.repository_by_id(id).await? {
            Some(repository) => Ok(repository.full_name),
            None => Err(out_of_sight(&self.with.repository)),
        }
    }

    /// What is ours, where it can be taken as it is. One that is linked to another repository than the customer's never
    /// deploys the customer's, and Vercel's document has no call that links it anew.
    async fn ours(&self, cx: &Context<'_>, project: Project) -> Result<Found, Failure> {
        if self.elsewhere(cx, &project).await? {
            let cause = Cause::LinkedElsewhere { name: project.name };
            return Ok(Found::Foreign(Problem::from(cause).by(Provider::Vercel)));
        }
        Ok(Found::Ours(self.existing(project)))
    }

    async fn elsewhere(&self, cx: &Context<'_>, project: &Project) -> Result<bool, Failure> {
        // What this run has asked for itself was linked as it should be.
        let wanted = self.with.repository_id.as_deref();
        let (Some(wanted), Some(linked), None) = (wanted, project.repo_id(), cx.evidence) else {
            return Ok(false);
        };
        Ok(match filled(wanted) {
            Some(wanted) => wanted != linked,
            // The customer's is not made yet: it will be another than one that is gone.
            None => self.github.repository_by_id(&linked).await?.is_none(),
        })
    }
}

/// Whose a project is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marked {
    Yes,
    No,
    /// Vercel says that it shows not all variables, and the mark is not among those it shows.
    Hidden,
}

/// A refusal without a reason that is clear by itself.
fn may_be_the_app(failure: &Failure) -> bool {
    matches!(
        *failure.problem.cause,
        Cause::Refused { .. } | Cause::CredentialScopeMissing { .. }
    )
}

/// Where people meet production: the owner's own domain before Vercel's.
fn production(domains: &[Domain]) -> Option<&Domain> {
    let all = || domains.iter().filter(|domain| domain.is_production());
    all()
        .find(|domain| !domain.name.ends_with(".vercel.app"))
        .or_else(|| all().next())
}

#[async_trait]
impl Step for VercelProject {
    fn name(&self) -> String {
        self.with.name.clone()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::VercelProject)
    }

    async fn check(&self, cx: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        self.in_the_way(cx).await
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let (recorded, named, mark) = futures::join!(
            self.recorded(cx),
            self.vercel.project(self.team(), &self.with.name),
            self.marked(cx, &self.with.name)
        );
        if let Some(project) = recorded? {
            return self.ours(cx, project).await;
        }
        // A killed run's call may have come true between the two reads.
        let mark = match (&named, mark) {
            (Ok(Some(project)), Ok(Marked::No)) => self.marked(cx, &project.id).await,
            (_, mark) => mark,
        };
        Ok(match named? {
            Some(project) => match mark? {
                Marked::Yes => self.ours(cx, project).await?,
                Marked::No => Found::Foreign(
                    Problem::from(Cause::NameTaken { name: project.name }).by(Provider::Vercel),
                ),
                Marked::Hidden => Found::CannotSee(
                    Problem::from(Cause::CannotSee { name: project.name }).by(Provider::Vercel),
                ),
            },
            None => {
                let name = &self.with.name;
                match vercel_account::without(cx, &self.vercel, self.team(), name).await? {
                    Err(problem) => Found::CannotSee(problem),
                    Ok(owner) => Found::Absent {
                        evidence: serde_json::to_value(owner).unwrap_or_default(),
                    },
                }
            }
        })
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let mark = cx.mark.to_string();
        let repository = self.linked().await?;
        let project = NewProject {
            name: &self.with.name,
            framework: filled(&self.with.framework),
            repository: &repository,
            mark: (MARK, &mark),
        };
        match self.vercel.create_project(self.team(), project).await {
            Ok(project) => Ok(Created::Resource(self.existing(project))),
            // Vercel's code for a repository that it can't link is not known; its app tells.
            Err(failure) if may_be_the_app(&failure) => match self.app(cx).await {
                Ok(Some(mut problem)) => {
                    problem.request_id = failure.problem.request_id;
                    problem.detail = failure.problem.detail;
                    Err(problem.into())
                }
                _ => Err(failure),
            },
            Err(failure) => Err(failure),
        }
    }

    async fn await_ready(
        &self,
        cx: &Context<'_>,
        existing: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        let existing = existing.ok_or_else(|| Failure::refused(Cause::Internal))?;
        let not_yet = |status: &str| {
            Ok(Readiness::NotYet {
                status: status.to_owned(),
            })
        };
        let seen = self
            .seen
            .get()
            .filter(|project| project.repo_id().is_some());
        let (project, domains) = futures::join!(
            async {
                match seen {
                    Some(project) => Ok(Some(project.clone())),
                    None => self.vercel.project(self.team(), &existing.id).await,
                }
            },
            self.vercel.domains(self.team(), &existing.id)
        );
        let Some(project) = project? else {
            return not_yet("not visible");
        };
        let Some(repo_id) = project.repo_id() else {
            return not_yet("not linked");
        };
        let domains = without_added(domains?, cx.all);
        let Some(domain) = production(&domains) else {
            return not_yet("no domain");
        };
        let mut outputs = vec![
            ("id", project.id.clone()),
            ("url", domain.address()),
            ("repo_id", repo_id),
        ];
        outputs.push((
            "dashboard_url",
            self.dashboard(&project.name).unwrap_or_default(),
        ));
        Ok(Readiness::Ready(
            outputs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), Output::Public(value)))
                .collect(),
        ))
    }

    async fn undo(&self, cx: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        let name = existing.name.as_str();
        // An account that is seen shows all its projects.
        let unseen = async || {
            Ok(
                if vercel_account::is_seen(cx, &self.vercel, self.team()).await? {
                    Undone::Gone
                } else {
                    left_standing::cannot_see(Provider::Vercel, name)
                },
            )
        };
        if self
            .vercel
            .project(self.team(), &existing.id)
            .await?
            .is_none()
        {
            return unseen().await;
        }
        match self.marked(cx, &existing.id).await? {
            Marked::Yes => {}
            Marked::No => return Ok(left_standing::not_ours(Provider::Vercel, name)),
            Marked::Hidden => return Ok(left_standing::cannot_see(Provider::Vercel, name)),
        }
        if self
            .vercel
            .delete_project(self.team(), &existing.id)
            .await?
        {
            return Ok(Undone::Gone);
        }
        unseen().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domains(json: serde_json::Value) -> Vec<Domain> {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn the_owners_domain_comes_before_vercels() {
        let all = domains(serde_json::json!([
            {"name": "a.vercel.app", "verified": true},
            {"name": "akermark.norrform.se", "verified": true},
            {"name": "later.norrform.se", "verified": false}
        ]));
        assert_eq!(production(&all).unwrap().name, "akermark.norrform.se");
        assert_eq!(production(&all[..1]).unwrap().name, "a.vercel.app");
        assert!(
            production(&all[2..]).is_none(),
            "one that isn't proved leads nowhere"
        );
    }
}
