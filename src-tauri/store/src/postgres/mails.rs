//! The table `mails`.

use std::time::Duration;

use fabrik_domain::{
    Cause,
    id::{CustomerId, RunId},
    mail::{Mail, MailKind},
};
use jiff::{SignedDuration, Timestamp};
use tokio_postgres::Row;

use super::{
    audit,
    column::{
        count, get, json_option, micros, time, time_option, to_json, to_json_option, to_word, word,
        word_option,
    },
    connections::Session,
    fault::Fault,
    leases,
    turn::Write,
};
use crate::{MailClaim, NewAudit, Topic};

/// How long a mail that was asked for stands in the way of the next: longer than it takes to hand one over.
const MOMENT: SignedDuration = SignedDuration::from_mins(2);

fn from_row(row: &Row) -> Result<Mail, Fault> {
    Ok(Mail {
        id: word(row, "id")?,
        kind: word(row, "kind")?,
        customer: word(row, "customer_id")?,
        run: word_option(row, "run_id")?,
        at: time(row, "at")?,
        state: word(row, "state")?,
        to: get(row, "recipient")?,
        content: json_option(row, "content")?,
        attempts: count(row, "attempts")?,
        tried_at: time_option(row, "tried_at")?,
        held_by: get(row, "held_by")?,
        not_before: time_option(row, "not_before")?,
        ended_at: time_option(row, "ended_at")?,
        error: json_option(row, "error")?,
    })
}

async fn insert(write: &Write, mail: &Mail) -> Result<(), Fault> {
    write
        .execute(
            "INSERT INTO fabrik.mails
                (id, kind, customer_id, run_id, at, state, recipient, tried_at, held_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (run_id, at) DO NOTHING",
            &[
                &mail.id.to_string(),
                &to_word(&mail.kind)?,
                &mail.customer.to_string(),
                &mail.run.map(|run| run.to_string()),
                &micros(mail.at),
                &to_word(&mail.state)?,
                &mail.to,
                &mail.tried_at.map(micros),
                &mail.held_by,
            ],
        )
        .await?;
    Ok(())
}

/// Tells of a change: of the run that it is about, else of the customer.
fn announce(write: &Write, mail: &Mail) {
    match mail.run {
        Some(run) => write.announce(Topic::Runs, &run.to_string()),
        None => write.announce(Topic::Customers, &mail.customer.to_string()),
    }
}

/// A mail to the owner falls due, unless this failure's is there already.
pub(super) async fn owe(
    write: &Write,
    run: RunId,
    customer: CustomerId,
    at: Timestamp,
) -> Result<(), Fault> {
    let mail = Mail {
        run: Some(run),
        ..Mail::new(MailKind::Failure, customer, at)
    };
    insert(write, &mail).await
}

/// Writes a mail that was asked for.
pub(super) async fn add(write: &Write, mail: &Mail, audit: &NewAudit) -> Result<(), Fault> {
    // One at a time asks for this customer's.
    let sql = "SELECT id FROM fabrik.customers WHERE id = $1 FOR UPDATE";
    write.row(sql, &[&mail.customer.to_string()]).await?;
    let moment_ago = write.now.saturating_sub(MOMENT).unwrap_or(write.now);
    let under_way = of_customer(write, mail.customer)
        .await?
        .iter()
        .any(|other| other.kind == mail.kind && other.ended_at.is_none() && other.at > moment_ago);
    if under_way {
        return Err(Cause::MailUnderWay.into());
    }
    insert(write, mail).await?;
    audit::add(write, audit).await?;
    announce(write, mail);
    Ok(())
}

/// Takes a mail to hand it over.
pub(super) async fn claim(
    write: &Write,
    claim: &MailClaim,
    hold: Duration,
) -> Result<Option<Mail>, Fault> {
    let row = write
        .row(
            "UPDATE fabrik.mails SET
                state = 'sending', attempts = attempts + 1,
                recipient = CASE WHEN content IS NULL THEN $2 ELSE recipient END,
                content = coalesce(content, $3),
                tried_at = coalesce(tried_at, $6), held_by = $4, not_before = $7
             WHERE id = $1 AND state IN ('due', 'sending')
                AND (not_before IS NULL OR not_before <= $6 OR held_by = $5)
             RETURNING *",
            &[
                &claim.id.to_string(),
                &claim.to,
                &to_json(&claim.content)?,
                &claim.by,
                &claim.dead,
                &micros(write.now),
                &micros(leases::expiry(write.now, hold)),
            ],
        )
        .await?;
    let mail = row.as_ref().map(from_row).transpose()?;
    if let Some(mail) = &mail {
        announce(write, mail);
    }
    Ok(mail)
}

/// Writes what became of a mail that is not settled.
pub(super) async fn settle(
    write: &Write,
    mail: &Mail,
    audit: Option<&NewAudit>,
) -> Result<bool, Fault> {
    let written = write
        .execute(
            "UPDATE fabrik.mails SET
                state = $2, attempts = greatest(attempts, $3), recipient = coalesce(recipient, $4),
                not_before = $5, held_by = NULL, ended_at = $6, error = $7
             WHERE id = $1 AND state IN ('due', 'sending')",
            &[
                &mail.id.to_string(),
                &to_word(&mail.state)?,
                &i64::from(mail.attempts),
                &mail.to,
                &mail.not_before.map(micros),
                &mail.ended_at.map(micros),
                &to_json_option(mail.error.as_ref())?,
            ],
        )
        .await?;
    if written == 0 {
        return Ok(false);
    }
    if let Some(entry) = audit {
        audit::add(write, entry).await?;
    }
    announce(write, mail);
    Ok(true)
}

/// Mails about runs that have ended, and that are not settled, the oldest first.
pub(super) async fn due(session: &Session) -> Result<Vec<Mail>, Fault> {
    let sql = "SELECT mails.* FROM fabrik.mails JOIN fabrik.runs ON runs.id = mails.run_id
               WHERE mails.state IN ('due', 'sending')
                   AND runs.state NOT IN ('queued', 'running', 'waiting', 'undoing', 'interrupted')
               ORDER BY mails.at";
    let rows = session.rows(sql, &[]).await?;
    rows.iter().map(from_row).collect()
}

/// The mails about a customer, or to it, the newest first.
pub(super) async fn of_customer(
    session: &Session,
    customer: CustomerId,
) -> Result<Vec<Mail>, Fault> {
    let sql = "SELECT * FROM fabrik.mails WHERE customer_id = $1 ORDER BY at DESC";
    let rows = session.rows(sql, &[&customer.to_string()]).await?;
    rows.iter().map(from_row).collect()
}
