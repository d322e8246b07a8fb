//! A request to a project's own API, as far as Auth and REST have it in common.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, StatusCode, Uri, request::Parts},
};

use super::{
    super::Cloud,
    access::{Access, Denied},
};

/// What is asked of which project, before anybody has looked at who asks.
pub(super) struct Asked {
    pub(super) cloud: Cloud,
    /// The project's ref.
    pub(super) project: String,
    /// What stands in the path where the pattern has `{user}` or `{table}`, or nothing.
    pub(super) name: String,
    pub(super) headers: HeaderMap,
    pub(super) uri: Uri,
}

impl Asked {
    /// Who asks.
    pub(super) fn access(&self) -> Result<Access, Denied> {
        Access::of(&self.cloud.core, &self.project, &self.headers, &self.uri)
    }

    /// A header's text, where it is one.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let internal = StatusCode::INTERNAL_SERVER_ERROR;
        let cloud = parts.extensions.get::<Cloud>().cloned().ok_or(internal)?;
        let path = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| internal)?;
        let (mut project, mut named) = (String::new(), String::new());
        for (name, value) in &path {
            match name {
                "project" => value.clone_into(&mut project),
                _ => value.clone_into(&mut named),
            }
        }
        Ok(Self {
            cloud,
            project,
            name: named,
            headers: parts.headers.clone(),
            uri: parts.uri.clone(),
        })
    }
}
