//! The inbox's part of the [`Store`](crate::Store).

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    customer::Customer,
    id::RequestId,
    mapping::SourceField,
    request::{OnboardingRequest, RequestState, Wish},
};

use crate::{Approval, DueRequest, NewAudit, RequestQuery, StripeReading, Taken, Told, Verdict};

/// Requests to become a customer, and how far Stripe was read. Each request is decided once, and each event of
/// Stripe's handled once, whoever of several desktops is quicker.
#[async_trait]
pub trait Inbox {
    /// Writes a request; where another has come from the same place, that one is given instead. One from the agency's own
    /// table that was withdrawn is open again, with what is wished for now.
    async fn add_request(
        &self,
        request: OnboardingRequest,
        audit: NewAudit,
    ) -> Result<OnboardingRequest, Problem>;

    /// Changes what an undecided request wishes for, what its row in the agency's own table says of that, where it stands in
    /// one, and what still stands in its way; `request_decided` where it was decided. What is put away stays so.
    async fn edit_request(
        &self,
        id: RequestId,
        wish: Wish,
        said: BTreeSet<SourceField>,
        problem: Option<Problem>,
        audit: NewAudit,
    ) -> Result<OnboardingRequest, Problem>;

    /// A request.
    async fn request(&self, id: RequestId) -> Result<OnboardingRequest, Problem>;

    /// The request that came from there ([`RequestOrigin::key`](fabrik_domain::request::RequestOrigin::key)).
    async fn request_from(&self, origin: &str) -> Result<Option<OnboardingRequest>, Problem>;

    /// Requests: the undecided before the decided, of each the newest first.
    async fn requests(&self, query: RequestQuery) -> Result<Vec<OnboardingRequest>, Problem>;

    /// How many requests there are of each state that any has.
    async fn request_counts(&self) -> Result<BTreeMap<RequestState, u64>, Problem>;

    /// Approves an open request and adds its customer, both or neither; its provisioning is then to be begun.
    /// `request_decided`, with who did and when, where another was first; else as
    /// [`add_customer`](Self::add_customer).
    async fn approve_request(
        &self,
        approval: Approval,
        audit: NewAudit,
    ) -> Result<(OnboardingRequest, Customer), Problem>;

    /// Rejects an open request, puts it away, or settles the end of a subscription: with it the customer is paused, where
    /// that is the word. Only a withdrawal is for what is put away too, which is put away again as it is.
    async fn decide_request(
        &self,
        id: RequestId,
        verdict: Verdict,
        audit: NewAudit,
    ) -> Result<OnboardingRequest, Problem>;

    /// Opens a request again that was put away, and leaves an open one as it is; `request_decided` where it was decided.
    async fn restore_request(
        &self,
        id: RequestId,
        audit: NewAudit,
    ) -> Result<OnboardingRequest, Problem>;

    /// Requests with something to be done without anybody's word, the oldest first. The beginning of a provisioning
    /// is done when a run of the customer is written, whoever writes it.
    async fn due_requests(&self) -> Result<Vec<DueRequest>, Problem>;

    /// Takes the beginning of a provisioning over from a process that is known to have ended, or has held it for ten
    /// minutes. Whether it is taken.
    async fn claim_request(
        &self,
        id: RequestId,
        by: &str,
        dead: Option<&str>,
    ) -> Result<bool, Problem>;

    /// Writes why a request is not approved by itself, or its provisioning not begun; nobody tries again by itself.
    async fn stop_request(&self, id: RequestId, problem: Problem) -> Result<(), Problem>;

    /// Writes that nothing approves a request by itself any more: its owner is asked.
    async fn ask_about_request(&self, id: RequestId) -> Result<(), Problem>;

    /// How far Stripe's events were read.
    async fn stripe_reading(&self) -> Result<StripeReading, Problem>;

    /// Writes how far they were read, once all of a reading is handled.
    async fn set_stripe_reading(&self, reading: StripeReading) -> Result<(), Problem>;

    /// Handles an event of Stripe's, or a subscription that was read, once: what follows from it, that it is handled,
    /// and that the events were read so far are written together.
    async fn take_stripe_event(&self, told: Told, audit: NewAudit) -> Result<Taken, Problem>;
}
