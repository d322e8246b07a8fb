//! An agency's own table of customers: read as it stands there, and given a run's results. It is the agency's:
//! nothing is made in its database, and no column is written that the mapping does not name.

mod columns;
mod hiding;
mod judging;
mod writing;

use std::{collections::BTreeMap, sync::Arc};

use fabrik_domain::{
    Cause, Problem,
    mapping::{Mapping, Relation, SourceField},
};
use tokio::runtime::Handle;
use tokio_postgres::Row;

use self::columns::{columns, qualified, quoted};
pub use self::{
    columns::SourceColumn,
    writing::{SourceMark, SourceWrite, Written},
};
use super::{
    Address,
    column::get,
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
    fn problem_of(&self, fault: Fault) -> Problem {
        let problem = self.connections.problem_of(fault);
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
        found.await.map_err(|fault| self.problem_of(fault))
    }

    /// A table's columns in their order; none where there is no such table, or it may not be read.
    pub async fn columns(&self, table: &Relation) -> Result<Vec<SourceColumn>, Problem> {
        let found = async { columns(&self.connections.get().await?, table).await };
        found.await.map_err(|fault| self.problem_of(fault))
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
        asked.await.map_err(|fault| self.problem_of(fault))
    }

    async fn judged(&self, mapping: &Mapping, is_connected: bool) -> Result<Vec<Problem>, Problem> {
        let judged = async {
            let session = self.connections.get().await?;
            judging::judge(&session, mapping, is_connected).await
        };
        judged.await.map_err(|fault| self.problem_of(fault))
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
        counted.await.map_err(|fault| self.problem_of(fault))
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
        read.await.map_err(|fault| self.problem_of(fault))
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
