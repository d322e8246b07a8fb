//! The list of runs: filtered, searched, cut and counted, with who drives each of them.

use fabrik_domain::{
    Problem,
    run::{Run, RunState},
};
use fabrik_store::RunQuery;

use crate::{
    App,
    customer_rows::progress,
    reports::still_left,
    views::{Driver, RunCount, RunPage, RunRow},
};

impl App {
    /// See the table of commands.
    pub async fn runs_list(&self, query: RunQuery) -> Result<RunPage, Problem> {
        let (runs, counts) = tokio::try_join!(
            self.store.runs(query.clone()),
            self.store.run_counts(query.clone()),
        )?;
        let total = counts
            .iter()
            .filter(|(state, _)| query.states.is_empty() || query.states.contains(state))
            .map(|(_, count)| count)
            .sum();
        let mut rows = Vec::with_capacity(runs.len());
        for run in runs {
            rows.push(self.run_row(run).await?);
        }
        Ok(RunPage {
            runs: rows,
            total,
            counts: counts
                .into_iter()
                .map(|(state, count)| RunCount { state, count })
                .collect(),
        })
    }

    async fn run_row(&self, run: Run) -> Result<RunRow, Problem> {
        let (steps, customer, driver) = tokio::try_join!(
            self.store.steps(run.id),
            self.store.customer(run.customer),
            self.driver(&run),
        )?;
        let progress = progress(&run, &steps);
        let left = if run.state == RunState::Leftovers {
            still_left(&run, &steps, self.store.resources(run.customer).await?)
        } else {
            None
        };
        Ok(RunRow {
            steps_done: progress.done,
            steps_total: progress.total,
            left,
            customer_name: customer.name,
            driver,
            run,
        })
    }

    /// Who is at work on a run now. Of one that stands still, or whose process has ended, nobody is.
    pub(crate) async fn driver(&self, run: &Run) -> Result<Option<Driver>, Problem> {
        if !run.state.is_active() {
            return Ok(None);
        }
        let lease = self.store.lease(run.id).await?;
        Ok(lease
            .filter(|lease| lease.expires > self.clock.now() && !self.has_ended(&lease.owner))
            .map(|lease| self.driver_of(&lease.owner)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use fabrik_domain::{
        blueprint::StepKind,
        id::ResourceId,
        provider::Provider,
        resource::{Origin, Resource, ResourceKind, ResourceState},
        run::{RunState, StepRecord, StepState},
    };
    use fabrik_store::{JournalEntry, RunChange, RunQuery};

    use crate::{
        liveness::machine,
        testing::{self, DEAD},
    };

    #[tokio::test]
    async fn a_process_that_has_ended_drives_nothing() {
        let (_folder, app) = testing::app().await;
        let lease = testing::run(&app, DEAD, BTreeMap::new()).await;
        let run = app.store.run(lease.run).await.unwrap();
        assert!(run.state.is_active(), "nobody has looked yet");
        assert!(app.driver(&run).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_page_tells_how_many_there_are_and_who_drives_each() {
        let (_folder, app) = testing::app().await;
        let here = testing::run(&app, app.engine.owner(), BTreeMap::new()).await;
        let page = app.runs_list(RunQuery::default()).await.unwrap();
        assert_eq!((page.total, page.runs.len()), (1, 1));
        let driver = page.runs[0].driver.clone().expect("this process has it");
        assert_eq!(
            (driver.here, driver.machine, driver.process),
            (true, machine(), Some(std::process::id()))
        );

        app.store.release_lease(&here).await.unwrap();
        let page = app.runs_list(RunQuery::default()).await.unwrap();
        assert!(page.runs[0].driver.is_none(), "it was given back");

        let ended = RunQuery {
            states: vec![RunState::Succeeded],
            ..RunQuery::default()
        };
        let page = app.runs_list(ended).await.unwrap();
        assert_eq!((page.total, page.runs.len()), (0, 0));
        assert_eq!(page.counts.len(), 1, "the counts are of every state");
    }

    #[tokio::test]
    async fn a_page_tells_whether_what_a_run_left_over_is_still_there() {
        for (state, step, left) in [
            (ResourceState::Leftover, StepState::Leftover, Some(1)),
            (ResourceState::Removed, StepState::Leftover, Some(0)),
            (ResourceState::LetGo, StepState::Leftover, Some(0)),
            // Secrets of the run could not be dropped.
            (ResourceState::Removed, StepState::Undone, None),
        ] {
            let (_folder, app) = testing::app().await;
            let record = StepRecord {
                state: step,
                ..StepRecord::new("repo".to_owned(), StepKind::GithubRepo, 1)
            };
            let steps = vec![record.clone()];
            let lease = testing::run_with(&app, app.engine.owner(), BTreeMap::new(), steps).await;
            let run = app.store.run(lease.run).await.unwrap();
            let at = app.clock.now();
            let row = Resource {
                key: ResourceId::new(),
                customer: run.customer,
                run: run.id,
                step: "repo".to_owned(),
                provider: Provider::GitHub,
                kind: ResourceKind::Repository,
                id: "1".to_owned(),
                name: "akermark".to_owned(),
                url: None,
                content_hash: None,
                origin: Origin::Created,
                state,
                at,
            };
            let ended = RunChange {
                state: RunState::Leftovers,
                reason: None,
                error: None,
                finished_at: Some(at),
                undo_began_at: Some(at),
            };
            let entry = JournalEntry {
                run: Some(ended),
                steps: vec![record],
                resources: vec![row],
                ..JournalEntry::default()
            };
            app.store.journal(&lease, entry).await.unwrap();
            let page = app.runs_list(RunQuery::default()).await.unwrap();
            let shown = &page.runs[0];
            assert_eq!(shown.left, left, "{state:?}, {step:?}");
            assert_eq!(shown.run.state, RunState::Leftovers, "as it ended");
        }
    }
}
