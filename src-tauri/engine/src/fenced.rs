//! Secrets as a step of a run may change them: only while the run is its process's own.
//!
//! A keyring knows no fences, and between the look at the lease and the write there is an instant in which the
//! machine may sleep. So a process that finds its run lost looks, after its write, whether the run has ended by
//! now, and then takes the entry away again; and whoever took the run over clears its entries after the end is
//! written. One of the two sees the other.

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    id::RunId,
    ports::Secrets,
    secret::{Secret, SecretRef},
};

use crate::{Engine, journal::Journal, step::StepFactory};

/// The fence of the process that began a run.
const FIRST_OWNER: i64 = 1;

pub(crate) struct Fenced<'a> {
    pub(crate) below: &'a dyn Secrets,
    pub(crate) journal: &'a Journal<'a>,
}

#[async_trait]
impl Secrets for Fenced<'_> {
    async fn get(&self, reference: &SecretRef) -> Result<Option<Secret>, Problem> {
        self.below.get(reference).await
    }

    async fn set(&self, reference: &SecretRef, secret: Secret) -> Result<(), Problem> {
        self.journal.assert_fresh().await?;
        self.journal.will_keep(reference);
        self.below.set(reference, secret).await?;
        self.journal.assert_held().await?;
        self.journal.has_kept(reference);
        Ok(())
    }

    async fn remove(&self, reference: &SecretRef) -> Result<(), Problem> {
        self.journal.assert_fresh().await?;
        self.below.remove(reference).await
    }

    async fn create_if_absent(
        &self,
        reference: &SecretRef,
        secret: Secret,
    ) -> Result<Secret, Problem> {
        self.journal.assert_fresh().await?;
        self.journal.will_keep(reference);
        let kept = self.below.create_if_absent(reference, secret).await?;
        self.journal.assert_held().await?;
        self.journal.has_kept(reference);
        Ok(kept)
    }
}

impl Engine {
    /// Takes away what was kept while the run was lost, where nobody else will: it has ended for good.
    pub(crate) async fn withdraw(&self, journal: &Journal<'_>) -> Result<(), Problem> {
        let unsure = journal.take_unsure();
        if unsure.is_empty() || !self.has_ended_for_good(journal.lease().run).await? {
            return Ok(());
        }
        for reference in unsure {
            self.secrets.remove(&reference).await?;
        }
        Ok(())
    }

    /// Clears the vault once more after the end of a run that had another owner before.
    pub(crate) async fn clear_after_sleepers(
        &self,
        factory: &dyn StepFactory,
        journal: &Journal<'_>,
    ) -> Result<(), Problem> {
        let lease = journal.lease();
        if lease.fence == FIRST_OWNER || !self.has_ended_for_good(lease.run).await? {
            return Ok(());
        }
        let snapshot = self.store.snapshot(lease.run).await?;
        factory.forget(lease.run, &snapshot).await
    }

    /// Whether nobody will take the run on, so that nobody needs what it kept.
    async fn has_ended_for_good(&self, run: RunId) -> Result<bool, Problem> {
        Ok(!self.store.run(run).await?.state.can_roll_back())
    }
}
