//! The names in a step's templates, and the order that follows from them.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    blueprint::StepKind,
    finding::{Finding, Flaw},
    setting,
};
use serde_json::Value;

use crate::{
    manifest::{MANIFEST, Manifest, Step},
    template::{self, Fault},
    values::CUSTOMER_FIELDS,
};

/// Roots of templates that are no steps.
pub(super) const ROOTS: [&str; 4] = ["customer", "parameters", "settings", "mark"];

/// What the templates of a blueprint refer to.
#[derive(Debug, Default)]
pub(crate) struct References {
    /// For each step the steps it needs, in the order in which they stand.
    pub needs: Vec<Vec<String>>,
    /// The texts that can't be rendered, by the step's index and the place.
    pub broken: BTreeSet<(usize, String)>,
}

/// Looks every name up, and follows the order.
pub(super) fn check(manifest: &Manifest, findings: &mut Vec<Finding>) -> References {
    // Of two steps with one name the first counts; that there are two is told elsewhere.
    let kinds: BTreeMap<&str, Option<StepKind>> = manifest
        .steps
        .iter()
        .rev()
        .map(|step| (step.id.as_str(), step.kind))
        .collect();
    let mut references = References::default();
    for (index, step) in manifest.steps.iter().enumerate() {
        let mut needed = BTreeSet::new();
        for (place, text) in texts(&step.with) {
            let mut flaws = Vec::new();
            match template::names(text) {
                Err(fault) => flaws.push(broken(step, &place, fault)),
                Ok(names) => {
                    for name in names {
                        match reference(&name, manifest, &kinds) {
                            Ok(step) => needed.extend(step),
                            Err(flaw) => flaws.push(step.finding(&place, flaw)),
                        }
                    }
                }
            }
            if !flaws.is_empty() {
                references.broken.insert((index, place));
            }
            findings.extend(flaws);
        }
        for other in &step.after {
            if kinds.contains_key(other.value.as_str()) {
                needed.insert(other.value.clone());
            } else {
                let unknown = other.value.clone();
                let finding = step.finding("after", Flaw::StepUnknown { unknown });
                findings.push(finding.line(other.line));
            }
        }
        let in_order = manifest.steps.iter().map(|step| &step.id);
        let needs = in_order.filter(|id| needed.contains(*id)).cloned();
        references.needs.push(needs.collect());
    }
    findings.extend(circle(&manifest.steps, &references.needs));
    references
}

/// A text that is no template, with the line in it.
fn broken(step: &Step, place: &str, fault: Fault) -> Finding {
    let (inner, why) = match fault {
        Fault::Syntax { line, why } | Fault::Failed { line, why } => (line, why),
        Fault::Unknown { .. } => (1, fault.to_string()),
    };
    step.finding(place, Flaw::TemplateBroken { why })
        .line(step.line_of(place) + inner - 1)
}

/// The step whose output a dotted name is, if it is one's. A name that stands for nothing is a flaw.
fn reference(
    name: &str,
    manifest: &Manifest,
    kinds: &BTreeMap<&str, Option<StepKind>>,
) -> Result<Option<String>, Flaw> {
    let (root, rest) = name.split_once('.').unwrap_or((name, ""));
    let field = rest.split('.').next().unwrap_or_default();
    let known = match root {
        "mark" => rest.is_empty(),
        "customer" => CUSTOMER_FIELDS.contains(&field),
        "parameters" => manifest.parameters.contains_key(rest),
        "settings" => setting::find(rest).is_ok(),
        step => match kinds.get(step) {
            None => {
                let unknown = step.to_owned();
                return Err(Flaw::StepUnknown { unknown });
            }
            // What a kind that there is not would hand on, nobody knows.
            Some(None) => return Ok(Some(step.to_owned())),
            Some(Some(kind)) if kind.outputs().contains(&rest) => return Ok(Some(step.to_owned())),
            Some(Some(kind)) => {
                return Err(Flaw::OutputUnknown {
                    name: name.to_owned(),
                    kind: *kind,
                    known: kind.outputs().iter().map(ToString::to_string).collect(),
                });
            }
        },
    };
    if known {
        Ok(None)
    } else {
        let name = name.to_owned();
        Err(Flaw::NameUnknown { name })
    }
}

/// Every text in `with`, with its place: `with.variables[2].value`.
pub(super) fn texts(with: &serde_json::Map<String, Value>) -> Vec<(String, &str)> {
    fn walk<'a>(place: String, value: &'a Value, found: &mut Vec<(String, &'a str)>) {
        match value {
            Value::String(text) => found.push((place, text)),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    walk(format!("{place}[{index}]"), item, found);
                }
            }
            Value::Object(fields) => {
                for (name, item) in fields {
                    walk(format!("{place}.{name}"), item, found);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut found = Vec::new();
    for (name, value) in with {
        walk(format!("with.{name}"), value, &mut found);
    }
    found
}

/// Takes away steps that need nothing that is left, and steps that nothing left needs, until none goes:
/// what then is left needs itself.
fn circle(steps: &[Step], needs: &[Vec<String>]) -> Option<Finding> {
    let mut left: BTreeMap<&str, &[String]> = steps
        .iter()
        .zip(needs)
        .rev()
        .map(|(step, needs)| (step.id.as_str(), needs.as_slice()))
        .collect();
    loop {
        let before = left.len();
        let there: BTreeSet<&str> = left.keys().copied().collect();
        let needed: BTreeSet<&str> = left
            .values()
            .flat_map(|needs| needs.iter().map(String::as_str))
            .collect();
        left.retain(|id, needs| {
            needed.contains(id) && needs.iter().any(|need| there.contains(need.as_str()))
        });
        if left.len() == before {
            break;
        }
    }
    let first = steps
        .iter()
        .find(|step| left.contains_key(step.id.as_str()))?;
    let flaw = Flaw::Cycle {
        steps: steps
            .iter()
            .filter(|step| left.contains_key(step.id.as_str()))
            .map(|step| step.id.clone())
            .collect(),
    };
    Some(Finding::new(MANIFEST, flaw).line(first.line))
}
