//! A call's turn at the gates: given back with what became of the call, however it ends.

use std::sync::Arc;

use bytes::Bytes;
use fabrik_domain::{
    Cause,
    failure::Failure,
    gate::{Charge, Ending, Gate, Meter, Pass},
    id::CustomerId,
};
use http::{Response, StatusCode};
use jiff::Timestamp;

use crate::{Dialect, TransportError, throttle};

/// A turn that was taken. Dropped, as when a call is given up on its way, it counts as used.
pub(crate) struct Turn(Option<(Arc<dyn Gate>, Pass)>);

impl Turn {
    /// Asks for a turn; `Err` is when it comes.
    pub(crate) fn take(
        gate: Arc<dyn Gate>,
        who: Option<CustomerId>,
        charges: &[Charge],
    ) -> Result<Self, Timestamp> {
        if charges.is_empty() {
            return Ok(Self::free());
        }
        let pass = gate.enter(who, charges)?;
        Ok(Self(Some((gate, pass))))
    }

    /// The turn of a call that counts nowhere.
    pub(crate) fn free() -> Self {
        Self(None)
    }

    /// Gives it back.
    pub(crate) fn end(mut self, ending: Ending) {
        if let Some((gate, pass)) = self.0.take() {
            gate.leave(pass, ending);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some((gate, pass)) = self.0.take() {
            gate.leave(pass, Ending::Lost);
        }
    }
}

/// What the vendor's headers say of the class that they speak of among `charges`.
pub(crate) fn told(
    charges: &[Charge],
    response: &Response<Bytes>,
    dialect: &dyn Dialect,
    now: Timestamp,
) -> Option<Meter> {
    let class = charges.iter().find(|charge| charge.told)?;
    let other = throttle::resource(response.headers()).is_some_and(|name| name != class.class.name);
    if other {
        return None;
    }
    throttle::meter(response.headers(), dialect.reset(), now)
}

/// How an answered call ended, as far as counting goes.
pub(crate) fn answered(
    status: StatusCode,
    meter: Option<Meter>,
    result: &Result<Response<Bytes>, Failure>,
) -> Ending {
    // A 409 that is to be tried again soon is no limit, and a used-up month no rate.
    let limited = matches!(status.as_u16(), 403 | 429);
    match result {
        Err(failure) if limited => match *failure.problem.cause {
            Cause::Throttled { until } => Ending::TooMany(meter, until),
            _ => Ending::Answered(meter),
        },
        _ => Ending::Answered(meter),
    }
}

/// How a call without an answer ended.
pub(crate) fn unanswered(error: &TransportError) -> Ending {
    match error {
        TransportError::NotSent(_) => Ending::NotSent,
        _ => Ending::Lost,
    }
}
