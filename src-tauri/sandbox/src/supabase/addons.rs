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
    Cloud, SupabaseAccount,
    answer::{Answer, Refusal, body, ok},
    project::{Phase, Project, Status},
    projects::span,
};

/// Days of recovery, and what they cost a month.
const RECOVERIES: [(u32, f64); 3] = [(7, 100.0), (14, 200.0), (28, 400.0)];
/// Sizes of the instance, the smallest first, and what they cost an hour. A `nano` is that of the free plan, and no add-on.
const INSTANCES: [(&str, f64); 10] = [
    ("micro", 0.013_44),
    ("small", 0.020_6),
    ("medium", 0.082_2),
    ("large", 0.151_7),
    ("xlarge", 0.287_7),
    ("2xlarge", 0.562),
    ("4xlarge", 1.32),
    ("8xlarge", 2.562),
    ("12xlarge", 3.836),
    ("16xlarge", 5.12),
];

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
    let instances = INSTANCES.iter().filter(|(size, _)| *size == project.size);
    let instances =
        instances.map(|one| json!({ "type": "compute_instance", "variant": instance(*one) }));
    let mut selected: Vec<Value> = instances.collect();
    let chosen = RECOVERIES.iter().map(|one| variant(*one));
    let chosen = chosen.filter(|one| recovery.as_deref() == one["id"].as_str());
    selected.extend(chosen.map(|one| json!({ "type": "pitr", "variant": one })));
    Ok(ok(&json!({
        "selected_addons": selected,
        "available_addons": [{
            "type": "compute_instance",
            "name": "Compute",
            "variants": INSTANCES.map(instance),
        }, {
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

fn instance((size, amount): (&str, f64)) -> Value {
    json!({
        "id": format!("ci_{size}"),
        "name": size,
        "price": {
            "description": format!("${amount}/hour"),
            "type": "usage",
            "interval": "hourly",
            "amount": amount,
        },
    })
}

/// Whether an instance is too small for recovery.
fn is_too_small(size: &str) -> bool {
    matches!(size, "nano" | "micro")
}

/// `PATCH /v1/projects/{ref}/billing/addons` (`v1-apply-project-addon`). Of all there are, the instance and recovery can be
/// chosen here.
pub(super) async fn apply(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
    bytes: Bytes,
) -> Answer<Response> {
    let asked: Choice = body(&bytes)?;
    let _changes = cloud.changes.lock().await;
    let project = cloud.project(&reference)?;
    let variant = asked.addon_variant.as_str();
    match asked.addon_type.as_str() {
        "pitr"
            if RECOVERIES
                .iter()
                .any(|(days, _)| variant == format!("pitr_{days}")) =>
        {
            if is_too_small(&project.size) {
                return Err(Refusal::bad_request(
                    "Point in time recovery requires a compute instance of at least size Small.",
                ));
            }
            cloud
                .documents()
                .put("recovery", &reference, &asked.addon_variant)?;
        }
        "compute_instance" => {
            let size = variant.strip_prefix("ci_").unwrap_or_default();
            if INSTANCES.iter().all(|(known, _)| *known != size) {
                return Err(Refusal::bad_request("addon_variant: Invalid input"));
            }
            resize(&cloud, project, size)?;
        }
        _ => return Err(Refusal::bad_request("addon_variant: Invalid input")),
    }
    Ok(StatusCode::OK.into_response())
}

/// Gives the project an instance of this size. Until that is there, nothing of it answers.
fn resize(cloud: &Cloud, mut project: Project, size: &str) -> Answer<()> {
    if project.size == size {
        return Ok(());
    }
    let account: SupabaseAccount = cloud.core.account()?;
    if account.plan == "free" {
        return Err(Refusal::bad_request(
            "Compute instances can't be changed in the Free plan.",
        ));
    }
    if project.status(cloud.core.now()) != Status::ActiveHealthy {
        return Err(Refusal::bad_request(
            "Project is not in a state that can be resized.",
        ));
    }
    let reference = project.reference.clone();
    let recovery: Option<String> = cloud.documents().get("recovery", &reference)?;
    if recovery.is_some() && is_too_small(size) {
        return Err(Refusal::bad_request(
            "Point in time recovery must be disabled before the compute instance is smaller than Small.",
        ));
    }
    project.before_resize = Some(std::mem::replace(&mut project.size, size.to_owned()));
    project.phase = Phase::Resized(span(cloud, &reference));
    cloud.save(&project)
}

/// `DELETE /v1/projects/{ref}/billing/addons/{variant}` (`v1-remove-project-addon`): of an instance, the one before it comes
/// back.
pub(super) async fn remove(
    Extension(cloud): Extension<Cloud>,
    Path((reference, variant)): Path<(String, String)>,
) -> Answer<Response> {
    let _changes = cloud.changes.lock().await;
    let project = cloud.project(&reference)?;
    let documents = cloud.documents();
    if variant.strip_prefix("ci_") == Some(project.size.as_str()) {
        let before = project.before_resize.clone();
        resize(&cloud, project, before.as_deref().unwrap_or("micro"))?;
    } else if documents.get::<String>("recovery", &reference)?.as_ref() == Some(&variant) {
        documents.remove("recovery", &reference)?;
    }
    Ok(StatusCode::OK.into_response())
}
