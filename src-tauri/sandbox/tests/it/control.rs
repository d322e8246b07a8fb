//! What the control endpoint does behind the owner's back: names that change, things that somebody else made,
//! tokens that see less than they did.

use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Api, Cloud, cloud};

async fn status(api: &Api, path: &str) -> u16 {
    let answer = api.attempt(Method::GET, path, None, &[]).await;
    answer.unwrap().status.as_u16()
}

/// A resource that somebody else made; its id.
async fn foreign(cloud: &Cloud, wish: Value) -> String {
    let made = cloud.steer("foreign", &wish).await;
    let id = made.get("ref").unwrap_or(&made["id"]);
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

fn team(cloud: &Cloud) -> String {
    format!("teamId={}", cloud.variable("FABRIK_VERCEL_TEAM"))
}

#[tokio::test]
async fn a_renamed_resource_keeps_its_id() {
    let (_folder, cloud) = cloud().await;
    let (supabase, github, vercel) = (
        cloud.vendor("supabase"),
        cloud.vendor("github"),
        cloud.vendor("vercel"),
    );
    let team = team(&cloud);
    let project = foreign(&cloud, json!({ "provider": "supabase", "name": "ett" })).await;
    let repository = foreign(&cloud, json!({ "provider": "github", "name": "ett" })).await;
    let site = foreign(&cloud, json!({ "provider": "vercel", "name": "ett" })).await;
    for (provider, id) in [
        ("supabase", &project),
        ("github", &repository),
        ("vercel", &site),
    ] {
        let wish = json!({ "provider": provider, "id": id, "name": "tva" });
        cloud.steer("rename", &wish).await;
    }
    let shown = supabase.get(&format!("/v1/projects/{project}")).await;
    assert_eq!(shown["name"], "tva");
    let shown = github.get(&format!("/repositories/{repository}")).await;
    assert_eq!(shown["full_name"], "sandbox-agency/tva");
    assert_eq!(
        status(&github, "/repos/sandbox-agency/ett").await,
        301,
        "the old name leads there"
    );
    let shown = vercel.get(&format!("/v9/projects/{site}?{team}")).await;
    assert_eq!(shown["name"], "tva");
    let old = format!("/v9/projects/ett?{team}");
    assert_eq!(status(&vercel, &old).await, 404, "there no name leads on");

    foreign(&cloud, json!({ "provider": "github", "name": "tre" })).await;
    for wish in [
        json!({ "provider": "github", "id": repository, "name": "tre" }),
        json!({ "provider": "vercel", "id": "prj_none", "name": "tre" }),
        json!({ "provider": "resend", "id": "1", "name": "tre" }),
    ] {
        let (status, answer) = cloud.try_to_steer("rename", &wish).await;
        assert_eq!(status, 400, "{wish}: {answer}");
    }
    cloud.stop().await;
}

#[tokio::test]
async fn what_somebody_else_made_is_there_and_complete() {
    let (_folder, cloud) = cloud().await;
    let (supabase, github, vercel) = (
        cloud.vendor("supabase"),
        cloud.vendor("github"),
        cloud.vendor("vercel"),
    );
    let team = team(&cloud);
    let project = foreign(
        &cloud,
        json!({ "provider": "supabase", "name": "akermark" }),
    )
    .await;
    let shown = supabase.get(&format!("/v1/projects/{project}")).await;
    assert_eq!(
        (&shown["name"], &shown["status"]),
        (&json!("akermark"), &json!("ACTIVE_HEALTHY"))
    );
    let twin = foreign(
        &cloud,
        json!({ "provider": "supabase", "name": "akermark" }),
    )
    .await;
    assert_ne!(twin, project, "names are not unique there");

    let wish = json!({ "provider": "github", "name": "akermark", "description": "somebody's [fabrik:a:b]" });
    cloud.steer("foreign", &wish).await;
    let shown = github.get("/repos/sandbox-agency/akermark").await;
    assert_eq!(shown["description"], "somebody's [fabrik:a:b]");
    github
        .get("/repos/sandbox-agency/akermark/branches/main")
        .await;
    let (status, _) = cloud.try_to_steer("foreign", &wish).await;
    assert_eq!(status, 400, "names are unique there");

    let wish = json!({ "provider": "gitea", "name": "client-backups" });
    cloud.steer("foreign", &wish).await;
    let copies = "/api/v1/repos/sandbox-owner/client-backups";
    let gitea = cloud.vendor("gitea");
    assert_eq!(gitea.get(copies).await["private"], true);
    gitea.get(&format!("{copies}/contents/README.md")).await;
    let (status, _) = cloud.try_to_steer("foreign", &wish).await;
    assert_eq!(status, 400, "names are unique there too");

    let wish = json!({ "provider": "vercel", "name": "akermark", "variables": { "FABRIK_MARK": "fabrik:a:b" } });
    cloud.steer("foreign", &wish).await;
    let shown = vercel
        .get(&format!("/v10/projects/akermark/env?{team}"))
        .await;
    let variable = &shown["envs"][0];
    assert_eq!(
        (&variable["key"], &variable["value"]),
        (&json!("FABRIK_MARK"), &json!("fabrik:a:b"))
    );
    cloud.stop().await;
}

#[tokio::test]
async fn a_narrowed_token_sees_what_it_was_given_and_a_revoked_one_nothing() {
    let (_folder, cloud) = cloud().await;
    let team = team(&cloud);
    let project = foreign(&cloud, json!({ "provider": "supabase", "name": "ett" })).await;
    foreign(&cloud, json!({ "provider": "github", "name": "ett" })).await;
    foreign(&cloud, json!({ "provider": "github", "name": "tva" })).await;
    let site = foreign(&cloud, json!({ "provider": "vercel", "name": "ett" })).await;
    // What each is asked for, what lets it see that, and what doesn't.
    let asked = [
        (
            "supabase",
            format!("/v1/projects/{project}"),
            json!([project]),
            json!(["anotherorganization"]),
            403,
        ),
        (
            "github",
            "/repos/sandbox-agency/ett".to_owned(),
            json!(["sandbox-agency/ett"]),
            json!(["sandbox-agency/tva"]),
            404,
        ),
        (
            "vercel",
            format!("/v9/projects/{site}?{team}"),
            json!([cloud.variable("FABRIK_VERCEL_TEAM")]),
            json!(["team_other"]),
            403,
        ),
    ];
    for (provider, path, enough, other, refusal) in asked {
        let api = cloud.vendor(provider);
        let set = async |change: Value| {
            let mut whole = json!({ "provider": provider, "token": api.token });
            whole
                .as_object_mut()
                .unwrap()
                .extend(change.as_object().unwrap().clone());
            cloud.steer("tokens", &whole).await;
        };
        assert_eq!(status(&api, &path).await, 200, "{provider}: everything");
        set(json!({ "only": enough })).await;
        assert_eq!(status(&api, &path).await, 200, "{provider}: enough");
        set(json!({ "only": other })).await;
        assert_eq!(status(&api, &path).await, refusal, "{provider}: another's");
        set(json!({ "only": null })).await;
        assert_eq!(
            status(&api, &path).await,
            200,
            "{provider}: everything again"
        );
        set(json!({ "revoked": true })).await;
        // Vercel says `forbidden` of a token that it doesn't know.
        let unknown = if provider == "vercel" { 403 } else { 401 };
        assert_eq!(status(&api, &path).await, unknown, "{provider}: revoked");
    }
    cloud.stop().await;
}
