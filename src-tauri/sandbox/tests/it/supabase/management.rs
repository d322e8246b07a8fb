//! The Management API: projects, SQL, keys, settings.

use super::*;

#[tokio::test]
async fn a_project_comes_up_in_steps_and_can_be_deleted_only_then() {
    let (stage, _data) = Stage::new().await;
    stage
        .control(
            "latency",
            json!({ "base": "none", "supabase": { "ready": 1.2 } }),
        )
        .await;
    // It is asked until it says so, without a pause.
    stage.control("limits", json!({ "enforce": false })).await;
    let (status, created) = stage.create("Åkermark").await;
    assert_eq!((status, &created["status"]), (201, &json!("UNKNOWN")));
    assert_eq!(created["name"], "Åkermark");
    let path = format!("/projects/{}", created["ref"].as_str().unwrap());

    let early = answer(stage.management(Method::DELETE, &path)).await;
    assert_eq!(
        early,
        (400, json!({ "message": "Project not ready for deletion." }))
    );
    let query = json!({ "query": "select 1" });
    assert_eq!(
        stage.post(&format!("{path}/database/query"), query).await.0,
        544,
        "no database yet"
    );

    let mut seen = vec!["UNKNOWN".to_owned()];
    while seen.last().is_none_or(|status| status != "ACTIVE_HEALTHY") {
        let status = stage.get(&path).await.1["status"]
            .as_str()
            .unwrap()
            .to_owned();
        if seen.last() != Some(&status) {
            seen.push(status);
        }
    }
    assert_eq!(seen, ["UNKNOWN", "COMING_UP", "ACTIVE_HEALTHY"]);
    let health = format!("{path}/health?services=db&services=auth");
    loop {
        let (status, services) = stage.get(&health).await;
        assert_eq!(
            (status, &services[0]["status"]),
            (200, &json!("ACTIVE_HEALTHY"))
        );
        if services[1]["status"] == "ACTIVE_HEALTHY" {
            break;
        }
        assert_eq!(services[1]["status"], "COMING_UP", "auth is the last");
    }

    let (status, deleted) = answer(stage.management(Method::DELETE, &path)).await;
    assert_eq!((status, &deleted["name"]), (200, &json!("Åkermark")));
    assert_eq!(
        stage.get(&path).await,
        (400, json!({ "message": "Resource has been removed" }))
    );
    let (_, there) = answer(stage.request(Method::GET, "/_sandbox/state")).await;
    assert_eq!(
        there["resources"]["supabase"],
        Value::Null,
        "what was removed is no resource"
    );
    stage.stop().await;
}

#[tokio::test]
async fn projects_are_listed_by_page_and_found_by_name() {
    let (stage, _data) = Stage::new().await;
    for name in ["Beta", "alpha", "Gamma"] {
        assert_eq!(stage.create(name).await.0, 201);
    }
    let list = async |query: &str| {
        let path = format!("/organizations/{ORGANIZATION}/projects{query}");
        let (status, found) = stage.get(&path).await;
        assert_eq!(status, 200, "{found}");
        let projects = found["projects"].as_array().unwrap().iter();
        let names: Vec<_> = projects
            .map(|it| it["name"].as_str().unwrap().to_owned())
            .collect();
        (names, found["pagination"]["count"].as_u64().unwrap())
    };
    assert_eq!(
        list("?sort=created_asc").await.0,
        ["Beta", "alpha", "Gamma"]
    );
    assert_eq!(
        list("?search=A&sort=created_desc&limit=2").await,
        (vec!["Gamma".into(), "alpha".into()], 3)
    );
    assert_eq!(list("?search=alph").await, (vec!["alpha".into()], 1));
    assert_eq!(list("?statuses=INACTIVE").await.1, 0);
    assert_eq!(stage.get("/organizations/another/projects").await.0, 404);
    stage.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_refused_in_the_vendors_words() {
    let (stage, _data) = Stage::new().await;
    let wrong = stage
        .request(Method::GET, "/supabase/v1/organizations")
        .bearer_auth("sbp_wrong");
    assert_eq!(
        answer(wrong).await,
        (401, json!({ "message": "Unauthorized" }))
    );

    let (_, regions) = stage
        .get(&format!(
            "/projects/available-regions?organization_slug={ORGANIZATION}"
        ))
        .await;
    let offered = regions["all"]["specific"].as_array().unwrap();
    assert!(offered.iter().any(|region| region["code"] == "eu-north-1"));
    assert!(
        !offered.iter().any(|region| region["code"] == "af-south-1"),
        "it is not offered"
    );
    let mut body = json!({ "name": "a", "organization_slug": ORGANIZATION, "db_pass": "x",
        "region_selection": { "type": "specific", "code": "af-south-1" } });
    assert_eq!(stage.post("/projects", body.clone()).await.0, 400);
    body["region_selection"]["code"] = "eu-north-1".into();
    body["surprise"] = true.into();
    assert_eq!(
        stage.post("/projects", body.clone()).await.0,
        400,
        "no unknown fields"
    );
    body.as_object_mut().unwrap().remove("surprise");
    body["organization_slug"] = "another".into();
    assert_eq!(stage.post("/projects", body.clone()).await.0, 403);

    stage
        .control("accounts", json!({ "supabase": { "plan": "free" } }))
        .await;
    body["organization_slug"] = ORGANIZATION.into();
    for expected in [201, 201, 400] {
        assert_eq!(
            stage.post("/projects", body.clone()).await.0,
            expected,
            "two on the free plan"
        );
    }
    stage
        .control(
            "accounts",
            json!({ "supabase": { "organization_hidden": true } }),
        )
        .await;
    assert_eq!(stage.get("/organizations").await, (200, json!([])));
    assert_eq!(
        stage.get(&format!("/organizations/{ORGANIZATION}")).await.0,
        404
    );
    assert_eq!(stage.get("/projects/aaaaaaaaaaaaaaaaaaaa").await.0, 404);
    stage.stop().await;
}

#[tokio::test]
async fn sql_runs_in_a_real_database() {
    let (stage, _data) = Stage::new().await;
    let project = stage.project("one").await;
    assert_eq!(
        stage.sql(&project, "select 1").await,
        (201, json!([{ "?column?": 1 }]))
    );
    let (status, error) = stage
        .sql(&project, "select 1;\nselect * from nowhere")
        .await;
    assert_eq!(status, 400);
    assert_eq!(
        error["message"],
        "Failed to run sql query: ERROR:  42P01: relation \"nowhere\" does not exist\n\
         LINE 2: select * from nowhere\n                      ^\n"
    );
    let path = format!("/projects/{}/database/query", project.reference);
    let asked = json!({ "query": "select $1::int + $2::int as sum", "parameters": [40, "2"] });
    assert_eq!(
        stage.post(&path, asked).await,
        (201, json!([{ "sum": 42 }]))
    );
    let write = json!({ "query": "create table public.t ()" });
    let (status, refused) = stage.post(&format!("{path}/read-only"), write).await;
    assert_eq!(status, 400);
    assert!(
        refused["message"].as_str().unwrap().contains("25006"),
        "{refused}"
    );
    let migration = format!("/projects/{}/database/migrations", project.reference);
    let closed = stage.post(&migration, json!({ "query": "select 1" })).await;
    let words = "Migrations endpoint is not generally available yet";
    assert_eq!(closed, (403, json!({ "message": words })));
    stage.stop().await;
}

#[tokio::test]
async fn auth_settings_change_only_what_is_sent() {
    let (stage, _data) = Stage::new().await;
    let project = stage.project("one").await;
    let path = format!("/projects/{}/config/auth", project.reference);
    let change = json!({ "site_url": "https://a.example", "smtp_pass": "canary-smtp" });
    let (status, changed) = answer(stage.management(Method::PATCH, &path).json(&change)).await;
    assert_eq!(
        (status, &changed["site_url"]),
        (200, &json!("https://a.example"))
    );
    let (_, read) = stage.get(&path).await;
    assert_eq!(read, changed);
    assert_eq!(
        (&read["mailer_otp_exp"], &read["jwt_exp"]),
        (&json!(3600), &json!(3600))
    );
    assert_ne!(read["smtp_pass"], "canary-smtp", "a secret is never shown");
    let wrong = json!({ "mailer_otp_exp": "soon" });
    assert_eq!(
        answer(stage.management(Method::PATCH, &path).json(&wrong))
            .await
            .0,
        400
    );
    stage.stop().await;
}

#[tokio::test]
async fn recovery_is_chosen_for_what_is_large_enough_and_taken_away() {
    let (stage, _data) = Stage::new().await;
    let project = stage.project("one").await;
    let path = format!("/projects/{}/billing/addons", project.reference);
    let choose = async |variant: &str| {
        let choice = json!({ "addon_type": "pitr", "addon_variant": variant });
        answer(stage.management(Method::PATCH, &path).json(&choice)).await
    };
    let (status, said) = choose("pitr_7").await;
    assert_eq!(status, 400, "a micro instance is too small: {said}");

    let large = json!({
        "name": "two", "organization_slug": ORGANIZATION, "db_pass": "canary-of-a-database",
        "region_selection": { "type": "specific", "code": "eu-north-1" }, "desired_instance_size": "small",
    });
    let (_, made) = stage.post("/projects", large).await;
    let path = format!("/projects/{}/billing/addons", made["ref"].as_str().unwrap());
    let choose = async |variant: &str| {
        let choice = json!({ "addon_type": "pitr", "addon_variant": variant });
        answer(stage.management(Method::PATCH, &path).json(&choice))
            .await
            .0
    };
    let chosen = async || {
        let (_, addons) = stage.get(&path).await;
        let all = addons["selected_addons"].as_array().unwrap().clone();
        let ids = all.into_iter().map(|one| one["variant"]["id"].clone());
        Value::Array(ids.collect())
    };
    assert_eq!(choose("pitr_3").await, 400, "no such variant");
    assert_eq!(choose("pitr_7").await, 200);
    assert_eq!(choose("pitr_14").await, 200);
    assert_eq!(
        chosen().await,
        json!(["ci_small", "pitr_14"]),
        "one at a time"
    );
    let remove = format!("{path}/pitr_14");
    for _ in 0..2 {
        // The vendor's document beside the project lacks this operation.
        let removed = stage.management(Method::DELETE, &remove).send().await;
        assert_eq!(removed.unwrap().status(), 200);
        assert_eq!(chosen().await, json!(["ci_small"]));
    }
    stage.stop().await;
}

#[tokio::test]
async fn an_instance_is_resized_and_never_below_what_recovery_takes() {
    let (stage, _data) = Stage::new().await;
    let project = stage.project("one").await;
    let path = format!("/projects/{}/billing/addons", project.reference);
    let choose = async |kind: &str, variant: &str| {
        let choice = json!({ "addon_type": kind, "addon_variant": variant });
        answer(stage.management(Method::PATCH, &path).json(&choice))
            .await
            .0
    };
    let size = "compute_instance";
    assert_eq!(choose(size, "ci_nano").await, 400, "no such variant");
    assert_eq!(choose(size, "ci_small").await, 200);
    assert_eq!(choose(size, "ci_small").await, 200, "as it is");
    assert_eq!(choose("pitr", "pitr_7").await, 200, "now it takes recovery");
    assert_eq!(choose(size, "ci_micro").await, 400, "and is kept for it");
    let remove = format!("{path}/pitr_7");
    let removed = stage.management(Method::DELETE, &remove).send().await;
    assert_eq!(removed.unwrap().status(), 200);
    assert_eq!(choose(size, "ci_micro").await, 200);
    let (_, addons) = stage.get(&path).await;
    let selected = addons["selected_addons"].as_array().unwrap();
    assert_eq!(selected.len(), 1, "{addons}");
    assert_eq!(selected[0]["variant"]["id"], "ci_micro");
    stage.stop().await;
}

#[tokio::test]
async fn the_pooler_tells_a_host_and_no_password() {
    let (stage, _data) = Stage::new().await;
    let project = stage.project("one").await;
    let path = format!("/projects/{}/config/database/pooler", project.reference);
    let (status, poolers) = stage.get(&path).await;
    assert_eq!(status, 200, "{poolers}");
    let string = poolers[0]["connection_string"].as_str().unwrap();
    assert!(string.contains(":[YOUR-PASSWORD]@aws-"), "{string}");
    stage.stop().await;
}

#[tokio::test]
async fn only_free_projects_are_paused_and_they_come_back() {
    let (stage, _data) = Stage::new().await;
    let project = stage.project("one").await;
    stage.sql(&project, "create table t as select 5 as n").await;
    let path = format!("/projects/{}", project.reference);
    let pause = format!("{path}/pause");
    assert_eq!(
        stage.post(&pause, json!({})).await.0,
        400,
        "not on a paid plan"
    );
    stage
        .control("accounts", json!({ "supabase": { "plan": "free" } }))
        .await;
    assert_eq!(stage.post(&pause, json!({})).await.0, 200);
    assert_eq!(stage.get(&path).await.1["status"], "INACTIVE");
    let health = stage.gateway(&project, &project.anon, Method::GET, "/auth/v1/health");
    assert_eq!(answer(health).await.0, 540);
    assert_eq!(
        stage.post(&format!("{path}/restore"), json!({})).await.0,
        200
    );
    assert_eq!(stage.get(&path).await.1["status"], "ACTIVE_HEALTHY");
    assert_eq!(
        stage.sql(&project, "select n from t").await.1,
        json!([{ "n": 5 }])
    );
    stage.stop().await;
}

#[tokio::test]
async fn the_121st_call_of_a_minute_has_to_wait() {
    let (stage, _data) = Stage::new().await;
    let (one, other) = (stage.project("one").await, stage.project("other").await);
    let call = async |project: &Ready| {
        let path = format!("/projects/{}", project.reference);
        stage.management(Method::GET, &path).send().await.unwrap()
    };
    for left in (0..120).rev() {
        let answer = call(&one).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["x-ratelimit-remaining"], left.to_string());
    }
    let refused = call(&one).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["x-ratelimit-limit"], "120");
    let reset: u64 = refused.headers()["x-ratelimit-reset"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&reset), "seconds from now, not {reset}");
    assert_eq!(call(&other).await.status(), 200, "each project has its own");
    stage.stop().await;
}
