//! The documents of docs/command-line.md that tell what became of runs.

use fabrik_app::views::ReportedRun;
use fabrik_domain::{language::Language, run::RunState};
use serde_json::{Map, Value, json};

use super::{
    gone_since, in_use, is_called_off, leftovers,
    next::{answers, instead},
    worst,
};
use crate::{
    words::{self, Label, Term},
    work::Outcome,
};

/// The document of several, with the error of the worst at its top.
pub(super) fn several(language: Language, outcomes: &[Outcome], documents: &[Value]) -> Value {
    let mut document = json!({ "results": documents });
    put_worst_first(language, outcomes, &mut document);
    document
}

/// Puts at a document's top why its worst outcome did not end well, where one did not.
pub(super) fn put_worst_first(language: Language, outcomes: &[Outcome], document: &mut Value) {
    let exit = worst(outcomes);
    let found = outcomes.iter().find(|outcome| outcome.exit() == exit);
    let error = found.and_then(|outcome| not_well(language, outcome));
    if let (Some(error), Value::Object(fields)) = (error, document) {
        beside(fields, error);
    }
}

/// Adds an error's fields to those of a document, which keep their names: an error's own `run` has an id alone, a
/// document's is the run.
fn beside(document: &mut Map<String, Value>, error: Map<String, Value>) {
    for (name, value) in error {
        document.entry(name).or_insert(value);
    }
}

/// One of each outcome.
pub(super) fn documents(language: Language, outcomes: &[Outcome]) -> Vec<Value> {
    let outcomes = outcomes.iter();
    outcomes
        .map(|outcome| document(language, outcome))
        .collect()
}

/// The document of one outcome (docs/command-line.md), with the error at its top where it did not end well.
pub(super) fn document(language: Language, outcome: &Outcome) -> Value {
    let body = match outcome {
        Outcome::Ended(report) | Outcome::Cancelled(report) | Outcome::RolledBack(report) => {
            json!(report)
        }
        Outcome::Refused(plan) => {
            json!({ "customer": plan.customer, "missing": plan.missing, "steps": plan.steps })
        }
        Outcome::Broken(customer, Some(run), _) => {
            json!({ "customer": customer, "run": { "id": run } })
        }
        Outcome::NotBegun(customer) | Outcome::Broken(customer, None, _) => {
            json!({ "customer": customer })
        }
    };
    let mut document = words::explained(language, body);
    if let (Some(error), Value::Object(fields)) = (not_well(language, outcome), &mut document) {
        beside(fields, error);
    }
    document
}

/// What is said at a document's top of an outcome that did not end well.
fn not_well(language: Language, outcome: &Outcome) -> Option<Map<String, Value>> {
    let told = outcome.problem();
    let told = told.map(|problem| words::error_document(language, &problem));
    let Some(Value::Object(mut fields)) = told.or_else(|| standing(language, outcome)) else {
        return None;
    };
    if let Outcome::Ended(report) = outcome {
        let answers = answers(language, &report.run);
        // The error alone knows neither its run nor its step, nor who was renamed since.
        if let Some((_, command)) = instead(&report.run) {
            fields.insert("hint".to_owned(), command.into());
        } else if !answers.is_empty() {
            fields.insert("hint".to_owned(), answers.join("; ").into());
        }
    }
    Some(fields)
}

/// What a document says at its top where nothing went wrong and the run has not succeeded all the same.
fn standing(language: Language, outcome: &Outcome) -> Option<Value> {
    match outcome {
        Outcome::Ended(report) if report.run.state != RunState::Succeeded => {
            Some(why(language, &report.run))
        }
        Outcome::NotBegun(_) => Some(json!({
            "code": "run_not_begun",
            "message": Label::NotBegun.get(language),
            "hint": Label::SameAgain.get(language),
        })),
        _ => None,
    }
}

/// Where a run stands that has not succeeded, as scripts are told an error.
fn why(language: Language, run: &ReportedRun) -> Value {
    let message = match run.state {
        RunState::Cancelled => Label::Cancelled.get(language).to_owned(),
        RunState::RolledBack if is_called_off(run) => {
            Label::CancelledAndRolledBack.get(language).to_owned()
        }
        RunState::Interrupted => Label::Interrupted.get(language).to_owned(),
        RunState::Leftovers => leftovers(run).get(language).to_owned(),
        state => format!("{}: {}", Label::Run.get(language), state.word(language)),
    };
    let command = |verb: &str| format!("fabrik runs {verb} {}", run.id);
    let hint = match run.state {
        RunState::Leftovers if !gone_since(run) => match in_use(run) {
            Some(problem) => words::problem(language, problem).hint,
            None => command("rollback"),
        },
        state if state.can_resume() => command("resume"),
        _ => command("show"),
    };
    json!({
        "code": format!("run_{}", run.state.key()),
        "message": message,
        "hint": hint,
    })
}
