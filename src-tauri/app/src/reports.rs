//! A run as docs/command-line.md promises it to scripts.

use fabrik_domain::{
    Problem,
    id::RunId,
    resource::{Resource, ResourceState},
    run::{Purpose, Run, RunState, StepRecord, StepState},
};

use jiff::Timestamp;

use crate::{
    App,
    timeline::waits_until,
    views::{ReportedResource, ReportedRun, ReportedStep, RunReport},
};

impl App {
    /// A run and its customer, as `provision` and `runs show` print them.
    pub async fn report(&self, run: RunId) -> Result<RunReport, Problem> {
        let run = self.store.run(run).await?;
        let owner_mail = self.owner_mail(&run).await?;
        let (customer, steps, resources, snapshot) = tokio::try_join!(
            self.store.customer(run.customer),
            self.store.steps(run.id),
            self.store.resources(run.customer),
            self.store.snapshot(run.id),
        )?;
        let engine = &self.engine;
        let renamed = engine.renamed_since(&run, &snapshot, &customer).await?;
        let source_problem = self.untold_because(&run, &customer).await?;
        let resources = of_run(&run, &steps, resources)
            .into_iter()
            .map(|resource| ReportedResource {
                step: resource.step,
                provider: resource.provider,
                kind: resource.kind,
                id: resource.id,
                name: resource.name,
                url: resource.url,
                origin: resource.origin,
                state: resource.state,
            })
            .collect();
        let steps = steps
            .into_iter()
            .map(|step| reported_step(step, self.clock.now()))
            .collect();
        let instance_url = customer
            .production_url
            .clone()
            .filter(|_| run.state == RunState::Succeeded && run.purpose == Purpose::Provision);
        Ok(RunReport {
            customer,
            run: ReportedRun {
                id: run.id,
                purpose: run.purpose,
                state: run.state,
                reason: run.reason,
                error: run.error,
                operator: run.operator,
                on_failure: run.on_failure,
                started_at: run.started_at,
                finished_at: run.finished_at,
                steps,
                resources,
                owner_mail,
                source_problem,
                renamed,
            },
            instance_url,
        })
    }
}

/// The resources that a run has made or adopted, or that a removal takes away.
pub(crate) fn of_run(run: &Run, steps: &[StepRecord], rows: Vec<Resource>) -> Vec<Resource> {
    let taken_away_by = |row: &Resource| {
        let key = row.key.to_string();
        steps
            .iter()
            .find(|step| step.evidence.as_ref().and_then(|key| key.as_str()) == Some(&*key))
    };
    rows.into_iter()
        .filter_map(|row| match run.purpose {
            Purpose::Provision => (row.run == run.id && !row.never_was()).then_some(row),
            Purpose::Deprovision => {
                let step = taken_away_by(&row)?.id.clone();
                Some(Resource { step, ..row })
            }
        })
        .collect()
}

/// How many things are still there of those that a run left over. None where no step says that it left any: then secrets
/// of the run could not be dropped.
pub(crate) fn still_left(run: &Run, steps: &[StepRecord], rows: Vec<Resource>) -> Option<u32> {
    let left = |step: &StepRecord| step.state == StepState::Leftover;
    if run.state != RunState::Leftovers || !steps.iter().any(left) {
        return None;
    }
    let rows = of_run(run, steps, rows);
    let there = rows
        .iter()
        .filter(|row| row.state == ResourceState::Leftover);
    u32::try_from(there.count()).ok()
}

fn reported_step(step: StepRecord, now: Timestamp) -> ReportedStep {
    ReportedStep {
        waits_until: waits_until(&step, now),
        id: step.id,
        kind: step.kind,
        state: step.state,
        attempts: step.attempts,
        started_at: step.started_at,
        finished_at: step.finished_at,
        error: step.error,
    }
}
