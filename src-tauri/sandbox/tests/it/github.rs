//! GitHub's quirks.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use fabrik_sandbox::{LatencyChoice, Options};
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Cloud, cloud, repository};

#[tokio::test]
async fn the_account_shows_itself_and_its_scopes() {
    let (_folder, cloud) = cloud().await;
    let github = cloud.vendor("github");
    let answer = github
        .attempt(Method::GET, "/user", None, &[])
        .await
        .unwrap();
    assert_eq!(
        answer.headers["x-oauth-scopes"],
        "admin:org, delete_repo, repo, workflow"
    );
    assert_eq!(answer.headers["x-ratelimit-limit"], "5000");
    assert_eq!(
        github.get("/users/sandbox-agency").await["type"],
        "Organization"
    );
    assert_eq!(
        github.get("/orgs/sandbox-agency").await["login"],
        "sandbox-agency"
    );
    github
        .expect(404, Method::GET, "/orgs/somebody-else", None)
        .await;
    let before = github.get("/rate_limit").await["rate"]["remaining"].clone();
    assert_eq!(
        github.get("/rate_limit").await["rate"]["remaining"],
        before,
        "asking costs nothing"
    );
    let none = github.with_token("ghp_wrong");
    assert_eq!(
        none.expect(401, Method::GET, "/user", None).await["message"],
        "Bad credentials"
    );
    cloud.stop().await;
}

#[tokio::test]
async fn a_repository_is_made_from_a_template_written_renamed_and_deleted() {
    let (_folder, cloud) = cloud().await;
    let github = cloud.vendor("github");
    let made = repository(&cloud, "akermark").await;
    assert_eq!(made["full_name"], "sandbox-agency/akermark");
    assert_eq!(made["description"], "fabrik:test:customer");
    assert_eq!(made["template_repository"]["name"], "template");
    let taken = github
        .post(
            422,
            "/repos/sandbox-agency/template/generate",
            json!({ "name": "AKERMARK", "owner": "sandbox-agency" }),
        )
        .await;
    assert_eq!(
        taken["message"],
        "Could not clone: Name already exists on this account"
    );
    github
        .post(
            422,
            "/repos/sandbox-agency/website/generate",
            json!({ "name": "x", "owner": "sandbox-agency" }),
        )
        .await;
    github
        .post(
            404,
            "/repos/sandbox-agency/nothing/generate",
            json!({ "name": "x", "owner": "sandbox-agency" }),
        )
        .await;

    let path = "/repos/sandbox-agency/akermark/contents/client-config.json";
    github.expect(404, Method::GET, path, None).await;
    let content = |text: &str, sha: Option<&Value>| {
        let mut body = json!({ "message": "Configuration", "content": STANDARD.encode(text), "branch": "main" });
        if let Some(sha) = sha {
            body["sha"] = sha.clone();
        }
        body
    };
    let first = github
        .expect(201, Method::PUT, path, Some(&content("{}", None)))
        .await;
    github
        .expect(422, Method::PUT, path, Some(&content("{\"a\":1}", None)))
        .await;
    github
        .expect(
            409,
            Method::PUT,
            path,
            Some(&content("{\"a\":1}", Some(&json!("0000")))),
        )
        .await;
    let sha = &first["content"]["sha"];
    github
        .expect(
            200,
            Method::PUT,
            path,
            Some(&content("{\"a\":1}", Some(sha))),
        )
        .await;
    let read = github.get(path).await;
    assert_eq!(
        STANDARD.decode(read["content"].as_str().unwrap()).unwrap(),
        b"{\"a\":1}"
    );
    assert_eq!(
        github
            .get("/repos/sandbox-agency/akermark/commits")
            .await
            .as_array()
            .unwrap()
            .len(),
        3
    );
    github.get("/repos/sandbox-agency/akermark/contents").await;

    let renamed = json!({ "name": "akermark-bygg" });
    github
        .expect(
            200,
            Method::PATCH,
            "/repos/sandbox-agency/akermark",
            Some(&renamed),
        )
        .await;
    let moved = github
        .attempt(Method::GET, "/repos/sandbox-agency/akermark", None, &[])
        .await
        .unwrap();
    assert_eq!(moved.status, 301);
    assert!(
        moved.headers["location"]
            .to_str()
            .unwrap()
            .ends_with(&format!("/repositories/{}", made["id"]))
    );
    github
        .expect(
            204,
            Method::DELETE,
            "/repos/sandbox-agency/akermark-bygg",
            None,
        )
        .await;
    github
        .expect(
            404,
            Method::GET,
            "/repos/sandbox-agency/akermark-bygg",
            None,
        )
        .await;
    github
        .expect(404, Method::GET, "/repos/sandbox-agency/akermark", None)
        .await;
    cloud.stop().await;
}

#[tokio::test]
async fn several_files_go_into_one_commit_and_a_branch_moves_forward_only() {
    let (_folder, cloud) = cloud().await;
    let github = cloud.vendor("github");
    repository(&cloud, "flera").await;
    let base = "/repos/sandbox-agency/flera";
    let head = github.get(&format!("{base}/git/ref/heads/main")).await["object"]["sha"].clone();
    let blob = github
        .post(
            201,
            &format!("{base}/git/blobs"),
            json!({ "content": "hej" }),
        )
        .await;
    let tree = json!({ "base_tree": head, "tree": [
        { "path": "a.txt", "mode": "100644", "type": "blob", "sha": blob["sha"] },
        { "path": "b/c.txt", "mode": "100644", "type": "blob", "content": "där" },
        { "path": "README.md", "mode": "100644", "type": "blob", "sha": null },
    ] });
    let tree = github.post(201, &format!("{base}/git/trees"), tree).await;
    let commit = json!({ "message": "Flera filer", "tree": tree["sha"], "parents": [head] });
    let commit = github
        .post(201, &format!("{base}/git/commits"), commit)
        .await;
    let forward = json!({ "sha": commit["sha"] });
    github
        .expect(
            200,
            Method::PATCH,
            &format!("{base}/git/refs/heads/main"),
            Some(&forward),
        )
        .await;
    let back = json!({ "sha": head });
    github
        .expect(
            422,
            Method::PATCH,
            &format!("{base}/git/refs/heads/main"),
            Some(&back),
        )
        .await;
    assert_eq!(
        github.get(&format!("{base}/branches/main")).await["commit"]["sha"],
        commit["sha"]
    );
    let listed = github
        .get(&format!("{base}/git/trees/main?recursive=1"))
        .await;
    let paths: Vec<_> = listed["tree"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["path"].clone())
        .collect();
    assert!(
        paths.contains(&json!("b/c.txt")) && !paths.contains(&json!("README.md")),
        "{paths:?}"
    );
    cloud.stop().await;
}

#[tokio::test]
async fn the_content_of_a_template_comes_after_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("latency.toml");
    std::fs::write(&file, "base = \"none\"\n[github]\ncontent = 3.0\n").unwrap();
    let options = Options {
        latency: LatencyChoice::File(file),
        ..Options::new(folder.path().join("data"))
    };
    let cloud = Cloud::with(options).await;
    let github = cloud.vendor("github");
    repository(&cloud, "sen").await;
    let base = "/repos/sandbox-agency/sen";
    let empty = github
        .expect(
            409,
            Method::GET,
            &format!("{base}/git/ref/heads/main"),
            None,
        )
        .await;
    assert_eq!(empty["message"], "Git Repository is empty.");
    github
        .expect(404, Method::GET, &format!("{base}/branches/main"), None)
        .await;
    let write = json!({ "message": "x", "content": "" });
    github
        .expect(
            409,
            Method::PUT,
            &format!("{base}/contents/a"),
            Some(&write),
        )
        .await;
    let mut branch = 404;
    while branch == 404 {
        // Asked without a pause, GitHub's limit a minute would answer.
        tokio::time::sleep(Duration::from_millis(100)).await;
        let answer = github
            .attempt(Method::GET, &format!("{base}/branches/main"), None, &[])
            .await
            .unwrap();
        branch = answer.status.as_u16();
    }
    assert_eq!(branch, 200);
    let spans = cloud.look("calls").await["readiness"].clone();
    assert_eq!(spans[0]["figure"], "github.content");
    let span = spans[0]["ready_ms"].as_u64().unwrap() - spans[0]["started_ms"].as_u64().unwrap();
    assert!(
        (2_099..=3_901).contains(&span),
        "three seconds ±30 %, not {span} ms"
    );
    cloud.stop().await;
}

#[tokio::test]
async fn a_token_does_what_its_scopes_allow() {
    let (_folder, cloud) = cloud().await;
    repository(&cloud, "kvar").await;
    let change = json!({ "provider": "github", "token": "ghp_narrow", "scopes": ["repo"] });
    cloud.steer("tokens", &change).await;
    let narrow = cloud.vendor("github").with_token("ghp_narrow");
    let answer = narrow
        .attempt(Method::GET, "/repos/sandbox-agency/kvar", None, &[])
        .await
        .unwrap();
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["x-oauth-scopes"]),
        (200, &"repo".parse().unwrap())
    );
    narrow
        .expect(403, Method::DELETE, "/repos/sandbox-agency/kvar", None)
        .await;
    let revoke = json!({ "provider": "github", "token": "ghp_narrow", "revoked": true });
    cloud.steer("tokens", &revoke).await;
    narrow.expect(401, Method::GET, "/user", None).await;
    cloud.stop().await;
}

#[tokio::test]
async fn too_many_creating_calls_meet_the_secondary_limit() {
    let (_folder, cloud) = cloud().await;
    let github = cloud.vendor("github");
    repository(&cloud, "ivrig").await;
    let mut answer = None;
    for number in 0..90 {
        let blob = json!({ "content": number.to_string() });
        let given = github
            .attempt(
                Method::POST,
                "/repos/sandbox-agency/ivrig/git/blobs",
                Some(&blob),
                &[],
            )
            .await
            .unwrap();
        if given.status != 201 {
            answer = Some((number, given));
            break;
        }
    }
    let (number, answer) = answer.expect("the limit is met");
    assert_eq!(
        number, 79,
        "80 creating calls a minute, one made the repository"
    );
    assert_eq!(answer.status, 403);
    assert!(
        answer.body["message"]
            .as_str()
            .unwrap()
            .contains("secondary rate limit")
    );
    let wait: u64 = answer.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&wait));
    cloud.stop().await;
}
