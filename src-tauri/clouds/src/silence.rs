//! Which vendors gave no answer to the newest call that an account made: nobody is asked for it, calls are heard on
//! their way. A refusal is an answer. A project's own API is none of the vendor's: a new one is silent for a while.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use fabrik_domain::{Cause, Problem, provider::Provider};
use http::StatusCode;
use jiff::Timestamp;

use crate::TransportError;

/// What was heard of each vendor.
#[derive(Debug, Default)]
pub(crate) struct Silence(Mutex<BTreeMap<Provider, Heard>>);

/// Calls are put in order by the time that no change of the wall clock moves.
#[derive(Debug, Default)]
struct Heard {
    /// When the newest answer came.
    answered: Option<Duration>,
    /// The call after it that got none.
    silent: Option<Unanswered>,
}

#[derive(Clone, Debug)]
struct Unanswered {
    host: String,
    /// When that was known.
    ended: Duration,
    /// The same, for people.
    at: Timestamp,
}

impl Silence {
    /// What came of a call that began and ended then, by the clock's monotonic time; `at` is its end for people.
    pub(crate) fn hear(
        &self,
        provider: Provider,
        host: &str,
        (begun, ended): (Duration, Duration),
        at: Timestamp,
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
            heard.silent = Some(Unanswered {
                host: host.to_owned(),
                ended,
                at,
            });
        }
    }

    /// The vendors whose newest call got no answer, since this moment of the monotonic time: `vendor_silent`.
    pub(crate) fn since(&self, moment: Duration) -> Vec<Problem> {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let silent = heard.iter().filter_map(|(provider, heard)| {
            let silent = heard
                .silent
                .clone()
                .filter(|silent| silent.ended >= moment)?;
            let Unanswered { host, at, .. } = silent;
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

    fn second(second: u64) -> Duration {
        Duration::from_secs(second)
    }

    /// As the wall clock goes with the other.
    fn hear(
        silence: &Silence,
        provider: Provider,
        host: &str,
        (begun, ended): (u64, u64),
        status: Result<StatusCode, &TransportError>,
    ) {
        let at = at(i64::try_from(ended).unwrap());
        silence.hear(provider, host, (second(begun), second(ended)), at, status);
    }

    #[test]
    fn a_vendor_is_silent_until_a_call_is_answered() {
        let silence = Silence::default();
        let (vercel, github) = (Provider::Vercel, Provider::GitHub);
        hear(&silence, vercel, "v", (10, 11), Err(&lost()));
        let bad = Ok(StatusCode::BAD_GATEWAY);
        hear(&silence, github, "g", (10, 12), bad);
        let told = silence.since(second(0));
        let (host, at_12) = ("g".to_owned(), at(12));
        let cause = Cause::VendorSilent { host, at: at_12 };
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.contains(&Problem::from(cause).by(github)), "{told:?}");

        let refused = Ok(StatusCode::UNAUTHORIZED);
        hear(&silence, vercel, "v", (13, 13), refused);
        let told = silence.since(second(0));
        assert_eq!(told.len(), 1, "a refusal is an answer: {told:?}");
        assert!(
            silence.since(second(13)).is_empty(),
            "too long ago to be told"
        );
    }

    #[test]
    fn an_answer_that_came_meanwhile_says_more_than_a_call_given_up() {
        let silence = Silence::default();
        let resend = Provider::Resend;
        hear(&silence, resend, "r", (5, 6), Ok(StatusCode::OK));
        let late = TransportError::TimedOut;
        let given_up = Err(&late);
        hear(&silence, resend, "r", (1, 31), given_up);
        assert!(silence.since(second(0)).is_empty());
        hear(&silence, resend, "r", (7, 37), given_up);
        assert_eq!(silence.since(second(0)).len(), 1);
    }

    #[test]
    fn a_wall_clock_that_is_set_changes_nothing() {
        let silence = Silence::default();
        let resend = Provider::Resend;
        let span = |begun, ended| (second(begun), second(ended));
        let answered = Ok(StatusCode::OK);
        silence.hear(resend, "r", span(5, 6), at(7200), answered);
        // An hour back.
        silence.hear(resend, "r", span(7, 8), at(3602), Err(&lost()));
        let told = silence.since(second(8));
        let (host, at) = ("r".to_owned(), at(3602));
        let cause = Cause::VendorSilent { host, at };
        assert_eq!(told, [Problem::from(cause).by(resend)]);
    }
}
