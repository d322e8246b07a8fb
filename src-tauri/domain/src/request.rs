//! The inbox: who wants to become a customer, and what has become of a customer's subscription. Each is decided
//! once, whoever decides.

mod wish;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use self::wish::Wish;
use crate::{
    customer::NewCustomer,
    id::{CustomerId, RequestId},
    mapping::SourceField,
    problem::{Cause, Problem},
    run::OnFailure,
};

/// What is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// Somebody wants to become a customer.
    #[default]
    Onboarding,
    /// A customer's subscription has ended: is the instance paused or removed?
    Cancellation,
}

/// Where a request stands.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS,
)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Waits for the owner.
    #[default]
    Open,
    /// The owner put it away undecided; it can be opened again.
    Archived,
    /// The customer was created, and its provisioning begun.
    Approved,
    /// The owner said no.
    Rejected,
    /// The subscription ended before anybody had decided.
    Withdrawn,
    /// A subscription's end was seen to.
    Settled,
}

impl RequestState {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::Archived,
        Self::Approved,
        Self::Rejected,
        Self::Withdrawn,
        Self::Settled,
    ];

    /// `open`, `approved` …
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Archived => "archived",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Settled => "settled",
        }
    }

    /// Nobody has decided: it waits, or was put away.
    pub const fn is_undecided(self) -> bool {
        matches!(self, Self::Open | Self::Archived)
    }
}

/// Where a request comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum RequestOrigin {
    /// Somebody typed it in.
    Hand {
        /// Who.
        operator: String,
    },
    /// Stripe told of it.
    Stripe {
        /// The subscription's id: each is asked for once, and ends once.
        subscription: String,
        /// The id of who pays.
        customer: String,
        /// The price's id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        price: Option<String>,
        /// Of an end: the customer's plan is another subscription, which this one was beside.
        #[serde(default)]
        beside: bool,
    },
    /// It stands in the agency's own table.
    Source {
        /// The table, as its customers know it too.
        table: String,
        /// The row's id: each is asked for once.
        row: String,
        /// What the row says that can be used, of what is followed: the rest is the inbox's to say.
        #[serde(default)]
        said: BTreeSet<SourceField>,
    },
}

impl RequestOrigin {
    /// Whether what ended was beside the customer's plan, which another subscription pays for.
    pub const fn is_beside(&self) -> bool {
        matches!(self, Self::Stripe { beside: true, .. })
    }

    /// What no two requests share: of one subscription there is one request, and one task when it ends.
    pub fn key(&self, kind: RequestKind) -> Option<String> {
        match (self, kind) {
            (Self::Hand { .. }, _) | (Self::Source { .. }, RequestKind::Cancellation) => None,
            (Self::Source { table, row, .. }, RequestKind::Onboarding) => {
                Some(format!("source/{table}/{row}"))
            }
            (Self::Stripe { subscription, .. }, RequestKind::Onboarding) => {
                Some(format!("stripe/{subscription}"))
            }
            (Self::Stripe { subscription, .. }, RequestKind::Cancellation) => {
                Some(format!("stripe/{subscription}/ended"))
            }
        }
    }

    /// The row's id, where it stands in this table.
    pub fn row_of(&self, of: &str) -> Option<&str> {
        match self {
            Self::Source { table, row, .. } if table == of => Some(row),
            _ => None,
        }
    }
}

/// How a request was decided, or put away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Decided {
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// Who: `name@machine`.
    pub by: String,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<String>,
    /// What became of the instance of an ended subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ending: Option<Ending>,
    /// When it was written into the table that the request stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub told_at: Option<Timestamp>,
}

/// What becomes of the instance of an ended subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The customer stays as it is.
    Kept,
    /// The customer is marked as switched off.
    Paused,
    /// Its instance was removed.
    Removed,
}

/// A request of the inbox: typed in, of a subscription, or from the agency's own table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OnboardingRequest {
    /// Ours.
    pub id: RequestId,
    /// What is asked.
    pub kind: RequestKind,
    /// Where it stands.
    pub state: RequestState,
    /// What is wished for.
    #[serde(flatten)]
    pub wish: Wish,
    /// Where it comes from.
    pub origin: RequestOrigin,
    /// Why it can't be approved as it stands, or was not approved by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<Problem>,
    /// How it was decided, or put away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub decided: Option<Decided>,
    /// The customer that it made, or that it is about; none where that is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub customer: Option<CustomerId>,
    /// It is to be approved without anybody's word.
    pub at_once: bool,
    /// Its customer's provisioning is still to be begun, by this policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub begins: Option<OnFailure>,
    /// RFC 3339, UTC.
    #[ts(type = "string")]
    pub created_at: Timestamp,
    /// RFC 3339, UTC.
    #[ts(type = "string")]
    pub updated_at: Timestamp,
}

impl OnboardingRequest {
    /// One that has just come in.
    pub fn new(kind: RequestKind, wish: Wish, origin: RequestOrigin, at: Timestamp) -> Self {
        Self {
            id: RequestId::new(),
            kind,
            state: RequestState::Open,
            wish,
            origin,
            problem: None,
            decided: None,
            customer: None,
            at_once: false,
            begins: None,
            created_at: at,
            updated_at: at,
        }
    }

    /// What still must be said before it can be approved.
    pub fn missing(&self) -> Option<Problem> {
        let missing = self.wish.missing();
        missing.or_else(|| self.unread_language().cloned())
    }

    /// Why the language of its row can't be read: the one of its wish stands there until somebody chooses.
    pub fn unread_language(&self) -> Option<&Problem> {
        let of_language = |problem: &&Problem| match &*problem.cause {
            Cause::FieldUnreadable { field, .. } => field == SourceField::Language.key(),
            _ => false,
        };
        self.problem.as_ref().filter(of_language)
    }

    /// The customer that is asked for: in the agency's own table it is its row's.
    pub fn new_customer(&self) -> NewCustomer {
        let of_table = match &self.origin {
            RequestOrigin::Source { table, row, .. } => Some((table.clone(), row.clone())),
            RequestOrigin::Hand { .. } | RequestOrigin::Stripe { .. } => None,
        };
        let (source, external_id) = of_table.unzip();
        NewCustomer {
            external_id,
            source,
            ..self.wish.customer()
        }
    }

    /// Refuses one that is decided, with who did and when; also one that is put away, until it is opened again.
    pub fn assert_open(&self) -> Result<(), Problem> {
        if self.state == RequestState::Open {
            Ok(())
        } else {
            Err(self.decided_before())
        }
    }

    /// Refuses one that is decided, with who did and when, and none that is put away.
    pub fn assert_undecided(&self) -> Result<(), Problem> {
        if self.state.is_undecided() {
            Ok(())
        } else {
            Err(self.decided_before())
        }
    }

    fn decided_before(&self) -> Problem {
        let decided = self.decided.as_ref();
        Cause::RequestDecided {
            state: self.state,
            by: decided.map(|decided| decided.by.clone()),
            at: decided.map_or(self.updated_at, |decided| decided.at),
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::{wish::tests::wish, *};

    #[test]
    fn a_subscription_is_asked_for_once_and_ends_once() {
        let stripe = RequestOrigin::Stripe {
            subscription: "sub_1".to_owned(),
            customer: "cus_1".to_owned(),
            price: None,
            beside: false,
        };
        let [begun, ended] = [RequestKind::Onboarding, RequestKind::Cancellation]
            .map(|kind| stripe.key(kind).unwrap());
        assert_ne!(begun, ended);
        let older = r#"{"from": "stripe", "subscription": "sub_1", "customer": "cus_1"}"#;
        let read: RequestOrigin = serde_json::from_str(older).unwrap();
        assert_eq!(read, stripe, "as it was written before");
        let hand = RequestOrigin::Hand {
            operator: "anna@studio".to_owned(),
        };
        assert_eq!(hand.key(RequestKind::Onboarding), None);
    }

    #[test]
    fn who_asks_in_a_table_becomes_its_rows_customer() {
        let origin = RequestOrigin::Source {
            table: "db/agency public.requests by id".to_owned(),
            row: "7".to_owned(),
            said: BTreeSet::new(),
        };
        let older = r#"{"from": "source", "table": "db/agency public.requests by id", "row": "7"}"#;
        let read: RequestOrigin = serde_json::from_str(older).unwrap();
        assert_eq!(read, origin, "as it was written before");
        assert!(origin.key(RequestKind::Onboarding).is_some(), "once");
        assert_eq!(origin.row_of("db/agency public.requests by id"), Some("7"));
        assert_eq!(origin.row_of("db/agency public.requests by number"), None);
        let kind = RequestKind::Onboarding;
        let request = OnboardingRequest::new(kind, wish(), origin, Timestamp::UNIX_EPOCH);
        let customer = request.new_customer();
        assert_eq!(customer.external_id.as_deref(), Some("7"));
        assert_eq!(
            customer.source.as_deref(),
            Some("db/agency public.requests by id")
        );
        assert_eq!(Wish::of(customer), wish());
    }

    #[test]
    fn a_language_that_cannot_be_read_is_still_to_be_said() {
        let chosen = Wish {
            blueprint: "factory".to_owned(),
            plan: "starter".to_owned(),
            ..wish()
        };
        let hand = RequestOrigin::Hand {
            operator: "anna@studio".to_owned(),
        };
        let now = Timestamp::UNIX_EPOCH;
        let mut request = OnboardingRequest::new(RequestKind::Onboarding, chosen, hand, now);
        assert_eq!(request.missing(), None);
        for (field, missing) in [("language", true), ("credits", false)] {
            let unread = Problem::from(Cause::FieldUnreadable {
                field: field.to_owned(),
                value: "svneska".to_owned(),
                expected: "sv, en".to_owned(),
            });
            request.problem = Some(unread.clone());
            assert_eq!(request.missing(), missing.then_some(unread), "{field}");
        }
        request.wish.plan.clear();
        assert_eq!(request.missing().unwrap().code(), "field_missing");
    }

    #[test]
    fn a_request_is_decided_once_and_says_by_whom() {
        let hand = RequestOrigin::Hand {
            operator: "anna@studio".to_owned(),
        };
        let now = Timestamp::UNIX_EPOCH;
        let mut request = OnboardingRequest::new(RequestKind::Onboarding, wish(), hand, now);
        assert!(request.assert_open().is_ok());
        request.state = RequestState::Approved;
        request.decided = Some(Decided {
            at: now,
            by: "bo@studio".to_owned(),
            reason: None,
            ending: None,
            told_at: None,
        });
        let refused = request.assert_open().unwrap_err();
        assert!(
            matches!(*refused.cause, Cause::RequestDecided { by: Some(by), .. } if by == "bo@studio")
        );
        assert!(request.assert_undecided().is_err());
        request.state = RequestState::Archived;
        assert!(request.assert_open().is_err(), "it is opened again first");
        assert!(request.assert_undecided().is_ok());
    }
}
