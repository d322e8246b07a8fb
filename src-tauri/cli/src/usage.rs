//! What was typed and can't be meant, told in the reader's language.

use std::ffi::OsString;

use clap::{Command, Error, error::ErrorKind};
use fabrik_domain::language::Language;
use serde_json::json;

use crate::{
    exit::Exit,
    output::{Output, bad, error_line},
    words::{self, Label},
};

/// The language that is asked for before anything is parsed, so that what can't be parsed is told in it.
pub(crate) fn asked_language(arguments: &[OsString]) -> Option<Language> {
    let mut words = arguments
        .iter()
        .map(|argument| argument.to_str().unwrap_or_default())
        .take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        let tag = if word == "--lang" {
            words.next()
        } else {
            word.strip_prefix("--lang=")
        };
        if let Some(language) = tag.and_then(Language::from_tag) {
            return Some(language);
        }
    }
    None
}

/// Help and version are answers; the rest is wrong usage, with `--json` as a document too.
pub(crate) fn report(
    error: &Error,
    language: Language,
    arguments: &[OsString],
    command: &Command,
) -> Exit {
    if !error.use_stderr() {
        let _ = error.print();
        return Exit::Done;
    }
    let json = arguments.iter().any(|argument| argument == "--json");
    // Who has typed half a command is shown how it goes on.
    if !json && error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return Exit::Usage;
    }
    let help = format!("{} --help", called(command, arguments));
    let text = words::usage(language, error, &help);
    if json {
        let document = json!({ "code": "usage", "message": text.message, "hint": text.hint });
        Output::default().document(&document);
    } else {
        let label = Label::Error.get(language);
        error_line(format_args!(
            "{} {}",
            bad(format_args!("{label}:")),
            text.message
        ));
        error_line(format_args!("  → {}", text.hint));
    }
    Exit::Usage
}

/// The command that was called, as far as it is one.
fn called(command: &Command, arguments: &[OsString]) -> String {
    let mut path = vec![command.get_name()];
    let mut here = command;
    for word in arguments.iter().skip(1) {
        if let Some(inner) = here.find_subcommand(word) {
            path.push(inner.get_name());
            here = inner;
        }
    }
    path.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::help;

    fn line(text: &str) -> Vec<OsString> {
        text.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn the_language_is_known_before_anything_is_parsed() {
        for (text, language) in [
            ("fabrik --lang sv nonsense", Some(Language::Sv)),
            ("fabrik nonsense --lang=en", Some(Language::En)),
            ("fabrik plan a --lang de", None),
            ("fabrik plan -- --lang sv", None),
            ("fabrik --lang", None),
        ] {
            assert_eq!(asked_language(&line(text)), language, "{text}");
        }
    }

    #[test]
    fn wrong_usage_is_told_in_both_languages_and_names_what_is_wrong() {
        for (text, named, path) in [
            ("fabrik provision", "", "fabrik provision"),
            (
                "fabrik provision a --pending",
                "--pending",
                "fabrik provision",
            ),
            (
                "fabrik provision a --on-failure maybe",
                "maybe",
                "fabrik provision",
            ),
            (
                "fabrik customers add Name",
                "--email",
                "fabrik customers add",
            ),
            (
                "fabrik customers list --status gone",
                "gone",
                "fabrik customers list",
            ),
            (
                "fabrik customers list --limit many",
                "many",
                "fabrik customers list",
            ),
            (
                "fabrik customers list --limit",
                "--limit",
                "fabrik customers list",
            ),
            (
                "fabrik customers list --limt 5",
                "--limt",
                "fabrik customers list",
            ),
            (
                "fabrik credentials set supabase token",
                "token",
                "fabrik credentials set",
            ),
            ("fabrik customres list", "customres", "fabrik"),
            ("fabrik --lang de doctor", "de", "fabrik doctor"),
            ("fabrik doctor --quiet --quiet", "--quiet", "fabrik doctor"),
        ] {
            let texts = [Language::Sv, Language::En].map(|language| {
                let mut command = help::command(language);
                let error = command
                    .try_get_matches_from_mut(line(text))
                    .expect_err(text);
                assert_eq!(error.exit_code(), 2, "{text}");
                assert_eq!(called(&command, &line(text)), path, "{text}");
                words::usage(language, &error, &format!("{path} --help"))
            });
            for said in &texts {
                assert!(said.message.contains(named), "{text}: {}", said.message);
                assert!(!said.hint.is_empty(), "{text}");
            }
            assert_ne!(texts[0].message, texts[1].message, "{text} is translated");
        }
    }
}
