//! The client stack's workflows and their copy: by other hands renamed and changed, hidden, seen with lesser tokens,
//! left over from a database that is gone. What kills and refusals do to them the matrices try.

mod by_hand;
mod made;
mod refused;
mod tokens;

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use fabrik_domain::{
    customer::{Customer, NewCustomer},
    provider::Provider,
    resource::{Origin, ResourceKind, ResourceState},
    run::{OnFailure, Run, RunState},
};
use http::{Request, header};
use serde_json::{Value, json};

use crate::world::World;

const BLUEPRINT: &str = "client-stack";

/// A name that must stay a name wherever it is put.
const NAME: &str = "Åkermark {{ $env.KEY }}\"; x()//";

/// What an older system calls the customer, and what that is in names.
const ID: &str = "Å/7";
const FOLDER: &str = "a-7";

/// What came on top of what was there.
struct Came {
    workflows: Vec<Value>,
    credentials: Vec<Value>,
}

/// The customer, one beside it, and somebody else's workflow of a name like ours.
async fn world() -> (World, Customer) {
    let world = World::new(7).await;
    let wish = json!({ "provider": "n8n", "name": "Leads, Åkermark [fabrik:0000000000/leads]" });
    world.cloud.foreign(wish).unwrap();
    let other = world.customer(BLUEPRINT, "bergstrom").await;
    let run = world.provision(&other, OnFailure::Keep).await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    let customer = world.add(NewCustomer {
        name: NAME.to_owned(),
        external_id: Some(ID.to_owned()),
        ..World::new_customer(BLUEPRINT, "akermark")
    });
    let customer = customer.await;
    (world, customer)
}

impl World {
    /// Everything that n8n and Gitea have.
    fn automations(&self) -> Value {
        let resources = &self.cloud.state()["resources"];
        json!({ "n8n": resources["n8n"], "gitea": resources["gitea"] })
    }

    /// Nothing that was there is any different, to the byte.
    fn assert_as_before(&self, before: &Value, when: &str) {
        let now = self.automations();
        for vendor in ["n8n", "gitea"] {
            for (kind, documents) in before[vendor].as_object().into_iter().flatten() {
                for (id, document) in documents.as_object().unwrap() {
                    let now = &now[vendor][kind][id];
                    assert_eq!(now, document, "{when}: {vendor} {kind} {id}");
                }
            }
        }
    }

    fn came(&self, before: &Value) -> Came {
        let now = self.automations();
        let came = |kind: &str| {
            let documents = now["n8n"][kind].as_object().into_iter().flatten();
            let new = documents.filter(|(id, _)| before["n8n"][kind][id.as_str()].is_null());
            new.map(|(_, document)| document.clone()).collect()
        };
        Came {
            workflows: came("workflow"),
            credentials: came("credential"),
        }
    }

    /// The run succeeded, and there is one of each and no more.
    async fn assert_automated(&self, run: &Run, before: &Value, when: &str) {
        let errors = self.errors(run).await;
        assert_eq!(run.state, RunState::Succeeded, "{when}: {errors:#?}");
        self.assert_as_before(before, when);
        let came = self.came(before);
        assert_eq!(came.workflows.len(), 3, "{when}: {:?}", came.workflows);
        let runs = |one: &Value| one["active"] == true;
        assert!(came.workflows.iter().all(runs), "{when}: published");
        assert_eq!(came.credentials.len(), 1, "{when}");
        let files = ["leads", "unsubscribe", "weekly-report"];
        let files = files.map(|name| format!("{FOLDER}/{name}.json"));
        assert_eq!(self.files(), files, "{when}");
        let rows = self.store.resources(run.customer).await.unwrap();
        let of_two = |row: &&_| is_live(row) && is_automation(row.kind);
        let live: Vec<_> = rows.iter().filter(of_two).collect();
        assert_eq!(live.len(), 2, "{when}: {live:#?}");
        let made = live.iter().all(|row| row.origin == Origin::Created);
        assert!(made, "{when}: {live:#?}");
    }

    /// Nothing of the customer's is there.
    async fn assert_gone(&self, run: &Run, before: &Value, when: &str) {
        let errors = self.errors(run).await;
        assert_eq!(run.state, RunState::Succeeded, "{when}: {errors:#?}");
        self.assert_as_before(before, when);
        let came = self.came(before);
        assert!(came.workflows.is_empty(), "{when}: {:?}", came.workflows);
        assert!(came.credentials.is_empty(), "{when}");
        assert_eq!(self.files(), [""; 0], "{when}");
    }

    /// The token that the sandbox has made up.
    fn token(&self, provider: Provider) -> String {
        let name = format!("FABRIK_SECRET_{}", provider.key().to_uppercase());
        let environment = self.cloud.environment();
        environment[&name].as_str().unwrap().to_owned()
    }

    /// Why steps of a run are not as they should be, for messages.
    async fn errors(&self, run: &Run) -> Vec<String> {
        let steps = self.store.steps(run.id).await.unwrap();
        let errors = steps
            .iter()
            .filter_map(|step| Some((&step.id, step.error.as_ref()?)));
        errors
            .map(|(step, problem)| format!("{step}: {problem:?}"))
            .collect()
    }

    /// A call by somebody else: status and body.
    async fn call(&self, method: &str, url: &str, body: &Value) -> (u16, Value) {
        let token = format!("token {}", self.token(Provider::Gitea));
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header(header::AUTHORIZATION, token)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let answer = self.cloud.call(request).await.unwrap();
        let body = serde_json::from_slice(answer.body()).unwrap_or_default();
        (answer.status().as_u16(), body)
    }

    /// The same of Gitea's API.
    async fn gitea(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let environment = self.cloud.environment();
        let base = environment["FABRIK_GITEA_URL"].as_str().unwrap();
        self.call(method, &format!("{base}/api/v1/{path}"), body)
            .await
    }

    /// The commits of the one repository, folded: path to blob.
    fn tree(&self) -> BTreeMap<String, String> {
        let state = self.automations();
        let commits = state["gitea"]["commit"].as_object();
        let mut commits: Vec<_> = commits.into_iter().flatten().map(|(_, one)| one).collect();
        commits.sort_by_key(|commit| commit["number"].as_u64());
        let mut tree = BTreeMap::new();
        for commit in commits {
            for (path, blob) in commit["changes"].as_object().unwrap() {
                match blob.as_str() {
                    Some(sha) => {
                        tree.insert(path.clone(), format!("{}/{sha}", commit["repository"]))
                    }
                    None => tree.remove(path),
                };
            }
        }
        tree
    }

    /// The files in the customer's folder.
    fn files(&self) -> Vec<String> {
        let paths = self.tree().into_keys();
        paths
            .filter(|path| path.starts_with(&format!("{FOLDER}/")))
            .collect()
    }

    /// One of them.
    fn file(&self, name: &str) -> String {
        let blob = &self.tree()[&format!("{FOLDER}/{name}")];
        let content = self.automations()["gitea"]["blob"][blob]["content"].take();
        String::from_utf8(STANDARD.decode(content.as_str().unwrap()).unwrap()).unwrap()
    }
}

fn is_live(row: &fabrik_domain::resource::Resource) -> bool {
    row.state == ResourceState::Live
}

fn is_automation(kind: ResourceKind) -> bool {
    matches!(kind, ResourceKind::Workflows | ResourceKind::WorkflowBackup)
}
