//! What holds for the manifest as a whole, and for each step's parameters as they are written.

use std::collections::BTreeSet;

use fabrik_domain::{
    blueprint::{Need, StepKind},
    finding::{Expected, Finding, Flaw},
    setting,
};

use super::references::ROOTS;
use crate::{
    document::Located,
    manifest::{MANIFEST, Manifest, Step},
    template,
};

pub(super) fn check(manifest: &Manifest, findings: &mut Vec<Finding>) {
    let mut flaw = |line: usize, place: &str, flaw| {
        findings.push(Finding::new(MANIFEST, flaw).line(line).place(place));
    };
    if manifest.plans.is_empty() {
        flaw(1, "plans", Flaw::FieldEmpty);
    }
    if manifest.steps.is_empty() {
        flaw(1, "steps", Flaw::FieldEmpty);
    }
    for (place, line, name) in twice(manifest) {
        flaw(line, place, Flaw::NameTwice { name });
    }
    for (name, text) in &manifest.parameters {
        if !is_word(name) {
            let expected = Expected::Word;
            flaw(
                text.line,
                &format!("parameters.{name}"),
                Flaw::FieldInvalid { expected },
            );
        }
    }
    for key in &manifest.settings {
        if setting::find(&key.value).is_err() {
            let setting = key.value.clone();
            flaw(key.line, "settings", Flaw::SettingUnknown { setting });
        }
    }
    for plan in &manifest.plans {
        let unknown = plan
            .value
            .parameters
            .keys()
            .filter(|name| !manifest.parameters.contains_key(*name));
        for parameter in unknown {
            let parameter = parameter.clone();
            let place = format!("plans.{}.parameters", plan.value.name);
            flaw(plan.line, &place, Flaw::PlanParameterUnknown { parameter });
        }
    }
    let of_kind = |kind| manifest.steps.iter().find(|step| step.kind == Some(kind));
    if let (Some(schema), None) = (
        of_kind(StepKind::DatabaseSchema),
        of_kind(StepKind::IsolationCheck),
    ) {
        findings.push(schema.finding("", Flaw::IsolationMissing));
    }
    for step in &manifest.steps {
        if !is_word(&step.id) || ROOTS.contains(&step.id.as_str()) {
            let expected = Expected::Word;
            findings.push(step.finding("id", Flaw::FieldInvalid { expected }));
        }
        if let Some(kind) = step.kind {
            parameters(step, kind, findings);
        }
        if step.kind == Some(StepKind::ClientConfig) && lacks_its_repository(step, manifest) {
            let flaw = Flaw::ParameterMissing {
                kind: StepKind::ClientConfig,
                parameter: REPOSITORY_ID.to_owned(),
            };
            findings.push(step.finding("with.repository", flaw));
        }
    }
}

/// By which a file is known to go with its repository.
const REPOSITORY_ID: &str = "repository_id";

/// Whether a file lies in a repository that a step of the blueprint makes, and doesn't say so: it would be
/// put back by itself, and stand in the way where anybody has edited it, although the repository goes.
fn lacks_its_repository(step: &Step, manifest: &Manifest) -> bool {
    let makes = |id: &str| {
        let mut steps = manifest.steps.iter();
        steps.any(|other| other.id == id && other.kind == Some(StepKind::GithubRepo))
    };
    let repository = step.with.get("repository").and_then(|value| value.as_str());
    let names = repository.and_then(|text| template::names(text).ok());
    !step.with.contains_key(REPOSITORY_ID)
        && names.is_some_and(|names| {
            let mut roots = names.iter().filter_map(|name| name.split('.').next());
            roots.any(makes)
        })
}

/// Names that are there before: the list, the line, the name.
fn twice(manifest: &Manifest) -> Vec<(&'static str, usize, String)> {
    fn among<'a>(
        place: &'static str,
        names: impl Iterator<Item = (usize, &'a String)>,
    ) -> Vec<(&'static str, usize, String)> {
        let mut seen = BTreeSet::new();
        names
            .filter(|(_, name)| !seen.insert((*name).clone()))
            .map(|(line, name)| (place, line, name.clone()))
            .collect()
    }
    let located = |list: &'static str, names: &[Located<String>]| {
        among(list, names.iter().map(|name| (name.line, &name.value)))
    };
    let steps = manifest.steps.iter().map(|step| (step.line, &step.id));
    let plans = manifest.plans.iter().map(|p| (p.line, &p.value.name));
    [
        among("steps", steps),
        among("plans", plans),
        located("modules", &manifest.modules),
        located("settings", &manifest.settings),
    ]
    .concat()
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The names of a step's parameters.
fn parameters(step: &Step, kind: StepKind, findings: &mut Vec<Finding>) {
    let known = kind.parameters();
    for name in step.with.keys() {
        if !known.iter().any(|parameter| parameter.name == name) {
            let flaw = Flaw::ParameterUnknown {
                kind,
                parameter: name.clone(),
                known: known.iter().map(|p| p.name.to_owned()).collect(),
            };
            let finding = Finding::new(MANIFEST, flaw).step(step.id.clone());
            findings.push(finding.line(step.line_of(&format!("with.{name}"))));
        }
    }
    for parameter in known {
        if parameter.need != Need::Optional && !step.with.contains_key(parameter.name) {
            let parameter = parameter.name.to_owned();
            findings.push(step.finding("", Flaw::ParameterMissing { kind, parameter }));
        }
    }
}
