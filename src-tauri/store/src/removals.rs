//! The beginning of a removal: a part of the [`Store`](crate::Store).

use std::time::Duration;

use async_trait::async_trait;
use fabrik_domain::{Problem, resource::Resource, run::Run};

use crate::{Lease, NewRun};

/// Runs that take away what other runs have made.
#[async_trait]
pub trait Removals {
    /// As [`add_run`](crate::Store::add_run), of a removal, which takes away what of `known` goes; nothing is written
    /// where the customer's resources are others by then.
    async fn add_removal(
        &self,
        new: NewRun,
        known: Vec<Resource>,
        owner: &str,
        lease: Duration,
    ) -> Result<Option<(Run, Lease)>, Problem>;
}
