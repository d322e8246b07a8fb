//! The table `resources`.

use fabrik_domain::{id::CustomerId, resource::Resource, run::Run};
use rusqlite::{Connection, Row, named_params};

use super::{
    column::{micros, time, to_word, word},
    fault::Fault,
    runs,
};

fn from_row(row: &Row<'_>) -> Result<Resource, Fault> {
    Ok(Resource {
        key: word(row, "key")?,
        customer: word(row, "customer_id")?,
        run: word(row, "run_id")?,
        step: row.get("step")?,
        provider: word(row, "provider")?,
        kind: word(row, "kind")?,
        id: row.get("id")?,
        name: row.get("name")?,
        url: row.get("url")?,
        content_hash: row.get("content_hash")?,
        origin: word(row, "origin")?,
        state: word(row, "state")?,
        at: time(row, "at")?,
    })
}

/// Writes a resource, in place of the one with its key.
pub(super) fn put(connection: &Connection, resource: &Resource) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO resources
                (key, customer_id, run_id, step, provider, kind, id, name, url, content_hash, origin,
                 state, at)
             VALUES
                (:key, :customer_id, :run_id, :step, :provider, :kind, :id, :name, :url,
                 :content_hash, :origin, :state, :at)
             ON CONFLICT (key) DO UPDATE SET
                customer_id = excluded.customer_id, run_id = excluded.run_id, step = excluded.step,
                provider = excluded.provider, kind = excluded.kind, id = excluded.id,
                name = excluded.name, url = excluded.url, content_hash = excluded.content_hash,
                origin = excluded.origin, state = excluded.state, at = excluded.at",
        )?
        .execute(named_params! {
            ":key": resource.key.to_string(),
            ":customer_id": resource.customer.to_string(),
            ":run_id": resource.run.to_string(),
            ":step": resource.step,
            ":provider": to_word(&resource.provider)?,
            ":kind": to_word(&resource.kind)?,
            ":id": resource.id,
            ":name": resource.name,
            ":url": resource.url,
            ":content_hash": resource.content_hash,
            ":origin": to_word(&resource.origin)?,
            ":state": to_word(&resource.state)?,
            ":at": micros(resource.at),
        })?;
    Ok(())
}

/// A customer's resources, the oldest first.
pub(super) fn of_customer(
    connection: &Connection,
    customer: CustomerId,
) -> Result<Vec<Resource>, Fault> {
    connection
        .prepare_cached("SELECT * FROM resources WHERE customer_id = ?1 ORDER BY number")?
        .query_and_then([customer.to_string()], from_row)?
        .collect()
}

/// The live ones of these customers, in the order of the customers given, the oldest first.
pub(super) fn live(
    connection: &Connection,
    customers: &[CustomerId],
) -> Result<Vec<Resource>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM resources WHERE customer_id = ?1 AND state = 'live' ORDER BY number",
    )?;
    let mut live = Vec::new();
    for customer in customers {
        for resource in statement.query_and_then([customer.to_string()], from_row)? {
            live.push(resource?);
        }
    }
    Ok(live)
}

/// Whether something is there, or may be, that a later run of the same customer has made or found.
pub(super) fn left_by_later(connection: &Connection, run: &Run) -> Result<bool, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM resources JOIN runs ON runs.id = resources.run_id
         WHERE resources.customer_id = ?1 AND runs.number > ?2
            AND resources.state IN ('intended', 'live', 'leftover')",
    )?;
    Ok(statement.exists((run.customer.to_string(), run.number))?)
}

/// Whether a customer's subdomain names something that is there, or that a run is about to make.
pub(super) fn go_by_subdomain(
    connection: &Connection,
    customer: CustomerId,
) -> Result<bool, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM resources
         WHERE customer_id = ?1 AND state NOT IN ('removed', 'let_go') AND kind <> 'mail'",
    )?;
    let is_there = statement.exists([customer.to_string()])?;
    Ok(is_there || runs::active(connection, customer)?.is_some())
}
