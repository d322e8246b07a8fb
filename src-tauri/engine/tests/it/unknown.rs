//! Asked for, and never answered: what may be there is neither forgotten, nor made twice, nor taken for somebody
//! else's.

use std::time::Duration;

use fabrik_domain::{
    event::Happening,
    resource::ResourceState,
    run::{OnFailure, RunState},
};
use tokio_util::sync::CancellationToken;

use crate::{
    cloud::Fault,
    world::World,
};

#[tokio::test(start_paused = true)]
async fn going_back_waits_out_what_a_step_need_not_wait_out_forward() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.settle("site", Duration::ZERO);
    world.cloud.fault_once("site", Fault::LateBy(20));
    let (run, lease) = world.begin("first", &customer, OnFailure::Keep).await;
    let settling = |what: &Happening| matches!(what, Happening::Settling { .. });
    world.killed_when("first", lease, "site", settling).await;
    let run = world.taken_back(&run).await;
    assert_eq!(run.state, RunState::RolledBack);
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(world.cloud.resources(), [], "what came late was waited for");
}
