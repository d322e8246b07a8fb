//! Who may write a run's journal: one process at a time, and none that was taken over from.

use std::time::Duration;

use fabrik_domain::{Cause, customer::CustomerPatch, run::RunState};
use fabrik_store::{Gone, Hold, JournalEntry, Lease, Store};

use super::{
    Backend,
    samples::{LEASE, add, audit, begin, event, to},
};

fn dead(owner: &str) -> Gone<'_> {
    Gone {
        dead: Some(owner),
        late: LATE,
    }
}

/// How long after the end of its lease a sleeper may have a call on its way.
const LATE: Duration = Duration::from_secs(30);

/// Whatever one may write with a lease must be refused, and nothing of it be there.
async fn assert_lost(store: &dyn Store, lease: &Lease) {
    let (run, changes) = (
        store.run(lease.run).await.unwrap(),
        store.last_change().await.unwrap(),
    );
    let customer = store.customer(run.customer).await.unwrap();
    let entry = JournalEntry {
        customer: Some(CustomerPatch {
            name: Some("Overwritten".to_owned()),
            ..CustomerPatch::default()
        }),
        events: vec![event(lease.run, 1000)],
        audit: Some(audit("stale")),
        ..to(RunState::Succeeded)
    };
    let refused = store.journal(lease, entry).await.unwrap_err();
    assert_eq!(*refused.cause, Cause::LeaseLost);
    store
        .events(lease, vec![event(lease.run, 1001)])
        .await
        .unwrap();
    // Written after the event would have been.
    store.audit(audit("after")).await.unwrap();
    assert!(store.events_since(lease.run, 999).await.unwrap().is_empty());
    assert_eq!(store.run(lease.run).await.unwrap(), run);
    assert_eq!(store.customer(run.customer).await.unwrap(), customer);
    assert_eq!(store.last_change().await.unwrap(), changes);
    let log = store.audit_log(None, 0).await.unwrap();
    assert!(log.iter().all(|audit| audit.entry.action != "stale"));
}

pub async fn a_run_is_owned_from_its_beginning(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &customer, "one").await;
    assert_eq!(
        backend.open().lease(run.id).await.unwrap(),
        Some(lease.clone())
    );
    let refused = store
        .take_run(run.id, "two", LEASE, Gone::default())
        .await
        .unwrap_err();
    assert_eq!(*refused.cause, Cause::RunOwned { run: run.id });
    let refused = store
        .take_run(run.id, "two", LEASE, dead("three"))
        .await
        .unwrap_err();
    assert_eq!(
        *refused.cause,
        Cause::RunOwned { run: run.id },
        "another one is dead"
    );
    store.journal(&lease, to(RunState::Running)).await.unwrap();
}

pub async fn an_entry_keeps_the_lease_it_is_written_under_or_gives_it_back(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &customer, "one").await;
    backend.pass(LEASE + Duration::from_secs(1));
    let kept = JournalEntry {
        hold: Hold::For(LEASE),
        ..to(RunState::Running)
    };
    let lease = store.journal(&lease, kept.clone()).await.unwrap();
    assert_eq!(
        store.lease(run.id).await.unwrap(),
        Some(lease.clone()),
        "what is told is what is written"
    );
    backend.pass(LEASE / 2);
    let lease = store.journal(&lease, to(RunState::Running)).await.unwrap();
    let freed = JournalEntry {
        hold: Hold::Free,
        ..to(RunState::Interrupted)
    };
    store.journal(&lease, freed).await.unwrap();
    assert_eq!(store.lease(run.id).await.unwrap(), None, "it is nobody's");
    assert_lost(&*store, &lease).await;

    let new = store
        .take_run(run.id, "two", LEASE, Gone::default())
        .await
        .unwrap();
    assert_eq!(
        *store.journal(&lease, kept).await.unwrap_err().cause,
        Cause::LeaseLost,
        "what another has taken is not kept"
    );
    store.journal(&new, to(RunState::Running)).await.unwrap();
}

pub async fn a_writer_that_slept_past_its_lease_writes_nothing(backend: &impl Backend) {
    let (one, two) = (backend.open(), backend.open());
    let customer = add(&*one, "Åberg", "aberg").await;
    let (run, old) = begin(&*one, &customer, "one").await;
    backend.pass(LEASE + Duration::from_secs(1));
    assert_lost(&*one, &old).await;
    // Nobody took it: it may be kept after all.
    let renewed = one.renew_lease(&old, LEASE).await.unwrap();
    one.journal(&renewed, to(RunState::Running)).await.unwrap();

    backend.pass(LEASE + Duration::from_secs(1));
    let new = two
        .take_run(run.id, "two", LEASE, Gone::default())
        .await
        .unwrap();
    assert!(new.fence > old.fence);
    assert_lost(&*one, &renewed).await;
    assert_eq!(
        *one.renew_lease(&renewed, LEASE).await.unwrap_err().cause,
        Cause::LeaseLost
    );
    one.release_lease(&renewed).await.unwrap();
    assert_eq!(
        two.lease(run.id).await.unwrap(),
        Some(new.clone()),
        "not the old one's to free"
    );
    two.journal(&new, to(RunState::Waiting)).await.unwrap();
}

pub async fn the_dead_need_not_be_waited_for(backend: &impl Backend) {
    let (one, two) = (backend.open(), backend.open());
    let customer = add(&*one, "Åberg", "aberg").await;
    let (run, old) = begin(&*one, &customer, "one").await;
    let new = two
        .take_run(run.id, "two", LEASE, dead("one"))
        .await
        .unwrap();
    assert_eq!(new.fence, old.fence + 1);
    assert_lost(&*one, &old).await;
    two.journal(&new, to(RunState::Running)).await.unwrap();
}

pub async fn of_two_that_take_a_run_one_wins(backend: &impl Backend) {
    let (one, two) = (backend.open(), backend.open());
    let customer = add(&*one, "Åberg", "aberg").await;
    let (run, first) = begin(&*one, &customer, "zero").await;
    one.release_lease(&first).await.unwrap();
    assert_eq!(one.lease(run.id).await.unwrap(), None);
    let mut fence = first.fence;
    for round in 0..50 {
        let (left, right) = tokio::join!(
            one.take_run(run.id, "one", LEASE, Gone::default()),
            two.take_run(run.id, "two", LEASE, Gone::default()),
        );
        let (lease, loser) = match (left, right) {
            (Ok(lease), Err(problem)) | (Err(problem), Ok(lease)) => (lease, problem),
            (left, right) => panic!("one must win: {left:?} {right:?}"),
        };
        assert_eq!(
            *loser.cause,
            Cause::RunOwned { run: run.id },
            "round {round}"
        );
        assert_eq!(lease.fence, fence + 1, "the fence grows by each owner");
        fence = lease.fence;
        one.journal(&lease, to(RunState::Running)).await.unwrap();
        one.release_lease(&lease).await.unwrap();
        assert_lost(&*two, &lease).await;
    }
}

pub async fn a_run_that_succeeded_is_nobodys(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &customer, "one").await;
    store.journal(&lease, to(RunState::Failed)).await.unwrap();
    store.release_lease(&lease).await.unwrap();
    let lease = store
        .take_run(run.id, "two", LEASE, Gone::default())
        .await
        .unwrap();
    store
        .journal(&lease, to(RunState::Succeeded))
        .await
        .unwrap();
    store.release_lease(&lease).await.unwrap();
    let refused = store
        .take_run(run.id, "three", LEASE, Gone::default())
        .await
        .unwrap_err();
    assert_eq!(*refused.cause, Cause::RunEnded { run: run.id });
}

pub async fn what_the_dead_may_have_sent_is_known_to_whoever_takes_it_on(backend: &impl Backend) {
    let (one, two) = (backend.open(), backend.open());
    let customer = add(&*one, "Åberg", "aberg").await;
    let (run, asleep) = begin(&*one, &customer, "asleep").await;
    backend.pass(LEASE + Duration::from_secs(1));
    let unknown = Gone {
        late: LATE,
        ..Gone::default()
    };
    let marked = two.interrupt(run.id, Some(&asleep), unknown, audit("run.interrupted"));
    assert!(marked.await.unwrap(), "nobody has renewed it");
    assert_lost(&*one, &asleep).await;
    // From when it was marked: a lease that a clock set forward has ended early tells nothing of when it would have.
    let marked_at = asleep.expires + jiff::SignedDuration::from_secs(1);
    let until = marked_at + jiff::SignedDuration::try_from(LATE).unwrap();
    // The next owner dies before it has written anything.
    let second = two
        .take_run(run.id, "second", LEASE, Gone::default())
        .await
        .unwrap();
    assert_eq!(second.sent_until, Some(until), "through the marking");
    let third = two
        .take_run(run.id, "third", LEASE, dead("second"))
        .await
        .unwrap();
    assert_eq!(
        third.sent_until,
        Some(until),
        "the sleeper's calls come later"
    );
    // Given back in order, it is the same for the next.
    two.release_lease(&third).await.unwrap();
    let fourth = two
        .take_run(run.id, "fourth", LEASE, Gone::default())
        .await
        .unwrap();
    assert_eq!(fourth.sent_until, Some(until));
}

pub async fn only_a_run_that_nobody_drives_is_marked(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &customer, "one").await;
    let mark = async |seen: Option<&Lease>| {
        let marked = store.interrupt(run.id, seen, dead("one"), audit("run.interrupted"));
        marked.await.unwrap()
    };
    assert!(!mark(None).await, "somebody has it");
    backend.pass(Duration::from_secs(1));
    let mut lease = store.renew_lease(&lease, LEASE).await.unwrap();
    let before = Lease {
        expires: lease.expires - jiff::SignedDuration::from_secs(1),
        ..lease.clone()
    };
    assert!(!mark(Some(&before)).await, "it has shown a sign of life");
    for state in [
        RunState::Waiting,
        RunState::Failed,
        RunState::Cancelled,
        RunState::Leftovers,
    ] {
        store.journal(&lease, to(state)).await.unwrap();
        assert!(!mark(Some(&lease)).await, "{state:?} is no state to wake");
        store.release_lease(&lease).await.unwrap();
        assert!(!mark(None).await, "{state:?}, given back");
        assert_eq!(store.run(run.id).await.unwrap().state, state);
        lease = store
            .take_run(run.id, "one", LEASE, Gone::default())
            .await
            .unwrap();
    }
    for state in [RunState::Queued, RunState::Running, RunState::Undoing] {
        store.journal(&lease, to(state)).await.unwrap();
        assert!(
            mark(Some(&lease)).await,
            "{state:?}, and its process is gone"
        );
        let now = store.run(run.id).await.unwrap();
        assert_eq!(now.state, RunState::Interrupted, "from {state:?}");
        assert!(!mark(None).await, "once is enough");
        lease = store
            .take_run(run.id, "one", LEASE, Gone::default())
            .await
            .unwrap();
    }
    let told = store.newest_events(run.id, 2).await.unwrap();
    let numbers: Vec<_> = told.iter().map(|event| event.number).collect();
    assert_eq!(numbers, [2, 3], "each is told, the newest last");
    assert_eq!(store.last_event(run.id).await.unwrap(), 3);
}
