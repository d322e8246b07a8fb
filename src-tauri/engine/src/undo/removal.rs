//! The removal of a customer's whole instance: everything that any of its runs has made, as a run of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::PoisonError,
};

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

use super::{Past, Piece, Retreat, as_last_seen, is_to_go, order::in_order, past::lies_in};
use crate::{
    Engine,
    lease::LEASE,
    step::{Parent, StepFactory},
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
        let mut left = BTreeSet::new();
        for row in rows.iter().filter(|row| goes(row)) {
            let mut runs = pasts.iter().enumerate();
            let Some((age, past)) = runs.find(|(_, past)| past.run == row.run) else {
                continue;
            };
            let Some(spec) = past.spec(&row.step) else {
                continue;
            };
            let (within, stays) = match past.built(factory, &row.step).await {
                Some(step) => (lies_in(step.as_ref()), step.stays()),
                None => (None, false),
            };
            if stays {
                left.insert(row.key);
            }
            going.push(Piece {
                row: as_last_seen(row, &rows),
                past,
                spec,
                shown: row.step.clone(),
                within,
                age,
            });
        }
        let mut ordered: Vec<PlannedRemoval> = Vec::new();
        for Piece { row, within, .. } in in_order(going) {
            let by = within
                .filter(|parent| !parent.goes_first)
                .and_then(|parent| cover(&parent, &rows));
            let fate = match by {
                Some(by) => Fate::Covered { by },
                None if left.contains(&row.key) => Fate::Stays,
                None => Fate::Removed,
            };
            ordered.push(PlannedRemoval {
                resource: row,
                fate,
            });
        }
        let stays = |row: &&Resource| match row.state {
            ResourceState::Live => true,
            // Sent for an instance that is gone by now, and sent all the same.
            ResourceState::LetGo => row.kind == ResourceKind::Mail && row.origin == Origin::Created,
            ResourceState::Intended | ResourceState::Removed | ResourceState::Leftover => false,
        };
        let lodgers = self.lodgers(factory, &rows).await?;
        for row in rows.iter().filter(stays) {
            let known = |other: &PlannedRemoval| {
                other.resource.kind == row.kind && other.resource.id == row.id
            };
            if ordered.iter().any(known) {
                continue;
            }
            // No run of ours made it, and it goes all the same where what it lies in does.
            let lodger = lodgers.iter().find(|lodger| lodger.row.key == row.key);
            let by = lodger.and_then(|lodger| cover(&lodger.parent, &rows));
            let fate = match (row.kind, row.origin, by) {
                (ResourceKind::Mail, _, _) => Fate::Sent,
                (_, Origin::Adopted, Some(by)) => Fate::Covered { by },
                (_, Origin::Adopted, None) => Fate::Adopted,
                (_, Origin::Created, _) => continue,
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

    /// Writes a run that removes the customer's instance, and takes it. Where another run has ended between the look at
    /// what goes and that, it is looked again.
    ///
    /// # Errors
    /// `nothing_to_remove`; `run_active` where the customer has a run that has not ended; those of the store.
    pub async fn begin_removal(
        &self,
        customer: Customer,
        settings: BTreeMap<String, String>,
        operator: &str,
    ) -> Result<(Run, Lease), Problem> {
        loop {
            let rows = self.store.resources(customer.id).await?;
            let new = self
                .new_removal(&customer, &settings, operator, &rows)
                .await?;
            let begun = self.store.add_removal(new, rows, &self.owner, LEASE);
            if let Some(begun) = begun.await? {
                return Ok(begun);
            }
        }
    }

    /// The run that takes away what goes of these rows, a step each.
    async fn new_removal(
        &self,
        customer: &Customer,
        settings: &BTreeMap<String, String>,
        operator: &str,
        rows: &[Resource],
    ) -> Result<NewRun, Problem> {
        let pasts = self.pasts(customer, rows).await?;
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
                    resource: Some(as_last_seen(row, rows).found()),
                    ..StepRecord::new(spec.id.clone(), spec.kind, revision)
                });
                specs.push(spec);
            }
        }
        let Some(mut blueprint) = blueprint.filter(|_| !steps.is_empty()) else {
            let customer = customer.name.clone();
            return Err(Cause::NothingToRemove { customer }.into());
        };
        blueprint.steps = specs;
        Ok(NewRun {
            id: RunId::new(),
            customer: customer.id,
            purpose: Purpose::Deprovision,
            snapshot: Snapshot {
                blueprint,
                customer: customer.clone(),
                settings: settings.clone(),
                names: BTreeMap::new(),
            },
            on_failure: OnFailure::Keep,
            operator: operator.to_owned(),
            steps,
            at: self.clock.now(),
        })
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

    /// What the customer's runs have found there and lies in something. No call takes it away: it is gone when that is.
    pub(crate) async fn lodgers(
        &self,
        factory: &dyn StepFactory,
        rows: &[Resource],
    ) -> Result<Vec<Lodger>, Problem> {
        let mut pasts: Vec<Past> = Vec::new();
        let mut lodgers = Vec::new();
        for row in rows.iter().filter(|row| is_found(row)) {
            if pasts.iter().all(|past| past.run != row.run) {
                pasts.push(Past::read(self, row.run).await?);
            }
            let Some(past) = pasts.iter().find(|past| past.run == row.run) else {
                continue;
            };
            if let Some(parent) = past.within(factory, &row.step).await {
                let row = row.clone();
                lodgers.push(Lodger { row, parent });
            }
        }
        Ok(lodgers)
    }
}

/// A row of what a run has found there, with what it lies in.
pub(crate) struct Lodger {
    pub(super) row: Resource,
    pub(super) parent: Parent,
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

/// Whether a run has found it there, and it is there by the records.
fn is_found(row: &Resource) -> bool {
    row.origin == Origin::Adopted && row.state == ResourceState::Live
}

/// The name of what a removal takes away, where that is what something lies in.
fn cover(parent: &Parent, rows: &[Resource]) -> Option<String> {
    let cover = rows.iter().find(|row| goes(row) && parent.is(row))?;
    Some(as_last_seen(cover, rows).name)
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
