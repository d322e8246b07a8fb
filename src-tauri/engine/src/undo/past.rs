//! What there is to take away: the runs that made it, and the pieces, a row each.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    Problem,
    blueprint::StepSpec,
    id::RunId,
    resource::{Origin, Resource, ResourceKind, ResourceState},
    run::{Outputs, Snapshot, StepRecord},
};

use crate::{
    Engine,
    step::{Inputs, Occasion, Parent, StepFactory},
};

/// A run whose resources are taken away: what it began with, and what its steps handed on.
pub(crate) struct Past {
    pub(crate) run: RunId,
    pub(crate) snapshot: Snapshot,
    pub(crate) records: Vec<StepRecord>,
}

impl Past {
    pub(crate) async fn read(engine: &Engine, run: RunId) -> Result<Self, Problem> {
        let (snapshot, records) =
            tokio::try_join!(engine.store.snapshot(run), engine.store.steps(run))?;
        Ok(Self {
            run,
            snapshot,
            records,
        })
    }

    pub(super) fn spec(&self, step: &str) -> Option<&StepSpec> {
        let steps = &self.snapshot.blueprint.steps;
        steps.iter().find(|spec| spec.id == step)
    }

    pub(super) fn record(&self, step: &str) -> Option<&StepRecord> {
        self.records.iter().find(|record| record.id == step)
    }

    pub(super) fn outputs(&self) -> BTreeMap<String, Outputs> {
        let records = self.records.iter();
        records
            .map(|record| (record.id.clone(), record.outputs.clone()))
            .collect()
    }

    /// What the step's resource lies in. A step that can't be built says so when it is undone.
    pub(super) async fn within(&self, factory: &dyn StepFactory, step: &str) -> Option<Parent> {
        let outputs = self.outputs();
        let inputs = Inputs {
            snapshot: &self.snapshot,
            outputs: &outputs,
            occasion: Occasion::Plan,
        };
        let step = factory.build(self.spec(step)?, inputs).await.ok()?;
        step.within().filter(|parent| !parent.id.is_empty())
    }

    /// Whether `step` needs `other`, by however many steps between.
    pub(super) fn needs(&self, step: &str, other: &str) -> bool {
        let mut ahead: Vec<&str> = vec![step];
        let mut seen = BTreeSet::new();
        while let Some(at) = ahead.pop() {
            let needs = self.spec(at).map(|spec| spec.needs.as_slice());
            for need in needs.unwrap_or_default() {
                if need == other {
                    return true;
                }
                if seen.insert(need.as_str()) {
                    ahead.push(need);
                }
            }
        }
        false
    }
}

/// A piece that is taken away: a row of the resources with what its step is built from.
pub(crate) struct Piece<'a> {
    pub(crate) row: Resource,
    pub(crate) past: &'a Past,
    pub(crate) spec: &'a StepSpec,
    /// The step of the run under way that shows how it goes.
    pub(crate) shown: String,
    pub(crate) within: Option<Parent>,
}

impl Piece<'_> {
    /// The same with another row.
    pub(super) fn with(&self, row: Resource) -> Self {
        Self {
            row,
            past: self.past,
            spec: self.spec,
            shown: self.shown.clone(),
            within: self.within.clone(),
        }
    }

    /// Whether this piece must be gone before `other` may go.
    pub(super) fn goes_before(&self, other: &Self) -> bool {
        self.past.needs(&self.row.step, &other.row.step)
    }

    /// Whether it needs no undo of its own once `other` is gone, and none before.
    pub(super) fn is_covered_by(&self, other: &Resource) -> bool {
        self.lies_in(other)
            && self
                .within
                .as_ref()
                .is_some_and(|parent| !parent.goes_first)
    }

    pub(super) fn lies_in(&self, other: &Resource) -> bool {
        self.within.as_ref().is_some_and(|parent| parent.is(other))
    }
}

/// Whether a row is something to take away: made by a run of ours, and not gone.
pub(crate) fn is_to_go(row: &Resource) -> bool {
    row.origin == Origin::Created
        && match row.state {
            ResourceState::Intended | ResourceState::Live | ResourceState::Leftover => true,
            ResourceState::Removed | ResourceState::LetGo => false,
        }
}

/// The row with the name and the page that its thing was last seen with: it may have been renamed at the vendor since
/// it was made, and a later run has found it so.
pub(crate) fn as_last_seen(row: &Resource, rows: &[Resource]) -> Resource {
    let same = |other: &&Resource| {
        !row.id.is_empty()
            && bears_its_name(row.kind)
            && other.kind == row.kind
            && other.id == row.id
    };
    let seen = rows.iter().rev().find(same).unwrap_or(row);
    Resource {
        name: seen.name.clone(),
        url: seen.url.clone().or_else(|| row.url.clone()),
        ..row.clone()
    }
}

/// Whether the name is the one that the vendor's id stands for, which people may change there. Of the others it says
/// what the run itself has written, and some have the id of what they lie in.
const fn bears_its_name(kind: ResourceKind) -> bool {
    match kind {
        ResourceKind::SupabaseProject
        | ResourceKind::Repository
        | ResourceKind::RepositoryFile
        | ResourceKind::VercelProject => true,
        ResourceKind::PointInTimeRecovery
        | ResourceKind::DatabaseUrl
        | ResourceKind::DatabaseSchema
        | ResourceKind::AuthSettings
        | ResourceKind::AuthUser
        | ResourceKind::VercelEnvironment
        | ResourceKind::VercelDeployment
        | ResourceKind::Domain
        | ResourceKind::Workflows
        | ResourceKind::WorkflowBackup
        | ResourceKind::Mail => false,
    }
}

/// The step's live rows of the kind that it makes, as far as `run` made them, the newest first.
pub(crate) fn own(
    rows: &[Resource],
    run: RunId,
    step: &str,
    kind: Option<ResourceKind>,
) -> Vec<Resource> {
    let is_own = |row: &&Resource| {
        row.run == run
            && row.step == step
            && Some(row.kind) == kind
            && row.state == ResourceState::Live
    };
    rows.iter().rev().filter(is_own).cloned().collect()
}
