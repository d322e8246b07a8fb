//! The table `run_steps`.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause, Problem,
    id::RunId,
    run::{StepRecord, StepState},
};
use tokio_postgres::Row;

use super::{
    column::{
        count, get, json, json_option, micros, time_option, to_json, to_json_option, to_word, word,
    },
    connections::Session,
    fault::Fault,
    runs,
    turn::Write,
};
use crate::Topic;

/// How many of the newest steps of a kind tell its usual time.
const SAMPLE: i64 = 20;

/// Fewer tell nothing.
const ENOUGH: i64 = 3;

fn from_row(row: &Row) -> Result<StepRecord, Fault> {
    Ok(StepRecord {
        id: get(row, "id")?,
        kind: word(row, "kind")?,
        state: word(row, "state")?,
        phase: word(row, "phase")?,
        revision: count(row, "revision")?,
        attempts: count(row, "attempts")?,
        failures: count(row, "failures")?,
        not_before: time_option(row, "not_before")?,
        intended_at: time_option(row, "intended_at")?,
        evidence: json_option(row, "evidence")?,
        resource: json_option(row, "resource")?,
        ruled_out: json_option(row, "ruled_out")?.unwrap_or_default(),
        doubted: json_option(row, "doubted")?.unwrap_or_default(),
        outputs: json(row, "outputs")?,
        error: json_option(row, "error")?,
        started_at: time_option(row, "started_at")?,
        finished_at: time_option(row, "finished_at")?,
    })
}

/// A run's steps, in the blueprint's order.
pub(super) async fn of_run(session: &Session, run: RunId) -> Result<Vec<StepRecord>, Fault> {
    let sql = "SELECT * FROM fabrik.run_steps WHERE run_id = $1 ORDER BY position";
    let rows = session.rows(sql, &[&run.to_string()]).await?;
    if rows.is_empty() {
        runs::get(session, run).await?;
    }
    rows.iter().map(from_row).collect()
}

/// Writes a new run's steps.
pub(super) async fn add(session: &Session, run: RunId, steps: &[StepRecord]) -> Result<(), Fault> {
    let ids: Vec<_> = steps.iter().map(|step| step.id.clone()).collect();
    let kinds: Vec<_> = steps
        .iter()
        .map(|step| step.kind.key().to_owned())
        .collect();
    let sql = "INSERT INTO fabrik.run_steps
                   (run_id, id, position, kind, state, phase, revision, attempts, outputs)
               SELECT $1, id, place - 1, kind, 'pending', 'untouched', 0, 0, '{}'
               FROM unnest($2, $3) WITH ORDINALITY AS given (id, kind, place)";
    session
        .execute(sql, &[&run.to_string(), &ids, &kinds])
        .await?;
    put(session, run, steps).await
}

/// Writes steps' new rows in place of the old, all on one way to the server.
pub(super) async fn put(session: &Session, run: RunId, steps: &[StepRecord]) -> Result<(), Fault> {
    let written = steps.iter().map(|step| put_one(session, run, step));
    futures::future::try_join_all(written).await.map(drop)
}

async fn put_one(session: &Session, run: RunId, step: &StepRecord) -> Result<(), Fault> {
    let written = session
        .execute(
            "UPDATE fabrik.run_steps SET
                kind = $3, state = $4, phase = $5, revision = $6, attempts = $7, failures = $8,
                ruled_out = $9, not_before = $10, intended_at = $11, evidence = $12, resource = $13,
                outputs = $14, error = $15, started_at = $16, finished_at = $17,
                doubted = $18
             WHERE run_id = $1 AND id = $2",
            &[
                &run.to_string(),
                &step.id,
                &step.kind.key(),
                &to_word(&step.state)?,
                &to_word(&step.phase)?,
                &i64::from(step.revision),
                &i64::from(step.attempts),
                &i64::from(step.failures),
                &to_json_option((!step.ruled_out.is_empty()).then_some(&step.ruled_out))?,
                &step.not_before.map(micros),
                &step.intended_at.map(micros),
                &to_json_option(step.evidence.as_ref())?,
                &to_json_option(step.resource.as_ref())?,
                &to_json(&step.outputs)?,
                &to_json_option(step.error.as_ref())?,
                &step.started_at.map(micros),
                &step.finished_at.map(micros),
                &to_json_option((!step.doubted.is_empty()).then_some(&step.doubted))?,
            ],
        )
        .await?;
    if written == 1 {
        Ok(())
    } else {
        // A run's steps are its snapshot's; an intent that is written nowhere must not pass for one.
        Err(Problem::from(Cause::Internal)
            .detail(format!("run {run} has no step {}", step.id))
            .into())
    }
}

/// Writes what became of a deferred step, as long as it is deferred. Whether it was.
pub(super) async fn put_deferred(
    write: &Write,
    run: RunId,
    step: &StepRecord,
) -> Result<bool, Fault> {
    let sql = "SELECT * FROM fabrik.run_steps WHERE run_id = $1 AND id = $2 FOR UPDATE";
    let now = write.row(sql, &[&run.to_string(), &step.id]).await?;
    let now = now.as_ref().map(from_row).transpose()?;
    let now = now.filter(|now| now.state == StepState::Deferred);
    // It is looked at again and again: that nothing has happened is no news.
    if now.as_ref().is_some_and(|now| now != step) {
        put_one(write, run, step).await?;
        write.announce(Topic::Runs, &run.to_string());
    }
    Ok(now.is_some())
}

/// The median of the newest successful steps of each kind, in seconds.
pub(super) async fn usual_seconds(session: &Session) -> Result<BTreeMap<String, f64>, Fault> {
    let sql = "SELECT kind, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS usual
               FROM (
                   SELECT kind, (finished_at - started_at) / 1e6::float8 AS seconds,
                       row_number() OVER (PARTITION BY kind ORDER BY finished_at DESC) AS place
                   FROM fabrik.run_steps WHERE state = 'done' AND finished_at >= started_at
               ) AS newest
               WHERE place <= $1 GROUP BY kind HAVING count(*) >= $2";
    let rows = session.rows(sql, &[&SAMPLE, &ENOUGH]).await?;
    rows.iter()
        .map(|row| Ok((get(row, "kind")?, get(row, "usual")?)))
        .collect()
}
