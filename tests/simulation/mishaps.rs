//! What befalls a process in the middle of a run, beside what its calls meet: a token is revoked or narrowed, the clock
//! is set, the machine sleeps, the process sleeps past its lease, another looks for runs to take. And what the owner does
//! about a run that stands still after that.

use std::{
    future::Future,
    ops::ControlFlow,
    pin::{Pin, pin},
    time::Duration,
};

use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    id::RunId,
    provider::Provider,
    run::{Decision, Run, RunState, StepRecord, WaitReason},
};
use fabrik_store::Lease;
use fabrik_tests::spoiled::Dice;

use crate::{tokens::NARROWED, world::Trial};

const HOUR: i64 = 3600;

/// By how many seconds the clock is set.
const SET: [i64; 4] = [24 * HOUR, -24 * HOUR, HOUR, -HOUR];

/// For how many seconds the machine sleeps.
const SLEEP: i64 = 600;

/// Whose tokens are revoked.
const REVOKED: [Provider; 6] = [
    Provider::Supabase,
    Provider::GitHub,
    Provider::Vercel,
    Provider::N8n,
    Provider::Gitea,
    Provider::Resend,
];

/// The process that looks for runs to take.
const ANOTHER: &str = "another";

#[derive(Clone, Copy, Debug)]
pub(crate) enum Mishap {
    /// The vendor takes the token no longer.
    Revoked(Provider),
    /// The token sees nothing any more.
    Narrowed(Provider),
    /// Our clock alone is set by so many seconds.
    Set(i64),
    /// The machine sleeps, and the vendors' clocks go on.
    Slept,
    /// The process stands still for longer than its lease, and another takes the run.
    Lapsed,
    /// Another process tries to take the run, again and again.
    Pressed,
}

impl Mishap {
    /// How many kinds there are.
    pub(crate) const KINDS: usize = 6;

    /// A mishap, and at which point of a process's way it comes; in half of the trials there is none.
    pub(crate) fn roll(dice: &mut Dice) -> Option<(Self, usize)> {
        let all = [
            Self::Revoked(dice.one_of(&REVOKED)),
            Self::Narrowed(dice.one_of(&NARROWED)),
            Self::Set(dice.one_of(&SET)),
            Self::Slept,
            Self::Lapsed,
            Self::Pressed,
        ];
        let (mishap, point) = (dice.one_of(&all), dice.below(100) + 1);
        (dice.below(2) == 0).then_some((mishap, point))
    }
}

impl Trial {
    /// Drives a run to where it stands still, through a mishap. Gives it, and whether the mishap came.
    pub(crate) async fn drive_into(
        &self,
        mishap: Option<(Mishap, usize)>,
        owner: &str,
        lease: Lease,
        when: &str,
    ) -> (Run, bool) {
        let (world, run) = (&self.world, lease.run);
        let mut driven = pin!(world.drive(owner, lease));
        let Some((mishap, point)) = mishap else {
            return (driven.await.unwrap(), false);
        };
        if let Some(ended) = world.probe.reaches(point, driven.as_mut()).await {
            return (ended.unwrap(), false);
        }
        match mishap {
            Mishap::Revoked(provider) => world.revoke_token(provider),
            Mishap::Narrowed(provider) => world.narrow_token(provider, Some(&[])),
            Mishap::Set(seconds) => world.clock.set_by(seconds),
            Mishap::Slept => world.sleep(SLEEP),
            Mishap::Lapsed => return (self.lapsed(run, driven, when).await, true),
            Mishap::Pressed => return (self.pressed(run, driven, when).await, true),
        }
        let ran = driven.await.unwrap();
        if let Mishap::Revoked(provider) | Mishap::Narrowed(provider) = mishap {
            // The owner gives the vendor's token anew.
            world.narrow_token(provider, None);
        }
        (ran, true)
    }

    /// What another process gets that takes the run: nothing yet, while it is somebody's; else a lease, or none where
    /// the run has ended.
    async fn taken_by_another(&self, run: RunId, when: &str) -> ControlFlow<Option<Lease>> {
        match self.world.taken_on(run, ANOTHER, "nobody", false).await {
            Ok(lease) => ControlFlow::Break(Some(lease)),
            Err(problem) => match *problem.cause {
                Cause::RunEnded { .. } => ControlFlow::Break(None),
                Cause::RunOwned { .. } => ControlFlow::Continue(()),
                _ => panic!("{when}: {problem}"),
            },
        }
    }

    /// The process sleeps until another has taken the run and stands still with it. Then it wakes, and changes nothing
    /// more.
    async fn lapsed(
        &self,
        run: RunId,
        sleeper: Pin<&mut impl Future<Output = Result<Run, Problem>>>,
        when: &str,
    ) -> Run {
        let world = &self.world;
        let taken = loop {
            match self.taken_by_another(run, when).await {
                ControlFlow::Break(taken) => break taken,
                ControlFlow::Continue(()) => tokio::time::sleep(Duration::from_secs(10)).await,
            }
        };
        let Some(lease) = taken else {
            // It fell asleep with everything written.
            return sleeper.await.unwrap();
        };
        world.change_process();
        let ran = world.drive(ANOTHER, lease).await.unwrap();
        // What was late has come by now.
        tokio::time::sleep(Duration::from_mins(1)).await;
        let (rows, asked) = (world.rows(&self.customer).await, world.seen().len());
        let woken = sleeper.await;
        assert_eq!(
            (world.rows(&self.customer).await, world.seen().len()),
            (rows, asked),
            "{when}: who slept past its lease writes nothing and asks nobody, and is told: {woken:?}"
        );
        ran
    }

    /// Another process gets the run only once the first has given it back.
    async fn pressed(
        &self,
        run: RunId,
        driven: Pin<&mut impl Future<Output = Result<Run, Problem>>>,
        when: &str,
    ) -> Run {
        let world = &self.world;
        let another = async {
            for _ in 0..40 {
                match self.taken_by_another(run, when).await {
                    ControlFlow::Break(None) => return,
                    ControlFlow::Break(Some(lease)) => {
                        world.drive(ANOTHER, lease).await.unwrap();
                        return;
                    }
                    ControlFlow::Continue(()) => tokio::time::sleep(Duration::from_secs(5)).await,
                }
            }
        };
        let (ran, ()) = tokio::join!(driven, another);
        assert!(
            ran.is_ok(),
            "{when}: a run that is driven is not taken: {ran:?}"
        );
        world.store.run(run).await.unwrap()
    }

    /// What the owner does about a run until it has ended: resumes it, answers what it asks, takes away what it left.
    pub(crate) async fn attend(&self, mut run: Run, when: &str) -> Run {
        let world = &self.world;
        for attempt in 0..6 {
            let owner = format!("owner-{attempt}");
            run = match run.state {
                RunState::Succeeded | RunState::RolledBack => break,
                RunState::Leftovers => {
                    self.delete_by_hand(&run).await;
                    let lease = world.taken_on(run.id, &owner, "nobody", true).await;
                    world.roll_back(&owner, lease.unwrap()).await
                }
                RunState::Waiting if run.reason == Some(WaitReason::NeedsDecision) => {
                    let lease = self.decide(&run, &owner, when).await;
                    world.drive(&owner, lease).await.unwrap()
                }
                _ => {
                    let lease = world.taken_on(run.id, &owner, "nobody", false).await;
                    world.drive(&owner, lease.unwrap()).await.unwrap()
                }
            };
        }
        run
    }

    /// The steps that can't tell which of several resources is the customer's, each with the id of the one that the
    /// run has made, if any: the owner knows.
    async fn questions(&self, run: &Run) -> Vec<(StepRecord, Option<String>)> {
        let now = self.world.census();
        let steps = self.world.store.steps(run.id).await.unwrap();
        let question = |step: StepRecord| {
            let Cause::Ambiguous { candidates, .. } = &*step.error.as_ref()?.cause else {
                return None;
            };
            let is_sent = step.kind == StepKind::WelcomeEmail && self.welcomes() > 0;
            let came = |id: &str| {
                let mut came = now.difference(&self.before.census);
                came.any(|(_, other)| other == id)
            };
            let made = candidates.iter().find(|one| is_sent || came(&one.id));
            let made = made.map(|one| one.id.clone());
            Some((step, made))
        };
        steps.into_iter().filter_map(question).collect()
    }

    /// The owner's answer to what a run asks.
    async fn decide(&self, run: &Run, owner: &str, when: &str) -> Lease {
        let question = self.questions(run).await.into_iter().next();
        let (step, made) = question.unwrap_or_else(|| panic!("{when}: it asks, but what? {run:?}"));
        let decision = made.map_or(Decision::New, |id| Decision::Adopt { id });
        let engine = self.world.engine(owner);
        let lease = engine
            .decide(run.id, &step.id, decision, Some("nobody"))
            .await;
        lease.unwrap()
    }

    /// By a clock that was set an undo can't tell that a project, or a domain on the project that all share, is the
    /// run's. It says so, and the owner deletes it.
    async fn delete_by_hand(&self, run: &Run) {
        for (step, made) in self.questions(run).await {
            match (step.kind, made) {
                (StepKind::SupabaseProject, Some(reference)) => {
                    self.world.delete_project(&reference).await;
                }
                (StepKind::CustomDomain, Some(name)) => self.world.delete_domain(&name).await,
                _ => {}
            }
        }
    }
}
