//! Every kind of step is not only in the matrices: it does something there.

use std::{collections::BTreeSet, sync::Mutex};

use fabrik_domain::{blueprint::StepKind, run::OnFailure};

use crate::world::{Trial, all_cells, each, simulate};

/// One that finds nothing to do in any run is crashed, failed and undone in none, however often it is gone through.
#[test]
fn every_kind_of_step_does_something_in_the_matrices() {
    let acted = Mutex::new(BTreeSet::new());
    let cells: Vec<_> = all_cells().collect();
    each(&cells, |&(name, past)| {
        let steps = simulate(async || {
            let trial = Trial::new(name, past);
            let world = &trial.world;
            let run = world.provision(&trial.customer, OnFailure::Keep).await;
            world.store.steps(run.id).await.unwrap()
        });
        let begun = steps.into_iter().filter(|step| step.attempts > 0);
        acted.lock().unwrap().extend(begun.map(|step| step.kind));
    });
    let acted = acted.into_inner().unwrap();
    let idle: Vec<_> = StepKind::ALL
        .into_iter()
        .filter(|kind| !acted.contains(kind))
        .collect();
    assert!(
        idle.is_empty(),
        "kinds that do nothing in any case, so give the world a past for them: {idle:?}"
    );
}
