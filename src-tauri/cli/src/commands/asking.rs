//! Questions to whoever sits at a terminal. A script is asked nothing: it has said what it wants.

use std::{
    fmt::Display,
    io::{BufRead, IsTerminal},
};

use crate::{output::error_line, session::Session, words::Label};

/// What somebody types after `prompt`, without the space around it; `None` where nobody can be asked.
pub(super) fn typed(session: &Session, prompt: impl Display) -> Option<String> {
    let stdin = std::io::stdin();
    if session.json || !stdin.is_terminal() || !std::io::stderr().is_terminal() {
        return None;
    }
    error_line(prompt);
    let mut answer = String::new();
    // An answer that can't be read says nothing.
    let _ = stdin.lock().read_line(&mut answer);
    Some(answer.trim().to_owned())
}

/// Yes or no.
pub(super) fn agreed(session: &Session, question: &str) -> bool {
    let language = session.language;
    let yes = Label::YesLetters.get(language);
    let prompt = format_args!("{question} {}", Label::YesOrNo.get(language));
    typed(session, prompt).is_none_or(|answer| answer.starts_with(|letter| yes.contains(letter)))
}
