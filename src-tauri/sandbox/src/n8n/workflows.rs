//! What can be done with workflows.

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, Query},
    http::StatusCode,
};
use fabrik_domain::provider::Provider;
use serde::Deserialize;
use serde_json::Value;

use super::{
    N8nAccount, Paging, body, paged, refused, require_version, sees, user,
    workflow::{KIND, Workflow, addressed, documents},
};
use crate::{
    answer::{Answer, Refusal, json_answer},
    platform::Core,
    token::Token,
};

#[derive(Deserialize)]
pub(super) struct Filter {
    name: Option<String>,
    active: Option<bool>,
    #[serde(rename = "excludePinnedData")]
    exclude_pinned_data: Option<bool>,
}

impl Filter {
    /// Refuses what an older server doesn't know, as its validator does: it passes over nothing.
    fn check(&self, core: &Core) -> Result<(), Refusal> {
        let account: N8nAccount = core.account()?;
        if account.version >= 2 {
            return Ok(());
        }
        let unknown = if self.name.is_some() {
            "name"
        } else if self.exclude_pinned_data.is_some() {
            "excludePinnedData"
        } else {
            return Ok(());
        };
        let message = format!("Unknown query parameter '{unknown}'");
        Err(refused(StatusCode::BAD_REQUEST, &message))
    }
}

/// `GET /workflows`, `getWorkflows`: the name is looked for anywhere in theirs, in any case.
pub(super) async fn list(
    core: Core,
    Extension(token): Extension<Token>,
    Query(filter): Query<Filter>,
    paging: Query<Paging>,
) -> Answer {
    filter.check(&core)?;
    let wanted = filter.name.unwrap_or_default().trim().to_lowercase();
    let found = documents(&core).listed(KIND, |workflow: &Workflow| {
        sees(&token, &workflow.owner)
            && workflow.name.to_lowercase().contains(&wanted)
            && filter.active.is_none_or(|active| active == workflow.active)
    })?;
    let shown: Vec<Value> = found.iter().map(|workflow| workflow.show(&core)).collect();
    paged(&paging, &shown)
}

/// `POST /workflows`, `createWorkflow`: in the personal project of the key's user.
pub(super) async fn create(core: Core, Extension(token): Extension<Token>, bytes: Bytes) -> Answer {
    let _turn = core.turn(Provider::N8n);
    let content = body::workflow(&bytes)?;
    let workflow = Workflow::make(&core, user(&token), content)?;
    json_answer(StatusCode::OK, &workflow.show(&core))
}

/// `GET /workflows/{id}`, `getWorkflow`.
pub(super) async fn get(
    core: Core,
    Extension(token): Extension<Token>,
    Path(id): Path<String>,
    Query(filter): Query<Filter>,
) -> Answer {
    filter.check(&core)?;
    json_answer(StatusCode::OK, &addressed(&core, &token, &id)?.show(&core))
}

/// Changes a workflow that the key's user sees, and gives what has become of it.
fn changed(
    core: &Core,
    token: &Token,
    id: &str,
    change: impl FnOnce(&mut Workflow) -> Result<(), Refusal>,
) -> Answer {
    let _turn = core.turn(Provider::N8n);
    let mut workflow = addressed(core, token, id)?;
    change(&mut workflow)?;
    workflow.save(core)?;
    json_answer(StatusCode::OK, &workflow.show(core))
}

/// `PUT /workflows/{id}`, `updateWorkflow`.
pub(super) async fn update(
    core: Core,
    Extension(token): Extension<Token>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    changed(&core, &token, &id, |workflow| {
        let mut content = body::workflow(&bytes)?;
        if let Some(Value::String(name)) = content.remove("name") {
            workflow.name = name;
        }
        workflow.content = content;
        workflow.updated = core.now();
        Ok(())
    })
}

/// `DELETE /workflows/{id}`, `deleteWorkflow`: gives what it was.
pub(super) async fn delete(
    core: Core,
    Extension(token): Extension<Token>,
    Path(id): Path<String>,
) -> Answer {
    let _turn = core.turn(Provider::N8n);
    let workflow = addressed(&core, &token, &id)?;
    documents(&core).remove(KIND, &workflow.id)?;
    json_answer(StatusCode::OK, &workflow.show(&core))
}

/// `POST /workflows/{id}/publish`, `publishWorkflow`.
pub(super) async fn publish(core: Core, token: Extension<Token>, id: Path<String>) -> Answer {
    require_version(&core, 2)?;
    activate(core, token, id).await
}

/// `POST /workflows/{id}/activate`, `activateWorkflow`: what newer servers call publishing.
pub(super) async fn activate(
    core: Core,
    Extension(token): Extension<Token>,
    Path(id): Path<String>,
) -> Answer {
    changed(&core, &token, &id, |workflow| {
        assert_startable(&core, workflow)?;
        workflow.active = true;
        Ok(())
    })
}

/// Refuses what is archived, what nothing starts, and a webhook that another has already.
fn assert_startable(core: &Core, workflow: &Workflow) -> Result<(), Refusal> {
    if workflow.archived {
        return Err(refused(
            StatusCode::BAD_REQUEST,
            "Cannot activate an archived workflow.",
        ));
    }
    if !workflow.has_trigger() {
        let message = "Workflow cannot be activated because it has no trigger node. At least one trigger, webhook, or polling node is required.";
        return Err(refused(StatusCode::BAD_REQUEST, message));
    }
    if workflow.active {
        return Ok(());
    }
    let others = documents(core).wanted(KIND, |other: &Workflow| {
        other.active && other.id != workflow.id
    })?;
    let is_taken = |webhook| {
        others
            .iter()
            .any(|other| other.webhooks().any(|one| one == webhook))
    };
    if !workflow.webhooks().any(is_taken) {
        return Ok(());
    }
    let account: N8nAccount = core.account()?;
    let status = if account.version < 2 {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::CONFLICT
    };
    let message = "There is a conflict with one of the webhooks.";
    Err(refused(status, message))
}

/// `POST /workflows/{id}/unpublish`, `unpublishWorkflow`.
pub(super) async fn unpublish(core: Core, token: Extension<Token>, id: Path<String>) -> Answer {
    require_version(&core, 2)?;
    deactivate(core, token, id).await
}

/// `POST /workflows/{id}/deactivate`, `deactivateWorkflow`.
pub(super) async fn deactivate(
    core: Core,
    Extension(token): Extension<Token>,
    Path(id): Path<String>,
) -> Answer {
    changed(&core, &token, &id, |workflow| {
        workflow.active = false;
        Ok(())
    })
}

/// `POST /workflows/{id}/archive`, `archiveWorkflow`: what the editor calls deleting.
pub(super) async fn archive(
    core: Core,
    Extension(token): Extension<Token>,
    Path(id): Path<String>,
) -> Answer {
    require_version(&core, 2)?;
    changed(&core, &token, &id, |workflow| {
        (workflow.active, workflow.archived) = (false, true);
        Ok(())
    })
}
