//! A blueprint's files, read to be changed, and put in the place of those that were read.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use fabrik_domain::{Cause, Problem};
use jiff::Timestamp;

use crate::{
    Catalog,
    catalog::{ASIDE, DRAFT, NEW, unusable, write},
    folder::{self, Files, MAX_FILE, MAX_FILES},
    manifest::MANIFEST,
};

/// In bytes: no system takes a longer name, and no path here is near it.
const MAX_PATH: usize = 255;

/// The files of a blueprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// In the workspace's own folder: the built-in ones are copied, not changed.
    pub own: bool,
    /// Of all files, as a run compares it.
    pub hash: String,
    /// Text by path from the folder, with `/` on every system.
    pub files: Files,
}

impl Catalog {
    /// The files of a blueprint, also of one that can't be used.
    ///
    /// # Errors
    /// `blueprint_unknown`; `blueprint_invalid` where a file is no text.
    pub fn contents(&self, name: &str) -> Result<Contents, Problem> {
        let files = self.files(name)?;
        Ok(Contents {
            own: self.own(name).is_some(),
            hash: folder::hash(&files),
            files,
        })
    }

    /// Puts these files in the place of those that `hash` is of, all or none. Where they are others, and their
    /// version is not a later one, they get the next. What else is in the folder, as a repository's `.git`, stays
    /// there; what they take the place of is kept among the [`earlier`](Self::earlier), as replaced `now`. Returns what is
    /// there then.
    ///
    /// # Errors
    /// `blueprint_changed` where something else is there by now; `blueprint_invalid` for a path that leads elsewhere,
    /// and for more than a blueprint may hold.
    pub fn save(
        &self,
        name: &str,
        hash: &str,
        files: Files,
        now: Timestamp,
    ) -> Result<Contents, Problem> {
        let beside = |error| unusable(&self.beside(name, ASIDE), &error);
        // Read under the lock too: what somebody else is just putting in place has half of its files.
        let lock = self.lock().map_err(beside)?;
        self.mend(name).map_err(beside)?;
        self.replace(name, hash, files, now)?;
        let saved = self.contents(name);
        drop(lock);
        saved
    }

    /// What [`save`](Self::save) does under the lock.
    fn replace(
        &self,
        name: &str,
        hash: &str,
        mut files: Files,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let there = self.contents(name)?;
        let (true, true, Some(folder)) = (there.own, there.hash == hash, self.own(name)) else {
            return Err(Cause::BlueprintChanged {
                blueprint: name.to_owned(),
            }
            .into());
        };
        check(name, &files)?;
        if files == there.files {
            return Ok(());
        }
        leaves_room(name, &folder, &files)?;
        let before = there.files.get(MANIFEST).and_then(|text| version(text));
        if let (Some(manifest), Some(before)) = (files.get_mut(MANIFEST), before) {
            raise(manifest, before);
        }
        let new = self.beside(name, NEW);
        let swap = || -> io::Result<()> {
            self.keep(name, &there, now)?;
            write(&new, &files)?;
            // Killed between the two, it is aside, where a reader finds it; after them, with what was beside its files.
            fs::rename(&folder, self.beside(name, ASIDE))?;
            let swapped = fs::rename(&new, &folder);
            self.mend(name)?;
            swapped
        };
        swap().map_err(|error| unusable(&folder, &error))
    }

    /// Writes files that are not saved yet where they can be looked at, and returns the folder, which is nobody's
    /// blueprint. The next draft of this name takes its place.
    ///
    /// # Errors
    /// As [`save`](Self::save).
    pub fn draft(&self, name: &str, files: &Files) -> Result<PathBuf, Problem> {
        self.contents(name)?;
        check(name, files)?;
        let folder = self.beside(name, DRAFT);
        write(&folder, files).map_err(|error| unusable(&folder, &error))?;
        Ok(folder)
    }
}

/// Paths that stay in the folder and can be written and read again on every system, the manifest among them, and no more
/// than is read.
fn check(blueprint: &str, files: &Files) -> Result<(), Problem> {
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with(['.', ' '])
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || "-_. ".contains(c))
    };
    let wrong = files
        .iter()
        .find(|(path, text)| !path.split('/').all(plain) || text.len() as u64 > MAX_FILE);
    let long = files.keys().find(|path| path.len() > MAX_PATH);
    let mut parts = BTreeMap::new();
    let twin = files.keys().find(|path| {
        let folders = path.match_indices('/').map(|(end, _)| &path[..end]);
        let mut own = folders.chain([path.as_str()]);
        own.any(|part| *parts.entry(part.to_lowercase()).or_insert(part) != part)
    });
    let inside = files.keys().find_map(|path| {
        let mut folders = path.match_indices('/').map(|(end, _)| &path[..end]);
        let file = folders.find(|folder| files.contains_key(*folder))?;
        Some((file, path))
    });
    let why = if let Some((path, _)) = wrong {
        format!("{path}: no path in the folder, or over {MAX_FILE} bytes")
    } else if let Some(path) = long {
        format!("{path}: a path of over {MAX_PATH} bytes")
    } else if let Some(path) = twin {
        format!("{path}: another differs in capitals alone")
    } else if let Some((file, path)) = inside {
        format!("{file}: is a folder with {path}")
    } else if !files.contains_key(MANIFEST) {
        format!("{MANIFEST} is missing")
    } else if files.len() > MAX_FILES {
        format!("over {MAX_FILES} files")
    } else {
        return Ok(());
    };
    Err(invalid(blueprint, why))
}

/// Whether what else is in the folder can stay in its place: no file is where a folder of it is.
fn leaves_room(blueprint: &str, folder: &Path, files: &Files) -> Result<(), Problem> {
    let kept = folder::left_out(folder).map_err(|error| unusable(folder, &error))?;
    let names: BTreeMap<_, _> = files
        .keys()
        .map(|path| (path.to_lowercase(), path))
        .collect();
    for kept in &kept {
        let mut folders = kept.ancestors().skip(1).map(folder::slashed);
        if let Some(file) = folders.find_map(|path| names.get(&path.to_lowercase())) {
            let why = format!("{file}: is a folder with {}", folder::slashed(kept));
            return Err(invalid(blueprint, why));
        }
    }
    Ok(())
}

fn invalid(blueprint: &str, why: String) -> Problem {
    Cause::BlueprintInvalid {
        blueprint: blueprint.to_owned(),
        why,
    }
    .into()
}

/// The line of the manifest that says its version, and the number in it.
fn version_line(manifest: &str) -> Option<(std::ops::Range<usize>, u32)> {
    let mut at = 0;
    for line in manifest.split_inclusive('\n') {
        // A table ends what is the blueprint's own.
        if line.trim_start().starts_with('[') {
            return None;
        }
        if let Some((key, value)) = line.split_once('=')
            && key.trim() == "version"
        {
            let number = value.split('#').next().unwrap_or_default().trim();
            let start = at + line.find(number)?;
            return Some((start..start + number.len(), number.parse().ok()?));
        }
        at += line.len();
    }
    None
}

pub(crate) fn version(manifest: &str) -> Option<u32> {
    version_line(manifest).map(|(_, version)| version)
}

/// Makes the version a later one than `before`, and leaves the rest of the text as it was written.
fn raise(manifest: &mut String, before: u32) {
    if let Some((place, now)) = version_line(manifest)
        && now <= before
    {
        manifest.replace_range(place, &before.saturating_add(1).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn with_own(name: &str) -> (tempfile::TempDir, Catalog) {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::new(folder.path());
        catalog.create(name, "factory").unwrap();
        (folder, catalog)
    }

    #[test]
    fn what_is_saved_is_read_again_as_the_next_version() {
        let (folder, catalog) = with_own("atelier");
        let mut read = catalog.contents("atelier").unwrap();
        let same = catalog.save("atelier", &read.hash, read.files.clone(), NOW);
        assert_eq!(same.unwrap(), read, "nothing was changed: nothing is new");
        let before = catalog.get("atelier").unwrap().version;

        read.files
            .insert("extra.sql".to_owned(), "select 1;\n".to_owned());
        read.files.remove("email/welcome.sv.txt");
        let saved = catalog
            .save("atelier", &read.hash, read.files, NOW)
            .unwrap();
        assert_ne!(saved.hash, read.hash);
        assert_eq!(saved.files["extra.sql"], "select 1;\n");
        assert!(
            !saved.files.contains_key("email/welcome.sv.txt"),
            "it is gone"
        );
        assert_eq!(version(&saved.files[MANIFEST]), Some(before + 1));
        let left = fs::read_dir(folder.path()).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 3, "nothing half made is left: {left:?}");
    }

    #[test]
    fn what_somebody_else_saved_is_not_overwritten() {
        let (folder, catalog) = with_own("atelier");
        let read = catalog.contents("atelier").unwrap();
        fs::write(folder.path().join("atelier/schema.sql"), "-- by hand\n").unwrap();
        let mut files = read.files.clone();
        files.insert("extra.sql".to_owned(), String::new());
        let refused = catalog.save("atelier", &read.hash, files.clone(), NOW);
        assert_eq!(refused.unwrap_err().code(), "blueprint_changed");
        let built_in = catalog.contents("factory").unwrap();
        assert!(!built_in.own);
        let refused = catalog.save("factory", &built_in.hash, files, NOW);
        assert_eq!(refused.unwrap_err().code(), "blueprint_changed");
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        let (_folder, catalog) = with_own("atelier");
        let read = catalog.contents("atelier").unwrap();
        for path in [
            "../x",
            "/etc/x",
            "a/../../x",
            ".hidden",
            "",
            "a//b",
            "C:\\x",
            "a/.b",
            // Of two such files one is lost, where capitals or what ends a name count for nothing.
            "SCHEMA.sql",
            "Email/extra.txt",
            "extra.",
            "extra ",
        ] {
            let mut files = read.files.clone();
            files.insert(path.to_owned(), String::new());
            let saved = catalog.save("atelier", &read.hash, files.clone(), NOW);
            assert_eq!(saved.unwrap_err().code(), "blueprint_invalid", "{path:?}");
            let draft = catalog.draft("atelier", &files);
            assert_eq!(draft.unwrap_err().code(), "blueprint_invalid", "{path:?}");
        }
        assert_eq!(catalog.contents("atelier").unwrap(), read);
    }

    #[test]
    fn no_path_is_longer_than_a_disk_takes_or_has_a_file_for_a_folder() {
        let (_folder, catalog) = with_own("atelier");
        let read = catalog.contents("atelier").unwrap();
        // Letters of two bytes each: the disk counts bytes.
        let (long, wide) = ("x".repeat(256), "å".repeat(150));
        for (path, why) in [
            (&*long, "over 255 bytes"),
            (&*wide, "over 255 bytes"),
            ("schema.sql/x", "schema.sql: is a folder with schema.sql/x"),
            ("schema.sql/x/y", "schema.sql: is a folder with"),
            ("email", "email: is a folder with email/"),
        ] {
            let mut files = read.files.clone();
            files.insert(path.to_owned(), String::new());
            let saved = catalog.save("atelier", &read.hash, files.clone(), NOW);
            let draft = catalog.draft("atelier", &files).map(drop);
            for refused in [saved.map(drop), draft] {
                let problem = refused.unwrap_err();
                let Cause::BlueprintInvalid { why: told, .. } = &*problem.cause else {
                    panic!("{path}: {problem:?}");
                };
                assert!(told.contains(why), "{told}");
            }
        }
        assert_eq!(catalog.contents("atelier").unwrap(), read);
        let mut files = read.files;
        files.insert("x".repeat(250), String::new());
        assert!(catalog.draft("atelier", &files).is_ok(), "a disk takes it");
    }

    #[test]
    fn without_its_manifest_it_is_no_blueprint() {
        let (_folder, catalog) = with_own("atelier");
        let read = catalog.contents("atelier").unwrap();
        let mut files = read.files.clone();
        files.remove(MANIFEST);
        let saved = catalog.save("atelier", &read.hash, files, NOW);
        assert_eq!(saved.unwrap_err().code(), "blueprint_invalid");
        assert_eq!(catalog.contents("atelier").unwrap(), read, "it is there");
    }

    #[test]
    fn killed_before_it_was_cleared_away_it_stands_in_nobodys_way() {
        let (folder, catalog) = with_own("atelier");
        let aside = folder.path().join(".atelier.aside");
        let killed = || {
            fs::create_dir(&aside).unwrap();
            fs::write(aside.join(MANIFEST), "version = 1").unwrap();
        };
        killed();
        let mut read = catalog.contents("atelier").unwrap();
        read.files
            .insert("extra.sql".to_owned(), "select 1;\n".to_owned());
        killed();
        let saved = catalog
            .save("atelier", &read.hash, read.files, NOW)
            .unwrap();
        assert!(saved.files.contains_key("extra.sql"), "{saved:?}");
        killed();
        assert_eq!(catalog.contents("atelier").unwrap(), saved);
        fs::remove_dir_all(folder.path().join("atelier")).unwrap();
        let gone = catalog.contents("atelier").unwrap_err();
        assert_eq!(gone.code(), "blueprint_unknown", "it was removed by hand");
    }

    #[test]
    fn of_many_that_save_at_once_one_wins_and_nobody_sees_it_gone() {
        let (_folder, catalog) = with_own("atelier");
        for round in 0..20 {
            let read = catalog.contents("atelier").unwrap();
            let save = |saver: usize| {
                let mut files = read.files.clone();
                for path in ["one.sql", "two.sql"] {
                    files.insert(path.to_owned(), format!("-- {round} {saver}\n"));
                }
                catalog.save("atelier", &read.hash, files, NOW)
            };
            let save = &save;
            let saved: Vec<_> = std::thread::scope(|scope| {
                let savers: Vec<_> = (0..4)
                    .map(|saver| scope.spawn(move || save(saver)))
                    .collect();
                while !savers
                    .iter()
                    .all(std::thread::ScopedJoinHandle::is_finished)
                {
                    let names = catalog.names();
                    assert!(names.contains(&"atelier".to_owned()), "{names:?}");
                }
                savers
                    .into_iter()
                    .map(|saver| saver.join().unwrap())
                    .collect()
            });
            let (won, lost): (Vec<_>, Vec<_>) = saved.into_iter().partition(Result::is_ok);
            assert_eq!(won.len(), 1, "{won:?}");
            for lost in lost {
                assert_eq!(lost.unwrap_err().code(), "blueprint_changed");
            }
            let files = catalog.contents("atelier").unwrap().files;
            assert_eq!(files["one.sql"], files["two.sql"], "one saver's, whole");
        }
    }

    #[test]
    fn killed_while_it_was_put_in_its_place_it_is_there() {
        let (folder, catalog) = with_own("atelier");
        let read = catalog.contents("atelier").unwrap();
        fs::rename(
            folder.path().join("atelier"),
            folder.path().join(".atelier.aside"),
        )
        .unwrap();
        assert_eq!(catalog.contents("atelier").unwrap(), read);
        assert!(folder.path().join("atelier").is_dir());
    }

    /// What an agency keeps in a blueprint's folder beside its files.
    const BESIDE: [&str; 5] = [
        ".git/HEAD",
        ".git/refs/heads/main",
        ".gitignore",
        "email/.keep",
        "assets/.old/a.sql",
    ];

    fn put_beside(folder: &Path) {
        for path in BESIDE {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "mine").unwrap();
        }
        fs::create_dir(folder.join("empty")).unwrap();
    }

    #[track_caller]
    fn is_beside(folder: &Path, when: &str) {
        for path in BESIDE {
            let there = fs::read_to_string(folder.join(path));
            assert_eq!(there.ok().as_deref(), Some("mine"), "{path}, {when}");
        }
        assert!(folder.join("empty").is_dir(), "{when}");
    }

    /// The names in the workspace's folder, sorted.
    fn left(folder: &tempfile::TempDir) -> Vec<String> {
        let entries = fs::read_dir(folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_beside_the_files_is_there_after_a_save() {
        let (folder, catalog) = with_own("atelier");
        let own = folder.path().join("atelier");
        put_beside(&own);
        fs::create_dir(own.join("more")).unwrap();
        fs::write(own.join("more/a.sql"), "select 1;\n").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/nowhere", own.join(".link")).unwrap();
        let mut read = catalog.contents("atelier").unwrap();
        read.files.remove("more/a.sql");
        read.files.retain(|path, _| !path.starts_with("email/"));
        let saved = catalog
            .save("atelier", &read.hash, read.files, NOW)
            .unwrap();
        is_beside(&own, "saved");
        #[cfg(unix)]
        assert!(own.join(".link").is_symlink());
        assert!(!own.join("more").exists(), "its only file was taken out");
        assert_eq!(catalog.contents("atelier").unwrap(), saved);
        assert_eq!(left(&folder), [".atelier.versions", ".lock", "atelier"]);
    }

    #[test]
    fn killed_at_any_of_its_writings_a_save_loses_nothing_that_is_beside_the_files() {
        // So many were moved before the kill: what lies at the top moves as a whole.
        let moves = [".git", ".gitignore", "email/.keep", "assets/.old", "empty"];
        for killed_at in 0..=moves.len() {
            let when = format!("killed after {killed_at}");
            let (folder, catalog) = with_own("atelier");
            let at = |name: &str| folder.path().join(name);
            put_beside(&at("atelier"));
            let mut files = catalog.contents("atelier").unwrap().files;
            files.insert("extra.sql".to_owned(), "select 1;\n".to_owned());
            fs::rename(at("atelier"), at(".atelier.aside")).unwrap();
            write(&at("atelier"), &files).unwrap();
            for path in &moves[..killed_at] {
                let to = at("atelier").join(path);
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::rename(at(".atelier.aside").join(path), to).unwrap();
            }
            let read = catalog.contents("atelier").unwrap();
            assert_eq!(read.files, files, "{when}");
            is_beside(&at("atelier"), &when);
            assert_eq!(left(&folder), [".lock", "atelier"], "{when}");
        }
    }

    #[test]
    fn killed_while_the_old_files_were_removed_nothing_of_them_comes_back() {
        let (folder, catalog) = with_own("atelier");
        let own = folder.path().join("atelier");
        put_beside(&own);
        // What had the files that were taken out.
        fs::create_dir_all(folder.path().join(".atelier.gone/more")).unwrap();
        let mut read = catalog.contents("atelier").unwrap();
        read.files
            .insert("extra.sql".to_owned(), "select 1;\n".to_owned());
        catalog
            .save("atelier", &read.hash, read.files, NOW)
            .unwrap();
        is_beside(&own, "saved");
        assert!(!own.join("more").exists());
        assert_eq!(left(&folder), [".atelier.versions", ".lock", "atelier"]);
    }

    #[test]
    fn no_file_takes_the_place_of_a_folder_with_something_else_in_it() {
        let (folder, catalog) = with_own("atelier");
        let own = folder.path().join("atelier");
        put_beside(&own);
        let read = catalog.contents("atelier").unwrap();
        for path in ["assets", "Assets"] {
            let mut files = read.files.clone();
            files.insert(path.to_owned(), "select 1;\n".to_owned());
            let refused = catalog.save("atelier", &read.hash, files, NOW).unwrap_err();
            assert_eq!(refused.code(), "blueprint_invalid", "{path}");
        }
        is_beside(&own, "refused");
        assert_eq!(catalog.contents("atelier").unwrap(), read);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_taken_out_of_a_folder_that_is_linked_to() {
        let (folder, catalog) = with_own("atelier");
        let own = folder.path().join("atelier");
        let elsewhere = tempfile::tempdir().unwrap();
        let target = elsewhere.path().join("repository");
        fs::rename(&own, &target).unwrap();
        put_beside(&target);
        std::os::unix::fs::symlink(&target, &own).unwrap();
        let mut read = catalog.contents("atelier").unwrap();
        read.files
            .insert("extra.sql".to_owned(), "select 1;\n".to_owned());
        let saved = catalog
            .save("atelier", &read.hash, read.files, NOW)
            .unwrap();
        assert!(saved.files.contains_key("extra.sql"));
        is_beside(&target, "saved");
    }

    #[test]
    fn a_draft_is_no_blueprint() {
        let (_folder, catalog) = with_own("atelier");
        let mut files = catalog.contents("atelier").unwrap().files;
        files.insert("schema.sql".to_owned(), "nonsense".to_owned());
        let names = catalog.names();
        let folder = catalog.draft("atelier", &files).unwrap();
        assert_eq!(
            fs::read_to_string(folder.join("schema.sql")).unwrap(),
            "nonsense"
        );
        assert_eq!(catalog.names(), names);
        assert_ne!(catalog.contents("atelier").unwrap().files, files);
    }

    #[test]
    fn the_version_is_raised_where_it_stands() {
        for (text, raised) in [
            (
                "version = 3\n[x]\nversion = 1\n",
                "version = 4\n[x]\nversion = 1\n",
            ),
            (
                "# of mine\nversion=3 # third\n",
                "# of mine\nversion=4 # third\n",
            ),
            ("version = 7\n", "version = 7\n"),
            ("[title]\nversion = 3\n", "[title]\nversion = 3\n"),
            ("version = \"x\"\n", "version = \"x\"\n"),
        ] {
            let mut manifest = text.to_owned();
            raise(&mut manifest, 3);
            assert_eq!(manifest, raised);
        }
    }
}
