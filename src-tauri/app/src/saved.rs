//! Files that are kept for the owner: written here, in the folder for downloads, never by the window. A file that is
//! there already is never written over.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use fabrik_domain::{Cause, Problem};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    App,
    views::{Folder, SavedFile},
};

/// As many files of one name as a day may bring.
const MOST: u32 = 1000;

impl App {
    /// Keeps a file as `<name>-<today>.<extension>` in the folder for downloads.
    ///
    /// # Errors
    /// `file_unwritable`; `disk_full`.
    pub(crate) fn save(
        &self,
        name: &str,
        extension: &str,
        content: &str,
    ) -> Result<SavedFile, Problem> {
        let folder = self.environment.downloads();
        let folder = folder.unwrap_or_else(|| self.data_dir.path().join("downloads"));
        save_in(&folder, self.clock.now(), name, extension, content)
    }

    /// See the table of commands.
    pub async fn folder_open(&self, folder: Folder) -> Result<(), Problem> {
        let path = match folder {
            Folder::Data => Some(self.data_dir.path().to_owned()),
            Folder::Blueprints => Some(self.data_dir.blueprints(&self.workspace)),
            Folder::Downloads => self.environment.downloads(),
        };
        let path = path.unwrap_or_else(|| self.data_dir.path().to_owned());
        // The blueprints' is not there before the first one.
        let _ = std::fs::create_dir_all(&path);
        self.open_outside(&path.display().to_string())
    }
}

/// Keeps a file as `<name>-<today>.<extension>` in a folder.
///
/// # Errors
/// `file_unwritable`; `disk_full`.
pub(crate) fn save_in(
    folder: &Path,
    now: Timestamp,
    name: &str,
    extension: &str,
    content: &str,
) -> Result<SavedFile, Problem> {
    let day = now.to_zoned(TimeZone::system()).date();
    let stem = format!("{name}-{day}");
    let written =
        std::fs::create_dir_all(folder).and_then(|()| write_new(folder, &stem, extension, content));
    match written {
        Ok(name) => Ok(SavedFile {
            path: folder.join(&name).display().to_string(),
            name,
        }),
        Err(error) if error.kind() == io::ErrorKind::StorageFull => Err(Cause::DiskFull.into()),
        Err(error) => {
            let file = folder.join(format!("{stem}.{extension}"));
            let file = file.display().to_string();
            Err(Problem::from(Cause::FileUnwritable { file }).detail(error.to_string()))
        }
    }
}

/// Writes the first of `stem.ext`, `stem (2).ext` … that is not there, and returns its name. What can't be written
/// whole isn't left.
fn write_new(folder: &Path, stem: &str, extension: &str, content: &str) -> io::Result<String> {
    for number in 1..=MOST {
        let name = match number {
            1 => format!("{stem}.{extension}"),
            _ => format!("{stem} ({number}).{extension}"),
        };
        let path = folder.join(&name);
        let mut file = match create(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        };
        let written = file
            .write_all(content.as_bytes())
            .and_then(|()| file.sync_all());
        if let Err(error) = written {
            let _ = std::fs::remove_file(&path);
            return Err(error);
        }
        return Ok(name);
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// For this user alone: it tells of customers.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use crate::testing;

    #[tokio::test]
    async fn nothing_is_written_over() {
        let downloads = tempfile::tempdir().unwrap();
        let place = downloads.path().to_str().unwrap().to_owned();
        let (_folder, app) = testing::app_with(&[("XDG_DOWNLOAD_DIR", &place)]).await;
        let first = app.save("fabrik-customers", "csv", "one").unwrap();
        let second = app.save("fabrik-customers", "csv", "two").unwrap();
        assert_ne!(first.path, second.path, "the second has a name of its own");
        assert_eq!(std::fs::read_to_string(&first.path).unwrap(), "one");
        assert_eq!(std::fs::read_to_string(&second.path).unwrap(), "two");
        assert!(
            second.name.ends_with(" (2).csv") && second.path.ends_with(&second.name),
            "{second:?}"
        );
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "no folder").unwrap();
        let place = file.to_str().unwrap().to_owned();
        let (_folder, app) = testing::app_with(&[("XDG_DOWNLOAD_DIR", &place)]).await;
        let problem = app.save("fabrik-customers", "csv", "x").unwrap_err();
        assert_eq!(problem.code(), "file_unwritable", "{problem:?}");
    }
}
