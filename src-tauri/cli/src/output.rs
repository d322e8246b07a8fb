//! What the program writes: answers to stdout, everything else to stderr, with `--json` as one JSON value a
//! line there. A reader that has left ends nothing: a run goes on when `| head` has seen enough.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
    sync::OnceLock,
};

use clap::builder::styling::{AnsiColor, Style};
use serde_json::{Value, json};

use crate::exit::Exit;

/// Where answers and notes go.
#[derive(Default)]
pub(crate) struct Output {
    quiet: bool,
    json: bool,
    failure: OnceLock<io::Error>,
}

impl Output {
    /// With `quiet`, notes are left out; with `json`, each is a JSON line.
    pub(crate) fn new(quiet: bool, json: bool) -> Self {
        Self {
            quiet,
            json,
            failure: OnceLock::new(),
        }
    }

    /// A line of the answer.
    pub(crate) fn line(&self, text: impl Display) {
        self.keep(writeln!(anstream::stdout().lock(), "{text}"));
    }

    /// The answer as it is, such as a file's content.
    pub(crate) fn text(&self, text: impl Display) {
        self.keep(write!(anstream::stdout().lock(), "{text}"));
    }

    /// The answer as one JSON document.
    pub(crate) fn document(&self, document: &Value) {
        self.line(format_args!("{document:#}"));
    }

    /// One JSON value on a line of its own, seen by the reader at once.
    pub(crate) fn json_line(&self, value: &Value) {
        let mut stdout = io::stdout().lock();
        self.keep(writeln!(stdout, "{value}").and_then(|()| stdout.flush()));
    }

    /// A word beside the answer.
    pub(crate) fn note(&self, text: impl Display) {
        match (self.quiet, self.json) {
            (true, _) => {}
            (false, true) => json_note(text),
            (false, false) => error_line(text),
        }
    }

    /// What could not be written, at the end.
    pub(crate) fn finish(&self) -> Option<Exit> {
        self.keep(io::stdout().flush());
        let error = self.failure.get()?;
        error_line(format_args!("stdout: {error}"));
        Some(Exit::Failed)
    }

    fn keep(&self, result: io::Result<()>) {
        if let Err(error) = result
            && error.kind() != ErrorKind::BrokenPipe
        {
            let _ = self.failure.set(error);
        }
    }
}

/// A line on stderr. Where that can't be written either, nobody is left to tell.
pub(crate) fn error_line(text: impl Display) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// A word beside the answer, among progress as JSON lines: `{"note": …}`.
pub(crate) fn json_note(text: impl Display) {
    error_line(json!({ "note": text.to_string() }));
}

/// A text with what a terminal would not show as it stands written out: a line break, a tab, a command to the terminal.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// What is well.
pub(crate) fn good(text: impl Display) -> String {
    paint(AnsiColor::Green.on_default(), text)
}

/// What is wrong.
pub(crate) fn bad(text: impl Display) -> String {
    paint(AnsiColor::Red.on_default().bold(), text)
}

/// What waits.
pub(crate) fn warning(text: impl Display) -> String {
    paint(AnsiColor::Yellow.on_default(), text)
}

/// A heading.
pub(crate) fn strong(text: impl Display) -> String {
    paint(Style::new().bold(), text)
}

/// What matters less.
pub(crate) fn faint(text: impl Display) -> String {
    paint(Style::new().dimmed(), text)
}

fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}
