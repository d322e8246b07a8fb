//! REST (`PostgREST`): the tables of `public`, read and written in the database under the caller's
//! role and claims, so that its policies decide. Not here: embedding other tables, functions,
//! views' special cases, logical operators and counting.

mod answer;
mod parameters;
mod statement;

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use fabrik_domain::provider::Provider;
use serde_json::{Map, Value};

use super::{access::Access, asked::Asked};
use crate::{
    figure::Figure,
    routes::{Dialect, Routes},
};
use answer::{Answer, RestError};
use parameters::Parameters;

pub(in super::super) use parameters::{Filter, Test};
pub(in super::super) use statement::{Action, Rows, Statement};

const REST: Dialect = Dialect::plain(Provider::Supabase, answer::infrastructure);

pub(super) fn routes() -> Router {
    Routes::new(REST)
        .get("/{table}", Figure::SupabaseSql, read)
        .post("/{table}", Figure::SupabaseSql, insert)
        .patch("/{table}", Figure::SupabaseSql, update)
        .delete("/{table}", Figure::SupabaseSql, delete)
        .finish("/_projects/{project}/rest/v1")
}

async fn read(asked: Asked) -> Answer<Response> {
    let access = asked.access()?;
    run(&asked, &access, Action::Read, StatusCode::OK).await
}

async fn insert(asked: Asked, bytes: Bytes) -> Answer<Response> {
    let access = asked.access()?;
    let action = Action::Insert(sent(&bytes)?);
    run(&asked, &access, action, StatusCode::CREATED).await
}

async fn update(asked: Asked, bytes: Bytes) -> Answer<Response> {
    let access = asked.access()?;
    let action = Action::Update(sent(&bytes)?);
    run(&asked, &access, action, StatusCode::OK).await
}

async fn delete(asked: Asked) -> Answer<Response> {
    let access = asked.access()?;
    run(&asked, &access, Action::Delete, StatusCode::OK).await
}

/// Carries a request out; `done` is the status of an answer with rows.
async fn run(asked: &Asked, access: &Access, action: Action, done: StatusCode) -> Answer<Response> {
    let reads = matches!(action, Action::Read);
    let statement = Statement {
        table: asked.name.clone(),
        action,
        parameters: Parameters::parse(asked.uri.query().unwrap_or_default())?,
        represent: asked
            .header("prefer")
            .is_some_and(|it| it.contains("return=representation")),
    };
    let rows = match &statement.action {
        // Nothing is to be changed.
        Action::Update(rows) if rows.columns.is_empty() => Vec::new(),
        _ => {
            let database = asked.cloud.database(&access.project.reference).await?;
            let rows = database.rest(&access.login(reads), &statement).await;
            rows.map_err(|error| RestError::database(error, access.role, &asked.name))?
        }
    };
    if !reads && !statement.represent {
        let empty = if done == StatusCode::CREATED {
            done
        } else {
            StatusCode::NO_CONTENT
        };
        return Ok(empty.into_response());
    }
    let single = asked
        .header("accept")
        .is_some_and(|it| it.contains("application/vnd.pgrst.object"));
    if single {
        return one(done, rows);
    }
    Ok(several(done, &rows, statement.parameters.offset()))
}

/// The only row, as an object.
fn one(status: StatusCode, mut rows: Vec<Value>) -> Answer<Response> {
    let count = rows.len();
    let row = if count == 1 { rows.pop() } else { None };
    let row = row.ok_or_else(|| RestError::not_single(count))?;
    let kind = HeaderValue::from_static("application/vnd.pgrst.object+json; charset=utf-8");
    Ok((status, [(header::CONTENT_TYPE, kind)], row.to_string()).into_response())
}

fn several(status: StatusCode, rows: &[Value], offset: usize) -> Response {
    let mut answer = (status, axum::Json(rows)).into_response();
    let range = match rows.len() {
        0 => "*/*".to_owned(),
        count => format!("{offset}-{}/*", offset + count - 1),
    };
    if let Ok(range) = HeaderValue::try_from(range) {
        answer.headers_mut().insert(header::CONTENT_RANGE, range);
    }
    answer
}

/// A body's rows, all with the columns of the first.
fn sent(bytes: &[u8]) -> Answer<Rows> {
    let rows = match serde_json::from_slice(bytes) {
        Ok(Value::Array(rows)) => rows,
        Ok(row @ Value::Object(_)) => vec![row],
        _ => return Err(RestError::new(400, "PGRST102", "Empty or invalid json")),
    };
    let keys = |row: &Value| -> Vec<String> {
        let keys = row.as_object().into_iter().flat_map(Map::keys);
        keys.cloned().collect()
    };
    let columns = rows.first().map(keys).unwrap_or_default();
    let mut sorted = columns.clone();
    sorted.sort();
    for row in &rows {
        let mut others = keys(row);
        others.sort();
        if others != sorted {
            let words = "All object keys must match";
            return Err(RestError::new(400, "PGRST102", words));
        }
    }
    Ok(Rows { rows, columns })
}
