//! A run of a customer's blueprint and its steps.

mod state;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    blueprint::{Blueprint, StepKind},
    customer::Customer,
    id::{CustomerId, RunId},
    problem::{Cause, Problem},
    resource::{Found, Resource, ResourceState},
    secret::SecretRef,
};

pub use self::state::RunState;
pub use crate::plan::{Action, Allowance, Fate, Plan, PlannedRemoval, PlannedStep, RemovalPlan};

/// What a run is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// To make the customer's instance.
    #[default]
    Provision,
    /// To remove it.
    Deprovision,
}

/// Why a run stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WaitReason {
    /// A token is missing, revoked or too narrow.
    NeedsCredential,
    /// The owner must choose.
    NeedsDecision,
    /// The vendor takes longer than the ceiling.
    NotReadyYet,
    /// A limit that only time lifts.
    Quota,
    /// Another version of Fabrik has begun it, and this one would misread its records.
    NeedsVersion,
}

/// What to do when a step fails for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// Undo what this run made.
    #[default]
    Rollback,
    /// Keep what exists; the owner mends and resumes.
    Keep,
}

impl OnFailure {
    /// What holds for a run of this customer where nobody has chosen. A rollback takes away what the run made; what
    /// earlier runs made and it has changed, it can't put back, so an instance that stands is kept as it is.
    pub const fn usual(customer: &Customer) -> Self {
        if customer.has_instance() {
            Self::Keep
        } else {
            Self::Rollback
        }
    }
}

/// Where a step stands, for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// Not begun.
    #[default]
    Pending,
    /// Under way.
    Running,
    /// Waits for something outside without holding the run.
    Deferred,
    /// Made.
    Done,
    /// Was there and is ours.
    Adopted,
    /// Nothing to do.
    Skipped,
    /// Failed for good.
    Failed,
    /// Being undone.
    Undoing,
    /// Undone.
    Undone,
    /// Could not be undone.
    Leftover,
}

impl StepState {
    /// Its outputs are there.
    pub const fn is_complete(self) -> bool {
        matches!(
            self,
            Self::Deferred | Self::Done | Self::Adopted | Self::Skipped
        )
    }
}

/// How far a step's action has come, for the engine: the journal, written ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// No call that changes anything was made.
    #[default]
    Untouched,
    /// The call may have been made.
    Intended,
    /// The vendor's id is known.
    Created,
    /// The outputs are known.
    Ready,
}

/// What a step hands to those that need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// A value anybody may read.
    Public(String),
    /// Where a secret is.
    Secret(SecretRef),
}

/// A step's outputs by name.
pub type Outputs = BTreeMap<String, Output>;

/// A row of the table `run_steps`: the journal's state of one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The blueprint's short name of the step.
    pub id: String,
    /// Its kind.
    pub kind: StepKind,
    /// For people.
    pub state: StepState,
    /// For the engine.
    pub phase: Phase,
    /// The step's revision when the run began.
    pub revision: u32,
    /// Calls to the vendor that were begun for the action, retries included.
    pub attempts: u32,
    /// Of these, the failed ones since the last that succeeded: after some the step gives up.
    #[serde(default)]
    pub failures: u32,
    /// No retry before this.
    pub not_before: Option<Timestamp>,
    /// The last instant at which the current intent's call may have been sent: when it was written, when the call
    /// ended, or until when a process that is gone may have gone on.
    pub intended_at: Option<Timestamp>,
    /// What `find` saw before the intent, in the step's own shape.
    pub evidence: Option<serde_json::Value>,
    /// What it made or adopted.
    pub resource: Option<Found>,
    /// Ids that the owner has said not to be ours (see [`Decision::New`]).
    #[serde(default)]
    pub ruled_out: Vec<String>,
    /// Ids of which several could have been ours, or one that was not sure: what is left of them is not by that the
    /// right one. Only the owner's word makes it so.
    #[serde(default)]
    pub doubted: Vec<String>,
    /// What it hands on.
    pub outputs: Outputs,
    /// The last failure.
    pub error: Option<Problem>,
    /// When it left `pending`.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl StepRecord {
    /// Notes that only the owner can tell which of these is ours.
    pub fn doubt(&mut self, candidates: &[Found]) {
        for one in candidates {
            if !self.doubted.contains(&one.id) {
                self.doubted.push(one.id.clone());
            }
        }
    }

    /// A step that has not begun.
    pub fn new(id: String, kind: StepKind, revision: u32) -> Self {
        Self {
            id,
            kind,
            state: StepState::Pending,
            phase: Phase::Untouched,
            revision,
            attempts: 0,
            failures: 0,
            not_before: None,
            intended_at: None,
            evidence: None,
            resource: None,
            ruled_out: Vec::new(),
            doubted: Vec::new(),
            outputs: Outputs::new(),
            error: None,
            started_at: None,
            finished_at: None,
        }
    }

    /// Whether it waits outside its run, of a customer with these resources: for what was taken away since nobody waits.
    pub fn is_waited_for(&self, resources: &[Resource]) -> bool {
        let mut own = resources
            .iter()
            .filter(|resource| resource.step == self.id)
            .peekable();
        let is_gone =
            own.peek().is_some() && own.all(|resource| resource.state != ResourceState::Live);
        self.state == StepState::Deferred && !is_gone
    }
}

/// The owner's word where only the owner can tell (see `Cause::Ambiguous`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// This one is the customer's. No rollback will ever delete it.
    Adopt {
        /// The vendor's id.
        id: String,
    },
    /// None of them is: another is made.
    New,
}

/// What a run began with; a resume uses this and not what has changed since: half an instance by
/// one blueprint and half by another is neither.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The whole blueprint.
    pub blueprint: Blueprint,
    /// The customer's inputs.
    pub customer: Customer,
    /// The workspace's settings: accounts, owners, base URLs. No secrets.
    pub settings: BTreeMap<String, String>,
    /// The names the steps computed, by step: found by id first, then by these.
    pub names: BTreeMap<String, String>,
}

impl Snapshot {
    /// Refuses to make anything by these names where the customer's subdomain is another by now: somebody else may have the
    /// one that they are made of.
    ///
    /// # Errors
    /// `subdomain_changed`.
    pub fn assert_named(&self, subdomain: &str) -> Result<(), Problem> {
        let before = &self.customer.subdomain;
        if before == subdomain {
            return Ok(());
        }
        Err(Cause::SubdomainChanged {
            before: before.clone(),
            subdomain: subdomain.to_owned(),
        }
        .into())
    }
}

/// A row of the table `runs`, without its snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Run {
    /// Ours.
    pub id: RunId,
    /// Counts the workspace's runs, for people: "run 214".
    #[ts(type = "number")]
    pub number: i64,
    /// Whose.
    pub customer: CustomerId,
    /// What it is for.
    pub purpose: Purpose,
    /// Where it stands.
    pub state: RunState,
    /// Why it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<WaitReason>,
    /// What ended it, or what it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub error: Option<Problem>,
    /// What to do when a step fails.
    pub on_failure: OnFailure,
    /// Who pressed the button: `name@machine`.
    pub operator: String,
    /// The blueprint's name.
    pub blueprint: String,
    /// RFC 3339, UTC.
    #[ts(type = "string")]
    pub started_at: Timestamp,
    /// RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub finished_at: Option<Timestamp>,
    /// When its undoing began: from then on it only goes back. RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub undo_began_at: Option<Timestamp>,
}

impl Run {
    /// Whether what it made is being taken away again, which a removal never does.
    pub fn is_taken_back(&self) -> bool {
        self.purpose == Purpose::Provision && self.undo_began_at.is_some()
    }

    /// Whether what it made stays if it is cancelled now.
    pub fn is_kept_when_cancelled(&self) -> bool {
        self.purpose == Purpose::Provision
            && self.on_failure == OnFailure::Keep
            && !self.is_taken_back()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        customer::{CustomerStatus, NewCustomer},
        id::ResourceId,
        provider::Provider,
        resource::{Origin, ResourceKind},
    };

    #[test]
    fn a_run_is_open_or_has_ended() {
        let every = every_state();
        let listed = RunState::OPEN.len() + RunState::ENDED.len();
        assert_eq!(every.len(), listed, "each once: {every:?}");
        for state in every {
            let in_lists = (
                RunState::OPEN.contains(&state),
                RunState::ENDED.contains(&state),
            );
            let expected = (state.is_active(), !state.is_active());
            assert_eq!(in_lists, expected, "{state:?}");
        }
    }

    /// All that there are, as they are named where a word is none of them: a new one is among them by itself.
    fn every_state() -> Vec<RunState> {
        let unknown = serde_json::from_str::<RunState>("\"?\"").unwrap_err();
        let text = unknown.to_string();
        // The first name in it is the word's.
        let names = text.split('`').skip(3).step_by(2);
        names
            .map(|name| serde_json::from_value(name.into()).unwrap())
            .collect()
    }

    #[test]
    fn where_nobody_chooses_an_instance_that_stands_is_kept_and_a_first_one_taken_back() {
        let address = || Some("https://akermark.example".to_owned());
        for (status, production_url, usual) in [
            (CustomerStatus::Pending, None, OnFailure::Rollback),
            // An older system's word of where it will be.
            (CustomerStatus::Pending, address(), OnFailure::Rollback),
            (CustomerStatus::Active, address(), OnFailure::Keep),
            (CustomerStatus::Active, None, OnFailure::Keep),
            // Paused, and removed.
            (CustomerStatus::Inactive, address(), OnFailure::Keep),
            (CustomerStatus::Inactive, None, OnFailure::Rollback),
        ] {
            let new = NewCustomer {
                status,
                production_url,
                ..NewCustomer::default()
            };
            let customer = Customer::made(new, "akermark".to_owned(), Timestamp::UNIX_EPOCH);
            assert_eq!(OnFailure::usual(&customer), usual, "{customer:?}");
        }
    }

    #[test]
    fn of_two_domains_the_one_that_is_there_is_waited_for() {
        let step = |id: &str| StepRecord {
            state: StepState::Deferred,
            ..StepRecord::new(id.to_owned(), StepKind::CustomDomain, 1)
        };
        let made = |step: &str, state| Resource {
            key: ResourceId::new(),
            customer: CustomerId::new(),
            run: RunId::new(),
            step: step.to_owned(),
            provider: Provider::Vercel,
            kind: ResourceKind::Domain,
            id: step.to_owned(),
            name: format!("{step}.example"),
            url: None,
            content_hash: None,
            origin: Origin::Created,
            state,
            at: Timestamp::UNIX_EPOCH,
        };
        let mut all = vec![
            made("shop", ResourceState::Removed),
            made("www", ResourceState::Live),
        ];
        assert!(!step("shop").is_waited_for(&all), "it was taken away");
        assert!(step("www").is_waited_for(&all));
        assert!(step("mail").is_waited_for(&all), "it made nothing");
        all.push(made("shop", ResourceState::Live));
        assert!(step("shop").is_waited_for(&all), "it was made anew");
        let done = StepRecord {
            state: StepState::Done,
            ..step("www")
        };
        assert!(!done.is_waited_for(&all));
    }
}
