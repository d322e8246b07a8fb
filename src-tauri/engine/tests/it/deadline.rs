//! A run's deadline: what takes longer is cut off between two calls and kept, whatever the run's policy; and what
//! was driven before a kill counts, but not the time until somebody goes on.

use std::{ops::Range, time::Duration};

use fabrik_domain::{
    Cause,
    customer::Customer,
    ports::Clock,
    run::{OnFailure, Run, RunState, WaitReason},
};
use fabrik_store::Lease;
use tokio_util::sync::CancellationToken;

use crate::{
    cloud::{Fault, snapshot},
    world::World,
};

impl World {
    /// Begins a run that may take so many minutes, and would be rolled back where it fails.
    async fn begin_for(&self, minutes: u64, customer: &Customer) -> (Run, Lease) {
        let mut begun = snapshot(customer.clone());
        let deadline = ("run.deadline".to_owned(), minutes.to_string());
        begun.settings.extend([deadline]);
        self.engine("first")
            .begin(&self.cloud, begun, OnFailure::Rollback, "test")
            .await
            .unwrap()
    }

    /// That a run was cut off for its deadline of so many minutes, so many seconds after it was begun or resumed, by
    /// the clock that nobody sets.
    #[track_caller]
    fn assert_overdue(&self, run: &Run, minutes: u64, begun: Duration, seconds: &Range<u64>) {
        assert_eq!(
            (run.state, run.reason),
            (RunState::Waiting, Some(WaitReason::NotReadyYet)),
            "{:?}",
            run.error
        );
        let cause = run.error.as_ref().map(|problem| &*problem.cause);
        assert_eq!(cause, Some(&Cause::DeadlinePassed { minutes }));
        let took = self.clock.monotonic().saturating_sub(begun).as_secs();
        assert!(seconds.contains(&took), "{took} s are not {seconds:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_takes_longer_is_cut_off_kept_and_can_be_resumed() {
    let world = World::new();
    let customer = world.customer().await;
    // It asks for 40 s, again and again.
    world.cloud.fault_always("repository", Fault::Throttled);
    let (_, lease) = world.begin_for(2, &customer).await;
    let begun = world.clock.monotonic();
    let run = world.drive("first", lease).await;
    world.assert_overdue(&run, 2, begun, &(120..130));
    assert_eq!(
        world.cloud.names(),
        ["database"],
        "nothing is undone, and nothing was begun after it"
    );

    // The owner who resumes it gives it its whole time again.
    let begun = world.clock.monotonic();
    let run = world.resume(&run, "first").await;
    world.assert_overdue(&run, 2, begun, &(120..130));
    world.cloud.mend("repository");
    let run = world.resume(&run, "second").await;
    world.assert_whole(&run, "resumed after its deadline").await;
}

#[tokio::test(start_paused = true)]
async fn a_kill_gives_no_time_anew_and_the_time_until_the_resume_takes_none() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.fault_always("repository", Fault::Throttled);
    let (run, lease) = world.begin_for(5, &customer).await;
    let (engine, cancel) = (world.engine("first"), CancellationToken::new());
    let driving = engine.drive(&world.cloud, lease, &cancel);
    let killed = tokio::time::timeout(Duration::from_secs(170), driving).await;
    assert!(killed.is_err(), "it was under way");
    // A day passes.
    tokio::time::sleep(Duration::from_hours(24)).await;
    assert!(world.marked(&run, Some("first")).await);

    let begun = world.clock.monotonic();
    let run = world.resume(&run, "first").await;
    // Of five minutes it had driven 160 s that it told of.
    world.assert_overdue(&run, 5, begun, &(130..150));
}
