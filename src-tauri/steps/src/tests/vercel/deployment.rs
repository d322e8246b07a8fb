//! A deployment: known by what it was made with, waited on, and left where it serves.

use fabrik_domain::{blueprint::StepKind, resource::ResourceKind};
use fabrik_engine::step::{Found, Parent, Readiness, Undone};
use serde_json::json;

use crate::{
    testing::{Scene, Vendor},
    tests::{build, existing, not_found},
    vercel_deployment,
};

#[tokio::test]
async fn a_deployment_older_than_the_variables_does_not_serve() {
    let scene = Scene::new(StepKind::VercelDeployment, "deploy");
    for (changed, adopted) in [(10, true), (30, false)] {
        let vendor = Vendor::start(move |asked| match asked.path.split('?').next().unwrap() {
            "/v7/deployments" => (200, json!({"deployments": [
                {"uid": "dpl_1", "state": "READY", "created": 20, "url": "a-1.vercel.app"},
            ]})),
            "/v10/projects/prj_1/env" => (200, json!({"envs": [
                {"key": "URL", "type": "plain", "value": "x", "target": ["production"], "updatedAt": changed},
            ]})),
            _ => not_found(),
        })
        .await;
        let with = json!({"project": "prj_1", "name": "a", "repo_id": "7", "ref": "main"});
        let step = build(&vercel_deployment::ENTRY, &vendor.base, &with);
        let found = step.find(&scene.context()).await.unwrap();
        assert_eq!(matches!(found, Found::Ours(_)), adopted, "{found:?}");
    }
}

#[tokio::test]
async fn a_blocked_deployment_fails_and_a_building_one_is_waited_on() {
    let scene = Scene::new(StepKind::VercelDeployment, "deploy");
    for (state, ready) in [
        ("BLOCKED", "failed"),
        ("BUILDING", "not yet"),
        ("READY", "ready"),
    ] {
        let vendor = Vendor::start(move |asked| match asked.path.split('?').next().unwrap() {
            "/v13/deployments/dpl_1" => (
                200,
                json!({"id": "dpl_1", "readyState": state, "alias": ["a.vercel.app"]}),
            ),
            "/v9/projects/prj_1/domains" => (
                200,
                json!({"domains": [{"name": "a.vercel.app", "verified": true}]}),
            ),
            _ => not_found(),
        })
        .await;
        let with = json!({"project": "prj_1", "name": "a", "repo_id": "7", "ref": "main"});
        let step = build(&vercel_deployment::ENTRY, &vendor.base, &with);
        let row = existing("dpl_1", "a", None);
        let readiness = step
            .await_ready(&scene.context(), Some(&row))
            .await
            .unwrap();
        let got = match &readiness {
            Readiness::Failed(problem) if problem.code() == "deployment_failed" => "failed",
            Readiness::NotYet { .. } => "not yet",
            Readiness::Ready(_) => "ready",
            Readiness::Deferred { .. } => "deferred",
            Readiness::Failed(_) => "failed otherwise",
        };
        assert_eq!(got, ready, "{state}: {readiness:?}");
    }
}

#[tokio::test]
async fn a_push_between_two_looks_is_not_taken_for_ours() {
    let mut scene = Scene::new(StepKind::VercelDeployment, "deploy");
    scene.evidence = Some(json!({"before": ["dpl_old"]}));
    let mark = scene.mark().to_string();
    let with = json!({"project": "prj_1", "name": "a", "repo_id": "7", "ref": "main"});
    for (meta, ours) in [
        (json!({"githubCommitSha": "c1"}), false),
        (json!({"fabrikMark": mark}), true),
    ] {
        let vendor = Vendor::start(move |asked| match asked.path.split('?').next().unwrap() {
            "/v7/deployments" => (
                200,
                json!({"deployments": [
                    {"uid": "dpl_new", "state": "BUILDING", "created": 20, "meta": meta},
                    {"uid": "dpl_old", "state": "READY", "created": 10, "meta": meta},
                ]}),
            ),
            _ => (200, json!({"envs": []})),
        })
        .await;
        let step = build(&vercel_deployment::ENTRY, &vendor.base, &with);
        let found = step.find(&scene.context()).await.unwrap();
        assert_eq!(
            matches!(&found, Found::Ours(one) if one.id == "dpl_new"),
            ours,
            "{found:?}"
        );
        assert_eq!(matches!(found, Found::Absent { .. }), !ours, "{found:?}");
    }
}

#[tokio::test]
async fn an_earlier_runs_deployment_is_not_taken_for_what_an_answer_was_lost_of() {
    let mut scene = Scene::new(StepKind::VercelDeployment, "deploy");
    // The list of before had lagged, and left it out.
    scene.evidence = Some(json!({"before": []}));
    let mark = scene.mark().to_string();
    let vendor = Vendor::start(move |asked| match asked.path.split('?').next().unwrap() {
        "/v7/deployments" => {
            let meta = json!({"fabrikMark": mark});
            let deployment = json!({"uid": "dpl_1", "state": "READY", "created": 10, "meta": meta});
            (200, json!({"deployments": [deployment]}))
        }
        _ => (200, json!({"envs": []})),
    })
    .await;
    let with = json!({"project": "prj_1", "name": "a", "repo_id": "7", "ref": "main"});
    let step = build(&vercel_deployment::ENTRY, &vendor.base, &with);
    for (is_own, ours) in [(true, true), (false, false)] {
        let mut row = scene.row(ResourceKind::VercelDeployment, "dpl_1", "a", None);
        if is_own {
            row.run = scene.run;
        }
        scene.all = vec![row];
        let found = step.find(&scene.context()).await.unwrap();
        let is_ours = matches!(found, Found::Ours(_));
        assert_eq!(is_ours, ours, "its own: {is_own}: {found:?}");
    }
}

#[tokio::test]
async fn a_deployment_bears_the_mark_and_stays_in_a_project_that_stays() {
    let scene = Scene::new(StepKind::VercelDeployment, "deploy");
    let vendor = Vendor::start(|_| (200, json!({"id": "dpl_1", "readyState": "QUEUED"}))).await;
    let with = json!({"project": "prj_1", "name": "a", "repo_id": "7", "ref": "main"});
    let step = build(&vercel_deployment::ENTRY, &vendor.base, &with);
    step.create(&scene.context()).await.unwrap();
    let body = &vendor.changes()[0].body;
    assert_eq!(body["meta"]["fabrikMark"], scene.mark().to_string());
    let parent = Parent::covering(ResourceKind::VercelProject, "prj_1");
    assert_eq!(step.within(), Some(parent));
    assert!(step.stays(), "a removal's plan tells it too");
    let undone = step
        .undo(&scene.context(), &existing("dpl_1", "a", None))
        .await
        .unwrap();
    assert_eq!(undone, Undone::Stays);
    assert_eq!(vendor.changes().len(), 1, "visitors may meet it");
}
