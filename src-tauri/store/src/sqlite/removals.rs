//! [`Removals`] for SQLite.

use std::time::Duration;

use async_trait::async_trait;
use fabrik_domain::{Cause, Problem, resource::Resource, run::Run};

use super::{SqliteStore, fault::Fault, resources, runs, writer::Write};
use crate::{Lease, NewRun, Removals};

#[async_trait]
impl Removals for SqliteStore {
    async fn add_removal(
        &self,
        new: NewRun,
        known: Vec<Resource>,
        owner: &str,
        lease: Duration,
    ) -> Result<Option<(Run, Lease)>, Problem> {
        let owner = owner.to_owned();
        self.writer
            .write(move |write| add(write, new, &known, owner, lease))
            .await
    }
}

/// Writes the run as long as the customer has what it was planned with.
fn add(
    write: &Write<'_>,
    new: NewRun,
    known: &[Resource],
    owner: String,
    lease: Duration,
) -> Result<Option<(Run, Lease)>, Fault> {
    if let Some(run) = runs::active(write.connection, new.customer)? {
        return Err(Cause::RunActive { run }.into());
    }
    if resources::of_customer(write.connection, new.customer)? != known {
        return Ok(None);
    }
    runs::add(write, new, owner, lease).map(Some)
}
