//! `point-in-time-recovery`: the project can go back to any second of so many days. Billed apart, so it goes again
//! with the run that asked for it; what a project has more of than is asked for is left as it is, unless a run gave it
//! that. `recovery-off` turns it off.

use std::time::Duration;

use async_trait::async_trait;
use fabrik_clouds::supabase::Management;
use fabrik_domain::{
    blueprint::StepKind,
    failure::Failure,
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::Outputs,
};
use fabrik_engine::step::{Context, Created, Found, Parent, Readiness, Step, Timing, Undone};
use serde::Deserialize;

use crate::{
    chosen, compute_size::takes_recovery, left_standing, parameters::filled, registry::Entry,
};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::PointInTimeRecovery,
    revision: 1,
    plans_alone: false,
    timing: Timing {
        usual: Duration::from_secs(1),
        ceiling: Duration::from_mins(10),
        // The same may be asked for twice.
        settle: Duration::from_secs(2),
    },
    build: |clouds, parameters| {
        let with: With = parameters.read(&[])?;
        let days = filled(&with.days);
        if days.is_some_and(|days| !DAYS.contains(&days)) {
            return Err(parameters.fault(&format!("days is {}", DAYS.join(", "))));
        }
        // Told before anything is made. What was made before can be taken back all the same.
        let small = with
            .size
            .as_deref()
            .is_some_and(|size| !takes_recovery(size));
        if days.is_some() && small && !parameters.undoes() {
            return Err(parameters.fault("days takes a small instance or more"));
        }
        Ok(Box::new(PointInTimeRecovery {
            management: clouds.supabase.clone(),
            variant: days.map(|days| format!("{VARIANT}{days}")),
            project: with.project,
            undoes: parameters.undoes(),
        }))
    },
};

/// What is offered.
const DAYS: [&str; 3] = ["7", "14", "28"];
/// What the records call none, where there was some before.
const OFF: &str = "off";
/// What Supabase calls it, before the days.
const VARIANT: &str = "pitr_";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// The project's ref.
    project: String,
    /// Empty for none.
    #[serde(default)]
    days: String,
    /// What the project's instance is by then, where the blueprint says it; empty for the smallest.
    size: Option<String>,
}

struct PointInTimeRecovery {
    management: Management,
    project: String,
    /// `pitr_7`; `None` where the plan has none.
    variant: Option<String>,
    /// It is built to be undone.
    undoes: bool,
}

fn days(variant: &str) -> u32 {
    let days = variant.strip_prefix(VARIANT);
    days.and_then(|days| days.parse().ok()).unwrap_or_default()
}

impl PointInTimeRecovery {
    fn existing(&self, variant: &str, by_run: bool) -> Existing {
        Existing {
            id: self.project.clone(),
            name: variant.to_owned(),
            url: None,
            content_hash: by_run.then(|| variant.to_owned()),
        }
    }

    /// Whether what is there is what was asked for, and was not there before. More than that is somebody's wish.
    fn made(&self, cx: &Context<'_>, there: &str) -> bool {
        self.variant.as_deref() == Some(there)
            && cx.evidence.is_some()
            && chosen::before(cx).as_deref() != Some(there)
    }

    /// Whether a run chose what is there.
    fn by_run(&self, cx: &Context<'_>, there: &str) -> bool {
        let kind = ResourceKind::PointInTimeRecovery;
        self.made(cx, there) || chosen::by_run(cx, kind, &self.project) == Some(there)
    }

    /// What is there in a plan without it: told where there was some before.
    async fn without(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let kind = ResourceKind::PointInTimeRecovery;
        let seen = chosen::seen(cx, kind, &self.project);
        if self.undoes || seen.is_none_or(|seen| seen == OFF) {
            return Ok(Found::Satisfied);
        }
        let there = self.management.recovery(&self.project).await?;
        Ok(Found::Ours(match there {
            Some(there) => self.existing(&there, self.by_run(cx, &there)),
            None => self.existing(OFF, false),
        }))
    }
}

#[async_trait]
impl Step for PointInTimeRecovery {
    fn name(&self) -> String {
        self.variant.clone().unwrap_or_default()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::PointInTimeRecovery)
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let Some(wanted) = &self.variant else {
            return self.without(cx).await;
        };
        let before = self.management.recovery(&self.project).await?;
        if let Some(there) = &before {
            let by_run = self.by_run(cx, there);
            let enough = days(there) >= days(wanted) && (there == wanted || !by_run);
            if enough && (!self.undoes || self.made(cx, there)) {
                return Ok(Found::Ours(self.existing(there, by_run)));
            }
        }
        Ok(Found::Absent {
            evidence: chosen::evidence(cx, before),
        })
    }

    async fn create(&self, _: &Context<'_>) -> Result<Created, Failure> {
        let variant = self.name();
        self.management
            .set_recovery(&self.project, &variant)
            .await?;
        Ok(Created::Resource(self.existing(&variant, true)))
    }

    async fn await_ready(
        &self,
        cx: &Context<'_>,
        _: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        let Some(wanted) = &self.variant else {
            return Ok(Readiness::Ready(Outputs::new()));
        };
        let there = self.management.recovery(&self.project).await?;
        // More than is asked for is enough, but for what was to become less.
        let enough = there.as_ref().is_some_and(|there| {
            let changed = cx.evidence.is_none() || chosen::before(cx).as_ref() != Some(there);
            there == wanted || (days(there) >= days(wanted) && changed)
        });
        Ok(if enough {
            Readiness::Ready(Outputs::new())
        } else {
            let status = there.unwrap_or_else(|| OFF.to_owned());
            Readiness::NotYet { status }
        })
    }

    /// It goes with the project.
    fn within(&self) -> Option<Parent> {
        Some(left_standing::supabase(&self.project))
    }

    async fn undo(&self, cx: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        if let Some(undone) = left_standing::with_project(&self.management, existing).await? {
            return Ok(undone);
        }
        let (project, ours) = (existing.id.as_str(), existing.name.as_str());
        let before = chosen::before(cx);
        let there = self.management.recovery(project).await?;
        let Some(there) = there.filter(|there| before.as_ref() != Some(there)) else {
            return Ok(Undone::Gone);
        };
        // What was found in place of what was asked for is somebody's; what a later run has chosen is not.
        let is_asked = there == ours && self.variant.as_deref() == Some(ours);
        let kind = ResourceKind::PointInTimeRecovery;
        if !is_asked && chosen::by_run(cx, kind, project) != Some(there.as_str()) {
            return Ok(left_standing::changed_since(Provider::Supabase, &there));
        }
        match before {
            Some(before) => self.management.set_recovery(project, &before).await?,
            None => {
                // 404 is no answer: what is there is told by the next look.
                if !self.management.remove_recovery(project, &there).await? {
                    return Ok(left_standing::cannot_see(Provider::Supabase, &there));
                }
            }
        }
        Ok(Undone::Gone)
    }
}

#[cfg(test)]
mod tests;
