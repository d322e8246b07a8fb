//! Where things lie on this machine.

use std::{
    fs,
    path::{Path, PathBuf},
};

use fabrik_domain::{Cause, Problem};

/// The data directory.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

/// The name of the workspace in which nothing is made for real.
pub const SANDBOX: &str = "sandbox";

/// What lies beside the workspaces' folders: the logs, and the file that names the workspace used last.
const OWN_NAMES: [&str; 2] = ["logs", LAST];
const LAST: &str = "workspace";

impl DataDir {
    /// Takes a directory and makes it where there is none, for this user alone.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        let dir = Self(path.to_owned());
        make_private(path).map_err(|error| dir.unusable(&error))?;
        Ok(dir)
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A workspace's folder. That of the sandbox workspace holds the cloud's state too.
    pub fn workspace(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A workspace's central database.
    pub fn database(&self, workspace: &str) -> PathBuf {
        self.workspace(workspace).join("central.db")
    }

    /// What says where a workspace's central database is, where it is on a server.
    pub fn central(&self, workspace: &str) -> PathBuf {
        self.workspace(workspace).join("database.json")
    }

    /// The copies of a workspace's central database.
    pub(crate) fn copies(&self, workspace: &str) -> PathBuf {
        self.workspace(workspace).join("copies")
    }

    /// A workspace's own blueprints.
    pub fn blueprints(&self, workspace: &str) -> PathBuf {
        self.workspace(workspace).join("blueprints")
    }

    /// Where the processes that have a workspace open are known to each other.
    pub(crate) fn processes(&self, workspace: &str) -> PathBuf {
        self.workspace(workspace).join("processes")
    }

    /// Logs, of all workspaces.
    pub fn logs(&self) -> PathBuf {
        self.0.join("logs")
    }

    /// The state of the cloud on this machine.
    pub fn sandbox_state(&self) -> PathBuf {
        self.workspace(SANDBOX)
    }

    /// The names of the workspaces there are, the sandbox first: it is there whether it was opened or not.
    pub fn workspaces(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name != SANDBOX && check_workspace(name).is_ok())
            .collect();
        names.sort_unstable();
        names.insert(0, SANDBOX.to_owned());
        names
    }

    /// The workspace used last; the sandbox at first.
    pub fn last_workspace(&self) -> String {
        fs::read_to_string(self.0.join(LAST))
            .ok()
            .map(|name| name.trim().to_owned())
            .filter(|name| check_workspace(name).is_ok())
            .unwrap_or_else(|| SANDBOX.to_owned())
    }

    /// Notes the workspace for the next start.
    pub fn remember_workspace(&self, name: &str) -> Result<(), Problem> {
        if self.last_workspace() == name && self.0.join(LAST).exists() {
            return Ok(());
        }
        fs::write(self.0.join(LAST), format!("{name}\n")).map_err(|error| self.unusable(&error))
    }

    /// Whether files can be written here.
    pub fn check(&self) -> Result<(), Problem> {
        let probe = self.0.join(format!(".probe-{}", std::process::id()));
        fs::write(&probe, b"")
            .and_then(|()| fs::remove_file(&probe))
            .map_err(|error| self.unusable(&error))
    }

    pub(crate) fn unusable(&self, error: &std::io::Error) -> Problem {
        Problem::from(Cause::DataDirectoryUnusable {
            path: self.0.display().to_string(),
        })
        .detail(error.to_string())
    }
}

/// A workspace's name is a folder's: lower-case letters, digits and hyphens, 1–40 of them, and none of the
/// names that the data directory itself uses.
pub fn check_workspace(name: &str) -> Result<(), Problem> {
    let valid = (1..=40).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
        && !OWN_NAMES.contains(&name);
    if valid {
        Ok(())
    } else {
        Err(Cause::WorkspaceInvalid {
            workspace: name.to_owned(),
        }
        .into())
    }
}

fn make_private(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        if path.is_dir() {
            return Ok(());
        }
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
    }
    #[cfg(not(unix))]
    fs::create_dir_all(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_workspace_has_a_name_that_the_data_directory_uses() {
        let folder = tempfile::tempdir().unwrap();
        let dir = DataDir::open(folder.path()).unwrap();
        dir.remember_workspace("production").unwrap();
        for entry in fs::read_dir(folder.path()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(check_workspace(&name).is_err(), "{name} is taken");
        }
        assert!(check_workspace("logs").is_err(), "logs are there too");
        assert_eq!(dir.last_workspace(), "production");
        assert!(check_workspace("production").is_ok() && check_workspace(SANDBOX).is_ok());
    }
}
