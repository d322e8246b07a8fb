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
    assert!(world.marked(&run, Some("first")).await);
    let run = world.taken_back(&run).await;
    assert_eq!(run.state, RunState::RolledBack);
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(world.cloud.resources(), [], "what came late was waited for");
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_may_have_been_sent_ends_all_rolling_back() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.key("mail");
    // The answer is lost, and the next try is refused.
    world.cloud.fault_once("mail", Fault::LostAfter);
    world.cloud.fault_always("mail", Fault::Refused);
    let (_, lease) = world.begin("first", &customer, OnFailure::Rollback).await;
    let run = world
        .engine("first")
        .drive(&world.cloud, lease, &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(
        run.state,
        RunState::Failed,
        "the customer may have been told"
    );
    world.cloud.assert_one_of_each("after the mail");
    let rows = world.rows(&customer).await;
    let mail = rows.iter().find(|row| row.step == "mail").unwrap();
    assert_eq!(mail.state, ResourceState::Intended, "nobody knows yet");
    world.cloud.mend("mail");
    let run = world.resume(&run, "first").await;
    world.assert_whole(&run, "the same mail").await;
}

#[tokio::test(start_paused = true)]
async fn an_effect_that_is_found_to_be_there_leaves_no_question() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.satisfy("database");
    world.cloud.fault_once("database", Fault::LostBefore);
    let run = world.provision(&world.engine("first"), &customer).await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    let rows = world.rows(&customer).await;
    let row = rows.iter().find(|row| row.step == "database").unwrap();
    assert!(row.never_was(), "{row:?}");
    let again = world.provision(&world.engine("second"), &customer).await;
    assert_eq!(again.state, RunState::Succeeded, "the next run may begin");
}
