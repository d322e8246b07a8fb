//! Which blueprints go by the ids of an older system, and what their customers are called by.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fabrik_domain::{
    Cause,
    customer::{Called, Customer},
};

/// The blueprints that go by ids.
#[derive(Default)]
pub(crate) struct ByIds(Mutex<Known>);

#[derive(Default)]
struct Known {
    blueprints: Arc<BTreeSet<String>>,
    /// Of whose customers it is written what they are called, also of who was there before that was kept.
    filled: BTreeSet<String>,
}

impl ByIds {
    pub(crate) fn set(&self, blueprints: BTreeSet<String>) {
        let mut known = self.known();
        // Whoever comes to one that no longer does so is not called by anything.
        known.filled.retain(|one| blueprints.contains(one));
        known.blueprints = Arc::new(blueprints);
    }

    pub(crate) fn get(&self) -> Arc<BTreeSet<String>> {
        Arc::clone(&self.known().blueprints)
    }

    /// Those with customers of whom it may not be written.
    pub(crate) fn unfilled(&self) -> BTreeSet<String> {
        let known = self.known();
        known
            .blueprints
            .difference(&known.filled)
            .cloned()
            .collect()
    }

    /// It is written of theirs by now.
    pub(crate) fn set_filled(&self, blueprints: BTreeSet<String>) {
        let mut known = self.known();
        let there = Arc::clone(&known.blueprints);
        let still = blueprints.into_iter().filter(|one| there.contains(one));
        known.filled.extend(still);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a customer is called by; none where its blueprint goes by something else.
pub(crate) fn called(customer: &Customer, by_ids: &BTreeSet<String>) -> Option<Called> {
    let is_so = by_ids.contains(&customer.blueprint);
    is_so.then(|| Called::of(customer.external_id.as_deref(), &customer.slug))
}

/// Why one can't be called so, where another is.
pub(crate) fn refused_by(
    wanted: &Called,
    other: &Customer,
    by_ids: &BTreeSet<String>,
) -> Option<Cause> {
    wanted.refused_by(&called(other, by_ids)?, &other.name)
}

/// Whether a change of one to the other may change what it is called.
pub(crate) fn may_differ(before: &Customer, after: &Customer) -> bool {
    before.external_id != after.external_id || before.blueprint != after.blueprint
}
