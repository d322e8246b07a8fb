//! The vendors' limits before a run begins: how long they make it take, and what is set aside for it, so that
//! of many runs as many begin as can be finished. What a run counts is what its steps say.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause, Problem,
    blueprint::StepSpec,
    event::Happening,
    gate::{Charge, Gate, NotBefore, add_demand, runs_an_hour},
    id::CustomerId,
    run::{Allowance, RunState, Snapshot, StepRecord, WaitReason},
};
use fabrik_store::{JournalEntry, RunChange};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Engine,
    perform::Stage,
    step::{Inputs, Occasion, StepFactory},
};

/// A wait that changes by less is not written again.
const NEWS: SignedDuration = SignedDuration::from_secs(30);

/// What is set aside for a run, as long as it is under way.
pub(crate) struct SetAside<'a> {
    gate: &'a dyn Gate,
    customer: CustomerId,
}

impl Drop for SetAside<'_> {
    fn drop(&mut self) {
        self.gate.release(self.customer);
    }
}

impl Engine {
    /// What a run that begins with `snapshot` counts in the vendors' limits, with the steps that are `wanted`.
    /// Asks no vendor.
    pub async fn demand(
        &self,
        factory: &dyn StepFactory,
        snapshot: &Snapshot,
        wanted: impl Fn(&StepSpec) -> bool + Send,
    ) -> Vec<Charge> {
        let nothing = BTreeMap::new();
        let mut demand = Vec::new();
        for spec in snapshot.blueprint.steps.iter().filter(|spec| wanted(spec)) {
            let inputs = Inputs {
                snapshot,
                outputs: &nothing,
                occasion: Occasion::Plan,
            };
            // One that can't be built will say so itself.
            if let Ok(step) = factory.build(spec, inputs).await {
                add_demand(&mut demand, step.demand());
            }
        }
        demand
    }

    /// How the vendors' limits let so many runs go that count `demand` together, of which the longest usually
    /// takes `seconds`. `None` without gates, where nothing is limited, and where nobody waits for it: a run sends its
    /// calls over the time that it takes, so what they let out within that makes none take longer.
    pub fn allowance(&self, demand: &[Charge], runs: u32, seconds: f64) -> Option<Allowance> {
        let last = self.gate.as_ref()?.earliest_end(demand)?;
        let (_, per_hour) = runs_an_hour(demand, runs)?;
        let now = self.clock.now();
        let usual = SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::ZERO);
        let waits = last.until.duration_since(now) > usual.max(SignedDuration::from_secs(1));
        waits.then(|| Allowance {
            provider: last.provider,
            per_hour,
            done_at: last.until.saturating_add(usual).unwrap_or(now),
        })
    }
}

impl Stage<'_> {
    /// Sets aside what the steps that are not complete will count, and waits for it while the vendors' limits
    /// don't let the run be finished: it is queued then, and says until when. `None` without gates, and where
    /// it was told to stop.
    pub(crate) async fn set_aside(
        &self,
        records: &[StepRecord],
    ) -> Result<Option<SetAside<'_>>, Problem> {
        let Some(gate) = self.engine.gate.as_deref() else {
            return Ok(None);
        };
        let to_come = |spec: &StepSpec| {
            records
                .iter()
                .any(|record| record.id == spec.id && !record.state.is_complete())
        };
        let demand = self.engine.demand(self.factory, self.snapshot, to_come);
        let demand = demand.await;
        let customer = self.snapshot.customer.id;
        let mut told: Option<Timestamp> = None;
        while !self.halt.is_cancelled() {
            let Err(wait) = gate.reserve(customer, &demand) else {
                return Ok(Some(SetAside { gate, customer }));
            };
            if told.is_none_or(|told| wait.until.duration_since(told).abs() > NEWS) {
                self.queue(wait).await?;
                told = Some(wait.until);
            }
            let left = wait.until.duration_since(self.engine.clock.now());
            let left = left.max(SignedDuration::ZERO).unsigned_abs();
            tokio::select! {
                () = self.halt.cancelled() => {}
                () = self.engine.clock.sleep(left) => {}
            }
        }
        Ok(None)
    }

    /// Writes that the run waits, for whom and until when.
    async fn queue(&self, wait: NotBefore) -> Result<(), Problem> {
        let until = wait.until;
        let problem = Problem::from(Cause::Throttled { until }).by(wait.provider);
        let change = RunChange {
            state: RunState::Queued,
            reason: Some(WaitReason::Quota),
            error: Some(problem.clone()),
            finished_at: None,
            undo_began_at: None,
        };
        let told = self.journal.run_with(change, JournalEntry::default());
        told.await?;
        self.journal.say(None, Happening::Problem { problem });
        self.journal.flush().await
    }
}
