//! SQL through the Management API, and the addresses of the database.

use axum::{Extension, extract::Path, http::StatusCode};
use bytes::Bytes;
use fabrik_postgres::{Error, Login, SqlError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Cloud,
    answer::{Answer, Refusal, body, created, ok},
};

/// The body of `V1RunQueryBody` and `V1ReadOnlyQueryBody`.
#[derive(Deserialize)]
struct Sql {
    query: String,
    #[serde(default)]
    parameters: Vec<Value>,
    #[serde(default)]
    read_only: bool,
}

/// `POST /v1/projects/{ref}/database/query` (`v1-run-a-query`).
pub(super) async fn query(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
    bytes: Bytes,
) -> Answer {
    let sql: Sql = body(&bytes)?;
    let login = if sql.read_only {
        Login::Reader
    } else {
        Login::Owner
    };
    run(&cloud, &reference, &login, sql).await
}

/// `POST /v1/projects/{ref}/database/query/read-only` (`v1-read-only-query`).
pub(super) async fn read_only_query(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
    bytes: Bytes,
) -> Answer {
    run(&cloud, &reference, &Login::Reader, body(&bytes)?).await
}

async fn run(cloud: &Cloud, reference: &str, login: &Login, sql: Sql) -> Answer {
    let project = cloud.project(reference)?;
    if sql.query.is_empty() {
        return Err(Refusal::bad_request(
            "query: String must contain at least 1 character(s)",
        ));
    }
    if !project.database_runs(cloud.core.now()) {
        // One of the numbers that no standard has.
        let status = StatusCode::from_u16(544).unwrap_or(StatusCode::GATEWAY_TIMEOUT);
        let words = "Connection terminated due to connection timeout";
        return Err(Refusal::new(status, words));
    }
    let database = cloud.database(reference).await?;
    let result = if sql.parameters.is_empty() {
        database.script(login, &sql.query).await
    } else {
        let parameters: Vec<Option<String>> = sql.parameters.iter().map(text).collect();
        let parameters: Vec<Option<&str>> = parameters.iter().map(Option::as_deref).collect();
        database.statement(login, &sql.query, &parameters).await
    };
    match result {
        Ok(answer) => Ok(created(&answer.rows)),
        Err(Error::Sql(error)) => Err(Refusal::bad_request(format!(
            "Failed to run sql query: {}",
            formatted(&error, &sql.query)
        ))),
        Err(error) => Err(super::failed(error).into()),
    }
}

/// A parameter as `PostgreSQL` reads it.
fn text(parameter: &Value) -> Option<String> {
    match parameter {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// An error as `psql` prints it.
fn formatted(error: &SqlError, sql: &str) -> String {
    let mut text = format!("ERROR:  {}: {}\n", error.state, error.message);
    if let Some((number, line, column)) = error.line(sql) {
        let head = format!("LINE {number}: ");
        let indent = " ".repeat(head.chars().count() + column - 1);
        text.extend([&head, line, "\n", &indent, "^\n"]);
    }
    let more = [
        ("DETAIL", &error.detail),
        ("HINT", &error.hint),
        ("CONTEXT", &error.context),
    ];
    for (name, words) in more {
        if let Some(words) = words {
            text.extend([name, ":  ", words, "\n"]);
        }
    }
    text
}

/// `/v1/projects/{ref}/database/migrations`: closed, as to most accounts.
pub(super) async fn migrations(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
) -> Answer {
    cloud.project(&reference)?;
    let words = "Migrations endpoint is not generally available yet";
    Err(Refusal::new(StatusCode::FORBIDDEN, words))
}

/// `GET /v1/projects/{ref}/config/database/pooler` (`v1-get-pooler-config`). Nothing answers there:
/// the database has no port.
pub(super) async fn pooler(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
) -> Answer {
    let project = cloud.project(&reference)?;
    let host = format!("aws-1-{}.pooler.supabase.com", project.region);
    let user = format!("postgres.{reference}");
    let string = format!("postgresql://{user}:[YOUR-PASSWORD]@{host}:6543/postgres");
    Ok(ok(&json!([{
        "identifier": reference,
        "database_type": "PRIMARY",
        "is_using_scram_auth": true,
        "db_user": user,
        "db_host": host,
        "db_port": 6543,
        "db_name": "postgres",
        "connection_string": string,
        "connectionString": string,
        "default_pool_size": 15,
        "max_client_conn": 200,
        "pool_mode": "transaction",
    }])))
}
