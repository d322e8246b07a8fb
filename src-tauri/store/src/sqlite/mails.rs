//! The table `mails`.

use std::time::Duration;

use fabrik_domain::{
    Cause,
    id::{CustomerId, MailId, RunId},
    mail::{Mail, MailKind},
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Row, named_params};

use super::{
    audit, changes,
    column::{
        json_option, micros, time, time_option, to_json, to_json_option, to_word, word, word_option,
    },
    fault::Fault,
    leases,
    writer::Write,
};
use crate::{MailClaim, NewAudit, Topic};

/// How long a mail that was asked for stands in the way of the next: longer than it takes to hand one over.
const MOMENT: SignedDuration = SignedDuration::from_mins(2);

fn from_row(row: &Row<'_>) -> Result<Mail, Fault> {
    Ok(Mail {
        id: word(row, "id")?,
        kind: word(row, "kind")?,
        customer: word(row, "customer_id")?,
        run: word_option(row, "run_id")?,
        at: time(row, "at")?,
        state: word(row, "state")?,
        to: row.get("recipient")?,
        content: json_option(row, "content")?,
        attempts: row.get("attempts")?,
        tried_at: time_option(row, "tried_at")?,
        held_by: row.get("held_by")?,
        not_before: time_option(row, "not_before")?,
        ended_at: time_option(row, "ended_at")?,
        error: json_option(row, "error")?,
    })
}

fn insert(connection: &Connection, mail: &Mail) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO mails (id, kind, customer_id, run_id, at, state, recipient, tried_at, held_by)
             VALUES (:id, :kind, :customer_id, :run_id, :at, :state, :recipient, :tried_at, :held_by)
             ON CONFLICT (run_id, at) DO NOTHING",
        )?
        .execute(named_params! {
            ":id": mail.id.to_string(),
            ":kind": to_word(&mail.kind)?,
            ":customer_id": mail.customer.to_string(),
            ":run_id": mail.run.map(|run| run.to_string()),
            ":at": micros(mail.at),
            ":state": to_word(&mail.state)?,
            ":recipient": mail.to,
            ":tried_at": mail.tried_at.map(micros),
            ":held_by": mail.held_by,
        })?;
    Ok(())
}

/// Tells of a change: of the run that it is about, else of the customer.
fn announce(connection: &Connection, mail: &Mail) -> Result<(), Fault> {
    match mail.run {
        Some(run) => changes::add(connection, Topic::Runs, &run.to_string()),
        None => changes::add(connection, Topic::Customers, &mail.customer.to_string()),
    }
}

/// A mail to the owner falls due, unless this failure's is there already.
pub(super) fn owe(
    connection: &Connection,
    run: RunId,
    customer: CustomerId,
    at: Timestamp,
) -> Result<(), Fault> {
    let mail = Mail {
        run: Some(run),
        ..Mail::new(MailKind::Failure, customer, at)
    };
    insert(connection, &mail)
}

/// Writes a mail that was asked for.
pub(super) fn add(write: &Write<'_>, mail: &Mail, audit: &NewAudit) -> Result<(), Fault> {
    let moment_ago = write.now.saturating_sub(MOMENT).unwrap_or(write.now);
    let under_way = of_customer(write.connection, mail.customer)?
        .iter()
        .any(|other| other.kind == mail.kind && other.ended_at.is_none() && other.at > moment_ago);
    if under_way {
        return Err(Cause::MailUnderWay.into());
    }
    insert(write.connection, mail)?;
    audit::add(write, audit)?;
    announce(write.connection, mail)
}

/// Takes a mail to hand it over.
pub(super) fn claim(
    write: &Write<'_>,
    claim: &MailClaim,
    hold: Duration,
) -> Result<Option<Mail>, Fault> {
    let claimed = write
        .connection
        .prepare_cached(
            "UPDATE mails SET
                state = 'sending', attempts = attempts + 1,
                recipient = CASE WHEN content IS NULL THEN :to ELSE recipient END,
                content = coalesce(content, :content),
                tried_at = coalesce(tried_at, :now), held_by = :by, not_before = :until
             WHERE id = :id AND state IN ('due', 'sending')
                AND (not_before IS NULL OR not_before <= :now OR held_by = :dead)",
        )?
        .execute(named_params! {
            ":id": claim.id.to_string(),
            ":to": claim.to,
            ":content": to_json(&claim.content)?,
            ":by": claim.by,
            ":dead": claim.dead,
            ":now": micros(write.now),
            ":until": micros(leases::expiry(write.now, hold)),
        })?;
    if claimed == 0 {
        return Ok(None);
    }
    let mail = get(write.connection, claim.id)?;
    if let Some(mail) = &mail {
        announce(write.connection, mail)?;
    }
    Ok(mail)
}

/// Writes what became of a mail that is not settled.
pub(super) fn settle(
    write: &Write<'_>,
    mail: &Mail,
    audit: Option<&NewAudit>,
) -> Result<bool, Fault> {
    let written = write
        .connection
        .prepare_cached(
            "UPDATE mails SET
                state = :state, attempts = max(attempts, :attempts),
                recipient = coalesce(recipient, :recipient), not_before = :not_before, held_by = NULL,
                ended_at = :ended_at, error = :error
             WHERE id = :id AND state IN ('due', 'sending')",
        )?
        .execute(named_params! {
            ":id": mail.id.to_string(),
            ":state": to_word(&mail.state)?,
            ":attempts": mail.attempts,
            ":recipient": mail.to,
            ":not_before": mail.not_before.map(micros),
            ":ended_at": mail.ended_at.map(micros),
            ":error": to_json_option(mail.error.as_ref())?,
        })?;
    if written == 0 {
        return Ok(false);
    }
    if let Some(entry) = audit {
        audit::add(write, entry)?;
    }
    announce(write.connection, mail)?;
    Ok(true)
}

fn get(connection: &Connection, id: MailId) -> Result<Option<Mail>, Fault> {
    let mut statement = connection.prepare_cached("SELECT * FROM mails WHERE id = ?1")?;
    let mut rows = statement.query([id.to_string()])?;
    rows.next()?.map(from_row).transpose()
}

/// Mails about runs that have ended, and that are not settled, the oldest first.
pub(super) fn due(connection: &Connection) -> Result<Vec<Mail>, Fault> {
    connection
        .prepare_cached(
            // The condition as it stands in the index, so that SQLite uses it.
            "SELECT mails.* FROM mails JOIN runs ON runs.id = mails.run_id
             WHERE mails.state IN ('due', 'sending')
                AND runs.state NOT IN ('queued', 'running', 'waiting', 'undoing', 'interrupted')
             ORDER BY mails.at",
        )?
        .query_and_then([], from_row)?
        .collect()
}

/// The mails about a customer, or to it, the newest first.
pub(super) fn of_customer(
    connection: &Connection,
    customer: CustomerId,
) -> Result<Vec<Mail>, Fault> {
    connection
        .prepare_cached("SELECT * FROM mails WHERE customer_id = ?1 ORDER BY at DESC")?
        .query_and_then([customer.to_string()], from_row)?
        .collect()
}
