//! `blueprint.toml` as it is written.

use std::collections::BTreeMap;

use fabrik_domain::blueprint::{Bilingual, SalesPlan, StepKind};
use serde::Deserialize;

/// The name of the file.
pub(crate) const MANIFEST: &str = "blueprint.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub version: u32,
    pub title: Bilingual,
    pub description: Bilingual,
    pub plans: Vec<SalesPlan>,
    #[serde(default)]
    pub modules: Vec<String>,
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    #[serde(default)]
    pub settings: Vec<String>,
    pub steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub id: String,
    pub kind: StepKind,
    /// Steps that must be complete before, besides those whose outputs are used.
    #[serde(default)]
    pub after: Vec<String>,
    #[serde(default)]
    pub with: serde_json::Map<String, serde_json::Value>,
}

/// Reads it. The error is one line and names where.
pub(crate) fn parse(text: &str) -> Result<Manifest, String> {
    toml::from_str(text).map_err(|error| {
        let begin = error.span().map_or(0, |span| span.start);
        let before = text.get(..begin).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        format!("{MANIFEST}, line {line}: {}", error.message())
    })
}
