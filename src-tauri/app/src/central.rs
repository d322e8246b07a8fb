//! Where a workspace's central database is: a file in its folder, or a server that `database.json` beside it names.
//! The server's password is in the keyring; another place holds from the next start.

use std::{
    collections::BTreeSet,
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use fabrik_domain::{
    Cause, Problem,
    gate::Windows,
    id::WorkspaceId,
    ports::{Clock, Secrets},
    provider::Provider,
    secret::{ExposeSecret, Secret, SecretRef},
};
use fabrik_store::{Address, PostgresStore, SqliteStore, Store, TableContent};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    App,
    data_dir::DataDir,
    entered::EnteredSecret,
    views::{DatabaseView, MovedTable},
};

/// The word for the file in the workspace's folder.
const LOCAL: &str = "local";

/// Entries of the audit log that are looked through for who else is at work.
const NEWEST: u64 = 500;

/// For how long somebody counts as at work who has changed something.
const LATELY: jiff::SignedDuration = jiff::SignedDuration::from_hours(7 * 24);

/// Where a central database is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In this file.
    File(PathBuf),
    /// On this server.
    Server {
        /// Where, and as whom.
        address: Box<Address>,
        /// Where its password is kept, where it asks for one.
        password: Option<SecretRef>,
    },
}

/// What `database.json` holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<SecretRef>,
}

/// An open central database, as its two ports.
pub(crate) struct Central {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) windows: Arc<dyn Windows>,
}

impl Central {
    fn of<T: Store + Windows + 'static>(opened: T) -> Self {
        let opened = Arc::new(opened);
        Self {
            store: Arc::clone(&opened) as _,
            windows: opened,
        }
    }
}

impl Place {
    /// Where a workspace's is.
    pub(crate) fn of(data_dir: &DataDir, workspace: &str) -> Result<Self, Problem> {
        let path = data_dir.central(workspace);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self::File(data_dir.database(workspace)));
            }
            Err(error) => return Err(unreadable(&path, &error)),
        };
        let kept: Kept = serde_json::from_str(&text).map_err(|error| unreadable(&path, &error))?;
        Ok(Self::Server {
            address: Box::new(Address::parse(&kept.url)?),
            password: kept.password,
        })
    }

    /// Opens it, where waiting for the disk, the server or another process holds up nothing else.
    pub(crate) async fn open(
        &self,
        vault: &dyn Secrets,
        clock: Arc<dyn Clock>,
    ) -> Result<Central, Problem> {
        match self {
            Self::File(path) => {
                let path = path.clone();
                blocking(move || Ok(Central::of(SqliteStore::open(&path, clock)?))).await
            }
            Self::Server { address, password } => {
                let address = with_password(address, password.as_ref(), vault).await?;
                blocking(move || Ok(Central::of(PostgresStore::open(address, clock)?))).await
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server { address, .. } => address.fmt(f),
        }
    }
}

async fn with_password(
    address: &Address,
    password: Option<&SecretRef>,
    vault: &dyn Secrets,
) -> Result<Address, Problem> {
    // One that is gone from the keyring is the server's to ask for: what to do then is the same.
    let password = match password {
        Some(reference) => vault.get(reference).await?,
        None => None,
    };
    Ok(address.clone().with_password(password))
}

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
        let (now, then) = (self.place.to_string(), next.to_string());
        Ok(DatabaseView {
            server: matches!(next, Place::Server { .. }),
            encrypted: matches!(&next, Place::Server { address, .. } if address.is_encrypted()),
            restart: now != then,
            place: then,
            moved: Vec::new(),
            left: None,
            others: Vec::new(),
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
        let (mut left, mut others) = (None, Vec::new());
        let moved = if typed == LOCAL {
            if let Place::Server { address, .. } = Place::of(&self.data_dir, &self.workspace)? {
                left = Some(address.to_string());
                others = self.others_at_work().await;
            }
            self.leave(bring).await?
        } else {
            let address = Address::parse(typed)?;
            let password = password
                .map(|password| password.0.expose_secret().trim().to_owned())
                .filter(|password| !password.is_empty())
                .map(Secret::from)
                .or_else(|| address.password().cloned());
            self.join(address.with_password(password), bring).await?
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
        let file = match (&self.place, bring) {
            (Place::Server { .. }, true) => {
                return Err(Problem::from(Cause::DatabaseUrlInvalid)
                    .detail("bring the records back to this machine first"));
            }
            (Place::File(file), true) => Some(file.clone()),
            (_, false) => None,
        };
        // Whatever is wrong with the server is known before anything is kept.
        let found = self.at(&address).await?.workspace();
        let workspace = if bring { self.store.workspace() } else { found };
        let password = match address.password() {
            Some(password) => {
                let reference = SecretRef::database(workspace);
                self.vault.set(&reference, password.clone()).await?;
                Some(reference)
            }
            None => None,
        };
        self.bring_tokens(workspace).await?;
        // A move that was broken off before the place was noted: all is there, and the file takes nothing more.
        let had_moved = match &self.place {
            Place::File(file) if found == self.store.workspace() => fabrik_store::has_moved(file)?,
            _ => false,
        };
        let moved = match file {
            Some(file) if !had_moved => {
                if fabrik_store::has_moved(&file)? {
                    // What the file still has is older than what they have become there.
                    let why = "the records have moved to another server";
                    return Err(Problem::from(Cause::DatabaseFailed).detail(why));
                }
                let (there, clock) = (address.clone(), Arc::clone(&self.clock));
                blocking(move || fabrik_store::to_server(&file, there, clock)).await?
            }
            _ => Vec::new(),
        };
        let facts = json!({ "database": address.to_string(), "records": bring || had_moved });
        let audit = self.audit("database.chosen", facts);
        if bring || had_moved {
            // On the server, after the move: an entry in the file would make it another than what an attempt that was
            // broken off has left there.
            self.at(&address).await?.audit(audit).await?;
        } else {
            self.store.audit(audit).await?;
        }
        let kept = Kept {
            url: address.to_string(),
            password,
        };
        self.keep_place(&kept)?;
        Ok(moved)
    }

    /// The database on a server, opened.
    async fn at(&self, address: &Address) -> Result<PostgresStore, Problem> {
        let (address, clock) = (address.clone(), Arc::clone(&self.clock));
        blocking(move || PostgresStore::open(address, clock)).await
    }

    /// The agency's tokens are named by the workspace's id, which is the database's.
    async fn bring_tokens(&self, to: WorkspaceId) -> Result<(), Problem> {
        let from = self.store.workspace();
        if from == to {
            return Ok(());
        }
        for provider in Provider::ALL {
            let token = match self.vault.get(&SecretRef::token(from, provider)).await {
                // Where there is no keyring, there is no token in it.
                Err(problem) if matches!(*problem.cause, Cause::KeyringMissing { .. }) => {
                    return Ok(());
                }
                token => token?,
            };
            if let Some(token) = token {
                let reference = SecretRef::token(to, provider);
                self.vault.create_if_absent(&reference, token).await?;
            }
        }
        Ok(())
    }

    /// Goes back to the file: as it was left, or with all records where they had been moved to the server.
    async fn leave(&self, bring: bool) -> Result<Vec<TableContent>, Problem> {
        let Place::Server { address, password } = Place::of(&self.data_dir, &self.workspace)?
        else {
            return Ok(Vec::new());
        };
        let file = self.data_dir.database(&self.workspace);
        let moved = if bring || fabrik_store::has_moved(&file)? {
            let address = with_password(&address, password.as_ref(), self.vault.as_ref()).await?;
            let clock = Arc::clone(&self.clock);
            let aside = aside(&file, self.clock.now());
            blocking(move || bring_back(address, &file, &aside, clock)).await?
        } else {
            Vec::new()
        };
        let path = self.data_dir.central(&self.workspace);
        fs::remove_file(&path).map_err(|error| unwritable(&path, &error))?;
        // Nothing names it any more.
        if let Some(password) = password {
            self.vault.remove(&password).await?;
        }
        Ok(moved)
    }

    /// Notes the server for the next start, whole or not at all.
    fn keep_place(&self, kept: &Kept) -> Result<(), Problem> {
        let path = self.data_dir.central(&self.workspace);
        let new = path.with_extension("new");
        let text = serde_json::to_string_pretty(kept)
            .map_err(|error| Problem::from(Cause::Internal).detail(error.to_string()))?;
        fs::write(&new, text)
            .and_then(|()| fs::rename(&new, &path))
            .map_err(|error| unwritable(&path, &error))
    }
}

/// The name under which a file is set aside.
pub(crate) fn aside(file: &Path, now: jiff::Timestamp) -> PathBuf {
    let time = now.strftime("%Y%m%dT%H%M%SZ");
    file.with_file_name(format!("central-{time}.db"))
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
