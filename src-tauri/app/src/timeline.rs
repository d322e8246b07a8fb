//! A run's steps as its screen draws them, and how long things usually take.

use std::collections::BTreeMap;

use fabrik_domain::{
    blueprint::{Blueprint, StepKind},
    event::{Happening, RunEvent},
    run::{RunState, Snapshot, StepRecord, StepState},
};
use fabrik_engine::graph::longest_chain;
use jiff::Timestamp;

use crate::views::StepView;

/// The steps, in the blueprint's order.
pub(crate) fn step_views(
    snapshot: &Snapshot,
    steps: Vec<StepRecord>,
    events: &[RunEvent],
    usual: &BTreeMap<String, f64>,
    now: Timestamp,
) -> Vec<StepView> {
    let begun = begun_by_events(events);
    steps
        .into_iter()
        .map(|step| {
            let spec = snapshot
                .blueprint
                .steps
                .iter()
                .find(|spec| spec.id == step.id);
            // The start of a step is told at once and written with its first entry.
            let (state, started_at) = match begun.get(step.id.as_str()) {
                Some(at) if step.state == StepState::Pending && step.error.is_none() => {
                    (StepState::Running, step.started_at.or(Some(*at)))
                }
                _ => (step.state, step.started_at),
            };
            StepView {
                waits_until: waits_until(&step, now),
                provider: step.kind.provider(),
                name: snapshot
                    .names
                    .get(&step.id)
                    .filter(|name| !name.is_empty())
                    .cloned(),
                needs: spec.map(|spec| spec.needs.clone()).unwrap_or_default(),
                usual_seconds: usual_seconds(step.kind, usual),
                id: step.id,
                kind: step.kind,
                state,
                attempts: step.attempts,
                started_at,
                finished_at: step.finished_at,
                error: step.error,
            }
        })
        .collect()
}

/// Until when a step waits that will go on by itself.
pub(crate) fn waits_until(step: &StepRecord, now: Timestamp) -> Option<Timestamp> {
    let goes_on = matches!(step.state, StepState::Running | StepState::Undoing);
    step.not_before.filter(|until| goes_on && *until > now)
}

/// The longest chain of a blueprint's usual times, in seconds.
pub(crate) fn expected_seconds(blueprint: &Blueprint, usual: &BTreeMap<String, f64>) -> f64 {
    longest_chain(&blueprint.steps, |spec| usual_seconds(spec.kind, usual))
}

/// How long a kind of step usually takes: as the records say, else as the step does. What only changes an instance that
/// stands mostly has nothing to do.
pub(crate) fn usual_seconds(kind: StepKind, usual: &BTreeMap<String, f64>) -> f64 {
    if kind.is_of_standing() {
        return 0.0;
    }
    usual
        .get(kind.key())
        .copied()
        .unwrap_or_else(|| fabrik_steps::timing(kind).usual.as_secs_f64())
}

/// Steps that are running by the newest word of the events, and since when.
fn begun_by_events(events: &[RunEvent]) -> BTreeMap<&str, Timestamp> {
    let mut begun = BTreeMap::new();
    for event in events {
        match (&event.what, event.step.as_deref()) {
            (
                Happening::Step {
                    state: StepState::Running,
                },
                Some(step),
            ) => {
                begun.insert(step, event.at);
            }
            (Happening::Step { .. }, Some(step)) => {
                begun.remove(step);
            }
            (Happening::Run { state, .. }, _) if *state != RunState::Running => begun.clear(),
            _ => {}
        }
    }
    begun
}
