//! What an import of members did.

use fabrik_domain::Problem;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What an import of members did, or would do.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MembersImport {
    /// A row per row of the file.
    pub rows: Vec<MemberRow>,
    /// Columns of the file that say nothing of a member, or that the instance has no room for.
    pub ignored: Vec<String>,
    /// Nothing was kept.
    pub dry_run: bool,
}

impl MembersImport {
    /// How many rows have this verdict.
    pub fn count(&self, verdict: MemberVerdict) -> usize {
        let rows = self.rows.iter();
        rows.filter(|row| row.verdict == verdict).count()
    }
}

/// A row of an import of members.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MemberRow {
    /// Its line in the file, from 1.
    #[ts(type = "number")]
    pub line: u64,
    /// The name in it.
    pub name: String,
    /// The address in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub email: Option<String>,
    /// What became, or would become, of it.
    pub verdict: MemberVerdict,
    /// In what somebody who is there differs from it: they stay as they are.
    pub differs: Vec<MemberField>,
    /// Why it was refused: every fault.
    pub problems: Vec<Problem>,
}

/// What a file may say of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MemberField {
    /// The name.
    Name,
    /// The address that tells members apart.
    Email,
    /// The telephone number.
    Phone,
    /// What they may do: play, plan, administer.
    Role,
    /// Whether they play regularly, stand in, and so on.
    Standing,
    /// What they are written to in.
    Language,
    /// The day they began.
    JoinedOn,
    /// The day they left.
    LeftOn,
    /// What they play.
    Instruments,
}

impl MemberField {
    /// Its name in problems and, but for the instruments, its column.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Role => "role",
            Self::Standing => "standing",
            Self::Language => "language",
            Self::JoinedOn => "joined_on",
            Self::LeftOn => "left_on",
            Self::Instruments => "instruments",
        }
    }
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MemberVerdict {
    /// A new member.
    Added,
    /// There already, just so.
    Unchanged,
    /// There already, in part otherwise, and left so.
    Different,
    /// Not added.
    Refused,
}
