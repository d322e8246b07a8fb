//! The look where the workspace can't be opened: at what it is made of, one thing after the other, as far as they
//! can be looked at alone. Tokens and vendors can't: they belong to an open workspace.

use std::sync::Arc;

use fabrik_domain::{Cause, Problem};
use fabrik_vault::{KeyringVault, VaultStatus};

use super::{diagnosis, finding};
use crate::{
    Options,
    central::{Place, vault_of},
    copies::Copies,
    data_dir::{DataDir, SANDBOX},
    system::SystemClock,
    views::{Diagnosis, Finding, FindingSubject},
};

/// Looks at what a workspace is made of that could not be opened because of `problem`.
///
/// # Errors
/// The problem itself, where it is in what was asked for and not on this machine.
pub async fn diagnose_unopened(options: &Options, problem: Problem) -> Result<Diagnosis, Problem> {
    let (data_dir, workspace) = match options.place() {
        Ok(place) => place,
        Err(problem) => {
            return match &*problem.cause {
                Cause::DataDirectoryUnusable { path } => {
                    let path = path.clone();
                    let found = finding(FindingSubject::DataDirectory, path, Some(problem));
                    Ok(diagnosis(vec![found, keyring(false).await], Vec::new()))
                }
                _ => Err(problem),
            };
        }
    };
    let (database, copies) = match Place::of(&data_dir, &workspace) {
        Ok(place) => {
            let copies = Copies::of(&data_dir, &workspace, &place);
            let copies = copies.map(|copies| copies.all()).unwrap_or_default();
            (place.to_string(), copies)
        }
        Err(_) => {
            let kept = data_dir.central(&workspace);
            (kept.display().to_string(), Vec::new())
        }
    };
    let in_sandbox = workspace == SANDBOX;
    let mut findings = vec![
        finding(
            FindingSubject::DataDirectory,
            data_dir.path().display(),
            data_dir.check().err(),
        ),
        finding(
            FindingSubject::Database,
            database,
            check(&data_dir, &workspace).await.err(),
        ),
        keyring(in_sandbox).await,
    ];
    let told = findings.iter().any(|finding| {
        let found = finding.problem.as_ref();
        found.is_some_and(|found| found.code() == problem.code())
    });
    if !told {
        findings.push(finding(FindingSubject::Workspace, workspace, Some(problem)));
    }
    Ok(diagnosis(findings, copies))
}

/// Whether the database can be opened, read and written.
async fn check(data_dir: &DataDir, workspace: &str) -> Result<(), Problem> {
    DataDir::open(&data_dir.workspace(workspace))?;
    let clock = Arc::new(SystemClock::default());
    let vault = vault_of(data_dir, workspace)?;
    let place = Place::of(data_dir, workspace)?;
    let central = place.open(vault, clock).await?;
    central.store.check().await
}

async fn keyring(in_sandbox: bool) -> Finding {
    let status = if in_sandbox {
        VaultStatus::sandbox()
    } else {
        KeyringVault::new().status().await
    };
    finding(FindingSubject::Keyring, status.backend, status.problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{App, Environment};

    #[tokio::test]
    async fn what_keeps_a_workspace_shut_is_named_and_the_rest_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let options = |data: &str| Options {
            environment: Environment::default(),
            data_dir: Some(folder.path().join(data)),
            workspace: Some("test".to_owned()),
            browser: None,
        };
        std::fs::create_dir_all(folder.path().join("data/test")).unwrap();
        std::fs::write(folder.path().join("data/test/central.db"), "no database").unwrap();
        std::fs::write(folder.path().join("file"), "no folder").unwrap();
        for (data, subject) in [
            ("data", FindingSubject::Database),
            ("file", FindingSubject::DataDirectory),
        ] {
            let problem = App::open(options(data)).await.err().expect("it is shut");
            let diagnosis = diagnose_unopened(&options(data), problem).await.unwrap();
            assert!(!diagnosis.healthy, "{diagnosis:#?}");
            let subjects: Vec<_> = diagnosis.findings.iter().map(|one| one.subject).collect();
            assert!(subjects.contains(&FindingSubject::Keyring), "{subjects:?}");
            let found = diagnosis.findings.iter().find(|one| one.subject == subject);
            let problem = found.and_then(|one| one.problem.as_ref());
            assert!(
                problem.is_some(),
                "{subject:?} is what is wrong: {diagnosis:#?}"
            );
        }
    }
}
