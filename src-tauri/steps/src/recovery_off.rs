//! `recovery-off`: recovery to a point in time is turned off where the customer's plan has none any more. A step of its
//! own, before the instance becomes smaller: Supabase keeps recovery on a small one or more. Only what a run has turned
//! on goes; what somebody else has is left as it is. It leaves no row, and no undo turns it on again: what the project
//! could have gone back to is lost.

use std::time::Duration;

use async_trait::async_trait;
use fabrik_clouds::supabase::Management;
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    failure::Failure,
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::Outputs,
};
use fabrik_engine::step::{Context, Created, Found, Readiness, Step, Timing, Undone};
use serde::{Deserialize, Serialize};

use crate::{chosen, parameters::filled, registry::Entry};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::RecoveryOff,
    revision: 1,
    // Of a project that is still to be made it says that there is nothing to do.
    plans_alone: true,
    timing: Timing {
        usual: Duration::from_secs(1),
        ceiling: Duration::from_mins(10),
        // What is gone may be asked to go again.
        settle: Duration::from_secs(2),
    },
    build: |clouds, parameters| {
        let with: With = parameters.read(&[])?;
        Ok(Box::new(RecoveryOff {
            management: clouds.supabase.clone(),
            wanted: filled(&with.days).is_some(),
            project: with.project,
        }))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// The project's ref.
    project: String,
    /// As in `point-in-time-recovery`; empty for none.
    #[serde(default)]
    days: String,
}

struct RecoveryOff {
    management: Management,
    project: String,
    /// The plan has recovery.
    wanted: bool,
}

/// What `find` saw.
#[derive(Debug, Serialize, Deserialize)]
struct Evidence {
    /// What the project had: `pitr_7`.
    before: String,
}

impl Evidence {
    fn of(cx: &Context<'_>) -> Option<Self> {
        Self::deserialize(cx.evidence?).ok()
    }
}

#[async_trait]
impl Step for RecoveryOff {
    fn name(&self) -> String {
        String::new()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        None
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let kind = ResourceKind::PointInTimeRecovery;
        let ours = chosen::by_run(cx, kind, &self.project);
        let Some(ours) = ours.filter(|_| !self.wanted) else {
            return Ok(Found::Satisfied);
        };
        let there = self.management.recovery(&self.project).await?;
        let Some(before) = there.filter(|there| there == ours) else {
            return Ok(Found::Satisfied);
        };
        let evidence = serde_json::to_value(Evidence { before }).unwrap_or_default();
        Ok(Found::Absent { evidence })
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let Some(Evidence { before }) = Evidence::of(cx) else {
            return Err(Failure::refused(Cause::Internal));
        };
        let (project, name) = (&self.project, before);
        // 404 is no answer: the token may not see what is there.
        if self.management.remove_recovery(project, &name).await? {
            return Ok(Created::Effect);
        }
        let hidden = Problem::from(Cause::CannotSee { name });
        Err(Failure::refused(hidden).by(Provider::Supabase))
    }

    async fn await_ready(
        &self,
        cx: &Context<'_>,
        _: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        let Some(Evidence { before }) = Evidence::of(cx) else {
            return Ok(Readiness::Ready(Outputs::new()));
        };
        let there = self.management.recovery(&self.project).await?;
        Ok(match there.filter(|there| *there == before) {
            Some(status) => Readiness::NotYet { status },
            None => Readiness::Ready(Outputs::new()),
        })
    }

    /// There is no row to undo.
    async fn undo(&self, _: &Context<'_>, _: &Existing) -> Result<Undone, Failure> {
        Ok(Undone::Stays)
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::resource::ResourceState;
    use serde_json::json;

    use super::*;
    use crate::testing::{Addons, PROJECT, Scene, clouds, parameters};

    fn step(base: &str, days: &str) -> Box<dyn Step> {
        let with = parameters(&json!({ "project": PROJECT, "days": days }));
        (ENTRY.build)(&clouds(base), &with).unwrap()
    }

    /// A customer for whom a run has turned on a week's.
    fn scene() -> Scene {
        let mut scene = Scene::new(StepKind::RecoveryOff, "recovery_off");
        let row = scene.row(
            ResourceKind::PointInTimeRecovery,
            PROJECT,
            "pitr_7",
            Some("pitr_7"),
        );
        scene.all.push(row);
        scene
    }

    #[tokio::test]
    async fn what_a_run_turned_on_goes_once_the_plan_has_none() {
        let vendor = Addons::default().recovery("pitr_7").start().await;
        let mut scene = scene();
        let step = step(&vendor.base, "");
        let found = step.find(&scene.context()).await.unwrap();
        scene.intends(found);
        // Killed after the call, it makes it again.
        for _ in 0..2 {
            let made = step.create(&scene.context()).await.unwrap();
            assert_eq!(made, Created::Effect);
        }
        let ready = step.await_ready(&scene.context(), None).await.unwrap();
        assert_eq!(ready, Readiness::Ready(Outputs::new()));
        let found = step.find(&scene.context()).await.unwrap();
        assert_eq!(found, Found::Satisfied, "it is off");
        let path = format!("/v1/projects/{PROJECT}/billing/addons/pitr_7");
        let changes = vendor.changes();
        assert!(
            changes
                .iter()
                .all(|asked| asked.method == "DELETE" && asked.path == path),
            "{changes:?}"
        );
    }

    #[tokio::test]
    async fn what_the_plan_has_or_somebody_else_turned_on_stays() {
        for (there, days) in [("pitr_7", "7"), ("pitr_28", "")] {
            let vendor = Addons::default().recovery(there).start().await;
            let found = step(&vendor.base, days).find(&scene().context()).await;
            assert_eq!(found.unwrap(), Found::Satisfied, "{there}");
        }
        // Nobody is asked where no run has turned it on, nor where it was turned off since.
        let vendor = Addons::default().recovery("pitr_7").start().await;
        for turned_off in [false, true] {
            let mut scene = scene();
            if turned_off {
                let off = scene.row(ResourceKind::PointInTimeRecovery, PROJECT, "off", None);
                scene.all.push(off);
            } else {
                scene.all[0].state = ResourceState::Removed;
            }
            let found = step(&vendor.base, "").find(&scene.context()).await;
            assert_eq!(found.unwrap(), Found::Satisfied);
        }
        assert!(vendor.asked().is_empty(), "{:?}", vendor.asked());
    }
}
