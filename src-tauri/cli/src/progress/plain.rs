//! A line per event that matters, for logs and pipes.

use fabrik_domain::{
    event::{Happening, RunEvent},
    language::Language,
    run::StepState,
};
use jiff::tz::TimeZone;

use super::Track;
use crate::words;

/// The event's line; none for what only moves.
pub(super) fn line(language: Language, track: &Track, event: &RunEvent) -> Option<String> {
    match &event.what {
        Happening::Looking { .. }
        | Happening::Creating { .. }
        | Happening::NotYet { .. }
        | Happening::Removing { .. }
        | Happening::Detail { .. }
        | Happening::Step {
            state: StepState::Pending,
        } => return None,
        Happening::Run { .. }
        | Happening::Step { .. }
        | Happening::Created { .. }
        | Happening::Adopted { .. }
        | Happening::Settling { .. }
        | Happening::Retrying { .. }
        | Happening::Removed { .. }
        | Happening::NotThere { .. }
        | Happening::LeftOver { .. }
        | Happening::Decided { .. }
        | Happening::Problem { .. } => {}
    }
    let time = event
        .at
        .to_zoned(TimeZone::system())
        .strftime("%H:%M:%S")
        .to_string();
    let step = event
        .step
        .as_deref()
        .map(|step| format!("{}: ", track.title(language, step)));
    let what = words::happening(language, &event.what);
    Some(format!(
        "{time}  {}{}{what}",
        track.prefix,
        step.unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use fabrik_domain::{blueprint::StepKind, id::RunId};

    use super::*;

    #[test]
    fn a_line_names_the_customer_the_step_and_what_happened() {
        let steps = BTreeMap::from([("repo".to_owned(), (StepKind::GithubRepo, 5.0))]);
        let track = Track {
            prefix: "Åkermark  ".to_owned(),
            steps,
        };
        let mut event = RunEvent {
            run: RunId::new(),
            number: 1,
            at: "2026-11-21T10:00:00Z".parse().unwrap(),
            step: Some("repo".to_owned()),
            what: Happening::Step {
                state: StepState::Done,
            },
        };
        let shown = line(Language::Sv, &track, &event).unwrap();
        assert!(shown.ends_with("  Åkermark  GitHub-repo: klart"), "{shown}");
        event.what = Happening::Looking {
            name: "x".to_owned(),
        };
        assert_eq!(
            line(Language::Sv, &track, &event),
            None,
            "what only moves has no line"
        );
    }
}
