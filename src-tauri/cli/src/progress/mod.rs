//! The progress of runs, on stderr: live lines on a terminal, plain lines elsewhere, JSON lines with `--json`.

mod live;
mod plain;

use std::{
    collections::BTreeMap,
    io::{IsTerminal, Write},
    sync::{Mutex, MutexGuard, PoisonError},
};

use fabrik_app::views::RunDetail;
use fabrik_domain::{blueprint::StepKind, event::RunEvent, id::RunId, language::Language};

use crate::{
    output::{error_line, json_note},
    session::Session,
    words::{self, Term},
};

use live::Live;

/// A run that is followed.
pub(crate) struct Track {
    /// Before each of its lines, where several are followed.
    prefix: String,
    /// Kind and usual seconds of each step.
    steps: BTreeMap<String, (StepKind, f64)>,
}

/// How progress is shown.
enum Mode {
    Silent,
    Json,
    Plain,
    Live(Live),
}

/// The runs that are followed.
pub(crate) struct Progress {
    language: Language,
    several: bool,
    state: Mutex<State>,
}

struct State {
    mode: Mode,
    tracks: BTreeMap<RunId, Track>,
}

impl Progress {
    /// Progress as the session and the terminal ask for it; `several` names the customer in each line.
    pub(crate) fn new(session: &Session, several: bool) -> Self {
        let mode = if session.quiet {
            Mode::Silent
        } else if session.json {
            Mode::Json
        } else if std::io::stderr().is_terminal() && session.log_filter().is_none() {
            Mode::Live(Live::default())
        } else {
            Mode::Plain
        };
        let state = Mutex::new(State {
            mode,
            tracks: BTreeMap::new(),
        });
        Self {
            language: session.language,
            several,
            state,
        }
    }

    /// Follows a run. Events of others are not shown.
    pub(crate) fn follow(&self, detail: &RunDetail) {
        let prefix = if self.several {
            format!("{}  ", detail.customer.name)
        } else {
            String::new()
        };
        let steps = detail
            .steps
            .iter()
            .map(|step| (step.id.clone(), (step.kind, step.usual_seconds)))
            .collect();
        self.state()
            .tracks
            .insert(detail.run.id, Track { prefix, steps });
    }

    /// Shows an event.
    pub(crate) fn observe(&self, event: &RunEvent) {
        let mut state = self.state();
        let State { mode, tracks } = &mut *state;
        let Some(track) = tracks.get(&event.run) else {
            return;
        };
        match mode {
            Mode::Silent => {}
            Mode::Json => json_line(self.language, event),
            Mode::Plain => {
                if let Some(line) = plain::line(self.language, track, event) {
                    error_line(line);
                }
            }
            Mode::Live(live) => live.observe(self.language, track, event),
        }
    }

    /// A word between the lines.
    pub(crate) fn note(&self, text: &str) {
        match &self.state().mode {
            Mode::Silent => {}
            Mode::Json => json_note(text),
            Mode::Plain => error_line(text),
            Mode::Live(live) => live.note(text),
        }
    }

    /// Takes away what moves.
    pub(crate) fn finish(&self) {
        if let Mode::Live(live) = &mut self.state().mode {
            live.clear();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A line that failed halfway leaves nothing behind that matters.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Track {
    fn title(&self, language: Language, step: &str) -> String {
        let known = self.steps.get(step).map(|(kind, _)| kind.word(language));
        known.unwrap_or(step).to_owned()
    }
}

fn json_line(language: Language, event: &RunEvent) {
    if let Ok(value) = serde_json::to_value(event) {
        let mut stderr = std::io::stderr().lock();
        let _ = writeln!(stderr, "{}", words::explained(language, value));
    }
}
