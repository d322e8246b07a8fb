//! Every undo failing, of a removal and of a run that goes back: the others go on, and what is left is told (P3).

use std::collections::BTreeSet;

use fabrik_domain::run::{OnFailure, Run, RunState};
use fabrik_engine::step::StepFactory;
use fabrik_tests::Proof;
use serde_json::json;

use crate::{
    blueprints::in_matrices,
    failures::{provisioned, rule},
    midway::late_refusal,
    world::{Image, Past, Seen, Trial, all_cells, simulate, tally},
};

/// What is left comes of the undo that failed: it is that vendor's, and of the kind that was to go it is the one that was
/// named, or what it lies in. The others are gone. What only looks may be what several need.
fn assert_of(undo: &Seen, left: &BTreeSet<(String, String)>, when: &str) {
    if undo.method == "GET" {
        return;
    }
    let named = |id: &str| undo.path.split('/').any(|part| part == id);
    let kinds = left.iter().filter(|(_, id)| named(id));
    let kinds: BTreeSet<_> = kinds.map(|(kind, _)| kind).collect();
    let vendor = format!("{} ", undo.provider);
    let beside = left.iter().filter(|(kind, id)| {
        let another = kinds.contains(kind) && !named(id);
        another || !kind.starts_with(&vendor)
    });
    let beside: Vec<_> = beside.collect();
    assert!(beside.is_empty(), "{when}: {beside:?} is left too");
}

/// How an undo fails.
const FAILING: [&str; 4] = ["status:403", "status:500", "drop_before", "drop_after"];

#[test]
fn every_undo_may_fail_while_the_others_go_on() {
    let proof = Proof::of("P3", "each undo of a removal failing, then tried again");
    for blueprint in in_matrices() {
        let provisioned = simulate(async || provisioned(blueprint).await);
        let undos: Vec<Seen> = simulate(async || {
            let trial = provisioned.begin(0);
            let before = trial.world.seen().len();
            trial.world.deprovision(&trial.customer).await;
            let all: BTreeSet<_> = trial.world.seen().into_iter().skip(before).collect();
            all.into_iter().collect()
        });
        assert!(!undos.is_empty(), "a removal calls vendors");
        let struck = tally(&undos, |seen| {
            let failing = FAILING.into_iter().filter(|what| {
                simulate(async || {
                    let when = format!("{blueprint}: undo {} {}: {what}", seen.method, seen.path);
                    let trial = provisioned.begin(0);
                    let world = &trial.world;
                    world.cloud.faults(json!([rule(seen, what, None)])).unwrap();
                    let run = world.deprovision(&trial.customer).await;
                    world.cloud.faults(json!([])).unwrap();
                    let run = if run.state == RunState::Leftovers {
                        let others = trial.before.foreign();
                        let left = trial.assert_left_told(&others, &when).await;
                        assert_of(seen, &left, &when);
                        let lease = world.taken_on(run.id, "last", "first", true).await.unwrap();
                        world.roll_back("last", lease).await
                    } else {
                        run
                    };
                    trial.assert_removed(&run, &when).await;
                    world.was_struck(what)
                })
            });
            failing.count()
        });
        assert!(struck > 0, "{blueprint}: undos fail");
        proof.held(struck);
    }
}

/// A run that failed at its last call that may still bring about a rollback, with all that it has made.
pub(crate) fn failed_late(blueprint: &'static str, past: Past) -> (Image, Run) {
    let refusal = late_refusal(blueprint, past);
    simulate(async || {
        let trial = Trial::new(blueprint, past);
        let world = &trial.world;
        world.cloud.faults(json!([refusal])).unwrap();
        let run = world.provision(&trial.customer, OnFailure::Keep).await;
        assert_eq!(run.state, RunState::Failed, "{blueprint}, {past:?}");
        (Image::of(&trial), run)
    })
}

/// Takes back what a run has made.
pub(crate) async fn back(trial: &Trial, run: &Run, owner: &str) -> Run {
    let factory = trial.world.registry(trial.customer.id).await;
    back_by(trial, run, owner, &factory).await
}

/// As [`back`], with steps of another make.
pub(crate) async fn back_by(
    trial: &Trial,
    run: &Run,
    owner: &str,
    factory: &dyn StepFactory,
) -> Run {
    let lease = trial.world.taken_on(run.id, owner, "nobody", true).await;
    let lease = lease.unwrap();
    trial.world.roll_back_by(owner, factory, lease).await
}

/// The same in a run that goes back by itself, in parents that stay: there every piece is taken out by itself.
#[test]
fn every_undo_within_what_stays_may_fail_too() {
    let proof = Proof::of("P3", "each undo of a rollback failing, then tried again");
    for (blueprint, past) in all_cells() {
        let (failed, run) = failed_late(blueprint, past);
        let undos: Vec<Seen> = simulate(async || {
            let trial = failed.begin(0);
            let before = trial.world.seen().len();
            back(&trial, &run, "last").await;
            let all: BTreeSet<_> = trial.world.seen().into_iter().skip(before).collect();
            all.into_iter().collect()
        });
        let struck = tally(&undos, |seen| {
            let failing = FAILING.into_iter().filter(|what| {
                simulate(async || {
                    let when = format!(
                        "{blueprint}, {past:?}: undo {} {}: {what}",
                        seen.method, seen.path
                    );
                    let trial = failed.begin(0);
                    trial
                        .world
                        .cloud
                        .faults(json!([rule(seen, what, None)]))
                        .unwrap();
                    let mut run = back(&trial, &run, "last").await;
                    trial.world.cloud.faults(json!([])).unwrap();
                    if run.state == RunState::Leftovers {
                        trial.assert_told(&when).await;
                        let others = &trial.before.census;
                        let left = trial.assert_left_told(others, &when).await;
                        assert_of(seen, &left, &when);
                        run = back(&trial, &run, "again").await;
                    }
                    trial.assert_gone(&run, &when).await;
                    trial.world.was_struck(what)
                })
            });
            failing.count()
        });
        // An orchestra's run that changes no more than an earlier one had changed has nothing to undo.
        let may_be_none = past.is_changed_before();
        assert!(
            struck > 0 || may_be_none,
            "{blueprint}, {past:?}: undos fail"
        );
        proof.held(struck);
    }
}
