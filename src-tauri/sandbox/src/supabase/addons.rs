//! What a project is billed for beside its plan: its instance, and recovery to a point in time.

use axum::{
    Extension,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Cloud,
    answer::{Answer, Refusal, body, ok},
    project::Project,
};

/// Days of recovery, and what they cost a month.
const RECOVERIES: [(u32, f64); 3] = [(7, 100.0), (14, 200.0), (28, 400.0)];

/// The body of a choice (`ApplyProjectAddonBody`).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    addon_type: String,
    addon_variant: String,
}

/// `GET /v1/projects/{ref}/billing/addons` (`v1-list-project-addons`).
pub(super) async fn list(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
) -> Answer {
    let project = cloud.project(&reference)?;
    let recovery: Option<String> = cloud.documents().get("recovery", &reference)?;
    let mut selected = vec![json!({ "type": "compute_instance", "variant": instance(&project) })];
    let chosen = RECOVERIES.iter().map(|one| variant(*one));
    let chosen = chosen.filter(|one| recovery.as_deref() == one["id"].as_str());
    selected.extend(chosen.map(|one| json!({ "type": "pitr", "variant": one })));
    Ok(ok(&json!({
        "selected_addons": selected,
        "available_addons": [{
            "type": "pitr",
            "name": "Point in time recovery",
            "variants": RECOVERIES.map(variant),
        }],
    })))
}

fn variant((days, amount): (u32, f64)) -> Value {
    json!({
        "id": format!("pitr_{days}"),
        "name": format!("{days} days"),
        "price": {
            "description": format!("${amount}/month"),
            "type": "fixed",
            "interval": "monthly",
            "amount": amount,
        },
    })
}

fn instance(project: &Project) -> Value {
    json!({
        "id": format!("ci_{}", project.size),
        "name": project.size,
        "price": { "description": "", "type": "usage", "interval": "hourly", "amount": 0 },
    })
}

/// `PATCH /v1/projects/{ref}/billing/addons` (`v1-apply-project-addon`). Of all there are, recovery alone can be chosen
/// here.
pub(super) async fn apply(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
    bytes: Bytes,
) -> Answer<Response> {
    let asked: Choice = body(&bytes)?;
    let _changes = cloud.changes.lock().await;
    let project = cloud.project(&reference)?;
    let known = RECOVERIES.iter().map(|(days, _)| format!("pitr_{days}"));
    if asked.addon_type != "pitr" || !known.into_iter().any(|one| one == asked.addon_variant) {
        return Err(Refusal::bad_request("addon_variant: Invalid input"));
    }
    if matches!(project.size.as_str(), "nano" | "micro") {
        return Err(Refusal::bad_request(
            "Point in time recovery requires a compute instance of at least size Small.",
        ));
    }
    let documents = cloud.documents();
    documents.put("recovery", &reference, &asked.addon_variant)?;
    Ok(StatusCode::OK.into_response())
}

/// `DELETE /v1/projects/{ref}/billing/addons/{variant}` (`v1-remove-project-addon`).
pub(super) async fn remove(
    Extension(cloud): Extension<Cloud>,
    Path((reference, variant)): Path<(String, String)>,
) -> Answer<Response> {
    let _changes = cloud.changes.lock().await;
    cloud.project(&reference)?;
    let documents = cloud.documents();
    if documents.get::<String>("recovery", &reference)?.as_ref() == Some(&variant) {
        documents.remove("recovery", &reference)?;
    }
    Ok(StatusCode::OK.into_response())
}
