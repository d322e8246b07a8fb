//! A workflow as it is kept, shown and found.

use fabrik_domain::provider::Provider;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{OWNER, not_found, sees};
use crate::{
    answer::Refusal, documents::Documents, error::SandboxError, platform::Core, token::Token,
};

pub(super) const KIND: &str = "workflow";

/// A workflow.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Workflow {
    pub(super) id: String,
    pub(super) name: String,
    /// The user who made it.
    pub(super) owner: String,
    /// `nodes`, `connections`, `settings`.
    pub(super) content: Map<String, Value>,
    pub(super) active: bool,
    pub(super) archived: bool,
    pub(super) version: String,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

pub(super) fn documents(core: &Core) -> Documents {
    core.documents(Provider::N8n)
}

impl Workflow {
    /// A new one, kept.
    pub(super) fn make(
        core: &Core,
        owner: &str,
        mut content: Map<String, Value>,
    ) -> Result<Self, SandboxError> {
        let number = documents(core).next(KIND)?;
        let mut seeded = core.seeded(&format!("n8n/workflow/{number}"));
        let now = core.now();
        let name = content.remove("name");
        let workflow = Self {
            id: seeded.alphanumeric(16),
            name: name
                .and_then(|name| name.as_str().map(str::to_owned))
                .unwrap_or_default(),
            owner: owner.to_owned(),
            content,
            active: false,
            archived: false,
            version: seeded.uuid(),
            created: now,
            updated: now,
        };
        workflow.save(core)?;
        Ok(workflow)
    }

    pub(super) fn save(&self, core: &Core) -> Result<(), SandboxError> {
        documents(core).put(KIND, &self.id, self)
    }

    fn nodes(&self) -> impl Iterator<Item = &Value> {
        let nodes = self.content.get("nodes").and_then(Value::as_array);
        nodes.into_iter().flatten()
    }

    /// Whether something starts it.
    pub(super) fn has_trigger(&self) -> bool {
        self.nodes().any(|node| {
            let kind = node["type"].as_str().unwrap_or_default().to_lowercase();
            kind.ends_with("trigger") && !kind.contains("manual") || kind.ends_with(".webhook")
        })
    }

    /// Method and path of its webhooks.
    pub(super) fn webhooks(&self) -> impl Iterator<Item = (&str, &str)> {
        let webhooks = self.nodes().filter(|node| {
            let kind = node["type"].as_str().unwrap_or_default();
            kind.ends_with(".webhook") && node["disabled"] != json!(true)
        });
        webhooks.filter_map(|node| {
            let parameters = &node["parameters"];
            let method = parameters["httpMethod"].as_str().unwrap_or("GET");
            Some((method, parameters["path"].as_str()?))
        })
    }

    /// As the API shows it.
    pub(super) fn show(&self, core: &Core) -> Value {
        let published = self.active.then_some(&self.version);
        let (created, updated) = (self.created.to_string(), self.updated.to_string());
        let project = core
            .seeded(&format!("n8n/project/{}", self.owner))
            .alphanumeric(16);
        let mut shown = json!({
            "id": self.id, "name": self.name, "description": null, "active": self.active,
            "activeVersionId": published, "createdAt": created, "updatedAt": updated,
            "isArchived": self.archived, "versionId": self.version, "versionCounter": 1,
            "sourceWorkflowId": null, "triggerCount": usize::from(self.active), "nodeGroups": [],
            "staticData": null, "meta": null, "activeVersion": null, "parentFolder": null,
            "shared": [{
                "role": "workflow:owner", "workflowId": self.id, "projectId": project,
                "createdAt": created, "updatedAt": created,
                "project": {
                    "id": project, "name": "Sandbox Owner <owner@sandbox-agency.example>", "type": "personal",
                    "icon": null, "description": null, "customTelemetryTags": [], "creatorId": self.owner,
                    "createdAt": created, "updatedAt": created,
                },
            }],
        });
        for (name, value) in &self.content {
            shown[name] = value.clone();
        }
        shown
    }
}

/// The workflow of this id, where the key's user sees it.
pub(super) fn addressed(core: &Core, token: &Token, id: &str) -> Result<Workflow, Refusal> {
    let found = documents(core).get::<Workflow>(KIND, id)?;
    found
        .filter(|workflow| sees(token, &workflow.owner))
        .ok_or_else(not_found)
}

/// Another name, as somebody gives it in the editor.
pub(crate) fn rename(core: &Core, id: &str, name: &str) -> Result<Value, SandboxError> {
    let found = documents(core).get::<Workflow>(KIND, id)?;
    let mut workflow = found.ok_or_else(|| SandboxError::unknown("workflow", id))?;
    name.clone_into(&mut workflow.name);
    workflow.save(core)?;
    Ok(json!({ "id": id, "name": name }))
}

/// A workflow that somebody else made, with a webhook.
pub(crate) fn put_foreign(core: &Core, name: &str) -> Result<Value, SandboxError> {
    let webhook = json!({
        "id": "1", "name": "Webhook", "type": "n8n-nodes-base.webhook", "typeVersion": 2, "position": [0, 0],
        "parameters": { "path": format!("foreign-{name}"), "httpMethod": "POST" },
    });
    let content = json!({ "name": name, "nodes": [webhook], "connections": {}, "settings": {} });
    let Value::Object(content) = content else {
        return Ok(Value::Null);
    };
    let workflow = Workflow::make(core, OWNER, content)?;
    Ok(json!({ "id": workflow.id }))
}
