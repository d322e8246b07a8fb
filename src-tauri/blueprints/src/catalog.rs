//! The blueprints of a workspace: the built-in ones and those in its own folder.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use fabrik_domain::{Cause, Problem, blueprint::Blueprint, customer::without_login};

use crate::{
    Inspection, built_in,
    built_in::files,
    folder::{self, Files},
    inspect_folder, load_built_in, load_folder,
    loader::{inspect, invalid},
    manifest::MANIFEST,
};

/// The longest name of a new blueprint.
const MAX_NAME: usize = 40;

/// Whoever writes has this file to itself.
const LOCK: &str = ".lock";

/// What follows a blueprint's name in those of folders that are none: its files as they are to be, as they were, as
/// they were and nobody needs them, and as they are tried; and the versions of before.
pub(crate) const NEW: &str = ".new";
pub(crate) const ASIDE: &str = ".aside";
const GONE: &str = ".gone";
pub(crate) const DRAFT: &str = ".draft";
pub(crate) const VERSIONS: &str = ".versions";

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
                .map(|name| {
                    let aside = name.strip_prefix('.');
                    match aside.and_then(|name| name.strip_suffix(ASIDE)) {
                        // Somebody is saving it.
                        Some(name) => name.to_owned(),
                        None => name,
                    }
                })
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
        Err(self.unknown(name))
    }

    /// Everything that is wrong with the blueprint of this name, and its SQL.
    pub fn inspect(&self, name: &str) -> Result<Inspection, Problem> {
        match (self.own(name), files(name)) {
            (Some(folder), _) => Ok(inspect_folder(&folder)),
            (None, Some(files)) => Ok(inspect(files)),
            (None, None) => Err(self.unknown(name)),
        }
    }

    /// Makes a new blueprint of the workspace's own, a copy of another, and returns its folder. It is there
    /// whole or not at all.
    ///
    /// # Errors
    /// `blueprint_name_invalid`; `blueprint_exists`, also for a built-in name: customers that have that
    /// one would silently get this; `blueprint_unknown` for what is to be copied.
    pub fn create(&self, name: &str, from: &str) -> Result<PathBuf, Problem> {
        if !is_name(name) {
            return Err(Cause::BlueprintNameInvalid {
                blueprint: name.to_owned(),
            }
            .into());
        }
        let folder = self.folder.join(name);
        // A link that leads nowhere is something as well.
        if built_in().any(|known| known == name) || folder.symlink_metadata().is_ok() {
            return Err(Cause::BlueprintExists {
                blueprint: name.to_owned(),
            }
            .into());
        }
        let files = self.files(from)?;
        let half = self.beside(name, NEW);
        self.lock()
            .and_then(|_lock| {
                self.mend(name)?;
                let made = write(&half, &files)
                    .and_then(|()| self.forget_deleted(name))
                    .and_then(|()| fs::rename(&half, &folder));
                made.inspect_err(|_| drop(fs::remove_dir_all(&half)))
            })
            .map_err(|error| unusable(&folder, &error))?;
        Ok(folder)
    }

    /// The versions of one that somebody deleted are no versions of a new one of its name. Needs the lock.
    fn forget_deleted(&self, name: &str) -> io::Result<()> {
        // Somebody else may have made it a moment ago.
        if self.folder.join(name).symlink_metadata().is_ok() {
            return Ok(());
        }
        clear(&self.beside(name, VERSIONS))
    }

    /// Keeps others from writing into the workspace's folder, until it is dropped.
    pub(crate) fn lock(&self) -> io::Result<File> {
        fs::create_dir_all(&self.folder)?;
        let mut open = File::options();
        let file = open.write(true).create(true).truncate(false);
        let file = file.open(self.folder.join(LOCK))?;
        file.lock()?;
        Ok(file)
    }

    /// Ends a saving that was broken off, so that the blueprint is there with all that was beside its files, and nothing
    /// is aside. May be broken off itself. Needs the lock.
    pub(crate) fn mend(&self, name: &str) -> io::Result<()> {
        if !stays_inside(name) {
            return Ok(());
        }
        let (folder, aside) = (self.folder.join(name), self.beside(name, ASIDE));
        if aside.is_dir() && !folder.exists() {
            return fs::rename(aside, folder);
        }
        let gone = self.beside(name, GONE);
        if aside.is_dir() {
            // Behind a link is somebody's own folder: nothing of that is moved.
            if !aside.is_symlink() {
                folder::carry_over(&aside, &folder)?;
            }
            // Half removed it would look like one with empty folders.
            clear(&gone)?;
            fs::rename(&aside, &gone)?;
        }
        clear(&gone)
    }

    /// The files of a blueprint, the manifest among them.
    pub(crate) fn files(&self, name: &str) -> Result<Files, Problem> {
        let Some(folder) = self.own(name) else {
            return files(name).ok_or_else(|| self.unknown(name));
        };
        let (files, unreadable) = folder::read(&folder);
        match unreadable.first() {
            Some(finding) => Err(invalid(name, finding)),
            None => Ok(files),
        }
    }

    fn unknown(&self, name: &str) -> Problem {
        Cause::BlueprintUnknown {
            blueprint: without_login(name),
            known: self.names(),
        }
        .into()
    }

    /// The folder of an own blueprint. Waits for the lock where a saving was broken off or is under way: who holds it
    /// [`mend`](Self::mend)s first.
    pub(crate) fn own(&self, name: &str) -> Option<PathBuf> {
        if !stays_inside(name) {
            return None;
        }
        let folder = self.folder.join(name);
        let there = || folder.join(MANIFEST).is_file();
        let aside = self.beside(name, ASIDE);
        if there() && !aside.is_dir() {
            return Some(folder);
        }
        if aside.is_dir() {
            // Somebody is saving it, which is waited for, or was killed over it.
            let _ = self.lock().and_then(|_lock| self.mend(name));
        }
        there().then_some(folder)
    }

    /// A folder for something of a blueprint's that is no blueprint: its name begins with a dot.
    pub(crate) fn beside(&self, name: &str, what: &str) -> PathBuf {
        self.folder.join(format!(".{name}{what}"))
    }
}

/// Whether a folder of this name is in the one that it is joined to.
fn stays_inside(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && !name.starts_with('.') && name.chars().all(plain)
}

/// Lower-case letters, digits and hyphens, a letter first, no hyphen last.
fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

pub(crate) fn unusable(folder: &Path, error: &io::Error) -> Problem {
    let path = folder.display().to_string();
    Problem::from(Cause::DataDirectoryUnusable { path }).detail(error.to_string())
}

fn clear(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Writes files into a folder that was not there, or was left half made.
pub(crate) fn write(folder: &Path, files: &Files) -> io::Result<()> {
    clear(folder)?;
    fs::create_dir_all(folder)?;
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_blueprint_is_a_copy_that_can_be_used() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::new(folder.path().join("blueprints"));
        for (from, name) in [
            ("agency", "atelier"),
            ("factory", "works-2"),
            ("atelier", "second"),
        ] {
            let made = catalog.create(name, from).unwrap();
            assert_eq!(made, folder.path().join("blueprints").join(name));
            let (copy, original) = (catalog.get(name).unwrap(), catalog.get(from).unwrap());
            assert_eq!(copy.hash, original.hash, "{name} is {from}, byte for byte");
            assert_eq!(catalog.inspect(name).unwrap().findings, [], "{name}");
        }
        assert_eq!(
            catalog.names(),
            [
                "agency",
                "atelier",
                "client-stack",
                "factory",
                "orchestra",
                "second",
                "works-2"
            ]
        );
        let left = fs::read_dir(folder.path().join("blueprints"))
            .unwrap()
            .count();
        assert_eq!(left, 4, "beside the lock nothing half made is left");
    }

    #[test]
    fn nothing_is_overwritten_and_names_are_plain() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::new(folder.path());
        let code = |name: &str, from: &str| catalog.create(name, from).unwrap_err().code();
        fs::create_dir(folder.path().join("empty")).unwrap();
        for name in ["factory", "agency", "empty"] {
            assert_eq!(code(name, "factory"), "blueprint_exists", "{name}");
        }
        for name in [
            "",
            "A",
            "1a",
            "a-",
            "-a",
            "a_b",
            "a.b",
            "..",
            "../a",
            "a/b",
            "å",
            &"a".repeat(41),
        ] {
            assert_eq!(code(name, "factory"), "blueprint_name_invalid", "{name:?}");
        }
        assert_eq!(code("atelier", "facotry"), "blueprint_unknown");
        assert_eq!(code("atelier", "../empty"), "blueprint_unknown");
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing was made"
        );
    }

    #[test]
    fn an_own_blueprint_is_inspected_in_place_of_a_built_in_one() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::new(folder.path());
        assert_eq!(catalog.inspect("factory").unwrap().findings, []);
        assert!(
            catalog.inspect("factory").unwrap().trial.is_some(),
            "it has SQL to try"
        );
        assert_eq!(
            catalog.inspect("nothing").unwrap_err().code(),
            "blueprint_unknown"
        );
        let mine = folder.path().join("factory");
        fs::create_dir(&mine).unwrap();
        fs::write(mine.join(MANIFEST), "version = 1").unwrap();
        let inspection = catalog.inspect("factory").unwrap();
        assert!(!inspection.findings.is_empty() && inspection.trial.is_none());
    }

    #[test]
    fn own_blueprints_stand_beside_and_in_place_of_built_in_ones() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::new(folder.path());
        assert_eq!(
            catalog.names(),
            ["agency", "client-stack", "factory", "orchestra"]
        );

        let own = folder.path().join("atelier");
        fs::create_dir(&own).unwrap();
        fs::write(own.join(MANIFEST), "version = 0").unwrap();
        assert_eq!(
            catalog.names(),
            ["agency", "atelier", "client-stack", "factory", "orchestra"]
        );
        let list = catalog.list();
        assert_eq!(list[1].1.as_ref().unwrap_err().code(), "blueprint_invalid");
        assert!(
            list[0].1.is_ok() && list[2].1.is_ok(),
            "a broken one hides no other"
        );

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
                known: ["agency", "client-stack", "factory", "orchestra"]
                    .map(str::to_owned)
                    .into(),
            };
            assert_eq!(*problem.cause, expected);
        }
    }
}
