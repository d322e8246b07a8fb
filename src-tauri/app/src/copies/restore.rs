//! The way back to a copy of the central database, while nobody has it open.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use fabrik_domain::{Cause, Problem};
use fabrik_store::{
    AuditExamination, FileHold, Inbox, NewAudit, SqliteStore, Store, empty_log, look_at_file,
};
use jiff::Timestamp;
use serde_json::json;

use super::{Copies, remove};
use crate::{
    App, Options,
    central::{Place, aside, blocking, unreadable, unwritable, with_logs},
    data_dir::DataDir,
    open::operator,
    system::SystemClock,
    views::RestoredDatabase,
};

impl Copies {
    /// Puts a copy in the database's place, which nobody may have open. What was there is set aside: where to, is
    /// handed back.
    fn put_back(&self, day: &str, now: Timestamp) -> Result<PathBuf, Problem> {
        let missing = |why: &dyn fmt::Display| unreadable(&self.folder.join(day), why);
        let copy = self.path(day.parse().map_err(|error: jiff::Error| missing(&error))?);
        fs::metadata(&copy).map_err(|error| unreadable(&copy, &error))?;
        look_at_file(&copy)?;
        let new = self.database.with_file_name("central-new.db");
        for rest in with_logs(&new) {
            remove(&rest)?;
        }
        fs::copy(&copy, &new)
            // For writing: Windows syncs no other.
            .and_then(|_| fs::File::options().write(true).open(&new)?.sync_all())
            .map_err(|error| unwritable(&new, &error))?;
        self.settle_log()?;
        // At no moment is there no database: the next start would begin an empty one.
        let aside = aside(&self.database, now);
        let [database, logs @ ..] = with_logs(&self.database);
        let [to, logs_to @ ..] = with_logs(&aside);
        if database.exists() {
            fs::hard_link(&database, &to)
                .or_else(|error| match error.kind() {
                    io::ErrorKind::AlreadyExists => Err(error),
                    // Not every file system has links.
                    _ => fs::copy(&database, &to).map(drop),
                })
                .map_err(|error| unwritable(&to, &error))?;
        }
        // The log is the old one's: SQLite would write it into the copy.
        for (log, to) in logs.iter().zip(&logs_to).filter(|(log, _)| log.exists()) {
            fs::rename(log, to).map_err(|error| unwritable(to, &error))?;
        }
        fs::rename(&new, &database).map_err(|error| unwritable(&database, &error))?;
        sync_folder_of(&database)?;
        self.look_again();
        Ok(aside)
    }

    /// From here on the old database can be opened without its log: a kill between the moves loses nothing of it.
    fn settle_log(&self) -> Result<(), Problem> {
        if !self.database.exists() {
            return Ok(());
        }
        match empty_log(&self.database) {
            Err(problem) if matches!(*problem.cause, Cause::DatabaseBusy) => Err(problem),
            Err(problem) => {
                // Too damaged for that: then nothing opens it either.
                tracing::warn!(%problem, "the log of the database that is set aside stays beside it");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}

/// What was moved in a folder is on disk.
#[cfg(unix)]
fn sync_folder_of(path: &Path) -> Result<(), Problem> {
    let folder = path.parent().unwrap_or(path);
    let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| unwritable(folder, &error))
}

/// Elsewhere the system sees to that.
#[cfg(not(unix))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "it can fail on the systems that have it"
)]
fn sync_folder_of(_: &Path) -> Result<(), Problem> {
    Ok(())
}

/// Goes back to the copy of a day. What was there is set aside, and whatever happened since is not in the copy.
///
/// # Errors
/// `database_busy` while a process has the workspace open; `database_damaged` where the copy is;
/// `file_unreadable` where there is none of that day, or the records are on a server.
pub async fn restore_copy(options: &Options, day: &str) -> Result<RestoredDatabase, Problem> {
    let (data_dir, workspace) = options.place()?;
    let place = Place::of(&data_dir, &workspace)?;
    let copies = Copies::of(&data_dir, &workspace, &place).ok_or_else(|| {
        let left = data_dir.copies(&workspace).join(day.trim());
        unreadable(&left, &format!("the records are on {place}"))
    })?;
    DataDir::open(&data_dir.workspace(&workspace))?;
    let (day, operator) = (day.trim().to_owned(), operator(&options.environment));
    blocking(move || {
        // Whoever opens it from now on waits until the copy is there and has said so.
        let hold = FileHold::alone(&copies.database)?;
        let clock = Arc::new(SystemClock::default());
        let now = fabrik_domain::ports::Clock::now(&*clock);
        let set_aside = copies.put_back(&day, now)?;
        let store = SqliteStore::open_alone(&copies.database, clock, hold)?;
        let restored = RestoredDatabase {
            day,
            set_aside: set_aside.display().to_string(),
        };
        let entry = NewAudit {
            operator,
            action: AuditExamination::RESTORED.to_owned(),
            customer: None,
            run: None,
            facts: json!({ "copy": restored.day, "set_aside": restored.set_aside }),
        };
        tokio::runtime::Handle::current().block_on(async {
            ask_about_known_subscribers(&store, now).await?;
            store.audit(entry).await
        })?;
        Ok(restored)
    })
    .await
}

/// Who has subscribed since the copy was made is told of again, and may have an instance already: nobody of them is new.
async fn ask_about_known_subscribers(store: &SqliteStore, now: Timestamp) -> Result<(), Problem> {
    let mut reading = store.stripe_reading().await?;
    if reading.read_at.is_none() {
        return Ok(());
    }
    reading.followed_since = Some(now);
    store.set_stripe_reading(reading).await
}

impl App {
    /// See the table of commands. Only a workspace that is not open can go back; the shell sees to that one.
    pub async fn database_restore(&self, day: String) -> Result<RestoredDatabase, Problem> {
        Err(Problem::from(Cause::DatabaseBusy).detail(day))
    }
}

#[cfg(test)]
mod tests {
    use jiff::{civil::Date, tz::TimeZone};

    use super::*;
    use crate::{
        Environment,
        copies::{
            copies_of, is_damage,
            tests::{customer, damage},
        },
        testing,
    };

    fn options(folder: &tempfile::TempDir) -> Options {
        Options {
            environment: Environment::default(),
            data_dir: Some(folder.path().join("data")),
            workspace: Some("test".to_owned()),
            browser: None,
        }
    }

    /// Makes the day's copy anew, with what there is by now.
    async fn copy_again(app: &App) {
        let (copies, now) = (app.copies().unwrap(), app.clock.now());
        remove(&copies.path(now.to_zoned(TimeZone::UTC).date())).unwrap();
        copies.look_again();
        assert_eq!(copies.keep(app.store(), now).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_damaged_database_stays_shut_and_a_copy_brings_it_back() {
        let (folder, app) = testing::app().await;
        customer(&app, "akermark").await;
        let copies = app.copies().unwrap();
        copy_again(&app).await;
        customer(&app, "bergstrom").await;
        let refused = restore_copy(&options(&folder), "2030-01-01").await;
        assert!(
            matches!(*refused.unwrap_err().cause, Cause::DatabaseBusy),
            "it is open here"
        );
        copies.look_again();
        drop(app);
        damage(&folder, "bergstrom");

        let shut = App::open(options(&folder)).await.err().expect("it is shut");
        assert!(is_damage(&shut), "{shut}");
        let offered = copies_of(&options(&folder)).unwrap();
        assert_eq!(offered.len(), 1, "{offered:?}");
        let day = &offered[0].day;
        let restored = restore_copy(&options(&folder), day).await.unwrap();
        assert!(
            Path::new(&restored.set_aside).exists(),
            "nothing is thrown away"
        );

        let app = App::open(options(&folder)).await.unwrap();
        app.store.check().await.unwrap();
        let there = app
            .store
            .customers(fabrik_store::CustomerQuery::default())
            .await
            .unwrap();
        let there: Vec<_> = there.rows.iter().map(|one| one.slug.as_str()).collect();
        assert_eq!(there, ["akermark"], "as on the day of the copy");
        let log = app.store.audit_log(None, 1).await.unwrap();
        assert_eq!(log[0].entry.action, "database.restored");
    }

    #[tokio::test]
    async fn who_subscribed_since_the_copy_counts_as_known() {
        for read in [true, false] {
            let (folder, app) = testing::app().await;
            let long_ago: Timestamp = "2020-01-01T12:00:00Z".parse().unwrap();
            let reading = fabrik_store::StripeReading {
                last_event: Some("evt_1".to_owned()),
                last_event_at: Some(long_ago),
                read_at: read.then_some(long_ago),
                followed_since: read.then_some(long_ago),
                ..Default::default()
            };
            app.store.set_stripe_reading(reading.clone()).await.unwrap();
            copy_again(&app).await;
            let day = app.copies().unwrap().all()[0].day.clone();
            let before = app.clock.now();
            drop(app);
            restore_copy(&options(&folder), &day).await.unwrap();

            let app = App::open(options(&folder)).await.unwrap();
            let mut found = app.store.stripe_reading().await.unwrap();
            let since = found.followed_since.take();
            if read {
                let since = since.expect("a time");
                assert!(since >= before, "only who subscribes from now on is new");
            } else {
                assert_eq!(since, None, "nobody is, until all is read");
            }
            let followed_since = None;
            let expected = fabrik_store::StripeReading {
                followed_since,
                ..reading
            };
            assert_eq!(found, expected, "it is read on from where the copy was");
        }
    }

    #[tokio::test]
    async fn what_a_killed_process_left_in_the_log_is_in_the_file_that_is_set_aside() {
        let (folder, app) = testing::app().await;
        let day = app.copies().unwrap().all()[0].day.clone();
        let files = with_logs(&app.copies().unwrap().database);
        customer(&app, "akermark").await;
        // As they stand when the process is killed here: an orderly end empties the log.
        let left = files.clone().map(|file| fs::read(file).unwrap());
        drop(app);
        for (file, left) in files.iter().zip(left) {
            fs::write(file, left).unwrap();
        }
        let name = b"akermark".as_slice();
        let has = |bytes: Vec<u8>| bytes.windows(name.len()).any(|window| window == name);
        assert!(
            !has(fs::read(&files[0]).unwrap()) && has(fs::read(&files[1]).unwrap()),
            "the customer is in the log alone"
        );
        let restored = restore_copy(&options(&folder), &day).await.unwrap();
        let set_aside = fs::read(restored.set_aside).unwrap();
        assert!(has(set_aside), "and in the file that is kept");
    }

    #[tokio::test]
    async fn going_back_to_an_older_copy_leaves_the_days_own() {
        let (folder, app) = testing::app().await;
        let copies = app.copies().unwrap();
        let today = copies.all()[0].day.clone();
        // Yesterday there was nobody yet.
        let yesterday: Date = "2020-01-01".parse().unwrap();
        fs::rename(copies.path(today.parse().unwrap()), copies.path(yesterday)).unwrap();
        customer(&app, "akermark").await;
        copy_again(&app).await;
        drop(app);
        let morning = fs::read(copies.path(today.parse().unwrap())).unwrap();
        restore_copy(&options(&folder), "2020-01-01").await.unwrap();

        let app = App::open(options(&folder)).await.unwrap();
        let there = app.store.find_customer("akermark").await;
        assert!(there.is_err(), "as on the day of the copy");
        drop(app);
        let kept = fs::read(copies.path(today.parse().unwrap())).unwrap();
        assert!(kept == morning, "the customer is in the day's copy still");
    }

    #[tokio::test]
    async fn what_the_file_left_behind_is_no_way_back_for_records_on_a_server() {
        let (folder, app) = testing::app().await;
        let copies = app.copies().unwrap();
        let day = copies.all()[0].day.clone();
        drop(app);
        let before = fs::read(&copies.database).unwrap();
        let moved = r#"{"url": "postgres://fabrik@db.example.com/central"}"#;
        fs::write(folder.path().join("data/test/database.json"), moved).unwrap();
        let offered = copies_of(&options(&folder)).unwrap();
        assert!(offered.is_empty(), "{offered:?}");
        let refused = restore_copy(&options(&folder), &day).await.unwrap_err();
        assert_eq!(refused.code(), "file_unreadable", "{refused}");
        assert_eq!(
            fs::read(&copies.database).unwrap(),
            before,
            "and nothing changed"
        );
    }

    #[tokio::test]
    async fn a_day_without_a_copy_and_a_damaged_copy_are_refused() {
        let (folder, app) = testing::app().await;
        let copies = app.copies().unwrap();
        let day = copies.all()[0].day.clone();
        drop(app);
        let before = fs::read(&copies.database).unwrap();
        let path = copies.folder.join(format!("central-{day}.db"));
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..].fill(0xa5);
        fs::write(&path, bytes).unwrap();
        for day in [&*day, "2030-01-01", "../../x", ""] {
            let refused = restore_copy(&options(&folder), day).await;
            assert!(refused.is_err(), "{day:?} is refused");
        }
        assert_eq!(
            fs::read(&copies.database).unwrap(),
            before,
            "and nothing changed"
        );
    }
}
