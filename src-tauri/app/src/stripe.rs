//! Stripe, read now and then: who has subscribed asks to become a customer, and who has ended is asked about. There
//! is no server that Stripe could tell; so its events are read, from the last that was handled on.
//!
//! Each event is handled in one transaction with the note that it is: a process that is killed between two leaves
//! nothing half done, and the next reads on. Stripe tells of thirty days. After a longer rest all subscriptions are
//! read instead, and that is said.

mod again;
mod ends;
mod known;
mod plans;
mod reader;
mod wish;

use std::{collections::BTreeMap, mem, sync::PoisonError};

use fabrik_domain::{
    Cause, Problem, failure::Failure, provider::Provider, request::OnboardingRequest,
};
use fabrik_store::{StripeReading, Topic};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use self::{plans::Plans, reader::Reader};
use crate::{App, views::StripeView};

/// For how long Stripe tells of an event.
const TOLD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// An event of this age may be forgotten before all after it are read.
const FADING: SignedDuration = SignedDuration::from_hours(29 * 24);

/// What another desktop has read so lately need not be read again.
const JUST_NOW: SignedDuration = SignedDuration::from_secs(30);

/// What was read, and what followed from it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct StripePoll {
    /// How many events were handled.
    #[ts(type = "number")]
    pub events: u64,
    /// Requests and tasks that are in the inbox by it.
    pub added: Vec<OnboardingRequest>,
    /// Requests that it has withdrawn.
    pub withdrawn: Vec<OnboardingRequest>,
    /// Until when everything is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub read_at: Option<Timestamp>,
    /// Since when nothing had been read, where that was longer than Stripe tells of: then all subscriptions were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub missed_since: Option<Timestamp>,
}

/// From where is read on.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    /// From the last event that was handled.
    After(String),
    /// From a time: nothing was read yet, or the last event is about to be forgotten.
    Since(Timestamp),
    /// From nowhere: it was too long ago.
    Anew,
}

/// From where to read on after this reading.
fn way(reading: &StripeReading, now: Timestamp) -> Way {
    let ago = |span: SignedDuration| now.saturating_sub(span).unwrap_or(now);
    let Some(read_at) = reading.read_at else {
        // A first reading that was cut short goes on where it was.
        return match &reading.last_event {
            Some(event) => Way::After(event.clone()),
            None => Way::Since(ago(TOLD)),
        };
    };
    if read_at < ago(TOLD) {
        return Way::Anew;
    }
    match (&reading.last_event, reading.last_event_at) {
        (Some(event), Some(at)) if at > ago(FADING) => Way::After(event.clone()),
        // It has long been quiet: nothing is left to go on from but the time. It is Stripe's own: by a clock of ours that
        // was ahead, what came before it was set would be passed over.
        (_, at) => Way::Since(at.map_or(ago(TOLD), |at| at.max(ago(TOLD)))),
    }
}

/// Whether it was read so lately that it need not be read again. What was read in the future was read by a clock that
/// has been set since, or another machine's: it says nothing.
fn was_just_read(reading: &StripeReading, now: Timestamp) -> bool {
    let lately = now - JUST_NOW;
    reading.read_at.is_some_and(|at| at > lately && at <= now)
}

impl App {
    /// Reads what has happened at Stripe since the last time, and what was in the way then; `all` of that where somebody
    /// asks, else what the settings have mended.
    async fn stripe_poll(&self, all: bool) -> Result<StripePoll, Problem> {
        let settings = self.settings().await?.values();
        let accounts = self.clouds(&settings)?;
        let mut before = self.store.stripe_reading().await?;
        let began = self.clock.now();
        let mut reader = Reader {
            app: self,
            stripe: accounts.stripe(),
            plans: Plans::parse(settings.get("stripe.prices").map_or("", String::as_str)),
            at_once: approves_at_once(&settings),
            followed: None,
            missed: None,
            subscribed: None,
            poll: StripePoll::default(),
        };
        let whose = reader.whose().await?;
        if let Some(known) = &before.account
            && !is_same(known, &whose)
        {
            // Of this account nothing was read yet, wherever the one before was read to.
            before = StripeReading::default();
            self.store.set_stripe_reading(before.clone()).await?;
        }
        reader.followed = before.followed_since;
        let known = match way(&before, began) {
            Way::After(event) => reader.after(event).await?,
            Way::Since(since) => {
                reader.since(since).await?;
                true
            }
            Way::Anew => false,
        };
        let mut reading = self.store.stripe_reading().await?;
        if !known {
            // Away for too long, or another account: what runs without Fabrik having heard of it is asked about.
            reader.followed = None;
            reader.missed = before.read_at.or(before.last_event_at);
            let newest = reader.anew(began - TOLD).await?;
            reading.last_event = newest.as_ref().map(|event| event.id.clone());
            reading.last_event_at = newest.map(|event| event.at);
            reading.missed_since = reader.missed;
            reading.missed_at = Some(began);
            reader.poll.missed_since = reading.missed_since;
        }
        reading.read_at = Some(began);
        reader.poll.read_at = Some(began);
        reading.followed_since = reader.followed.or(Some(began));
        if reading
            .account
            .as_ref()
            .is_none_or(|known| known.len() < whose.len())
        {
            reading.account = Some(whose);
        }
        self.store.set_stripe_reading(reading).await?;
        reader.again(all).await?;
        Ok(reader.poll)
    }

    /// See the table of commands. Reads once more at once, whoever read just now.
    pub async fn stripe_read(&self) -> Result<StripePoll, Problem> {
        let poll = self.stripe_poll(true).await;
        self.note_stripe(poll.as_ref().err()).await;
        poll
    }

    /// Reads, where there is a key for it, and nobody has just read.
    pub(crate) async fn follow_stripe(&self) {
        let key = self.token_reference(Provider::Stripe);
        // What is wrong with the keyring is told elsewhere.
        if !matches!(self.secrets.get(&key).await, Ok(Some(_))) {
            self.note_stripe(None).await;
            return;
        }
        let followed = async {
            let reading = self.store.stripe_reading().await?;
            if was_just_read(&reading, self.clock.now()) {
                return Ok(());
            }
            self.stripe_poll(false).await.map(drop)
        };
        let followed: Result<(), Problem> = followed.await;
        if let Err(problem) = &followed {
            tracing::warn!(%problem, "Stripe can't be read");
        }
        self.note_stripe(followed.as_ref().err()).await;
    }

    /// Keeps how the last reading ended, and tells the inbox where that is news: a failed one writes nothing that would.
    async fn note_stripe(&self, problem: Option<&Problem>) {
        let before = {
            let mut trouble = self
                .stripe_trouble
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            mem::replace(&mut *trouble, problem.cloned())
        };
        if before.map(without_id) != problem.cloned().map(without_id)
            && let Err(problem) = self.store.announce(Topic::Requests, "").await
        {
            tracing::warn!(%problem, "how Stripe is read can't be announced");
        }
    }

    /// How Stripe is read, where it is.
    pub(crate) async fn stripe_view(&self) -> Result<Option<StripeView>, Problem> {
        let reading = self.store.stripe_reading().await?;
        let trouble = self
            .stripe_trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let problem = trouble.clone();
        let shown = reading.read_at.is_some() || problem.is_some();
        Ok(shown.then_some(StripeView { reading, problem }))
    }
}

/// Whether who subscribes is approved without anybody's word.
pub(crate) fn approves_at_once(settings: &BTreeMap<String, String>) -> bool {
    settings.get("stripe.approve").map(String::as_str) == Some("at_once")
}

/// Each attempt has an id of its own: that alone is no news.
fn without_id(problem: Problem) -> Problem {
    Problem {
        request_id: None,
        ..problem
    }
}

/// Whether both are the same account's, as far as the keys may read whose they are.
fn is_same(one: &str, other: &str) -> bool {
    one.split(' ')
        .zip(other.split(' '))
        .all(|(one, other)| one == other)
}

/// A failure that says nothing of the object: nothing is handled before it is over.
fn in_the_way(failure: Failure) -> Result<Problem, Problem> {
    match *failure.problem.cause {
        Cause::AnswerUnreadable { .. } | Cause::Refused { .. } => Ok(failure.problem),
        _ => Err(failure.problem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-22T12:00:00Z";

    fn reading(read: Option<i64>, event: Option<i64>) -> StripeReading {
        let ago = |days: i64| now() - SignedDuration::from_hours(24 * days);
        StripeReading {
            last_event: event.map(|days| format!("evt_{days}")),
            last_event_at: event.map(ago),
            read_at: read.map(ago),
            ..StripeReading::default()
        }
    }

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    #[test]
    fn accounts_are_told_apart_as_far_as_they_are_known() {
        for (one, other, same) in [
            ("live acct_1", "live acct_1", true),
            ("live", "live acct_1", true),
            ("live acct_1", "live acct_12", false),
            ("test acct_1", "live acct_1", false),
            ("test", "live acct_1", false),
        ] {
            assert_eq!(is_same(one, other), same, "{one} and {other}");
            assert_eq!(is_same(other, one), same, "{other} and {one}");
        }
    }

    #[test]
    fn the_same_failure_of_another_request_is_no_news() {
        let of = |id: &str| Problem::from(Cause::CredentialRejected).request(Some(id));
        assert_ne!(of("req_1"), of("req_2"));
        assert_eq!(without_id(of("req_1")), without_id(of("req_2")));
    }

    #[test]
    fn it_is_read_again_but_for_what_was_just_read() {
        for (seconds, just) in [
            (None, false),
            (Some(-31), false),
            (Some(-29), true),
            (Some(0), true),
            // A clock that was ahead has been set.
            (Some(1), false),
            (Some(86_400), false),
        ] {
            let reading = StripeReading {
                read_at: seconds.map(|seconds| now() + SignedDuration::from_secs(seconds)),
                ..StripeReading::default()
            };
            assert_eq!(was_just_read(&reading, now()), just, "{seconds:?}");
        }
    }

    #[test]
    fn it_is_read_on_from_the_last_event_for_as_long_as_stripe_tells_of_it() {
        let after = |days: i64| Way::After(format!("evt_{days}"));
        for (read, event, expected) in [
            (None, None, Way::Since(now() - TOLD)),
            (None, Some(3), after(3)),
            (Some(0), Some(0), after(0)),
            (Some(28), Some(28), after(28)),
            // The account was quiet for long, and read all the time.
            (Some(0), Some(40), Way::Since(now() - TOLD)),
            (Some(0), None, Way::Since(now() - TOLD)),
            (Some(29), Some(29), Way::Since(now() - FADING)),
            // Read by a clock that was ahead.
            (Some(-2), None, Way::Since(now() - TOLD)),
            (Some(-2), Some(29), Way::Since(now() - FADING)),
            (Some(31), Some(31), Way::Anew),
            (Some(31), None, Way::Anew),
        ] {
            assert_eq!(
                way(&reading(read, event), now()),
                expected,
                "read {read:?} days ago, event {event:?}"
            );
        }
    }
}
