//! One of the sandbox's records: kept as it was written, read as JSON or in its own type.

use std::{any::Any, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::error::SandboxError;

/// A document as it was written, and how it looks to others. Reading it again in its own type, as
/// nearly every call does, costs a clone.
#[derive(Clone)]
pub(crate) struct Content {
    typed: Arc<dyn Any + Send + Sync>,
    json: fn(&dyn Any) -> serde_json::Result<Value>,
}

impl Content {
    pub(crate) fn new<T: Document>(document: T) -> Self {
        Self {
            typed: Arc::new(document),
            json: |typed| match typed.downcast_ref::<T>() {
                Some(document) => serde_json::to_value(document),
                None => Ok(Value::Null),
            },
        }
    }

    /// The document, where it is one that is wanted.
    pub(crate) fn read_if<T: Document + DeserializeOwned>(
        &self,
        kind: &str,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Option<T>, SandboxError> {
        if let Some(document) = self.typed.downcast_ref::<T>() {
            return Ok(wanted(document).then(|| document.clone()));
        }
        let read = match self.typed.downcast_ref::<Value>() {
            Some(value) => T::deserialize(value),
            None => self.to_json().and_then(serde_json::from_value),
        };
        let document = read.map_err(|source| unreadable(kind, source))?;
        Ok(wanted(&document).then_some(document))
    }

    pub(crate) fn to_json(&self) -> serde_json::Result<Value> {
        (self.json)(self.typed.as_ref())
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
