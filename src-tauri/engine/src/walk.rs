//! Forward: every step as soon as those it needs are complete.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    Problem,
    run::{RunState, StepRecord, WaitReason},
};
use fabrik_store::RunChange;
use futures::{StreamExt, stream::FuturesUnordered};
use tokio_util::sync::CancellationToken;

use crate::perform::{End, Stage};

impl Stage<'_> {
    /// Performs every step as soon as those it needs are complete. A step that fails stops the others
    /// between two calls; one that waits doesn't.
    pub(crate) async fn walk(
        &self,
        records: Vec<StepRecord>,
        cancel: &CancellationToken,
    ) -> Result<RunChange, Problem> {
        let steps = &self.snapshot.blueprint.steps;
        let mut records: BTreeMap<String, StepRecord> = records
            .into_iter()
            .map(|record| (record.id.clone(), record))
            .collect();
        let mut begun = BTreeSet::new();
        let mut performing = FuturesUnordered::new();
        let mut failed: Option<Problem> = None;
        let mut waiting: Option<(WaitReason, Problem)> = None;
        loop {
            for spec in steps {
                let Some(record) = records.get(&spec.id) else {
                    continue;
                };
                let complete = |id: &String| {
                    records
                        .get(id)
                        .is_some_and(|record| record.state.is_complete())
                };
                if self.halt.is_cancelled()
                    || record.state.is_complete()
                    || !spec.needs.iter().all(complete)
                    || !begun.insert(spec.id.as_str())
                {
                    continue;
                }
                let outputs = records
                    .iter()
                    .filter(|(_, record)| record.state.is_complete())
                    .map(|(id, record)| (id.clone(), record.outputs.clone()))
                    .collect();
                performing.push(self.perform(spec, record.clone(), outputs));
            }
            let Some((record, end)) = performing.next().await else {
                break;
            };
            records.insert(record.id.clone(), record);
            match end {
                End::Complete | End::Halted => {}
                End::Failed(problem) => {
                    failed.get_or_insert(problem);
                    self.halt.cancel();
                }
                End::Waiting(reason, problem) => {
                    waiting.get_or_insert((reason, problem));
                }
                // The journal is shut: the other steps are dropped where they stand, as by a kill.
                End::Broken(problem) => return Err(problem),
            }
        }
        let ended = |state, error| RunChange {
            state,
            reason: None,
            error,
            finished_at: Some(self.engine.clock.now()),
            undo_began_at: None,
        };
        Ok(if let Some(problem) = failed {
            ended(RunState::Failed, Some(problem))
        } else if records.values().all(|record| record.state.is_complete()) {
            ended(RunState::Succeeded, None)
        } else if cancel.is_cancelled() {
            ended(RunState::Cancelled, None)
        } else if let Some((reason, problem)) = waiting {
            RunChange {
                state: RunState::Waiting,
                reason: Some(reason),
                error: Some(problem),
                finished_at: None,
                undo_began_at: None,
            }
        } else {
            ended(
                RunState::Failed,
                Some(fabrik_domain::Cause::Internal.into()),
            )
        })
    }
}
