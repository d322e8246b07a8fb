//! Vendors that do nothing: steps that are made and ready at once, or after a while a call.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    blueprint::{Bilingual, Blueprint, StepKind, StepSpec},
    customer::Customer,
    failure::Failure,
    id::RunId,
    resource::{Found as Existing, ResourceKind},
    run::{Output, Snapshot},
};
use fabrik_engine::step::{
    Context, Created, Found, Inputs, Readiness, Step, StepFactory, Timing, Undone,
};
use serde_json::json;

/// The steps: three that need each other, beside three others, and four to end with.
const SPECS: [(&str, StepKind, &[&str]); 10] = [
    ("supabase", StepKind::SupabaseProject, &[]),
    ("schema", StepKind::DatabaseSchema, &["supabase"]),
    ("admin", StepKind::AdminUser, &["schema"]),
    ("repo", StepKind::GithubRepo, &[]),
    ("config", StepKind::ClientConfig, &["repo"]),
    ("project", StepKind::VercelProject, &["config"]),
    ("env", StepKind::VercelEnvironment, &["project", "supabase"]),
    ("deploy", StepKind::VercelDeployment, &["env"]),
    ("welcome", StepKind::WelcomeEmail, &["deploy", "admin"]),
    ("finalize", StepKind::Finalize, &["welcome"]),
];

/// How many steps a run has.
pub(crate) const STEPS: u32 = SPECS.len() as u32;

/// Vendors whose calls take so long.
#[derive(Clone)]
pub(crate) struct Null(pub(crate) Duration);

struct NullStep {
    id: String,
    kind: Option<ResourceKind>,
    call: Duration,
}

impl NullStep {
    async fn call(&self) {
        if !self.call.is_zero() {
            tokio::time::sleep(self.call).await;
        }
    }
}

const TIMING: Timing = Timing {
    usual: Duration::from_secs(1),
    ceiling: Duration::from_mins(1),
    settle: Duration::from_secs(1),
};

#[async_trait]
impl Step for NullStep {
    fn name(&self) -> String {
        self.id.clone()
    }

    fn timing(&self) -> Timing {
        TIMING
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        self.kind
    }

    async fn find(&self, _: &Context<'_>) -> Result<Found, Failure> {
        self.call().await;
        Ok(Found::Absent {
            evidence: json!({ "seen": [] }),
        })
    }

    async fn create(&self, _: &Context<'_>) -> Result<Created, Failure> {
        self.call().await;
        Ok(match self.kind {
            None => Created::Effect,
            Some(_) => Created::Resource(Existing {
                id: format!("{}-0123456789", self.id),
                name: self.id.clone(),
                url: Some(format!("https://vendor.example/{}", self.id)),
                content_hash: None,
            }),
        })
    }

    async fn await_ready(
        &self,
        _: &Context<'_>,
        _: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        self.call().await;
        let url = Output::Public(format!("https://{}.example", self.id));
        Ok(Readiness::Ready([("url".to_owned(), url)].into()))
    }

    async fn undo(&self, _: &Context<'_>, _: &Existing) -> Result<Undone, Failure> {
        Ok(Undone::Gone)
    }
}

#[async_trait]
impl StepFactory for Null {
    fn revision(&self, _: &StepSpec) -> u32 {
        1
    }

    fn plans_alone(&self, _: &StepSpec) -> bool {
        true
    }

    fn timing(&self, _: &StepSpec) -> Timing {
        TIMING
    }

    async fn build(&self, spec: &StepSpec, _: Inputs<'_>) -> Result<Box<dyn Step>, Failure> {
        Ok(Box::new(NullStep {
            id: spec.id.clone(),
            kind: match spec.kind {
                StepKind::SupabaseProject => Some(ResourceKind::SupabaseProject),
                StepKind::GithubRepo => Some(ResourceKind::Repository),
                StepKind::ClientConfig => Some(ResourceKind::RepositoryFile),
                StepKind::VercelProject => Some(ResourceKind::VercelProject),
                StepKind::VercelDeployment => Some(ResourceKind::VercelDeployment),
                StepKind::WelcomeEmail => Some(ResourceKind::Mail),
                _ => None,
            },
            call: self.0,
        }))
    }

    async fn forget(&self, _: RunId, _: &Snapshot) -> Result<(), Problem> {
        Ok(())
    }
}

/// What a run of the first so many steps begins with.
pub(crate) fn snapshot(customer: Customer, steps: u32) -> Snapshot {
    let steps = SPECS.iter().take(steps as usize);
    let steps = steps.map(|(id, kind, needs)| StepSpec {
        id: (*id).to_owned(),
        kind: *kind,
        with: serde_json::Map::new(),
        needs: needs.iter().map(ToString::to_string).collect(),
    });
    Snapshot {
        blueprint: Blueprint {
            name: "null".to_owned(),
            version: 1,
            title: Bilingual::default(),
            description: Bilingual::default(),
            plans: Vec::new(),
            modules: Vec::new(),
            parameters: BTreeMap::new(),
            steps: steps.collect(),
            settings: Vec::new(),
            files: BTreeMap::new(),
            hash: String::new(),
        },
        customer,
        settings: BTreeMap::new(),
        names: BTreeMap::new(),
    }
}
