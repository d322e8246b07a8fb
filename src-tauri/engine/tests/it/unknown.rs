//! Asked for, and never answered: what may be there is neither forgotten, nor made twice, nor taken for somebody
//! else's.

use std::time::Duration;

use fabrik_domain::{
    Cause,
    blueprint::{StepKind, StepSpec},
    customer::Customer,
    id::{ResourceId, RunId},
    resource::{Origin, Resource, ResourceState},
    run::{OnFailure, Purpose, Run, RunState},
};
use fabrik_store::{JournalEntry, Lease, NewRun, RunChange};

use crate::{
    cloud::{Fault, snapshot, step},
    world::{World, settling},
};

impl World {
    /// A run that has asked for a database, and whose rollback could not see whether it is there.
    async fn left_unknown(&self, customer: &Customer) -> Run {
        self.cloud.fault_once("database", Fault::LostAfter);
        self.cloud.hide("database");
        let run = self.provision(&self.engine("first"), customer).await;
        assert_eq!(run.state, RunState::Waiting, "it can't see");
        let run = self.taken_back(&run).await;
        assert_eq!(run.state, RunState::Leftovers);
        let row = self.row(customer, "database").await;
        assert_eq!((row.state, &*row.id), (ResourceState::Leftover, ""));
        run
    }

    /// Begins a run of a site with its address.
    async fn begin_site(&self, customer: &Customer) -> (Run, Lease) {
        let steps = vec![
            step("site", StepKind::VercelProject, &[]),
            step("address", StepKind::CustomDomain, &["site"]),
        ];
        self.begin_steps(customer, steps).await
    }

    async fn begin_steps(&self, customer: &Customer, steps: Vec<StepSpec>) -> (Run, Lease) {
        let mut begun = snapshot(customer.clone());
        begun.blueprint.steps = steps;
        let engine = self.engine("first");
        let begun = engine.begin(&self.cloud, begun, OnFailure::Keep, "test");
        begun.await.unwrap()
    }

    /// One whose first run has found a site with its address. Then somebody deleted the address.
    async fn with_a_site_that_lost_its_address() -> (Self, Customer) {
        let world = Self::new();
        let customer = world.customer().await;
        world.cloud.place("address");
        for name in ["site", "address"] {
            world.cloud.mark(name);
            world.cloud.make(name);
        }
        let (_, lease) = world.begin_site(&customer).await;
        let run = world.drive("first", lease).await;
        assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
        let row = world.row(&customer, "address").await;
        assert_eq!(row.origin, Origin::Adopted);
        world.cloud.remove(&row.id);
        (world, customer)
    }
}

#[tokio::test(start_paused = true)]
async fn a_leftover_without_an_id_is_found_before_another_is_made() {
    let world = World::new();
    let customer = world.customer().await;
    let run = world.left_unknown(&customer).await;
    world.cloud.show("database");
    let engine = world.engine("second");
    let begun = engine.begin(
        &world.cloud,
        snapshot(customer.clone()),
        OnFailure::Keep,
        "test",
    );
    let refused = begun.await.unwrap_err();
    assert!(
        matches!(*refused.cause, Cause::OutcomeUnknown { .. }),
        "{refused}"
    );
    let nothing = std::collections::BTreeMap::new();
    let plan = engine
        .plan(&world.cloud, &snapshot(customer.clone()), &nothing)
        .await
        .unwrap();
    assert!(!plan.can_run, "the plan says so too");
    assert_eq!(plan.missing[0].cause, refused.cause);
    let run = world.taken_back(&run).await;
    assert_eq!(run.state, RunState::RolledBack);
    assert_eq!(world.cloud.resources(), []);
}

#[tokio::test(start_paused = true)]
async fn what_a_later_run_adopted_is_still_known_to_be_made_by_the_first() {
    let world = World::new();
    let customer = world.customer().await;
    let run = world.left_unknown(&customer).await;
    let (name, id) = world.cloud.resources().remove(0);
    // As a version did that let the next run begin.
    let at = run.started_at;
    let new = NewRun {
        id: RunId::new(),
        customer: customer.id,
        purpose: Purpose::Provision,
        snapshot: snapshot(customer.clone()),
        on_failure: OnFailure::Keep,
        operator: "test".to_owned(),
        steps: Vec::new(),
        at,
    };
    let length = Duration::from_mins(1);
    let (later, lease) = world.store.add_run(new, "older", length).await.unwrap();
    let row = world.row(&customer, "database").await;
    let entry = JournalEntry {
        run: Some(RunChange {
            state: RunState::Succeeded,
            reason: None,
            error: None,
            finished_at: Some(at),
            undo_began_at: None,
        }),
        resources: vec![Resource {
            key: ResourceId::new(),
            run: later.id,
            id: id.clone(),
            name,
            origin: Origin::Adopted,
            state: ResourceState::Live,
            ..row
        }],
        ..JournalEntry::default()
    };
    world.store.journal(&lease, entry).await.unwrap();
    world.store.release_lease(&lease).await.unwrap();

    world.cloud.show("database");
    let run = world.taken_back(&run).await;
    assert_eq!(run.state, RunState::Leftovers, "the later run uses it");
    let rows = world.rows(&customer).await;
    let row = rows
        .iter()
        .find(|row| row.run == run.id && row.step == "database");
    let row = row.unwrap();
    assert_eq!(
        (row.state, &row.id, row.origin),
        (ResourceState::Leftover, &id, Origin::Created),
        "so that a removal takes it away"
    );
    let (_, lease) = world.begin_removal(&customer).await;
    let removal = world.drive("first", lease).await;
    assert_eq!(removal.state, RunState::Succeeded, "{:?}", removal.error);
    assert_eq!(world.cloud.resources(), []);
}

#[tokio::test(start_paused = true)]
async fn going_back_waits_out_what_a_step_need_not_wait_out_forward() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.settle("site", Duration::ZERO);
    world.cloud.fault_once("site", Fault::LateBy(20));
    let (run, lease) = world.begin("first", &customer, OnFailure::Keep).await;
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
    let run = world.driven("first", &customer, OnFailure::Rollback).await;
    assert_eq!(
        run.state,
        RunState::Failed,
        "the customer may have been told"
    );
    world.cloud.assert_one_of_each("after the mail");
    let mail = world.row(&customer, "mail").await;
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
    let row = world.row(&customer, "database").await;
    assert!(row.never_was(), "{row:?}");
    let again = world.provision(&world.engine("second"), &customer).await;
    assert_eq!(again.state, RunState::Succeeded, "the next run may begin");
}

#[tokio::test(start_paused = true)]
async fn what_is_made_anew_where_a_run_has_only_found_something_goes_with_the_instance() {
    let (world, customer) = World::with_a_site_that_lost_its_address().await;
    let (_, lease) = world.begin_site(&customer).await;
    let run = world.drive("first", lease).await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    assert_eq!(world.cloud.names(), ["address", "site"]);
    let (_, lease) = world.begin_removal(&customer).await;
    let removal = world.drive("first", lease).await;
    assert_eq!(removal.state, RunState::Succeeded, "{:?}", removal.error);
    assert_eq!(world.cloud.names(), ["site"], "which no run has made");
}

#[tokio::test(start_paused = true)]
async fn what_may_be_made_anew_where_a_run_has_only_found_something_is_the_owners_to_tell() {
    for back in [true, false] {
        let (world, customer) = World::with_a_site_that_lost_its_address().await;
        world.cloud.fault_once("address", Fault::Late);
        let (run, lease) = world.begin_site(&customer).await;
        world.killed_when("first", lease, "address", settling).await;
        assert!(world.marked(&run, Some("first")).await);
        let ended = if back {
            world.taken_back(&run).await
        } else {
            let kept = world.store.request_cancel(run.id, true, World::audit());
            kept.await.unwrap();
            let run = world.resume(&run, "first").await;
            assert_eq!(run.state, RunState::Cancelled, "{:?}", run.error);
            let (_, lease) = world.begin_removal(&customer).await;
            world.drive("first", lease).await
        };
        assert_eq!(world.cloud.names(), ["address", "site"], "back: {back}");
        assert_eq!(ended.state, RunState::Leftovers, "back: {back}");
        let rows = world.rows(&customer).await;
        let asked = |row: &&Resource| row.run == run.id && row.step == "address";
        let row = rows.iter().find(asked).unwrap();
        assert_eq!((row.state, &*row.id), (ResourceState::Leftover, ""));
        let steps = world.store.steps(ended.id).await.unwrap();
        let problems: Vec<_> = steps
            .iter()
            .filter_map(|step| step.error.as_ref())
            .collect();
        assert!(
            matches!(&*problems[0].cause, Cause::Ambiguous { candidates, .. } if candidates.len() == 1),
            "back: {back}: {problems:?}"
        );
        let engine = world.engine("first");
        let let_go = engine.let_go(ended.id, "address", "test", None).await;
        let expected = if back {
            RunState::RolledBack
        } else {
            RunState::Succeeded
        };
        assert_eq!(let_go.unwrap().state, expected, "seen to by hand");
    }
}

#[tokio::test(start_paused = true)]
async fn another_choice_whose_answer_was_lost_is_taken_back_to_what_an_earlier_run_found() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.place("size");
    world.cloud.mark("size");
    world.cloud.make("size");
    let steps = || vec![step("size", StepKind::ComputeSize, &[])];
    let (first, lease) = world.begin_steps(&customer, steps()).await;
    let ended = world.drive("first", lease).await;
    assert_eq!(ended.state, RunState::Succeeded, "{:?}", ended.error);
    // Another is wanted.
    world.cloud.remove("size");
    world.cloud.fault_once("size", Fault::Late);
    let (run, lease) = world.begin_steps(&customer, steps()).await;
    world.killed_when("first", lease, "size", settling).await;
    assert!(world.marked(&run, Some("first")).await);
    let ended = world.taken_back(&run).await;
    assert_eq!(ended.state, RunState::RolledBack, "{:?}", ended.error);
    assert!(world.cloud.names().is_empty(), "it was taken back");
    let rows = world.rows(&customer).await;
    let states: Vec<_> = rows.iter().map(|row| (row.run, row.state)).collect();
    let expected = [
        (first.id, ResourceState::Live),
        (run.id, ResourceState::Removed),
    ];
    assert_eq!(states, expected, "what the first run found is there again");
}
