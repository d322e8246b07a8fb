//! A plan of a customer whose instance is half made, wherever its run stopped: it reads, and that is all. And of one whose
//! instance somebody has deleted.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    ports::Secrets,
    run::{Action, OnFailure, Plan, RunState},
    secret::{Secret, SecretRef},
};
use fabrik_vault::MemoryVault;
use serde_json::json;

use crate::{
    blueprints::BLUEPRINTS,
    world::{Seen, World, each, simulate},
};

/// What a vendor is asked by POST and changes nothing by: a read of the database, a look for DNS records.
const READS: [&str; 2] = ["/database/query/read-only", "/verify"];

fn changes(seen: &Seen) -> bool {
    seen.method != "GET" && !READS.iter().any(|path| seen.path.ends_with(path))
}

#[test]
fn a_plan_changes_nothing_wherever_the_run_stands() {
    for blueprint in BLUEPRINTS {
        let calls: Vec<Seen> = simulate(async || {
            let world = World::new(7).await;
            let customer = world.customer(blueprint, "akermark").await;
            world.provision(&customer, OnFailure::Keep).await;
            world.seen().into_iter().filter(changes).collect()
        });
        assert!(calls.len() > 5, "a run makes things");
        each(&calls, |stop| {
            simulate(async || {
                let when = format!("{blueprint}: stopped at {} {}", stop.method, stop.path);
                let world = World::new(7).await;
                let customer = world.customer(blueprint, "akermark").await;
                let refuse = json!([{
                    "provider": stop.provider, "method": stop.method, "path": stop.path,
                    "do": "status:422", "every": 1,
                }]);
                world.cloud.faults(refuse).unwrap();
                let run = world.provision(&customer, OnFailure::Keep).await;
                assert_ne!(run.state, RunState::RolledBack, "{when}: it is kept");
                world.cloud.faults(json!([])).unwrap();

                let (asked, kept) = (world.seen().len(), world.vault.names());
                let registry = world.registry(run.customer).await;
                let snapshot = world.store.snapshot(run.id).await.unwrap();
                world
                    .engine("planner")
                    .plan(&registry, &snapshot, &BTreeMap::new())
                    .await
                    .unwrap();
                let changed: Vec<_> = world.seen().split_off(asked);
                let changed: Vec<_> = changed.into_iter().filter(changes).collect();
                assert_eq!(changed, [], "{when}");
                assert_eq!(world.vault.names(), kept, "{when}: nor is anything kept");
            });
        });
    }
}

/// What a plan would do about what an instance lies in.
fn parents(plan: &Plan) -> Vec<Action> {
    let kinds = [
        StepKind::SupabaseProject,
        StepKind::GithubRepo,
        StepKind::VercelProject,
    ];
    let of = plan.steps.iter().filter(|step| kinds.contains(&step.kind));
    of.map(|step| step.action).collect()
}

#[test]
fn what_was_deleted_at_its_vendor_is_planned_as_what_was_never_made() {
    simulate(async || {
        let world = World::new(7).await;
        let customer = world.customer("factory", "akermark").await;
        let run = world.provision(&customer, OnFailure::Keep).await;
        assert_eq!(run.state, RunState::Succeeded);
        let mut snapshot = world.store.snapshot(run.id).await.unwrap();
        snapshot.customer = world.store.customer(customer.id).await.unwrap();
        // Only who makes something asks for these.
        let mut unfit = snapshot.clone();
        for (setting, value) in [
            ("supabase.region", "nowhere-1"),
            ("github.template", "sandbox-agency/nowhere"),
        ] {
            unfit.settings.insert(setting.to_owned(), value.to_owned());
        }
        let app = |state: &str| json!({ "vercel": { "github_app": state } });
        let registry = world.registry(customer.id).await;
        let usual = BTreeMap::new();
        let engine = world.engine("planner");

        world.cloud.accounts(app("missing")).unwrap();
        let plan = engine.plan(&registry, &unfit, &usual).await.unwrap();
        assert_eq!(plan.missing, [], "what is there asks for none of them");
        assert_eq!(parents(&plan), [Action::Adopt; 3]);

        world.delete_instance(&customer).await;
        let plan = engine.plan(&registry, &unfit, &usual).await.unwrap();
        let mut codes: Vec<_> = plan.missing.iter().map(Problem::code).collect();
        codes.sort();
        let asked = [
            "region_not_offered",
            "template_not_visible",
            "vercel_app_missing",
        ];
        assert_eq!(codes, asked);
        assert_eq!(parents(&plan), [Action::Blocked; 3]);
        assert!(!plan.can_run);

        world.cloud.accounts(app("installed")).unwrap();
        let plan = engine.plan(&registry, &snapshot, &usual).await.unwrap();
        assert_eq!(plan.missing, []);
        assert_eq!(parents(&plan), [Action::Create; 3]);
        assert!(plan.can_run);
    });
}

/// A keyring that is locked, where the tokens come from elsewhere: it says that it has none of a name, and takes none.
struct Shut(Arc<MemoryVault>);

#[async_trait]
impl Secrets for Shut {
    async fn get(&self, reference: &SecretRef) -> Result<Option<Secret>, Problem> {
        self.0.get(reference).await
    }

    async fn set(&self, _: &SecretRef, _: Secret) -> Result<(), Problem> {
        Err(Cause::KeyringLocked.into())
    }

    async fn remove(&self, _: &SecretRef) -> Result<(), Problem> {
        Err(Cause::KeyringLocked.into())
    }
}

#[test]
fn a_keyring_that_takes_no_secret_is_told_before_anything_is_made() {
    let locked = |plan: &Plan| {
        let codes = plan.missing.iter().map(Problem::code);
        codes.filter(|code| code == "keyring_locked").count()
    };
    let project = |plan: &Plan| {
        let mut steps = plan.steps.iter();
        let step = steps.find(|step| step.kind == StepKind::SupabaseProject);
        let step = step.expect("every blueprint has one");
        let because = step.because.as_ref().map(Problem::code);
        (step.action, because)
    };
    for blueprint in BLUEPRINTS {
        simulate(async || {
            let world = World::new(7).await;
            let customer = world.customer(blueprint, "akermark").await;
            let open = world.plan(&world.engine("first"), &customer).await;
            assert_eq!(locked(&open), 0, "{blueprint}");
            let shut = world.engine_on("first", Arc::new(Shut(Arc::clone(&world.vault))));
            let plan = world.plan(&shut, &customer).await;
            assert!(!plan.can_run, "{blueprint}");
            assert_eq!(locked(&plan), 1, "{blueprint}: it is told once");
            let told = (Action::Blocked, Some("keyring_locked".to_owned()));
            assert_eq!(project(&plan), told, "{blueprint}");

            // Who has a project needs no password for one.
            world.provision(&customer, OnFailure::Keep).await;
            let plan = world.plan(&shut, &customer).await;
            assert_ne!(project(&plan).0, Action::Blocked, "{blueprint}");
        });
    }
}
