//! Records to write.

use std::{collections::BTreeMap, time::Duration};

use fabrik_domain::{
    blueprint::{Bilingual, Blueprint, StepKind, StepSpec},
    customer::{Customer, NewCustomer, slug_of},
    event::{Happening, RunEvent},
    id::{ResourceId, RunId},
    provider::Provider,
    resource::{Origin, Resource, ResourceKind, ResourceState},
    run::{OnFailure, Run, RunState, Snapshot, StepRecord},
};
use fabrik_store::{JournalEntry, Lease, NewAudit, NewRun, RunChange, Store};
use jiff::Timestamp;

/// How long the samples' leases last.
pub const LEASE: Duration = Duration::from_mins(1);

/// A fixed time, to the microsecond.
pub fn noon() -> Timestamp {
    "2026-11-21T12:00:00.123456Z".parse().unwrap()
}

pub fn audit(action: &str) -> NewAudit {
    NewAudit {
        operator: "anna@studio".to_owned(),
        action: action.to_owned(),
        customer: None,
        run: None,
        facts: serde_json::json!({ "words": ["å", "\"", "\n"] }),
    }
}

pub fn named(name: &str, subdomain: &str) -> NewCustomer {
    NewCustomer {
        name: name.to_owned(),
        subdomain: subdomain.to_owned(),
        contact_email: format!("info@{subdomain}.se"),
        blueprint: "factory".to_owned(),
        plan: "small".to_owned(),
        modules: vec!["crm".to_owned()],
        ..NewCustomer::default()
    }
}

pub async fn add(store: &dyn Store, name: &str, subdomain: &str) -> Customer {
    store
        .add_customer(
            named(name, subdomain),
            slug_of(name),
            audit("customer.added"),
        )
        .await
        .unwrap()
}

pub fn step(id: &str, kind: StepKind) -> StepRecord {
    StepRecord {
        id: id.to_owned(),
        kind,
        state: fabrik_domain::run::StepState::Pending,
        phase: fabrik_domain::run::Phase::Untouched,
        revision: 1,
        attempts: 0,
        failures: 0,
        not_before: None,
        intended_at: None,
        evidence: None,
        resource: None,
        ruled_out: Vec::new(),
        doubted: Vec::new(),
        outputs: BTreeMap::new(),
        error: None,
        started_at: None,
        finished_at: None,
    }
}

pub fn snapshot(customer: &Customer) -> Snapshot {
    let title = Bilingual {
        sv: "Fabrik".to_owned(),
        en: "Factory".to_owned(),
    };
    Snapshot {
        blueprint: Blueprint {
            name: customer.blueprint.clone(),
            version: 3,
            title: title.clone(),
            description: title,
            plans: Vec::new(),
            modules: vec!["crm".to_owned()],
            parameters: BTreeMap::from([("region".to_owned(), "eu-north-1".to_owned())]),
            steps: vec![StepSpec {
                id: "supabase".to_owned(),
                kind: StepKind::SupabaseProject,
                with: serde_json::Map::from_iter([("name".to_owned(), "{{ slug }}".into())]),
                needs: Vec::new(),
            }],
            settings: vec!["supabase.organization".to_owned()],
            files: BTreeMap::from([("schema.sql".to_owned(), "select 'å';".to_owned())]),
            hash: "0".repeat(64),
        },
        customer: customer.clone(),
        settings: BTreeMap::from([("supabase.organization".to_owned(), "org".to_owned())]),
        names: BTreeMap::from([("supabase".to_owned(), "akermark".to_owned())]),
    }
}

pub fn new_run(customer: &Customer) -> NewRun {
    NewRun {
        id: RunId::new(),
        customer: customer.id,
        purpose: fabrik_domain::run::Purpose::Provision,
        snapshot: snapshot(customer),
        on_failure: OnFailure::Keep,
        operator: "anna@studio".to_owned(),
        steps: vec![
            step("supabase", StepKind::SupabaseProject),
            step("repo", StepKind::GithubRepo),
            step("done", StepKind::Finalize),
        ],
        at: noon(),
    }
}

pub async fn begin(store: &dyn Store, customer: &Customer, owner: &str) -> (Run, Lease) {
    store
        .add_run(new_run(customer), owner, LEASE)
        .await
        .unwrap()
}

/// An entry that gives the run a new state.
pub fn to(state: RunState) -> JournalEntry {
    JournalEntry {
        run: Some(RunChange {
            state,
            reason: None,
            error: None,
            finished_at: (!state.is_active()).then(noon),
            undo_began_at: None,
        }),
        ..JournalEntry::default()
    }
}

pub fn event(run: RunId, number: i64) -> RunEvent {
    RunEvent {
        run,
        number,
        at: noon(),
        step: Some("repo".to_owned()),
        what: Happening::Looking {
            name: format!("akermark-{number}"),
        },
    }
}

pub fn resource(run: &Run, state: ResourceState, origin: Origin) -> Resource {
    Resource {
        key: ResourceId::new(),
        customer: run.customer,
        run: run.id,
        step: "repo".to_owned(),
        provider: Provider::GitHub,
        kind: ResourceKind::Repository,
        id: "4711".to_owned(),
        name: "norrform/akermark".to_owned(),
        url: Some("https://github.com/norrform/akermark".to_owned()),
        content_hash: None,
        origin,
        state,
        at: noon(),
    }
}
