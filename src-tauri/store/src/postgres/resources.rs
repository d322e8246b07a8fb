//! The table `resources`.

use fabrik_domain::{id::CustomerId, resource::Resource, run::Run};
use tokio_postgres::Row;

use super::{
    column::{get, micros, time, to_word, word},
    connections::Session,
    fault::Fault,
    runs,
};

fn from_row(row: &Row) -> Result<Resource, Fault> {
    Ok(Resource {
        key: word(row, "key")?,
        customer: word(row, "customer_id")?,
        run: word(row, "run_id")?,
        step: get(row, "step")?,
        provider: word(row, "provider")?,
        kind: word(row, "kind")?,
        id: get(row, "id")?,
        name: get(row, "name")?,
        url: get(row, "url")?,
        content_hash: get(row, "content_hash")?,
        origin: word(row, "origin")?,
        state: word(row, "state")?,
        at: time(row, "at")?,
    })
}

/// Writes a resource, in place of the one with its key.
pub(super) async fn put(session: &Session, resource: &Resource) -> Result<(), Fault> {
    session
        .execute(
            "INSERT INTO fabrik.resources
                (key, customer_id, run_id, step, provider, kind, id, name, url, content_hash, origin, state, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             ON CONFLICT (key) DO UPDATE SET
                customer_id = excluded.customer_id, run_id = excluded.run_id, step = excluded.step,
                provider = excluded.provider, kind = excluded.kind, id = excluded.id,
                name = excluded.name, url = excluded.url, content_hash = excluded.content_hash,
                origin = excluded.origin, state = excluded.state, at = excluded.at",
            &[
                &resource.key.to_string(),
                &resource.customer.to_string(),
                &resource.run.to_string(),
                &resource.step,
                &to_word(&resource.provider)?,
                &to_word(&resource.kind)?,
                &resource.id,
                &resource.name,
                &resource.url,
                &resource.content_hash,
                &to_word(&resource.origin)?,
                &to_word(&resource.state)?,
                &micros(resource.at),
            ],
        )
        .await?;
    Ok(())
}

/// A customer's resources, the oldest first.
pub(super) async fn of_customer(
    session: &Session,
    customer: CustomerId,
) -> Result<Vec<Resource>, Fault> {
    let sql = "SELECT * FROM fabrik.resources WHERE customer_id = $1 ORDER BY number";
    let rows = session.rows(sql, &[&customer.to_string()]).await?;
    rows.iter().map(from_row).collect()
}

/// The live ones of these customers, in the order of the customers given, the oldest first.
pub(super) async fn live(
    session: &Session,
    customers: &[CustomerId],
) -> Result<Vec<Resource>, Fault> {
    let ids: Vec<_> = customers.iter().map(ToString::to_string).collect();
    let sql = "SELECT resources.* FROM unnest($1) WITH ORDINALITY AS asked (id, place)
               JOIN fabrik.resources ON customer_id = asked.id AND state = 'live'
               ORDER BY place, number";
    let rows = session.rows(sql, &[&ids]).await?;
    rows.iter().map(from_row).collect()
}

/// Whether something is there, or may be, that a later run of the same customer has made or found.
pub(super) async fn left_by_later(session: &Session, run: &Run) -> Result<bool, Fault> {
    let sql = "SELECT 1 FROM fabrik.resources JOIN fabrik.runs ON runs.id = resources.run_id
               WHERE resources.customer_id = $1 AND runs.number > $2
                   AND resources.state IN ('intended', 'live', 'leftover')
               LIMIT 1";
    let later = session
        .row(sql, &[&run.customer.to_string(), &run.number])
        .await?;
    Ok(later.is_some())
}

/// Whether a customer's subdomain names something that is there, or that a run is about to make.
pub(super) async fn go_by_subdomain(
    session: &Session,
    customer: CustomerId,
) -> Result<bool, Fault> {
    let sql = "SELECT EXISTS (
                   SELECT FROM fabrik.resources
                   WHERE customer_id = $1 AND state NOT IN ('removed', 'let_go') AND kind <> 'mail')";
    let is_there: bool = session.one(sql, &[&customer.to_string()]).await?;
    Ok(is_there || runs::active(session, customer).await?.is_some())
}
