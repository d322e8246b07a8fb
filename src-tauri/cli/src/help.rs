//! The commands with their help in the reader's language. English stands where the arguments are declared, and is
//! what clap reads there; the other language's words are put in its place, in clap's own too.

use clap::{Arg, Command, CommandFactory};
use fabrik_domain::language::Language;

use crate::{
    arguments::Cli,
    words::{self, Label},
};

/// The commands, as they are parsed and explained.
pub(crate) fn command(language: Language) -> Command {
    let command = Cli::command();
    match language {
        Language::En => command,
        Language::Sv => {
            let mut command = command;
            // Puts what holds everywhere, and clap's own, into each command.
            command.build();
            translated(command, "")
        }
    }
}

/// A command as people call it: `customers list`. Help of help goes by the name of what it explains.
fn path_of(parent: &str, name: &str) -> String {
    match (parent, name) {
        ("", name) => name.to_owned(),
        (parent, "help") => parent.to_owned(),
        ("help", name) => name.to_owned(),
        (parent, name) => format!("{parent} {name}"),
    }
}

fn translated(command: Command, path: &str) -> Command {
    let say = |label: Label| label.get(Language::Sv);
    let is_help = command.get_name() == "help";
    let mut command = command
        .mut_args(|argument| translated_argument(argument, path))
        .mut_subcommands(|inner| {
            let path = path_of(path, inner.get_name());
            translated(inner, &path)
        })
        .subcommand_help_heading(say(Label::Commands))
        .subcommand_value_name(say(Label::CommandName));
    let about = if is_help {
        Some(say(Label::HelpAbout))
    } else {
        words::help(path, None)
    };
    if let Some(about) = about {
        command = command.about(about);
    }
    let usage = usage(&mut command);
    let style = *command.get_styles().get_usage();
    let heading = say(Label::Usage);
    command.override_usage(usage).help_template(format!(
        "{{about-with-newline}}\n{style}{heading}:{style:#} {{usage}}\n\n{{all-args}}{{after-help}}"
    ))
}

/// How the command is called, without the heading.
fn usage(command: &mut Command) -> String {
    let usage = command.render_usage().ansi().to_string();
    let (_, call) = usage.split_once("Usage:").unwrap_or_default();
    call.replacen(' ', "", 1)
        .replace("[OPTIONS]", Label::OptionsTag.get(Language::Sv))
}

fn translated_argument(argument: Arg, path: &str) -> Arg {
    let say = |label: Label| label.get(Language::Sv);
    let id = argument.get_id().to_string();
    let mut help = words::help(path, Some(&id)).unwrap_or_default().to_owned();
    let mut argument = argument;
    if argument.get_action().takes_values() {
        let names: Vec<_> = argument
            .get_value_names()
            .unwrap_or_default()
            .iter()
            .map(|name| words::value_name(name).to_owned())
            .collect();
        let choices: Vec<_> = argument
            .get_possible_values()
            .iter()
            .map(|value| value.get_name().to_owned())
            .collect();
        let usual: Vec<_> = argument
            .get_default_values()
            .iter()
            .map(|value| value.to_string_lossy().into_owned())
            .collect();
        for (label, words) in [(Label::Choices, choices), (Label::Default, usual)] {
            if !words.is_empty() {
                help = format!("{help} [{}: {}]", say(label), words.join(", "));
            }
        }
        argument = argument.hide_possible_values(true).hide_default_value(true);
        if !names.is_empty() {
            argument = argument.value_names(names);
        }
    }
    let heading = match argument.get_help_heading() {
        Some(_) => Label::Everywhere,
        None if argument.is_positional() => Label::Arguments,
        None => Label::Options,
    };
    // Positional arguments are listed in the order in which they are given.
    if let Some(place) = argument.get_index() {
        argument = argument.display_order(place);
    }
    // Clap's own has a longer one, in English.
    argument
        .help_heading(say(heading))
        .help(help)
        .long_help(None::<&str>)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fabrik_domain::provider::Provider;

    use super::*;

    /// Every command with its path, and each of its arguments.
    fn each(command: &Command, path: &str, see: &mut impl FnMut(&Command, &str, Option<&Arg>)) {
        see(command, path, None);
        for argument in command.get_arguments() {
            see(command, path, Some(argument));
        }
        for inner in command.get_subcommands() {
            if inner.get_name() != "help" {
                each(inner, &path_of(path, inner.get_name()), see);
            }
        }
    }

    #[test]
    fn every_command_and_argument_is_explained_in_both_languages() {
        let mut english = Cli::command();
        english.build();
        let (mut lacking, mut known) = (Vec::new(), BTreeSet::new());
        each(&english, "", &mut |command, path, argument| {
            let (en, id) = match argument {
                None => (command.get_about(), None),
                Some(argument) => (argument.get_help(), Some(argument.get_id().as_str())),
            };
            let sv = words::help(path, id);
            let slash = if id.is_some() { "/" } else { "" };
            known.insert(format!("{path}{slash}{}", id.unwrap_or_default()));
            if en.is_none_or(|text| text.to_string().trim().is_empty()) || sv.is_none() {
                lacking.push(format!("{path}/{}", id.unwrap_or_default()));
            }
            let names = argument
                .filter(|argument| argument.get_action().takes_values())
                .and_then(Arg::get_value_names)
                .unwrap_or_default();
            for name in names {
                if words::value_name(name).is_empty() {
                    lacking.push(format!("the word for {name}"));
                }
            }
        });
        assert!(lacking.is_empty(), "without words: {lacking:#?}");
        let stale: Vec<_> = words::help_keys()
            .filter(|key| !key.starts_with('/') && !known.contains(*key))
            // A feature that is off.
            .filter(|key| cfg!(feature = "serve") || !key.starts_with("serve"))
            .collect();
        assert!(stale.is_empty(), "words of nothing: {stale:?}");
        let mut seen = BTreeSet::new();
        let twice: Vec<_> = words::help_keys()
            .filter(|key| !seen.insert(*key))
            .collect();
        assert!(twice.is_empty(), "only the first is ever shown: {twice:?}");
    }

    #[test]
    fn help_opens_with_what_fabrik_does() {
        for (language, opening) in [
            (Language::Sv, "Ger varje kund en egen, isolerad stack\n"),
            (
                Language::En,
                "Gives every customer an isolated stack of their own\n",
            ),
        ] {
            let help = command(language)
                .try_get_matches_from(["fabrik", "--help"])
                .unwrap_err()
                .to_string();
            assert!(help.starts_with(opening), "{help}");
        }
    }

    #[test]
    fn the_help_of_credentials_names_every_provider() {
        for language in [Language::Sv, Language::En] {
            let help = command(language)
                .try_get_matches_from(["fabrik", "credentials", "set", "--help"])
                .unwrap_err()
                .to_string();
            for provider in Provider::ALL {
                assert!(help.contains(provider.key()), "{provider}:\n{help}");
            }
        }
    }

    #[test]
    fn swedish_help_has_no_english_in_it() {
        let mut command = command(Language::Sv);
        for path in [
            &["fabrik", "--help"][..],
            &["fabrik", "customers", "--help"],
            &["fabrik", "customers", "add", "--help"],
            &["fabrik", "provision", "-h"],
            &["fabrik", "provision", "--help"],
            &["fabrik", "sandbox", "serve", "--help"],
            &["fabrik", "help", "customers"],
            &["fabrik", "help"],
        ] {
            let help = command.try_get_matches_from_mut(path).unwrap_err();
            let help = help.to_string();
            for word in [
                "Usage",
                "Options",
                "Commands",
                "Arguments",
                "Print",
                "default",
                "possible",
                "Everywhere",
                "The ",
                "COMMAND",
                "OPTIONS",
                "NAME",
            ] {
                assert!(!help.contains(word), "{word:?} in {path:?}:\n{help}");
            }
            assert!(help.contains("Användning: fabrik"), "{path:?}:\n{help}");
        }
    }

    #[test]
    fn what_is_typed_means_the_same_in_both_languages() {
        for line in [
            "fabrik --json --lang sv --workspace w provision a b --on-failure keep",
            "fabrik provision --json a b --on-failure keep --lang sv --workspace w",
            "fabrik settings set supabase.region eu-north-1",
            "fabrik customers edit a --credits -5",
            "fabrik sandbox serve --port 4000",
        ] {
            let mut read = [Language::Sv, Language::En].map(|language| {
                let matches = command(language).try_get_matches_from(line.split(' '));
                format!("{:?}", matches.expect(line))
            });
            // Clap numbers what it reads; the order is the same.
            for text in &mut read {
                text.retain(|c| !c.is_whitespace());
            }
            assert_eq!(read[0], read[1], "{line}");
        }
    }
}
