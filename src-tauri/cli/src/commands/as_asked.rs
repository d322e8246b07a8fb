//! What is said of a run that was cancelled or taken back as it was asked for: that is no failure.

use fabrik_app::views::RunReport;
use fabrik_domain::language::Language;

use super::outcome::{indented, next_steps, resources};
use crate::{
    output::{Output, good, strong},
    words::{Label, Term},
};

/// A run that was cancelled, with what exists; or that the process which drives it stops.
pub(super) fn cancelled(out: &Output, language: Language, report: &RunReport) {
    let state = report.run.state;
    if state.is_active() {
        let asked = Label::CancelAsked.get(language);
        out.line(format_args!("{asked} ({})", state.word(language)));
    } else {
        let done = Label::CancelDone.get(language);
        out.line(format_args!("{done} ({})", state.word(language)));
        let lines = [
            resources(language, &report.run),
            next_steps(language, &report.run),
        ];
        for line in indented(lines.concat()) {
            out.line(line);
        }
    }
}

/// A run that was taken back. What it had failed at is told by its account.
pub(super) fn rolled_back(out: &Output, language: Language, report: &RunReport) {
    for line in rolled_back_lines(language, report) {
        out.line(line);
    }
}

fn rolled_back_lines(language: Language, report: &RunReport) -> Vec<String> {
    let run = &report.run;
    let name = strong(&report.customer.name);
    let done = good(run.state.word(language));
    let mut lines = vec![format!("{name}: {done}")];
    lines.extend(indented(resources(language, run)));
    lines
}

#[cfg(test)]
mod tests {
    use fabrik_domain::Cause;

    use super::*;
    use crate::{words, work::testing::report};

    #[test]
    fn what_was_taken_back_is_not_told_as_failed() {
        let mut report = report("rolled_back");
        report.run.error = Some(Cause::DatabaseBusy.into());
        for language in [Language::Sv, Language::En] {
            let said = rolled_back_lines(language, &report).join("\n");
            assert!(said.contains(report.run.state.word(language)), "{said}");
            let why = words::problem(language, &Cause::DatabaseBusy.into()).message;
            for failure in [Label::RolledBack.get(language), &*why] {
                assert!(!said.contains(failure), "{failure}: {said}");
            }
        }
    }
}
