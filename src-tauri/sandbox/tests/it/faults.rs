//! Faults: what is struck, and what of it was carried out.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use crate::api::{Cloud, cloud};

const GENERATE: &str = "/repos/sandbox-agency/template/generate";

async fn exists(cloud: &Cloud, name: &str) -> bool {
    let answer = cloud
        .vendor("github")
        .attempt(
            Method::GET,
            &format!("/repos/sandbox-agency/{name}"),
            None,
            &[],
        )
        .await;
    answer.unwrap().status == 200
}

async fn strike(cloud: &Cloud, effect: &str) {
    let rule = json!([{ "provider": "github", "method": "POST", "path": "/repos/*/*/generate", "nth": 1, "do": effect }]);
    cloud.steer("faults", &rule).await;
}

#[tokio::test]
async fn a_dropped_call_is_cut_before_or_after_the_change() {
    let (_folder, cloud) = cloud().await;
    let github = cloud.vendor("github");
    for (effect, name, made) in [
        ("drop_before", "fore", false),
        ("drop_after", "efter", true),
    ] {
        strike(&cloud, effect).await;
        let body = json!({ "name": name, "owner": "sandbox-agency" });
        let cut = github
            .attempt(Method::POST, GENERATE, Some(&body), &[])
            .await;
        assert!(cut.is_err(), "{effect} closes the connection");
        assert_eq!(exists(&cloud, name).await, made, "{effect}");
    }
    let calls = cloud.look("calls").await["calls"].clone();
    let struck: Vec<_> = calls
        .as_array()
        .unwrap()
        .iter()
        .filter(|call| call["fault"].is_string())
        .collect();
    assert_eq!(
        (&struck[0]["status"], &struck[1]["status"]),
        (&json!(null), &json!(201))
    );
    cloud.stop().await;
}

#[tokio::test]
async fn a_refusal_has_the_vendors_id_of_the_request() {
    let (_folder, cloud) = cloud().await;
    for (vendor, header, path) in [
        ("supabase", "sb-request-id", "/v1/organizations"),
        ("github", "x-github-request-id", "/user"),
        ("vercel", "x-vercel-id", "/v2/user"),
        ("stripe", "request-id", "/v1/events"),
    ] {
        let rule = json!([{ "provider": vendor, "do": "status:400" }]);
        cloud.steer("faults", &rule).await;
        let mut ids = Vec::new();
        for _ in 0..2 {
            let api = cloud.vendor(vendor);
            let refused = api.attempt(Method::GET, path, None, &[]).await.unwrap();
            assert_eq!(refused.status, 400, "{vendor}");
            ids.push(refused.headers[header].to_str().unwrap().to_owned());
        }
        assert_ne!(ids[0], ids[1], "{vendor}: each request has its own");
    }
    cloud.stop().await;
}

#[tokio::test]
async fn statuses_are_answered_with_or_without_the_change() {
    let (_folder, cloud) = cloud().await;
    let github = cloud.vendor("github");
    for (effect, name, made) in [
        ("status:503", "fore", false),
        ("status_after:503", "efter", true),
    ] {
        strike(&cloud, effect).await;
        github
            .post(
                503,
                GENERATE,
                json!({ "name": name, "owner": "sandbox-agency" }),
            )
            .await;
        assert_eq!(exists(&cloud, name).await, made, "{effect}");
    }
    cloud.stop().await;
}

#[tokio::test]
async fn a_change_is_made_late_and_lists_lag() {
    let (_folder, cloud) = cloud().await;
    let github = cloud.vendor("github");
    strike(&cloud, "commit_after:2s").await;
    let body = json!({ "name": "sen", "owner": "sandbox-agency" });
    assert!(
        github
            .attempt(Method::POST, GENERATE, Some(&body), &[])
            .await
            .is_err()
    );
    assert!(!exists(&cloud, "sen").await, "not yet");
    while !exists(&cloud, "sen").await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    cloud
        .steer(
            "faults",
            &json!([{ "method": "GET", "path": "/orgs/**", "do": "stale_list:60s" }]),
        )
        .await;
    assert_eq!(
        github.get("/orgs/sandbox-agency/repos").await,
        json!([]),
        "all are younger than a minute"
    );
    cloud.steer("faults", &json!([])).await;
    let listed = github.get("/orgs/sandbox-agency/repos").await;
    let names: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert!(names.contains(&&json!("sen")), "{names:?}");
    cloud.stop().await;
}

/// Every word of a rule's `do`, with an argument where it takes one.
const WORDS: [&str; 9] = [
    "status:429",
    "status_after:500",
    "drop_before",
    "drop_after",
    "delay:250ms",
    "garbage",
    "huge",
    "commit_after:30s",
    "stale_list:10s",
];

#[tokio::test]
async fn every_word_of_a_rule_is_known_and_no_other() {
    let (_folder, cloud) = cloud().await;
    for word in WORDS {
        let rules = cloud.steer("faults", &json!([{ "do": word }])).await;
        assert_eq!(rules, json!({ "rules": 1 }), "{word}");
    }
    let half = json!({ "do": "garbage", "nth": 1, "rate": 0.5 });
    for rule in [
        json!({ "do": "explode" }),
        json!({ "do": "delay" }),
        json!({ "do": "status:twelve" }),
        json!({ "do": "garbage", "nth": 0 }),
        json!({ "do": "garbage", "provider": "nobody" }),
        half,
    ] {
        let (status, answer) = cloud.try_to_steer("faults", &json!([rule])).await;
        assert_eq!(status, 400, "{rule}: {answer}");
    }
    cloud.stop().await;
}

#[tokio::test]
async fn a_rule_strikes_the_nth_call_every_so_many_or_some_at_random() {
    let (_folder, cloud) = cloud().await;
    let github = cloud.vendor("github");
    let struck = async |which: serde_json::Value| {
        let mut rule = json!({ "provider": "github", "path": "/user", "do": "status:503" });
        rule.as_object_mut()
            .unwrap()
            .extend(which.as_object().unwrap().clone());
        cloud.steer("faults", &json!([rule])).await;
        let mut struck = Vec::new();
        for number in 1..=12 {
            let answer = github.attempt(Method::GET, "/user", None, &[]).await;
            if answer.unwrap().status == 503 {
                struck.push(number);
            }
        }
        struck
    };
    assert_eq!(struck(json!({ "nth": 3 })).await, [3]);
    assert_eq!(struck(json!({ "every": 4 })).await, [4, 8, 12]);
    assert_eq!(struck(json!({ "rate": 0.0 })).await, [0; 0]);
    assert_eq!(struck(json!({ "rate": 1.0 })).await.len(), 12);
    let some = struck(json!({ "rate": 0.5 })).await;
    assert!((1..12).contains(&some.len()), "some of them: {some:?}");
    assert_eq!(struck(json!({ "rate": 0.5 })).await, some, "by the seed");
    cloud.stop().await;
}

#[tokio::test]
async fn answers_can_be_late_garbage_or_huge() {
    let (_folder, cloud) = cloud().await;
    let github = cloud.vendor("github");
    let rule = |effect: &str| json!([{ "path": "/user", "do": effect }]);
    cloud.steer("faults", &rule("delay:400ms")).await;
    let begun = Instant::now();
    github.get("/user").await;
    assert!(
        begun.elapsed() >= Duration::from_millis(400),
        "as late as asked"
    );
    let client = reqwest::Client::builder()
        .no_proxy()
        .user_agent("fabrik-test")
        .build()
        .unwrap();
    for (effect, least) in [("garbage", 1), ("huge", 60_000_000)] {
        cloud.steer("faults", &rule(effect)).await;
        let request = client
            .get(format!("{}/user", github.base))
            .bearer_auth(&github.token);
        let body = request.send().await.unwrap().bytes().await.unwrap();
        assert!(body.len() >= least, "{effect}: {} bytes", body.len());
        assert!(
            serde_json::from_slice::<serde_json::Value>(&body).is_err(),
            "{effect} is no JSON"
        );
    }
    cloud.stop().await;
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_undo_the_change() {
    let (_folder, cloud) = cloud().await;
    cloud
        .steer("latency", &json!({ "base": "none", "github.generate": 2 }))
        .await;
    // The whole request, and then nobody there for its answer.
    let github = cloud.vendor("github");
    let (host, path) = github.base["http://".len()..].split_once('/').unwrap();
    let body = json!({ "name": "kvar", "owner": "sandbox-agency" }).to_string();
    let request = format!(
        "POST /{path}{GENERATE} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\
         User-Agent: fabrik-test\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        github.token,
        body.len()
    );
    let mut client = tokio::net::TcpStream::connect(host).await.unwrap();
    client.write_all(request.as_bytes()).await.unwrap();
    drop(client);
    assert!(!exists(&cloud, "kvar").await, "it takes its time");
    while !exists(&cloud, "kvar").await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    cloud.stop().await;
}
