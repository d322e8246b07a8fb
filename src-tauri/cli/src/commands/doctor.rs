//! `fabrik doctor`.

use fabrik_app::{
    diagnose_unopened,
    views::{Finding, FindingSubject},
};
use fabrik_domain::{Cause, Problem, language::Language};

use crate::{
    exit::Exit,
    output::{bad, faint, good, warning},
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
    // What has to be mended is told before what is only waited for.
    let to_mend = wrong.iter().find(|problem| !waits(problem));
    let first = to_mend.or(wrong.first()).copied();
    session.answer_with(&diagnosis, first, |out| {
        for finding in &diagnosis.findings {
            for line in lines(language, finding, &diagnosis.findings) {
                out.line(line);
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
        } else if to_mend.is_none() {
            Label::OnlyWaits
        } else {
            Label::NotAllWell
        };
        out.line(last.get(language));
    })?;
    Ok(exit)
}

/// Whether time alone mends it.
fn waits(problem: &Problem) -> bool {
    matches!(*problem.cause, Cause::Throttled { .. })
}

/// What was found of one thing, and beside which others.
fn lines(language: Language, finding: &Finding, all: &[Finding]) -> Vec<String> {
    let what = format!("{}  {}", finding.subject.word(language), finding.name);
    let aside = |label: Label| faint(format_args!("({})", label.get(language)));
    let Some(problem) = &finding.problem else {
        return vec![format!("{} {what}", good("✓"))];
    };
    if finding.optional {
        return vec![format!(
            "{} {what}  {}",
            faint("–"),
            aside(Label::NotNeeded)
        )];
    }
    if is_of_the_keyring(finding, all) {
        return vec![format!(
            "{} {what}  {}",
            bad("✗"),
            aside(Label::OfTheKeyring)
        )];
    }
    let mark = if finding.waits {
        warning("…")
    } else {
        bad("✗")
    };
    let mut lines = vec![format!("{mark} {what}")];
    let why = words::problem_lines(language, problem);
    lines.extend(why.into_iter().map(|line| format!("    {line}")));
    lines
}

/// Whether it is wrong for the keyring's sake alone, of which the same is told already.
fn is_of_the_keyring(finding: &Finding, all: &[Finding]) -> bool {
    // It may have been found locked, and not have answered whoever asked for a token then.
    let of_keyring = |one: &Finding| {
        let problem = one.problem.as_ref();
        problem.is_some_and(|problem| problem.cause.is_of_keyring())
    };
    let is_keyring = |one: &Finding| one.subject == FindingSubject::Keyring;
    let tells = |one: &Finding| is_keyring(one) && !one.optional && of_keyring(one);
    !is_keyring(finding) && of_keyring(finding) && all.iter().any(tells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyring_that_is_not_there_is_explained_once() {
        let finding = |subject, name: &str, cause: Cause, optional| Finding {
            subject,
            name: name.to_owned(),
            problem: Some(cause.into()),
            optional,
            waits: false,
        };
        for optional in [false, true] {
            let keyring = Cause::KeyringLocked;
            let all = [
                finding(
                    FindingSubject::Keyring,
                    "keyring",
                    keyring.clone(),
                    optional,
                ),
                finding(FindingSubject::Credential, "github", keyring.clone(), false),
                finding(
                    FindingSubject::Credential,
                    "supabase",
                    Cause::KeyringTimedOut,
                    false,
                ),
                finding(
                    FindingSubject::Credential,
                    "vercel",
                    Cause::CredentialRejected,
                    false,
                ),
            ];
            for language in [Language::Sv, Language::En] {
                let told = all.iter().flat_map(|one| lines(language, one, &all));
                let told: Vec<_> = told.collect();
                for cause in [&keyring, &Cause::CredentialRejected] {
                    let why = words::problem(language, &cause.clone().into()).message;
                    let times = told.iter().filter(|line| line.contains(&why)).count();
                    assert_eq!(times, 1, "{why}: {told:#?}");
                }
                // Locked when it was looked at, it may not have answered whoever asked it for a token then.
                let late = words::problem(language, &Cause::KeyringTimedOut.into()).message;
                let said = told.iter().any(|line| line.contains(&late));
                assert_eq!(said, optional, "{told:#?}");
                let named = told.iter().any(|line| line.contains("github"));
                assert!(named, "what it keeps from working is named: {told:#?}");
            }
        }
    }
}
