//! The tables `runs` and `run_snapshots`.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use fabrik_domain::{
    Cause,
    id::{CustomerId, RunId},
    run::{Purpose, Run, RunState, Snapshot},
};
use futures::try_join;
use tokio_postgres::Row;

use super::{
    audit,
    column::{
        Value, at_most, get as plain, json, json_option, kept, micros, passed_over, time,
        time_option, to_json, to_json_option, to_word, word, word_option,
    },
    connections::{Session, number},
    customers,
    fault::Fault,
    leases, requests, steps,
    turn::Write,
};
use crate::{Lease, NewAudit, NewRun, RunChange, RunQuery, Topic, text};

pub(super) fn from_row(row: &Row) -> Result<Run, Fault> {
    Ok(Run {
        id: word(row, "id")?,
        number: plain(row, "number")?,
        customer: word(row, "customer_id")?,
        purpose: word(row, "purpose")?,
        state: word(row, "state")?,
        reason: word_option(row, "reason")?,
        error: json_option(row, "error")?,
        on_failure: word(row, "on_failure")?,
        operator: plain(row, "operator")?,
        blueprint: plain(row, "blueprint")?,
        started_at: time(row, "started_at")?,
        finished_at: time_option(row, "finished_at")?,
        undo_began_at: time_option(row, "undo_began_at")?,
    })
}

/// A run.
pub(super) async fn get(session: &Session, id: RunId) -> Result<Run, Fault> {
    let sql = "SELECT * FROM fabrik.runs WHERE id = $1";
    let row = session.row(sql, &[&id.to_string()]).await?;
    from_row(&row.ok_or_else(|| unknown(id))?)
}

/// The run that people call by this number.
pub(super) async fn by_number(session: &Session, number: i64) -> Result<Option<Run>, Fault> {
    let sql = "SELECT * FROM fabrik.runs WHERE number = $1";
    let row = session.row(sql, &[&number]).await?;
    row.as_ref().map(from_row).transpose()
}

/// No such run.
pub(super) fn unknown(id: RunId) -> Fault {
    Cause::RunUnknown {
        run: id.to_string(),
    }
    .into()
}

/// The customer's run that has not ended.
pub(super) async fn active(
    session: &Session,
    customer: CustomerId,
) -> Result<Option<RunId>, Fault> {
    // The condition as it stands in the index, so that it is used.
    let sql = "SELECT id FROM fabrik.runs WHERE customer_id = $1
               AND state IN ('queued', 'running', 'waiting', 'undoing', 'interrupted')";
    let row = session.row(sql, &[&customer.to_string()]).await?;
    row.map(|row| word(&row, "id")).transpose()
}

/// Writes a run with its steps, owned from the start.
pub(super) async fn add(
    write: &Write,
    new: &NewRun,
    owner: &str,
    lease: Duration,
) -> Result<(Run, Lease), Fault> {
    let customer = new.customer.to_string();
    new.assert_named(&customers::keep(write, new.customer).await?)?;
    if let Some(run) = active(write, new.customer).await? {
        return Err(Cause::RunActive { run }.into());
    }
    let lease = Lease {
        run: new.id,
        owner: owner.to_owned(),
        fence: 1,
        expires: leases::expiry(write.now, lease),
        sent_until: None,
    };
    let sql = "WITH counted AS (
                   INSERT INTO fabrik.counters (name, last) VALUES ('runs', 1)
                   ON CONFLICT (name) DO UPDATE SET last = counters.last + 1 RETURNING last
               )
               INSERT INTO fabrik.runs
                   (number, id, customer_id, purpose, state, on_failure, operator, blueprint,
                    started_at, owner, fence, lease_expires_at)
               SELECT last, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM counted
               ON CONFLICT DO NOTHING RETURNING number";
    let id = new.id.to_string();
    let row = write
        .row(
            sql,
            &[
                &id,
                &customer,
                &to_word(&new.purpose)?,
                &RunState::Queued.key(),
                &to_word(&new.on_failure)?,
                &new.operator,
                &new.snapshot.blueprint.name,
                &micros(new.at),
                &lease.owner,
                &lease.fence,
                &micros(lease.expires),
            ],
        )
        .await?;
    let Some(row) = row else {
        // Another process was quicker by a hair.
        let run = active(write, new.customer).await?;
        return Err(run
            .map_or(Cause::DatabaseBusy, |run| Cause::RunActive { run })
            .into());
    };
    let snapshot = to_json(&new.snapshot)?;
    let values: [&(dyn Value + Sync); 2] = [&id, &snapshot];
    let sql = "INSERT INTO fabrik.run_snapshots (run_id, snapshot) VALUES ($1, $2)";
    try_join!(
        write.execute(sql, &values),
        steps::add(write, new.id, &new.steps)
    )?;
    requests::run_begun(write, new.customer).await?;
    customers::refresh_state(write, new.customer).await?;
    write.announce(Topic::Runs, &id);
    let run = Run {
        id: new.id,
        number: plain(&row, "number")?,
        customer: new.customer,
        purpose: new.purpose,
        state: RunState::Queued,
        reason: None,
        error: None,
        on_failure: new.on_failure,
        operator: new.operator.clone(),
        blueprint: new.snapshot.blueprint.name.clone(),
        started_at: kept(new.at),
        finished_at: None,
        undo_began_at: None,
    };
    Ok((run, lease))
}

/// Writes a run's new state. A wish to cancel ends with the run, and with the undoing that it brings about; a
/// removal is cancelled while it undoes.
pub(super) async fn change(
    write: &Write,
    id: RunId,
    customer: CustomerId,
    change: &RunChange,
) -> Result<(), Fault> {
    let written = write
        .attempt(
            "UPDATE fabrik.runs SET
                state = $2, reason = $3, error = $4, finished_at = $5,
                undo_began_at = coalesce($6, undo_began_at),
                cancel_requested = CASE
                    WHEN $7 AND ($2 <> 'undoing' OR purpose = 'deprovision') THEN cancel_requested
                    ELSE 0 END
             WHERE id = $1",
            &[
                &id.to_string(),
                &change.state.key(),
                &change.reason.as_ref().map(to_word).transpose()?,
                &to_json_option(change.error.as_ref())?,
                &change.finished_at.map(micros),
                &change.undo_began_at.map(micros),
                &change.state.is_active(),
            ],
        )
        .await;
    match written {
        Ok(_) => customers::refresh_state(write, customer).await,
        // Taken up again while another run of the customer had begun.
        Err(fault) if fault.is_taken() => match active(write, customer).await? {
            Some(run) => Err(Cause::RunActive { run }.into()),
            None => Err(fault),
        },
        Err(fault) => Err(fault),
    }
}

/// What a query asks for besides the states, with its values.
fn conditions(query: &RunQuery) -> (String, Vec<String>) {
    let mut sql = "TRUE".to_owned();
    let mut values = Vec::new();
    if let Some(customer) = query.customer {
        values.push(customer.to_string());
        sql.push_str(" AND customer_id = $1");
    }
    for word in text::search_words(query.search.as_deref().unwrap_or_default()) {
        values.push(word.trim_start_matches('#').to_owned());
        values.push(word);
        let (number, word) = (values.len() - 1, values.len());
        // The operator's name stands as it was written: only ASCII is folded there.
        let condition = format!(
            " AND (strpos((SELECT search_text FROM fabrik.customers
                           WHERE customers.id = customer_id), ${word}) > 0
                   OR strpos(lower(operator COLLATE \"C\"), ${word}) > 0
                   OR number::text = ${number})"
        );
        sql.push_str(&condition);
    }
    (sql, values)
}

fn as_values(values: &[String]) -> Vec<&(dyn Value + Sync)> {
    let value = |value| value as &(dyn Value + Sync);
    values.iter().map(value).collect()
}

/// Runs, the newest first.
pub(super) async fn list(session: &Session, query: &RunQuery) -> Result<Vec<Run>, Fault> {
    let (mut conditions, values) = conditions(query);
    let states: Vec<_> = query
        .states
        .iter()
        .map(|state| state.key().to_owned())
        .collect();
    let mut values = as_values(&values);
    if !states.is_empty() {
        values.push(&states);
        let condition = format!(" AND state = ANY (${})", values.len());
        conditions.push_str(&condition);
    }
    let limit = at_most(query.limit);
    let offset = passed_over(query.offset);
    values.extend([&limit as &(dyn Value + Sync), &offset]);
    let (limited, from) = (values.len() - 1, values.len());
    let sql = format!(
        "SELECT * FROM fabrik.runs WHERE {conditions}
         ORDER BY number DESC LIMIT ${limited} OFFSET ${from}"
    );
    let rows = session.rows(&sql, &values).await?;
    rows.iter().map(from_row).collect()
}

/// How many there are of each state, of those that the query's other words ask for.
pub(super) async fn counts(
    session: &Session,
    query: &RunQuery,
) -> Result<BTreeMap<RunState, u64>, Fault> {
    let (conditions, values) = conditions(query);
    let sql = format!(
        "SELECT state, count(*) AS total FROM fabrik.runs WHERE {conditions} GROUP BY state"
    );
    let rows = session.rows(&sql, &as_values(&values)).await?;
    rows.iter()
        .map(|row| Ok((word(row, "state")?, number(row, "total")?)))
        .collect()
}

/// Runs with a deferred step, the newest first. What a later run has removed, or has taken over, is waited for no
/// more, or by that one; a removal that was cancelled before it came to it has left it as it was.
pub(super) async fn deferred(
    session: &Session,
    customer: Option<CustomerId>,
) -> Result<Vec<Run>, Fault> {
    let sql = "SELECT * FROM fabrik.runs
               WHERE id IN (SELECT run_id FROM fabrik.run_steps WHERE state = 'deferred')
                   AND ($1 IS NULL OR customer_id = $1)
                   AND state = 'succeeded'
                   AND NOT EXISTS (
                       SELECT FROM fabrik.runs AS later
                       WHERE later.customer_id = runs.customer_id AND later.number > runs.number
                           AND (later.state = 'succeeded' OR later.purpose = 'deprovision' AND NOT (
                               later.state = 'cancelled' AND EXISTS (
                                   SELECT FROM fabrik.run_steps AS waits
                                       JOIN fabrik.resources AS made ON made.step = waits.id
                                   WHERE waits.run_id = runs.id AND waits.state = 'deferred'
                                       AND made.customer_id = runs.customer_id
                                       AND made.state = 'live'))))
               ORDER BY number DESC";
    let customer = customer.map(|customer| customer.to_string());
    let rows = session.rows(sql, &[&customer]).await?;
    rows.iter().map(from_row).collect()
}

/// Those of these runs that have a deferred step.
pub(super) async fn deferred_among(
    session: &Session,
    runs: &[RunId],
) -> Result<BTreeSet<RunId>, Fault> {
    let runs: Vec<_> = runs.iter().map(ToString::to_string).collect();
    let sql = "SELECT DISTINCT run_id FROM fabrik.run_steps
               WHERE state = 'deferred' AND run_id = ANY ($1)";
    let rows = session.rows(sql, &[&runs]).await?;
    rows.iter().map(|row| word(row, "run_id")).collect()
}

/// Where a customer's run under way stands, else the newest, and what it is for.
pub(super) async fn newest_state(
    session: &Session,
    customer: CustomerId,
) -> Result<Option<(RunState, Purpose)>, Fault> {
    let sql = "SELECT state, purpose FROM fabrik.runs WHERE customer_id = $1
               ORDER BY finished_at IS NULL DESC, number DESC LIMIT 1";
    let row = session.row(sql, &[&customer.to_string()]).await?;
    let both = |row: Row| Ok((word(&row, "state")?, word(&row, "purpose")?));
    row.map(both).transpose()
}

/// The run under way, else the newest, of each customer that has one.
pub(super) async fn last_of(
    session: &Session,
    customers: &[CustomerId],
) -> Result<BTreeMap<CustomerId, Run>, Fault> {
    let ids: Vec<_> = customers.iter().map(ToString::to_string).collect();
    let sql = "SELECT newest.* FROM unnest($1) AS asked (id), LATERAL (
                   SELECT * FROM fabrik.runs WHERE customer_id = asked.id
                   ORDER BY finished_at IS NULL DESC, number DESC LIMIT 1
               ) AS newest";
    let rows = session.rows(sql, &[&ids]).await?;
    let runs = rows.iter().map(from_row);
    runs.map(|run| run.map(|run| (run.customer, run))).collect()
}

/// What a run began with.
pub(super) async fn snapshot(session: &Session, run: RunId) -> Result<Snapshot, Fault> {
    let sql = "SELECT snapshot FROM fabrik.run_snapshots WHERE run_id = $1";
    let row = session.row(sql, &[&run.to_string()]).await?;
    json(&row.ok_or_else(|| unknown(run))?, "snapshot")
}

/// Asks the owner of a run to cancel it, and with `keep` to keep what it made.
pub(super) async fn request_cancel(
    write: &Write,
    id: RunId,
    keep: bool,
    audit: &NewAudit,
) -> Result<(), Fault> {
    let sql = "SELECT * FROM fabrik.runs WHERE id = $1 FOR UPDATE";
    let key = id.to_string();
    let row = write.row(sql, &[&key]).await?;
    let run = from_row(&row.ok_or_else(|| unknown(id))?)?;
    if !run.state.is_active() {
        return Err(Cause::RunEnded { run: id }.into());
    }
    if keep && run.is_taken_back() {
        return Err(Cause::RunUndoing { run: id }.into());
    }
    let sql = "UPDATE fabrik.runs SET cancel_requested = 1,
                   on_failure = CASE WHEN $2 THEN 'keep' ELSE on_failure END
               WHERE id = $1";
    write.execute(sql, &[&key, &keep]).await?;
    let entry = NewAudit {
        customer: audit.customer.or(Some(run.customer)),
        run: audit.run.or(Some(id)),
        ..audit.clone()
    };
    audit::add(write, &entry).await?;
    write.announce(Topic::Runs, &key);
    Ok(())
}

/// Whether whoever cancelled a run that has not begun to go back wants what it made kept.
pub(super) async fn is_to_be_kept(session: &Session, id: RunId) -> Result<bool, Fault> {
    let run = get(session, id).await?;
    Ok(run.is_kept_when_cancelled() && cancel_requested(session, id).await?)
}

/// Whether a cancel was asked for.
pub(super) async fn cancel_requested(session: &Session, id: RunId) -> Result<bool, Fault> {
    let sql = "SELECT cancel_requested FROM fabrik.runs WHERE id = $1";
    let row = session.row(sql, &[&id.to_string()]).await?;
    let wish: i64 = plain(&row.ok_or_else(|| unknown(id))?, "cancel_requested")?;
    Ok(wish != 0)
}
