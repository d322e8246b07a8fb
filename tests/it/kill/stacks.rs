//! What the other blueprints do that a `factory` does not, killed around each of its requests, then taken on and back.
//! Only in the full proof: each point takes an instance. That no registered step is left out is seen in every test.

use fabrik_domain::{blueprint::StepKind, provider::Provider};
use fabrik_tests::{Proof, in_full};
use futures::future::join_all;
use serde_json::Value;

use super::{
    another_plan, live,
    own_steps::{of_factory, own},
    points::{CLOUDS, Then, costly, tried},
};
use crate::{recorder::Recorder, world::TestApp};

/// Those that are killed here.
const BLUEPRINTS: [&str; 3] = ["client-stack", "orchestra", "agency"];

/// What customers get their domains below, where they get one: an orchestra's on the shared app, an agency's on a project
/// of its own. A `factory` gets none in these tests.
const BASE: &str = "orkester.example";

async fn prepared(blueprint: &str) -> TestApp {
    let app = TestApp::new().await;
    if blueprint != "client-stack" {
        app.set_base_domain(BASE).await;
    }
    app
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_registered_step_that_asks_a_vendor_is_killed() {
    let mut killed = of_factory().await.clone();
    let others = BLUEPRINTS.map(|blueprint| async move {
        let app = prepared(blueprint).await;
        own(&app, blueprint).await
    });
    for own in join_all(others).await.into_iter().flatten() {
        killed.extend(own.works);
    }
    // What only another plan changes has nothing to do for a new customer.
    killed.extend(another_plan::CHANGES.map(|(kind, ..)| (kind, false)));
    let unkilled: Vec<_> = StepKind::ALL
        .into_iter()
        .filter(|kind| kind.provider().is_some())
        .filter(|kind| killed.iter().all(|(one, _)| one != kind))
        .collect();
    assert!(
        unkilled.is_empty(),
        "killed in no blueprint here, nor in another plan: {unkilled:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_stack_that_was_killed_goes_on() {
    if !in_full() {
        return;
    }
    let proof = Proof::of(
        "P1",
        "SIGKILL around each request of what a client-stack does beyond a factory, then on",
    );
    killed_in_its_own_steps(&proof, "client-stack", Then::On).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_stack_that_was_killed_goes_back() {
    if !in_full() {
        return;
    }
    let proof = Proof::of(
        "P1",
        "SIGKILL around each request of what a client-stack does beyond a factory, then back",
    );
    killed_in_its_own_steps(&proof, "client-stack", Then::Back).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_orchestra_that_was_killed_goes_on() {
    if !in_full() {
        return;
    }
    let proof = Proof::of(
        "P1",
        "SIGKILL around each request of what an orchestra does beyond a factory, then on",
    );
    killed_in_its_own_steps(&proof, "orchestra", Then::On).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_orchestra_that_was_killed_goes_back() {
    if !in_full() {
        return;
    }
    let proof = Proof::of(
        "P1",
        "SIGKILL around each request of what an orchestra does beyond a factory, then back",
    );
    killed_in_its_own_steps(&proof, "orchestra", Then::Back).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agency_that_was_killed_goes_on() {
    if !in_full() {
        return;
    }
    let proof = Proof::of(
        "P1",
        "SIGKILL around each request of what an agency does beyond a factory, then on",
    );
    killed_in_its_own_steps(&proof, "agency", Then::On).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agency_that_was_killed_goes_back() {
    if !in_full() {
        return;
    }
    let proof = Proof::of(
        "P1",
        "SIGKILL around each request of what an agency does beyond a factory, then back",
    );
    killed_in_its_own_steps(&proof, "agency", Then::Back).await;
}

async fn killed_in_its_own_steps(proof: &Proof, blueprint: &str, then: Then) {
    // Few points need no more than one cloud: each has two instances made before the first kill.
    let clouds = if blueprint == "client-stack" {
        CLOUDS
    } else {
        1
    };
    let shares = (0..clouds).map(|share| a_share(proof, blueprint, then, (share, clouds)));
    join_all(shares).await;
}

/// Those of the points that one of the clouds has.
async fn a_share(proof: &Proof, blueprint: &str, then: Then, (share, clouds): (usize, usize)) {
    let mut app = prepared(blueprint).await;
    let before = costly(&app).await;
    let all = own(&app, blueprint).await;
    let mut whole = 2;
    for own in all {
        let recorder = between(&mut app, own.vendor).await;
        for point in own.points.into_iter().skip(share).step_by(clouds) {
            let vendor = own.vendor.key();
            let subdomain = format!("kund-{vendor}-{point}");
            let what = format!(
                "{subdomain}: {blueprint} killed at {point} of {} at {vendor}, {then:?}",
                own.of
            );
            app.add_on(&subdomain, blueprint, "enterprise").await;
            let points = (point, own.of);
            let (killed, report) = tried(&app, &recorder, &subdomain, points, then, &what).await;
            whole += usize::from(report.is_some());
            assert_all_there(&app, blueprint, &before, whole, &what).await;
            assert_mailed(&app, &subdomain, report.is_some(), &what).await;
            if blueprint == "orchestra" {
                let there = in_the_shared_app(&app, &subdomain).await;
                // Four, each for production and for previews.
                let expected = if report.is_some() { (8, 1) } else { (0, 0) };
                assert_eq!(there, expected, "{what}: once each");
            } else if let Some(report) = &report {
                deployed_once(&app, report, &what).await;
            }
            proof.held(usize::from(killed));
        }
    }
}

/// Stands before one vendor alone: what the others are asked at the same time moves none of its points.
async fn between(app: &mut TestApp, vendor: Provider) -> Recorder {
    let (recorder, variables) = Recorder::before(&app.cloud).await;
    let of_vendor = format!("FABRIK_{}_", vendor.key().to_uppercase());
    for (name, proxy) in variables {
        let url = if name.starts_with(&of_vendor) {
            proxy
        } else {
            app.cloud.variable(name).to_owned()
        };
        app.set(name, url);
    }
    recorder
}

/// There is as much more than before as so many customers of a blueprint have.
async fn assert_all_there(
    app: &TestApp,
    blueprint: &str,
    before: &[usize],
    customers: usize,
    what: &str,
) {
    // A database each; repository and project may be shared.
    let expected = match blueprint {
        "orchestra" => [customers, 0, 0],
        "agency" => [customers, 0, customers],
        _ => [customers; 3],
    };
    let now = costly(app).await;
    let more: Vec<_> = now
        .iter()
        .zip(before)
        .map(|(now, then)| now - then)
        .collect();
    assert_eq!(more, expected, "{what}");
    let workflows = app.cloud.resources("n8n", "workflow").await.len();
    let each = if blueprint == "client-stack" { 3 } else { 0 };
    assert_eq!(workflows, each * customers, "{what}: workflows");
}

/// Somebody who has an instance was written to once, and nobody twice.
async fn assert_mailed(app: &TestApp, subdomain: &str, is_whole: bool, what: &str) {
    let address = format!("anna@{subdomain}.example");
    let mails = app.cloud.mails().await;
    let to = mails
        .iter()
        .filter(|mail| mail["to"].to_string().contains(&address))
        .count();
    assert!(to == 1 || (to == 0 && !is_whole), "{what}: {to} mails");
}

/// The deployments of the customer's project are those of the journal.
async fn deployed_once(app: &TestApp, report: &Value, what: &str) {
    let projects = live(report, "vercel_project");
    let mut deployed = app.cloud.resources("vercel", "deployment").await;
    deployed.retain(|(_, one)| projects.iter().any(|project| one["project"] == **project));
    let ids: Vec<_> = deployed.into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, live(report, "vercel_deployment"), "{what}");
}

/// How many variables and domains the shared project has for a customer.
async fn in_the_shared_app(app: &TestApp, subdomain: &str) -> (usize, usize) {
    let (team, project) = (
        app.cloud.variable("FABRIK_VERCEL_TEAM"),
        app.cloud.variable("FABRIK_VERCEL_PROJECT"),
    );
    let path = format!("/v10/projects/{project}/env?teamId={team}");
    let answer = app.vendor("vercel").get(&path).await;
    let end = format!("_{}", subdomain.to_uppercase().replace('-', "_"));
    let variables = answer["envs"].as_array().unwrap().iter();
    let variables = variables
        .filter(|one| one["key"].as_str().is_some_and(|key| key.ends_with(&end)))
        .count();
    let domain = format!("{subdomain}.{BASE}");
    let projects = app.cloud.resources("vercel", "project").await;
    let domains = projects
        .iter()
        .filter_map(|(_, project)| project["domains"].as_array())
        .flatten()
        .filter(|one| one["name"] == *domain)
        .count();
    (variables, domains)
}
