//! The removal of a customer's whole instance: everything that any of its runs has made, as a run of its own.

use std::{collections::BTreeMap, sync::PoisonError};

use fabrik_domain::{
    Cause, Problem,
    blueprint::Blueprint,
    customer::Customer,
    id::RunId,
    resource::{Origin, Resource, ResourceKind, ResourceState},
    run::{
        Fate, OnFailure, Phase, PlannedRemoval, Purpose, RemovalPlan, Run, Snapshot, StepRecord,
    },
    setting::{SETTINGS, Setting},
};
use fabrik_store::{Lease, NewRun, RunQuery};

use super::{Past, Retreat, as_last_seen, is_to_go};
use crate::{
    Engine,
    lease::LEASE,
    step::{Inputs, Occasion, StepFactory},
};

impl Engine {
    /// What removing the customer's instance would take away, in order, and what would stay. Reads the records
    /// alone.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn removal_plan(
        &self,
        factory: &dyn StepFactory,
        customer: &Customer,
        settings: &BTreeMap<String, String>,
    ) -> Result<RemovalPlan, Problem> {
        let rows = self.store.resources(customer.id).await?;
        let pasts = self.pasts(customer, &rows).await?;
        let mut going = Vec::new();
        for past in &pasts {
            for row in rows.iter().filter(|row| row.run == past.run && goes(row)) {
                let outputs = past.outputs();
                let inputs = Inputs {
                    snapshot: &past.snapshot,
                    outputs: &outputs,
                    occasion: Occasion::Plan,
                };
                let parent = match past.spec(&row.step) {
                    Some(spec) => match factory.build(spec, inputs).await {
                        Ok(step) => step.within(),
                        Err(_) => None,
                    },
                    None => None,
                };
                let by = parent
                    .filter(|parent| !parent.goes_first)
                    .and_then(|parent| {
                        let cover = |other: &&Resource| {
                            goes(other) && other.kind == parent.kind && other.id == parent.id
                        };
                        rows.iter()
                            .find(cover)
                            .map(|cover| as_last_seen(cover, &rows).name)
                    });
                going.push((past, as_last_seen(row, &rows), by));
            }
        }
        // The reverse of dependence: who needs another goes before it; what is covered follows its cover.
        let mut ordered: Vec<PlannedRemoval> = Vec::new();
        let mut rest: Vec<_> = going.iter().collect();
        while !rest.is_empty() {
            let free = rest.iter().position(|(_, row, _)| {
                !rest.iter().any(|(past, other, by)| {
                    other.key != row.key && by.is_none() && past.needs(&other.step, &row.step)
                })
            });
            let (_, row, by) = rest.remove(free.unwrap_or(0));
            ordered.push(PlannedRemoval {
                resource: row.clone(),
                fate: match by {
                    Some(by) => Fate::Covered { by: by.clone() },
                    None => Fate::Removed,
                },
            });
        }
        let stays = |row: &&Resource| match row.state {
            ResourceState::Live => true,
            // Sent for an instance that is gone by now, and sent all the same.
            ResourceState::LetGo => row.kind == ResourceKind::Mail && row.origin == Origin::Created,
            ResourceState::Intended | ResourceState::Removed | ResourceState::Leftover => false,
        };
        for row in rows.iter().filter(stays) {
            let known = |other: &PlannedRemoval| {
                other.resource.kind == row.kind && other.resource.id == row.id
            };
            if ordered.iter().any(known) {
                continue;
            }
            let fate = match (row.kind, row.origin) {
                (ResourceKind::Mail, _) => Fate::Sent,
                (_, Origin::Adopted) => Fate::Adopted,
                (_, Origin::Created) => continue,
            };
            ordered.push(PlannedRemoval {
                resource: as_last_seen(row, &rows),
                fate,
            });
        }
        let is_used = |setting: &&Setting| {
            let mut blueprints = pasts.iter().map(|past| &past.snapshot.blueprint);
            blueprints.any(|blueprint| blueprint.settings.iter().any(|used| used == setting.key))
        };
        let shared = SETTINGS.iter().filter(|setting| setting.shared);
        let shared = shared.filter(is_used);
        let shared = shared.filter_map(|setting| settings.get(setting.key));
        Ok(RemovalPlan {
            customer: customer.clone(),
            resources: ordered,
            shared: shared.filter(|name| !name.is_empty()).cloned().collect(),
        })
    }

    /// Writes a run that removes the customer's instance, and takes it.
    ///
    /// # Errors
    /// `nothing_to_remove`; `run_active` where the customer has a run that has not ended; those of the store.
    pub async fn begin_removal(
        &self,
        customer: Customer,
        settings: BTreeMap<String, String>,
        operator: &str,
    ) -> Result<(Run, Lease), Problem> {
        let rows = self.store.resources(customer.id).await?;
        let pasts = self.pasts(&customer, &rows).await?;
        let mut blueprint: Option<Blueprint> = None;
        let mut specs = Vec::new();
        let mut steps: Vec<StepRecord> = Vec::new();
        for past in pasts.iter().rev() {
            blueprint.get_or_insert_with(|| past.snapshot.blueprint.clone());
            for row in rows.iter().filter(|row| row.run == past.run && goes(row)) {
                let Some(spec) = past.spec(&row.step) else {
                    continue;
                };
                let mut spec = spec.clone();
                spec.id = unused(&spec.id, &steps);
                let revision = past.record(&row.step).map_or(1, |record| record.revision);
                steps.push(StepRecord {
                    phase: Phase::Ready,
                    // Which row this step takes away.
                    evidence: Some(row.key.to_string().into()),
                    resource: Some(as_last_seen(row, &rows).found()),
                    ..StepRecord::new(spec.id.clone(), spec.kind, revision)
                });
                specs.push(spec);
            }
        }
        let Some(mut blueprint) = blueprint.filter(|_| !steps.is_empty()) else {
            let customer = customer.name;
            return Err(Cause::NothingToRemove { customer }.into());
        };
        blueprint.steps = specs;
        let new = NewRun {
            id: RunId::new(),
            customer: customer.id,
            purpose: Purpose::Deprovision,
            snapshot: Snapshot {
                blueprint,
                customer,
                settings,
                names: BTreeMap::new(),
            },
            on_failure: OnFailure::Keep,
            operator: operator.to_owned(),
            steps,
            at: self.clock.now(),
        };
        self.store.add_run(new, &self.owner, LEASE).await
    }

    /// The runs that have made something that is still there, the oldest first.
    pub(crate) async fn pasts(
        &self,
        customer: &Customer,
        rows: &[Resource],
    ) -> Result<Vec<Past>, Problem> {
        let mut runs = self
            .store
            .runs(RunQuery {
                customer: Some(customer.id),
                ..RunQuery::default()
            })
            .await?;
        runs.retain(|run| rows.iter().any(|row| row.run == run.id && is_to_go(row)));
        let mut pasts = Vec::with_capacity(runs.len());
        for run in runs.iter().rev() {
            pasts.push(Past::read(self, run.id).await?);
        }
        Ok(pasts)
    }
}

impl Retreat<'_> {
    /// A removal takes away what its plan named, and nothing that came later.
    pub(super) fn is_shown(&self, row: &Resource) -> bool {
        self.run.purpose == Purpose::Provision || self.taken_by(row).is_some()
    }

    /// The step of a removal that was written for the row.
    pub(super) fn taken_by(&self, row: &Resource) -> Option<String> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown
            .values()
            .find(|step| takes_away(step, row))
            .map(|step| step.id.clone())
    }
}

/// Whether this step of a removal was written for the row.
pub(crate) fn takes_away(step: &StepRecord, row: &Resource) -> bool {
    step.evidence.as_ref().and_then(serde_json::Value::as_str) == Some(&*row.key.to_string())
}

/// Whether a removal takes it away. A mail that was sent can't be taken back.
fn goes(row: &Resource) -> bool {
    is_to_go(row) && row.kind != ResourceKind::Mail
}

/// A name for a step that no step before has.
fn unused(id: &str, steps: &[StepRecord]) -> String {
    let is_free = |id: &str| steps.iter().all(|step| step.id != id);
    if is_free(id) {
        return id.to_owned();
    }
    // One more than there are steps is always free.
    (2..steps.len() + 3)
        .map(|number| format!("{id}-{number}"))
        .find(|id| is_free(id))
        .unwrap_or_else(|| id.to_owned())
}
