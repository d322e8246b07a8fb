//! Every request of a run refused for good, its answer lost, or made late; every undo failing (P2, P3).

use std::collections::BTreeSet;

use fabrik_domain::run::{OnFailure, Run, RunState};
use serde_json::{Value, json};

use crate::{
    blueprints::in_matrices,
    extent::one_in,
    world::{Image, Past, Seen, Trial, cells, each, simulate},
};

/// The requests of a run that nothing disturbs, in order. Ids in paths differ from run to run only where the
/// seed does.
pub(crate) fn calls(blueprint: &'static str, past: Past) -> Vec<Seen> {
    simulate(async || {
        let trial = Trial::new(blueprint, past);
        let before = trial.world.seen().len();
        let run = trial
            .world
            .provision(&trial.customer, OnFailure::Keep)
            .await;
        assert_eq!(run.state, RunState::Succeeded, "{blueprint}, {past:?}");
        let calls: Vec<_> = trial.world.seen().into_iter().skip(before).collect();
        assert!(calls.len() > 10, "a run makes many requests");
        calls
    })
}

/// The different ones.
fn requests(blueprint: &'static str, past: Past, mutating: bool) -> Vec<Seen> {
    let all: BTreeSet<_> = calls(blueprint, past)
        .into_iter()
        .filter(|seen| !mutating || seen.method != "GET")
        .map(|seen| Seen {
            status: None,
            ..seen
        })
        .collect();
    all.into_iter().collect()
}

pub(crate) fn rule(seen: &Seen, what: &str, nth: Option<usize>) -> Value {
    let mut rule = json!({
        "provider": seen.provider, "method": seen.method, "path": seen.path, "do": what,
    });
    if let Some(nth) = nth {
        rule["nth"] = json!(nth);
    } else {
        rule["every"] = json!(1);
    }
    rule
}

impl Trial {
    /// Provisions under these faults, then without them to the end: on, or back where that was begun.
    pub(crate) async fn to_the_end(&self, run: &Run, when: &str) {
        let world = &self.world;
        match run.state {
            RunState::RolledBack => self.assert_gone(run, when).await,
            // The request was one that the run can do without.
            RunState::Succeeded => self.assert_whole(run, when).await,
            RunState::Leftovers => {
                self.assert_told(when).await;
                let lease = world.taken_on(run.id, "last", "first", true).await.unwrap();
                let run = world.roll_back("last", lease).await;
                self.assert_gone(&run, when).await;
            }
            RunState::Failed | RunState::Waiting => {
                let lease = world.taken_on(run.id, "last", "first", false).await;
                let run = world.drive("last", lease.unwrap()).await.unwrap();
                self.assert_whole(&run, when).await;
            }
            other => panic!("{when}: {other:?} {:?}", run.error),
        }
    }
}

/// Each request is refused under both policies, in these ways by turns; the full proof refuses each in all of them.
#[test]
fn every_request_refused_for_good_is_rolled_back_or_kept() {
    const WAYS: [u16; 3] = [400, 422, 500];
    let share = one_in(WAYS.len());
    for (blueprint, past) in cells() {
        let requests = requests(blueprint, past, false);
        let mut refusals = Vec::new();
        for (number, seen) in requests.iter().enumerate() {
            for (turn, policy) in [OnFailure::Rollback, OnFailure::Keep]
                .into_iter()
                .enumerate()
            {
                let ways = WAYS.into_iter().cycle().skip(number + turn);
                refusals.extend(ways.take(WAYS.len() / share).map(|way| (seen, way, policy)));
            }
        }
        each(&refusals, |(seen, status, policy)| {
            refused(blueprint, past, seen, *status, *policy);
        });
    }
}

fn refused(blueprint: &'static str, past: Past, seen: &Seen, status: u16, policy: OnFailure) {
    simulate(async || {
        let when = format!(
            "{blueprint}, {past:?}: {} {} answers {status}, {policy:?}",
            seen.method, seen.path
        );
        let trial = Trial::new(blueprint, past);
        let status = format!("status:{status}");
        let rules = json!([rule(seen, &status, None)]);
        trial.world.cloud.faults(rules).unwrap();
        let run = trial.world.provision(&trial.customer, policy).await;
        trial.world.cloud.faults(json!([])).unwrap();
        trial.to_the_end(&run, &when).await;
    });
}

#[test]
fn every_lost_or_late_answer_is_found_again() {
    for (blueprint, past) in cells() {
        let requests = requests(blueprint, past, true);
        each(&requests, |seen| {
            for what in [
                "drop_before",
                "drop_after",
                "commit_after:20s",
                "garbage",
                "huge",
                "status:500",
            ] {
                simulate(async || {
                    let when = format!(
                        "{blueprint}, {past:?}: {} {}: {what}",
                        seen.method, seen.path
                    );
                    let trial = Trial::new(blueprint, past);
                    let rules = json!([
                        rule(seen, what, Some(1)),
                        { "provider": seen.provider, "method": "GET", "do": "stale_list:10s" },
                    ]);
                    trial.world.cloud.faults(rules).unwrap();
                    let run = trial
                        .world
                        .provision(&trial.customer, OnFailure::Keep)
                        .await;
                    trial.assert_whole(&run, &when).await;
                });
            }
        });
    }
}

/// A customer whose instance stands, with what an earlier run of its has left.
pub(crate) async fn provisioned(blueprint: &'static str) -> Image {
    let trial = Trial::new(blueprint, Past::Kept);
    let run = trial
        .world
        .provision(&trial.customer, OnFailure::Keep)
        .await;
    trial.assert_whole(&run, blueprint).await;
    Image::of(&trial)
}

#[test]
fn every_undo_may_fail_while_the_others_go_on() {
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
        each(&undos, |seen| {
            for what in ["status:403", "status:500", "drop_before", "drop_after"] {
                simulate(async || {
                    let when = format!("{blueprint}: undo {} {}: {what}", seen.method, seen.path);
                    let trial = provisioned.begin(0);
                    let world = &trial.world;
                    world.cloud.faults(json!([rule(seen, what, None)])).unwrap();
                    let run = world.deprovision(&trial.customer).await;
                    world.cloud.faults(json!([])).unwrap();
                    let run = if run.state == RunState::Leftovers {
                        // A list may be what several of them need; else the others are gone.
                        let left = world.census().difference(&trial.before.foreign()).count();
                        let needed_by_one = seen.method != "GET";
                        assert!(!needed_by_one || left <= 2, "{when}: the others are gone");
                        let lease = world.taken_on(run.id, "last", "first", true).await.unwrap();
                        world.roll_back("last", lease).await
                    } else {
                        run
                    };
                    trial.assert_removed(&run, &when).await;
                });
            }
        });
    }
}

/// The same in a run that goes back by itself, in parents that stay: there every piece is taken out by itself.
#[test]
fn every_undo_within_what_stays_may_fail_too() {
    for (blueprint, past) in cells() {
        // The last call of a run that may still bring about a rollback.
        let mail = json!({ "provider": "resend", "method": "POST", "path": "/emails", "do": "status:422", "every": 1 });
        let (failed, run) = simulate(async || {
            let trial = Trial::new(blueprint, past);
            trial.world.cloud.faults(json!([mail])).unwrap();
            let run = trial
                .world
                .provision(&trial.customer, OnFailure::Keep)
                .await;
            assert_eq!(run.state, RunState::Failed, "{blueprint}, {past:?}");
            (Image::of(&trial), run)
        });
        let back = async |trial: &Trial, run: &Run, owner: &str| {
            let lease = trial.world.taken_on(run.id, owner, "nobody", true).await;
            trial.world.roll_back(owner, lease.unwrap()).await
        };
        let undos: Vec<Seen> = simulate(async || {
            let trial = failed.begin(0);
            let before = trial.world.seen().len();
            back(&trial, &run, "last").await;
            let all: BTreeSet<_> = trial.world.seen().into_iter().skip(before).collect();
            all.into_iter().collect()
        });
        each(&undos, |seen| {
            for what in ["status:403", "status:500", "drop_before", "drop_after"] {
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
                        run = back(&trial, &run, "again").await;
                    }
                    trial.assert_gone(&run, &when).await;
                });
            }
        });
    }
}
