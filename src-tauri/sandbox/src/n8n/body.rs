//! What n8n takes as a workflow: no field more than its document has, and none of those that are its own.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::refused;
use crate::answer::Refusal;

const READ_ONLY: [&str; 9] = [
    "id",
    "active",
    "createdAt",
    "updatedAt",
    "isArchived",
    "versionId",
    "triggerCount",
    "meta",
    "tags",
];

const OF_WORKFLOWS: [&str; 8] = [
    "name",
    "nodes",
    "connections",
    "settings",
    "staticData",
    "pinData",
    "projectId",
    "parentFolderId",
];

const REQUIRED: [&str; 4] = ["name", "nodes", "connections", "settings"];

const OF_SETTINGS: [&str; 11] = [
    "saveExecutionProgress",
    "saveManualExecutions",
    "saveDataErrorExecution",
    "saveDataSuccessExecution",
    "executionTimeout",
    "errorWorkflow",
    "timezone",
    "executionOrder",
    "callerPolicy",
    "callerIds",
    "timeSavedPerExecution",
];

const OF_NODES: [&str; 18] = [
    "id",
    "name",
    "webhookId",
    "disabled",
    "notesInFlow",
    "notes",
    "type",
    "typeVersion",
    "executeOnce",
    "alwaysOutputData",
    "retryOnFail",
    "maxTries",
    "waitBetweenTries",
    "continueOnFail",
    "onError",
    "position",
    "parameters",
    "credentials",
];

/// The longest name.
const NAME_LIMIT: usize = 128;

/// A workflow's body, held against the document.
pub(super) fn workflow(bytes: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let Ok(Value::Object(body)) = serde_json::from_slice(bytes) else {
        return Err(bad("request/body must be object"));
    };
    if let Some(missing) = REQUIRED.iter().find(|name| !body.contains_key(**name)) {
        return Err(bad(&format!(
            "request/body must have required property '{missing}'"
        )));
    }
    if let Some(own) = READ_ONLY.iter().find(|name| body.contains_key(**name)) {
        return Err(bad(&format!("request/body/{own} is read-only")));
    }
    only(&body, &OF_WORKFLOWS, "request/body")?;
    let settings = object(&body["settings"], "request/body/settings")?;
    only(settings, &OF_SETTINGS, "request/body/settings")?;
    object(&body["connections"], "request/body/connections")?;
    let Some(nodes) = body["nodes"].as_array() else {
        return Err(bad("request/body/nodes must be array"));
    };
    for (index, node) in nodes.iter().enumerate() {
        let place = format!("request/body/nodes/{index}");
        only(object(node, &place)?, &OF_NODES, &place)?;
    }
    match body["name"].as_str() {
        Some(name) if (1..=NAME_LIMIT).contains(&name.chars().count()) => Ok(body),
        Some(_) => Err(bad("Workflow name must be 1 to 128 characters long.")),
        None => Err(bad("request/body/name must be string")),
    }
}

fn object<'v>(value: &'v Value, place: &str) -> Result<&'v Map<String, Value>, Refusal> {
    value
        .as_object()
        .ok_or_else(|| bad(&format!("{place} must be object")))
}

fn only(fields: &Map<String, Value>, known: &[&str], place: &str) -> Result<(), Refusal> {
    if fields.keys().all(|name| known.contains(&name.as_str())) {
        return Ok(());
    }
    Err(bad(&format!("{place} must NOT have additional properties")))
}

fn bad(message: &str) -> Refusal {
    refused(StatusCode::BAD_REQUEST, message)
}
