//! REST (`PostgREST`): the tables of `public`, read and written in the database under the caller's
//! role and claims, so that its policies decide. Not here: embedding other tables, functions,
//! views' special cases, logical operators and counting.

mod answer;
mod parameters;

use axum::{
    Extension, Router,
    extract::{Path, RawQuery},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use fabrik_domain::provider::Provider;
use fabrik_postgres::{ApiRole, Database, Login};
use serde_json::{Map, Value};

use super::{super::Cloud, access::Access};
use crate::{
    figure::Figure,
    platform::Core,
    routes::{Dialect, Routes},
};
use answer::{Answer, RestError};
use parameters::{Parameters, quoted};

const REST: Dialect = Dialect::plain(Provider::Supabase, answer::infrastructure);

pub(super) fn routes(core: &Core) -> Router {
    Routes::new(core, REST)
        .get("/{table}", Figure::SupabaseSql, read)
        .post("/{table}", Figure::SupabaseSql, insert)
        .patch("/{table}", Figure::SupabaseSql, update)
        .delete("/{table}", Figure::SupabaseSql, delete)
        .finish("/_projects/{project}/rest/v1")
}

/// A request to one table.
struct Request {
    database: Database,
    login: Login,
    role: ApiRole,
    table: String,
    parameters: Parameters,
    /// Answer with the rows that were written.
    represent: bool,
    /// Answer with one row as an object.
    single: bool,
}

impl Request {
    async fn of(
        cloud: &Cloud,
        project: &str,
        table: &str,
        (headers, uri, query): (&HeaderMap, &Uri, Option<String>),
        read_only: bool,
    ) -> Answer<Self> {
        let access = Access::of(cloud, project, headers, uri)?;
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        Ok(Self {
            database: cloud.database(project).await?,
            login: access.login(read_only),
            role: access.role,
            table: format!("public.{}", quoted(table)),
            parameters: Parameters::parse(&query.unwrap_or_default())?,
            represent: header("prefer").is_some_and(|it| it.contains("return=representation")),
            single: header("accept").is_some_and(|it| it.contains("application/vnd.pgrst.object")),
        })
    }

    /// Runs SQL that gives its rows as one JSON text in `body`.
    async fn rows(&self, sql: &str, values: &[String]) -> Answer<Vec<Value>> {
        let values: Vec<Option<&str>> = values.iter().map(|value| Some(value.as_str())).collect();
        let answer = self.database.statement(&self.login, sql, &values).await;
        let mut answer = answer.map_err(|error| RestError::database(error, self.role))?;
        let body = answer.rows.first_mut().map(|row| row["body"].take());
        match body {
            Some(Value::Array(rows)) => Ok(rows),
            _ => Ok(Vec::new()),
        }
    }

    /// Runs a change; with `return=representation` it gives the rows it wrote.
    async fn change(&self, sql: &str, values: &[String], done: StatusCode) -> Answer<Response> {
        if !self.represent {
            let values: Vec<Option<&str>> =
                values.iter().map(|value| Some(value.as_str())).collect();
            let changed = self.database.statement(&self.login, sql, &values).await;
            changed.map_err(|error| RestError::database(error, self.role))?;
            let empty = if done == StatusCode::CREATED {
                done
            } else {
                StatusCode::NO_CONTENT
            };
            return Ok(empty.into_response());
        }
        let columns = self.parameters.columns();
        let sql = format!(
            "with changed as ({sql} returning *), shown as (select {columns} from changed) \
             select coalesce(json_agg(shown), '[]') as body from shown"
        );
        self.answer(done, self.rows(&sql, values).await?)
    }

    fn answer(&self, status: StatusCode, mut rows: Vec<Value>) -> Answer<Response> {
        let count = rows.len();
        if self.single {
            let row = if count == 1 { rows.pop() } else { None };
            let row = row.ok_or_else(|| RestError::not_single(count))?;
            let kind = HeaderValue::from_static("application/vnd.pgrst.object+json; charset=utf-8");
            return Ok((status, [(header::CONTENT_TYPE, kind)], row.to_string()).into_response());
        }
        let mut answer = (status, axum::Json(rows)).into_response();
        let offset = self.parameters.offset();
        let range = match count {
            0 => "*/*".to_owned(),
            count => format!("{offset}-{}/*", offset + count - 1),
        };
        if let Ok(range) = HeaderValue::try_from(range) {
            answer.headers_mut().insert(header::CONTENT_RANGE, range);
        }
        Ok(answer)
    }
}

async fn read(
    Extension(cloud): Extension<Cloud>,
    Path((project, table)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    uri: Uri,
) -> Answer<Response> {
    let request = Request::of(&cloud, &project, &table, (&headers, &uri, query), true).await?;
    let mut values = Vec::new();
    let condition = request.parameters.condition(&mut values);
    let sql = format!(
        "with shown as (select {} from {}{condition}{}) \
         select coalesce(json_agg(shown), '[]') as body from shown",
        request.parameters.columns(),
        request.table,
        request.parameters.order_and_page(),
    );
    let rows = request.rows(&sql, &values).await?;
    request.answer(StatusCode::OK, rows)
}

async fn insert(
    Extension(cloud): Extension<Cloud>,
    Path((project, table)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    uri: Uri,
    bytes: Bytes,
) -> Answer<Response> {
    let request = Request::of(&cloud, &project, &table, (&headers, &uri, query), false).await?;
    let (rows, columns) = written(&bytes)?;
    let table = &request.table;
    // Columns that are not sent get their defaults.
    let sql = if columns.is_empty() {
        format!("insert into {table} select from json_array_elements($1::json) where false")
    } else {
        format!(
            "insert into {table} ({columns}) select {columns} \
             from json_populate_recordset(null::{table}, $1::json)"
        )
    };
    request.change(&sql, &[rows], StatusCode::CREATED).await
}

async fn update(
    Extension(cloud): Extension<Cloud>,
    Path((project, table)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    uri: Uri,
    bytes: Bytes,
) -> Answer<Response> {
    let request = Request::of(&cloud, &project, &table, (&headers, &uri, query), false).await?;
    let (rows, columns) = written(&bytes)?;
    if columns.is_empty() {
        return request.answer(StatusCode::OK, Vec::new());
    }
    let mut values = vec![rows];
    let condition = request.parameters.condition(&mut values);
    let table = &request.table;
    let sql = format!(
        "update {table} set ({columns}) = (select {columns} \
         from json_populate_recordset(null::{table}, $1::json) limit 1){condition}"
    );
    request.change(&sql, &values, StatusCode::OK).await
}

async fn delete(
    Extension(cloud): Extension<Cloud>,
    Path((project, table)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    uri: Uri,
) -> Answer<Response> {
    let request = Request::of(&cloud, &project, &table, (&headers, &uri, query), false).await?;
    let mut values = Vec::new();
    let condition = request.parameters.condition(&mut values);
    let sql = format!("delete from {}{condition}", request.table);
    request.change(&sql, &values, StatusCode::OK).await
}

/// A body's rows as a JSON array, and the columns of its first row.
fn written(bytes: &[u8]) -> Answer<(String, String)> {
    let rows = match serde_json::from_slice(bytes) {
        Ok(Value::Array(rows)) => rows,
        Ok(row @ Value::Object(_)) => vec![row],
        _ => return Err(RestError::new(400, "PGRST102", "Empty or invalid json")),
    };
    let keys = |row: &Value| -> Vec<String> {
        row.as_object()
            .into_iter()
            .flat_map(Map::keys)
            .map(|key| quoted(key))
            .collect()
    };
    let first = rows.first().map(keys).unwrap_or_default();
    let mut sorted = first.clone();
    sorted.sort();
    for row in &rows {
        let mut others = keys(row);
        others.sort();
        if others != sorted {
            return Err(RestError::new(
                400,
                "PGRST102",
                "All object keys must match",
            ));
        }
    }
    Ok((Value::Array(rows).to_string(), first.join(", ")))
}
