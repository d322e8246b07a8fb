//! A database for a moment, such as for trying a blueprint's SQL.

use std::{io, ops::Deref};

use tempfile::TempDir;

use crate::{Database, Error};

/// A fresh Supabase project's database in a temporary folder, gone with it. Starts at the first
/// request.
pub struct ScratchDatabase {
    // Dropped before its folder.
    database: Database,
    _folder: TempDir,
}

impl ScratchDatabase {
    /// A new one.
    pub fn new() -> Result<Self, Error> {
        let folder =
            TempDir::with_prefix("fabrik-scratch-").map_err(|source: io::Error| Error::Folder {
                folder: std::env::temp_dir(),
                source,
            })?;
        Ok(Self {
            database: Database::at(folder.path()),
            _folder: folder,
        })
    }

    /// Gives it up while it is at a request without end, for which dropping it would wait. It is of no more use.
    pub async fn abandon(&self) {
        self.database.abandon().await;
    }
}

impl Deref for ScratchDatabase {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.database
    }
}
