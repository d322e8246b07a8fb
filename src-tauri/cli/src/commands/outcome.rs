//! What became of the runs this process drove: the documents of docs/command-line.md, or an account for people that
//! ends with what to do next.

mod document;
mod next;

use fabrik_app::{
    App,
    views::{ReportedResource, ReportedRun, ReportedStep, RunReport},
};
use fabrik_domain::{
    Cause, Problem,
    language::Language,
    resource::{ResourceKind, ResourceState},
    run::{Purpose, RunState, StepState},
};
use serde_json::{Value, json};

pub(super) use self::next::{going_on, next_steps};
use self::{
    document::{documents, put_worst_first, several},
    next::{go_on, questions},
};
use super::{as_asked, plan};
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
            Ok(only) => several(session.language, outcomes, &only),
            Err(documents) => several(session.language, outcomes, &documents),
        };
        session.output.document(&document);
    } else {
        accounts(session, outcomes);
    }
    worst(outcomes)
}

/// Says that the sandbox ends, where an address was given that then answers no more.
pub(crate) fn note_end(session: &Session, app: &App, outcomes: &[Outcome]) {
    let gave_address = |outcome: &Outcome| match outcome {
        Outcome::Ended(report) => report.instance_url.is_some(),
        _ => false,
    };
    // A script reads when it ends in the sandbox's own file.
    if !session.json
        && outcomes.iter().any(gave_address)
        && let Some(seconds) = app.sandbox_ends_after()
    {
        let note = words::sandbox_ends(session.language, seconds);
        session.output.note(note);
    }
}

/// Prints the outcomes beside what brought them about, whose document has them as its `results`.
pub(crate) fn print_with(session: &Session, outcomes: &[Outcome], cause: &Value) -> Exit {
    if session.json {
        let mut document = words::explained(session.language, cause.clone());
        document["results"] = json!(documents(session.language, outcomes));
        put_worst_first(session.language, outcomes, &mut document);
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

/// What became of each, for people.
fn accounts(session: &Session, outcomes: &[Outcome]) {
    let language = session.language;
    for (place, outcome) in outcomes.iter().enumerate() {
        if place > 0 {
            session.output.line("");
        }
        match outcome {
            Outcome::Ended(report) => {
                account(&session.output, language, report);
                untold(&session.output, language, report);
            }
            Outcome::Cancelled(report) => {
                as_asked::cancelled(&session.output, language, report);
                untold(&session.output, language, report);
            }
            Outcome::RolledBack(report) => {
                as_asked::rolled_back(&session.output, language, report);
                untold(&session.output, language, report);
            }
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
                    let line = go_on(language, *run);
                    session.output.line(format_args!("  {line}"));
                }
            }
        }
    }
}

/// A run's account for people.
pub(crate) fn account(out: &Output, language: Language, report: &RunReport) {
    for line in account_lines(language, report) {
        out.line(line);
    }
}

fn account_lines(language: Language, report: &RunReport) -> Vec<String> {
    let name = strong(&report.customer.name);
    let run = &report.run;
    let took = run
        .finished_at
        .map(|end| words::seconds(end.duration_since(run.started_at).as_secs_f64()));
    // Why something is left over is said where that is named.
    let fails = |step: &&ReportedStep| step.error.is_some() && step.state != StepState::Leftover;
    let failed = run.steps.iter().find(fails);
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
        RunState::RolledBack if is_called_off(run) => warning(say(Label::CancelledAndRolledBack)),
        RunState::RolledBack => bad(say(Label::RolledBack)),
        RunState::Leftovers if gone_since(run) => warning(say(leftovers(run))),
        RunState::Leftovers => bad(say(leftovers(run))),
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
    let mut lines = vec![format!("{name}: {headline}")];
    if let Some(url) = &report.instance_url {
        lines.push(format!("  {url}"));
    }
    let succeeded = run.state == RunState::Succeeded;
    if succeeded {
        // What the owner still has to do: set the records of a domain.
        let waits = |step: &&ReportedStep| step.state == StepState::Deferred;
        let waits = run.steps.iter().filter(waits);
        for problem in waits.filter_map(|step| step.error.as_ref()) {
            lines.extend(indented(words::problem_lines(language, problem)));
        }
    }
    let asked = questions(language, run);
    if !asked.is_empty() {
        lines.extend(indented(asked));
    } else if let Some(problem) = run
        .error
        .as_ref()
        .or_else(|| failed.and_then(|step| step.error.as_ref()))
        && !succeeded
    {
        lines.extend(indented(words::problem_lines(language, problem)));
    }
    if let Some(mail) = &run.owner_mail {
        lines.push(format!("  {}", words::failure_mail(language, mail)));
        if let Some(problem) = &mail.problem {
            let why = words::problem_lines(language, problem);
            lines.push(format!("    {}", why.join("  ")));
        }
    }
    // What a removal left is told by its plan.
    if !(succeeded && run.purpose == Purpose::Deprovision) {
        lines.extend(indented(resources(language, run)));
    }
    if let Some(problem) = &run.renamed {
        lines.push(format!("  {}", words::problem(language, problem).message));
    }
    lines.extend(indented(next_steps(language, run)));
    lines
}

/// A word beside the account where the agency's own table doesn't say how the run ended.
fn untold(out: &Output, language: Language, report: &RunReport) {
    for line in untold_lines(language, report) {
        out.note(line);
    }
}

fn untold_lines(language: Language, report: &RunReport) -> Vec<String> {
    let Some(problem) = &report.run.source_problem else {
        return Vec::new();
    };
    let name = &report.customer.name;
    super::untold::lines(language, name, Label::ResultUntold, problem)
}

/// Below what they belong to.
pub(super) fn indented(lines: Vec<String>) -> impl Iterator<Item = String> {
    lines.into_iter().map(|line| format!("  {line}"))
}

/// Why something is left over.
fn reason<'a>(run: &'a ReportedRun, resource: &ReportedResource) -> Option<&'a Problem> {
    if resource.state != ResourceState::Leftover {
        return None;
    }
    let of_it = |step: &&ReportedStep| step.id == resource.step;
    let step = run.steps.iter().find(of_it)?;
    // On its way back again, it says what it waits for.
    let tells = step.state == StepState::Leftover;
    step.error.as_ref().filter(|_| tells)
}

/// What is said of a run that left something over.
fn leftovers(run: &ReportedRun) -> Label {
    match run.purpose {
        _ if gone_since(run) => Label::LeftoversGone,
        Purpose::Provision if is_called_off(run) => Label::CancelledWithLeftovers,
        Purpose::Provision => Label::LeftoversRemain,
        Purpose::Deprovision => Label::RemovalLeftovers,
    }
}

/// Whether a run that was taken back has not failed: it was cancelled, by whoever it was, and its policy took back what it
/// had made; or it stood still, and somebody had it taken back.
fn is_called_off(run: &ReportedRun) -> bool {
    let was_taken_back = matches!(run.state, RunState::RolledBack | RunState::Leftovers);
    was_taken_back && run.error.is_none()
}

/// Whether another run has taken away what this one left over: there is nothing to try again. Where no step says that it
/// left anything, secrets of the run could not be dropped, and another try may drop them.
pub(super) fn gone_since(run: &ReportedRun) -> bool {
    let left = |step: &ReportedStep| step.state == StepState::Leftover;
    let is_there = |resource: &ReportedResource| resource.state == ResourceState::Leftover;
    run.steps.iter().any(left) && !run.resources.iter().any(is_there)
}

/// What says that another try is in vain: all that is left over is used by a later run, or lies in what is.
fn in_use(run: &ReportedRun) -> Option<&Problem> {
    let mut used = None;
    for resource in &run.resources {
        if resource.state != ResourceState::Leftover {
            continue;
        }
        let problem = reason(run, resource)?;
        match *problem.cause {
            Cause::UsedByLaterRun { .. } => used = Some(problem),
            Cause::LiesInLeftover { .. } => {}
            _ => return None,
        }
    }
    used
}

/// What exists; of what is left over, why, and what to do about it.
pub(super) fn resources(language: Language, run: &ReportedRun) -> Vec<String> {
    let shown = run.resources.iter();
    let mut shown = shown
        .filter(|resource| resource.state != ResourceState::Removed)
        .peekable();
    if shown.peek().is_none() {
        let nothing = if run.resources.is_empty() {
            Label::NoResources
        } else {
            Label::AllRemoved
        };
        return vec![nothing.get(language).to_owned()];
    }
    let mut lines = vec![format!("{}:", Label::Resources.get(language))];
    for resource in shown {
        let how = if is_replaced(run, resource) {
            Label::Replaced.get(language)
        } else {
            words::standing(language, resource.kind, resource.origin, resource.state)
        };
        let kind = resource.kind.word(language);
        let url = resource.url.as_deref().unwrap_or_default();
        let line = format!("  - {kind} {} ({how})  {url}", resource.name);
        lines.push(line.trim_end().to_owned());
        if let Some(problem) = reason(run, resource) {
            let why = words::problem_lines(language, problem);
            lines.extend(why.into_iter().map(|line| format!("    {line}")));
        }
    }
    lines
}

/// Whether the run made another project after this one, which the vendor had given up: it goes with the instance, and
/// until then may still be there.
fn is_replaced(run: &ReportedRun, resource: &ReportedResource) -> bool {
    let of_it = |other: &&ReportedResource| {
        (other.kind, &other.step, other.state)
            == (resource.kind, &resource.step, ResourceState::Live)
    };
    let newest = run.resources.iter().rfind(of_it);
    resource.kind == ResourceKind::SupabaseProject
        && resource.state == ResourceState::Live
        && newest.is_some_and(|newest| newest.id != resource.id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{document::document, *};
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
    fn no_field_of_an_error_takes_the_place_of_the_documents_own() {
        let run = report("running").run.id;
        let active = Problem::from(Cause::RunActive { run });
        let outcome = Outcome::Broken(None, None, active.clone());
        let alone = document(Language::En, &outcome);
        assert_eq!(
            alone["run"],
            json!({ "id": run }),
            "as every run: {alone:#}"
        );
        let mut failed = report("failed");
        failed.run.error = Some(active);
        let ended = document(Language::En, &Outcome::Ended(Box::new(failed)));
        assert_eq!(ended["code"], "run_active", "{ended:#}");
        assert!(ended["run"]["steps"].is_array(), "{ended:#}");
    }

    #[test]
    fn several_say_the_worst_at_the_top() {
        let outcomes = [
            ended("succeeded"),
            ended("interrupted"),
            Outcome::Broken(None, None, Cause::DatabaseBusy.into()),
        ];
        let documents = documents(Language::En, &outcomes);
        let document = several(Language::En, &outcomes, &documents);
        assert_eq!(document["code"], "database_busy", "{document:#}");
        assert!(document["hint"].is_string(), "{document:#}");
        assert_eq!(document["results"].as_array().map(Vec::len), Some(3));
        let done = [ended("succeeded")];
        let document = several(Language::En, &done, &[]);
        assert_eq!(document, json!({ "results": [] }), "nothing went wrong");
    }

    #[test]
    fn a_result_that_could_not_be_written_is_told_with_what_next() {
        let mut report = report("succeeded");
        assert!(untold_lines(Language::En, &report).is_empty());
        let problem = Problem::from(Cause::SourceColumnLocked {
            table: "public.clients".to_owned(),
            column: "status".to_owned(),
        });
        report.run.source_problem = Some(problem.clone());
        for language in [Language::Sv, Language::En] {
            let said = untold_lines(language, &report).join("\n");
            let text = words::problem(language, &problem);
            for part in [&*text.message, &*text.hint, "fabrik source refresh"] {
                assert!(said.contains(part), "{part} in {said}");
            }
        }
        let outcome = Outcome::Ended(Box::new(report));
        assert_eq!(outcome.exit(), Exit::Done, "the run has succeeded");
        let document = document(Language::En, &outcome);
        let told = &document["run"]["source_problem"];
        assert_eq!(told["code"], "source_column_locked", "{document:#}");
        assert!(told["hint"].is_string(), "{document:#}");
    }

    /// A run that left a project over, for this reason, and with it what lies there.
    fn left_over(why: &Value) -> RunReport {
        let mut report = report("leftovers");
        let lies = json!({ "code": "lies_in_leftover", "name": "akermark" });
        report.run.steps = serde_json::from_value(json!([
            { "id": "site", "kind": "vercel-project", "state": "leftover", "attempts": 1, "error": why },
            { "id": "env", "kind": "vercel-environment", "state": "leftover", "attempts": 1, "error": lies },
        ]))
        .unwrap();
        report.run.resources = serde_json::from_value(json!([
            { "step": "site", "provider": "vercel", "kind": "vercel_project", "id": "prj_1",
              "name": "akermark", "origin": "created", "state": "leftover" },
            { "step": "env", "provider": "vercel", "kind": "vercel_environment", "id": "prj_1",
              "name": "KEY", "origin": "created", "state": "leftover" },
        ]))
        .unwrap();
        report
    }

    #[test]
    fn what_is_left_over_says_why_and_what_next() {
        let why = json!({ "code": "not_ours", "name": "akermark" });
        let mut removal = left_over(&why);
        removal.run.purpose = Purpose::Deprovision;
        let mut failed = left_over(&why);
        failed.run.error = Some(Cause::DatabaseBusy.into());
        for language in [Language::Sv, Language::En] {
            for report in [&removal, &failed] {
                let lines = account_lines(language, report);
                for step in &report.run.steps {
                    let text = words::problem(language, step.error.as_ref().unwrap());
                    let at = lines
                        .iter()
                        .position(|line| *line == format!("      {}", text.message));
                    let at = at.unwrap_or_else(|| panic!("{}: {lines:#?}", text.message));
                    assert_eq!(
                        lines[at + 1],
                        format!("      → {}", text.hint),
                        "{lines:#?}"
                    );
                    let said = lines.iter().filter(|line| line.contains(&text.message));
                    assert_eq!(said.count(), 1, "once, where it is named: {lines:#?}");
                }
                let retry = format!("fabrik runs rollback {}", report.run.id);
                assert!(
                    lines.iter().any(|line| line.ends_with(&retry)),
                    "{lines:#?}"
                );
            }
        }
    }

    #[test]
    fn what_a_later_run_uses_is_not_to_be_tried_again() {
        let why = json!({ "code": "used_by_later_run", "name": "akermark", "number": 7 });
        let report = left_over(&why);
        for language in [Language::Sv, Language::En] {
            let lines = account_lines(language, &report);
            let has = |text: &str| lines.iter().any(|line| line.contains(text));
            assert!(has("fabrik deprovision"), "{lines:#?}");
            assert!(!has("rollback"), "{lines:#?}");
            let outcome = Outcome::Ended(Box::new(report.clone()));
            let hint = document(language, &outcome)["hint"].to_string();
            assert!(hint.contains("fabrik deprovision"), "{hint}");
        }
    }

    #[test]
    fn what_is_gone_since_is_not_to_be_tried_again() {
        let why = json!({ "code": "not_ours", "name": "akermark" });
        for purpose in [Purpose::Provision, Purpose::Deprovision] {
            let mut report = left_over(&why);
            report.run.purpose = purpose;
            for resource in &mut report.run.resources {
                resource.state = ResourceState::Removed;
            }
            for language in [Language::Sv, Language::En] {
                let lines = account_lines(language, &report);
                let has = |text: &str| lines.iter().any(|line| line.contains(text));
                assert!(has(Label::LeftoversGone.get(language)), "{lines:#?}");
                assert!(has(Label::AllRemoved.get(language)), "{lines:#?}");
                assert!(!has("rollback"), "{lines:#?}");
                let outcome = Outcome::Ended(Box::new(report.clone()));
                let document = document(language, &outcome);
                assert_eq!(document["message"], Label::LeftoversGone.get(language));
                let hint = document["hint"].to_string();
                assert!(!hint.contains("rollback"), "{hint}");
            }
        }
    }

    #[test]
    fn a_run_that_was_cancelled_is_not_told_as_failed() {
        let mut report = report("rolled_back");
        for language in [Language::Sv, Language::En] {
            let cancelled = Label::CancelledAndRolledBack.get(language);
            let failed = Label::RolledBack.get(language);
            report.run.error = None;
            let said = account_lines(language, &report).join("\n");
            assert!(said.contains(cancelled) && !said.contains(failed), "{said}");
            let outcome = Outcome::Ended(Box::new(report.clone()));
            let document = document(language, &outcome);
            assert_eq!(document["code"], "run_rolled_back", "{document:#}");
            assert_eq!(document["message"], cancelled, "{document:#}");
            // What it was asked to make is not there.
            assert_eq!(outcome.exit(), Exit::Failed);
            report.run.error = Some(Cause::DatabaseBusy.into());
            let said = account_lines(language, &report).join("\n");
            assert!(said.contains(failed) && !said.contains(cancelled), "{said}");
        }
    }

    #[test]
    fn a_run_that_was_cancelled_says_so_of_its_leftovers_too() {
        let mut report = left_over(&json!({ "code": "not_ours", "name": "akermark" }));
        for language in [Language::Sv, Language::En] {
            let cancelled = Label::CancelledWithLeftovers.get(language);
            report.run.error = None;
            let said = account_lines(language, &report).join("\n");
            assert!(said.contains(cancelled), "{said}");
            let outcome = Outcome::Ended(Box::new(report.clone()));
            let document = document(language, &outcome);
            assert_eq!(document["code"], "run_leftovers", "{document:#}");
            assert_eq!(document["message"], cancelled, "{document:#}");
            assert_eq!(outcome.exit(), Exit::Leftovers);
            report.run.error = Some(Cause::DatabaseBusy.into());
            let said = account_lines(language, &report).join("\n");
            assert!(!said.contains(cancelled), "{said}");
            let remain = Label::LeftoversRemain.get(language);
            assert!(said.contains(remain), "{said}");
        }
    }

    #[test]
    fn a_project_that_was_given_up_is_not_told_as_the_customers() {
        let mut report = report("succeeded");
        let project = |step: &str, id: &str| {
            json!({ "step": step, "provider": "supabase", "kind": "supabase_project", "id": id,
                "name": "akermark", "origin": "created", "state": "live" })
        };
        let all = [
            project("supabase", "first"),
            project("supabase", "second"),
            project("other", "third"),
        ];
        report.run.resources = serde_json::from_value(json!(all)).unwrap();
        for language in [Language::Sv, Language::En] {
            let lines = resources(language, &report.run);
            let replaced = Label::Replaced.get(language);
            let told: Vec<_> = lines[1..]
                .iter()
                .map(|line| line.contains(replaced))
                .collect();
            assert_eq!(told, [true, false, false], "{lines:#?}");
        }
    }

    #[test]
    fn where_only_secrets_were_left_another_try_is_offered() {
        let lines = account_lines(Language::En, &report("leftovers"));
        let retried = lines.iter().any(|line| line.contains("runs rollback"));
        assert!(retried, "{lines:#?}");
    }

    #[test]
    fn a_removal_that_left_something_over_is_not_told_as_a_rollback() {
        let mut report = left_over(&json!({ "code": "not_ours", "name": "akermark" }));
        report.run.purpose = Purpose::Deprovision;
        for language in [Language::Sv, Language::En] {
            let outcome = Outcome::Ended(Box::new(report.clone()));
            let message = document(language, &outcome)["message"].clone();
            assert_eq!(message, Label::RemovalLeftovers.get(language));
        }
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
        // A rollback that was asked for is done, as a run that has succeeded.
        let back = Outcome::RolledBack(Box::new(report("rolled_back")));
        for outcome in [ended("succeeded"), back] {
            let done = document(Language::En, &outcome);
            assert!(done.get("code").is_none(), "{done:#}");
        }
    }
}
