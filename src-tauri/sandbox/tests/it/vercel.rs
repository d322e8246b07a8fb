//! Vercel's quirks.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Api, Cloud, cloud, repository};

/// A project linked to a repository of the same name.
async fn project(cloud: &Cloud, name: &str) -> (Api, String, Value) {
    let repository = repository(cloud, name).await;
    let vercel = cloud.vendor("vercel");
    let team = format!("teamId={}", cloud.variable("FABRIK_VERCEL_TEAM"));
    let body = json!({
        "name": name, "framework": "nextjs",
        "gitRepository": { "type": "github", "repo": repository["full_name"] },
        "environmentVariables": [
            { "key": "FABRIK_MARK", "value": "fabrik:test:customer", "type": "plain", "target": ["production"] },
        ],
    });
    let project = vercel
        .post(200, &format!("/v11/projects?{team}"), body)
        .await;
    assert_eq!(project["link"]["repoId"], repository["id"]);
    (vercel, team, project)
}

#[tokio::test]
async fn a_project_is_made_found_by_name_and_deleted() {
    let (_folder, cloud) = cloud().await;
    let (vercel, team, project) = project(&cloud, "akermark").await;
    assert_eq!(
        project["env"][0]["value"], "fabrik:test:customer",
        "a plain value can be read back"
    );
    let taken = vercel
        .post(
            409,
            &format!("/v11/projects?{team}"),
            json!({ "name": "akermark" }),
        )
        .await;
    assert!(
        taken["error"]["message"]
            .as_str()
            .unwrap()
            .contains("already exists")
    );
    let unknown = json!({ "name": "b", "colour": "red" });
    vercel
        .post(400, &format!("/v11/projects?{team}"), unknown)
        .await;
    let missing = json!({ "name": "b", "gitRepository": { "type": "github", "repo": "sandbox-agency/none" } });
    vercel
        .post(400, &format!("/v11/projects?{team}"), missing)
        .await;
    let found = vercel.get(&format!("/v9/projects/akermark?{team}")).await;
    assert_eq!(found["id"], project["id"]);
    vercel
        .expect(404, Method::GET, "/v9/projects/akermark", None)
        .await;
    vercel
        .expect(
            403,
            Method::GET,
            "/v9/projects/akermark?teamId=team_other",
            None,
        )
        .await;
    let listed = vercel.get(&format!("/v10/projects?{team}")).await;
    let listed = listed["projects"].as_array().unwrap().iter();
    let mut ids: Vec<_> = listed.map(|one| one["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    let shared = cloud.variable("FABRIK_VERCEL_PROJECT");
    let mut expected = [project["id"].as_str().unwrap(), shared.as_str()];
    expected.sort_unstable();
    assert_eq!(ids, expected, "beside the one that all customers share");
    vercel.get("/v2/user").await;
    assert_eq!(
        vercel.get("/v2/teams").await["teams"][0]["id"],
        cloud.variable("FABRIK_VERCEL_TEAM")
    );
    vercel
        .expect(
            204,
            Method::DELETE,
            &format!("/v9/projects/akermark?{team}"),
            None,
        )
        .await;
    vercel
        .expect(
            404,
            Method::DELETE,
            &format!("/v9/projects/akermark?{team}"),
            None,
        )
        .await;
    let wrong = vercel.with_token("wrong");
    assert_eq!(
        wrong.expect(403, Method::GET, "/v2/user", None).await["error"]["invalidToken"],
        true
    );
    cloud.stop().await;
}

#[tokio::test]
async fn a_missing_or_limited_app_is_seen_before_and_refused_after() {
    let (_folder, cloud) = cloud().await;
    repository(&cloud, "akermark").await;
    let vercel = cloud.vendor("vercel");
    let search = "/v1/integrations/search-repo?provider=github&query=akermark";
    assert_eq!(vercel.get(search).await["repos"][0]["name"], "akermark");
    assert_eq!(
        vercel
            .get("/v1/integrations/git-namespaces?provider=github")
            .await[0]["slug"],
        "sandbox-agency"
    );
    let link = json!({ "name": "a", "gitRepository": { "type": "github", "repo": "sandbox-agency/akermark" } });

    cloud
        .steer(
            "accounts",
            &json!({ "vercel": { "github_app": "limited" } }),
        )
        .await;
    assert_eq!(vercel.get(search).await["repos"], json!([]));
    assert_eq!(
        vercel.post(400, "/v11/projects", link.clone()).await["error"]["code"],
        "repo_not_found"
    );

    cloud
        .steer(
            "accounts",
            &json!({ "vercel": { "github_app": "missing" } }),
        )
        .await;
    assert_eq!(
        vercel.get(search).await["error"]["code"],
        "installation_not_found"
    );
    assert_eq!(
        vercel.get("/v1/integrations/git-namespaces").await,
        json!([])
    );
    vercel.post(400, "/v11/projects", link.clone()).await;

    cloud
        .steer("accounts", &json!({ "vercel": { "github_app": null } }))
        .await;
    vercel.post(200, "/v11/projects", link).await;
    cloud.stop().await;
}

#[tokio::test]
async fn upsert_wants_the_very_same_targets_and_keeps_the_type() {
    let (folder, cloud) = cloud().await;
    let (vercel, team, _) = project(&cloud, "miljo").await;
    let path = format!("/v10/projects/miljo/env?{team}");
    let upsert = format!("{path}&upsert=true");
    let variable = |value: &str, target: Value| json!({ "key": "URL", "value": value, "type": "encrypted", "target": target });
    vercel
        .post(
            201,
            &upsert,
            variable("one", json!(["production", "preview"])),
        )
        .await;
    let refused = vercel
        .post(400, &upsert, variable("two", json!(["production"])))
        .await;
    assert_eq!(refused["error"]["code"], "ENV_CONFLICT");
    vercel
        .post(
            201,
            &upsert,
            variable("two", json!(["preview", "production"])),
        )
        .await;
    vercel
        .post(
            400,
            &path,
            variable("three", json!(["preview", "production"])),
        )
        .await;
    let several = json!([
        { "key": "URL", "value": "x", "type": "plain", "target": ["preview"] },
        { "key": "KEY", "value": "canary-value", "type": "sensitive", "target": ["production"] },
    ]);
    let answer = vercel.post(201, &upsert, several).await;
    assert_eq!(
        answer["created"].as_array().unwrap().len(),
        1,
        "a 201 can hold failures"
    );
    assert_eq!(answer["failed"][0]["error"]["code"], "ENV_CONFLICT");
    let listed = vercel.get(&path).await;
    let shown = |key: &str| {
        listed["envs"]
            .as_array()
            .unwrap()
            .iter()
            .find(|env| env["key"] == key)
            .unwrap()
            .clone()
    };
    assert_eq!(
        shown("KEY")["value"],
        "",
        "a sensitive value is never shown"
    );
    assert_ne!(
        shown("URL")["value"],
        "two",
        "an encrypted value is not shown in the list"
    );
    let id = shown("URL")["id"].as_str().unwrap().to_owned();
    assert_eq!(
        vercel
            .get(&format!("/v1/projects/miljo/env/{id}?{team}"))
            .await["value"],
        "two"
    );
    vercel
        .expect(
            200,
            Method::DELETE,
            &format!("/v9/projects/miljo/env/{id}?{team}"),
            None,
        )
        .await;
    cloud.stop().await;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(
                !bytes.windows(12).any(|part| part == b"canary-value"),
                "{} holds a value",
                path.display()
            );
        }
    }
}

#[tokio::test]
async fn domains_are_listed_a_page_at_a_time() {
    let (_folder, cloud) = cloud().await;
    let (vercel, team, _) = project(&cloud, "sidor").await;
    let path = format!("/projects/sidor/domains?{team}");
    for name in ["a.sidor.example", "b.sidor.example"] {
        let wish = json!({ "name": name });
        vercel.post(200, &format!("/v10{path}"), wish).await;
    }
    let mut names = Vec::new();
    let mut until = String::new();
    loop {
        let page = vercel.get(&format!("/v9{path}&limit=1{until}")).await;
        let domains = page["domains"].as_array().unwrap();
        assert_eq!(domains.len(), 1, "{page}");
        names.push(domains[0]["name"].as_str().unwrap().to_owned());
        let Some(next) = page["pagination"]["next"].as_i64() else {
            break;
        };
        until = format!("&until={next}");
    }
    assert_eq!(names[..2], ["b.sidor.example", "a.sidor.example"]);
    assert!(names[2].ends_with("/_sites/sidor"), "{names:?}");
    assert_eq!(names.len(), 3);
    cloud.stop().await;
}

#[tokio::test]
async fn a_team_may_have_all_but_developments_variables_hidden() {
    let (_folder, cloud) = cloud().await;
    let switch = json!({ "vercel": { "sensitive_policy": true } });
    cloud.steer("accounts", &switch).await;
    let (vercel, team, project) = project(&cloud, "hemligt").await;
    assert_eq!(project["env"][0]["type"], "sensitive");
    assert_eq!(project["env"][0]["value"], "");
    let path = format!("/v10/projects/hemligt/env?{team}");
    for (target, kind) in [
        (json!(["development"]), "plain"),
        (json!(["preview"]), "sensitive"),
    ] {
        let wish = json!({ "key": "URL", "value": "x", "type": "plain", "target": target });
        let answer = vercel.post(201, &path, wish).await;
        assert_eq!(answer["created"]["type"], kind, "{answer}");
    }
    cloud.stop().await;
}

#[tokio::test]
async fn a_deployment_passes_through_its_states_and_takes_its_domain() {
    let (_folder, cloud) = cloud().await;
    let (vercel, team, project) = project(&cloud, "bygge").await;
    cloud
        .steer("latency", &json!({ "base": "none", "vercel.ready": 2 }))
        .await;
    let body = json!({
        "name": "bygge", "project": project["id"], "target": "production",
        "gitSource": { "type": "github", "repoId": project["link"]["repoId"], "ref": "main" },
    });
    let begun = vercel
        .post(
            200,
            &format!("/v13/deployments?forceNew=1&{team}"),
            body.clone(),
        )
        .await;
    assert_eq!(begun["readyState"], "QUEUED");
    let path = format!("/v13/deployments/{}?{team}", begun["id"].as_str().unwrap());
    let mut states = vec![begun["readyState"].clone()];
    while states.last() != Some(&json!("READY")) {
        // Asked without a pause, Vercel's limit a minute would answer.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let state = vercel.get(&path).await["readyState"].clone();
        if states.last() != Some(&state) {
            states.push(state);
        }
    }
    let order = ["QUEUED", "INITIALIZING", "BUILDING", "READY"].map(|state| json!(state));
    let seen = order
        .iter()
        .filter(|state| states.contains(state))
        .cloned()
        .collect::<Vec<_>>();
    assert_eq!(states, seen, "in this order, whichever a look at it meets");
    assert!(
        states.contains(&json!("BUILDING")),
        "most of the time it builds: {states:?}"
    );
    let domains = vercel
        .get(&format!("/v9/projects/bygge/domains?{team}"))
        .await;
    let host = domains["domains"][0]["name"].as_str().unwrap();
    assert!(host.ends_with("/_sites/bygge"), "{host}");
    assert_eq!(vercel.get(&path).await["alias"][0], host);
    let events = vercel
        .get(&format!(
            "/v3/deployments/{}/events?builds=1&{team}",
            begun["id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(events.as_array().unwrap().len(), 5);
    vercel
        .get(&format!(
            "/v7/deployments?projectId={}&{team}",
            project["id"].as_str().unwrap()
        ))
        .await;
    vercel.get(&format!("/v9/projects/bygge?{team}")).await;

    let mut wrong = body.clone();
    wrong["gitSource"]["ref"] = json!("nowhere");
    vercel
        .post(400, &format!("/v13/deployments?{team}"), wrong)
        .await;
    cloud
        .steer("accounts", &json!({ "vercel": { "builds_end": "error" } }))
        .await;
    cloud.steer("latency", &json!("none")).await;
    let failed = vercel
        .post(200, &format!("/v13/deployments?{team}"), body)
        .await;
    assert_eq!(
        (&failed["readyState"], &failed["errorCode"]),
        (&json!("ERROR"), &json!("BUILD_FAILED"))
    );
    cloud.stop().await;
}

#[tokio::test]
async fn a_push_to_a_linked_repository_deploys_too() {
    let (_folder, cloud) = cloud().await;
    let (vercel, team, project) = project(&cloud, "push").await;
    let list = format!(
        "/v7/deployments?projectId={}&{team}",
        project["id"].as_str().unwrap()
    );
    assert_eq!(
        vercel.get(&list).await["deployments"],
        json!([]),
        "linking alone deploys nothing"
    );
    let file = json!({ "message": "x", "content": "e30=" });
    let path = "/repos/sandbox-agency/push/contents/client-config.json";
    cloud
        .vendor("github")
        .expect(201, Method::PUT, path, Some(&file))
        .await;
    let deployments = vercel.get(&list).await["deployments"].clone();
    assert_eq!(
        (&deployments[0]["source"], &deployments[0]["target"]),
        (&json!("git"), &json!("production"))
    );
    cloud.stop().await;
}

#[tokio::test]
async fn what_is_not_paid_for_deploys_a_hundred_times_a_day_by_calls_and_pushes() {
    let (_folder, cloud) = cloud().await;
    let (vercel, team, project) = project(&cloud, "gratis").await;
    let deployments = format!("/v13/deployments?{team}");
    let hobby = json!({ "vercel": { "plan": "hobby" } });
    cloud.steer("accounts", &hobby).await;
    for _ in 0..100 {
        vercel.post(400, &deployments, json!({})).await;
    }
    let refused = vercel.post(402, &deployments, json!({})).await;
    assert_eq!(
        (
            &refused["error"]["code"],
            &refused["error"]["limit"]["total"]
        ),
        (&json!("api-deployments-free-per-day"), &json!(100))
    );
    let file = json!({ "message": "x", "content": "e30=" });
    let path = "/repos/sandbox-agency/gratis/contents/client-config.json";
    cloud
        .vendor("github")
        .expect(201, Method::PUT, path, Some(&file))
        .await;
    let id = project["id"].as_str().unwrap();
    let list = format!("/v7/deployments?projectId={id}&{team}");
    assert_eq!(vercel.get(&list).await["deployments"], json!([]));
    let pro = json!({ "vercel": { "plan": null } });
    cloud.steer("accounts", &pro).await;
    vercel.post(400, &deployments, json!({})).await;
    cloud.stop().await;
}

#[tokio::test]
async fn a_deployment_says_what_was_paid_for_and_is_blocked_where_that_is_nothing() {
    let (_folder, cloud) = cloud().await;
    let (vercel, team, project) = project(&cloud, "gratis").await;
    cloud.steer("latency", &json!("none")).await;
    let body = json!({
        "name": "gratis", "project": project["id"], "target": "production",
        "gitSource": { "type": "github", "repoId": project["link"]["repoId"], "ref": "main" },
    });
    let deployments = format!("/v13/deployments?{team}");
    for (plan, private, state) in [
        ("pro", true, "READY"),
        ("hobby", true, "BLOCKED"),
        ("hobby", false, "READY"),
    ] {
        let paid = json!({ "vercel": { "plan": plan } });
        cloud.steer("accounts", &paid).await;
        let changed = json!({ "private": private });
        let path = "/repos/sandbox-agency/gratis";
        cloud
            .vendor("github")
            .expect(200, Method::PATCH, path, Some(&changed))
            .await;
        let made = vercel.post(200, &deployments, body.clone()).await;
        let told = (&made["plan"], &made["readyState"]);
        assert_eq!(told, (&json!(plan), &json!(state)), "private: {private}");
        // It is what was paid for then, whatever is by now.
        cloud
            .steer("accounts", &json!({ "vercel": { "plan": null } }))
            .await;
        let path = format!("/v13/deployments/{}?{team}", made["id"].as_str().unwrap());
        assert_eq!(vercel.get(&path).await["plan"], plan);
    }
    cloud.stop().await;
}

#[tokio::test]
async fn a_domain_leads_nowhere_until_its_records_are_there() {
    let (_folder, cloud) = cloud().await;
    let (vercel, team, _) = project(&cloud, "doman").await;
    let domains = format!("/v10/projects/doman/domains?{team}");
    let one = |name: &str| format!("/v9/projects/doman/domains/{name}?{team}");
    let config = |name: &str| format!("/v6/domains/{name}/config?projectIdOrName=doman&{team}");
    let added = vercel
        .post(200, &domains, json!({ "name": "doman.norrform.se" }))
        .await;
    assert_eq!(
        (&added["verified"], &added["apexName"]),
        (&json!(true), &json!("norrform.se")),
        "nobody else has it, so nothing must be proved"
    );
    let wanted = vercel.get(&config("doman.norrform.se")).await;
    assert_eq!(
        (&wanted["misconfigured"], &wanted["configuredBy"]),
        (&json!(true), &Value::Null),
        "but it leads nowhere"
    );
    assert!(
        wanted["recommendedCNAME"][0]["value"].is_string(),
        "{wanted}"
    );
    let twice = vercel
        .post(409, &domains, json!({ "name": "doman.norrform.se" }))
        .await;
    assert_eq!(twice["error"]["code"], "domain_already_in_use");
    vercel
        .post(400, &domains, json!({ "name": "no domain" }))
        .await;

    // One record for all names below, one for a name alone, and a bare name.
    let points = json!({ "domain": "*.norrform.se", "points": true });
    cloud.steer("dns", &points).await;
    let configured = async |name: &str| {
        let config = vercel.get(&config(name)).await;
        (
            config["misconfigured"].clone(),
            config["configuredBy"].clone(),
        )
    };
    assert_eq!(
        configured("doman.norrform.se").await,
        (json!(false), json!("CNAME"))
    );
    assert_eq!(configured("norrform.se").await, (json!(true), Value::Null));
    cloud
        .steer("dns", &json!({ "domain": "norrform.se", "points": true }))
        .await;
    assert_eq!(configured("norrform.se").await, (json!(false), json!("A")));
    cloud
        .steer("dns", &json!({ "domain": "doman.norrform.se" }))
        .await;
    assert_eq!(
        configured("doman.norrform.se").await.0,
        json!(true),
        "a record of its own wins over the one for all"
    );

    vercel
        .expect(200, Method::DELETE, &one("doman.norrform.se"), None)
        .await;
    for method in [Method::GET, Method::DELETE] {
        vercel
            .expect(404, method, &one("doman.norrform.se"), None)
            .await;
    }
    cloud.stop().await;
}

#[tokio::test]
async fn a_domain_of_another_account_must_be_proved() {
    let (_folder, cloud) = cloud().await;
    let (vercel, team, _) = project(&cloud, "bevis").await;
    let elsewhere = json!({ "vercel": { "domains_elsewhere": ["norrform.se"] } });
    cloud.steer("accounts", &elsewhere).await;
    let domains = format!("/v10/projects/bevis/domains?{team}");
    let added = vercel
        .post(200, &domains, json!({ "name": "bevis.norrform.se" }))
        .await;
    assert_eq!(added["verified"], false);
    let challenge = &added["verification"][0];
    assert_eq!(
        (&challenge["type"], &challenge["domain"]),
        (&json!("TXT"), &json!("_vercel.norrform.se"))
    );
    let one = format!("/v9/projects/bevis/domains/bevis.norrform.se?{team}");
    let verify = format!("/v9/projects/bevis/domains/bevis.norrform.se/verify?{team}");
    let missing = vercel.expect(400, Method::POST, &verify, None).await;
    assert_eq!(missing["error"]["code"], "missing_txt_record");
    assert_eq!(
        vercel.get(&one).await["verification"],
        added["verification"],
        "the same challenge each time"
    );
    let challenge = json!({ "domain": "bevis.norrform.se", "challenge": true });
    cloud.steer("dns", &challenge).await;
    assert_eq!(
        vercel.get(&one).await["verified"],
        false,
        "nobody has looked yet"
    );
    for turn in ["once", "twice"] {
        let proved = vercel.expect(200, Method::POST, &verify, None).await;
        assert_eq!(proved["verified"], true, "{turn}");
    }
    assert!(vercel.get(&one).await.get("verification").is_none());

    let other = json!({ "name": "annan" });
    vercel
        .post(200, &format!("/v11/projects?{team}"), other)
        .await;
    let taken = vercel
        .post(
            409,
            &format!("/v10/projects/annan/domains?{team}"),
            json!({ "name": "bevis.norrform.se" }),
        )
        .await;
    assert!(
        taken["error"]["message"]
            .as_str()
            .unwrap()
            .contains("another project")
    );
    cloud.stop().await;
}
