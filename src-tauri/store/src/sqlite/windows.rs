//! The table `call_windows`: what each process has used of the vendors' long limits.

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    gate::{Class, Window, Windows},
};
use rusqlite::{Connection, named_params};

use super::{
    SqliteStore,
    column::{json, micros, time, time_option, to_json, to_word, word},
    fault::Fault,
    writer::Write,
};

#[async_trait]
impl Windows for SqliteStore {
    async fn load(&self) -> Result<Vec<Window>, Problem> {
        self.writer.write(load).await
    }

    fn save(&self, window: Window) {
        let kept = self
            .writer
            .write_soon(move |write| put(write.connection, &window));
        if let Err(problem) = kept {
            tracing::warn!(%problem, "what was used of a limit was not kept");
        }
    }
}

/// Those that still say something; the others go.
fn load(write: &Write<'_>) -> Result<Vec<Window>, Fault> {
    write
        .connection
        .prepare_cached("DELETE FROM call_windows WHERE ends <= ?1")?
        .execute([micros(write.now)])?;
    write
        .connection
        .prepare_cached("SELECT * FROM call_windows")?
        .query_and_then([], |row| {
            Ok(Window {
                class: Class {
                    provider: word(row, "provider")?,
                    account: row.get("account")?,
                    name: row.get("class")?,
                },
                writer: row.get("writer")?,
                used: json(row, "used")?,
                closed_until: time_option(row, "closed_until")?,
                ends: time(row, "ends")?,
            })
        })?
        .collect()
}

fn put(connection: &Connection, window: &Window) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO call_windows (provider, account, class, writer, used, closed_until, ends)
             VALUES (:provider, :account, :class, :writer, :used, :closed_until, :ends)
             ON CONFLICT (provider, account, class, writer) DO UPDATE SET
                used = excluded.used, closed_until = excluded.closed_until, ends = excluded.ends",
        )?
        .execute(named_params! {
            ":provider": to_word(&window.class.provider)?,
            ":account": window.class.account,
            ":class": window.class.name,
            ":writer": window.writer,
            ":used": to_json(&window.used)?,
            ":closed_until": window.closed_until.map(micros),
            ":ends": micros(window.ends),
        })?;
    Ok(())
}
