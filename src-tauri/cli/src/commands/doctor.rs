//! `fabrik doctor`.

use fabrik_app::{diagnose_unopened, views::Finding};
use fabrik_domain::{Cause, Problem};

use crate::{
    exit::Exit,
    output::{bad, faint, good},
    session::Session,
    words::{self, Label, Term},
};

/// Looks at everything Fabrik stands on; where the workspace can't be opened, at what it is made of.
pub(crate) async fn run(session: &Session) -> Result<Exit, Problem> {
    let language = session.language;
    let diagnosis = match session.open().await {
        Ok(app) => app.doctor().await?,
        Err(problem) => diagnose_unopened(&session.options(), problem).await?,
    };
    let wrong: Vec<_> = diagnosis
        .findings
        .iter()
        .filter(|finding| !finding.optional)
        .filter_map(|finding| finding.problem.as_ref())
        .collect();
    let exit = wrong
        .iter()
        .map(|problem| Exit::of_problem(problem))
        .fold(Exit::Done, Exit::worse);
    session.answer_with(&diagnosis, wrong.first().copied(), |out| {
        for finding in &diagnosis.findings {
            let what = format!("{}  {}", finding.subject.word(language), finding.name);
            match &finding.problem {
                None => out.line(format_args!("{} {what}", good("✓"))),
                Some(_) if finding.optional => {
                    let aside = Label::NotNeeded.get(language);
                    out.line(format_args!(
                        "{} {what}  {}",
                        faint("–"),
                        faint(format_args!("({aside})"))
                    ));
                }
                Some(problem) => {
                    out.line(format_args!("{} {what}", bad("✗")));
                    for line in words::problem_lines(language, problem) {
                        out.line(format_args!("    {line}"));
                    }
                }
            }
        }
        // Nothing else is mended by an older database: a full disk has a sound one.
        let damaged = |finding: &Finding| {
            let problem = finding.problem.as_ref();
            problem.is_some_and(|problem| matches!(*problem.cause, Cause::DatabaseDamaged))
        };
        if diagnosis.findings.iter().any(damaged) && !diagnosis.copies.is_empty() {
            let days: Vec<_> = diagnosis.copies.iter().map(|copy| &*copy.day).collect();
            let label = Label::CopiesOffered.get(language);
            out.line(format_args!("{label}: {}", days.join(", ")));
            out.line(format_args!("  fabrik copies restore {}", days[0]));
        }
        let last = if diagnosis.healthy {
            Label::AllWell
        } else {
            Label::NotAllWell
        };
        out.line(last.get(language));
    })?;
    Ok(exit)
}
