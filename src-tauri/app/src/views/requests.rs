//! The inbox, and what an approval brings about.

use fabrik_domain::{
    Problem,
    customer::Customer,
    request::{OnboardingRequest, RequestState},
    run::Run,
};
use fabrik_store::StripeReading;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A part of the inbox.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RequestPage {
    /// The requests asked for.
    pub requests: Vec<OnboardingRequest>,
    /// How many match.
    #[ts(type = "number")]
    pub total: u64,
    /// How many there are of each state, whatever is asked for.
    pub counts: Vec<RequestCount>,
    /// How Stripe is read; none where there is no key for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub stripe: Option<StripeView>,
}

/// How many requests are in a state.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RequestCount {
    /// The state.
    pub state: RequestState,
    /// How many.
    #[ts(type = "number")]
    pub count: u64,
}

/// How Stripe is read.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StripeView {
    /// How far, and what was missed.
    pub reading: StripeReading,
    /// Why it can't be read now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<Problem>,
}

/// What an approval brought about.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RequestApproval {
    /// The request.
    pub request: OnboardingRequest,
    /// Its customer.
    pub customer: Customer,
    /// The run that was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub run: Option<Run>,
    /// Why none was: the customer is there all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<Problem>,
}
