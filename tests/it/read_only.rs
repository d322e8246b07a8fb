//! A data directory that can be read and not written: what is known is shown, every write is refused with why, and
//! nothing of it is lost or left behind.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::world::{AS_ANYBODY, Ran, TestApp, program::program};

const ADD: [&str; 15] = [
    "customers",
    "add",
    "Bergström",
    "--subdomain",
    "bergstrom",
    "--email",
    "bo@bergstrom.example",
    "--blueprint",
    "factory",
    "--plan",
    "starter",
    "--contact-name",
    "Bo",
    "--language",
    "sv",
];

/// Files and folders without the right to be written, which they have again when this is dropped.
pub(crate) struct Shut(Vec<(PathBuf, fs::Permissions)>);

impl Shut {
    /// These alone.
    pub(crate) fn these(paths: &[PathBuf]) -> Self {
        let shut = |path: &PathBuf| {
            let before = fs::metadata(path).expect("it is there").permissions();
            let after = fs::Permissions::from_mode(before.mode() & !0o222);
            fs::set_permissions(path, after).expect("it is ours");
            (path.clone(), before)
        };
        Self(paths.iter().map(shut).collect())
    }

    /// A folder and all that is in it.
    pub(crate) fn whole(folder: &Path) -> Self {
        let mut paths = vec![folder.to_owned()];
        let mut looked = 0;
        while let Some(path) = paths.get(looked).cloned() {
            looked += 1;
            if path.is_dir() {
                let entries = fs::read_dir(&path).expect("a folder");
                paths.extend(entries.map(|entry| entry.expect("an entry").path()));
            }
        }
        Self::these(&paths)
    }
}

impl Drop for Shut {
    fn drop(&mut self) {
        for (path, before) in &self.0 {
            // One that is gone needs none.
            let _ = fs::set_permissions(path, before.clone());
        }
    }
}

async fn run(app: &TestApp, arguments: &[&str]) -> Ran {
    let program = program().display().to_string();
    let call = [&["-c", AS_ANYBODY, &program], arguments].concat();
    TestApp::ended(app.spawn_as("bash".as_ref(), &call)).await
}

async fn customers(app: &TestApp) -> Vec<String> {
    let list = run(app, &["customers", "list", "--json"]).await;
    let list = list.exits(0).json();
    let rows = list["customers"].as_array().expect("a list").iter();
    rows.map(|row| row["subdomain"].as_str().expect("a subdomain").to_owned())
        .collect()
}

/// What lies in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_written_is_shown_and_taken_up_again() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    let folder = app.data().join("agency");
    for what in ["the file", "its folder", "all there is"] {
        let before = names(&folder);
        let shut = match what {
            "the file" => Shut::these(&[folder.join("central.db")]),
            "its folder" => Shut::these(std::slice::from_ref(&folder)),
            _ => Shut::whole(app.data()),
        };
        assert_eq!(customers(&app).await, ["akermark"], "{what}: it is shown");
        let refused = run(&app, &[ADD.as_slice(), ["--json"].as_slice()].concat()).await;
        assert_ne!(refused.status, 0, "{what}: {refused:#?}");
        let said = refused.stdout.contains("\"database_read_only\"");
        assert!(said, "{what}: it is said: {refused:#?}");
        assert_eq!(names(&folder), before, "{what}: nothing is left behind");
        drop(shut);
        assert_eq!(customers(&app).await, ["akermark"], "{what}: as it was");
    }
    run(&app, &ADD).await.exits(0);
    let mut there = customers(&app).await;
    there.sort_unstable();
    assert_eq!(there, ["akermark", "bergstrom"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_not_be_read_is_not_told_to_be_unwritable_alone() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    let file = app.data().join("agency/central.db");
    let rights = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    rights(0o000);
    let list = run(&app, &["customers", "list", "--json"]).await;
    assert_ne!(list.status, 0, "{list:#?}");
    assert_eq!(list.json()["code"], "database_unreadable", "{list:#?}");
    rights(0o600);
    assert_eq!(customers(&app).await, ["akermark"], "as it was");
}
