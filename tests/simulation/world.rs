//! A cloud, a store and a vault in memory, and engines for them that come and go.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use fabrik_app::neighbours_of;
use fabrik_blueprints::load_built_in;
use fabrik_clouds::{
    BaseUrl, GitHub, Gitea, Http, N8n, Resend, Site, Token, Transport, TransportError, Vercel,
    supabase,
};
use fabrik_domain::{
    Problem,
    customer::{Customer, NewCustomer},
    id::{CustomerId, RunId},
    ports::{Clock, Random, Secrets},
    provider::Provider,
    resource::{Origin, Resource, ResourceKind, ResourceState},
    run::{OnFailure, Run, RunState, Snapshot},
    secret::{Secret, SecretRef},
    setting::SETTINGS,
};
use fabrik_engine::Engine;
use fabrik_sandbox::{Cut, LatencyChoice, Simulation, SimulationOptions};
use fabrik_steps::{Clouds, Registry};
use fabrik_store::{Lease, NewAudit, SqliteStore, Store};
use fabrik_vault::MemoryVault;
use http::Request;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The blueprints that every matrix goes through.
pub(crate) const BLUEPRINTS: [&str; 2] = ["factory", "agency"];

/// tokio's paused time. The store asks for it once for each thing that it writes.
pub(crate) struct SimulatedClock {
    start: Instant,
    probe: Option<Arc<Probe>>,
}

#[async_trait]
impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        if let Some(probe) = &self.probe {
            probe.pass();
        }
        let start = Timestamp::from_second(1_795_000_000).unwrap();
        start + jiff::SignedDuration::try_from(self.start.elapsed()).unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Random, and the same for the same seed.
struct Seeded(Mutex<u64>);

impl Random for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap();
        for byte in bytes {
            *byte = (next(&mut state) >> 24) as u8;
        }
    }
}

/// A step of splitmix64.
pub(crate) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Counts the points of a run at which it can be killed: before and after each request, and after each
/// write of the journal.
#[derive(Default)]
pub(crate) struct Probe {
    passed: AtomicUsize,
    kill_at: AtomicUsize,
    killed: AtomicBool,
}

impl Probe {
    fn pass(&self) {
        let point = self.passed.fetch_add(1, Ordering::Relaxed) + 1;
        if point == self.kill_at.load(Ordering::Relaxed) {
            self.killed.store(true, Ordering::Relaxed);
        }
    }

    /// As a point that can be waited at: killed there, nothing after it is done.
    async fn stop(&self) {
        self.pass();
        if self.killed.load(Ordering::Relaxed) {
            tokio::task::yield_now().await;
        }
    }

    /// How many points were passed by now.
    pub(crate) fn passed(&self) -> usize {
        self.passed.load(Ordering::Relaxed)
    }

    /// How many points were passed since the last time.
    pub(crate) fn take(&self) -> usize {
        self.passed.swap(0, Ordering::Relaxed)
    }
}

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
    pub(crate) clock: Arc<SimulatedClock>,
    pub(crate) probe: Arc<Probe>,
    pub(crate) vault: Arc<MemoryVault>,
    settings: BTreeMap<String, String>,
    random: Arc<dyn Random>,
}

impl World {
    pub(crate) async fn new(seed: u64) -> Self {
        Self::with(seed, LatencyChoice::None, false).await
    }

    pub(crate) async fn with(seed: u64, latency: LatencyChoice, limits: bool) -> Self {
        let probe = Arc::new(Probe::default());
        let start = Instant::now();
        let clock = Arc::new(SimulatedClock { start, probe: None });
        let counting: Arc<dyn Clock> = Arc::new(SimulatedClock {
            start,
            probe: Some(Arc::clone(&probe)),
        });
        let cloud = Simulation::new(SimulationOptions {
            clock: clock.clone(),
            seed,
            latency,
            limits,
        })
        .unwrap();
        let store: Arc<dyn Store> = Arc::new(SqliteStore::in_memory(counting).unwrap());
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
            store,
            clock,
            probe,
            vault,
            settings,
            random: Arc::new(Seeded(Mutex::new(seed))),
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
        let secrets: Arc<dyn Secrets> = self.vault.clone();
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
            n8n: Some(N8n::new(
                http.clone(),
                base("n8n.url"),
                token(Provider::N8n),
            )),
            gitea: Some(Gitea::new(
                http.clone(),
                base("gitea.url"),
                token(Provider::Gitea),
            )),
            resend: Resend::new(http.clone(), base("resend.url"), token(Provider::Resend)),
            site: Site::new(http.clone()),
            http,
            secrets,
            neighbours: Vec::new(),
        };
        let neighbours = neighbours_of(self.store.as_ref(), customer).await.unwrap();
        Registry::new(clouds, self.store.workspace()).beside(neighbours)
    }

    async fn registry_of(&self, lease: &Lease) -> Result<Registry, Problem> {
        let run = self.store.run(lease.run).await?;
        Ok(self.registry(run.customer).await)
    }

    pub(crate) fn engine(&self, owner: &str) -> Engine {
        Engine::new(
            Arc::clone(&self.store),
            self.vault.clone(),
            self.clock.clone(),
            Arc::clone(&self.random),
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

    pub(crate) async fn customer(&self, blueprint: &str, slug: &str) -> Customer {
        let new = NewCustomer {
            name: format!("Kund {slug}"),
            subdomain: slug.to_owned(),
            contact_email: format!("anna@{slug}.example"),
            blueprint: blueprint.to_owned(),
            plan: load_built_in(blueprint).unwrap().plans[0].name.clone(),
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
        let registry = self.registry(customer.id).await;
        let snapshot = Snapshot {
            blueprint: load_built_in(&customer.blueprint).unwrap(),
            customer: self.store.customer(customer.id).await?,
            settings: self.settings.clone(),
            names: BTreeMap::new(),
        };
        self.engine(owner)
            .begin(&registry, snapshot, on_failure, "test")
            .await
    }

    pub(crate) async fn drive(&self, owner: &str, lease: Lease) -> Result<Run, Problem> {
        let registry = self.registry_of(&lease).await?;
        self.engine(owner)
            .drive(&registry, lease, &CancellationToken::new())
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
        self.probe.passed.store(0, Ordering::Relaxed);
        self.probe.killed.store(false, Ordering::Relaxed);
        self.probe.kill_at.store(point, Ordering::Relaxed);
        let run = Box::pin(unless(&self.probe.killed, self.drive(owner, lease))).await;
        self.probe.kill_at.store(0, Ordering::Relaxed);
        self.probe.killed.store(false, Ordering::Relaxed);
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
        self.engine(owner)
            .roll_back(&registry, lease, &CancellationToken::new())
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
            ("vercel", "domain"),
        ] {
            let there = state["resources"][provider][kind].as_object();
            for (id, document) in there.into_iter().flatten() {
                if is_there(document) {
                    census.insert((format!("{provider} {kind}"), id.clone()));
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

    /// The ids in the customer's records that are said to be there, of what costs something.
    async fn told(&self, customer: &Customer) -> BTreeSet<(String, String)> {
        let rows = self.rows(customer).await;
        rows.into_iter()
            .filter(|row| matches!(row.state, ResourceState::Live | ResourceState::Leftover))
            .filter_map(|row| {
                let kind = match row.kind {
                    ResourceKind::SupabaseProject => "supabase project",
                    ResourceKind::Repository => "github repository",
                    ResourceKind::VercelProject => "vercel project",
                    _ => return None,
                };
                Some((kind.to_owned(), row.id))
            })
            .collect()
    }

    /// The records are the cloud: what came on top of `before` is what they say, and nothing before is gone.
    pub(crate) async fn assert_told(
        &self,
        customer: &Customer,
        before: &BTreeSet<(String, String)>,
        when: &str,
    ) {
        let now = self.census();
        let gone: Vec<_> = before.difference(&now).collect();
        assert!(
            gone.is_empty(),
            "{when}: foreign resources are gone: {gone:?}"
        );
        let came: BTreeSet<_> = now
            .difference(before)
            .filter(|(kind, _)| kind != "vercel domain")
            .cloned()
            .collect();
        let told: BTreeSet<_> = self
            .told(customer)
            .await
            .difference(before)
            .cloned()
            .collect();
        assert_eq!(came, told, "{when}: the cloud is what the records say");
        let rows = self.rows(customer).await;
        assert!(
            rows.iter().all(|row| row.state != ResourceState::Intended),
            "{when}: nothing stays unknown: {rows:#?}"
        );
    }

    /// A run that succeeded made one of each, and no more.
    pub(crate) async fn assert_whole(
        &self,
        customer: &Customer,
        run: &Run,
        before: &BTreeSet<(String, String)>,
        when: &str,
    ) {
        assert_eq!(
            run.state,
            RunState::Succeeded,
            "{when}: {:?}, after {:#?}",
            run.error,
            self.refusals()
        );
        self.assert_told(customer, before, when).await;
        let rows = self.rows(customer).await;
        let mut kinds = std::collections::HashMap::<_, BTreeSet<_>>::new();
        for row in rows.iter().filter(|row| row.state == ResourceState::Live) {
            kinds.entry(row.kind).or_default().insert(row.id.clone());
        }
        for (kind, ids) in kinds {
            if matches!(
                kind,
                ResourceKind::SupabaseProject
                    | ResourceKind::Repository
                    | ResourceKind::VercelProject
                    | ResourceKind::Mail
            ) {
                assert_eq!(ids.len(), 1, "{when}: one {kind:?}, not {ids:?}");
            }
        }
        let mails = self.mails();
        let to_customer = mails
            .iter()
            .filter(|mail| mail.to_string().contains(&customer.contact_email))
            .count();
        assert_eq!(to_customer, 1, "{when}: one welcome");
        self.assert_forgotten(customer, when);
    }

    /// A run that was undone left nothing of its own.
    pub(crate) async fn assert_gone(
        &self,
        customer: &Customer,
        run: &Run,
        before: &BTreeSet<(String, String)>,
        when: &str,
    ) {
        assert_eq!(run.state, RunState::RolledBack, "{when}: {:?}", run.error);
        assert_eq!(&self.census(), before, "{when}: the cloud is as it was");
        let rows = self.rows(customer).await;
        let left: Vec<_> = rows
            .iter()
            .filter(|row| {
                row.run == run.id
                    && row.origin == Origin::Created
                    && row.state != ResourceState::Removed
                    && row.kind != ResourceKind::Mail
            })
            .collect();
        assert!(left.is_empty(), "{when}: {left:#?}");
        self.assert_forgotten(customer, when);
    }

    /// The vault keeps nothing of runs that have ended.
    fn assert_forgotten(&self, customer: &Customer, when: &str) {
        let names = self.vault.names();
        let kept: Vec<_> = names
            .iter()
            .filter(|name| name.contains(&customer.id.to_string()))
            .collect();
        assert!(kept.is_empty(), "{when}: still in the vault: {kept:?}");
    }
}

/// What was deleted may stay in the sandbox's documents as such.
fn is_there(document: &Value) -> bool {
    let gone = |name: &str| !document[name].is_null();
    !gone("deleted_at") && document["phase"] != json!("removed")
}

/// Polls a future until it ends or the flag is set; then it is dropped where it stands.
async fn unless<F: Future>(killed: &AtomicBool, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    std::future::poll_fn(move |cx| {
        if killed.load(Ordering::Relaxed) {
            return Poll::Ready(None);
        }
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if killed.load(Ordering::Relaxed) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Runs a simulation under time that jumps.
pub(crate) fn simulate<T>(work: impl AsyncFnOnce() -> T) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work())
}

/// Every number from `range`, spread over the machine's cores.
pub(crate) fn spread(range: std::ops::Range<u64>, work: impl Fn(u64) + Send + Sync) {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let next = std::sync::atomic::AtomicU64::new(range.start);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= range.end {
                        return;
                    }
                    work(number);
                }
            });
        }
    });
}
