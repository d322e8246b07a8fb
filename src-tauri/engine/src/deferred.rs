//! Looking again at what a run waits for without being held by it: a DNS record of the owner's.

use fabrik_domain::{
    Problem,
    run::{Run, StepRecord, StepState},
};

use crate::{
    Engine,
    step::{Context, Inputs, Occasion, Readiness, StepFactory},
};

impl Engine {
    /// Looks again at the deferred steps of a run that has ended, but for those of which what they made was taken away
    /// since, and writes what has become of them. Gives them back as they are now.
    ///
    /// # Errors
    /// Those of the store. What a vendor says is in the step's `error`, and so is why it could not be asked.
    pub async fn look_again(
        &self,
        factory: &dyn StepFactory,
        run: &Run,
    ) -> Result<Vec<StepRecord>, Problem> {
        let (snapshot, records, rows) = tokio::try_join!(
            self.store.snapshot(run.id),
            self.store.steps(run.id),
            self.store.resources(run.customer),
        )?;
        let outputs = records
            .iter()
            .map(|record| (record.id.clone(), record.outputs.clone()))
            .collect();
        let mut looked = Vec::new();
        for mut record in records.iter().cloned() {
            let spec = snapshot
                .blueprint
                .steps
                .iter()
                .find(|spec| spec.id == record.id);
            let Some(spec) = spec.filter(|_| record.is_waited_for(&rows)) else {
                continue;
            };
            let inputs = Inputs {
                snapshot: &snapshot,
                outputs: &outputs,
                occasion: Occasion::Run,
            };
            let readiness = match factory.build(spec, inputs).await {
                Ok(step) => {
                    let cx = Context {
                        run: run.id,
                        step: spec,
                        snapshot: &snapshot,
                        mark: self.mark_of(run.customer),
                        evidence: record.evidence.as_ref(),
                        sent: record.intended_at,
                        known: &crate::perform::known_of(&rows, spec, step.as_ref()),
                        all: &rows,
                        ruled_out: &record.ruled_out,
                        secrets: self.secrets.as_ref(),
                        clock: self.clock.as_ref(),
                        random: self.random.as_ref(),
                        log: &|_| {},
                    };
                    step.await_ready(&cx, record.resource.as_ref()).await
                }
                Err(failure) => Err(failure),
            };
            match readiness {
                Ok(Readiness::Ready(outputs)) => {
                    record.state = StepState::Done;
                    record.outputs = outputs;
                    record.error = None;
                    record.finished_at = Some(self.clock.now());
                }
                Ok(Readiness::Deferred { outputs, why }) => {
                    record.outputs = outputs;
                    record.error = Some(why);
                }
                Ok(Readiness::NotYet { .. }) => {}
                Ok(Readiness::Failed(problem)) => record.error = Some(problem),
                Err(failure) => {
                    // That it could not be asked is told, and what it waits for stays written.
                    record.error = Some(failure.problem);
                    looked.push(record);
                    continue;
                }
            }
            if self.store.write_deferred(run.id, record.clone()).await? {
                looked.push(record);
            }
        }
        Ok(looked)
    }
}
