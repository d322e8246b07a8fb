//! What is known of the credentials since the step was built, for where n8n lists them to others than this key: rows
//! that a run writes meanwhile are not shown to it, and a call without an answer may have made one that nothing shows.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

#[derive(Debug, Default)]
pub(super) struct Heard(Mutex<State>);

/// By the name that the blueprint gives them.
#[derive(Debug, Default)]
struct State {
    /// Ids that were given.
    ids: BTreeMap<String, String>,
    /// One more may be there.
    lost: BTreeSet<String>,
}

impl Heard {
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn id(&self, name: &str) -> Option<String> {
        self.change(|state| state.ids.get(name).cloned())
    }

    /// A call may have made one, and nobody has heard of it.
    pub(super) fn loses(&self, name: &str) {
        self.change(|state| state.lost.insert(name.to_owned()));
    }

    pub(super) fn lost(&self) -> BTreeSet<String> {
        self.change(|state| state.lost.clone())
    }

    /// It has this id now. Where it has `the_same` however often it is asked for, none is lost.
    pub(super) fn made(&self, name: &str, id: &str, the_same: bool) {
        self.change(|state| {
            state.ids.insert(name.to_owned(), id.to_owned());
            if the_same {
                state.lost.remove(name);
            }
        });
    }
}
