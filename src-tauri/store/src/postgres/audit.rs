//! The table `audit_log`. Nothing is ever changed in it or removed from it.

use fabrik_domain::id::CustomerId;
use tokio_postgres::Row;

use super::{
    column::{get, json, micros, time, to_json, word_option},
    connections::Session,
    fault::Fault,
    turn::Write,
};
use crate::{Audit, NewAudit};

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
    let limit = i64::try_from(limit).ok().filter(|limit| *limit > 0);
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
