//! The same of a workspace that can't be opened, which is when help is wanted most. Its records can't be told of; what keeps
//! it shut and the log can.

use std::fmt::{self, Write as _};

use fabrik_domain::{Problem, ports::Clock as _};

use super::{FILE, ends, head, home, looked, without_parameters};
use crate::{
    Options,
    data_dir::SANDBOX,
    doctor::diagnose_unopened,
    redaction::Redaction,
    saved::save_in,
    system::SystemClock,
    views::{Diagnosis, DiagnosticBundle, SavedFile},
};

/// What whoever helps needs to know of a workspace that could not be opened because of `problem`. Where its tokens are
/// its records would say: one that is no variable is found by its looks.
pub async fn diagnostics_unopened(options: &Options, problem: Problem) -> DiagnosticBundle {
    let diagnosis = diagnose_unopened(options, problem.clone()).await;
    let mut text = String::new();
    // Writing to a `String` can't fail.
    let _ = compose(&mut text, options, diagnosis, &problem);
    let known = options.environment.secrets().values().cloned().collect();
    let text = Redaction::new(known, home()).text(&text);
    DiagnosticBundle { text }
}

/// Keeps what was shown of it, in the folder for downloads.
///
/// # Errors
/// `file_unwritable`; `disk_full`; where there is no such folder, what keeps the data directory from being one.
pub fn save_diagnostics(options: &Options, shown: &DiagnosticBundle) -> Result<SavedFile, Problem> {
    let folder = match options.environment.downloads() {
        Some(folder) => folder,
        None => options.place()?.0.path().join("downloads"),
    };
    let now = SystemClock::default().now();
    save_in(&folder, now, FILE, "txt", &shown.text)
}

fn compose(
    out: &mut String,
    options: &Options,
    diagnosis: Result<Diagnosis, Problem>,
    problem: &Problem,
) -> fmt::Result {
    let place = options.place();
    let in_sandbox = matches!(&place, Ok((_, workspace)) if workspace == SANDBOX);
    let now = SystemClock::default().now();
    head(out, now, in_sandbox, options.environment.language())?;
    looked(out, diagnosis)?;
    writeln!(out, "\n## The newest runs\n")?;
    writeln!(out, "no runs: {}", without_parameters(problem))?;
    match place {
        Ok((data_dir, _)) => ends(out, &data_dir, in_sandbox),
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{App, Environment};

    /// A made-up token.
    const CANARY: &str = "vcp_Canary7Zq9Xw3Kd5Tn2";

    #[tokio::test]
    async fn what_keeps_a_workspace_shut_is_told_with_the_log_and_kept_as_it_was_shown() {
        let folder = tempfile::tempdir().unwrap();
        let downloads = folder.path().join("downloads").display().to_string();
        let data = folder.path().join("data");
        let options = || {
            let variable = ("XDG_DOWNLOAD_DIR".to_owned(), downloads.clone());
            Options {
                environment: Environment::of([variable], false),
                data_dir: Some(data.clone()),
                workspace: Some("test".to_owned()),
                browser: None,
            }
        };
        std::fs::create_dir_all(data.join("test")).unwrap();
        std::fs::create_dir_all(data.join("logs")).unwrap();
        std::fs::write(data.join("test/central.db"), "no database").unwrap();
        let line = format!("sent {CANARY} to anna@byra.example\n");
        std::fs::write(data.join("logs/fabrik.2026-11-21.log"), line).unwrap();

        let problem = App::open(options()).await.err().expect("it is shut");
        let shown = diagnostics_unopened(&options(), problem.clone()).await;
        let text = &shown.text;
        let runs = format!("no runs: {}", problem.code());
        for told in ["workspace  live", "## Diagnosis", &runs, "sent [redacted]"] {
            assert!(text.contains(told), "{told:?} is told:\n{text}");
        }
        for private in [CANARY, "anna@byra"] {
            assert!(!text.contains(private), "{private:?} is not:\n{text}");
        }
        let kept = save_diagnostics(&options(), &shown).unwrap();
        assert!(kept.path.starts_with(&downloads), "{kept:?}");
        assert_eq!(&std::fs::read_to_string(&kept.path).unwrap(), text);
    }
}
