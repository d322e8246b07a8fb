//! What happened in a run, as a line of its log.

use fabrik_domain::{event::Happening, language::Language, run::Decision};

use super::{Term, pick, problem, seconds};

/// A happening in words.
pub(crate) fn happening(language: Language, what: &Happening) -> String {
    let say = |sv, en| pick(language, sv, en);
    match what {
        Happening::Run { state, reason } => {
            let reason = reason.map(|reason| format!(": {}", reason.word(language)));
            format!(
                "{}: {}{}",
                say("körningen", "the run"),
                state.word(language),
                reason.unwrap_or_default()
            )
        }
        Happening::Step { state } => state.word(language).to_owned(),
        Happening::Looking { name } => format!("{} {name}", say("letar efter", "looking for")),
        Happening::Creating { name } => format!("{} {name}", say("gör", "creating")),
        Happening::Created { id, url } => made(say("skapad", "created"), id, url.as_deref()),
        Happening::Adopted { id, url } => {
            made(say("fanns redan", "was there already"), id, url.as_deref())
        }
        Happening::NotYet {
            status,
            again_in_ms,
        } => format!(
            "{} ({status}), {} {}",
            say("inte redo än", "not ready yet"),
            say("frågar igen om", "asking again in"),
            milliseconds(*again_in_ms),
        ),
        Happening::Settling { at_most_ms } => format!(
            "{} {}",
            say(
                "svaret uteblev; tittar efter i högst",
                "no answer came; looking for at most"
            ),
            milliseconds(*at_most_ms),
        ),
        Happening::Retrying {
            problem: why,
            in_ms,
            attempt,
        } => format!(
            "{}; {} {attempt} {} {}",
            problem(language, why).message,
            say("försök", "attempt"),
            say("om", "in"),
            milliseconds(*in_ms),
        ),
        Happening::Removing { name } => format!("{} {name}", say("tar bort", "removing")),
        Happening::Removed { name, with: None } => {
            format!("{} {name}", say("borttagen:", "removed:"))
        }
        Happening::Removed {
            name,
            with: Some(with),
        } => format!(
            "{} {name}, {} {with}",
            say("borttagen:", "removed:"),
            say("med", "with")
        ),
        Happening::NotThere { name } => {
            format!("{} {name}", say("fanns inte:", "was not there:"))
        }
        Happening::LeftOver { name, problem: why } => format!(
            "{} {name}: {}",
            say("blev kvar:", "left over:"),
            problem(language, why).message
        ),
        Happening::Decided {
            decision: Decision::Adopt { id },
        } => format!("{} {id}", say("ägaren valde", "the owner chose")),
        Happening::Decided {
            decision: Decision::New,
        } => say("ägaren: ingen av dem", "the owner: none of them").to_owned(),
        Happening::Detail { detail, subject } if subject.is_empty() => {
            detail.word(language).to_owned()
        }
        Happening::Detail { detail, subject } => format!("{}: {subject}", detail.word(language)),
        Happening::Problem { problem: why } => problem(language, why).message,
    }
}

fn made(how: &str, id: &str, url: Option<&str>) -> String {
    match url {
        Some(url) => format!("{how}: {id}, {url}"),
        None => format!("{how}: {id}"),
    }
}

fn milliseconds(ms: u64) -> String {
    seconds(std::time::Duration::from_millis(ms).as_secs_f64())
}

#[cfg(test)]
mod tests {
    use fabrik_domain::{Cause, event::Detail, run::RunState};

    use super::*;

    #[test]
    fn every_happening_has_words_in_both_languages() {
        let happenings = [
            Happening::Run {
                state: RunState::Waiting,
                reason: Some(fabrik_domain::run::WaitReason::Quota),
            },
            Happening::Step {
                state: fabrik_domain::run::StepState::Done,
            },
            Happening::Looking {
                name: "n".to_owned(),
            },
            Happening::Creating {
                name: "n".to_owned(),
            },
            Happening::Created {
                id: "i".to_owned(),
                url: Some("https://u".to_owned()),
            },
            Happening::Adopted {
                id: "i".to_owned(),
                url: None,
            },
            Happening::NotYet {
                status: "COMING_UP".to_owned(),
                again_in_ms: 1500,
            },
            Happening::Settling { at_most_ms: 60_000 },
            Happening::Retrying {
                problem: Cause::CredentialMissing.into(),
                in_ms: 2000,
                attempt: 2,
            },
            Happening::Detail {
                detail: Detail::FileApplied,
                subject: "schema.sql".to_owned(),
            },
            Happening::Problem {
                problem: Cause::Internal.into(),
            },
            Happening::Removing {
                name: "n".to_owned(),
            },
            Happening::Removed {
                name: "n".to_owned(),
                with: Some("p".to_owned()),
            },
            Happening::NotThere {
                name: "n".to_owned(),
            },
            Happening::LeftOver {
                name: "n".to_owned(),
                problem: Cause::Internal.into(),
            },
            Happening::Decided {
                decision: Decision::New,
            },
        ];
        for what in happenings {
            let (sv, en) = (
                happening(Language::Sv, &what),
                happening(Language::En, &what),
            );
            assert!(
                !sv.is_empty() && !en.is_empty() && sv != en,
                "{what:?}: {sv} | {en}"
            );
        }
    }
}
