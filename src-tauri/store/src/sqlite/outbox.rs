//! The column `told_at` of the table `runs`, the same of what was decided in `onboarding_requests`, and `telling` in both.

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    id::{RequestId, RunId},
    request::OnboardingRequest,
    run::Run,
};
use jiff::Timestamp;
use rusqlite::OptionalExtension;

use super::{SqliteStore, column::micros, requests, runs::from_row};
use crate::{Outbox, PendingWrite, outbox::UNTOLD_RUN};

#[async_trait]
impl Outbox for SqliteStore {
    async fn untold_runs(&self, since: Timestamp, limit: u64) -> Result<Vec<Run>, Problem> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT * FROM runs WHERE {UNTOLD_RUN} AND finished_at >= ?1
                         ORDER BY finished_at, number LIMIT ?2"
                    ))?
                    .query_and_then((micros(since), limit), from_row)?
                    .collect()
            })
            .await
    }

    async fn untold_count(&self, since: Timestamp) -> Result<u64, Problem> {
        self.readers
            .read(move |connection| {
                let count: i64 = connection
                    .prepare_cached(&format!(
                        "SELECT count(*) FROM runs WHERE {UNTOLD_RUN} AND finished_at >= ?1"
                    ))?
                    .query_row([micros(since)], |row| row.get(0))?;
                Ok(count.unsigned_abs())
            })
            .await
    }

    async fn set_told(&self, run: RunId, finished: Timestamp) -> Result<(), Problem> {
        self.writer
            .write(move |write| {
                write
                    .connection
                    .prepare_cached("UPDATE runs SET told_at = ?2, telling = NULL WHERE id = ?1")?
                    .execute((run.to_string(), micros(finished)))?;
                Ok(())
            })
            .await
    }

    async fn untold_decisions(&self) -> Result<Vec<OnboardingRequest>, Problem> {
        self.readers.read(requests::untold).await
    }

    async fn set_decision_told(&self, request: RequestId) -> Result<(), Problem> {
        self.writer
            .write(move |write| requests::set_told(write, request))
            .await
    }

    async fn write_intent(&self, what: PendingWrite) -> Result<Option<String>, Problem> {
        let (table, id) = (what.table(), what.id());
        self.readers
            .read(move |connection| {
                let sql = format!("SELECT telling FROM {table} WHERE id = ?1");
                let mut statement = connection.prepare_cached(&sql)?;
                let noted: Option<Option<String>> =
                    statement.query_row([id], |row| row.get(0)).optional()?;
                Ok(noted.flatten())
            })
            .await
    }

    async fn note_write_intent(
        &self,
        what: PendingWrite,
        seen: Option<String>,
        note: String,
    ) -> Result<bool, Problem> {
        let (table, id, untold) = (what.table(), what.id(), what.untold());
        self.writer
            .write(move |write| {
                let sql = format!(
                    "UPDATE {table} SET telling = ?2 WHERE id = ?1 AND telling IS ?3 AND {untold}"
                );
                let mut statement = write.connection.prepare_cached(&sql)?;
                Ok(statement.execute((&id, &note, &seen))? > 0)
            })
            .await
    }
}
