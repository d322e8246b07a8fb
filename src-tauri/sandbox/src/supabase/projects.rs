//! Making, reading, pausing and deleting projects.

use axum::{
    Extension,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use fabrik_domain::provider::Provider;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Cloud, SupabaseAccount,
    answer::{Answer, Refusal, body, created, ok},
    keys,
    organizations::visible,
    permissions::sees_project,
    project::{Phase, Project, Status},
    regions::{Selection, choose},
    sent::SentSecret,
};
use crate::{
    documents::REMOVED, environment::ORGANIZATION, error::SandboxError, figure::Figure,
    platform::Core, readiness::Readiness, token::Token,
};

/// The body of a creation (`V1CreateProjectBody`).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Creation {
    name: String,
    organization_slug: Option<String>,
    /// Deprecated, and still read.
    organization_id: Option<String>,
    db_pass: SentSecret,
    /// Deprecated.
    region: Option<String>,
    region_selection: Option<Selection>,
    desired_instance_size: Option<String>,
    #[serde(rename = "plan")]
    _plan: Option<String>,
    #[serde(rename = "kps_enabled")]
    _kps_enabled: Option<bool>,
    #[serde(rename = "template_url")]
    _template_url: Option<String>,
}

/// `POST /v1/projects` (`v1-create-a-project`).
pub(super) async fn create(Extension(cloud): Extension<Cloud>, bytes: Bytes) -> Answer {
    let asked: Creation = body(&bytes)?;
    let account: SupabaseAccount = cloud.core.account()?;
    let slug = asked
        .organization_slug
        .or(asked.organization_id)
        .ok_or_else(|| Refusal::bad_request("organization_slug: Required"))?;
    visible(&account, &slug).map_err(|_| Refusal::forbidden())?;
    require_name(&asked.name)?;
    if asked.db_pass.is_empty() {
        return Err(Refusal::bad_request("db_pass: Required"));
    }
    let selection = match (asked.region_selection, asked.region) {
        (Some(_), Some(_)) => {
            let words = "Only one of region or region_selection can be specified.";
            return Err(Refusal::bad_request(words));
        }
        (Some(selection), None) => selection,
        (None, Some(code)) => Selection::Specific { code },
        (None, None) => Selection::SmartGroup {
            code: "americas".to_owned(),
        },
    };
    let region = choose(&selection, &account)?;

    let _changes = cloud.changes.lock().await;
    let now = cloud.core.now();
    within_limit(&cloud, &account)?;
    let number = cloud.documents().next("project")?;
    let reference = reference(&cloud.core, number);
    let making = cloud
        .core
        .begin(Provider::Supabase, Figure::SupabaseReady, &reference);
    let project = Project {
        reference: reference.clone(),
        number,
        name: asked.name,
        region: region.to_owned(),
        size: asked
            .desired_instance_size
            .unwrap_or_else(|| smallest(&account).to_owned()),
        before_resize: None,
        created: now,
        making,
        fails: account.creation_fails,
        phase: Phase::Created,
    };
    cloud.save(&project)?;
    warm_up(&cloud, &reference);

    let mut answer = project.to_json(ORGANIZATION, now);
    // Whatever comes later, the first status is this one; the database is not shown yet.
    answer["status"] = Status::Unknown.name().into();
    if let Some(fields) = answer.as_object_mut() {
        fields.remove("database");
    }
    Ok(created(&answer))
}

/// The size of a project that says none.
fn smallest(account: &SupabaseAccount) -> &'static str {
    if account.plan == "free" {
        "nano"
    } else {
        "micro"
    }
}

/// Makes the project's database long before it is wanted.
fn warm_up(cloud: &Cloud, reference: &str) {
    if cloud.core.data_dir().is_none() {
        return;
    }
    let (cloud, reference) = (cloud.clone(), reference.to_owned());
    cloud.core.clone().tasks().spawn(async move {
        let woken = match cloud.database(&reference).await {
            Ok(database) => database.wake().await,
            Err(error) => Err(error),
        };
        if let Err(error) = woken {
            tracing::error!(%error, reference, "a project's database did not start");
        }
    });
}

fn within_limit(cloud: &Cloud, account: &SupabaseAccount) -> Answer<()> {
    let Some(limit) = account.limit() else {
        return Ok(());
    };
    let now = cloud.core.now();
    let active = cloud.documents().wanted("project", |project: &Project| {
        project.status(now) != Status::Inactive
    })?;
    if u32::try_from(active.len()).unwrap_or(u32::MAX) < limit {
        return Ok(());
    }
    Err(Refusal::bad_request(format!(
        "The following organization members have reached their maximum limits for the number of \
         active free projects: owner ({limit} project limit)."
    )))
}

/// `GET /v1/projects` (`v1-list-all-projects`).
pub(super) async fn list(
    Extension(cloud): Extension<Cloud>,
    Extension(token): Extension<Token>,
) -> Answer {
    let account: SupabaseAccount = cloud.core.account()?;
    if account.organization_hidden {
        return Ok(ok(&json!([])));
    }
    let now = cloud.core.now();
    let shown = cloud.documents().listed("project", |project: &Project| {
        sees_project(&token, &project.reference)
    })?;
    Ok(ok(&shown
        .iter()
        .map(|project| project.to_json(ORGANIZATION, now))
        .collect::<Value>()))
}

/// `GET /v1/projects/{ref}` (`v1-get-project`).
pub(super) async fn get(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
) -> Answer {
    let project = cloud.project(&reference)?;
    Ok(ok(&project.to_json(ORGANIZATION, cloud.core.now())))
}

/// `PATCH /v1/projects/{ref}` (`v1-update-a-project`): another name.
pub(super) async fn update(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
    bytes: Bytes,
) -> Answer {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Change {
        name: String,
    }
    let Change { name } = body(&bytes)?;
    require_name(&name)?;
    let _changes = cloud.changes.lock().await;
    let mut project = cloud.project(&reference)?;
    project.name = name;
    cloud.save(&project)?;
    Ok(ok(&in_brief(&project)))
}

/// Another name, as somebody gives it in the dashboard. `id` is a ref.
pub(crate) fn rename(core: &Core, id: &str, name: &str) -> Result<Value, SandboxError> {
    let documents = core.documents(Provider::Supabase);
    let project: Option<Project> = documents.get("project", id)?;
    let mut project = project.ok_or_else(|| SandboxError::unknown("supabase project", id))?;
    name.clone_into(&mut project.name);
    documents.put("project", id, &project)?;
    Ok(in_brief(&project))
}

/// A project that somebody else made, ready.
pub(crate) fn put_foreign(core: &Core, name: &str) -> Result<Value, SandboxError> {
    let number = core.documents(Provider::Supabase).next("project")?;
    let reference = reference(core, number);
    let now = core.now();
    let project = Project {
        reference: reference.clone(),
        number,
        name: name.to_owned(),
        region: "eu-north-1".to_owned(),
        size: "micro".to_owned(),
        before_resize: None,
        created: now,
        making: Readiness::at_once(now),
        fails: false,
        phase: Phase::Created,
    };
    let documents = core.documents(Provider::Supabase);
    documents.put("project", &reference, &project)?;
    Ok(in_brief(&project))
}

/// The ref of the project of this number.
fn reference(core: &Core, number: u64) -> String {
    core.seeded(&format!("supabase/project/{number}"))
        .letters(20)
}

fn require_name(name: &str) -> Answer<()> {
    if (1..=256).contains(&name.chars().count()) {
        return Ok(());
    }
    Err(Refusal::bad_request(
        "name: String must contain 1 to 256 character(s)",
    ))
}

/// `V1ProjectRefResponse`.
fn in_brief(project: &Project) -> Value {
    json!({ "id": project.number, "ref": project.reference, "name": project.name })
}

/// `DELETE /v1/projects/{ref}` (`v1-delete-a-project`). Refused while it is being made.
pub(super) async fn delete(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
) -> Answer {
    let _changes = cloud.changes.lock().await;
    let project = cloud.project(&reference)?;
    if matches!(
        project.status(cloud.core.now()),
        Status::Unknown | Status::ComingUp
    ) {
        return Err(Refusal::bad_request("Project not ready for deletion."));
    }
    let documents = cloud.documents();
    // First: killed before the rest, it can be removed again.
    documents.put(REMOVED, &reference, &project.name)?;
    for kind in ["project", "auth_settings", "recovery"] {
        documents.remove(kind, &reference)?;
    }
    for key in keys::made_later(&cloud.core, &reference)? {
        documents.remove("api_key", &key.id)?;
    }
    cloud.databases.remove(&reference).await?;
    Ok(ok(&in_brief(&project)))
}

/// `POST /v1/projects/{ref}/pause` (`v1-pause-a-project`). Only a free organisation's can be.
pub(super) async fn pause(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
) -> Answer<Response> {
    let _changes = cloud.changes.lock().await;
    let mut project = cloud.project(&reference)?;
    let account: SupabaseAccount = cloud.core.account()?;
    if account.plan != "free" {
        return Err(Refusal::bad_request(
            "Projects on a paid plan cannot be paused.",
        ));
    }
    if project.status(cloud.core.now()) != Status::ActiveHealthy {
        return Err(Refusal::bad_request(
            "Project is not in a state that can be paused.",
        ));
    }
    let span = span(&cloud, &reference);
    project.phase = Phase::Paused(span);
    cloud.save(&project)?;
    cloud.database(&reference).await?.sleep().await;
    Ok(StatusCode::OK.into_response())
}

/// `POST /v1/projects/{ref}/restore` (`v1-restore-a-project`).
pub(super) async fn restore(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
) -> Answer<Response> {
    let _changes = cloud.changes.lock().await;
    let mut project = cloud.project(&reference)?;
    if project.status(cloud.core.now()) != Status::Inactive {
        return Err(Refusal::bad_request("Project is not paused."));
    }
    let span = span(&cloud, &reference);
    project.phase = Phase::Restored(span);
    cloud.save(&project)?;
    warm_up(&cloud, &reference);
    Ok(StatusCode::OK.into_response())
}

/// What making its instance anew takes.
pub(super) fn span(cloud: &Cloud, reference: &str) -> Readiness {
    cloud
        .core
        .begin(Provider::Supabase, Figure::SupabaseReady, reference)
}
