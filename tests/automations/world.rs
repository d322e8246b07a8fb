//! A customer with workflows and nothing else: the product's own engine, steps and clients over n8n and Gitea, be
//! they the sandbox's or real ones.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, LazyLock},
};

use fabrik_blueprints::load_folder;
use fabrik_clouds::{
    BaseUrl, GitHub, Gitea, Http, N8n, Resend, Site, Token, Vercel,
    supabase::{Management, ProjectUrl},
};
use fabrik_domain::{
    blueprint::Blueprint,
    customer::{Customer, NewCustomer},
    ports::{Clock, Random, Secrets},
    provider::Provider,
    resource::Resource,
    run::{OnFailure, Run, Snapshot},
    secret::{Secret, SecretRef},
};
use fabrik_engine::Engine;
use fabrik_steps::{Clouds, Registry};
use fabrik_store::{Lease, NewAudit, SqliteStore, Store};
use fabrik_vault::MemoryVault;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// Where no client of this blueprint's steps goes.
const NOWHERE: &str = "http://127.0.0.1:1/nowhere";

/// The customer's name, which must stay a name wherever it is put.
pub(crate) const NAME: &str = "Åkermark {{ $env.KEY }}\"; x()//";

/// The same bytes every time: nothing here is to be guessed.
struct Zeros;

impl Random for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

pub(crate) struct World {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) vault: Arc<MemoryVault>,
    http: Http,
    clock: Arc<dyn Clock>,
    settings: BTreeMap<String, String>,
}

impl World {
    /// With the vendors that the variables say, as the sandbox prints them.
    pub(crate) async fn new(http: Http, clock: Arc<dyn Clock>, variables: &Value) -> Self {
        let world = Self {
            store: Arc::new(SqliteStore::in_memory(clock.clone()).unwrap()),
            vault: Arc::new(MemoryVault::new()),
            http,
            clock,
            settings: ["n8n.url", "gitea.url", "gitea.owner"]
                .map(|key| {
                    let variable = format!("FABRIK_{}", key.to_uppercase().replace('.', "_"));
                    let value = variables[&variable].as_str().unwrap_or(NOWHERE);
                    (key.to_owned(), value.to_owned())
                })
                .into(),
        };
        for provider in [Provider::N8n, Provider::Gitea] {
            let name = format!("FABRIK_SECRET_{}", provider.key().to_uppercase());
            world
                .give(provider, variables[&name].as_str().unwrap_or("none"))
                .await;
        }
        world
    }

    /// Another token from now on.
    pub(crate) async fn give(&self, provider: Provider, token: &str) {
        let reference = SecretRef::token(self.store.workspace(), provider);
        self.vault
            .set(&reference, Secret::from(token))
            .await
            .unwrap();
    }

    pub(crate) fn n8n(&self) -> N8n {
        let base = BaseUrl::parse(&self.settings["n8n.url"]).unwrap();
        N8n::new(self.http.clone(), base, self.token(Provider::N8n))
    }

    fn token(&self, provider: Provider) -> Token {
        let reference = SecretRef::token(self.store.workspace(), provider);
        Token::new(self.vault.clone(), reference)
    }

    pub(crate) fn registry(&self) -> Registry {
        let base = |text: &str| BaseUrl::parse(text).unwrap();
        let token = |provider| self.token(provider);
        let http = || self.http.clone();
        let clouds = Clouds {
            supabase: Management::new(http(), base(NOWHERE), token(Provider::Supabase)),
            projects: ProjectUrl::parse(&format!("{NOWHERE}/{{ref}}")).unwrap(),
            github: GitHub::new(http(), base(NOWHERE), token(Provider::GitHub)),
            vercel: Vercel::new(http(), base(NOWHERE), token(Provider::Vercel)),
            n8n: Some(self.n8n()),
            gitea: Some(Gitea::new(
                http(),
                base(&self.settings["gitea.url"]),
                token(Provider::Gitea),
            )),
            resend: Resend::new(http(), base(NOWHERE), token(Provider::Resend)),
            site: Site::new(http()),
            http: http(),
            secrets: self.vault.clone(),
            neighbours: Vec::new(),
        };
        Registry::new(clouds, self.store.workspace())
    }

    pub(crate) fn engine(&self, owner: &str) -> Engine {
        Engine::new(
            self.store.clone(),
            self.vault.clone(),
            self.clock.clone(),
            Arc::new(Zeros),
            owner.to_owned(),
        )
    }

    pub(crate) async fn customer(&self, slug: &str) -> Customer {
        let new = NewCustomer {
            name: NAME.to_owned(),
            subdomain: slug.to_owned(),
            contact_email: format!("anna@{slug}.example"),
            blueprint: "automations".to_owned(),
            plan: "starter".to_owned(),
            ..NewCustomer::default()
        };
        let audit = NewAudit {
            operator: "test".to_owned(),
            action: "test".to_owned(),
            customer: None,
            run: None,
            facts: Value::Null,
        };
        let added = self.store.add_customer(new, slug.to_owned(), audit).await;
        added.unwrap()
    }

    pub(crate) async fn begin(
        &self,
        customer: &Customer,
        blueprint: &Blueprint,
        on_failure: OnFailure,
    ) -> (Run, Lease) {
        let snapshot = Snapshot {
            blueprint: blueprint.clone(),
            customer: self.store.customer(customer.id).await.unwrap(),
            settings: self.settings.clone(),
            names: BTreeMap::new(),
        };
        let engine = self.engine("first");
        let registry = self.registry();
        let begun = engine.begin(&registry, snapshot, on_failure, "test");
        begun.await.unwrap()
    }

    pub(crate) async fn drive(&self, owner: &str, lease: Lease) -> Run {
        let engine = self.engine(owner);
        let (registry, never) = (self.registry(), CancellationToken::new());
        let driven = engine.drive(&registry, lease, &never);
        Box::pin(driven).await.unwrap()
    }

    /// Begins a run of the whole blueprint and drives it to where it stands still.
    pub(crate) async fn provision(&self, customer: &Customer, on_failure: OnFailure) -> Run {
        let (_, lease) = self.begin(customer, &BLUEPRINT, on_failure).await;
        self.drive("first", lease).await
    }

    pub(crate) async fn roll_back(&self, owner: &str, lease: Lease) -> Run {
        let engine = self.engine(owner);
        let (registry, never) = (self.registry(), CancellationToken::new());
        let rolled = engine.roll_back(&registry, lease, &never);
        Box::pin(rolled).await.unwrap()
    }

    /// Removes a customer's instance.
    pub(crate) async fn deprovision(&self, customer: &Customer) -> Run {
        let engine = self.engine("first");
        let removal = engine.begin_removal(customer.clone(), self.settings.clone(), "test");
        let (_, lease) = removal.await.unwrap();
        self.drive("first", lease).await
    }

    /// What the customer of a run has.
    pub(crate) async fn rows(&self, run: &Run) -> Vec<Resource> {
        self.store.resources(run.customer).await.unwrap()
    }

    /// What a step of a run has handed on.
    pub(crate) async fn output(&self, run: &Run, step: &str, name: &str) -> String {
        let steps = self.store.steps(run.id).await.unwrap();
        let step = steps.iter().find(|one| one.id == step).unwrap();
        match &step.outputs[name] {
            fabrik_domain::run::Output::Public(text) => text.clone(),
            fabrik_domain::run::Output::Secret(_) => panic!("{name} is public"),
        }
    }

    /// Why steps of a run are not as they should be, for messages.
    pub(crate) async fn errors(&self, run: &Run) -> Vec<String> {
        let steps = self.store.steps(run.id).await.unwrap();
        let errors = steps
            .iter()
            .filter_map(|step| Some((&step.id, step.error.as_ref()?)));
        errors
            .map(|(step, problem)| format!("{step}: {problem:?}"))
            .collect()
    }
}

/// The tests' own.
pub(crate) static BLUEPRINT: LazyLock<Blueprint> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("automations/blueprint");
    load_folder(&folder).unwrap()
});

/// The same with one of its steps alone.
pub(crate) fn only(step: &str) -> Blueprint {
    let mut blueprint = BLUEPRINT.clone();
    blueprint.steps.retain(|one| one.id == step);
    blueprint
}
