//! `fabrik runs watch`: follows a run through the store, in whichever process it is driven.

use std::{sync::Arc, time::Duration};

use fabrik_app::App;
use fabrik_domain::{Problem, id::RunId, run::RunState};

use super::outcome;
use crate::{exit::Exit, progress::Progress, session::Session, work::Outcome};

/// How often the store is looked at.
const FOLLOW: Duration = Duration::from_millis(250);

/// After so many looks it is asked whether the run's process still lives.
const LIVENESS: u32 = 20;

/// Follows the run until nothing drives it, then prints its report.
pub(crate) async fn run(session: &Session, app: &Arc<App>, run: RunId) -> Result<Exit, Problem> {
    let progress = Progress::new(session, false);
    progress.follow(&app.run_get(run).await?);
    let mut seen = 0;
    let mut looks = 0;
    loop {
        // The state is read first: an event written before the end is then not missed.
        let state = app.store().run(run).await?.state;
        for event in app.store().events_since(run, seen).await? {
            seen = event.number;
            progress.observe(&event);
        }
        if !matches!(
            state,
            RunState::Queued | RunState::Running | RunState::Undoing
        ) {
            break;
        }
        looks += 1;
        if looks % LIVENESS == 0 {
            let written = super::look_for_interrupted(app).await;
            // Where it can't be written down that the process is gone, the run is told as it stands.
            if !written && app.run_get(run).await?.driver.is_none() {
                break;
            }
        }
        tokio::time::sleep(FOLLOW).await;
    }
    progress.finish();
    let report = app.report(run).await?;
    Ok(outcome::print(
        session,
        &[Outcome::Ended(Box::new(report))],
        true,
    ))
}
