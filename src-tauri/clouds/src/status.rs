//! Reading a [`Failure`] back, where a client gives a status a meaning of its own.

use fabrik_domain::{Cause, failure::Failure};

/// The HTTP status with which the vendor refused; `None` where it didn't, or not by a plain status.
pub fn refused_with(failure: &Failure) -> Option<u16> {
    match *failure.problem.cause {
        Cause::Refused { status, .. } => Some(status),
        _ => None,
    }
}

/// Whether the vendor's words hold these, in any case.
pub(crate) fn says(failure: &Failure, words: &str) -> bool {
    let words = words.to_lowercase();
    failure
        .problem
        .detail
        .as_ref()
        .is_some_and(|detail| detail.to_lowercase().contains(&words))
}

/// `None` for "not found", which many questions want as an answer and not as a failure.
pub(crate) fn found<T>(answer: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(failure) if refused_with(&failure) == Some(404) => Ok(None),
        Err(failure) => Err(failure),
    }
}
