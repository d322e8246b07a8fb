//! A blueprint's files, read to be changed, and put in the place of those that were read.

use std::{fs, path::PathBuf};

use fabrik_domain::{Cause, Problem};

use crate::{
    Catalog,
    catalog::write,
    folder::{self, Files, MAX_FILE, MAX_FILES},
    manifest::MANIFEST,
};

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
    /// version is not a later one, they get the next. Returns what is there then.
    ///
    /// # Errors
    /// `blueprint_changed` where something else is there by now; `blueprint_invalid` for a path that leads elsewhere,
    /// and for more than a blueprint may hold.
    pub fn save(&self, name: &str, hash: &str, mut files: Files) -> Result<Contents, Problem> {
        let there = self.contents(name)?;
        let (true, true, Some(folder)) = (there.own, there.hash == hash, self.own(name)) else {
            return Err(Cause::BlueprintChanged {
                blueprint: name.to_owned(),
            }
            .into());
        };
        check(name, &files)?;
        if files != there.files {
            let before = there.files.get(MANIFEST).and_then(|text| version(text));
            if let (Some(manifest), Some(before)) = (files.get_mut(MANIFEST), before) {
                raise(manifest, before);
            }
            let new = self.beside(name, "new");
            let aside = self.beside(name, "aside");
            // Between the two, a reader finds it aside.
            write(&new, &files)
                .and_then(|()| fs::rename(&folder, &aside))
                .and_then(|()| fs::rename(&new, &folder))
                .and_then(|()| fs::remove_dir_all(&aside))
                .map_err(|error| {
                    let path = folder.display().to_string();
                    Problem::from(Cause::DataDirectoryUnusable { path }).detail(error.to_string())
                })?;
        }
        self.contents(name)
    }

    /// Writes files that are not saved yet where they can be looked at, and returns the folder, which is nobody's
    /// blueprint. The next draft of this name takes its place.
    ///
    /// # Errors
    /// As [`save`](Self::save).
    pub fn draft(&self, name: &str, files: &Files) -> Result<PathBuf, Problem> {
        self.contents(name)?;
        check(name, files)?;
        let folder = self.beside(name, "draft");
        write(&folder, files).map_err(|error| {
            let path = folder.display().to_string();
            Problem::from(Cause::DataDirectoryUnusable { path }).detail(error.to_string())
        })?;
        Ok(folder)
    }
}

/// Paths that stay in the folder and are read again, and no more than is read.
fn check(blueprint: &str, files: &Files) -> Result<(), Problem> {
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || "-_. ".contains(c))
    };
    let wrong = files
        .iter()
        .find(|(path, text)| !path.split('/').all(plain) || text.len() as u64 > MAX_FILE);
    let why = match wrong {
        Some((path, _)) => format!("{path}: no path in the folder, or over {MAX_FILE} bytes"),
        None if files.len() > MAX_FILES => format!("over {MAX_FILES} files"),
        None => return Ok(()),
    };
    Err(Cause::BlueprintInvalid {
        blueprint: blueprint.to_owned(),
        why,
    }
    .into())
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

fn version(manifest: &str) -> Option<u32> {
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
        let same = catalog.save("atelier", &read.hash, read.files.clone());
        assert_eq!(same.unwrap(), read, "nothing was changed: nothing is new");
        let before = catalog.get("atelier").unwrap().version;

        read.files
            .insert("extra.sql".to_owned(), "select 1;\n".to_owned());
        read.files.remove("email/welcome.sv.txt");
        let saved = catalog.save("atelier", &read.hash, read.files).unwrap();
        assert_ne!(saved.hash, read.hash);
        assert_eq!(saved.files["extra.sql"], "select 1;\n");
        assert!(
            !saved.files.contains_key("email/welcome.sv.txt"),
            "it is gone"
        );
        assert_eq!(version(&saved.files[MANIFEST]), Some(before + 1));
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing half made is left: {left:?}");
    }

    #[test]
    fn what_somebody_else_saved_is_not_overwritten() {
        let (folder, catalog) = with_own("atelier");
        let read = catalog.contents("atelier").unwrap();
        fs::write(folder.path().join("atelier/schema.sql"), "-- by hand\n").unwrap();
        let mut files = read.files.clone();
        files.insert("extra.sql".to_owned(), String::new());
        let refused = catalog.save("atelier", &read.hash, files.clone());
        assert_eq!(refused.unwrap_err().code(), "blueprint_changed");
        let built_in = catalog.contents("factory").unwrap();
        assert!(!built_in.own);
        let refused = catalog.save("factory", &built_in.hash, files);
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
        ] {
            let mut files = read.files.clone();
            files.insert(path.to_owned(), String::new());
            let saved = catalog.save("atelier", &read.hash, files.clone());
            assert_eq!(saved.unwrap_err().code(), "blueprint_invalid", "{path:?}");
            let draft = catalog.draft("atelier", &files);
            assert_eq!(draft.unwrap_err().code(), "blueprint_invalid", "{path:?}");
        }
        assert_eq!(catalog.contents("atelier").unwrap(), read);
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
