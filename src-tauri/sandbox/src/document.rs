//! One of the sandbox's records: kept as it was written, read as JSON or in its own type.

use std::{
    any::Any,
    sync::{Arc, OnceLock},
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::error::SandboxError;

/// A document as it was written, and how it looks to others. Reading it again in its own type, as
/// nearly every call does, costs a clone. It is turned into JSON once, for all forks too.
#[derive(Clone)]
pub(crate) struct Content(Arc<Written<dyn Any + Send + Sync>>);

struct Written<T: ?Sized> {
    json: OnceLock<Arc<Value>>,
    to_json: fn(&dyn Any) -> serde_json::Result<Value>,
    typed: T,
}

impl Content {
    pub(crate) fn new<T: Document>(document: T) -> Self {
        Self(Arc::new(Written {
            json: OnceLock::new(),
            to_json: |typed| match typed.downcast_ref::<T>() {
                Some(document) => serde_json::to_value(document),
                None => Ok(Value::Null),
            },
            typed: document,
        }))
    }

    /// The document, where it is one that is wanted.
    pub(crate) fn read_if<T: Document + DeserializeOwned>(
        &self,
        kind: &str,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Option<T>, SandboxError> {
        if let Some(document) = self.0.typed.downcast_ref::<T>() {
            return Ok(wanted(document).then(|| document.clone()));
        }
        let read = self.to_json().and_then(|value| T::deserialize(&*value));
        let document = read.map_err(|source| unreadable(kind, source))?;
        Ok(wanted(&document).then_some(document))
    }

    pub(crate) fn to_json(&self) -> serde_json::Result<Arc<Value>> {
        if let Some(known) = self.0.json.get() {
            return Ok(Arc::clone(known));
        }
        let made = Arc::new((self.0.to_json)(&self.0.typed)?);
        Ok(Arc::clone(self.0.json.get_or_init(|| made)))
    }
}

/// What can be a document.
pub(crate) trait Document: Serialize + Clone + Send + Sync + 'static {}

impl<T: Serialize + Clone + Send + Sync + 'static> Document for T {}

pub(crate) fn unreadable(kind: &str, source: serde_json::Error) -> SandboxError {
    SandboxError::Document {
        kind: kind.to_owned(),
        source,
    }
}
