//! Start, share, restart, end.

use std::time::Duration;

use fabrik_sandbox::{ENDPOINT_FILE, LatencyChoice, Options, SandboxError, ends_unused, serve};
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Cloud, cloud, repository};

#[tokio::test]
async fn a_restart_keeps_state_tokens_and_port_and_neither_counters_nor_faults() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options {
        latency: LatencyChoice::None,
        ..Options::new(folder.path())
    };
    let first = Cloud::with(options()).await;
    let before = first.environment.clone();
    let made = repository(&first, "akermark").await;
    first.steer("tokens", &json!({ "provider": "vercel", "token": first.variable("FABRIK_SECRET_VERCEL"), "revoked": true })).await;
    assert_ne!(first.look("state").await["mutating"], 0);
    let rule = json!([{ "provider": "github", "do": "status:500" }]);
    first.steer("faults", &rule).await;
    first.stop().await;
    let second = Cloud::with(options()).await;
    assert_eq!(second.environment, before, "the same URLs and tokens");
    let state = second.look("state").await;
    assert_eq!(
        (&state["mutating"], &state["calls"]),
        (&json!(0), &json!([]))
    );
    let found = second
        .vendor("github")
        .get("/repos/sandbox-agency/akermark")
        .await;
    assert_eq!(found["id"], made["id"]);
    second
        .vendor("vercel")
        .expect(403, Method::GET, "/v2/user", None)
        .await;
    second.steer("reset", &json!({})).await;
    let github = second.vendor("github");
    github
        .expect(404, Method::GET, "/repos/sandbox-agency/akermark", None)
        .await;
    github.get("/repos/sandbox-agency/template").await;
    second.stop().await;
}

#[tokio::test]
async fn a_restart_forgets_nothing_of_a_limit_and_a_reset_all() {
    let folder = tempfile::tempdir().unwrap();
    let used = async |cloud: &Cloud| {
        let limits = cloud.vendor("github").get("/rate_limit").await;
        limits["rate"]["used"].clone()
    };
    let first = Cloud::on(folder.path()).await;
    repository(&first, "akermark").await;
    assert_eq!(used(&first).await, json!(1));
    first.stop().await;
    let second = Cloud::on(folder.path()).await;
    assert_eq!(used(&second).await, json!(1), "the hour goes on");
    second.steer("reset", &json!({})).await;
    second.stop().await;
    let third = Cloud::on(folder.path()).await;
    assert_eq!(used(&third).await, json!(0));
    third.stop().await;
}

#[tokio::test]
async fn what_a_sandbox_of_before_removed_is_removed_still() {
    let folder = tempfile::tempdir().unwrap();
    Cloud::on(folder.path()).await.stop().await;
    let (reference, moment) = ("abcdefghijklmnopqrst", "2026-11-20T10:00:00Z");
    let project = json!({
        "reference": reference,
        "number": 1,
        "name": "Åkermark",
        "region": "eu-central-1",
        "size": "micro",
        "created": moment,
        "making": { "started": moment, "ready": moment },
        "fails": false,
        "phase": "removed",
    });
    let file = rusqlite::Connection::open(folder.path().join("sandbox.db")).unwrap();
    file.execute(
        "INSERT INTO documents (provider, kind, id, sequence, created_ms, json)
         VALUES ('supabase', 'project', ?1, 1000, 0, ?2)",
        [reference, &project.to_string()],
    )
    .unwrap();
    file.close().unwrap();
    for _ in 0..2 {
        let cloud = Cloud::on(folder.path()).await;
        let supabase = cloud.vendor("supabase");
        assert_eq!(supabase.get("/v1/projects").await, json!([]));
        let path = format!("/v1/projects/{reference}");
        let refused = supabase.expect(400, Method::GET, &path, None).await;
        assert_eq!(refused, json!({ "message": "Resource has been removed" }));
        let there = cloud.look("state").await;
        assert_eq!(there["resources"]["supabase"], Value::Null, "no resource");
        cloud.stop().await;
    }
}

#[tokio::test]
async fn one_process_serves_a_folder_and_says_where_without_a_secret() {
    let (folder, cloud) = cloud().await;
    let refused = serve(Options::new(folder.path())).await;
    assert!(
        matches!(refused, Err(SandboxError::InUse(_))),
        "the folder is taken"
    );
    let text = std::fs::read_to_string(folder.path().join(ENDPOINT_FILE)).unwrap();
    let endpoint: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&endpoint["control"], &endpoint["pid"]),
        (&json!(cloud.control), &json!(std::process::id()))
    );
    assert_eq!(cloud.look("environment").await, cloud.environment);
    let tokens = ["SUPABASE", "GITHUB", "VERCEL", "RESEND"]
        .map(|name| cloud.variable(&format!("FABRIK_SECRET_{name}")));
    cloud.stop().await;
    assert!(
        !folder.path().join(ENDPOINT_FILE).exists(),
        "nobody is sent to a sandbox that ended"
    );
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            assert!(
                !tokens.iter().any(|token| text.contains(token)),
                "{} holds a token",
                path.display()
            );
        }
    }
}

#[tokio::test]
async fn it_ends_when_the_last_client_has_left() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        latency: LatencyChoice::None,
        until_unused: Some(Duration::from_millis(300)),
        ..Options::new(folder.path())
    };
    let cloud = Cloud::with(options).await;
    assert!(ends_unused(folder.path()), "who wants to keep it is told");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut held = client
        .get(format!("{}/hold", cloud.control))
        .send()
        .await
        .unwrap();
    assert_eq!(held.chunk().await.unwrap().unwrap(), "held\n");
    let watched = tokio::time::timeout(Duration::from_millis(900), async {
        while cloud.look("state").await["holds"] == 1 {
            tokio::task::yield_now().await;
        }
    });
    assert!(watched.await.is_err(), "it lives for as long as it is held");
    drop(held);
    drop(client);
    cloud.ended().await;
}

#[tokio::test]
async fn web_pages_are_turned_away_from_the_control_endpoint() {
    let (_folder, cloud) = cloud().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (name, value) in [("origin", "https://evil.example"), ("host", "evil.example")] {
        let answer = client
            .get(format!("{}/environment", cloud.control))
            .header(name, value)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 403, "{name}: {value}");
    }
    cloud.stop().await;
}

#[tokio::test]
async fn calls_are_counted_by_route_and_latencies_are_put_on_them() {
    let (_folder, cloud) = cloud().await;
    cloud
        .steer("latency", &json!({ "base": "none", "read": 0.2 }))
        .await;
    cloud
        .vendor("github")
        .get("/repos/sandbox-agency/template")
        .await;
    cloud.steer("latency", &json!("none")).await;
    repository(&cloud, "ny").await;
    let state = cloud.look("state").await;
    assert_eq!(state["mutating"], 1);
    let repositories = state["resources"]["github"]["repository"].as_object();
    assert!(
        repositories.unwrap().values().any(|it| it["name"] == "ny"),
        "what was made is shown: {repositories:?}"
    );
    let counted = json!({ "provider": "github", "method": "GET", "route": "/repos/{owner}/{repo}", "status": 200, "count": 1 });
    assert!(
        state["calls"].as_array().unwrap().contains(&counted),
        "{}",
        state["calls"]
    );
    let calls = cloud.look("calls").await["calls"].clone();
    assert_eq!(
        (&calls[0]["path"], &calls[0]["latency_ms"]),
        (&json!("/repos/sandbox-agency/template"), &json!(200))
    );
    assert!(
        calls[0]["ended_ms"].as_u64().unwrap() - calls[0]["started_ms"].as_u64().unwrap() >= 199
    );
    cloud.stop().await;
}
