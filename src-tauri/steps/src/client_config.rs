//! `client-config`: the customer's configuration as a JSON file, in one commit, before Vercel is linked
//! (a later push would deploy a second time).

use std::time::Duration;

use async_trait::async_trait;
use fabrik_clouds::{github::GitHub, refused_with};
use fabrik_domain::{
    Cause,
    blueprint::StepKind,
    event::Detail,
    failure::Failure,
    resource::{Found as Existing, ResourceKind},
    run::Output,
};
use fabrik_engine::step::{Context, Created, Found, Readiness, Step, Timing};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{digest::sha256, registry::Entry};

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
    replaces: Option<String>,
}

impl ClientConfig {
    fn place(&self) -> (&str, &str, &str, &str) {
        let (owner, name) = self.with.repository.split_once('/').unwrap_or_default();
        (owner, name, &self.with.branch, &self.with.path)
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

    async fn write(&self, text: &str, replaces: Option<&str>) -> Result<String, Failure> {
        let (owner, name, branch, path) = self.place();
        let message = format!("Configure {path}");
        let written = self
            .github
            .write_file(
                owner,
                name,
                branch,
                path,
                text.as_bytes(),
                &message,
                replaces,
            )
            .await?;
        Ok(written.commit)
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

    async fn find(&self, _: &Context<'_>) -> Result<Found, Failure> {
        let (owner, name, branch, path) = self.place();
        let (file, commit) = futures::join!(
            self.github.file(owner, name, branch, path),
            self.github.last_commit(owner, name, branch, path)
        );
        Ok(match file? {
            Some(file) if self.is_ours(&file.content) => {
                Found::Ours(self.existing(commit?.unwrap_or(file.sha))?)
            }
            file => {
                let evidence = Evidence {
                    replaces: file.map(|file| file.sha),
                };
                Found::Absent {
                    evidence: serde_json::to_value(evidence).unwrap_or_default(),
                }
            }
        })
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let evidence: Evidence = cx
            .evidence
            .and_then(|value| Evidence::deserialize(value).ok())
            .unwrap_or_default();
        let text = self.text()?;
        let commit = match self.write(&text, evidence.replaces.as_deref()).await {
            // The file changed since it was looked at. Nothing was written, so once more on what is
            // there now; a second refusal is told.
            Err(failure) if matches!(refused_with(&failure), Some(409 | 422)) => {
                let (owner, name, branch, path) = self.place();
                let now = self.github.file(owner, name, branch, path).await?;
                if now.as_ref().is_some_and(|file| self.is_ours(&file.content)) {
                    // An earlier call of ours came through after all.
                    let commit = self.github.last_commit(owner, name, branch, path).await?;
                    return Ok(Created::Resource(
                        self.existing(commit.unwrap_or_default())?,
                    ));
                }
                let replaces = now.map(|file| file.sha);
                if replaces == evidence.replaces {
                    return Err(failure);
                }
                self.write(&text, replaces.as_deref()).await?
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
}
