//! How a sandbox is started.

use std::{path::PathBuf, time::Duration};

use crate::figure::LatencyChoice;

/// Options of [`serve`](crate::serve).
#[derive(Clone, Debug)]
pub struct Options {
    /// Where its state lies; made where there is none.
    pub data: PathBuf,
    /// The loopback port. 0 takes the one it had last time where that is free, else any.
    pub port: u16,
    /// How long things take.
    pub latency: LatencyChoice,
    /// A file of fault rules, as `POST /_sandbox/faults` takes them (JSON).
    pub faults: Option<PathBuf>,
    /// What tokens, ids and readiness times follow from. `None` keeps the directory's own.
    pub seed: Option<u64>,
    /// Ends this long after the last client left `GET /_sandbox/hold` (and this long after the
    /// start, where none came). `None` serves until stopped.
    pub until_unused: Option<Duration>,
}

impl Options {
    /// How long a shared sandbox outlives its last client.
    pub const LINGER: Duration = Duration::from_secs(30);

    /// A sandbox on `data` with realistic latencies that serves until stopped.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            port: 0,
            latency: LatencyChoice::default(),
            faults: None,
            seed: None,
            until_unused: None,
        }
    }
}
