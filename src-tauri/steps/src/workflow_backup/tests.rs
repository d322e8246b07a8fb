//! Where files go. How they fare at Gitea is tried through the engine, in
//! `tests/simulation/workflows.rs`.

use serde_json::json;

use super::*;
use crate::testing::{Asked, Scene, Vendor, clouds, parameters};

#[test]
fn a_folder_stays_inside_the_repository_of_an_owner() {
    let build = |owner: &str, folder: &str| {
        let with = json!({
            "owner": owner, "repository": "client-backups", "folder": folder, "workflows": "leads=Xb3",
        });
        (ENTRY.build)(&clouds("http://127.0.0.1:9"), &parameters(&with))
    };
    for (folder, name) in [
        ("4711", "ops-hub/client-backups/4711"),
        ("/kunder/4711/", "ops-hub/client-backups/kunder/4711"),
    ] {
        assert_eq!(build("ops-hub", folder).ok().unwrap().name(), name);
    }
    for folder in ["", "/", "..", "a/../../b", "a//b", "."] {
        let problem = build("ops-hub", folder).err().unwrap();
        assert_eq!(problem.code(), "blueprint_invalid", "{folder:?}");
    }
    let problem = build("", "4711").err().unwrap();
    assert_eq!(problem.code(), "blueprint_invalid", "of nobody");
}

/// A Gitea whose token is `bot`'s, with these scopes.
async fn gitea(scopes: &'static [&'static str], has_repository: bool) -> Vendor {
    Vendor::start(move |asked: &Asked| match asked.path.as_str() {
        "/api/v1/user" => (200, json!({"login": "bot"})),
        "/api/v1/token" => (200, json!({"id": 1, "scopes": scopes})),
        _ if has_repository => {
            let one = json!({"id": 7, "full_name": "Bot/client-backups", "private": true});
            (200, one)
        }
        _ => (404, json!({"message": "not found"})),
    })
    .await
}

#[tokio::test]
async fn a_repository_of_the_tokens_own_user_takes_one_scope_more_to_make() {
    const USUAL: &[&str] = &["write:repository", "write:organization", "read:user"];
    const MORE: &[&str] = &["write:repository", "write:organization", "write:user"];
    const LESS: &[&str] = &["write:organization", "read:user"];
    let cases: [(&'static [&'static str], &str, bool, &[&str]); 7] = [
        (USUAL, "Bot", false, &["write:user"]),
        (LESS, "Bot", false, &["write:repository", "write:user"]),
        (USUAL, "Bot", true, &[]),
        (USUAL, "ops-hub", false, &[]),
        (MORE, "Bot", false, &[]),
        (&["all"], "Bot", false, &[]),
        // An older server tells none.
        (&[], "Bot", false, &[]),
    ];
    for (scopes, owner, there, missing) in cases {
        let vendor = gitea(scopes, there).await;
        let with = json!({
            "owner": owner, "repository": "client-backups", "folder": "4711", "workflows": "leads=Xb3",
        });
        let step = (ENTRY.build)(&clouds(&vendor.base), &parameters(&with));
        let scene = Scene::new(StepKind::WorkflowBackup, "backup");
        let problems = step.ok().unwrap().check(&scene.context()).await.unwrap();
        let named: Vec<_> = problems
            .iter()
            .flat_map(|problem| match &*problem.cause {
                Cause::CredentialScopeMissing { scopes } => scopes.clone(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(named, missing, "{scopes:?} {owner} {there}");
    }
}
