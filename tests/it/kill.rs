//! The command line is killed in the middle of runs, the vendors living on, and goes on afterwards.

#[cfg(unix)]
mod another_plan;
#[cfg(unix)]
mod asleep;
#[cfg(target_os = "linux")] // Where the setup installs what sets a program's clock.
mod clocks;
#[cfg(unix)]
mod disk;
#[cfg(target_os = "linux")] // Elsewhere the keyring is no program that could be killed.
mod keyring;
#[cfg(unix)]
mod own_steps;
#[cfg(unix)]
mod points;
#[cfg(unix)]
mod stacks;
#[cfg(unix)]
mod way_back;

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    process::ExitStatus,
    time::{Duration, Instant},
};

use fabrik_tests::{Proof, in_full};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    provision::project,
    world::{Latency, TestApp},
};

/// Clouds side by side, and kills in each.
const WORLDS: usize = 5;
const KILLS: usize = 5;

/// A run takes some seconds, spread over all of its calls: an instant at random meets any of them.
const LATENCY: &str = r#"
base = "none"
read = 0.03
[supabase]
create = 0.4
ready = 0.8
sql = 0.15
auth = 0.15
[github]
generate = 0.4
content = 0.3
contents = 0.2
[vercel]
project = 0.25
environment = 0.15
deployment = 0.25
ready = 0.8
[resend]
call = 0.25
"#;

/// Repeats a test with the seed that it printed, outside the full proof.
const SEED: &str = "FABRIK_TEST_SEED";

/// Misses that a world allows: runs that were over before their instant came.
const MISSES: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_instant_leaves_neither_duplicates_nor_orphans() {
    let proof = Proof::of(
        "P1",
        "SIGKILL of the command line at any instant of a run, then on",
    )
    .from_seeds(1);
    let seed = seed();
    #[expect(clippy::print_stderr, reason = "what repeats the test")]
    {
        eprintln!("{} kills; again with {SEED}={seed}", WORLDS * KILLS);
    }
    let mut worlds = JoinSet::new();
    for world in 0..WORLDS {
        worlds.spawn(async move { kills(world, seed).await });
    }
    worlds.join_all().await;
    proof.held(WORLDS * KILLS);
}

/// One cloud, its customers one after another, each killed once in the middle of its run.
async fn kills(world: usize, seed: u64) {
    let app = TestApp::with(Latency::File(LATENCY)).await;
    // How long a run takes here and now, the other worlds being busy too; runs that a kill missed tell anew.
    let mut length = uninterrupted(&app, &format!("kund-{world}-matt")).await;
    let (mut struck, mut customers) = (0, 1);
    while struck < KILLS {
        let subdomain = format!("kund-{world}-{customers}");
        app.add(&subdomain).await;
        // One instant in each of as many equal parts of a run: together they cover it.
        let part = struck * WORLDS + world;
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let instant =
            length.mul_f64((part as f64 + fraction(seed, part)) / (WORLDS * KILLS) as f64);
        let what = format!("{subdomain} killed after {instant:.2?} of {length:.2?}, {SEED}={seed}");

        let begun = Instant::now();
        let mut child = app.spawn(&["provision", &subdomain, "--json"]);
        if tokio::time::timeout(instant, child.wait()).await.is_err() {
            child.kill().await.expect("SIGKILL");
        }
        // It may have ended while its instant came.
        if was_killed(child.wait().await.expect("its end")) {
            struck += 1;
        } else {
            length = begun.elapsed();
        }
        customers += 1;
        let report = finish(&app, &subdomain, &what).await;
        one_of_each(&app, &subdomain, &report, &what).await;
        assert!(
            customers <= KILLS + MISSES,
            "{struck} kills in {customers} runs: {what}"
        );
    }
    let expected = json!({ "supabase projects": customers, "repositories": customers,
                           "vercel projects": customers, "deployments": customers, "mails": customers });
    assert_eq!(
        app.cloud.census().await,
        expected,
        "nothing beside what the customers have; {SEED}={seed}"
    );
}

/// So soon after the next start what was interrupted is offered. Elsewhere than in the full proof the machine may do
/// anything besides.
pub(crate) fn offered_within() -> Duration {
    Duration::from_secs(if in_full() { 5 } else { 60 })
}

/// Whether a signal ended it, rather than that it came to an end of its own.
fn was_killed(status: ExitStatus) -> bool {
    status.code().is_none()
}

/// How long one run takes, from the program's start to its end.
async fn uninterrupted(app: &TestApp, subdomain: &str) -> Duration {
    app.add(subdomain).await;
    let begun = Instant::now();
    app.run(&["provision", subdomain, "--json"]).await.exits(0);
    begun.elapsed()
}

/// Goes on as an owner would: resumes what was interrupted; begins where nothing had begun.
async fn finish(app: &TestApp, subdomain: &str, what: &str) -> Value {
    let resumed = app.run(&["runs", "resume", "--json"]).await;
    assert_eq!(resumed.status, 0, "{what}: {resumed:#?}");
    let runs = app
        .run(&["runs", "list", "--customer", subdomain, "--json"])
        .await
        .exits(0)
        .json();
    let runs = runs["runs"].as_array().unwrap().clone();
    let id = match runs.as_slice() {
        // Killed before the run was written: nothing can have been made.
        [] => {
            let begun = app
                .run(&["provision", subdomain, "--json"])
                .await
                .exits(0)
                .json();
            begun["run"]["id"].as_str().unwrap().to_owned()
        }
        [run] => run["id"].as_str().unwrap().to_owned(),
        several => panic!("{what}: one run, not {several:#?}"),
    };
    let report = app
        .run(&["runs", "show", &id, "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(report["run"]["state"], "succeeded", "{what}: {report:#}");
    report
}

/// What the journal says is what the cloud has, once each.
async fn one_of_each(app: &TestApp, subdomain: &str, report: &Value, what: &str) {
    let kinds = [
        ("supabase", "project", "supabase_project"),
        ("github", "repository", "repository"),
        ("vercel", "project", "vercel_project"),
        ("vercel", "deployment", "vercel_deployment"),
    ];
    for (provider, kind, journalled) in kinds {
        let cloud: Vec<_> = app
            .cloud
            .resources(provider, kind)
            .await
            .into_iter()
            .filter(|(_, document)| belongs(document, subdomain, report))
            .map(|(id, _)| id)
            .collect();
        assert_eq!(
            cloud,
            live(report, journalled),
            "{what}: {provider} {kind} in the cloud and in the journal"
        );
    }
    let address = format!("anna@{subdomain}.example");
    let mails = app.cloud.mails().await;
    let mails = mails
        .iter()
        .filter(|mail| mail["to"].to_string().contains(&address));
    let mails: Vec<_> = mails
        .map(|mail| mail["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(mails, live(report, "mail"), "{what}: mails");

    let reference = report["customer"]["supabase_project_ref"]
        .as_str()
        .expect("a project");
    let users = project(app, reference, "secret")
        .await
        .get("/auth/v1/admin/users")
        .await;
    let users = users["users"].as_array().unwrap().iter();
    let users: Vec<_> = users
        .map(|user| user["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(users, live(report, "auth_user"), "{what}: users");
}

/// By its name, which is the customer's alone; a deployment by its project.
fn belongs(document: &Value, slug: &str, report: &Value) -> bool {
    match document["project"].as_str() {
        Some(project) => live(report, "vercel_project")
            .iter()
            .any(|id| id == project),
        None => document["name"] == slug,
    }
}

/// The ids of a kind that the journal holds.
fn live(report: &Value, kind: &str) -> Vec<String> {
    let resources = report["run"]["resources"].as_array().expect("resources");
    let live = resources
        .iter()
        .filter(|resource| resource["kind"] == kind && resource["state"] == "live");
    live.map(|resource| resource["id"].as_str().unwrap().to_owned())
        .collect()
}

/// 0 in the full proof, which is to be the same each time; otherwise another each time.
#[expect(
    clippy::disallowed_methods,
    reason = "a test's own switch; the product reads none of it"
)]
fn seed() -> u64 {
    if in_full() {
        return 0;
    }
    let given = std::env::var(SEED).ok().and_then(|text| text.parse().ok());
    given.unwrap_or_else(|| RandomState::new().hash_one(()) % 1_000_000)
}

/// 0.0..1.0, by seed and number.
fn fraction(seed: u64, number: usize) -> f64 {
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write_u64(seed);
    hasher.write_usize(number);
    let bits = u32::try_from(hasher.finish() >> 32).expect("32 bits");
    f64::from(bits) / 4_294_967_296.0
}
