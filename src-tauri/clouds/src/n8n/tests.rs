//! n8n's quirks, against a server on this machine that has them.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{Path, Query},
    http::HeaderMap,
    response::IntoResponse,
    routing::{delete, get, patch, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fabrik_domain::{
    Cause,
    failure::Outcome,
    ports::Secrets,
    secret::{Secret, SecretRef},
};
use http::StatusCode;
use serde_json::{Value, json};

use super::{N8n, NEEDED, NewCredential, NewWorkflow};
use crate::{
    Token,
    testing::{MemorySecrets, TOKEN, answering, http, serve, token},
};

async fn n8n(router: Router) -> N8n {
    let router = Router::new().nest("/api/v1", router);
    N8n::new(http(), serve(router).await, token().await)
}

fn no(status: u16, message: &str) -> impl IntoResponse + use<> {
    let body = Json(json!({ "message": message }));
    (StatusCode::from_u16(status).unwrap(), body)
}

fn workflow(id: &str, name: &str) -> Value {
    json!({
        "id": id, "name": name, "active": false, "isArchived": false, "nodes": [], "connections": {},
        "settings": {}, "updatedAt": "…", "versionId": "v",
    })
}

#[tokio::test]
async fn the_key_goes_in_its_own_header_and_lists_come_in_pages() {
    let list = get(async |headers: HeaderMap, Query(query): Query<Value>| {
        assert_eq!(headers["x-n8n-api-key"], TOKEN);
        assert!(!headers.contains_key("authorization"), "and in no other");
        assert_eq!(query["name"], "fabrik:1", "the server filters");
        Json(match query["cursor"].as_str() {
            None => json!({"data": [workflow("1", "A [fabrik:1/a]")], "nextCursor": "c"}),
            Some(_) => {
                json!({"data": [workflow("2", "B [fabrik:1/b]"), workflow("3", "C")], "nextCursor": null})
            }
        })
    });
    let n8n = n8n(Router::new().route("/workflows", list)).await;
    let found = n8n.workflows("fabrik:1").await.unwrap();
    let ids: Vec<_> = found.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["1", "2"], "a version that doesn't filter gives more");
}

#[tokio::test]
async fn an_older_server_is_asked_for_no_more_than_it_knows() {
    // As now, as 1.x of before 2025, as before there was the name, and as one that refuses whatever it is asked.
    let (pinned, named) = ("excludePinnedData", "name");
    for (unknown, expected) in [
        (vec![], Ok(1)),
        (vec![pinned], Ok(2)),
        (vec![named, pinned], Ok(3)),
        (vec![named, pinned, "limit"], Err(3)),
    ] {
        let asked = Arc::<Mutex<u32>>::default();
        let (count, refused) = (Arc::clone(&asked), unknown.clone());
        let answer = move |query: &Value, body: Value| {
            *count.lock().unwrap() += 1;
            match refused.iter().find(|name| !query[**name].is_null()) {
                Some(name) => no(400, &format!("Unknown query parameter '{name}'")).into_response(),
                None => Json(body).into_response(),
            }
        };
        let (of_list, of_one) = (answer.clone(), answer);
        let list = get(async move |Query(query): Query<Value>| {
            let all = [workflow("1", "A [fabrik:1/a]"), workflow("2", "B")];
            of_list(&query, json!({ "data": all, "nextCursor": null }))
        });
        let one = get(async move |Query(query): Query<Value>| {
            of_one(&query, workflow("1", "A [fabrik:1/a]"))
        });
        let router = Router::new()
            .route("/workflows", list)
            .route("/workflows/{id}", one);
        let n8n = n8n(router).await;
        let listed = n8n.workflows("fabrik:1").await;
        let calls = *asked.lock().unwrap();
        match &listed {
            Ok(found) => assert_eq!((found.len(), Ok(calls)), (1, expected), "{unknown:?}"),
            Err(failure) => {
                assert_eq!(failure.outcome, Outcome::Refused);
                assert_eq!(Err(calls), expected, "{unknown:?}");
            }
        }
        let read = n8n.workflow("1").await.unwrap().unwrap();
        assert_eq!(read.listed.id, "1", "{unknown:?}");
    }
    // What fails otherwise is not asked for again.
    let asked = Arc::<Mutex<u32>>::default();
    let count = Arc::clone(&asked);
    let list = get(async move || {
        *count.lock().unwrap() += 1;
        no(422, "no")
    });
    let refuses = n8n(Router::new().route("/workflows", list)).await;
    refuses.workflows("fabrik:1").await.unwrap_err();
    assert_eq!(*asked.lock().unwrap(), 1);
}

/// As a version answers that doesn't know the filter: three pages of some 7 MiB.
async fn with_long_pages(long_names: bool) -> N8n {
    let list = get(async move |Query(query): Query<Value>| {
        let (number, next) = match query["cursor"].as_str() {
            None => ("1", Some("b")),
            Some("b") => ("2", Some("c")),
            Some(_) => ("3", None),
        };
        let long = "x".repeat(7 * 1024 * 1024);
        let mut one = workflow(number, &format!("A [fabrik:{number}/a]"));
        if long_names {
            one["name"] = long.into();
        } else {
            one["nodes"] = json!([{"parameters": long}]);
        }
        Json(json!({"data": [one], "nextCursor": next}))
    });
    n8n(Router::new().route("/workflows", list)).await
}

#[tokio::test]
async fn of_a_long_list_only_what_is_kept_takes_room() {
    let n8n = with_long_pages(false).await;
    let found = n8n.workflows("fabrik:3").await.unwrap();
    assert_eq!(found.len(), 1, "behind all that others have");
    let endless = with_long_pages(true).await;
    let failure = endless.workflows("x").await.unwrap_err();
    assert_eq!(failure.problem.code(), "answer_unreadable");
    let found = endless.workflows("fabrik:3").await.unwrap();
    assert_eq!(found, [], "what is not asked for is dropped");
}

#[tokio::test]
async fn a_list_that_is_not_read_to_its_end_is_none() {
    // A page more each time, and the same page again and again.
    for step in [1, 0] {
        let list = get(async move |Query(query): Query<Value>| {
            let page: u32 = query["cursor"]
                .as_str()
                .map_or(1, |page| page.parse().unwrap());
            let one = workflow(&page.to_string(), "A [fabrik:1/a]");
            Json(json!({"data": [one], "nextCursor": (page + step).to_string()}))
        });
        let n8n = n8n(Router::new().route("/workflows", list)).await;
        let failure = n8n.workflows("fabrik:1").await.unwrap_err();
        assert_eq!(failure.problem.code(), "answer_unreadable", "{step}");
    }
}

#[tokio::test]
async fn an_export_leaves_out_what_changes_by_itself() {
    let one = get(async |Path(id): Path<String>| match id.as_str() {
        "1" => Json(workflow("1", "A")).into_response(),
        _ => no(404, "Not Found").into_response(),
    });
    let n8n = n8n(Router::new().route("/workflows/{id}", one)).await;
    let found = n8n.workflow("1").await.unwrap().unwrap();
    let expected = json!({"name": "A", "nodes": [], "connections": {}, "settings": {}});
    assert_eq!(found.content, expected);
    assert_eq!(n8n.workflow("2").await.unwrap(), None);
}

#[tokio::test]
async fn an_older_server_activates_what_a_newer_one_publishes() {
    let done = Arc::<Mutex<Vec<&str>>>::default();
    let note = |word: &'static str, status: u16| {
        let done = Arc::clone(&done);
        post(async move || {
            done.lock().unwrap().push(word);
            no(status, "")
        })
    };
    let newer = n8n(Router::new().route("/workflows/{id}/publish", note("published", 200))).await;
    newer.publish("1").await.unwrap();
    for status in [404, 405] {
        let router = Router::new()
            .route("/workflows/{id}/publish", note("unknown", status))
            .route("/workflows/{id}/activate", note("activated", 200));
        n8n(router).await.publish("1").await.unwrap();
    }
    let expected = ["published", "unknown", "activated", "unknown", "activated"];
    assert_eq!(*done.lock().unwrap(), expected);
    // What can't run is not tried under another name.
    let refuses = n8n(Router::new().route("/workflows/{id}/publish", note("refused", 409))).await;
    let failure = refuses.publish("1").await.unwrap_err();
    assert_eq!(failure.outcome, Outcome::Refused);
    assert_eq!(done.lock().unwrap().len(), 6);
}

#[tokio::test]
async fn what_must_be_put_away_first_is() {
    let archived = Arc::new(Mutex::new(false));
    let (put, look) = (Arc::clone(&archived), Arc::clone(&archived));
    let gone = delete(async move |Path(id): Path<String>| match id.as_str() {
        "2" => no(404, "Not Found").into_response(),
        _ if *look.lock().unwrap() => Json(workflow("1", "A")).into_response(),
        _ => no(409, "Workflow must be archived before it can be deleted.").into_response(),
    });
    let archive = post(async move |headers: HeaderMap, body: String| {
        assert_eq!(body, "", "its document has none");
        assert!(!headers.contains_key("content-type"), "{headers:?}");
        *put.lock().unwrap() = true;
    });
    let router = Router::new()
        .route("/workflows/{id}", gone)
        .route("/workflows/{id}/archive", archive);
    let n8n = n8n(router).await;
    assert!(n8n.delete_workflow("1").await.unwrap());
    assert!(!n8n.delete_workflow("2").await.unwrap(), "there is none");
}

#[tokio::test]
async fn a_credential_bears_our_id_where_the_server_takes_it() {
    let data = [("value".to_owned(), Secret::from("canary-of-a-credential"))];
    let new = NewCredential {
        id: "0123456789abcdef",
        name: "Mail [fabrik:1/credential]",
        kind: "httpHeaderAuth",
        data: &data,
    };
    for (newer, expected) in [(true, "0123456789abcdef"), (false, "given")] {
        let create = post(async move |Json(body): Json<Value>| {
            assert_eq!(body["data"]["value"], "canary-of-a-credential");
            match body["id"].as_str() {
                Some(_) if !newer => no(400, "request/body/id is read-only").into_response(),
                Some(id) => Json(json!({"id": id, "name": ""})).into_response(),
                None => Json(json!({"id": "given", "name": ""})).into_response(),
            }
        });
        let n8n = n8n(Router::new().route("/credentials", create)).await;
        assert_eq!(n8n.create_credential(new).await.unwrap(), expected);
    }
    // The server's words may repeat what it was given.
    let echo = post(async || no(422, "canary-of-a-credential is no value"));
    let refuses = n8n(Router::new().route("/credentials", echo)).await;
    let failure = refuses.create_credential(new).await.unwrap_err();
    let told = failure.problem.detail.unwrap();
    assert!(!told.contains("canary"), "{told}");
}

#[tokio::test]
async fn a_credential_that_is_there_becomes_what_is_asked_for() {
    let data = [("value".to_owned(), Secret::from("new"))];
    let new = NewCredential {
        id: "0123456789abcdef",
        name: "Mail [fabrik:1/credential]",
        kind: "httpHeaderAuth",
        data: &data,
    };
    // What holds the id may be of a call whose answer was lost, or of a project that is gone.
    let taken = post(async || no(409, "Credential with this ID already exists"));
    let change = patch(async |Path(id): Path<String>, Json(body): Json<Value>| {
        assert_eq!(
            (id.as_str(), &body["data"]["value"]),
            ("0123456789abcdef", &json!("new"))
        );
        Json(json!({ "id": id, "name": "" }))
    });
    let newer = Router::new()
        .route("/credentials", taken)
        .route("/credentials/{id}", change);
    let id = n8n(newer).await.create_credential(new).await.unwrap();
    assert_eq!(id, new.id);
    // An older server changes none.
    let gone = Arc::new(Mutex::new(None));
    let put = Arc::clone(&gone);
    let gives = post(async |Json(body): Json<Value>| match body["id"].as_str() {
        Some(_) => no(400, "request/body/id is read-only").into_response(),
        None => Json(json!({ "id": "given", "name": "" })).into_response(),
    });
    let deletes = delete(async move |Path(id): Path<String>| {
        *put.lock().unwrap() = Some(id);
        Json(json!({}))
    });
    let older = Router::new()
        .route("/credentials", gives)
        .route("/credentials/{id}", deletes);
    let id = n8n(older).await.replace_credential("earlier", new).await;
    assert_eq!(id.unwrap(), "given");
    assert_eq!(gone.lock().unwrap().as_deref(), Some("earlier"));
}

#[tokio::test]
async fn a_list_that_is_not_for_this_key_is_none() {
    for status in [403, 404, 405] {
        let list = get(async move || no(status, "Forbidden"));
        let n8n = n8n(Router::new().route("/credentials", list)).await;
        assert_eq!(n8n.credentials("x").await.unwrap(), None, "{status}");
    }
}

#[tokio::test]
async fn what_a_key_may_do_is_told_where_the_server_knows() {
    let discover = get(async || {
        Json(json!({"data": {"scopes": ["workflow:create", "workflow:list", "workflow:read"]}}))
    });
    let info = n8n(Router::new().route("/discover", discover)).await;
    let info = info.whoami().await.unwrap();
    assert_eq!(info.account, "127.0.0.1");
    assert!(
        info.missing_scopes
            .contains(&"workflow:activate".to_owned())
    );
    assert!(!info.missing_scopes.contains(&"workflow:list".to_owned()));

    let list = get(async || Json(json!({"data": [], "nextCursor": null})));
    let older = n8n(Router::new().route("/workflows", list)).await;
    let info = older.whoami().await.unwrap();
    assert!(info.scopes.is_empty() && info.missing_scopes.is_empty());

    let wrong = get(async || no(401, "unauthorized"));
    let failure = n8n(Router::new().route("/discover", wrong)).await;
    let failure = failure.whoami().await.unwrap_err();
    assert_eq!(failure.problem.code(), "credential_rejected");
}

#[tokio::test]
async fn a_key_is_asked_for_all_that_is_done_with_workflows() {
    let base = crate::BaseUrl::parse("http://127.0.0.1:1").unwrap();
    let n8n = N8n::new(answering(403, "{}"), base, token().await);
    let new = NewWorkflow::of("A".to_owned(), &workflow("1", "A")).unwrap();
    for refused in [
        n8n.workflows("").await.map(drop),
        n8n.workflow("1").await.map(drop),
        n8n.create_workflow(&new).await.map(drop),
        n8n.replace_workflow("1", &new).await.map(drop),
        n8n.publish("1").await,
        n8n.delete_workflow("1").await.map(drop),
    ] {
        let failure = refused.unwrap_err();
        let Cause::CredentialScopeMissing { scopes } = &*failure.problem.cause else {
            panic!("it says what is missing: {failure:?}")
        };
        assert!(!scopes.is_empty());
        for scope in scopes {
            assert!(NEEDED.contains(&scope.as_str()), "{scope} is not listed");
        }
    }
}

#[tokio::test]
async fn a_page_of_html_is_no_answer() {
    let base = crate::BaseUrl::parse("http://127.0.0.1:1").unwrap();
    let page = answering(200, "<!doctype html><title>Sign in</title>");
    let n8n = N8n::new(page, base, token().await);
    let failure = n8n.whoami().await.unwrap_err();
    assert!(matches!(
        *failure.problem.cause,
        Cause::AnswerUnreadable { .. }
    ));
    let new = NewWorkflow::of("A".to_owned(), &workflow("1", "A")).unwrap();
    let failure = n8n.create_workflow(&new).await.unwrap_err();
    assert_eq!(failure.outcome, Outcome::Unknown, "it may have been made");
}

#[tokio::test]
async fn a_signed_key_names_its_user_and_an_old_one_nobody() {
    let user = async |key: &str| {
        let reference = SecretRef::Env("KEY".to_owned());
        let secrets = Arc::new(MemorySecrets::default());
        secrets.set(&reference, Secret::from(key)).await.unwrap();
        let base = crate::BaseUrl::parse("http://127.0.0.1:1").unwrap();
        let n8n = N8n::new(answering(500, ""), base, Token::new(secrets, reference));
        n8n.user().await.unwrap()
    };
    let key = |sub: &str, nonce: &str| {
        let note = URL_SAFE_NO_PAD.encode(json!({"sub": sub, "jti": nonce}).to_string());
        format!("e30.{note}.signature")
    };
    let anna = user(&key("anna", "1")).await.unwrap();
    assert_eq!(Some(anna.clone()), user(&key("anna", "2")).await);
    assert_ne!(Some(anna.clone()), user(&key("bo", "1")).await);
    assert!(!anna.contains("anna"), "only a digest is kept");
    assert_eq!(user("n8n_api_0123456789abcdef").await, None);
}
