//! Which process owns a run, and whether it still lives. A lease would tell after a minute; of one that works on the same
//! data directory the operating system tells at once.

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::OnceLock,
    time::Duration,
};

use fabrik_domain::{Problem, id::RunId, run::Run};
use fabrik_store::Lease;
use jiff::Timestamp;

use crate::{App, views::Driver};

/// How long a lease must have stayed expired before its owner counts as gone. After a sleep of the machine, or a
/// step of its clock, every lease has expired, and living owners need a moment to renew theirs.
const STAYS: Duration = Duration::from_mins(1);

/// How long after its beginning an ended process's file is kept: a run is gone on with, or shown, for longer than a lease.
const ABANDONED: Duration = Duration::from_hours(24 * 30);

/// Leases of other processes that were seen expired, and since when by the clock that no change moves.
#[derive(Debug, Default)]
pub(crate) struct ExpiredLeases(BTreeMap<RunId, (Lease, Duration)>);

impl ExpiredLeases {
    /// Whether the lease has expired and was seen so, as it is, for long enough.
    pub(crate) fn has_stayed(
        &mut self,
        lease: &Lease,
        now: Timestamp,
        monotonic: Duration,
    ) -> bool {
        if lease.expires > now {
            self.0.remove(&lease.run);
            return false;
        }
        match self.0.get(&lease.run) {
            Some((seen, since)) if seen == lease => monotonic.saturating_sub(*since) >= STAYS,
            _ => {
                self.0.insert(lease.run, (lease.clone(), monotonic));
                false
            }
        }
    }

    /// Forgets those of other runs.
    pub(crate) fn keep_only(&mut self, runs: &[Run]) {
        self.0.retain(|id, _| runs.iter().any(|run| run.id == *id));
    }
}

/// This machine's name.
pub(crate) fn machine() -> String {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        #[cfg(unix)]
        let name = rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned();
        // The machine's, and no setting: it is not handed on with those.
        #[cfg(not(unix))]
        let name = crate::Environment::of_process(false)
            .get("COMPUTERNAME")
            .unwrap_or("this-machine")
            .to_owned();
        name.chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
            .collect()
    })
    .clone()
}

/// This process, as the others see it: by its name in leases, and by a file that it keeps locked. The system lets go
/// of the lock when a process ends, however it ends, before anybody has asked how, and whatever takes its id next.
pub(crate) struct Presence {
    name: String,
    folder: PathBuf,
    /// What tells the folder from all others; `None` where nothing can be kept there.
    place: Option<String>,
    /// What was created, locked for as long as this is here.
    lock: Option<(PathBuf, File)>,
}

impl std::fmt::Debug for Presence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Presence").field(&self.name).finish()
    }
}

/// How a process's file is.
enum Lock {
    Held,
    /// Its process has ended.
    Free,
    /// There is none: its process ended as it should, or could make none.
    Missing,
}

impl Presence {
    /// Makes this process known in `folder`. Where no file can be made there, its leases alone tell the others.
    pub(crate) fn enter(folder: PathBuf) -> Self {
        let number = RunId::new().to_string();
        let lock = lock_new(&folder, &number)
            .inspect_err(|error| tracing::warn!(%error, "this process's file can't be made"))
            .ok();
        let place = place(&folder)
            .inspect_err(
                |error| tracing::warn!(%error, "this data directory can't be told from others"),
            )
            .ok();
        // With a number of its own, since ids come again, and its place, since machines of the same name are many.
        let mut name = format!("{}/{}/{number}", machine(), std::process::id());
        if let Some(place) = &place {
            name = format!("{name}/{place}");
        }
        Self {
            name,
            folder,
            place,
            lock,
        }
    }

    /// The name of this process in leases: machine, process id, number, and the place where it has its file.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the process that a name stands for is known to have ended. Of one on another machine or another data
    /// directory nothing is known: what its id is here says nothing of it.
    pub(crate) fn has_ended(&self, name: &str) -> bool {
        let mut parts = name.splitn(4, '/');
        let (Some(its_machine), Some(process), Some(number)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        if its_machine != machine() || parts.next() != self.place.as_deref() || name == self.name {
            return false;
        }
        match lock_of(&self.folder, number) {
            Lock::Held => false,
            Lock::Free => true,
            // An id that is ours now belonged to a process that has ended.
            Lock::Missing => process.parse().is_ok_and(|process| {
                self.place.is_some() && (process == std::process::id() || !is_running(process))
            }),
        }
    }

    /// Whether the process that a name stands for works on the same data directory, this one or another.
    pub(crate) fn shares_place(&self, name: &str) -> bool {
        let place = name.splitn(4, '/').nth(3);
        name == self.name || (place.is_some() && place == self.place.as_deref())
    }

    /// A process on the same data directory that lives until this is dropped.
    #[cfg(test)]
    pub(crate) fn of_another(&self) -> Self {
        Self::enter(self.folder.clone())
    }

    /// The name of a process on the same data directory that was killed.
    #[cfg(test)]
    pub(crate) fn of_one_killed(&self) -> String {
        let mut killed = Self::enter(self.folder.clone());
        // The lock goes with the process, and the file stays.
        drop(killed.lock.take());
        killed.name.clone()
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        // Others remove what stays.
        if let Some((path, file)) = &self.lock
            && file.unlock().is_ok()
        {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn lock_new(folder: &Path, number: &str) -> io::Result<(PathBuf, File)> {
    std::fs::create_dir_all(folder)?;
    remove_abandoned(folder);
    let path = folder.join(number);
    let file = File::create_new(&path)?;
    file.lock()?;
    Ok((path, file))
}

/// The number by which a folder is known, made by the first who asks.
fn place(folder: &Path) -> io::Result<String> {
    let path = folder.join("place");
    if !path.exists() {
        let number = RunId::new().to_string();
        let made = folder.join(format!("place-{number}"));
        // Whole at once, and never in the place of another's.
        let linked = std::fs::write(&made, &number).and_then(|()| std::fs::hard_link(&made, &path));
        let _ = std::fs::remove_file(&made);
        linked.or_else(|error| if path.exists() { Ok(()) } else { Err(error) })?;
    }
    std::fs::read_to_string(path)
}

fn lock_of(folder: &Path, number: &str) -> Lock {
    // A name is read from a database that others write: it must not lead elsewhere.
    if number.parse::<RunId>().is_err() {
        return Lock::Missing;
    }
    let Ok(file) = File::open(folder.join(number)) else {
        return Lock::Missing;
    };
    match file.try_lock_shared() {
        Ok(()) => Lock::Free,
        Err(TryLockError::WouldBlock) => Lock::Held,
        Err(TryLockError::Error(_)) => Lock::Missing,
    }
}

/// Whether a process has its file in this folder that lives.
pub(crate) fn is_anybody_at(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut numbers = entries.filter_map(|entry| entry.file_name().into_string().ok());
    numbers.any(|number| matches!(lock_of(folder, &number), Lock::Held))
}

/// Removes the files of processes that ended so long ago that no lease names them.
fn remove_abandoned(folder: &Path) {
    let age = |path: &Path| {
        path.metadata()?
            .modified()?
            .elapsed()
            .map_err(io::Error::other)
    };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let number = entry.file_name();
        let Some(number) = number.to_str() else {
            continue;
        };
        if age(&entry.path()).is_ok_and(|age| age > ABANDONED)
            && matches!(lock_of(folder, number), Lock::Free)
        {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(unix)]
fn is_running(process: u32) -> bool {
    let Some(id) = i32::try_from(process)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    else {
        return false;
    };
    // Not permitted means that it is another user's, and runs.
    rustix::process::test_kill_process(id) != Err(rustix::io::Errno::SRCH)
}

#[cfg(not(unix))]
const fn is_running(_process: u32) -> bool {
    true
}

impl App {
    /// The process that an owner's name stands for, for people.
    pub(crate) fn driver_of(&self, owner: &str) -> Driver {
        let mut parts = owner.split('/');
        Driver {
            here: owner == self.engine.owner(),
            machine: parts.next().unwrap_or_default().to_owned(),
            process: parts.next().and_then(|process| process.parse().ok()),
        }
    }

    /// Whether the process that an owner's name stands for is known to have ended.
    pub(crate) fn has_ended(&self, owner: &str) -> bool {
        self.presence.has_ended(owner)
    }

    /// The owner of a run, where it is known to have ended.
    pub(crate) async fn dead_owner(&self, run: RunId) -> Result<Option<String>, Problem> {
        let lease = self.store.lease(run).await?;
        Ok(self.dead(lease.as_ref()).map(ToOwned::to_owned))
    }

    /// The owner that the lease names, where it is known to have ended.
    pub(crate) fn dead<'a>(&self, lease: Option<&'a Lease>) -> Option<&'a str> {
        lease
            .map(|lease| lease.owner.as_str())
            .filter(|owner| self.has_ended(owner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_that_was_renewed_after_a_sleep_is_a_living_owners() {
        let lease = |expires: i64| Lease {
            run: RunId::new(),
            owner: "elsewhere/1/x".to_owned(),
            fence: 3,
            expires: Timestamp::from_second(expires).unwrap(),
            sent_until: None,
        };
        let (asleep, now) = (lease(1_000), Timestamp::from_second(1_600).unwrap());
        let second = Duration::from_secs;
        let mut expired = ExpiredLeases::default();
        assert!(!expired.has_stayed(&asleep, now, second(5)), "on waking");
        assert!(
            !expired.has_stayed(&asleep, now, second(9)),
            "the next look"
        );
        let renewed = Lease {
            expires: Timestamp::from_second(1_660).unwrap(),
            ..asleep.clone()
        };
        assert!(!expired.has_stayed(&renewed, now, second(70)), "it lives");
        assert!(!expired.has_stayed(&asleep, now, second(90)), "seen anew");
        assert!(!expired.has_stayed(&asleep, now, second(149)));
        assert!(expired.has_stayed(&asleep, now, second(150)), "nobody came");
    }

    #[test]
    fn a_process_is_here_for_as_long_as_it_holds_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let enter = || Presence::enter(folder.path().to_owned());
        let (one, other) = (enter(), enter());
        assert!(!one.has_ended(one.name()), "this one lives");
        assert!(!one.has_ended(other.name()), "and so does the other");
        let killed = one.of_one_killed();
        assert!(one.has_ended(&killed), "nobody holds its file");
        assert!(is_anybody_at(folder.path()));
        let id = |id: u32| killed.replace(&format!("/{}/", std::process::id()), &format!("/{id}/"));
        assert!(
            one.has_ended(&id(1)),
            "whoever has its id now, the file says more"
        );
        drop((one, other));
        assert!(!is_anybody_at(folder.path()), "a file alone is nobody");
    }

    #[test]
    fn where_no_file_can_be_made_a_process_counts_as_here() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "no folder").unwrap();
        let here = Presence::enter(file);
        assert!(here.lock.is_none());
        assert!(!here.has_ended(here.name()), "this one lives");
    }

    #[test]
    fn of_another_machine_or_data_directory_nothing_is_known() {
        let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let [here, there] = folders
            .each_ref()
            .map(|folder| Presence::enter(folder.path().to_owned()));
        // A machine of the same name, or another user's desktop on this one.
        assert!(!here.has_ended(there.name()), "it lives");
        let killed = there.of_one_killed();
        assert!(there.has_ended(&killed));
        assert!(there.shares_place(&killed) && !here.shares_place(&killed));
        assert!(!here.has_ended(&killed), "its lease will tell");
        assert!(!here.has_ended(&killed.replace(&machine(), "elsewhere")));
        let nobody = format!("{}/{}/x", machine(), u32::MAX);
        assert!(!here.has_ended(&nobody), "it doesn't say where it is");
    }

    #[test]
    fn of_one_that_left_no_file_the_process_id_tells() {
        let folder = tempfile::tempdir().unwrap();
        let here = Presence::enter(folder.path().to_owned());
        let place = here.place.as_deref().unwrap();
        let again = Presence::enter(folder.path().to_owned());
        assert_eq!(again.place.as_deref(), Some(place), "it is the same place");
        let of = |process: u32, number: &str| {
            here.has_ended(&format!("{}/{process}/{number}/{place}", machine()))
        };
        assert!(of(std::process::id(), "x"), "its id is ours now");
        #[cfg(unix)]
        {
            assert!(of(u32::MAX, "x"), "no such process");
            let lives =
                rustix::process::getppid().map_or(1, |parent| parent.as_raw_nonzero().get());
            assert!(!of(u32::try_from(lives).unwrap(), ".."), "it runs");
        }
    }
}
