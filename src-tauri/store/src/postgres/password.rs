//! The server's password as it is by now: where it was changed while a store is open, connections that are made after go by
//! the new one.

use std::{
    pin::Pin,
    sync::{Mutex, OnceLock, PoisonError},
};

use fabrik_domain::secret::{ExposeSecret, Secret};

use super::{PostgresStore, address::Address};

/// What is kept of it at this moment.
pub type KeptPassword = Pin<Box<dyn Future<Output = Option<Secret>> + Send>>;

type Asking = Box<dyn Fn() -> KeptPassword + Send + Sync>;

/// An address, and whom to ask when its password is refused.
pub(super) struct Login {
    address: Mutex<Address>,
    asking: OnceLock<Asking>,
}

impl Login {
    pub(super) fn at(address: Address) -> Self {
        Self {
            address: Mutex::new(address),
            asking: OnceLock::new(),
        }
    }

    /// With the password that was taken last, as far as is known.
    pub(super) fn address(&self) -> Address {
        let address = self.address.lock().unwrap_or_else(PoisonError::into_inner);
        address.clone()
    }

    /// With another password than the one that was refused; none where no other is known.
    pub(super) async fn renewed(&self, refused: &Address) -> Option<Address> {
        let asking = self.asking.get()?;
        let password = asking().await?;
        let is_same = refused
            .password()
            .is_some_and(|refused| refused.expose_secret() == password.expose_secret());
        if is_same {
            return None;
        }
        let renewed = refused.clone().with_password(Some(password));
        let mut address = self.address.lock().unwrap_or_else(PoisonError::into_inner);
        *address = renewed.clone();
        Some(renewed)
    }
}

impl PostgresStore {
    /// Has `asking` say what the password is by now, where the one that is known is refused.
    #[must_use]
    pub fn with_kept_password(
        self,
        asking: impl Fn() -> KeptPassword + Send + Sync + 'static,
    ) -> Self {
        drop(self.connections.login().asking.set(Box::new(asking)));
        self
    }
}
