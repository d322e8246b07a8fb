//! A project's own APIs, as behind Supabase's gateway: Auth at `/auth/v1`, REST at `/rest/v1`.

mod access;
mod asked;
mod auth;
mod rest;

pub(super) use auth::{Statement as AuthStatement, auth_health};
pub(super) use rest::{Action, Filter, Rows, Statement as RestStatement, Test};

use axum::{
    Router,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri},
};

use crate::platform::Core;
use access::{Access, Denied};

/// Below `/_projects/{project}`.
pub(super) fn routes() -> Router {
    auth::routes().merge(rest::routes())
}

/// How a project's APIs answer who comes with this key: 200 where it is one of the project's.
pub(super) fn accepts(core: &Core, project: &str, key: &str) -> StatusCode {
    let Ok(key) = HeaderValue::from_str(key) else {
        return StatusCode::UNAUTHORIZED;
    };
    let headers = HeaderMap::from_iter([(HeaderName::from_static("apikey"), key)]);
    match Access::of(core, project, &headers, &Uri::default()) {
        Ok(_) => StatusCode::OK,
        Err(Denied::Sandbox(_)) => StatusCode::INTERNAL_SERVER_ERROR,
        Err(denied) => denied
            .words()
            .map_or(StatusCode::UNAUTHORIZED, |(status, ..)| status),
    }
}
