//! `fabrik blueprints check`: everything that is wrong with a blueprint, its SQL tried on a real database.

use std::path::{Path, PathBuf};

use fabrik_app::{Bench, Inspection, Outcome, Refusal, catalog_of, inspect_folder};
use fabrik_domain::{Cause, Problem, finding::Finding, language::Language};
use fabrik_postgres::{ApiRole, Caller, Error, Login, ScratchDatabase};
use serde_json::{Value, json};

use crate::{
    exit::Exit,
    output::{Output, bad, faint, good, strong},
    session::Session,
    words::{self, Label},
};

/// Looks at a blueprint of the workspace, or at a folder.
pub(super) async fn run(session: &Session, name: &str) -> Result<Exit, Problem> {
    let inspection = match folder(name) {
        Some(folder) => inspect_folder(&folder),
        // Nothing but its files is looked at, so the workspace need not be open.
        None => catalog_of(&session.options())?.inspect(name)?,
    };
    let Inspection {
        mut findings,
        trial,
    } = inspection;
    if let Some(trial) = trial {
        session.output.note(Label::TryingSql.get(session.language));
        let scratch = Scratch(ScratchDatabase::new().map_err(|error| broken(&error))?);
        let found = trial.on(&scratch).await.map_err(|error| broken(&error))?;
        findings.extend(found);
        findings.sort();
        findings.dedup();
    }
    answer(session, name, &findings);
    Ok(if findings.is_empty() {
        Exit::Done
    } else {
        Exit::Refused
    })
}

/// The folder that a path names; a name alone is one of the workspace.
fn folder(name: &str) -> Option<PathBuf> {
    let is_path = name.contains(['/', '\\']) || name.starts_with('.');
    is_path.then(|| Path::new(name).to_owned())
}

fn answer(session: &Session, name: &str, findings: &[Finding]) {
    let language = session.language;
    if !session.json {
        return print(&session.output, language, name, findings);
    }
    let worded: Vec<_> = findings
        .iter()
        .map(|finding| worded(language, finding))
        .collect();
    let mut document = json!({
        "blueprint": name, "ok": findings.is_empty(), "findings": worded,
    });
    if let Some(first) = findings.first() {
        // As for every command that is refused, the document says why at its top.
        let problem = Problem::from(Cause::BlueprintInvalid {
            blueprint: name.to_owned(),
            why: first.to_string(),
        });
        let error = words::error_document(language, &problem);
        for field in ["code", "message", "hint"] {
            document[field] = error[field].clone();
        }
    }
    session.output.document(&document);
}

/// A finding as scripts get it: where, the code, its parameters, the words.
fn worded(language: Language, finding: &Finding) -> Value {
    let mut document = serde_json::to_value(finding).unwrap_or_default();
    let text = words::flaw(language, &finding.flaw);
    document["message"] = text.message.into();
    document["hint"] = text.hint.into();
    document
}

fn print(out: &Output, language: Language, name: &str, findings: &[Finding]) {
    if findings.is_empty() {
        let fine = Label::NothingFound.get(language);
        return out.line(format_args!("{} {name}: {fine}", good("✓")));
    }
    for finding in findings {
        let line = finding.line.map(|line| format!(":{line}"));
        let file = format!("{}{}", finding.file, line.unwrap_or_default());
        let inside = [finding.step.as_deref(), finding.place.as_deref()];
        let inside: Vec<_> = inside.into_iter().flatten().collect();
        let text = words::flaw(language, &finding.flaw);
        let place = faint(inside.join(" · "));
        out.line(format_args!("{} {}  {place}", bad("✗"), strong(file)));
        out.line(format_args!("    {}", text.message));
        out.line(format_args!("    → {}", text.hint));
    }
    out.line(bad(words::findings(language, findings.len())));
}

/// A database for a moment, in which the SQL is tried.
struct Scratch(ScratchDatabase);

impl Scratch {
    async fn run(&self, login: &Login, sql: &str) -> Result<Outcome, Error> {
        match self.0.script(login, sql).await {
            Ok(answer) => Ok(Ok(answer.rows)),
            Err(Error::Sql(error)) => Ok(Err(Refusal {
                state: error.state,
                message: error.message,
                position: error.position,
            })),
            Err(other) => Err(other),
        }
    }
}

impl Bench for Scratch {
    type Error = Error;

    async fn owner(&self, sql: &str) -> Result<Outcome, Error> {
        self.run(&Login::Owner, sql).await
    }

    async fn anybody(&self, sql: &str) -> Result<Outcome, Error> {
        let caller = Caller {
            role: ApiRole::Anon,
            claims: json!({ "role": "anon" }),
            read_only: false,
        };
        self.run(&Login::Api(caller), sql).await
    }
}

/// A database that does not work says nothing about the blueprint.
fn broken(error: &Error) -> Problem {
    Problem::from(Cause::SandboxFailed).detail(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_from_a_name() {
        for path in ["./atelier", "/tmp/x", "..", ".", "a/b", "C:\\x"] {
            assert!(folder(path).is_some(), "{path}");
        }
        for name in ["factory", "my-own"] {
            assert!(folder(name).is_none(), "{name}");
        }
    }
}
