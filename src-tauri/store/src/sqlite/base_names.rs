//! Base names, the column `called` of the table `customers`: who writes has the table to itself, so that what is looked for
//! can't come in between.

use std::{collections::BTreeSet, sync::Arc};

use fabrik_domain::{
    Problem,
    customer::{Customer, CustomerPatch, NewCustomer},
    id::CustomerId,
};

use super::{SqliteStore, customers, fault::Fault, writer::Write};
use crate::{
    NewAudit,
    base_names::{base_name, may_differ, refused_by},
    customers::apply,
};

impl SqliteStore {
    /// The blueprints that go by ids, once the base names of their customers are written.
    pub(super) async fn by_ids(&self) -> Result<Arc<BTreeSet<String>>, Problem> {
        let by_ids = self.by_ids.get();
        let unfilled = self.by_ids.unfilled();
        if !unfilled.is_empty() {
            let blueprints = unfilled.clone();
            self.writer
                .write(move |write| fill(write, &blueprints))
                .await?;
            self.by_ids.set_filled(unfilled);
        }
        Ok(by_ids)
    }
}

/// Writes the base names of those who were there before they were kept, or before their blueprint went by ids.
fn fill(write: &Write<'_>, blueprints: &BTreeSet<String>) -> Result<(), Fault> {
    let mut statement = write
        .connection
        .prepare_cached("SELECT * FROM customers WHERE called IS NULL AND blueprint = ?1")?;
    for blueprint in blueprints {
        let found = statement
            .query_and_then([blueprint], customers::from_row)?
            .collect::<Result<Vec<Customer>, Fault>>()?;
        for customer in &found {
            keep(write, customer, blueprints)?;
        }
    }
    Ok(())
}

/// Adds a customer.
pub(super) fn add(
    write: &Write<'_>,
    new: NewCustomer,
    slug: String,
    audit: NewAudit,
    by_ids: &BTreeSet<String>,
) -> Result<Customer, Fault> {
    let new = Customer::made(new, slug, write.now);
    guarded(write, new, by_ids, |new| customers::add(write, new, audit))
}

/// Writes the row alone.
pub(super) fn insert(
    write: &Write<'_>,
    new: NewCustomer,
    slug: String,
    by_ids: &BTreeSet<String>,
) -> Result<Customer, Fault> {
    let new = Customer::made(new, slug, write.now);
    guarded(write, new, by_ids, |new| customers::insert(write, new))
}

/// Changes a customer.
pub(super) fn edit(
    write: &Write<'_>,
    id: CustomerId,
    patch: CustomerPatch,
    audit: NewAudit,
    by_ids: &BTreeSet<String>,
) -> Result<Customer, Fault> {
    if patch.external_id.is_none() && patch.blueprint.is_none() {
        return customers::edit(write, id, patch, audit);
    }
    let before = customers::get(write.connection, id)?;
    let mut after = before.clone();
    apply(&mut after, patch.clone());
    if !may_differ(&before, &after) {
        return customers::edit(write, id, patch, audit);
    }
    guarded(write, after, by_ids, |_| {
        customers::edit(write, id, patch, audit)
    })
}

/// Writes a customer as it is to be, and its base name; refused where another has that.
fn guarded(
    write: &Write<'_>,
    wanted: Customer,
    by_ids: &BTreeSet<String>,
    write_row: impl FnOnce(Customer) -> Result<Customer, Fault>,
) -> Result<Customer, Fault> {
    assert_free(write, &wanted, by_ids)?;
    let customer = write_row(wanted)?;
    keep(write, &customer, by_ids)?;
    Ok(customer)
}

/// Changes many, and gives why a rule refused one. What it refuses has written nothing.
pub(super) fn edit_all(
    write: &Write<'_>,
    edits: Vec<(CustomerId, CustomerPatch, NewAudit)>,
    by_ids: &BTreeSet<String>,
) -> Result<Vec<Option<Problem>>, Fault> {
    edits
        .into_iter()
        .map(
            |(id, patch, audit)| match edit(write, id, patch, audit, by_ids) {
                Ok(_) => Ok(None),
                Err(Fault::Rule(problem)) => Ok(Some(problem)),
                Err(fault) => Err(fault),
            },
        )
        .collect()
}

fn assert_free(
    write: &Write<'_>,
    customer: &Customer,
    by_ids: &BTreeSet<String>,
) -> Result<(), Fault> {
    let Some(wanted) = base_name(customer, by_ids) else {
        return Ok(());
    };
    let mut statement = write
        .connection
        .prepare_cached("SELECT * FROM customers WHERE called = ?1 AND id <> ?2")?;
    let mut rows = statement.query((&wanted.name, customer.id.to_string()))?;
    while let Some(row) = rows.next()? {
        if let Some(cause) = refused_by(&wanted, &customers::from_row(row)?, by_ids) {
            return Err(cause.into());
        }
    }
    Ok(())
}

fn keep(write: &Write<'_>, customer: &Customer, by_ids: &BTreeSet<String>) -> Result<(), Fault> {
    let name = base_name(customer, by_ids).map(|base| base.name);
    write
        .connection
        .prepare_cached("UPDATE customers SET called = ?2 WHERE id = ?1 AND called IS NOT ?2")?
        .execute((customer.id.to_string(), name))?;
    Ok(())
}
