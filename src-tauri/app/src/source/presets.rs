//! What the four systems that Fabrik replaces call their tables and columns: a proposal, made of the columns that are
//! really there.

use std::collections::BTreeMap;

use fabrik_domain::mapping::{Mapping, Meaning, Relation, ResultField, ResultMapping, SourceField};
use fabrik_store::SourceColumn;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::import::{field, plain};

/// A system that an agency has today, by the blueprint that replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// `organizations`, read through `organizations_with_credits` where there is that view.
    Factory,
    /// `agency_onboarding_requests`: those that are approved; those that are pending ask.
    Agency,
    /// `Customer`, as an ORM names it.
    Orchestra,
    /// `clients`.
    ClientStack,
}

/// What a system's status is to Fabrik, and the other way round.
struct Words {
    read: &'static [(&'static str, Meaning)],
    approved: Option<&'static str>,
    rejected: Option<&'static str>,
    succeeded: &'static str,
    failed: Option<&'static str>,
    removed: Option<&'static str>,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Factory,
        Self::Agency,
        Self::Orchestra,
        Self::ClientStack,
    ];

    /// Its name: the blueprint's.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Factory => "factory",
            Self::Agency => "agency",
            Self::Orchestra => "orchestra",
            Self::ClientStack => "client-stack",
        }
    }

    /// The tables and views that customers may be read from, the best first, and the one that results go to.
    pub(super) const fn tables(self) -> (&'static [&'static str], &'static str) {
        match self {
            Self::Factory => (
                &["organizations_with_credits", "organizations"],
                "organizations",
            ),
            Self::Agency => (
                &["agency_onboarding_requests"],
                "agency_onboarding_requests",
            ),
            Self::Orchestra => (&["Customer", "customers"], "Customer"),
            Self::ClientStack => (&["clients"], "clients"),
        }
    }

    /// The first that reads a table of such a name.
    pub(super) fn of_tables(there: impl Fn(&str) -> bool) -> Option<Self> {
        let fits = |preset: &Self| preset.tables().0.iter().any(|name| there(name));
        Self::ALL.into_iter().find(fits)
    }

    const fn words(self) -> Words {
        match self {
            // A request is nobody's customer before somebody has approved it.
            Self::Agency => Words {
                read: &[
                    ("approved", Meaning::Pending),
                    ("provisioning", Meaning::Pending),
                    ("failed", Meaning::Pending),
                    ("completed", Meaning::Active),
                    ("pending", Meaning::Request),
                    ("rejected", Meaning::None),
                ],
                approved: Some("approved"),
                rejected: Some("rejected"),
                succeeded: "completed",
                failed: Some("failed"),
                removed: None,
            },
            Self::ClientStack => Words {
                read: &[
                    ("provisioning", Meaning::Pending),
                    ("failed", Meaning::Pending),
                    ("churned", Meaning::Inactive),
                ],
                approved: None,
                rejected: None,
                succeeded: "active",
                failed: Some("failed"),
                removed: Some("inactive"),
            },
            Self::Factory | Self::Orchestra => Words {
                read: &[
                    ("trial", Meaning::Pending),
                    ("provisioning", Meaning::Pending),
                ],
                approved: None,
                rejected: None,
                succeeded: "active",
                failed: None,
                removed: Some("inactive"),
            },
        }
    }
}

/// A mapping for a table with these columns: by the names that such columns go by, and by what a system is known for.
pub(super) fn proposed(
    preset: Option<Preset>,
    table: Relation,
    read: &[SourceColumn],
    written: Option<(Relation, &[SourceColumn])>,
) -> Mapping {
    let mut columns = BTreeMap::new();
    // A column by a field's own name counts before one by another name for it.
    let exact = |column: &&SourceColumn| column.name.parse::<SourceField>().is_ok();
    for column in read.iter().filter(exact).chain(read) {
        if let Some(field) = source_field(&column.name) {
            columns.entry(field).or_insert_with(|| column.name.clone());
        }
    }
    let key = columns.get(&SourceField::ExternalId).cloned();
    let results = written
        .zip(key)
        .map(|((table, written), key)| results_to(preset, table, written, key));
    let words = preset.map(Preset::words);
    let statuses = words.map_or(&[][..], |words| words.read).iter();
    Mapping {
        table,
        columns,
        statuses: statuses
            .map(|(word, meaning)| ((*word).to_owned(), *meaning))
            .collect(),
        blueprint: preset.map(|preset| preset.key().to_owned()),
        plan: None,
        results: results.filter(|results| !results.columns.is_empty()),
    }
}

/// Results in a table with these columns: in the words that a system is known for.
fn results_to(
    preset: Option<Preset>,
    table: Relation,
    written: &[SourceColumn],
    key: String,
) -> ResultMapping {
    let words = preset.map(Preset::words);
    let word = |of: fn(&Words) -> Option<&'static str>| {
        let word = words.as_ref().and_then(of);
        word.map(ToOwned::to_owned)
    };
    let mut results = ResultMapping {
        table,
        key,
        columns: result_columns(written),
        succeeded: word(|words| Some(words.succeeded)).or_else(|| Some("active".to_owned())),
        approved: word(|words| words.approved),
        rejected: word(|words| words.rejected),
        failed: word(|words| words.failed),
        removed: word(|words| words.removed),
    };
    spell(&mut results, written);
    results
}

/// Lets results go to another table, into the columns that are proposed of it. What was said of the key and the words stays;
/// where nothing was, they are proposed too.
pub(super) fn redirect(
    mapping: &mut Mapping,
    preset: Option<Preset>,
    table: Relation,
    written: &[SourceColumn],
) {
    let key = mapping.own_results().key;
    let proposed = results_to(preset, table, written, key);
    let mut results = match mapping.results.take() {
        Some(before) => ResultMapping {
            table: proposed.table,
            columns: proposed.columns,
            ..before
        },
        None => proposed,
    };
    spell(&mut results, written);
    mapping.results = Some(results);
}

/// Writes the words as an enumeration has them: its `ACTIVE` is `active`.
fn spell(results: &mut ResultMapping, written: &[SourceColumn]) {
    let name = results.columns.get(&ResultField::Status);
    let Some(column) = written.iter().find(|column| Some(&column.name) == name) else {
        return;
    };
    let words = [
        &mut results.approved,
        &mut results.rejected,
        &mut results.succeeded,
        &mut results.failed,
        &mut results.removed,
    ];
    for word in words.into_iter().flatten() {
        let plain = word.to_lowercase();
        let same = |label: &&String| label.to_lowercase() == plain;
        if !column.labels.contains(word)
            && let Some(label) = column.labels.iter().find(same)
        {
            word.clone_from(label);
        }
    }
}

/// The field that a column of this name is likely to hold.
fn source_field(column: &str) -> Option<SourceField> {
    // The names that older systems' tables have beyond those in files.
    let known = match plain(column).as_str() {
        "desiredsubdomain" | "requestedsubdomain" | "wishedsubdomain" => "subdomain",
        "currentcredits" | "creditstotal" | "totalcredits" => "credits",
        "subscriptionplan" | "tier" => "plan",
        "organisationname" | "agencyname" => "name",
        "billingemail" => "contact_email",
        "locale" => "language",
        _ => field(column)?,
    };
    known.parse().ok()
}

/// The columns for results that are there and may be written.
fn result_columns(written: &[SourceColumn]) -> BTreeMap<ResultField, String> {
    let mut columns = BTreeMap::new();
    for (field, names) in RESULTS {
        let named = |column: &&SourceColumn| names.contains(&plain(&column.name).as_str());
        if let Some(column) = written.iter().filter(|column| column.writable).find(named) {
            columns.insert(*field, column.name.clone());
        }
    }
    columns
}

/// What columns for results go by, without case, spaces, `_` and `-`.
const RESULTS: &[(ResultField, &[&str])] = &[
    (ResultField::Status, &["status", "provisioningstatus"]),
    (
        ResultField::ProductionUrl,
        &["productionurl", "instanceurl", "vercelurl", "siteurl"],
    ),
    (
        ResultField::GithubRepoUrl,
        &["githubrepourl", "githuburl", "repositoryurl", "repourl"],
    ),
    (
        ResultField::SupabaseProjectRef,
        &["supabaseprojectref", "supabaseprojectid", "supabaseref"],
    ),
    (ResultField::VercelProjectId, &["vercelprojectid"]),
    (ResultField::Run, &["provisioningrunid", "runid"]),
    (
        ResultField::Error,
        &["provisioningerror", "errormessage", "error"],
    ),
    (
        ResultField::StartedAt,
        &["provisioningstartedat", "startedat"],
    ),
    (
        ResultField::CompletedAt,
        &["provisioningcompletedat", "completedat"],
    ),
    (ResultField::ProvisionedAt, &["provisionedat"]),
];
