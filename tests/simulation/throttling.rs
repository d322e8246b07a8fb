//! The vendors' limits: many customers through five minutes of refusals, with few calls wasted and no limit
//! broken (P5); and what a run's steps say that they count is what they count.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use fabrik_blueprints::built_in;
use fabrik_clouds::Gates;
use fabrik_domain::{
    Cause, Problem,
    customer::Customer,
    gate::{Charge, Class, Ending, Gate, NotBefore, Pass},
    id::CustomerId,
    ports::Clock,
    provider::Provider,
    run::{OnFailure, Run, RunState, WaitReason},
};
use fabrik_sandbox::LatencyChoice;
use fabrik_store::RunQuery;
use fabrik_tests::Proof;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::{
    blueprints::blueprint,
    extent::one_in,
    world::{World, simulate},
};

const CUSTOMERS: usize = 50;
const STORM: Duration = Duration::from_mins(5);
/// By when the first run has come to the last vendor.
const LATEST: Duration = Duration::from_hours(2);

async fn crowd(blueprint: &str, customers: usize) -> (World, Vec<Customer>) {
    let world = World::with(7, LatencyChoice::Realistic, true).await.gated();
    let mut crowd = Vec::with_capacity(customers);
    for number in 1..=customers {
        crowd.push(world.customer(blueprint, &format!("kund-{number}")).await);
    }
    (world, crowd)
}

async fn provision_all(world: &World, customers: &[Customer]) -> Vec<Run> {
    let runs = customers
        .iter()
        .map(|customer| world.provision(customer, OnFailure::Keep));
    join_all(runs).await
}

/// Every vendor refuses every call for five minutes: with 429 and a second to wait, or as over a limit of its
/// own, which at GitHub is a 403.
async fn storm(world: &World) {
    tokio::time::sleep(Duration::from_secs(5)).await;
    let half = STORM / 2;
    let first = json!([
        { "provider": "github", "do": "throttle:20s" },
        { "provider": "resend", "do": "throttle:20s" },
        { "do": "status:429" },
    ]);
    world.cloud.faults(first).unwrap();
    tokio::time::sleep(half).await;
    assert_told(world).await;
    let second = json!([
        { "provider": "supabase", "do": "throttle:20s" },
        { "provider": "vercel", "do": "throttle:20s" },
        { "do": "status:429" },
    ]);
    world.cloud.faults(second).unwrap();
    tokio::time::sleep(half).await;
    world.cloud.faults(json!([])).unwrap();
}

/// The agency's own servers, to which a run comes only once the others have let it: from the first call to each on it
/// refuses every one for as long as half of the storm.
async fn storm_at_own(world: &World, blueprint: &str) {
    for server in own_servers(blueprint) {
        let refused = json!([{ "provider": server.key(), "do": "throttle:20s" }]);
        world.cloud.faults(refused).unwrap();
        let begun = world.clock.monotonic();
        while !meets_storm(world, server) {
            let waited = world.clock.monotonic().saturating_sub(begun);
            assert!(waited < LATEST, "nobody has come to {server:?}");
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        tokio::time::sleep(STORM / 2).await;
        world.cloud.faults(json!([])).unwrap();
    }
}

/// Those that the blueprint's steps call, in their order.
fn own_servers(name: &str) -> Vec<Provider> {
    let called = blueprint(name).providers();
    let own = [Provider::N8n, Provider::Gitea].into_iter();
    own.filter(|server| called.contains(server)).collect()
}

fn meets_storm(world: &World, server: Provider) -> bool {
    let calls = world.log();
    let mut calls = calls.iter();
    calls.any(|call| call.provider == server.key() && call.fault.is_some())
}

/// In the middle of the storm the records say of each run until when it waits, but for the few that are just
/// trying.
async fn assert_told(world: &World) {
    let now = world.clock.now();
    let runs = world.store.runs(RunQuery::default()).await.unwrap();
    let mut told = 0;
    for run in &runs {
        let steps = world.store.steps(run.id).await.unwrap();
        let waits = steps.iter().any(|step| {
            let until = throttled(step.error.as_ref());
            until.is_some_and(|until| until > now) && step.not_before.is_some_and(|at| at > now)
        });
        told += usize::from(waits);
    }
    assert!(
        told * 10 >= runs.len() * 9,
        "of {} runs {told} say until when they wait",
        runs.len()
    );
}

/// Until when a vendor takes no more calls, where that is the problem.
fn throttled(problem: Option<&Problem>) -> Option<Timestamp> {
    match *problem?.cause {
        Cause::Throttled { until } => Some(until),
        _ => None,
    }
}

/// Whose customers come through: the first one's in each test, which meets every vendor; in the full proof all that are
/// built in.
const THRONGED: [&str; 4] = ["client-stack", "agency", "factory", "orchestra"];

/// P5.
#[test]
fn many_customers_come_through_five_minutes_of_refusals() {
    let proof = Proof::of(
        "P5",
        "customers through five minutes of refusals, at most 1.2 times the least calls",
    );
    let missing: Vec<_> = built_in().filter(|name| !THRONGED.contains(name)).collect();
    assert!(missing.is_empty(), "no crowd of {missing:?}");
    let mut most: f64 = 0.0;
    for blueprint in THRONGED.into_iter().step_by(one_in(THRONGED.len())) {
        most = most.max(through_the_storm(blueprint));
        proof.held(CUSTOMERS);
    }
    proof.measured(format!("at most {most:.3} times the least"));
}

/// How many calls a run has to make that nobody disturbs: all of them, and those without its polls, which ask once more
/// for what was asked for already.
fn least_calls(blueprint: &str) -> (usize, usize) {
    // Alone nobody waits for anybody.
    simulate(async || {
        let (world, customers) = crowd(blueprint, 1).await;
        provision_all(&world, &customers).await;
        let calls = world.log();
        let reads = calls.iter().filter(|call| call.method == "GET");
        let reads: Vec<_> = reads.map(|call| (&call.provider, &call.path)).collect();
        let once: BTreeSet<_> = reads.iter().collect();
        (calls.len(), calls.len() - (reads.len() - once.len()))
    })
}

/// How many times the least calls it took: the calls that were throttled, beside the least. A wait that is over has fewer
/// polls than one that is just waited for, so that all calls together would hide some of them.
fn through_the_storm(blueprint: &str) -> f64 {
    let (all, unpolled) = least_calls(blueprint);
    let (all, unpolled) = (all * CUSTOMERS, unpolled * CUSTOMERS);
    simulate(async || {
        let (world, customers) = crowd(blueprint, CUSTOMERS).await;
        let storms = async {
            storm(&world).await;
            storm_at_own(&world, blueprint).await;
        };
        let (runs, ()) = tokio::join!(provision_all(&world, &customers), storms);
        for (customer, run) in customers.iter().zip(&runs) {
            let steps = world.store.steps(run.id).await.unwrap();
            let open = steps.iter().find(|step| !step.state.is_complete());
            let (slug, error) = (&customer.slug, &run.error);
            assert_eq!(
                run.state,
                RunState::Succeeded,
                "{slug}: {error:?}, {open:#?}"
            );
        }
        let calls = world.log();
        let over: Vec<_> = calls
            .iter()
            .filter(|call| call.is_over_a_limit())
            .map(|call| {
                let seconds = call.started_ms / 1000;
                format!(
                    "{} {} {} after {seconds} s",
                    call.provider, call.method, call.path
                )
            })
            .collect();
        assert!(over.is_empty(), "limits that were broken: {over:#?}");
        let struck = calls.iter().filter(|call| call.fault.is_some()).count();
        assert!(struck > CUSTOMERS, "the storm was met: {struck} calls");
        let calls = calls.len();
        assert!(
            calls * 10 <= all * 12,
            "{blueprint}: at most 1.2 times the least: {calls} calls, where {all} would do"
        );
        let throttled = unpolled + struck;
        assert!(
            throttled * 10 <= unpolled * 12,
            "{blueprint}: {struck} calls were throttled, where {unpolled} would do"
        );
        #[expect(clippy::cast_precision_loss, reason = "thousands of calls")]
        let times = throttled as f64 / unpolled as f64;
        times
    })
}

/// An hour's limit that is spoken for: the plan says until when, the run is queued, says so too, and goes on by
/// itself; or is cancelled in its place.
#[test]
fn a_run_that_the_hour_has_no_room_for_waits_in_a_queue() {
    simulate(async || {
        let (world, customers) = crowd("factory", 2).await;
        let [patient, cancelled] = &customers[..] else {
            panic!("two customers")
        };
        let demand = world.demand(patient).await;
        let gate = world.gate().unwrap();
        while gate.reserve(CustomerId::new(), &demand).is_ok() {}
        let began = world.clock.now();
        let in_an_hour = began + SignedDuration::from_mins(59);
        let engine = world.engine("first");
        let plan = world.plan(&engine, patient).await;
        let limits = plan.limits.expect("it is limited");
        assert_eq!(limits.provider, Provider::GitHub, "{limits:?}");
        assert!(limits.done_at > in_an_hour, "{limits:?}");

        let before = world.census();
        let look = async {
            tokio::time::sleep(Duration::from_mins(10)).await;
            assert_eq!(
                world.census(),
                before,
                "nothing is made while a run is queued"
            );
            for run in world.store.runs(RunQuery::default()).await.unwrap() {
                assert_eq!(
                    (run.state, run.reason),
                    (RunState::Queued, Some(WaitReason::Quota)),
                    "{:?}",
                    run.error
                );
                let until = throttled(run.error.as_ref());
                assert!(until.is_some_and(|until| until > in_an_hour), "{until:?}");
                if run.customer == cancelled.id {
                    world.request_cancel(run.id).await;
                }
            }
        };
        let (runs, ()) = tokio::join!(provision_all(&world, &customers), look);
        let states: Vec<_> = runs.iter().map(|run| run.state).collect();
        assert_eq!(states, [RunState::Succeeded, RunState::Cancelled]);
        assert!(world.clock.now() > in_an_hour, "it waited for the hour");
        assert_eq!(
            (runs[0].reason, throttled(runs[0].error.as_ref())),
            (None, None),
            "nothing is said of the wait any more"
        );
    });
}

/// The gates, and what the calls that they let through counted, by customer.
struct Counting {
    gate: Gates,
    counted: Mutex<BTreeMap<Class, BTreeMap<Option<CustomerId>, u32>>>,
}

impl Gate for Counting {
    fn enter(&self, who: Option<CustomerId>, charges: &[Charge]) -> Result<Pass, Timestamp> {
        let pass = self.gate.enter(who, charges)?;
        let mut counted = self.counted.lock().unwrap();
        for charge in charges.iter().filter(|charge| !charge.limits.is_empty()) {
            let of_class = counted.entry(charge.class.clone()).or_default();
            *of_class.entry(who).or_default() += charge.units;
        }
        Ok(pass)
    }

    fn leave(&self, pass: Pass, ending: Ending) {
        self.gate.leave(pass, ending);
    }

    fn earliest_end(&self, demand: &[Charge]) -> Option<NotBefore> {
        self.gate.earliest_end(demand)
    }

    fn reserve(&self, who: CustomerId, demand: &[Charge]) -> Result<(), NotBefore> {
        self.gate.reserve(who, demand)
    }

    fn release(&self, who: CustomerId) {
        self.gate.release(who);
    }
}

/// What is set aside for a run is what its steps say that they count: by every limit that two customers' runs
/// share, it is enough, and not much more. A step that says too little fails here.
#[test]
fn runs_count_what_their_steps_say() {
    // Those that are built in: what the tests' own blueprint shares, its runs find and do not make. Two customers each
    // are the fewest who share a limit.
    for blueprint in built_in() {
        simulate(async || {
            let (world, customers) = crowd(blueprint, 2).await;
            let counting = Arc::new(Counting {
                gate: Gates::unkept(world.clock.clone()),
                counted: Mutex::default(),
            });
            world.gate_by(Arc::clone(&counting) as _);
            let demand = world.demand(&customers[0]).await;
            provision_all(&world, &customers).await;
            let counted = counting.counted.lock().unwrap();
            let shared: BTreeMap<_, _> = counted
                .iter()
                .filter(|(_, by)| by.len() == customers.len())
                .filter_map(|(class, by)| Some((class, by.values().copied().max()?)))
                .collect();
            assert!(shared.len() > 1, "{blueprint}: {shared:?}");
            for (class, counted) in &shared {
                let said = demand.iter().find(|charge| charge.class == **class);
                let said = said.map_or(0, |charge| charge.units);
                assert!(
                    (*counted..=counted * 2).contains(&said),
                    "{blueprint}: {} {}: its steps say {said}, and count {counted}",
                    class.provider.title(),
                    class.name
                );
            }
            for charge in demand.iter().filter(|charge| charge.units > 0) {
                assert!(
                    shared.contains_key(&charge.class),
                    "{blueprint}: nothing counts in {}",
                    charge.class.name
                );
            }
        });
    }
}
