//! A project, its variables and its deployments, each in a file of its own; and whose token it takes to say that one of
//! them is gone.

mod deployment;
mod environment;
mod project;
mod shared;

use fabrik_domain::blueprint::StepKind;
use fabrik_engine::step::Found;
use serde_json::{Value, json};

use super::{build, existing, not_found, rebuild, told};
use crate::{
    custom_domain,
    testing::{Scene, Vendor},
    vercel_environment, vercel_project,
};

/// Whose token it is.
fn person(id: &str) -> (u16, Value) {
    (200, json!({"user": {"id": id, "username": id}}))
}

#[tokio::test]
async fn what_is_no_teams_is_gone_for_the_person_alone_who_made_it() {
    for (who, expected) in [("anna", "gone"), ("bo", "cannot_see")] {
        // Vercel hides what is another's by a 404.
        let nothing = |who: &'static str| {
            Vendor::start(move |asked| match asked.path.as_str() {
                "/v2/user" => person(who),
                _ => not_found(),
            })
        };
        let mut scene = Scene::new(StepKind::VercelProject, "site");
        let with = json!({"name": "akermark", "repository": "acme/akermark"});
        let annas = nothing("anna").await;
        let step = build(&vercel_project::ENTRY, &annas.base, &with);
        scene.intends(step.find(&scene.context()).await.unwrap());
        let later = nothing(who).await;
        let step = build(&vercel_project::ENTRY, &later.base, &with);
        let row = existing("prj_1", "akermark", None);
        let undone = step.undo(&scene.context(), &row).await.unwrap();
        assert_eq!(told(undone), expected, "a project, for {who}");
        let found = step.find(&scene.context()).await.unwrap();
        let absent = matches!(found, Found::Absent { .. });
        assert_eq!(absent, who == "anna", "nor is it made again: {found:?}");
        let with = json!({"project": "prj_1", "variables": []});
        let step = rebuild(&vercel_environment::ENTRY, &later.base, &with);
        let undone = step.undo(&scene.context(), &row).await.unwrap();
        assert_eq!(told(undone), expected, "variables, for {who}");
        let with = json!({"project": "prj_1", "domain": "a.se"});
        let step = rebuild(&custom_domain::ENTRY, &later.base, &with);
        let row = existing("a.se", "a.se", None);
        let undone = step.undo(&scene.context(), &row).await.unwrap();
        assert_eq!(told(undone), expected, "a domain, for {who}");
    }
}
