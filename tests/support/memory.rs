//! How much memory input that went wrong takes. A test that measures has a process of its own: what others take beside it
//! is none of the input's.

use std::{
    fmt, fs, io,
    process::Command,
    sync::{Mutex, PoisonError},
};

use crate::in_full;

/// What one input may take beyond what the process has already, in bytes.
pub const ROOM: u64 = 64 * 1024 * 1024;

/// Names the test whose own process this is.
const ALONE: &str = "FABRIK_TEST_ALONE";

/// Whether this process is a test's own. Where it is not, the test of this name, with the modules that it is in, is run
/// in one.
///
/// # Panics
/// Where it does not pass there.
pub fn is_alone(test: &str) -> io::Result<bool> {
    #[expect(
        clippy::disallowed_methods,
        reason = "what the test tells its own process"
    )]
    if std::env::var_os(ALONE).is_some_and(|alone| alone == test) {
        return Ok(true);
    }
    let ended = Command::new(std::env::current_exe()?)
        .args(["--exact", "--nocapture", "--test-threads=1", test])
        .env(ALONE, test)
        .output()?;
    let said = String::from_utf8_lossy(&ended.stdout);
    // The harness is content with no test of a name.
    assert!(
        ended.status.success() && said.contains("1 passed"),
        "{test}: {}\n{said}{}",
        ended.status,
        String::from_utf8_lossy(&ended.stderr)
    );
    Ok(false)
}

/// Looks, after each input, how much more the process has had since the look before.
#[derive(Debug)]
pub struct Measured {
    /// What it had then; none where the system doesn't tell.
    before: Mutex<Option<u64>>,
}

impl Measured {
    /// From now on.
    ///
    /// # Panics
    /// In the full proof, where the memory can't be measured: that would be no proof.
    pub fn from_now() -> Self {
        let before = begin();
        assert!(
            before.is_some() || !in_full(),
            "what the memory takes can't be measured on this system: that is no proof"
        );
        Self {
            before: Mutex::new(before),
        }
    }

    /// Looks after an input.
    ///
    /// # Panics
    /// Where this input, or one that is tried beside it, has taken more than there is room for.
    pub fn assert_room(&self, input: impl fmt::Display) {
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(before), Some(most)) = (*before, most()) {
            let taken = most.saturating_sub(before);
            assert!(taken < ROOM, "{input} takes {} MiB", taken >> 20);
        }
        *before = begin();
    }

    /// Leaves out what was taken since the look before: it was no input that took it.
    pub fn leave_out(&self) {
        *self.before.lock().unwrap_or_else(PoisonError::into_inner) = begin();
    }
}

/// The most that this process has had since a [`Measured`] last looked, or ever, in bytes; none where the system doesn't
/// tell.
fn most() -> Option<u64> {
    of_this_process("VmHWM:")
}

/// Makes the most that the process has ever had what it has now, in bytes, and gives it.
fn begin() -> Option<u64> {
    fs::write("/proc/self/clear_refs", "5").ok()?;
    of_this_process("VmRSS:")
}

/// What the system tells of this process, in bytes.
fn of_this_process(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_and_given_back_between_two_looks_is_noticed() {
        let test = "memory::tests::what_is_taken_and_given_back_between_two_looks_is_noticed";
        let alone = is_alone(test);
        assert!(alone.is_ok(), "{alone:?}");
        if alone.is_ok_and(|alone| !alone) {
            return;
        }
        let taken = |mebibytes: usize| {
            let measured = Measured::from_now();
            // Written to: what is only reserved is not there.
            drop(std::hint::black_box(vec![1_u8; mebibytes << 20]));
            std::panic::catch_unwind(|| measured.assert_room("it")).is_err()
        };
        assert!(!taken(16), "there is room for 16 MiB");
        assert!(taken(100), "and none for 100, though they are gone again");
    }
}
