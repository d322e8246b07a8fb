//! The fixed words in findings: what a value must be, and what differs.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a value in a manifest must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// A text.
    Text,
    /// A whole number from 1.
    Count,
    /// `true` or `false`.
    Flag,
    /// A list.
    List,
    /// A list of texts.
    Texts,
    /// A table.
    Table,
    /// A table of texts.
    TextTable,
    /// A list of tables.
    Tables,
    /// Texts in both languages.
    Bilingual,
    /// A word that a template can name: `supabase`, `link_seconds`.
    Word,
    /// An amount such as `25.00`.
    Amount,
    /// A currency such as `USD`.
    Currency,
    /// A day such as `2026-11-21`.
    Day,
    /// `sv` or `en`.
    Language,
    /// Names of targets of Vercel.
    Targets,
    /// A variable's name: `NEXT_PUBLIC_SITE_URL`.
    Variable,
}

impl Expected {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Text,
        Self::Count,
        Self::Flag,
        Self::List,
        Self::Texts,
        Self::Table,
        Self::TextTable,
        Self::Tables,
        Self::Bilingual,
        Self::Word,
        Self::Amount,
        Self::Currency,
        Self::Day,
        Self::Language,
        Self::Targets,
        Self::Variable,
    ];
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "a text",
            Self::Count => "a whole number from 1",
            Self::Flag => "true or false",
            Self::List => "a list",
            Self::Texts => "a list of texts",
            Self::Table => "a table",
            Self::TextTable => "a table of texts",
            Self::Tables => "a list of tables",
            Self::Bilingual => "a text in sv and one in en",
            Self::Word => "a word of a-z, 0-9 and _ that is no name of a template already",
            Self::Amount => "an amount such as 25.00",
            Self::Currency => "a currency such as USD",
            Self::Day => "a day such as 2026-11-21",
            Self::Language => "sv or en",
            Self::Targets => "production, preview or development",
            Self::Variable => "a name of letters, digits and _",
        })
    }
}

/// What differs after a schema was applied a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Tables and views, and their columns.
    Tables,
    /// Keys and other constraints.
    Constraints,
    /// Indexes.
    Indexes,
    /// Triggers.
    Triggers,
    /// Functions.
    Functions,
    /// Policies.
    Policies,
    /// Who may do what.
    Rights,
    /// Rows.
    Rows,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Tables,
        Self::Constraints,
        Self::Indexes,
        Self::Triggers,
        Self::Functions,
        Self::Policies,
        Self::Rights,
        Self::Rows,
    ];

    /// `tables` …
    pub const fn key(self) -> &'static str {
        match self {
            Self::Tables => "tables",
            Self::Constraints => "constraints",
            Self::Indexes => "indexes",
            Self::Triggers => "triggers",
            Self::Functions => "functions",
            Self::Policies => "policies",
            Self::Rights => "rights",
            Self::Rows => "rows",
        }
    }
}
