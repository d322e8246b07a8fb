//! The column `told_at` of the table `runs`, the same of what was decided in `onboarding_requests`, and `telling` in both.

use std::ops::ControlFlow;

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    id::{RequestId, RunId},
    request::OnboardingRequest,
    run::Run,
};
use jiff::Timestamp;

use super::{
    PostgresStore,
    column::{get, micros},
    connections::Session,
    fault::Fault,
    requests,
    runs::from_row,
    turn::{Begun, Turn, Write, reading, writing},
};
use crate::{Outbox, PendingWrite, outbox::UNTOLD_RUN};

#[async_trait]
impl Outbox for PostgresStore {
    async fn untold_runs(&self, since: Timestamp, limit: u64) -> Result<Vec<Run>, Problem> {
        reading!(self, |session| untold(&session, since, limit))
    }

    async fn untold_count(&self, since: Timestamp) -> Result<u64, Problem> {
        reading!(self, |session| count(&session, since))
    }

    async fn set_told(&self, run: RunId, finished: Timestamp) -> Result<(), Problem> {
        writing!(self, |write| set_told(&write, run, finished))
    }

    async fn untold_decisions(&self) -> Result<Vec<OnboardingRequest>, Problem> {
        reading!(self, |session| requests::untold(&session))
    }

    async fn set_decision_told(&self, request: RequestId) -> Result<(), Problem> {
        writing!(self, |write| requests::set_told(&write, request))
    }

    async fn write_intent(&self, what: PendingWrite) -> Result<Option<String>, Problem> {
        reading!(self, |session| write_intent(&session, what))
    }

    async fn note_write_intent(
        &self,
        what: PendingWrite,
        seen: Option<String>,
        note: String,
    ) -> Result<bool, Problem> {
        writing!(self, |write| note_write_intent(
            &write,
            what,
            seen.as_deref(),
            &note
        ))
    }
}

async fn untold(session: &Session, since: Timestamp, limit: u64) -> Result<Vec<Run>, Fault> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = format!(
        "SELECT * FROM fabrik.runs WHERE {UNTOLD_RUN} AND finished_at >= $1
         ORDER BY finished_at, number LIMIT $2"
    );
    let rows = session.rows(&sql, &[&micros(since), &limit]).await?;
    rows.iter().map(from_row).collect()
}

async fn count(session: &Session, since: Timestamp) -> Result<u64, Fault> {
    let sql = format!("SELECT count(*) FROM fabrik.runs WHERE {UNTOLD_RUN} AND finished_at >= $1");
    let count: i64 = session.one(&sql, &[&micros(since)]).await?;
    Ok(count.unsigned_abs())
}

async fn set_told(write: &Write, run: RunId, finished: Timestamp) -> Result<(), Fault> {
    let sql = "UPDATE fabrik.runs SET told_at = $2, telling = NULL WHERE id = $1";
    let (run, finished) = (run.to_string(), micros(finished));
    write.execute(sql, &[&run, &finished]).await?;
    Ok(())
}

async fn write_intent(session: &Session, what: PendingWrite) -> Result<Option<String>, Fault> {
    let (table, id) = (what.table(), what.id());
    let sql = format!("SELECT telling FROM fabrik.{table} WHERE id = $1");
    match session.row(&sql, &[&id]).await? {
        Some(row) => get(&row, "telling"),
        None => Ok(None),
    }
}

async fn note_write_intent(
    write: &Write,
    what: PendingWrite,
    seen: Option<&str>,
    note: &str,
) -> Result<bool, Fault> {
    let (table, id, untold) = (what.table(), what.id(), what.untold());
    let sql = format!(
        "UPDATE fabrik.{table} SET telling = $2
         WHERE id = $1 AND telling IS NOT DISTINCT FROM $3 AND {untold}"
    );
    let noted = write.execute(&sql, &[&id, &note, &seen]).await?;
    Ok(noted > 0)
}
