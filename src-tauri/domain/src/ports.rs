//! What the rest is written against: secrets, time, randomness, and the vendors' limits.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

pub use crate::gate::{Gate, Windows};
use crate::{
    problem::Problem,
    secret::{Secret, SecretRef},
};

/// Where secrets are kept.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The secret, or `None` where there is none.
    async fn get(&self, reference: &SecretRef) -> Result<Option<Secret>, Problem>;

    /// Keeps a secret, in place of the one that was there.
    async fn set(&self, reference: &SecretRef, secret: Secret) -> Result<(), Problem>;

    /// Drops a secret. None there is no error.
    async fn remove(&self, reference: &SecretRef) -> Result<(), Problem>;

    /// Keeps a secret where there is none, and answers the one that is kept then.
    ///
    /// What is generated is kept this way: a step that runs twice gets its first value back.
    async fn create_if_absent(
        &self,
        reference: &SecretRef,
        secret: Secret,
    ) -> Result<Secret, Problem> {
        if let Some(kept) = self.get(reference).await? {
            return Ok(kept);
        }
        self.set(reference, secret.clone()).await?;
        Ok(secret)
    }

    /// Whether a secret can be kept now, tried with one that is dropped at once: a keyring that is locked, or lets nobody
    /// write, may still answer that it has none of a name.
    async fn writable(&self) -> Result<(), Problem> {
        let probe = SecretRef::Keyring("v1/probe".to_owned());
        self.set(&probe, Secret::from("probe")).await?;
        self.remove(&probe).await
    }
}

/// Time. Simulation passes its own.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Wall time, for records and for people.
    fn now(&self) -> Timestamp;

    /// Time since some fixed instant that no change of the wall clock moves.
    fn monotonic(&self) -> Duration;

    /// Returns after `duration`.
    async fn sleep(&self, duration: Duration);
}

/// Randomness: from the OS for secrets, seeded in simulation.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);

    /// A number in `0.0..1.0`, for jitter.
    fn fraction(&self) -> f64 {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    }
}
