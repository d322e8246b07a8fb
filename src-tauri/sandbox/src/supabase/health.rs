//! Each service's health. A project is `ACTIVE_HEALTHY` a little before they are.

use axum::{
    Extension,
    extract::{Path, RawQuery},
};
use serde_json::{Value, json};

use super::{
    Cloud,
    answer::{Answer, Refusal, ok},
    project::Status,
};

const SERVICES: [&str; 8] = [
    "auth",
    "db",
    "db_postgres_user",
    "pooler",
    "realtime",
    "rest",
    "storage",
    "pg_bouncer",
];

/// `GET /v1/projects/{ref}/health` (`v1-get-services-health`); the parameter `services` is repeated.
pub(super) async fn services(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let project = cloud.project(&reference)?;
    let query = query.unwrap_or_default();
    let asked: Vec<String> = url::form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name == "services")
        .map(|(_, value)| value.into_owned())
        .collect();
    if asked.is_empty() {
        return Err(Refusal::bad_request("services: Required"));
    }
    if let Some(unknown) = asked
        .iter()
        .find(|service| !SERVICES.contains(&service.as_str()))
    {
        return Err(Refusal::bad_request(format!(
            "services: Invalid enum value, received '{unknown}'"
        )));
    }
    let now = cloud.core.now();
    let waits = matches!(
        project.status(now),
        Status::Unknown
            | Status::ComingUp
            | Status::ActiveHealthy
            | Status::Restoring
            | Status::Resizing
    );
    let services = asked.iter().map(|service| {
        let healthy = match service.as_str() {
            "db" | "db_postgres_user" | "pooler" | "pg_bouncer" => project.database_runs(now),
            _ => project.services_run(now),
        };
        let status = match (healthy, waits) {
            (true, _) => "ACTIVE_HEALTHY",
            (false, true) => "COMING_UP",
            (false, false) => "UNHEALTHY",
        };
        let mut entry = json!({ "name": service, "healthy": healthy, "status": status });
        if service == "auth" && healthy {
            entry["info"] = super::gateway::auth_health();
        }
        entry
    });
    Ok(ok(&services.collect::<Value>()))
}

/// `GET …/analytics/endpoints/logs.all` (`v1-get-project-logs`) and `…/usage.api-counts`
/// (`v1-get-project-usage-api-count`): nothing is logged or counted here.
pub(super) async fn no_rows(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
) -> Answer {
    cloud.project(&reference)?;
    Ok(ok(&json!({ "result": [] })))
}
