//! Bytes out, bytes in: the vendor-neutral service under every client, and the layers all calls pass.

mod log;
mod network;
#[cfg(debug_assertions)]
mod panicking;
mod redirect;
mod timeout;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use fabrik_domain::{
    Problem,
    gate::{Charge, Gate},
    id::CustomerId,
    ports::Clock,
};
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use tower::{ServiceExt, util::BoxCloneSyncService};

use crate::{silence::Silence, turn::Turn};
pub use network::network;

/// No answer of a vendor is read past this.
pub const BODY_CAP: usize = 8 * 1024 * 1024;

/// Carries a request to a server and its answer back, whatever the status. The one thing that a
/// simulation replaces; the real one is [`network`].
///
/// It follows no redirect and repeats nothing.
pub type Transport = BoxCloneSyncService<Request<Bytes>, Response<Bytes>, TransportError>;

/// Why there is no answer. The texts are the system's, and hold no header, body or query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection, so the server has seen nothing.
    #[error("no connection: {0}")]
    NotSent(String),
    /// The connection ended after the request was on its way and before the answer was whole.
    #[error("the connection ended before the answer: {0}")]
    Cut(String),
    /// No whole answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// An answer over [`BODY_CAP`].
    #[error("the answer is too large")]
    TooLarge,
    /// A redirect that is not followed: a loop, a downgrade, into this machine, or to no address at all.
    #[error("redirected to where no request may go")]
    RedirectRefused,
}

/// The transport with the layers that every call passes, the clock that they go by, and the gates that the
/// calls of accounts pass. Cheap to clone.
#[derive(Clone)]
pub struct Http {
    transport: Transport,
    clock: Arc<dyn Clock>,
    gate: Option<Arc<dyn Gate>>,
    customer: Option<CustomerId>,
    /// One for all that are made of this.
    silence: Arc<Silence>,
}

impl Http {
    /// Over the real network.
    pub fn over_network(clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        Ok(Self::new(network()?, clock))
    }

    /// Over a transport of the caller's.
    pub fn new(transport: Transport, clock: Arc<dyn Clock>) -> Self {
        // The log is outermost, so that it tells what the caller gets; the timeout counts redirects in.
        let transport = redirect::followed(transport);
        let transport = timeout::limited(transport, Arc::clone(&clock));
        let transport = log::logged(transport, Arc::clone(&clock));
        Self {
            transport,
            clock,
            gate: None,
            customer: None,
            silence: Arc::default(),
        }
    }

    /// The same, but a call whose path has this in it panics once its answer has come: how the tests make Fabrik crash
    /// in the middle of a run. A release has no such thing.
    #[cfg(debug_assertions)]
    #[must_use]
    pub fn panicking_at(self, path: String) -> Self {
        Self {
            transport: panicking::panicking(self.transport, path),
            ..self
        }
    }

    /// With gates, for all accounts that are made with this or a clone of it.
    #[must_use]
    pub fn gated(mut self, gate: Arc<dyn Gate>) -> Self {
        self.gate = Some(gate);
        self
    }

    /// The same for a customer's calls: the gates deal turns by customer.
    #[must_use]
    pub fn for_customer(&self, customer: CustomerId) -> Self {
        Self {
            customer: Some(customer),
            ..self.clone()
        }
    }

    /// Asks the gates for a call, and waits for its turn where it comes within `patience`; `Err` is when it
    /// comes.
    pub(crate) async fn turn(
        &self,
        charges: &[Charge],
        patience: Duration,
    ) -> Result<Turn, Timestamp> {
        let Some(gate) = &self.gate else {
            return Ok(Turn::free());
        };
        let deadline = self.clock.monotonic() + patience;
        loop {
            let told = match Turn::take(Arc::clone(gate), self.customer, charges) {
                Ok(turn) => return Ok(turn),
                Err(told) => told,
            };
            let wait = told.duration_since(self.clock.now());
            let wait = wait.max(SignedDuration::ZERO).unsigned_abs();
            if self.clock.monotonic() + wait > deadline || patience.is_zero() {
                return Err(told);
            }
            self.clock.sleep(wait).await;
        }
    }

    /// Sends a request as it is: no token is added, any status is an answer.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.transport.clone().oneshot(request).await
    }

    /// The vendors that gave no answer to the newest call of any account that was made with this or a clone of it, as
    /// `vendor_silent`; none where that call is longer ago than `within`.
    pub fn silent(&self, within: Duration) -> Vec<Problem> {
        self.silence
            .since(self.clock.monotonic().saturating_sub(within))
    }

    pub(crate) fn silence(&self) -> &Silence {
        &self.silence
    }

    /// The clock that limits and waits go by.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }
}
