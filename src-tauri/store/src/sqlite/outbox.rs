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
use crate::{Outbox, PendingWrite};

/// As it stands in the index, so that it is used.
const UNTOLD: &str = "finished_at IS NOT NULL AND (told_at IS NULL OR told_at <> finished_at)
    AND finished_at >= ?1";

#[async_trait]
impl Outbox for SqliteStore {
    async fn untold_runs(&self, since: Timestamp, limit: u64) -> Result<Vec<Run>, Problem> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT * FROM runs WHERE {UNTOLD} ORDER BY finished_at, number LIMIT ?2"
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
                    .prepare_cached(&format!("SELECT count(*) FROM runs WHERE {UNTOLD}"))?
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

    async fn telling(&self, what: PendingWrite) -> Result<Option<String>, Problem> {
        let Place { table, id, .. } = Place::of(what);
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

    async fn note_telling(
        &self,
        what: PendingWrite,
        seen: Option<String>,
        note: String,
    ) -> Result<bool, Problem> {
        let Place { table, id, untold } = Place::of(what);
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

/// Where it is noted.
struct Place {
    table: &'static str,
    id: String,
    /// What holds of a row until it is told.
    untold: &'static str,
}

impl Place {
    fn of(what: PendingWrite) -> Self {
        match what {
            PendingWrite::Run(run) => Self {
                table: "runs",
                id: run.to_string(),
                untold: "finished_at IS NOT NULL AND (told_at IS NULL OR told_at <> finished_at)",
            },
            PendingWrite::Decision(request) => Self {
                table: "onboarding_requests",
                id: request.to_string(),
                untold: crate::requests::UNTOLD,
            },
        }
    }
}
