//! Whatever is in a file of a blueprint. The first byte says in which file, the rest is what is in it.

#![no_main]
#![allow(
    clippy::unwrap_used,
    reason = "a fuzz target may stop at the first surprise"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use fabrik_blueprints::{inspect_folder, load_folder};
use libfuzzer_sys::fuzz_target;

/// A copy of the client stack, which has files of every kind.
struct Folder {
    path: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
}

fn copied(from: &Path, to: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copied(&entry.path(), &target, files);
        } else {
            let content = fs::read(entry.path()).unwrap();
            fs::write(&target, &content).unwrap();
            files.push((target, content));
        }
    }
}

fn folder() -> &'static Folder {
    static FOLDER: OnceLock<Folder> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let path = tempfile::tempdir().unwrap().keep().join("client-stack");
        let from =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src-tauri/blueprints/client-stack");
        let mut files = Vec::new();
        copied(&from, &path, &mut files);
        files.sort();
        Folder { path, files }
    })
}

fuzz_target!(|data: &[u8]| {
    let [file, content @ ..] = data else {
        return;
    };
    let Folder { path, files } = folder();
    let (file, good) = &files[usize::from(*file) % files.len()];
    fs::write(file, content).unwrap();
    drop(inspect_folder(path));
    drop(load_folder(path));
    fs::write(file, good).unwrap();
});
