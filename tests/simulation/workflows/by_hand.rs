//! What somebody did by hand: a workflow renamed or copied, and a copy changed.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fabrik_domain::run::{OnFailure, RunState};
use serde_json::{Value, json};

use super::{FOLDER, world};
use crate::world::{World, simulate};

impl World {
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
