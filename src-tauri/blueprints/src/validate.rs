//! What a blueprint must be to run: names that exist, an order that ends, files that are there.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    blueprint::{SalesPlan, StepKind},
    language::Language,
    setting,
};
use serde_json::Value;

use crate::{
    folder::Files,
    manifest::{MANIFEST, Manifest, Step},
    template,
    values::CUSTOMER_FIELDS,
};

/// Roots of templates that are no steps.
const ROOTS: [&str; 4] = ["customer", "parameters", "settings", "mark"];

/// Tried inside a transaction that is rolled back, to prove that tables are closed.
const CANARY: &str = "canary.sql";

/// The parts of a mail, by the ends of their files' names: `email/welcome.sv.html`.
const MAIL_PARTS: [&str; 3] = ["subject", "html", "txt"];

/// Checks a manifest against the folder's files, and gives for each step the steps it needs. An error
/// names the file and the place.
pub(crate) fn check(manifest: &Manifest, files: &Files) -> Result<Vec<Vec<String>>, String> {
    general(manifest).map_err(|why| format!("{MANIFEST}: {why}"))?;
    let kinds: BTreeMap<&str, StepKind> = manifest
        .steps
        .iter()
        .map(|step| (step.id.as_str(), step.kind))
        .collect();
    let mut needs = Vec::new();
    for step in &manifest.steps {
        let place = |why| format!("{MANIFEST}, step {}: {why}", step.id);
        needs.push(needs_of(step, manifest, &kinds).map_err(place)?);
        files_of(step, files).map_err(place)?;
    }
    acyclic(&manifest.steps, &needs).map_err(|why| format!("{MANIFEST}: {why}"))?;
    Ok(needs)
}

fn general(manifest: &Manifest) -> Result<(), String> {
    if manifest.version == 0 {
        return Err("version: counts from 1".to_owned());
    }
    for (field, text) in [
        ("title", &manifest.title),
        ("description", &manifest.description),
    ] {
        if text.sv.trim().is_empty() || text.en.trim().is_empty() {
            return Err(format!("{field}: is empty in one of the languages"));
        }
    }
    if manifest.plans.is_empty() {
        return Err("plans: there is none".to_owned());
    }
    if manifest.steps.is_empty() {
        return Err("steps: there is none".to_owned());
    }
    twice(manifest.steps.iter().map(|step| &step.id), "step")?;
    twice(manifest.plans.iter().map(|plan| &plan.name), "plan")?;
    twice(manifest.modules.iter(), "module")?;
    for step in &manifest.steps {
        if !is_name(&step.id) || ROOTS.contains(&step.id.as_str()) {
            return Err(format!(
                "step {}: the id must be a word a template can name",
                step.id
            ));
        }
    }
    if let Some(name) = manifest.parameters.keys().find(|name| !is_name(name)) {
        return Err(format!(
            "parameter {name}: must be a word a template can name"
        ));
    }
    for key in &manifest.settings {
        setting::find(key).map_err(|_| format!("settings: there is no setting {key}"))?;
    }
    manifest.plans.iter().try_for_each(|plan| {
        check_plan(plan, &manifest.parameters).map_err(|why| format!("plan {}: {why}", plan.name))
    })
}

fn check_plan(plan: &SalesPlan, parameters: &BTreeMap<String, String>) -> Result<(), String> {
    if let Some(name) = plan
        .parameters
        .keys()
        .find(|name| !parameters.contains_key(*name))
    {
        return Err(format!("the blueprint has no parameter {name}"));
    }
    let Some(price) = &plan.monthly_price else {
        return Ok(());
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let amount = price.amount.split_once('.').map_or_else(
        || digits(&price.amount),
        |(whole, part)| digits(whole) && digits(part),
    );
    if !amount {
        return Err(format!("{} is no amount such as 25.00", price.amount));
    }
    if price.currency.len() != 3 || !price.currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(format!("{} is no currency such as EUR", price.currency));
    }
    let mut date = price.as_of.splitn(3, '-');
    let part = |text: Option<&str>, len| text.is_some_and(|t| t.len() == len && digits(t));
    if !(part(date.next(), 4) && part(date.next(), 2) && part(date.next(), 2)) {
        return Err(format!("{} is no day such as 2026-11-21", price.as_of));
    }
    Ok(())
}

fn twice<'a>(names: impl Iterator<Item = &'a String>, what: &str) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("{what} {name}: is there twice"));
        }
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The steps that a step needs, in the order in which they stand.
fn needs_of(
    step: &Step,
    manifest: &Manifest,
    kinds: &BTreeMap<&str, StepKind>,
) -> Result<Vec<String>, String> {
    let mut needed = BTreeSet::new();
    for (place, text) in texts(&step.with) {
        let names = template::names(text).map_err(|fault| format!("{place}: {fault}"))?;
        for name in names {
            let root =
                reference(&name, manifest, kinds).map_err(|why| format!("{place}: {why}"))?;
            needed.extend(root);
        }
    }
    for other in &step.after {
        if !kinds.contains_key(other.as_str()) {
            return Err(format!("after: there is no step {other}"));
        }
        needed.insert(other.clone());
    }
    let in_order = manifest.steps.iter().map(|step| &step.id);
    Ok(in_order
        .filter(|id| needed.contains(*id))
        .cloned()
        .collect())
}

/// The step whose output a dotted name is, if it is one's. A name that stands for nothing is an error.
fn reference(
    name: &str,
    manifest: &Manifest,
    kinds: &BTreeMap<&str, StepKind>,
) -> Result<Option<String>, String> {
    let (root, rest) = name.split_once('.').unwrap_or((name, ""));
    let field = rest.split('.').next().unwrap_or_default();
    let known = match root {
        "mark" => rest.is_empty(),
        "customer" => CUSTOMER_FIELDS.contains(&field),
        "parameters" => manifest.parameters.contains_key(rest),
        "settings" => setting::find(rest).is_ok(),
        step => match kinds.get(step) {
            None => return Err(format!("{{{{ {name} }}}}: there is no step {step}")),
            Some(kind) if kind.outputs().contains(&rest) => return Ok(Some(step.to_owned())),
            Some(kind) => {
                let outputs = kind.outputs().join(", ");
                return Err(format!("{{{{ {name} }}}}: {kind} hands on {outputs}"));
            }
        },
    };
    if known {
        Ok(None)
    } else {
        Err(format!("{{{{ {name} }}}}: there is no such name"))
    }
}

/// Every text in `with`, with its place: `with.variables[2].value`.
fn texts(with: &serde_json::Map<String, Value>) -> Vec<(String, &str)> {
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

/// The files that a step of these kinds reads must be in the folder, and be templates that can be read.
fn files_of(step: &Step, files: &Files) -> Result<(), String> {
    let there = |path: &str| {
        files
            .get(path)
            .ok_or_else(|| format!("{path} is not in the folder"))
    };
    match step.kind {
        StepKind::DatabaseSchema => {
            let named = step
                .with
                .get("files")
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice);
            if named.is_empty() {
                return Err("with.files: names no file".to_owned());
            }
            for path in named {
                there(path.as_str().unwrap_or_default())?;
            }
            there(CANARY).map(drop)
        }
        StepKind::WelcomeEmail => {
            let template = step
                .with
                .get("template")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let given: BTreeSet<&str> = step
                .with
                .get("values")
                .and_then(Value::as_object)
                .into_iter()
                .flat_map(|values| values.keys().map(String::as_str))
                .collect();
            for language in [Language::Sv, Language::En] {
                for part in MAIL_PARTS {
                    let path = format!("{template}.{}.{part}", language.code());
                    let names = template::names(there(&path)?)
                        .map_err(|fault| format!("{path}: {fault}"))?;
                    if let Some(name) = names.iter().find(|name| !given.contains(name.as_str())) {
                        return Err(format!("{path}: with.values has no {name}"));
                    }
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Takes away steps that need nothing that is left, until none is; what then is left goes in circles.
fn acyclic(steps: &[Step], needs: &[Vec<String>]) -> Result<(), String> {
    let mut left: BTreeMap<&str, &[String]> = steps
        .iter()
        .zip(needs)
        .map(|(step, needs)| (step.id.as_str(), needs.as_slice()))
        .collect();
    loop {
        let free: Vec<&str> = left
            .iter()
            .filter(|(_, needs)| !needs.iter().any(|need| left.contains_key(need.as_str())))
            .map(|(id, _)| *id)
            .collect();
        if free.is_empty() {
            break;
        }
        left.retain(|id, _| !free.contains(id));
    }
    if left.is_empty() {
        return Ok(());
    }
    let circle: Vec<_> = left.keys().copied().collect();
    Err(format!(
        "steps need each other in a circle: {}",
        circle.join(", ")
    ))
}
