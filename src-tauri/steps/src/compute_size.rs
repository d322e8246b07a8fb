//! `compute-size`: the size of the instance that the project's database runs on. A project that the run makes has the size
//! that it was made with, and nobody is asked; one that stands gets the size of the customer's plan. What it has more of
//! than a run gave it is somebody's wish, and is left as it is.

use std::time::Duration;

use async_trait::async_trait;
use fabrik_clouds::supabase::{Management, Sighting};
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    failure::Failure,
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::Outputs,
};
use fabrik_engine::step::{Context, Created, Found, Parent, Readiness, Step, Timing, Undone};
use jiff::SignedDuration;
use serde::Deserialize;

use crate::{chosen, left_standing, parameters::filled, registry::Entry, supabase_project};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::ComputeSize,
    revision: 1,
    // Of a project that is still to be made it says that there is nothing to do.
    plans_alone: true,
    timing: Timing {
        usual: Duration::from_mins(1),
        ceiling: Duration::from_mins(15),
        // The same may be asked for twice.
        settle: Duration::from_secs(2),
    },
    build: |clouds, parameters| {
        let with: With = parameters.read(&[])?;
        let size = filled(&with.size).unwrap_or(SMALLEST);
        if rank(size).is_none() {
            return Err(parameters.fault(&format!("size is {}", SIZES.join(", "))));
        }
        Ok(Box::new(ComputeSize {
            management: clouds.supabase.clone(),
            // None smaller can be asked for of a project that stands.
            size: if is_smallest(size) { LEAST } else { size }.to_owned(),
            smallest: is_smallest(size),
            project: with.project,
            undoes: parameters.undoes(),
        }))
    },
};

/// What there is, the smallest first.
const SIZES: [&str; 19] = [
    SMALLEST,
    LEAST,
    SMALL,
    "medium",
    "large",
    "xlarge",
    "2xlarge",
    "4xlarge",
    "8xlarge",
    "12xlarge",
    "16xlarge",
    "24xlarge",
    "24xlarge_optimized_cpu",
    "24xlarge_optimized_memory",
    "24xlarge_high_memory",
    "48xlarge",
    "48xlarge_optimized_cpu",
    "48xlarge_optimized_memory",
    "48xlarge_high_memory",
];
/// That of the free plan, and what a project is made with that says none.
const SMALLEST: &str = "nano";
/// The smallest that is billed.
const LEAST: &str = "micro";
/// The smallest that takes recovery to a point in time.
const SMALL: &str = "small";
/// What Supabase says of a project whose instance changes.
const RESIZING: &str = "RESIZING";
/// What is said of one that may not have begun to.
const ASKED_FOR: &str = "asked for";

/// For so long after a change was asked for, Supabase may list the new size and call the project as healthy as it was.
const LAG: SignedDuration = SignedDuration::from_secs(5);
/// A project that is healthy and of another size for so long after a change was asked for has been given that by somebody.
const OVERRULED: SignedDuration = SignedDuration::from_mins(2);

/// How long ago a change was asked for; none where the clock was set back.
fn asked_ago(cx: &Context<'_>) -> Option<SignedDuration> {
    let since = cx.clock.now().duration_since(cx.sent?);
    Some(since).filter(|since| !since.is_negative())
}

/// Whether a change was asked for so lately that nothing tells yet whether it has begun.
fn is_early(cx: &Context<'_>) -> bool {
    asked_ago(cx).is_some_and(|since| since < LAG)
}

fn rank(size: &str) -> Option<usize> {
    SIZES.iter().position(|known| *known == size)
}

fn is_smallest(size: &str) -> bool {
    size == SMALLEST
}

/// Whether an instance of this size takes recovery to a point in time; empty is the smallest. One that is not known is
/// Supabase's matter.
pub(crate) fn takes_recovery(size: &str) -> bool {
    let size = filled(size).unwrap_or(SMALLEST);
    rank(size).is_none_or(|size| Some(size) >= rank(SMALL))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// The project's ref.
    project: String,
    /// `micro`, `small` …; empty for the smallest.
    #[serde(default)]
    size: String,
}

struct ComputeSize {
    management: Management,
    project: String,
    size: String,
    /// Whatever is smallest will do.
    smallest: bool,
    /// It is built to be undone.
    undoes: bool,
}

impl ComputeSize {
    fn existing(&self, size: &str, by_run: bool) -> Existing {
        Existing {
            id: self.project.clone(),
            name: size.to_owned(),
            url: None,
            content_hash: by_run.then(|| size.to_owned()),
        }
    }

    /// What it is called where nothing is billed for it.
    fn named(there: Option<&str>) -> &str {
        there.unwrap_or(SMALLEST)
    }

    /// Whether what is there is to be kept: what is wanted, or more than that which no run gave it.
    fn is_enough(&self, there: &str, by_run: bool) -> bool {
        if there == self.size || (self.smallest && is_smallest(there)) {
            return true;
        }
        // A size that is not known here is larger than those that are.
        let more = rank(there).is_none_or(|there| Some(there) > rank(&self.size));
        more && !by_run
    }

    /// Recovery that stands and that this run doesn't turn off, where the instance is to be too small for it: Supabase
    /// would refuse that in the middle.
    async fn in_the_way(&self, cx: &Context<'_>) -> Result<Option<Problem>, Failure> {
        if self.undoes || takes_recovery(&self.size) {
            return Ok(None);
        }
        let project = self.project.as_str();
        let Some(recovery) = self.management.recovery(project).await? else {
            return Ok(None);
        };
        let kind = ResourceKind::PointInTimeRecovery;
        let mut steps = cx.snapshot.blueprint.steps.iter();
        let turns_off = steps.any(|step| step.kind == StepKind::RecoveryOff);
        if turns_off && chosen::by_run(cx, kind, project) == Some(recovery.as_str()) {
            return Ok(None);
        }
        let name = match self.management.project(project).await? {
            Sighting::There(project) => project.name,
            Sighting::Removed | Sighting::NotVisible => project.to_owned(),
        };
        let stands = Problem::from(Cause::RecoveryStands {
            name,
            recovery,
            size: self.size.clone(),
        });
        Ok(Some(stands.by(Provider::Supabase)))
    }
}

#[async_trait]
impl Step for ComputeSize {
    fn name(&self) -> String {
        self.size.clone()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::ComputeSize)
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let project = self.project.as_str();
        if project.is_empty() {
            return Ok(Found::Satisfied);
        }
        if !self.undoes && !chosen::stood(cx, project) {
            // It was made with it a moment ago.
            return Ok(if self.smallest {
                Found::Satisfied
            } else {
                Found::Ours(self.existing(&self.size, true))
            });
        }
        let kind = ResourceKind::ComputeSize;
        let is_new_to_it = cx.evidence.is_none() && chosen::seen(cx, kind, project).is_none();
        if self.smallest && is_new_to_it && !self.undoes {
            // Whatever it has is enough, and no run's choice: a plan that chooses nothing needs no scope for it.
            return Ok(Found::Satisfied);
        }
        let before = self.management.instance_size(project).await?;
        let there = Self::named(before.as_deref());
        let made = there == self.size
            && cx.evidence.is_some()
            && chosen::before(cx).as_deref() != Some(there);
        if self.undoes {
            if made {
                return Ok(Found::Ours(self.existing(there, true)));
            }
        } else {
            let by_run = made || chosen::by_run(cx, kind, project) == Some(there);
            if self.is_enough(there, by_run) {
                let existing = self.existing(there, by_run);
                // Of the smallest nothing is told, unless it was more before.
                let is_told = !self.smallest || chosen::seen(cx, kind, project).is_some();
                return Ok(if is_told {
                    Found::Ours(existing)
                } else {
                    Found::Satisfied
                });
            }
        }
        if let Some(problem) = self.in_the_way(cx).await? {
            return Ok(Found::Foreign(problem));
        }
        Ok(Found::Absent {
            evidence: chosen::evidence(cx, before),
        })
    }

    async fn create(&self, _: &Context<'_>) -> Result<Created, Failure> {
        self.management
            .set_instance_size(&self.project, &self.size)
            .await?;
        Ok(Created::Resource(self.existing(&self.size, true)))
    }

    /// Its database is away while the instance changes: what comes after needs it.
    async fn await_ready(
        &self,
        cx: &Context<'_>,
        existing: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        let ready = || Ok(Readiness::Ready(Outputs::new()));
        if existing.is_none() || cx.evidence.is_none() {
            return ready();
        }
        if is_early(cx) {
            let status = ASKED_FOR.to_owned();
            return Ok(Readiness::NotYet { status });
        }
        let project = self.project.as_str();
        let there = self.management.instance_size(project).await?;
        let is_changed = there != chosen::before(cx);
        let there = Self::named(there.as_deref());
        // Somebody may have chosen more since it was asked for.
        let is_so = there == self.size || (is_changed && self.is_enough(there, false));
        match supabase_project::not_healthy(&self.management, project).await? {
            Some(status) => Ok(Readiness::NotYet { status }),
            None if is_so => ready(),
            None if asked_ago(cx).is_some_and(|since| since > OVERRULED) => {
                let name = there.to_owned();
                let changed = Problem::from(Cause::ChangedSince { name });
                Ok(Readiness::Failed(changed.by(Provider::Supabase)))
            }
            None => {
                let status = there.to_owned();
                Ok(Readiness::NotYet { status })
            }
        }
    }

    /// It goes with the project.
    fn within(&self) -> Option<Parent> {
        Some(left_standing::supabase(&self.project))
    }

    async fn undo(&self, cx: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        let (project, ours) = (existing.id.as_str(), existing.name.as_str());
        if is_early(cx) {
            let status = ASKED_FOR.to_owned();
            return Ok(Undone::NotYet { status });
        }
        match self.management.project(project).await? {
            Sighting::Removed => return Ok(Undone::Gone),
            Sighting::NotVisible => return Ok(left_standing::cannot_see(Provider::Supabase, ours)),
            Sighting::There(project) if project.status == "REMOVED" => return Ok(Undone::Gone),
            Sighting::There(project) if project.status == RESIZING => {
                let status = project.status;
                return Ok(Undone::NotYet { status });
            }
            Sighting::There(_) => {}
        }
        let there = self.management.instance_size(project).await?;
        // Where nothing was billed the least that can be asked for comes in its place, at the same price.
        let before = chosen::before(cx).unwrap_or_else(|| LEAST.to_owned());
        let Some(there) = there.filter(|there| *there != before) else {
            return Ok(Undone::Gone);
        };
        let there = there.as_str();
        // What was found in place of what was asked for is somebody's; what a later run has chosen is not.
        let is_asked = there == ours && there == self.size;
        if !is_asked && chosen::by_run(cx, ResourceKind::ComputeSize, project) != Some(there) {
            return Ok(left_standing::changed_since(Provider::Supabase, there));
        }
        self.management.set_instance_size(project, &before).await?;
        // Its database is away for as long as this takes: until then nothing is as it was.
        let status = RESIZING.to_owned();
        Ok(Undone::NotYet { status })
    }
}

#[cfg(test)]
mod tests;
