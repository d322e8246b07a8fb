//! The tables `audit_log` and `audit_anchors`. Nothing is ever changed in them or removed from them.

use async_trait::async_trait;
use fabrik_domain::{Problem, id::CustomerId};
use rusqlite::{Connection, Row, named_params};

use super::{
    SqliteStore,
    column::{at_most, json, micros, time, to_json, word_option},
    fault::Fault,
    writer::Write,
};
use crate::{Audit, AuditAnchor, AuditRow, AuditTrail, NewAudit};

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
    let limit = at_most(limit).unwrap_or(-1);
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

#[async_trait]
impl AuditTrail for SqliteStore {
    async fn audit_end(&self) -> Result<i64, Problem> {
        self.readers
            .read(|connection| {
                let sql = "SELECT coalesce(max(number), 0) FROM audit_log";
                Ok(connection.query_row(sql, [], |row| row.get(0))?)
            })
            .await
    }

    async fn audit_rows(&self, from: i64, limit: u32) -> Result<Vec<AuditRow>, Problem> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT * FROM audit_log WHERE number >= ?1 ORDER BY number LIMIT ?2",
                    )?
                    .query_and_then((from, limit), as_it_stands)?
                    .collect()
            })
            .await
    }

    async fn audit_anchors(&self) -> Result<Vec<AuditAnchor>, Problem> {
        self.readers
            .read(|connection| {
                connection
                    .prepare_cached("SELECT * FROM audit_anchors ORDER BY key, number")?
                    .query_and_then([], anchor)?
                    .collect()
            })
            .await
    }

    async fn audit_anchor(
        &self,
        key: &str,
        number: Option<i64>,
    ) -> Result<Option<AuditAnchor>, Problem> {
        let key = key.to_owned();
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT * FROM audit_anchors WHERE key = ?1 AND number = coalesce(?2,
                             (SELECT max(number) FROM audit_anchors WHERE key = ?1))",
                    )?
                    .query_and_then((key, number), anchor)?
                    .next()
                    .transpose()
            })
            .await
    }

    async fn add_audit_anchor(
        &self,
        anchor: AuditAnchor,
        after: Option<i64>,
    ) -> Result<bool, Problem> {
        self.writer
            .write(move |write| {
                let added = write
                    .connection
                    .prepare_cached(
                        "INSERT INTO audit_anchors (key, number, at, mac)
                         SELECT :key, :number, :at, :mac
                         WHERE (SELECT max(number) FROM audit_anchors WHERE key = :key) IS :after",
                    )?
                    .execute(named_params! {
                        ":key": anchor.key,
                        ":number": anchor.number,
                        ":at": anchor.at,
                        ":mac": anchor.mac,
                        ":after": after,
                    })?;
                Ok(added == 1)
            })
            .await
    }
}

fn anchor(row: &Row<'_>) -> Result<AuditAnchor, Fault> {
    Ok(AuditAnchor {
        key: row.get("key")?,
        number: row.get("number")?,
        at: row.get("at")?,
        mac: row.get("mac")?,
    })
}

fn as_it_stands(row: &Row<'_>) -> Result<AuditRow, Fault> {
    Ok(AuditRow {
        number: row.get("number")?,
        at: row.get("at")?,
        operator: row.get("operator")?,
        action: row.get("action")?,
        customer: row.get("customer_id")?,
        run: row.get("run_id")?,
        facts: row.get("facts")?,
    })
}
