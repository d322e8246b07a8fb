//! How far Stripe's events were read, and what follows from one.

use fabrik_domain::request::OnboardingRequest;
use jiff::{SignedDuration, Timestamp};

/// How long it is kept which events were handled: longer than Stripe tells of them.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(40 * 24);

/// How far Stripe's events were read.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
pub struct StripeReading {
    /// The newest event that was handled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub last_event: Option<String>,
    /// When it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub last_event_at: Option<Timestamp>,
    /// When all that there was had been read; none until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub read_at: Option<Timestamp>,
    /// Since when nothing had been read, where that was longer than Stripe tells of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub missed_since: Option<Timestamp>,
    /// When all subscriptions were read instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub missed_at: Option<Timestamp>,
    /// Whose events they are, as far as the key may say; none until all had been read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub account: Option<String>,
    /// Since when nothing of theirs was missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub followed_since: Option<Timestamp>,
}

/// An event, as far as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripeEvent {
    /// Stripe's id.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
}

/// What an event, or a subscription that was read, asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The event; none where the subscription itself was read. Of one that was handled before nothing is written.
    pub event: Option<StripeEvent>,
    /// What it asks for: a request, or a task when a subscription has ended. Of one that is there nothing is written, but
    /// for what that very request asks for by now where something stood in its way; an end withdraws a request that nobody has decided, put away or not, and then asks for nothing.
    pub request: Option<OnboardingRequest>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The request is in the inbox.
    Added(Box<OnboardingRequest>),
    /// It was there, and asks for something else by now, or for the same with nothing in its way.
    Reread(Box<OnboardingRequest>),
    /// The request was withdrawn.
    Withdrawn(Box<OnboardingRequest>),
    /// Nothing follows from it, or it was handled before.
    Nothing,
}
