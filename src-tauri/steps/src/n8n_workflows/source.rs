//! What a set was made of, by hashes in the records: what other steps have handed on, and what the credentials hold.
//! Where it is made of something else by now, it leads to a database that is gone, or signs in with a key that is
//! none any more.
//!
//! What a customer is called is not among it: a workflow that somebody has mended is worth more than a new name.

use std::collections::BTreeSet;

use fabrik_blueprints::template;
use fabrik_domain::secret::ExposeSecret;
use fabrik_engine::step::Context;

use super::N8nWorkflows;
use crate::digest::sha256;

/// A part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// What the workflows are filled with.
    Values,
    /// What the credentials hold.
    Credentials,
}

impl Source {
    pub(super) const ALL: [Self; 2] = [Self::Values, Self::Credentials];

    /// Its key among the parts.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Values => "hash.values",
            Self::Credentials => "hash.credentials",
        }
    }
}

impl N8nWorkflows {
    /// Tells it from all else that it could be made of, and holds none of it.
    pub(super) fn hash(&self, cx: &Context<'_>, source: Source) -> String {
        let mut text = format!("{} {}", cx.mark, cx.step.id);
        let mut add = |name: &str, value: &str| {
            text.push_str(&sha256(name));
            text.push_str(&sha256(value));
        };
        match source {
            Source::Values => {
                for (name, value) in &self.values {
                    if of_a_step(cx, name) {
                        add(name, value);
                    }
                }
            }
            Source::Credentials => {
                for credential in &self.credentials {
                    add(&credential.name, &credential.kind);
                    for (field, value) in &credential.data {
                        add(field, value.expose_secret());
                    }
                }
            }
        }
        sha256(text)
    }
}

/// Whether a value is made of what another step hands on.
fn of_a_step(cx: &Context<'_>, name: &str) -> bool {
    let text = cx.step.with["values"][name].as_str().unwrap_or_default();
    let steps = cx.snapshot.blueprint.steps.iter();
    let steps: BTreeSet<_> = steps.map(|step| step.id.as_str()).collect();
    let used = template::references(text).unwrap_or_default();
    used.iter().any(|(root, _)| steps.contains(root.as_str()))
}
