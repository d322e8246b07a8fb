//! What a token may do: a personal access token can be limited to organisations, to projects and to
//! permissions (`x-fga-permissions` in the vendor's document).

use axum::response::{IntoResponse, Response};

use super::{answer::Refusal, dialect::counted_for};
use crate::{environment::ORGANIZATION, routes::Incoming, token::Token};

/// The refusal of a call that the token may not make.
pub(super) fn permit(token: &Token, call: &Incoming<'_>) -> Option<Response> {
    let wanted = needed(call.method.as_str(), call.pattern);
    let about = counted_for(call);
    let in_reach = match call.pattern {
        pattern if pattern.contains("{ref}") => sees_project(token, &about),
        // What is about no project and no organisation shows what is in reach.
        _ if about == "user" => true,
        _ => token.sees(&[&about]),
    };
    if in_reach && wanted.is_none_or(|wanted| token.has(wanted)) {
        return None;
    }
    Some(Refusal::forbidden().into_response())
}

/// Whether a project is in the token's reach.
pub(super) fn sees_project(token: &Token, reference: &str) -> bool {
    token.sees(&[reference, ORGANIZATION])
}

fn needed(method: &str, pattern: &str) -> Option<&'static str> {
    let Some(part) = pattern.strip_prefix("/v1/projects/{ref}") else {
        return Some(match (method, pattern) {
            ("POST", "/v1/projects") => "organization_projects_create",
            (_, "/v1/projects") => "projects_read",
            (_, "/v1/organizations") => "organizations_read",
            (_, "/v1/organizations/{slug}") => "organization_admin_read",
            (_, "/v1/organizations/{slug}/projects") => "organization_projects_read",
            _ => return None,
        });
    };
    Some(match (method, part) {
        ("GET", "" | "/health") => "project_admin_read",
        (_, "" | "/pause" | "/restore") => "project_admin_write",
        ("GET", "/api-keys") => "api_gateway_keys_read",
        (_, "/api-keys" | "/api-keys/{id}") => "api_gateway_keys_write",
        (_, "/database/query") => "database_write",
        (_, "/database/query/read-only") => "database_read",
        ("GET", "/database/migrations") => "database_migrations_read",
        (_, "/database/migrations") => "database_migrations_write",
        (_, "/config/database/pooler") => "database_pooling_config_read",
        ("GET", "/billing/addons") => "infra_add_ons_read",
        (_, "/billing/addons" | "/billing/addons/{variant}") => "infra_add_ons_write",
        ("GET", "/config/auth") => "auth_config_read",
        (_, "/config/auth") => "auth_config_write",
        (_, "/analytics/endpoints/logs.all") => "analytics_logs_read",
        (_, "/analytics/endpoints/usage.api-counts") => "analytics_usage_read",
        _ => return None,
    })
}
