//! Customers' own domains that wait for their DNS records.

use std::time::Duration;

use fabrik_domain::{
    Cause, Problem,
    customer::Customer,
    id::CustomerId,
    run::{Purpose, Run, RunState, StepRecord, StepState},
};

use crate::{App, views::DomainView};

/// How often somebody who has the app open need not ask. Records take minutes to hours to spread.
const EVERY: Duration = Duration::from_mins(5);

impl App {
    /// Looks at all domains that wait, at once and from time to time, for as long as it is polled.
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
            self.clock.sleep(EVERY).await;
        }
    }

    /// See the table of commands.
    pub async fn domains_check(
        &self,
        customer: Option<CustomerId>,
    ) -> Result<Vec<DomainView>, Problem> {
        let mut views = Vec::new();
        for run in self.store.deferred_runs(customer).await? {
            let snapshot = self.store.snapshot(run.id).await?;
            let factory = self.factory(&snapshot.settings, run.customer).await?;
            for step in self.engine.look_again(&factory, &run).await? {
                views.push(self.domain(&run, step).await?);
            }
        }
        Ok(views)
    }

    /// The domains that the customer's newest runs wait for, as they were last seen.
    pub(crate) async fn waiting_domains(
        &self,
        customer: &Customer,
        runs: &[Run],
    ) -> Result<Vec<DomainView>, Problem> {
        let mut views = Vec::new();
        let Some(run) = runs.iter().find(|run| run.state == RunState::Succeeded) else {
            return Ok(views);
        };
        let waits = run.purpose == Purpose::Provision && run.customer == customer.id;
        for step in self.store.steps(run.id).await? {
            if waits && step.state == StepState::Deferred {
                views.push(self.domain(run, step).await?);
            }
        }
        Ok(views)
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
