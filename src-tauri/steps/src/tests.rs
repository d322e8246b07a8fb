//! The steps as they are built from parameters, each against a vendor on this machine.

mod dom;
mod github;
mod letters;
mod mail;
mod vercel;

use fabrik_domain::{resource::Found as Existing, run::Output};
use fabrik_engine::step::{Created, Occasion, Readiness, Step, Undone};
use serde_json::{Value, json};

use crate::{
    registry::Entry,
    testing::{Scene, clouds, parameters},
};

fn build(entry: &Entry, base: &str, with: &Value) -> Box<dyn Step> {
    (entry.build)(&clouds(base), &parameters(with)).unwrap()
}

/// As it is built for an undo.
fn rebuild(entry: &Entry, base: &str, with: &Value) -> Box<dyn Step> {
    (entry.build)(&clouds(base), &parameters(with).on(Occasion::Undo)).unwrap()
}

/// As it is built for a plan.
fn plan(entry: &Entry, base: &str, with: &Value) -> Box<dyn Step> {
    (entry.build)(&clouds(base), &parameters(with).on(Occasion::Plan)).unwrap()
}

fn not_found() -> (u16, Value) {
    (
        404,
        json!({"message": "Not Found", "error": {"code": "not_found", "message": "no"}}),
    )
}

fn public(readiness: Readiness) -> Vec<(String, String)> {
    let Readiness::Ready(outputs) = readiness else {
        panic!("ready, not {readiness:?}")
    };
    outputs
        .into_iter()
        .map(|(name, output)| match output {
            Output::Public(text) => (name, text),
            Output::Secret(_) => panic!("{name} is public"),
        })
        .collect()
}

/// A resource as the records have it.
fn existing(id: &str, name: &str, hash: Option<&str>) -> Existing {
    Existing {
        id: id.to_owned(),
        name: name.to_owned(),
        url: None,
        content_hash: hash.map(str::to_owned),
    }
}

/// Looks and makes, as a run does.
async fn made(scene: &mut Scene, step: &dyn Step) -> Existing {
    let found = step.find(&scene.context()).await.unwrap();
    scene.intends(found);
    match step.create(&scene.context()).await.unwrap() {
        Created::Resource(made) => made,
        other => panic!("it has an id: {other:?}"),
    }
}

/// How an undo ended.
fn told(undone: Undone) -> String {
    match undone {
        Undone::Gone => "gone".to_owned(),
        Undone::Stays => "stays".to_owned(),
        Undone::NotYet { status } => status,
        Undone::Refused(problem) | Undone::CannotSee(problem) => problem.code(),
    }
}

/// An undo ends so, and so does another after it.
async fn undone_twice(scene: &Scene, step: &dyn Step, made: &Existing, end: &str) {
    for turn in ["once", "twice"] {
        let undone = step.undo(&scene.context(), made).await.unwrap();
        assert_eq!(told(undone), end, "{turn}");
    }
}
