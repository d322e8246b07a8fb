//! What the tests of every crate tell a promise's proof with, for the report of `make proof`, what they spoil input with,
//! and measure its memory, and links that are not to be opened. The tests of the whole product are beside this folder: in
//! `it`, and the figures in `benches`. `outside.rs`, `real_clock.rs`, `vendor_document.rs` and `vendor_request.rs` are no
//! part of the library: tests include them.

pub mod links;
pub mod memory;
pub mod spoiled;

use std::{
    env,
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use serde_json::json;

/// The folder that the report is made from. Where it is not set, nothing is written.
const FOLDER: &str = "FABRIK_PROOF";

/// The folder of the checkout, above the one that Cargo runs a test in. A path from the compiler would be that of the
/// checkout which was built: one that is the same is not built again elsewhere.
pub fn checkout() -> PathBuf {
    let here = env::current_dir().unwrap_or_default();
    let mut above = here.ancestors();
    above
        .find(|folder| folder.join("tests/promises.json").is_file())
        .map_or_else(PathBuf::new, Path::to_owned)
}

/// Whether this is the full proof, which takes the time that it needs: `make proof`.
pub fn in_full() -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "what the test is told from outside"
    )]
    std::env::var_os(FOLDER).is_some()
}

/// A promise under trial. Made where a test begins; told when it is dropped, as broken where the test panics.
#[derive(Debug)]
pub struct Proof {
    promise: &'static str,
    what: String,
    tried: AtomicU64,
    seeds: Option<u64>,
    measured: OnceLock<String>,
    begun: Instant,
}

impl Proof {
    /// Of a promise by its number, such as `P1`, and what is tried, such as `killed at every write of the journal`. Both
    /// stand here as they are: `promises.json` lists them with the least that the full proof tries.
    pub fn of(promise: &'static str, what: impl Into<String>) -> Self {
        Self {
            promise,
            what: what.into(),
            tried: AtomicU64::new(0),
            seeds: None,
            measured: OnceLock::new(),
            begun: Instant::now(),
        }
    }

    /// Made from this many seeds, counted from 0.
    #[must_use]
    pub fn from_seeds(mut self, seeds: u64) -> Self {
        self.seeds = Some(seeds);
        self
    }

    /// What was measured, in words, where the promise is a figure: the report tells it beside what became of it.
    pub fn measured(&self, figure: impl Into<String>) {
        // The first is kept: a proof measures once.
        let _ = self.measured.set(figure.into());
    }

    /// So many more were tried, and held.
    pub fn held(&self, count: usize) {
        self.tried.fetch_add(count as u64, Ordering::Relaxed);
    }
}

impl Drop for Proof {
    fn drop(&mut self) {
        #[expect(
            clippy::disallowed_methods,
            reason = "what the test is told from outside"
        )]
        let Some(folder) = std::env::var_os(FOLDER) else {
            return;
        };
        let held = !std::thread::panicking();
        let line = json!({
            "promise": self.promise,
            "what": self.what,
            "tried": self.tried.load(Ordering::Relaxed),
            "seeds": self.seeds,
            "measured": self.measured.get(),
            "held": held,
            "seconds": self.begun.elapsed().as_secs_f64(),
        });
        let path = PathBuf::from(folder).join("tried.jsonl");
        // One write to a file opened for appending: tests run side by side, in several processes.
        let written = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
        // A proof that can't be told is none. The report misses it too: `promises.json` lists it.
        assert!(written.is_ok() || !held, "{}: {written:?}", path.display());
    }
}
