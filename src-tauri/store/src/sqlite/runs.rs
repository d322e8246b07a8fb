//! The tables `runs` and `run_snapshots`.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    Cause,
    id::{CustomerId, RunId},
    run::{Purpose, Run, RunState, Snapshot},
};
use rusqlite::{Connection, Row, named_params, params_from_iter, types::Value};

use super::{
    changes,
    column::{
        at_most, json, json_option, kept, micros, passed_over, time, time_option, to_json,
        to_json_option, to_word, word, word_option,
    },
    customers,
    fault::{Fault, is_taken},
    leases, requests, steps,
    writer::Write,
};
use crate::{Lease, NewRun, RunChange, RunQuery, Topic, text};

pub(super) fn from_row(row: &Row<'_>) -> Result<Run, Fault> {
    Ok(Run {
        id: word(row, "id")?,
        number: row.get("number")?,
        customer: word(row, "customer_id")?,
        purpose: word(row, "purpose")?,
        state: word(row, "state")?,
        reason: word_option(row, "reason")?,
        error: json_option(row, "error")?,
        on_failure: word(row, "on_failure")?,
        operator: row.get("operator")?,
        blueprint: row.get("blueprint")?,
        started_at: time(row, "started_at")?,
        finished_at: time_option(row, "finished_at")?,
        undo_began_at: time_option(row, "undo_began_at")?,
    })
}

/// A run.
pub(super) fn get(connection: &Connection, id: RunId) -> Result<Run, Fault> {
    let mut statement = connection.prepare_cached("SELECT * FROM runs WHERE id = ?1")?;
    let mut rows = statement.query([id.to_string()])?;
    match rows.next()? {
        Some(row) => from_row(row),
        None => Err(unknown(id)),
    }
}

/// The run that people call by this number.
pub(super) fn by_number(connection: &Connection, number: i64) -> Result<Option<Run>, Fault> {
    let mut statement = connection.prepare_cached("SELECT * FROM runs WHERE number = ?1")?;
    let mut rows = statement.query([number])?;
    rows.next()?.map(from_row).transpose()
}

/// No such run.
pub(super) fn unknown(id: RunId) -> Fault {
    Cause::RunUnknown {
        run: id.to_string(),
    }
    .into()
}

/// The customer's run that has not ended.
pub(super) fn active(
    connection: &Connection,
    customer: CustomerId,
) -> Result<Option<RunId>, Fault> {
    // The condition as it stands in the index, so that SQLite uses it.
    let mut statement = connection.prepare_cached(
        "SELECT id FROM runs WHERE customer_id = ?1
         AND state IN ('queued', 'running', 'waiting', 'undoing', 'interrupted')",
    )?;
    let mut rows = statement.query([customer.to_string()])?;
    rows.next()?.map(|row| word(row, "id")).transpose()
}

/// Writes a run with its steps, owned from the start.
pub(super) fn add(
    write: &Write<'_>,
    new: NewRun,
    owner: String,
    lease: std::time::Duration,
) -> Result<(Run, Lease), Fault> {
    let customer = customers::get(write.connection, new.customer)?;
    new.assert_named(&customer.subdomain)?;
    let lease = Lease {
        run: new.id,
        owner,
        fence: 1,
        expires: leases::expiry(write.now, lease),
        sent_until: None,
    };
    let inserted = write
        .connection
        .prepare_cached(
            "INSERT INTO runs
                (id, customer_id, purpose, state, on_failure, operator, blueprint, started_at, owner, fence,
                 lease_expires_at)
             VALUES
                (:id, :customer_id, :purpose, :state, :on_failure, :operator, :blueprint, :started_at, :owner,
                 :fence, :lease_expires_at)",
        )?
        .execute(named_params! {
            ":id": new.id.to_string(),
            ":customer_id": new.customer.to_string(),
            ":purpose": to_word(&new.purpose)?,
            ":state": RunState::Queued.key(),
            ":on_failure": to_word(&new.on_failure)?,
            ":operator": new.operator,
            ":blueprint": new.snapshot.blueprint.name,
            ":started_at": micros(new.at),
            ":owner": lease.owner,
            ":fence": lease.fence,
            ":lease_expires_at": micros(lease.expires),
        });
    if let Err(error) = inserted {
        return Err(active_instead(write.connection, new.customer, error)?);
    }
    write
        .connection
        .prepare_cached("INSERT INTO run_snapshots (run_id, snapshot) VALUES (?1, ?2)")?
        .execute((new.id.to_string(), to_json(&new.snapshot)?))?;
    steps::add(write.connection, new.id, &new.steps)?;
    requests::run_begun(write, new.customer)?;
    customers::refresh_state(write.connection, new.customer)?;
    changes::add(write.connection, Topic::Runs, &new.id.to_string())?;
    let run = Run {
        id: new.id,
        number: write.connection.query_row(
            "SELECT number FROM runs WHERE id = ?1",
            [new.id.to_string()],
            |row| row.get(0),
        )?,
        customer: new.customer,
        purpose: new.purpose,
        state: RunState::Queued,
        reason: None,
        error: None,
        on_failure: new.on_failure,
        operator: new.operator,
        blueprint: new.snapshot.blueprint.name,
        started_at: kept(new.at),
        finished_at: None,
        undo_began_at: None,
    };
    Ok((run, lease))
}

/// A refused write of a run, told as the run that was in its way.
fn active_instead(
    connection: &Connection,
    customer: CustomerId,
    error: rusqlite::Error,
) -> Result<Fault, Fault> {
    if is_taken(&error)
        && let Some(run) = active(connection, customer)?
    {
        return Ok(Cause::RunActive { run }.into());
    }
    Ok(error.into())
}

/// Writes a run's new state. A wish to cancel ends with the run, and with the undoing that it brings about; a
/// removal is cancelled while it undoes.
pub(super) fn change(
    connection: &Connection,
    id: RunId,
    customer: CustomerId,
    change: &RunChange,
) -> Result<(), Fault> {
    let written = connection
        .prepare_cached(
            "UPDATE runs SET
                state = :state, reason = :reason, error = :error, finished_at = :finished_at,
                undo_began_at = coalesce(:undo_began_at, undo_began_at),
                cancel_requested = cancel_requested AND :active
                    AND (:state <> 'undoing' OR purpose = 'deprovision')
             WHERE id = :id",
        )?
        .execute(named_params! {
            ":id": id.to_string(),
            ":state": change.state.key(),
            ":reason": change.reason.as_ref().map(to_word).transpose()?,
            ":error": to_json_option(change.error.as_ref())?,
            ":finished_at": change.finished_at.map(micros),
            ":undo_began_at": change.undo_began_at.map(micros),
            ":active": change.state.is_active(),
        });
    match written {
        Ok(_) => customers::refresh_state(connection, customer),
        // Taken up again while another run of the customer had begun.
        Err(error) => Err(active_instead(connection, customer, error)?),
    }
}

/// What a query asks for besides the states, with its parameters.
fn conditions(query: &RunQuery) -> (Vec<String>, Vec<Value>) {
    let mut sql = vec!["TRUE".to_owned()];
    let mut parameters = Vec::new();
    if let Some(customer) = query.customer {
        sql.push("customer_id = ?".to_owned());
        parameters.push(Value::Text(customer.to_string()));
    }
    for word in text::search_words(query.search.as_deref().unwrap_or_default()) {
        // The operator's name stands as it was written: only ASCII is folded there.
        sql.push(
            "(instr((SELECT search_text FROM customers WHERE customers.id = customer_id), ?) > 0
              OR instr(lower(operator), ?) > 0 OR CAST(number AS TEXT) = ?)"
                .to_owned(),
        );
        let number = word.trim_start_matches('#').to_owned();
        parameters.extend([word.clone(), word, number].map(Value::Text));
    }
    (sql, parameters)
}

/// Runs, the newest first.
pub(super) fn list(connection: &Connection, query: &RunQuery) -> Result<Vec<Run>, Fault> {
    let (mut conditions, mut parameters) = conditions(query);
    if !query.states.is_empty() {
        let places = vec!["?"; query.states.len()].join(", ");
        conditions.push(format!("state IN ({places})"));
        parameters.extend(
            query
                .states
                .iter()
                .map(|state| Value::Text(state.key().to_owned())),
        );
    }
    let limit = at_most(query.limit).unwrap_or(-1);
    let offset = passed_over(query.offset);
    let sql = conditions.join(" AND ");
    connection
        .prepare_cached(&format!(
            "SELECT * FROM runs WHERE {sql} ORDER BY number DESC LIMIT {limit} OFFSET {offset}"
        ))?
        .query_and_then(params_from_iter(&parameters), from_row)?
        .collect()
}

/// How many there are of each state, of those that the query's other words ask for.
pub(super) fn counts(
    connection: &Connection,
    query: &RunQuery,
) -> Result<BTreeMap<RunState, u64>, Fault> {
    let (conditions, parameters) = conditions(query);
    let sql = conditions.join(" AND ");
    connection
        .prepare_cached(&format!(
            "SELECT state, count(*) AS total FROM runs WHERE {sql} GROUP BY state"
        ))?
        .query_and_then(params_from_iter(&parameters), |row| {
            Ok((
                word(row, "state")?,
                row.get::<_, i64>("total")?.unsigned_abs(),
            ))
        })?
        .collect()
}

/// Runs with a deferred step, the newest first. What a later run has removed, or has taken over, is waited for no
/// more, or by that one; a removal that was cancelled before it came to it has left it as it was.
pub(super) fn deferred(
    connection: &Connection,
    customer: Option<CustomerId>,
) -> Result<Vec<Run>, Fault> {
    connection
        .prepare_cached(
            "SELECT * FROM runs
             WHERE id IN (SELECT run_id FROM run_steps WHERE state = 'deferred')
                AND (?1 IS NULL OR customer_id = ?1)
                AND state = 'succeeded'
                AND NOT EXISTS (
                    SELECT 1 FROM runs AS later
                    WHERE later.customer_id = runs.customer_id AND later.number > runs.number
                        AND (later.state = 'succeeded' OR later.purpose = 'deprovision' AND NOT (
                            later.state = 'cancelled' AND EXISTS (
                                SELECT 1 FROM run_steps AS waits
                                    JOIN resources AS made ON made.step = waits.id
                                WHERE waits.run_id = runs.id AND waits.state = 'deferred'
                                    AND made.customer_id = runs.customer_id AND made.state = 'live'
                            )
                        ))
                )
             ORDER BY number DESC",
        )?
        .query_and_then([customer.map(|customer| customer.to_string())], from_row)?
        .collect()
}

/// Those of these runs that have a deferred step.
pub(super) fn deferred_among(
    connection: &Connection,
    runs: &[RunId],
) -> Result<BTreeSet<RunId>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM run_steps WHERE run_id = ?1 AND state = 'deferred')",
    )?;
    let mut deferred = BTreeSet::new();
    for run in runs {
        if statement.query_row([run.to_string()], |row| row.get(0))? {
            deferred.insert(*run);
        }
    }
    Ok(deferred)
}

/// Where a customer's run under way stands, else the newest, and what it is for.
pub(super) fn newest_state(
    connection: &Connection,
    customer: CustomerId,
) -> Result<Option<(RunState, Purpose)>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT state, purpose FROM runs WHERE customer_id = ?1
         ORDER BY finished_at IS NULL DESC, number DESC LIMIT 1",
    )?;
    let mut rows = statement.query([customer.to_string()])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some((word(row, "state")?, word(row, "purpose")?)))
}

/// The run under way, else the newest, of each customer that has one.
pub(super) fn last_of(
    connection: &Connection,
    customers: &[CustomerId],
) -> Result<BTreeMap<CustomerId, Run>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM runs WHERE customer_id = ?1
         ORDER BY finished_at IS NULL DESC, number DESC LIMIT 1",
    )?;
    let mut last = BTreeMap::new();
    for customer in customers {
        let mut rows = statement.query([customer.to_string()])?;
        if let Some(row) = rows.next()? {
            last.insert(*customer, from_row(row)?);
        }
    }
    Ok(last)
}

/// What a run began with.
pub(super) fn snapshot(connection: &Connection, run: RunId) -> Result<Snapshot, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT snapshot FROM run_snapshots WHERE run_id = ?1")?;
    let mut rows = statement.query([run.to_string()])?;
    match rows.next()? {
        Some(row) => json(row, "snapshot"),
        None => Err(unknown(run)),
    }
}
