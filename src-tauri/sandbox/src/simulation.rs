//! The sandbox inside a simulation: the same vendors, called as functions. Nothing listens, nothing
//! is on disk, time is the clock's that is passed in, and whatever is drawn follows from the seed.
//!
//! A project's `PostgreSQL` is a model of SQL's effects there (`supabase::model` says which), and
//! passwords are not hashed as slowly as they should be. All else is what serves over HTTP.

use std::{collections::BTreeMap, sync::Arc};

use axum::{body::Body, extract::ConnectInfo};
use bytes::{Bytes, BytesMut};
use fabrik_domain::ports::Clock;
use futures::StreamExt;
use http::{Request, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{
    connection::Connection,
    control::{steer, view},
    documents::{DocumentKey, Documents},
    environment,
    error::SandboxError,
    figure::{Latencies, LatencyChoice},
    platform::{Core, Start},
    seal::Seal,
    vendors::{self, Vendors},
    vercel,
};

/// Where a simulation's vendors seem to be. No packet goes there.
const AUTHORITY: &str = "127.0.0.1:1";

/// No more of an answer is given: a client's own limit is lower, and `huge` need not be copied whole.
const BODY_LIMIT: usize = 9 * 1024 * 1024;

/// Options of [`Simulation::new`].
#[derive(Clone)]
pub struct SimulationOptions {
    /// All time there is: latencies, readiness, limits, expiry.
    pub clock: Arc<dyn Clock>,
    /// What ids, tokens, readiness times and faults at random follow from.
    pub seed: u64,
    /// How long things take.
    pub latency: LatencyChoice,
    /// Whether the vendors' limits are enforced; they are counted either way.
    pub limits: bool,
}

impl SimulationOptions {
    /// With realistic latencies, the vendors' limits, and seed 0.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            seed: 0,
            latency: LatencyChoice::default(),
            limits: true,
        }
    }
}

/// Why a call has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cut {
    /// Nothing listens at the address: nobody has seen the call.
    #[error("nothing answers at this address")]
    Unreachable,
    /// The connection ended after the call was on its way. What became of it is not known.
    #[error("the connection ended before the answer")]
    Underway,
}

/// Every vendor's cloud, inside this process. Cheap to clone; clones are the same cloud.
///
/// A call that is dropped is carried out all the same, in a task on the runtime it was begun on.
#[derive(Clone)]
pub struct Simulation {
    core: Core,
    vendors: Vendors,
}

impl Simulation {
    /// A cloud with the agency's accounts and nothing else in it. It needs no runtime.
    pub fn new(options: SimulationOptions) -> Result<Self, SandboxError> {
        let core = Core::new(Start {
            documents: Documents::in_memory(Seal::simulated(), options.clock.clone()),
            clock: options.clock,
            data: None,
            seed: options.seed,
            chance: options.seed,
            base: format!("http://{AUTHORITY}"),
            latencies: Latencies::load(&options.latency)?,
            limits: options.limits,
        });
        let vendors = Vendors::open(&core)?;
        Ok(Self { core, vendors })
    }

    /// Another cloud with the same in it, by another's time: what many trials begin with need be made but once.
    /// Faults, counters and calls under way stay behind; faults at random follow from `chance`.
    pub fn fork(&self, clock: Arc<dyn Clock>, chance: u64) -> Result<Self, SandboxError> {
        let core = self.core.fork(clock, chance);
        let vendors = self.vendors.fork(&core)?;
        Ok(Self { core, vendors })
    }

    /// A call to a vendor, to a project's own API, or to a site. The URL is absolute, and headers are
    /// as they would be on the wire: without `User-Agent` some vendors refuse. A body ends after
    /// 9 MiB, however long it is.
    pub fn call(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<Bytes>, Cut>> + Send + 'static {
        let (core, vendors) = (self.core.clone(), self.vendors.clone());
        async move {
            let request = resolved(&core, request).ok_or(Cut::Unreachable)?;
            let connection = Connection::default();
            let mut request = request.map(Body::from);
            let extensions = request.extensions_mut();
            extensions.insert(ConnectInfo(connection.clone()));
            vendors.accompany(extensions);
            let answer = match vendors::routes().oneshot(request).await {
                Ok(answer) => answer,
                Err(never) => match never {},
            };
            if connection.is_cut() {
                return Err(Cut::Underway);
            }
            let (parts, body) = answer.into_parts();
            Ok(Response::from_parts(parts, whole(body).await))
        }
    }

    /// `{"FABRIK_…": "…"}`: base URLs, tokens and settings, as in the document that a served sandbox
    /// prints when it is ready.
    pub fn environment(&self) -> Value {
        environment::of(&self.core)
    }

    /// As `POST /_sandbox/faults`: a list of rules, in place of those before.
    pub fn faults(&self, rules: Value) -> Result<Value, SandboxError> {
        steer::faults(&self.core, read(rules)?)
    }

    /// As `POST /_sandbox/latency`: `"none"`, `"realistic"`, or figures.
    pub fn latency(&self, figures: Value) -> Result<Value, SandboxError> {
        steer::latency(&self.core, figures)
    }

    /// Enforces the vendors' limits, or only counts.
    pub fn limits(&self, enforce: bool) -> Result<Value, SandboxError> {
        steer::limits(&self.core, read(json!({ "enforce": enforce }))?)
    }

    /// As `POST /_sandbox/accounts`: switches of accounts; the answer is all of them.
    pub fn accounts(&self, changes: Value) -> Result<Value, SandboxError> {
        steer::accounts(&self.core, read(changes)?)
    }

    /// As `POST /_sandbox/tokens`: accepts, narrows or revokes a token.
    pub fn tokens(&self, change: Value) -> Result<Value, SandboxError> {
        steer::tokens(&self.core, read(change)?)
    }

    /// As `POST /_sandbox/rename`: `{"provider", "id", "name"}`, behind the owner's back.
    pub fn rename(&self, wish: Value) -> Result<Value, SandboxError> {
        steer::rename(&self.core, read(wish)?)
    }

    /// As `POST /_sandbox/foreign`: `{"provider", "name", "description"?, "variables"?}`, a resource
    /// that somebody else made; the answer has its id.
    pub fn foreign(&self, wish: Value) -> Result<Value, SandboxError> {
        steer::foreign(&self.core, read(wish)?)
    }

    /// As `POST /_sandbox/dns`: `{"domain", "points"?, "challenge"?}`.
    pub fn dns(&self, wish: Value) -> Result<Value, SandboxError> {
        steer::dns(&self.core, read(wish)?)
    }

    /// As `POST /_sandbox/reset`: as it began. Tokens and latencies stay as they are; calls that are
    /// still under way are carried out in what is there then.
    pub async fn reset(&self) -> Result<(), SandboxError> {
        steer::reset(&self.core).await
    }

    /// As `GET /_sandbox/state`: every resource of every vendor, and counters.
    pub fn state(&self) -> Value {
        view::state(&self.core)
    }

    /// The resources of [`state`](Self::state), one by one. What was not written again is the same as before, in this
    /// cloud and in its forks, so that comparing costs little.
    pub fn documents(&self) -> BTreeMap<DocumentKey, Arc<Value>> {
        self.core.everything()
    }

    /// What is in every project's database: `{ref: {"schema.table": [row]}}`.
    pub fn databases(&self) -> Value {
        self.vendors.databases()
    }

    /// As `GET /_sandbox/calls`: every call, with its times by the clock.
    pub fn calls(&self) -> Value {
        view::calls(&self.core)
    }

    /// As `GET /_sandbox/mails`: everything that was sent, with bodies.
    pub fn mails(&self) -> Result<Value, SandboxError> {
        view::mails(&self.core)
    }
}

/// The request as it arrives here; none where its host leads elsewhere. A domain that was given to a
/// project, and whose record leads to Vercel, is that project's site.
fn resolved(core: &Core, mut request: Request<Bytes>) -> Option<Request<Bytes>> {
    let host = request.uri().authority()?;
    if host != AUTHORITY {
        // What the sandbox itself fails at is nobody's site either.
        let site = vercel::site_at(core, host.host()).ok()??;
        *request.uri_mut() = format!("http://{AUTHORITY}/_sites/{site}").parse().ok()?;
    }
    Some(request)
}

fn read<T: DeserializeOwned>(document: Value) -> Result<T, SandboxError> {
    serde_json::from_value(document).map_err(|error| SandboxError::Invalid(error.to_string()))
}

async fn whole(body: Body) -> Bytes {
    let mut chunks = body.into_data_stream();
    let mut whole = BytesMut::new();
    // A body that is made here does not fail.
    while let Some(Ok(chunk)) = chunks.next().await {
        whole.extend_from_slice(&chunk);
        if whole.len() >= BODY_LIMIT {
            break;
        }
    }
    whole.freeze()
}
