//! What durability costs: commits a step in a run at an ordinary vendor's pace, and how many steps a second
//! many runs get onto the disk together, against the least that SQLite itself takes for the same rows.
//!
//! The vendors are null: they answer at once, or after a set while. All else is real: engine, store, disk.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "a measurement that can't go on should fail where it stands; it prints what it measured"
)]

#[path = "journal/commits.rs"]
mod commits;
#[path = "journal/floor.rs"]
mod floor;
#[path = "journal/null.rs"]
mod null;
#[path = "../tests/it/ports.rs"]
mod ports;
#[path = "../../../tests/support/real_clock.rs"]
mod real_clock;

use std::{
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use commits::{MOST_COMMITS, commits_of};
use fabrik_domain::{
    customer::NewCustomer,
    run::{OnFailure, RunState},
};
use fabrik_engine::Engine;
use fabrik_store::{Lease, NewAudit, SqliteStore, Store};
use null::{Null, STEPS};
use real_clock::RealClock;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Many runs take at most so many times what SQLite itself takes.
const MOST_TIMES: f64 = 2.0;
/// So many durable steps a second, or a third of what SQLite itself does where that is less.
const LEAST_STEPS: f64 = 20_000.0;

/// How many runs there are together.
const RUNS: u32 = 500;
/// The best of so many rounds counts: what else the machine does is not the journal's.
const ROUNDS: u32 = 5;

#[tokio::main]
async fn main() -> ExitCode {
    let frugal = one().await;
    let fast = many().await;
    if frugal && fast {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// One run whose calls take a while, so that nothing shares a commit by chance.
async fn one() -> bool {
    let mut commits = [0; 2];
    for (commits, steps) in commits.iter_mut().zip([0, STEPS]) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("central.db");
        let mut bench = Bench::open(&path, 1, steps).await;
        let before = commits_of(&path);
        bench.drive(Null(Duration::from_millis(300))).await;
        *commits = commits_of(&path) - before;
    }
    let [bare, whole] = commits;
    let each = f64::from(whole - bare) / f64::from(STEPS);
    println!("\nOne run of {STEPS} steps, 300 ms a call");
    println!("  commits of SQLite {whole:5}   its beginning and end are {bare}");
    let frugal = each <= MOST_COMMITS;
    println!(
        "  a step            {each:5.2}   at most {MOST_COMMITS}: {}",
        verdict(frugal)
    );
    frugal
}

/// Many runs at once whose calls take no time.
async fn many() -> bool {
    println!("\n{RUNS} runs of {STEPS} steps at once, null vendors");
    let mut best: Option<Round> = None;
    for _ in 0..ROUNDS {
        let round = Round::measure().await;
        if best
            .as_ref()
            .is_none_or(|best| round.times() < best.times())
        {
            best = Some(round);
        }
    }
    let Some(best) = best else { return false };
    let steps = f64::from(RUNS * STEPS);
    let each = steps / best.engine.as_secs_f64();
    let bare = steps / best.alone.as_secs_f64();
    println!("  the best of {ROUNDS} rounds counts");
    println!("  steps/s, SQLite alone     {bare:9.0}");
    println!("  steps/s, engine and store {each:9.0}");
    let near = best.times() <= MOST_TIMES;
    println!(
        "  times SQLite's time       {:9.2}   at most {MOST_TIMES}: {}",
        best.times(),
        verdict(near)
    );
    let wanted = LEAST_STEPS.min(bare / 3.0);
    let fast = each >= wanted;
    println!(
        "  steps/s wanted            {wanted:9.0}   {LEAST_STEPS}, or a third of SQLite's: {}",
        verdict(fast)
    );
    near && fast
}

/// The runs, and the same rows by SQLite alone right after them: what else the machine does slows both.
struct Round {
    engine: Duration,
    alone: Duration,
}

impl Round {
    async fn measure() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("central.db");
        let mut bench = Bench::open(&path, RUNS, STEPS).await;
        let floor = floor::Floor::before(&path, &directory.path().join("floor.db"));
        let before = commits_of(&path);
        let engine = bench.drive(Null(Duration::ZERO)).await;
        let commits = commits_of(&path) - before;
        drop(bench);
        let (rows, alone) = floor.write(&path, commits);
        println!(
            "  {rows} rows in {commits} commits: SQLite alone {:.2} s, engine and store {:.2} s",
            alone.as_secs_f64(),
            engine.as_secs_f64()
        );
        Self { engine, alone }
    }

    /// How many times as long as SQLite alone.
    fn times(&self) -> f64 {
        self.engine.as_secs_f64() / self.alone.as_secs_f64()
    }
}

const fn verdict(good: bool) -> &'static str {
    if good { "reached" } else { "MISSED" }
}

/// Runs that have begun.
struct Bench {
    engine: Arc<Engine>,
    leases: Vec<Lease>,
}

impl Bench {
    async fn open(path: &Path, runs: u32, steps: u32) -> Self {
        let clock = Arc::new(RealClock::start());
        let store = Arc::new(SqliteStore::open(path, clock.clone()).unwrap());
        let engine = Arc::new(Engine::new(
            Arc::clone(&store) as _,
            Arc::new(ports::NoSecrets),
            clock,
            Arc::new(ports::NoJitter),
            "bench".to_owned(),
        ));
        let mut bench = Self {
            engine: Arc::clone(&engine),
            leases: Vec::new(),
        };
        let mut begun = JoinSet::new();
        for number in 0..runs {
            let (engine, store) = (Arc::clone(&engine), Arc::clone(&store));
            begun.spawn(async move { begin(&engine, store.as_ref(), number, steps).await });
        }
        bench.leases.extend(begun.join_all().await);
        bench
    }

    /// Drives all to their ends, at once.
    async fn drive(&mut self, null: Null) -> Duration {
        let began = Instant::now();
        let mut driven = JoinSet::new();
        for lease in self.leases.drain(..) {
            let (engine, null) = (Arc::clone(&self.engine), null.clone());
            driven.spawn(async move {
                let run = engine.drive(&null, lease, &CancellationToken::new()).await;
                run.unwrap()
            });
        }
        for run in driven.join_all().await {
            assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
        }
        began.elapsed()
    }
}

async fn begin(engine: &Engine, store: &dyn Store, number: u32, steps: u32) -> Lease {
    let new = NewCustomer {
        name: format!("Kund {number}"),
        subdomain: format!("kund-{number}"),
        contact_email: format!("anna@kund-{number}.example"),
        blueprint: "null".to_owned(),
        plan: "starter".to_owned(),
        ..NewCustomer::default()
    };
    let audit = NewAudit {
        operator: "bench".to_owned(),
        action: "customer.added".to_owned(),
        customer: None,
        run: None,
        facts: serde_json::Value::Null,
    };
    let slug = new.subdomain.clone();
    let customer = store.add_customer(new, slug, audit).await.unwrap();
    let snapshot = null::snapshot(customer, steps);
    let begun = engine.begin(&Null(Duration::ZERO), snapshot, OnFailure::Keep, "bench");
    begun.await.unwrap().1
}
