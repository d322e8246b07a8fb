//! The workspace behind the window, opened once and off the window's thread: the frame is drawn before the
//! database and the sandbox have answered. Another one can take its place.

use std::sync::{Arc, Mutex, PoisonError};

use fabrik_app::{
    App, Cause, Environment, Options, Problem, database_set_unopened, restore_copy,
    views::{DatabaseView, DiagnosticBundle, RestoredDatabase},
};
use tauri::Emitter;
use tokio::sync::Notify;

use crate::{
    browser,
    ipc::Chosen,
    left_workspaces::{self, LeftWorkspaces},
    once::Once,
};

/// The event that tells the window that records changed.
const HINT: &str = "hint";

/// The open workspace, or why there is none.
#[derive(Default)]
pub(crate) struct Workspace {
    open: Mutex<Arc<Once<Arc<App>>>>,
    /// Those that were open before, for as long as they drive runs.
    left: LeftWorkspaces<App>,
    /// Another one is open now.
    changed: Notify,
    /// What was last shown to whoever helps, of one that could not be opened.
    shown: Mutex<Option<DiagnosticBundle>>,
}

impl Workspace {
    /// The workspace. Where it couldn't be opened the next call tries again.
    pub(crate) async fn app(&self) -> Result<Arc<App>, Problem> {
        self.current().get_or_make(|| open(None)).await
    }

    /// Opens another workspace in the place of this one. Where that can't be, this one stays. The window hears of the
    /// runs that are driven on in this one.
    pub(crate) async fn change(
        &self,
        name: String,
        window: &tauri::AppHandle,
    ) -> Result<(), Problem> {
        let other = Once::default();
        other.get_or_make(|| open(Some(name))).await?;
        let before = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *open, Arc::new(other))
        };
        if let Some(app) = before.get() {
            self.left.add(app);
            let (app, window) = (Arc::clone(app), window.clone());
            tauri::async_runtime::spawn(
                async move { left_workspaces::follow(&app, &window).await },
            );
        }
        self.changed.notify_waiters();
        Ok(())
    }

    /// Goes back to the database's copy of a day, where the workspace could not be opened. Who asks for it meanwhile
    /// waits, and has the copy.
    pub(crate) async fn go_back(&self, day: &str) -> Result<RestoredDatabase, Problem> {
        let place = options(None);
        let current = self.current();
        let restored = current.while_missing(|| restore_copy(&place, day));
        let restored = restored.await;
        restored.unwrap_or_else(|| Err(Cause::DatabaseBusy.into()))
    }

    /// Another place for the central database, where the one that is noted could not be opened because of `problem`. Who
    /// asks for it meanwhile waits, and has the other.
    pub(crate) async fn choose_database(
        &self,
        problem: Problem,
        chosen: Chosen,
    ) -> Result<DatabaseView, Problem> {
        let place = options(None);
        let Chosen {
            url,
            password,
            bring,
        } = chosen;
        let current = self.current();
        let set =
            current.while_missing(|| database_set_unopened(&place, problem, url, password, bring));
        let set = set.await;
        set.unwrap_or_else(|| Err(Cause::DatabaseBusy.into()))
    }

    /// Notes what is shown to whoever helps of a workspace that can't be opened; of an open one nothing.
    pub(crate) fn show(&self, bundle: Option<DiagnosticBundle>) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = bundle;
    }

    /// What was shown of one that could not be opened, where that was the last.
    pub(crate) fn shown(&self) -> Option<DiagnosticBundle> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.clone()
    }

    /// How many runs this process drives; none where no workspace is open.
    pub(crate) async fn driven(&self) -> usize {
        let mut apps = self.left.all();
        apps.extend(self.current().get().cloned());
        let mut driven = 0;
        for app in apps {
            driven += app.driven_here().await;
        }
        driven
    }

    /// Passes hints on to the window for as long as the app runs, from when the workspace is open: a keyring
    /// that is unlocked or a disk that has room again may let a later call open it.
    pub(crate) async fn follow(&self, window: &tauri::AppHandle) {
        loop {
            // Listens first, so that no change is missed while it looks.
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            tokio::select! {
                () = self.pass_hints(window) => return,
                () = changed => {}
            }
        }
    }

    /// Those of the workspace that is open, until it tells of no more.
    async fn pass_hints(&self, window: &tauri::AppHandle) {
        let app = match self.app().await {
            Ok(app) => app,
            Err(_) => self.current().made().await,
        };
        let mut hints = app.hints();
        while let Some(change) = hints.recv().await {
            // A window that is closing needs no hint.
            let _ = window.emit(HINT, change);
        }
    }

    fn current(&self) -> Arc<Once<Arc<App>>> {
        Arc::clone(&self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How the workspace is opened: the one of this name, else as the variables say.
pub(crate) fn options(workspace: Option<String>) -> Options {
    let environment = Environment::of_process(false);
    let variables = environment.clone();
    Options {
        environment,
        data_dir: None,
        workspace,
        browser: Some(Box::new(move |url| browser::open(&variables, url))),
    }
}

async fn open(workspace: Option<String>) -> Result<Arc<App>, Problem> {
    let options = options(workspace);
    options.start_log(None);
    let app = App::open(options).await?;
    // What another process left in the middle is offered for resuming. Where that can't be written down the records are
    // shown all the same, and following the changes it is tried again.
    if let Err(problem) = app.mark_interrupted().await {
        tracing::warn!(%problem, "runs that were left can't be marked");
    }
    Ok(Arc::new(app))
}
