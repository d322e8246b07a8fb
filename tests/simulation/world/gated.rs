//! The vendors' gates in a simulation, as the app has them, and what tells how they fare.

use std::{collections::BTreeMap, sync::Arc};

use fabrik_clouds::{Gates, Http};
use fabrik_domain::{
    customer::Customer,
    gate::{Charge, Gate},
    id::{CustomerId, RunId},
    provider::Provider,
    run::Plan,
};
use fabrik_engine::Engine;
use serde::Deserialize;

use super::World;
use crate::blueprints::blueprint;

/// A call as the sandbox's own log has it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Logged {
    pub(crate) provider: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: Option<u16>,
    /// In milliseconds since the sandbox's start.
    pub(crate) started_ms: u64,
    /// The fault that struck it.
    #[serde(default)]
    pub(crate) fault: Option<String>,
}

impl Logged {
    /// One of the vendor's limits turned it away, and no fault of the test's. GitHub says so with a 403, too.
    pub(crate) fn is_over_a_limit(&self) -> bool {
        let says_so = match self.status {
            Some(429) => true,
            Some(403) => self.provider == Provider::GitHub.key(),
            _ => false,
        };
        self.fault.is_none() && says_so
    }
}

impl World {
    /// With gates, which keep nothing.
    pub(crate) fn gated(self) -> Self {
        self.gate_by(Arc::new(Gates::unkept(self.clock.clone())));
        self
    }

    /// From now on calls go by these.
    pub(crate) fn gate_by(&self, gate: Arc<dyn Gate>) {
        *self.gate.lock().unwrap() = Some(gate);
    }

    /// Those that calls go by, where there are any.
    pub(crate) fn gate(&self) -> Option<Arc<dyn Gate>> {
        self.gate.lock().unwrap().clone()
    }

    /// Another process comes, which has gates of its own: the calls of one that sleeps are in flight for as long.
    pub(crate) fn change_process(&self) {
        if self.gate().is_some() {
            self.gate_by(Arc::new(Gates::unkept(self.clock.clone())));
        }
    }

    /// A customer's calls, by turns where there are gates.
    pub(super) fn gates(&self, http: &Http, customer: CustomerId) -> Http {
        let http = http.for_customer(customer);
        match self.gate() {
            Some(gate) => http.gated(gate),
            None => http,
        }
    }

    /// What a run would do, and how the vendors' limits let it. The engine is one for all that are planned
    /// together.
    pub(crate) async fn plan(&self, engine: &Engine, customer: &Customer) -> Plan {
        let registry = self.registry(customer.id).await;
        let snapshot = self
            .snapshot(customer, blueprint(&customer.blueprint))
            .await
            .unwrap();
        let usual = BTreeMap::new();
        engine.plan(&registry, &snapshot, &usual).await.unwrap()
    }

    /// What a run for the customer counts in the vendors' limits, by its steps' own word.
    pub(crate) async fn demand(&self, customer: &Customer) -> Vec<Charge> {
        let registry = self.registry(customer.id).await;
        let snapshot = self
            .snapshot(customer, blueprint(&customer.blueprint))
            .await
            .unwrap();
        let engine = self.engine("first");
        engine.demand(&registry, &snapshot, |_| true).await
    }

    pub(crate) async fn request_cancel(&self, run: RunId) {
        let asked = self.store.request_cancel(run, false, Self::audit());
        asked.await.unwrap();
    }

    /// The calls so far, in the order of their ends.
    pub(crate) fn log(&self) -> Vec<Logged> {
        serde_json::from_value(self.cloud.calls()["calls"].take()).unwrap()
    }
}
