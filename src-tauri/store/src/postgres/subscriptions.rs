//! The tables `stripe_events` and `stripe_reading`.

use fabrik_domain::request::{OnboardingRequest, RequestKind, RequestState};

use super::{
    audit,
    column::{get, micros, time_option},
    connections::Session,
    fault::Fault,
    requests,
    turn::Write,
};
use crate::{
    NewAudit, StripeEvent, StripeReading, Taken, Told, Topic, Verdict, requests as rules,
    subscriptions::KEPT,
};

/// How far the events were read.
pub(super) async fn reading(session: &Session) -> Result<StripeReading, Fault> {
    let sql = "SELECT * FROM fabrik.stripe_reading WHERE id = 1";
    let Some(row) = session.row(sql, &[]).await? else {
        return Ok(StripeReading::default());
    };
    Ok(StripeReading {
        last_event: get(&row, "last_event")?,
        last_event_at: time_option(&row, "last_event_at")?,
        read_at: time_option(&row, "read_at")?,
        missed_since: time_option(&row, "missed_since")?,
        missed_at: time_option(&row, "missed_at")?,
        account: get(&row, "account")?,
        followed_since: time_option(&row, "followed_since")?,
    })
}

/// Writes how far they were read.
pub(super) async fn put(write: &Write, reading: &StripeReading) -> Result<(), Fault> {
    let sql = "INSERT INTO fabrik.stripe_reading
                   (id, last_event, last_event_at, read_at, missed_since, missed_at, account, followed_since)
               VALUES (1, $1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (id) DO UPDATE SET
                   last_event = excluded.last_event, last_event_at = excluded.last_event_at,
                   read_at = excluded.read_at, missed_since = excluded.missed_since,
                   missed_at = excluded.missed_at, account = excluded.account,
                   followed_since = excluded.followed_since";
    write
        .execute(
            sql,
            &[
                &reading.last_event,
                &reading.last_event_at.map(micros),
                &reading.read_at.map(micros),
                &reading.missed_since.map(micros),
                &reading.missed_at.map(micros),
                &reading.account,
                &reading.followed_since.map(micros),
            ],
        )
        .await?;
    let forgotten = micros(write.now.saturating_sub(KEPT).unwrap_or(write.now));
    let sql = "DELETE FROM fabrik.stripe_events WHERE at < $1";
    write.execute(sql, &[&forgotten]).await?;
    write.announce(Topic::Requests, "");
    Ok(())
}

/// Handles an event, or a subscription that was read.
pub(super) async fn take(write: &Write, told: &Told, audit: &NewAudit) -> Result<Taken, Fault> {
    if let Some(event) = &told.event
        && !mark(write, event).await?
    {
        return Ok(Taken::Nothing);
    }
    let Some(request) = &told.request else {
        return Ok(Taken::Nothing);
    };
    if let Some(key) = request.origin.key(request.kind)
        && let Some(mut there) = requests::locked_by_origin(write, &key).await?
    {
        if !rules::reread(&mut there, request, write.now) {
            return Ok(Taken::Nothing);
        }
        requests::put(write, &there, None).await?;
        audit::add(write, audit).await?;
        return Ok(Taken::Reread(Box::new(there)));
    }
    let taken = match begun(write, request).await? {
        // Nobody has decided yet, and nobody need.
        Some(mut begun) if begun.state.is_undecided() => {
            let verdict = Verdict {
                state: RequestState::Withdrawn,
                reason: None,
                ending: None,
            };
            rules::decide(&mut begun, verdict, "Stripe", write.now);
            requests::put(write, &begun, None).await?;
            Taken::Withdrawn(Box::new(begun))
        }
        // Of one that came to nothing nothing ends.
        Some(begun) if begun.state != RequestState::Approved => return Ok(Taken::Nothing),
        begun => {
            let request = OnboardingRequest {
                customer: begun.and_then(|begun| begun.customer).or(request.customer),
                ..request.clone()
            };
            // Another desktop was quicker by a hair, by another event of the same subscription.
            if !requests::put(write, &request, None).await? {
                return Ok(Taken::Nothing);
            }
            Taken::Added(Box::new(request))
        }
    };
    audit::add(write, audit).await?;
    Ok(taken)
}

/// Writes that an event is handled, and that the events were read so far; false where it was.
async fn mark(write: &Write, event: &StripeEvent) -> Result<bool, Fault> {
    let at = micros(event.at);
    // Waits while another desktop handles the same event.
    let sql = "INSERT INTO fabrik.stripe_events (id, at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    let new = write.execute(sql, &[&event.id, &at]).await?;
    let sql = "INSERT INTO fabrik.stripe_reading (id, last_event, last_event_at) VALUES (1, $1, $2)
               ON CONFLICT (id) DO UPDATE SET
                   last_event = excluded.last_event, last_event_at = excluded.last_event_at
               WHERE stripe_reading.last_event_at IS NULL
                   OR stripe_reading.last_event_at <= excluded.last_event_at";
    write.execute(sql, &[&event.id, &at]).await?;
    Ok(new > 0)
}

/// The request by which the subscription that ends was begun.
async fn begun(
    write: &Write,
    ended: &OnboardingRequest,
) -> Result<Option<OnboardingRequest>, Fault> {
    let key = match ended.kind {
        RequestKind::Cancellation => ended.origin.key(RequestKind::Onboarding),
        RequestKind::Onboarding => None,
    };
    match key {
        Some(key) => requests::locked_by_origin(write, &key).await,
        None => Ok(None),
    }
}
