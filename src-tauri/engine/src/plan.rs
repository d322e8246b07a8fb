//! A dry run: the same walk as a run, reading alone.

mod faults;
mod patience;

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    Cause, Problem,
    blueprint::StepSpec,
    event::Happening,
    failure::Failure,
    id::RunId,
    resource::Resource,
    run::{Action, Outputs, Plan, PlannedStep, Snapshot},
};
use futures::{StreamExt, stream::FuturesUnordered};

use self::faults::{Faults, blame, is_to_make, of_anyone, tell, without_consequences};
use crate::{
    Engine,
    graph::longest_chain,
    step::{Context, Found, Inputs, Occasion, Readiness, Step, StepFactory},
};

/// What the plan knows of a step.
struct Looked {
    planned: PlannedStep,
    /// What it hands on, where it is there already.
    outputs: Option<Outputs>,
}

impl Engine {
    /// What a run that began with `snapshot` would do, and everything that stands in its way, all at once.
    /// Reads only, but for what tries whether the vault can be written. `usual` gives the usual seconds by kind where the records know better than the step.
    ///
    /// # Errors
    /// Those of the store. What a vendor says is in the plan.
    pub async fn plan(
        &self,
        factory: &dyn StepFactory,
        snapshot: &Snapshot,
        usual: &BTreeMap<String, f64>,
    ) -> Result<Plan, Problem> {
        // Never closed.
        let _place = self.planning.acquire().await.ok();
        let known = self.store.resources(snapshot.customer.id).await?;
        let look = Look {
            engine: self,
            factory,
            snapshot,
            known: &known,
            usual,
        };
        let (mut faults, mut steps) = tokio::join!(look.checks(), look.walk());
        look.refuse_unwritable(&mut faults, &steps).await;
        let mut missing = faults.all;
        // What the beginning of a run is refused for stands in the plan.
        if let Err(problem) = self.refuse_unknown_outcomes(snapshot).await {
            match *problem.cause {
                Cause::OutcomeUnknown { .. } => missing.insert(0, problem),
                // Whoever asks for the plan tells of every run that is under way, whatever its outcomes.
                Cause::RunActive { .. } => {}
                _ => return Err(problem),
            }
        }
        // What is in the way is thought away: so long it takes once that is mended.
        let to_make: BTreeMap<String, f64> = steps
            .iter()
            .filter(|step| is_to_make(step.action))
            .map(|step| (step.id.clone(), step.expected_seconds))
            .collect();
        for step in &mut steps {
            if let Some(found) = faults.by_step.get(step.id.as_str()) {
                blame(step, found);
            }
            if let Some(because) = &mut step.because {
                *because = of_anyone(because.clone());
                tell(&mut missing, because.clone());
            }
        }
        without_consequences(&mut missing, &mut steps);
        let expected_seconds = longest_chain(&snapshot.blueprint.steps, |spec| {
            to_make.get(&spec.id).copied().unwrap_or_default()
        });
        let created = |spec: &StepSpec| to_make.contains_key(&spec.id);
        let demand = self.demand(factory, snapshot, created).await;
        let limits = self.allowance(&demand, 1, expected_seconds);
        let monthly_price = snapshot
            .blueprint
            .plan(&snapshot.customer.plan)
            .and_then(|plan| plan.monthly_price.clone());
        let mut plan = Plan {
            customer: snapshot.customer.clone(),
            can_run: false,
            steps,
            missing,
            expected_seconds,
            limits,
            monthly_price,
            // The records of earlier runs are not asked here.
            price_before: None,
        };
        plan.judge();
        Ok(plan)
    }
}

/// So many customers are planned at the same time. More would only stand in each other's way at the vendors'
/// gates: a question of several calls is asked anew where one of them must wait.
pub const PLANNED_AT_ONCE: usize = 16;

struct Look<'a> {
    engine: &'a Engine,
    factory: &'a dyn StepFactory,
    snapshot: &'a Snapshot,
    known: &'a [Resource],
    usual: &'a BTreeMap<String, f64>,
}

impl Look<'_> {
    /// What each step can know to fail before anything is made.
    async fn checks(&self) -> Faults<'_> {
        let steps = &self.snapshot.blueprint.steps;
        let mut checks: FuturesUnordered<_> = steps
            .iter()
            .map(|spec| async move { (spec, self.check(spec).await) })
            .collect();
        let mut faults = Faults::default();
        while let Some((spec, (found, keeps))) = checks.next().await {
            for problem in &found {
                tell(&mut faults.all, problem.clone());
            }
            if keeps {
                faults.keeping.insert(spec.id.as_str());
            }
            faults.by_step.insert(spec.id.as_str(), found);
        }
        faults
            .all
            .sort_by_key(|problem| (problem.provider, problem.code()));
        faults
    }

    /// What a step knows to fail, and whether it keeps something in the vault.
    async fn check(&self, spec: &StepSpec) -> (Vec<Problem>, bool) {
        let nothing = BTreeMap::new();
        let inputs = Inputs {
            snapshot: self.snapshot,
            outputs: &nothing,
            occasion: Occasion::Plan,
        };
        let step = match self.factory.build(spec, inputs).await {
            Ok(step) => step,
            Err(failure) => return (vec![failure.problem], false),
        };
        let known = self.known_of(spec, step.as_ref());
        let mut since = None;
        let checked = loop {
            let checked = step.check(&self.context(spec, &known)).await;
            match self.throttled(&checked, &mut since) {
                Some(wait) => self.engine.clock.sleep(wait).await,
                None => break checked,
            }
        };
        let mut problems = checked.unwrap_or_else(|failure| vec![failure.problem]);
        let reached = self.reaches(spec, step.as_ref()).await;
        let keeps = reached.is_some();
        problems.extend(reached.and_then(Result::err));
        (problems, keeps)
    }

    /// Whether the vault can be read where the step would keep something: a run would find out in the middle. None where
    /// it keeps nothing.
    async fn reaches(&self, spec: &StepSpec, step: &dyn Step) -> Option<Result<(), Problem>> {
        let known = self.known_of(spec, step);
        let cx = self.context(spec, &known);
        let kept = step.keeps(&cx)?;
        Some(cx.secrets.get(&kept).await.map(|_| ()))
    }

    /// Blames the steps that would keep a secret where the vault takes none. With tokens from the environment nothing
    /// else asks the keyring, and a locked one answers that it has no such secret as long as nothing is written: a run
    /// would find out after something was made. Tried once, and only where something is to be made that needs it.
    async fn refuse_unwritable(&self, faults: &mut Faults<'_>, steps: &[PlannedStep]) {
        let keeping: Vec<&str> = steps
            .iter()
            .filter(|step| is_to_make(step.action))
            .map(|step| step.id.as_str())
            .filter(|id| faults.keeping.contains(*id))
            .collect();
        let because = steps.iter().filter_map(|step| step.because.as_ref());
        let is_told = faults
            .all
            .iter()
            .chain(because)
            .any(|problem| problem.cause.is_of_keyring());
        if keeping.is_empty() || is_told {
            return;
        }
        let Err(problem) = self.engine.secrets.writable().await else {
            return;
        };
        for id in keeping {
            if let Some(found) = faults.by_step.get_mut(id) {
                found.push(problem.clone());
            }
        }
        // It is of no vendor, and those come after.
        faults.all.insert(0, problem);
    }

    /// The steps in their order; one starts as soon as those it needs are looked at.
    async fn walk(&self) -> Vec<PlannedStep> {
        let steps = &self.snapshot.blueprint.steps;
        let mut looked: BTreeMap<&str, Looked> = BTreeMap::new();
        let mut begun: BTreeSet<&str> = BTreeSet::new();
        let mut looking = FuturesUnordered::new();
        loop {
            for spec in steps {
                let ready = spec
                    .needs
                    .iter()
                    .all(|need| looked.contains_key(need.as_str()));
                if ready && begun.insert(&spec.id) {
                    let outputs: BTreeMap<String, Outputs> = looked
                        .iter()
                        .filter_map(|(id, step)| Some(((*id).to_owned(), step.outputs.clone()?)))
                        .collect();
                    let complete = spec.needs.iter().all(|need| outputs.contains_key(need));
                    looking.push(async move { (spec, self.look(spec, outputs, complete).await) });
                }
            }
            let Some((spec, step)) = looking.next().await else {
                break;
            };
            looked.insert(&spec.id, step);
        }
        steps
            .iter()
            .filter_map(|spec| looked.remove(spec.id.as_str()))
            .map(|step| step.planned)
            .collect()
    }

    async fn look(
        &self,
        spec: &StepSpec,
        outputs: BTreeMap<String, Outputs>,
        complete: bool,
    ) -> Looked {
        let expected_seconds = self
            .usual
            .get(spec.kind.key())
            .copied()
            .unwrap_or_else(|| self.factory.timing(spec).usual.as_secs_f64());
        let planned = |action, name, because| PlannedStep {
            id: spec.id.clone(),
            kind: spec.kind,
            provider: spec.kind.provider(),
            action,
            name,
            because,
            expected_seconds,
        };
        let inputs = Inputs {
            snapshot: self.snapshot,
            outputs: &outputs,
            occasion: if complete {
                Occasion::Run
            } else {
                Occasion::Plan
            },
        };
        let step = match self.factory.build(spec, inputs).await {
            Ok(step) => step,
            Err(failure) => {
                return Looked {
                    planned: planned(Action::Blocked, None, Some(failure.problem)),
                    outputs: None,
                };
            }
        };
        let name = Some(step.name()).filter(|name| !name.is_empty());
        if !complete && !self.factory.plans_alone(spec) {
            return Looked {
                planned: planned(Action::Create, name, None),
                outputs: None,
            };
        }
        let known = self.known_of(spec, step.as_ref());
        let cx = self.context(spec, &known);
        let mut since = None;
        let found = loop {
            let found = step.find(&cx).await;
            match self.throttled(&found, &mut since) {
                Some(wait) => self.engine.clock.sleep(wait).await,
                None => break found,
            }
        };
        // What it changes is there for the others already, and it hands on nothing.
        let there = spec.kind.is_of_standing().then(Outputs::new);
        let (action, because, outputs) = match found {
            Ok(Found::Absent { .. }) => (Action::Create, None, there),
            Ok(Found::Ours(existing) | Found::Alone(existing)) => (
                Action::Adopt,
                None,
                ready(step.as_ref(), &cx, Some(&existing)).await,
            ),
            Ok(Found::Satisfied) => (Action::Skip, None, ready(step.as_ref(), &cx, None).await),
            Ok(Found::Foreign(problem)) => (Action::Conflict, Some(problem), there),
            Ok(Found::Ambiguous(candidates)) => {
                let problem = Problem::from(Cause::Ambiguous {
                    name: step.name(),
                    candidates,
                });
                (Action::Conflict, Some(problem), there)
            }
            Ok(Found::CannotSee(problem)) | Err(Failure { problem, .. }) => {
                (Action::Blocked, Some(problem), there)
            }
        };
        Looked {
            planned: planned(action, name, because),
            outputs,
        }
    }

    fn known_of(&self, spec: &StepSpec, step: &dyn Step) -> Vec<Resource> {
        crate::perform::known_of(self.known, spec, step)
    }

    fn context<'b>(&'b self, step: &'b StepSpec, known: &'b [Resource]) -> Context<'b> {
        fn silent(_: Happening) {}
        Context {
            // A plan has no run: nothing is written under this id.
            run: RunId::new(),
            step,
            snapshot: self.snapshot,
            mark: self.engine.mark_of(self.snapshot.customer.id),
            evidence: None,
            sent: None,
            known,
            all: self.known,
            ruled_out: &[],
            secrets: self.engine.secrets.as_ref(),
            clock: self.engine.clock.as_ref(),
            random: self.engine.random.as_ref(),
            log: &silent,
        }
    }
}

/// The outputs of what is there already.
async fn ready(
    step: &dyn Step,
    cx: &Context<'_>,
    existing: Option<&fabrik_domain::resource::Found>,
) -> Option<Outputs> {
    match step.await_ready(cx, existing).await {
        Ok(Readiness::Ready(outputs) | Readiness::Deferred { outputs, .. }) => Some(outputs),
        Ok(Readiness::NotYet { .. } | Readiness::Failed(_)) | Err(_) => None,
    }
}
