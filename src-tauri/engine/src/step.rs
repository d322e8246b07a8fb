//! What a provisioning step is to the engine.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    blueprint::StepSpec,
    event::{Detail, Happening},
    failure::Failure,
    gate::Charge,
    id::RunId,
    ports::{Clock, Random, Secrets},
    resource::{Found as Existing, Mark, Resource, ResourceKind},
    run::{Outputs, Snapshot},
    secret::SecretRef,
};
use jiff::Timestamp;
use serde_json::Value;

/// What `find` saw.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Nothing of ours. `evidence` is what the step must know after a kill to tell its own creation from
    /// what was there before (ids that already existed), and what it needs for a call that must be repeated
    /// with the same bytes. It is in the journal before [`Step::create`] is called, so it holds no secret.
    Absent {
        /// In the step's own shape.
        evidence: Value,
    },
    /// It is there and bears our mark, or is the one in our records.
    Ours(Existing),
    /// It is the only one that could be what was asked for, and nothing on it says so. As long as that call can come true,
    /// it may be somebody else's, and ours still on its way.
    Alone(Existing),
    /// There is nothing to make: the effect is there already (a schema applied, a mail sent).
    Satisfied,
    /// Something that isn't ours is in the way.
    Foreign(Problem),
    /// Several could be ours, and only the owner can tell.
    Ambiguous(Vec<Existing>),
    /// The token can't see whether it is there.
    CannotSee(Problem),
}

/// What a mutating call gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// A resource with an id.
    Resource(Existing),
    /// An effect on something that another step owns.
    Effect,
    /// The first of several calls were made, and then one failed. What is there by now is told and can be taken
    /// away; the next try goes on with it.
    Partly {
        /// What is there.
        existing: Existing,
        /// Why the rest isn't.
        failure: Failure,
    },
}

/// Whether it can be used yet.
#[derive(Clone, Debug, PartialEq)]
pub enum Readiness {
    /// Yes, and this is what it hands on.
    Ready(Outputs),
    /// Not yet.
    NotYet {
        /// The vendor's word for where it stands.
        status: String,
    },
    /// Never.
    Failed(Problem),
    /// Something outside is waited for that doesn't hold the run (a DNS record of the owner's). It counts as
    /// ready with these outputs, and is looked at again later.
    Deferred {
        /// What it hands on meanwhile.
        outputs: Outputs,
        /// What is waited for.
        why: Problem,
    },
}

/// What became of an undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undone {
    /// It is not there any more.
    Gone,
    /// It can't be taken back and costs nothing: a mail.
    Stays,
    /// The vendor doesn't let go of it yet.
    NotYet {
        /// The vendor's word for why.
        status: String,
    },
    /// The token can't see whether it is there: a 404 alone is not Gone.
    CannotSee(Problem),
    /// It must not be taken away, or the vendor says no.
    Refused(Problem),
}

/// What a resource lies in: gone when that one is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Of which kind.
    pub kind: ResourceKind,
    /// The vendor's id.
    pub id: String,
    /// Whether it is taken away by itself all the same, and before its parent: a domain that still led to a project
    /// that is gone could be taken by whoever asks for it next.
    pub goes_first: bool,
}

impl Parent {
    /// Of what is deleted with it and needs no undo of its own.
    pub fn covering(kind: ResourceKind, id: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.into(),
            goes_first: false,
        }
    }

    /// Whether it is the thing of this row.
    pub(crate) fn is(&self, row: &Resource) -> bool {
        !row.id.is_empty() && row.kind == self.kind && row.id == self.id
    }
}

/// How long things take, for waiting and for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// From the action to ready, usually. Readiness is polled at min(2 s, 5 % of this).
    pub usual: Duration,
    /// Past it the run waits (`not_ready_yet`), and nothing is undone. For how long the vendor wanted to be left alone
    /// doesn't count. See [`Step::ceiling`].
    pub ceiling: Duration,
    /// After a call whose outcome is unknown: how long `find` is asked before Absent counts. The request's
    /// timeout and the lag of the vendor's lists.
    pub settle: Duration,
}

impl Timing {
    /// How long an undo that the vendor puts off is tried: a project can't be deleted while it is made,
    /// and making one may take its ceiling.
    pub const UNDO: Duration = Duration::from_hours(1);
}

/// What a step is given with each call.
pub struct Context<'a> {
    /// The run.
    pub run: RunId,
    /// The step, as the blueprint names it.
    pub step: &'a StepSpec,
    /// What the run began with.
    pub snapshot: &'a Snapshot,
    /// What marks a resource as this customer's.
    pub mark: Mark,
    /// What `find` saw before the intent; `None` before there is one.
    pub evidence: Option<&'a Value>,
    /// The last instant at which the intent's call may have been sent; `None` before there is one.
    pub sent: Option<Timestamp>,
    /// The customer's live resources of this step's kind from the records, whichever run made them, newest first:
    /// found by id first, then by name.
    pub known: &'a [Resource],
    /// The customer's rows of every kind, whichever run made them, the oldest first.
    pub all: &'a [Resource],
    /// Ids that the owner has said not to be ours.
    pub ruled_out: &'a [String],
    /// Secrets.
    pub secrets: &'a dyn Secrets,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Randomness.
    pub random: &'a dyn Random,
    /// Where the step says how it goes.
    pub log: &'a (dyn Fn(Happening) + Send + Sync),
}

impl Context<'_> {
    /// Says something of how it goes.
    pub fn say(&self, detail: Detail, subject: impl Into<String>) {
        (self.log)(Happening::Detail {
            detail,
            subject: subject.into(),
        });
    }
}

/// A provisioning step, built with its client and its rendered parameters.
///
/// Every method may be called twice, or again after a kill, and then does the same.
#[async_trait]
pub trait Step: Send + Sync {
    /// The name of what it makes, for people and for finding.
    fn name(&self) -> String;

    /// How long it takes.
    fn timing(&self) -> Timing;

    /// How long this run waits for it, where a setting says something else than [`timing`](Self::timing).
    fn ceiling(&self, snapshot: &Snapshot) -> Duration {
        let _ = snapshot;
        self.timing().ceiling
    }

    /// What it makes, for the resources' table; `None` for a step that only has an effect.
    fn resource_kind(&self) -> Option<ResourceKind>;

    /// What can be known to fail before anything is made: a region not offered, a template that is none.
    /// Every fault at once. Reads only.
    async fn check(&self, cx: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        let _ = cx;
        Ok(Vec::new())
    }

    /// Looks for what it would make. Reads only.
    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure>;

    /// Keeps in the vault what the call needs and nobody gives again: a generated password. Before the intent
    /// is written, so that a call after a kill goes out with the same bytes; not for a plan. Changes nothing at the vendor.
    async fn prepare(&self, cx: &Context<'_>) -> Result<(), Failure> {
        let _ = cx;
        Ok(())
    }

    /// Where in the vault [`prepare`](Self::prepare) keeps it: a plan tries whether the vault can be reached.
    fn keeps(&self, cx: &Context<'_>) -> Option<SecretRef> {
        let _ = cx;
        None
    }

    /// Makes it: one mutating call, or several that each may be repeated. Where one of several fails, it says
    /// what is there by then: [`Created::Partly`].
    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure>;

    /// Whether it is ready, and its outputs. `existing` is what was made or found; `None` for an effect. Reads only.
    async fn await_ready(
        &self,
        cx: &Context<'_>,
        existing: Option<&Existing>,
    ) -> Result<Readiness, Failure>;

    /// What making it counts in the vendors' limits, until it is ready: for forecasts, and set aside before a run
    /// begins. Only of limits that other customers' calls count in too.
    fn demand(&self) -> Vec<Charge> {
        Vec::new()
    }

    /// What its resource lies in, where that can be made by a step too.
    fn within(&self) -> Option<Parent> {
        None
    }

    /// Whether it is left where it lies, for as long as that stands: it costs nothing, and may be in use. No undo is asked
    /// for, and a removal's plan tells the same.
    fn stays(&self) -> bool {
        false
    }

    /// Takes `existing` away, by its id alone, after looking at the mark again; a file or variable is restored
    /// only where it is as we wrote it. `existing` is as the records have it. What is gone already is
    /// [`Undone::Gone`], so that it may be called twice.
    async fn undo(&self, cx: &Context<'_>, existing: &Existing) -> Result<Undone, Failure>;
}

/// Why a step is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// For a plan: no secret is fetched, and outputs of steps that have not run render as empty texts.
    Plan,
    /// To be performed: all is there, or it is a fault.
    Run,
    /// To be undone: as for a run, but secrets and outputs that are not there any more are left empty.
    Undo,
}

/// What the templates of a step's parameters are rendered with.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// What the run began with.
    pub snapshot: &'a Snapshot,
    /// The outputs of the steps that are complete, by step.
    pub outputs: &'a BTreeMap<String, Outputs>,
    /// Why.
    pub occasion: Occasion,
}

/// Builds steps: the registry of kinds, with the vendors' clients.
#[async_trait]
pub trait StepFactory: Send + Sync {
    /// The step's revision: a run whose step has another waits instead of going on.
    fn revision(&self, spec: &StepSpec) -> u32;

    /// Whether `find` tells something before the steps it needs have run: then a plan asks it.
    fn plans_alone(&self, spec: &StepSpec) -> bool;

    /// How long it usually takes.
    fn timing(&self, spec: &StepSpec) -> Timing;

    /// The step with its parameters rendered. Secrets that they touch are fetched now.
    async fn build(&self, spec: &StepSpec, inputs: Inputs<'_>) -> Result<Box<dyn Step>, Failure>;

    /// Drops all that the run kept in the vault: nothing outlives what needs it. None there is no error.
    async fn forget(&self, run: RunId, snapshot: &Snapshot) -> Result<(), Problem>;
}
