//! [`Inbox`] for `PostgreSQL`.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    customer::Customer,
    id::RequestId,
    mapping::SourceField,
    request::{OnboardingRequest, RequestState, Wish},
};

use super::{
    PostgresStore, requests, subscriptions,
    turn::{Begun, Turn, reading, writing},
};
use crate::{
    Approval, DueRequest, Inbox, NewAudit, RequestQuery, StripeReading, Taken, Told, Verdict,
};

#[async_trait]
impl Inbox for PostgresStore {
    async fn add_request(
        &self,
        request: OnboardingRequest,
        audit: NewAudit,
    ) -> Result<OnboardingRequest, Problem> {
        writing!(self, |write| requests::add(&write, &request, &audit))
    }

    async fn edit_request(
        &self,
        id: RequestId,
        wish: Wish,
        said: BTreeSet<SourceField>,
        problem: Option<Problem>,
        audit: NewAudit,
    ) -> Result<OnboardingRequest, Problem> {
        writing!(self, |write| requests::edit(
            &write,
            id,
            &wish,
            &said,
            problem.as_ref(),
            &audit
        ))
    }

    async fn request(&self, id: RequestId) -> Result<OnboardingRequest, Problem> {
        reading!(self, |session| requests::get(&session, id))
    }

    async fn request_from(&self, origin: &str) -> Result<Option<OnboardingRequest>, Problem> {
        reading!(self, |session| requests::by_origin(&session, origin))
    }

    async fn requests(&self, query: RequestQuery) -> Result<Vec<OnboardingRequest>, Problem> {
        reading!(self, |session| requests::list(&session, &query))
    }

    async fn request_counts(&self) -> Result<BTreeMap<RequestState, u64>, Problem> {
        reading!(self, |session| requests::counts(&session))
    }

    async fn approve_request(
        &self,
        approval: Approval,
        audit: NewAudit,
    ) -> Result<(OnboardingRequest, Customer), Problem> {
        let by_ids = self.by_ids().await?;
        writing!(self, |write| requests::approve(
            &write, &approval, &audit, &by_ids
        ))
    }

    async fn decide_request(
        &self,
        id: RequestId,
        verdict: Verdict,
        audit: NewAudit,
    ) -> Result<OnboardingRequest, Problem> {
        writing!(self, |write| requests::decide(&write, id, &verdict, &audit))
    }

    async fn restore_request(
        &self,
        id: RequestId,
        audit: NewAudit,
    ) -> Result<OnboardingRequest, Problem> {
        writing!(self, |write| requests::restore(&write, id, &audit))
    }

    async fn due_requests(&self) -> Result<Vec<DueRequest>, Problem> {
        reading!(self, |session| requests::due(&session))
    }

    async fn claim_request(
        &self,
        id: RequestId,
        by: &str,
        dead: Option<&str>,
    ) -> Result<bool, Problem> {
        writing!(self, |write| requests::claim(&write, id, by, dead))
    }

    async fn stop_request(&self, id: RequestId, problem: Problem) -> Result<(), Problem> {
        writing!(self, |write| requests::stop(&write, id, &problem))
    }

    async fn ask_about_request(&self, id: RequestId) -> Result<(), Problem> {
        writing!(self, |write| requests::ask_about(&write, id))
    }

    async fn stripe_reading(&self) -> Result<StripeReading, Problem> {
        reading!(self, |session| subscriptions::reading(&session))
    }

    async fn set_stripe_reading(&self, reading: StripeReading) -> Result<(), Problem> {
        writing!(self, |write| subscriptions::put(&write, &reading))
    }

    async fn take_stripe_event(&self, told: Told, audit: NewAudit) -> Result<Taken, Problem> {
        writing!(self, |write| subscriptions::take(&write, &told, &audit))
    }
}
