//! What is still to be told to the agency's own table: the ends of runs, and what was decided of those who ask there. The
//! journal and the inbox are the lists themselves, so that none is lost whatever ends when.

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    id::{RequestId, RunId},
    request::OnboardingRequest,
    run::Run,
};
use jiff::Timestamp;

use crate::requests;

/// What holds of a run until its end is told: as it stands in the index, so that it is used.
pub(crate) const UNTOLD_RUN: &str =
    "finished_at IS NOT NULL AND (told_at IS NULL OR told_at <> finished_at)";

/// What is to be written back into the agency's own table: the end of a run, or what was decided of who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PendingWrite {
    /// Of this run.
    Run(RunId),
    /// Of this request.
    Decision(RequestId),
}

impl PendingWrite {
    /// The table where the intent to write it is noted.
    pub(crate) const fn table(self) -> &'static str {
        match self {
            Self::Run(_) => "runs",
            Self::Decision(_) => "onboarding_requests",
        }
    }

    /// The id of its row there.
    pub(crate) fn id(self) -> String {
        match self {
            Self::Run(run) => run.to_string(),
            Self::Decision(request) => request.to_string(),
        }
    }

    /// What holds of that row until it is told.
    pub(crate) const fn untold(self) -> &'static str {
        match self {
            Self::Run(_) => UNTOLD_RUN,
            Self::Decision(_) => requests::UNTOLD,
        }
    }
}

/// What is still to be told.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Runs that have ended since then and whose end was not told, the oldest first, at most so many. One that was taken
    /// on after it was told, and has ended again, is among them.
    async fn untold_runs(&self, since: Timestamp, limit: u64) -> Result<Vec<Run>, Problem>;

    /// How many they are.
    async fn untold_count(&self, since: Timestamp) -> Result<u64, Problem>;

    /// Writes that a run's end was told: the one of then, should it have ended again meanwhile.
    async fn set_told(&self, run: RunId, finished: Timestamp) -> Result<(), Problem>;

    /// Requests from a table that were approved or rejected, and whose decision was not told, the oldest first.
    async fn untold_decisions(&self) -> Result<Vec<OnboardingRequest>, Problem>;

    /// Writes that a request's decision was told.
    async fn set_decision_told(&self, request: RequestId) -> Result<(), Problem>;

    /// What was noted of a writing that was begun, and of which it is not known whether it was committed: the column
    /// `telling`.
    async fn write_intent(&self, what: PendingWrite) -> Result<Option<String>, Problem>;

    /// Notes one that is about to be committed, in the place of `seen`. Whether it may be: nothing is noted where another
    /// has noted its own by now, or it was told.
    async fn note_write_intent(
        &self,
        what: PendingWrite,
        seen: Option<String>,
        note: String,
    ) -> Result<bool, Problem>;
}
