//! How near to the vendors' documented limits three hundred customers come, all at once, in simulated time.
//!
//! The bound knows nothing of the gates: it is worked out from the documents' numbers and the calls that the
//! vendors have seen. Nobody can be done sooner than the limits let the last call of a kind out, what comes before
//! the first and after the last of a run included.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "a figure is printed, and a bench that can't go on has failed"
)]

#[path = ".."]
#[expect(
    dead_code,
    unused_imports,
    reason = "shared with the simulations, which use all of it"
)]
mod simulation {
    pub(crate) mod blueprints;
    pub(crate) mod extent;
    pub(crate) mod world;
}

use std::process::ExitCode;

use fabrik_domain::run::{OnFailure, RunState};
use fabrik_sandbox::LatencyChoice;
use futures::{StreamExt, stream};
use simulation::{
    blueprints, extent,
    world::{World, gated::Logged, simulate},
};

const CUSTOMERS: u32 = 300;
/// Runs under way at the same time, as the command line has them.
const AT_ONCE: usize = 100;
/// So many times the bound at the most.
const MOST: f64 = 1.10;

/// A vendor's documented limits on calls of one kind.
struct Documented {
    calls: &'static str,
    /// What a call counts; 0 where it is of another kind.
    counts: fn(&Logged) -> usize,
    /// So many in any so many milliseconds.
    limits: &'static [(usize, u64)],
}

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

const DOCUMENTED: &[Documented] = &[
    Documented {
        calls: "GitHub, all",
        counts: |call| usize::from(call.provider == "github"),
        limits: &[(5000, HOUR)],
    },
    Documented {
        calls: "GitHub, points",
        counts: |call| match (&*call.provider, &*call.method) {
            ("github", "GET") => 1,
            ("github", _) => 5,
            _ => 0,
        },
        limits: &[(900, MINUTE)],
    },
    Documented {
        calls: "GitHub, content",
        counts: |call| usize::from(call.provider == "github" && call.method != "GET"),
        limits: &[(80, MINUTE), (500, HOUR)],
    },
    Documented {
        calls: "Supabase, create a project",
        counts: |call| {
            usize::from(
                call.provider == "supabase" && call.method == "POST" && call.path == "/v1/projects",
            )
        },
        limits: &[(120, MINUTE)],
    },
    Documented {
        calls: "Resend, all",
        counts: |call| usize::from(call.provider == "resend"),
        limits: &[(5, SECOND)],
    },
];

impl Documented {
    /// `80 a minute, 500 an hour`.
    fn words(&self) -> String {
        let words = self.limits.iter().map(|(most, window)| {
            let span = match *window {
                SECOND => "a second",
                MINUTE => "a minute",
                _ => "an hour",
            };
            format!("{most} {span}")
        });
        words.collect::<Vec<_>>().join(", ")
    }

    /// When so many units may all have been counted, if every one comes as early as it may: milliseconds after
    /// the first.
    fn least(&self, units: usize) -> u64 {
        let mut at = vec![0_u64; units];
        for unit in 0..units {
            let after = self
                .limits
                .iter()
                .filter_map(|(most, window)| Some(at[unit.checked_sub(*most)?] + window));
            at[unit] = after.max().unwrap_or(0);
        }
        at.last().copied().unwrap_or(0)
    }

    fn units(&self, calls: &[Logged]) -> usize {
        calls.iter().map(self.counts).sum()
    }

    /// The least time for all, where a run alone takes as its log and `took` say.
    fn bound(&self, alone: &[Logged], took: u64) -> Option<u64> {
        let of_kind = |call: &&Logged| (self.counts)(call) > 0;
        let head = alone
            .iter()
            .filter(of_kind)
            .map(|call| call.started_ms)
            .min()?;
        let last = alone
            .iter()
            .filter(of_kind)
            .map(|call| call.started_ms)
            .max()?;
        let units = self.units(alone) * CUSTOMERS as usize;
        Some(head + self.least(units) + took.saturating_sub(last))
    }
}

/// A run that is planned, begun and driven to its end, for each of so many customers. The log of calls and
/// how long all took, in milliseconds of simulated time.
fn provisioned(customers: u32) -> (Vec<Logged>, u64) {
    simulate(async || {
        let world = World::with(7, LatencyChoice::Realistic, true).await.gated();
        let mut crowd = Vec::new();
        for number in 1..=customers {
            crowd.push(world.customer("factory", &format!("kund-{number}")).await);
        }
        let engine = world.engine("first");
        let began = tokio::time::Instant::now();
        let runs = stream::iter(&crowd).map(async |customer| {
            let plan = world.plan(&engine, customer).await;
            assert!(plan.can_run, "{:?}", plan.missing);
            let run = world.provision(customer, OnFailure::Keep).await;
            assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
        });
        runs.buffer_unordered(AT_ONCE).collect::<()>().await;
        (world.log(), began.elapsed().as_millis() as u64)
    })
}

fn main() -> ExitCode {
    let (alone, took_alone) = provisioned(1);
    let (calls, took_all) = provisioned(CUSTOMERS);
    println!("\n{CUSTOMERS} customers under the vendors' documented limits, in simulated time");
    println!(
        "  The least time for a limit: so many times what one customer alone counts in it, each"
    );
    println!(
        "  call as early as no window holds more than it may; and of the one alone what comes"
    );
    println!("  before its first such call and after its last. The bound is the longest of them.");
    println!(
        "  {:26} {:22} {:>6} {:>6} {:>10}",
        "counted", "at most", "least", "made", "least time"
    );
    let (one, took) = (alone.len(), seconds(took_alone));
    println!(
        "  {:26} {:22} {one:6} {one:6} {took:8.1} s",
        "(all, of one alone)", ""
    );
    let mut bound = took_alone;
    for documented in DOCUMENTED {
        let least = documented.bound(&alone, took_alone).unwrap_or(0);
        println!(
            "  {:26} {:22} {:6} {:6} {:8.1} s",
            documented.calls,
            documented.words(),
            documented.units(&alone) * CUSTOMERS as usize,
            documented.units(&calls),
            seconds(least)
        );
        bound = bound.max(least);
    }
    let over = calls.iter().filter(|call| call.is_over_a_limit()).count();
    let ratio = seconds(took_all) / seconds(bound);
    println!("  bound  {:35.1} min", seconds(bound) / 60.0);
    println!("  took   {:35.1} min", seconds(took_all) / 60.0);
    let near = ratio <= MOST;
    let verdict = |good| if good { "reached" } else { "MISSED" };
    println!(
        "  ratio  {ratio:35.3}     at most {MOST}: {}",
        verdict(near)
    );
    println!(
        "  calls that a limit turned away {over:11}     none: {}",
        verdict(over == 0)
    );
    for call in calls.iter().filter(|call| call.is_over_a_limit()) {
        let (at, status) = (seconds(call.started_ms), call.status);
        println!(
            "    {} {} {} after {at:.1} s: {status:?}",
            call.provider, call.method, call.path
        );
    }
    if near && over == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of hours")]
fn seconds(milliseconds: u64) -> f64 {
    milliseconds as f64 / 1000.0
}
