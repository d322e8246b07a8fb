//! What closing the window means while runs are under way: the owner is asked. Nothing is lost either way; what
//! is stopped is offered for resuming at the next start.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Emitter, Manager};

use crate::{tray, workspace::Workspace};

/// The event that has the page ask.
const CLOSING: &str = "closing";

/// Whether the page has been told to ask and has not answered.
#[derive(Debug, Default)]
pub(crate) struct Closing(AtomicBool);

impl Closing {
    /// The page is told to ask; false where it still owes the answer to an earlier question.
    fn put(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }

    /// No answer is owed: it was given, or the page that was to give it is gone.
    pub(crate) fn settle(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// What the page asks about.
#[derive(Debug, Clone, Serialize)]
struct Question {
    /// Runs that this process drives.
    runs: usize,
    /// The window can be hidden meanwhile.
    can_hide: bool,
}

/// The owner's answer.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Close {
    /// The window stays.
    Stay,
    /// The runs go on behind the icon in the tray.
    Hide,
    /// The app ends.
    End,
}

/// Ends the app, or has the page ask first. Asked for twice without an answer it ends: a page that hangs can't
/// hold the window open.
pub(crate) fn ask(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let runs = app.state::<Workspace>().driven().await;
        let first = app.state::<Closing>().put();
        let question = Question {
            runs,
            can_hide: tray::is_there(&app),
        };
        if runs == 0 || !first || app.emit(CLOSING, question).is_err() {
            app.exit(0);
        }
    });
}

/// Does as the owner answered.
pub(crate) fn answer(app: &AppHandle, how: Close) {
    app.state::<Closing>().settle();
    match how {
        Close::Hide if tray::is_there(app) => tray::hide(app),
        Close::Stay | Close::Hide => {}
        Close::End => app.exit(0),
    }
}

#[cfg(test)]
mod tests {
    use super::Closing;

    #[test]
    fn a_page_that_is_loaded_anew_owes_no_answer_to_the_one_before() {
        let closing = Closing::default();
        assert!(closing.put(), "the first time it asks");
        assert!(!closing.put(), "without an answer it ends");
        closing.settle();
        assert!(closing.put(), "the new page asks again");
    }
}
