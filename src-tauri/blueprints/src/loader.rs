//! From a folder's files to a blueprint that can run.

use std::path::Path;

use fabrik_domain::{
    Cause, Problem,
    blueprint::{Blueprint, StepSpec},
    finding::Finding,
};

use crate::{
    check::{Examined, examine},
    folder::{self, Files},
    manifest::MANIFEST,
    trial::Trial,
};

/// What looking at a blueprint showed.
#[derive(Debug)]
pub struct Inspection {
    /// What is wrong with it, by file and line; what a database would tell is not among it.
    pub findings: Vec<Finding>,
    /// Its SQL, to be tried on a database; `None` where no step applies any.
    pub trial: Option<Trial>,
}

/// Everything that is wrong with the blueprint in a folder, as far as it can be told without a database.
pub fn check(folder: &Path) -> Vec<Finding> {
    inspect_folder(folder).findings
}

/// Looks at the blueprint in a folder.
pub fn inspect_folder(folder: &Path) -> Inspection {
    let (files, unreadable) = folder::read(folder);
    let mut inspection = inspect(files);
    inspection.findings.extend(unreadable);
    inspection.findings.sort();
    inspection
}

/// Looks at the blueprint in these files.
pub(crate) fn inspect(files: Files) -> Inspection {
    let examined = examine(&files);
    Inspection {
        trial: Trial::new(examined.schemas, files),
        findings: examined.findings,
    }
}

/// Reads a blueprint from a folder, whose name is its name. `blueprint_invalid` says what is wrong first,
/// and in which file.
pub fn load_folder(path: &Path) -> Result<Blueprint, Problem> {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let (files, unreadable) = folder::read(path);
    match unreadable.first() {
        Some(finding) => Err(invalid(name, finding)),
        None => load(name, files),
    }
}

/// Reads a blueprint from its files.
pub(crate) fn load(name: &str, mut files: Files) -> Result<Blueprint, Problem> {
    let Examined {
        manifest,
        references,
        findings,
        ..
    } = examine(&files);
    if let Some(finding) = findings.iter().find(|finding| finding.flaw.stops()) {
        return Err(invalid(name, finding));
    }
    let hash = folder::hash(&files);
    files.remove(MANIFEST);
    // Without a manifest there was a finding, and so there was for a kind that there is not.
    let manifest = manifest.unwrap_or_default();
    let steps = manifest
        .steps
        .into_iter()
        .zip(references.needs)
        .filter_map(|(step, needs)| {
            Some(StepSpec {
                id: step.id,
                kind: step.kind?,
                with: step.with,
                needs,
            })
        })
        .collect();
    Ok(Blueprint {
        name: name.to_owned(),
        version: manifest.version,
        title: manifest.title,
        description: manifest.description,
        plans: manifest.plans.into_iter().map(|plan| plan.value).collect(),
        modules: manifest
            .modules
            .into_iter()
            .map(|name| name.value)
            .collect(),
        parameters: manifest
            .parameters
            .into_iter()
            .map(|(name, text)| (name, text.value))
            .collect(),
        steps,
        settings: manifest.settings.into_iter().map(|key| key.value).collect(),
        files,
        hash,
    })
}

/// One line, in English: the whole is `blueprints check`'s to say.
pub(crate) fn invalid(blueprint: &str, why: &impl ToString) -> Problem {
    Cause::BlueprintInvalid {
        blueprint: blueprint.to_owned(),
        why: why.to_string(),
    }
    .into()
}
