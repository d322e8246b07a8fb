//! What there is to take away: the runs that made it, and the pieces, a row each.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    Problem,
    blueprint::StepSpec,
    id::RunId,
    resource::{Origin, Resource, ResourceKind, ResourceState},
    run::{Outputs, Run, RunState, Snapshot, StepRecord},
};

use crate::{
    Engine,
    step::{Inputs, Occasion, Parent, Step, StepFactory},
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

    /// The step as the records have it. One that can't be built says so when it is undone.
    pub(super) async fn built(
        &self,
        factory: &dyn StepFactory,
        step: &str,
    ) -> Option<Box<dyn Step>> {
        let outputs = self.outputs();
        let inputs = Inputs {
            snapshot: &self.snapshot,
            outputs: &outputs,
            occasion: Occasion::Plan,
        };
        factory.build(self.spec(step)?, inputs).await.ok()
    }

    /// What the step's resource lies in.
    pub(super) async fn within(&self, factory: &dyn StepFactory, step: &str) -> Option<Parent> {
        let step = self.built(factory, step).await?;
        lies_in(step.as_ref())
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

    /// The number of a later run that uses all that this one has made and that is still there: then nothing of it can be
    /// taken back. A mail that was sent never can.
    pub(crate) fn taken_over_by(&self, rows: &[Resource], runs: &[Run]) -> Option<i64> {
        let made = |row: &&Resource| {
            row.run == self.run
                && is_to_go(row)
                && (row.kind != ResourceKind::Mail || row.is_unknown())
        };
        let mut last: Option<i64> = None;
        for row in rows.iter().filter(made) {
            last = last.max(Some(self.used_by(row, rows, runs)?));
        }
        last
    }

    /// The number of a later run that uses what this one made, or what that lies in.
    pub(crate) fn used_by(&self, row: &Resource, rows: &[Resource], runs: &[Run]) -> Option<i64> {
        if row.is_unknown() {
            return None;
        }
        if let Some(number) = used_by(row, rows, runs) {
            return Some(number);
        }
        let kind = lies_in_a(row.kind)?;
        let parent = |other: &&Resource| {
            other.run == self.run
                && other.kind == kind
                && is_to_go(other)
                && self.needs(&row.step, &other.step)
        };
        let mut last: Option<i64> = None;
        for parent in rows.iter().filter(parent) {
            last = last.max(Some(used_by(parent, rows, runs)?));
        }
        last
    }
}

/// What a step's resource lies in, where that is known.
pub(super) fn lies_in(step: &dyn Step) -> Option<Parent> {
    step.within().filter(|parent| !parent.id.is_empty())
}

/// What goes with a thing of which kind, and never alone in a rollback that leaves that one.
const fn lies_in_a(kind: ResourceKind) -> Option<ResourceKind> {
    match kind {
        ResourceKind::ComputeSize
        | ResourceKind::PointInTimeRecovery
        | ResourceKind::DatabaseSchema
        | ResourceKind::AuthSettings
        | ResourceKind::AuthUser => Some(ResourceKind::SupabaseProject),
        ResourceKind::RepositoryFile => Some(ResourceKind::Repository),
        ResourceKind::VercelEnvironment | ResourceKind::VercelDeployment => {
            Some(ResourceKind::VercelProject)
        }
        // A domain leads to its project, and goes before it.
        ResourceKind::Domain
        | ResourceKind::SupabaseProject
        | ResourceKind::DatabaseUrl
        | ResourceKind::Repository
        | ResourceKind::VercelProject
        | ResourceKind::Workflows
        | ResourceKind::WorkflowBackup
        | ResourceKind::Mail => None,
    }
}

/// The number of a later run that has found what a run made, and stands, or can be taken on to use it. By the runs'
/// numbers: times are of clocks that may have been set; numbers only grow. Whatever that run calls the step: what another
/// step of its has found in the same place may be something else, and then this one is left over for nothing, where
/// otherwise a part of an instance that stands would be taken away.
pub(super) fn used_by(row: &Resource, rows: &[Resource], runs: &[Run]) -> Option<i64> {
    if row.id.is_empty() {
        return None;
    }
    let run_of = |row: &Resource| runs.iter().find(|run| run.id == row.run);
    let own = run_of(row).map(|run| run.number);
    let uses = |run: &&Run| {
        Some(run.number) > own && (run.state == RunState::Succeeded || run.state.can_resume())
    };
    rows.iter()
        .filter(|other| {
            other.kind == row.kind
                && other.id == row.id
                && other.origin == Origin::Adopted
                && other.state == ResourceState::Live
        })
        .filter_map(run_of)
        .find(uses)
        .map(|run| run.number)
}

/// A piece that is taken away: a row of the resources with what its step is built from.
pub(crate) struct Piece<'a> {
    pub(crate) row: Resource,
    pub(crate) past: &'a Past,
    pub(crate) spec: &'a StepSpec,
    /// The step of the run under way that shows how it goes.
    pub(crate) shown: String,
    pub(crate) within: Option<Parent>,
    /// Of how many earlier runs something is taken away with it.
    pub(crate) age: usize,
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
            age: self.age,
        }
    }

    /// Whether this piece must be gone before `other` may go: it needs that, or lies in it, by whatever name another run
    /// calls the step.
    pub(super) fn goes_before(&self, other: &Self) -> bool {
        self.past.needs(&self.row.step, &other.row.step)
            || self.lies_in(&other.row)
            || self.lies_over(other)
    }

    /// Whether a later run wrote it over what `other` had written: that one is seen again once this one is taken back.
    fn lies_over(&self, other: &Self) -> bool {
        let same_place = self.row.name == other.row.name
            || (self.row.step == other.row.step
                && (self.row.kind.is_place()
                    || (self.within.is_some() && self.within == other.within)));
        self.age > other.age
            && self.spec.kind == other.spec.kind
            && self.row.kind == other.row.kind
            && same_place
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
        ResourceKind::ComputeSize
        | ResourceKind::PointInTimeRecovery
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
