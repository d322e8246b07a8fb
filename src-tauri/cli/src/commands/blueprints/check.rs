//! `fabrik blueprints check`: everything that is wrong with a blueprint, its SQL tried on a real database.

use std::{
    iter,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use fabrik_app::{Bench, Inspection, Outcome, Refusal, catalog_of, inspect_folder};
use fabrik_domain::{Cause, Problem, finding::Finding, language::Language};
use fabrik_postgres::{ApiRole, Caller, Error, Login, ScratchDatabase};
use serde_json::{Value, json};
use tokio::{sync::Mutex, time::timeout};

use crate::{
    exit::Exit,
    output::{Output, bad, faint, good, strong},
    session::Session,
    words::{self, Label},
};

/// How long one file's SQL may take. A file of tables and policies is done in a moment, and one that is not is tried twice
/// to find where, while somebody waits in the editor. The time is kept from outside: a sleep or a loop in the embedded
/// server hears of no `statement_timeout`.
const LIMIT: Duration = Duration::from_secs(20);

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
        let scratch = Scratch::new().map_err(|error| broken(&error))?;
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
struct Scratch(Mutex<Bed>);

/// The database, and what brought it to where it is.
struct Bed {
    database: ScratchDatabase,
    applied: Vec<String>,
}

impl Scratch {
    fn new() -> Result<Self, Error> {
        Ok(Self(Mutex::new(Bed {
            database: ScratchDatabase::new()?,
            applied: Vec::new(),
        })))
    }

    async fn run(&self, login: &Login, sql: &str) -> Result<Outcome, Error> {
        let mut bed = self.0.lock().await;
        // Its start is not the SQL's time.
        bed.database.wake().await?;
        let answered = timeout(LIMIT, bed.database.script(login, sql)).await;
        match answered {
            Ok(Ok(answer)) => {
                if *login == Login::Owner {
                    bed.applied.push(sql.to_owned());
                }
                Ok(Ok(answer.rows))
            }
            Ok(Err(Error::Sql(error))) => Ok(Err(Refusal::Said {
                state: error.state,
                message: error.message,
                position: error.position,
            })),
            Ok(Err(other)) => Err(other),
            Err(_) => {
                bed.make_anew().await?;
                let seconds = LIMIT.as_secs();
                Ok(Err(Refusal::Endless { seconds }))
            }
        }
    }
}

impl Bed {
    /// Another database in the same state, for the server that does not end what it was asked.
    async fn make_anew(&mut self) -> Result<(), Error> {
        self.database.abandon().await;
        self.database = ScratchDatabase::new()?;
        for sql in &self.applied {
            self.database.script(&Login::Owner, sql).await?;
        }
        Ok(())
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

    fn broke(error: &Error) -> Option<&str> {
        match error {
            Error::Broken { why, .. } => Some(why),
            _ => None,
        }
    }

    async fn endless(&self, statements: &[&str]) -> Result<Option<usize>, Error> {
        let mut bed = self.0.lock().await;
        bed.database.wake().await?;
        let steps = iter::once("begin").chain(statements.iter().copied());
        let steps = steps.map(str::to_owned).collect();
        let ended = Arc::new(AtomicUsize::new(0));
        let run = bed.database.steps(&Login::Owner, steps, Arc::clone(&ended));
        let answered = timeout(LIMIT, run).await;
        match answered {
            // It takes less by itself, or goes otherwise.
            Ok(Ok(()) | Err(Error::Sql(_))) => Ok(None),
            Ok(Err(other)) => Err(other),
            Err(_) => {
                let at = ended.load(Ordering::Relaxed).checked_sub(1);
                bed.make_anew().await?;
                Ok(at)
            }
        }
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
