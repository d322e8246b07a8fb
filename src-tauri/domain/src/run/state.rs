//! Where a run stands, and what can be done with it there.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Written, not begun.
    Queued,
    /// Under way in the process that owns it.
    Running,
    /// Stands still until somebody or something outside acts; see [`WaitReason`].
    Waiting,
    /// Being undone.
    Undoing,
    /// Everything is there.
    Succeeded,
    /// A step failed; what exists was kept.
    Failed,
    /// Everything it made was removed.
    RolledBack,
    /// Undone, but for what could not be removed.
    Leftovers,
    /// Stopped by the owner; what exists was kept.
    Cancelled,
    /// Its process ended in the middle; it can be resumed.
    Interrupted,
}

impl RunState {
    /// Those in which it has not ended, as [`is_active`](Self::is_active) says of one.
    pub const OPEN: [Self; 5] = [
        Self::Queued,
        Self::Running,
        Self::Waiting,
        Self::Undoing,
        Self::Interrupted,
    ];

    /// Those in which it has ended.
    pub const ENDED: [Self; 5] = [
        Self::Succeeded,
        Self::Failed,
        Self::RolledBack,
        Self::Leftovers,
        Self::Cancelled,
    ];

    /// `queued`, `running` …
    pub const fn key(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Undoing => "undoing",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
            Self::Leftovers => "leftovers",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }

    /// It has not ended: no other run of the customer may begin.
    pub const fn is_active(self) -> bool {
        // Here a new state is sorted, and then written into one of the lists above.
        match self {
            Self::Queued | Self::Running | Self::Waiting | Self::Undoing | Self::Interrupted => {
                true
            }
            Self::Succeeded
            | Self::Failed
            | Self::RolledBack
            | Self::Leftovers
            | Self::Cancelled => false,
        }
    }

    /// A process is at work on it.
    pub const fn is_driven(self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::Undoing)
    }

    /// `runs resume` can take it on.
    pub const fn can_resume(self) -> bool {
        self.is_active() || matches!(self, Self::Failed | Self::Cancelled)
    }

    /// `runs rollback` can take it on: it has made something, or may have, and has not succeeded.
    pub const fn can_roll_back(self) -> bool {
        self.can_resume() || matches!(self, Self::Leftovers)
    }
}
