//! What whoever helps needs to know: versions, the diagnosis, the newest runs, the end of the log. It is shown before
//! it is kept, and what is kept is what was shown. In English, since it is for whoever mends Fabrik.

mod unopened;

use std::{
    fmt::{self, Write as _},
    fs,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use fabrik_domain::{
    Cause, Problem,
    language::Language,
    provider::Provider,
    run::{Run, StepRecord},
    setting::SETTINGS,
};
use fabrik_store::RunQuery;
use jiff::Timestamp;

use crate::{
    App,
    data_dir::DataDir,
    redaction::Redaction,
    views::{Diagnosis, DiagnosticBundle, SavedFile},
};

pub use unopened::{diagnostics_unopened, save_diagnostics};

/// What the file is called that is kept.
const FILE: &str = "fabrik-diagnostics";

/// Runs that are told of.
const RUNS: u64 = 20;
/// Lines of the log.
const LINES: usize = 200;
/// So much of a log's end is read for them.
const LOG_BYTES: u64 = 128 * 1024;

impl App {
    /// See the table of commands.
    pub async fn diagnostics(&self) -> Result<DiagnosticBundle, Problem> {
        let mut text = String::new();
        // Writing to a `String` can't fail.
        let _ = self.compose(&mut text).await;
        let text = self.redaction().await.text(&text);
        if let Ok(mut shown) = self.shown_diagnostics.lock() {
            *shown = Some(text.clone());
        }
        Ok(DiagnosticBundle { text })
    }

    /// See the table of commands.
    pub async fn diagnostics_save(&self) -> Result<SavedFile, Problem> {
        let shown = self.shown_diagnostics.lock().ok();
        let shown = shown.and_then(|shown| shown.clone());
        let text = shown.ok_or_else(|| {
            Problem::from(Cause::Internal).detail("nothing was shown that could be kept")
        })?;
        self.save(FILE, "txt", &text)
    }

    async fn compose(&self, out: &mut String) -> fmt::Result {
        head(out, self.clock.now(), self.is_sandbox(), self.language())?;
        looked(out, self.doctor().await)?;

        writeln!(out, "\n## The newest runs\n")?;
        match self.newest_runs().await {
            Ok(newest) if newest.is_empty() => writeln!(out, "none")?,
            Ok(newest) => {
                for (one, steps) in newest {
                    run(out, &one, &steps)?;
                }
            }
            Err(problem) => writeln!(out, "no runs: {}", without_parameters(&problem))?,
        }

        ends(out, &self.data_dir, self.is_sandbox())
    }

    async fn newest_runs(&self) -> Result<Vec<(Run, Vec<StepRecord>)>, Problem> {
        let query = RunQuery {
            limit: RUNS,
            ..RunQuery::default()
        };
        let mut told = Vec::new();
        for run in self.store.runs(query).await? {
            let steps = self.store.steps(run.id).await?;
            told.push((run, steps));
        }
        Ok(told)
    }

    /// With every token and every secret setting of the workspace that can be read. One that can't is found by its
    /// looks.
    async fn redaction(&self) -> Redaction {
        let mut known = Vec::new();
        for provider in Provider::ALL {
            let token = self.secrets.get(&self.token_reference(provider)).await;
            known.extend(token.ok().flatten());
        }
        let settings = self.settings().await.unwrap_or_default();
        for setting in SETTINGS.iter().filter(|setting| setting.is_secret()) {
            if let Some(held) = settings.get(setting.key) {
                let place = setting.secret_reference(self.store.workspace(), held);
                known.extend(self.secrets.get(&place).await.ok().flatten());
            }
        }
        Redaction::new(known, home())
    }
}

fn home() -> Option<String> {
    directories::BaseDirs::new().map(|dirs| dirs.home_dir().display().to_string())
}

fn head(out: &mut String, now: Timestamp, in_sandbox: bool, language: Language) -> fmt::Result {
    writeln!(out, "Fabrik {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "made       {now}")?;
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    writeln!(out, "system     {system} {machine}")?;
    let kind = if in_sandbox { "sandbox" } else { "live" };
    writeln!(out, "workspace  {kind}")?;
    writeln!(out, "language   {}", language.code())
}

/// What the look at everything came to.
fn looked(out: &mut String, diagnosis: Result<Diagnosis, Problem>) -> fmt::Result {
    writeln!(out, "\n## Diagnosis\n")?;
    match diagnosis {
        Ok(diagnosis) => findings(out, &diagnosis),
        Err(problem) => writeln!(out, "no diagnosis: {}", without_parameters(&problem)),
    }
}

/// The ends of the logs.
fn ends(out: &mut String, data_dir: &DataDir, in_sandbox: bool) -> fmt::Result {
    let folder = data_dir.logs();
    let mut logs = vec![("the log", newest_log(&folder))];
    if in_sandbox {
        logs.push(("the sandbox's log", Ok(folder.join("sandbox.log"))));
    }
    for (title, file) in logs {
        writeln!(out, "\n## The end of {title}\n")?;
        match file.and_then(|file| tail(&file)) {
            Ok(lines) => writeln!(out, "{lines}")?,
            Err(error) => writeln!(out, "none: {error}")?,
        }
    }
    Ok(())
}

fn findings(out: &mut String, diagnosis: &Diagnosis) -> fmt::Result {
    for finding in &diagnosis.findings {
        let verdict = match &finding.problem {
            None => "ok".to_owned(),
            Some(problem) if finding.optional => {
                format!("not needed: {}", without_parameters(problem))
            }
            Some(problem) => without_parameters(problem),
        };
        let subject = serde_json::to_value(finding.subject).unwrap_or_default();
        let subject = subject.as_str().unwrap_or_default();
        writeln!(out, "{subject:<16} {}: {verdict}", finding.name)?;
    }
    Ok(())
}

/// A run without its customer: what went wrong is told, not to whom.
fn run(out: &mut String, run: &Run, steps: &[StepRecord]) -> fmt::Result {
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let purpose = word(serde_json::to_value(run.purpose).unwrap_or_default());
    let state = word(serde_json::to_value(run.state).unwrap_or_default());
    let done = steps.iter().filter(|step| step.state.is_complete()).count();
    writeln!(
        out,
        "run {} {purpose} {} {state}, {done} of {} steps, begun {}",
        run.number,
        run.blueprint,
        steps.len(),
        run.started_at,
    )?;
    if let Some(problem) = &run.error {
        writeln!(out, "    {}", without_parameters(problem))?;
    }
    for step in steps {
        if let Some(problem) = &step.error {
            let kind = word(serde_json::to_value(step.kind).unwrap_or_default());
            writeln!(out, "    {kind}: {}", without_parameters(problem))?;
        }
    }
    Ok(())
}

/// The code, with whose call it was and the vendor's own words; of the parameters none, which may be names.
fn without_parameters(problem: &Problem) -> String {
    let mut told = problem.code();
    let provider = problem.provider.map(Provider::key);
    let parts = [
        provider,
        problem.request_id.as_deref(),
        problem.detail.as_deref(),
    ];
    for part in parts.into_iter().flatten() {
        told.push_str(", ");
        told.push_str(part);
    }
    told
}

/// The log of the newest day: its name says which.
fn newest_log(folder: &Path) -> io::Result<PathBuf> {
    fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("fabrik.") && name.ends_with(".log")
        })
        .max()
        .ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// The last lines of a file.
fn tail(file: &Path) -> io::Result<String> {
    let mut file = fs::File::open(file)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(LOG_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().collect();
    // The first may be cut.
    let whole = usize::from(length > LOG_BYTES).min(lines.len());
    let from = lines.len().saturating_sub(LINES).max(whole);
    Ok(lines[from..].join("\n"))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

    use fabrik_domain::{ports::Secrets, provider::Provider, secret::Secret, setting};
    use fabrik_vault::MemoryVault;

    use crate::testing;

    /// A made-up token, and the ways in which one could stand in a file.
    const CANARY: &str = "vcp_Canary7Zq9Xw3Kd5Tn2";

    /// A password, which looks like nothing.
    const PASSWORD: &str = "kanariefagel i gruvan";

    fn encodings(text: &str) -> Vec<(&'static str, String)> {
        let (mut hex, mut url) = (String::new(), String::new());
        for byte in text.bytes() {
            write!(hex, "{byte:02x}").unwrap();
            write!(url, "%{byte:02X}").unwrap();
        }
        vec![
            ("plain", text.to_owned()),
            ("hex", hex),
            ("URL", url),
            ("reversed", text.chars().rev().collect()),
            ("base64", "dmNwX0NhbmFyeTdacTlYdzNLZDVUbjI=".to_owned()),
        ]
    }

    #[tokio::test]
    async fn what_is_kept_is_what_was_shown_and_holds_no_secret() {
        let downloads = tempfile::tempdir().unwrap();
        let place = downloads.path().to_str().unwrap().to_owned();
        let (_folder, mut app) = testing::app_with(&[("XDG_DOWNLOAD_DIR", &place)]).await;
        let vault = Arc::new(MemoryVault::new());
        let reference = app.token_reference(Provider::Vercel);
        vault.set(&reference, Secret::from(CANARY)).await.unwrap();
        app.secrets = Arc::clone(&vault) as _;
        app.vault = vault;
        let password = setting::find("smtp.password").unwrap();
        app.keep_setting_secret(password, Secret::from(PASSWORD))
            .await
            .unwrap();
        let unshown = app.diagnostics_save().await.unwrap_err();
        assert_eq!(unshown.code(), "internal", "nothing unseen is kept");

        testing::run(&app, testing::DEAD, BTreeMap::new()).await;
        let logs = app.data_dir.logs();
        std::fs::create_dir_all(&logs).unwrap();
        let mut log = String::from("2026-11-21T12:00:00Z  INFO begun\n");
        for (how, canary) in encodings(CANARY) {
            writeln!(log, "{how}: sent {canary} and anna@byra.example asked").unwrap();
        }
        writeln!(log, "the mail server takes {PASSWORD} no more").unwrap();
        std::fs::write(logs.join("fabrik.2026-11-21.log"), log).unwrap();

        let shown = app.diagnostics().await.unwrap().text;
        let kept = app.diagnostics_save().await.unwrap();
        assert_eq!(std::fs::read_to_string(&kept.path).unwrap(), shown);
        assert!(kept.path.starts_with(&place), "{kept:?}");
        for (how, canary) in encodings(CANARY) {
            assert!(shown.contains(how), "the line is there:\n{shown}");
            assert!(!shown.contains(&canary), "{how} is not:\n{shown}");
        }
        assert!(!shown.contains(PASSWORD), "nor is a setting's:\n{shown}");
        for told in [
            "INFO begun",
            "the mail server takes",
            "run 1 provision factory",
            "## Diagnosis",
        ] {
            assert!(shown.contains(told), "{told:?} is told:\n{shown}");
        }
        for private in ["anna@byra", "Åkermark", "anna@akermark"] {
            assert!(!shown.contains(private), "{private:?} is not:\n{shown}");
        }
    }
}
