//! Where a workspace's central database is: a file in its folder, or a server that `database.json` beside it names.
//! The server's password is in the keyring; another place holds from the next start.

mod leaving;
mod place;
mod secrets;
mod unopened;

use std::{
    collections::BTreeSet,
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use fabrik_domain::{
    Cause, Problem,
    ports::Clock,
    secret::{ExposeSecret, Secret},
};
use fabrik_store::{Address, PostgresStore, Store, TableContent};
use serde_json::json;

pub use self::unopened::{database_set_unopened, database_unopened};
use self::{place::Kept, secrets::keep_password};
pub(crate) use self::{
    place::{Central, Place},
    unopened::vault_of,
};
use crate::{
    App,
    entered::EnteredSecret,
    views::{DatabaseView, MovedTable},
};

/// The word for the file in the workspace's folder.
const LOCAL: &str = "local";

/// Entries of the audit log that are looked through for who else is at work.
const NEWEST: u64 = 500;

/// For how long somebody counts as at work who has changed something.
const LATELY: jiff::SignedDuration = jiff::SignedDuration::from_hours(7 * 24);

pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    // What a panic says may hold what was worked with: it is for the terminal, and not told on.
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Problem::from(Cause::Internal).detail("it broke off"))?
}

pub(crate) fn unreadable(path: &Path, error: &dyn fmt::Display) -> Problem {
    Problem::from(Cause::FileUnreadable {
        file: path.display().to_string(),
        why: error.to_string(),
    })
}

pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Problem {
    let file = path.display().to_string();
    Problem::from(Cause::FileUnwritable { file }).detail(error.to_string())
}

impl App {
    /// See the table of commands.
    pub async fn database(&self) -> Result<DatabaseView, Problem> {
        let next = Place::of(&self.data_dir, &self.workspace)?;
        let restart = self.place.to_string() != next.to_string();
        Ok(DatabaseView {
            restart,
            ..view(&next)
        })
    }

    /// See the table of commands.
    pub async fn database_set(
        &self,
        url: EnteredSecret,
        password: Option<EnteredSecret>,
        bring: bool,
    ) -> Result<DatabaseView, Problem> {
        let typed = url.0.expose_secret().trim();
        let next = if typed == LOCAL {
            None
        } else {
            Some(entered(typed, password)?)
        };
        let left = Place::of(&self.data_dir, &self.workspace)?.left_for(next.as_ref());
        let others = match left {
            Some(_) => self.others_at_work().await,
            None => Vec::new(),
        };
        let moved = match next {
            Some(address) => self.join(address, bring).await?,
            None => self.leave(bring).await?,
        };
        let moved = moved.into_iter().map(|one| MovedTable {
            table: one.table,
            rows: one.rows,
        });
        Ok(DatabaseView {
            moved: moved.collect(),
            left,
            others,
            ..self.database().await?
        })
    }

    /// Who else has changed the server's records of late. A word beside: where it can't be read, nobody is named.
    async fn others_at_work(&self) -> Vec<String> {
        if matches!(self.place, Place::File(_)) {
            return Vec::new();
        }
        let log = self.store.audit_log(None, NEWEST).await.unwrap_or_default();
        let now = self.clock.now();
        let others: BTreeSet<String> = log
            .into_iter()
            .filter(|line| now.duration_since(line.at) < LATELY)
            .map(|line| line.entry.operator)
            .filter(|operator| *operator != self.operator)
            .collect();
        others.into_iter().collect()
    }

    /// Goes over to a server, with all records or to those that are there.
    async fn join(&self, address: Address, bring: bool) -> Result<Vec<TableContent>, Problem> {
        let left = match &self.place {
            Place::Server { .. } if bring => {
                return Err(Problem::from(Cause::DatabaseUrlInvalid)
                    .detail("bring the records back to this machine first"));
            }
            Place::Server { noted, .. } => self.place.left_for(Some(&address)).map(|_| noted),
            Place::File(_) => None,
        };
        if left.is_some() {
            self.assert_own_runs_ended().await?;
        }
        // Whatever is wrong with the server is known before anything is kept.
        let found = at(&address, &self.clock).await?.workspace();
        let file = self.data_dir.database(&self.workspace);
        let moved_from = fabrik_store::moved_from(&file)?;
        let has_them = moved_from.is_none_or(|workspace| workspace == found);
        // A move that was broken off before the place was noted: all is there, and the file takes nothing more.
        let had_moved = match &self.place {
            Place::File(_) if has_them => moved_from.is_some(),
            Place::File(_) => {
                // What the file still has is older than what they have become there.
                let why = "the records have moved to another server";
                return Err(Problem::from(Cause::DatabaseFailed).detail(why));
            }
            place if left.is_some() && !has_them => {
                let place = place.to_string();
                return Err(Cause::DatabaseOnlyThere { place }.into());
            }
            Place::Server { .. } => false,
        };
        let _alone = match left {
            Some(noted) => {
                let alone = leaving::alone(noted).await?;
                // One may have begun since.
                self.assert_own_runs_ended().await?;
                Some(alone)
            }
            None => None,
        };
        let (own, noted) = (
            self.store.workspace(),
            self.data_dir.central(&self.workspace),
        );
        let workspace = if bring { own } else { found };
        // Before a move, which is not taken back: a keyring that takes nothing is known by then.
        let vault = self.vault.as_ref();
        let mut secrets = keep_password(&noted, &address, workspace, vault).await?;
        let kept = Kept {
            url: address.to_string(),
            password: secrets.password().cloned(),
            workspace: Some(workspace),
        };
        let chosen = async {
            let moved = if bring && !had_moved {
                let (there, clock) = (address.clone(), Arc::clone(&self.clock));
                blocking(move || fabrik_store::to_server(&file, there, clock)).await?
            } else {
                Vec::new()
            };
            let facts = json!({ "database": address.to_string(), "records": bring || had_moved });
            let audit = self.audit("database.chosen", facts);
            if bring || had_moved || matches!(self.place, Place::Server { .. }) {
                // On the server, after the move: an entry in the file would make it another than what an attempt that was
                // broken off has left there. A server that is left takes none from here any more, and one whose password
                // is another by now none by the connections that are open.
                at(&address, &self.clock).await?.audit(audit).await?;
            } else {
                self.store.audit(audit).await?;
            }
            secrets.bring_tokens(own, vault).await?;
            let before = Place::of(&self.data_dir, &self.workspace)?;
            kept.keep(&noted)?;
            Ok::<_, Problem>((moved, before))
        };
        let chosen = chosen.await;
        let (moved, before) = secrets.or_put_back(chosen, vault).await?;
        before
            .forget_password(kept.password.as_ref(), vault)
            .await?;
        Ok(moved)
    }
}

/// A database as it is shown, where nothing was moved and nothing is to be started again.
fn view(place: &Place) -> DatabaseView {
    DatabaseView {
        place: place.to_string(),
        server: matches!(place, Place::Server { .. }),
        encrypted: matches!(place, Place::Server { address, .. } if address.is_encrypted()),
        restart: false,
        moved: Vec::new(),
        left: None,
        others: Vec::new(),
    }
}

/// The address that somebody typed, with the password that was typed beside it or in it.
fn entered(typed: &str, password: Option<EnteredSecret>) -> Result<Address, Problem> {
    let address = Address::parse(typed)?;
    let password = password
        .map(|password| password.0.expose_secret().trim().to_owned())
        .filter(|password| !password.is_empty())
        .map(Secret::from)
        .or_else(|| address.password().cloned());
    Ok(address.with_password(password))
}

/// The database on a server, opened.
async fn at(address: &Address, clock: &Arc<dyn Clock>) -> Result<PostgresStore, Problem> {
    let (address, clock) = (address.clone(), Arc::clone(clock));
    blocking(move || PostgresStore::open(address, clock)).await
}

/// The name under which a file is set aside.
pub(crate) fn aside(file: &Path, now: jiff::Timestamp) -> PathBuf {
    let time = now.strftime("%Y%m%dT%H%M%SZ");
    file.with_file_name(format!("central-{time}.db"))
}

/// A database's file, and what SQLite keeps beside it.
pub(crate) fn with_logs(file: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|end| {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_panic_says_is_not_told_on() {
        let broken = blocking::<()>(|| panic!("postgres://u:canary-5f1c9a@db.example/x")).await;
        let problem = broken.unwrap_err();
        assert_eq!(*problem.cause, Cause::Internal);
        let told = format!("{problem:?} {problem} {}", json!(problem));
        assert!(!told.contains("canary"), "{told}");
    }
}
