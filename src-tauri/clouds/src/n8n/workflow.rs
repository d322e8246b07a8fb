//! Workflows: listed, read, made, published, taken away.
//!
//! Bodies are strict: a field that a version doesn't know, or that is read-only there, is refused with the whole.
//! So what is sent is built from what every version takes. What is read can't be sent back as it is.

use fabrik_domain::failure::Failure;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Listed, N8n, api, unreadable};
use crate::{
    Call,
    status::{found, refused_with},
};

/// What every version takes of a node.
const OF_NODES: [&str; 16] = [
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
    "onError",
    "position",
    "parameters",
];

/// The same, where it holds ids of this server's.
const CREDENTIALS: &str = "credentials";

/// What every version takes of the settings.
const OF_SETTINGS: [&str; 8] = [
    "saveExecutionProgress",
    "saveManualExecutions",
    "saveDataErrorExecution",
    "saveDataSuccessExecution",
    "executionTimeout",
    "errorWorkflow",
    "timezone",
    "executionOrder",
];

/// Leaves out what was pinned, which nobody here reads.
const WITHOUT_PINNED: (&str, &str) = ("excludePinnedData", "true");

/// A workflow as it is asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewWorkflow {
    /// Its name; others may have the same.
    pub name: String,
    nodes: Vec<Value>,
    connections: Value,
    settings: Map<String, Value>,
}

impl NewWorkflow {
    /// What of an exported workflow another server takes. Without nodes there is none.
    pub fn of(name: String, exported: &Value) -> Option<Self> {
        let kept = |value: &Value, known: &[&str]| {
            let fields = value.as_object()?.iter();
            let fields = fields.filter(|(name, _)| known.contains(&name.as_str()));
            Some(
                fields
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect::<Map<_, _>>(),
            )
        };
        let of_nodes = [OF_NODES.as_slice(), &[CREDENTIALS]].concat();
        let nodes = exported["nodes"].as_array()?.iter();
        Some(Self {
            name,
            nodes: nodes
                .map(|node| Some(Value::Object(kept(node, &of_nodes)?)))
                .collect::<Option<_>>()?,
            connections: Value::Object(exported["connections"].as_object().cloned()?),
            settings: kept(&exported["settings"], &OF_SETTINGS).unwrap_or_default(),
        })
    }
}

/// A workflow among others.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ListedWorkflow {
    /// n8n's id.
    pub id: String,
    /// Its name, which anybody may change.
    pub name: String,
    /// Whether it runs.
    #[serde(default)]
    pub active: bool,
    /// Put away: it doesn't run, and is deleted by hand.
    #[serde(default, rename = "isArchived")]
    pub archived: bool,
    /// When it was made, in a form that sorts.
    #[serde(default, rename = "createdAt")]
    pub created_at: String,
}

impl Listed for ListedWorkflow {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.id.len() + self.name.len() + self.created_at.len()
    }
}

/// A workflow, whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Workflow {
    /// As in the list.
    pub listed: ListedWorkflow,
    /// What it does: name, nodes, connections and settings, and nothing that changes by itself.
    pub content: Value,
}

impl Workflow {
    fn read(body: &Value) -> Option<Self> {
        let mut content = Map::new();
        for field in ["name", "nodes", "connections", "settings"] {
            content.insert(field.to_owned(), body.get(field)?.clone());
        }
        Some(Self {
            listed: ListedWorkflow::deserialize(body).ok()?,
            content: Value::Object(content),
        })
    }
}

impl N8n {
    /// The workflows whose names hold this text, of those that the key's user sees. `getWorkflows`.
    pub async fn workflows(&self, named: &str) -> Result<Vec<ListedWorkflow>, Failure> {
        let call = Call::reads("getWorkflows").needs(&["workflow:list"]);
        // Versions refuse what they don't know: 1.x of before 2025 what was pinned, older ones the name too.
        let query = [("name", named), WITHOUT_PINNED];
        for known in [&query[..], &query[..1]] {
            match self.list(call, "workflows", known, named).await {
                Err(failure) if refused_with(&failure) == Some(400) => {}
                listed => return listed,
            }
        }
        self.list(call, "workflows", &[], named).await
    }

    /// A workflow by its id; `None` where n8n says 404: there is none, or the user doesn't see it.
    /// `getWorkflow`.
    pub async fn workflow(&self, id: &str) -> Result<Option<Workflow>, Failure> {
        let call = Call::reads("getWorkflow").needs(&["workflow:read"]);
        let draft = || self.account.get(call, api(["workflows", id]));
        let (name, value) = WITHOUT_PINNED;
        let read = match draft().query(name, value).receive::<Value>().await {
            Err(failure) if refused_with(&failure) == Some(400) => draft().receive::<Value>().await,
            read => read,
        };
        let Some(body) = found(read)? else {
            return Ok(None);
        };
        match Workflow::read(&body) {
            Some(workflow) => Ok(Some(workflow)),
            None => Err(unreadable(call, "no workflow")),
        }
    }

    /// Makes a workflow, which doesn't run yet. `createWorkflow`.
    pub async fn create_workflow(&self, new: &NewWorkflow) -> Result<ListedWorkflow, Failure> {
        let call = Call::changes("createWorkflow").needs(&["workflow:create"]);
        let draft = self.account.post(call, api(["workflows"]));
        draft.json(new).receive().await
    }

    /// Puts this in the place of a workflow. One that runs has to be published again. `updateWorkflow`.
    pub async fn replace_workflow(
        &self,
        id: &str,
        new: &NewWorkflow,
    ) -> Result<ListedWorkflow, Failure> {
        let call = Call::changes("updateWorkflow").needs(&["workflow:update"]);
        let draft = self.account.put(call, api(["workflows", id]));
        draft.json(new).receive().await
    }

    /// Has it run from now on. Doing so again changes nothing. `publishWorkflow`; where a version doesn't know
    /// that, `activateWorkflow`.
    pub async fn publish(&self, id: &str) -> Result<(), Failure> {
        let call = Call::changes("publishWorkflow").needs(&["workflow:activate"]);
        let older = Call::changes("activateWorkflow").needs(&["workflow:activate"]);
        match self.act(call, id, "publish").await {
            Err(failure) if is_unknown(&failure) => self.act(older, id, "activate").await,
            done => done,
        }
    }

    /// `publish`, or what older versions call it: both take a body, in which nothing has to be.
    async fn act(&self, call: Call, id: &str, action: &str) -> Result<(), Failure> {
        let draft = self.account.post(call, api(["workflows", id, action]));
        draft.json(&Map::new()).send().await.map(drop)
    }

    /// Deletes a workflow, running or not, with the history of its runs. `false` where n8n says 404. Versions that
    /// want it put away first get that. `deleteWorkflow`, `archiveWorkflow`.
    pub async fn delete_workflow(&self, id: &str) -> Result<bool, Failure> {
        let call = Call::changes("deleteWorkflow").needs(&["workflow:delete"]);
        let delete = async || {
            let draft = self.account.delete(call, api(["workflows", id]));
            found(draft.send().await)
        };
        match delete().await {
            Err(failure) if matches!(refused_with(&failure), Some(400 | 409)) => {
                let call = Call::changes("archiveWorkflow").needs(&["workflow:delete"]);
                // Of a body its document knows nothing.
                let draft = self.account.post(call, api(["workflows", id, "archive"]));
                draft.send().await?;
                Ok(delete().await?.is_some())
            }
            deleted => Ok(deleted?.is_some()),
        }
    }
}

/// A version's router answers a path that it doesn't know with 404, or 405.
fn is_unknown(failure: &Failure) -> bool {
    matches!(refused_with(failure), Some(404 | 405))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_another_server_would_refuse_is_left_out() {
        let exported = json!({
            "id": "x", "active": true, "versionId": "v", "tags": [], "meta": {}, "pinData": {},
            "nodes": [{"name": "A", "type": "t", "parameters": {}, "credentials": {}, "createdAt": "…"}],
            "connections": {}, "settings": {"timezone": "Europe/Stockholm", "binaryMode": "separate"},
        });
        let new = NewWorkflow::of("A".to_owned(), &exported).unwrap();
        let expected = json!({
            "name": "A", "connections": {}, "settings": {"timezone": "Europe/Stockholm"},
            "nodes": [{"name": "A", "type": "t", "parameters": {}, "credentials": {}}],
        });
        assert_eq!(serde_json::to_value(new).unwrap(), expected);
        assert_eq!(NewWorkflow::of("A".to_owned(), &json!({"nodes": 7})), None);
    }
}
