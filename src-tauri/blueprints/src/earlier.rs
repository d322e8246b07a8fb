//! The versions of a blueprint that others have taken the place of: kept beside it, so that one can go back to them.

use std::{fs, io};

use fabrik_domain::{Cause, Problem};
use jiff::Timestamp;

use crate::{
    Catalog, Contents,
    catalog::{VERSIONS, unusable, write},
    editing::version,
    folder::{self, Files},
    manifest::MANIFEST,
};

/// So many are kept of each blueprint; of more the oldest go.
const KEPT: usize = 50;

/// So much of a hash tells them apart. A path with all of it is too long for some systems.
const LETTERS: usize = 12;

/// What is being kept, or let go. No version is called so.
const HALF: &str = ".half";

/// A version that another has taken the place of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// As its manifest counts; 0 where that can't be read.
    pub version: u32,
    /// The beginning of its files' hash.
    pub hash: String,
    /// When another took its place.
    pub replaced_at: Timestamp,
}

impl Earlier {
    fn folder(&self) -> String {
        format!("{}-{}", self.version, self.hash)
    }
}

impl Catalog {
    /// The versions that others have taken the place of, the newest first.
    ///
    /// # Errors
    /// As [`contents`](Self::contents).
    pub fn earlier(&self, name: &str) -> Result<Vec<Earlier>, Problem> {
        let there = self.contents(name)?;
        let mut all = self
            .kept(name)
            .map_err(|error| unusable(&self.beside(name, VERSIONS), &error))?;
        // Somebody was killed between keeping it and putting another in its place.
        all.retain(|one| !there.hash.starts_with(&one.hash));
        Ok(all)
    }

    /// The files of one of them, by its hash.
    ///
    /// # Errors
    /// `blueprint_changed` where it is not there any more, or is not what it was.
    pub fn earlier_files(&self, name: &str, hash: &str) -> Result<Files, Problem> {
        let mut all = self.earlier(name)?.into_iter();
        let found = all.find(|one| one.hash == hash);
        let read = found.map(|one| {
            let folder = self.beside(name, VERSIONS).join(one.folder());
            folder::read(&folder).0
        });
        let whole = read.filter(|files| folder::hash(files).starts_with(hash));
        whole.ok_or_else(|| {
            Cause::BlueprintChanged {
                blueprint: name.to_owned(),
            }
            .into()
        })
    }

    /// Keeps what is there, in whose place others are about to be put. Needs the lock.
    pub(crate) fn keep(&self, name: &str, there: &Contents) -> io::Result<()> {
        let folder = self.beside(name, VERSIONS);
        let manifest = there.files.get(MANIFEST);
        let version = manifest.and_then(|text| version(text)).unwrap_or(0);
        let hash: String = there.hash.chars().take(LETTERS).collect();
        let own = folder.join(format!("{version}-{hash}"));
        if own.is_dir() {
            return Ok(());
        }
        // Killed at any instant, it is there whole or not at all.
        let half = folder.join(HALF);
        write(&half, &there.files)?;
        fs::rename(&half, own)?;
        for old in self.kept(name)?.into_iter().skip(KEPT) {
            fs::rename(folder.join(old.folder()), &half)?;
            fs::remove_dir_all(&half)?;
        }
        Ok(())
    }

    fn kept(&self, name: &str) -> io::Result<Vec<Earlier>> {
        let entries = match fs::read_dir(self.beside(name, VERSIONS)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut all = Vec::new();
        for entry in entries {
            let entry = entry?;
            let folder = entry.file_name().to_string_lossy().into_owned();
            let Some((version, hash)) = folder.split_once('-') else {
                continue;
            };
            let written = Timestamp::try_from(entry.metadata()?.modified()?);
            if let (Ok(version), Ok(replaced_at)) = (version.parse(), written) {
                all.push(Earlier {
                    version,
                    hash: hash.to_owned(),
                    replaced_at,
                });
            }
        }
        all.sort_by_key(|one| std::cmp::Reverse((one.replaced_at, one.version)));
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_own() -> (tempfile::TempDir, Catalog) {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::new(folder.path());
        catalog.create("atelier", "factory").unwrap();
        (folder, catalog)
    }

    /// Saves a file of this text, and returns what is there then.
    fn saved(catalog: &Catalog, text: &str) -> Contents {
        let mut read = catalog.contents("atelier").unwrap();
        let file = ("extra.sql".to_owned(), text.to_owned());
        read.files.extend([file]);
        catalog.save("atelier", &read.hash, read.files).unwrap()
    }

    #[test]
    fn one_goes_back_to_what_others_took_the_place_of_as_the_next_version() {
        let (_folder, catalog) = with_own();
        assert_eq!(catalog.earlier("atelier").unwrap(), []);
        let names = catalog.names();
        let first = catalog.contents("atelier").unwrap();
        let second = saved(&catalog, "select 2;\n");
        saved(&catalog, "select 3;\n");
        let earlier = catalog.earlier("atelier").unwrap();
        let [two, one] = &earlier[..] else {
            panic!("{earlier:?}")
        };
        assert!(second.hash.starts_with(&two.hash), "the newest first");
        assert_eq!(two.version, one.version + 1);
        assert_eq!(catalog.names(), names, "it is no blueprint");

        let files = catalog.earlier_files("atelier", &one.hash).unwrap();
        assert_eq!(files, first.files, "byte for byte");
        let there = catalog.contents("atelier").unwrap();
        let back = catalog.save("atelier", &there.hash, files).unwrap();
        assert!(!back.files.contains_key("extra.sql"));
        let now = version(&back.files[MANIFEST]);
        assert_eq!(now, Some(one.version + 3), "and none is lost");
        assert_eq!(catalog.earlier("atelier").unwrap().len(), 3);
    }

    #[test]
    fn what_is_not_there_or_not_what_it_was_is_told() {
        let (folder, catalog) = with_own();
        saved(&catalog, "select 1;\n");
        let code = |hash: &str| catalog.earlier_files("atelier", hash).unwrap_err().code();
        for hash in ["", "0", "../atelier", ".half"] {
            assert_eq!(code(hash), "blueprint_changed", "{hash:?}");
        }
        let [one] = &catalog.earlier("atelier").unwrap()[..] else {
            panic!("one was kept")
        };
        let kept = folder.path().join(".atelier.versions").join(one.folder());
        fs::write(kept.join("schema.sql"), "-- by hand\n").unwrap();
        assert_eq!(code(&one.hash), "blueprint_changed");
        let unknown = catalog.earlier("../atelier").unwrap_err();
        assert_eq!(unknown.code(), "blueprint_unknown");
        assert_eq!(catalog.earlier("factory").unwrap(), [], "a built-in one");
    }

    #[test]
    fn killed_while_it_was_kept_a_save_is_made_again() {
        let (folder, catalog) = with_own();
        let versions = folder.path().join(".atelier.versions");
        fs::create_dir_all(versions.join(HALF)).unwrap();
        fs::write(versions.join(HALF).join("half.sql"), "sel").unwrap();
        // Kept, and nothing put in its place.
        let there = catalog.contents("atelier").unwrap();
        catalog.keep("atelier", &there).unwrap();
        assert_eq!(catalog.earlier("atelier").unwrap(), [], "it is there now");
        saved(&catalog, "select 1;\n");
        let earlier = catalog.earlier("atelier").unwrap();
        assert_eq!(earlier.len(), 1);
        let files = catalog.earlier_files("atelier", &earlier[0].hash).unwrap();
        assert_eq!(files, there.files);
    }

    #[test]
    fn the_oldest_go() {
        let (_folder, catalog) = with_own();
        for number in 0..KEPT + 3 {
            saved(&catalog, &format!("select {number};\n"));
        }
        let earlier = catalog.earlier("atelier").unwrap();
        assert_eq!(earlier.len(), KEPT);
        let versions = earlier.iter().map(|one| one.version);
        assert!(versions.is_sorted_by(|one, next| one > next), "{earlier:?}");
    }
}
