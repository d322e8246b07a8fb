//! Another plan for an instance that stands, killed once Supabase has made a change of it and before its answer comes
//! back, then on or back. Whatever comes after goes by what a run has chosen.

use fabrik_domain::blueprint::StepKind;
use serde_json::Value;

use super::points::{killed_where, runs_of};
use crate::{provision::made, recorder::Recorder, world::TestApp};

/// A change of what a project is billed for beside its plan.
const CHOICE: (&str, &str) = ("PATCH", "/billing/addons");
/// The end of the recovery that the plan has.
const OFF: (&str, &str) = ("DELETE", "/billing/addons/pitr_7");

/// A kind that is killed, in the run of which plan, before which answer comes back; and what is billed in the end.
type Change = (
    StepKind,
    &'static str,
    (&'static str, &'static str),
    &'static [&'static str],
);

/// Every kind that only changes what stands, as `stacks` asks for them.
pub(super) const CHANGES: [Change; 2] = [
    (
        StepKind::ComputeSize,
        "enterprise",
        CHOICE,
        &["ci_medium", "pitr_7"],
    ),
    (StepKind::RecoveryOff, "starter", OFF, &["ci_micro"]),
];

/// An instance in a plan of the client stack's; gives its project.
async fn instance(app: &TestApp, subdomain: &str, plan: &str) -> String {
    app.add_on(subdomain, "client-stack", plan).await;
    let document = provision(app, subdomain).await;
    let project = made(&document, "supabase_project");
    project["id"].as_str().unwrap().to_owned()
}

async fn provision(app: &TestApp, subdomain: &str) -> Value {
    let document = app.run(&["provision", subdomain, "--json"]).await;
    document.exits(0).json()
}

async fn edit(app: &TestApp, subdomain: &str, plan: &str) {
    let edit = ["customers", "edit", subdomain, "--plan", plan];
    app.run(&edit).await.exits(0);
}

/// What the project is billed for beside its plan.
async fn billed(app: &TestApp, reference: &str) -> Vec<String> {
    let path = format!("/v1/projects/{reference}/billing/addons");
    let addons = app.vendor("supabase").get(&path).await;
    let selected = addons["selected_addons"].as_array().unwrap().iter();
    let ids = selected.map(|one| one["variant"]["id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// Another plan's run, killed before this answer comes back.
async fn killed(
    app: &TestApp,
    recorder: &Recorder,
    subdomain: &str,
    (method, end): (&'static str, &'static str),
) {
    let held = recorder.hold_answer(method, end);
    let provision = ["provision", subdomain, "--json"];
    let killed = killed_where(app, recorder, held, &provision).await;
    assert!(killed, "{subdomain}: it asks for {method} {end}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_another_plan_that_was_killed_goes_on() {
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    let reference = instance(&app, "akermark", "professional").await;
    for (kind, plan, answer, expected) in CHANGES {
        edit(&app, "akermark", plan).await;
        killed(&app, &recorder, "akermark", answer).await;
        let runs = runs_of(&app, "akermark").await;
        let id = runs[0]["id"].as_str().unwrap();
        let shown = app.run(&["runs", "show", id, "--json"]).await;
        let shown = shown.exits(0).json();
        let mut steps = shown["run"]["steps"].as_array().unwrap().iter();
        let step = steps.find(|step| step["kind"] == kind.key()).unwrap();
        let under_way = step["attempts"] == 1 && step["state"] != "done";
        assert!(under_way, "{plan}: killed in {kind}: {shown:#}");
        app.run(&["runs", "resume", "--json"]).await.exits(0);
        let runs = runs_of(&app, "akermark").await;
        assert_eq!(runs[0]["state"], "succeeded", "{plan}: {runs:#?}");
        assert_eq!(billed(&app, &reference).await, expected, "{plan}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resize_that_was_killed_goes_back_and_is_known_for_a_runs_choice() {
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    let reference = instance(&app, "bergstrom", "professional").await;
    edit(&app, "bergstrom", "enterprise").await;
    killed(&app, &recorder, "bergstrom", CHOICE).await;
    assert_eq!(billed(&app, &reference).await, ["ci_medium"], "it was made");
    let runs = runs_of(&app, "bergstrom").await;
    let run = runs[0]["id"].as_str().unwrap();
    app.run(&["runs", "rollback", run, "--json"]).await.exits(0);
    let runs = runs_of(&app, "bergstrom").await;
    assert_eq!(runs[0]["state"], "rolled_back", "{runs:#?}");
    assert_eq!(billed(&app, &reference).await, ["ci_small"], "as it was");
    edit(&app, "bergstrom", "starter").await;
    provision(&app, "bergstrom").await;
    assert_eq!(
        billed(&app, &reference).await,
        ["ci_micro"],
        "less, at last"
    );
}
