//! Progress of a run, as typed events with a growing number. Losing one only makes a reader late:
//! the truth is in the run's records.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    id::RunId,
    problem::Problem,
    run::{Decision, RunState, StepState, WaitReason},
};

/// Something that happened in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunEvent {
    /// The run.
    pub run: RunId,
    /// Grows by one within the run.
    #[ts(type = "number")]
    pub number: i64,
    /// RFC 3339, UTC.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// The step, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub step: Option<String>,
    /// What.
    pub what: Happening,
}

/// What happened. The words are the catalogues'.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Happening {
    /// The run's state changed.
    Run {
        /// To this.
        state: RunState,
        /// Why it waits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        reason: Option<WaitReason>,
    },
    /// The step's state changed.
    Step {
        /// To this.
        state: StepState,
    },
    /// The step looks for what may be there already.
    Looking {
        /// The name it looks for.
        name: String,
    },
    /// The step makes something.
    Creating {
        /// Its name.
        name: String,
    },
    /// The vendor gave it an id.
    Created {
        /// The vendor's id.
        id: String,
        /// Its page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        url: Option<String>,
    },
    /// Something was there and is ours.
    Adopted {
        /// The vendor's id.
        id: String,
        /// Its page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        url: Option<String>,
    },
    /// Not ready yet.
    NotYet {
        /// The vendor's word for where it stands.
        status: String,
        /// When it is asked again, in milliseconds from now.
        #[ts(type = "number")]
        again_in_ms: u64,
    },
    /// A call's outcome is not known; the step looks until it can tell.
    Settling {
        /// How long at most, in milliseconds.
        #[ts(type = "number")]
        at_most_ms: u64,
    },
    /// It failed and is tried again.
    Retrying {
        /// Why.
        problem: Problem,
        /// In milliseconds from now.
        #[ts(type = "number")]
        in_ms: u64,
        /// Which attempt comes next.
        attempt: u32,
    },
    /// Something is being taken away.
    Removing {
        /// Its name.
        name: String,
    },
    /// It is gone.
    Removed {
        /// Its name.
        name: String,
        /// What it lay in, where it went with that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        with: Option<String>,
    },
    /// It was asked for, and is not there: there was nothing to take away.
    NotThere {
        /// Its name.
        name: String,
    },
    /// It could not be taken away.
    LeftOver {
        /// Its name.
        name: String,
        /// Why.
        problem: Problem,
    },
    /// The owner has decided.
    Decided {
        /// What.
        #[serde(flatten)]
        decision: Decision,
    },
    /// A step's own word on how it goes: a file applied, a variable set.
    Detail {
        /// Of what kind.
        detail: Detail,
        /// The name of the file, table, variable …
        subject: String,
    },
    /// It failed for good, or waits.
    Problem {
        /// Why.
        problem: Problem,
    },
}

/// Kinds of a step's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// A password was generated and is in the vault.
    PasswordKept,
    /// A file of the blueprint was applied to the database.
    FileApplied,
    /// Tables were found, all with row-level security.
    TablesVerified,
    /// The administrator could sign in and read its own row.
    AdminProved,
    /// With a row in every table, nobody from outside saw or did anything.
    IsolationProved,
    /// There is no other customer whose key could be tried.
    NoNeighbour,
    /// Another customer's key opened nothing.
    NeighbourRefused,
    /// The template's content is there.
    ContentThere,
    /// A file was committed.
    FileCommitted,
    /// A variable was set.
    VariableSet,
    /// The older kind of key had to be used, since the vendor refused the newer one.
    LegacyKeyUsed,
    /// The instance answered.
    SiteAnswered,
    /// The check of the instance is switched off.
    SiteCheckOff,
    /// The customer's own address can't be asked yet, so the app's that all share is.
    SharedSiteAsked,
    /// No domain of the customers' is set, so none is added.
    NoBaseDomain,
    /// A DNS record that the domain waits for.
    RecordWanted,
    /// The domain leads to the instance.
    DomainVerified,
    /// A workflow was made.
    WorkflowMade,
    /// A workflow runs from now on.
    WorkflowPublished,
    /// A mail was handed to the vendor.
    MailSent,
}
