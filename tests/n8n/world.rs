//! A client stack's workflows and nothing else: the product's own engine, step and client over a real n8n, and for the
//! workflows a database's API that answers and writes down what it was asked.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use fabrik_blueprints::load_built_in;
use fabrik_clouds::{
    BaseUrl, GitHub, Http, N8n, Resend, Site, Token, Vercel,
    supabase::{Management, ProjectUrl},
};
use fabrik_domain::{
    blueprint::Blueprint,
    customer::{Customer, NewCustomer},
    language::Language,
    ports::{Clock, Random, Secrets},
    provider::Provider,
    resource::Resource,
    run::{OnFailure, Output, Run, Snapshot},
    secret::{Secret, SecretRef},
};
use fabrik_engine::Engine;
use fabrik_steps::{Clouds, Registry};
use fabrik_store::{NewAudit, SqliteStore, Store};
use fabrik_vault::MemoryVault;
use http::StatusCode;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// Where no client of this step goes.
const NOWHERE: &str = "http://127.0.0.1:1/nowhere";

/// The customer's name, which must stay a name wherever it is put.
pub(crate) const NAME: &str = "Åkermark {{ $env.KEY }}\"; x()//";

/// What the workflows sign in with.
pub(crate) const KEY: &str = "canary-of-the-database";

pub(crate) const ORGANIZATION: &str = "0a000000-0000-4000-8000-000000000001";

/// The client stack's own three, where its database is a parameter instead of another step's output.
static FLOWS: LazyLock<Blueprint> = LazyLock::new(|| {
    let mut blueprint = load_built_in("client-stack").unwrap();
    blueprint.steps.retain(|step| step.id == "flows");
    let [flows] = &mut blueprint.steps[..] else {
        panic!("it has workflows")
    };
    flows.needs.clear();
    let text = serde_json::to_string(&flows.with).unwrap();
    let text = text.replace("supabase.", "parameters.");
    flows.with = serde_json::from_str(&text).unwrap();
    blueprint
});

/// One of the files, filled in.
pub(crate) fn leads() -> Value {
    let mut leads = serde_json::from_str(&FLOWS.files["workflows/leads.json"]).unwrap();
    let values = [
        ("client", "en"),
        ("slug", "en"),
        ("language", "en"),
        ("rest", "en"),
        // With one that is none, n8n runs every schedule on it without end.
        ("time_zone", "Europe/Stockholm"),
    ];
    let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
    fabrik_blueprints::workflow::fill(&mut leads, &values.into()).unwrap();
    leads
}

/// The same bytes every time: nothing here is to be guessed.
struct Zeros;

impl Random for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// A call of the database's API: method, table with its query, body.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) call: String,
    pub(crate) query: String,
    pub(crate) body: Value,
}

/// A database's API, as far as the workflows go.
#[derive(Clone, Default)]
pub(crate) struct Database(Arc<Mutex<Vec<Asked>>>);

impl Database {
    /// What it was asked, once it was asked for so much.
    pub(crate) async fn asked(&self, calls: usize) -> Vec<Asked> {
        for _ in 0..600 {
            let asked = self.0.lock().unwrap().clone();
            if asked.len() >= calls {
                return asked;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{calls} calls, not {:#?}", self.0.lock().unwrap())
    }

    pub(crate) fn forget(&self) {
        self.0.lock().unwrap().clear();
    }

    /// Starts it, and gives its address.
    async fn serve(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }
}

async fn answer(State(database): State<Database>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let key = parts.headers.get("apikey");
    if key.is_none_or(|key| key != KEY) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let body: Bytes = to_bytes(body, usize::MAX).await.unwrap();
    let table = parts.uri.path().trim_start_matches("/rest/v1/");
    let call = format!("{} {table}", parts.method);
    let answer = match call.as_str() {
        "GET organizations" => json!([{ "id": ORGANIZATION }]),
        "GET contacts" => json!([]),
        "GET email_sends" => json!([{ "organization_id": ORGANIZATION, "email": "Eva@B.se" }]),
        "GET users" => json!([{ "organization_id": ORGANIZATION, "user_id": "admin" }]),
        "POST contacts" => json!([{ "organization_id": ORGANIZATION, "id": "new" }]),
        "POST activities" => json!([{ "organization_id": ORGANIZATION }]),
        // Nothing is asked back.
        _ => Value::Null,
    };
    database.0.lock().unwrap().push(Asked {
        call,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    });
    match answer {
        Value::Null => StatusCode::CREATED.into_response(),
        answer => Json(answer).into_response(),
    }
}

pub(crate) struct World {
    pub(crate) database: Database,
    store: Arc<SqliteStore>,
    vault: Arc<MemoryVault>,
    http: Http,
    clock: Arc<dyn Clock>,
    n8n: BaseUrl,
    url: String,
}

impl World {
    pub(crate) async fn new(clock: Arc<dyn Clock>, n8n: &str, key: &str) -> Self {
        let database = Database::default();
        let world = Self {
            url: database.serve().await,
            database,
            store: Arc::new(SqliteStore::in_memory(clock.clone()).unwrap()),
            vault: Arc::new(MemoryVault::new()),
            http: Http::over_network(clock.clone()).unwrap(),
            clock,
            n8n: BaseUrl::parse(n8n).unwrap(),
        };
        world.give(key).await;
        world
    }

    /// Another key of n8n's from now on.
    pub(crate) async fn give(&self, key: &str) {
        let reference = SecretRef::token(self.store.workspace(), Provider::N8n);
        self.vault.set(&reference, Secret::from(key)).await.unwrap();
    }

    pub(crate) fn n8n(&self) -> N8n {
        let token = self.token(Provider::N8n);
        N8n::new(self.http.clone(), self.n8n.clone(), token)
    }

    fn token(&self, provider: Provider) -> Token {
        let reference = SecretRef::token(self.store.workspace(), provider);
        Token::new(self.vault.clone(), reference)
    }

    fn registry(&self) -> Registry {
        let base = || BaseUrl::parse(NOWHERE).unwrap();
        let token = |provider| self.token(provider);
        let http = || self.http.clone();
        let clouds = Clouds {
            supabase: Management::new(http(), base(), token(Provider::Supabase)),
            projects: ProjectUrl::parse(&format!("{NOWHERE}/{{ref}}")).unwrap(),
            github: GitHub::new(http(), base(), token(Provider::GitHub)),
            vercel: Vercel::new(http(), base(), token(Provider::Vercel)),
            n8n: Some(self.n8n()),
            gitea: None,
            resend: Resend::new(http(), base(), token(Provider::Resend)),
            site: Site::new(http()),
            http: http(),
            secrets: self.vault.clone(),
            neighbours: Vec::new(),
        };
        Registry::new(clouds, self.store.workspace())
    }

    fn engine(&self) -> Engine {
        let (store, vault) = (self.store.clone(), self.vault.clone());
        let owner = "test".to_owned();
        Engine::new(store, vault, self.clock.clone(), Arc::new(Zeros), owner)
    }

    pub(crate) async fn customer(&self, slug: &str) -> Customer {
        let new = NewCustomer {
            name: NAME.to_owned(),
            subdomain: slug.to_owned(),
            contact_email: format!("anna@{slug}.example"),
            blueprint: FLOWS.name.clone(),
            plan: FLOWS.plans[0].name.clone(),
            language: Language::Sv,
            ..NewCustomer::default()
        };
        let audit = NewAudit {
            operator: "test".to_owned(),
            action: "test".to_owned(),
            customer: None,
            run: None,
            facts: Value::Null,
        };
        let added = self.store.add_customer(new, slug.to_owned(), audit);
        added.await.unwrap()
    }

    /// Makes the workflows, for a database with this key.
    pub(crate) async fn provision(&self, customer: &Customer, key: &str) -> Run {
        let mut blueprint = FLOWS.clone();
        let parameters = [("url", self.url.as_str()), ("secret_key", key)];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
        blueprint.parameters.extend(parameters);
        let snapshot = Snapshot {
            blueprint,
            customer: customer.clone(),
            settings: BTreeMap::new(),
            names: BTreeMap::new(),
        };
        let (engine, registry) = (self.engine(), self.registry());
        let begun = engine.begin(&registry, snapshot, OnFailure::Keep, "test");
        let (_, lease) = begun.await.unwrap();
        let never = CancellationToken::new();
        engine.drive(&registry, lease, &never).await.unwrap()
    }

    /// Removes what the customer has.
    pub(crate) async fn deprovision(&self, customer: &Customer) -> Run {
        let (engine, registry) = (self.engine(), self.registry());
        let removal = engine.begin_removal(customer.clone(), BTreeMap::new(), "test");
        let (_, lease) = removal.await.unwrap();
        let never = CancellationToken::new();
        engine.drive(&registry, lease, &never).await.unwrap()
    }

    /// What the customer of a run has.
    pub(crate) async fn rows(&self, run: &Run) -> Vec<Resource> {
        self.store.resources(run.customer).await.unwrap()
    }

    /// What the workflows' step has handed on.
    pub(crate) async fn output(&self, run: &Run, name: &str) -> String {
        let steps = self.store.steps(run.id).await.unwrap();
        match &steps[0].outputs[name] {
            Output::Public(text) => text.clone(),
            Output::Secret(_) => panic!("{name} is public"),
        }
    }

    /// Why the step is not as it should be, for messages.
    pub(crate) async fn error(&self, run: &Run) -> String {
        let steps = self.store.steps(run.id).await.unwrap();
        format!("{:?}", steps[0].error)
    }
}
