//! What may not lie readable in the sandbox's folder.

use std::fs;

use memchr::memmem;

use super::*;

/// Every file below a folder, as one.
fn contents(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes.extend(contents(&path));
        } else {
            bytes.extend(fs::read(path).unwrap_or_default());
        }
    }
    bytes
}

#[tokio::test]
async fn a_restart_keeps_everything_and_the_files_give_no_secret_away() {
    let (stage, data) = Stage::new().await;
    let project = stage.project("one").await;
    stage.sql(&project, "create table t as select 5 as n").await;
    let body = json!({ "email": "anna@example.com", "password": "canary-password", "email_confirm": true });
    assert_eq!(
        stage
            .admin(&project, Method::POST, "/admin/users", body)
            .await
            .0,
        200
    );
    let (_, session) = stage
        .sign_in(&project, "anna@example.com", "canary-password")
        .await;
    let ask = json!({ "type": "recovery", "email": "anna@example.com" });
    let (_, link) = stage
        .admin(&project, Method::POST, "/admin/generate_link", ask)
        .await;
    let keys = format!("/projects/{}/api-keys", project.reference);
    let new = json!({ "type": "secret", "name": "ci_key" });
    let (status, made) = stage.post(&format!("{keys}?reveal=true"), new).await;
    assert_eq!(status, 201, "{made}");
    let (_, masked) = stage.get(&keys).await;
    let secret = masked
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["type"] == "secret")
        .unwrap();
    assert_ne!(
        secret["api_key"],
        json!(project.secret),
        "masked unless it is to be revealed"
    );
    stage.stop().await;

    let files = contents(data.path());
    let holds = |text: &str| memmem::find(&files, text.as_bytes()).is_some();
    assert!(
        holds(&project.reference) && holds("anna@example.com"),
        "these are the files"
    );
    let secrets = [
        &project.secret,
        &project.service,
        "canary-password",
        "canary-database-password",
        made["api_key"].as_str().unwrap(),
        session["refresh_token"].as_str().unwrap(),
        session["access_token"].as_str().unwrap(),
        link["hashed_token"].as_str().unwrap(),
    ];
    for secret in secrets {
        assert!(
            !holds(secret),
            "{}… is in the sandbox's files",
            &secret[..6]
        );
    }

    let stage = Stage::at(data.path()).await;
    let again = stage.keys(&project.reference).await;
    assert_eq!(
        (&again.secret, &again.anon),
        (&project.secret, &project.anon)
    );
    assert_eq!(
        stage.sql(&project, "select n from t").await.1,
        json!([{ "n": 5 }])
    );
    assert_eq!(
        stage
            .sign_in(&project, "anna@example.com", "canary-password")
            .await
            .0,
        200
    );
    let health = stage.gateway(
        &project,
        made["api_key"].as_str().unwrap(),
        Method::GET,
        "/auth/v1/health",
    );
    assert_eq!(
        answer(health).await.0,
        200,
        "the key made later is still accepted"
    );

    stage.stop().await;
}

#[tokio::test]
async fn a_reset_leaves_no_data_behind() {
    let (stage, _data) = Stage::new().await;
    let project = stage.project("one").await;
    stage.sql(&project, "create table t as select 5 as n").await;
    stage.control("reset", json!({})).await;
    let path = format!("/projects/{}", project.reference);
    assert_eq!(stage.get(&path).await.0, 404);
    let anew = stage.project("one").await;
    let table = stage
        .sql(&anew, "select to_regclass('public.t') as t")
        .await;
    assert_eq!(table.1, json!([{ "t": null }]));
    stage.stop().await;
}

#[tokio::test]
async fn ten_projects_are_made_at_once() {
    let (stage, _data) = Stage::new().await;
    let names: Vec<String> = (0..10).map(|number| format!("customer {number}")).collect();
    let made = futures::future::join_all(names.iter().map(|name| stage.project(name))).await;
    let asked = made
        .iter()
        .map(|project| stage.sql(project, "create table t as select 5 as n"));
    for (status, answer) in futures::future::join_all(asked).await {
        assert_eq!(status, 201, "{answer}");
    }
    let asked = made
        .iter()
        .map(|project| stage.sql(project, "select n from t"));
    for answer in futures::future::join_all(asked).await {
        assert_eq!(
            answer,
            (201, json!([{ "n": 5 }])),
            "those asleep wake up again"
        );
    }
    stage.stop().await;
}
