//! An open workspace for tests of the use cases: without a sandbox, and without a keyring until one is asked for.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use fabrik_domain::{
    Cause, Problem,
    customer::{Customer, NewCustomer},
    id::RunId,
    ports::Secrets,
    run::{OnFailure, Purpose, RunState, Snapshot, StepRecord},
    secret::{Secret, SecretRef},
};
use fabrik_store::{JournalEntry, Lease, NewRun, RunChange};

use crate::{App, Environment, Options};

/// A workspace in a folder of its own, which lasts as long as the folder is held.
pub(crate) async fn app() -> (tempfile::TempDir, App) {
    app_with(&[]).await
}

/// The same with variables.
pub(crate) async fn app_with(variables: &[(&str, &str)]) -> (tempfile::TempDir, App) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let app = app_in(&folder, variables).await;
    (folder, app)
}

/// The workspace in this folder, opened once more.
pub(crate) async fn app_in(folder: &tempfile::TempDir, variables: &[(&str, &str)]) -> App {
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    App::open(Options {
        environment: Environment::of(variables, true),
        data_dir: Some(folder.path().join("data")),
        workspace: Some("test".to_owned()),
        browser: None,
    })
    .await
    .expect("the workspace opens")
}

/// A customer to be added.
pub(crate) fn new_customer() -> NewCustomer {
    NewCustomer {
        name: "Åkermark".to_owned(),
        subdomain: "akermark".to_owned(),
        contact_email: "anna@akermark.example".to_owned(),
        blueprint: "factory".to_owned(),
        plan: "starter".to_owned(),
        ..NewCustomer::default()
    }
}

/// What stands in the place of a process that has ended, in [`run`].
pub(crate) const DEAD: &str = "dead";

/// A run of a new customer that `owner` has for a minute.
pub(crate) async fn run(app: &App, owner: &str, settings: BTreeMap<String, String>) -> Lease {
    run_with(app, owner, settings, Vec::new()).await
}

/// The same, with these steps.
pub(crate) async fn run_with(
    app: &App,
    owner: &str,
    settings: BTreeMap<String, String>,
    steps: Vec<StepRecord>,
) -> Lease {
    let added = app.customer_add(new_customer()).await;
    let customer = added.expect("a customer");
    run_of(app, owner, customer, settings, steps).await
}

/// The same, of a customer that is there.
pub(crate) async fn run_of(
    app: &App,
    owner: &str,
    customer: Customer,
    settings: BTreeMap<String, String>,
    steps: Vec<StepRecord>,
) -> Lease {
    let owner = if owner == DEAD {
        app.presence.of_one_killed()
    } else {
        owner.to_owned()
    };
    let new = NewRun {
        id: RunId::new(),
        customer: customer.id,
        purpose: Purpose::Provision,
        snapshot: Snapshot {
            blueprint: app.blueprint("factory").expect("it is built in"),
            customer,
            settings,
            names: BTreeMap::new(),
        },
        on_failure: OnFailure::Keep,
        operator: "anna@test".to_owned(),
        steps,
        at: app.clock.now(),
    };
    let (_, lease) = app
        .store
        .add_run(new, &owner, Duration::from_mins(1))
        .await
        .expect("a run");
    lease
}

/// Writes a run's state, as who has it.
pub(crate) async fn put(app: &App, lease: &Lease, state: RunState) {
    let change = RunChange {
        state,
        reason: None,
        error: None,
        finished_at: (!state.is_active()).then(|| app.clock.now()),
        undo_began_at: (state == RunState::Undoing).then(|| app.clock.now()),
    };
    let entry = JournalEntry {
        run: Some(change),
        ..JournalEntry::default()
    };
    app.store
        .journal(lease, entry)
        .await
        .expect("it is written");
}

/// A keyring that nobody has unlocked.
pub(crate) struct Locked;

#[async_trait]
impl Secrets for Locked {
    async fn get(&self, _: &SecretRef) -> Result<Option<Secret>, Problem> {
        Err(Cause::KeyringLocked.into())
    }

    async fn set(&self, _: &SecretRef, _: Secret) -> Result<(), Problem> {
        Err(Cause::KeyringLocked.into())
    }

    async fn remove(&self, _: &SecretRef) -> Result<(), Problem> {
        Err(Cause::KeyringLocked.into())
    }

    async fn create_if_absent(&self, _: &SecretRef, _: Secret) -> Result<Secret, Problem> {
        Err(Cause::KeyringLocked.into())
    }
}
