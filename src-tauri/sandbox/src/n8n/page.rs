//! What n8n shows to others than its API's users: a workflow's page, and webhooks.

use axum::{
    Json,
    extract::Path,
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::workflow::{KIND, Workflow, documents};
use crate::{
    error::SandboxError,
    html::{escape, page, rows},
    platform::Core,
};

/// `GET /n8n/workflow/{id}`.
pub(super) async fn show(core: Core, Path(id): Path<String>) -> Response {
    render(&core, &id).unwrap_or_else(IntoResponse::into_response)
}

fn render(core: &Core, id: &str) -> Result<Response, SandboxError> {
    let Some(workflow) = documents(core).get::<Workflow>(KIND, id)? else {
        let body = "<h1>There is no such workflow</h1>";
        return Ok(page(StatusCode::NOT_FOUND, "en", "Not found", body));
    };
    let webhooks = workflow.webhooks();
    let webhooks: Vec<_> = webhooks
        .map(|(method, path)| format!("{method} {}", escape(path)))
        .collect();
    let state = if workflow.active {
        "Published"
    } else {
        "Draft"
    };
    let facts = rows([
        ("State", state.to_owned()),
        ("Webhooks", webhooks.join(", ")),
        ("Created", workflow.created.to_string()),
    ]);
    let body = format!(
        "<h1>{}</h1><h2>Workflow</h2>{facts}<footer>A workflow in the sandbox. It runs nothing.</footer>",
        escape(&workflow.name),
    );
    Ok(page(StatusCode::OK, "en", &workflow.name, &body))
}

/// `/n8n/webhook/{path}`: answers where a published workflow has it for the method.
pub(super) async fn webhook(core: Core, method: Method, Path(path): Path<String>) -> Response {
    let called = (method.as_str(), path.as_str());
    let has_it =
        |workflow: &Workflow| workflow.active && workflow.webhooks().any(|one| one == called);
    match documents(&core).find(KIND, has_it) {
        Ok(Some(_)) => Json(json!({ "message": "Workflow was started" })).into_response(),
        Ok(None) => {
            let message = format!("The requested webhook \"{method} {path}\" is not registered.");
            let body = json!({ "code": 404, "message": message });
            (StatusCode::NOT_FOUND, Json(body)).into_response()
        }
        Err(error) => error.into_response(),
    }
}
