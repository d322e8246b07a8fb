//! Customers' own domains that wait for their DNS records.

use std::time::Duration;

use fabrik_domain::{
    Cause, Problem,
    id::CustomerId,
    run::{Run, StepRecord, StepState},
};

use crate::{App, views::DomainView};

/// How often it is looked by itself: records take minutes to hours to spread. Somebody who has just set one asks
/// for it.
const LOOK_AGAIN: Duration = Duration::from_mins(5);

impl App {
    /// See the table of commands.
    pub async fn domains_check(
        &self,
        customer: Option<CustomerId>,
    ) -> Result<Vec<DomainView>, Problem> {
        let mut views = Vec::new();
        for run in self.store.deferred_runs(customer).await? {
            let snapshot = self.store.snapshot(run.id).await?;
            let steps = match self.factory(&snapshot.settings, run.customer).await {
                Ok(factory) => self.engine.look_again(&factory, &run).await?,
                // What stands in the way of one says nothing of the others.
                Err(problem) => {
                    let waiting = self.waiting_steps(&run).await?.into_iter();
                    let told = waiting.map(|step| StepRecord {
                        error: Some(problem.clone()),
                        ..step
                    });
                    told.collect()
                }
            };
            for step in steps {
                views.push(self.domain(&run, step).await?);
            }
        }
        Ok(views)
    }

    /// Looks by itself, at once and then now and then, for as long as it is polled.
    pub(crate) async fn watch_domains(&self) {
        loop {
            match self.domains_check(None).await {
                Ok(domains) => {
                    for verified in domains.iter().filter(|one| one.verified) {
                        tracing::info!(domain = verified.domain, "verified");
                    }
                }
                Err(problem) => tracing::warn!(%problem, "domains can't be looked at"),
            }
            self.clock.sleep(LOOK_AGAIN).await;
        }
    }

    /// The domains that the customer waits for and that are looked at, as they were last seen.
    pub(crate) async fn waiting_domains(
        &self,
        customer: CustomerId,
    ) -> Result<Vec<DomainView>, Problem> {
        let mut views = Vec::new();
        for run in self.store.deferred_runs(Some(customer)).await? {
            for step in self.waiting_steps(&run).await? {
                views.push(self.domain(&run, step).await?);
            }
        }
        Ok(views)
    }

    /// The steps of a run that still wait.
    async fn waiting_steps(&self, run: &Run) -> Result<Vec<StepRecord>, Problem> {
        let resources = self.store.resources(run.customer).await?;
        let mut steps = self.store.steps(run.id).await?;
        steps.retain(|step| step.is_waited_for(&resources));
        Ok(steps)
    }

    async fn domain(&self, run: &Run, step: StepRecord) -> Result<DomainView, Problem> {
        let domain = match step.error.as_ref().map(|problem| problem.cause.as_ref()) {
            Some(Cause::DomainPending { domain, .. }) => domain.clone(),
            _ => step.resource.map(|found| found.name).unwrap_or_default(),
        };
        Ok(DomainView {
            customer: run.customer,
            customer_name: self.store.customer(run.customer).await?.name,
            domain,
            verified: step.state == StepState::Done,
            problem: step.error,
            since: step.started_at,
        })
    }
}
