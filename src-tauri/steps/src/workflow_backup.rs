//! `workflow-backup`: the customer's workflows as n8n exports them, in one commit to a folder of a repository in Gitea.
//!
//! Owner and repository are all customers': made where they are missing, they are nobody's resource, and nothing that
//! is undone touches them. What was there before in a file's place is in the evidence; an undo puts it back, as long
//! as the file is as it was written. The history keeps every version.

mod shared;
mod taken_back;

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use fabrik_clouds::{
    Gitea, N8n,
    gitea::{Change, FileAt, Repository},
    refused_with,
};
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    event::Detail,
    failure::{Failure, Outcome},
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::Output,
};
use fabrik_engine::step::{Context, Created, Found, Readiness, Step, Timing, Undone};
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};

use self::shared::public;
use crate::{digest::sha256, parts::Parts, registry::Entry};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::WorkflowBackup,
    revision: 1,
    plans_alone: false,
    timing: Timing {
        usual: Duration::from_secs(1),
        ceiling: Duration::from_mins(1),
        settle: Duration::from_secs(40),
    },
    build: |clouds, parameters| {
        let with: With = parameters.read(&[])?;
        let folder = with.folder.trim_matches('/');
        let is_folder = |part: &str| !matches!(part, "" | "." | "..");
        if !folder.split('/').all(is_folder) && !parameters.undoes() {
            return Err(parameters.fault("folder is no path inside the repository"));
        }
        // The setting has a default: it is another expression that came to nothing.
        if with.owner.is_empty() && !parameters.undoes() {
            return Err(parameters.fault("owner is empty"));
        }
        Ok(Box::new(WorkflowBackup {
            gitea: clouds.gitea()?.clone(),
            n8n: clouds.n8n()?.clone(),
            with,
            undoes: parameters.undoes(),
            exported: Mutex::default(),
        }))
    },
};

/// For people who come upon the repository.
const DESCRIPTION: &str = "Copies of the customers' n8n workflows, written by Fabrik";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// An organization or the token's user.
    owner: String,
    repository: String,
    /// The customer's folder in it.
    folder: String,
    /// As `n8n-workflows` hands them on.
    workflows: String,
}

struct WorkflowBackup {
    gitea: Gitea,
    n8n: N8n,
    with: With,
    /// It is built to be undone.
    undoes: bool,
    /// What the last look has exported, so that the commit holds that.
    exported: Mutex<Option<Files>>,
}

/// Content by path.
type Files = BTreeMap<String, Vec<u8>>;

/// What `find` saw, and what it would write. Holds no content.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Evidence {
    /// The login that writes: only that one sees a private repository for sure.
    #[serde(default)]
    maker: Option<String>,
    #[serde(default)]
    files: BTreeMap<String, Before>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Before {
    /// The blob that is replaced, and the commit where it can be read again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replaces: Option<(String, String)>,
    /// The hash of what is written.
    hash: String,
}

impl Evidence {
    /// That of the run; empty before there is an intent.
    fn of(cx: &Context<'_>) -> Self {
        let evidence = cx.evidence.and_then(|value| Self::deserialize(value).ok());
        evidence.unwrap_or_default()
    }
}

impl WorkflowBackup {
    fn id(&self) -> String {
        let With {
            owner,
            repository,
            folder,
            ..
        } = &self.with;
        format!("{owner}/{repository}/{}", folder.trim_matches('/'))
    }

    /// Where a file of this name lies.
    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.with.folder.trim_matches('/'))
    }

    fn existing(&self, repository: Option<&Repository>, hashes: &Parts) -> Existing {
        let url = repository.map(|one| {
            let (page, branch) = (&one.html_url, &one.default_branch);
            format!(
                "{page}/src/branch/{branch}/{}",
                self.with.folder.trim_matches('/')
            )
        });
        Existing {
            id: self.id(),
            name: self.id(),
            url,
            content_hash: Some(hashes.to_string()),
        }
    }

    /// The workflows as they are now: without what changes by itself, so that the same workflow is the same file.
    /// `None` where one is not to be seen.
    async fn export(&self) -> Result<Result<Files, Problem>, Failure> {
        let parts = Parts::read(&self.with.workflows);
        let exports = parts.iter().map(async |(part, id)| {
            let workflow = self.n8n.workflow(id).await?;
            Ok::<_, Failure>((part.to_owned(), workflow))
        });
        let mut files = Files::new();
        for (part, workflow) in try_join_all(exports).await? {
            let Some(workflow) = workflow else {
                let hidden = Problem::from(Cause::CannotSee { name: part });
                return Ok(Err(hidden.by(Provider::N8n)));
            };
            let text = serde_json::to_string_pretty(&workflow.content)
                .map_err(|_| Problem::from(Cause::Internal))?;
            let path = self.path(&format!("{part}.json"));
            files.insert(path, (text + "\n").into_bytes());
        }
        *self.exported.lock().unwrap_or_else(PoisonError::into_inner) = Some(files.clone());
        Ok(Ok(files))
    }

    /// The files as they stand.
    async fn standing<'p>(
        &self,
        repository: &Repository,
        paths: impl IntoIterator<Item = &'p String>,
    ) -> Result<BTreeMap<String, Option<FileAt>>, Failure> {
        let looks = paths.into_iter().map(async |path| {
            let file = self
                .gitea
                .file(repository, &repository.default_branch, path);
            Ok::<_, Failure>((path.clone(), file.await?))
        });
        Ok(try_join_all(looks).await?.into_iter().collect())
    }
}

/// A path's key among the parts: the file's name, since all lie in one folder.
fn path_key(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn hidden(name: &str) -> Found {
    let name = name.to_owned();
    Found::CannotSee(Problem::from(Cause::CannotSee { name }).by(Provider::Gitea))
}

/// A file is not the one that the commit was to replace.
fn is_stale(failure: &Failure) -> bool {
    matches!(refused_with(failure), Some(404 | 409 | 422))
}

#[async_trait]
impl Step for WorkflowBackup {
    fn name(&self) -> String {
        self.id()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::WorkflowBackup)
    }

    async fn check(&self, _: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        let info = self.gitea.whoami().await?;
        let repository = if info.missing_scopes.is_empty() {
            self.repository().await?
        } else {
            None
        };
        if let Some(repository) = repository {
            return Ok(public(&repository).into_iter().collect());
        }
        let scopes = self.missing_to_make(info);
        if scopes.is_empty() {
            return Ok(Vec::new());
        }
        let missing = Cause::CredentialScopeMissing { scopes };
        Ok(vec![Problem::from(missing).by(Provider::Gitea)])
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        if self.undoes {
            return self.made(cx).await;
        }
        let files = match self.export().await? {
            Ok(files) => files,
            Err(problem) => return Ok(Found::CannotSee(problem)),
        };
        let (maker, repository) = futures::join!(self.gitea.login(), self.repository());
        let mut evidence = Evidence {
            maker: Some(maker?),
            ..Evidence::default()
        };
        let repository = repository?;
        let standing = match &repository {
            Some(repository) => self.standing(repository, files.keys()).await?,
            None => BTreeMap::new(),
        };
        let mut hashes = Parts::default();
        let mut is_there = !files.is_empty();
        for (path, content) in &files {
            let file = standing.get(path).and_then(Option::as_ref);
            is_there &= file.is_some_and(|file| file.content == *content);
            let hash = sha256(content);
            hashes.set(path_key(path), &hash);
            let replaces = file.map(|file| (file.sha.clone(), file.commit.clone()));
            evidence
                .files
                .insert(path.clone(), Before { replaces, hash });
        }
        if is_there {
            return Ok(Found::Ours(self.existing(repository.as_ref(), &hashes)));
        }
        Ok(Found::Absent {
            evidence: serde_json::to_value(evidence).unwrap_or_default(),
        })
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let evidence = Evidence::of(cx);
        let exported = self
            .exported
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let files = match exported {
            Some(files) => files,
            None => match self.export().await? {
                Ok(files) => files,
                Err(problem) => {
                    return Err(Failure {
                        outcome: Outcome::Unauthorized,
                        problem,
                    });
                }
            },
        };
        let intended = |path: &String, content: &Vec<u8>| {
            let before = evidence.files.get(path);
            before.is_some_and(|before| before.hash == sha256(content))
        };
        if files.len() != evidence.files.len()
            || !files.iter().all(|(path, content)| intended(path, content))
        {
            // A workflow was changed since it was looked at: what is written has to be in the evidence first.
            *self.exported.lock().unwrap_or_else(PoisonError::into_inner) = None;
            let problem = Problem::from(Cause::ChangedSince { name: self.id() });
            return Err(Failure {
                outcome: Outcome::NotSent,
                problem: problem.by(Provider::N8n),
            });
        }
        let repository = self.shared().await?;
        let changes: Vec<_> = files
            .iter()
            .map(|(path, content)| {
                match evidence
                    .files
                    .get(path)
                    .and_then(|one| one.replaces.as_ref())
                {
                    Some((sha, _)) => Change::Update {
                        path,
                        content,
                        replaces: sha,
                    },
                    None => Change::Create { path, content },
                }
            })
            .collect();
        let message = format!("Back up {}", self.with.folder.trim_matches('/'));
        let branch = &repository.default_branch;
        let written = self
            .gitea
            .change_files(&repository, branch, &message, &changes);
        let mut hashes = Parts::default();
        for (path, before) in &evidence.files {
            hashes.set(path_key(path), &before.hash);
        }
        let existing = self.existing(Some(&repository), &hashes);
        match written.await {
            Ok(_) => {
                for path in files.keys() {
                    cx.say(Detail::FileCommitted, path);
                }
                Ok(Created::Resource(existing))
            }
            Err(mut failure) if is_stale(&failure) => {
                let standing = self.standing(&repository, files.keys()).await?;
                let is_ours = |(path, content): (&String, &Vec<u8>)| {
                    let now = standing.get(path).and_then(Option::as_ref);
                    now.is_some_and(|file| file.content == *content)
                };
                // An earlier call of ours came through after all.
                if files.iter().all(is_ours) {
                    return Ok(Created::Resource(existing));
                }
                // Nothing was written: what stands there now has to be in the evidence first.
                let was = |(path, now): (&String, &Option<FileAt>)| {
                    let before = evidence
                        .files
                        .get(path)
                        .and_then(|one| one.replaces.as_ref());
                    before.map(|(sha, _)| sha) == now.as_ref().map(|file| &file.sha)
                };
                if !standing.iter().all(was) {
                    failure.outcome = Outcome::NotSent;
                }
                Err(failure)
            }
            Err(failure) => Err(failure),
        }
    }

    async fn await_ready(
        &self,
        _: &Context<'_>,
        existing: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        let url = existing.and_then(|existing| existing.url.clone());
        let url = Output::Public(url.unwrap_or_default());
        Ok(Readiness::Ready([("url".to_owned(), url)].into()))
    }

    async fn undo(&self, cx: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        self.take_back(cx, existing).await
    }
}

#[cfg(test)]
mod tests;
