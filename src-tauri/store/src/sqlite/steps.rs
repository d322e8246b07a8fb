//! The table `run_steps`.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    id::RunId,
    run::{StepRecord, StepState},
};
use rusqlite::{Connection, Row, named_params};

use super::{
    changes,
    column::{json, json_option, micros, time_option, to_json, to_json_option, to_word, word},
    fault::Fault,
    runs,
};
use crate::Topic;

/// How many of the newest steps of a kind tell its usual time.
const SAMPLE: usize = 20;

/// Fewer tell nothing.
const ENOUGH: usize = 3;

fn from_row(row: &Row<'_>) -> Result<StepRecord, Fault> {
    Ok(StepRecord {
        id: row.get("id")?,
        kind: word(row, "kind")?,
        state: word(row, "state")?,
        phase: word(row, "phase")?,
        revision: row.get("revision")?,
        attempts: row.get("attempts")?,
        failures: row.get("failures")?,
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
pub(super) fn of_run(connection: &Connection, run: RunId) -> Result<Vec<StepRecord>, Fault> {
    let steps = connection
        .prepare_cached("SELECT * FROM run_steps WHERE run_id = ?1 ORDER BY position")?
        .query_and_then([run.to_string()], from_row)?
        .collect::<Result<Vec<_>, _>>()?;
    if steps.is_empty() {
        runs::get(connection, run)?;
    }
    Ok(steps)
}

/// Writes a new run's steps.
pub(super) fn add(connection: &Connection, run: RunId, steps: &[StepRecord]) -> Result<(), Fault> {
    let mut place = connection.prepare_cached(
        "INSERT INTO run_steps
            (run_id, id, position, kind, state, phase, revision, attempts, outputs)
         VALUES (?1, ?2, ?3, ?4, 'pending', 'untouched', ?5, 0, '{}')",
    )?;
    for (position, step) in (0_i64..).zip(steps) {
        let kind = step.kind.key();
        place.execute((run.to_string(), &step.id, position, kind, step.revision))?;
        // What has not begun stands there already.
        if *step != StepRecord::new(step.id.clone(), step.kind, step.revision) {
            put(connection, run, step)?;
        }
    }
    Ok(())
}

/// Writes a step's new row in place of the old.
pub(super) fn put(connection: &Connection, run: RunId, step: &StepRecord) -> Result<(), Fault> {
    let written = connection
        .prepare_cached(
            "UPDATE run_steps SET
                kind = :kind, state = :state, phase = :phase, revision = :revision,
                attempts = :attempts, failures = :failures, ruled_out = :ruled_out, doubted = :doubted,
                not_before = :not_before, intended_at = :intended_at,
                evidence = :evidence, resource = :resource, outputs = :outputs, error = :error,
                started_at = :started_at, finished_at = :finished_at
             WHERE run_id = :run_id AND id = :id",
        )?
        .execute(named_params! {
            ":run_id": run.to_string(),
            ":id": step.id,
            ":kind": step.kind.key(),
            ":state": to_word(&step.state)?,
            ":phase": to_word(&step.phase)?,
            ":revision": step.revision,
            ":attempts": step.attempts,
            ":failures": step.failures,
            ":ruled_out": to_json_option((!step.ruled_out.is_empty()).then_some(&step.ruled_out))?,
            ":doubted": to_json_option((!step.doubted.is_empty()).then_some(&step.doubted))?,
            ":not_before": step.not_before.map(micros),
            ":intended_at": step.intended_at.map(micros),
            ":evidence": to_json_option(step.evidence.as_ref())?,
            ":resource": to_json_option(step.resource.as_ref())?,
            ":outputs": to_json(&step.outputs)?,
            ":error": to_json_option(step.error.as_ref())?,
            ":started_at": step.started_at.map(micros),
            ":finished_at": step.finished_at.map(micros),
        })?;
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
pub(super) fn put_deferred(
    connection: &Connection,
    run: RunId,
    step: &StepRecord,
) -> Result<bool, Fault> {
    let steps = of_run(connection, run)?;
    let now = steps
        .iter()
        .find(|now| now.id == step.id && now.state == StepState::Deferred);
    // It is looked at again and again: that nothing has happened is no news.
    if now.is_some_and(|now| now != step) {
        put(connection, run, step)?;
        changes::add(connection, Topic::Runs, &run.to_string())?;
    }
    Ok(now.is_some())
}

/// The median of the newest successful steps of each kind, in seconds.
pub(super) fn usual_seconds(connection: &Connection) -> Result<BTreeMap<String, f64>, Fault> {
    // The condition as it stands in the index, so that SQLite uses it.
    debug_assert_eq!(to_word(&StepState::Done).ok().as_deref(), Some("done"));
    let mut statement = connection.prepare_cached(
        "SELECT (finished_at - started_at) / 1e6 FROM run_steps
         WHERE kind = ?1 AND state = 'done' AND finished_at >= started_at
         ORDER BY finished_at DESC LIMIT ?2",
    )?;
    let mut usual = BTreeMap::new();
    for kind in StepKind::ALL {
        let mut seconds = statement
            .query_and_then(
                (kind.key(), i64::try_from(SAMPLE).unwrap_or(i64::MAX)),
                |row| row.get::<_, f64>(0),
            )?
            .collect::<Result<Vec<_>, _>>()?;
        if seconds.len() >= ENOUGH {
            seconds.sort_by(f64::total_cmp);
            let (below, above) = (seconds[(seconds.len() - 1) / 2], seconds[seconds.len() / 2]);
            usual.insert(kind.key().to_owned(), f64::midpoint(below, above));
        }
    }
    Ok(usual)
}
