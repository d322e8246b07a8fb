//! Keeping a run while it is driven: the lease is renewed, and a cancel asked for by another process is
//! heard.

use std::time::Duration;

use fabrik_domain::{Problem, id::RunId, ports::Clock};
use fabrik_store::Store;
use tokio_util::sync::CancellationToken;

use crate::journal::Journal;

/// How long a run stays a process's own without a sign of life.
pub(crate) const LEASE: Duration = Duration::from_mins(1);

/// The longest that a call to a vendor takes, after which its outcome counts as unknown.
pub(crate) const CALL: Duration = Duration::from_secs(30);

/// By how much wall time may run ahead of the time that stands still while the machine sleeps.
const NAP: Duration = Duration::from_secs(5);

const RENEWAL: Duration = Duration::from_secs(15);
const LISTENING: Duration = Duration::from_secs(1);

/// For how long an answer is waited for. Shorter than a lease by far.
const READING: Duration = Duration::from_secs(5);

/// Renews the lease until it is lost or can't be kept, which is what this returns; sets `cancel` when
/// somebody asks for it, which is heard late where the store can't be read for a while. After a sleep of the
/// machine the lease is renewed first, or found to be lost.
pub(crate) async fn keep(
    journal: &Journal<'_>,
    store: &dyn Store,
    clock: &dyn Clock,
    run: RunId,
    cancel: &CancellationToken,
) -> Problem {
    let mut renewed = clock.monotonic();
    let mut looked = (clock.now(), clock.monotonic());
    let mut told = journal.newest_number();
    let mut deaf = false;
    loop {
        clock.sleep(LISTENING).await;
        let now = (clock.now(), clock.monotonic());
        let wall = now.0.duration_since(looked.0).unsigned_abs();
        let slept = wall.abs_diff(now.1.saturating_sub(looked.1)) > NAP;
        looked = now;
        let result = async {
            let due = clock.monotonic().saturating_sub(renewed) >= RENEWAL;
            let lapsed = slept || journal.left().is_zero();
            if lapsed || due {
                if !lapsed {
                    // Shares the renewal's commit.
                    journal.flush().await?;
                }
                journal.renew(LEASE).await?;
                renewed = clock.monotonic();
            }
            if !cancel.is_cancelled() {
                // A connection that hangs must not keep the lease from being renewed.
                let read = tokio::select! {
                    read = store.cancel_requested(run) => Some(read),
                    () = clock.sleep(READING) => None,
                };
                match read {
                    Some(Ok(asked)) => {
                        deaf = false;
                        if asked {
                            cancel.cancel();
                        }
                    }
                    // Whether somebody wants it stopped can wait; whether it is still ours, which the renewal
                    // tells, can't.
                    Some(Err(problem)) if !deaf => {
                        deaf = true;
                        tracing::warn!(%run, %problem, "whether the run is to be cancelled can't be read");
                    }
                    Some(Err(_)) | None => {}
                }
            }
            journal.flush_since(told).await?;
            told = journal.newest_number();
            Ok(())
        };
        if let Err(problem) = result.await {
            return problem;
        }
    }
}
