//! A repository and a file in it: found by the mark, made, and taken away.

mod renamed;

use std::sync::atomic::{AtomicUsize, Ordering};

use fabrik_domain::{blueprint::StepKind, failure::Outcome, resource::ResourceKind};
use fabrik_engine::step::{Created, Found, Parent, Undone};
use serde_json::{Value, json};

use super::{build, existing, made, not_found, public, rebuild, told, undone_twice};
use crate::{
    client_config, github_repo, registry,
    testing::{Asked, Scene, Vendor},
};

fn repository(description: &str) -> Value {
    json!({
        "id": 7, "full_name": "acme/akermark", "html_url": "https://github.com/acme/akermark",
        "description": description, "default_branch": "main", "is_template": true,
    })
}

const REPO: &str =
    r#"{"owner": "acme", "name": "akermark", "template": "acme/base", "description": "Åkermark"}"#;

async fn github_with(description: Option<String>) -> Vendor {
    Vendor::start(move |asked: &Asked| match asked.path.as_str() {
        "/user" => (200, json!({"login": "anna"})),
        "/orgs/acme" => (200, json!({"login": "acme"})),
        "/repos/acme/akermark" => match &description {
            Some(text) => (200, repository(text)),
            None => not_found(),
        },
        "/repos/acme/base/generate" => {
            (201, repository(asked.body["description"].as_str().unwrap()))
        }
        "/repositories/7" => (200, repository("")),
        "/repos/acme/akermark/branches/main" => (200, json!({"commit": {"sha": "c0"}})),
        _ => not_found(),
    })
    .await
}

#[tokio::test]
async fn a_repository_is_ours_by_its_mark_and_foreign_without() {
    let scene = Scene::new(StepKind::GithubRepo, "repo");
    let with = serde_json::from_str(REPO).unwrap();
    let marked = github_with(Some(format!("Åkermark [{}]", scene.mark()))).await;
    let found = build(&github_repo::ENTRY, &marked.base, &with)
        .find(&scene.context())
        .await
        .unwrap();
    assert!(matches!(found, Found::Ours(ours) if ours.id == "7"));
    let other = github_with(Some("somebody's".to_owned())).await;
    let found = build(&github_repo::ENTRY, &other.base, &with)
        .find(&scene.context())
        .await
        .unwrap();
    assert!(matches!(found, Found::Foreign(problem) if problem.code() == "name_taken"));
}

#[tokio::test]
async fn a_repository_is_made_with_its_mark_and_is_ready_with_its_content() {
    let scene = Scene::new(StepKind::GithubRepo, "repo");
    let vendor = github_with(None).await;
    let step = build(
        &github_repo::ENTRY,
        &vendor.base,
        &serde_json::from_str(REPO).unwrap(),
    );
    assert!(matches!(
        step.find(&scene.context()).await.unwrap(),
        Found::Absent { .. }
    ));
    let Created::Resource(made) = step.create(&scene.context()).await.unwrap() else {
        panic!("it has an id")
    };
    let description = vendor.changes()[0].body["description"].clone();
    assert_eq!(description, json!(format!("Åkermark [{}]", scene.mark())));
    let outputs = public(
        step.await_ready(&scene.context(), Some(&made))
            .await
            .unwrap(),
    );
    assert!(outputs.contains(&("default_branch".to_owned(), "main".to_owned())));
    assert_eq!(vendor.changes().len(), 1);
}

#[tokio::test]
async fn a_narrowed_token_is_not_an_absence() {
    let scene = Scene::new(StepKind::GithubRepo, "repo");
    let vendor = Vendor::start(|asked| match asked.path.as_str() {
        "/user" => (200, json!({"login": "anna"})),
        _ => not_found(),
    })
    .await;
    let step = build(
        &github_repo::ENTRY,
        &vendor.base,
        &serde_json::from_str(REPO).unwrap(),
    );
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::CannotSee(problem) if problem.code() == "owner_not_visible"));
}

#[tokio::test]
async fn settings_that_nobody_has_set_are_told_by_their_names() {
    let scene = Scene::new(StepKind::GithubRepo, "repo");
    let vendor = github_with(None).await;
    let with = json!({"owner": "", "name": "akermark", "template": ""});
    let step = build(&github_repo::ENTRY, &vendor.base, &with);
    assert_eq!(step.name(), "akermark");
    let missing = ["github.template", "github.owner"].map(registry::missing);
    assert_eq!(step.check(&scene.context()).await.unwrap(), missing);
    let found = step.find(&scene.context()).await.unwrap();
    assert_eq!(found, Found::CannotSee(missing[1].clone()));
}

#[tokio::test]
async fn a_configuration_that_says_the_same_is_not_written_again() {
    let scene = Scene::new(StepKind::ClientConfig, "config");
    let vendor = Vendor::start(|asked| match asked.path.split('?').next().unwrap() {
        "/repos/acme/a/contents/client-config.json" if asked.method == "PUT" => {
            assert_eq!(asked.body["sha"], "b1", "the template's file is replaced");
            (200, json!({"commit": {"sha": "c2"}}))
        }
        // {"a":1}
        "/repos/acme/a/contents/client-config.json" => (
            200,
            json!({"sha": "b1", "encoding": "base64", "content": "eyJhIjoxfQ=="}),
        ),
        "/repos/acme/a/commits" => (200, json!([{"sha": "c1"}])),
        _ => not_found(),
    })
    .await;
    let with = |a: u8| json!({"repository": "acme/a", "branch": "main", "path": "client-config.json", "content": {"a": a}});
    let same = build(&client_config::ENTRY, &vendor.base, &with(1));
    let found = same.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Ours(ours) if ours.id == "c1"));
    let mut scene = scene;
    let other = build(&client_config::ENTRY, &vendor.base, &with(2));
    let Found::Absent { evidence } = other.find(&scene.context()).await.unwrap() else {
        panic!("another content is there")
    };
    scene.evidence = Some(evidence);
    let made = other.create(&scene.context()).await.unwrap();
    assert!(matches!(made, Created::Resource(made) if made.id == "c2"));
}

// --- Taking away ---

/// GitHub with a repository of this description, to a user that owns the organization or has left it. A DELETE
/// answers this.
async fn with_repository(description: Option<String>, sees: bool, delete: u16) -> Vendor {
    let vendor = Vendor::start(move |asked| {
        let path = asked.path.split('?').next().unwrap();
        match (asked.method.as_str(), path) {
            ("DELETE", "/repos/acme/akermark") => match delete {
                403 => (
                    403,
                    json!({"message": "Must have admin rights to Repository."}),
                ),
                404 => not_found(),
                status => (status, Value::Null),
            },
            (_, "/user") => (200, json!({"login": "anna"})),
            (_, "/orgs/acme") => (200, json!({"login": "acme"})),
            (_, "/user/memberships/orgs/acme") if sees => {
                (200, json!({"state": "active", "role": "admin"}))
            }
            (_, "/repositories/7" | "/repos/acme/akermark") => match &description {
                Some(text) => (200, repository(text)),
                None => not_found(),
            },
            _ => not_found(),
        }
    });
    vendor
        .await
        .with_header("x-oauth-scopes", "repo, delete_repo")
}

#[tokio::test]
async fn a_repository_is_deleted_with_its_mark_alone_and_a_404_is_not_believed() {
    let scene = Scene::new(StepKind::GithubRepo, "repo");
    let marked = || Some(format!("Åkermark [{}]", scene.mark()));
    let with = serde_json::from_str(REPO).unwrap();
    for (description, sees, delete, expected, deletions) in [
        (marked(), true, 204, "gone", 1),
        (
            Some("renamed, and no mark".to_owned()),
            true,
            204,
            "not_ours",
            0,
        ),
        (marked(), true, 403, "credential_scope_missing", 1),
        (None, true, 204, "gone", 0),
        (None, false, 204, "cannot_see", 0),
        (marked(), false, 404, "cannot_see", 1),
    ] {
        let vendor = with_repository(description, sees, delete).await;
        let step = build(&github_repo::ENTRY, &vendor.base, &with);
        let row = existing("7", "acme/akermark", None);
        let undone = step.undo(&scene.context(), &row).await.unwrap();
        assert_eq!(told(undone), expected);
        assert_eq!(vendor.changes().len(), deletions, "{expected}");
    }
}

#[tokio::test]
async fn a_recorded_repository_that_is_hidden_is_not_made_again() {
    let mut scene = Scene::new(StepKind::GithubRepo, "repo");
    scene.knows(ResourceKind::Repository, "7", "acme/akermark", None);
    for (sees, hidden) in [(false, true), (true, false)] {
        let vendor = with_repository(None, sees, 204).await;
        let with = serde_json::from_str(REPO).unwrap();
        let step = build(&github_repo::ENTRY, &vendor.base, &with);
        let found = step.find(&scene.context()).await.unwrap();
        assert_eq!(matches!(found, Found::CannotSee(_)), hidden, "{found:?}");
        assert_eq!(matches!(found, Found::Absent { .. }), !hidden, "{found:?}");
    }
}

#[tokio::test]
async fn what_was_never_made_is_told_by_who_would_see_it_alone() {
    let mut scene = Scene::new(StepKind::GithubRepo, "repo");
    let with = serde_json::from_str(REPO).unwrap();
    let vendor = with_repository(None, true, 204).await;
    let step = build(&github_repo::ENTRY, &vendor.base, &with);
    scene.intends(step.find(&scene.context()).await.unwrap());
    assert_eq!(scene.evidence, Some(json!({"maker": "anna"})));
    // The call's answer was lost, and the token's user has left the organization, or hasn't.
    for sees in [true, false] {
        let vendor = with_repository(None, sees, 204).await;
        let undoing = rebuild(&github_repo::ENTRY, &vendor.base, &with);
        let found = undoing.find(&scene.context()).await.unwrap();
        assert_eq!(matches!(found, Found::Absent { .. }), sees, "{found:?}");
        assert_eq!(matches!(found, Found::CannotSee(_)), !sees, "{found:?}");
    }
}

#[tokio::test]
async fn a_repository_that_was_asked_to_go_is_gone_for_a_token_that_proves_nothing_else() {
    let scene = Scene::new(StepKind::GithubRepo, "repo");
    let there = std::sync::atomic::AtomicBool::new(true);
    let marked = format!("Åkermark [{}]", scene.mark());
    // A fine-grained token tells no scopes.
    let vendor = Vendor::start(move |asked| match asked.path.as_str() {
        "/repos/acme/akermark" if asked.method == "DELETE" => {
            there.store(false, std::sync::atomic::Ordering::Relaxed);
            (502, json!({"message": "the answer was lost"}))
        }
        "/repositories/7" if there.load(std::sync::atomic::Ordering::Relaxed) => {
            (200, repository(&marked))
        }
        "/user" => (200, json!({"login": "anna"})),
        _ => not_found(),
    })
    .await;
    let with = serde_json::from_str(REPO).unwrap();
    let row = existing("7", "acme/akermark", None);
    let step = rebuild(&github_repo::ENTRY, &vendor.base, &with);
    let lost = step.undo(&scene.context(), &row).await.unwrap_err();
    assert_eq!(lost.outcome, Outcome::Unknown);
    let undone = step.undo(&scene.context(), &row).await.unwrap();
    assert_eq!(undone, Undone::Gone);
    let later = rebuild(&github_repo::ENTRY, &vendor.base, &with);
    let undone = later.undo(&scene.context(), &row).await.unwrap();
    assert!(
        matches!(undone, Undone::CannotSee(_)),
        "another time it may be hidden: {undone:?}"
    );
}

/// The same content is the same blob.
fn blob(text: &str) -> String {
    crate::digest::sha256(text)
}

/// A repository with one file in it, written and deleted as GitHub does it.
async fn with_file(content: Option<&'static str>) -> Vendor {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let versions = std::sync::Mutex::new(vec![content.map(str::to_owned)]);
    Vendor::start(move |asked| {
        let mut versions = versions.lock().unwrap();
        let now = versions.len() - 1;
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        match (asked.method.as_str(), path) {
            (_, "/repos/acme/a") => {
                let mut found = repository("a");
                found["full_name"] = json!("acme/a");
                (200, found)
            }
            (_, "/repos/acme/a/commits") => match &versions[now] {
                Some(_) => (200, json!([{"sha": format!("c{now}")}])),
                None => (200, json!([])),
            },
            ("GET", "/repos/acme/a/contents/client-config.json") => {
                let at = query.strip_prefix("ref=c").and_then(|at| at.parse().ok());
                let at: usize = at.unwrap_or(now);
                match &versions[at] {
                    Some(text) => (
                        200,
                        json!({"sha": blob(text), "encoding": "base64", "content": STANDARD.encode(text)}),
                    ),
                    None => not_found(),
                }
            }
            (method, "/repos/acme/a/contents/client-config.json") => {
                let sha = asked.body["sha"].as_str().map(str::to_owned);
                let stands = versions[now].as_deref().map(blob);
                if sha != stands {
                    return (409, json!({"message": "does not match"}));
                }
                versions.push((method == "PUT").then(|| {
                    let text = asked.body["content"].as_str().unwrap();
                    String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()
                }));
                (200, json!({"commit": {"sha": format!("c{}", versions.len() - 1)}}))
            }
            _ => not_found(),
        }
    })
    .await
}

#[tokio::test]
async fn a_file_goes_back_to_what_stood_there_and_one_that_was_changed_stays() {
    let with = json!({"repository": "acme/a", "branch": "main", "path": "client-config.json", "content": {"a": 2}});
    for (before, by_hand, expected) in [
        (None, false, "gone"),
        (Some("{\"a\": 1}"), false, "gone"),
        (Some("{\"a\": 1}"), true, "changed_since"),
    ] {
        let vendor = with_file(before).await;
        let mut scene = Scene::new(StepKind::ClientConfig, "config");
        let step = build(&client_config::ENTRY, &vendor.base, &with);
        assert_eq!(step.within(), None, "the repository is nobody's own");
        let made = made(&mut scene, step.as_ref()).await;
        let github = crate::testing::github(&vendor.base);
        let read = async || {
            let file = github.file("acme", "a", "main", "client-config.json").await;
            file.unwrap()
        };
        if by_hand {
            let now = read().await.unwrap();
            let written = github.write_file(
                ("acme", "a"),
                "main",
                "client-config.json",
                b"{}",
                "by hand",
                Some(&now.sha),
            );
            written.await.unwrap();
        }
        undone_twice(&scene, step.as_ref(), &made, expected).await;
        let left = read()
            .await
            .map(|file| String::from_utf8(file.content).unwrap());
        let stands = if by_hand { Some("{}") } else { before };
        assert_eq!(left.as_deref(), stands);
    }
}

#[tokio::test]
async fn a_file_that_a_token_has_lost_sight_of_is_not_gone() {
    let with = json!({"repository": "acme/a", "branch": "main", "path": "client-config.json", "content": {"a": 2}});
    let looks = AtomicUsize::new(0);
    let vendor = Vendor::start(move |asked| {
        let is_first = looks.fetch_add(1, Ordering::Relaxed) == 0;
        match asked.path.as_str() {
            "/repos/acme/a" if is_first => {
                let mut found = repository("a");
                found["full_name"] = json!("acme/a");
                (200, found)
            }
            _ => not_found(),
        }
    })
    .await;
    let scene = Scene::new(StepKind::ClientConfig, "config");
    let step = build(&client_config::ENTRY, &vendor.base, &with);
    let row = existing("c1", "client-config.json", None);
    let undone = step.undo(&scene.context(), &row).await.unwrap();
    assert!(matches!(undone, Undone::CannotSee(_)), "{undone:?}");
}

#[tokio::test]
async fn a_file_that_changed_under_the_call_is_looked_at_again_first() {
    let with = json!({"repository": "acme/a", "branch": "main", "path": "client-config.json", "content": {"a": 2}});
    let vendor = with_file(Some("{}")).await;
    let mut scene = Scene::new(StepKind::ClientConfig, "config");
    scene.evidence = Some(json!({"replaces": "b9", "commit": "c9"}));
    let step = build(&client_config::ENTRY, &vendor.base, &with);
    let failure = step.create(&scene.context()).await.unwrap_err();
    assert_eq!(
        failure.outcome,
        Outcome::NotSent,
        "what stands there has to be evidence first"
    );
    assert_eq!(vendor.changes().len(), 1);
}

#[tokio::test]
async fn a_file_in_a_repository_of_its_own_goes_with_it() {
    let with = json!({"repository": "acme/a", "repository_id": "7", "branch": "main", "path": "x", "content": {}});
    let step = build(&client_config::ENTRY, "http://127.0.0.1:9", &with);
    let parent = Parent::covering(ResourceKind::Repository, "7");
    assert_eq!(step.within(), Some(parent));
}
