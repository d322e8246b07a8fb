//! What the matrices go through: the built-in blueprints, and one of the tests' own with a shared repository that is
//! written to, which those have not.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use fabrik_blueprints::{built_in, load_built_in, load_folder};
use fabrik_domain::blueprint::{Blueprint, StepKind};
use fabrik_tests::checkout;

use crate::extent::share;

/// By name.
pub(crate) const BLUEPRINTS: [&str; 5] =
    ["factory", "agency", "client-stack", "orchestra", "shared"];

/// Those that together have every kind of step, and every shared parent.
const COVERING: [&str; 3] = ["client-stack", "orchestra", "shared"];

/// What the matrices go through: enough to meet every kind of step; in the full proof, all.
pub(crate) fn in_matrices() -> &'static [&'static str] {
    if share() == 1 { &BLUEPRINTS } else { &COVERING }
}

/// Reading one takes longer than many a trial.
static READ: Mutex<BTreeMap<&str, Blueprint>> = Mutex::new(BTreeMap::new());

pub(crate) fn blueprint(name: &str) -> Blueprint {
    let name = BLUEPRINTS.into_iter().find(|one| *one == name).unwrap();
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let blueprint = read.entry(name).or_insert_with(|| {
        let own = checkout().join("tests/simulation/blueprints");
        let folder = own.join(name);
        if folder.is_dir() {
            load_folder(&folder).unwrap()
        } else {
            load_built_in(name).unwrap()
        }
    });
    blueprint.clone()
}

/// What the names of a blueprint's resources begin with.
pub(crate) fn prefix(blueprint: &str) -> &'static str {
    match blueprint {
        "factory" => "",
        "agency" => "tlp-",
        "client-stack" => "client-",
        "orchestra" => "orchestra-",
        _ => "delad-",
    }
}

/// Whether all its customers are in one Vercel project.
pub(crate) fn shares_project(name: &str) -> bool {
    let kinds = blueprint(name).steps.into_iter().map(|step| step.kind);
    !kinds
        .into_iter()
        .any(|kind| kind == StepKind::VercelProject)
}

/// Whether it has steps that only change what stands.
pub(crate) fn changes_what_stands(name: &str) -> bool {
    let steps = blueprint(name).steps;
    steps.iter().any(|step| step.kind.is_of_standing())
}

#[test]
fn every_built_in_one_is_in_the_full_proof() {
    let missing: Vec<_> = built_in()
        .filter(|name| !BLUEPRINTS.contains(name))
        .collect();
    assert!(missing.is_empty(), "no proof goes through {missing:?}");
}

#[test]
fn every_kind_of_step_is_in_the_matrices() {
    let tried: Vec<StepKind> = COVERING
        .into_iter()
        .flat_map(|name| blueprint(name).steps)
        .map(|step| step.kind)
        .collect();
    let untried: Vec<_> = StepKind::ALL
        .into_iter()
        .filter(|kind| !tried.contains(kind))
        .collect();
    assert!(
        untried.is_empty(),
        "kinds that no matrix goes through, so put them into COVERING: {untried:?}"
    );
}
