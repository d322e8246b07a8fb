//! What can be done with a run that has not succeeded.

use fabrik_app::views::ReportedRun;
use fabrik_domain::{
    Cause,
    id::RunId,
    language::Language,
    run::{RunState, WaitReason},
};

use super::{gone_since, in_use};
use crate::words::Label;

/// What can be done with a run that has not succeeded.
pub(in crate::commands) fn next_steps(language: Language, run: &ReportedRun) -> Vec<String> {
    let mut lines = going_on(language, run);
    let rollback =
        |label: Label| format!("{}: fabrik runs rollback {}", label.get(language), run.id);
    match run.state {
        RunState::Failed | RunState::Cancelled => lines.push(rollback(Label::RollBack)),
        RunState::Leftovers if !gone_since(run) && in_use(run).is_none() => {
            lines.push(rollback(Label::RetryRollBack));
        }
        _ => {}
    }
    lines
}

/// How the run is gone on with: by the answer to what it asks, else by resuming it.
pub(in crate::commands) fn going_on(language: Language, run: &ReportedRun) -> Vec<String> {
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

/// A command for each answer to what the run asks; none where it asks nothing.
pub(super) fn answers(language: Language, run: &ReportedRun) -> Vec<String> {
    if run.state != RunState::Waiting || run.reason != Some(WaitReason::NeedsDecision) {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for step in &run.steps {
        let Some(Cause::Ambiguous { candidates, .. }) =
            step.error.as_ref().map(|problem| problem.cause.as_ref())
        else {
            continue;
        };
        let these = candidates
            .iter()
            .map(|found| format!("--use {}", argument(&found.id)));
        for (place, answer) in these.chain(["--new".to_owned()]).enumerate() {
            let label = if place == 0 {
                Label::AnswerWith
            } else {
                Label::OrWith
            };
            lines.push(format!(
                "{}: fabrik runs decide {} {} {answer}",
                label.get(language),
                run.id,
                step.id
            ));
        }
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
    fn asking() -> RunReport {
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
        let report = asking();
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
    fn a_run_that_waits_for_something_else_is_resumed() {
        let mut report = asking();
        report.run.reason = Some(WaitReason::NeedsCredential);
        let lines = next_steps(Language::En, &report.run);
        assert_eq!(lines, [go_on(Language::En, report.run.id)]);
    }
}
