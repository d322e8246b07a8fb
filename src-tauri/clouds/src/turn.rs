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

/// What the vendor's headers say of the class that they speak of among `charges`. A call that was refused for its
/// token was counted elsewhere, by rules of its own: GitHub tells such a caller the 60 calls an hour of nobody.
/// Believed, they would shut the account for an hour, the new token's calls too. A refusal of another kind that
/// tells a lower limit than the documented one speaks of another counter, too.
pub(crate) fn meter_of(
    charges: &[Charge],
    response: &Response<Bytes>,
    dialect: &dyn Dialect,
    now: Timestamp,
) -> Option<Meter> {
    let status = response.status();
    if status == StatusCode::UNAUTHORIZED {
        return None;
    }
    let class = charges.iter().find(|charge| charge.told)?;
    let other = throttle::resource(response.headers()).is_some_and(|name| name != class.class.name);
    if other {
        return None;
    }
    let documented = class.limits.first().map_or(0, |limit| limit.most);
    let is_anothers = |meter: &Meter| {
        status.is_client_error() && meter.limit.is_some_and(|limit| limit < documented)
    };
    throttle::meter(response.headers(), dialect.reset(), now).filter(|meter| !is_anothers(meter))
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
