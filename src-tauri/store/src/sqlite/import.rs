//! Many customers at once.

use std::collections::BTreeSet;

use fabrik_domain::customer::NewCustomer;

use super::{audit, base_names, changes, connection, fault::Fault, writer::Write};
use crate::{Inserted, NewAudit, Progress, Topic};

/// Adds what can be added and says of each row what became of it. A dry run does the same, and takes it
/// back: so its verdicts are the real ones, down to two rows of the file that exclude each other.
pub(super) fn import(
    write: &Write<'_>,
    rows: Vec<(NewCustomer, String)>,
    dry_run: bool,
    audit: &NewAudit,
    progress: &Progress,
    by_ids: &BTreeSet<String>,
) -> Result<Vec<Inserted>, Fault> {
    connection::with_room(write.connection, || {
        add(write, rows, dry_run, audit, progress, by_ids)
    })
}

fn add(
    write: &Write<'_>,
    rows: Vec<(NewCustomer, String)>,
    dry_run: bool,
    audit: &NewAudit,
    progress: &Progress,
    by_ids: &BTreeSet<String>,
) -> Result<Vec<Inserted>, Fault> {
    write.connection.execute_batch("SAVEPOINT import")?;
    let verdicts = rows
        .into_iter()
        .map(|(new, slug)| {
            // What was done is taken back with the writing that this ends.
            progress.step(1)?;
            match base_names::insert(write, new, slug, by_ids) {
                Ok(customer) => Ok(Inserted::Added(Box::new(customer))),
                Err(Fault::Rule(problem)) => Ok(Inserted::Refused(problem)),
                Err(fault) => Err(fault),
            }
        })
        .collect::<Result<Vec<_>, _>>()?;
    if dry_run {
        write.connection.execute_batch("ROLLBACK TO import")?;
    } else {
        audit::add(write, audit)?;
        if verdicts
            .iter()
            .any(|verdict| matches!(verdict, Inserted::Added(_)))
        {
            changes::add(write.connection, Topic::Customers, "")?;
        }
    }
    write.connection.execute_batch("RELEASE import")?;
    Ok(verdicts)
}
