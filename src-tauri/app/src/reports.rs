//! A run as the contracts print it.

use fabrik_domain::{
    Problem,
    id::RunId,
    run::{RunState, StepRecord},
};

use crate::{
    App,
    views::{ReportedResource, ReportedRun, ReportedStep, RunReport},
};

impl App {
    /// A run and its customer, as `provision` and `runs show` print them.
    pub async fn report(&self, run: RunId) -> Result<RunReport, Problem> {
        let run = self.store.run(run).await?;
        let (customer, steps, resources) = tokio::try_join!(
            self.store.customer(run.customer),
            self.store.steps(run.id),
            self.store.resources(run.customer),
        )?;
        let steps = steps.into_iter().map(reported_step).collect();
        let resources = resources
            .into_iter()
            .filter(|resource| resource.run == run.id && !resource.never_was())
            .map(|resource| ReportedResource {
                provider: resource.provider,
                kind: resource.kind,
                id: resource.id,
                name: resource.name,
                url: resource.url,
                origin: resource.origin,
                state: resource.state,
            })
            .collect();
        let instance_url = customer
            .production_url
            .clone()
            .filter(|_| run.state == RunState::Succeeded);
        Ok(RunReport {
            customer,
            run: ReportedRun {
                id: run.id,
                state: run.state,
                reason: run.reason,
                error: run.error,
                operator: run.operator,
                on_failure: run.on_failure,
                started_at: run.started_at,
                finished_at: run.finished_at,
                steps,
                resources,
            },
            instance_url,
        })
    }
}

fn reported_step(step: StepRecord) -> ReportedStep {
    ReportedStep {
        id: step.id,
        kind: step.kind,
        state: step.state,
        attempts: step.attempts,
        started_at: step.started_at,
        finished_at: step.finished_at,
        error: step.error,
    }
}
