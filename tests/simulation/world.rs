//! A cloud, a store and a vault in memory, and engines for them that come and go.

mod checks;
mod clients;
pub(crate) mod gated;
mod parts;
mod past;
mod probe;
mod standing;
mod surroundings;
mod time;
mod trial;
mod vendors;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use fabrik_domain::{
    Problem,
    blueprint::Blueprint,
    customer::{Customer, NewCustomer},
    gate::Gate,
    id::RunId,
    ports::{Clock, Secrets},
    provider::Provider,
    run::{OnFailure, Run, Snapshot},
    secret::{Secret, SecretRef},
    setting::SETTINGS,
};
use fabrik_engine::{Engine, step::StepFactory};
use fabrik_sandbox::{LatencyChoice, Simulation, SimulationOptions};
use fabrik_store::{Lease, NewAudit, SqliteStore, Store};
use fabrik_vault::MemoryVault;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use self::time::{Order, Seeded};
pub(crate) use self::{
    past::{OTHER_PLANS, PASTS, Past},
    probe::Probe,
    surroundings::Surroundings,
    time::{SimulatedClock, each, simulate, spread, tally},
    trial::{Image, Trial, all_cells, cells, cells_of_another_plan},
    vendors::{Seen, variables},
};
use crate::blueprints::blueprint;

pub(crate) struct World {
    pub(crate) cloud: Simulation,
    pub(crate) store: Arc<dyn Store>,
    /// The same.
    records: Arc<SqliteStore>,
    pub(crate) clock: Arc<SimulatedClock>,
    /// The vendors' own.
    theirs: SimulatedClock,
    pub(crate) probe: Arc<Probe>,
    pub(crate) vault: Arc<MemoryVault>,
    settings: BTreeMap<String, String>,
    /// Refs of the neighbours' projects.
    neighbours: Vec<String>,
    random: Arc<Seeded>,
    order: Arc<Order>,
    /// The newest good answer to each operation.
    answers: Arc<Mutex<BTreeMap<&'static str, Bytes>>>,
    /// The vendors' gates, where there are any: those of the process that is driven.
    gate: Mutex<Option<Arc<dyn Gate>>>,
}

impl World {
    /// Without latencies and limits: neither is what most of these trials are about.
    pub(crate) async fn new(seed: u64) -> Self {
        Self::with(seed, LatencyChoice::None, false).await
    }

    pub(crate) async fn with(seed: u64, latency: LatencyChoice, limits: bool) -> Self {
        let probe = Arc::new(Probe::default());
        let clock = Arc::new(SimulatedClock::new());
        let theirs = clock.unmoved();
        let cloud = Simulation::new(SimulationOptions {
            clock: Arc::new(theirs.clone()),
            seed,
            latency,
            limits,
        })
        .unwrap();
        let counting: Arc<dyn Clock> = Arc::new(clock.probed(&probe));
        let records = Arc::new(SqliteStore::in_memory(counting).unwrap());
        let vault = Arc::new(MemoryVault::new());
        let environment = cloud.environment();
        let mut settings = BTreeMap::new();
        for setting in SETTINGS {
            let said = environment.get(setting.variable()).and_then(Value::as_str);
            if let Some(value) = said.or(setting.default) {
                settings.insert(setting.key.to_owned(), value.to_owned());
            }
        }
        // For blueprints with one repository for all.
        let template = settings["github.template"].clone();
        settings.insert("github.repository".to_owned(), template);
        // Nobody sets its records: each run ends with its domain deferred.
        settings.insert("domain.base".to_owned(), "customers.example".to_owned());
        let world = Self {
            cloud,
            store: records.clone(),
            records,
            clock,
            theirs,
            probe,
            vault,
            settings,
            neighbours: Vec::new(),
            random: Arc::new(Seeded::new(seed)),
            order: Arc::new(Order::as_it_comes()),
            answers: Arc::default(),
            gate: Mutex::default(),
        };
        world.give_tokens().await;
        world
    }

    /// The tokens as the sandbox made them up.
    pub(crate) async fn give_tokens(&self) {
        let environment = self.cloud.environment();
        for provider in Provider::ALL {
            let name = format!("FABRIK_SECRET_{}", provider.key().to_ascii_uppercase());
            if let Some(token) = environment[&name].as_str() {
                let reference = SecretRef::token(self.store.workspace(), provider);
                self.vault
                    .set(&reference, Secret::from(token))
                    .await
                    .unwrap();
            }
        }
    }

    pub(crate) fn engine(&self, owner: &str) -> Engine {
        self.engine_on(owner, self.secrets())
    }

    /// As [`engine`](Self::engine), with another vault.
    pub(crate) fn engine_on(&self, owner: &str, secrets: Arc<dyn Secrets>) -> Engine {
        let engine = Engine::new(
            self.store.clone(),
            secrets,
            self.clock.clone(),
            self.random.clone(),
            owner.to_owned(),
        );
        match self.gate() {
            Some(gate) => engine.gated(gate),
            None => engine,
        }
    }

    pub(crate) fn audit() -> NewAudit {
        NewAudit {
            operator: "test".to_owned(),
            action: "test".to_owned(),
            customer: None,
            run: None,
            facts: Value::Null,
        }
    }

    pub(crate) async fn customer(&self, name: &str, slug: &str) -> Customer {
        self.add(Self::new_customer(name, slug)).await
    }

    pub(crate) fn new_customer(name: &str, slug: &str) -> NewCustomer {
        NewCustomer {
            name: format!("Kund {slug}"),
            subdomain: slug.to_owned(),
            contact_email: format!("anna@{slug}.example"),
            blueprint: name.to_owned(),
            // The one with the most in it.
            plan: blueprint(name).plans.last().unwrap().name.clone(),
            ..NewCustomer::default()
        }
    }

    pub(crate) async fn add(&self, new: NewCustomer) -> Customer {
        let slug = new.subdomain.clone();
        let added = self.store.add_customer(new, slug, Self::audit());
        added.await.unwrap()
    }

    pub(crate) async fn begin(
        &self,
        owner: &str,
        customer: &Customer,
        on_failure: OnFailure,
    ) -> Result<(Run, Lease), Problem> {
        let plan = blueprint(&customer.blueprint);
        self.begin_with(owner, customer, plan, on_failure).await
    }

    /// As [`begin`](Self::begin), with another blueprint than the customer's own.
    pub(crate) async fn begin_with(
        &self,
        owner: &str,
        customer: &Customer,
        blueprint: Blueprint,
        on_failure: OnFailure,
    ) -> Result<(Run, Lease), Problem> {
        let registry = self.registry(customer.id).await;
        let snapshot = self.snapshot(customer, blueprint).await?;
        self.engine(owner)
            .begin(&registry, snapshot, on_failure, "test")
            .await
    }

    async fn snapshot(
        &self,
        customer: &Customer,
        blueprint: Blueprint,
    ) -> Result<Snapshot, Problem> {
        Ok(Snapshot {
            blueprint,
            customer: self.store.customer(customer.id).await?,
            settings: self.settings.clone(),
            names: BTreeMap::new(),
        })
    }

    pub(crate) async fn drive(&self, owner: &str, lease: Lease) -> Result<Run, Problem> {
        let registry = self.registry_of(&lease).await?;
        self.drive_by(owner, &registry, lease).await
    }

    /// As [`drive`](Self::drive), with steps of another make.
    pub(crate) async fn drive_by(
        &self,
        owner: &str,
        factory: &dyn StepFactory,
        lease: Lease,
    ) -> Result<Run, Problem> {
        self.engine(owner)
            .drive(factory, lease, &CancellationToken::new())
            .await
    }

    /// Begins a run and drives it to where it stands still.
    pub(crate) async fn provision(&self, customer: &Customer, on_failure: OnFailure) -> Run {
        let (_, lease) = self.begin("first", customer, on_failure).await.unwrap();
        self.drive("first", lease).await.unwrap()
    }

    /// Drives a run until the point, counted from here, and drops it there as a kill would. `None` where it
    /// was killed.
    pub(crate) async fn killed_at(&self, owner: &str, lease: Lease, point: usize) -> Option<Run> {
        let run = Box::pin(self.probe.until(point, self.drive(owner, lease))).await;
        run.map(Result::unwrap)
    }

    /// Drives a run to where it stands still, and calls `at` with the [points](Probe::through) that it passes.
    pub(crate) async fn drive_through(
        &self,
        owner: &str,
        lease: Lease,
        at: impl FnMut(usize),
    ) -> Run {
        let run = Box::pin(self.probe.through(self.drive(owner, lease), at)).await;
        run.unwrap()
    }

    /// The same of a way back.
    pub(crate) async fn roll_back_through(
        &self,
        owner: &str,
        lease: Lease,
        at: impl FnMut(usize),
    ) -> Run {
        Box::pin(self.probe.through(self.roll_back(owner, lease), at)).await
    }

    /// The newest good answer to each operation that was asked for.
    pub(crate) fn answers(&self) -> BTreeMap<String, Value> {
        let answers = self.answers.lock().unwrap();
        let read = |(operation, body): (&&str, &Bytes)| {
            let body = serde_json::from_slice(body).ok()?;
            Some(((*operation).to_owned(), body))
        };
        answers.iter().filter_map(read).collect()
    }

    /// The machine sleeps: by every wall clock time goes on, while the time that no hand moves stands still.
    pub(crate) fn sleep(&self, seconds: i64) {
        self.clock.set_by(seconds);
        self.theirs.set_by(seconds);
    }

    /// Whether this fault has struck a call.
    pub(crate) fn was_struck(&self, fault: &str) -> bool {
        let calls = self.cloud.calls();
        let mut struck = calls["calls"].as_array().into_iter().flatten();
        struck.any(|call| call["fault"] == fault)
    }

    /// So many commits fail from now on. Gives how many of those before were yet to fail.
    pub(crate) fn fill_disk(&self, commits: usize) -> usize {
        self.records.fill(commits)
    }

    /// What the next start does about a run whose process is gone: on, or back.
    pub(crate) async fn taken_on(
        &self,
        run: RunId,
        owner: &str,
        dead: &str,
        back: bool,
    ) -> Result<Lease, Problem> {
        let engine = self.engine(owner);
        // As every start does before anything else.
        let seen = self.store.lease(run).await?;
        let now = self.clock.now();
        let gone = |lease: &Lease| lease.owner == dead || lease.expires <= now;
        if seen.as_ref().is_none_or(gone) {
            engine
                .mark_interrupted(run, seen.as_ref(), Some(dead))
                .await?;
        }
        if back {
            engine.take_back(run, Some(dead)).await
        } else {
            engine.take(run, Some(dead)).await
        }
    }

    pub(crate) async fn roll_back(&self, owner: &str, lease: Lease) -> Run {
        let registry = self.registry_of(&lease).await.unwrap();
        self.roll_back_by(owner, &registry, lease).await
    }

    /// As [`roll_back`](Self::roll_back), with steps of another make.
    pub(crate) async fn roll_back_by(
        &self,
        owner: &str,
        factory: &dyn StepFactory,
        lease: Lease,
    ) -> Run {
        let engine = self.engine(owner);
        let cancelled = CancellationToken::new();
        // Large, and in the future of every trial.
        Box::pin(engine.roll_back(factory, lease, &cancelled))
            .await
            .unwrap()
    }

    pub(crate) async fn begin_removal(&self, owner: &str, customer: &Customer) -> (Run, Lease) {
        let customer = self.store.customer(customer.id).await.unwrap();
        self.engine(owner)
            .begin_removal(customer, self.settings.clone(), "test")
            .await
            .unwrap()
    }

    /// Removes a customer's instance.
    pub(crate) async fn deprovision(&self, customer: &Customer) -> Run {
        let (_, lease) = self.begin_removal("first", customer).await;
        self.drive("first", lease).await.unwrap()
    }
}
