//! The table `onboarding_requests`.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    Problem,
    customer::Customer,
    id::{CustomerId, RequestId},
    mapping::SourceField,
    request::{OnboardingRequest, RequestState, Wish},
};
use tokio_postgres::Row;

use super::{
    audit, base_names,
    column::{
        at_most, get as plain, json, json_option, micros, passed_over, time, to_json, word,
        word_option,
    },
    connections::Session,
    customers,
    fault::Fault,
    turn::Write,
};
use crate::{Approval, DueRequest, NewAudit, RequestQuery, Topic, Verdict, requests};

fn from_row(row: &Row) -> Result<OnboardingRequest, Fault> {
    Ok(OnboardingRequest {
        id: word(row, "id")?,
        kind: word(row, "kind")?,
        state: word(row, "state")?,
        wish: Wish {
            name: plain(row, "name")?,
            subdomain: plain(row, "subdomain")?,
            contact_email: plain(row, "contact_email")?,
            contact_name: plain(row, "contact_name")?,
            blueprint: plain(row, "blueprint")?,
            plan: plain(row, "plan")?,
            language: word(row, "language")?,
            modules: json(row, "modules")?,
            message: plain(row, "message")?,
        },
        origin: json(row, "origin")?,
        problem: json_option(row, "problem")?,
        decided: json_option(row, "decided")?,
        customer: word_option(row, "customer_id")?,
        at_once: plain::<i64>(row, "at_once")? != 0,
        begins: word_option(row, "begins")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

/// Writes a request in place of the one with its id, and says so. False where another has come from the same
/// place in the same moment.
pub(super) async fn put(
    write: &Write,
    request: &OnboardingRequest,
    held_by: Option<&str>,
) -> Result<bool, Fault> {
    let row = requests::row(request, held_by)?;
    let columns: Vec<_> = row.keys().map(String::as_str).collect();
    let values = format!(
        "SELECT {} FROM json_populate_record(NULL::fabrik.onboarding_requests, $1::text::json)",
        columns.join(", ")
    );
    let sql = requests::upsert("fabrik.onboarding_requests", &row, &values);
    match write.attempt(&sql, &[&to_json(&row)?]).await {
        Ok(_) => {
            write.announce(Topic::Requests, &request.id.to_string());
            Ok(true)
        }
        Err(fault) if fault.is_taken() => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// A request.
pub(super) async fn get(session: &Session, id: RequestId) -> Result<OnboardingRequest, Fault> {
    let sql = "SELECT * FROM fabrik.onboarding_requests WHERE id = $1";
    let row = session.row(sql, &[&id.to_string()]).await?;
    from_row(&row.ok_or_else(|| requests::unknown(id))?)
}

/// The same, kept from other writings until this one ends.
async fn locked(write: &Write, id: RequestId) -> Result<OnboardingRequest, Fault> {
    let sql = "SELECT * FROM fabrik.onboarding_requests WHERE id = $1 FOR UPDATE";
    let row = write.row(sql, &[&id.to_string()]).await?;
    from_row(&row.ok_or_else(|| requests::unknown(id))?)
}

/// The request that came from there.
pub(super) async fn by_origin(
    session: &Session,
    key: &str,
) -> Result<Option<OnboardingRequest>, Fault> {
    let sql = "SELECT * FROM fabrik.onboarding_requests WHERE origin_key = $1";
    let row = session.row(sql, &[&key]).await?;
    row.as_ref().map(from_row).transpose()
}

/// The same, kept from other writings until this one ends.
pub(super) async fn locked_by_origin(
    write: &Write,
    key: &str,
) -> Result<Option<OnboardingRequest>, Fault> {
    let sql = "SELECT * FROM fabrik.onboarding_requests WHERE origin_key = $1 FOR UPDATE";
    let row = write.row(sql, &[&key]).await?;
    row.as_ref().map(from_row).transpose()
}

/// The undecided before the decided, of each the newest first.
pub(super) async fn list(
    session: &Session,
    query: &RequestQuery,
) -> Result<Vec<OnboardingRequest>, Fault> {
    let states: Vec<String> = query
        .states
        .iter()
        .map(|state| state.key().to_owned())
        .collect();
    let limit = at_most(query.limit);
    let order = requests::ORDER;
    let sql = format!(
        "SELECT * FROM fabrik.onboarding_requests
         WHERE cardinality($1) = 0 OR state = ANY ($1)
         ORDER BY {order} LIMIT $2 OFFSET $3"
    );
    let rows = session
        .rows(&sql, &[&states, &limit, &passed_over(query.offset)])
        .await?;
    rows.iter().map(from_row).collect()
}

/// How many there are of each state.
pub(super) async fn counts(session: &Session) -> Result<BTreeMap<RequestState, u64>, Fault> {
    let sql = "SELECT state, count(*) AS count FROM fabrik.onboarding_requests GROUP BY state";
    let rows = session.rows(sql, &[]).await?;
    rows.iter()
        .map(|row| {
            let count: i64 = plain(row, "count")?;
            Ok((word(row, "state")?, count.unsigned_abs()))
        })
        .collect()
}

/// Those with something to be done without anybody's word, the oldest first.
pub(super) async fn due(session: &Session) -> Result<Vec<DueRequest>, Fault> {
    let sql = "SELECT * FROM fabrik.onboarding_requests WHERE begins IS NOT NULL OR at_once = 1
               ORDER BY created_at, id";
    let rows = session.rows(sql, &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(DueRequest {
                request: from_row(row)?,
                held_by: plain(row, "held_by")?,
            })
        })
        .collect()
}

/// Those whose decision the agency's own table was not told, the oldest first.
pub(super) async fn untold(session: &Session) -> Result<Vec<OnboardingRequest>, Fault> {
    let untold = requests::UNTOLD;
    let sql =
        format!("SELECT * FROM fabrik.onboarding_requests WHERE {untold} ORDER BY created_at, id");
    let rows = session.rows(&sql, &[]).await?;
    rows.iter().map(from_row).collect()
}

/// Writes that the table was told.
pub(super) async fn set_told(write: &Write, id: RequestId) -> Result<(), Fault> {
    let mut decided = locked(write, id).await?.decided;
    if let Some(decided) = &mut decided {
        decided.told_at = Some(write.now);
        let sql = "UPDATE fabrik.onboarding_requests SET decided = $2, telling = NULL
                   WHERE id = $1";
        write
            .execute(sql, &[&id.to_string(), &to_json(decided)?])
            .await?;
    }
    Ok(())
}

/// Writes a new one, or gives the one that has come from the same place, opened again where it was withdrawn.
pub(super) async fn add(
    write: &Write,
    request: &OnboardingRequest,
    audit: &NewAudit,
) -> Result<OnboardingRequest, Fault> {
    if !put(write, request, None).await? {
        let key = request.origin.key(request.kind).unwrap_or_default();
        let there = locked_by_origin(write, &key).await?;
        let mut there = there.ok_or_else(|| requests::unknown(request.id))?;
        if requests::reopen(&mut there, request, write.now) {
            put(write, &there, None).await?;
            audit::add(write, audit).await?;
        }
        return Ok(there);
    }
    audit::add(write, audit).await?;
    Ok(request.clone())
}

/// Changes what an undecided one wishes for, what its row says of that, and what still stands in its way.
pub(super) async fn edit(
    write: &Write,
    id: RequestId,
    wish: &Wish,
    said: &BTreeSet<SourceField>,
    problem: Option<&Problem>,
    audit: &NewAudit,
) -> Result<OnboardingRequest, Fault> {
    let mut request = locked(write, id).await?;
    request.assert_undecided()?;
    requests::edit(
        &mut request,
        wish.clone(),
        said.clone(),
        problem.cloned(),
        write.now,
    );
    put(write, &request, None).await?;
    audit::add(write, audit).await?;
    Ok(request)
}

/// Makes the customer that is asked for.
pub(super) async fn approve(
    write: &Write,
    approval: &Approval,
    audit: &NewAudit,
    by_ids: &BTreeSet<String>,
) -> Result<(OnboardingRequest, Customer), Fault> {
    let mut request = locked(write, approval.id).await?;
    request.assert_open()?;
    let customer =
        base_names::add(write, &approval.customer, &approval.slug, audit, by_ids).await?;
    requests::approve(
        &mut request,
        approval,
        customer.id,
        &audit.operator,
        write.now,
    );
    put(write, &request, Some(&approval.by)).await?;
    Ok((request, customer))
}

/// Any other word of the owner's.
pub(super) async fn decide(
    write: &Write,
    id: RequestId,
    verdict: &Verdict,
    audit: &NewAudit,
) -> Result<OnboardingRequest, Fault> {
    let mut request = locked(write, id).await?;
    if !requests::is_to_decide(&request, verdict)? {
        return Ok(request);
    }
    if let Some((customer, patch)) = requests::change_of_customer(&request, verdict) {
        customers::change(write, customer, &patch).await?;
    }
    requests::decide(&mut request, verdict.clone(), &audit.operator, write.now);
    put(write, &request, None).await?;
    audit::add(write, &requests::audit_of(&request, audit)).await?;
    Ok(request)
}

/// Opens again what was put away.
pub(super) async fn restore(
    write: &Write,
    id: RequestId,
    audit: &NewAudit,
) -> Result<OnboardingRequest, Fault> {
    let mut request = locked(write, id).await?;
    if requests::restore(&mut request, write.now)? {
        put(write, &request, None).await?;
        audit::add(write, &requests::audit_of(&request, audit)).await?;
    }
    Ok(request)
}

/// Takes the beginning of a provisioning over from a process that has ended.
pub(super) async fn claim(
    write: &Write,
    id: RequestId,
    by: &str,
    dead: Option<&str>,
) -> Result<bool, Fault> {
    let long_ago = requests::held_until(write.now);
    let sql = "UPDATE fabrik.onboarding_requests SET held_by = $2, updated_at = $4
               WHERE id = $1 AND begins IS NOT NULL AND (held_by = $3 OR updated_at <= $5)";
    let claimed = write
        .execute(
            sql,
            &[
                &id.to_string(),
                &by,
                &dead,
                &micros(write.now),
                &micros(long_ago),
            ],
        )
        .await?;
    Ok(claimed > 0)
}

/// Why nothing more is done with it by itself.
pub(super) async fn stop(write: &Write, id: RequestId, problem: &Problem) -> Result<(), Fault> {
    let sql = "UPDATE fabrik.onboarding_requests
               SET at_once = 0, begins = NULL, held_by = NULL, problem = $2
               WHERE id = $1 AND (at_once = 1 OR begins IS NOT NULL)";
    let stopped = write
        .execute(sql, &[&id.to_string(), &to_json(problem)?])
        .await?;
    if stopped > 0 {
        write.announce(Topic::Requests, &id.to_string());
    }
    Ok(())
}

/// Nothing approves it by itself any more.
pub(super) async fn ask_about(write: &Write, id: RequestId) -> Result<(), Fault> {
    let sql = "UPDATE fabrik.onboarding_requests SET at_once = 0 WHERE id = $1 AND at_once = 1";
    if write.execute(sql, &[&id.to_string()]).await? > 0 {
        write.announce(Topic::Requests, &id.to_string());
    }
    Ok(())
}

/// A run of the customer is written: its provisioning is begun.
pub(super) async fn run_begun(write: &Write, customer: CustomerId) -> Result<(), Fault> {
    for mut request in of_customer(write, customer).await? {
        if requests::run_begun(&mut request) {
            put(write, &request, None).await?;
        }
    }
    Ok(())
}

/// The customer's instance is removed: the end of its subscription is seen to.
pub(super) async fn instance_removed(
    write: &Write,
    customer: CustomerId,
    operator: &str,
) -> Result<(), Fault> {
    for mut request in of_customer(write, customer).await? {
        if requests::instance_removed(&mut request, operator, write.now) {
            put(write, &request, None).await?;
        }
    }
    Ok(())
}

/// What is asked about a customer, kept from other writings until this one ends.
async fn of_customer(write: &Write, customer: CustomerId) -> Result<Vec<OnboardingRequest>, Fault> {
    let sql =
        "SELECT * FROM fabrik.onboarding_requests WHERE customer_id = $1 ORDER BY id FOR UPDATE";
    let rows = write.rows(sql, &[&customer.to_string()]).await?;
    rows.iter().map(from_row).collect()
}
