//! A secret as it comes in: from standard input, or typed at a prompt that shows nothing. Never an argument:
//! those are read by every process of the machine and kept in the shell's history.

use std::{
    io::{IsTerminal, Read},
    path::Path,
};

use fabrik_app::{EnteredSecret, text_of};
use fabrik_domain::{Cause, Problem, secret::Secret};

/// No secret is longer than this; more is the wrong file.
const MOST: u64 = 1024 * 1024;

/// Reads a secret: all of standard input where that is a pipe or a file, else a line at `prompt`.
pub(crate) fn read(prompt: &str) -> Result<EnteredSecret, Problem> {
    let stdin = std::io::stdin();
    let text = if stdin.is_terminal() {
        rpassword::prompt_password(prompt)
    } else {
        let mut text = String::new();
        stdin
            .lock()
            .take(MOST)
            .read_to_string(&mut text)
            .map(|_| text)
    };
    text.map(|text| EnteredSecret(Secret::from(text)))
        .map_err(|error| unreadable("-", &error))
}

/// Reads a file that holds secrets; `-` is standard input.
pub(crate) fn read_file(path: &Path) -> Result<EnteredSecret, Problem> {
    if path == Path::new("-") {
        return read("");
    }
    std::fs::read(path)
        .map(|bytes| EnteredSecret(Secret::from(text_of(bytes))))
        .map_err(|error| unreadable(&path.display().to_string(), &error))
}

fn unreadable(file: &str, error: &std::io::Error) -> Problem {
    Cause::FileUnreadable {
        file: file.to_owned(),
        why: error.to_string(),
    }
    .into()
}
