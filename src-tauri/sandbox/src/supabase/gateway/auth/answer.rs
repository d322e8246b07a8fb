//! Answers of Auth, and its way to say no: `{"code", "error_code", "msg"}`.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use fabrik_postgres::Error;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use super::super::{super::jwt::Fault, access::Denied};
use crate::error::SandboxError;

/// Why an operation has no answer of its own.
pub(super) enum AuthError {
    /// Auth says no: status, code, words.
    Said(StatusCode, &'static str, String),
    /// The gateway before it says no.
    Denied(Denied),
    /// The sandbox failed.
    Sandbox(SandboxError),
}

/// What an operation of Auth ends with.
pub(super) type Answer<T = Response> = Result<T, AuthError>;

impl AuthError {
    pub(super) fn new(status: u16, code: &'static str, words: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::Said(status, code, words.into())
    }

    pub(super) fn invalid(words: impl Into<String>) -> Self {
        Self::new(400, "validation_failed", words)
    }

    pub(super) fn not_admin() -> Self {
        Self::new(403, "not_admin", "User not allowed")
    }

    pub(super) fn bad_jwt(why: &str) -> Self {
        let words = format!("invalid JWT: unable to parse or verify signature, {why}");
        Self::new(403, "bad_jwt", words)
    }

    pub(super) fn email_exists() -> Self {
        let words = "A user with this email address has already been registered";
        Self::new(422, "email_exists", words)
    }

    pub(super) fn user_not_found() -> Self {
        Self::new(404, "user_not_found", "User not found")
    }

    /// A database that refused what Auth does, such as by a trigger of the project's own.
    pub(super) fn database(error: Error) -> Self {
        match error {
            Error::Sql(error) if error.constraint.as_deref() == Some("users_email_partial_key") => {
                Self::email_exists()
            }
            Error::Sql(error) => {
                tracing::debug!(%error, "auth's SQL was refused");
                Self::new(500, "unexpected_failure", "Database error saving new user")
            }
            error => Self::Sandbox(super::super::super::failed(error)),
        }
    }
}

impl From<SandboxError> for AuthError {
    fn from(error: SandboxError) -> Self {
        Self::Sandbox(error)
    }
}

impl From<Denied> for AuthError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::BadToken(Fault::Malformed) => {
                Self::bad_jwt("token is malformed: token contains an invalid number of segments")
            }
            Denied::BadToken(Fault::Signature) => Self::bad_jwt("signature is invalid"),
            Denied::BadToken(Fault::Expired) => {
                Self::bad_jwt("token has invalid claims: token is expired")
            }
            Denied::Sandbox(error) => Self::Sandbox(error),
            denied => Self::Denied(denied),
        }
    }
}

impl IntoResponse for AuthError {
    fn into_response(self) -> Response {
        match self {
            Self::Said(status, code, words) => {
                let body = json!({ "code": status.as_u16(), "error_code": code, "msg": words });
                let mut answer = (status, Json(body)).into_response();
                let name = HeaderName::from_static("x-sb-error-code");
                answer
                    .headers_mut()
                    .insert(name, HeaderValue::from_static(code));
                answer
            }
            Self::Denied(denied) => {
                let (status, message, hint) =
                    denied
                        .words()
                        .unwrap_or((StatusCode::UNAUTHORIZED, "Unauthorized", ""));
                (status, Json(json!({ "message": message, "hint": hint }))).into_response()
            }
            Self::Sandbox(error) => error.into_response(),
        }
    }
}

/// An error outside of any operation.
pub(super) fn infrastructure(status: StatusCode, message: &str) -> Response {
    (
        status,
        Json(json!({ "code": status.as_u16(), "msg": message })),
    )
        .into_response()
}

/// 200 with a JSON body.
pub(super) fn ok(body: &impl Serialize) -> Response {
    Json(body).into_response()
}

/// A request's JSON body.
pub(super) fn body<T: DeserializeOwned>(bytes: &[u8]) -> Answer<T> {
    serde_json::from_slice(bytes).map_err(|error| {
        AuthError::new(
            400,
            "bad_json",
            format!("Could not parse request body as JSON: {error}"),
        )
    })
}
