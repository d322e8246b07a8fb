//! The numbered migrations, forward only, and the workspace's id. The number of the last one applied is
//! the file's `user_version`.

use fabrik_domain::{Cause, id::WorkspaceId};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{column, fault::Fault, sums};

/// In order; the first is number 1.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_central_database.sql"),
    include_str!("../../migrations/sqlite/0002_going_back_and_gates.sql"),
    include_str!("../../migrations/sqlite/0003_mails.sql"),
    include_str!("../../migrations/sqlite/0004_late_calls.sql"),
    include_str!("../../migrations/sqlite/0005_stopped_customers.sql"),
    include_str!("../../migrations/sqlite/0006_inbox.sql"),
    include_str!("../../migrations/sqlite/0007_told_runs.sql"),
    include_str!("../../migrations/sqlite/0008_sums.sql"),
    include_str!("../../migrations/sqlite/0009_audit_anchors.sql"),
    include_str!("../../migrations/sqlite/0010_origins.sql"),
    include_str!("../../migrations/sqlite/0011_sums_by_number.sql"),
    include_str!("../../migrations/sqlite/0012_doubts.sql"),
    include_str!("../../migrations/sqlite/0013_removed_customers.sql"),
    include_str!("../../migrations/sqlite/0014_counted_states.sql"),
    include_str!("../../migrations/sqlite/0015_tellings.sql"),
    include_str!("../../migrations/sqlite/0016_called.sql"),
];

/// From this migration on tables have sums.
const SUMS: u32 = 8;

/// Brings the file up to date, in one transaction, and returns the workspace's id.
pub(super) fn migrate(connection: &Connection) -> Result<WorkspaceId, Fault> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    // Read under the lock: another process may just have done it.
    let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = newest();
    if found > known {
        return Err(Cause::DatabaseNewer { found, known }.into());
    }
    if found < known {
        let kept = sums::are_kept(connection);
        if kept && found >= SUMS {
            // What is damaged is not added up anew.
            sums::check(&transaction)?;
            sums::forget(&transaction)?;
        }
        for (number, migration) in (1..).zip(MIGRATIONS).filter(|(number, _)| *number > found) {
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "user_version", number)?;
        }
        if kept {
            sums::begin(&transaction)?;
        }
    }
    transaction.execute(
        "INSERT INTO meta (key, value) VALUES ('workspace', ?1) ON CONFLICT DO NOTHING",
        [WorkspaceId::new().to_string()],
    )?;
    let workspace = workspace(&transaction)?;
    transaction.commit()?;
    Ok(workspace)
}

/// The workspace's id, where the file is up to date already. Nothing is written.
pub(super) fn current(connection: &Connection) -> Result<Option<WorkspaceId>, Fault> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = newest();
    if found > known {
        return Err(Cause::DatabaseNewer { found, known }.into());
    }
    (found == known).then(|| workspace(connection)).transpose()
}

fn newest() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

fn workspace(connection: &Connection) -> Result<WorkspaceId, Fault> {
    connection.query_row_and_then(
        "SELECT value FROM meta WHERE key = 'workspace'",
        [],
        |row| column::word(row, "value"),
    )
}
