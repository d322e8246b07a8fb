//! A project: ours by its mark, and deleted with it alone.

use fabrik_domain::{blueprint::StepKind, resource::ResourceKind};
use fabrik_engine::step::Found;
use serde_json::{Value, json};

use super::person;
use crate::{
    testing::{Asked, Scene, Vendor},
    tests::{build, existing, made, not_found, rebuild, told, undone_twice},
    vercel_project,
};

#[tokio::test]
async fn a_project_is_ours_by_the_variable_it_was_made_with() {
    let scene = Scene::new(StepKind::VercelProject, "site");
    let mark = scene.mark().to_string();
    // Where it stands now, and where older projects have it.
    let (now, before) = (
        json!(["development"]),
        json!(["production", "preview", "development"]),
    );
    for (value, target, ours) in [
        (mark.as_str(), &now, true),
        (mark.as_str(), &before, true),
        ("fabrik:other:customer", &now, false),
        ("fabrik:other:customer", &before, false),
    ] {
        let (value, target) = (value.to_owned(), target.clone());
        let vendor = Vendor::start(move |asked| match asked.path.as_str() {
            "/v9/projects/akermark" => (200, json!({"id": "prj_1", "name": "akermark"})),
            "/v10/projects/akermark/env" => (
                200,
                json!({"envs": [
                    {"key": "FABRIK_MARK", "type": "plain", "value": value, "target": target},
                ]}),
            ),
            _ => not_found(),
        })
        .await;
        let with = json!({"name": "akermark", "repository": "acme/akermark"});
        let step = build(&vercel_project::ENTRY, &vendor.base, &with);
        let found = step.find(&scene.context()).await.unwrap();
        assert_eq!(matches!(found, Found::Ours(_)), ours, "{found:?}");
        assert_eq!(matches!(found, Found::Foreign(_)), !ours, "{found:?}");
    }
}

/// As after a kill, when the call under way comes true between two reads that are made at once.
#[tokio::test]
async fn a_project_that_comes_to_be_while_it_is_looked_for_is_known_by_its_mark() {
    let scene = Scene::new(StepKind::VercelProject, "site");
    let mark = scene.mark().to_string();
    let vendor = Vendor::start(move |asked| match asked.path.as_str() {
        "/v9/projects/akermark" => (200, json!({"id": "prj_1", "name": "akermark"})),
        // Asked for by its name, before it was there.
        "/v10/projects/prj_1/env" => (
            200,
            json!({"envs": [
                {"key": "FABRIK_MARK", "type": "plain", "value": mark, "target": ["development"]},
            ]}),
        ),
        _ => not_found(),
    })
    .await;
    let with = json!({"name": "akermark", "repository": "acme/akermark"});
    let step = build(&vercel_project::ENTRY, &vendor.base, &with);
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Ours(_)), "{found:?}");
}

#[tokio::test]
async fn a_project_whose_mark_may_be_hidden_is_neither_ours_nor_anothers() {
    let scene = Scene::new(StepKind::VercelProject, "site");
    let vendor = Vendor::start(|asked| match asked.path.as_str() {
        "/v9/projects/akermark" => (200, json!({"id": "prj_1", "name": "akermark"})),
        "/v10/projects/akermark/env" => (200, json!({"envs": [], "hiddenProductionEnvCount": 2})),
        _ => not_found(),
    })
    .await;
    let with = json!({"name": "akermark", "repository": "acme/akermark"});
    let step = build(&vercel_project::ENTRY, &vendor.base, &with);
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::CannotSee(problem) if problem.code() == "cannot_see"));
}

#[tokio::test]
async fn a_project_is_deleted_by_its_id_with_its_mark_alone() {
    let scene = Scene::new(StepKind::VercelProject, "site");
    let mark = scene.mark().to_string();
    // Whether it is there, its mark, whether the team is seen; what becomes of it, and by how many calls.
    for (there, value, team, expected, deletions) in [
        (true, mark.as_str(), true, "gone", 1),
        (true, "fabrik:other:customer", true, "not_ours", 0),
        (false, mark.as_str(), true, "gone", 0),
        (false, mark.as_str(), false, "cannot_see", 0),
    ] {
        let value = value.to_owned();
        let vendor = Vendor::start(move |asked| {
            let path = asked.path.split('?').next().unwrap();
            match (asked.method.as_str(), path) {
                (_, "/v2/teams/acme") if team => (200, json!({"id": "team_1", "slug": "acme"})),
                ("DELETE", "/v9/projects/prj_1") => (204, Value::Null),
                ("GET", "/v9/projects/prj_1") if there => {
                    (200, json!({"id": "prj_1", "name": "renamed"}))
                }
                (_, "/v10/projects/prj_1/env") => (
                    200,
                    json!({"envs": [
                        {"key": "FABRIK_MARK", "type": "plain", "value": value, "target": ["production"]},
                    ]}),
                ),
                _ => not_found(),
            }
        })
        .await;
        let with = json!({"name": "akermark", "team": "acme", "repository": "acme/akermark"});
        let step = build(&vercel_project::ENTRY, &vendor.base, &with);
        let row = existing("prj_1", "akermark", None);
        let undone = step.undo(&scene.context(), &row).await.unwrap();
        assert_eq!(told(undone), expected);
        assert_eq!(vendor.changes().len(), deletions, "{expected}");
    }
}

#[tokio::test]
async fn a_project_that_is_linked_to_another_repository_is_not_taken_as_it_is() {
    let twelve = json!({"repoId": 12});
    // Its link, the id of the customer's repository, whether GitHub has the linked one, whether it is taken.
    for (link, wanted, there, taken) in [
        (&twelve, Some("12"), true, true),
        (&twelve, Some("34"), false, false),
        (&twelve, Some("34"), true, false),
        (&Value::Null, Some("34"), true, true),
        (&twelve, None, false, true),
        // In a plan, before the customer's is made.
        (&twelve, Some(""), true, true),
        (&twelve, Some(""), false, false),
    ] {
        for recorded in [true, false] {
            let when = format!("{link} {wanted:?} {there} {recorded}");
            let mut scene = Scene::new(StepKind::VercelProject, "site");
            if recorded {
                scene.knows(ResourceKind::VercelProject, "prj_1", "akermark", None);
            }
            let (mark, link) = (scene.mark().to_string(), link.clone());
            let vendor = Vendor::start(move |asked| match asked.path.split('?').next().unwrap() {
                "/v9/projects/akermark" | "/v9/projects/prj_1" => {
                    (200, json!({"id": "prj_1", "name": "akermark", "link": link}))
                }
                "/v10/projects/akermark/env" => (
                    200,
                    json!({"envs": [
                        {"key": "FABRIK_MARK", "type": "plain", "value": mark, "target": ["development"]},
                    ]}),
                ),
                "/repositories/12" if there => (
                    200,
                    json!({
                        "id": 12, "full_name": "acme/akermark",
                        "html_url": "https://github.com/acme/akermark", "description": null,
                        "default_branch": "main", "is_template": false,
                    }),
                ),
                _ => not_found(),
            })
            .await;
            let mut with = json!({"name": "akermark", "repository": "acme/akermark"});
            if let Some(wanted) = wanted {
                with["repository_id"] = json!(wanted);
            }
            let step = build(&vercel_project::ENTRY, &vendor.base, &with);
            let found = step.find(&scene.context()).await.unwrap();
            let elsewhere = matches!(
                &found,
                Found::Foreign(problem) if problem.code() == "linked_elsewhere"
            );
            assert_eq!(matches!(found, Found::Ours(_)), taken, "{when}: {found:?}");
            assert_eq!(elsewhere, !taken, "{when}: {found:?}");
            // What was asked for a moment ago, and whose answer was lost, is ours all the same.
            scene.evidence = Some(json!({}));
            let found = step.find(&scene.context()).await.unwrap();
            assert!(matches!(found, Found::Ours(_)), "{when}: {found:?}");
        }
    }
}

/// A team whose policy lets nobody read a variable again, but for development's.
fn hiding() -> impl Fn(&Asked) -> (u16, Value) {
    let variables = std::sync::Mutex::new(None);
    move |asked| {
        let mut variables = variables.lock().unwrap();
        let path = asked.path.split('?').next().unwrap();
        let project = json!({"id": "prj_1", "name": "akermark", "link": {"repoId": 12}});
        match (asked.method.as_str(), path) {
            (_, "/v2/user") => person("anna"),
            ("POST", "/v11/projects") => {
                let mut given = asked.body["environmentVariables"].clone();
                for one in given.as_array_mut().unwrap() {
                    if one["target"] != json!(["development"]) {
                        one["type"] = json!("sensitive");
                        one["value"] = json!("");
                    }
                }
                *variables = Some(given);
                (200, project)
            }
            _ if variables.is_none() => not_found(),
            ("DELETE", "/v9/projects/prj_1") => {
                *variables = None;
                (204, Value::Null)
            }
            ("GET", path) if path.ends_with("/env") => (200, json!({"envs": *variables})),
            _ => (200, project),
        }
    }
}

#[tokio::test]
async fn where_a_policy_hides_variables_a_project_is_made_rolled_back_and_removed() {
    let with = json!({"name": "akermark", "repository": "acme/akermark"});
    for when in ["rolled back", "removed"] {
        let vendor = Vendor::start(hiding()).await;
        let mut scene = Scene::new(StepKind::VercelProject, "site");
        let step = build(&vercel_project::ENTRY, &vendor.base, &with);
        let made = made(&mut scene, step.as_ref()).await;
        let undoing = rebuild(&vercel_project::ENTRY, &vendor.base, &with);
        if when == "rolled back" {
            // The answer was lost: it is found by its name.
            let found = undoing.find(&scene.context()).await.unwrap();
            assert!(matches!(found, Found::Ours(_)), "{found:?}");
        }
        undone_twice(&scene, undoing.as_ref(), &made, "gone").await;
        let found = step.find(&scene.context()).await.unwrap();
        assert!(matches!(found, Found::Absent { .. }), "{when}: {found:?}");
    }
}

#[tokio::test]
async fn an_app_for_chosen_repositories_sees_none_that_is_new() {
    for (status, selection, recorded, expected) in [
        (200, "selected", None, &["vercel_app_limited"][..]),
        (200, "selected", Some("1"), &[]),
        // Somebody has deleted it: the next is another.
        (200, "selected", Some("2"), &["vercel_app_limited"]),
        (200, "all", None, &[]),
        (403, "", None, &[]),
    ] {
        let vendor = Vendor::start(move |asked| match asked.path.split('?').next().unwrap() {
            "/v1/integrations/git-namespaces" => (200, json!([{"slug": "acme", "id": 1}])),
            "/v1/integrations/search-repo" => (200, json!({"repos": [{"name": "chosen"}]})),
            "/orgs/acme/installations" => (
                status,
                json!({"installations": [{"app_slug": "vercel", "repository_selection": selection}]}),
            ),
            "/repositories/1" => (
                200,
                json!({
                    "id": 1, "full_name": "acme/akermark", "html_url": "https://github.com/acme/akermark",
                    "description": null, "default_branch": "main", "is_template": false,
                }),
            ),
            _ => not_found(),
        })
        .await;
        let mut scene = Scene::new(StepKind::VercelProject, "site");
        let owner = ("github.owner".to_owned(), "acme".to_owned());
        scene.snapshot.settings.extend([owner]);
        if let Some(id) = recorded {
            scene.knows(ResourceKind::Repository, id, "acme/akermark", None);
        }
        let step = build(
            &vercel_project::ENTRY,
            &vendor.base,
            &json!({"name": "akermark"}),
        );
        let problems = step.check(&scene.context()).await.unwrap();
        let codes: Vec<_> = problems.iter().map(fabrik_domain::Problem::code).collect();
        assert_eq!(codes, expected, "{status} {selection} {recorded:?}");
    }
}

#[tokio::test]
async fn hobby_deploys_no_private_repository_of_an_organization() {
    let shop = "acme/shop";
    // Whose the repository is, which it is and whether it is private, the newest deployment's plan, what stands in the way.
    for (owner_type, repository, private, plan, expected) in [
        ("team", "", true, Some("hobby"), &["vercel_hobby"][..]),
        ("team", shop, true, Some("hobby"), &["vercel_hobby"]),
        ("team", shop, false, Some("hobby"), &[]),
        ("user", "", true, Some("hobby"), &[]),
        ("team", "", true, Some("pro"), &[]),
        // There is no deployment yet, so nothing is known.
        ("team", "", true, None, &[]),
        // Vercel refuses to say.
        ("team", "", true, Some("forbidden"), &[]),
    ] {
        for (team, recorded) in [("", false), ("byran", false), ("byran", true)] {
            let vendor = Vendor::start(move |asked| match asked.path.split('?').next().unwrap() {
                "/v2/teams/byran" => (200, json!({"id": "team_1", "slug": "byran"})),
                "/v9/projects/prj_1" => (200, json!({"id": "prj_1", "name": "akermark"})),
                "/v1/integrations/git-namespaces" => (
                    200,
                    json!([{"slug": "acme", "id": 1, "ownerType": owner_type}]),
                ),
                "/v1/integrations/search-repo" => (
                    200,
                    json!({"repos": [{"name": "shop", "private": private}]}),
                ),
                "/v7/deployments" => {
                    let listed = plan.map(|_| json!({"uid": "dpl_1"}));
                    (200, json!({"deployments": Vec::from_iter(listed)}))
                }
                "/v13/deployments/dpl_1" if plan != Some("forbidden") => {
                    (200, json!({"id": "dpl_1", "plan": plan}))
                }
                _ => not_found(),
            })
            .await;
            let mut scene = Scene::new(StepKind::VercelProject, "site");
            let owner = ("github.owner".to_owned(), "acme".to_owned());
            scene.snapshot.settings.extend([owner]);
            if recorded {
                scene.knows(ResourceKind::VercelProject, "prj_1", "akermark", None);
            }
            let with = json!({"name": "akermark", "team": team, "repository": repository});
            let step = build(&vercel_project::ENTRY, &vendor.base, &with);
            let problems = step.check(&scene.context()).await.unwrap();
            let codes: Vec<_> = problems.iter().map(fabrik_domain::Problem::code).collect();
            let when = format!("{owner_type} {repository} {private} {plan:?} {team} {recorded}");
            // What is there already is not made.
            let expected = if recorded { &[][..] } else { expected };
            assert_eq!(codes, expected, "{when}");
            let asked = vendor.asked();
            let mut asked = asked.iter().map(|asked| asked.path.as_str());
            let plan_asked = asked.any(|path| path.starts_with("/v7/deployments?"));
            assert_eq!(plan_asked, !recorded, "{when}");
            if let [problem] = &problems[..] {
                let told = serde_json::to_value(problem).unwrap();
                let named = (told["team"].as_str(), told["owner"].as_str());
                assert_eq!(
                    named,
                    (Some(team).filter(|team| !team.is_empty()), Some("acme"))
                );
            }
        }
    }
}
