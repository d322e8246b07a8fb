//! What the matrices go through: the built-in blueprints, and one of the tests' own with the kinds and the
//! shared parents that those have not.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Mutex, PoisonError},
};

use fabrik_blueprints::{load_built_in, load_folder};
use fabrik_domain::blueprint::{Blueprint, StepKind};

/// By name.
pub(crate) const BLUEPRINTS: [&str; 3] = ["factory", "agency", "shared"];

/// Reading one takes longer than many a trial.
static READ: Mutex<BTreeMap<&str, Blueprint>> = Mutex::new(BTreeMap::new());

pub(crate) fn blueprint(name: &str) -> Blueprint {
    let name = BLUEPRINTS.into_iter().find(|one| *one == name).unwrap();
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let blueprint = read.entry(name).or_insert_with(|| {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("simulation/blueprints");
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
        _ => "delad-",
    }
}

#[test]
fn every_kind_of_step_is_in_the_matrices() {
    let tried: Vec<StepKind> = BLUEPRINTS
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
        "kinds that no matrix goes through, so put them into tests/simulation/blueprints: {untried:?}"
    );
}
