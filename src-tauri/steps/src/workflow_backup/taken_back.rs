//! What a run has written, told from what others have, and taking it back.

use fabrik_clouds::gitea::Change;
use fabrik_domain::{
    failure::Failure,
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
};
use fabrik_engine::step::{Context, Found, Undone};

use super::{Evidence, WorkflowBackup, hidden, is_stale, path_key};
use crate::{digest::sha256, left_standing, parts::Parts};

impl WorkflowBackup {
    /// What an intent whose outcome nobody knows has written.
    pub(super) async fn made(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let evidence = Evidence::of(cx);
        let absent = Found::Absent {
            evidence: cx.evidence.cloned().unwrap_or_default(),
        };
        let Some(repository) = self.repository().await? else {
            return Ok(if self.is_seen(&evidence).await? {
                absent
            } else {
                hidden(&self.id())
            });
        };
        let standing = self.standing(&repository, evidence.files.keys()).await?;
        let mut hashes = Parts::default();
        for (path, before) in &evidence.files {
            let now = standing.get(path).and_then(Option::as_ref);
            let was = before.replaces.as_ref().map(|(sha, _)| sha);
            if now
                .is_some_and(|file| Some(&file.sha) != was && sha256(&file.content) == before.hash)
            {
                hashes.set(path_key(path), &before.hash);
            }
        }
        // One commit writes all of them.
        Ok(if hashes.is_empty() {
            absent
        } else {
            Found::Ours(self.existing(Some(&repository), &hashes))
        })
    }

    /// Whether the token would see what was written: its user is the one that wrote it.
    async fn is_seen(&self, evidence: &Evidence) -> Result<bool, Failure> {
        let Some(maker) = &evidence.maker else {
            return Ok(false);
        };
        Ok(self.gitea.login().await?.eq_ignore_ascii_case(maker)
            && (maker.eq_ignore_ascii_case(&self.with.owner)
                || self.gitea.sees_organization(&self.with.owner).await?))
    }

    /// Each file that is as it was written is put back, or taken away where there was none; in one commit.
    pub(super) async fn take_back(
        &self,
        cx: &Context<'_>,
        existing: &Existing,
    ) -> Result<Undone, Failure> {
        let evidence = Evidence::of(cx);
        let Some(repository) = self.repository().await? else {
            return Ok(if self.is_seen(&evidence).await? {
                Undone::Gone
            } else {
                left_standing::cannot_see(Provider::Gitea, &existing.name)
            });
        };
        let written = Self::written(cx, existing);
        let mut files = evidence.files;
        // A later run may have written more.
        for (name, _) in written.iter().flat_map(Parts::iter) {
            files.entry(self.path(name)).or_default();
        }
        let standing = self.standing(&repository, files.keys()).await?;
        let (mut back, mut gone, mut stays) = (Vec::new(), Vec::new(), Vec::new());
        for (path, before) in &files {
            let Some(Some(now)) = standing.get(path) else {
                continue;
            };
            let hash = sha256(&now.content);
            let is_ours = written
                .iter()
                .any(|hashes| hashes.get(path_key(path)) == Some(hash.as_str()));
            match &before.replaces {
                Some((sha, _)) if *sha == now.sha => {}
                _ if !is_ours => stays.push(path_key(path)),
                None => gone.push((path, &now.sha)),
                Some((sha, commit)) => match self.gitea.file(&repository, commit, path).await? {
                    Some(earlier) if earlier.sha == *sha => back.push((path, &now.sha, earlier)),
                    _ => stays.push(path_key(path)),
                },
            }
        }
        let mut changes: Vec<_> = gone
            .iter()
            .map(|(path, sha)| Change::Delete {
                path,
                replaces: sha,
            })
            .collect();
        changes.extend(back.iter().map(|(path, sha, earlier)| Change::Update {
            path,
            content: &earlier.content,
            replaces: sha,
        }));
        if !changes.is_empty() {
            let message = format!("Take back {}", self.with.folder.trim_matches('/'));
            let branch = &repository.default_branch;
            let done = self
                .gitea
                .change_files(&repository, branch, &message, &changes);
            match done.await {
                Ok(_) => {}
                Err(failure) if is_stale(&failure) => {
                    return Ok(left_standing::changed_since(
                        Provider::Gitea,
                        &existing.name,
                    ));
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(if stays.is_empty() {
            Undone::Gone
        } else {
            left_standing::changed_since(Provider::Gitea, &stays.join(", "))
        })
    }

    /// What the customer's runs have written there, by their rows.
    fn written(cx: &Context<'_>, existing: &Existing) -> Vec<Parts> {
        let rows = cx
            .all
            .iter()
            .filter(|row| row.kind == ResourceKind::WorkflowBackup && row.id == existing.id);
        let hashes = rows.filter_map(|row| row.content_hash.as_deref());
        hashes
            .chain(existing.content_hash.as_deref())
            .map(Parts::read)
            .collect()
    }
}
