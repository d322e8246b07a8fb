//! What a run chooses for a project that stands, undone once all of it is done: given back by the run that was the first
//! to change it, and else left as it is by then.

use fabrik_domain::run::{OnFailure, RunState};

use crate::{
    crashes::{Then, points},
    world::{Trial, cells_of_another_plan, simulate},
};

#[test]
fn the_size_is_given_back_unless_an_earlier_run_had_changed_it() {
    for (blueprint, past) in cells_of_another_plan() {
        // At the last of its points at which it had not succeeded yet.
        let mut last_first = points(blueprint, past).into_iter().rev();
        let undone = last_first.any(|point| {
            simulate(async || {
                let when = format!("{blueprint}, {past:?}, taken back at point {point}");
                let trial = Trial::new(blueprint, past);
                let world = &trial.world;
                let begun = world.begin("first", &trial.customer, OnFailure::Keep).await;
                let (begun, lease) = begun.unwrap();
                world.killed_at("first", lease, point).await;
                let run = trial.end(begun.id, "first", Then::Back).await;
                trial.check(&run, Then::Back, &when).await;
                if run.state != RunState::RolledBack {
                    return false;
                }
                let stays = past.is_changed_before();
                assert_eq!(trial.has_planned_size(), stays, "{when}: the size");
                true
            })
        });
        assert!(undone, "{blueprint}, {past:?}: it is taken back");
    }
}
