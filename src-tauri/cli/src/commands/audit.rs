//! `fabrik audit`: the log of who did what.

use clap::Subcommand;
use fabrik_app::{AuditFault, AuditVerdict};
use fabrik_domain::{Problem, language::Language};

use crate::{
    exit::Exit,
    output::{Output, bad, good},
    session::Session,
    words::{self, Label},
};

/// `fabrik audit …`.
#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Holds the log against what the keyring knows of it
    Verify,
    /// Writes all of it as JSON, with what `scripts/verify-audit.mjs` checks it by
    Export,
}

/// Looks at the log.
pub(crate) async fn run(command: Audit, session: &Session) -> Result<Exit, Problem> {
    let app = session.open().await?;
    match command {
        Audit::Verify => {
            let verdict = app.audit_verify().await?;
            let problem = verdict.problem();
            session.answer_with(&verdict, problem.as_ref(), |out| {
                print(out, session.language, &verdict);
            })?;
            Ok(problem.as_ref().map_or(Exit::Done, Exit::of_problem))
        }
        Audit::Export => {
            session.output.text(app.audit_export().await?);
            Ok(Exit::Done)
        }
    }
}

fn print(out: &Output, language: Language, verdict: &AuditVerdict) {
    let say = |label: Label| label.get(language);
    let AuditVerdict {
        entries,
        since,
        of_others,
        ..
    } = verdict;
    let faults = verdict.faults.iter().map(AuditFault::problem);
    let unproved = verdict.problem().filter(|_| verdict.faults.is_empty());
    for problem in faults.chain(unproved) {
        let lines = words::problem_lines(language, &problem);
        for (place, line) in lines.iter().enumerate() {
            match place {
                0 => out.line(format_args!("{} {line}", bad("✗"))),
                _ => out.line(format_args!("    {line}")),
            }
        }
    }
    if verdict.problem().is_none() {
        let told = match verdict.covered_through {
            Some(_) => format!("{}: {}", say(Label::AuditCovered), entries - since),
            None => say(Label::AuditAwaited).to_owned(),
        };
        out.line(format_args!("{} {told}", good("✓")));
    }
    let from = verdict.since_at.map(words::local);
    let from = from.map(|at| format!(", {} {at}", say(Label::AuditFrom)));
    let from = from.unwrap_or_default();
    out.line(format_args!("  {}: {since}{from}", say(Label::AuditSince)));
    for number in &verdict.restored {
        out.line(format_args!("  {}: {number}", say(Label::AuditRestored)));
    }
    if *of_others > 0 {
        out.line(format_args!("  {}: {of_others}", say(Label::AuditOfOthers)));
    }
}
