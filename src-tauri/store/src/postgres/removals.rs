//! [`Removals`] for `PostgreSQL`.

use std::{ops::ControlFlow, time::Duration};

use async_trait::async_trait;
use fabrik_domain::{Problem, resource::Resource, run::Run};

use super::{
    PostgresStore,
    fault::Fault,
    resources, runs,
    turn::{Begun, Turn, Write, writing},
};
use crate::{Lease, NewRun, Removals};

#[async_trait]
impl Removals for PostgresStore {
    async fn add_removal(
        &self,
        new: NewRun,
        known: Vec<Resource>,
        owner: &str,
        lease: Duration,
    ) -> Result<Option<(Run, Lease)>, Problem> {
        let begun = writing!(self, |write| add(&write, &new, &known, owner, lease));
        begun.map(|begun| begun.map(|(run, lease)| (run, self.here(lease))))
    }
}

/// Writes the run as long as the customer has what it was planned with.
async fn add(
    write: &Write,
    new: &NewRun,
    known: &[Resource],
    owner: &str,
    lease: Duration,
) -> Result<Option<(Run, Lease)>, Fault> {
    write.batch("SAVEPOINT removal").await?;
    let begun = runs::add(write, new, owner, lease).await?;
    // Only now no other run of the customer can make anything, or end unseen.
    if resources::of_customer(write, new.customer).await? == known {
        return Ok(Some(begun));
    }
    write.batch("ROLLBACK TO removal").await?;
    write.announce_nothing();
    Ok(None)
}
