//! What an undo and the isolation check call, against a server on this machine with Supabase's quirks.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    http::HeaderMap,
    response::IntoResponse,
    routing::{delete, get, patch, post},
};
use bytes::Bytes;
use fabrik_domain::{failure::Outcome, secret::Secret};
use http::{Request, Response, StatusCode};
use serde_json::{Map, Value, json};
use tower::{service_fn, util::BoxCloneSyncService};

use super::{Admin, Deletion, Management, NewUser, ProjectApi, Reach, sql_state};
use crate::{
    BaseUrl, Call, Http,
    testing::{MemorySecrets, clock, http, serve, token},
};

const REF: &str = "abcdefghijklmnopqrst";

async fn management(router: Router) -> Management {
    Management::new(http(), serve(router).await, token().await)
}

fn refusal(status: u16, message: &str) -> impl IntoResponse + use<> {
    let body = json!({ "message": message });
    (StatusCode::from_u16(status).unwrap(), Json(body))
}

fn page(references: &[&str]) -> Json<Value> {
    let projects: Vec<_> = references
        .iter()
        .map(|one| json!({"ref": one, "name": "n", "status": "ACTIVE_HEALTHY"}))
        .collect();
    let count = projects.len();
    Json(json!({"projects": projects, "pagination": {"count": count, "limit": 100, "offset": 0}}))
}

fn deleting(status: u16, message: &'static str) -> Router {
    let path = format!("/v1/projects/{REF}");
    Router::new().route(&path, delete(async move || refusal(status, message)))
}

#[tokio::test]
async fn what_became_of_a_deletion_is_told_apart() {
    let path = format!("/v1/projects/{REF}");
    let done = delete(async || Json(json!({"id": 1, "ref": REF, "name": "n"})));
    let management_of = management(Router::new().route(&path, done)).await;
    let deleted = management_of.delete_project(REF, "norrform").await;
    assert_eq!(deleted.unwrap(), Deletion::Deleted);
    for (status, message, expected) in [
        (400, "Resource has been removed", Deletion::AlreadyRemoved),
        (400, "Project not ready for deletion.", Deletion::NotReady),
    ] {
        let management = management(deleting(status, message)).await;
        let became = management.delete_project(REF, "norrform").await.unwrap();
        assert_eq!(became, expected, "{message}");
    }
    let failure = management(deleting(400, "No."))
        .await
        .delete_project(REF, "norrform")
        .await
        .unwrap_err();
    assert_eq!(failure.outcome, Outcome::Refused);
    let failure = management(deleting(500, ""))
        .await
        .delete_project(REF, "norrform")
        .await
        .unwrap_err();
    assert_eq!(
        failure.outcome,
        Outcome::Unknown,
        "it may be deleted by now"
    );
}

#[tokio::test]
async fn not_found_is_gone_only_where_the_organization_is_seen() {
    let list = "/v1/organizations/norrform/projects";
    for (listed, expected) in [
        (
            get(async || page(&["zzzzzzzzzzzzzzzzzzzz"])),
            Deletion::AlreadyRemoved,
        ),
        (get(async || page(&[REF])), Deletion::NotVisible),
        (
            get(async || refusal(403, "Forbidden")),
            Deletion::NotVisible,
        ),
        (
            get(async || refusal(404, "Not Found")),
            Deletion::NotVisible,
        ),
    ] {
        let router = deleting(404, "Project not found").route(list, listed);
        let became = management(router)
            .await
            .delete_project(REF, "norrform")
            .await;
        assert_eq!(became.unwrap(), expected);
    }
    let router = deleting(404, "Project not found").route(list, get(async || refusal(500, "")));
    assert!(
        management(router)
            .await
            .delete_project(REF, "norrform")
            .await
            .is_err(),
        "a list that can't be had says nothing"
    );
}

#[tokio::test]
async fn what_is_tried_in_sql_is_rolled_back() {
    let query = post(async |Json(body): Json<Value>| {
        (StatusCode::CREATED, Json(json!([{"sql": body["query"]}])))
    });
    let path = format!("/v1/projects/{REF}/database/query");
    let management = management(Router::new().route(&path, query)).await;
    for sql in ["select 1 as a", " select 1 as a; ", "select 1 as a -- why"] {
        let rows: Vec<Map<String, Value>> = management.rolled_back(REF, sql).await.unwrap();
        let sent = rows[0]["sql"].as_str().unwrap();
        let statement = sql.trim().trim_end_matches(';');
        assert_eq!(sent, format!("begin;\n{statement}\n;\nrollback;"));
    }
}

#[tokio::test]
async fn what_people_wrote_goes_beside_the_sql() {
    let query = post(async |Json(body): Json<Value>| {
        (StatusCode::CREATED, Json(json!([{ "sent": body }])))
    });
    let path = format!("/v1/projects/{REF}/database/query");
    let management = management(Router::new().route(&path, query)).await;
    let (sql, name) = ("select $1", "'; drop table members; --");
    let sent =
        |read_only: bool| json!({ "query": sql, "parameters": [name], "read_only": read_only });
    let parameters = [Value::from(name)];
    let rows: Vec<Map<String, Value>> = management.ask(REF, sql, &parameters).await.unwrap();
    assert_eq!(rows[0]["sent"], sent(true), "a look changes nothing");
    let rows: Vec<Map<String, Value>> = management.change(REF, sql, &parameters).await.unwrap();
    assert_eq!(rows[0]["sent"], sent(false));
}

#[tokio::test]
async fn sql_that_is_refused_says_its_state() {
    for (words, state) in [
        (
            "Failed to run sql query: ERROR:  42501: permission denied for table tasks\n",
            Some("42501"),
        ),
        (
            "Failed to run sql query: ERROR: 23505: duplicate key",
            Some("23505"),
        ),
        ("Failed to run sql query: ERROR:  no state: at all", None),
        ("Connection terminated", None),
    ] {
        let query = post(async move || refusal(400, words));
        let path = format!("/v1/projects/{REF}/database/query");
        let management = management(Router::new().route(&path, query)).await;
        let rows = management.rolled_back::<Map<String, Value>>(REF, "select 1");
        assert_eq!(sql_state(&rows.await.unwrap_err()), state, "{words}");
    }
}

#[tokio::test]
async fn settings_go_back_to_nothing_too() {
    let restore = patch(async |Json(body): Json<Value>| {
        assert_eq!(body, json!({"site_url": null, "mailer_otp_exp": 3600}));
        Json(json!({}))
    });
    let path = format!("/v1/projects/{REF}/config/auth");
    let management = management(Router::new().route(&path, restore)).await;
    let settings = json!({"site_url": null, "mailer_otp_exp": 3600});
    let Value::Object(settings) = settings else {
        panic!("it is an object")
    };
    management
        .restore_auth_config(REF, &settings)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_user_is_deleted_once_and_gone_only_by_auths_own_word() {
    let gone = json!({"code": 404, "error_code": "user_not_found", "msg": "User not found"});
    for (answer, expected) in [
        ((StatusCode::OK, Json(json!({}))), Some(true)),
        ((StatusCode::NOT_FOUND, Json(gone)), Some(false)),
        (
            (
                StatusCode::NOT_FOUND,
                Json(json!({"message": "no Route matched"})),
            ),
            None,
        ),
    ] {
        let router = Router::new().route("/auth/v1/admin/users/u1", delete(async || answer));
        let api = ProjectApi::new(http(), serve(router).await);
        let secrets = Arc::new(MemorySecrets::default());
        let admin = Admin::new(api, Secret::from("sb_secret_x"), secrets, None);
        assert_eq!(admin.delete_user("u1").await.ok(), expected);
    }
}

#[tokio::test]
async fn what_auth_says_is_too_much_is_waited_out() {
    for code in ["over_email_send_rate_limit", "over_request_rate_limit"] {
        let body = json!({"code": 429, "error_code": code, "msg": "rate limit"});
        let refused = post(async move || (StatusCode::TOO_MANY_REQUESTS, Json(body)));
        let router = Router::new().route("/auth/v1/admin/users", refused);
        let api = ProjectApi::new(http(), serve(router).await);
        let secrets = Arc::new(MemorySecrets::default());
        let admin = Admin::new(api, Secret::from("sb_secret_x"), secrets, None);
        let password = Secret::from("hunter2-hunter2");
        let user = NewUser {
            id: "u1",
            email: "anna@akermark.se",
            password: &password,
            email_confirm: true,
            user_metadata: Map::new(),
            app_metadata: Map::new(),
        };
        let failure = admin.create_user(&user).await.unwrap_err();
        let throttled = matches!(failure.outcome, Outcome::Throttled(_));
        assert!(throttled, "{code}: {:?}", failure.outcome);
        assert_eq!(failure.problem.code(), "throttled", "{code}");
    }
}

#[tokio::test]
async fn how_far_a_visitor_comes_is_told() {
    let code = |status: u16, code: &str| {
        let body = json!({"code": code, "message": "no"});
        (StatusCode::from_u16(status).unwrap(), Json(body))
    };
    let (denied, constraint) = (code(401, "42501"), code(400, "23502"));
    let (unknown, foreign) = (code(404, "PGRST205"), code(401, ""));
    let router = Router::new()
        .route("/rest/v1/open", get(async || Json(json!([{"a": 1}]))))
        .route(
            "/rest/v1/shut",
            get(async || Json(json!([]))).post(async || denied),
        )
        .route("/rest/v1/loose", post(async || constraint))
        .route("/rest/v1/wide", post(async || StatusCode::CREATED))
        .route("/rest/v1/none", get(async || unknown))
        .route("/rest/v1/foreign", get(async || foreign))
        .route(
            "/rest/v1/down",
            get(async || StatusCode::SERVICE_UNAVAILABLE),
        )
        .route("/rest/v1/rpc/run", post(async || Json(json!(1))));
    let api = ProjectApi::new(http(), serve(router).await);
    let key = Secret::from("sb_publishable_x");
    let visitor = api.visitor(&key);
    let row = Map::new();
    assert!(visitor.read("open").await.unwrap().is_inside());
    assert_eq!(visitor.read("shut").await.unwrap(), Reach::Nothing);
    let refused = |code: &str| Reach::Refused(code.to_owned());
    assert_eq!(visitor.write("shut", &row).await.unwrap(), refused("42501"));
    assert_eq!(visitor.read("none").await.unwrap(), refused("PGRST205"));
    assert!(matches!(
        visitor.read("foreign").await.unwrap(),
        Reach::Refused(_)
    ));
    assert!(
        visitor.write("loose", &row).await.unwrap().is_inside(),
        "only who may write comes to a constraint"
    );
    assert!(visitor.write("wide", &row).await.unwrap().is_inside());
    assert!(visitor.call("run", &row).await.unwrap().is_inside());
    assert!(matches!(
        visitor.call("missing", &row).await.unwrap(),
        Reach::Refused(_)
    ));
    assert!(visitor.read("down").await.is_err(), "no answer is no proof");
}

#[tokio::test]
async fn what_is_there_to_be_refused_is_said_to_be() {
    let tried = Arc::<Mutex<Vec<&[u16]>>>::default();
    let seen = Arc::clone(&tried);
    let transport = service_fn(move |request: Request<Bytes>| {
        seen.lock().unwrap().push(Call::of(&request).tries);
        let response = Response::new(Bytes::from_static(b"[]"));
        async { Ok(response) }
    });
    let http = Http::new(BoxCloneSyncService::new(transport), clock());
    let base = || BaseUrl::parse("http://127.0.0.1:1").unwrap();
    let management = Management::new(http.clone(), base(), token().await);
    let rows = management.rolled_back::<Map<String, Value>>(REF, "select 1");
    assert!(rows.await.unwrap().is_empty());
    let rows = management.read::<Map<String, Value>>(REF, "select 1");
    assert!(rows.await.unwrap().is_empty());
    let api = ProjectApi::new(http, base());
    let key = Secret::from("sb_publishable_x");
    api.visitor(&key).read("t").await.unwrap();
    let tried = tried.lock().unwrap();
    let [canary, question, visit] = tried.as_slice() else {
        panic!("{tried:?}")
    };
    assert!(
        canary.contains(&400) && !canary.contains(&401),
        "{canary:?}"
    );
    assert!(question.is_empty(), "what is asked is to be answered");
    assert!(visit.contains(&401) && !visit.contains(&429), "{visit:?}");
}

#[tokio::test]
async fn older_keys_go_as_a_bearer_too() {
    let echo = get(async |headers: HeaderMap| {
        let bearer = headers.get("authorization").map(|it| it.to_str().unwrap());
        let key = headers["apikey"].to_str().unwrap();
        match (key, bearer) {
            ("eyJa", Some("Bearer eyJa")) | ("sb_publishable_x", None) => Json(json!([])),
            other => panic!("{other:?}"),
        }
    });
    let api = ProjectApi::new(http(), serve(Router::new().route("/rest/v1/t", echo)).await);
    for key in ["eyJa", "sb_publishable_x"] {
        let key = Secret::from(key);
        let reach = api.visitor(&key).read("t").await.unwrap();
        assert_eq!(reach, Reach::Nothing);
    }
}
