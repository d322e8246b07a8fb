//! What was deployed answers, and shows that its parts are wired to each other.

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::json;

use crate::api::{cloud, repository};

#[tokio::test]
async fn a_site_shows_its_configuration_and_its_public_environment() {
    let (_folder, cloud) = cloud().await;
    let made = repository(&cloud, "akermark").await;
    let config =
        STANDARD.encode(json!({ "name": "Åkermark <Bygg>", "language": "sv" }).to_string());
    let file = json!({ "message": "x", "content": config });
    let path = "/repos/sandbox-agency/akermark/contents/client-config.json";
    cloud
        .vendor("github")
        .expect(201, Method::PUT, path, Some(&file))
        .await;
    let vercel = cloud.vendor("vercel");
    let team = format!("teamId={}", cloud.variable("FABRIK_VERCEL_TEAM"));
    let project = json!({
        "name": "akermark", "gitRepository": { "type": "github", "repo": made["full_name"] },
        "environmentVariables": [
            { "key": "NEXT_PUBLIC_GREETING", "value": "god dag", "type": "plain", "target": ["production"] },
            { "key": "SERVER_KEY", "value": "canary-server", "type": "encrypted", "target": ["production"] },
        ],
    });
    let project = vercel
        .post(200, &format!("/v11/projects?{team}"), project)
        .await;
    let host = vercel
        .get(&format!("/v9/projects/akermark/domains?{team}"))
        .await["domains"][0]["name"]
        .clone();
    let url = format!("http://{}", host.as_str().unwrap());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    assert_eq!(
        client.get(&url).send().await.unwrap().status(),
        404,
        "nothing is deployed yet"
    );
    let deployment = json!({
        "name": "akermark", "project": project["id"], "target": "production",
        "gitSource": { "type": "github", "repoId": made["id"], "ref": "main" },
    });
    vercel
        .post(200, &format!("/v13/deployments?{team}"), deployment)
        .await;
    let answer = client.get(&url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let page = answer.text().await.unwrap();
    assert!(
        page.contains("<h1>Åkermark &lt;Bygg&gt;</h1>") && page.contains("lang=\"sv\""),
        "{page}"
    );
    assert!(
        page.contains("god dag") && page.contains("SERVER_KEY") && !page.contains("canary-server")
    );
    let repository = client
        .get(made["html_url"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert!(
        repository
            .text()
            .await
            .unwrap()
            .contains("client-config.json"),
        "links lead somewhere"
    );
    cloud.stop().await;
}
