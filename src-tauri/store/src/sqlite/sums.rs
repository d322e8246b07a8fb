//! What the rows of each table add up to, kept beside them. SQLite has checksums in its log and none in its file: a
//! byte that the disk changed within a text would be read as if it had been written. Every change adds the new row to
//! its table's sum and takes the old one away, by triggers but for [one table's new rows](ADDED); a look at the file adds
//! them all up again.

use std::{collections::BTreeMap, ops::Range};

use fabrik_domain::{Cause, Problem};
use rusqlite::{
    Connection, OptionalExtension, Result,
    functions::{Context, FunctionFlags},
    types::ValueRef,
};
use sha2::{Digest, Sha256};

use super::fault::Fault;

/// What the triggers call: a sum, and the columns of the row that is added to it. These names mean this for good: a process
/// of another version may have the file open, and what it doesn't know it can't write.
const PLUS_ROW: &str = "sum_plus_row";
/// The same, of a row that is taken away.
const MINUS_ROW: &str = "sum_minus_row";
/// The same, with the columns of a row that goes, and then of the one that takes its place.
const ROW_CHANGED: &str = "sum_row_changed";
/// The same, with what rows add up to.
const PLUS: &str = "sum_plus";

/// No number that is given reaches this: one that has lost a bit may.
const END: i64 = 1 << 53;

/// The table whose new rows are added up by whoever writes them, an entry's at once: a trigger for each would take longer
/// than the row itself.
const ADDED: &str = "run_events";

/// Stands for the tables' own definitions among the sums.
const DEFINITIONS: &str = "sqlite_schema";

/// Whether there is a disk that may change a byte. In memory nothing is added up: simulations write without end.
pub(super) fn are_kept(connection: &Connection) -> bool {
    connection.path().is_some_and(|path| !path.is_empty())
}

/// Teaches a connection what the triggers call. One that has not learned it can't write.
pub(super) fn teach(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function(PLUS_ROW, -1, flags, |context| {
        Ok(sum(context)?.wrapping_add(row(context, 1..context.len())))
    })?;
    connection.create_scalar_function(MINUS_ROW, -1, flags, |context| {
        Ok(sum(context)?.wrapping_sub(row(context, 1..context.len())))
    })?;
    connection.create_scalar_function(PLUS, 2, flags, |context| {
        Ok(sum(context)?.wrapping_add(context.get(1)?))
    })?;
    connection.create_scalar_function(ROW_CHANGED, -1, flags, |context| {
        let new = context.len().div_ceil(2);
        let without = sum(context)?.wrapping_sub(row(context, 1..new));
        Ok(without.wrapping_add(row(context, new..context.len())))
    })
}

fn sum(context: &Context<'_>) -> Result<i64> {
    context.get(0)
}

fn row(context: &Context<'_>, places: Range<usize>) -> i64 {
    of_row(places.map(|place| context.get_raw(place)))
}

/// 64 bits of a digest of all columns, with their types and lengths. In any order the rows of a table add up to the
/// same.
fn of_row<'a>(columns: impl Iterator<Item = ValueRef<'a>>) -> i64 {
    let mut digest = Sha256::new();
    for column in columns {
        let (kind, bytes) = match column {
            ValueRef::Null => (0_u8, b"".as_slice()),
            ValueRef::Integer(number) => {
                digest.update([1]);
                digest.update(number.to_le_bytes());
                continue;
            }
            ValueRef::Real(number) => {
                digest.update([2]);
                digest.update(number.to_le_bytes());
                continue;
            }
            ValueRef::Text(text) => (3, text),
            ValueRef::Blob(bytes) => (4, bytes),
        };
        digest.update([kind]);
        digest.update(bytes.len().to_le_bytes());
        digest.update(bytes);
    }
    let digest = digest.finalize();
    digest
        .iter()
        .take(8)
        .fold(0, |sum: i64, byte| (sum << 8) | i64::from(*byte))
}

/// What a table's rows add up to; none where no sums are kept. Every commit that changes a row changes it: it tells one
/// state of the table from another.
pub(super) fn of(connection: &Connection, table: &str) -> Result<Option<i64>> {
    if !are_kept(connection) {
        return Ok(None);
    }
    let mut sum = connection.prepare_cached("SELECT sum FROM sums WHERE name = ?1")?;
    sum.query_row([table], |row| row.get(0)).optional()
}

/// Adds up what is written into [`run_events`](ADDED).
pub(super) struct Added<'a> {
    /// None where no sums are kept.
    connection: Option<&'a Connection>,
    sum: i64,
}

impl<'a> Added<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        Self {
            connection: are_kept(connection).then_some(connection),
            sum: 0,
        }
    }

    /// A row was written, with these columns.
    pub(super) fn row(&mut self, columns: &[ValueRef<'_>]) {
        if self.connection.is_some() {
            self.sum = self.sum.wrapping_add(of_row(columns.iter().copied()));
        }
    }

    /// Writes the sum.
    pub(super) fn write(self) -> Result<()> {
        let Some(connection) = self.connection else {
            return Ok(());
        };
        let sql = format!("UPDATE sums SET sum = {PLUS}(sum, ?1) WHERE name = '{ADDED}'");
        connection.prepare_cached(&sql)?.execute([self.sum])?;
        Ok(())
    }
}

/// Lets go of the sums before the tables change.
pub(super) fn forget(connection: &Connection) -> Result<()> {
    let sql =
        r"SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'sum\_%' ESCAPE '\'";
    let mut triggers = connection.prepare(sql)?;
    let triggers: Result<Vec<String>> = triggers.query_map([], |row| row.get(0))?.collect();
    for trigger in triggers? {
        connection.execute_batch(&format!("DROP TRIGGER {trigger}"))?;
    }
    Ok(())
}

/// Adds up what is there, and keeps it added up from now on.
pub(super) fn begin(connection: &Connection) -> Result<()> {
    let tables = tables(connection)?;
    for (number, table) in (0_i64..).zip(&tables) {
        let columns = columns(connection, table)?;
        let of = |row: &str| {
            let columns: Vec<_> = columns.iter().map(|name| format!("{row}.{name}")).collect();
            columns.join(", ")
        };
        let (old, new) = (of("OLD"), of("NEW"));
        for (change, sum) in [
            ("INSERT", format!("{PLUS_ROW}(sum, {new})")),
            ("DELETE", format!("{MINUS_ROW}(sum, {old})")),
            ("UPDATE", format!("{ROW_CHANGED}(sum, {old}, {new})")),
        ] {
            if table == ADDED && change == "INSERT" {
                continue;
            }
            connection.execute_batch(&format!(
                "CREATE TRIGGER sum_{table}_{change} AFTER {change} ON {table}
                 BEGIN UPDATE sums SET sum = {sum} WHERE number = {number}; END"
            ))?;
        }
    }
    renew(connection)
}

/// Adds up what is there, however it was written.
pub(super) fn renew(connection: &Connection) -> Result<()> {
    connection.execute("DELETE FROM sums", [])?;
    let tables = tables(connection)?;
    let names = tables.iter().map(String::as_str).chain([DEFINITIONS]);
    for (number, name) in (0_i64..).zip(names) {
        let sum = add_up(connection, name)?;
        connection.execute("INSERT INTO sums VALUES (?1, ?2, ?3)", (number, name, sum))?;
    }
    Ok(())
}

/// Whether every row is what was written. Of one that isn't, nothing is known but its table.
pub(super) fn check(connection: &Connection) -> std::result::Result<(), Fault> {
    let mut kept = connection.prepare("SELECT name, sum FROM sums")?;
    let kept: Result<BTreeMap<String, i64>> = kept
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect();
    let kept = kept?;
    let tables = tables(connection)?;
    for name in tables.iter().map(String::as_str).chain([DEFINITIONS]) {
        if kept.get(name) != Some(&add_up(connection, name)?) {
            let detail = format!("what is in {name} is not what was written");
            return Err(Problem::from(Cause::DatabaseDamaged).detail(detail).into());
        }
    }
    check_counters(connection)
}

/// Whether the numbers given next follow those that were given. SQLite counts them in a table of its own, of which no
/// sum can be kept.
fn check_counters(connection: &Connection) -> std::result::Result<(), Fault> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '% AUTOINCREMENT%'";
    let mut counted = connection.prepare(sql)?;
    let counted: Result<Vec<String>> = counted.query_map([], |row| row.get(0))?.collect();
    for table in counted? {
        let sql = format!("SELECT coalesce(max(rowid), 0) FROM {table}");
        let highest: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        let sql = "SELECT count(*),
                          count(*) FILTER (WHERE typeof(seq) = 'integer' AND seq >= ?2 AND seq < ?3)
                   FROM sqlite_sequence WHERE name = ?1";
        let (all, good): (i64, i64) = connection.query_row(sql, (&table, highest, END), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        // There is none before the first row.
        if good != all || all > 1 || (all == 0 && highest > 0) {
            let detail = format!("the numbers given in {table} are not what was written");
            return Err(Problem::from(Cause::DatabaseDamaged).detail(detail).into());
        }
    }
    Ok(())
}

fn add_up(connection: &Connection, name: &str) -> Result<i64> {
    let sql = if name == DEFINITIONS {
        // What SQLite makes for itself, and what shuts a file whose records have moved, come and go.
        r"SELECT type, name, tbl_name, sql FROM sqlite_schema
          WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE 'moved\_%' ESCAPE '\'"
            .to_owned()
    } else {
        format!("SELECT * FROM {name}")
    };
    let mut statement = connection.prepare(&sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut sum = 0_i64;
    while let Some(row) = rows.next()? {
        let values: Result<Vec<_>> = (0..columns).map(|place| row.get_ref(place)).collect();
        sum = sum.wrapping_add(of_row(values?.into_iter()));
    }
    Ok(sum)
}

/// All tables but SQLite's own and the one with the sums.
fn tables(connection: &Connection) -> Result<Vec<String>> {
    let sql = r"SELECT name FROM sqlite_schema
                WHERE type = 'table' AND name <> 'sums' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
                ORDER BY name";
    let mut tables = connection.prepare(sql)?;
    tables.query_map([], |row| row.get(0))?.collect()
}

fn columns(connection: &Connection, table: &str) -> Result<Vec<String>> {
    let mut columns = connection.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
    columns.query_map([table], |row| row.get(0))?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::connection;

    fn with_notes() -> Connection {
        let connection = connection::in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE sums (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, sum INTEGER NOT NULL) STRICT;
                 CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, of INTEGER REFERENCES notes ON DELETE CASCADE) STRICT;
                 INSERT INTO notes VALUES (1, 'before', NULL);
                 CREATE TABLE counted (number INTEGER PRIMARY KEY AUTOINCREMENT) STRICT;
                 CREATE TABLE to_be_counted (number INTEGER PRIMARY KEY AUTOINCREMENT) STRICT;
                 INSERT INTO counted VALUES (7)",
            )
            .unwrap();
        begin(&connection).unwrap();
        connection
    }

    #[test]
    fn every_way_to_change_rows_keeps_the_sum() {
        let connection = with_notes();
        for sql in [
            "INSERT INTO notes VALUES (2, NULL, 1), (3, '', 2), (9223372036854775807, 'last', NULL)",
            "INSERT INTO notes VALUES (2, 'again', 1) ON CONFLICT (id) DO UPDATE SET text = excluded.text",
            "INSERT INTO notes VALUES (2, 'never', 1) ON CONFLICT DO NOTHING",
            "INSERT OR REPLACE INTO notes VALUES (2, 'in its place', 1)",
            "UPDATE notes SET text = text || '!', id = id - 1 WHERE id > 100",
            "SAVEPOINT one; DELETE FROM notes; ROLLBACK TO one; RELEASE one",
            // With all that refer to it.
            "DELETE FROM notes WHERE id = 1",
            "DELETE FROM notes",
            "INSERT INTO counted DEFAULT VALUES",
            "DELETE FROM counted",
        ] {
            connection.execute_batch(sql).unwrap();
            check(&connection).unwrap_or_else(|fault| panic!("{sql}: {fault}"));
        }
    }

    #[test]
    fn what_is_changed_behind_the_programs_back_is_found() {
        for sql in [
            "UPDATE notes SET text = 'Before'",
            "UPDATE notes SET text = NULL",
            "INSERT INTO notes VALUES (2, 'one more', NULL)",
            "DELETE FROM notes",
            "UPDATE sums SET sum = sum + 1 WHERE name = 'notes'",
            "DELETE FROM sums",
            "CREATE TABLE others (id INTEGER PRIMARY KEY) STRICT",
            "UPDATE sqlite_sequence SET seq = 6",
            "UPDATE sqlite_sequence SET seq = 9007199254740992",
            "UPDATE sqlite_sequence SET seq = '7'",
            "UPDATE sqlite_sequence SET name = 'caunted'",
            "DELETE FROM sqlite_sequence",
        ] {
            let connection = with_notes();
            forget(&connection).unwrap();
            connection.execute_batch(sql).unwrap();
            assert!(check(&connection).is_err(), "{sql}");
        }
    }
}
