//! Going back from a server to the file. From the first record that is copied on, no process on this data directory
//! writes to the server any more: what it wrote would be missing here. Other desktops go on as before.

use std::{fs, io, path::Path, sync::Arc};

use fabrik_domain::{Cause, Problem, ports::Clock, run::RunState};
use fabrik_store::{Address, FileHold, RunQuery, TableContent};

use super::{
    Place, aside, blocking,
    place::{names, with_password},
    unwritable, with_logs,
};
use crate::App;

impl App {
    /// Goes back to the file: as it was left, or with all records where they had been moved to the server.
    pub(super) async fn leave(&self, bring: bool) -> Result<Vec<TableContent>, Problem> {
        let place = Place::of(&self.data_dir, &self.workspace)?;
        let Place::Server {
            address,
            password,
            noted,
            ..
        } = place.clone()
        else {
            return Ok(Vec::new());
        };
        let file = self.data_dir.database(&self.workspace);
        let moved = if bring || fabrik_store::moved_from(&file)?.is_some() {
            let database = address.place();
            let address = with_password(&address, password.as_ref(), self.vault.as_ref()).await?;
            let clock = Arc::clone(&self.clock);
            let aside = aside(&file, self.clock.now());
            blocking(move || {
                let _alone = FileHold::alone(&noted)?;
                if !names(&noted, &database) {
                    // Another process was quicker.
                    return Err(Cause::DatabaseLeft.into());
                }
                let moved = bring_back(address, &file, &aside, clock)?;
                forget(&noted)?;
                Ok(moved)
            })
            .await?
        } else {
            let _alone = alone(&noted).await?;
            self.assert_own_runs_ended().await?;
            forget(&noted)?;
            Vec::new()
        };
        place.forget_password(None, self.vault.as_ref()).await?;
        Ok(moved)
    }

    /// Refuses while a process on this data directory drives a run on the server that is open: it could not be written to
    /// its end. One that can't be asked keeps nobody from leaving it.
    pub(super) async fn assert_own_runs_ended(&self) -> Result<(), Problem> {
        if matches!(self.place, Place::File(_)) {
            return Ok(());
        }
        let driven = RunQuery {
            states: vec![RunState::Queued, RunState::Running, RunState::Undoing],
            ..RunQuery::default()
        };
        let now = self.clock.now();
        for run in self.store.runs(driven).await.unwrap_or_default() {
            let lease = self.store.lease(run.id).await.unwrap_or_default();
            let is_own = lease.is_some_and(|lease| {
                lease.expires > now
                    && self.presence.shares_place(&lease.owner)
                    && !self.has_ended(&lease.owner)
            });
            if is_own {
                return Err(Cause::RunActive { run: run.id }.into());
            }
        }
        Ok(())
    }
}

/// The naming of a server to itself: no process on this data directory begins a run there while it is held.
pub(super) async fn alone(noted: &Path) -> Result<FileHold, Problem> {
    let noted = noted.to_owned();
    blocking(move || FileHold::alone(&noted)).await
}

/// Removes the file that names a server.
pub(super) fn forget(noted: &Path) -> Result<(), Problem> {
    fs::remove_file(noted).map_err(|error| unwritable(noted, &error))
}

/// Fetches all records into a new file, and puts it in the place of the one that was there, which is set aside.
fn bring_back(
    address: Address,
    file: &Path,
    aside: &Path,
    clock: Arc<dyn Clock>,
) -> Result<Vec<TableContent>, Problem> {
    let new = file.with_file_name("central-new.db");
    for rest in with_logs(&new) {
        // What an attempt before this one has left.
        match fs::remove_file(&rest) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(unwritable(&rest, &error));
            }
            _ => {}
        }
    }
    let moved = fabrik_store::to_file(address, &new, clock)?;
    for (old, aside) in with_logs(file).into_iter().zip(with_logs(aside)) {
        if old.exists() {
            fs::rename(&old, &aside).map_err(|error| unwritable(&aside, &error))?;
        }
    }
    fs::rename(&new, file).map_err(|error| unwritable(file, &error))?;
    Ok(moved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn a_server_is_left_as_it_is_only_while_nobody_writes_there() {
        let (_folder, app) = testing::app().await;
        let noted = app.data_dir.central(&app.workspace);
        let named = r#"{"url": "postgres://anna@db.studio.example/byran"}"#;
        fs::write(&noted, named).unwrap();
        // As each writing has it, if not to itself.
        let held = alone(&noted).await.unwrap();
        let refused = app.leave(false).await.unwrap_err();
        assert_eq!(refused.code(), "database_busy");
        assert!(noted.exists(), "a run may just be beginning");
        drop(held);
        app.leave(false).await.unwrap();
        assert!(!noted.exists());
    }
}
