//! A blueprint's folder as texts by relative path, and its hash.

use std::{collections::BTreeMap, fs, io, path::Path};

use sha2::{Digest, Sha256};

/// Files by path from the folder, with `/` on every system. Sorted, which makes the hash canonical.
pub(crate) type Files = BTreeMap<String, String>;

/// No file of a blueprint comes near it; what does was put there by mistake.
const MAX_FILE: u64 = 1024 * 1024;
const MAX_FILES: usize = 500;

/// Reads a folder with its subfolders. Names that begin with a dot are left out; a link is refused, as
/// it may lead out of the folder. An error names the file.
pub(crate) fn read(folder: &Path) -> Result<Files, String> {
    let mut files = Files::new();
    walk(folder, "", &mut files)?;
    Ok(files)
}

fn walk(folder: &Path, prefix: &str, files: &mut Files) -> Result<(), String> {
    let here = if prefix.is_empty() {
        "the folder"
    } else {
        prefix
    };
    let unreadable = |error: io::Error| format!("{here}: {error}");
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        let name = name
            .to_str()
            .ok_or_else(|| format!("{here}: a file name is not UTF-8"))?;
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{prefix}{name}");
        let metadata = entry
            .metadata()
            .map_err(|error| format!("{path}: {error}"))?;
        if metadata.is_dir() {
            walk(&entry.path(), &format!("{path}/"), files)?;
        } else if !metadata.is_file() {
            return Err(format!("{path}: is a link, not a file"));
        } else if metadata.len() > MAX_FILE || files.len() >= MAX_FILES {
            return Err(format!(
                "{path}: over {MAX_FILE} bytes, or over {MAX_FILES} files"
            ));
        } else {
            let text =
                fs::read_to_string(entry.path()).map_err(|error| format!("{path}: {error}"))?;
            files.insert(path, text);
        }
    }
    Ok(())
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
    sha.finalize()
        .iter()
        .fold(String::with_capacity(64), |hex, byte| {
            hex + &format!("{byte:02x}")
        })
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
        assert_eq!(
            read(folder.path()).unwrap(),
            files(&[("b.sql", ""), ("email/a.txt", "å")])
        );
    }

    #[test]
    fn what_is_no_text_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x.bin"), [0xff, 0xfe]).unwrap();
        assert!(read(folder.path()).unwrap_err().starts_with("x.bin: "));
        assert!(
            read(&folder.path().join("none"))
                .unwrap_err()
                .starts_with("the folder: ")
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("schema.sql")).unwrap();
        assert!(
            read(folder.path())
                .unwrap_err()
                .starts_with("schema.sql: is a link")
        );
    }
}
