//! The tables `stripe_events` and `stripe_reading`.

use fabrik_domain::request::{OnboardingRequest, RequestKind, RequestState};
use rusqlite::Connection;

use super::{
    audit, changes,
    column::{micros, time_option},
    fault::Fault,
    requests,
    writer::Write,
};
use crate::{
    NewAudit, StripeEvent, StripeReading, Taken, Told, Topic, Verdict, requests as rules,
    subscriptions::KEPT,
};

/// How far the events were read.
pub(super) fn reading(connection: &Connection) -> Result<StripeReading, Fault> {
    let mut statement = connection.prepare_cached("SELECT * FROM stripe_reading WHERE id = 1")?;
    let mut rows = statement.query([])?;
    let Some(row) = rows.next()? else {
        return Ok(StripeReading::default());
    };
    Ok(StripeReading {
        last_event: row.get("last_event")?,
        last_event_at: time_option(row, "last_event_at")?,
        read_at: time_option(row, "read_at")?,
        missed_since: time_option(row, "missed_since")?,
        missed_at: time_option(row, "missed_at")?,
        account: row.get("account")?,
        followed_since: time_option(row, "followed_since")?,
    })
}

/// Writes how far they were read.
pub(super) fn put(write: &Write<'_>, reading: &StripeReading) -> Result<(), Fault> {
    write
        .connection
        .prepare_cached(
            "INSERT INTO stripe_reading
                (id, last_event, last_event_at, read_at, missed_since, missed_at, account, followed_since)
             VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET
                last_event = excluded.last_event, last_event_at = excluded.last_event_at,
                read_at = excluded.read_at, missed_since = excluded.missed_since,
                missed_at = excluded.missed_at, account = excluded.account,
                followed_since = excluded.followed_since",
        )?
        .execute((
            &reading.last_event,
            reading.last_event_at.map(micros),
            reading.read_at.map(micros),
            reading.missed_since.map(micros),
            reading.missed_at.map(micros),
            &reading.account,
            reading.followed_since.map(micros),
        ))?;
    write
        .connection
        .prepare_cached("DELETE FROM stripe_events WHERE at < ?1")?
        .execute([micros(write.now.saturating_sub(KEPT).unwrap_or(write.now))])?;
    changes::add(write.connection, Topic::Requests, "")
}

/// Handles an event, or a subscription that was read.
pub(super) fn take(write: &Write<'_>, told: Told, audit: &NewAudit) -> Result<Taken, Fault> {
    if let Some(event) = &told.event
        && !mark(write, event)?
    {
        return Ok(Taken::Nothing);
    }
    let Some(request) = told.request else {
        return Ok(Taken::Nothing);
    };
    if let Some(key) = request.origin.key(request.kind)
        && let Some(mut there) = requests::by(write.connection, "origin_key", &key)?
    {
        if !rules::reread(&mut there, &request, write.now) {
            return Ok(Taken::Nothing);
        }
        requests::put(write, &there, None)?;
        audit::add(write, audit)?;
        return Ok(Taken::Reread(Box::new(there)));
    }
    let taken = match begun(write.connection, &request)? {
        // Nobody has decided yet, and nobody need.
        Some(mut begun) if begun.state.is_undecided() => {
            let verdict = Verdict {
                state: RequestState::Withdrawn,
                reason: None,
                ending: None,
            };
            rules::decide(&mut begun, verdict, "Stripe", write.now);
            requests::put(write, &begun, None)?;
            Taken::Withdrawn(Box::new(begun))
        }
        // Of one that came to nothing nothing ends.
        Some(begun) if begun.state != RequestState::Approved => return Ok(Taken::Nothing),
        begun => {
            let request = OnboardingRequest {
                customer: begun.and_then(|begun| begun.customer).or(request.customer),
                ..request
            };
            requests::put(write, &request, None)?;
            Taken::Added(Box::new(request))
        }
    };
    audit::add(write, audit)?;
    Ok(taken)
}

/// Writes that an event is handled, and that the events were read so far; false where it was.
fn mark(write: &Write<'_>, event: &StripeEvent) -> Result<bool, Fault> {
    let new = write
        .connection
        .prepare_cached(
            "INSERT INTO stripe_events (id, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute((&event.id, micros(event.at)))?;
    write
        .connection
        .prepare_cached(
            "INSERT INTO stripe_reading (id, last_event, last_event_at) VALUES (1, ?1, ?2)
             ON CONFLICT (id) DO UPDATE SET
                last_event = excluded.last_event, last_event_at = excluded.last_event_at
             WHERE last_event_at IS NULL OR last_event_at <= excluded.last_event_at",
        )?
        .execute((&event.id, micros(event.at)))?;
    Ok(new > 0)
}

/// The request by which the subscription that ends was begun.
fn begun(
    connection: &Connection,
    ended: &OnboardingRequest,
) -> Result<Option<OnboardingRequest>, Fault> {
    let key = match ended.kind {
        RequestKind::Cancellation => ended.origin.key(RequestKind::Onboarding),
        RequestKind::Onboarding => None,
    };
    match key {
        Some(key) => requests::by(connection, "origin_key", &key),
        None => Ok(None),
    }
}
