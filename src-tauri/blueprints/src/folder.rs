//! A blueprint's folder as texts by relative path, its hash, and what else lies in it.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use fabrik_domain::finding::{Finding, Flaw};
use sha2::{Digest, Sha256};

/// Files by path from the folder, with `/` on every system. Sorted, which makes the hash canonical.
pub type Files = BTreeMap<String, String>;

/// No file of a blueprint comes near it; what does was put there by mistake.
pub(crate) const MAX_FILE: u64 = 1024 * 1024;
pub(crate) const MAX_FILES: usize = 500;

/// Reads a folder with its subfolders, and tells what can't be read. Names that begin with a dot are left
/// out; a link is refused, as it may lead out of the folder.
pub(crate) fn read(folder: &Path) -> (Files, Vec<Finding>) {
    let mut read = Read::default();
    read.walk(folder, "");
    (read.files, read.findings)
}

#[derive(Default)]
struct Read {
    files: Files,
    findings: Vec<Finding>,
}

impl Read {
    fn flaw(&mut self, path: &str, why: &impl ToString) {
        let path = if path.is_empty() { "." } else { path };
        let why = why.to_string();
        self.findings
            .push(Finding::new(path, Flaw::FileUnreadable { why }));
    }

    fn walk(&mut self, folder: &Path, prefix: &str) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.flaw(prefix, &error),
        };
        for entry in entries {
            match entry {
                Ok(entry) => self.entry(&entry, prefix),
                Err(error) => self.flaw(prefix, &error),
            }
        }
    }

    fn entry(&mut self, entry: &fs::DirEntry, prefix: &str) {
        let name = entry.file_name();
        let path = format!("{prefix}{}", name.to_string_lossy());
        if name.to_str().is_none() {
            return self.flaw(&path, &"its name is not UTF-8");
        }
        if name.to_string_lossy().starts_with('.') {
            return;
        }
        // Of the entry itself: a link is not followed.
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(error) => return self.flaw(&path, &error),
        };
        if metadata.is_dir() {
            self.walk(&entry.path(), &format!("{path}/"));
        } else if !metadata.is_file() {
            self.flaw(&path, &"is a link, not a file");
        } else if metadata.len() > MAX_FILE || self.files.len() >= MAX_FILES {
            let why = format!("over {MAX_FILE} bytes, or over {MAX_FILES} files");
            self.flaw(&path, &why);
        } else {
            match fs::read_to_string(entry.path()) {
                Ok(text) => drop(self.files.insert(path, text)),
                Err(error) => self.flaw(&path, &error),
            }
        }
    }
}

/// SHA-256 in hex of all files in the order of their paths. Lengths go before texts, so that no two
/// different folders give the same bytes.
pub(crate) fn hash(files: &Files) -> String {
    let mut sha = Sha256::new();
    for (path, text) in files {
        for part in [path, text] {
            sha.update((part.len() as u64).to_be_bytes());
            sha.update(part.as_bytes());
        }
    }
    hex::encode(sha.finalize())
}

/// What [`read`] has nothing of, by its path from the folder: what begins with a dot, a repository's `.git` for one,
/// what can't be read, and folders with nothing in them.
pub(crate) fn left_out(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let (files, _) = read(folder);
    let mut left = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        let mut empty = true;
        for entry in fs::read_dir(folder.join(&inner))? {
            let entry = entry?;
            empty = false;
            let path = inner.join(entry.file_name());
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if entry.file_type()?.is_dir() && !hidden {
                folders.push(path);
            } else if !files.contains_key(&slashed(&path)) {
                left.push(path);
            }
        }
        if empty && !inner.as_os_str().is_empty() {
            left.push(inner);
        }
    }
    Ok(left)
}

/// A path from the folder as [`Files`] have it.
pub(crate) fn slashed(path: &Path) -> String {
    let parts = path.iter().map(std::ffi::OsStr::to_string_lossy);
    parts.collect::<Vec<_>>().join("/")
}

/// Moves what [`read`] has nothing of from one folder to another, and goes on where it was killed. What is in its place
/// by then stays, and it goes beside that.
pub(crate) fn carry_over(from: &Path, to: &Path) -> io::Result<()> {
    for path in left_out(from)? {
        let (old, new) = (from.join(&path), to.join(&path));
        let taken = new.symlink_metadata().is_ok();
        // Of an empty folder there is nothing but its place.
        if taken && fs::remove_dir(&old).is_ok() {
            continue;
        }
        if let Some(parent) = new.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::rename(&old, if taken { beside(&new) } else { new })?;
    }
    Ok(())
}

/// A path beside this one that is nobody's. It begins with a dot: it is no file of the blueprint's.
fn beside(taken: &Path) -> PathBuf {
    let name = taken.file_name().unwrap_or_default().to_string_lossy();
    let name = name.trim_start_matches('.');
    let mut number = 1;
    loop {
        let path = taken.with_file_name(format!(".{name}.{number}"));
        if path.symlink_metadata().is_err() {
            return path;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(pairs: &[(&str, &str)]) -> Files {
        pairs
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn the_hash_depends_on_content_alone() {
        let one = hash(&files(&[("a.sql", "select 1"), ("b/c.txt", "hej")]));
        assert_eq!(
            one,
            hash(&files(&[("b/c.txt", "hej"), ("a.sql", "select 1")]))
        );
        assert_eq!(one.len(), 64);
        for other in [
            files(&[("a.sql", "select 2"), ("b/c.txt", "hej")]),
            files(&[("a.sql", "select 1"), ("b/d.txt", "hej")]),
            files(&[("a.sq", "lselect 1"), ("b/c.txt", "hej")]),
            files(&[("a.sql", "select 1")]),
        ] {
            assert_ne!(one, hash(&other), "{other:?}");
        }
        // Fixed for good: runs compare it with what they began with.
        assert_eq!(
            hash(&files(&[("a", "b")])),
            "3c9d591045bc8876f9d0399bbfb05c6a412096e906f73278f98406cd5dca86df"
        );
    }

    #[test]
    fn a_folder_is_read_with_its_subfolders() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("email")).unwrap();
        fs::write(folder.path().join("email/a.txt"), "å").unwrap();
        fs::write(folder.path().join(".DS_Store"), [0xff]).unwrap();
        fs::write(folder.path().join("b.sql"), "").unwrap();
        let (found, unreadable) = read(folder.path());
        assert_eq!(found, files(&[("b.sql", ""), ("email/a.txt", "å")]));
        assert_eq!(unreadable, []);
    }

    #[test]
    fn what_is_not_read_is_told_and_carried_over() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        for inner in [".git/refs", "email", "assets/empty"] {
            fs::create_dir_all(from.join(inner)).unwrap();
        }
        for path in ["a.sql", ".git/HEAD", "email/.keep", "email/a.txt"] {
            fs::write(from.join(path), "").unwrap();
        }
        fs::write(from.join("x.bin"), [0xff]).unwrap();
        let told = || {
            let left = left_out(&from).unwrap();
            let mut left: Vec<_> = left.iter().map(|path| slashed(path)).collect();
            left.sort();
            left
        };
        assert_eq!(told(), [".git", "assets/empty", "email/.keep", "x.bin"]);
        // Somebody has put one there since.
        fs::create_dir_all(to.join(".git")).unwrap();
        for round in 0..2 {
            carry_over(&from, &to).unwrap();
            let there = |path: &str| to.join(path).exists();
            for path in ["assets/empty", "email/.keep", "x.bin", ".git.1/HEAD"] {
                assert!(there(path), "{path}, {round}");
            }
            assert!(there(".git") && !there(".git/HEAD"), "it is as it was");
            assert!(!there("a.sql") && !there("email/a.txt"), "they are read");
        }
    }

    /// The files that can't be read, by name.
    fn unreadable(folder: &Path) -> Vec<String> {
        let (_, findings) = read(folder);
        findings.into_iter().map(|finding| finding.file).collect()
    }

    #[test]
    fn what_is_no_text_is_told_by_name_and_hides_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x.bin"), [0xff, 0xfe]).unwrap();
        fs::write(folder.path().join("a.sql"), "").unwrap();
        assert_eq!(unreadable(folder.path()), ["x.bin"]);
        assert_eq!(read(folder.path()).0, files(&[("a.sql", "")]));
        assert_eq!(unreadable(&folder.path().join("none")), ["."]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("schema.sql")).unwrap();
        assert_eq!(unreadable(folder.path()), ["schema.sql"]);
    }
}
