//! The removal of an instance: stopped by its owner, left with a rest, and what may come after it.

mod left;
mod meanwhile;
mod order;
mod planned;
mod stopped;
mod superseded;

use std::collections::BTreeMap;

use fabrik_domain::{customer::Customer, run::Run};
use fabrik_store::Lease;

use crate::world::World;

impl World {
    pub(crate) async fn begin_removal(&self, customer: &Customer) -> (Run, Lease) {
        self.engine("first")
            .begin_removal(customer.clone(), BTreeMap::new(), "test")
            .await
            .unwrap()
    }
}
