//! The arguments that hold for every command. Each command's own stand in its file.

use std::{ffi::OsStr, path::PathBuf};

use clap::{
    Arg, Args, Command as ClapCommand, Parser,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use fabrik_domain::language::Language;

use crate::commands::Command;

/// Gives every customer an isolated stack of their own.
#[derive(Parser)]
#[command(name = "fabrik", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What can be said before or after any command.
#[derive(Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Globals {
    /// The workspace; else `FABRIK_WORKSPACE`, else the one used last, else `sandbox`
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) workspace: Option<String>,
    /// The data directory; else `FABRIK_DATA_DIR`, else the platform's
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// One JSON document on stdout, progress as JSON lines on stderr
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The language; else `FABRIK_LANG`, else the system's
    #[arg(long, global = true, value_name = "LANG", value_parser = Tag)]
    pub(crate) lang: Option<Language>,
    /// No progress
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

/// Reads a language tag: `sv`, `en`, also with a country.
#[derive(Clone)]
pub(crate) struct Tag;

impl Tag {
    const CODES: [&str; 2] = [Language::Sv.code(), Language::En.code()];
}

impl TypedValueParser for Tag {
    type Value = Language;

    fn parse_ref(
        &self,
        command: &ClapCommand,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Language, clap::Error> {
        match value.to_str().and_then(Language::from_tag) {
            Some(language) => Ok(language),
            // Says which there are.
            None => PossibleValuesParser::new(Self::CODES)
                .parse_ref(command, argument, value)
                .map(|_| Language::default()),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Self::CODES.into_iter().map(PossibleValue::new)))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_hold_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_holds_everywhere_is_taken_before_and_after_the_command() {
        for line in [
            "fabrik --json --lang sv --workspace w provision a b --on-failure keep",
            "fabrik provision --json a b --on-failure keep --lang sv --workspace w",
        ] {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert!(
                cli.globals.json && cli.globals.lang == Some(Language::Sv),
                "{line}"
            );
            assert_eq!(cli.globals.workspace.as_deref(), Some("w"), "{line}");
        }
    }

    #[test]
    fn wrong_usage_is_refused() {
        for line in [
            "fabrik provision",
            "fabrik provision a --pending",
            "fabrik provision a --on-failure maybe",
            "fabrik customers add Name",
            "fabrik customers list --status gone",
            "fabrik credentials set supabase token",
            "fabrik --lang de doctor",
        ] {
            let error = Cli::try_parse_from(line.split(' '))
                .err()
                .map(|error| error.exit_code());
            assert_eq!(error, Some(2), "{line}");
        }
    }
}
