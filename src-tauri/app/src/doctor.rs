//! A look at everything Fabrik stands on: what is wrong, each thing by its name.

mod unopened;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::PoisonError,
    time::Duration,
};

use fabrik_clouds::AccountInfo;
use fabrik_domain::{
    Cause, Problem,
    blueprint::Blueprint,
    failure::{Failure, Outcome},
    provider::Provider,
};

use crate::{
    App,
    clouds::Accounts,
    views::{DatabaseCopy, Diagnosis, Finding, FindingSubject},
};

pub use unopened::diagnose_unopened;

/// How long it is told that a vendor gave no answer, where nobody calls it again: then nothing is known of it.
const SILENCE: Duration = Duration::from_mins(15);

/// Whom mails come from.
const SENDER: &str = "email.from";

impl App {
    /// See the table of commands. Asks every vendor that a blueprint in use needs.
    pub async fn doctor(&self) -> Result<Diagnosis, Problem> {
        let checked = self.store.check().await;
        if let (Err(problem), Some(copies)) = (&checked, self.copies())
            && matches!(*problem.cause, Cause::DatabaseDamaged)
        {
            // The next start refuses it, and offers the copies.
            copies.look_again();
        }
        let copies = self.database_copies().await?;
        let mut findings = vec![
            finding(
                FindingSubject::DataDirectory,
                self.data_dir.path().display(),
                self.data_dir.check().err(),
            ),
            finding(FindingSubject::Database, &self.place, checked.err()),
        ];
        if let Some(sandbox) = &self.sandbox {
            let trouble = sandbox.trouble();
            findings.push(finding(FindingSubject::Sandbox, sandbox.place(), trouble));
        }
        let keyring = self.vault_status().await;
        let shut = keyring.problem.clone();
        findings.push(Finding {
            // The sandbox's tokens are made up: it works on a machine without a keyring.
            optional: self.is_sandbox(),
            ..finding(FindingSubject::Keyring, keyring.backend, keyring.problem)
        });
        let settings = match self.settings().await {
            Ok(settings) => settings.values(),
            Err(problem) => {
                // What was found of the database has said it, where that is why.
                let told = |one: &Finding| {
                    one.subject == FindingSubject::Database && one.problem.is_some()
                };
                if !findings.iter().any(told) {
                    findings.push(finding(
                        FindingSubject::Database,
                        &self.place,
                        Some(problem),
                    ));
                }
                return Ok(diagnosis(findings, copies));
            }
        };
        let used = self.blueprints_in_use().await?;
        findings.extend(findings_of_settings(&used, &settings));
        if self.sandbox_trouble().is_some() {
            // There are no vendors to ask, and it is told why.
            return Ok(diagnosis(findings, copies));
        }
        let clouds = self.clouds(&settings)?;
        let needed: Vec<_> = used.iter().flat_map(Blueprint::providers).collect();
        let of_vendors = self.findings_of_vendors(&clouds, &needed, shut.as_ref());
        findings.extend(of_vendors.await);
        if needed.contains(&Provider::Resend)
            && self.unread(Provider::Resend, shut.as_ref()).is_none()
            && let Some(from) = settings.get(SENDER)
            && let Some(refused) = clouds.refused_sender(from).await
        {
            refuse_sender(&mut findings, refused);
        }
        Ok(diagnosis(findings, copies))
    }

    /// Of each vendor that is needed: whether it answers, and whether its credential may do what it must. All are asked at
    /// once.
    async fn findings_of_vendors(
        &self,
        clouds: &Accounts,
        needed: &[Provider],
        shut: Option<&Problem>,
    ) -> Vec<Finding> {
        let asked = Provider::ALL
            .into_iter()
            .filter(|provider| needed.contains(provider));
        let answers = futures::future::join_all(asked.map(|provider| {
            let unread = self.unread(provider, shut);
            async move {
                let answer = match unread {
                    Some(problem) => Err(problem.by(provider).into()),
                    None => clouds.whoami(provider).await,
                };
                (provider, answer)
            }
        }))
        .await;
        answers
            .into_iter()
            .flat_map(|(provider, answer)| findings_of_vendor(provider, answer))
            .collect()
    }

    /// Why a vendor's token can't be read, where it is in a keyring that is `shut`. It is not asked for: that would be a
    /// prompt, and then half a minute's wait.
    fn unread(&self, provider: Provider, shut: Option<&Problem>) -> Option<Problem> {
        shut.filter(|_| self.is_of_vault(provider)).cloned()
    }

    /// See the table of commands. A keyring that is locked or gone is told where a token would be in it. What is wrong
    /// with the disk is told once, whatever else stands on it. Vendors are told that gave no answer to the newest call
    /// made to them.
    pub async fn standing(&self) -> Result<Vec<Problem>, Problem> {
        let keyring = async {
            if self.is_sandbox() {
                return None;
            }
            self.vault_status().await.problem
        };
        let unwritable = self.store.writable().await.err();
        let disk = unwritable.or_else(|| self.data_dir.check().err());
        let of_the_disk = match disk {
            Some(problem) => [Some(problem), None],
            None => {
                let copies = self.copy_trouble.lock();
                let copies = copies.unwrap_or_else(PoisonError::into_inner).clone();
                [copies, self.sandbox_trouble()]
            }
        };
        Ok(of_the_disk
            .into_iter()
            .chain([keyring.await])
            .flatten()
            .chain(self.http.silent(SILENCE))
            .collect())
    }
}

/// Of each setting that the blueprints in use need: whether there is one.
fn findings_of_settings(used: &[Blueprint], settings: &BTreeMap<String, String>) -> Vec<Finding> {
    let needed: BTreeSet<_> = used
        .iter()
        .flat_map(|blueprint| &blueprint.settings)
        .collect();
    let of_setting = |key: &String| {
        let missing = (!settings.contains_key(key)).then(|| {
            Problem::from(Cause::SettingMissing {
                setting: key.clone(),
            })
        });
        finding(FindingSubject::Setting, key, missing)
    };
    needed.into_iter().map(of_setting).collect()
}

/// What a vendor's answer says of the way to it, and of its credential.
fn findings_of_vendor(provider: Provider, answer: Result<AccountInfo, Failure>) -> [Finding; 2] {
    let (network, credential) = match answer {
        Ok(info) if info.missing_scopes.is_empty() => (None, None),
        Ok(info) => {
            let cause = Cause::CredentialScopeMissing {
                scopes: info.missing_scopes,
            };
            (None, Some(Problem::from(cause).by(provider)))
        }
        // One that says to wait is there; it is its credential of which nothing is known yet.
        Err(failure)
            if matches!(
                failure.outcome,
                Outcome::Unauthorized | Outcome::Refused | Outcome::Throttled(_)
            ) || failure.problem.cause.is_of_keyring() =>
        {
            (None, Some(failure.problem))
        }
        Err(failure) => (Some(failure.problem), None),
    };
    [
        finding(FindingSubject::Network, provider, network),
        finding(FindingSubject::Credential, provider, credential),
    ]
}

/// Tells of the sender that it is refused: of its own finding, where a blueprint needs it.
fn refuse_sender(findings: &mut Vec<Finding>, refused: Problem) {
    let of_it = |one: &&mut Finding| one.subject == FindingSubject::Setting && one.name == SENDER;
    match findings.iter_mut().find(of_it) {
        Some(told) => told.problem = Some(refused),
        None => findings.push(finding(FindingSubject::Setting, SENDER, Some(refused))),
    }
}

fn finding(
    subject: FindingSubject,
    name: impl std::fmt::Display,
    problem: Option<Problem>,
) -> Finding {
    let waits = problem
        .as_ref()
        .is_some_and(|problem| matches!(*problem.cause, Cause::Throttled { .. }));
    Finding {
        subject,
        name: name.to_string(),
        problem,
        optional: false,
        waits,
    }
}

fn diagnosis(findings: Vec<Finding>, copies: Vec<DatabaseCopy>) -> Diagnosis {
    let healthy = findings
        .iter()
        .all(|finding| finding.problem.is_none() || finding.optional);
    Diagnosis {
        healthy,
        findings,
        copies,
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::Problem;

    use crate::testing;

    #[tokio::test]
    async fn a_database_that_cannot_be_written_is_opened_and_told_once() {
        let (folder, app) = testing::app().await;
        let customer = app.customer_add(testing::new_customer()).await.unwrap();
        drop(app);
        // A folder stands where the index beside its log should be.
        let index = folder.path().join("data/test/central.db-shm");
        std::fs::create_dir(index).unwrap();

        let app = testing::app_in(&folder, &[]).await;
        let there = app.store.customer(customer.id).await.unwrap();
        assert_eq!(there.name, customer.name, "what is known is shown");
        let standing = app.standing().await.unwrap();
        let told = standing.iter().map(Problem::code);
        // The machine that tries this may have no keyring.
        let told: Vec<_> = told.filter(|code| !code.starts_with("keyring")).collect();
        assert_eq!(told, ["database_read_only"]);
        let set = app.setting_set("github.owner".to_owned(), Some("norrform".to_owned()));
        assert_eq!(set.await.unwrap_err().code(), "database_read_only");
    }
}
