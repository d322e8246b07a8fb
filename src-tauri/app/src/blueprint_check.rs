//! Blueprints and what is wrong with them. Their SQL is tried on an embedded database, which the desktop app does not
//! link: the command line beside it does the looking.

use std::{
    collections::BTreeMap, ffi::OsStr, io, process::Stdio, sync::atomic::Ordering, time::Duration,
};

use fabrik_blueprints::Catalog;
use fabrik_domain::{Cause, Problem};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::{
    App, Options,
    blueprints::by_path,
    sandbox_process::command_line_program,
    views::{BlueprintCheck, BlueprintFault, BlueprintFile, BlueprintOnShelf},
};

/// The database for one check is up in a second; a folder of SQL takes a few more.
const PATIENCE: Duration = Duration::from_mins(2);

/// Each check has a database of its own in memory: one at a time is enough of them.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Why a draft that nobody waits for any more was not looked at.
const SUPERSEDED: &str = "there is a newer draft";

/// The blueprints of a workspace that need not be open.
pub fn catalog_of(options: &Options) -> Result<Catalog, Problem> {
    let (data_dir, workspace) = options.place()?;
    Ok(Catalog::new(data_dir.blueprints(&workspace)))
}

/// What `fabrik blueprints check --json` prints: the faults, or why there was no looking.
#[derive(Deserialize)]
#[serde(untagged)]
enum Printed {
    Looked { findings: Vec<BlueprintFault> },
    Refused { message: String },
}

impl App {
    /// See the table of commands.
    pub async fn blueprints_shelf(&self) -> Result<Vec<BlueprintOnShelf>, Problem> {
        let counts = self.store.name_counts().await?.blueprints;
        let counts: BTreeMap<_, _> = counts.into_iter().collect();
        let all = self.blueprints.list().into_iter().map(|(name, blueprint)| {
            let (summary, problem) = match blueprint {
                Ok(blueprint) => (Some(self.summary(&blueprint)), None),
                Err(problem) => (None, Some(problem)),
            };
            BlueprintOnShelf {
                customers: counts.get(&name).copied().unwrap_or(0),
                summary,
                problem,
                name,
            }
        });
        Ok(all.collect())
    }

    /// See the table of commands.
    pub async fn blueprint_check(&self, name: String) -> Result<BlueprintCheck, Problem> {
        let _turn = ONE_AT_A_TIME.lock().await;
        self.looked_at(&name, OsStr::new(&name)).await
    }

    /// See the table of commands.
    pub async fn blueprint_draft_check(
        &self,
        name: String,
        files: Vec<BlueprintFile>,
    ) -> Result<BlueprintCheck, Problem> {
        let number = self.drafts.fetch_add(1, Ordering::Relaxed) + 1;
        // All drafts of a name are in one folder.
        let _turn = ONE_AT_A_TIME.lock().await;
        // One that is being looked at is let go on: its end takes its database along. Those that wait are passed over.
        if self.drafts.load(Ordering::Relaxed) != number {
            return Err(unchecked(&name, SUPERSEDED));
        }
        let folder = self.blueprints.draft(&name, &by_path(files))?;
        let check = self.looked_at(&name, folder.as_os_str()).await;
        let _ = std::fs::remove_dir_all(folder);
        check
    }

    /// What the command line says of a blueprint, or of a folder. Whose turn it is.
    async fn looked_at(&self, name: &str, what: &OsStr) -> Result<BlueprintCheck, Problem> {
        let program = command_line_program().map_err(|problem| Problem {
            cause: Box::new(Cause::ProgramMissing {
                program: "fabrik".to_owned(),
            }),
            ..problem
        })?;
        let language = self.overview().await?.language;
        let mut command = self.environment.command(&program);
        command
            .args(["--json", "--quiet", "--lang", language.code()])
            .args(["--workspace", &self.workspace])
            .arg("--data-dir")
            .arg(self.data_dir.path())
            .args(["blueprints", "check", "--"])
            .arg(what)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let output = tokio::time::timeout(PATIENCE, command.output())
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map_err(|error| unchecked(name, &error.to_string()))?;
        match serde_json::from_slice(&output.stdout) {
            Ok(Printed::Looked { findings }) => Ok(BlueprintCheck {
                faults: findings,
                checked_at: self.clock.now(),
            }),
            Ok(Printed::Refused { message }) => Err(unchecked(name, &message)),
            Err(_) => Err(unchecked(name, &output.status.to_string())),
        }
    }
}

fn unchecked(blueprint: &str, why: &str) -> Problem {
    Problem::from(Cause::BlueprintUnchecked {
        blueprint: blueprint.to_owned(),
    })
    .detail(why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn a_draft_that_waits_makes_way_for_a_newer_one() {
        let (_folder, app) = testing::app().await;
        let turn = ONE_AT_A_TIME.lock().await;
        let draft = || app.blueprint_draft_check("atelier".to_owned(), Vec::new());
        let (older, newer, ()) = tokio::join!(draft(), draft(), async { drop(turn) });
        let superseded = |check: Result<BlueprintCheck, Problem>| {
            check.is_err_and(|problem| problem.detail.as_deref() == Some(SUPERSEDED))
        };
        assert!(superseded(older), "nobody waits for it");
        assert!(!superseded(newer), "it was looked at, or could not be");
    }

    #[test]
    fn what_is_printed_is_understood() {
        let fine = r#"{"blueprint": "factory", "ok": true, "findings": []}"#;
        let Printed::Looked { findings } = serde_json::from_str(fine).unwrap() else {
            panic!("it was looked at");
        };
        assert!(findings.is_empty(), "nothing is wrong with it");
        let wrong = r#"{"blueprint": "x", "ok": false, "code": "blueprint_invalid", "message": "m", "hint": "h",
            "findings": [{"file": "a.sql", "line": 3, "code": "table_unlisted", "table": "t", "message": "m", "hint": "h"}]}"#;
        let Printed::Looked { findings } = serde_json::from_str(wrong).unwrap() else {
            panic!("it was looked at");
        };
        assert_eq!(findings[0].line, Some(3), "{findings:?}");
        let none = r#"{"code": "blueprint_unknown", "message": "no such", "hint": "h"}"#;
        let Printed::Refused { message } = serde_json::from_str(none).unwrap() else {
            panic!("there is none");
        };
        assert_eq!(message, "no such");
    }
}
