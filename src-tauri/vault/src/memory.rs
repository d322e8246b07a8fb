//! A vault in memory, for tests: nothing is left of it when it is dropped.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    ports::Secrets,
    secret::{ExposeSecret, Secret, SecretRef},
};

use crate::{MAX_BYTES, VaultError, entry_name};

/// A vault in memory. Holds to the same names and lengths as the others.
#[derive(Debug, Default)]
pub struct MemoryVault {
    entries: Mutex<BTreeMap<String, Secret>>,
}

impl MemoryVault {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another with the same in it.
    #[must_use]
    pub fn copy(&self) -> Self {
        let entries = self.entries().clone();
        Self {
            entries: Mutex::new(entries),
        }
    }

    /// The names of what is kept, sorted: how a test sees what a run left behind.
    pub fn names(&self) -> Vec<String> {
        self.entries().keys().cloned().collect()
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Secret>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Secrets for MemoryVault {
    async fn get(&self, reference: &SecretRef) -> Result<Option<Secret>, Problem> {
        let name = entry_name(reference).map_err(|error| error.about(reference))?;
        Ok(self.entries().get(name).cloned())
    }

    async fn set(&self, reference: &SecretRef, secret: Secret) -> Result<(), Problem> {
        let name = entry_name(reference).map_err(|error| error.about(reference))?;
        if secret.expose_secret().len() > MAX_BYTES {
            return Err(VaultError::TooLong.about(reference));
        }
        self.entries().insert(name.to_owned(), secret);
        Ok(())
    }

    async fn remove(&self, reference: &SecretRef) -> Result<(), Problem> {
        let name = entry_name(reference).map_err(|error| error.about(reference))?;
        self.entries().remove(name);
        Ok(())
    }

    async fn create_if_absent(
        &self,
        reference: &SecretRef,
        secret: Secret,
    ) -> Result<Secret, Problem> {
        let name = entry_name(reference).map_err(|error| error.about(reference))?;
        if secret.expose_secret().len() > MAX_BYTES {
            return Err(VaultError::TooLong.about(reference));
        }
        Ok(self
            .entries()
            .entry(name.to_owned())
            .or_insert(secret)
            .clone())
    }
}
