//! Workspaces that were left while this process drives runs in them: the page shows another one, and is told of those
//! runs here. What is worth saying of them, and in which words, is the page's.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use fabrik_app::{App, views::ActiveRun};
use serde_json::json;
use tauri::{AppHandle, Emitter};

/// The event that tells the page of a run of a workspace that was left.
const ELSEWHERE: &str = "elsewhere";
/// How often such a workspace is looked at.
const LOOK: Duration = Duration::from_secs(2);
/// So often the last look is tried where the records can't be read.
const LAST_LOOKS: u32 = 30;

/// The workspaces that were left. Whoever plans or drives a run in one, or tells of it, holds it open; after them it is
/// let go, and with it its database and its hold on the sandbox.
pub(crate) struct LeftWorkspaces<T>(Mutex<Vec<Weak<T>>>);

impl<T> Default for LeftWorkspaces<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> LeftWorkspaces<T> {
    /// Adds one.
    pub(crate) fn add(&self, one: &Arc<T>) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        left.retain(|one| one.strong_count() > 0);
        left.push(Arc::downgrade(one));
    }

    /// Those that somebody holds open.
    pub(crate) fn all(&self) -> Vec<Arc<T>> {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        left.iter().filter_map(Weak::upgrade).collect()
    }
}

/// Tells the page of a workspace's runs for as long as this process drives any of them.
pub(crate) async fn follow(app: &App, window: &AppHandle) {
    let mut before: Vec<ActiveRun> = Vec::new();
    let mut failed = 0;
    loop {
        // Asked first: what is driven no more has its end in the records by the look that follows.
        let driven = app.driven_here().await;
        // Where they can't be read, the next look tells.
        let looked = app.overview().await;
        failed = if driven > 0 || looked.is_ok() {
            0
        } else {
            failed + 1
        };
        if let Ok(overview) = looked {
            for run in changed(&before, &overview.active_runs) {
                tell(app, window, &overview.workspace, run).await;
            }
            before = overview.active_runs;
        }
        if is_last(driven, failed) {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Whether nothing more is to be told after a look: it saw the end of the last run, or so many in a row saw nothing.
const fn is_last(driven: usize, failed: u32) -> bool {
    driven == 0 && (failed == 0 || failed >= LAST_LOOKS)
}

/// Those that stand elsewhere now than they did, or are under way no more.
fn changed<'a>(before: &'a [ActiveRun], now: &[ActiveRun]) -> Vec<&'a ActiveRun> {
    before
        .iter()
        .filter(|run| {
            now.iter()
                .find(|one| one.run == run.run)
                .is_none_or(|one| one.state != run.state)
        })
        .collect()
}

async fn tell(app: &App, window: &AppHandle, workspace: &str, run: &ActiveRun) {
    let Ok(detail) = app.run_get(run.run).await else {
        return;
    };
    let told = json!({
        "workspace": workspace,
        "customer": run.customer_name,
        "run": detail.run,
    });
    // A window that is closing needs no word.
    let _ = window.emit(ELSEWHERE, told);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use std::sync::Arc;

    use fabrik_app::views::ActiveRun;
    use serde_json::json;

    use super::{LAST_LOOKS, LeftWorkspaces, changed, is_last};

    fn run(number: u8, state: &str) -> ActiveRun {
        serde_json::from_value(json!({
            "run": format!("01890000-0000-7000-8000-0000000000{number:02}"),
            "customer": "01890000-0000-7000-8000-000000000000",
            "customer_name": format!("Customer {number}"),
            "state": state,
        }))
        .unwrap()
    }

    #[test]
    fn a_run_is_told_of_when_it_stands_elsewhere_or_is_gone() {
        let before = [
            run(1, "running"),
            run(2, "running"),
            run(3, "running"),
            run(4, "waiting"),
        ];
        let now = [
            run(2, "waiting"),
            run(3, "running"),
            run(4, "waiting"),
            run(5, "waiting"),
        ];
        let told: Vec<_> = changed(&before, &now)
            .iter()
            .map(|run| run.customer_name.as_str())
            .collect();
        assert_eq!(told, ["Customer 1", "Customer 2"]);
    }

    #[test]
    fn a_workspace_is_open_for_as_long_as_somebody_works_in_it() {
        let left = LeftWorkspaces::default();
        let (first, second) = (Arc::new("agency"), Arc::new("studio"));
        left.add(&first);
        left.add(&second);
        let planning = Arc::clone(&second);
        drop((first, second));
        assert_eq!(left.all(), ["studio".into()], "where a run is planned");
        drop(planning);
        assert_eq!(left.all(), Vec::new());
    }

    #[test]
    fn the_last_look_is_one_that_saw_something_or_is_given_up() {
        assert!(is_last(0, 0));
        assert!(!is_last(0, 1), "the end of the last run is not told yet");
        assert!(is_last(0, LAST_LOOKS), "not for ever");
        assert!(!is_last(1, LAST_LOOKS), "a run is under way");
    }
}
