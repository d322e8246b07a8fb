//! What can be done with a run that has not succeeded.

use fabrik_app::views::{ReportedResource, ReportedRun, ReportedStep};
use fabrik_domain::{
    Cause, Problem,
    id::RunId,
    language::Language,
    resource::{Found, Origin, ResourceKind, ResourceState},
    run::{RunState, WaitReason},
};

use super::{gone_since, in_use};
use crate::words::{self, Label, Term};

/// What can be done with a run that has not succeeded.
pub(in crate::commands) fn next_steps(language: Language, run: &ReportedRun) -> Vec<String> {
    let mut lines = going_on(language, run);
    let rollback =
        |label: Label| format!("{}: fabrik runs rollback {}", label.get(language), run.id);
    match run.state {
        // Of one that can't be gone on with, only where there is something to take back.
        RunState::Failed | RunState::Cancelled if run.renamed.is_none() || stands(run) => {
            lines.push(rollback(Label::RollBack));
        }
        RunState::Leftovers if !gone_since(run) && in_use(run).is_none() => {
            lines.push(rollback(Label::RetryRollBack));
        }
        _ => {}
    }
    lines
}

/// How the run is gone on with: by the answer to what it asks, else by resuming it, or by what takes the place of that.
pub(in crate::commands) fn going_on(language: Language, run: &ReportedRun) -> Vec<String> {
    if let Some((label, command)) = instead(run) {
        return vec![format!("{}: {command}", label.get(language))];
    }
    let answers = answers(language, run);
    if answers.is_empty() && run.state.can_resume() {
        return vec![go_on(language, run.id)];
    }
    answers
}

/// How the run is gone on with that asks nothing.
pub(super) fn go_on(language: Language, run: RunId) -> String {
    format!("{}: fabrik runs resume {run}", Label::GoOn.get(language))
}

/// What takes the place of going on with a run that names by a subdomain which its customer has no more: another run, once
/// this one has ended.
pub(super) fn instead(run: &ReportedRun) -> Option<(Label, String)> {
    let renamed = run.renamed.as_ref()?;
    let Cause::SubdomainChanged { subdomain, .. } = renamed.cause.as_ref() else {
        return None;
    };
    Some(if run.state.is_active() {
        (Label::RollBack, format!("fabrik runs rollback {}", run.id))
    } else {
        (Label::SetUpWith, format!("fabrik provision {subdomain}"))
    })
}

/// Whether something that the run has made is there, or may be, that can be taken back.
fn stands(run: &ReportedRun) -> bool {
    let is_there = |resource: &ReportedResource| {
        let gone = matches!(
            resource.state,
            ResourceState::Removed | ResourceState::LetGo
        );
        !gone && resource.origin == Origin::Created && resource.kind != ResourceKind::Mail
    };
    run.resources.iter().any(is_there)
}

/// The steps that ask, each with what it asks and those that could be the customer's.
fn asking(run: &ReportedRun) -> Vec<(&ReportedStep, &Problem, &[Found])> {
    if run.state != RunState::Waiting || run.reason != Some(WaitReason::NeedsDecision) {
        return Vec::new();
    }
    let mut asking = Vec::new();
    for step in &run.steps {
        if let Some(problem) = &step.error
            && let Cause::Ambiguous { candidates, .. } = problem.cause.as_ref()
        {
            asking.push((step, problem, candidates.as_slice()));
        }
    }
    asking
}

/// What the run asks, of each step that does; none where it asks nothing. The answers are told after it, as [`answers`]:
/// the problem alone knows neither the run nor the step that its hint would have to name.
pub(super) fn questions(language: Language, run: &ReportedRun) -> Vec<String> {
    let mut lines = Vec::new();
    for (step, problem, _) in asking(run) {
        let asked = words::problem(language, problem).message;
        lines.push(format!("{}: {asked}", step.kind.word(language)));
    }
    lines
}

/// A command for each answer to what the run asks; none where it asks nothing.
pub(super) fn answers(language: Language, run: &ReportedRun) -> Vec<String> {
    let mut lines = Vec::new();
    for (step, _, candidates) in asking(run) {
        let command = format!("fabrik runs decide {} {}", run.id, step.id);
        for (place, found) in candidates.iter().enumerate() {
            let label = if place == 0 {
                Label::AnswerWith
            } else {
                Label::OrWith
            };
            let label = label.get(language);
            lines.push(format!("{label}: {command} --use {}", argument(&found.id)));
        }
        let none = Label::OrIfNoneIs.get(language);
        lines.push(format!("{none}: {command} --new"));
    }
    lines
}

/// A vendor's id as a shell takes it for one word and no more.
fn argument(id: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@".contains(c);
    if !id.is_empty() && id.chars().all(is_plain) {
        id.to_owned()
    } else {
        format!("'{}'", id.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use fabrik_app::views::RunReport;
    use serde_json::json;

    use super::*;
    use crate::{
        commands::outcome::{account_lines, document::document},
        work::{Outcome, testing::report},
    };

    /// A run that asks which of two projects is the customer's.
    fn undecided() -> RunReport {
        let found = |id: &str| json!({ "id": id, "name": "akermark" });
        let which = json!({ "code": "ambiguous", "name": "akermark",
            "candidates": [found("abcdef"), found("x; rm -rf '~'")] });
        let mut asking = report("waiting");
        asking.run.reason = Some(WaitReason::NeedsDecision);
        asking.run.error = serde_json::from_value(which.clone()).unwrap();
        asking.run.steps = serde_json::from_value(json!([
            { "id": "supabase", "kind": "supabase-project", "state": "running", "attempts": 1, "error": which },
            { "id": "repo", "kind": "github-repo", "state": "done", "attempts": 1 },
        ]))
        .unwrap();
        asking
    }

    #[test]
    fn a_run_that_asks_is_gone_on_with_by_its_answer() {
        let report = undecided();
        let command = format!("fabrik runs decide {} supabase", report.run.id);
        for language in [Language::Sv, Language::En] {
            let lines = account_lines(language, &report);
            let outcome = Outcome::Ended(Box::new(report.clone()));
            let hint = document(language, &outcome)["hint"].to_string();
            for answer in ["--use abcdef", "--new"] {
                let whole = format!("{command} {answer}");
                let told = lines.iter().any(|line| line.ends_with(&whole));
                assert!(told, "{whole}: {lines:#?}");
                assert!(hint.contains(&whole), "{whole}: {hint}");
            }
            let odd = lines
                .iter()
                .any(|line| line.ends_with(r"--use 'x; rm -rf '\''~'\'''"));
            assert!(odd, "one word to a shell: {lines:#?}");
            let resumed = lines.iter().any(|line| line.contains("runs resume"));
            assert!(!resumed && !hint.contains("runs resume"), "{lines:#?}");
        }
    }

    #[test]
    fn every_step_that_asks_says_what_with_commands_that_can_be_run_as_they_stand() {
        let mut report = undecided();
        let site = json!({ "code": "ambiguous", "name": "akermark-site",
            "candidates": [{ "id": "prj_1", "name": "akermark-site", "url": "https://vercel.com/x" }] });
        report.run.steps[1].error = serde_json::from_value(site).unwrap();
        for language in [Language::Sv, Language::En] {
            let lines = account_lines(language, &report);
            let said = lines.join("\n");
            for step in &report.run.steps {
                let asked = words::problem(language, step.error.as_ref().unwrap());
                let question = format!("{}: {}", step.kind.word(language), asked.message);
                let told = lines.iter().filter(|line| line.ends_with(&question));
                assert_eq!(told.count(), 1, "{question}: {said}");
                assert!(!said.contains(&asked.hint), "whose and where it is: {said}");
            }
            for answer in ["repo --use prj_1", "repo --new", "supabase --new"] {
                let whole = format!("fabrik runs decide {} {answer}", report.run.id);
                assert!(said.contains(&whole), "{whole}: {said}");
            }
        }
    }

    #[test]
    fn a_run_whose_customer_was_renamed_gives_way_to_a_new_one() {
        let made = json!([{ "step": "repo", "provider": "github", "kind": "repository", "id": "1",
            "name": "akermark", "origin": "created", "state": "live" }]);
        let renamed =
            json!({ "code": "subdomain_changed", "before": "akermark", "subdomain": "annat" });
        for (state, error, resources) in [
            ("cancelled", None, json!([])),
            ("failed", Some(Cause::DatabaseBusy.into()), made),
        ] {
            let mut report = report(state);
            report.run.error = error;
            report.run.resources = serde_json::from_value(resources).unwrap();
            report.run.renamed = serde_json::from_value(renamed.clone()).unwrap();
            let back = format!("fabrik runs rollback {}", report.run.id);
            let stands = !report.run.resources.is_empty();
            for language in [Language::Sv, Language::En] {
                let said = account_lines(language, &report).join("\n");
                assert!(said.contains("fabrik provision annat"), "{said}");
                assert!(!said.contains("runs resume"), "{said}");
                assert_eq!(said.contains(&back), stands, "{said}");
                let outcome = Outcome::Ended(Box::new(report.clone()));
                let told = document(language, &outcome);
                assert_eq!(told["hint"], "fabrik provision annat", "{told:#}");
                let why = &told["run"]["renamed"];
                assert_eq!(why["code"], "subdomain_changed", "{told:#}");
            }
        }
    }

    #[test]
    fn a_run_that_waits_for_something_else_is_resumed() {
        let mut report = undecided();
        report.run.reason = Some(WaitReason::NeedsCredential);
        let lines = next_steps(Language::En, &report.run);
        assert_eq!(lines, [go_on(Language::En, report.run.id)]);
    }
}
