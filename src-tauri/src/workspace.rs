//! The workspace behind the window, opened once and off the window's thread: the frame is drawn before the
//! database and the sandbox have answered.

use std::sync::Arc;

use fabrik_app::{App, Environment, Options, Problem};
use tauri::Emitter;

use crate::{browser, once::Once};

/// The event that tells the window that records changed.
const HINT: &str = "hint";

/// The open workspace, or why there is none.
#[derive(Default)]
pub(crate) struct Workspace(Once<Arc<App>>);

impl Workspace {
    /// The workspace. Where it couldn't be opened the next call tries again.
    pub(crate) async fn app(&self) -> Result<Arc<App>, Problem> {
        self.0.get_or_make(open).await
    }

    /// How many runs this process drives; none where no workspace is open.
    pub(crate) async fn driven(&self) -> usize {
        match self.0.get() {
            Some(app) => app.driven_here().await,
            None => 0,
        }
    }

    /// Passes hints on to the window for as long as the app runs, from when the workspace is open: a keyring
    /// that is unlocked or a disk that has room again may let a later call open it.
    pub(crate) async fn follow(&self, window: &tauri::AppHandle) {
        let app = match self.app().await {
            Ok(app) => app,
            Err(_) => self.0.made().await,
        };
        let mut hints = app.hints();
        while let Some(change) = hints.recv().await {
            // A window that is closing needs no hint.
            let _ = window.emit(HINT, change);
        }
    }
}

/// How the workspace is opened.
pub(crate) fn options() -> Options {
    let environment = Environment::of_process(false);
    let variables = environment.clone();
    Options {
        environment,
        data_dir: None,
        workspace: None,
        browser: Some(Box::new(move |url| browser::open(&variables, url))),
    }
}

async fn open() -> Result<Arc<App>, Problem> {
    let app = App::open(options()).await?;
    fabrik_app::logging::start(&app.data_dir().join("logs"), None);
    // What another process left in the middle is offered for resuming.
    app.mark_interrupted().await?;
    Ok(Arc::new(app))
}
