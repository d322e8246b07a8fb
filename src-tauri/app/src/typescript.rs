//! The UI's types, from the Rust ones: every type that a command takes or answers, and what it needs.

use std::{any::TypeId, collections::BTreeMap, collections::BTreeSet};

use ts_rs::{Config, TS, TypeVisitor};

/// Collects declarations of types and of all types they refer to.
pub struct Declarations<'a> {
    config: &'a Config,
    seen: BTreeSet<TypeId>,
    texts: BTreeMap<String, String>,
}

impl<'a> Declarations<'a> {
    /// None yet.
    pub fn new(config: &'a Config) -> Self {
        Self {
            config,
            seen: BTreeSet::new(),
            texts: BTreeMap::new(),
        }
    }

    /// Adds a type and everything it refers to.
    pub fn add<T: TS + 'static + ?Sized>(&mut self) {
        self.visit::<T>();
    }

    /// The declarations, sorted by name.
    pub fn into_text(self) -> String {
        self.texts.into_values().collect()
    }
}

impl TypeVisitor for Declarations<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        if T::output_path().is_some() {
            let docs = T::docs().unwrap_or_default();
            let text = format!("{docs}export {}\n\n", T::decl(self.config));
            self.texts.insert(T::ident(self.config), text);
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}
