//! [`Inbox`] for SQLite.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    customer::Customer,
    id::RequestId,
    mapping::SourceField,
    request::{OnboardingRequest, RequestState, Wish},
};

use super::{SqliteStore, requests, subscriptions};
use crate::{
    Approval, DueRequest, Inbox, NewAudit, RequestQuery, StripeReading, Taken, Told, Verdict,
};

#[async_trait]
impl Inbox for SqliteStore {
    async fn add_request(
        &self,
        request: OnboardingRequest,
        audit: NewAudit,
    ) -> Result<OnboardingRequest, Problem> {
        self.writer
            .write(move |write| requests::add(write, request, &audit))
            .await
    }

    async fn edit_request(
        &self,
        id: RequestId,
        wish: Wish,
        said: BTreeSet<SourceField>,
        problem: Option<Problem>,
        audit: NewAudit,
    ) -> Result<OnboardingRequest, Problem> {
        self.writer
            .write(move |write| requests::edit(write, id, wish, said, problem, &audit))
            .await
    }

    async fn request(&self, id: RequestId) -> Result<OnboardingRequest, Problem> {
        self.readers
            .read(move |connection| requests::get(connection, id))
            .await
    }

    async fn request_from(&self, origin: &str) -> Result<Option<OnboardingRequest>, Problem> {
        let origin = origin.to_owned();
        self.readers
            .read(move |connection| requests::by(connection, "origin_key", &origin))
            .await
    }

    async fn requests(&self, query: RequestQuery) -> Result<Vec<OnboardingRequest>, Problem> {
        self.readers
            .read(move |connection| requests::list(connection, &query))
            .await
    }

    async fn request_counts(&self) -> Result<BTreeMap<RequestState, u64>, Problem> {
        self.readers.read(requests::counts).await
    }

    async fn approve_request(
        &self,
        approval: Approval,
        audit: NewAudit,
    ) -> Result<(OnboardingRequest, Customer), Problem> {
        let by_ids = self.by_ids().await?;
        self.writer
            .write(move |write| requests::approve(write, &approval, audit, &by_ids))
            .await
    }

    async fn decide_request(
        &self,
        id: RequestId,
        verdict: Verdict,
        audit: NewAudit,
    ) -> Result<OnboardingRequest, Problem> {
        self.writer
            .write(move |write| requests::decide(write, id, verdict, &audit))
            .await
    }

    async fn restore_request(
        &self,
        id: RequestId,
        audit: NewAudit,
    ) -> Result<OnboardingRequest, Problem> {
        self.writer
            .write(move |write| requests::restore(write, id, &audit))
            .await
    }

    async fn due_requests(&self) -> Result<Vec<DueRequest>, Problem> {
        self.readers.read(requests::due).await
    }

    async fn claim_request(
        &self,
        id: RequestId,
        by: &str,
        dead: Option<&str>,
    ) -> Result<bool, Problem> {
        let (by, dead) = (by.to_owned(), dead.map(str::to_owned));
        self.writer
            .write(move |write| requests::claim(write, id, &by, dead.as_deref()))
            .await
    }

    async fn stop_request(&self, id: RequestId, problem: Problem) -> Result<(), Problem> {
        self.writer
            .write(move |write| requests::stop(write, id, &problem))
            .await
    }

    async fn ask_about_request(&self, id: RequestId) -> Result<(), Problem> {
        self.writer
            .write(move |write| requests::ask_about(write, id))
            .await
    }

    async fn stripe_reading(&self) -> Result<StripeReading, Problem> {
        self.readers.read(subscriptions::reading).await
    }

    async fn set_stripe_reading(&self, reading: StripeReading) -> Result<(), Problem> {
        self.writer
            .write(move |write| subscriptions::put(write, &reading))
            .await
    }

    async fn take_stripe_event(&self, told: Told, audit: NewAudit) -> Result<Taken, Problem> {
        self.writer
            .write(move |write| subscriptions::take(write, told, &audit))
            .await
    }
}
