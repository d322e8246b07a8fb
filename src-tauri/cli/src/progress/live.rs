//! Live lines on a terminal: a spinner for each step under way, with the time it has taken against the time it
//! usually takes; a line that stays for each step that has ended.

use std::{collections::BTreeMap, time::Duration};

use fabrik_domain::{
    event::{Happening, RunEvent},
    id::RunId,
    language::Language,
    run::StepState,
};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use jiff::Timestamp;

use super::Track;
use crate::{
    output::{bad, faint, good, warning},
    words::{self, Label, Term},
};

const FRAME: Duration = Duration::from_millis(100);

/// The lines.
#[derive(Default)]
pub(super) struct Live {
    lines: MultiProgress,
    running: BTreeMap<(RunId, String), Running>,
}

/// A step under way.
struct Running {
    bar: ProgressBar,
    since: Timestamp,
    title: String,
}

impl Live {
    /// Shows an event.
    pub(super) fn observe(&mut self, language: Language, track: &Track, event: &RunEvent) {
        let Some(step) = &event.step else {
            if let Happening::Run { .. } = event.what {
                self.note(&faint(format!(
                    "{}{}",
                    track.prefix,
                    words::happening(language, &event.what)
                )));
            }
            return;
        };
        let key = (event.run, step.clone());
        match &event.what {
            Happening::Step {
                state: StepState::Running | StepState::Undoing,
            } => {
                self.begin(language, track, event, key);
            }
            Happening::Step { state } => self.end(language, track, event, &key, *state),
            Happening::Problem { .. } => {
                let text = words::happening(language, &event.what);
                self.note(&bad(format!(
                    "  {}{}: {text}",
                    track.prefix,
                    track.title(language, step)
                )));
            }
            what => {
                if let Some(running) = self.running.get(&key) {
                    running.bar.set_message(words::happening(language, what));
                }
            }
        }
    }

    /// A line that stays, above those that move.
    pub(super) fn note(&self, text: &str) {
        let _ = self.lines.println(text);
    }

    /// Takes the moving lines away.
    pub(super) fn clear(&mut self) {
        for (_, running) in std::mem::take(&mut self.running) {
            running.bar.finish_and_clear();
        }
        let _ = self.lines.clear();
    }

    fn begin(&mut self, language: Language, track: &Track, event: &RunEvent, key: (RunId, String)) {
        if self.running.contains_key(&key) {
            return;
        }
        let title = format!("{}{}", track.prefix, track.title(language, &key.1));
        let usual = track.steps.get(&key.1).map_or(0.0, |(_, usual)| *usual);
        let usual = if usual > 0.0 {
            format!(
                "/ {} {}",
                Label::Usually.get(language),
                words::seconds(usual)
            )
        } else {
            String::new()
        };
        let template =
            format!("{{spinner:.cyan}} {{prefix}} {{elapsed}} {usual}  {{wide_msg:.dim}}");
        let style = ProgressStyle::with_template(&template)
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = self.lines.add(ProgressBar::new_spinner().with_style(style));
        bar.set_prefix(title.clone());
        bar.enable_steady_tick(FRAME);
        self.running.insert(
            key,
            Running {
                bar,
                since: event.at,
                title,
            },
        );
    }

    fn end(
        &mut self,
        language: Language,
        track: &Track,
        event: &RunEvent,
        key: &(RunId, String),
        state: StepState,
    ) {
        let running = self.running.remove(key);
        let took = running
            .as_ref()
            .map(|running| words::seconds(event.at.duration_since(running.since).as_secs_f64()));
        let title = running.as_ref().map_or_else(
            || format!("{}{}", track.prefix, track.title(language, &key.1)),
            |running| running.title.clone(),
        );
        if let Some(running) = running {
            running.bar.finish_and_clear();
            self.lines.remove(&running.bar);
        }
        let mark = match state {
            StepState::Done => good("✓"),
            StepState::Adopted | StepState::Skipped | StepState::Undone => good("="),
            StepState::Failed | StepState::Leftover => bad("✗"),
            StepState::Deferred => warning("…"),
            StepState::Pending | StepState::Running | StepState::Undoing => return,
        };
        let word = faint(state.word(language));
        let took = took
            .map(|took| faint(format!("({took})")))
            .unwrap_or_default();
        self.note(&format!("{mark} {title}  {word} {took}"));
    }
}
