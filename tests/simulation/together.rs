//! Customers of one blueprint who come and go at the same time, in an order that a seed decides: each gets what it would
//! get alone, and who goes takes nothing with it that is another's (P11).

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    customer::Customer,
    run::{OnFailure, Run, RunState},
};
use fabrik_tests::Proof;

use crate::{
    blueprints::in_matrices,
    extent::one_in,
    repeats::projects,
    world::{Past, Trial, each, simulate},
};

const ORDERS: u64 = 40;

/// The slugs of those who come beside the trial's own customer.
const OTHERS: [&str; 2] = ["bergmark", "dalmark"];

/// What two customers have at the vendors: what stands within each Vercel project, and how much there is of each kind.
type Had = (Vec<String>, BTreeMap<String, usize>);

fn had(trial: &Trial) -> Had {
    let mut kinds = BTreeMap::<_, usize>::new();
    for (kind, _) in trial.world.census() {
        *kinds.entry(kind).or_default() += 1;
    }
    (projects(&trial.world), kinds)
}

#[test]
fn who_comes_and_goes_at_once_gets_and_leaves_what_one_does_alone() {
    let proof = Proof::of(
        "P11",
        "customers of one blueprint made and removed at the same time",
    )
    .from_seeds(ORDERS);
    let seeds: Vec<_> = (0..ORDERS).step_by(one_in(20)).collect();
    for blueprint in in_matrices() {
        let alone = simulate(async || Box::pin(one_by_one(blueprint)).await);
        each(&seeds, |seed| {
            let at_once = simulate(async || Box::pin(at_once(*seed, blueprint)).await);
            assert_eq!(
                at_once, alone,
                "{blueprint}, seed {seed}: what two have who came one after the other"
            );
            proof.held(1);
        });
    }
}

async fn one_by_one(blueprint: &'static str) -> Had {
    let trial = Trial::new(blueprint, Past::Nothing);
    let other = trial.world.customer(blueprint, OTHERS[0]).await;
    for customer in [&trial.customer, &other] {
        let run = trial.world.provision(customer, OnFailure::Rollback).await;
        assert_succeeded(&run, blueprint);
    }
    had(&trial)
}

/// Two come; then the first goes while a third comes; then the others go.
async fn at_once(seed: u64, blueprint: &'static str) -> Had {
    let when = format!("{blueprint}, seed {seed}");
    let trial = Trial::of_seed(seed, blueprint, Past::Nothing);
    let (world, first) = (&trial.world, &trial.customer);
    let [second, third] = OTHERS;
    let second = &world.customer(blueprint, second).await;
    let third = &world.customer(blueprint, third).await;
    let nobody = had(&trial);

    let (one, other) = tokio::join!(
        world.provision(first, OnFailure::Rollback),
        world.provision(second, OnFailure::Rollback),
    );
    assert_succeeded(&one, &when);
    assert_succeeded(&other, &when);
    trial.assert_of(&[first, second], &when).await;
    let both = had(&trial);

    let (gone, come) = tokio::join!(
        world.deprovision(first),
        world.provision(third, OnFailure::Rollback),
    );
    assert_succeeded(&gone, &when);
    assert_succeeded(&come, &when);
    trial.assert_of(&[second, third], &when).await;

    let (one, other) = tokio::join!(world.deprovision(second), world.deprovision(third));
    assert_succeeded(&one, &when);
    assert_succeeded(&other, &when);
    trial.assert_of(&[], &when).await;
    assert_eq!(had(&trial), nobody, "{when}: all is as before they came");
    both
}

fn assert_succeeded(run: &Run, when: &str) {
    assert_eq!(run.state, RunState::Succeeded, "{when}: {:?}", run.error);
}

impl Trial {
    /// What came is these customers', and each has its own and one welcome; nothing foreign is touched.
    async fn assert_of(&self, customers: &[&Customer], when: &str) {
        let mut told = BTreeSet::new();
        for customer in customers {
            let slug = &customer.slug;
            let mut own = self.world.told(customer).await;
            own.retain(|one| !self.before.census.contains(one));
            assert!(!own.is_empty(), "{when}: {slug} has something");
            let shared: Vec<_> = told.intersection(&own).collect();
            assert!(shared.is_empty(), "{when}: {slug} and another: {shared:?}");
            told.extend(own);
            let welcomes = self.world.welcomes(customer);
            assert_eq!(welcomes, 1, "{when}: {slug} is welcomed once");
        }
        let now = self.world.census();
        let came: BTreeSet<_> = now.difference(&self.before.census).cloned().collect();
        assert_eq!(came, told, "{when}: the cloud is what the records say");
        let gone: Vec<_> = self.before.census.difference(&now).collect();
        assert!(gone.is_empty(), "{when}: resources are gone: {gone:?}");
        self.before.assert_untouched(&self.world, when);
    }
}
