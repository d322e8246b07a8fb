//! The numbered migrations, forward only, and the workspace's id. All is in the schema `fabrik`; the number of
//! the last migration applied is in its table `meta`.

use fabrik_domain::{Cause, id::WorkspaceId};

use super::{connections::Session, fault::Fault};
use crate::value::read_word;

/// In order; the first is number 1.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/postgres/0001_central_database.sql"),
    include_str!("../../migrations/postgres/0002_inbox.sql"),
    include_str!("../../migrations/postgres/0003_told_runs.sql"),
    include_str!("../../migrations/postgres/0004_audit_anchors.sql"),
    include_str!("../../migrations/postgres/0005_origins.sql"),
    include_str!("../../migrations/postgres/0006_doubts.sql"),
    include_str!("../../migrations/postgres/0007_removed_customers.sql"),
    include_str!("../../migrations/postgres/0008_tellings.sql"),
    include_str!("../../migrations/postgres/0009_called.sql"),
];

/// Held by whoever brings the database up to date; the others wait, and find it done. Every writing has a share of it,
/// so that none is in the middle meanwhile.
pub(super) const LOCK: i64 = 0x6661_6272_696b_0000;

const META: &str = "CREATE TABLE fabrik.meta (
    key   text COLLATE \"C\" PRIMARY KEY,
    value text NOT NULL
)";

/// How long a writing's row is of use: nobody tries for longer.
const FORGET: &str = "DELETE FROM fabrik.writings WHERE at < fabrik.central_time() - 3600000000";

/// Brings the database up to date, in one transaction, and returns the workspace's id, and whether the server takes
/// changes: one that is up to date is read all the same.
pub(super) async fn migrate(session: &Session) -> Result<(WorkspaceId, bool), Fault> {
    // Where nothing is to be done no right to do it is needed.
    if let Some((version, Some(workspace))) = found(session).await?
        && version == known()
    {
        let takes_changes = match session.execute(FORGET, &[]).await {
            Ok(_) => true,
            Err(fault) if fault.is_read_only() => false,
            Err(fault) => return Err(fault),
        };
        return Ok((workspace_id(workspace)?, takes_changes));
    }
    let lock = session.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]);
    session.begin("BEGIN", lock).await?;
    match apply(session).await {
        Ok(workspace) => {
            session.end(async { Ok(()) }, "COMMIT").await?;
            Ok((workspace_id(workspace)?, true))
        }
        Err(fault) => {
            session.roll_back().await;
            Err(fault)
        }
    }
}

fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

fn workspace_id(text: String) -> Result<WorkspaceId, Fault> {
    Ok(read_word("value", text)?)
}

/// The version that is there, and the workspace's id. Refuses one that this program doesn't know.
async fn found(session: &Session) -> Result<Option<(u32, Option<String>)>, Fault> {
    if !session
        .one("SELECT to_regclass('fabrik.meta') IS NOT NULL", &[])
        .await?
    {
        return Ok(None);
    }
    let sql = "SELECT coalesce(max(value) FILTER (WHERE key = 'version'), '0') AS version,
                   max(value) FILTER (WHERE key = 'workspace') AS workspace
               FROM fabrik.meta";
    let row = session.row(sql, &[]).await?;
    let row = row.ok_or_else(|| Fault::from(Cause::DatabaseDamaged))?;
    let version: String = row.try_get("version")?;
    let found = not_newer(&version)?;
    Ok(Some((found, row.try_get("workspace")?)))
}

/// The version that `meta` says. Refuses one that this program doesn't know: what it would write may not be what it
/// takes it for.
pub(super) fn not_newer(version: &str) -> Result<u32, Fault> {
    let found = version
        .parse()
        .map_err(|_| Fault::from(Cause::DatabaseDamaged))?;
    let known = known();
    if found > known {
        return Err(Cause::DatabaseNewer { found, known }.into());
    }
    Ok(found)
}

async fn apply(session: &Session) -> Result<String, Fault> {
    let schema = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'fabrik')";
    if !session.one(schema, &[]).await? {
        session.batch("CREATE SCHEMA fabrik").await?;
    }
    // Read under the lock: another process may just have done it.
    let found = match found(session).await? {
        Some((version, _)) => version,
        None => {
            session.batch(META).await?;
            0
        }
    };
    for (number, migration) in (1..).zip(MIGRATIONS).filter(|(number, _)| *number > found) {
        session.batch(migration).await?;
        let sql = "INSERT INTO fabrik.meta (key, value) VALUES ('version', $1)
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        session.execute(sql, &[&number.to_string()]).await?;
    }
    let sql =
        "INSERT INTO fabrik.meta (key, value) VALUES ('workspace', $1) ON CONFLICT DO NOTHING";
    let new = WorkspaceId::new().to_string();
    session.execute(sql, &[&new]).await?;
    session
        .one("SELECT value FROM fabrik.meta WHERE key = 'workspace'", &[])
        .await
}
