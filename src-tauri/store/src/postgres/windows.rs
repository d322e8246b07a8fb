//! The table `call_windows`: what each process has used of the vendors' long limits.

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    gate::{Class, Window, Windows},
};
use std::ops::ControlFlow;
use tokio_postgres::Row;

use super::{
    PostgresStore,
    column::{get, json, micros, time, time_option, to_json, to_word, word},
    connections::Session,
    fault::Fault,
    soon::Waiting,
    turn::{Begun, Turn, Write, writing},
};

#[async_trait]
impl Windows for PostgresStore {
    async fn load(&self) -> Result<Vec<Window>, Problem> {
        writing!(self, |write| load(&write))
    }

    fn save(&self, window: Window) {
        self.soon.add(Waiting::Window(window));
    }
}

/// Those that still say something; the others go.
async fn load(write: &Write) -> Result<Vec<Window>, Fault> {
    let sql = "DELETE FROM fabrik.call_windows WHERE ends <= $1";
    write.execute(sql, &[&micros(write.now)]).await?;
    let rows = write.rows("SELECT * FROM fabrik.call_windows", &[]).await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<Window, Fault> {
    Ok(Window {
        class: Class {
            provider: word(row, "provider")?,
            account: get(row, "account")?,
            name: get(row, "class")?,
        },
        writer: get(row, "writer")?,
        used: json(row, "used")?,
        closed_until: time_option(row, "closed_until")?,
        ends: time(row, "ends")?,
    })
}

/// Writes a window, in place of the one before.
pub(super) async fn put(session: &Session, window: &Window) -> Result<(), Fault> {
    session
        .execute(
            "INSERT INTO fabrik.call_windows (provider, account, class, writer, used, closed_until, ends)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (provider, account, class, writer) DO UPDATE SET
                used = excluded.used, closed_until = excluded.closed_until, ends = excluded.ends",
            &[
                &to_word(&window.class.provider)?,
                &window.class.account,
                &window.class.name,
                &window.writer,
                &to_json(&window.used)?,
                &window.closed_until.map(micros),
                &micros(window.ends),
            ],
        )
        .await?;
    Ok(())
}
