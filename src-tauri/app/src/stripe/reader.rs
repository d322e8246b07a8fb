//! One reading: events in their order, and what each asks for by the subscription as it stands now.

use std::time::Duration;

use fabrik_clouds::{
    Stripe,
    stripe::{Event, EventsFrom, Standing, Subscription},
};
use fabrik_domain::{
    Cause, Problem,
    failure::{Failure, Outcome},
    request::{OnboardingRequest, RequestKind, RequestOrigin, Wish},
};
use fabrik_store::{StripeEvent, Taken, Told};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{
    StripePoll, in_the_way,
    known::{Subscribed, answered},
    plans::Plans,
};
use crate::App;

/// More pages than these are a list that has no end.
const MOST_PAGES: usize = 1000;

/// So often a call is made again that came too soon after others.
pub(super) const TRIES: u32 = 20;

/// The longest that is waited for one's turn. What is longer is told, and the next reading goes on from there.
const PATIENCE: SignedDuration = SignedDuration::from_mins(1);

/// Makes a call of Stripe's, again where it was one too many.
macro_rules! patiently {
    ($reader:expr, $call:expr) => {{
        let mut tries = 0;
        loop {
            match $call.await {
                Err(failure)
                    if tries < $crate::stripe::reader::TRIES && $reader.waited(&failure).await =>
                {
                    tries += 1
                }
                answer => break answer,
            }
        }
    }};
}

pub(super) use patiently;

pub(super) struct Reader<'a> {
    pub(super) app: &'a App,
    pub(super) stripe: Stripe,
    pub(super) plans: Plans,
    /// Who subscribes from now on is approved at once, where nothing stands in the way.
    pub(super) at_once: bool,
    /// Since when all that happens is followed; none where what is read may be long past.
    pub(super) followed: Option<Timestamp>,
    /// Since when nothing had been read, where all subscriptions are read in place of what was missed.
    pub(super) missed: Option<Timestamp>,
    /// Who subscribes already, once that was asked for.
    pub(super) subscribed: Option<Subscribed>,
    pub(super) poll: StripePoll,
}

impl Reader<'_> {
    /// Whose objects are read.
    pub(super) async fn whose(&self) -> Result<String, Problem> {
        let whose = patiently!(self, self.stripe.whose());
        whose.map_err(|failure| failure.problem)
    }

    /// Whether a subscription was begun while all that happens was followed; none where that can't be told. Who had
    /// one before may have an instance already.
    pub(super) fn is_new(&self, subscription: &Subscription) -> Option<bool> {
        // Stripe's times are of whole seconds.
        let since = self.followed?.as_second();
        Some(subscription.created.as_second() >= since)
    }

    /// Whether a subscription that was there before ended while nothing was read.
    pub(super) fn ended_unseen(&self, subscription: &Subscription) -> bool {
        let Some(missed) = self.missed.map(Timestamp::as_second) else {
            return false;
        };
        let ended = subscription.ended.map(Timestamp::as_second);
        subscription.created.as_second() < missed && ended.is_some_and(|ended| ended >= missed)
    }

    /// Waits where Stripe asks for that; whether it did.
    pub(super) async fn waited(&self, failure: &Failure) -> bool {
        let Outcome::Throttled(until) = failure.outcome else {
            return false;
        };
        let wait = until.duration_since(self.app.clock.now());
        if wait > PATIENCE {
            return false;
        }
        let wait = Duration::try_from(wait).unwrap_or_default();
        self.app.clock.sleep(wait).await;
        true
    }

    /// Handles all events after one, page by page, the oldest first. False where Stripe doesn't know that one.
    pub(super) async fn after(&mut self, mut event: String) -> Result<bool, Problem> {
        for page in 0..MOST_PAGES {
            let from = EventsFrom::After(event.clone());
            let events = patiently!(self, self.stripe.events(&from));
            let Some(events) = events.map_err(|failure| failure.problem)? else {
                // One that was there a moment ago is not too old: it is told as what it is.
                return if page == 0 {
                    Ok(false)
                } else {
                    Err(Cause::Internal.into())
                };
            };
            if let Some(newest) = events.events.first() {
                event.clone_from(&newest.id);
            }
            for one in events.events.iter().rev() {
                self.handle(one).await?;
            }
            if !events.has_more || events.events.is_empty() {
                break;
            }
        }
        Ok(true)
    }

    /// Handles all events since a time. Stripe gives the newest first, so all are read before one is handled.
    pub(super) async fn since(&mut self, since: Timestamp) -> Result<(), Problem> {
        let mut events: Vec<Event> = Vec::new();
        for _ in 0..MOST_PAGES {
            let before = events.last().map(|event| event.id.clone());
            let from = EventsFrom::Since(since, before);
            let page = patiently!(self, self.stripe.events(&from));
            // Forgotten while it was read: those before it are so too.
            let Some(page) = page.map_err(|failure| failure.problem)? else {
                break;
            };
            let more = page.has_more && !page.events.is_empty();
            events.extend(page.events);
            if !more {
                break;
            }
        }
        for event in events.iter().rev() {
            self.handle(event).await?;
        }
        Ok(())
    }

    /// Reads every subscription in place of the events that were missed. Gives the newest event there was when it
    /// began, from which is read on.
    pub(super) async fn anew(&mut self, since: Timestamp) -> Result<Option<StripeEvent>, Problem> {
        let from = EventsFrom::Since(since, None);
        let newest = patiently!(self, self.stripe.events(&from));
        let newest = newest.map_err(|failure| failure.problem)?;
        let newest = newest.and_then(|page| page.events.into_iter().next());
        let mut last = None;
        for _ in 0..MOST_PAGES {
            let page = patiently!(self, self.stripe.subscriptions(last.as_deref()));
            let page = page.map_err(|failure| failure.problem)?;
            last = page.last;
            for subscription in page.subscriptions {
                let request = self.asks(subscription).await?;
                self.take(None, request).await?;
            }
            // Read by itself, each is told with what is wrong with it, as one is that an event tells of.
            for id in page.unread {
                let request = self.asked_by(&id, RequestKind::Onboarding).await?;
                self.take(None, request).await?;
            }
            if !page.has_more || last.is_none() {
                break;
            }
        }
        Ok(newest.map(|event| StripeEvent {
            id: event.id,
            at: event.at,
        }))
    }

    async fn handle(&mut self, event: &Event) -> Result<(), Problem> {
        let subscription = match (&*event.kind, &event.object) {
            ("checkout.session.completed", Some(session)) => {
                match patiently!(self, self.stripe.subscription_of_checkout(session)) {
                    Ok(subscription) => subscription,
                    // The subscription's own event tells the same.
                    Err(failure) => in_the_way(failure).map(|_| None)?,
                }
            }
            (_, object) => object.clone(),
        };
        let kind = match &*event.kind {
            "customer.subscription.deleted" => RequestKind::Cancellation,
            _ => RequestKind::Onboarding,
        };
        let request = match subscription {
            Some(id) => self.asked_by(&id, kind).await?,
            None => None,
        };
        self.poll.events += 1;
        let handled = StripeEvent {
            id: event.id.clone(),
            at: event.at,
        };
        self.take(Some(handled), request).await
    }

    pub(super) async fn take(
        &mut self,
        event: Option<StripeEvent>,
        request: Option<OnboardingRequest>,
    ) -> Result<(), Problem> {
        if event.is_none() && request.is_none() {
            return Ok(());
        }
        let facts = json!({
            "event": event.as_ref().map(|event| &event.id),
            "name": request.as_ref().map(|request| &request.wish.name),
            "origin": request.as_ref().map(|request| &request.origin),
            "customer": request.as_ref().and_then(|request| request.customer),
        });
        let audit = self.app.audit("request.told", facts);
        let told = Told { event, request };
        let taken = self.app.store.take_stripe_event(told, audit).await?;
        if let Taken::Added(request) = &taken
            && let Some(known) = &mut self.subscribed
        {
            known.note(request);
        }
        match taken {
            Taken::Added(request) if request.state.is_undecided() => {
                self.poll.added.push(*request);
            }
            Taken::Withdrawn(request) => self.poll.withdrawn.push(*request),
            // What is answered already asks nobody.
            Taken::Added(_) | Taken::Reread(_) | Taken::Nothing => {}
        }
        Ok(())
    }

    /// What a subscription asks for, as it stands now; of the given kind where that can't be read.
    pub(super) async fn asked_by(
        &mut self,
        id: &str,
        kind: RequestKind,
    ) -> Result<Option<OnboardingRequest>, Problem> {
        match patiently!(self, self.stripe.subscription(id)) {
            Ok(Some(subscription)) => self.asks(subscription).await,
            Ok(None) => Ok(None),
            // It is in nobody's way: the owner is told, and the others go on.
            Err(failure) => {
                let problem = in_the_way(failure)?;
                self.unread(id, kind, problem).await.map(Some)
            }
        }
    }

    async fn asks(
        &mut self,
        subscription: Subscription,
    ) -> Result<Option<OnboardingRequest>, Problem> {
        let plan = self.plans.first_of(&subscription.prices);
        let price = plan.map(|(price, _)| price);
        let price = price.or(subscription.prices.first());
        let origin = RequestOrigin::Stripe {
            subscription: subscription.id.clone(),
            customer: subscription.customer.clone(),
            price: price.map(|price| price.id.clone()),
            beside: false,
        };
        let begun = match origin.key(RequestKind::Onboarding) {
            Some(key) => self.app.store.request_from(&key).await?,
            None => None,
        };
        let now = self.app.clock.now();
        match (subscription.standing, begun) {
            (Standing::Between, _) => Ok(None),
            (Standing::Runs, Some(begun)) => self.asks_anew(&subscription, origin, begun).await,
            (Standing::Runs, None) => {
                let (wish, problem, _) = self.wish(&subscription, None).await?;
                let customer = self.customer_of(&subscription, &wish).await?;
                let request = OnboardingRequest::new(RequestKind::Onboarding, wish, origin, now);
                if let Some(customer) = &customer
                    && self.is_new(&subscription) != Some(true)
                    && self.is_paid_by(customer, &request.wish).await?
                {
                    return Ok(Some(answered(request, customer)));
                }
                Ok(Some(OnboardingRequest {
                    at_once: self.is_at_once(&subscription, problem.as_ref(), customer.as_ref()),
                    problem,
                    ..request
                }))
            }
            (Standing::Ended, begun) => self.ends(&subscription, origin, begun).await,
        }
    }

    /// A subscription that can't be read: its owner is told all the same.
    async fn unread(
        &mut self,
        id: &str,
        kind: RequestKind,
        problem: Problem,
    ) -> Result<OnboardingRequest, Problem> {
        let origin = RequestOrigin::Stripe {
            subscription: id.to_owned(),
            customer: String::new(),
            price: None,
            beside: false,
        };
        let begun = match origin.key(RequestKind::Onboarding) {
            Some(key) => self.app.store.request_from(&key).await?,
            None => None,
        };
        let now = self.app.clock.now();
        let Some(begun) = begun else {
            let wish = Wish {
                name: id.to_owned(),
                ..Wish::default()
            };
            return Ok(OnboardingRequest {
                problem: Some(problem),
                ..OnboardingRequest::new(kind, wish, origin, now)
            });
        };
        // Who pays, and for what, is known from then.
        let request = OnboardingRequest {
            problem: Some(problem),
            ..OnboardingRequest::new(kind, begun.wish, begun.origin, now)
        };
        match kind {
            RequestKind::Cancellation => self.told_as_end(request, begun.customer).await,
            RequestKind::Onboarding => Ok(request),
        }
    }
}
