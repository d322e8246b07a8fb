//! A repository that is renamed in the middle of a run, and whose name somebody else takes.

use fabrik_domain::{blueprint::StepKind, failure::Outcome};
use fabrik_engine::step::{Created, Readiness, Undone};
use serde_json::{Value, json};

use super::super::{build, existing, not_found, public, rebuild};
use crate::{
    client_config,
    digest::sha256,
    github_repo,
    testing::{Asked, Scene, Vendor},
    vercel_project,
};

/// The customer's repository 7 is `acme/moved` by now; somebody's 8 is `acme/akermark`.
fn moved(asked: &Asked) -> (u16, Value) {
    let repository = |id: u8, name: &str| {
        (
            200,
            json!({
                "id": id, "full_name": name, "html_url": format!("https://github.com/{name}"),
                "description": null, "default_branch": "main", "is_template": false,
            }),
        )
    };
    let path = asked.path.split('?').next().unwrap();
    match (asked.method.as_str(), path) {
        ("GET", "/repositories/7" | "/repos/acme/moved") => repository(7, "acme/moved"),
        ("GET", "/repos/acme/akermark") => repository(8, "acme/akermark"),
        ("GET", path) if path.ends_with("/branches/main") => (200, json!({"commit": {"sha": "c"}})),
        ("GET", path) if path.ends_with("/commits") => (200, json!([{"sha": "c1"}])),
        // {}
        ("GET", path) if path.ends_with("/contents/x") => (
            200,
            json!({"sha": "b1", "encoding": "base64", "content": "e30K"}),
        ),
        ("PUT", _) => (200, json!({"commit": {"sha": "c2"}})),
        ("DELETE", _) => (200, json!({"commit": {"sha": "c3"}})),
        ("POST", "/v11/projects") => (
            200,
            json!({"id": "prj_1", "name": "akermark", "accountId": "a"}),
        ),
        _ => not_found(),
    }
}

/// The places that were changed.
fn changed(vendor: &Vendor) -> Vec<String> {
    let changes = vendor.changes().into_iter();
    changes.map(|asked| asked.path).collect()
}

#[tokio::test]
async fn it_is_ready_by_its_new_name() {
    let scene = Scene::new(StepKind::GithubRepo, "repo");
    let vendor = Vendor::start(moved).await;
    let with = json!({"owner": "acme", "name": "akermark", "template": "acme/base"});
    let step = build(&github_repo::ENTRY, &vendor.base, &with);
    let row = existing("7", "acme/akermark", None);
    let outputs = public(
        step.await_ready(&scene.context(), Some(&row))
            .await
            .unwrap(),
    );
    assert!(outputs.contains(&("full_name".to_owned(), "acme/moved".to_owned())));
    assert!(outputs.contains(&("id".to_owned(), "7".to_owned())));
}

#[tokio::test]
async fn a_name_that_was_taken_between_two_looks_is_seen_before_anything_is_handed_on() {
    let mut scene = Scene::new(StepKind::GithubRepo, "repo");
    let with = json!({"owner": "acme", "name": "akermark", "template": "acme/base"});
    let vendor = Vendor::start(|asked| match (asked.method.as_str(), asked.path.as_str()) {
        // Made under its first name, and renamed while its content is copied.
        ("POST", "/repos/acme/base/generate") => (
            201,
            json!({
                "id": 7, "full_name": "acme/akermark", "html_url": "https://github.com/acme/akermark",
                "description": null, "default_branch": "main", "is_template": false,
            }),
        ),
        _ => moved(asked),
    })
    .await;
    let step = build(&github_repo::ENTRY, &vendor.base, &with);
    scene.evidence = Some(json!({}));
    let Created::Resource(made) = step.create(&scene.context()).await.unwrap() else {
        panic!("it has an id")
    };
    let readiness = step.await_ready(&scene.context(), Some(&made)).await;
    let status = "renamed".to_owned();
    assert_eq!(readiness.unwrap(), Readiness::NotYet { status });
    let outputs = public(
        step.await_ready(&scene.context(), Some(&made))
            .await
            .unwrap(),
    );
    assert!(outputs.contains(&("full_name".to_owned(), "acme/moved".to_owned())));
}

#[tokio::test]
async fn its_file_is_written_and_taken_back_where_it_is() {
    let mut scene = Scene::new(StepKind::ClientConfig, "config");
    let vendor = Vendor::start(moved).await;
    let with = json!({
        "repository": "acme/akermark", "repository_id": "7", "branch": "main", "path": "x",
        "content": {"a": 1},
    });
    let step = build(&client_config::ENTRY, &vendor.base, &with);
    scene.intends(step.find(&scene.context()).await.unwrap());
    step.create(&scene.context()).await.unwrap();
    assert_eq!(changed(&vendor), ["/repos/acme/moved/contents/x"]);

    let vendor = Vendor::start(moved).await;
    let step = rebuild(&client_config::ENTRY, &vendor.base, &with);
    scene.evidence = Some(json!({}));
    let row = existing("c2", "acme/akermark:x", Some(&sha256("{}\n")));
    let undone = step.undo(&scene.context(), &row).await.unwrap();
    assert_eq!(undone, Undone::Gone);
    assert_eq!(changed(&vendor), ["/repos/acme/moved/contents/x"]);
}

#[tokio::test]
async fn a_file_of_one_that_is_out_of_sight_is_not_written() {
    let scene = Scene::new(StepKind::ClientConfig, "config");
    let vendor = Vendor::start(|asked| match asked.path.as_str() {
        "/repositories/7" => not_found(),
        _ => moved(asked),
    })
    .await;
    let with = json!({
        "repository": "acme/akermark", "repository_id": "7", "branch": "main", "path": "x",
        "content": {"a": 1},
    });
    let step = build(&client_config::ENTRY, &vendor.base, &with);
    let found = step.find(&scene.context()).await.map(drop);
    let made = step.create(&scene.context()).await.map(drop);
    for tried in [found, made] {
        let failure = tried.unwrap_err();
        assert_eq!(failure.problem.code(), "cannot_see");
        assert_eq!(failure.outcome, Outcome::NotSent, "it is looked for again");
    }
    assert_eq!(changed(&vendor), [""; 0]);
}

#[tokio::test]
async fn vercel_is_linked_to_it_and_not_to_who_has_its_name() {
    let scene = Scene::new(StepKind::VercelProject, "site");
    let vendor = Vendor::start(moved).await;
    let with = json!({"name": "akermark", "repository": "acme/akermark", "repository_id": "7"});
    let step = build(&vercel_project::ENTRY, &vendor.base, &with);
    step.create(&scene.context()).await.unwrap();
    let linked = &vendor.changes()[0].body["gitRepository"]["repo"];
    assert_eq!(linked, "acme/moved");
}
