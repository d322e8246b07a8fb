//! What is wrong with what was typed: clap's kinds of errors, in both languages.

use clap::{
    Error,
    error::{ContextKind, ContextValue, ErrorKind},
};
use fabrik_domain::language::Language;

use super::{Text, listed, pick};

/// What an error of clap's says, and what to do next; `help` is the call that explains the command.
pub(crate) fn usage(language: Language, error: &Error, help: &str) -> Text {
    let say = |sv, en| pick(language, sv, en);
    let all = |kind| strings(error, kind);
    let first = |kind| all(kind).into_iter().next().unwrap_or_default();
    let argument = first(ContextKind::InvalidArg);
    let value = first(ContextKind::InvalidValue);
    let and = say("och", "and");
    let message = match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => {
            format!("{argument} {}", say("behöver ett värde", "needs a value"))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => match language {
            Language::Sv => format!("{argument} kan inte vara {value:?}"),
            Language::En => format!("{argument} can't be {value:?}"),
        },
        ErrorKind::UnknownArgument => match language {
            Language::Sv => format!("{argument:?} hör inte hit"),
            Language::En => format!("{argument:?} doesn't belong here"),
        },
        ErrorKind::InvalidSubcommand => {
            let name = first(ContextKind::InvalidSubcommand);
            match language {
                Language::Sv => format!("kommandot {name:?} finns inte"),
                Language::En => format!("there is no command {name:?}"),
            }
        }
        ErrorKind::NoEquals => match language {
            Language::Sv => format!("{argument} ska ha sitt värde efter ett likhetstecken"),
            Language::En => format!("{argument} takes its value after an equals sign"),
        },
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            match language {
                Language::Sv => format!("{argument} har fel antal värden"),
                Language::En => format!("{argument} has the wrong number of values"),
            }
        }
        ErrorKind::ArgumentConflict => {
            let others = all(ContextKind::PriorArg);
            if others.is_empty() || others == [argument.as_str()] {
                let twice = say("kan bara anges en gång", "can be given only once");
                format!("{argument} {twice}")
            } else {
                let others = listed(&others, and);
                match language {
                    Language::Sv => format!("{argument} går inte ihop med {others}"),
                    Language::En => format!("{argument} doesn't go together with {others}"),
                }
            }
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = listed(&all(ContextKind::InvalidArg), and);
            match language {
                Language::Sv => format!("{missing} saknas"),
                Language::En => format!("{missing} must be given"),
            }
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            say("ett kommando saknas", "a command is missing").to_owned()
        }
        ErrorKind::InvalidUtf8 => {
            say("ett argument är ingen text", "an argument is not text").to_owned()
        }
        // None of these is about what was typed.
        _ => error.to_string().trim().to_owned(),
    };
    Text {
        message,
        hint: hint(language, error, help),
    }
}

/// What may have been meant, else what there is to choose from, else where it is explained.
fn hint(language: Language, error: &Error, help: &str) -> String {
    let meant: Vec<_> = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ]
    .into_iter()
    .flat_map(|kind| strings(error, kind))
    .collect();
    let choices = strings(error, ContextKind::ValidValue);
    let or = pick(language, "eller", "or");
    match language {
        Language::Sv if !meant.is_empty() => format!("Menas {}?", listed(&meant, or)),
        Language::En if !meant.is_empty() => format!("Did you mean {}?", listed(&meant, or)),
        Language::Sv if !choices.is_empty() => format!("Välj {}.", listed(&choices, or)),
        Language::En if !choices.is_empty() => format!("Select {}.", listed(&choices, or)),
        _ => help.to_owned(),
    }
}

fn strings(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}
