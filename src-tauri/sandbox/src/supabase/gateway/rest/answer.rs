//! Errors of REST: `{"code", "details", "hint", "message"}`.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use fabrik_postgres::{ApiRole, Error, SqlError};
use serde_json::json;

use super::super::{super::jwt::Fault, access::Denied};
use crate::error::SandboxError;

/// Why an operation has no answer of its own.
pub(super) enum RestError {
    /// REST, or the database behind it, says no.
    Said {
        status: StatusCode,
        code: String,
        message: String,
        details: Option<String>,
        hint: Option<String>,
    },
    /// The gateway before it says no.
    Denied(Denied),
    /// The sandbox failed.
    Sandbox(SandboxError),
}

/// What an operation of REST ends with.
pub(super) type Answer<T> = Result<T, RestError>;

impl RestError {
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self::Said {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: code.to_owned(),
            message: message.into(),
            details: None,
            hint: None,
        }
    }

    pub(super) fn not_single(count: usize) -> Self {
        Self::Said {
            status: StatusCode::NOT_ACCEPTABLE,
            code: "PGRST116".to_owned(),
            message: "Cannot coerce the result to a single JSON object".to_owned(),
            details: Some(format!("The result contains {count} rows")),
            hint: None,
        }
    }

    /// What the database said of a request to this table, as a caller of this role hears it.
    pub(super) fn database(error: Error, role: ApiRole, table: &str) -> Self {
        match error {
            // Known before the database is asked: REST has a list of what there is.
            Error::Sql(error) if error.state == "42P01" => {
                let words =
                    format!("Could not find the table 'public.{table}' in the schema cache");
                Self::new(404, "PGRST205", words)
            }
            Error::Sql(error) => Self::sql(*error, role),
            error => Self::Sandbox(super::super::super::failed(error)),
        }
    }

    fn sql(error: SqlError, role: ApiRole) -> Self {
        let status = match error.state.as_str() {
            "42501" if role == ApiRole::Anon => 401,
            "42501" => 403,
            "23503" | "23505" => 409,
            "25006" => 405,
            state if state.starts_with("53") => 503,
            state if state.starts_with("08") || state.starts_with("XX") => 500,
            _ => 400,
        };
        Self::Said {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: error.state,
            message: error.message,
            details: error.detail,
            hint: error.hint,
        }
    }
}

impl From<SandboxError> for RestError {
    fn from(error: SandboxError) -> Self {
        Self::Sandbox(error)
    }
}

impl From<Denied> for RestError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::BadToken(Fault::Malformed) => {
                Self::new(401, "PGRST301", "Expected 3 parts in JWT; got 1")
            }
            Denied::BadToken(Fault::Signature) => {
                Self::new(401, "PGRST301", "No suitable key or wrong key type")
            }
            Denied::BadToken(Fault::Expired) => Self::new(401, "PGRST303", "JWT expired"),
            Denied::Sandbox(error) => Self::Sandbox(error),
            denied => Self::Denied(denied),
        }
    }
}

impl IntoResponse for RestError {
    fn into_response(self) -> Response {
        match self {
            Self::Said {
                status,
                code,
                message,
                details,
                hint,
            } => {
                let body = json!({
                    "code": code, "details": details, "hint": hint, "message": message,
                });
                (status, Json(body)).into_response()
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
    let body = json!({ "code": "PGRST000", "details": null, "hint": null, "message": message });
    (status, Json(body)).into_response()
}
