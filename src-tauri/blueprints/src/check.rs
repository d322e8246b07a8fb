//! Everything that is wrong with a blueprint, all at once, as far as it can be told without a database.
//! What a database tells is in [`crate::trial`].

mod detours;
mod general;
mod node;
mod references;
mod rendering;
mod schema;
mod statements;
mod words;

use std::collections::BTreeSet;

use fabrik_domain::finding::{Finding, Flaw};

use crate::{
    folder::Files,
    manifest::{self, MANIFEST, Manifest},
};

#[cfg(test)]
pub(crate) use detours::LEADING_OUT;
pub(crate) use references::References;
#[cfg(test)]
pub(crate) use statements::PROTECTED;
use statements::Purpose;
pub(crate) use words::is_of_tenancy;

/// A row for every table, inside a transaction that is rolled back.
pub(crate) const CANARY: &str = "canary.sql";

/// What a step of kind `database-schema` says, rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schema {
    pub step: String,
    /// Where it lists its tables.
    pub line: usize,
    pub files: Vec<String>,
    pub tables: Vec<String>,
    pub forbidden_columns: Vec<String>,
    pub forbidden_tables: Vec<String>,
    /// The columns that say who the customer is, with their table: `organization.name`.
    pub profile: Vec<String>,
}

/// A blueprint as it was found.
#[derive(Debug, Default)]
pub(crate) struct Examined {
    /// `None` where there is none, or it is no TOML.
    pub manifest: Option<Manifest>,
    pub references: References,
    /// In the order of their steps.
    pub schemas: Vec<Schema>,
    /// By file and line.
    pub findings: Vec<Finding>,
}

/// Looks at a blueprint's files, the manifest among them.
pub(crate) fn examine(files: &Files) -> Examined {
    let mut examined = Examined::default();
    let mut canaries: BTreeSet<_> = [CANARY.to_owned()].into();
    match files.get(MANIFEST) {
        None => {
            let finding = Finding::new(MANIFEST, Flaw::ManifestMissing);
            examined.findings.push(finding);
        }
        Some(text) => {
            let (manifest, findings) = manifest::read(text);
            examined.findings = findings;
            if let Some(manifest) = manifest {
                let findings = &mut examined.findings;
                general::check(&manifest, findings);
                examined.references = references::check(&manifest, findings);
                let shown = rendering::check(&manifest, files, &examined.references, findings);
                examined.schemas = shown.schemas;
                canaries.extend(shown.canaries);
                examined.manifest = Some(manifest);
            }
        }
    }
    for (path, text) in files {
        for line in words::secrets(text) {
            let finding = Finding::new(path, Flaw::SecretWritten).line(line);
            examined.findings.push(finding);
        }
        let is_sql = path.rsplit_once('.').is_some_and(|(_, end)| end == "sql");
        if is_sql {
            let is_canary = canaries.contains(path);
            sql(path, text, is_canary, &mut examined.findings);
        }
    }
    examined.findings.sort();
    examined.findings.dedup();
    examined
}

fn sql(path: &str, text: &str, is_canary: bool, findings: &mut Vec<Finding>) {
    let purpose = if is_canary {
        Purpose::Canary
    } else {
        Purpose::Schema
    };
    for (line, statement) in statements::forbidden(text, purpose) {
        findings.push(Finding::new(path, Flaw::StatementForbidden { statement }).line(line));
    }
    if !is_canary {
        for (name, line) in words::tenancy(text) {
            findings.push(Finding::new(path, Flaw::TenancyWord { name }).line(line));
        }
    }
}
