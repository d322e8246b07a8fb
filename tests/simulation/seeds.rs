//! Chance, from a seed: answers lost, late, spoiled, calls refused and throttled, kills, a mishap of the process, and the
//! order of what goes side by side, while a customer is provisioned or removed; in half of them under the vendors'
//! limits. A seed that fails prints what replays it.

use std::{
    collections::{BTreeSet, HashSet},
    mem::{Discriminant, discriminant},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use fabrik_domain::{
    id::CustomerId,
    run::{OnFailure, RunState},
};
use fabrik_tests::{Proof, in_full, spoiled::Dice};
use serde_json::{Value, json};

use crate::{
    blueprints::{BLUEPRINTS, changes_what_stands},
    extent::variable,
    mishaps::Mishap,
    world::{OTHER_PLANS, PASTS, Past, Seen, Trial, each, gated::Logged, simulate, spread},
};

/// How many seeds are tried, and from which: `FABRIK_SEEDS=10000`, `FABRIK_SEED=17` for one alone.
const SEEDS: &str = "FABRIK_SEEDS";
const SEED: &str = "FABRIK_SEED";

/// So many that each kind of mishap comes.
const ENOUGH: u64 = 300;

#[test]
fn at_random() {
    let mut range = match variable(SEED) {
        Some(seed) => seed..seed + 1,
        None => 0..variable(SEEDS).unwrap_or(300),
    };
    let many = range.end - range.start;
    let mut proof = Proof::of("P2", "faults and kills at random");
    let limits = Proof::of(
        "P5",
        "faults and kills at random under the vendors' limits: none is passed",
    );
    let came: Mutex<HashSet<Discriminant<Mishap>>> = Mutex::default();
    let begun = AtomicU64::new(0);
    let try_one = |seed| {
        let tried = std::panic::catch_unwind(|| {
            simulate(async || Box::pin(one(seed, Trial::of_seed)).await)
        });
        match tried {
            Ok(tried) => {
                came.lock().unwrap().extend(tried.mishap);
                limits.held(usize::from(tried.kept_limits));
                begun.fetch_add(u64::from(tried.begun), Ordering::Relaxed);
            }
            Err(panic) => {
                let built = if cfg!(debug_assertions) {
                    ""
                } else {
                    " --profile proof"
                };
                #[expect(clippy::print_stderr, reason = "what replays the test")]
                {
                    eprintln!(
                        "again with: {SEED}={seed} cargo test{built} -p fabrik-simulation at_random"
                    );
                }
                std::panic::resume_unwind(panic);
            }
        }
    };
    // Nothing is tried of a run that was refused before it began: the full proof goes on until as many began as it says.
    while !range.is_empty() {
        let end = range.end;
        proof = proof.from_seeds(end);
        spread(range, try_one);
        let lacking = if in_full() {
            many - begun.load(Ordering::Relaxed)
        } else {
            0
        };
        range = end..end + lacking;
    }
    let begun = begun.into_inner();
    proof.held(usize::try_from(begun).unwrap());
    let came = came.into_inner().unwrap().len();
    assert!(
        many < ENOUGH || came == Mishap::KINDS,
        "every kind of mishap comes, not {came}"
    );
}

/// So that what is printed does replay it: the same calls in the same order, answered alike, though another process gives
/// the workspace and the customer other ids. What follows from those is alike but for itself: in a path, a user's id.
#[test]
fn a_seed_is_the_same_each_time() {
    each(&[3, 17, 42, 99, 256], |seed| {
        let again = |trial: Make| simulate(async || Box::pin(one(*seed, trial)).await);
        let (one, another) = (again(Trial::of_seed), again(Trial::made_anew));
        assert_eq!(
            without_ids(one.calls),
            without_ids(another.calls),
            "seed {seed}: the same calls, answered alike"
        );
        assert_eq!(one.mishap, another.mishap, "seed {seed}: the same mishap");
    });
}

/// The calls, with a word in the place of each id that follows from ours.
fn without_ids(mut calls: Vec<Seen>) -> Vec<Seen> {
    for call in &mut calls {
        let parts = call.path.split('/').map(|part| {
            let is_id = part.parse::<CustomerId>().is_ok();
            if is_id { "id" } else { part }
        });
        call.path = parts.collect::<Vec<_>>().join("/");
    }
    calls
}

/// What goes side by side goes in another order by another seed, with the same cloud to begin with.
#[test]
fn a_seed_decides_the_order() {
    let orders: BTreeSet<_> = (0..8)
        .map(|number| {
            simulate(async || {
                let trial = Trial::of_seed(number * 8, "factory", Past::Nothing);
                let world = &trial.world;
                let run = world.provision(&trial.customer, OnFailure::Keep).await;
                trial.assert_whole(&run, "undisturbed").await;
                let changes = world.seen().into_iter().filter(|seen| seen.method != "GET");
                changes
                    .map(|seen| (seen.method, seen.path))
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    assert!(orders.len() > 1, "always the same: {orders:#?}");
}

/// What calls meet.
fn rules(dice: &mut Dice) -> Value {
    let rules = (0..dice.below(4)).map(|_| {
        let what = dice.one_of(&[
            "drop_before",
            "drop_after",
            "commit_after:15s",
            "stale_list:10s",
            "garbage",
            "huge",
            "status:500",
            "status:429",
            "status:422",
            "delay:40s",
        ]);
        let provider = dice.one_of(&["supabase", "github", "vercel", "n8n", "gitea", "resend"]);
        let rate = dice.one_of(&[0.02, 0.1, 0.3]);
        json!({ "provider": provider, "rate": rate, "do": what })
    });
    rules.collect()
}

/// How a trial of a seed is made.
type Make = fn(u64, &'static str, Past) -> Trial;

/// What came of a seed.
struct Tried {
    /// The calls that were made.
    calls: Vec<Seen>,
    /// The run began.
    begun: bool,
    /// The mishap, if it came.
    mishap: Option<Discriminant<Mishap>>,
    /// There were the vendors' limits, and none was passed.
    kept_limits: bool,
}

async fn one(seed: u64, trial: Make) -> Tried {
    let mut dice = Dice::of(seed);
    let blueprint = dice.one_of(&BLUEPRINTS);
    let policy = dice.one_of(&[OnFailure::Rollback, OnFailure::Keep]);
    let mut past = dice.one_of(&PASTS);
    // Half of those with steps that only change what stands. Not by the dice: the other seeds stay what they are.
    if changes_what_stands(blueprint) && seed.is_multiple_of(2) {
        past = OTHER_PLANS[seed as usize / 2 % OTHER_PLANS.len()];
    }
    let rules = rules(&mut dice);
    let mishap = Mishap::roll(&mut dice);
    let removes = dice.below(4) == 0;
    let what = if removes { "removed" } else { "provisioned" };
    let limited = dice.below(2) == 0;
    let when = format!(
        "seed {seed}: {blueprint}, {past:?}, {what}, {policy:?}, {mishap:?}, limited: {limited}"
    );
    let mut trial = trial(seed, blueprint, past);
    if limited {
        trial = trial.limited();
    }
    let (world, customer) = (&trial.world, &trial.customer);
    if removes {
        let run = world.provision(customer, OnFailure::Keep).await;
        trial.assert_whole(&run, &when).await;
    }
    world.cloud.faults(rules).unwrap();
    let begun = if removes {
        Ok(world.begin_removal("p0", customer).await)
    } else {
        world.begin("p0", customer, policy).await
    };
    let Ok((run, lease)) = begun else {
        let made = world.census();
        assert_eq!(made, trial.before.census, "{when}: nothing is begun");
        trial.before.assert_untouched(world, &when);
        return Tried {
            calls: world.seen(),
            begun: false,
            mishap: None,
            kept_limits: false,
        };
    };
    // Some processes are killed one after the other; from the last one on nothing kills it.
    let mut lease = Some(lease);
    let mut ended = None;
    let kills = dice.below(4);
    for process in 0..kills {
        let Some(held) = lease.take() else { break };
        let owner = format!("p{process}");
        ended = world.killed_at(&owner, held, dice.below(150) + 1).await;
        if ended.is_none() {
            let next = format!("p{}", process + 1);
            lease = world.taken_on(run.id, &next, &owner, false).await.ok();
        }
    }
    let (run, came) = match (ended, lease) {
        (Some(run), _) => (run, false),
        (None, Some(lease)) => {
            let owner = format!("p{kills}");
            let driven = trial.drive_into(mishap, &owner, lease, &when);
            Box::pin(driven).await
        }
        (None, None) => (world.store.run(run.id).await.unwrap(), false),
    };
    world.cloud.faults(json!([])).unwrap();
    // What was late has come by now.
    tokio::time::sleep(Duration::from_mins(2)).await;
    let run = Box::pin(trial.attend(run, &when)).await;
    match run.state {
        _ if removes => trial.assert_removed(&run, &when).await,
        RunState::RolledBack => trial.assert_gone(&run, &when).await,
        _ => trial.assert_whole(&run, &when).await,
    }
    let mishap = mishap.filter(|_| came).map(|(mishap, _)| mishap);
    // A token that is refused, or sees less, may be told so as a limit is.
    let is_told_alike = matches!(mishap, Some(Mishap::Revoked(_) | Mishap::Narrowed(_)));
    let kept_limits = limited && !is_told_alike;
    if kept_limits {
        let mut passed = world.log();
        passed.retain(Logged::is_over_a_limit);
        assert!(passed.is_empty(), "{when}: limits passed: {passed:#?}");
    }
    Tried {
        calls: world.seen(),
        begun: true,
        mishap: mishap.as_ref().map(discriminant),
        kept_limits,
    }
}
