//! The table `settings`.

use std::collections::BTreeMap;

use super::{audit, column::get, connections::Session, fault::Fault, turn::Write};
use crate::{NewAudit, Topic};

/// All that are stored.
pub(super) async fn all(session: &Session) -> Result<BTreeMap<String, String>, Fault> {
    let rows = session
        .rows("SELECT key, value FROM fabrik.settings", &[])
        .await?;
    rows.iter()
        .map(|row| Ok((get(row, "key")?, get(row, "value")?)))
        .collect()
}

/// Stores one, or drops it.
pub(super) async fn set(
    write: &Write,
    key: &str,
    value: Option<&str>,
    audit: &NewAudit,
) -> Result<(), Fault> {
    match value {
        Some(value) => {
            let sql = "INSERT INTO fabrik.settings (key, value) VALUES ($1, $2)
                       ON CONFLICT (key) DO UPDATE SET value = excluded.value";
            write.execute(sql, &[&key, &value]).await?
        }
        None => {
            let sql = "DELETE FROM fabrik.settings WHERE key = $1";
            write.execute(sql, &[&key]).await?
        }
    };
    audit::add(write, audit).await?;
    write.announce(Topic::Settings, key);
    Ok(())
}
