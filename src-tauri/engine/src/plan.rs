//! A dry run: the same walk as a run, reading alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use fabrik_domain::{
    Cause, Problem,
    blueprint::StepSpec,
    event::Happening,
    failure::{Failure, Outcome},
    id::RunId,
    resource::{Mark, Resource},
    run::{Action, Outputs, Plan, PlannedStep, Snapshot},
};
use futures::{StreamExt, stream::FuturesUnordered};

use crate::{
    Engine,
    backoff::pause,
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
    /// Reads only. `usual` gives the usual seconds by kind where the records know better than the step.
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
        let ((mut missing, out_of_sight), mut steps) = tokio::join!(look.checks(), look.walk());
        // What the beginning of a run is refused for stands in the plan.
        if let Err(problem) = self.refuse_unknown_outcomes(snapshot).await {
            match *problem.cause {
                Cause::OutcomeUnknown { .. } => missing.insert(0, problem),
                // The run that is under way will tell.
                Cause::RunActive { .. } => {}
                _ => return Err(problem),
            }
        }
        for step in &mut steps {
            // What a vendor says of what it doesn't show is a consequence.
            if step.action == Action::Blocked
                && let Some(cause) = out_of_sight.get(step.id.as_str())
            {
                step.because = Some(cause.clone());
            }
            if let Some(because) = &step.because {
                tell(&mut missing, because.clone());
            }
        }
        without_consequences(&mut missing);
        let expected_seconds = longest_chain(&snapshot.blueprint.steps, |spec| {
            steps
                .iter()
                .find(|step| step.id == spec.id && step.action == Action::Create)
                .map_or(0.0, |step| step.expected_seconds)
        });
        let created = |spec: &StepSpec| {
            let same = |step: &PlannedStep| step.id == spec.id && step.action == Action::Create;
            steps.iter().any(same)
        };
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
        };
        plan.judge();
        Ok(plan)
    }
}

/// So many customers are planned at the same time. More would only stand in each other's way at the vendors'
/// gates: a question of several calls is asked anew where one of them must wait.
pub(crate) const AT_ONCE: usize = 16;

/// The longest that a plan waits for a vendor at a time. A turn within a minute's limit comes sooner; what is
/// longer is an hour's limit or an outage, and is told to whoever waits for the plan.
const PATIENCE: Duration = Duration::from_mins(2);

/// The longest that one question of a plan waits in all. Where many are planned together their turns come one by
/// one.
const ALL_PATIENCE: Duration = Duration::from_mins(5);

struct Look<'a> {
    engine: &'a Engine,
    factory: &'a dyn StepFactory,
    snapshot: &'a Snapshot,
    known: &'a [Resource],
    usual: &'a BTreeMap<String, f64>,
}

impl Look<'_> {
    /// How long to wait before asking again, where the vendor or the gates ask for that: many customers that are
    /// planned together meet a limit that none of them is to blame for. `since` is when it was so first.
    fn throttled<T>(
        &self,
        asked: &Result<T, Failure>,
        since: &mut Option<Duration>,
    ) -> Option<Duration> {
        let Err(Failure {
            outcome: Outcome::Throttled(until),
            ..
        }) = asked
        else {
            return None;
        };
        let now = self.engine.clock.monotonic();
        let waited = now.saturating_sub(*since.get_or_insert(now));
        let left = until.duration_since(self.engine.clock.now());
        let left = left.max(jiff::SignedDuration::ZERO).unsigned_abs();
        // A turn that is kept lapses a few seconds later: no longer pause on top, however often.
        (left <= PATIENCE && waited <= ALL_PATIENCE)
            .then(|| left + pause(1, self.engine.random.as_ref()))
    }

    /// What each step can know to fail before anything is made, and by step what keeps it from seeing.
    async fn checks(&self) -> (Vec<Problem>, BTreeMap<&str, Problem>) {
        let steps = &self.snapshot.blueprint.steps;
        let mut checks: FuturesUnordered<_> = steps
            .iter()
            .map(|spec| async move { (spec, self.check(spec).await) })
            .collect();
        let mut problems: Vec<Problem> = Vec::new();
        let mut out_of_sight = BTreeMap::new();
        while let Some((spec, found)) = checks.next().await {
            if let Some(cause) = found.iter().find(|problem| hides_account(problem)) {
                out_of_sight.insert(spec.id.as_str(), cause.clone());
            }
            for problem in found {
                tell(&mut problems, problem);
            }
        }
        problems.sort_by_key(|problem| (problem.provider, problem.code()));
        (problems, out_of_sight)
    }

    async fn check(&self, spec: &StepSpec) -> Vec<Problem> {
        let nothing = BTreeMap::new();
        let inputs = Inputs {
            snapshot: self.snapshot,
            outputs: &nothing,
            occasion: Occasion::Plan,
        };
        let step = match self.factory.build(spec, inputs).await {
            Ok(step) => step,
            Err(failure) => return vec![failure.problem],
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
        problems.extend(self.out_of_reach(spec, step.as_ref()).await);
        problems
    }

    /// Why the vault can't keep what the step would keep there, where it can't: a run would find out in the middle.
    async fn out_of_reach(&self, spec: &StepSpec, step: &dyn Step) -> Option<Problem> {
        let known = self.known_of(spec, step);
        let cx = self.context(spec, &known);
        let kept = step.keeps(&cx)?;
        cx.secrets.get(&kept).await.err()
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
        let (action, because, outputs) = match found {
            Ok(Found::Absent { .. }) => (Action::Create, None, None),
            Ok(Found::Ours(existing)) => (
                Action::Adopt,
                None,
                ready(step.as_ref(), &cx, Some(&existing)).await,
            ),
            Ok(Found::Satisfied) => (Action::Skip, None, ready(step.as_ref(), &cx, None).await),
            Ok(Found::Foreign(problem)) => (Action::Conflict, Some(problem), None),
            Ok(Found::Ambiguous(candidates)) => {
                let problem = Problem::from(Cause::Ambiguous {
                    name: step.name(),
                    candidates,
                });
                (Action::Conflict, Some(problem), None)
            }
            Ok(Found::CannotSee(problem)) | Err(Failure { problem, .. }) => {
                (Action::Blocked, Some(problem), None)
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
            mark: Mark {
                workspace: self.engine.store.workspace(),
                customer: self.snapshot.customer.id,
            },
            evidence: None,
            sent: None,
            tried_before: false,
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

/// Adds what isn't told yet. The same trouble met by two steps is told once, whatever its request id, and one with
/// the keyring whichever vendor's token was in it.
fn tell(told: &mut Vec<Problem>, mut problem: Problem) {
    if problem.cause.is_of_keyring() {
        problem.provider = None;
    }
    let same = |other: &Problem| other.cause == problem.cause && other.provider == problem.provider;
    if !told.iter().any(same) {
        told.push(problem);
    }
}

/// An account that a vendor doesn't show, or that nobody has named: whatever else is asked of it is refused.
fn hides_account(problem: &Problem) -> bool {
    matches!(
        *problem.cause,
        Cause::TeamNotVisible { .. }
            | Cause::OwnerNotVisible { .. }
            | Cause::OrganizationNotVisible { .. }
            | Cause::SettingMissing { .. }
    )
}

/// An owner who isn't seen has no app that is seen either.
fn without_consequences(told: &mut Vec<Problem>) {
    let mut unseen = Vec::new();
    for problem in told.iter() {
        if let Cause::OwnerNotVisible { owner } = problem.cause.as_ref() {
            unseen.push(owner.clone());
        }
    }
    told.retain(|problem| match problem.cause.as_ref() {
        Cause::VercelAppMissing { owner } => !unseen.contains(owner),
        _ => true,
    });
}

#[cfg(test)]
mod tests {
    use fabrik_domain::provider::Provider;

    use super::*;

    fn told(problems: impl IntoIterator<Item = Problem>) -> Vec<String> {
        let mut told = Vec::new();
        for problem in problems {
            tell(&mut told, problem);
        }
        without_consequences(&mut told);
        told.iter().map(Problem::code).collect()
    }

    #[test]
    fn one_keyring_is_told_once_and_each_vendors_refusal_for_itself() {
        let no_keyring = Cause::KeyringMissing { service: None };
        for (cause, times) in [(no_keyring, 1), (Cause::CredentialRejected, 2)] {
            let of = |provider| Problem::from(cause.clone()).by(provider);
            let told = told([Provider::Supabase, Provider::GitHub].map(of));
            assert_eq!(told.len(), times, "{told:?}");
        }
    }

    #[test]
    fn the_app_of_an_owner_who_is_not_seen_is_not_told() {
        let unseen = |owner: &str| {
            let owner = owner.to_owned();
            Problem::from(Cause::OwnerNotVisible { owner }).by(Provider::GitHub)
        };
        let no_app = |owner: &str| {
            let owner = owner.to_owned();
            Problem::from(Cause::VercelAppMissing { owner }).by(Provider::Vercel)
        };
        let same = told([unseen("acme"), no_app("acme")]);
        assert_eq!(same, ["owner_not_visible"]);
        let other = told([unseen("acme"), no_app("norrform")]);
        assert_eq!(other, ["owner_not_visible", "vercel_app_missing"]);
    }
}
