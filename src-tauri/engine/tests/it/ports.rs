//! Ports for those who need none: a vault that keeps nothing, and waits as they are. The bench has them too.

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    ports::{Random, Secrets},
    secret::{Secret, SecretRef},
};

pub(crate) struct NoSecrets;

#[async_trait]
impl Secrets for NoSecrets {
    async fn get(&self, _: &SecretRef) -> Result<Option<Secret>, Problem> {
        Ok(None)
    }

    async fn set(&self, _: &SecretRef, _: Secret) -> Result<(), Problem> {
        Ok(())
    }

    async fn remove(&self, _: &SecretRef) -> Result<(), Problem> {
        Ok(())
    }
}

pub(crate) struct NoJitter;

impl Random for NoJitter {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(128);
    }
}
