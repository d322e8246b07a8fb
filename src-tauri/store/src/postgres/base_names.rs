//! Base names, the column `called` of the table `customers`: who writes one waits for the others who do, so that what is
//! looked for can't come in between.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    sync::Arc,
};

use fabrik_domain::{
    Cause, Problem,
    customer::{BaseName, Customer, CustomerPatch, NewCustomer},
    id::CustomerId,
};

use super::{
    PostgresStore, customers,
    fault::Fault,
    turn::{Begun, Turn, Write, writing},
};
use crate::{
    NewAudit,
    base_names::{base_name, may_differ, refused_by},
    customers::apply,
};

/// Held to the end of the transaction: `called` in ASCII, and two zeros.
const LOCK: i64 = 0x6361_6c6c_6564_0000;

impl PostgresStore {
    /// The blueprints that go by ids, once the base names of their customers are written.
    pub(super) async fn by_ids(&self) -> Result<Arc<BTreeSet<String>>, Problem> {
        let by_ids = self.by_ids.get();
        let unfilled = self.by_ids.unfilled();
        if !unfilled.is_empty() {
            let filled: Result<(), Problem> = writing!(self, |write| fill(&write, &unfilled));
            filled?;
            self.by_ids.set_filled(unfilled);
        }
        Ok(by_ids)
    }
}

/// Writes the base names of those who were there before they were kept, or before their blueprint went by ids.
async fn fill(write: &Write, blueprints: &BTreeSet<String>) -> Result<(), Fault> {
    let names: Vec<String> = blueprints.iter().cloned().collect();
    // A change that is under way is waited for: it writes itself what the customer has after it.
    let sql = "SELECT * FROM fabrik.customers WHERE called IS NULL AND blueprint = ANY($1)
               ORDER BY id FOR NO KEY UPDATE";
    let rows = write.rows(sql, &[&names]).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let found = rows
        .iter()
        .map(customers::from_row)
        .collect::<Result<Vec<Customer>, Fault>>()?;
    let found: Vec<&Customer> = found.iter().collect();
    keep(write, &found, blueprints).await
}

/// Adds a customer.
pub(super) async fn add(
    write: &Write,
    new: &NewCustomer,
    slug: &str,
    audit: &NewAudit,
    by_ids: &BTreeSet<String>,
) -> Result<Customer, Fault> {
    let customer = Customer::made(new.clone(), slug.to_owned(), write.now);
    assert_free(write, &customer, by_ids).await?;
    let customer = customers::add(write, customer, audit).await?;
    if by_ids.contains(&customer.blueprint) {
        keep(write, &[&customer], by_ids).await?;
    }
    Ok(customer)
}

/// Changes a customer.
pub(super) async fn edit(
    write: &Write,
    id: CustomerId,
    patch: &CustomerPatch,
    audit: &NewAudit,
    by_ids: &BTreeSet<String>,
) -> Result<Customer, Fault> {
    if patch.external_id.is_none() && patch.blueprint.is_none() {
        return customers::edit(write, id, patch, audit).await;
    }
    let before = customers::locked(write, id).await?;
    let mut after = before.clone();
    apply(&mut after, patch.clone());
    let may_differ = may_differ(&before, &after);
    if may_differ {
        assert_free(write, &after, by_ids).await?;
    }
    let customer = customers::edit(write, id, patch, audit).await?;
    if may_differ {
        keep(write, &[&customer], by_ids).await?;
    }
    Ok(customer)
}

/// Changes many, and gives why a rule refused one. What it refuses has written nothing.
pub(super) async fn edit_all(
    write: &Write,
    edits: &[(CustomerId, CustomerPatch, NewAudit)],
    by_ids: &BTreeSet<String>,
) -> Result<Vec<Option<Problem>>, Fault> {
    let mut refused = Vec::with_capacity(edits.len());
    for (id, patch, audit) in edits {
        refused.push(match edit(write, *id, patch, audit, by_ids).await {
            Ok(_) => None,
            Err(Fault::Rule(problem)) => Some(problem),
            Err(fault) => return Err(fault),
        });
    }
    Ok(refused)
}

async fn assert_free(
    write: &Write,
    customer: &Customer,
    by_ids: &BTreeSet<String>,
) -> Result<(), Fault> {
    let refused = refused(write, &[customer], by_ids).await?;
    match refused.into_values().next() {
        Some(cause) => Err(cause.into()),
        None => Ok(()),
    }
}

/// Those of these customers whose base name another has, one of those before them too, and why that can't be.
pub(super) async fn refused(
    write: &Write,
    customers: &[&Customer],
    by_ids: &BTreeSet<String>,
) -> Result<BTreeMap<CustomerId, Cause>, Fault> {
    let names: Vec<String> = customers
        .iter()
        .filter_map(|customer| Some(base_name(customer, by_ids)?.name))
        .collect();
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    write
        .execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
        .await?;
    let sql = "SELECT * FROM fabrik.customers WHERE called = ANY($1)";
    let rows = write.rows(sql, &[&names]).await?;
    let there = rows
        .iter()
        .map(customers::from_row)
        .collect::<Result<Vec<Customer>, Fault>>()?;
    // By name: an import that is done again meets all of its own.
    let mut holders: BTreeMap<String, Vec<&Customer>> = BTreeMap::new();
    for other in &there {
        if let Some(BaseName { name, .. }) = base_name(other, by_ids) {
            holders.entry(name).or_default().push(other);
        }
    }
    let mut refused = BTreeMap::new();
    for &customer in customers {
        let Some(wanted) = base_name(customer, by_ids) else {
            continue;
        };
        let others = holders.entry(wanted.name.clone()).or_default();
        let cause = others
            .iter()
            .filter(|other| other.id != customer.id)
            .find_map(|other| refused_by(&wanted, other, by_ids));
        match cause {
            Some(cause) => {
                refused.insert(customer.id, cause);
            }
            // Who comes after it in the same writing is held against it too.
            None if others.is_empty() => others.push(customer),
            None => {}
        }
    }
    Ok(refused)
}

/// Writes the base names of these customers.
pub(super) async fn keep(
    write: &Write,
    customers: &[&Customer],
    by_ids: &BTreeSet<String>,
) -> Result<(), Fault> {
    let ids: Vec<String> = customers.iter().map(|one| one.id.to_string()).collect();
    let names: Vec<Option<String>> = customers
        .iter()
        .map(|one| base_name(one, by_ids).map(|base| base.name))
        .collect();
    let sql = "UPDATE fabrik.customers AS c SET called = given.called
               FROM unnest($1::text[], $2::text[]) AS given (id, called)
               WHERE c.id = given.id AND c.called IS DISTINCT FROM given.called";
    write.execute(sql, &[&ids, &names]).await?;
    Ok(())
}
