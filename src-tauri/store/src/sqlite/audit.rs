//! The table `audit_log`. Nothing is ever changed in it or removed from it.

use fabrik_domain::id::CustomerId;
use rusqlite::{Connection, Row, named_params};

use super::{
    column::{json, micros, time, to_json, word_option},
    fault::Fault,
    writer::Write,
};
use crate::{Audit, NewAudit};

/// Adds an entry.
pub(super) fn add(write: &Write<'_>, entry: &NewAudit) -> Result<(), Fault> {
    write
        .connection
        .prepare_cached(
            "INSERT INTO audit_log (at, operator, action, customer_id, run_id, facts)
             VALUES (:at, :operator, :action, :customer_id, :run_id, :facts)",
        )?
        .execute(named_params! {
            ":at": micros(write.now),
            ":operator": entry.operator,
            ":action": entry.action,
            ":customer_id": entry.customer.map(|id| id.to_string()),
            ":run_id": entry.run.map(|id| id.to_string()),
            ":facts": to_json(&entry.facts)?,
        })?;
    Ok(())
}

/// The newest entries, the newest first.
pub(super) fn newest(
    connection: &Connection,
    customer: Option<CustomerId>,
    limit: u64,
) -> Result<Vec<Audit>, Fault> {
    let limit = i64::try_from(limit)
        .ok()
        .filter(|limit| *limit > 0)
        .unwrap_or(-1);
    match customer {
        Some(id) => connection
            .prepare_cached(
                "SELECT * FROM audit_log WHERE customer_id = ?1 ORDER BY number DESC LIMIT ?2",
            )?
            .query_and_then((id.to_string(), limit), from_row)?
            .collect(),
        None => connection
            .prepare_cached("SELECT * FROM audit_log ORDER BY number DESC LIMIT ?1")?
            .query_and_then([limit], from_row)?
            .collect(),
    }
}

fn from_row(row: &Row<'_>) -> Result<Audit, Fault> {
    Ok(Audit {
        number: row.get("number")?,
        at: time(row, "at")?,
        entry: NewAudit {
            operator: row.get("operator")?,
            action: row.get("action")?,
            customer: word_option(row, "customer_id")?,
            run: word_option(row, "run_id")?,
            facts: json(row, "facts")?,
        },
    })
}
