//! The server's password as it is by now: where it was changed while a store is open, connections that are made after go by
//! the new one.

use std::sync::{Mutex, OnceLock, PoisonError};

use fabrik_domain::secret::{ExposeSecret, Secret};
use futures::future::BoxFuture;

use super::{PostgresStore, address::Address, fault::Fault};

/// Gives what is kept of it at the moment.
type Asking = Box<dyn Fn() -> BoxFuture<'static, Option<Secret>> + Send + Sync>;

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

    /// Opens a connection: with the password that was taken last, else with the one that is kept by now.
    pub(super) async fn open<C, O>(
        &self,
        open: impl Fn(Address) -> O + Send + Sync,
    ) -> Result<C, Fault>
    where
        O: Future<Output = Result<C, Fault>> + Send,
    {
        let address = self.address();
        match open(address.clone()).await {
            Err(fault) if fault.is_login_refused() => {
                let Some(renewed) = self.renewed(&address).await else {
                    return Err(fault);
                };
                let opened = open(renewed.clone()).await?;
                // Taken once it is known to be right: the keyring may be ahead of the server.
                *self.address.lock().unwrap_or_else(PoisonError::into_inner) = renewed;
                Ok(opened)
            }
            opened => opened,
        }
    }

    fn address(&self) -> Address {
        let address = self.address.lock().unwrap_or_else(PoisonError::into_inner);
        address.clone()
    }

    /// With another password than the one that was refused; none where no other is known.
    async fn renewed(&self, refused: &Address) -> Option<Address> {
        let asking = self.asking.get()?;
        let password = asking().await?;
        let is_same = refused
            .password()
            .is_some_and(|refused| refused.expose_secret() == password.expose_secret());
        (!is_same).then(|| refused.clone().with_password(Some(password)))
    }
}

impl PostgresStore {
    /// Has `asking` say what the password is by now, where the one that is known is refused.
    #[must_use]
    pub fn with_kept_password(
        self,
        asking: impl Fn() -> BoxFuture<'static, Option<Secret>> + Send + Sync + 'static,
    ) -> Self {
        drop(self.connections.login().asking.set(Box::new(asking)));
        self
    }
}
