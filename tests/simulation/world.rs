//! A cloud, a store and a vault in memory, and engines for them that come and go.

mod checks;
mod probe;
mod surroundings;
mod time;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use fabrik_app::neighbours_of;
use fabrik_clouds::{
    BaseUrl, GitHub, Http, Resend, Site, Token, Transport, TransportError, Vercel, supabase,
};
use fabrik_domain::{
    Problem,
    blueprint::Blueprint,
    customer::{Customer, NewCustomer},
    id::{CustomerId, RunId},
    ports::{Clock, Secrets},
    provider::Provider,
    resource::Resource,
    run::{OnFailure, Run, Snapshot},
    secret::{Secret, SecretRef},
    setting::SETTINGS,
};
use fabrik_engine::{Engine, step::StepFactory};
use fabrik_sandbox::{Cut, LatencyChoice, Simulation, SimulationOptions};
use fabrik_steps::{Clouds, Registry};
use fabrik_store::{Lease, NewAudit, SqliteStore, Store};
use fabrik_vault::MemoryVault;
use http::Request;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

pub(crate) use self::{
    probe::Probe,
    surroundings::{PASTS, Past, Surroundings},
    time::{SimulatedClock, next, simulate, spread},
};
use self::{probe::ProbedVault, surroundings::surround, time::Seeded};
use crate::blueprints::{BLUEPRINTS, blueprint};

/// A request as the vendors saw it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seen {
    pub(crate) provider: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: Option<u16>,
}

pub(crate) struct World {
    pub(crate) cloud: Simulation,
    pub(crate) store: Arc<dyn Store>,
    /// The same.
    records: Arc<SqliteStore>,
    pub(crate) clock: Arc<SimulatedClock>,
    pub(crate) probe: Arc<Probe>,
    pub(crate) vault: Arc<MemoryVault>,
    settings: BTreeMap<String, String>,
    /// Refs of the neighbours' projects.
    neighbours: Vec<String>,
    random: Arc<Seeded>,
}

/// A customer of this blueprint about to be provisioned, with everything around it.
pub(crate) struct Trial {
    pub(crate) world: World,
    pub(crate) customer: Customer,
    pub(crate) before: Arc<Surroundings>,
}

impl Trial {
    pub(crate) async fn new(seed: u64, blueprint: &'static str, past: Past) -> Self {
        let image = {
            let mut images = IMAGES.lock().unwrap_or_else(PoisonError::into_inner);
            let made = images.entry((seed, blueprint, past)).or_default();
            Arc::clone(made)
        };
        // Made by the first that needs it.
        let image = image.get_or_init(|| {
            let make = move || simulate(async || Image::make(seed, blueprint, past).await);
            std::thread::spawn(make).join().unwrap()
        });
        let trial = image.begin();
        if seed != SEED {
            // Nobody else begins with it.
            let mut images = IMAGES.lock().unwrap_or_else(PoisonError::into_inner);
            images.remove(&(seed, blueprint, past));
        }
        trial
    }
}

/// The seed of the trials that are not about seeds.
pub(crate) const SEED: u64 = 7;

type Images = BTreeMap<(u64, &'static str, Past), Arc<OnceLock<Image>>>;

static IMAGES: Mutex<Images> = Mutex::new(BTreeMap::new());

/// Everything around a trial, as it was made once.
struct Image {
    cloud: Simulation,
    store: Vec<u8>,
    vault: Arc<MemoryVault>,
    settings: BTreeMap<String, String>,
    neighbours: Vec<String>,
    passed: Duration,
    random: u64,
    customer: Customer,
    before: Arc<Surroundings>,
}

impl Image {
    async fn make(seed: u64, blueprint: &str, past: Past) -> Self {
        let mut world = World::new(seed).await;
        let (customer, before) = surround(&mut world, blueprint, past).await;
        Self {
            store: world.records.image().unwrap(),
            vault: world.vault,
            passed: world.clock.monotonic(),
            random: world.random.state(),
            cloud: world.cloud,
            settings: world.settings,
            neighbours: world.neighbours,
            customer,
            before: Arc::new(before),
        }
    }

    fn begin(&self) -> Trial {
        let probe = Arc::new(Probe::default());
        let clock = Arc::new(SimulatedClock::after(self.passed));
        let counting: Arc<dyn Clock> = Arc::new(clock.probed(&probe));
        let records = Arc::new(SqliteStore::of_image(&self.store, counting).unwrap());
        let world = World {
            cloud: self.cloud.fork(Arc::new(clock.unmoved())).unwrap(),
            store: records.clone(),
            records,
            vault: Arc::new(self.vault.copy()),
            clock,
            settings: self.settings.clone(),
            neighbours: self.neighbours.clone(),
            random: Arc::new(Seeded::new(self.random)),
            probe,
        };
        world.probe.take();
        Trial {
            world,
            customer: self.customer.clone(),
            before: Arc::clone(&self.before),
        }
    }
}

/// Every blueprint with every past.
pub(crate) fn cells() -> impl Iterator<Item = (&'static str, Past)> {
    let pasts = |name| PASTS.into_iter().map(move |past| (name, past));
    BLUEPRINTS.into_iter().flat_map(pasts)
}

impl World {
    pub(crate) async fn new(seed: u64) -> Self {
        Self::with(seed, LatencyChoice::None, false).await
    }

    pub(crate) async fn with(seed: u64, latency: LatencyChoice, limits: bool) -> Self {
        let probe = Arc::new(Probe::default());
        let clock = Arc::new(SimulatedClock::new());
        let cloud = Simulation::new(SimulationOptions {
            clock: Arc::new(clock.unmoved()),
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
            probe,
            vault,
            settings,
            neighbours: Vec::new(),
            random: Arc::new(Seeded::new(seed)),
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

    fn transport(&self) -> Transport {
        let (cloud, probe) = (self.cloud.clone(), Arc::clone(&self.probe));
        Transport::new(tower::service_fn(move |mut request: Request<Bytes>| {
            // As the network's own transport does.
            let agent = http::HeaderValue::from_static("fabrik");
            request
                .headers_mut()
                .insert(http::header::USER_AGENT, agent);
            let (cloud, probe) = (cloud.clone(), Arc::clone(&probe));
            async move {
                probe.stop().await;
                let answer = cloud.call(request).await;
                probe.stop().await;
                answer.map_err(|cut| match cut {
                    Cut::Unreachable => TransportError::NotSent(cut.to_string()),
                    Cut::Underway => TransportError::Cut(cut.to_string()),
                })
            }
        }))
    }

    pub(crate) async fn registry(&self, customer: CustomerId) -> Registry {
        let http = Http::new(self.transport(), self.clock.clone());
        let secrets = self.secrets();
        let base = |key: &str| BaseUrl::parse(&self.settings[key]).unwrap();
        let token = |provider| {
            let reference = SecretRef::token(self.store.workspace(), provider);
            Token::new(Arc::clone(&secrets), reference)
        };
        let clouds = Clouds {
            supabase: supabase::Management::new(
                http.clone(),
                base("supabase.url"),
                token(Provider::Supabase),
            ),
            projects: supabase::ProjectUrl::parse(&self.settings["supabase.project.url"]).unwrap(),
            github: GitHub::new(http.clone(), base("github.url"), token(Provider::GitHub)),
            vercel: Vercel::new(http.clone(), base("vercel.url"), token(Provider::Vercel)),
            resend: Resend::new(http.clone(), base("resend.url"), token(Provider::Resend)),
            site: Site::new(http.clone()),
            http,
            secrets,
            neighbours: self.neighbours.clone(),
        };
        let neighbours = neighbours_of(self.store.as_ref(), customer).await.unwrap();
        Registry::new(clouds, self.store.workspace()).beside(neighbours)
    }

    async fn registry_of(&self, lease: &Lease) -> Result<Registry, Problem> {
        let run = self.store.run(lease.run).await?;
        Ok(self.registry(run.customer).await)
    }

    fn secrets(&self) -> Arc<dyn Secrets> {
        Arc::new(ProbedVault {
            below: Arc::clone(&self.vault),
            probe: Arc::clone(&self.probe),
        })
    }

    pub(crate) fn engine(&self, owner: &str) -> Engine {
        Engine::new(
            self.store.clone(),
            self.secrets(),
            self.clock.clone(),
            self.random.clone(),
            owner.to_owned(),
        )
    }

    fn audit() -> NewAudit {
        NewAudit {
            operator: "test".to_owned(),
            action: "test".to_owned(),
            customer: None,
            run: None,
            facts: Value::Null,
        }
    }

    pub(crate) async fn customer(&self, name: &str, slug: &str) -> Customer {
        let new = NewCustomer {
            name: format!("Kund {slug}"),
            subdomain: slug.to_owned(),
            contact_email: format!("anna@{slug}.example"),
            blueprint: name.to_owned(),
            plan: blueprint(name).plans[0].name.clone(),
            ..NewCustomer::default()
        };
        self.store
            .add_customer(new, slug.to_owned(), Self::audit())
            .await
            .unwrap()
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
        let snapshot = Snapshot {
            blueprint,
            customer: self.store.customer(customer.id).await?,
            settings: self.settings.clone(),
            names: BTreeMap::new(),
        };
        self.engine(owner)
            .begin(
                &self.registry(customer.id).await,
                snapshot,
                on_failure,
                "test",
            )
            .await
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
        let run = self.probe.until(point, self.drive(owner, lease)).await;
        run.map(Result::unwrap)
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
        self.engine(owner)
            .roll_back(factory, lease, &CancellationToken::new())
            .await
            .unwrap()
    }

    pub(crate) async fn begin_removal(&self, customer: &Customer) -> (Run, Lease) {
        let customer = self.store.customer(customer.id).await.unwrap();
        self.engine("first")
            .begin_removal(customer, self.settings.clone(), "test")
            .await
            .unwrap()
    }

    /// Removes a customer's instance.
    pub(crate) async fn deprovision(&self, customer: &Customer) -> Run {
        let (_, lease) = self.begin_removal(customer).await;
        self.drive("first", lease).await.unwrap()
    }

    pub(crate) async fn rows(&self, customer: &Customer) -> Vec<Resource> {
        self.store.resources(customer.id).await.unwrap()
    }

    /// The vendors' resources that cost something: kind and id.
    pub(crate) fn census(&self) -> BTreeSet<(String, String)> {
        let state = self.cloud.state();
        let mut census = BTreeSet::new();
        for (provider, kind) in [
            ("supabase", "project"),
            ("github", "repository"),
            ("vercel", "project"),
        ] {
            let there = state["resources"][provider][kind].as_object();
            let there = there.into_iter().flatten();
            for (id, document) in there.filter(|(_, document)| is_there(document)) {
                census.insert((format!("{provider} {kind}"), id.clone()));
                for domain in document["domains"].as_array().into_iter().flatten() {
                    let name = domain["name"].as_str().unwrap_or_default();
                    census.insert(("vercel domain".to_owned(), name.to_owned()));
                }
            }
        }
        census
    }

    pub(crate) fn mails(&self) -> Vec<Value> {
        let mails = self.cloud.mails().unwrap();
        mails["mails"].as_array().cloned().unwrap_or_default()
    }

    /// The requests so far, in order.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        let calls = self.cloud.calls();
        let text = |call: &Value, name: &str| call[name].as_str().unwrap_or_default().to_owned();
        calls["calls"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|call| Seen {
                provider: text(call, "provider"),
                method: text(call, "method"),
                path: text(call, "path"),
                status: call["status"]
                    .as_u64()
                    .and_then(|status| status.try_into().ok()),
            })
            .collect()
    }

    /// The newest requests that were not answered well, for messages.
    fn refusals(&self) -> Vec<String> {
        let seen = self.seen();
        let refused = seen
            .iter()
            .rev()
            .filter(|seen| seen.status.is_none_or(|status| status >= 400));
        refused
            .take(8)
            .map(|seen| format!("{} {} {:?}", seen.method, seen.path, seen.status))
            .collect()
    }
}

/// What was deleted may stay in the sandbox's documents as such.
fn is_there(document: &Value) -> bool {
    let gone = |name: &str| !document[name].is_null();
    !gone("deleted_at") && document["phase"] != json!("removed")
}
