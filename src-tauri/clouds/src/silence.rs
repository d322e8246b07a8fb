//! Which vendors gave no answer to the newest call that an account made: nobody is asked for it, calls are heard on
//! their way. A refusal is an answer. A project's own API is none of the vendor's: a new one is silent for a while.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use fabrik_domain::{Cause, Problem, provider::Provider};
use http::StatusCode;
use jiff::Timestamp;

use crate::TransportError;

/// What was heard of each vendor.
#[derive(Debug, Default)]
pub(crate) struct Silence(Mutex<BTreeMap<Provider, Heard>>);

#[derive(Debug, Default)]
struct Heard {
    /// When the newest answer came.
    answered: Option<Timestamp>,
    /// The call after it that got none: to which host, and when that was known.
    silent: Option<(String, Timestamp)>,
}

impl Silence {
    /// What came of a call.
    pub(crate) fn hear(
        &self,
        provider: Provider,
        host: &str,
        (begun, ended): (Timestamp, Timestamp),
        status: Result<StatusCode, &TransportError>,
    ) {
        let silent = match status {
            // A gateway that answers in the vendor's place.
            Ok(status) => matches!(status.as_u16(), 502..=504),
            Err(TransportError::NotSent(_) | TransportError::Cut(_) | TransportError::TimedOut) => {
                true
            }
            // Something answered.
            Err(TransportError::TooLarge | TransportError::RedirectRefused) => false,
        };
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = heard.entry(provider).or_default();
        if !silent {
            heard.answered = Some(ended);
            heard.silent = None;
        } else if heard.answered.is_none_or(|answered| answered <= begun) {
            // A call that was answered while this one waited says more.
            heard.silent = Some((host.to_owned(), ended));
        }
    }

    /// The vendors whose newest call got no answer, since this moment: `vendor_silent`.
    pub(crate) fn since(&self, moment: Timestamp) -> Vec<Problem> {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let silent = heard.iter().filter_map(|(provider, heard)| {
            let (host, at) = heard.silent.clone().filter(|(_, at)| *at >= moment)?;
            Some(Problem::from(Cause::VendorSilent { host, at }).by(*provider))
        });
        silent.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn lost() -> TransportError {
        TransportError::NotSent("no route".to_owned())
    }

    #[test]
    fn a_vendor_is_silent_until_a_call_is_answered() {
        let silence = Silence::default();
        let (vercel, github) = (Provider::Vercel, Provider::GitHub);
        silence.hear(vercel, "v", (at(10), at(11)), Err(&lost()));
        silence.hear(github, "g", (at(10), at(12)), Ok(StatusCode::BAD_GATEWAY));
        let told = silence.since(at(0));
        let (host, at_12) = ("g".to_owned(), at(12));
        let cause = Cause::VendorSilent { host, at: at_12 };
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.contains(&Problem::from(cause).by(github)), "{told:?}");

        silence.hear(vercel, "v", (at(13), at(13)), Ok(StatusCode::UNAUTHORIZED));
        let told = silence.since(at(0));
        assert_eq!(told.len(), 1, "a refusal is an answer: {told:?}");
        assert!(silence.since(at(13)).is_empty(), "too long ago to be told");
    }

    #[test]
    fn an_answer_that_came_meanwhile_says_more_than_a_call_given_up() {
        let silence = Silence::default();
        silence.hear(Provider::Resend, "r", (at(5), at(6)), Ok(StatusCode::OK));
        let late = TransportError::TimedOut;
        let given_up = Err(&late);
        silence.hear(Provider::Resend, "r", (at(1), at(31)), given_up);
        assert!(silence.since(at(0)).is_empty());
        silence.hear(Provider::Resend, "r", (at(7), at(37)), given_up);
        assert_eq!(silence.since(at(0)).len(), 1);
    }
}
