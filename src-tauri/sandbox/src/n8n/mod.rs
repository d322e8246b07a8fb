//! n8n's public API at `/n8n/api/v1`: workflows and credentials of a server with one owner and, for tests,
//! other members. Webhooks of published workflows answer at `/n8n/webhook`; nothing of a workflow is run.

mod body;
mod credentials;
mod limits;
mod page;
mod workflow;
mod workflows;

use axum::{
    Json, Router,
    extract::Query,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use fabrik_domain::provider::Provider;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal, json_answer},
    figure::Figure,
    platform::{Account, Core},
    routes::{Dialect, Incoming, Routes},
    token::{Token, bearer},
};

pub(crate) use workflow::{put_foreign, rename};

/// The user whose key the sandbox hands out.
pub(crate) const OWNER: &str = "1d6a3f0e-8f7b-4c56-9f0e-2b1f4c7a9d10";

const DIALECT: Dialect = Dialect {
    guard,
    token: Some(key),
    permit,
    limits: limits::limits,
    limit_headers: limits::headers,
    throttled: limits::throttled,
    ..Dialect::plain(Provider::N8n, vendor_error)
};

pub(crate) fn routes() -> Router {
    let api = Routes::new(DIALECT)
        .get("/discover", Figure::Read, discover)
        .get("/workflows", Figure::Read, workflows::list)
        .post("/workflows", Figure::N8nCreate, workflows::create)
        .get("/workflows/{id}", Figure::Read, workflows::get)
        .put("/workflows/{id}", Figure::N8nCreate, workflows::update)
        .delete("/workflows/{id}", Figure::N8nCreate, workflows::delete)
        .post(
            "/workflows/{id}/publish",
            Figure::N8nActivate,
            workflows::publish,
        )
        .post(
            "/workflows/{id}/activate",
            Figure::N8nActivate,
            workflows::activate,
        )
        .post(
            "/workflows/{id}/unpublish",
            Figure::N8nActivate,
            workflows::unpublish,
        )
        .post(
            "/workflows/{id}/deactivate",
            Figure::N8nActivate,
            workflows::deactivate,
        )
        .post(
            "/workflows/{id}/archive",
            Figure::N8nActivate,
            workflows::archive,
        )
        .get("/credentials", Figure::Read, credentials::list)
        .post("/credentials", Figure::N8nCreate, credentials::create)
        .patch("/credentials/{id}", Figure::N8nCreate, credentials::update)
        .delete("/credentials/{id}", Figure::N8nCreate, credentials::delete)
        .finish("/n8n/api/v1");
    let outside = Router::new()
        .route("/n8n/workflow/{id}", get(page::show))
        .route("/n8n/webhook/{*path}", any(page::webhook));
    api.merge(outside)
}

/// Switches of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct N8nAccount {
    /// Its main version: 1 knows `activate` alone, gives credentials ids of its own, lists and changes none,
    /// doesn't say what a key may do, and knows neither the name of a list's workflows nor `excludePinnedData`.
    pub(super) version: u8,
    /// How many calls its owner allows; none are counted where it is `null`, as on a new server.
    limits: Option<limits::CallLimits>,
}

impl Default for N8nAccount {
    fn default() -> Self {
        Self {
            version: 2,
            limits: None,
        }
    }
}

impl Account for N8nAccount {
    const PROVIDER: Provider = Provider::N8n;
}

/// Refused, as by a router that doesn't know the path, where the server is older than this.
fn require_version(core: &Core, version: u8) -> Result<(), Refusal> {
    let account: N8nAccount = core.account()?;
    if account.version >= version {
        return Ok(());
    }
    Err(refused(StatusCode::NOT_FOUND, "not found"))
}

fn refused(status: StatusCode, message: &str) -> Refusal {
    vendor_error(status, message).into()
}

fn not_found() -> Refusal {
    refused(StatusCode::NOT_FOUND, "Not Found")
}

fn vendor_error(status: StatusCode, message: &str) -> Response {
    let message = match status {
        StatusCode::UNAUTHORIZED => "unauthorized",
        StatusCode::METHOD_NOT_ALLOWED => "method not allowed",
        _ => message,
    };
    (status, Json(json!({ "message": message }))).into_response()
}

/// The key of a request; newer servers take it as a bearer too.
fn key(headers: &HeaderMap) -> Option<&str> {
    let own = headers.get("x-n8n-api-key");
    own.and_then(|value| value.to_str().ok())
        .or_else(|| bearer(headers))
}

fn guard(headers: &HeaderMap) -> Option<Response> {
    key(headers).is_none().then(|| {
        let body = json!({ "message": "'X-N8N-API-KEY' header required" });
        (StatusCode::UNAUTHORIZED, Json(body)).into_response()
    })
}

/// What a key must be allowed for an operation.
fn needed(method: &str, pattern: &str) -> Option<&'static str> {
    Some(match (method, pattern) {
        ("GET", "/workflows") => "workflow:list",
        ("POST", "/workflows") => "workflow:create",
        ("GET", "/workflows/{id}") => "workflow:read",
        ("PUT", "/workflows/{id}") => "workflow:update",
        ("DELETE", _) if pattern.starts_with("/workflows") => "workflow:delete",
        (_, "/workflows/{id}/archive") => "workflow:delete",
        (_, "/workflows/{id}/publish" | "/workflows/{id}/activate") => "workflow:activate",
        (_, "/workflows/{id}/unpublish" | "/workflows/{id}/deactivate") => "workflow:deactivate",
        ("GET", "/credentials") => "credential:list",
        ("POST", "/credentials") => "credential:create",
        ("PATCH", "/credentials/{id}") => "credential:update",
        ("DELETE", "/credentials/{id}") => "credential:delete",
        _ => return None,
    })
}

/// All that a key may be allowed here.
const SCOPES: [&str; 11] = [
    "workflow:create",
    "workflow:read",
    "workflow:list",
    "workflow:update",
    "workflow:delete",
    "workflow:activate",
    "workflow:deactivate",
    "credential:create",
    "credential:list",
    "credential:update",
    "credential:delete",
];

fn permit(token: &Token, call: &Incoming<'_>) -> Option<Response> {
    let wanted = needed(call.method.as_str(), call.pattern)?;
    (!token.has(wanted)).then(|| vendor_error(StatusCode::FORBIDDEN, "Forbidden"))
}

/// The user that a key is of. A key that is for `only` somebody is that member's, who sees nothing of others'.
fn user(token: &Token) -> &str {
    let only = token.only.as_ref().and_then(|only| only.first());
    only.map_or(OWNER, String::as_str)
}

/// Whether the key's user sees what that user has made. The server's owner sees everything.
fn sees(token: &Token, owner: &str) -> bool {
    token.only.is_none() || user(token) == owner
}

/// `GET /discover`, `discover`.
async fn discover(core: Core, axum::Extension(token): axum::Extension<Token>) -> Answer {
    require_version(&core, 2)?;
    let scopes: Vec<_> = SCOPES
        .into_iter()
        .filter(|scope| token.has(scope))
        .collect();
    let data = json!({ "scopes": scopes, "resources": {}, "filters": {}, "specUrl": "" });
    json_answer(StatusCode::OK, &json!({ "data": data }))
}

/// A page of a list.
#[derive(Deserialize)]
struct Paging {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// The page that is asked for, and the cursor of the next.
fn paged(Query(paging): &Query<Paging>, all: &[Value]) -> Answer {
    let limit = paging.limit.unwrap_or(100).clamp(1, 250);
    let skip: usize = match paging.cursor.as_deref() {
        None => 0,
        Some(cursor) => cursor
            .parse()
            .map_err(|_| refused(StatusCode::BAD_REQUEST, "An invalid cursor was provided"))?,
    };
    let next = skip + limit;
    let next = (next < all.len()).then(|| next.to_string());
    let shown: Vec<_> = all.iter().skip(skip).take(limit).collect();
    json_answer(
        StatusCode::OK,
        &json!({ "data": shown, "nextCursor": next }),
    )
}
