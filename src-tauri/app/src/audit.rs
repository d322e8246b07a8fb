//! Whether the audit log was changed (S14): the anchors by which it shows, made when a run ends.
//!
//! An anchor is an HMAC-SHA-256 of the one before it and of every entry since, under a key that is in this computer's
//! keyring alone. So entries that an anchor covers can't be changed, removed, added or put in another order by somebody
//! who has the database and not the keyring. The newest anchor is in the keyring too: a log that ends before it was cut.
//! What was written since the last anchor is not covered.
//!
//! The format is told in `docs/security.md`, and checked by a program that shares no code with this one:
//! `scripts/verify-audit.mjs`.

mod export;

use fabrik_domain::{
    Cause, Problem,
    ports::Random,
    run::RunState,
    secret::{ExposeSecret, SecretRef},
};
use fabrik_store::{
    AuditAnchor, AuditExamination, AuditKey, AuditRow, AuditVerdict, KeptAnchor, RunQuery,
};
use fabrik_vault::VaultState;
use serde_json::json;

use crate::{App, system::SystemRandom};

/// How many entries are read at once.
const PAGE: u32 = 5000;

/// The number at which a reading of the whole log begins. Fabrik's own begin at 1, yet an entry that somebody else put in
/// below is shown with the others where the log is looked at.
const LEAST: i64 = i64::MIN;

/// How often an anchor is begun anew because another process made one meanwhile.
const TRIES: u32 = 5;

impl App {
    /// Anchors the audit log. Nobody is asked for a password on its account: where the keyring isn't open, the next end
    /// of a run covers what this one leaves.
    pub(crate) async fn anchor_audit(&self) {
        if self.vault_status().await.state != VaultState::Unlocked {
            tracing::debug!("the audit log is not anchored: the keyring is not open");
            return;
        }
        if let Err(problem) = self.try_to_anchor().await {
            tracing::warn!(%problem, "the audit log was not anchored");
        }
    }

    async fn try_to_anchor(&self) -> Result<(), Problem> {
        let key = self.made_key().await?;
        let known = self.kept_anchor().await?;
        if let Some(known) = known {
            let there = self.store.audit_anchor(key.name(), Some(known.number));
            if !known.is_among(there.await?.as_slice()) {
                // Before the next anchor takes the place of the one that says so: a log that was cut, or a copy that
                // was restored, tells it from then on.
                let newest = self.store.audit_anchor(key.name(), None).await?;
                let found = newest.map_or(0, |anchor| anchor.number);
                let facts = json!({ "known": known.number, "found": found });
                self.store
                    .audit(self.audit(AuditExamination::CUT, facts))
                    .await?;
            }
        }
        for _ in 0..TRIES {
            let last = self.store.audit_anchor(key.name(), None).await?;
            let reached = last.as_ref().map_or(0, |anchor| anchor.number);
            let end = self.store.audit_end().await?;
            if end <= reached {
                return Ok(());
            }
            let mut link = key.link(self.store.workspace(), last.as_ref());
            // The first covers whatever is there: what is put below it later is then found missing in it.
            let mut from = last.as_ref().map_or(LEAST, |anchor| anchor.number + 1);
            while from <= end {
                let rows = self.store.audit_rows(from, PAGE).await?;
                let Some(newest) = rows.last().map(|row| row.number) else {
                    break;
                };
                for row in rows.iter().filter(|row| row.number <= end) {
                    link.add(row);
                }
                from = newest.saturating_add(1);
            }
            let anchor = link.close(end, self.clock.now());
            let after = last.map(|anchor| anchor.number);
            if self.store.add_audit_anchor(anchor.clone(), after).await? {
                return self.keep_newest(&key, &anchor).await;
            }
        }
        Err(Cause::DatabaseBusy.into())
    }

    /// Has the keyring know of an anchor that was added, or of one that another process of this computer has added
    /// since. Both may come to the keyring in the other order: so it is looked at again after it was written.
    async fn keep_newest(&self, key: &AuditKey, added: &AuditAnchor) -> Result<(), Problem> {
        let reference = SecretRef::audit_anchor(self.store.workspace());
        for _ in 0..TRIES {
            let newest = self.store.audit_anchor(key.name(), None).await?;
            let newest = newest.filter(|newest| newest.number > added.number);
            let newest = KeptAnchor::of(newest.as_ref().unwrap_or(added));
            if self.kept_anchor().await?.as_ref() == Some(&newest) {
                break;
            }
            self.vault.set(&reference, newest.to_secret()).await?;
        }
        Ok(())
    }

    /// See the table of the command line: `audit verify`.
    pub async fn audit_verify(&self) -> Result<AuditVerdict, Problem> {
        let key = self.known_key().await?;
        let kept = self.kept_anchor().await?;
        let anchors = self.store.audit_anchors().await?;
        let mut examination = AuditExamination::new(self.store.workspace(), key, kept, anchors);
        self.each_entry(|row| examination.add(row)).await?;
        let mut verdict = examination.end();
        verdict.anchor_due |= self.has_ended_a_run().await?;
        Ok(verdict)
    }

    /// Whether the records have a run that has ended, whatever the log says of it.
    async fn has_ended_a_run(&self) -> Result<bool, Problem> {
        let ended = RunQuery {
            states: RunState::ENDED.to_vec(),
            limit: 1,
            ..RunQuery::default()
        };
        Ok(!self.store.runs(ended).await?.is_empty())
    }

    /// See the table of the command line: `audit export`. All entries and all anchors, for [`audit_verify`](Self::audit_verify)
    /// by another program.
    pub async fn audit_export(&self) -> Result<String, Problem> {
        let mut writing = export::Writing::begin(self.store.workspace());
        self.each_entry(|row| writing.entry(row)).await?;
        Ok(writing.end(&self.store.audit_anchors().await?))
    }

    /// Shows every entry that is there, in their order.
    async fn each_entry(&self, mut see: impl FnMut(&AuditRow) + Send) -> Result<(), Problem> {
        let mut next = Some(LEAST);
        while let Some(from) = next {
            let rows = self.store.audit_rows(from, PAGE).await?;
            rows.iter().for_each(&mut see);
            next = rows.last().and_then(|newest| newest.number.checked_add(1));
        }
        Ok(())
    }

    async fn known_key(&self) -> Result<Option<AuditKey>, Problem> {
        let reference = SecretRef::audit_key(self.store.workspace());
        let kept = self.vault.get(&reference).await?;
        kept.map(|secret| AuditKey::read(&secret, &reference))
            .transpose()
    }

    async fn made_key(&self) -> Result<AuditKey, Problem> {
        if let Some(key) = self.known_key().await? {
            return Ok(key);
        }
        let reference = SecretRef::audit_key(self.store.workspace());
        let mut bytes = [0; 32];
        SystemRandom.fill(&mut bytes);
        let new = AuditKey::made_of(&bytes);
        let kept = self.vault.create_if_absent(&reference, new).await?;
        AuditKey::read(&kept, &reference)
    }

    async fn kept_anchor(&self) -> Result<Option<KeptAnchor>, Problem> {
        let reference = SecretRef::audit_anchor(self.store.workspace());
        let kept = self.vault.get(&reference).await?;
        Ok(kept.and_then(|secret| KeptAnchor::read(secret.expose_secret())))
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use fabrik_vault::MemoryVault;

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn an_anchor_is_missed_once_a_run_has_ended_whatever_the_log_says() {
        let (_folder, mut app) = testing::app().await;
        app.vault = Arc::new(MemoryVault::new());
        let lease = testing::run(&app, "here", BTreeMap::new()).await;
        let verdict = app.audit_verify().await.unwrap();
        assert_eq!(verdict.problem(), None, "{verdict:?}");
        testing::put(&app, &lease, RunState::Cancelled).await;
        let verdict = app.audit_verify().await.unwrap();
        assert_eq!(verdict.problem(), Some(Cause::AuditUnanchored.into()));
    }

    #[tokio::test]
    async fn the_keyrings_newest_anchor_is_not_set_back() {
        let (_folder, mut app) = testing::app().await;
        app.vault = Arc::new(MemoryVault::new());
        let key = app.made_key().await.unwrap();
        let mut anchors = Vec::new();
        for _ in 0..2 {
            let entry = app.audit("settings.changed", json!({}));
            app.store.audit(entry).await.unwrap();
            app.try_to_anchor().await.unwrap();
            let newest = app.store.audit_anchor(key.name(), None).await.unwrap();
            anchors.push(newest.expect("it was anchored"));
        }
        let kept = app.kept_anchor().await.unwrap();
        assert_eq!(kept, Some(KeptAnchor::of(&anchors[1])));
        // The process that made the first one comes to the keyring last.
        app.keep_newest(&key, &anchors[0]).await.unwrap();
        assert_eq!(app.kept_anchor().await.unwrap(), kept);
        let verdict = app.audit_verify().await.unwrap();
        assert_eq!(verdict.problem(), None, "{verdict:?}");
    }
}
