//! The table `settings`.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::{audit, changes, fault::Fault, writer::Write};
use crate::{NewAudit, Topic};

/// All that are stored.
pub(super) fn all(connection: &Connection) -> Result<BTreeMap<String, String>, Fault> {
    connection
        .prepare_cached("SELECT key, value FROM settings")?
        .query_and_then([], |row| Ok((row.get("key")?, row.get("value")?)))?
        .collect()
}

/// Stores one, or drops it.
pub(super) fn set(
    write: &Write<'_>,
    key: &str,
    value: Option<&str>,
    audit: &NewAudit,
) -> Result<(), Fault> {
    match value {
        Some(value) => write
            .connection
            .prepare_cached(
                "INSERT INTO settings (key, value) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )?
            .execute((key, value))?,
        None => write
            .connection
            .prepare_cached("DELETE FROM settings WHERE key = ?1")?
            .execute([key])?,
    };
    audit::add(write, audit)?;
    changes::add(write.connection, Topic::Settings, key)
}
