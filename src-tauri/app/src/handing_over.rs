//! A mail is handed to the vendor: under one key and with the same bytes as often as the answer is lost, so that it
//! goes out once.

use std::time::Duration;

use fabrik_domain::{
    Cause, Problem,
    failure::{Failure, Outcome},
};
use fabrik_steps::{Mail, Registry};
use jiff::SignedDuration;

use crate::App;

/// Before each further try.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// The longest that a busy vendor is waited for.
const PATIENCE: SignedDuration = SignedDuration::from_secs(5);

/// How it went.
pub(crate) enum Handed {
    /// The vendor has it.
    Over,
    /// It did not go out.
    Not(Failure),
    /// It may have gone out.
    Perhaps(Problem),
}

impl App {
    /// Hands a mail over.
    pub(crate) async fn hand_over(&self, registry: &Registry, mail: &Mail, key: &str) -> Handed {
        let mut lost = None;
        let mut pauses = PAUSES.into_iter();
        loop {
            let Err(failure) = registry.send(mail, key).await else {
                return Handed::Over;
            };
            // A mail of this key is taken, which can only be this one.
            if *failure.problem.cause == Cause::MailAlreadySent {
                return Handed::Over;
            }
            if failure.outcome == Outcome::Unknown {
                lost = Some(failure.problem.clone());
            }
            match (self.wait_for(failure.outcome), pauses.next()) {
                (Some(least), Some(pause)) => self.clock.sleep(pause.max(least)).await,
                _ => return lost.map_or(Handed::Not(failure), Handed::Perhaps),
            }
        }
    }

    /// How long at least to wait before another try; `None` where none helps now.
    fn wait_for(&self, outcome: Outcome) -> Option<Duration> {
        match outcome {
            Outcome::NotSent | Outcome::Unknown => Some(Duration::ZERO),
            Outcome::Throttled(until) => {
                let wait = until.duration_since(self.clock.now());
                (wait <= PATIENCE).then(|| Duration::try_from(wait).unwrap_or_default())
            }
            Outcome::Refused | Outcome::Unauthorized => None,
        }
    }
}
