//! Every action of a run made twice, and every undo: nothing is any different in the cloud (P4).

use std::{
    collections::BTreeMap,
    mem::discriminant,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    blueprint::StepSpec,
    failure::Failure,
    id::RunId,
    resource::{Found as Existing, ResourceKind},
    run::{OnFailure, RunState, Snapshot},
};
use fabrik_engine::step::{
    Context, Created, Found, Inputs, Parent, Readiness, Step, StepFactory, Timing, Undone,
};
use fabrik_steps::Registry;
use fabrik_tests::Proof;

use crate::{
    blueprints::in_matrices,
    failures::provisioned,
    undos::{back_by, failed_late},
    world::{Past, Trial, World, all_cells, simulate, variables},
};

/// The registered steps, each of which does everything twice.
struct Twice {
    steps: Registry,
    /// How many actions and undos were.
    many: Arc<AtomicUsize>,
    /// Deploys twice without a look between: what no step may do.
    blindly: bool,
}

impl Twice {
    async fn of(trial: &Trial) -> Self {
        Self {
            steps: trial.world.registry(trial.customer.id).await,
            many: Arc::default(),
            blindly: false,
        }
    }

    fn many(&self) -> usize {
        let many = self.many.load(Ordering::Relaxed);
        assert!(many > 0, "something was made twice");
        many
    }
}

struct Doubled {
    step: Box<dyn Step>,
    many: Arc<AtomicUsize>,
    blindly: bool,
}

#[async_trait]
impl StepFactory for Twice {
    fn revision(&self, spec: &StepSpec) -> u32 {
        self.steps.revision(spec)
    }

    fn plans_alone(&self, spec: &StepSpec) -> bool {
        self.steps.plans_alone(spec)
    }

    fn timing(&self, spec: &StepSpec) -> Timing {
        self.steps.timing(spec)
    }

    async fn build(&self, spec: &StepSpec, inputs: Inputs<'_>) -> Result<Box<dyn Step>, Failure> {
        let step = self.steps.build(spec, inputs).await?;
        Ok(Box::new(Doubled {
            step,
            many: Arc::clone(&self.many),
            blindly: self.blindly,
        }))
    }

    async fn forget(&self, run: RunId, snapshot: &Snapshot) -> Result<(), Problem> {
        self.steps.forget(run, snapshot).await?;
        self.steps.forget(run, snapshot).await
    }
}

#[async_trait]
impl Step for Doubled {
    fn name(&self) -> String {
        self.step.name()
    }

    fn timing(&self) -> Timing {
        self.step.timing()
    }

    fn ceiling(&self, snapshot: &Snapshot) -> Duration {
        self.step.ceiling(snapshot)
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        self.step.resource_kind()
    }

    async fn check(&self, cx: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        self.step.check(cx).await
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        self.step.find(cx).await
    }

    async fn prepare(&self, cx: &Context<'_>) -> Result<(), Failure> {
        self.step.prepare(cx).await?;
        self.step.prepare(cx).await
    }

    /// As after a kill right behind the call: looked for, and made again where it is not seen.
    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let first = self.step.create(cx).await?;
        if self.blindly && self.resource_kind() == Some(ResourceKind::VercelDeployment) {
            self.step.create(cx).await?;
            return Ok(first);
        }
        let again = match self.step.find(cx).await? {
            Found::Ours(existing) | Found::Alone(existing) => Created::Resource(existing),
            Found::Satisfied => return Ok(first),
            Found::Absent { .. } => {
                self.step.prepare(cx).await?;
                self.step.create(cx).await?
            }
            other => panic!("{}: what was made is {other:?}", cx.step.id),
        };
        let id = |created: &Created| match created {
            Created::Resource(existing) => existing.id.clone(),
            Created::Effect => String::new(),
            Created::Partly { failure, .. } => panic!("{}: {failure}", cx.step.id),
        };
        assert_eq!(id(&first), id(&again), "{}: the same one", cx.step.id);
        self.many.fetch_add(1, Ordering::Relaxed);
        Ok(first)
    }

    async fn await_ready(
        &self,
        cx: &Context<'_>,
        existing: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        self.step.await_ready(cx, existing).await?;
        self.step.await_ready(cx, existing).await
    }

    fn within(&self) -> Option<Parent> {
        self.step.within()
    }

    fn stays(&self) -> bool {
        self.step.stays()
    }

    async fn undo(&self, cx: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        let first = self.step.undo(cx, existing).await?;
        let again = self.step.undo(cx, existing).await?;
        // What was put off may be gone by the second time; everything else is as it was.
        let put_off = matches!(first, Undone::NotYet { .. }) && again == Undone::Gone;
        assert!(
            put_off || discriminant(&first) == discriminant(&again),
            "{}: {first:?}, then {again:?}",
            cx.step.id
        );
        self.many.fetch_add(1, Ordering::Relaxed);
        Ok(again)
    }
}

/// What stands within each Vercel project, one document each: its name, domains and variables.
pub(crate) fn projects(world: &World) -> Vec<String> {
    let documents = world.cloud.documents();
    let projects = documents
        .iter()
        .filter(|((provider, kind, _), _)| provider == "vercel" && kind == "project");
    let mut projects: Vec<_> = projects
        .map(|(_, project)| {
            let domains = project["domains"].as_array().into_iter().flatten();
            let mut domains: Vec<_> = domains.map(|one| one["name"].to_string()).collect();
            domains.sort_unstable();
            let variables = variables(project, false);
            format!("{}: {domains:?}, {variables:#?}", project["name"])
        })
        .collect();
    projects.sort_unstable();
    projects
}

/// How much there is of each kind.
fn amounts(world: &World) -> BTreeMap<String, usize> {
    let state = world.cloud.state();
    let mut amounts = BTreeMap::new();
    for (provider, kinds) in state["resources"].as_object().unwrap() {
        for (kind, by_id) in kinds.as_object().unwrap() {
            let amount = by_id.as_object().unwrap().len();
            amounts.insert(format!("{provider} {kind}"), amount);
        }
    }
    for (project, tables) in world.cloud.databases().as_object().unwrap() {
        for (table, rows) in tables.as_object().unwrap() {
            // The proof of the administrator's signs in each time.
            if !table.starts_with("auth.") || table == "auth.users" {
                amounts.insert(format!("{project} {table}"), rows.as_array().unwrap().len());
            }
        }
    }
    amounts
}

#[test]
fn every_action_twice_makes_no_difference() {
    let proof = Proof::of("P4", "every action of a run made twice");
    for (blueprint, past) in all_cells() {
        let cloud = |twice: bool| {
            simulate(async || {
                let when = format!("{blueprint}, {past:?}, every action twice");
                let trial = Trial::new(blueprint, past);
                let world = &trial.world;
                let begun = world.begin("first", &trial.customer, OnFailure::Keep).await;
                let (_, lease) = begun.unwrap();
                let run = if twice {
                    let factory = Twice::of(&trial).await;
                    let run = world.drive_by("first", &factory, lease).await.unwrap();
                    proof.held(factory.many());
                    run
                } else {
                    world.drive("first", lease).await.unwrap()
                };
                trial.assert_whole(&run, &when).await;
                (amounts(world), projects(world))
            })
        };
        assert_eq!(cloud(true), cloud(false), "{blueprint}, {past:?}");
    }
}

/// So that the checks after every trial would tell of a step that forgot to look.
#[test]
fn a_deployment_that_is_made_twice_is_found_out() {
    simulate(async || {
        let trial = Trial::new("factory", Past::Nothing);
        let world = &trial.world;
        let begun = world.begin("first", &trial.customer, OnFailure::Keep).await;
        let (_, lease) = begun.unwrap();
        let factory = Twice {
            blindly: true,
            ..Twice::of(&trial).await
        };
        let run = world.drive_by("first", &factory, lease).await.unwrap();
        assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
        let unlike = trial.unlike_whole(&world.rows(&trial.customer).await);
        let told = unlike.iter().any(|one| one.starts_with("deployment"));
        assert!(told && unlike.len() == 1, "{unlike:#?}");
    });
}

#[test]
fn every_undo_twice_makes_no_difference() {
    let proof = Proof::of("P4", "every undo of a run made twice");
    for (blueprint, past) in all_cells() {
        let (failed, run) = failed_late(blueprint, past);
        simulate(async || {
            let when = format!("{blueprint}, {past:?}, every undo twice");
            let trial = failed.begin(0);
            let factory = Twice::of(&trial).await;
            let run = back_by(&trial, &run, "last", &factory).await;
            trial.assert_gone(&run, &when).await;
            let many = factory.many.load(Ordering::Relaxed);
            // An orchestra's run that changes no more than an earlier one had changed has nothing to undo.
            assert!(many > 0 || past.is_changed_before(), "{when}: some were");
            proof.held(many);
        });
    }
}

#[test]
fn every_undo_of_a_removal_twice_makes_no_difference() {
    let proof = Proof::of("P4", "every undo of a removal made twice");
    for blueprint in in_matrices() {
        simulate(async || {
            let when = format!("removal of {blueprint}, every undo twice");
            let trial = provisioned(blueprint).await.begin(0);
            let factory = Twice::of(&trial).await;
            let (_, lease) = trial.world.begin_removal("first", &trial.customer).await;
            let run = trial.world.drive_by("first", &factory, lease).await;
            trial.assert_removed(&run.unwrap(), &when).await;
            proof.held(factory.many());
        });
    }
}
