//! What only the owner can tell: a run asks, shows what it asks about, and goes on with the answer that the command line
//! takes.

use serde_json::{Value, json};
use tokio::process::Child;

use crate::{
    provision::one_of_each,
    world::{Ran, TestApp},
};

/// The call for a project is cut, and carried out some seconds later. Whoever looks for it meanwhile is refused where
/// `unseen`: what came of it is found only by who goes on with the run.
async fn cut(app: &TestApp, unseen: bool) {
    let late = json!({ "provider": "supabase", "method": "POST", "path": "/v1/projects", "nth": 1,
        "do": "commit_after:10s" });
    let look = json!({ "provider": "supabase", "method": "GET", "path": "/v1/organizations/*/projects",
        "do": "status:401" });
    let rules = if unseen {
        json!([late, look])
    } else {
        json!([late])
    };
    app.cloud.faults(rules).await;
}

/// Waits until the run says that it asks for its project: its looks before that are over. Gives the run's id.
async fn asked_for(app: &TestApp, child: &mut Child) -> String {
    loop {
        let runs = app.run(&["runs", "list", "--json"]).await.exits(0).json();
        if let Some(run) = runs["runs"][0]["id"].as_str() {
            let shown = show(app, run).await;
            let project = &shown["run"]["steps"][0];
            assert_eq!(project["id"], "supabase", "{shown:#}");
            if project["attempts"] == 1 {
                return run.to_owned();
            }
        }
        let ended = child.try_wait().expect("a child");
        assert_eq!(ended, None, "it has not asked for a project yet");
    }
}

async fn show(app: &TestApp, run: &str) -> Value {
    let shown = app.run(&["runs", "show", run, "--json"]).await;
    shown.exits(0).json()
}

/// The refs of all projects in the cloud.
async fn projects(app: &TestApp) -> Vec<String> {
    let projects = app.cloud.resources("supabase", "project").await;
    projects.into_iter().map(|(id, _)| id).collect()
}

/// `runs decide` for the run's step, with an id.
async fn decide(app: &TestApp, run: &str, step: &str, id: &str) -> Ran {
    app.run(&["runs", "decide", run, step, "--use", id, "--json"])
        .await
}

/// A call's answer is lost, and before anybody looks, somebody makes a project of the same name by hand.
#[tokio::test]
async fn of_two_that_could_be_the_customers_the_owner_chooses_one() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    cut(&app, false).await;
    let mut child = app.spawn(&["provision", "akermark", "--on-failure", "keep", "--json"]);
    let run = asked_for(&app, &mut child).await;
    cut(&app, true).await;
    let waits = TestApp::ended(child).await.exits(4).json();
    assert_eq!(waits["run"]["reason"], "needs_credential", "{waits:#}");
    let ours = loop {
        if let Some(made) = projects(&app).await.pop() {
            break made;
        }
    };
    let foreign = json!({ "provider": "supabase", "name": "akermark" });
    app.cloud.steer("foreign", &foreign).await;
    app.cloud.faults(json!([])).await;

    let asks = app.run(&["runs", "resume", &run, "--json"]).await;
    let asks = asks.exits(4).json();
    assert_eq!(asks["run"]["state"], "waiting", "{asks:#}");
    assert_eq!(asks["run"]["reason"], "needs_decision", "{asks:#}");
    let mut both = projects(&app).await;
    both.sort();
    assert_eq!(both.len(), 2, "nothing was made to be sure: {both:?}");
    let shown = show(&app, &run).await;
    let error = &shown["run"]["error"];
    assert_eq!(error["code"], "ambiguous", "{shown:#}");
    let candidates = error["candidates"].as_array().expect("a list").iter();
    let mut candidates: Vec<_> = candidates
        .map(|one| one["id"].as_str().expect("an id").to_owned())
        .collect();
    candidates.sort();
    assert_eq!(candidates, both, "{shown:#}");
    let told = app.run(&["runs", "show", &run]).await.exits(0).stdout;
    let listed = app.run(&["runs", "resume"]).await.exits(0).stderr;
    let hint = asks["hint"].as_str().expect("a hint");
    let uses = both.iter().map(|project| format!("--use {project}"));
    for answer in uses.chain(["--new".to_owned()]) {
        let command = format!("fabrik runs decide {run} supabase {answer}");
        for said in [told.as_str(), &listed, hint] {
            assert!(said.contains(&command), "{command}: {said}");
        }
    }
    assert!(!told.contains("runs resume"), "{told}");

    let before = app.cloud.mutating().await;
    let refused = decide(&app, &run, "supabase", "nosuch").await;
    let refused = refused.exits(3).json();
    assert_eq!(refused["code"], "candidate_unknown", "{refused:#}");
    let refused = decide(&app, &run, "repo", &ours).await.exits(3).json();
    assert_eq!(refused["code"], "nothing_to_decide", "{refused:#}");
    assert_eq!(app.cloud.mutating().await, before, "nothing went on");

    let done = decide(&app, &run, "supabase", &ours).await;
    let done = done.exits(0).json();
    assert_eq!(done["run"]["id"], *run, "the same run goes on");
    assert_eq!(done["run"]["state"], "succeeded", "{done:#}");
    assert_eq!(done["customer"]["supabase_project_ref"], *ours, "{done:#}");
    let mut resources = done["run"]["resources"].as_array().unwrap().iter();
    let project = resources.find(|resource| resource["kind"] == "supabase_project");
    let project = project.expect("it is in the records");
    assert_eq!(
        (&project["id"], &project["origin"], &project["state"]),
        (&json!(ours), &json!("adopted"), &json!("live")),
        "by the owner's word alone, so no rollback deletes it"
    );
    let mut expected = one_of_each();
    expected["supabase projects"] = json!(2);
    assert_eq!(app.cloud.census().await, expected, "theirs is left alone");
    let again = decide(&app, &run, "supabase", &ours).await.exits(3).json();
    assert_eq!(again["code"], "run_ended", "{again:#}");
}
