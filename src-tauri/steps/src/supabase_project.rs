//! `supabase-project`: the customer's project. Names are not unique there, so it is known by its ref: the one in
//! the records, or the one that was not there before we asked for it. Where the blueprint's name leaves room
//! for a mark, by that.

mod checked;
mod sighted;

use std::{sync::OnceLock, time::Duration};

use async_trait::async_trait;
use fabrik_clouds::{
    refused_with,
    supabase::{
        Deletion, Management, NewProject, Organization, Project, ProjectUrl, RegionSelection,
        Sighting,
    },
};
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    event::Detail,
    failure::Failure,
    gate::Charge,
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::{Output, Outputs, Snapshot},
    secret::{Secret, SecretRef},
};
use fabrik_engine::step::{Context, Created, Found, Readiness, Step, Timing, Undone};
use serde::Deserialize;

use self::sighted::{Evidence, Recorded};
use crate::{
    digest::sha256,
    kept::{self, Kept},
    left_standing,
    parameters::filled,
    password,
    registry::Entry,
};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::SupabaseProject,
    revision: 1,
    plans_alone: true,
    timing: Timing {
        usual: Duration::from_secs(47),
        // A create was once seen to take 45 minutes; by then somebody should have heard of it. The setting
        // `supabase.ceiling` wins.
        ceiling: Duration::from_mins(5),
        // The call's timeout, and the lag of the organization's list.
        settle: Duration::from_secs(45),
    },
    build: |clouds, parameters| {
        Ok(Box::new(SupabaseProject {
            management: clouds.supabase.clone(),
            projects: clouds.projects.clone(),
            with: parameters.read(&[])?,
            others: clouds.neighbours.clone(),
            password: OnceLock::new(),
        }))
    },
};

/// The setting with the seconds that it is waited for.
const CEILING: &str = "supabase.ceiling";

/// The services that later steps, and the instance, call.
const SERVICES: [&str; 3] = ["auth", "db", "rest"];

/// Which of them isn't up yet, as it is told to people.
async fn late(management: &Management, reference: &str) -> Result<Option<String>, Failure> {
    let health = management.health(reference, &SERVICES).await?;
    let late = SERVICES.iter().find(|name| {
        !health
            .iter()
            .any(|service| service.name == **name && service.is_healthy())
    });
    Ok(late.map(|service| format!("{service} is not healthy")))
}

/// Why a project that stands can't be used just now.
pub(crate) async fn not_healthy(
    management: &Management,
    reference: &str,
) -> Result<Option<String>, Failure> {
    match management.project(reference).await? {
        Sighting::There(project) if project.status == "ACTIVE_HEALTHY" => {
            late(management, reference).await
        }
        Sighting::There(project) => Ok(Some(project.status)),
        Sighting::Removed => Ok(Some("REMOVED".to_owned())),
        Sighting::NotVisible => Ok(Some("not visible".to_owned())),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    name: String,
    /// `{{ mark }}`, where the name may end in a short form of it: then it is known by its name.
    #[serde(default)]
    mark: String,
    /// The organization's slug.
    organization: String,
    /// A region's code, or that of a part of the world. The setting `supabase.region` wins.
    region: String,
    /// `nano`, `micro` …; empty for the plan's own.
    #[serde(default)]
    instance_size: String,
}

struct SupabaseProject {
    management: Management,
    projects: ProjectUrl,
    with: With,
    /// Refs of other customers' projects.
    others: Vec<String>,
    /// From the vault, for the call that comes next.
    password: OnceLock<Secret>,
}

impl SupabaseProject {
    /// The project's name, with its short mark where it bears one.
    fn full_name(&self) -> String {
        match self.short_mark() {
            Some(mark) => format!("{}-{mark}", self.with.name),
            None => self.with.name.clone(),
        }
    }

    /// Eight digits of the mark: people read the name, and another workspace's customer has others.
    fn short_mark(&self) -> Option<String> {
        let mark = filled(&self.with.mark)?;
        Some(sha256(mark).chars().take(8).collect())
    }

    fn region<'a>(&'a self, cx: &'a Context<'_>) -> &'a str {
        let setting = cx
            .snapshot
            .settings
            .get("supabase.region")
            .filter(|code| !code.is_empty());
        setting.unwrap_or(&self.with.region)
    }

    /// The refs in our records, then the one that the owner wrote on the customer. What the owner has said not
    /// to be ours is none.
    fn recorded<'a>(cx: &'a Context<'_>) -> impl Iterator<Item = &'a str> {
        let known = cx.known.iter().map(|known| known.id.as_str());
        let written = cx.snapshot.customer.supabase_project_ref.as_deref();
        // A run writes its own there too: it is asked for once.
        let written = written.filter(|id| cx.known.iter().all(|known| known.id != **id));
        known
            .chain(written)
            .filter(|id| !id.is_empty() && !cx.ruled_out.iter().any(|out| out == id))
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

    /// Its mark is the one in its name, or that it was not there before it was asked for.
    async fn take_away(&self, cx: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        let (id, name) = (existing.id.as_str(), existing.name.as_str());
        if Evidence::of(cx)?.was_there(id) || cx.ruled_out.iter().any(|out| out == id) {
            return Ok(left_standing::not_ours(Provider::Supabase, name));
        }
        match self.management.project(id).await? {
            Sighting::Removed => return Ok(Undone::Gone),
            // A deleted one is told as such: this one is hidden.
            Sighting::NotVisible => return Ok(left_standing::cannot_see(Provider::Supabase, name)),
            Sighting::There(project) if project.status == "REMOVED" => return Ok(Undone::Gone),
            Sighting::There(project)
                if self
                    .short_mark()
                    .is_some_and(|mark| !project.name.ends_with(&mark)) =>
            {
                return Ok(left_standing::not_ours(Provider::Supabase, &project.name));
            }
            Sighting::There(_) => {}
        }
        let deleted = self
            .management
            .delete_project(id, &self.with.organization)
            .await?;
        Ok(match deleted {
            Deletion::Deleted | Deletion::AlreadyRemoved => Undone::Gone,
            Deletion::NotReady => Undone::NotYet {
                status: "not ready for deletion".to_owned(),
            },
            Deletion::NotVisible => left_standing::cannot_see(Provider::Supabase, name),
        })
    }
}

#[async_trait]
impl Step for SupabaseProject {
    fn name(&self) -> String {
        self.full_name()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn ceiling(&self, snapshot: &Snapshot) -> Duration {
        snapshot
            .settings
            .get(CEILING)
            .and_then(|seconds| seconds.parse().ok())
            .filter(|seconds| *seconds > 0)
            .map_or(ENTRY.timing.ceiling, Duration::from_secs)
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::SupabaseProject)
    }

    /// The organization's list is asked before and, where an answer is lost, after.
    fn demand(&self) -> Vec<Charge> {
        let organization = &self.with.organization;
        let management = &self.management;
        let lists = management.demand("v1-get-all-projects-for-organization", organization, 1);
        let creates = management.demand("v1-create-a-project", organization, 1);
        [lists, creates].concat()
    }

    async fn check(&self, cx: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        self.in_the_way(cx).await
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        match self.recorded_now(cx).await? {
            Recorded::There(project) => {
                return Ok(Found::Ours(
                    self.existing(&project.reference, &project.name),
                ));
            }
            // A deleted project is told as such. This one is hidden, and a second one would be billed.
            Recorded::Hidden(reference) => {
                let scopes = vec!["project_admin_read".to_owned()];
                let problem = Problem::from(Cause::CredentialScopeMissing { scopes });
                return Ok(Found::CannotSee(
                    problem.by(Provider::Supabase).detail(reference),
                ));
            }
            Recorded::No => {}
        }
        let (name, organization) = (self.full_name(), &self.with.organization);
        match self.management.projects(organization, Some(&name)).await {
            Ok(listed) => self.judge(cx, &name, listed),
            Err(failure) if refused_with(&failure) == Some(404) => {
                let organizations = self.management.organizations().await?;
                Ok(Found::CannotSee(self.not_visible(&organizations)))
            }
            Err(failure) => Err(failure),
        }
    }

    fn keeps(&self, cx: &Context<'_>) -> Option<SecretRef> {
        Some(Kept::DatabasePassword.here(cx))
    }

    async fn prepare(&self, cx: &Context<'_>) -> Result<(), Failure> {
        let password = Kept::DatabasePassword
            .or_keep(cx, || password::generate(cx.random))
            .await?;
        cx.say(Detail::PasswordKept, self.full_name());
        // The vault gives the same again.
        let _ = self.password.set(password);
        Ok(())
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let password = self
            .password
            .get()
            .ok_or_else(|| Failure::refused(Cause::Internal))?;
        let (name, size) = (self.full_name(), self.with.instance_size.as_str());
        let project = NewProject {
            name: &name,
            organization_slug: &self.with.organization,
            database_password: password,
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
        let (late, keys) = futures::join!(
            late(&self.management, &project.reference),
            self.management.api_keys(&project.reference)
        );
        let (late, keys) = (late?, keys?);
        if let Some(status) = late {
            return not_yet(status);
        }
        match (keys.publishable(), keys.secret(&project.reference)) {
            (Some(publishable), Some(secret)) => {
                let outputs = self.outputs(&project, publishable, Output::Secret(secret));
                Ok(Readiness::Ready(outputs))
            }
            _ => not_yet("no keys".to_owned()),
        }
    }

    /// The password of its database stays as long as it does.
    async fn undo(&self, cx: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        kept::outlast(cx, &existing.id).await?;
        let undone = self.take_away(cx, existing).await?;
        if undone == Undone::Gone {
            kept::gone_with(cx, &existing.id).await?;
        }
        Ok(undone)
    }
}

#[cfg(test)]
mod tests;
