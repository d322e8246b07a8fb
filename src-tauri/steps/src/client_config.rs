//! `client-config`: the customer's configuration as a JSON file, in one commit, before Vercel is linked
//! (a later push would deploy a second time). What it replaces is in the evidence, and is put back by an undo
//! where the repository stays.

use std::time::Duration;

use async_trait::async_trait;
use fabrik_clouds::{
    github::{FileAt, GitHub, Repository},
    refused_with,
};
use fabrik_domain::{
    Cause,
    blueprint::StepKind,
    event::Detail,
    failure::{Failure, Outcome},
    gate::Charge,
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::Output,
};
use fabrik_engine::step::{Context, Created, Found, Parent, Readiness, Step, Timing, Undone};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    digest::sha256, github_repo::out_of_sight, left_standing, parameters::filled, registry::Entry,
};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::ClientConfig,
    revision: 1,
    plans_alone: false,
    timing: Timing {
        usual: Duration::from_secs(1),
        ceiling: Duration::from_mins(1),
        settle: Duration::from_secs(40),
    },
    build: |clouds, parameters| {
        let with = parameters.read(&[])?;
        Ok(Box::new(ClientConfig {
            github: clouds.github.clone(),
            with,
        }))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// `owner/name`.
    repository: String,
    /// Its id, where a step of the blueprint makes it: the file goes with it.
    #[serde(default)]
    repository_id: String,
    branch: String,
    path: String,
    content: Map<String, Value>,
}

struct ClientConfig {
    github: GitHub,
    with: With,
}

/// What stood there before the call.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Evidence {
    /// The blob that is replaced; a template may bring a file of its own.
    #[serde(default)]
    replaces: Option<String>,
    /// The last commit that touched it: there it can be read again.
    #[serde(default)]
    commit: Option<String>,
}

impl ClientConfig {
    /// Its name in the blueprint's words: the one that it had when it was made.
    fn named(&self) -> (&str, &str) {
        self.with.repository.split_once('/').unwrap_or_default()
    }

    /// The repository as it is now: by its id, for whoever takes the name that it had has another.
    async fn repository(&self) -> Result<Option<Repository>, Failure> {
        match filled(&self.with.repository_id) {
            Some(id) => self.github.repository_by_id(id).await,
            None => {
                let (owner, name) = self.named();
                self.github.repository(owner, name).await
            }
        }
    }

    /// Owner and name by which it is called now. One that all customers share is a setting, and known by its name.
    async fn called(&self) -> Result<(String, String), Failure> {
        let own = |(owner, name): (&str, &str)| (owner.to_owned(), name.to_owned());
        if filled(&self.with.repository_id).is_none() {
            return Ok(own(self.named()));
        }
        match self.repository().await? {
            Some(repository) => Ok(own(repository.owner_and_name())),
            None => Err(out_of_sight(&self.with.repository)),
        }
    }

    /// As people write it, with a line break at the end.
    fn text(&self) -> Result<String, Failure> {
        serde_json::to_string_pretty(&self.with.content)
            .map(|text| text + "\n")
            .map_err(|_| Failure::refused(Cause::Internal))
    }

    /// The same to a program: how it is laid out doesn't matter.
    fn is_ours(&self, content: &[u8]) -> bool {
        serde_json::from_slice::<Value>(content)
            .is_ok_and(|value| value.as_object() == Some(&self.with.content))
    }

    fn existing(&self, commit: String) -> Result<Existing, Failure> {
        Ok(Existing {
            id: commit,
            name: format!("{}:{}", self.with.repository, self.with.path),
            url: None,
            content_hash: Some(sha256(self.text()?)),
        })
    }

    async fn write(
        &self,
        repository: (&str, &str),
        text: &str,
        replaces: Option<&str>,
    ) -> Result<String, Failure> {
        let With { branch, path, .. } = &self.with;
        let message = format!("Configure {path}");
        let written = self
            .github
            .write_file(
                repository,
                branch,
                path,
                text.as_bytes(),
                &message,
                replaces,
            )
            .await?;
        Ok(written.commit)
    }

    async fn put_back(
        &self,
        repository: (&str, &str),
        earlier: &FileAt,
        now: &FileAt,
    ) -> Result<(), Failure> {
        let With { branch, path, .. } = &self.with;
        let message = format!("Restore {path}");
        let written = self.github.write_file(
            repository,
            branch,
            path,
            &earlier.content,
            &message,
            Some(&now.sha),
        );
        written.await.map(drop)
    }
}

#[async_trait]
impl Step for ClientConfig {
    fn name(&self) -> String {
        self.with.path.clone()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::RepositoryFile)
    }

    /// The repository, the file and its last commit are looked at; the repository once more, then it is written.
    fn demand(&self) -> Vec<Charge> {
        self.github.demand(4, 1)
    }

    async fn find(&self, _: &Context<'_>) -> Result<Found, Failure> {
        let With { branch, path, .. } = &self.with;
        let (owner, name) = self.called().await?;
        let (file, commit) = futures::join!(
            self.github.file(&owner, &name, branch, path),
            self.github.last_commit(&owner, &name, branch, path)
        );
        let evidence = match file? {
            Some(file) if self.is_ours(&file.content) => {
                return Ok(Found::Ours(self.existing(commit?.unwrap_or(file.sha))?));
            }
            Some(file) => Evidence {
                replaces: Some(file.sha),
                commit: commit?,
            },
            None => Evidence::default(),
        };
        Ok(Found::Absent {
            evidence: serde_json::to_value(evidence).unwrap_or_default(),
        })
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let evidence = evidence(cx);
        let text = self.text()?;
        let With { branch, path, .. } = &self.with;
        let (owner, name) = self.called().await?;
        let repository = (owner.as_str(), name.as_str());
        let replaces = evidence.replaces.as_deref();
        let commit = match self.write(repository, &text, replaces).await {
            Err(mut failure) if is_stale(&failure) => {
                let now = self.github.file(&owner, &name, branch, path).await?;
                if now.as_ref().is_some_and(|file| self.is_ours(&file.content)) {
                    // An earlier call of ours came through after all.
                    let commit = self.github.last_commit(&owner, &name, branch, path).await?;
                    return Ok(Created::Resource(
                        self.existing(commit.unwrap_or_default())?,
                    ));
                }
                // The file changed since it was looked at, and nothing was written: what stands there now has to be
                // in the evidence first.
                if now.map(|file| file.sha) != evidence.replaces {
                    failure.outcome = Outcome::NotSent;
                }
                return Err(failure);
            }
            written => written?,
        };
        cx.say(Detail::FileCommitted, &self.with.path);
        Ok(Created::Resource(self.existing(commit)?))
    }

    async fn await_ready(
        &self,
        _: &Context<'_>,
        existing: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        let commit = existing
            .map(|existing| existing.id.clone())
            .unwrap_or_default();
        Ok(Readiness::Ready(
            [("commit".to_owned(), Output::Public(commit))].into(),
        ))
    }

    /// The file goes with a repository of the customer's own.
    fn within(&self) -> Option<Parent> {
        let repository = filled(&self.with.repository_id)?;
        Some(Parent::covering(ResourceKind::Repository, repository))
    }

    /// Where the file is as it was written, what stood there before is put back.
    async fn undo(&self, cx: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        let With { branch, path, .. } = &self.with;
        // By the name that it has now: GitHub leads reads of the old one there, and no writes.
        let Some(repository) = self.repository().await? else {
            let (owner, _) = self.named();
            let seen = self.github.sees_private(owner, None).await?;
            return Ok(if seen {
                Undone::Gone
            } else {
                left_standing::cannot_see(Provider::GitHub, &existing.name)
            });
        };
        let (owner, name) = repository.owner_and_name();
        let Some(file) = self.github.file(owner, name, branch, path).await? else {
            // A token that has lost sight of the repository meanwhile is told the same.
            let seen = self.github.repository(owner, name).await?.is_some();
            return Ok(if seen {
                Undone::Gone
            } else {
                left_standing::cannot_see(Provider::GitHub, &existing.name)
            });
        };
        let changed = || {
            Ok(left_standing::changed_since(
                Provider::GitHub,
                &existing.name,
            ))
        };
        let before = evidence(cx);
        if before.replaces.as_ref() == Some(&file.sha) {
            return Ok(Undone::Gone);
        }
        if existing.content_hash != Some(sha256(&file.content)) {
            return changed();
        }
        let put_back = match (&before.replaces, &before.commit) {
            (None, _) => {
                let message = format!("Remove {path}");
                let removed =
                    self.github
                        .delete_file((owner, name), branch, path, &message, &file.sha);
                removed.await.map(drop)
            }
            (Some(sha), Some(commit)) => match self.github.file(owner, name, commit, path).await? {
                Some(earlier) if earlier.sha == *sha => {
                    self.put_back((owner, name), &earlier, &file).await
                }
                _ => return changed(),
            },
            (Some(_), None) => return changed(),
        };
        match put_back {
            Ok(()) => Ok(Undone::Gone),
            Err(failure) if is_stale(&failure) => changed(),
            Err(failure) => Err(failure),
        }
    }
}

/// What `find` saw.
fn evidence(cx: &Context<'_>) -> Evidence {
    let evidence = cx
        .evidence
        .and_then(|value| Evidence::deserialize(value).ok());
    evidence.unwrap_or_default()
}

/// The file is not the one that the call was to replace.
fn is_stale(failure: &Failure) -> bool {
    matches!(refused_with(failure), Some(409 | 422))
}
