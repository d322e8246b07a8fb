//! All that is in the database, row by row, for a move to another database or from one. Each way is one
//! transaction.

use std::sync::Arc;

use fabrik_domain::{Cause, Problem, ports::Clock};

use super::{
    PostgresStore,
    address::Address,
    column::{get, to_json},
    connections::{Moment, Session},
    fault::Fault,
};
use crate::moving::{CHUNK, Identity, Reading, Row, TABLES, Table, TableContent, assert_same};

const WORKSPACE: &str = "SELECT value FROM fabrik.meta WHERE key = 'workspace'";

/// Gives the rows of a table in the order of its key, chunk by chunk, and says what it held.
pub(crate) type Source<'a> = dyn Fn(Table, &mut dyn FnMut(Vec<Row>) -> Result<(), Problem>) -> Result<TableContent, Problem>
    + 'a;

/// Fills the database at `address`, which must be empty, with what `read` gives. All of it is read back and held
/// against what was sent before it is committed. Where just that is there already it is done: the answer to the
/// commit of an earlier time was lost.
pub(crate) fn fill(
    address: Address,
    clock: Arc<dyn Clock>,
    read: &Source<'_>,
    identity: &Identity,
) -> Result<Vec<TableContent>, Problem> {
    let place = address.server();
    let store = PostgresStore::open(address, clock)?;
    store.wait_for(async |session: Session| {
        match fill_with(&session, &place, read, identity).await {
            // Whether it is there is found out.
            Err(fault) if fault.is_lost() => {
                let session = store.connections.get().await?;
                fill_with(&session, &place, read, identity).await
            }
            filled => filled,
        }
    })
}

async fn fill_with(
    session: &Session,
    place: &str,
    read: &Source<'_>,
    identity: &Identity,
) -> Result<Vec<TableContent>, Fault> {
    session.begin("BEGIN", async { Ok(()) }).await?;
    match fill_all(session, place, read, identity).await {
        Ok(moved) => {
            session.end(async { Ok(()) }, "COMMIT").await?;
            Ok(moved)
        }
        Err(fault) => {
            session.roll_back().await;
            Err(fault)
        }
    }
}

async fn fill_all(
    session: &Session,
    place: &str,
    read: &Source<'_>,
    identity: &Identity,
) -> Result<Vec<TableContent>, Fault> {
    let names: Vec<_> = TABLES
        .iter()
        .map(|table| format!("fabrik.{}", table.name))
        .collect();
    let lock = format!("LOCK TABLE {} IN EXCLUSIVE MODE", names.join(", "));
    session.batch(&lock).await?;
    if let Some(moved) = filled(session, read, identity).await? {
        return Ok(moved);
    }
    let mut moved = Vec::new();
    for table in TABLES {
        let name = table.name;
        let any = format!("SELECT EXISTS (SELECT FROM fabrik.{name})");
        if session.one(&any, &[]).await? {
            let place = place.to_owned();
            return Err(Cause::DatabaseNotEmpty { place }.into());
        }
        let insert = format!(
            "INSERT INTO fabrik.{name}
             SELECT * FROM json_populate_recordset(NULL::fabrik.{name}, $1::text::json)"
        );
        let mut chunks = Vec::new();
        let sent = read(table, &mut |rows| {
            chunks.push(
                to_json(&rows)
                    .map_err(|error| Problem::from(Cause::Internal).detail(error.to_string()))?,
            );
            Ok(())
        })?;
        for chunk in chunks {
            session.execute(&insert, &[&chunk]).await?;
        }
        let arrived = content(session, table, &mut |_| Ok(())).await?;
        assert_same(&sent, &arrived)?;
        moved.push(sent);
    }
    settle(session, identity).await?;
    Ok(moved)
}

/// What is there, where it is what `read` gives, of the same workspace.
async fn filled(
    session: &Session,
    read: &Source<'_>,
    identity: &Identity,
) -> Result<Option<Vec<TableContent>>, Fault> {
    let workspace: String = session.one(WORKSPACE, &[]).await?;
    if workspace != identity.workspace {
        return Ok(None);
    }
    let mut there = Vec::new();
    for table in TABLES {
        let sent = read(table, &mut |_| Ok(()))?;
        if content(session, table, &mut |_| Ok(())).await? != sent {
            return Ok(None);
        }
        there.push(sent);
    }
    Ok(Some(there))
}

/// The workspace's id, and the numbers that are given next.
async fn settle(session: &Session, identity: &Identity) -> Result<(), Fault> {
    let sql = "UPDATE fabrik.meta SET value = $1 WHERE key = 'workspace'";
    session.execute(sql, &[&identity.workspace]).await?;
    let sql = "INSERT INTO fabrik.counters (name, last) VALUES ('runs', $1)
               ON CONFLICT (name) DO UPDATE SET last = excluded.last";
    session.execute(sql, &[&identity.last_run]).await?;
    for table in ["resources", "audit_log", "changes"] {
        let sql = format!(
            "SELECT setval(pg_get_serial_sequence('fabrik.{table}', 'number'),
                 coalesce(max(number), 0) + 1, false) FROM fabrik.{table}"
        );
        session.one::<i64>(&sql, &[]).await?;
    }
    Ok(())
}

/// Gives all that is in the database at `address` to `write`, as it is at one moment.
pub(crate) fn drain(
    address: Address,
    clock: Arc<dyn Clock>,
    write: impl Fn(Table, &[Row]) -> Result<(), Problem>,
) -> Result<(Identity, Vec<TableContent>), Problem> {
    let now = clock.now();
    let store = PostgresStore::open(address, clock)?;
    let now = now
        .saturating_add(store.ahead)
        .unwrap_or(now)
        .as_microsecond();
    store.wait_for(async |session: Session| {
        let moment = Moment::of(session).await?;
        let sql = "SELECT id FROM fabrik.runs WHERE owner IS NOT NULL AND lease_expires_at > $1
                   AND state IN ('queued', 'running', 'undoing')";
        if let Some(row) = moment.row(sql, &[&now]).await? {
            let run = super::column::word(&row, "id")?;
            return Err(Cause::RunActive { run }.into());
        }
        let last_run = "SELECT coalesce(max(last), 0) FROM fabrik.counters WHERE name = 'runs'";
        let identity = Identity {
            workspace: moment.one(WORKSPACE, &[]).await?,
            last_run: moment.one(last_run, &[]).await?,
        };
        let mut sent = Vec::new();
        for table in TABLES {
            let take = &mut |rows: &[Row]| write(table, rows);
            sent.push(content(&moment, table, take).await?);
        }
        moment.end().await?;
        Ok((identity, sent))
    })
}

/// A table's rows, in the order of its key.
async fn content(
    session: &Session,
    table: Table,
    take: &mut dyn FnMut(&[Row]) -> Result<(), Problem>,
) -> Result<TableContent, Fault> {
    let Table { name, key } = table;
    // Read on from a cursor: the database sorts once.
    let cursor = format!(
        "DECLARE moving NO SCROLL CURSOR FOR
         SELECT row_to_json(record)::text AS record FROM fabrik.{name} AS record ORDER BY {key}"
    );
    session.batch(&cursor).await?;
    let mut reading = Reading::new();
    loop {
        let fetched = session
            .rows(&format!("FETCH {CHUNK} FROM moving"), &[])
            .await?;
        if fetched.is_empty() {
            break;
        }
        let rows = fetched
            .iter()
            .map(|row| Ok(crate::value::read_json(&get::<String>(row, "record")?)?))
            .collect::<Result<Vec<Row>, Fault>>()?;
        for row in &rows {
            reading.add(row);
        }
        take(&rows)?;
    }
    session.batch("CLOSE moving").await?;
    Ok(reading.end(table))
}

impl PostgresStore {
    /// Does `work` on a connection, on this thread.
    fn wait_for<T>(
        &self,
        work: impl AsyncFnOnce(Session) -> Result<T, Fault>,
    ) -> Result<T, Problem> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|error| super::failed(&error))?;
        let outcome = runtime.block_on(async {
            let session = self.connections.get().await?;
            work(session).await
        });
        outcome.map_err(|fault| self.connections.problem_of(fault))
    }
}
