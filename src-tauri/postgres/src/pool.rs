//! The databases of many projects, each in a folder of its own below one root.
//!
//! A fresh one starts in 0.2 s, 0.1 s of them spent on the bootstrap: keeping a made cluster to copy
//! would save less than the copy costs, and would have to be kept in step with the bootstrap.

use std::{collections::HashMap, fs, io, path::PathBuf, sync::Arc};

use tokio::sync::Mutex;

use crate::{Database, Error, awake::Awake};

/// How many databases of a pool run at once.
const AWAKE: usize = 8;

/// The databases below a root. They survive the pool: another one on the same root has them again.
pub struct Pool {
    root: PathBuf,
    awake: Arc<Awake>,
    /// Held while a folder is made or removed.
    open: Mutex<HashMap<String, Database>>,
}

impl Pool {
    /// The pool in a folder, made where there is none. One process may have it at a time.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, Error> {
        let root = root.into();
        fs::create_dir_all(&root).map_err(|source| Error::Folder {
            folder: root.clone(),
            source,
        })?;
        Ok(Self {
            root,
            awake: Awake::room_for(AWAKE),
            open: Mutex::default(),
        })
    }

    /// A new project's database, whose cluster is made when it first wakes: lower-case letters,
    /// digits, `-` and `_` in its name.
    pub async fn create(&self, name: &str) -> Result<Database, Error> {
        let folder = self.folder(name)?;
        let mut open = self.open.lock().await;
        match fs::create_dir(&folder) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(Error::Exists(name.to_owned()));
            }
            Err(source) => return Err(Error::Folder { folder, source }),
        }
        let database = Database::within(folder, Arc::clone(&self.awake));
        open.insert(name.to_owned(), database.clone());
        Ok(database)
    }

    /// A project's database.
    pub async fn database(&self, name: &str) -> Result<Database, Error> {
        let folder = self.folder(name)?;
        let mut open = self.open.lock().await;
        if let Some(database) = open.get(name) {
            return Ok(database.clone());
        }
        if !folder.exists() {
            return Err(Error::Unknown(name.to_owned()));
        }
        let database = Database::within(folder, Arc::clone(&self.awake));
        open.insert(name.to_owned(), database.clone());
        Ok(database)
    }

    /// Removes a project's database with all it holds. None there is no error.
    pub async fn remove(&self, name: &str) -> Result<(), Error> {
        let folder = self.folder(name)?;
        let mut open = self.open.lock().await;
        if let Some(database) = open.remove(name) {
            database.close().await;
        }
        let gone = folder.clone();
        let removed = tokio::task::spawn_blocking(move || fs::remove_dir_all(gone)).await;
        match removed.unwrap_or_else(|end| Err(io::Error::other(end))) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(Error::Folder { folder, source })
            }
            _ => Ok(()),
        }
    }

    /// How many databases run.
    pub async fn awake(&self) -> usize {
        self.open
            .lock()
            .await
            .values()
            .filter(|database| database.is_awake())
            .count()
    }

    /// Stops every server, once it has done what it was asked. A later request starts it again.
    pub async fn sleep(&self) {
        let databases: Vec<_> = self.open.lock().await.values().cloned().collect();
        for database in databases {
            database.sleep().await;
        }
    }

    fn folder(&self, name: &str) -> Result<PathBuf, Error> {
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let plain = name
            .bytes()
            .all(|byte| known(byte) || byte == b'-' || byte == b'_');
        if name.is_empty() || name.len() > 64 || !plain {
            return Err(Error::Name(name.to_owned()));
        }
        Ok(self.root.join(name))
    }
}
