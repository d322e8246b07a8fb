//! What customers are called by whose blueprint goes by the ids of an older system: two ids may give one name, and whose
//! things they are would not be known.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use fabrik_domain::{
    Cause,
    customer::{Customer, slug_of},
};

/// The blueprints that go by ids.
#[derive(Default)]
pub(crate) struct ByIds(Mutex<Arc<BTreeSet<String>>>);

impl ByIds {
    pub(crate) fn set(&self, blueprints: BTreeSet<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(blueprints);
    }

    pub(crate) fn get(&self) -> Arc<BTreeSet<String>> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A name, and the id that it is made of; none where it is the slug.
pub(crate) struct Called {
    pub(crate) name: String,
    id: Option<String>,
}

impl Called {
    /// None where its blueprint goes by something else.
    pub(crate) fn of(customer: &Customer, by_ids: &BTreeSet<String>) -> Option<Self> {
        if !by_ids.contains(&customer.blueprint) {
            return None;
        }
        if let Some(id) = &customer.external_id {
            let name = slug_of(id);
            if !name.is_empty() {
                let id = Some(id.clone());
                return Some(Self { name, id });
            }
        }
        let name = customer.slug.clone();
        Some(Self { name, id: None })
    }

    /// Why it can't be, where another is called so. The same id, or the same slug, is refused as that.
    pub(crate) fn refused_by(&self, other: &Customer, by_ids: &BTreeSet<String>) -> Option<Cause> {
        let theirs = Self::of(other, by_ids)?;
        if theirs.name != self.name || theirs.id == self.id {
            return None;
        }
        let (slug, customer) = (self.name.clone(), other.name.clone());
        Some(match &self.id {
            Some(id) => Cause::ExternalIdAlike {
                external_id: id.clone(),
                slug,
                customer,
            },
            None => Cause::SlugTaken { slug, customer },
        })
    }
}

/// Whether a change of one to the other may change what it is called.
pub(crate) fn may_differ(before: &Customer, after: &Customer) -> bool {
    before.external_id != after.external_id || before.blueprint != after.blueprint
}
