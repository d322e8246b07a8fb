//! Answers of the Management API, and its way to say no: `{"message": "…"}`.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::error::SandboxError;

/// Why an operation has no answer of its own.
pub(super) enum Refusal {
    /// The vendor says no.
    Answer(StatusCode, String),
    /// The sandbox failed.
    Sandbox(SandboxError),
}

/// What an operation of the Management API ends with.
pub(super) type Answer<T = Response> = Result<T, Refusal>;

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self::Answer(status, message.into())
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// The token is good, and may not do this.
    pub(super) fn forbidden() -> Self {
        let words = "You do not have the necessary privileges to access this endpoint.";
        Self::new(StatusCode::FORBIDDEN, words)
    }
}

impl From<SandboxError> for Refusal {
    fn from(error: SandboxError) -> Self {
        Self::Sandbox(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Answer(status, message) => {
                (status, Json(json!({ "message": message }))).into_response()
            }
            Self::Sandbox(error) => error.into_response(),
        }
    }
}

/// 200 with a JSON body.
pub(super) fn ok(body: &impl Serialize) -> Response {
    Json(body).into_response()
}

/// 201 with a JSON body.
pub(super) fn created(body: &impl Serialize) -> Response {
    (StatusCode::CREATED, Json(body)).into_response()
}

/// A request's JSON body.
pub(super) fn body<T: DeserializeOwned>(bytes: &[u8]) -> Answer<T> {
    serde_json::from_slice(bytes).map_err(|error| Refusal::bad_request(error.to_string()))
}
