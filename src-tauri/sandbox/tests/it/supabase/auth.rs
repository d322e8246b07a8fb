//! Sign-in of a project: users, links, tokens.

use super::*;

const ID: &str = "0197d4a0-0000-4000-8000-000000000001";

async fn anna(stage: &Stage, project: &Ready) -> (u16, Value) {
    let body = json!({
        "id": ID, "email": "Anna@Example.com", "password": "canary-password", "email_confirm": true,
        "user_metadata": { "name": "Anna" },
    });
    stage
        .admin(project, Method::POST, "/admin/users", body)
        .await
}

#[tokio::test]
async fn users_are_made_listed_changed_and_deleted() {
    let (stage, _data) = Stage::new().await;
    let project = stage.project("one").await;
    let (status, user) = anna(&stage, &project).await;
    assert_eq!(
        (status, &user["id"], &user["email"]),
        (200, &json!(ID), &json!("anna@example.com"))
    );
    assert_eq!(user["user_metadata"]["name"], "Anna");
    let (status, taken) = anna(&stage, &project).await;
    assert_eq!(
        (status, &taken["error_code"]),
        (422, &json!("email_exists"))
    );

    let list = stage.gateway(
        &project,
        &project.secret,
        Method::GET,
        "/auth/v1/admin/users",
    );
    let list = list.send().await.unwrap();
    assert_eq!(list.headers()["x-total-count"], "1");
    let (_, rows) = stage
        .sql(&project, "select id, encrypted_password from auth.users")
        .await;
    assert_eq!(rows[0]["id"], ID, "it is in the project's own auth.users");
    assert!(
        rows[0]["encrypted_password"]
            .as_str()
            .unwrap()
            .starts_with("$2"),
        "hashed"
    );

    let path = format!("/admin/users/{ID}");
    let ban = json!({ "ban_duration": "876000h" });
    assert_eq!(stage.admin(&project, Method::PUT, &path, ban).await.0, 200);
    let (status, banned) = stage
        .sign_in(&project, "anna@example.com", "canary-password")
        .await;
    assert_eq!(
        (status, &banned["error_code"]),
        (400, &json!("user_banned"))
    );
    stage
        .admin(
            &project,
            Method::PUT,
            &path,
            json!({ "ban_duration": "none" }),
        )
        .await;
    assert_eq!(
        stage
            .sign_in(&project, "anna@example.com", "canary-password")
            .await
            .0,
        200
    );

    let gone = stage
        .admin(&project, Method::DELETE, &path, json!({}))
        .await;
    assert_eq!(gone, (200, json!({})));
    let (status, missing) = stage.admin(&project, Method::GET, &path, json!({})).await;
    assert_eq!(
        (status, &missing["error_code"]),
        (404, &json!("user_not_found"))
    );
    stage.stop().await;
}

#[tokio::test]
async fn only_the_server_key_administers() {
    let (stage, _data) = Stage::new().await;
    let project = stage.project("one").await;
    let path = "/auth/v1/admin/users";
    let call = |key: &str| stage.gateway(&project, key, Method::GET, path);
    assert_eq!(answer(call(&project.secret)).await.0, 200);
    assert_eq!(
        answer(call(&project.service).bearer_auth(&project.service))
            .await
            .0,
        200
    );
    let (status, denied) = answer(call(&project.publishable)).await;
    assert_eq!((status, &denied["error_code"]), (403, &json!("not_admin")));
    let (status, denied) = answer(call(&project.secret).bearer_auth(&project.secret)).await;
    assert_eq!(
        (status, &denied["error_code"]),
        (403, &json!("bad_jwt")),
        "it is no bearer token"
    );
    let browser = call(&project.secret).header("user-agent", "Mozilla/5.0 (X11)");
    assert_eq!(answer(browser).await.0, 401);
    assert_eq!(answer(call("sb_secret_wrong")).await.0, 401);
    let bare = stage.request(
        Method::GET,
        &format!("/_projects/{}{path}", project.reference),
    );
    assert_eq!(answer(bare).await.0, 401);
    let other = stage.project("other").await;
    assert_eq!(
        answer(call(&other.secret)).await.0,
        401,
        "each project has its own keys"
    );

    stage
        .control(
            "accounts",
            json!({ "supabase": { "secret_key_cannot_write": true } }),
        )
        .await;
    let (status, denied) = anna(&stage, &project).await;
    assert_eq!((status, &denied["error_code"]), (403, &json!("bad_jwt")));
    assert_eq!(
        answer(call(&project.secret)).await.0,
        200,
        "reading still works"
    );
    stage.stop().await;
}

#[tokio::test]
async fn a_link_lets_its_user_in_once() {
    let (stage, _data) = Stage::new().await;
    let project = stage.project("one").await;
    let settings = json!({ "site_url": "https://site.example", "uri_allow_list": "https://*.site.example/**" });
    let path = format!("/projects/{}/config/auth", project.reference);
    answer(stage.management(Method::PATCH, &path).json(&settings)).await;

    let ask = |redirect: &str| json!({ "type": "invite", "email": "eva@example.com", "redirect_to": redirect });
    let generate = "/admin/generate_link";
    let (_, evil) = stage
        .admin(
            &project,
            Method::POST,
            generate,
            ask("https://evil.example/"),
        )
        .await;
    assert_eq!(
        evil["redirect_to"], "https://site.example",
        "only where the settings allow"
    );
    let (status, link) = stage
        .admin(
            &project,
            Method::POST,
            generate,
            ask("https://eva.site.example/welcome"),
        )
        .await;
    assert_eq!(
        (status, &link["verification_type"]),
        (200, &json!("invite"))
    );

    let follow = async |link: &Value| {
        let answer = stage
            .client
            .get(link["action_link"].as_str().unwrap())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 303);
        answer.headers()["location"].to_str().unwrap().to_owned()
    };
    assert!(
        follow(&evil).await.contains("error_code=otp_expired"),
        "the newer link replaced it"
    );
    let landed = follow(&link).await;
    let (site, fragment) = landed.split_once('#').unwrap();
    assert_eq!(site, "https://eva.site.example/welcome");
    let fragment: std::collections::HashMap<_, _> =
        url::form_urlencoded::parse(fragment.as_bytes())
            .into_owned()
            .collect();
    assert_eq!(fragment["type"], "invite");
    let me = stage.gateway(&project, &project.publishable, Method::GET, "/auth/v1/user");
    let (status, me) = answer(me.bearer_auth(&fragment["access_token"])).await;
    assert_eq!((status, &me["email"]), (200, &json!("eva@example.com")));
    assert!(
        me["email_confirmed_at"].is_string(),
        "the link proved the address"
    );
    assert!(
        follow(&link).await.contains("error_code=otp_expired"),
        "a link works once"
    );

    // The new user sets a password and signs in with it.
    let change = stage.gateway(&project, &project.publishable, Method::PUT, "/auth/v1/user");
    let change = change
        .bearer_auth(&fragment["access_token"])
        .json(&json!({ "password": "chosen-by-eva" }));
    assert_eq!(answer(change).await.0, 200);
    let (status, session) = stage
        .sign_in(&project, "eva@example.com", "chosen-by-eva")
        .await;
    assert_eq!(status, 200, "{session}");
    let (status, taken) = stage.admin(&project, Method::POST, generate, ask("")).await;
    assert_eq!(
        (status, &taken["error_code"]),
        (422, &json!("email_exists"))
    );
    let code = json!({ "type": "recovery", "email": "eva@example.com" });
    let (_, recovery) = stage.admin(&project, Method::POST, generate, code).await;
    let typed =
        json!({ "type": "recovery", "email": "eva@example.com", "token": recovery["email_otp"] });
    let verify = stage.gateway(
        &project,
        &project.publishable,
        Method::POST,
        "/auth/v1/verify",
    );
    assert_eq!(
        answer(verify.json(&typed)).await.0,
        200,
        "the code works as the link does"
    );
    stage.stop().await;
}

#[tokio::test]
async fn sessions_begin_with_a_password_are_renewed_and_end() {
    let (stage, _data) = Stage::new().await;
    let project = stage.project("one").await;
    anna(&stage, &project).await;
    let (status, wrong) = stage
        .sign_in(&project, "anna@example.com", "wrong-password")
        .await;
    assert_eq!(
        (status, &wrong["error_code"]),
        (400, &json!("invalid_credentials"))
    );
    let (_, session) = stage
        .sign_in(&project, "ANNA@example.com", "canary-password")
        .await;
    assert_eq!(
        (&session["token_type"], &session["expires_in"]),
        (&json!("bearer"), &json!(3600))
    );

    let renew = async |session: &Value| {
        let path = "/auth/v1/token?grant_type=refresh_token";
        let call = stage.gateway(&project, &project.publishable, Method::POST, path);
        answer(call.json(&json!({ "refresh_token": session["refresh_token"] }))).await
    };
    let (status, renewed) = renew(&session).await;
    assert_eq!(status, 200, "{renewed}");
    assert_eq!(renew(&session).await.0, 400, "a token renews once");

    let with = |method, path: &str| {
        let call = stage.gateway(&project, &project.publishable, method, path);
        call.bearer_auth(renewed["access_token"].as_str().unwrap())
    };
    assert_eq!(answer(with(Method::GET, "/auth/v1/user")).await.0, 200);
    assert_eq!(answer(with(Method::POST, "/auth/v1/logout")).await.0, 204);
    let (status, ended) = answer(with(Method::GET, "/auth/v1/user")).await;
    assert_eq!(
        (status, &ended["error_code"]),
        (403, &json!("session_not_found"))
    );
    stage.stop().await;
}

#[tokio::test]
async fn invitations_need_a_mail_server_of_ones_own() {
    let (stage, _data) = Stage::new().await;
    let project = stage.project("one").await;
    let invite = json!({ "email": "eva@example.com" });
    let (status, refused) = stage
        .admin(&project, Method::POST, "/invite", invite.clone())
        .await;
    assert_eq!(
        (status, &refused["error_code"]),
        (400, &json!("email_address_not_authorized"))
    );
    let path = format!("/projects/{}/config/auth", project.reference);
    let smtp = json!({ "smtp_host": "smtp.example.com" });
    answer(stage.management(Method::PATCH, &path).json(&smtp)).await;
    let (status, invited) = stage.admin(&project, Method::POST, "/invite", invite).await;
    assert_eq!(status, 200, "{invited}");
    assert!(invited["invited_at"].is_string());
    let settings = json!({ "email": "eva@example.com", "password": "anything" });
    let (status, _) = stage.sign_in(&project, "eva@example.com", "anything").await;
    assert_eq!(status, 400, "no password was set: {settings}");
    stage.stop().await;
}

#[tokio::test]
async fn mails_and_followed_links_of_a_project_are_counted() {
    let (stage, _data) = Stage::new().await;
    let project = stage.project("one").await;
    let invite = async |name: &str| {
        let body = json!({ "email": format!("{name}@{}", fabrik_sandbox::MAIL_DOMAIN) });
        stage.admin(&project, Method::POST, "/invite", body).await
    };
    for name in ["one", "two"] {
        assert_eq!(invite(name).await.0, 200);
    }
    let (status, refused) = invite("three").await;
    assert_eq!(
        (status, &refused["error_code"]),
        (429, &json!("over_email_send_rate_limit"))
    );
    let users = stage.admin(&project, Method::GET, "/admin/users", json!({}));
    let users = users.await.1["users"].clone();
    assert_eq!(users.as_array().unwrap().len(), 2, "nobody without a mail");
    let path = format!("/projects/{}/config/auth", project.reference);
    let smtp = json!({ "smtp_host": "smtp.example.com", "rate_limit_email_sent": 3 });
    answer(stage.management(Method::PATCH, &path).json(&smtp)).await;
    for (name, expected) in [("three", 200), ("four", 429)] {
        assert_eq!(invite(name).await.0, expected, "{name}");
    }

    let follow = async || {
        let path = "/auth/v1/verify";
        let call = stage.gateway(&project, &project.publishable, Method::POST, path);
        answer(call.json(&json!({ "type": "recovery", "token_hash": "none" }))).await
    };
    for _ in 0..30 {
        assert_eq!(follow().await.0, 403);
    }
    let (status, refused) = follow().await;
    assert_eq!(
        (status, &refused["error_code"]),
        (429, &json!("over_request_rate_limit"))
    );
    stage.stop().await;
}
