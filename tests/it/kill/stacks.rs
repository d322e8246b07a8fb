//! A blueprint with workflows, and one whose customers share an app, killed around their requests, then taken on or back
//! in turn. Only in the full proof: each point takes an instance.

use fabrik_tests::{Proof, in_full};
use futures::future::join_all;
use serde_json::Value;

use super::{
    live,
    points::{CLOUDS, THIRD, Then, assert_costly, costly, tried},
};
use crate::{recorder::Recorder, world::TestApp};

/// The points that a whole run of a blueprint passes. Its customer stays.
async fn points_of(app: &TestApp, recorder: &Recorder, blueprint: &str) -> usize {
    app.add_on("kund-matt", blueprint, "enterprise").await;
    recorder.count_points();
    app.run(&["provision", "kund-matt"]).await.exits(0);
    let points = recorder.points();
    assert!(points > 30, "a run has many points, not {points}");
    points
}

/// The two points of a request go the same way, those of the next the other.
fn in_turn(point: usize) -> Then {
    if point.div_ceil(2).is_multiple_of(2) {
        Then::Back
    } else {
        Then::On
    }
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_stack_that_was_killed_goes_on() {
    if !in_full() {
        return;
    }
    let proof = Proof::of(
        "P1",
        "SIGKILL around every other request of a client-stack, then on",
    );
    a_client_stack_that_was_killed(&proof, Then::On).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_stack_that_was_killed_goes_back() {
    if !in_full() {
        return;
    }
    let proof = Proof::of(
        "P1",
        "SIGKILL around the other requests of a client-stack, then back",
    );
    a_client_stack_that_was_killed(&proof, Then::Back).await;
}

async fn a_client_stack_that_was_killed(proof: &Proof, then: Then) {
    let shares = (0..CLOUDS).map(|share| a_share_of_client_stacks(proof, then, share));
    join_all(shares).await;
}

/// Those of the points that one of the clouds has.
async fn a_share_of_client_stacks(proof: &Proof, then: Then, share: usize) {
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    let before = costly(&app).await;
    let points = points_of(&app, &recorder, "client-stack").await;
    let mut whole = 1;
    let of_turn = (1..=points).filter(|point| in_turn(*point) == then);
    for point in of_turn.skip(share).step_by(CLOUDS) {
        let subdomain = format!("kund-{point}");
        let what = format!("{subdomain}: a client-stack killed at {point} of {points}, {then:?}");
        app.add_on(&subdomain, "client-stack", "enterprise").await;
        let (killed, report) =
            tried(&app, &recorder, &subdomain, (point, points), then, &what).await;
        if let Some(report) = &report {
            whole += 1;
            deployed_once(&app, report, &what).await;
        }
        assert_mailed(&app, &subdomain, report.is_some(), &what).await;
        assert_costly(&app, &before, whole, &what).await;
        let workflows = app.cloud.resources("n8n", "workflow").await;
        assert_eq!(workflows.len(), 3 * whole, "{what}: three each");
        proof.held(usize::from(killed));
    }
}

/// The deployments of the customer's project are those of the journal.
async fn deployed_once(app: &TestApp, report: &Value, what: &str) {
    let projects = live(report, "vercel_project");
    let mut deployed = app.cloud.resources("vercel", "deployment").await;
    deployed.retain(|(_, one)| projects.iter().any(|project| one["project"] == **project));
    let ids: Vec<_> = deployed.into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, live(report, "vercel_deployment"), "{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_orchestra_that_was_killed_goes_on_or_back() {
    if !in_full() {
        return;
    }
    let proof = Proof::of(
        "P1",
        "SIGKILL around a third of the requests of an orchestra, then on or back in turn",
    );
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    let base = ["settings", "set", "domain.base", "orkester.example"];
    app.run(&base).await.exits(0);
    let before = costly(&app).await;
    let points = points_of(&app, &recorder, "orchestra").await;
    let mut whole = 1;
    for point in (1..=points).step_by(THIRD) {
        let (subdomain, then) = (format!("kund-{point}"), in_turn(point));
        let what = format!("{subdomain}: an orchestra killed at {point} of {points}, {then:?}");
        app.add_on(&subdomain, "orchestra", "enterprise").await;
        let (killed, report) =
            tried(&app, &recorder, &subdomain, (point, points), then, &what).await;
        whole += usize::from(report.is_some());
        assert_mailed(&app, &subdomain, report.is_some(), &what).await;
        // A database each; repository and project are shared.
        let now = costly(&app).await;
        let more: Vec<_> = now
            .iter()
            .zip(&before)
            .map(|(now, then)| now - then)
            .collect();
        assert_eq!(more, [whole, 0, 0], "{what}");
        let (variables, domains) = in_the_shared_app(&app, &subdomain).await;
        // Four, each for production and for previews.
        let expected = if report.is_some() { (8, 1) } else { (0, 0) };
        assert_eq!((variables, domains), expected, "{what}: once each");
        proof.held(usize::from(killed));
    }
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
    let domain = format!("{subdomain}.orkester.example");
    let projects = app.cloud.resources("vercel", "project").await;
    let domains = projects
        .iter()
        .filter_map(|(_, project)| project["domains"].as_array())
        .flatten()
        .filter(|one| one["name"] == *domain)
        .count();
    (variables, domains)
}
