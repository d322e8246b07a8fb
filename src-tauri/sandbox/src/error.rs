//! What can go wrong in the sandbox itself, as opposed to what its vendors answer.

use std::path::PathBuf;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// A failure of the sandbox.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// Another process serves this data directory.
    #[error("another sandbox serves {0}")]
    InUse(PathBuf),
    /// A file or socket that could not be used.
    #[error("{what}")]
    Io {
        /// What was tried, with its path or address.
        what: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// The file of documents failed.
    #[error("the sandbox's records failed")]
    Records(#[from] rusqlite::Error),
    /// A document that is not of the shape it was written in.
    #[error("a document of kind {kind} can't be read")]
    Document {
        /// The document's kind.
        kind: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A sealed field that this data directory's key does not open.
    #[error("a sealed field can't be opened with this data directory's key")]
    Sealed,
    /// Latencies, faults or account switches that are none.
    #[error("{0}")]
    Invalid(String),
    /// A vendor's part failed, such as a database that does not start.
    #[error("{provider}: {why}")]
    Vendor {
        /// Whose part.
        provider: &'static str,
        /// Why.
        why: String,
    },
}

impl SandboxError {
    /// Something that a control call names and that is not there.
    pub(crate) fn unknown(what: &str, name: &str) -> Self {
        Self::Invalid(format!("there is no {what} {name}"))
    }

    /// A file that the one who starts it has named can't be read.
    pub(crate) fn unreadable(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |error| Self::Invalid(format!("{path}: {error}"))
    }

    /// Names what was tried when a file or socket failed.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

impl IntoResponse for SandboxError {
    fn into_response(self) -> Response {
        tracing::error!(error = %self, cause = ?std::error::Error::source(&self), "sandbox failure");
        let status = match self {
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(json!({ "message": self.to_string() }))).into_response()
    }
}
