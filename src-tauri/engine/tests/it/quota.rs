//! What the vendors' limits are told to do to runs, before these begin.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use fabrik_domain::{
    gate::{Charge, Class, Ending, Gate, Limit, NotBefore, Pass},
    id::CustomerId,
    ports::Clock,
    provider::Provider,
};
use jiff::{SignedDuration, Timestamp};

use crate::world::World;

/// A gate that lets the last call out then.
#[derive(Default)]
struct Until(Mutex<Option<Timestamp>>);

impl Gate for Until {
    fn enter(&self, _: Option<CustomerId>, _: &[Charge]) -> Result<Pass, Timestamp> {
        Ok(Pass(0))
    }

    fn leave(&self, _: Pass, _: Ending) {}

    fn earliest_end(&self, _: &[Charge]) -> Option<NotBefore> {
        let until = (*self.0.lock().unwrap())?;
        Some(NotBefore {
            provider: Provider::GitHub,
            until,
        })
    }

    fn reserve(&self, _: CustomerId, _: &[Charge]) -> Result<(), NotBefore> {
        Ok(())
    }

    fn release(&self, _: CustomerId) {}
}

const LIMITS: &[Limit] = &[Limit::new(500, Duration::from_hours(1))];

#[tokio::test(start_paused = true)]
async fn limits_are_told_only_where_they_make_runs_take_longer() {
    let world = World::new();
    let gate = Arc::new(Until::default());
    let engine = world
        .engine("first")
        .gated(Arc::clone(&gate) as Arc<dyn Gate>);
    let demand = [Charge {
        class: Class {
            provider: Provider::GitHub,
            account: "ours".to_owned(),
            name: "content".to_owned(),
        },
        limits: LIMITS,
        units: 1,
        told: false,
    }];
    let usual = 60.0;
    let now = world.clock.now();
    assert_eq!(engine.allowance(&demand, 1, usual), None, "nothing limits");
    for seconds in [0, 10, 60] {
        let until = now + SignedDuration::from_secs(seconds);
        *gate.0.lock().unwrap() = Some(until);
        let told = engine.allowance(&demand, 1, usual);
        assert_eq!(told, None, "{seconds} s: a run takes as long by itself");
    }
    let until = now + SignedDuration::from_mins(10);
    *gate.0.lock().unwrap() = Some(until);
    let told = engine.allowance(&demand, 1, usual).unwrap();
    assert_eq!((told.provider, told.per_hour), (Provider::GitHub, 500));
    assert_eq!(told.done_at, until + SignedDuration::from_mins(1));
}
