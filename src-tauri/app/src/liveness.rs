//! Which process owns a run, and whether it still lives. A lease would tell after a minute; on the same
//! machine the operating system tells at once.

use std::{collections::BTreeMap, sync::OnceLock, time::Duration};

use fabrik_domain::{Problem, id::RunId, run::Run};
use fabrik_store::Lease;
use jiff::Timestamp;

use crate::{App, views::Driver};

/// How long a lease must have stayed expired before its owner counts as gone. After a sleep of the machine, or a
/// step of its clock, every lease has expired, and living owners need a moment to renew theirs.
const STAYS: Duration = Duration::from_mins(1);

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
        #[cfg(not(unix))]
        let name = "this-machine".to_owned();
        name.chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
            .collect()
    })
    .clone()
}

/// The name of this process in leases: machine, process id, and a number of its own, since ids come again.
pub(crate) fn this_process() -> String {
    format!("{}/{}/{}", machine(), std::process::id(), RunId::new())
}

/// Whether the process that an owner's name stands for is known to have ended. Of another machine's, and
/// where the system doesn't tell, nothing is known.
fn has_ended(owner: &str, here: &str) -> bool {
    let mut parts = owner.split('/');
    let (Some(machine_name), Some(process)) = (parts.next(), parts.next()) else {
        return false;
    };
    if machine_name != machine() || owner == here {
        return false;
    }
    let Ok(process) = process.parse::<u32>() else {
        return false;
    };
    // An id that is ours now belonged to a process that has ended.
    process == std::process::id() || !is_running(process)
}

#[cfg(unix)]
fn is_running(process: u32) -> bool {
    let Some(id) = i32::try_from(process)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    else {
        return false;
    };
    // Not permitted means that somebody else's process has the id: then it isn't ours.
    rustix::process::test_kill_process(id).is_ok()
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
        has_ended(owner, self.engine.owner())
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
    fn only_a_process_of_this_machine_can_be_known_to_have_ended() {
        let here = this_process();
        assert!(!has_ended(&here, &here), "this one lives");
        assert!(
            !has_ended("elsewhere/1/x", &here),
            "nothing is known of another machine's"
        );
        assert!(
            has_ended(&format!("{}/{}/x", machine(), u32::MAX), &here),
            "no such process"
        );
        assert!(
            has_ended(&format!("{}/{}/x", machine(), std::process::id()), &here),
            "its id is ours now"
        );
        assert!(
            !has_ended(&format!("{}/1/x", machine()), &here)
                || cfg!(not(target_os = "linux"))
                || !is_running(1)
        );
    }
}
