//! What became of the runs this process drove: the documents of docs/command-line.md, or an account for people that
//! ends with what to do next.

use fabrik_app::views::{ReportedRun, ReportedStep, RunReport};
use fabrik_domain::{
    id::RunId,
    language::Language,
    resource::ResourceState,
    run::{Purpose, RunState, StepState},
};
use serde_json::{Map, Value, json};

use super::plan;
use crate::{
    exit::Exit,
    output::{Output, bad, good, strong, warning},
    session::Session,
    words::{self, Label, Term},
    work::Outcome,
};

/// Prints the outcomes; `single` is one customer that was asked for by name.
pub(crate) fn print(session: &Session, outcomes: &[Outcome], single: bool) -> Exit {
    if session.json {
        let documents = documents(session.language, outcomes);
        let document = match <[Value; 1]>::try_from(documents) {
            Ok([only]) if single => only,
            Ok(only) => json!({ "results": only }),
            Err(several) => json!({ "results": several }),
        };
        session.output.document(&document);
    } else {
        accounts(session, outcomes);
    }
    worst(outcomes)
}

/// Prints the outcomes beside what brought them about, whose document has them as its `results`.
pub(crate) fn print_with(session: &Session, outcomes: &[Outcome], cause: &Value) -> Exit {
    if session.json {
        let mut document = words::explained(session.language, cause.clone());
        document["results"] = json!(documents(session.language, outcomes));
        session.output.document(&document);
    } else {
        session.output.line("");
        accounts(session, outcomes);
    }
    worst(outcomes)
}

fn worst(outcomes: &[Outcome]) -> Exit {
    let exits = outcomes.iter().map(Outcome::exit);
    exits.fold(Exit::Done, Exit::worse)
}

fn documents(language: Language, outcomes: &[Outcome]) -> Vec<Value> {
    let outcomes = outcomes.iter();
    outcomes
        .map(|outcome| document(language, outcome))
        .collect()
}

/// What became of each, for people.
fn accounts(session: &Session, outcomes: &[Outcome]) {
    let language = session.language;
    for (place, outcome) in outcomes.iter().enumerate() {
        if place > 0 {
            session.output.line("");
        }
        match outcome {
            Outcome::Ended(report) => account(&session.output, language, report),
            Outcome::Cancelled(report) => cancelled(&session.output, language, report),
            Outcome::Refused(refused) => plan::print(&session.output, language, refused),
            Outcome::NotBegun(customer) => {
                let name = customer
                    .as_ref()
                    .map_or("?", |customer| customer.name.as_str());
                session
                    .output
                    .line(format_args!("{name}: {}", Label::NotBegun.get(language)));
            }
            Outcome::Broken(customer, run, problem) => {
                if let Some(customer) = customer {
                    session
                        .output
                        .line(format_args!("{}:", strong(&customer.name)));
                }
                session.complain(problem);
                if let Some(run) = run {
                    go_on(&session.output, language, *run);
                }
            }
        }
    }
}

/// The document of one outcome (docs/command-line.md), with the error at its top where it did not end well.
fn document(language: Language, outcome: &Outcome) -> Value {
    let body = match outcome {
        Outcome::Ended(report) | Outcome::Cancelled(report) => json!(report),
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
    let told = outcome.problem();
    let told = told.map(|problem| words::error_document(language, &problem));
    let mut fields = match told.or_else(|| standing(language, outcome)) {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    if let Value::Object(body) = words::explained(language, body) {
        for (name, value) in body {
            fields.entry(name).or_insert(value);
        }
    }
    Value::Object(fields)
}

/// What a document says at its top where nothing went wrong and the run has not succeeded all the same.
fn standing(language: Language, outcome: &Outcome) -> Option<Value> {
    match outcome {
        Outcome::Ended(report) if report.run.state != RunState::Succeeded => {
            Some(why(language, report.run.id, report.run.state))
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
fn why(language: Language, run: RunId, state: RunState) -> Value {
    let message = match state {
        RunState::Cancelled => Label::Cancelled.get(language).to_owned(),
        RunState::Interrupted => Label::Interrupted.get(language).to_owned(),
        RunState::Leftovers => Label::LeftoversRemain.get(language).to_owned(),
        state => format!("{}: {}", Label::Run.get(language), state.word(language)),
    };
    let verb = match state {
        RunState::Leftovers => "rollback",
        state if state.can_resume() => "resume",
        _ => "show",
    };
    json!({
        "code": format!("run_{}", state.key()),
        "message": message,
        "hint": format!("fabrik runs {verb} {run}"),
    })
}

/// A run's account for people.
pub(crate) fn account(out: &Output, language: Language, report: &RunReport) {
    let name = strong(&report.customer.name);
    let run = &report.run;
    let took = run
        .finished_at
        .map(|end| words::seconds(end.duration_since(run.started_at).as_secs_f64()));
    let failed = run.steps.iter().find(|step| step.error.is_some());
    let at = failed
        .map(|step| step.kind.word(language))
        .unwrap_or_default();
    let say = |label: Label| label.get(language);
    let headline = match run.state {
        RunState::Succeeded if run.purpose == Purpose::Deprovision => {
            good(say(Label::InstanceRemoved))
        }
        RunState::Succeeded => good(format_args!(
            "{} {}",
            say(Label::ReadyIn),
            took.unwrap_or_default()
        )),
        RunState::Failed if at.is_empty() => bad(run.state.word(language)),
        RunState::Failed => bad(format_args!("{} {at}", say(Label::FailedAt))),
        RunState::RolledBack => bad(say(Label::RolledBack)),
        RunState::Leftovers if run.purpose == Purpose::Deprovision => {
            bad(say(Label::RemovalLeftovers))
        }
        RunState::Leftovers => bad(say(Label::LeftoversRemain)),
        RunState::Cancelled => warning(say(Label::Cancelled)),
        RunState::Interrupted => warning(say(Label::Interrupted)),
        RunState::Waiting => {
            let reason = run
                .reason
                .map(|reason| reason.word(language))
                .unwrap_or_default();
            warning(format_args!("{}: {reason} ({at})", say(Label::Waits)))
        }
        RunState::Queued | RunState::Running | RunState::Undoing => warning(say(Label::Elsewhere)),
    };
    out.line(format_args!("{name}: {headline}"));
    if let Some(url) = &report.instance_url {
        out.line(format_args!("  {url}"));
    }
    let succeeded = run.state == RunState::Succeeded;
    if succeeded {
        // What the owner still has to do: set the records of a domain.
        let waits = |step: &&ReportedStep| step.state == StepState::Deferred;
        let waits = run.steps.iter().filter(waits);
        for problem in waits.filter_map(|step| step.error.as_ref()) {
            for line in words::problem_lines(language, problem) {
                out.line(format_args!("  {line}"));
            }
        }
    }
    if let Some(problem) = run
        .error
        .as_ref()
        .or_else(|| failed.and_then(|step| step.error.as_ref()))
        && !succeeded
    {
        for line in words::problem_lines(language, problem) {
            out.line(format_args!("  {line}"));
        }
    }
    if let Some(mail) = &run.owner_mail {
        out.line(format_args!("  {}", words::told(language, mail)));
        if let Some(problem) = &mail.problem {
            let why = words::problem_lines(language, problem);
            out.line(format_args!("    {}", why.join("  ")));
        }
    }
    // What a removal left is told by its plan.
    if !(succeeded && run.purpose == Purpose::Deprovision) {
        resources(out, language, report);
    }
    next_steps(out, language, run);
}

/// What can be done with a run that has not succeeded.
fn next_steps(out: &Output, language: Language, run: &ReportedRun) {
    let say = |label: Label| label.get(language);
    if run.state.can_resume() {
        go_on(out, language, run.id);
    }
    if matches!(run.state, RunState::Failed | RunState::Cancelled) {
        out.line(format_args!(
            "  {}: fabrik runs rollback {}",
            say(Label::RollBack),
            run.id
        ));
    }
    if run.state == RunState::Leftovers {
        out.line(format_args!(
            "  {}: fabrik runs rollback {}",
            say(Label::RetryRollBack),
            run.id
        ));
    }
}

/// A run that was cancelled, with what exists; or that the process which drives it stops.
fn cancelled(out: &Output, language: Language, report: &RunReport) {
    let state = report.run.state;
    if state.is_active() {
        let asked = Label::CancelAsked.get(language);
        out.line(format_args!("{asked} ({})", state.word(language)));
    } else {
        let done = Label::CancelDone.get(language);
        out.line(format_args!("{done} ({})", state.word(language)));
        resources(out, language, report);
        next_steps(out, language, &report.run);
    }
}

/// How the run is gone on with.
fn go_on(out: &Output, language: Language, run: RunId) {
    let label = Label::GoOn.get(language);
    out.line(format_args!("  {label}: fabrik runs resume {run}"));
}

fn resources(out: &Output, language: Language, report: &RunReport) {
    let shown = || {
        report
            .run
            .resources
            .iter()
            .filter(|resource| resource.state != ResourceState::Removed)
    };
    if shown().next().is_none() {
        let nothing = if report.run.resources.is_empty() {
            Label::NoResources
        } else {
            Label::AllRemoved
        };
        out.line(format_args!("  {}", nothing.get(language)));
        return;
    }
    out.line(format_args!("  {}:", Label::Resources.get(language)));
    for resource in shown() {
        let how = match resource.state {
            ResourceState::Live => resource.origin.word(language),
            state => state.word(language),
        };
        let kind = resource.kind.word(language);
        let url = resource.url.as_deref().unwrap_or_default();
        let line = format!("- {kind} {} ({how})  {url}", resource.name);
        out.line(format_args!("    {}", line.trim_end()));
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::Cause;

    use super::*;
    use crate::work::testing::report;

    fn ended(state: &str) -> Outcome {
        Outcome::Ended(Box::new(report(state)))
    }

    #[test]
    fn a_run_that_cannot_be_read_is_named_all_the_same() {
        let run = report("running").run.id;
        let outcome = Outcome::Broken(None, Some(run), Cause::DatabaseBusy.into());
        assert_eq!(outcome.exit(), Exit::Resumable);
        let document = document(Language::En, &outcome);
        assert_eq!(document["run"]["id"], json!(run), "{document:#}");
        assert_eq!(document["code"], "database_busy", "{document:#}");
        let refused = Outcome::Broken(None, None, Cause::DatabaseBusy.into());
        assert_eq!(refused.exit(), Exit::Failed, "no run was taken");
    }

    #[test]
    fn what_did_not_succeed_says_so_at_the_top_of_its_document() {
        for outcome in [
            ended("cancelled"),
            ended("interrupted"),
            ended("rolled_back"),
            ended("leftovers"),
            Outcome::NotBegun(None),
        ] {
            for language in [Language::Sv, Language::En] {
                let document = document(language, &outcome);
                for field in ["code", "message", "hint"] {
                    let text = document[field].as_str().unwrap_or_default();
                    assert!(!text.is_empty(), "{field}: {document:#}");
                }
            }
        }
        let done = document(Language::En, &ended("succeeded"));
        assert!(done.get("code").is_none(), "{done:#}");
    }
}
