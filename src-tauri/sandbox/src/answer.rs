//! What handlers return.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::error::SandboxError;

/// An answer that ends a handler early, in the vendor's own shape.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Response>);

/// What a handler returns.
pub(crate) type Answer = Result<Response, Refusal>;

impl From<Response> for Refusal {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl From<SandboxError> for Refusal {
    fn from(error: SandboxError) -> Self {
        error.into_response().into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// A JSON answer.
#[expect(clippy::unnecessary_wraps, reason = "handlers end with it")]
pub(crate) fn json_answer(status: StatusCode, body: &impl Serialize) -> Answer {
    Ok((status, Json(body)).into_response())
}
