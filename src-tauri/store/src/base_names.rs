//! Which blueprints go by the ids of an older system, and the base names of their customers.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fabrik_domain::{
    Cause,
    customer::{BaseName, Customer},
};

/// The blueprints that go by ids.
#[derive(Default)]
pub(crate) struct ByIds(Mutex<Known>);

#[derive(Default)]
struct Known {
    blueprints: Arc<BTreeSet<String>>,
    /// Of whose customers the base names are written, also of who was there before they were kept.
    filled: BTreeSet<String>,
}

impl ByIds {
    pub(crate) fn set(&self, blueprints: BTreeSet<String>) {
        let mut known = self.known();
        // Whoever comes to one that no longer does so has none.
        known.filled.retain(|one| blueprints.contains(one));
        known.blueprints = Arc::new(blueprints);
    }

    pub(crate) fn get(&self) -> Arc<BTreeSet<String>> {
        Arc::clone(&self.known().blueprints)
    }

    /// Those with customers of whom they may not be written.
    pub(crate) fn unfilled(&self) -> BTreeSet<String> {
        let known = self.known();
        known
            .blueprints
            .difference(&known.filled)
            .cloned()
            .collect()
    }

    /// Those of theirs are written by now.
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

/// A customer's base name; none where its blueprint goes by something else.
pub(crate) fn base_name(customer: &Customer, by_ids: &BTreeSet<String>) -> Option<BaseName> {
    let is_so = by_ids.contains(&customer.blueprint);
    is_so.then(|| BaseName::of(customer.external_id.as_deref(), &customer.slug))
}

/// Why one can't have it, where another has it too.
pub(crate) fn refused_by(
    wanted: &BaseName,
    other: &Customer,
    by_ids: &BTreeSet<String>,
) -> Option<Cause> {
    wanted.refused_by(&base_name(other, by_ids)?, &other.name)
}

/// Whether a change of one to the other may change its base name.
pub(crate) fn may_differ(before: &Customer, after: &Customer) -> bool {
    before.external_id != after.external_id || before.blueprint != after.blueprint
}
