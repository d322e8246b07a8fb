//! The versions of a blueprint that others have taken the place of: kept beside it, so that one can go back to them.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

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
    /// When another took its place, the last time.
    pub replaced_at: Timestamp,
    /// Where its files are.
    folder: PathBuf,
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
    /// `blueprint_version_gone` where it is not there any more, or is not what it was.
    pub fn earlier_files(&self, name: &str, hash: &str) -> Result<Files, Problem> {
        let mut all = self.earlier(name)?.into_iter();
        let found = all.find(|one| one.hash == hash);
        let read = found.map(|one| folder::read(&one.folder).0);
        let whole = read.filter(|files| folder::hash(files).starts_with(hash));
        whole.ok_or_else(|| {
            Cause::BlueprintVersionGone {
                blueprint: name.to_owned(),
            }
            .into()
        })
    }

    /// Keeps what is there, in whose place others are about to be put. Needs the lock.
    pub(crate) fn keep(&self, name: &str, there: &Contents, now: Timestamp) -> io::Result<()> {
        let folder = self.beside(name, VERSIONS);
        let manifest = there.files.get(MANIFEST);
        let version = manifest.and_then(|text| version(text)).unwrap_or(0);
        let hash: String = there.hash.chars().take(LETTERS).collect();
        // A folder's own time is another's to say: a copy of it has that of the copying.
        let own = folder.join(format!("{version}-{hash}-{}", now.as_millisecond()));
        let half = folder.join(HALF);
        let mut kept = self.kept(name)?.into_iter();
        if let Some(before) = kept.find(|one| one.hash == hash) {
            // It was gone back to. What somebody has altered since is kept anew.
            if folder::hash(&folder::read(&before.folder).0) == there.hash {
                return fs::rename(before.folder, own);
            }
            let_go(&before.folder, &half)?;
        }
        // Killed at any instant, it is there whole or not at all.
        write(&half, &there.files)?;
        fs::rename(&half, own)?;
        for old in self.kept(name)?.into_iter().skip(KEPT) {
            let_go(&old.folder, &half)?;
        }
        Ok(())
    }

    /// The newest first. Whoever has the lock may let one of them go meanwhile.
    fn kept(&self, name: &str) -> io::Result<Vec<Earlier>> {
        let entries = found(fs::read_dir(self.beside(name, VERSIONS)))?;
        let mut all = Vec::new();
        for entry in entries.into_iter().flatten() {
            let Some(entry) = found(entry)? else {
                continue;
            };
            let called = entry.file_name().to_string_lossy().into_owned();
            let mut parts = called.splitn(3, '-');
            let (Some(version), Some(hash)) = (parts.next(), parts.next()) else {
                continue;
            };
            let replaced_at = match parts.next() {
                Some(at) => at.parse().ok().and_then(at_millisecond),
                // As they were kept at first.
                None => found(entry.metadata().and_then(|data| data.modified()))?
                    .and_then(|at| Timestamp::try_from(at).ok()),
            };
            if let (Ok(version), Some(replaced_at)) = (version.parse(), replaced_at) {
                all.push(Earlier {
                    version,
                    hash: hash.to_owned(),
                    replaced_at,
                    folder: entry.path(),
                });
            }
        }
        all.sort_by_key(|one| std::cmp::Reverse((one.replaced_at, one.version)));
        Ok(all)
    }
}

fn at_millisecond(at: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(at).ok()
}

/// `None` for what is not there.
fn found<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

/// Removes a kept version, which is there whole or not at all.
fn let_go(kept: &Path, half: &Path) -> io::Result<()> {
    found(fs::remove_dir_all(half))?;
    fs::rename(kept, half)?;
    fs::remove_dir_all(half)
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

    /// So many seconds after the first.
    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    /// Saves a file of this text at that second, and returns what is there then.
    fn saved(catalog: &Catalog, text: &str, second: i64) -> Contents {
        let mut read = catalog.contents("atelier").unwrap();
        let file = ("extra.sql".to_owned(), text.to_owned());
        read.files.extend([file]);
        let saved = catalog.save("atelier", &read.hash, read.files, at(second));
        saved.unwrap()
    }

    #[test]
    fn one_goes_back_to_what_others_took_the_place_of_as_the_next_version() {
        let (_folder, catalog) = with_own();
        assert_eq!(catalog.earlier("atelier").unwrap(), []);
        let names = catalog.names();
        let first = catalog.contents("atelier").unwrap();
        let second = saved(&catalog, "select 2;\n", 2);
        saved(&catalog, "select 3;\n", 3);
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
        let back = catalog.save("atelier", &there.hash, files, at(4)).unwrap();
        assert!(!back.files.contains_key("extra.sql"));
        let now = version(&back.files[MANIFEST]);
        assert_eq!(now, Some(one.version + 3), "and none is lost");
        assert_eq!(catalog.earlier("atelier").unwrap().len(), 3);
    }

    #[test]
    fn what_is_not_there_or_not_what_it_was_is_told() {
        let (_folder, catalog) = with_own();
        saved(&catalog, "select 1;\n", 1);
        let code = |hash: &str| catalog.earlier_files("atelier", hash).unwrap_err().code();
        for hash in ["", "0", "../atelier", ".half"] {
            assert_eq!(code(hash), "blueprint_version_gone", "{hash:?}");
        }
        let [one] = &catalog.earlier("atelier").unwrap()[..] else {
            panic!("one was kept")
        };
        fs::write(one.folder.join("schema.sql"), "-- by hand\n").unwrap();
        assert_eq!(code(&one.hash), "blueprint_version_gone");
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
        catalog.keep("atelier", &there, at(0)).unwrap();
        assert_eq!(catalog.earlier("atelier").unwrap(), [], "it is there now");
        saved(&catalog, "select 1;\n", 1);
        let earlier = catalog.earlier("atelier").unwrap();
        assert_eq!(earlier.len(), 1);
        let files = catalog.earlier_files("atelier", &earlier[0].hash).unwrap();
        assert_eq!(files, there.files);
    }

    #[test]
    fn the_oldest_go() {
        let (_folder, catalog) = with_own();
        for number in (0..).take(KEPT + 3) {
            saved(&catalog, &format!("select {number};\n"), number);
        }
        let earlier = catalog.earlier("atelier").unwrap();
        assert_eq!(earlier.len(), KEPT);
        let versions = earlier.iter().map(|one| one.version);
        assert!(versions.is_sorted_by(|one, next| one > next), "{earlier:?}");
    }

    #[test]
    fn when_one_was_replaced_is_the_clocks_to_say_and_is_said_anew_when_it_comes_back() {
        let (_folder, catalog) = with_own();
        let first = catalog.contents("atelier").unwrap();
        let second = saved(&catalog, "select 2;\n", 10);
        let earlier = catalog.earlier("atelier").unwrap();
        assert_eq!(earlier[0].replaced_at, at(10), "not when it was written");
        // To the letter, without a version of its own: by hand, as a repository does.
        let restore = |files: &Files| {
            let folder = catalog.own("atelier").unwrap();
            write(&folder, files).unwrap();
        };
        restore(&first.files);
        saved(&catalog, "select 3;\n", 20);
        restore(&second.files);
        saved(&catalog, "select 4;\n", 30);
        restore(&first.files);
        saved(&catalog, "select 5;\n", 40);
        let earlier = catalog.earlier("atelier").unwrap();
        let told = earlier
            .iter()
            .map(|one| (one.version, one.replaced_at.as_second() - at(0).as_second()));
        let version = version(&first.files[MANIFEST]).unwrap();
        let expected = [(version, 40), (version + 1, 30)];
        assert_eq!(told.collect::<Vec<_>>(), expected, "each once");
    }

    #[test]
    fn one_that_was_altered_is_kept_anew_when_it_is_replaced_again() {
        let (_folder, catalog) = with_own();
        let first = catalog.contents("atelier").unwrap();
        for (second, spoil) in [(1, true), (1, true), (2, false)] {
            catalog.keep("atelier", &first, at(second)).unwrap();
            let [one] = &catalog.kept("atelier").unwrap()[..] else {
                panic!("it is kept once")
            };
            assert_eq!(folder::read(&one.folder).0, first.files, "{second}");
            assert_eq!(one.replaced_at, at(second));
            if spoil {
                fs::write(one.folder.join("schema.sql"), "").unwrap();
            }
        }
    }

    #[test]
    fn one_that_was_kept_without_a_time_is_there_and_gets_one() {
        let (folder, catalog) = with_own();
        let first = catalog.contents("atelier").unwrap();
        catalog.keep("atelier", &first, at(1)).unwrap();
        let [one] = &catalog.kept("atelier").unwrap()[..] else {
            panic!("it is kept once")
        };
        let versions = folder.path().join(".atelier.versions");
        let old = versions.join(format!("{}-{}", one.version, one.hash));
        fs::rename(&one.folder, &old).unwrap();
        assert_eq!(catalog.kept("atelier").unwrap()[0].folder, old);
        catalog.keep("atelier", &first, at(2)).unwrap();
        let [one] = &catalog.kept("atelier").unwrap()[..] else {
            panic!("it is kept once")
        };
        assert_eq!(one.replaced_at, at(2));
    }

    #[test]
    fn one_that_goes_while_they_are_listed_is_left_out() {
        let gone = || io::Error::from(io::ErrorKind::NotFound);
        assert_eq!(found::<u8>(Err(gone())).unwrap(), None);
        assert_eq!(found(Ok(1)).unwrap(), Some(1));
        let other = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(found::<u8>(Err(other)).is_err());
    }

    #[test]
    fn a_blueprint_made_anew_has_none_of_a_deleted_ones() {
        let (folder, catalog) = with_own();
        saved(&catalog, "select 1;\n", 1);
        let kept = catalog.earlier("atelier").unwrap();
        let refused = catalog.create("atelier", "agency").unwrap_err();
        assert_eq!(refused.code(), "blueprint_exists");
        assert_eq!(catalog.earlier("atelier").unwrap(), kept, "it is there");
        fs::remove_dir_all(folder.path().join("atelier")).unwrap();
        catalog.create("atelier", "agency").unwrap();
        assert_eq!(catalog.earlier("atelier").unwrap(), []);
    }
}
