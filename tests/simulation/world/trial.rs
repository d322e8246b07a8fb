//! A customer about to be provisioned. Everything around it is made once, and copied for each trial.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use fabrik_domain::{customer::Customer, ports::Clock};
use fabrik_sandbox::Simulation;
use fabrik_store::SqliteStore;
use fabrik_vault::MemoryVault;

use super::{
    OTHER_PLANS, PASTS, Past, Probe, SimulatedClock, Surroundings, World, simulate,
    surroundings::surround,
    time::{Order, Seeded},
};
use crate::blueprints::{changes_what_stands, in_matrices};

/// A customer of this blueprint about to be provisioned, with everything around it.
pub(crate) struct Trial {
    pub(crate) world: World,
    pub(crate) customer: Customer,
    pub(crate) before: Arc<Surroundings>,
}

impl Trial {
    /// The same each time.
    pub(crate) fn new(blueprint: &'static str, past: Past) -> Self {
        Self::from_image(0, blueprint, past)
    }

    /// Another for each seed, which also decides the order of what goes side by side.
    pub(crate) fn of_seed(seed: u64, blueprint: &'static str, past: Past) -> Self {
        Self::from_image(seed, blueprint, past).in_order_of(seed)
    }

    /// As [`of_seed`](Self::of_seed) in another process: everything around it is made anew, with other ids of ours.
    pub(crate) fn made_anew(seed: u64, blueprint: &'static str, past: Past) -> Self {
        let image = Image::by_itself(seed, blueprint, past);
        image.begin(seed).in_order_of(seed)
    }

    /// Under the vendors' limits from now on, with gates.
    pub(crate) fn limited(mut self) -> Self {
        self.world = self.world.gated();
        self.world.cloud.limits(true).unwrap();
        self
    }

    fn in_order_of(mut self, seed: u64) -> Self {
        self.world.order = Arc::new(Order::of(seed));
        self
    }

    fn from_image(seed: u64, blueprint: &'static str, past: Past) -> Self {
        let image = {
            let mut images = IMAGES.lock().unwrap_or_else(PoisonError::into_inner);
            let made = images.entry((seed % CLOUDS, blueprint, past)).or_default();
            Arc::clone(made)
        };
        // Made by the first that needs it.
        let image = image.get_or_init(|| Image::by_itself(seed, blueprint, past));
        image.begin(seed)
    }
}

/// How many clouds trials begin with. What comes then is each seed's own.
const CLOUDS: u64 = 8;

type Images = BTreeMap<(u64, &'static str, Past), Arc<OnceLock<Image>>>;

static IMAGES: Mutex<Images> = Mutex::new(BTreeMap::new());

/// A trial as it stood at a moment, for others to go on from. What was under way there is cut off, as by a kill.
pub(crate) struct Image {
    cloud: Simulation,
    store: Vec<u8>,
    vault: Arc<MemoryVault>,
    settings: BTreeMap<String, String>,
    neighbours: Vec<String>,
    passed: Duration,
    customer: Customer,
    before: Arc<Surroundings>,
}

impl Image {
    /// Made in a simulation of its own, wherever it is asked for.
    fn by_itself(seed: u64, blueprint: &'static str, past: Past) -> Self {
        let make = move || simulate(async || Self::make(seed % CLOUDS, blueprint, past).await);
        std::thread::spawn(make).join().unwrap()
    }

    async fn make(seed: u64, blueprint: &str, past: Past) -> Self {
        let mut world = World::new(seed).await;
        let (customer, before) = surround(&mut world, blueprint, past).await;
        Self::of(&Trial {
            world,
            customer,
            before: Arc::new(before),
        })
    }

    pub(crate) fn of(trial: &Trial) -> Self {
        let world = &trial.world;
        let passed = world.clock.monotonic();
        let clock = Arc::new(SimulatedClock::after(passed));
        Self {
            store: world.records.image().unwrap(),
            vault: Arc::new(world.vault.copy()),
            passed,
            cloud: world.cloud.fork(clock, 0).unwrap(),
            settings: world.settings.clone(),
            neighbours: world.neighbours.clone(),
            customer: trial.customer.clone(),
            before: Arc::clone(&trial.before),
        }
    }

    /// What comes then follows from the seed.
    pub(crate) fn begin(&self, seed: u64) -> Trial {
        let probe = Arc::new(Probe::default());
        let clock = Arc::new(SimulatedClock::after(self.passed));
        let counting: Arc<dyn Clock> = Arc::new(clock.probed(&probe));
        let records = Arc::new(SqliteStore::of_image(&self.store, counting).unwrap());
        let theirs = clock.unmoved();
        let world = World {
            cloud: self.cloud.fork(Arc::new(theirs.clone()), seed).unwrap(),
            store: records.clone(),
            records,
            vault: Arc::new(self.vault.copy()),
            clock,
            theirs,
            settings: self.settings.clone(),
            neighbours: self.neighbours.clone(),
            random: Arc::new(Seeded::new(!seed)),
            order: Arc::new(Order::as_it_comes()),
            answers: Arc::default(),
            gate: Mutex::default(),
            probe,
        };
        world.probe.restart();
        Trial {
            world,
            customer: self.customer.clone(),
            before: Arc::clone(&self.before),
        }
    }
}

/// Every blueprint of the matrices with every past of a customer who is to have an instance.
pub(crate) fn cells() -> impl Iterator<Item = (&'static str, Past)> {
    let pasts = |name: &'static str| PASTS.into_iter().map(move |past| (name, past));
    in_matrices().iter().copied().flat_map(pasts)
}

/// Those among them with steps that only change what stands, with every past in another plan: for the others' customers
/// such a step has nothing to do.
pub(crate) fn cells_of_another_plan() -> impl Iterator<Item = (&'static str, Past)> {
    let pasts = |name: &'static str| OTHER_PLANS.into_iter().map(move |past| (name, past));
    let names = in_matrices().iter().copied();
    names
        .filter(|name| changes_what_stands(name))
        .flat_map(pasts)
}

/// Both.
pub(crate) fn all_cells() -> impl Iterator<Item = (&'static str, Past)> {
    cells().chain(cells_of_another_plan())
}
