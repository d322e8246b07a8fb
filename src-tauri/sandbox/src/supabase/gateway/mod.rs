//! A project's own APIs, as behind Supabase's gateway: Auth at `/auth/v1`, REST at `/rest/v1`.

mod access;
mod auth;
mod rest;

use axum::Router;

pub(super) use auth::auth_health;

use crate::platform::Core;

/// Below `/_projects/{project}`.
pub(super) fn routes(core: &Core) -> Router {
    auth::routes(core).merge(rest::routes(core))
}
