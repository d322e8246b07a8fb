//! Tables over REST, under row-level security.

use super::*;

const SCHEMA: &str = "
    create table members (
      id uuid primary key references auth.users (id),
      name text not null,
      role text not null default 'member'
    );
    grant all on members to anon, authenticated, service_role;
    alter table members enable row level security;
    create policy own on members for select to authenticated using (id = (select auth.uid()));
";

/// A project with the table, and two users in it.
async fn with_members(stage: &Stage) -> Ready {
    let project = stage.project("one").await;
    let (status, answer) = stage.sql(&project, SCHEMA).await;
    assert_eq!(status, 201, "{answer}");
    for name in ["anna", "bo"] {
        let body = json!({ "email": format!("{name}@example.com"), "password": format!("password-of-{name}"),
            "email_confirm": true });
        let (status, user) = stage
            .admin(&project, Method::POST, "/admin/users", body)
            .await;
        assert_eq!(status, 200, "{user}");
        let row = json!({ "id": user["id"], "name": name });
        let call = stage.gateway(&project, &project.secret, Method::POST, "/rest/v1/members");
        let call = call.header("prefer", "return=representation").json(&row);
        let (status, made) = super::answer(call).await;
        assert_eq!(
            (status, &made[0]["role"]),
            (201, &json!("member")),
            "{made}"
        );
    }
    project
}

#[tokio::test]
async fn policies_hold_for_whoever_the_key_and_token_say() {
    let (stage, _data) = Stage::new().await;
    let project = with_members(&stage).await;
    let (_, session) = stage
        .sign_in(&project, "anna@example.com", "password-of-anna")
        .await;
    let token = session["access_token"].as_str().unwrap();
    let read = |key: &str| {
        let path = "/rest/v1/members?select=name&order=name";
        stage.gateway(&project, key, Method::GET, path)
    };
    let both = json!([{ "name": "anna" }, { "name": "bo" }]);
    assert_eq!(
        answer(read(&project.publishable).bearer_auth(token)).await,
        (200, json!([{ "name": "anna" }]))
    );
    assert_eq!(
        answer(read(&project.publishable)).await,
        (200, json!([])),
        "nobody has signed in"
    );
    assert_eq!(
        answer(read(&project.anon).bearer_auth(&project.anon)).await,
        (200, json!([]))
    );
    assert_eq!(answer(read(&project.secret)).await, (200, both.clone()));
    assert_eq!(
        answer(read(&project.service).bearer_auth(&project.service)).await,
        (200, both)
    );

    let (status, bearer) = answer(read(&project.secret).bearer_auth(&project.secret)).await;
    assert_eq!(
        (status, &bearer["code"]),
        (401, &json!("PGRST301")),
        "a secret key is no bearer"
    );
    let forged = format!("{}x", &token[..token.len() - 1]);
    assert_eq!(
        answer(read(&project.publishable).bearer_auth(forged))
            .await
            .0,
        401
    );

    let row = json!({ "id": session["user"]["id"], "name": "again" });
    let insert = |key: &str| {
        stage
            .gateway(&project, key, Method::POST, "/rest/v1/members")
            .json(&row)
    };
    let (status, refused) = answer(insert(&project.publishable).bearer_auth(token)).await;
    assert_eq!((status, &refused["code"]), (403, &json!("42501")));
    assert_eq!(
        answer(insert(&project.publishable)).await.0,
        401,
        "nobody may not either"
    );
    let (status, twice) = answer(insert(&project.secret)).await;
    assert_eq!((status, &twice["code"]), (409, &json!("23505")));
    stage.stop().await;
}

#[tokio::test]
async fn rows_are_filtered_changed_and_deleted() {
    let (stage, _data) = Stage::new().await;
    let project = with_members(&stage).await;
    let call = |method, query: &str| {
        stage.gateway(
            &project,
            &project.secret,
            method,
            &format!("/rest/v1/members{query}"),
        )
    };
    let names = |rows: &Value| -> Vec<String> {
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names(&answer(call(Method::GET, "?name=eq.bo")).await.1),
        ["bo"]
    );
    assert_eq!(
        names(
            &answer(call(Method::GET, "?order=name.desc&limit=1"))
                .await
                .1
        ),
        ["bo"]
    );
    let single =
        call(Method::GET, "?name=eq.anna").header("accept", "application/vnd.pgrst.object+json");
    assert_eq!(answer(single).await.1["name"], "anna");
    let none =
        call(Method::GET, "?name=eq.x").header("accept", "application/vnd.pgrst.object+json");
    assert_eq!(answer(none).await.0, 406);

    let owner = call(Method::PATCH, "?name=eq.anna").header("prefer", "return=representation");
    let (status, changed) = answer(owner.json(&json!({ "role": "owner" }))).await;
    assert_eq!(
        (status, &changed[0]["role"], &changed[1]),
        (200, &json!("owner"), &Value::Null)
    );
    assert_eq!(answer(call(Method::DELETE, "?name=eq.bo")).await.0, 204);
    assert_eq!(names(&answer(call(Method::GET, "")).await.1), ["anna"]);

    let unknown = stage.gateway(&project, &project.secret, Method::GET, "/rest/v1/nowhere");
    assert_eq!(answer(unknown).await.0, 404);
    assert_eq!(answer(call(Method::GET, "?nothing=eq.1")).await.0, 400);
    assert_eq!(answer(call(Method::GET, "?id=eq.no-uuid")).await.0, 400);
    stage.stop().await;
}
