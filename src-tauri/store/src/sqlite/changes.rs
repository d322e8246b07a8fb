//! The table `changes`.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::{
    column::{to_json, to_word, word},
    fault::Fault,
};
use crate::{Change, Topic};

/// How many are read at once.
const PAGE: i64 = 1000;

/// Says that a record changed.
pub(super) fn add(connection: &Connection, topic: Topic, id: &str) -> Result<(), Fault> {
    connection
        .prepare_cached("INSERT INTO changes (topic, id) VALUES (?1, ?2)")?
        .execute((to_word(&topic)?, id))?;
    Ok(())
}

/// The same of many, in order: in one statement, since SQLite keeps for each what its pages held before it.
pub(super) fn add_all(
    connection: &Connection,
    changes: &BTreeSet<(Topic, String)>,
) -> Result<(), Fault> {
    if changes.is_empty() {
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT INTO changes (topic, id) SELECT value ->> 0, value ->> 1 FROM json_each(?1)
             ORDER BY key",
        )?
        .execute([to_json(changes)?])?;
    Ok(())
}

/// The oldest after a number.
pub(super) fn since(connection: &Connection, number: i64) -> Result<Vec<Change>, Fault> {
    connection
        .prepare_cached(
            "SELECT number, topic, id FROM changes WHERE number > ?1 ORDER BY number LIMIT ?2",
        )?
        .query_and_then((number, PAGE), |row| {
            Ok(Change {
                number: row.get("number")?,
                topic: word(row, "topic")?,
                id: row.get("id")?,
            })
        })?
        .collect()
}

/// The newest's number; 0 where there is none.
pub(super) fn last(connection: &Connection) -> Result<i64, Fault> {
    Ok(connection
        .prepare_cached("SELECT coalesce(max(number), 0) FROM changes")?
        .query_row([], |row| row.get(0))?)
}
