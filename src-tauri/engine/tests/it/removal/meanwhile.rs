//! A run that is taken on while a removal is begun: what it makes is removed too, whatever is killed.

use std::{cell::Cell, collections::BTreeMap, pin::pin};

use fabrik_domain::run::{OnFailure, Purpose, Run, RunState};
use fabrik_store::RunQuery;

use crate::{
    cloud::Fault,
    world::{World, at_every_point, polled},
};

impl World {
    /// Takes a run on where nothing stands in the way of that: it makes its last things, and ends. How often it was.
    async fn taken_on(&self, run: &Run) -> usize {
        let Ok(lease) = self.engine("first").take(run.id, None).await else {
            return 0;
        };
        let run = self.drive("first", lease).await;
        assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
        1
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_run_makes_while_a_removal_is_begun_is_removed_too() {
    let made = Cell::new(0);
    at_every_point(async |polls| {
        let world = World::new();
        let customer = world.customer().await;
        world.cloud.fault_always("site", Fault::Refused);
        let run = world.driven("first", &customer, OnFailure::Keep).await;
        assert_eq!(run.state, RunState::Failed);
        world.cloud.mend("site");
        let engine = world.engine("second");
        let begun = engine.begin_removal(customer.clone(), BTreeMap::new(), "test");
        let mut begun = pin!(begun);
        if polled(polls, begun.as_mut()).await.is_some() {
            return true;
        }
        made.set(made.get() + world.taken_on(&run).await);
        let (_, lease) = begun.await.unwrap();
        let removal = world.drive("second", lease).await;
        let when = format!("after {polls} polls");
        assert_eq!(removal.state, RunState::Succeeded, "{when}");
        let there = world.cloud.names();
        assert!(there.iter().all(|name| name == "mail"), "{when}: {there:?}");
        let of_customer = RunQuery {
            customer: Some(customer.id),
            ..RunQuery::default()
        };
        let runs = world.store.runs(of_customer).await.unwrap();
        assert_eq!(runs.len(), 2, "{when}: only what is driven is written");
        false
    })
    .await;
    assert!(made.get() > 0, "something was made meanwhile");
}

#[tokio::test(start_paused = true)]
async fn a_removal_killed_while_it_is_begun_leaves_nothing_of_what_a_run_makes_meanwhile() {
    let made = Cell::new(0);
    // How far it has come when that run is taken on; then it is killed at each later point.
    for come in 1..6 {
        at_every_point(async |polls| {
            let world = World::new();
            let customer = world.customer().await;
            world.cloud.fault_always("site", Fault::Refused);
            let run = world.driven("first", &customer, OnFailure::Keep).await;
            world.cloud.mend("site");
            let ended = {
                let engine = world.engine("second");
                let begun = engine.begin_removal(customer.clone(), BTreeMap::new(), "test");
                let mut begun = pin!(begun);
                if polled(come, begun.as_mut()).await.is_some() {
                    return true;
                }
                made.set(made.get() + world.taken_on(&run).await);
                polled(polls, begun).await.is_some()
            };
            let of_customer = RunQuery {
                customer: Some(customer.id),
                ..RunQuery::default()
            };
            let newest = world.store.runs(of_customer).await.unwrap().remove(0);
            if newest.purpose == Purpose::Deprovision {
                let removal = world.resume(&newest, "second").await;
                let when = format!("killed {polls} polls after {come}");
                assert_eq!(removal.state, RunState::Succeeded, "{when}");
                let there = world.cloud.names();
                assert!(there.iter().all(|name| name == "mail"), "{when}: {there:?}");
            }
            ended
        })
        .await;
    }
    assert!(made.get() > 0, "something was made meanwhile");
}
