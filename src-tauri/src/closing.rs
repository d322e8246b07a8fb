//! What closing the window means while runs are under way: the owner is asked. Nothing is lost either way; what
//! is stopped is offered for resuming at the next start.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Emitter, Manager};

use crate::{tray, workspace::Workspace};

/// The event that has the page ask.
const CLOSING: &str = "closing";

/// Presses so soon after the one that was told are the same: a double click, a key that is held.
const SAME: Duration = Duration::from_secs(1);

/// Where the question stands.
#[derive(Debug, Default)]
pub(crate) struct Closing(Mutex<Stand>);

#[derive(Clone, Copy, Debug, Default)]
enum Stand {
    /// None is put, or it is answered.
    #[default]
    Settled,
    /// The page was told to ask, and has not said that it does.
    Told(Instant),
    /// It is on the screen.
    Shown,
}

/// What a press does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Press {
    /// The page is told to ask.
    Ask,
    /// It has just been told.
    Wait,
    /// The page does not ask: the app ends.
    End,
}

impl Closing {
    /// The window was to be closed. Where the question is on the screen the page is told once more, and owes a sign of
    /// life once more.
    fn press(&self, now: Instant) -> Press {
        let mut stand = self.stand();
        match *stand {
            Stand::Settled | Stand::Shown => {
                *stand = Stand::Told(now);
                Press::Ask
            }
            Stand::Told(at) if now.saturating_duration_since(at) < SAME => Press::Wait,
            Stand::Told(_) => Press::End,
        }
    }

    /// The page says that it asks.
    fn shown(&self) {
        let mut stand = self.stand();
        if let Stand::Told(_) = *stand {
            *stand = Stand::Shown;
        }
    }

    /// No answer is owed: it was given, or the page that was to give it is gone.
    pub(crate) fn settle(&self) {
        *self.stand() = Stand::Settled;
    }

    fn stand(&self) -> MutexGuard<'_, Stand> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

/// The owner's answer, or that it is waited for.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Close {
    /// The question is on the screen.
    Asking,
    /// The window stays.
    Stay,
    /// The runs go on behind the icon in the tray.
    Hide,
    /// The app ends.
    End,
}

/// Ends the app, or has the page ask first. Asked for again it ends only where the page has not said that it asks:
/// one that hangs can't hold the window open.
pub(crate) fn ask(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let runs = app.state::<Workspace>().driven().await;
        let question = Question {
            runs,
            can_hide: tray::is_there(&app),
        };
        let ends = runs == 0
            || match app.state::<Closing>().press(Instant::now()) {
                Press::Ask => app.emit(CLOSING, question).is_err(),
                Press::Wait => false,
                Press::End => true,
            };
        if ends {
            app.exit(0);
        } else {
            tray::show(&app);
        }
    });
}

/// Does as the owner answered.
pub(crate) fn answer(app: &AppHandle, how: Close) {
    let closing = app.state::<Closing>();
    if let Close::Asking = how {
        closing.shown();
        return;
    }
    closing.settle();
    match how {
        Close::Hide if tray::is_there(app) => tray::hide(app),
        Close::Asking | Close::Stay | Close::Hide => {}
        Close::End => app.exit(0),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::{Closing, Press, SAME};

    #[test]
    fn a_page_that_is_loaded_anew_owes_no_answer_to_the_one_before() {
        let (closing, now) = (Closing::default(), Instant::now());
        assert_eq!(closing.press(now), Press::Ask, "the first time it asks");
        assert_eq!(
            closing.press(now + SAME),
            Press::End,
            "it shows no question"
        );
        closing.settle();
        assert_eq!(closing.press(now + SAME), Press::Ask, "the new page asks");
    }

    #[test]
    fn a_double_click_ends_nothing() {
        let (closing, now) = (Closing::default(), Instant::now());
        assert_eq!(closing.press(now), Press::Ask);
        assert_eq!(closing.press(now + SAME / 4), Press::Wait);
        assert_eq!(
            closing.press(now + SAME),
            Press::End,
            "it shows no question"
        );
    }

    #[test]
    fn a_question_on_the_screen_is_not_passed_over_unless_its_page_hangs() {
        let (closing, now) = (Closing::default(), Instant::now());
        closing.shown();
        assert_eq!(closing.press(now), Press::Ask, "nothing was shown before");
        for seconds in 1..4 {
            closing.shown();
            let press = closing.press(now + SAME * seconds);
            assert_eq!(press, Press::Ask, "it stands, and is shown");
        }
        assert_eq!(closing.press(now + SAME * 4), Press::End, "it hangs by now");
    }
}
