//! `supabase-project`: the customer's project. Its name is not unique and bears no mark, so it is known by
//! its ref: the one in the records, or the one that was not there before we asked for it.

use std::{collections::BTreeSet, time::Duration};

use async_trait::async_trait;
use fabrik_clouds::{
    refused_with,
    supabase::{
        ListedProject, Management, NewProject, Organization, Project, ProjectUrl, RegionSelection,
        Sighting,
    },
};
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    event::Detail,
    failure::Failure,
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::{Output, Outputs},
};
use fabrik_engine::step::{Context, Created, Found, Readiness, Step, Timing};
use futures::future::join_all;
use serde::{Deserialize, Serialize};

use crate::{kept::Kept, password, registry::Entry};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::SupabaseProject,
    revision: 1,
    plans_alone: true,
    timing: Timing {
        usual: Duration::from_secs(47),
        // A create was once seen to take 45 minutes; by then somebody should have heard of it.
        ceiling: Duration::from_mins(20),
        // The call's timeout, and the lag of the organization's list.
        settle: Duration::from_secs(45),
    },
    build: |clouds, parameters| {
        Ok(Box::new(SupabaseProject {
            management: clouds.supabase.clone(),
            projects: clouds.projects.clone(),
            with: parameters.read(&[])?,
        }))
    },
};

/// What a free plan allows a person, over all organizations: two active projects.
const FREE_PROJECTS: u32 = 2;

/// The services that later steps, and the instance, call.
const SERVICES: [&str; 3] = ["auth", "db", "rest"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    name: String,
    /// The organization's slug.
    organization: String,
    /// A region's code, or that of a part of the world. The setting `supabase.region` wins.
    region: String,
    /// `nano`, `micro` …; empty for the plan's own.
    #[serde(default)]
    instance_size: String,
}

/// What was there before the project was asked for.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Evidence {
    /// The refs of projects of that name.
    before: BTreeSet<String>,
}

struct SupabaseProject {
    management: Management,
    projects: ProjectUrl,
    with: With,
}

impl SupabaseProject {
    fn region<'a>(&'a self, cx: &'a Context<'_>) -> &'a str {
        let setting = cx
            .snapshot
            .settings
            .get("supabase.region")
            .filter(|code| !code.is_empty());
        setting.unwrap_or(&self.with.region)
    }

    /// The ref in our records, or the one that the owner wrote on the customer.
    fn recorded<'a>(cx: &'a Context<'_>) -> Option<&'a str> {
        let known = cx
            .known
            .iter()
            .map(|known| known.id.as_str())
            .find(|id| !id.is_empty());
        known.or(cx.snapshot.customer.supabase_project_ref.as_deref())
    }

    /// Where people look at it. The sandbox has no dashboard: there it is the project's own address.
    fn dashboard(&self, reference: &str) -> String {
        if self.management.base().is_local() {
            self.projects.of(reference)
        } else {
            format!("https://supabase.com/dashboard/project/{reference}")
        }
    }

    fn existing(&self, reference: &str, name: &str) -> Existing {
        Existing {
            id: reference.to_owned(),
            name: name.to_owned(),
            url: Some(self.dashboard(reference)),
            content_hash: None,
        }
    }

    fn not_visible(&self, organizations: &[Organization]) -> Problem {
        Problem::from(Cause::OrganizationNotVisible {
            organization: self.with.organization.clone(),
            visible: organizations.iter().map(|one| one.slug.clone()).collect(),
        })
        .by(Provider::Supabase)
    }

    /// What the list of the organization's projects of this name tells.
    fn judge(&self, cx: &Context<'_>, named: &[ListedProject]) -> Result<Found, Failure> {
        let Some(evidence) = cx.evidence else {
            if !named.is_empty() {
                let taken = Cause::NameTaken {
                    name: self.with.name.clone(),
                };
                return Ok(Found::Foreign(Problem::from(taken).by(Provider::Supabase)));
            }
            return absent(&Evidence::default());
        };
        let evidence: Evidence =
            serde_json::from_value(evidence.clone()).map_err(|_| Problem::from(Cause::Internal))?;
        let new: Vec<_> = named
            .iter()
            .filter(|project| !evidence.before.contains(&project.reference))
            .map(|project| self.existing(&project.reference, &project.name))
            .collect();
        match <[Existing; 1]>::try_from(new) {
            Ok([one]) => Ok(Found::Ours(one)),
            Err(none) if none.is_empty() => absent(&evidence),
            Err(several) => Ok(Found::Ambiguous(several)),
        }
    }

    /// How many active projects the free organizations hold that the token sees: the limit is the person's,
    /// not the organization's. What can't be read doesn't count.
    async fn active_in_free(&self, organizations: &[Organization]) -> usize {
        let counts = organizations.iter().map(|organization| async {
            let (plan, projects) = futures::join!(
                self.management.plan(&organization.slug),
                self.management.projects(&organization.slug, None)
            );
            match (plan, projects) {
                (Ok(plan), Ok(projects)) if plan.is_free() => projects
                    .iter()
                    .filter(|project| project.is_active())
                    .count(),
                _ => 0,
            }
        });
        join_all(counts).await.into_iter().sum()
    }

    fn outputs(&self, project: &Project, publishable: &str, secret: Output) -> Outputs {
        let public = |value: &str| Output::Public(value.to_owned());
        [
            ("ref", public(&project.reference)),
            ("url", public(&self.projects.of(&project.reference))),
            ("publishable_key", public(publishable)),
            ("secret_key", secret),
            ("dashboard_url", public(&self.dashboard(&project.reference))),
            ("region", public(&project.region)),
        ]
        .map(|(name, output)| (name.to_owned(), output))
        .into()
    }
}

fn absent(evidence: &Evidence) -> Result<Found, Failure> {
    let evidence = serde_json::to_value(evidence).map_err(|_| Problem::from(Cause::Internal))?;
    Ok(Found::Absent { evidence })
}

#[async_trait]
impl Step for SupabaseProject {
    fn name(&self) -> String {
        self.with.name.clone()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::SupabaseProject)
    }

    async fn check(&self, cx: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        let organization = self.with.organization.as_str();
        if organization.is_empty() {
            let setting = "supabase.organization".to_owned();
            return Ok(vec![Cause::SettingMissing { setting }.into()]);
        }
        let (organizations, regions, plan) = futures::join!(
            self.management.organizations(),
            self.management.regions(organization),
            self.management.plan(organization)
        );
        let organizations = organizations?;
        if organizations.iter().all(|one| one.slug != organization) {
            return Ok(vec![self.not_visible(&organizations)]);
        }
        let mut problems = Vec::new();
        let (regions, region) = (regions?, self.region(cx));
        if regions.selection(region).is_none() {
            let (region, offered) = (region.to_owned(), regions.codes());
            problems.push(Problem::from(Cause::RegionNotOffered { region, offered }));
        }
        // A token may lack the right to read the plan; then the vendor's own refusal has to do.
        if plan.is_ok_and(|plan| plan.is_free())
            && Self::recorded(cx).is_none()
            && self.active_in_free(&organizations).await >= FREE_PROJECTS as usize
        {
            problems.push(
                Cause::ProjectLimitReached {
                    limit: FREE_PROJECTS,
                }
                .into(),
            );
        }
        Ok(problems
            .into_iter()
            .map(|problem| problem.by(Provider::Supabase))
            .collect())
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        if let Some(reference) = Self::recorded(cx) {
            match self.management.project(reference).await? {
                Sighting::There(project) => {
                    return Ok(Found::Ours(
                        self.existing(&project.reference, &project.name),
                    ));
                }
                Sighting::Removed => {}
                // A deleted project is told as such. This one is hidden, and a second one would be billed.
                Sighting::NotVisible => {
                    let scopes = vec!["project_admin_read".to_owned()];
                    let problem = Problem::from(Cause::CredentialScopeMissing { scopes });
                    return Ok(Found::CannotSee(
                        problem.by(Provider::Supabase).detail(reference),
                    ));
                }
            }
        }
        let with = &self.with;
        match self
            .management
            .projects(&with.organization, Some(&with.name))
            .await
        {
            Ok(mut listed) => {
                listed.retain(|project| project.name == with.name && project.exists());
                self.judge(cx, &listed)
            }
            Err(failure) if refused_with(&failure) == Some(404) => {
                let organizations = self.management.organizations().await?;
                Ok(Found::CannotSee(self.not_visible(&organizations)))
            }
            Err(failure) => Err(failure),
        }
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let password = Kept::DatabasePassword
            .or_keep(cx, || password::generate(cx.random))
            .await?;
        cx.say(Detail::PasswordKept, &self.with.name);
        let size = self.with.instance_size.as_str();
        let project = NewProject {
            name: &self.with.name,
            organization_slug: &self.with.organization,
            database_password: &password,
            region_selection: RegionSelection::of(self.region(cx)),
            desired_instance_size: (!size.is_empty()).then_some(size),
        };
        let made = self.management.create_project(&project).await?;
        Ok(Created::Resource(
            self.existing(&made.reference, &made.name),
        ))
    }

    async fn await_ready(
        &self,
        _: &Context<'_>,
        existing: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        let Some(existing) = existing else {
            return Err(Failure::refused(Cause::Internal));
        };
        let not_yet = |status: String| Ok(Readiness::NotYet { status });
        let failed = |status: &str| {
            let cause = Cause::ProjectFailed {
                status: status.to_owned(),
            };
            Ok(Readiness::Failed(
                Problem::from(cause).by(Provider::Supabase),
            ))
        };
        let project = match self.management.project(&existing.id).await? {
            Sighting::There(project) => project,
            Sighting::Removed => return failed("REMOVED"),
            Sighting::NotVisible => return not_yet("not visible".to_owned()),
        };
        match project.status.as_str() {
            "ACTIVE_HEALTHY" => {}
            "INIT_FAILED" | "REMOVED" | "RESTORE_FAILED" | "PAUSE_FAILED" => {
                return failed(&project.status);
            }
            _ => return not_yet(project.status),
        }
        // The project's word is not enough: each service comes up by itself.
        let (health, keys) = futures::join!(
            self.management.health(&project.reference, &SERVICES),
            self.management.api_keys(&project.reference)
        );
        let (health, keys) = (health?, keys?);
        let late = SERVICES.iter().find(|name| {
            !health
                .iter()
                .any(|service| service.name == **name && service.is_healthy())
        });
        if let Some(service) = late {
            return not_yet(format!("{service} is not healthy"));
        }
        match (keys.publishable(), keys.secret(&project.reference)) {
            (Some(publishable), Some(secret)) => {
                let outputs = self.outputs(&project, publishable, Output::Secret(secret));
                Ok(Readiness::Ready(outputs))
            }
            _ => not_yet("no keys".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
