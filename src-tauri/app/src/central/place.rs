//! Where a workspace's central database is, as its folder says, and the opening of it.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use fabrik_domain::{
    Cause, Problem,
    gate::Windows,
    id::WorkspaceId,
    ports::{Clock, Secrets},
    secret::{Secret, SecretRef},
};
use fabrik_store::{Address, PostgresStore, SqliteStore, Store};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{blocking, unreadable, unwritable};
use crate::data_dir::DataDir;

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
        /// Whose records are there, by which this desktop's secrets are named; none where an earlier version noted it.
        workspace: Option<WorkspaceId>,
        /// The file that names it.
        noted: PathBuf,
    },
}

/// What `database.json` holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    pub(super) url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) password: Option<SecretRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) workspace: Option<WorkspaceId>,
}

impl Kept {
    /// What the file at `path` holds; nothing where there is none.
    pub(super) fn at(path: &Path) -> Result<Option<Self>, Problem> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(path, &error)),
        };
        let kept = serde_json::from_str(&text).map_err(|error| unreadable(path, &error))?;
        Ok(Some(kept))
    }

    /// Notes it in the file at `path` for the next start, whole or not at all.
    pub(super) fn keep(&self, path: &Path) -> Result<(), Problem> {
        let new = path.with_extension("new");
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Problem::from(Cause::Internal).detail(error.to_string()))?;
        fs::write(&new, text)
            .and_then(|()| fs::rename(&new, path))
            .map_err(|error| unwritable(path, &error))
    }
}

/// What the password is called by that `noted` leads to: neither another data directory on this keyring has it, nor is it
/// another role's or server's.
pub(super) fn desk(noted: &Path, address: &Address) -> String {
    let folder = noted.parent().unwrap_or(noted);
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let (user, place) = (address.user(), address.place());
    let digest = Sha256::digest(format!("{}\n{user}@{place}", folder.display()));
    let first = digest.first_chunk().copied().unwrap_or_default();
    format!("{:016x}", u64::from_be_bytes(first))
}

/// Whether the file at `path` still names this database. Where it can't be read nothing says that it doesn't.
pub(super) fn names(path: &Path, database: &str) -> bool {
    let named =
        Kept::at(path).and_then(|kept| kept.map(|kept| Address::parse(&kept.url)).transpose());
    match named {
        Ok(address) => address.is_some_and(|address| address.place() == database),
        Err(_) => true,
    }
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
        let noted = data_dir.central(workspace);
        let Some(kept) = Kept::at(&noted)? else {
            return Ok(Self::File(data_dir.database(workspace)));
        };
        Ok(Self::Server {
            address: Box::new(Address::parse(&kept.url)?),
            password: kept.password,
            workspace: kept.workspace,
            noted,
        })
    }

    /// The server that is left where the database is to be at `next`, or else in the file.
    pub(super) fn left_for(&self, next: Option<&Address>) -> Option<String> {
        match self {
            Self::Server { address, .. }
                if next.is_none_or(|next| next.place() != address.place()) =>
            {
                Some(address.to_string())
            }
            _ => None,
        }
    }

    /// Whose records are there. Where an earlier version noted the place, the password's name tells, if there is one.
    pub(super) fn workspace(&self) -> Option<WorkspaceId> {
        match self {
            Self::Server {
                workspace,
                password,
                ..
            } => workspace.or_else(|| password.as_ref()?.workspace()),
            Self::File(_) => None,
        }
    }

    /// Removes the password from the keyring that nothing names any more, unless it is `still` the one in use. One that an
    /// earlier version kept for all data directories of the keyring stays: another may have it.
    pub(super) async fn forget_password(
        &self,
        still: Option<&SecretRef>,
        vault: &dyn Secrets,
    ) -> Result<(), Problem> {
        match self {
            Self::Server {
                address,
                password: Some(password),
                noted,
                ..
            } if still != Some(password) && password.is_database_of(&desk(noted, address)) => {
                vault.remove(password).await
            }
            _ => Ok(()),
        }
    }

    /// Opens it, where waiting for the disk, the server or another process holds up nothing else. A server is written for
    /// as long as the workspace's folder names it.
    pub(crate) async fn open(
        &self,
        vault: Arc<dyn Secrets>,
        clock: Arc<dyn Clock>,
    ) -> Result<Central, Problem> {
        match self {
            Self::File(path) => {
                let path = path.clone();
                blocking(move || Ok(Central::of(SqliteStore::open(&path, clock)?))).await
            }
            Self::Server {
                address,
                password,
                noted,
                ..
            } => {
                let (noted, database) = (noted.clone(), address.place());
                let address = with_password(address, password.as_ref(), vault.as_ref()).await?;
                blocking(move || {
                    let (url, file) = (address.to_string(), noted.clone());
                    let opened = PostgresStore::open(address, clock)?;
                    let opened = opened.with_kept_password(move || {
                        Box::pin(kept_password(file.clone(), url.clone(), Arc::clone(&vault)))
                    });
                    let named = noted.clone();
                    let still = move || names(&named, &database);
                    Ok(Central::of(opened.while_named(noted, still)))
                })
                .await
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

/// What is kept by now of the password for a server that is noted still: it may be another than when it was opened.
async fn kept_password(noted: PathBuf, url: String, vault: Arc<dyn Secrets>) -> Option<Secret> {
    let kept = Kept::at(&noted).ok().flatten()?;
    let reference = kept.password.filter(|_| kept.url == url)?;
    vault.get(&reference).await.ok().flatten()
}

pub(super) async fn with_password(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_one_data_directorys_and_one_roles() {
        let address = |url| Address::parse(url).unwrap();
        let anna = address("postgres://anna@db.studio.se/byran");
        let (one, other) = (
            Path::new("/one/database.json"),
            Path::new("/two/database.json"),
        );
        let own = desk(one, &anna);
        let again = address("postgresql://anna@db.studio.se:5432/byran?sslmode=require");
        assert_eq!(own, desk(one, &again), "the same place, written otherwise");
        assert_ne!(own, desk(other, &anna));
        assert_ne!(own, desk(one, &address("postgres://bo@db.studio.se/byran")));
        assert_ne!(
            own,
            desk(one, &address("postgres://anna@db.studio.se/annan"))
        );
        let workspace = WorkspaceId::new();
        assert!(SecretRef::database(workspace, &own).is_database_of(&own));
        let of_all = SecretRef::Keyring(format!("v1/{workspace}/database/password"));
        assert!(!of_all.is_database_of(&own), "of an earlier version");
    }

    #[test]
    fn a_server_is_left_where_the_file_is_gone_or_names_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("database.json");
        let names = || names(&path, "db.studio.se:5432/byran");
        assert!(!names(), "there is none");
        for (text, named) in [
            (r#"{"url": "postgres://anna@db.studio.se/byran"}"#, true),
            (
                r#"{"url": "postgres://bo@db.studio.se:5432/byran?sslmode=require"}"#,
                true,
            ),
            (r#"{"url": "postgres://anna@db.studio.se/annan"}"#, false),
            ("half of it", true),
        ] {
            fs::write(&path, text).unwrap();
            assert_eq!(names(), named, "{text}");
        }
    }
}
