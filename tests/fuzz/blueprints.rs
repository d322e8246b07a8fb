//! Whatever is in a file of a blueprint. The first line says in which file, the rest is what is in it.

#![no_main]
#![allow(
    clippy::unwrap_used,
    reason = "a fuzz target may stop at the first surprise"
)]

mod inputs;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use fabrik_blueprints::{inspect_folder, load_folder};
use fabrik_tests::spoiled::first_line;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

use self::inputs::{begin_with, rest_changed};

/// What is in each file, by its path within the folder.
type Files = BTreeMap<String, Vec<u8>>;

/// A copy of the client stack, which has files of every kind.
struct Folder {
    path: PathBuf,
    files: Files,
}

/// What is in a folder; `within` is what the names in it begin with.
fn read(folder: &Path, within: &str, files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{within}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read(entry.path()).unwrap());
        }
    }
}

fn folder() -> &'static Folder {
    static FOLDER: OnceLock<Folder> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let path = tempfile::tempdir().unwrap().keep().join("client-stack");
        let from =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src-tauri/blueprints/client-stack");
        let mut files = Files::new();
        read(&from, "", &mut files);
        for (name, content) in &files {
            let copy = path.join(name);
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::write(copy, content).unwrap();
        }
        Folder { path, files }
    })
}

/// Each file as it is.
fn first() -> impl Iterator<Item = Vec<u8>> {
    let files = folder().files.iter();
    files.map(|(name, content)| [name.as_bytes(), &b"\n"[..], content.as_slice()].concat())
}

fuzz_target!(init: begin_with(first()), |data: &[u8]| {
    let (name, content) = first_line(data);
    let Folder { path, files } = folder();
    if let Some(good) = files.get(name) {
        let file = path.join(name);
        fs::write(&file, content).unwrap();
        drop(inspect_folder(path));
        drop(load_folder(path));
        fs::write(file, good).unwrap();
    }
});

fuzz_mutator!(
    |data: &mut [u8], size: usize, max_size: usize, _seed: u32| {
        rest_changed(data, size, max_size)
    }
);
