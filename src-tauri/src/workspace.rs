//! The workspace behind the window, opened once and off the window's thread: the frame is drawn before the
//! database and the sandbox have answered.

use std::sync::Arc;

use fabrik_app::{App, Environment, Options, Problem};
use tauri::Emitter;
use tokio::sync::OnceCell;

/// The event that tells the window that records changed.
const HINT: &str = "hint";

/// The open workspace, or why there is none.
#[derive(Default)]
pub(crate) struct Workspace(OnceCell<Arc<App>>);

impl Workspace {
    /// The workspace. Where it couldn't be opened the next call tries again.
    pub(crate) async fn app(&self) -> Result<Arc<App>, Problem> {
        self.0.get_or_try_init(open).await.cloned()
    }

    /// Passes hints on to the window for as long as the app runs.
    pub(crate) async fn follow(&self, window: &tauri::AppHandle) {
        let Ok(app) = self.app().await else { return };
        let mut hints = app.hints();
        while let Some(change) = hints.recv().await {
            // A window that is closing needs no hint.
            let _ = window.emit(HINT, change);
        }
    }
}

async fn open() -> Result<Arc<App>, Problem> {
    let app = App::open(Options {
        environment: Environment::of_process(false),
        data_dir: None,
        workspace: None,
        browser: Some(Box::new(|url| open::that_detached(url).is_ok())),
    })
    .await?;
    fabrik_app::logging::start(&app.data_dir().join("logs"), None);
    // What another process left in the middle is offered for resuming.
    app.mark_interrupted().await?;
    Ok(Arc::new(app))
}
