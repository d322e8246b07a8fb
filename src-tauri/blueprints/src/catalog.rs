//! The blueprints of a workspace: the built-in ones and those in its own folder.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use fabrik_domain::{Cause, Problem, blueprint::Blueprint};

use crate::{built_in, load_built_in, load_folder, manifest::MANIFEST};

/// The blueprints of a workspace. Read from disk at each call, so that an edit counts at once.
#[derive(Clone, Debug)]
pub struct Catalog {
    folder: PathBuf,
}

impl Catalog {
    /// With the workspace's own folder, one subfolder a blueprint; it need not exist. One of a built-in
    /// blueprint's name stands in its place.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The names, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: BTreeSet<String> = built_in().map(str::to_owned).collect();
        let own = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        names.extend(
            own.filter_map(|entry| entry.file_name().into_string().ok())
                .filter(|name| self.own(name).is_some()),
        );
        names.into_iter().collect()
    }

    /// Every blueprint by name; one that can't be used, with what is wrong, doesn't hide the others.
    pub fn list(&self) -> Vec<(String, Result<Blueprint, Problem>)> {
        self.names()
            .into_iter()
            .map(|name| {
                let blueprint = self.get(&name);
                (name, blueprint)
            })
            .collect()
    }

    /// The blueprint of this name. `blueprint_unknown` names those there are.
    pub fn get(&self, name: &str) -> Result<Blueprint, Problem> {
        if let Some(folder) = self.own(name) {
            return load_folder(&folder);
        }
        if built_in().any(|known| known == name) {
            return load_built_in(name);
        }
        Err(Cause::BlueprintUnknown {
            blueprint: name.to_owned(),
            known: self.names(),
        }
        .into())
    }

    /// The folder of an own blueprint. The name may not lead elsewhere.
    fn own(&self, name: &str) -> Option<PathBuf> {
        let plain = !name.is_empty()
            && !name.starts_with('.')
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        let folder = self
            .folder
            .join(Path::new(if plain { name } else { return None }));
        folder.join(MANIFEST).is_file().then_some(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_blueprints_stand_beside_and_in_place_of_built_in_ones() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::new(folder.path());
        assert_eq!(catalog.names(), ["factory"]);

        let own = folder.path().join("atelier");
        fs::create_dir(&own).unwrap();
        fs::write(own.join(MANIFEST), "version = 0").unwrap();
        assert_eq!(catalog.names(), ["atelier", "factory"]);
        let list = catalog.list();
        assert_eq!(list[0].1.as_ref().unwrap_err().code(), "blueprint_invalid");
        assert!(list[1].1.is_ok(), "a broken one hides no other");

        let mine = folder.path().join("factory");
        fs::create_dir(&mine).unwrap();
        fs::write(mine.join(MANIFEST), "").unwrap();
        assert!(catalog.get("factory").is_err(), "the own one is read");
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known() {
        let catalog = Catalog::new("/nowhere");
        for name in ["facotry", "", "..", "../factory", "/etc", "a/b", "a\\b"] {
            let problem = catalog.get(name).unwrap_err();
            let expected = Cause::BlueprintUnknown {
                blueprint: name.to_owned(),
                known: vec!["factory".to_owned()],
            };
            assert_eq!(*problem.cause, expected);
        }
    }
}
