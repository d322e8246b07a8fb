//! Copies of a central database that is a file: one a day, the last seven. The way back to one of them is beside.

mod restore;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use fabrik_domain::{Cause, Problem};
use fabrik_store::{Store, copy_file, look_at_file};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

pub use self::restore::restore_copy;
use crate::{
    App, Options,
    central::{Place, blocking, unwritable},
    data_dir::DataDir,
    views::DatabaseCopy,
};

/// How many are kept.
const KEPT: usize = 7;

/// How often a window that stays open asks whether a new day has come.
const ASK: Duration = Duration::from_mins(30);

/// After that long a copy that was begun is nobody's any more.
const ABANDONED: Duration = Duration::from_hours(1);

/// The file with the day on which the database was last looked at throughout.
const LOOKED: &str = "looked";

/// A database's copies.
#[derive(Clone, Debug)]
pub(crate) struct Copies {
    database: PathBuf,
    folder: PathBuf,
}

impl Copies {
    /// Of a workspace's own file; none where its records are on a server, whatever the file has left behind.
    pub(crate) fn of(data_dir: &DataDir, workspace: &str, place: &Place) -> Option<Self> {
        match place {
            Place::File(file) => Some(Self {
                database: file.clone(),
                folder: data_dir.copies(workspace),
            }),
            Place::Server { .. } => None,
        }
    }

    /// Those that there are, the newest first.
    pub(crate) fn all(&self) -> Vec<DatabaseCopy> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut copies: Vec<_> = entries
            .filter_map(|entry| {
                let name = entry.file_name();
                let day = name.to_str()?.strip_prefix("central-")?;
                let day: Date = day.strip_suffix(".db")?.parse().ok()?;
                Some(DatabaseCopy {
                    day: day.to_string(),
                    bytes: entry.metadata().ok()?.len(),
                })
            })
            .collect();
        copies.sort_unstable_by(|one, other| other.day.cmp(&one.day));
        copies
    }

    /// Looks at the database and copies it, where that has not been done today. A copy that can't be made, or
    /// is damaged itself, stops nothing: why is handed back. Damage of the database does: `database_damaged`.
    pub(crate) async fn keep(
        &self,
        store: &dyn Store,
        now: Timestamp,
    ) -> Result<Option<Problem>, Problem> {
        let today = now.to_zoned(TimeZone::UTC).date();
        let looked = fs::read_to_string(self.folder.join(LOOKED));
        if looked.is_ok_and(|day| day == today.to_string()) {
            return Ok(None);
        }
        let copies = self.clone();
        let made = match store.check().await {
            Ok(()) => blocking(move || copies.make(today)).await,
            Err(problem) if is_damage(&problem) => return Err(problem),
            Err(problem) => Err(problem),
        };
        match made {
            Ok(()) => Ok(None),
            Err(problem) => {
                tracing::warn!(%problem, "today's copy of the database was not made");
                Ok(Some(problem))
            }
        }
    }

    fn make(&self, today: Date) -> Result<(), Problem> {
        DataDir::open(&self.folder)?;
        self.remove_abandoned();
        let path = self.path(today);
        // One of this morning stays: where somebody went back to an older one since, nothing else has what was done
        // in between.
        if look_at_file(&path).is_err() {
            let new = self.folder.join(format!("new-{}", std::process::id()));
            remove(&new)?;
            copy_file(&self.database, &new).map_err(|problem| match *problem.cause {
                // The database was just looked at, and is sound: what it was copied to is not.
                Cause::DatabaseDamaged => {
                    let file = new.display().to_string();
                    Problem::from(Cause::FileUnwritable { file }).detail(problem.to_string())
                }
                _ => problem,
            })?;
            fs::rename(&new, &path).map_err(|error| unwritable(&path, &error))?;
        }
        for old in self.too_many(today) {
            remove(&self.path(old))?;
        }
        let looked = self.folder.join(LOOKED);
        fs::write(&looked, today.to_string()).map_err(|error| unwritable(&looked, &error))
    }

    /// Those over what is kept, never today's. A clock that was ahead has dated some that count for nothing any more:
    /// they go first, but one by one, as it may be this clock that is behind.
    fn too_many(&self, today: Date) -> Vec<Date> {
        let all = self.all().into_iter().rev();
        let days: Vec<Date> = all.filter_map(|copy| copy.day.parse().ok()).collect();
        let over = days.len().saturating_sub(KEPT);
        let ahead = days.iter().filter(|day| **day > today);
        let past = days.iter().filter(|day| **day < today);
        ahead.chain(past).take(over).copied().collect()
    }

    fn path(&self, day: Date) -> PathBuf {
        self.folder.join(format!("central-{day}.db"))
    }

    /// The next start looks at the database throughout, whether that was done today or not.
    pub(crate) fn look_again(&self) {
        let _ = fs::remove_file(self.folder.join(LOOKED));
    }

    /// What a process that was killed had begun.
    fn remove_abandoned(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for entry in entries {
            let is_new = entry.file_name().to_string_lossy().starts_with("new-");
            let age = entry.metadata().and_then(|entry| entry.modified());
            let age = age.map(|changed| changed.elapsed().unwrap_or_default());
            if is_new && age.is_ok_and(|age| age > ABANDONED) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

fn remove(path: &Path) -> Result<(), Problem> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(path, &error)),
        _ => Ok(()),
    }
}

fn is_damage(problem: &Problem) -> bool {
    matches!(*problem.cause, Cause::DatabaseDamaged)
}

/// The copies of a workspace's database, the newest first. One on a server has none: they are its owner's affair.
pub fn copies_of(options: &Options) -> Result<Vec<DatabaseCopy>, Problem> {
    let (data_dir, workspace) = options.place()?;
    let copies = Copies::of(&data_dir, &workspace, &Place::of(&data_dir, &workspace)?);
    Ok(copies.map(|copies| copies.all()).unwrap_or_default())
}

impl App {
    /// See the table of commands.
    pub async fn database_copies(&self) -> Result<Vec<DatabaseCopy>, Problem> {
        Ok(self.copies().map(|copies| copies.all()).unwrap_or_default())
    }

    /// The database's copies; none where it is on a server.
    pub(crate) fn copies(&self) -> Option<Copies> {
        Copies::of(&self.data_dir, &self.workspace, &self.place)
    }

    /// Copies the database once a day, for as long as it is polled.
    pub(crate) async fn watch_copies(&self) {
        let Some(copies) = self.copies() else {
            return std::future::pending().await;
        };
        loop {
            self.clock.sleep(ASK).await;
            let kept = copies.keep(self.store.as_ref(), self.clock.now()).await;
            let trouble = kept.unwrap_or_else(Some);
            *self
                .copy_trouble
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner) = trouble;
        }
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::customer::NewCustomer;
    use fabrik_tests::Proof;
    use jiff::ToSpan;

    use super::*;
    use crate::testing;

    pub(super) async fn customer(app: &App, subdomain: &str) {
        let new = NewCustomer {
            name: subdomain.to_owned(),
            subdomain: subdomain.to_owned(),
            contact_email: format!("anna@{subdomain}.example"),
            blueprint: "factory".to_owned(),
            plan: "starter".to_owned(),
            ..NewCustomer::default()
        };
        app.customer_add(new).await.unwrap();
    }

    /// Changes a byte of a customer's name in the file, where no page's structure is.
    pub(super) fn damage(folder: &tempfile::TempDir, name: &str) {
        let path = folder.path().join("data/test/central.db");
        let mut bytes = fs::read(&path).unwrap();
        let found: Vec<_> = bytes
            .windows(name.len())
            .enumerate()
            .filter(|(_, window)| *window == name.as_bytes())
            .map(|(place, _)| place)
            .collect();
        assert!(!found.is_empty(), "the name is in the file");
        for place in found {
            bytes[place] ^= 1;
        }
        fs::write(path, bytes).unwrap();
    }

    #[tokio::test]
    async fn the_last_seven_days_are_kept() {
        let proof = Proof::of("P9", "days whose copies are kept: the last seven");
        let (_folder, app) = testing::app().await;
        let copies = app.copies().unwrap();
        assert_eq!(copies.all().len(), 1, "the first start makes one");
        let first: Timestamp = "2030-01-01T12:00:00Z".parse().unwrap();
        for day in 0..10 {
            let now = first + (24 * day).hours();
            for _ in 0..2 {
                assert_eq!(copies.keep(app.store(), now).await.unwrap(), None);
            }
        }
        let days: Vec<_> = copies.all().into_iter().map(|copy| copy.day).collect();
        let expected: Vec<_> = (4..=10)
            .rev()
            .map(|day| format!("2030-01-{day:02}"))
            .collect();
        assert_eq!(days, expected, "the newest first");
        let folder = fs::read_dir(&copies.folder).unwrap().count();
        assert_eq!(folder, KEPT + 1, "and nothing else but the note of the day");
        proof.held(days.len());
    }

    /// The days that copies are of, after one was made on each of these days.
    async fn days_after(made: &[&str]) -> Vec<String> {
        let (_folder, app) = testing::app().await;
        let copies = app.copies().unwrap();
        fs::remove_dir_all(&copies.folder).unwrap();
        for day in made {
            let now: Timestamp = format!("{day}T12:00:00Z").parse().unwrap();
            assert_eq!(copies.keep(app.store(), now).await.unwrap(), None);
            let there = copies.path(day.parse().unwrap());
            assert!(there.exists(), "the copy of {day} is there");
        }
        copies.all().into_iter().map(|copy| copy.day).collect()
    }

    #[tokio::test]
    async fn copies_of_a_clock_that_was_ahead_make_room_for_true_ones() {
        let ahead = [1, 2, 3, 4, 5, 6, 7].map(|day| format!("2040-01-{day:02}"));
        let days = [1, 2, 3, 4, 5, 6, 7, 8].map(|day| format!("2030-01-{day:02}"));
        let made = |true_ones: usize| {
            let made = ahead.iter().chain(&days[..true_ones]);
            made.map(String::as_str).collect::<Vec<_>>()
        };
        assert_eq!(
            days_after(&made(2)).await,
            [
                "2040-01-07",
                "2040-01-06",
                "2040-01-05",
                "2040-01-04",
                "2040-01-03",
                "2030-01-02",
                "2030-01-01"
            ]
        );
        let mut last: Vec<_> = days[1..].to_vec();
        last.reverse();
        assert_eq!(days_after(&made(8)).await, last, "the last seven true ones");
    }

    #[tokio::test]
    async fn a_clock_that_is_behind_for_a_day_costs_one_copy() {
        let days = [1, 2, 3, 4, 5, 6, 7].map(|day| format!("2030-01-{day:02}"));
        let mut made: Vec<_> = days.iter().map(String::as_str).collect();
        made.push("1970-01-01");
        let left = days_after(&made).await;
        assert_eq!(left.len(), KEPT, "{left:?}");
        assert_eq!(
            left[..KEPT - 1],
            made[1..KEPT]
                .iter()
                .rev()
                .map(|day| (*day).to_owned())
                .collect::<Vec<_>>()
        );
    }

    #[tokio::test]
    async fn a_copy_that_cannot_be_made_is_told_and_stops_nothing() {
        let (_folder, app) = testing::app().await;
        let copies = app.copies().unwrap();
        fs::remove_dir_all(&copies.folder).unwrap();
        fs::write(&copies.folder, "a file in its place").unwrap();
        let tomorrow = app.clock.now() + 24.hours();
        let told = copies.keep(app.store(), tomorrow).await.unwrap();
        assert!(told.is_some(), "it is told");
    }

    #[tokio::test]
    async fn a_damaged_copy_is_told_as_that_and_not_as_the_databases_damage() {
        let (folder, app) = testing::app().await;
        customer(&app, "akermark").await;
        let copies = app.copies().unwrap();
        drop(app);
        // As a disk does it that spoils what it is given to write.
        damage(&folder, "akermark");
        let told = copies.make("2030-01-01".parse().unwrap()).unwrap_err();
        assert_eq!(told.code(), "file_unwritable", "{told}");
    }
}
