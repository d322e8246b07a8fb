//! The tables `audit_log` and `audit_anchors`. Nothing is ever changed in them or removed from them.

use std::ops::ControlFlow;

use async_trait::async_trait;
use fabrik_domain::{Problem, id::CustomerId};
use tokio_postgres::Row;

use super::{
    PostgresStore,
    column::{at_most, get, json, micros, time, to_json, word_option},
    connections::Session,
    fault::Fault,
    turn::{Begun, Turn, Write, reading, writing},
};
use crate::{Audit, AuditAnchor, AuditRow, AuditTrail, NewAudit};

/// Adds an entry.
pub(super) async fn add(write: &Write, entry: &NewAudit) -> Result<(), Fault> {
    write
        .execute(
            "INSERT INTO fabrik.audit_log (at, operator, action, customer_id, run_id, facts)
             VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                &micros(write.now),
                &entry.operator,
                &entry.action,
                &entry.customer.map(|id| id.to_string()),
                &entry.run.map(|id| id.to_string()),
                &to_json(&entry.facts)?,
            ],
        )
        .await?;
    Ok(())
}

/// The newest entries, the newest first.
pub(super) async fn newest(
    session: &Session,
    customer: Option<CustomerId>,
    limit: u64,
) -> Result<Vec<Audit>, Fault> {
    let limit = at_most(limit);
    let rows = match customer {
        Some(id) => {
            let sql = "SELECT * FROM fabrik.audit_log WHERE customer_id = $1
                       ORDER BY number DESC LIMIT $2";
            session.rows(sql, &[&id.to_string(), &limit]).await?
        }
        None => {
            let sql = "SELECT * FROM fabrik.audit_log ORDER BY number DESC LIMIT $1";
            session.rows(sql, &[&limit]).await?
        }
    };
    rows.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<Audit, Fault> {
    Ok(Audit {
        number: get(row, "number")?,
        at: time(row, "at")?,
        entry: NewAudit {
            operator: get(row, "operator")?,
            action: get(row, "action")?,
            customer: word_option(row, "customer_id")?,
            run: word_option(row, "run_id")?,
            facts: json(row, "facts")?,
        },
    })
}

#[async_trait]
impl AuditTrail for PostgresStore {
    async fn audit_end(&self) -> Result<i64, Problem> {
        writing!(self, |write| end(&write))
    }

    async fn audit_rows(&self, from: i64, limit: u32) -> Result<Vec<AuditRow>, Problem> {
        reading!(self, |session| rows(&session, from, limit))
    }

    async fn audit_anchors(&self) -> Result<Vec<AuditAnchor>, Problem> {
        reading!(self, |session| anchors(&session))
    }

    async fn audit_anchor(
        &self,
        key: &str,
        number: Option<i64>,
    ) -> Result<Option<AuditAnchor>, Problem> {
        reading!(self, |session| anchor_at(&session, key, number))
    }

    async fn add_audit_anchor(
        &self,
        anchor: AuditAnchor,
        after: Option<i64>,
    ) -> Result<bool, Problem> {
        writing!(self, |write| add_anchor(&write, &anchor, after))
    }
}

/// Waits for those who are writing: they have their numbers already, and may commit in another order.
async fn end(write: &Write) -> Result<i64, Fault> {
    write
        .batch("LOCK TABLE fabrik.audit_log IN SHARE MODE")
        .await?;
    let sql = "SELECT coalesce(max(number), 0) FROM fabrik.audit_log";
    write.one(sql, &[]).await
}

async fn rows(session: &Session, from: i64, limit: u32) -> Result<Vec<AuditRow>, Fault> {
    let sql = "SELECT * FROM fabrik.audit_log WHERE number >= $1 ORDER BY number LIMIT $2";
    let rows = session.rows(sql, &[&from, &i64::from(limit)]).await?;
    rows.iter()
        .map(|row| {
            Ok(AuditRow {
                number: get(row, "number")?,
                at: get(row, "at")?,
                operator: get(row, "operator")?,
                action: get(row, "action")?,
                customer: get(row, "customer_id")?,
                run: get(row, "run_id")?,
                facts: get(row, "facts")?,
            })
        })
        .collect()
}

async fn anchors(session: &Session) -> Result<Vec<AuditAnchor>, Fault> {
    let sql = "SELECT * FROM fabrik.audit_anchors ORDER BY key, number";
    let rows = session.rows(sql, &[]).await?;
    rows.iter().map(anchor).collect()
}

async fn anchor_at(
    session: &Session,
    key: &str,
    number: Option<i64>,
) -> Result<Option<AuditAnchor>, Fault> {
    let sql = "SELECT * FROM fabrik.audit_anchors WHERE key = $1 AND number = coalesce($2,
                   (SELECT max(number) FROM fabrik.audit_anchors WHERE key = $1))";
    let rows = session.rows(sql, &[&key, &number]).await?;
    rows.first().map(anchor).transpose()
}

fn anchor(row: &Row) -> Result<AuditAnchor, Fault> {
    Ok(AuditAnchor {
        key: get(row, "key")?,
        number: get(row, "number")?,
        at: get(row, "at")?,
        mac: get(row, "mac")?,
    })
}

async fn add_anchor(
    write: &Write,
    anchor: &AuditAnchor,
    after: Option<i64>,
) -> Result<bool, Fault> {
    // One of two that add the same is told that it is there.
    let sql = "INSERT INTO fabrik.audit_anchors (key, number, at, mac)
               SELECT $1, $2, $3, $4
               WHERE (SELECT max(number) FROM fabrik.audit_anchors WHERE key = $1)
                     IS NOT DISTINCT FROM $5
               ON CONFLICT (key, number) DO NOTHING";
    let AuditAnchor {
        key,
        number,
        at,
        mac,
    } = anchor;
    let added = write.execute(sql, &[key, number, at, mac, &after]).await?;
    Ok(added == 1)
}
