//! The table `onboarding_requests`.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    Problem,
    customer::Customer,
    id::{CustomerId, RequestId},
    mapping::SourceField,
    request::{OnboardingRequest, RequestState, Wish},
};
use rusqlite::{Connection, Row, params_from_iter, types::Value};

use super::{
    audit, base_names, changes,
    column::{at_most, json, json_option, micros, passed_over, time, to_json, word, word_option},
    copying::as_sql,
    customers,
    fault::Fault,
    writer::Write,
};
use crate::{Approval, DueRequest, NewAudit, RequestQuery, Topic, Verdict, requests};

fn from_row(row: &Row<'_>) -> Result<OnboardingRequest, Fault> {
    Ok(OnboardingRequest {
        id: word(row, "id")?,
        kind: word(row, "kind")?,
        state: word(row, "state")?,
        wish: Wish {
            name: row.get("name")?,
            subdomain: row.get("subdomain")?,
            contact_email: row.get("contact_email")?,
            contact_name: row.get("contact_name")?,
            blueprint: row.get("blueprint")?,
            plan: row.get("plan")?,
            language: word(row, "language")?,
            modules: json(row, "modules")?,
            message: row.get("message")?,
        },
        origin: json(row, "origin")?,
        problem: json_option(row, "problem")?,
        decided: json_option(row, "decided")?,
        customer: word_option(row, "customer_id")?,
        at_once: row.get("at_once")?,
        begins: word_option(row, "begins")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

/// Writes a request in place of the one with its id, and says so.
pub(super) fn put(
    write: &Write<'_>,
    request: &OnboardingRequest,
    held_by: Option<&str>,
) -> Result<(), Fault> {
    let row = requests::row(request, held_by)?;
    let places = vec!["?"; row.len()].join(", ");
    let sql = requests::upsert("onboarding_requests", &row, &format!("VALUES ({places})"));
    write
        .connection
        .prepare_cached(&sql)?
        .execute(params_from_iter(row.values().map(as_sql)))?;
    changes::add(write.connection, Topic::Requests, &request.id.to_string())
}

/// A request.
pub(super) fn get(connection: &Connection, id: RequestId) -> Result<OnboardingRequest, Fault> {
    let found = by(connection, "id", &id.to_string())?;
    found.ok_or_else(|| requests::unknown(id).into())
}

/// The request whose `column` (one that is unique) holds `value`.
pub(super) fn by(
    connection: &Connection,
    column: &'static str,
    value: &str,
) -> Result<Option<OnboardingRequest>, Fault> {
    let sql = format!("SELECT * FROM onboarding_requests WHERE {column} = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([value])?;
    rows.next()?.map(from_row).transpose()
}

/// The undecided before the decided, of each the newest first.
pub(super) fn list(
    connection: &Connection,
    query: &RequestQuery,
) -> Result<Vec<OnboardingRequest>, Fault> {
    let mut values: Vec<Value> = query
        .states
        .iter()
        .map(|state| state.key().to_owned().into())
        .collect();
    let whose = if values.is_empty() {
        String::new()
    } else {
        format!("WHERE state IN ({})", vec!["?"; values.len()].join(", "))
    };
    values.push(at_most(query.limit).unwrap_or(-1).into());
    values.push(passed_over(query.offset).into());
    let order = requests::ORDER;
    connection
        .prepare_cached(&format!(
            "SELECT * FROM onboarding_requests {whose}
             ORDER BY {order} LIMIT ? OFFSET ?"
        ))?
        .query_and_then(params_from_iter(values), from_row)?
        .collect()
}

/// How many there are of each state.
pub(super) fn counts(connection: &Connection) -> Result<BTreeMap<RequestState, u64>, Fault> {
    connection
        .prepare_cached("SELECT state, count(*) AS count FROM onboarding_requests GROUP BY state")?
        .query_and_then([], |row| {
            Ok((
                word(row, "state")?,
                row.get::<_, i64>("count")?.unsigned_abs(),
            ))
        })?
        .collect()
}

/// Those with something to be done without anybody's word, the oldest first.
pub(super) fn due(connection: &Connection) -> Result<Vec<DueRequest>, Fault> {
    connection
        .prepare_cached(
            "SELECT * FROM onboarding_requests WHERE begins IS NOT NULL OR at_once = 1
             ORDER BY created_at, id",
        )?
        .query_and_then([], |row| {
            Ok(DueRequest {
                request: from_row(row)?,
                held_by: row.get("held_by")?,
            })
        })?
        .collect()
}

/// Those whose decision the agency's own table was not told, the oldest first.
pub(super) fn untold(connection: &Connection) -> Result<Vec<OnboardingRequest>, Fault> {
    let untold = requests::UNTOLD;
    connection
        .prepare_cached(&format!(
            "SELECT * FROM onboarding_requests WHERE {untold} ORDER BY created_at, id"
        ))?
        .query_and_then([], from_row)?
        .collect()
}

/// Writes that the table was told.
pub(super) fn set_told(write: &Write<'_>, id: RequestId) -> Result<(), Fault> {
    let mut decided = get(write.connection, id)?.decided;
    if let Some(decided) = &mut decided {
        decided.told_at = Some(write.now);
        write
            .connection
            .prepare_cached(
                "UPDATE onboarding_requests SET decided = ?2, telling = NULL WHERE id = ?1",
            )?
            .execute((id.to_string(), to_json(decided)?))?;
    }
    Ok(())
}

/// Writes a new one, or gives the one that has come from the same place, opened again where it was withdrawn.
pub(super) fn add(
    write: &Write<'_>,
    request: OnboardingRequest,
    audit: &NewAudit,
) -> Result<OnboardingRequest, Fault> {
    if let Some(key) = request.origin.key(request.kind)
        && let Some(mut there) = by(write.connection, "origin_key", &key)?
    {
        if requests::reopen(&mut there, &request, write.now) {
            put(write, &there, None)?;
            audit::add(write, audit)?;
        }
        return Ok(there);
    }
    put(write, &request, None)?;
    audit::add(write, audit)?;
    Ok(request)
}

/// Changes what an undecided one wishes for, what its row says of that, and what still stands in its way.
pub(super) fn edit(
    write: &Write<'_>,
    id: RequestId,
    wish: Wish,
    said: BTreeSet<SourceField>,
    problem: Option<Problem>,
    audit: &NewAudit,
) -> Result<OnboardingRequest, Fault> {
    let mut request = get(write.connection, id)?;
    request.assert_undecided()?;
    requests::edit(&mut request, wish, said, problem, write.now);
    put(write, &request, None)?;
    audit::add(write, audit)?;
    Ok(request)
}

/// Makes the customer that is asked for.
pub(super) fn approve(
    write: &Write<'_>,
    approval: &Approval,
    audit: NewAudit,
    by_ids: &BTreeSet<String>,
) -> Result<(OnboardingRequest, Customer), Fault> {
    let mut request = get(write.connection, approval.id)?;
    request.assert_open()?;
    let operator = audit.operator.clone();
    let (new, slug) = (approval.customer.clone(), approval.slug.clone());
    let customer = base_names::add(write, new, slug, audit, by_ids)?;
    requests::approve(&mut request, approval, customer.id, &operator, write.now);
    put(write, &request, Some(&approval.by))?;
    Ok((request, customer))
}

/// Any other word of the owner's.
pub(super) fn decide(
    write: &Write<'_>,
    id: RequestId,
    verdict: Verdict,
    audit: &NewAudit,
) -> Result<OnboardingRequest, Fault> {
    let mut request = get(write.connection, id)?;
    if !requests::is_to_decide(&request, &verdict)? {
        return Ok(request);
    }
    if let Some((customer, patch)) = requests::change_of_customer(&request, &verdict) {
        customers::change(write, customer, patch)?;
    }
    requests::decide(&mut request, verdict, &audit.operator, write.now);
    put(write, &request, None)?;
    audit::add(write, &requests::audit_of(&request, audit))?;
    Ok(request)
}

/// Opens again what was put away.
pub(super) fn restore(
    write: &Write<'_>,
    id: RequestId,
    audit: &NewAudit,
) -> Result<OnboardingRequest, Fault> {
    let mut request = get(write.connection, id)?;
    if requests::restore(&mut request, write.now)? {
        put(write, &request, None)?;
        audit::add(write, &requests::audit_of(&request, audit))?;
    }
    Ok(request)
}

/// Takes the beginning of a provisioning over from a process that has ended.
pub(super) fn claim(
    write: &Write<'_>,
    id: RequestId,
    by: &str,
    dead: Option<&str>,
) -> Result<bool, Fault> {
    let long_ago = requests::held_until(write.now);
    let claimed = write
        .connection
        .prepare_cached(
            "UPDATE onboarding_requests SET held_by = ?2, updated_at = ?4
             WHERE id = ?1 AND begins IS NOT NULL AND (held_by = ?3 OR updated_at <= ?5)",
        )?
        .execute((
            id.to_string(),
            by,
            dead,
            micros(write.now),
            micros(long_ago),
        ))?;
    Ok(claimed > 0)
}

/// Why nothing more is done with it by itself.
pub(super) fn stop(write: &Write<'_>, id: RequestId, problem: &Problem) -> Result<(), Fault> {
    let stopped = write
        .connection
        .prepare_cached(
            "UPDATE onboarding_requests SET at_once = 0, begins = NULL, held_by = NULL, problem = ?2
             WHERE id = ?1 AND (at_once = 1 OR begins IS NOT NULL)",
        )?
        .execute((id.to_string(), to_json(problem)?))?;
    if stopped > 0 {
        changes::add(write.connection, Topic::Requests, &id.to_string())?;
    }
    Ok(())
}

/// Nothing approves it by itself any more.
pub(super) fn ask_about(write: &Write<'_>, id: RequestId) -> Result<(), Fault> {
    let asked = write
        .connection
        .prepare_cached("UPDATE onboarding_requests SET at_once = 0 WHERE id = ?1 AND at_once = 1")?
        .execute([id.to_string()])?;
    if asked > 0 {
        changes::add(write.connection, Topic::Requests, &id.to_string())?;
    }
    Ok(())
}

/// A run of the customer is written: its provisioning is begun.
pub(super) fn run_begun(write: &Write<'_>, customer: CustomerId) -> Result<(), Fault> {
    for mut request in of_customer(write.connection, customer)? {
        if requests::run_begun(&mut request) {
            put(write, &request, None)?;
        }
    }
    Ok(())
}

/// The customer's instance is removed: the end of its subscription is seen to.
pub(super) fn instance_removed(
    write: &Write<'_>,
    customer: CustomerId,
    operator: &str,
) -> Result<(), Fault> {
    for mut request in of_customer(write.connection, customer)? {
        if requests::instance_removed(&mut request, operator, write.now) {
            put(write, &request, None)?;
        }
    }
    Ok(())
}

/// What is asked about a customer.
fn of_customer(
    connection: &Connection,
    customer: CustomerId,
) -> Result<Vec<OnboardingRequest>, Fault> {
    connection
        .prepare_cached("SELECT * FROM onboarding_requests WHERE customer_id = ?1")?
        .query_and_then([customer.to_string()], from_row)?
        .collect()
}
