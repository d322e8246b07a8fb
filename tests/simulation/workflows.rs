//! The client stack's workflows and their copy: by other hands renamed and changed, hidden, seen with lesser tokens,
//! left over from a database that is gone. What kills and refusals do to them the matrices try.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use fabrik_clouds::n8n::{NEEDED, NEEDED_FOR_CREDENTIALS};
use fabrik_domain::{
    customer::{Customer, NewCustomer},
    ports::Secrets,
    provider::Provider,
    resource::{Origin, ResourceKind, ResourceState},
    run::{OnFailure, Output, Run, RunState},
    secret::{Secret, SecretRef},
};
use http::{Request, header};
use serde_json::{Value, json};

use crate::world::{World, simulate};

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

    /// Another token from now on.
    async fn give(&self, provider: Provider, token: &str) {
        let reference = SecretRef::token(self.store.workspace(), provider);
        let given = self.vault.set(&reference, Secret::from(token));
        given.await.unwrap();
    }

    /// What a step of a run has handed on.
    async fn output(&self, run: &Run, step: &str, name: &str) -> String {
        let steps = self.store.steps(run.id).await.unwrap();
        let step = steps.iter().find(|one| one.id == step).unwrap();
        match &step.outputs[name] {
            Output::Public(text) => text.clone(),
            Output::Secret(_) => panic!("{name} is public"),
        }
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

    /// Goes on with a run that waits.
    async fn gone_on_with(&self, run: &Run) -> Run {
        let lease = self.taken_on(run.id, "last", "first", false).await.unwrap();
        self.drive("last", lease).await.unwrap()
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

    /// A commit by somebody else.
    async fn commit(&self, path: &str, content: &str) {
        let contents = "repos/ops-hub/client-backups/contents";
        let (_, there) = self
            .gitea("GET", &format!("{contents}/{path}"), &Value::Null)
            .await;
        let mut file =
            json!({ "path": path, "content": STANDARD.encode(content), "operation": "create" });
        if let Some(sha) = there["sha"].as_str() {
            file["operation"] = json!("update");
            file["sha"] = json!(sha);
        }
        let body = json!({ "branch": "main", "message": "By hand", "files": [file] });
        let (status, answer) = self.gitea("POST", contents, &body).await;
        assert_eq!(status, 201, "{answer}");
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

#[test]
fn workflows_are_made_published_and_copied_and_a_second_run_changes_nothing() {
    simulate(async || {
        let (world, customer) = world().await;
        let before = world.automations();
        let run = world.provision(&customer, OnFailure::Rollback).await;
        world.assert_automated(&run, &before, "the first run").await;
        let webhook = world.output(&run, "flows", "webhook_url").await;
        assert!(
            webhook.ends_with("/n8n/webhook/leads-akermark"),
            "{webhook}"
        );
        let (status, _) = world.call("POST", &webhook, &Value::Null).await;
        assert_eq!(status, 200, "it answers");
        let urls = world.output(&run, "flows", "webhook_urls").await;
        let urls: Vec<_> = urls.split(' ').collect();
        let [_, unsubscribe] = urls[..] else {
            panic!("a form and a link: {urls:?}")
        };
        for (method, expected) in [("GET", 200), ("POST", 200), ("PUT", 404)] {
            let (status, _) = world.call(method, unsubscribe, &Value::Null).await;
            assert_eq!(
                status, expected,
                "{method}: a link is opened, its button pressed"
            );
        }
        let file = world.file("leads.json");
        let file: Value = serde_json::from_str(&file).unwrap();
        assert!(
            file["name"].as_str().unwrap().contains("Åkermark"),
            "{file}"
        );
        // A workflow's own name is no expression, whatever is in it.
        assert!(
            !file["nodes"].to_string().contains("$env"),
            "no name becomes an expression: {file}"
        );
        let nodes = file["nodes"].as_array().unwrap().iter();
        let used: BTreeSet<_> = nodes
            .filter_map(|node| node["credentials"]["httpHeaderAuth"]["id"].as_str())
            .collect();
        let came = world.came(&before);
        let own = came.credentials[0]["id"].as_str().unwrap();
        assert_eq!(used, BTreeSet::from([own]), "of this server");

        let after = world.automations();
        let again = world.provision(&customer, OnFailure::Rollback).await;
        assert_eq!(again.state, RunState::Succeeded);
        assert_eq!(world.automations(), after, "nothing was changed");

        let removed = world.deprovision(&customer).await;
        world.assert_gone(&removed, &before, "removed").await;
    });
}

#[test]
fn an_older_server_is_served_as_well() {
    simulate(async || {
        let (world, customer) = world().await;
        let switches = json!({ "n8n": { "version": 1 }, "gitea": { "version": 24 } });
        world.cloud.accounts(switches).unwrap();
        let before = world.automations();
        let run = world.provision(&customer, OnFailure::Rollback).await;
        world.assert_automated(&run, &before, "version 1").await;
        let after = world.automations();
        let again = world.provision(&customer, OnFailure::Rollback).await;
        assert_eq!(again.state, RunState::Succeeded);
        assert_eq!(world.automations(), after, "nothing was changed");
        let removed = world.deprovision(&customer).await;
        world
            .assert_gone(&removed, &before, "version 1, removed")
            .await;
    });
}

#[test]
fn what_is_left_of_a_database_that_is_gone_is_made_anew_for_the_next_one() {
    for version in [1, 2] {
        simulate(async || {
            let (world, customer) = world().await;
            let switches = json!({ "n8n": { "version": version } });
            world.cloud.accounts(switches).unwrap();
            let before = world.automations();
            let faults = json!([
                { "provider": "vercel", "method": "POST", "path": "/v13/deployments", "every": 1, "do": "status:422" },
                { "provider": "n8n", "method": "DELETE", "every": 1, "do": "status:422" },
            ]);
            world.cloud.faults(faults).unwrap();
            let run = world.provision(&customer, OnFailure::Rollback).await;
            assert_eq!(run.state, RunState::Leftovers, "{:?}", run.error);
            let left = world.came(&before);
            assert_eq!(left.workflows.len(), 3, "n8n let go of none");

            world.cloud.faults(json!([])).unwrap();
            let run = world.provision(&customer, OnFailure::Rollback).await;
            let errors = world.errors(&run).await;
            assert_eq!(run.state, RunState::Succeeded, "{errors:#?}");
            world.assert_as_before(&before, "whose database was never gone");
            let came = world.came(&before);
            let ids = |came: &Came| came.workflows.iter().map(|one| one["id"].clone()).collect();
            let (now, earlier): (Vec<_>, Vec<_>) = (ids(&came), ids(&left));
            assert_eq!(
                now, earlier,
                "they are the same, whoever has their addresses"
            );
            let rows = world.rows(&customer).await;
            let projects = |state| {
                let of = move |row: &&fabrik_domain::resource::Resource| {
                    row.kind == ResourceKind::SupabaseProject && row.state == state
                };
                rows.iter().filter(of).map(|row| row.id.as_str())
            };
            let there = projects(ResourceState::Live).next().unwrap();
            for workflow in &came.workflows {
                let content = workflow.to_string();
                assert!(content.contains(there), "version {version}: {content}");
                let gone = projects(ResourceState::Removed).find(|gone| content.contains(gone));
                assert_eq!(gone, None, "version {version}: {content}");
                assert_eq!(workflow["active"], true, "version {version}");
            }
            let [credential] = &came.credentials[..] else {
                panic!("version {version}: one, not {:?}", came.credentials)
            };
            assert_ne!(
                credential["data"], left.credentials[0]["data"],
                "version {version}: the key is the new one's"
            );
            let uses = |one: &Value| one.to_string().contains(credential["id"].as_str().unwrap());
            assert!(came.workflows.iter().all(uses), "version {version}");
            let after = world.automations();
            let again = world.provision(&customer, OnFailure::Rollback).await;
            assert_eq!(again.state, RunState::Succeeded);
            assert_eq!(world.automations(), after, "that is right by now");
        });
    }
}

/// Where the key has the scopes that are asked for and no other; what there is.
async fn narrowed(version: u8, lists: bool) -> (World, Customer, Value) {
    let (world, customer) = world().await;
    let switches = json!({ "n8n": { "version": version } });
    world.cloud.accounts(switches).unwrap();
    let mut scopes = [&NEEDED[..], &NEEDED_FOR_CREDENTIALS[..]].concat();
    if lists {
        scopes.push("credential:list");
    }
    let key = world.token(Provider::N8n);
    let change = json!({ "provider": "n8n", "token": key, "scopes": scopes });
    world.cloud.tokens(change).unwrap();
    let before = world.automations();
    (world, customer, before)
}

#[test]
fn a_key_of_the_scopes_that_are_asked_for_does_all_there_is_to_do() {
    for (version, lists) in [(1, false), (2, false), (2, true)] {
        let when = format!("version {version}, credentials listed: {lists}");
        simulate(async || {
            let (world, customer, before) = narrowed(version, lists).await;
            let run = world.provision(&customer, OnFailure::Rollback).await;
            world.assert_automated(&run, &before, &when).await;
            let after = world.automations();
            let again = world.provision(&customer, OnFailure::Rollback).await;
            let errors = world.errors(&again).await;
            assert_eq!(again.state, RunState::Succeeded, "{when}: {errors:#?}");
            assert_eq!(world.automations(), after, "{when}: nothing was changed");
            let removed = world.deprovision(&customer).await;
            world.assert_gone(&removed, &before, &when).await;
        });
        // What is left of a database that is gone is made anew for the next one.
        simulate(async || {
            let (world, customer, before) = narrowed(version, lists).await;
            let faults = json!([
                { "provider": "vercel", "method": "POST", "path": "/v13/deployments", "every": 1, "do": "status:422" },
                { "provider": "n8n", "method": "DELETE", "every": 1, "do": "status:422" },
            ]);
            world.cloud.faults(faults).unwrap();
            let run = world.provision(&customer, OnFailure::Rollback).await;
            assert_eq!(run.state, RunState::Leftovers, "{when}: {:?}", run.error);
            let left = world.came(&before);
            assert_eq!(left.workflows.len(), 3, "{when}: n8n let go of none");
            world.cloud.faults(json!([])).unwrap();
            let run = world.provision(&customer, OnFailure::Rollback).await;
            let errors = world.errors(&run).await;
            assert_eq!(run.state, RunState::Succeeded, "{when}: {errors:#?}");
            let came = world.came(&before);
            assert_eq!(
                (came.workflows.len(), came.credentials.len()),
                (3, 1),
                "{when}"
            );
            assert_ne!(
                came.credentials[0]["data"], left.credentials[0]["data"],
                "{when}: the key is the new database's"
            );
            let removed = world.deprovision(&customer).await;
            world.assert_gone(&removed, &before, &when).await;
        });
    }
}

#[test]
fn a_renamed_workflow_is_found_by_its_id_and_stays_when_the_rest_goes() {
    simulate(async || {
        let (world, customer) = world().await;
        let before = world.automations();
        world.provision(&customer, OnFailure::Keep).await;
        let id = world.came(&before).workflows[0]["id"].clone();
        let wish = json!({ "provider": "n8n", "id": id, "name": "Mitt flöde" });
        world.cloud.rename(wish).unwrap();
        let again = world.provision(&customer, OnFailure::Keep).await;
        assert_eq!(again.state, RunState::Succeeded);
        let came = world.came(&before).workflows;
        assert_eq!(came.len(), 3, "no second one is made");
        let removed = world.deprovision(&customer).await;
        assert_eq!(removed.state, RunState::Leftovers);
        let left = world.came(&before).workflows;
        assert_eq!(left.len(), 1);
        assert_eq!(
            left[0]["name"], "Mitt flöde",
            "it doesn't bear our sign any more"
        );
    });
}

#[test]
fn a_copy_that_somebody_made_is_not_ours() {
    simulate(async || {
        let (world, customer) = world().await;
        let before = world.automations();
        world.provision(&customer, OnFailure::Keep).await;
        let name = world.came(&before).workflows[0]["name"].clone();
        let wish = json!({ "provider": "n8n", "name": name });
        let copy = world.cloud.foreign(wish).unwrap()["id"].clone();
        let again = world.provision(&customer, OnFailure::Keep).await;
        assert_eq!(again.state, RunState::Succeeded);
        let removed = world.deprovision(&customer).await;
        assert_eq!(removed.state, RunState::Succeeded);
        let left = world.came(&before).workflows;
        assert_eq!(left.len(), 1);
        assert_eq!(
            left[0]["id"], copy,
            "of two of one name the recorded one is ours"
        );
    });
}

#[test]
fn a_workflow_that_is_hidden_is_not_taken_for_gone() {
    simulate(async || {
        let (world, customer) = world().await;
        let before = world.automations();
        world.provision(&customer, OnFailure::Keep).await;
        // Another member's key, who sees nothing of it.
        let key = "e30.eyJzdWIiOiJhbm90aGVyIn0.signature";
        let change = json!({ "provider": "n8n", "token": key, "only": ["another"] });
        world.cloud.tokens(change).unwrap();
        let own = world.token(Provider::N8n);
        world.give(Provider::N8n, key).await;
        let again = world.provision(&customer, OnFailure::Keep).await;
        let errors = world.errors(&again).await;
        assert_eq!(again.state, RunState::Waiting, "{errors:#?}");
        let came = world.came(&before).workflows;
        assert_eq!(came.len(), 3, "no second ones are made");
        world.give(Provider::N8n, &own).await;
        let run = world.gone_on_with(&again).await;
        assert_eq!(run.state, RunState::Succeeded);
        assert_eq!(world.came(&before).workflows.len(), 3);
        // Without it, a removal leaves what it can't see.
        world.give(Provider::N8n, key).await;
        let removed = world.deprovision(&customer).await;
        assert_eq!(removed.state, RunState::Leftovers);
        assert_eq!(world.came(&before).workflows.len(), 3);
    });
}

#[test]
fn a_revoked_or_narrowed_token_waits_and_undoes_nothing() {
    for (provider, change) in [
        (Provider::N8n, json!({ "revoked": true })),
        (
            Provider::N8n,
            json!({ "scopes": ["workflow:list", "workflow:read"] }),
        ),
        (Provider::Gitea, json!({ "revoked": true })),
        (
            Provider::Gitea,
            json!({ "scopes": ["read:user", "read:repository"] }),
        ),
    ] {
        simulate(async || {
            let when = format!("{provider:?} {change}");
            let (world, customer) = world().await;
            let before = world.automations();
            let token = world.token(provider);
            let mut change = change.clone();
            change["provider"] = json!(provider.key());
            change["token"] = json!(token);
            world.cloud.tokens(change).unwrap();
            let run = world.provision(&customer, OnFailure::Rollback).await;
            let errors = world.errors(&run).await;
            assert_eq!(run.state, RunState::Waiting, "{when}: {errors:#?}");
            let again = json!({ "provider": provider.key(), "token": token });
            world.cloud.tokens(again).unwrap();
            let run = world.gone_on_with(&run).await;
            world.assert_automated(&run, &before, &when).await;
        });
    }
}

#[test]
fn a_copy_that_was_changed_stays_and_what_was_there_comes_back() {
    simulate(async || {
        let (world, customer) = world().await;
        let earlier = "{\"kept\": \"by hand\"}\n";
        world.commit(&format!("{FOLDER}/leads.json"), earlier).await;
        let run = world.provision(&customer, OnFailure::Keep).await;
        let errors = world.errors(&run).await;
        assert_eq!(run.state, RunState::Succeeded, "{errors:#?}");
        assert_ne!(world.file("leads.json"), earlier);
        world
            .commit(&format!("{FOLDER}/weekly-report.json"), "{}")
            .await;
        let removed = world.deprovision(&customer).await;
        assert_eq!(
            removed.state,
            RunState::Leftovers,
            "the one that was changed is told"
        );
        assert_eq!(world.file("leads.json"), earlier, "put back");
        assert_eq!(world.file("weekly-report.json"), "{}", "left as it is");
    });
}

#[test]
fn a_workflow_that_n8n_will_not_run_is_told_as_such() {
    simulate(async || {
        let (world, customer) = world().await;
        let refused =
            json!([{ "provider": "n8n", "path": "**/publish", "every": 1, "do": "status:422" }]);
        world.cloud.faults(refused).unwrap();
        let run = world.provision(&customer, OnFailure::Rollback).await;
        assert_eq!(run.state, RunState::RolledBack);
        let problem = run.error.expect("why it was rolled back");
        assert_eq!(problem.code(), "workflow_not_published");
        assert_eq!(world.files(), [""; 0]);
    });
}

#[test]
fn nothing_is_copied_to_where_anybody_reads_it() {
    simulate(async || {
        let world = World::new(7).await;
        let customer = world.customer(BLUEPRINT, "akermark").await;
        let organization = json!({ "username": "ops-hub" });
        let (status, answer) = world.gitea("POST", "orgs", &organization).await;
        assert_eq!(status, 201, "{answer}");
        let repository = json!({ "name": "client-backups", "private": false, "auto_init": true });
        let (status, answer) = world.gitea("POST", "orgs/ops-hub/repos", &repository).await;
        assert_eq!(status, 201, "{answer}");
        let plan = world.plan(&world.engine("first"), &customer).await;
        let missing: Vec<_> = plan
            .missing
            .iter()
            .map(fabrik_domain::Problem::code)
            .collect();
        assert!(
            !plan.can_run && missing.iter().any(|code| code == "repository_public"),
            "{missing:?}"
        );
        // Nor by a run that began without a look.
        let run = world.provision(&customer, OnFailure::Rollback).await;
        let problem = run.error.expect("why it was rolled back");
        assert_eq!(problem.code(), "repository_public");
        assert_eq!(world.tree().len(), 1, "its first commit's alone");
    });
}
