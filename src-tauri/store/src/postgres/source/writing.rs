//! What a run came to, written into a customer's row: all of it or nothing, and once. Whoever writes knows the number of
//! the transaction before it is committed: where the answer to that is lost, the server still tells whether it was.

use std::{collections::BTreeMap, time::Duration};

use fabrik_domain::{
    Cause, Problem,
    mapping::{Relation, ResultField, ResultMapping, SourceField},
};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{
    Source,
    columns::{SourceColumn, columns, qualified, quoted},
    hiding, judging,
};
use crate::postgres::{
    column::{Value, get},
    connections::Session,
    fault::Fault,
};

/// Who writes waits so long for a row that another has, and leaves it to the others so long while it is noted what is
/// about to be committed.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL lock_timeout = '15s'; SET LOCAL idle_in_transaction_session_timeout = '60s'";

/// For how long one that is under way is waited for.
const PATIENCE: Duration = Duration::from_secs(15);

const PAUSE: Duration = Duration::from_millis(250);

/// What a writing is known by, once nobody knows whether it was committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceMark {
    /// The table's server, as it knows itself; none where it doesn't say.
    #[serde(default)]
    server: Option<String>,
    /// The number of the transaction there.
    transaction: i64,
    /// The columns that are written.
    columns: Vec<String>,
    /// A digest of what they held before; none where no row was seen.
    before: Option<i64>,
    /// The same after.
    after: Option<i64>,
}

/// What became of a writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was committed, whatever the row holds by now.
    Yes,
    /// It was taken back.
    No,
    /// The server knows no more, and the row holds neither what it did before nor what was written.
    Changed,
}

/// A writing that is yet to be committed. Dropped before, nothing is written.
pub struct SourceWrite<'a> {
    source: &'a Source,
    session: Session,
    table: Relation,
    mark: SourceMark,
}

impl SourceWrite<'_> {
    /// What it will be known by.
    pub const fn mark(&self) -> &SourceMark {
        &self.mark
    }

    /// Writes it for good.
    pub async fn commit(self) -> Result<(), Problem> {
        let committed = self.session.end(async { Ok(()) }, "COMMIT").await;
        committed.map_err(|fault| self.source.refused(&self.table, fault))
    }

    /// Takes it back.
    pub async fn roll_back(self) {
        self.session.roll_back().await;
    }
}

impl Source {
    /// Writes what a run came to into a customer's row, to be committed. None where there is no such row;
    /// `source_rows_hidden` where that can't be known, `source_key_repeated` where there are several,
    /// `source_results_nowhere` where nothing of it has a column.
    pub async fn begin_write(
        &self,
        results: &ResultMapping,
        key: &str,
        values: &BTreeMap<ResultField, Option<String>>,
    ) -> Result<Option<SourceWrite<'_>>, Problem> {
        let begun = self.begun(results, key, values).await;
        let begun = begun.map_err(|fault| self.refused(&results.table, fault))?;
        Ok(begun.map(|(session, mark)| SourceWrite {
            source: self,
            session,
            table: results.table.clone(),
            mark,
        }))
    }

    async fn begun(
        &self,
        results: &ResultMapping,
        key: &str,
        values: &BTreeMap<ResultField, Option<String>>,
    ) -> Result<Option<(Session, SourceMark)>, Fault> {
        let session = self.connections.get().await?;
        if !judging::can_be_key(&session, results, key).await? {
            return Ok(None);
        }
        // Before it begins: what is refused in there ends it.
        let server = identity(&session).await?;
        session.begin(BEGIN, async { Ok(()) }).await?;
        match update(&session, results, key, values).await {
            Ok((1, mark)) => Ok(Some((session, SourceMark { server, ..mark }))),
            Ok((0, _)) => {
                session.roll_back().await;
                match hiding::may_be_hidden(&session, &results.table).await? {
                    Some(problem) => Err(problem.into()),
                    None => Ok(None),
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
    }

    /// What became of a writing into this row. One that is under way is waited for, and `database_busy` after a while.
    pub async fn written(
        &self,
        results: &ResultMapping,
        key: &str,
        mark: &SourceMark,
    ) -> Result<Written, Problem> {
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.found(results, key, mark).await;
            if let Some(written) = found.map_err(|fault| self.problem_of(fault))? {
                return Ok(written);
            }
            if Instant::now() > until {
                return Err(Cause::DatabaseBusy.into());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The same, or none while it is under way.
    async fn found(
        &self,
        results: &ResultMapping,
        key: &str,
        mark: &SourceMark,
    ) -> Result<Option<Written>, Fault> {
        let session = self.connections.get().await?;
        // Another server, and this one where it was set back, has given the number to somebody else.
        let is_there = mark.server.is_some() && mark.server == identity(&session).await?;
        let sql = "SELECT txid_status($1) AS status";
        let status: Option<String> = match session.one(sql, &[&mark.transaction]).await {
            Ok(status) => status,
            // Never given there: the server was set back since.
            Err(fault) if fault.is_refusal() => None,
            Err(fault) => return Err(fault),
        };
        match status.as_deref() {
            Some("committed") if is_there => return Ok(Some(Written::Yes)),
            Some("aborted") if is_there => return Ok(Some(Written::No)),
            // Whoever's it is: it ends soon, or the next attempt asks again.
            Some("in progress") => return Ok(None),
            // Too long ago, or nothing that is known to be ours.
            _ => {}
        }
        let there = columns(&session, &results.table).await?;
        let held = held(&session, results, key, &there, &mark.columns).await?;
        Ok(Some(if held == mark.after {
            Written::Yes
        } else if held == mark.before {
            Written::No
        } else {
            Written::Changed
        }))
    }

    /// What the table has against what is written is told as that.
    fn refused(&self, table: &Relation, fault: Fault) -> Problem {
        let of_values = fault.is_refusal();
        let problem = self.problem_of(fault);
        if of_values {
            let table = table.to_string();
            let detail = problem.detail.unwrap_or_default();
            Problem::from(Cause::SourceRefused { table }).detail(detail)
        } else {
            problem
        }
    }
}

fn find<'a>(
    there: &'a [SourceColumn],
    table: &Relation,
    name: &str,
    field: &str,
) -> Result<&'a SourceColumn, Fault> {
    let found = there.iter().find(|column| column.name == name);
    found.ok_or_else(|| Fault::from(judging::missing(table, name, field)))
}

/// What a server is known by as long as its numbers go on: which cluster of databases it is, and its timeline, which is
/// another once it was set back to a moment before. Any user of PostgreSQL may ask; none where the server can't say, as
/// one that only speaks like it.
async fn identity(session: &Session) -> Result<Option<String>, Fault> {
    let sql = "SELECT concat_ws('/', system_identifier,
            left(pg_walfile_name(pg_current_wal_lsn()), 8)) FROM pg_control_system()";
    match session.one(sql, &[]).await {
        Ok(identity) => Ok(Some(identity)),
        Err(fault) if fault.is_lost() => Err(fault),
        Err(_) => Ok(None),
    }
}

/// Writes into every row that has the id: how many there are, and what the writing is known by.
async fn update(
    session: &Session,
    results: &ResultMapping,
    key: &str,
    values: &BTreeMap<ResultField, Option<String>>,
) -> Result<(u64, SourceMark), Fault> {
    let there = columns(session, &results.table).await?;
    if there.is_empty() {
        return Err(judging::no_table(&results.table).into());
    }
    let mut given: Vec<&(dyn Value + Sync)> = Vec::new();
    let (mut set, mut written) = (Vec::new(), Vec::new());
    for (field, name) in &results.columns {
        if let Some(value) = values.get(field) {
            let column = find(&there, &results.table, name, field.key())?;
            given.push(value);
            set.push(format!("{} = {}", quoted(name), column.given(given.len())));
            written.push(name.clone());
        }
    }
    if set.is_empty() {
        return Err(judging::nowhere(&results.table).into());
    }
    let key_column = find(
        &there,
        &results.table,
        &results.key,
        SourceField::ExternalId.key(),
    )?;
    let whose = key.to_owned();
    given.push(&whose);
    let sql = format!(
        "UPDATE {} SET {} WHERE {} = {}",
        qualified(&results.table),
        set.join(", "),
        quoted(&results.key),
        key_column.given(given.len())
    );
    let before = held(session, results, key, &there, &written).await?;
    let rows = session.execute(&sql, &given).await?;
    // As it stands there: a trigger may write something else.
    let after = held(session, results, key, &there, &written).await?;
    let mark = SourceMark {
        server: None,
        transaction: session.one("SELECT txid_current()", &[]).await?,
        columns: written,
        before,
        after,
    };
    Ok((rows, mark))
}

/// A digest of what columns of a row hold; none where no row is seen.
async fn held(
    session: &Session,
    results: &ResultMapping,
    key: &str,
    there: &[SourceColumn],
    names: &[String],
) -> Result<Option<i64>, Fault> {
    let (table, id) = (&results.table, SourceField::ExternalId.key());
    let key_column = find(there, table, &results.key, id)?;
    let mut read = Vec::with_capacity(names.len());
    for name in names {
        read.push(find(there, table, name, name)?.as_text());
    }
    let sql = format!(
        "SELECT hashtextextended(ROW({})::text, 0) AS held FROM {} WHERE {} = {}",
        read.join(", "),
        qualified(table),
        quoted(&results.key),
        key_column.given(1)
    );
    let key = key.to_owned();
    let row = session.row(&sql, &[&key]).await?;
    row.map(|row| get(&row, "held")).transpose()
}
