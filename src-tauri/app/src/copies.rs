//! Copies of a central database that is a file: one a day, the last seven, and the way back to one of them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use fabrik_domain::{Cause, Problem};
use fabrik_store::{
    AuditExamination, FileHold, Inbox, NewAudit, SqliteStore, Store, copy_file, empty_log,
    look_at_file,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::json;

use crate::{
    App, Options,
    central::{Place, aside, blocking, unreadable, unwritable, with_logs},
    data_dir::DataDir,
    open::operator,
    system::SystemClock,
    views::{DatabaseCopy, RestoredDatabase},
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

    /// Puts a copy in the database's place, which nobody may have open. What was there is set aside: where to, is
    /// handed back.
    fn put_back(&self, day: &str, now: Timestamp) -> Result<PathBuf, Problem> {
        let missing = |why: &dyn std::fmt::Display| unreadable(&self.folder.join(day), why);
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

fn remove(path: &Path) -> Result<(), Problem> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(path, &error)),
        _ => Ok(()),
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

fn is_damage(problem: &Problem) -> bool {
    matches!(*problem.cause, Cause::DatabaseDamaged)
}

/// The copies of a workspace's database, the newest first. One on a server has none: they are its owner's affair.
pub fn copies_of(options: &Options) -> Result<Vec<DatabaseCopy>, Problem> {
    let (data_dir, workspace) = options.place()?;
    let copies = Copies::of(&data_dir, &workspace, &Place::of(&data_dir, &workspace)?);
    Ok(copies.map(|copies| copies.all()).unwrap_or_default())
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
    /// See the table of commands.
    pub async fn database_copies(&self) -> Result<Vec<DatabaseCopy>, Problem> {
        Ok(self.copies().map(|copies| copies.all()).unwrap_or_default())
    }

    /// See the table of commands. Only a workspace that is not open can go back; the shell sees to that one.
    pub async fn database_restore(&self, day: String) -> Result<RestoredDatabase, Problem> {
        Err(Problem::from(Cause::DatabaseBusy).detail(day))
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
    use fabrik_domain::{customer::NewCustomer, id::CustomerId};
    use fabrik_tests::Proof;
    use jiff::ToSpan;

    use super::*;
    use crate::{Environment, testing};

    fn options(folder: &tempfile::TempDir) -> Options {
        Options {
            environment: Environment::default(),
            data_dir: Some(folder.path().join("data")),
            workspace: Some("test".to_owned()),
            browser: None,
        }
    }

    async fn customer(app: &App, subdomain: &str) -> CustomerId {
        let new = NewCustomer {
            name: subdomain.to_owned(),
            subdomain: subdomain.to_owned(),
            contact_email: format!("anna@{subdomain}.example"),
            blueprint: "factory".to_owned(),
            plan: "starter".to_owned(),
            ..NewCustomer::default()
        };
        app.customer_add(new).await.unwrap().id
    }

    /// Makes the day's copy anew, with what there is by now.
    async fn copy_again(app: &App) {
        let (copies, now) = (app.copies().unwrap(), app.clock.now());
        remove(&copies.path(now.to_zoned(TimeZone::UTC).date())).unwrap();
        copies.look_again();
        assert_eq!(copies.keep(app.store(), now).await.unwrap(), None);
    }

    /// Changes a byte of a customer's name in the file, where no page's structure is.
    fn damage(folder: &tempfile::TempDir, name: &str) {
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
