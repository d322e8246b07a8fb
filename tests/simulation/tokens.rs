//! A token revoked in the middle: the run waits for a new one and undoes nothing (P6). One that is narrowed in the
//! middle sees nothing any more, which must look like neither "gone" nor "not there yet", or may do less (P11).

use fabrik_domain::{
    provider::Provider,
    resource::ResourceState,
    run::{OnFailure, Run, RunState, WaitReason},
};
use fabrik_store::Lease;
use fabrik_tests::Proof;
use serde_json::{Value, json};

use crate::{
    blueprints::{blueprint, in_matrices},
    crashes::{points, points_of_removal},
    extent::one_in,
    failures::{calls, provisioned},
    undos::{back, failed_late},
    world::{Seen, Trial, World, cells, simulate, tally},
};

/// Where the agency's token goes at Supabase. A project's own APIs take that project's keys.
const MANAGEMENT: &str = "/v1/**";

fn is_with_token(seen: &Seen) -> bool {
    seen.provider != "supabase" || seen.path.starts_with("/v1/")
}

/// Which of these requests are made with the agency's token.
fn with_token(requests: &[Seen]) -> Vec<usize> {
    let with_token = |index: &usize| is_with_token(&requests[*index]);
    (0..requests.len()).filter(with_token).collect()
}

/// What a call is answered with whose token was revoked.
const REVOKED: &str = "status:401";

/// The vendor answers every call with the token with 401, from one of these requests on.
fn revoked_at(requests: &[Seen], index: usize) -> Value {
    let seen = &requests[index];
    let before = requests[..=index].iter();
    let nth = before
        .filter(|other| other.provider == seen.provider && is_with_token(other))
        .count();
    let path = if seen.provider == "supabase" {
        MANAGEMENT
    } else {
        "**"
    };
    let rules = (nth..nth + 400)
        .map(|nth| json!({ "provider": seen.provider, "path": path, "nth": nth, "do": REVOKED }));
    rules.collect()
}

fn deletions(requests: &[Seen]) -> usize {
    let deletions = requests.iter().filter(|seen| seen.method == "DELETE");
    deletions.count()
}

#[test]
fn revoked_before_any_request_it_waits_and_goes_on_with_a_new_one() {
    let proof = Proof::of("P6", "a token revoked before each request");
    for (blueprint, past) in cells() {
        let requests = calls(blueprint, past);
        let struck = tally(&with_token(&requests), |&index| {
            let seen = &requests[index];
            let struck = simulate(async || {
                let when = format!(
                    "{blueprint}, {past:?}: revoked at request {index}, {} {}",
                    seen.method, seen.path
                );
                let trial = Trial::new(blueprint, past);
                let world = &trial.world;
                let rules = revoked_at(&requests, index);
                world.cloud.faults(rules).unwrap();
                let run = world.provision(&trial.customer, OnFailure::Rollback).await;
                world.cloud.faults(json!([])).unwrap();
                if run.state != RunState::Succeeded {
                    assert_eq!(
                        (run.state, run.reason),
                        (RunState::Waiting, Some(WaitReason::NeedsCredential)),
                        "{when}: {:?}",
                        run.error
                    );
                    trial.assert_nothing_undone(&run, &when).await;
                    // What a run that nothing disturbs deletes is its own: what it tries an instance with.
                    assert!(
                        deletions(&world.seen()) <= deletions(&requests),
                        "{when}: something was deleted"
                    );
                }
                trial.to_the_end(&run, &when).await;
                world.was_struck(REVOKED)
            });
            usize::from(struck)
        });
        assert!(struck > 0, "{blueprint}, {past:?}: tokens are revoked");
        proof.held(struck);
    }
}

impl Trial {
    /// All that a run has made is there, and on its records as such.
    async fn assert_nothing_undone(&self, run: &Run, when: &str) {
        let rows = self.world.rows(&self.customer).await;
        let undone = rows.iter().find(|row| {
            row.run == run.id && row.state == ResourceState::Removed && !row.never_was()
        });
        assert!(undone.is_none(), "{when}: {undone:?}");
        let there = self.world.census();
        let gone: Vec<_> = self.before.census.difference(&there).collect();
        assert!(gone.is_empty(), "{when}: {gone:?} was there before");
        let mut told = self.told().await;
        // A workflow may be on its way to be made anew.
        told.retain(|(kind, _)| !kind.starts_with("n8n "));
        let gone: Vec<_> = told.difference(&there).collect();
        assert!(gone.is_empty(), "{when}: {gone:?} was made, and is gone");
    }
}

/// What nobody waits for: the way back goes on without it, tells what is left, and takes that with a new token.
#[test]
fn revoked_on_the_way_back_what_is_left_is_told_and_taken_later() {
    let proof = Proof::of("P6", "a token revoked before each request of the way back");
    for blueprint in in_matrices() {
        let instance = simulate(async || provisioned(blueprint).await);
        let removal = async |trial: &Trial| trial.world.deprovision(&trial.customer).await;
        let requests = simulate(async || {
            let trial = instance.begin(0);
            removal(&trial).await;
            trial.world.seen()
        });
        let struck = tally(&with_token(&requests), |&index| {
            let seen = &requests[index];
            let struck = simulate(async || {
                let when = format!("removal of {blueprint}: revoked at {index}, {}", seen.path);
                let trial = instance.begin(0);
                let rules = revoked_at(&requests, index);
                trial.world.cloud.faults(rules).unwrap();
                let mut run = removal(&trial).await;
                trial.world.cloud.faults(json!([])).unwrap();
                if run.state == RunState::Leftovers {
                    let others = trial.before.foreign();
                    trial.assert_left_told(&others, &when).await;
                    run = back(&trial, &run, "last").await;
                }
                trial.assert_removed(&run, &when).await;
                trial.world.was_struck(REVOKED)
            });
            usize::from(struck)
        });
        assert!(struck > 0, "removal of {blueprint}: tokens are revoked");
        proof.held(struck);
    }
    for (blueprint, past) in cells() {
        let (failed, run) = failed_late(blueprint, past);
        let requests = simulate(async || {
            let trial = failed.begin(0);
            back(&trial, &run, "last").await;
            trial.world.seen()
        });
        let struck = tally(&with_token(&requests), |&index| {
            let seen = &requests[index];
            let struck = simulate(async || {
                let when = format!(
                    "{blueprint}, {past:?}: back, revoked at {index}, {}",
                    seen.path
                );
                let trial = failed.begin(0);
                let rules = revoked_at(&requests, index);
                trial.world.cloud.faults(rules).unwrap();
                let mut run = back(&trial, &run, "last").await;
                trial.world.cloud.faults(json!([])).unwrap();
                if run.state == RunState::Leftovers {
                    trial.assert_left_told(&trial.before.census, &when).await;
                    run = back(&trial, &run, "again").await;
                }
                trial.assert_gone(&run, &when).await;
                trial.world.was_struck(REVOKED)
            });
            usize::from(struck)
        });
        assert!(
            struck > 0,
            "{blueprint}, {past:?}, back: tokens are revoked"
        );
        proof.held(struck);
    }
}

/// Whose tokens can be for some of the account alone.
pub(crate) const NARROWED: [Provider; 3] = [Provider::Supabase, Provider::GitHub, Provider::Vercel];

/// Whose tokens have scopes beside, and those that are left of them: to read, and to send. Stripe's keys have them too; no
/// run calls it.
const SCOPED: [(Provider, &[&str]); 3] = [
    (Provider::N8n, &["workflow:list", "workflow:read"]),
    (Provider::Gitea, &["read:user", "read:repository"]),
    (Provider::Resend, &["sending_access"]),
];

/// How a token is narrowed.
#[derive(Clone, Copy, Debug)]
enum Narrowing {
    /// It sees nothing any more.
    Blind(Provider),
    /// It may do no more than this.
    Scoped(Provider, &'static [&'static str]),
}

impl Narrowing {
    /// How those of a blueprint's vendors can be, and at one in how many points that is tried: nearly every call tells a
    /// token without a scope so.
    fn all(name: &str) -> Vec<(Self, usize)> {
        let called = blueprint(name).providers();
        let blind = NARROWED
            .into_iter()
            .map(|provider| (Self::Blind(provider), 1));
        let scoped = SCOPED
            .into_iter()
            .filter(|(provider, _)| called.contains(provider))
            .map(|(provider, scopes)| (Self::Scoped(provider, scopes), 3));
        blind.chain(scoped).collect()
    }

    const fn provider(self) -> Provider {
        match self {
            Self::Blind(provider) | Self::Scoped(provider, _) => provider,
        }
    }

    fn befalls(self, world: &World) {
        match self {
            Self::Blind(provider) => world.narrow_token(provider, Some(&[])),
            Self::Scoped(provider, scopes) => world.limit_token(provider, scopes),
        }
    }
}

#[test]
fn narrowed_at_any_point_nothing_is_made_twice_or_forgotten() {
    let proof = Proof::of("P11", "a token narrowed at a point of a run");
    let step = one_in(17);
    let mut met = Vec::new();
    for (blueprint, past) in cells() {
        let points: Vec<_> = points(blueprint, past).into_iter().step_by(step).collect();
        for (narrowing, share) in Narrowing::all(blueprint) {
            let points: Vec<_> = points.iter().copied().step_by(share).collect();
            let struck = tally(&points, |point| {
                let policies = [OnFailure::Rollback, OnFailure::Keep].into_iter();
                let struck = policies.filter(|policy| {
                    simulate(async || {
                        let when = format!(
                            "{blueprint}, {past:?}: {narrowing:?} at point {point}, {policy:?}"
                        );
                        let trial = Trial::new(blueprint, past);
                        narrowed(&trial, narrowing, *policy, *point, &when).await
                    })
                });
                struck.count()
            });
            if struck > 0 {
                met.push((blueprint, past, narrowing.provider()));
            }
            proof.held(struck);
        }
        assert!(
            met.iter()
                .any(|(name, then, _)| (*name, *then) == (blueprint, past)),
            "{blueprint}, {past:?}: tokens are narrowed"
        );
    }
    let scoped = SCOPED.into_iter().map(|(provider, _)| provider);
    for provider in NARROWED.into_iter().chain(scoped) {
        assert!(
            met.iter().any(|(.., of)| *of == provider),
            "{provider:?}'s tokens are narrowed"
        );
    }
}

/// Whether the token was asked with while it saw, or could do, less.
async fn narrowed(
    trial: &Trial,
    narrowing: Narrowing,
    policy: OnFailure,
    point: usize,
    when: &str,
) -> bool {
    let begun = trial.world.begin("first", &trial.customer, policy).await;
    let (_, lease) = begun.unwrap();
    let (run, asked) = driven_narrowed(&trial.world, lease, narrowing, point).await;
    trial.to_the_end(&run, when).await;
    asked
}

/// Drives a run to where it stands still, from the point on with a token that was narrowed. Gives it, and whether the
/// token was asked with meanwhile.
async fn driven_narrowed(
    world: &World,
    lease: Lease,
    narrowing: Narrowing,
    point: usize,
) -> (Run, bool) {
    let mut run = Box::pin(world.drive("first", lease));
    let ended = world.probe.reaches(point, run.as_mut()).await;
    let asked = world.seen().len();
    let run = match ended {
        Some(run) => run,
        None => {
            narrowing.befalls(world);
            run.await
        }
    };
    // The owner gives it back what it needs.
    let provider = narrowing.provider();
    world.narrow_token(provider, None);
    let asked = world.seen().split_off(asked);
    let with_it = |seen: &Seen| seen.provider == provider.key() && is_with_token(seen);
    (run.unwrap(), asked.iter().any(with_it))
}

/// What a removal no longer sees it does not call gone: it tells of it, and takes it once the token sees it again.
#[test]
fn narrowed_at_any_point_of_a_removal_nothing_is_forgotten() {
    let proof = Proof::of("P11", "a token narrowed at a point of a removal");
    let step = one_in(5);
    for blueprint in in_matrices() {
        let instance = simulate(async || provisioned(blueprint).await);
        let points = points_of_removal(&instance).into_iter();
        let points: Vec<_> = points.step_by(step).collect();
        let mut struck = 0;
        for (narrowing, share) in Narrowing::all(blueprint) {
            let points: Vec<_> = points.iter().copied().step_by(share).collect();
            struck += tally(&points, |point| {
                let struck = simulate(async || {
                    let when = format!("removal of {blueprint}: {narrowing:?} at point {point}");
                    let trial = instance.begin(0);
                    removed_narrowed(&trial, narrowing, *point, &when).await
                });
                usize::from(struck)
            });
        }
        assert!(struck > 0, "removal of {blueprint}: tokens are narrowed");
        proof.held(struck);
    }
}

/// Whether the token was asked with while it saw, or could do, less.
async fn removed_narrowed(trial: &Trial, narrowing: Narrowing, point: usize, when: &str) -> bool {
    let world = &trial.world;
    let (_, lease) = world.begin_removal("first", &trial.customer).await;
    let (mut run, asked) = driven_narrowed(world, lease, narrowing, point).await;
    let others = trial.before.foreign();
    trial.assert_left_told(&others, when).await;
    if run.state == RunState::Leftovers {
        run = back(trial, &run, "last").await;
    }
    trial.assert_removed(&run, when).await;
    asked
}
