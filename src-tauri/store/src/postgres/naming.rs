//! Whether the server is still the one that a process on this data directory writes to. Whoever goes back to a file has the
//! naming of the server to itself, from before the records are copied until it is named no more: what another process
//! writes there is copied, or refused. Others' desktops have a naming of their own, and go on.

use std::{path::PathBuf, sync::Arc};

use fabrik_domain::{Cause, Problem};

use super::{PostgresStore, fault::Fault};
use crate::FileHold;

/// The file that names a server, and what it says.
pub(super) struct Naming {
    file: PathBuf,
    still: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Naming {
    /// Whether the server is still named; then it is for as long as what this gives is held.
    pub(super) async fn hold(self: Arc<Self>) -> Result<Option<FileHold>, Fault> {
        // The disk is waited for, and whoever has the naming to itself.
        let asking = tokio::task::spawn_blocking(move || {
            let hold = FileHold::shared(&self.file)?;
            if (self.still)() {
                Ok(hold)
            } else {
                Err(Problem::from(Cause::DatabaseLeft))
            }
        });
        let asked = asking.await;
        Ok(asked.unwrap_or_else(|_| Err(Problem::from(Cause::Internal)))?)
    }
}

impl PostgresStore {
    /// Has every writing ask `still` from here on, and refuses it with `database_left` where it says no. Whoever has
    /// `file` [to itself](FileHold::alone) meets none that is under way.
    #[must_use]
    pub fn while_named(
        self,
        file: PathBuf,
        still: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        self.connections.set_naming(Naming {
            file,
            still: Box::new(still),
        });
        self
    }
}
