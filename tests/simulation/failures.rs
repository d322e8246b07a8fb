//! Every request of a run refused for good, its answer lost, or made late (P2, P3).

use std::{collections::BTreeSet, sync::Mutex, time::Duration};

use fabrik_domain::run::{OnFailure, Run, RunState};
use fabrik_tests::Proof;
use serde_json::{Value, json};

use crate::{
    extent::one_in,
    midway::{changes, no_mail},
    world::{Image, Past, Seen, Trial, all_cells, cells, simulate, tally},
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
fn requests(blueprint: &'static str, past: Past) -> Vec<Seen> {
    let all: BTreeSet<_> = calls(blueprint, past)
        .into_iter()
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
                self.assert_intended(when).await;
                let lease = world.taken_on(run.id, "last", "first", false).await;
                let run = world.drive("last", lease.unwrap()).await.unwrap();
                self.assert_whole(&run, when).await;
            }
            other => panic!("{when}: {other:?} {:?}", run.error),
        }
    }
}

/// Each request is refused under both policies, in these ways by turns; the full proof refuses each in all of them. Of
/// another plan's run a share in each test: its changes are refused one by one in `midway`.
#[test]
fn every_request_refused_for_good_is_rolled_back_or_kept() {
    const WAYS: [u16; 3] = [400, 422, 500];
    let proof = Proof::of("P3", "each request refused for good, rolled back or kept");
    let share = one_in(WAYS.len());
    for (blueprint, past) in all_cells() {
        let requests = requests(blueprint, past);
        let mut refusals = Vec::new();
        for (number, seen) in requests.iter().enumerate().step_by(past.share()) {
            for (turn, policy) in [OnFailure::Rollback, OnFailure::Keep]
                .into_iter()
                .enumerate()
            {
                let ways = WAYS.into_iter().cycle().skip(number + turn);
                refusals.extend(ways.take(WAYS.len() / share).map(|way| (seen, way, policy)));
            }
        }
        let struck = tally(&refusals, |(seen, status, policy)| {
            usize::from(refused(blueprint, past, seen, *status, *policy))
        });
        assert!(struck > 0, "{blueprint}, {past:?}: requests are refused");
        proof.held(struck);
    }
}

/// Whether there was such a request to refuse.
fn refused(
    blueprint: &'static str,
    past: Past,
    seen: &Seen,
    status: u16,
    policy: OnFailure,
) -> bool {
    simulate(async || {
        let when = format!(
            "{blueprint}, {past:?}: {} {} answers {status}, {policy:?}",
            seen.method, seen.path
        );
        let trial = Trial::new(blueprint, past);
        let fault = format!("status:{status}");
        let rules = json!([rule(seen, &fault, None)]);
        trial.world.cloud.faults(rules).unwrap();
        let run = trial.world.provision(&trial.customer, policy).await;
        trial.world.cloud.faults(json!([])).unwrap();
        // A refusal leaves no call's outcome open.
        if run.state == RunState::Failed && status < 500 {
            trial.assert_told(&when).await;
            trial.assert_parts_told(&when).await;
        }
        trial.to_the_end(&run, &when).await;
        trial.world.was_struck(&fault)
    })
}

/// How an answer is lost, or comes late.
const LOSSES: [&str; 6] = [
    "drop_before",
    "drop_after",
    "commit_after:20s",
    "garbage",
    "huge",
    "status:500",
];

/// By how much the lists of the vendor are behind whose answer was lost.
const LAG: &str = "stale_list:10s";

/// Those that a run asks for a list to find what it has made. The others tell it by an id, name or key, and are never
/// behind.
const ASKED_FOR_LISTS: [&str; 3] = ["supabase", "vercel", "n8n"];

/// The vendors of which a list left something out.
type Behind = Mutex<BTreeSet<String>>;

/// The first change by each path in all of these ways; those after it, such as further statements to a database, in one
/// by turns, and in the full proof in all; so is each of another plan's run.
#[test]
fn every_lost_or_late_answer_is_found_again() {
    let proof = Proof::of(
        "P2",
        "the answer to each change lost, late, spoiled, or behind lists that lag",
    );
    let behind = Behind::default();
    for (blueprint, past) in all_cells() {
        let changes = changes(calls(blueprint, past));
        let mut losses = Vec::new();
        for (number, (seen, nth)) in changes.iter().enumerate() {
            let in_all = *nth == 1 && !past.is_another_plan();
            let share = if in_all { 1 } else { one_in(LOSSES.len()) };
            let turns = LOSSES.into_iter().cycle().skip(number);
            let ways = turns.take(LOSSES.len() / share);
            losses.extend(ways.map(|what| (seen, *nth, what)));
        }
        let struck = tally(&losses, |(seen, nth, what)| {
            usize::from(lost(blueprint, past, seen, *nth, what, &behind))
        });
        assert!(struck > 0, "{blueprint}, {past:?}: answers are lost");
        proof.held(struck);
    }
    let behind = behind.into_inner().unwrap();
    for vendor in ASKED_FOR_LISTS {
        assert!(behind.contains(vendor), "of {vendor} no list lagged");
    }
}

/// Whether there was such a call to strike.
fn lost(
    blueprint: &'static str,
    past: Past,
    seen: &Seen,
    nth: usize,
    what: &str,
    behind: &Behind,
) -> bool {
    simulate(async || {
        let when = format!(
            "{blueprint}, {past:?}: {} {} number {nth}: {what}",
            seen.method, seen.path
        );
        let trial = Trial::new(blueprint, past);
        let world = &trial.world;
        let rules = json!([
            rule(seen, what, Some(nth)),
            { "provider": seen.provider, "method": "GET", "do": LAG },
        ]);
        world.cloud.faults(rules).unwrap();
        let run = world.provision(&trial.customer, OnFailure::Keep).await;
        // What was late has come by now.
        tokio::time::sleep(Duration::from_mins(1)).await;
        trial.assert_whole(&run, &when).await;
        // A list that left nothing out counts as none.
        if world.was_struck(LAG) {
            behind.lock().unwrap().insert(seen.provider.clone());
        }
        world.was_struck(what)
    })
}

/// What comes true only after the same was asked for once more and the run had begun to go back, since its mail was refused:
/// a tenth of the changes, and in the full proof each.
#[test]
fn what_comes_true_late_is_taken_back_too() {
    let proof = Proof::of(
        "P2",
        "a change that comes true late, while its run goes back",
    );
    for (blueprint, past) in cells() {
        let mut changes = changes(calls(blueprint, past));
        changes.retain(|(seen, _)| seen.provider != "resend");
        let changes: Vec<_> = changes.iter().step_by(one_in(10)).collect();
        let struck = tally(&changes, |(seen, nth)| {
            usize::from(late_while_going_back(blueprint, past, seen, *nth))
        });
        assert!(struck > 0, "{blueprint}, {past:?}: changes come late");
        proof.held(struck);
    }
}

/// Whether there was such a call to strike.
fn late_while_going_back(blueprint: &'static str, past: Past, seen: &Seen, nth: usize) -> bool {
    const LATE: &str = "commit_after:20s";
    simulate(async || {
        let when = format!(
            "{blueprint}, {past:?}: {} {} number {nth} comes late, and the mail is refused",
            seen.method, seen.path
        );
        let trial = Trial::new(blueprint, past);
        let world = &trial.world;
        let rules = json!([rule(seen, LATE, Some(nth)), no_mail()]);
        world.cloud.faults(rules).unwrap();
        let run = world.provision(&trial.customer, OnFailure::Rollback).await;
        // What was late has come by now.
        tokio::time::sleep(Duration::from_mins(1)).await;
        trial.assert_gone(&run, &when).await;
        world.was_struck(LATE)
    })
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
