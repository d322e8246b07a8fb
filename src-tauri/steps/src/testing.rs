//! What the steps' tests share: a customer, ports that hold still, and a vendor that answers from a script.

mod addons;
mod vendor;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use fabrik_clouds::{
    BaseUrl, GitHub, Gitea, Http, N8n, Resend, Site, Token, Vercel,
    supabase::{Management, ProjectUrl},
};
use fabrik_domain::{
    Problem,
    blueprint::{Blueprint, StepKind, StepSpec},
    customer::{Customer, CustomerStatus},
    event::Happening,
    id::{CustomerId, ResourceId, RunId, WorkspaceId},
    language::Language,
    ports::{Clock, Random, Secrets},
    provider::Provider,
    resource::{Mark, Origin, Resource, ResourceKind, ResourceState},
    run::Snapshot,
    secret::{Secret, SecretRef},
};
use fabrik_engine::step::{Context, Found};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) use addons::{Addons, PROJECT};
pub(crate) use vendor::{Asked, Vendor};

use crate::{
    parameters::{Parameters, Text},
    registry::Clouds,
};

/// Secrets in memory.
#[derive(Default)]
pub(crate) struct Memory(pub Mutex<BTreeMap<SecretRef, Secret>>);

#[async_trait]
impl Secrets for Memory {
    async fn get(&self, reference: &SecretRef) -> Result<Option<Secret>, Problem> {
        Ok(self.0.lock().unwrap().get(reference).cloned())
    }

    async fn set(&self, reference: &SecretRef, secret: Secret) -> Result<(), Problem> {
        self.0.lock().unwrap().insert(reference.clone(), secret);
        Ok(())
    }

    async fn remove(&self, reference: &SecretRef) -> Result<(), Problem> {
        self.0.lock().unwrap().remove(reference);
        Ok(())
    }
}

/// A clock that the test sets.
pub(crate) struct SetClock(pub Mutex<Timestamp>);

#[async_trait]
impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    /// The clock stands still, so nothing times out.
    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}

/// Randomness that is none.
pub(crate) struct Zeros;

impl Random for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// A blueprint without steps or files.
pub(crate) fn blueprint() -> Blueprint {
    serde_json::from_value(json!({
        "name": "factory", "version": 1, "title": {"sv": "", "en": ""},
        "description": {"sv": "", "en": ""}, "plans": [], "modules": [], "parameters": {},
        "steps": [], "settings": [], "files": {}, "hash": "",
    }))
    .unwrap()
}

/// A customer without an instance.
pub(crate) fn customer() -> Customer {
    Customer {
        id: CustomerId::new(),
        external_id: None,
        source: None,
        name: "Åkermark".to_owned(),
        slug: "akermark".to_owned(),
        subdomain: "akermark".to_owned(),
        status: CustomerStatus::Pending,
        plan: "starter".to_owned(),
        blueprint: "factory".to_owned(),
        contact_email: "anna@akermark.se".to_owned(),
        contact_name: None,
        language: Language::Sv,
        credits: 0,
        modules: vec![],
        production_url: None,
        github_repo_url: None,
        supabase_project_ref: None,
        database_url: None,
        created_at: now(),
        updated_at: now(),
    }
}

/// When the tests begin.
pub(crate) fn now() -> Timestamp {
    "2026-11-21T08:00:00Z".parse().unwrap()
}

/// A run in the middle, as a step sees it.
pub(crate) struct Scene {
    pub run: RunId,
    pub step: StepSpec,
    pub snapshot: Snapshot,
    pub workspace: WorkspaceId,
    pub evidence: Option<Value>,
    pub sent: Option<Timestamp>,
    pub known: Vec<Resource>,
    pub all: Vec<Resource>,
    pub ruled_out: Vec<String>,
    pub secrets: Arc<Memory>,
    pub clock: Arc<SetClock>,
    said: Box<dyn Fn(Happening) + Send + Sync>,
    pub words: Arc<Mutex<Vec<Happening>>>,
}

impl Scene {
    /// A run of a customer without an instance, at a step of this kind.
    pub(crate) fn new(kind: StepKind, id: &str) -> Self {
        let step = StepSpec {
            id: id.to_owned(),
            kind,
            with: serde_json::Map::new(),
            needs: vec![],
        };
        let mut blueprint = blueprint();
        blueprint.steps.push(step.clone());
        let words = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&words);
        Self {
            run: RunId::new(),
            step,
            snapshot: Snapshot {
                blueprint,
                customer: customer(),
                settings: BTreeMap::new(),
                names: BTreeMap::new(),
            },
            workspace: WorkspaceId::new(),
            evidence: None,
            sent: None,
            known: vec![],
            all: vec![],
            ruled_out: vec![],
            secrets: Arc::default(),
            clock: Arc::new(SetClock(Mutex::new(now()))),
            said: Box::new(move |happening| heard.lock().unwrap().push(happening)),
            words,
        }
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            run: self.run,
            step: &self.step,
            snapshot: &self.snapshot,
            mark: self.mark(),
            evidence: self.evidence.as_ref(),
            sent: self.sent,
            known: &self.known,
            all: &self.all,
            ruled_out: &self.ruled_out,
            secrets: self.secrets.as_ref(),
            clock: self.clock.as_ref(),
            random: &Zeros,
            log: self.said.as_ref(),
        }
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark {
            workspace: self.workspace,
            customer: self.snapshot.customer.id,
        }
    }

    /// Puts a live resource of an earlier run into the records.
    pub(crate) fn knows(&mut self, kind: ResourceKind, id: &str, name: &str, hash: Option<&str>) {
        let row = self.row(kind, id, name, hash);
        self.known.push(row.clone());
        self.all.push(row);
    }

    /// A live row that another step of an earlier run has left.
    pub(crate) fn row(
        &self,
        kind: ResourceKind,
        id: &str,
        name: &str,
        hash: Option<&str>,
    ) -> Resource {
        Resource {
            key: ResourceId::new(),
            customer: self.snapshot.customer.id,
            run: RunId::new(),
            step: self.step.id.clone(),
            provider: self.step.kind.provider().unwrap_or(Provider::GitHub),
            kind,
            id: id.to_owned(),
            name: name.to_owned(),
            url: None,
            content_hash: hash.map(str::to_owned),
            origin: Origin::Created,
            state: ResourceState::Live,
            at: now(),
        }
    }

    /// Goes on after the intent, with what `find` saw.
    pub(crate) fn intends(&mut self, found: Found) {
        let Found::Absent { evidence } = found else {
            panic!("nothing is there yet: {found:?}")
        };
        // A journal keeps null as nothing.
        self.evidence = Some(if evidence.is_null() {
            Value::Bool(true)
        } else {
            evidence
        });
        self.sent = Some(self.clock.now());
    }
}

/// Parameters as they come from rendering; texts that begin with `secret:` are secrets.
pub(crate) fn parameters(with: &Value) -> Parameters {
    let spec = StepSpec {
        id: "step".to_owned(),
        kind: StepKind::Finalize,
        with: with.as_object().unwrap().clone(),
        needs: vec![],
    };
    Parameters::render("factory", &spec, |text| {
        Ok(match text.strip_prefix("secret:") {
            Some(secret) => Text::Secret(secret.into()),
            None => Text::Public(text.into()),
        })
    })
    .unwrap()
}

/// One for all tests: making it reads the machine's certificates. Each vendor has a port of its own, so no
/// test meets another's connections.
pub(crate) fn http() -> Http {
    static HTTP: OnceLock<Http> = OnceLock::new();
    HTTP.get_or_init(|| Http::over_network(Arc::new(SetClock(Mutex::new(now())))).unwrap())
        .clone()
}

pub(crate) fn token() -> Token {
    let reference = SecretRef::Env("TOKEN".to_owned());
    let memory = Memory::default();
    memory
        .0
        .lock()
        .unwrap()
        .insert(reference.clone(), Secret::from("token-of-a-test"));
    Token::new(Arc::new(memory), reference)
}

pub(crate) fn github(base: &str) -> GitHub {
    GitHub::new(http(), BaseUrl::parse(base).unwrap(), token())
}

pub(crate) fn vercel(base: &str) -> Vercel {
    Vercel::new(http(), BaseUrl::parse(base).unwrap(), token())
}

pub(crate) fn resend(base: &str) -> Resend {
    Resend::new(http(), BaseUrl::parse(base).unwrap(), token())
}

pub(crate) fn n8n(base: &str) -> N8n {
    N8n::new(http(), BaseUrl::parse(base).unwrap(), token())
}

pub(crate) fn gitea(base: &str) -> Gitea {
    Gitea::new(http(), BaseUrl::parse(base).unwrap(), token())
}

pub(crate) fn supabase(base: &str) -> Management {
    Management::new(http(), BaseUrl::parse(base).unwrap(), token())
}

pub(crate) fn site() -> Site {
    Site::new(http())
}

/// All clients, with every vendor at `base`; the projects are below it.
pub(crate) fn clouds(base: &str) -> Clouds {
    clouds_with(base, Arc::new(Memory::default()))
}

/// The same, with these secrets.
pub(crate) fn clouds_with(base: &str, secrets: Arc<dyn Secrets>) -> Clouds {
    Clouds {
        supabase: supabase(base),
        projects: ProjectUrl::parse(&format!("{base}/_projects/{{ref}}")).unwrap(),
        github: github(base),
        vercel: vercel(base),
        n8n: Some(n8n(base)),
        gitea: Some(gitea(base)),
        resend: resend(base),
        site: site(),
        http: http(),
        secrets,
        neighbours: vec![],
    }
}
