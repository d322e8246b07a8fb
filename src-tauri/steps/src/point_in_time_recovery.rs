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
use serde::{Deserialize, Serialize};

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

/// What `find` saw.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Evidence {
    /// What the project had.
    before: Option<String>,
}

impl Evidence {
    fn of(cx: &Context<'_>) -> Self {
        let evidence = cx.evidence.and_then(|value| Self::deserialize(value).ok());
        evidence.unwrap_or_default()
    }
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
            && Evidence::of(cx).before.as_deref() != Some(there)
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
        let evidence = match cx.evidence {
            Some(evidence) => evidence.clone(),
            None => serde_json::to_value(Evidence { before }).unwrap_or_default(),
        };
        Ok(Found::Absent { evidence })
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
            let changed = cx.evidence.is_none() || Evidence::of(cx).before.as_ref() != Some(there);
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
        let there = self.management.recovery(project).await?;
        let before = Evidence::of(cx).before;
        match there {
            None => return Ok(Undone::Gone),
            Some(there) if Some(&there) == before.as_ref() => return Ok(Undone::Gone),
            Some(there) if there != ours => {
                return Ok(left_standing::changed_since(Provider::Supabase, &there));
            }
            Some(_) => {}
        }
        match before {
            Some(before) => self.management.set_recovery(project, &before).await?,
            None => {
                // 404 is no answer: what is there is told by the next look.
                if !self.management.remove_recovery(project, ours).await? {
                    return Ok(left_standing::cannot_see(Provider::Supabase, ours));
                }
            }
        }
        Ok(Undone::Gone)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use fabrik_engine::step::Occasion;
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{Asked, Scene, Vendor, clouds, parameters};

    const PROJECT: &str = "abcdefghijklmnopqrst";

    fn step(base: &str, days: &str, occasion: Occasion) -> Box<dyn Step> {
        let with = parameters(&json!({ "project": PROJECT, "days": days }));
        (ENTRY.build)(&clouds(base), &with.on(occasion)).unwrap()
    }

    /// A project that has this.
    async fn project(has: Option<&str>) -> Vendor {
        let has = Arc::new(Mutex::new(has.map(str::to_owned)));
        Vendor::start(move |asked: &Asked| {
            let mut has = has.lock().unwrap();
            match asked.method.as_str() {
                "GET" if asked.path.ends_with("/addons") => {
                    let selected: Vec<Value> = has
                        .iter()
                        .map(|id| json!({"type": "pitr", "variant": {"id": id, "name": "n"}}))
                        .collect();
                    (
                        200,
                        json!({ "selected_addons": selected, "available_addons": [] }),
                    )
                }
                "PATCH" => {
                    *has = Some(asked.body["addon_variant"].as_str().unwrap().to_owned());
                    (200, Value::Null)
                }
                "DELETE" => {
                    *has = None;
                    (200, Value::Null)
                }
                _ => (
                    200,
                    json!({"id": PROJECT, "ref": PROJECT, "name": "n", "status": "ACTIVE_HEALTHY"}),
                ),
            }
        })
        .await
    }

    fn scene() -> Scene {
        Scene::new(StepKind::PointInTimeRecovery, "recovery")
    }

    #[tokio::test]
    async fn a_plan_without_it_asks_for_nothing() {
        let vendor = project(None).await;
        let scene = scene();
        let step = step(&vendor.base, "", Occasion::Run);
        assert_eq!(step.find(&scene.context()).await.unwrap(), Found::Satisfied);
        assert!(vendor.asked().is_empty(), "nobody is asked");
    }

    #[tokio::test]
    async fn it_is_asked_for_and_taken_back_to_what_was() {
        for before in [None, Some("pitr_7")] {
            let vendor = project(before).await;
            let mut scene = scene();
            let step_in = step(&vendor.base, "14", Occasion::Run);
            let found = step_in.find(&scene.context()).await.unwrap();
            scene.intends(found);
            let Created::Resource(made) = step_in.create(&scene.context()).await.unwrap() else {
                panic!("it is a resource")
            };
            assert_eq!((made.id.as_str(), made.name.as_str()), (PROJECT, "pitr_14"));
            let ready = step_in.await_ready(&scene.context(), Some(&made)).await;
            assert_eq!(ready.unwrap(), Readiness::Ready(Outputs::new()));
            let back = step(&vendor.base, "14", Occasion::Undo);
            for _ in 0..2 {
                let undone = back.undo(&scene.context(), &made).await.unwrap();
                assert_eq!(undone, Undone::Gone, "{before:?}");
            }
            let found = step_in.find(&self::scene().context()).await.unwrap();
            let evidence = json!({ "before": before });
            assert_eq!(found, Found::Absent { evidence }, "as it was");
        }
    }

    #[tokio::test]
    async fn more_than_is_asked_for_stays_and_what_was_changed_since_too() {
        let vendor = project(Some("pitr_28")).await;
        let scene = scene();
        let found = step(&vendor.base, "7", Occasion::Run)
            .find(&scene.context())
            .await;
        let Found::Ours(there) = found.unwrap() else {
            panic!("it has enough")
        };
        assert_eq!(there.name, "pitr_28");
        let ours = Existing {
            name: "pitr_7".to_owned(),
            ..there
        };
        let back = step(&vendor.base, "7", Occasion::Undo);
        let undone = back.undo(&scene.context(), &ours).await.unwrap();
        assert!(
            matches!(undone, Undone::Refused(_)),
            "somebody has chosen another since"
        );
        assert!(vendor.changes().is_empty(), "nothing was changed");
    }

    #[tokio::test]
    async fn an_intent_that_nobody_has_heard_of_is_undone_where_it_made_what_is_there() {
        for (there, ours) in [("pitr_14", true), ("pitr_28", false)] {
            let vendor = project(Some(there)).await;
            let mut scene = scene();
            scene.intends(Found::Absent {
                evidence: json!({ "before": null }),
            });
            let back = step(&vendor.base, "14", Occasion::Undo);
            let found = back.find(&scene.context()).await.unwrap();
            assert_eq!(matches!(found, Found::Ours(_)), ours, "{there}: {found:?}");
        }
    }

    #[tokio::test]
    async fn less_takes_the_place_of_what_a_run_gave_and_off_is_told() {
        for (days, wanted) in [("7", "pitr_7"), ("14", "pitr_14")] {
            let vendor = project(Some("pitr_14")).await;
            let mut scene = scene();
            let kind = ResourceKind::PointInTimeRecovery;
            scene.knows(kind, PROJECT, "pitr_14", Some("pitr_14"));
            let step = step(&vendor.base, days, Occasion::Run);
            let found = step.find(&scene.context()).await.unwrap();
            assert_eq!(matches!(found, Found::Ours(_)), days == "14", "{found:?}");
            if days == "7" {
                scene.intends(found);
                let early = step.await_ready(&scene.context(), None).await.unwrap();
                assert!(matches!(early, Readiness::NotYet { .. }), "{early:?}");
                step.create(&scene.context()).await.unwrap();
            }
            let ready = step.await_ready(&scene.context(), None).await.unwrap();
            assert_eq!(ready, Readiness::Ready(Outputs::new()));
            let found = step.find(&scene.context()).await.unwrap();
            assert!(matches!(found, Found::Ours(there) if there.name == wanted));
        }
        let vendor = project(None).await;
        let mut scene = scene();
        let kind = ResourceKind::PointInTimeRecovery;
        scene.knows(kind, PROJECT, "pitr_14", Some("pitr_14"));
        let step = step(&vendor.base, "", Occasion::Run);
        let found = step.find(&scene.context()).await.unwrap();
        assert!(
            matches!(found, Found::Ours(off) if off.name == "off" && off.content_hash.is_none())
        );
    }

    #[test]
    fn too_small_an_instance_is_told_before_anything_is_made() {
        for (size, days, told) in [
            (json!("micro"), "7", true),
            (json!(""), "7", true),
            (json!("small"), "7", false),
            (json!("micro"), "", false),
        ] {
            let with = json!({ "project": PROJECT, "days": days, "size": size });
            let built = |occasion| {
                let with = parameters(&with).on(occasion);
                (ENTRY.build)(&clouds("http://127.0.0.1:9"), &with).is_err()
            };
            assert_eq!(built(Occasion::Plan), told, "{size} for {days:?}");
            assert!(!built(Occasion::Undo), "what is there goes all the same");
        }
    }

    #[test]
    fn other_days_are_the_blueprints_fault() {
        let with = parameters(&json!({ "project": PROJECT, "days": "5" }));
        let built = (ENTRY.build)(&clouds("http://127.0.0.1:9"), &with);
        assert_eq!(built.err().unwrap().code(), "blueprint_invalid");
    }
}
