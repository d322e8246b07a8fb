//! Many customers at once.

use fabrik_domain::customer::{Customer, CustomerStatus, InstanceState, NewCustomer};
use serde_json::json;
use std::collections::BTreeSet;

use super::{
    audit, base_names,
    column::{get, micros, to_json, to_word},
    customers,
    fault::Fault,
    turn::Write,
};
use crate::{Inserted, NewAudit, Progress, Topic, customers::search_text, text::name_key};

/// How many rows go to the server at once.
const CHUNK: usize = 2000;

/// Adds what can be added and says of each row what became of it. A dry run does the same, and is taken back
/// by the caller: so its verdicts are the real ones, down to two rows of the file that exclude each other.
pub(super) async fn import(
    write: &Write,
    rows: &[(NewCustomer, String)],
    audit: &NewAudit,
    progress: &Progress,
    by_ids: &BTreeSet<String>,
) -> Result<Vec<Inserted>, Fault> {
    let mut verdicts = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(CHUNK) {
        let customers: Vec<_> = chunk
            .iter()
            .map(|(new, slug)| Customer::made(new.clone(), slug.clone(), write.now))
            .collect();
        let all: Vec<_> = customers.iter().collect();
        let mut alike = base_names::refused(write, &all, by_ids).await?;
        let others = |one: &&Customer| !alike.contains_key(&one.id);
        let free: Vec<_> = customers.iter().filter(others).collect();
        let added = insert(write, &free).await?;
        let is_added = |customer: &Customer| added.contains(&customer.id.to_string());
        let named = |one: &&Customer| is_added(one) && by_ids.contains(&one.blueprint);
        let named: Vec<_> = customers.iter().filter(named).collect();
        if !named.is_empty() {
            base_names::keep(write, &named, by_ids).await?;
        }
        let mut taken = {
            let refused = free.into_iter().filter(|one| !is_added(one));
            let refused: Vec<_> = refused.collect();
            // Of all at once: a file that is imported again has nothing else.
            customers::taken_among(write, &refused).await?.into_iter()
        };
        for customer in customers {
            verdicts.push(if is_added(&customer) {
                Inserted::Added(Box::new(customer))
            } else if let Some(cause) = alike.remove(&customer.id) {
                Inserted::Refused(cause.into())
            } else {
                match taken.next().flatten() {
                    Some(cause) => Inserted::Refused(cause.into()),
                    // Whoever was in its way has gone in the meantime.
                    None => return Err(fabrik_domain::Cause::DatabaseBusy.into()),
                }
            });
        }
        progress.step(chunk.len() as u64)?;
    }
    audit::add(write, audit).await?;
    let any = |verdict: &Inserted| matches!(verdict, Inserted::Added(_));
    if verdicts.iter().any(any) {
        write.announce(Topic::Customers, "");
    }
    Ok(verdicts)
}

/// Writes those that nothing excludes, in their order, and says which.
pub(super) async fn insert(
    write: &Write,
    customers: &[&Customer],
) -> Result<BTreeSet<String>, Fault> {
    let rows = customers
        .iter()
        .map(|one| row(one))
        .collect::<Result<Vec<_>, _>>()?;
    let sql = "INSERT INTO fabrik.customers
               SELECT (json_populate_record(NULL::fabrik.customers, row)).*
               FROM json_array_elements($1::text::json) WITH ORDINALITY AS given (row, place)
               ORDER BY place
               ON CONFLICT DO NOTHING RETURNING id";
    let added = write.rows(sql, &[&to_json(&rows)?]).await?;
    added.iter().map(|row| get(row, "id")).collect()
}

/// A new customer's row, column by column.
fn row(customer: &Customer) -> Result<serde_json::Value, Fault> {
    let state = InstanceState::of(customer.status, customer.production_url.is_some(), None);
    Ok(json!({
        "id": customer.id,
        "external_id": customer.external_id,
        "source": customer.source,
        "name": customer.name,
        "slug": customer.slug,
        "subdomain": customer.subdomain,
        "status": CustomerStatus::key(customer.status),
        "plan": customer.plan,
        "blueprint": customer.blueprint,
        "contact_email": customer.contact_email,
        "contact_name": customer.contact_name,
        "language": to_word(&customer.language)?,
        "credits": customer.credits,
        "modules": to_json(&customer.modules)?,
        "production_url": customer.production_url,
        "github_repo_url": customer.github_repo_url,
        "supabase_project_ref": customer.supabase_project_ref,
        "database_url": customer.database_url.as_ref().map(ToString::to_string),
        "created_at": micros(customer.created_at),
        "updated_at": micros(customer.updated_at),
        "instance_state": to_word(&state)?,
        "name_key": name_key(&customer.name),
        "search_text": search_text(customer),
    }))
}
