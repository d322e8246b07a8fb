//! The wish to cancel a run: for how long it lasts, and what becomes of what the run has made.

use fabrik_domain::{
    Cause,
    id::RunId,
    run::{OnFailure, RunState},
};
use fabrik_store::{Lease, NewRun};

use super::{
    Backend,
    samples::{LEASE, add, audit, begin, new_run, noon, to},
};

pub async fn a_wish_to_cancel_lasts_until_the_run_ends(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &customer, "one").await;
    assert!(!store.cancel_requested(run.id).await.unwrap());
    backend
        .open()
        .request_cancel(run.id, false, audit("run.cancelled"))
        .await
        .unwrap();
    assert!(store.cancel_requested(run.id).await.unwrap());
    store.journal(&lease, to(RunState::Running)).await.unwrap();
    assert!(
        store.cancel_requested(run.id).await.unwrap(),
        "the run has not ended"
    );
    store
        .journal(&lease, to(RunState::Cancelled))
        .await
        .unwrap();
    assert!(
        !store.cancel_requested(run.id).await.unwrap(),
        "else a resume would end at once"
    );
    let late = store
        .request_cancel(run.id, false, audit("x"))
        .await
        .unwrap_err();
    assert_eq!(*late.cause, Cause::RunEnded { run: run.id });
    assert!(store.cancel_requested(RunId::new()).await.is_err());
    let log = store.audit_log(Some(customer.id), 1).await.unwrap();
    assert_eq!(
        (log[0].entry.run, &*log[0].entry.action),
        (Some(run.id), "run.cancelled")
    );
}

pub async fn a_cancelled_run_keeps_what_it_made_where_that_was_said(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let begun = async || {
        let new = NewRun {
            on_failure: OnFailure::Rollback,
            ..new_run(&customer)
        };
        store.add_run(new, "one", LEASE).await.unwrap()
    };
    let policy = async |run: RunId| store.run(run).await.unwrap().on_failure;
    let (run, lease) = begun().await;
    let cancel = async |keep: bool| {
        let asked = store.request_cancel(run.id, keep, audit("run.cancel_requested"));
        asked.await.unwrap();
    };
    cancel(false).await;
    assert_eq!(policy(run.id).await, OnFailure::Rollback, "as it began");
    cancel(true).await;
    assert_eq!(policy(run.id).await, OnFailure::Keep);
    assert!(store.cancel_requested(run.id).await.unwrap());
    cancel(false).await;
    assert_eq!(policy(run.id).await, OnFailure::Keep, "said once is enough");
    let undoing = || {
        let mut undoing = to(RunState::Undoing);
        undoing.run.as_mut().unwrap().undo_began_at = Some(noon());
        undoing
    };
    assert!(!store.begin_undo(&lease, undoing()).await.unwrap());
    let kept = store.run(run.id).await.unwrap();
    assert_eq!((kept.state, kept.undo_began_at), (run.state, None));
    store
        .journal(&lease, to(RunState::Cancelled))
        .await
        .unwrap();

    let (back, lease) = begun().await;
    assert!(store.begin_undo(&lease, undoing()).await.unwrap());
    let begun = store.run(back.id).await.unwrap();
    assert_eq!(
        (begun.state, begun.undo_began_at),
        (RunState::Undoing, Some(noon()))
    );
    let late = store.request_cancel(back.id, true, audit("run.cancel_requested"));
    let late = late.await.unwrap_err();
    assert_eq!(*late.cause, Cause::RunUndoing { run: back.id });
    assert_eq!(policy(back.id).await, OnFailure::Rollback);
    let asked = store.cancel_requested(back.id).await.unwrap();
    assert!(!asked, "what can't be kept is not stopped either");
    assert!(store.begin_undo(&lease, undoing()).await.unwrap(), "again");
    let stale = Lease {
        fence: lease.fence - 1,
        ..lease
    };
    let lost = store.begin_undo(&stale, undoing()).await.unwrap_err();
    assert_eq!(*lost.cause, Cause::LeaseLost);
}
