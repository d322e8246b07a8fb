//! The figures: one customer against the least possible time, and ten together against one after another.
//!
//! The real command line, against a sandbox with realistic latencies. What is printed says where the time
//! went, so that a miss can be mended.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a figure is printed, and a bench that can't go on has failed"
)]

#[path = "figures/bound.rs"]
mod bound;
#[path = "../it/world/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "shared with the tests, which use all of it"
)]
mod world;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use bound::Bound;
use world::{Latency, TestApp};

/// One customer takes at most so many times the bound.
const MOST: f64 = 1.05;
/// Ten together are at least so many times faster than one after another.
const LEAST: f64 = 8.0;
/// How many customers there are together.
const TOGETHER: u32 = 10;

#[tokio::main]
async fn main() -> ExitCode {
    let near = one().await;
    let fast = ten(one_after_another().await).await;
    if near && fast {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// One customer: whether it is near enough to the bound.
async fn one() -> bool {
    let app = TestApp::with(Latency::Realistic).await;
    app.add("akermark").await;
    let begun = Instant::now();
    let run = app.run(&["provision", "akermark", "--json"]).await;
    let took = begun.elapsed();
    let report = run.exits(0).json();

    let bound = Bound::of(&app.cloud.look("calls").await, &report);
    let ratio = took.as_secs_f64() / bound.seconds();
    println!("\nOne customer, realistic latencies");
    bound.print();
    println!("  bound   {:7.2} s", bound.seconds());
    println!("  took    {:7.2} s", took.as_secs_f64());
    let near = ratio <= MOST;
    println!("  ratio   {ratio:7.3}    at most {MOST}: {}", verdict(near));
    near
}

/// Ten customers who wait for their stacks, and what they are called.
async fn ten_customers() -> (TestApp, Vec<String>) {
    let app = TestApp::with(Latency::Realistic).await;
    let names: Vec<_> = (1..=TOGETHER)
        .map(|number| format!("kund-{number}"))
        .collect();
    for name in &names {
        app.add(name).await;
    }
    (app, names)
}

/// Ten customers, each once the one before has its stack.
async fn one_after_another() -> Duration {
    let (app, names) = ten_customers().await;
    println!("\nTen customers, one after another");
    let begun = Instant::now();
    for name in &names {
        let alone = Instant::now();
        app.run(&["provision", name]).await.exits(0);
        println!("  {name:10} {:7.2} s", alone.elapsed().as_secs_f64());
    }
    begun.elapsed()
}

/// Ten customers at once, in one process: whether that is so much faster than `apart`.
async fn ten(apart: Duration) -> bool {
    let (app, _) = ten_customers().await;
    let begun = Instant::now();
    let run = app.run(&["provision", "--pending", "--json"]).await;
    let took = begun.elapsed();
    let report = run.exits(0).json();

    let faster = apart.as_secs_f64() / took.as_secs_f64();
    println!("\nTen customers together");
    for result in report["results"].as_array().expect("results") {
        let run = &result["run"];
        let seconds = bound::seconds_between(&run["started_at"], &run["finished_at"]);
        let slowest = bound::slowest_step(run);
        println!(
            "  {:10} {seconds:7.2} s   {slowest}",
            result["customer"]["slug"].as_str().unwrap_or_default()
        );
    }
    println!(
        "  one after another              {:7.2} s",
        apart.as_secs_f64()
    );
    println!(
        "  together                       {:7.2} s",
        took.as_secs_f64()
    );
    let throttled = throttled(&app.cloud.look("calls").await);
    println!("  calls that a limit turned away {throttled:7}");
    let fast = faster >= LEAST;
    println!(
        "  faster  {faster:7.2} ×  at least {LEAST}: {}",
        verdict(fast)
    );
    fast
}

/// By one of the vendor's limits, and by no fault: GitHub's say 403 as often as 429.
fn throttled(log: &serde_json::Value) -> usize {
    let calls = log["calls"].as_array().expect("calls").iter();
    let over = calls.filter(|call| {
        call["fault"].is_null() && matches!(call["status"].as_u64(), Some(403 | 429))
    });
    over.count()
}

const fn verdict(good: bool) -> &'static str {
    if good { "reached" } else { "MISSED" }
}
