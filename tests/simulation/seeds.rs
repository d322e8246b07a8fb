//! Faults at random, from a seed: answers lost, late, spoiled, calls refused and throttled, kills. A seed that
//! fails prints what replays it.

use fabrik_domain::run::{OnFailure, RunState};
use fabrik_tests::{Proof, spoiled::Dice};
use serde_json::json;

use crate::{
    blueprints::BLUEPRINTS,
    extent::variable,
    world::{PASTS, Seen, Trial, each, simulate, spread},
};

/// How many seeds are tried, and from which: `FABRIK_SEEDS=10000`, `FABRIK_SEED=17` for one alone.
const SEEDS: &str = "FABRIK_SEEDS";
const SEED: &str = "FABRIK_SEED";

#[test]
fn at_random() {
    let range = match variable(SEED) {
        Some(seed) => seed..seed + 1,
        None => 0..variable(SEEDS).unwrap_or(300),
    };
    let proof = Proof::of("P2", "faults and kills at random").from_seeds(range.end - range.start);
    spread(range, |seed| {
        let tried = std::panic::catch_unwind(|| simulate(async || drop(Box::pin(one(seed)).await)));
        if let Err(panic) = tried {
            #[expect(clippy::print_stderr, reason = "what replays the test")]
            {
                eprintln!(
                    "again with: {SEED}={seed} cargo test -p fabrik-tests --test simulation at_random"
                );
            }
            std::panic::resume_unwind(panic);
        }
        proof.held(1);
    });
}

/// So that what is printed does replay it.
#[test]
fn a_seed_is_the_same_each_time() {
    each(&[3, 17, 42, 99, 256], |seed| {
        let calls = || simulate(async || Box::pin(one(*seed)).await);
        assert_eq!(
            calls(),
            calls(),
            "seed {seed}: the same calls, answered alike"
        );
    });
}

/// The calls that were made.
async fn one(seed: u64) -> Vec<Seen> {
    let mut dice = Dice::of(seed);
    let mut roll = |sides: usize| dice.below(sides);
    let blueprint = BLUEPRINTS[roll(BLUEPRINTS.len())];
    let policy = if roll(2) == 0 {
        OnFailure::Rollback
    } else {
        OnFailure::Keep
    };
    let past = PASTS[roll(2)];
    let when = format!("seed {seed}: {blueprint}, {past:?}, {policy:?}");
    let trial = Trial::of_seed(seed, blueprint, past);
    let (world, customer) = (&trial.world, &trial.customer);
    let mut rules = Vec::new();
    for _ in 0..roll(4) {
        let what = [
            "drop_before",
            "drop_after",
            "commit_after:15s",
            "stale_list:10s",
            "garbage",
            "status:500",
            "status:429",
            "status:422",
            "delay:40s",
        ][roll(9)];
        let provider = ["supabase", "github", "vercel", "n8n", "gitea", "resend"][roll(6)];
        let rate = [0.02, 0.1, 0.3][roll(3)];
        rules.push(json!({ "provider": provider, "rate": rate, "do": what }));
    }
    world.cloud.faults(json!(rules)).unwrap();
    let Ok((run, lease)) = world.begin("p0", customer, policy).await else {
        let made = world.census();
        assert_eq!(made, trial.before.census, "{when}: nothing is begun");
        trial.before.assert_untouched(world, &when);
        return world.seen();
    };
    // Some processes are killed one after the other; from the last one on nothing disturbs it.
    let mut lease = Some(lease);
    let mut ended = None;
    let kills = roll(4);
    for process in 0..kills {
        let Some(held) = lease.take() else { break };
        let owner = format!("p{process}");
        ended = world.killed_at(&owner, held, roll(150) + 1).await;
        if ended.is_none() {
            let next = format!("p{}", process + 1);
            lease = world.taken_on(run.id, &next, &owner, false).await.ok();
        }
    }
    let mut run = match (ended, lease) {
        (Some(run), _) => run,
        (None, Some(lease)) => world.drive(&format!("p{kills}"), lease).await.unwrap(),
        (None, None) => world.store.run(run.id).await.unwrap(),
    };
    world.cloud.faults(json!([])).unwrap();
    // What was late has come by now.
    tokio::time::sleep(std::time::Duration::from_mins(2)).await;
    for attempt in 0..4 {
        let owner = format!("owner-{attempt}");
        match run.state {
            RunState::Succeeded | RunState::RolledBack => break,
            RunState::Leftovers => {
                let lease = world
                    .taken_on(run.id, &owner, "nobody", true)
                    .await
                    .unwrap();
                run = world.roll_back(&owner, lease).await;
            }
            _ => {
                let lease = world
                    .taken_on(run.id, &owner, "nobody", false)
                    .await
                    .unwrap();
                run = world.drive(&owner, lease).await.unwrap();
            }
        }
    }
    match run.state {
        RunState::RolledBack => trial.assert_gone(&run, &when).await,
        _ => trial.assert_whole(&run, &when).await,
    }
    world.seen()
}
