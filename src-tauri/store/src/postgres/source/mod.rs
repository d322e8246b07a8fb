//! An agency's own table of customers: read as it stands there, and given a run's results. It is the agency's:
//! nothing is made in its database, and no column is written that the mapping does not name.

mod columns;
mod hiding;
mod judging;

use std::{collections::BTreeMap, sync::Arc};

use fabrik_domain::{
    Cause, Problem,
    mapping::{Mapping, Relation, ResultField, ResultMapping, SourceField},
};
use tokio::runtime::Handle;
use tokio_postgres::Row;

pub use self::columns::SourceColumn;
use self::columns::{columns, qualified, quoted};
use super::{
    Address,
    column::{Value, get},
    connections::{Connections, Moment, Session},
    fault::Fault,
};

/// How many rows are fetched at once.
const CHUNK: usize = 5000;

/// A row of the table: what it holds of each field, where it holds anything.
pub type SourceRow = BTreeMap<SourceField, String>;

/// The way to the table. It must not outlive the runtime it was made in.
pub struct Source {
    connections: Arc<Connections>,
}

impl Source {
    /// At this address. Nothing is opened before it is needed.
    pub fn at(address: Address) -> Self {
        Self {
            connections: Connections::new(address, Handle::current()),
        }
    }

    /// What stands in the way of the agency's own database is not mended as what stands in that of Fabrik's is.
    fn told(&self, fault: Fault) -> Problem {
        let problem = self.connections.told(fault);
        let cause = match *problem.cause {
            Cause::DatabaseLoginRefused { server, user } => {
                Cause::SourceLoginRefused { server, user }
            }
            Cause::DatabaseRightsMissing { user } => Cause::SourceRightsMissing { user },
            Cause::DatabaseServerReadOnly { server } => Cause::SourceReadOnly { server },
            other => other,
        };
        Problem {
            cause: Box::new(cause),
            ..problem
        }
    }

    /// The tables and views that may be read, but for the system's and Fabrik's own.
    pub async fn tables(&self) -> Result<Vec<Relation>, Problem> {
        let found = async {
            let session = self.connections.get().await?;
            let sql = "SELECT table_schema::text AS schema, table_name::text AS name
                       FROM information_schema.tables
                       WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'fabrik')
                           AND table_schema NOT LIKE 'pg\\_%'
                       ORDER BY table_schema <> 'public', 1, 2";
            let rows = session.rows(sql, &[]).await?;
            rows.iter()
                .map(|row| {
                    Ok(Relation {
                        schema: get(row, "schema")?,
                        name: get(row, "name")?,
                    })
                })
                .collect::<Result<Vec<_>, Fault>>()
        };
        found.await.map_err(|fault| self.told(fault))
    }

    /// A table's columns in their order; none where there is no such table, or it may not be read.
    pub async fn columns(&self, table: &Relation) -> Result<Vec<SourceColumn>, Problem> {
        let found = async { columns(&self.connections.get().await?, table).await };
        found.await.map_err(|fault| self.told(fault))
    }

    /// Everything that is wrong with a mapping, by what the database says of itself.
    pub async fn judge(&self, mapping: &Mapping) -> Result<Vec<Problem>, Problem> {
        self.judged(mapping, false).await
    }

    /// The same of one that is connected: rows that have one id are refused as rows, where no result is written by it.
    pub async fn judge_connected(&self, mapping: &Mapping) -> Result<Vec<Problem>, Problem> {
        self.judged(mapping, true).await
    }

    /// That a policy may keep some of a table's rows back: one that isn't met may be there all the same.
    pub async fn kept_back(&self, table: &Relation) -> Result<Option<Problem>, Problem> {
        let asked = async {
            let session = self.connections.get().await?;
            hiding::kept_back(&session, table).await
        };
        asked.await.map_err(|fault| self.told(fault))
    }

    async fn judged(&self, mapping: &Mapping, is_connected: bool) -> Result<Vec<Problem>, Problem> {
        let judged = async {
            let session = self.connections.get().await?;
            judging::judge(&session, mapping, is_connected).await
        };
        judged.await.map_err(|fault| self.told(fault))
    }

    /// A number that is another as soon as anything differs in the columns that are read. All is counted on the server.
    pub async fn fingerprint(&self, mapping: &Mapping) -> Result<String, Problem> {
        let counted = async {
            let session = self.connections.get().await?;
            let read = reading(&session, mapping).await?;
            let columns: Vec<_> = read.iter().map(|(_, column)| column.as_str()).collect();
            let sql = format!(
                "SELECT count(*) || ':' || coalesce(sum(hashtextextended(ROW({})::text, 0)::numeric), 0)
                 FROM {}",
                columns.join(", "),
                qualified(&mapping.table),
            );
            session.one(&sql, &[]).await
        };
        counted.await.map_err(|fault| self.told(fault))
    }

    /// The rows of the table by the customers' ids, the first `limit` or all, of one moment.
    pub async fn rows(
        &self,
        mapping: &Mapping,
        limit: Option<u32>,
    ) -> Result<Vec<SourceRow>, Problem> {
        let read = async {
            let moment = Moment::of(self.connections.get().await?).await?;
            let read = reading(&moment, mapping).await?;
            let columns: Vec<_> = read
                .iter()
                .map(|(field, column)| format!("{column} AS {}", quoted(field.key())))
                .collect();
            let limit = limit.map_or_else(String::new, |limit| format!(" LIMIT {limit}"));
            let cursor = format!(
                "DECLARE customers NO SCROLL CURSOR FOR SELECT {} FROM {} ORDER BY {}{limit}",
                columns.join(", "),
                qualified(&mapping.table),
                quoted(SourceField::ExternalId.key()),
            );
            moment.batch(&cursor).await?;
            let mut rows = Vec::new();
            loop {
                let fetched = moment
                    .rows(&format!("FETCH {CHUNK} FROM customers"), &[])
                    .await?;
                if fetched.is_empty() {
                    break;
                }
                for row in &fetched {
                    rows.push(row_of(row, &read)?);
                }
            }
            moment.end().await?;
            Ok(rows)
        };
        read.await.map_err(|fault| self.told(fault))
    }

    /// Writes what a run came to into a customer's row, all of it or nothing. Whether there is such a row;
    /// `source_rows_hidden` where that can't be known, `source_key_repeated` where there are several, `source_results_nowhere` where nothing of it has a column.
    pub async fn write(
        &self,
        results: &ResultMapping,
        key: &str,
        values: &BTreeMap<ResultField, Option<String>>,
    ) -> Result<bool, Problem> {
        let written = async {
            let session = self.connections.get().await?;
            if !judging::can_be_key(&session, results, key).await? {
                return Ok(false);
            }
            let begin = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '15s'";
            session.begin(begin, async { Ok(()) }).await?;
            match update(&session, results, key, values).await {
                Ok(1) => {
                    session.end(async { Ok(()) }, "COMMIT").await?;
                    Ok(true)
                }
                Ok(0) => {
                    session.roll_back().await;
                    match hiding::may_be_hidden(&session, &results.table).await? {
                        Some(problem) => Err(problem.into()),
                        None => Ok(false),
                    }
                }
                Ok(_) => {
                    session.roll_back().await;
                    Err(judging::repeats(&results.key, key).into())
                }
                Err(fault) => {
                    session.roll_back().await;
                    Err(fault)
                }
            }
        };
        let refused = || Cause::SourceRefused {
            table: results.table.to_string(),
        };
        written.await.map_err(|fault| {
            let of_values = fault.is_refusal();
            let problem = self.told(fault);
            if of_values {
                let detail = problem.detail.unwrap_or_default();
                Problem::from(refused()).detail(detail)
            } else {
                problem
            }
        })
    }
}

/// The columns that a mapping reads, each as an expression that gives a text.
async fn reading(
    session: &Session,
    mapping: &Mapping,
) -> Result<Vec<(SourceField, String)>, Fault> {
    let columns = columns(session, &mapping.table).await?;
    if columns.is_empty() {
        return Err(judging::no_table(&mapping.table).into());
    }
    let mut read = Vec::with_capacity(mapping.columns.len());
    for (field, name) in &mapping.columns {
        let Some(column) = columns.iter().find(|column| column.name == *name) else {
            return Err(judging::missing(&mapping.table, name, field.key()).into());
        };
        read.push((*field, column.as_text()));
    }
    if !mapping.columns.contains_key(&SourceField::ExternalId) {
        return Err(judging::unmapped(SourceField::ExternalId).into());
    }
    Ok(read)
}

fn row_of(row: &Row, read: &[(SourceField, String)]) -> Result<SourceRow, Fault> {
    let mut fields = SourceRow::new();
    for (field, _) in read {
        let text: Option<String> = get(row, field.key())?;
        if let Some(text) = text.map(|text| text.trim().to_owned())
            && !text.is_empty()
        {
            fields.insert(*field, text);
        }
    }
    Ok(fields)
}

async fn update(
    session: &Session,
    results: &ResultMapping,
    key: &str,
    values: &BTreeMap<ResultField, Option<String>>,
) -> Result<u64, Fault> {
    let columns = columns(session, &results.table).await?;
    if columns.is_empty() {
        return Err(judging::no_table(&results.table).into());
    }
    let find = |name: &str, field: &str| {
        let found = columns.iter().find(|column| column.name == name);
        found.ok_or_else(|| Fault::from(judging::missing(&results.table, name, field)))
    };
    let mut given: Vec<&(dyn Value + Sync)> = Vec::new();
    let mut set = Vec::new();
    for (field, name) in &results.columns {
        if let Some(value) = values.get(field) {
            let column = find(name, field.key())?;
            given.push(value);
            set.push(format!("{} = {}", quoted(name), column.given(given.len())));
        }
    }
    if set.is_empty() {
        return Err(judging::nowhere(&results.table).into());
    }
    let key_column = find(&results.key, SourceField::ExternalId.key())?;
    let key = key.to_owned();
    given.push(&key);
    let whose = format!(
        "{} = {}",
        quoted(&results.key),
        key_column.given(given.len())
    );
    let table = qualified(&results.table);
    let sql = format!("UPDATE {table} SET {} WHERE {whose}", set.join(", "));
    session.execute(&sql, &given).await
}
