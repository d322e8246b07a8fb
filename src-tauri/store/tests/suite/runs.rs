//! Runs, their journal, and what is read of them.

use std::{collections::BTreeMap, time::Duration};

use fabrik_domain::{
    Cause,
    blueprint::StepKind,
    customer::{CustomerPatch, CustomerStatus, InstanceState},
    id::{CustomerId, ResourceId, RunId},
    problem::Problem,
    resource::{Found, Origin, Resource, ResourceState},
    run::{OnFailure, Output, Phase, Purpose, RunState, StepState, WaitReason},
};
use fabrik_store::{
    Gone, Hold, JournalEntry, Lease, NewRun, PendingWrite, RunChange, RunQuery, Store,
};

use super::{
    Backend,
    samples::{LEASE, add, audit, begin, event, new_run, noon, resource, snapshot, step, to},
};

pub async fn a_run_is_read_back_with_all_it_began_with(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let new = new_run(&customer);
    let (run, _) = store.add_run(new.clone(), "one", LEASE).await.unwrap();
    let other = backend.open();
    assert_eq!(other.run(run.id).await.unwrap(), run);
    assert_eq!(
        (run.number, run.state, run.started_at),
        (1, RunState::Queued, noon())
    );
    assert_eq!(other.snapshot(run.id).await.unwrap(), snapshot(&customer));
    assert_eq!(
        other.steps(run.id).await.unwrap(),
        new.steps,
        "in the blueprint's order"
    );

    assert_eq!(other.run_by_number(1).await.unwrap(), Some(run));
    assert_eq!(other.run_by_number(2).await.unwrap(), None);

    let stranger = RunId::new();
    assert!(matches!(
        *store.run(stranger).await.unwrap_err().cause,
        Cause::RunUnknown { .. }
    ));
    assert!(store.snapshot(stranger).await.is_err() && store.steps(stranger).await.is_err());
    let mut orphan = new_run(&customer);
    orphan.customer = CustomerId::new();
    let refused = store.add_run(orphan, "one", LEASE).await.unwrap_err();
    assert!(matches!(*refused.cause, Cause::CustomerUnknown { .. }));
}

pub async fn a_customer_has_one_run_that_has_not_ended(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (first, lease) = begin(&*store, &customer, "one").await;
    for state in RunState::OPEN {
        store.journal(&lease, to(state)).await.unwrap();
        let refused = store
            .add_run(new_run(&customer), "two", LEASE)
            .await
            .unwrap_err();
        assert_eq!(
            *refused.cause,
            Cause::RunActive { run: first.id },
            "while {state:?}"
        );
    }
    store.journal(&lease, to(RunState::Failed)).await.unwrap();
    let (second, _) = begin(&*store, &customer, "two").await;
    assert_eq!(second.number, first.number + 1);

    let back = store
        .journal(&lease, to(RunState::Running))
        .await
        .unwrap_err();
    assert_eq!(*back.cause, Cause::RunActive { run: second.id }, "not both");
    store.release_lease(&lease).await.unwrap();
    let back = store
        .take_run(first.id, "one", LEASE, Gone::default())
        .await
        .unwrap_err();
    assert_eq!(*back.cause, Cause::RunActive { run: second.id });
}

pub async fn a_removal_begins_with_what_is_there(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &customer, "one").await;
    let made = |key: ResourceId, state: ResourceState| JournalEntry {
        resources: vec![Resource {
            key,
            ..resource(&run, state, Origin::Created)
        }],
        ..JournalEntry::default()
    };
    let key = ResourceId::new();
    let intended = store.journal(&lease, made(key, ResourceState::Intended));
    intended.await.unwrap();
    let before = store.resources(customer.id).await.unwrap();
    let removal = async |known: &[Resource]| {
        let new = NewRun {
            purpose: Purpose::Deprovision,
            ..new_run(&customer)
        };
        store.add_removal(new, known.to_vec(), "two", LEASE).await
    };
    let refused = removal(&before).await.unwrap_err();
    assert_eq!(*refused.cause, Cause::RunActive { run: run.id });
    let live = store.journal(&lease, made(key, ResourceState::Live));
    live.await.unwrap();
    store.journal(&lease, to(RunState::Failed)).await.unwrap();
    let last = store.last_change().await.unwrap();
    assert!(removal(&before).await.unwrap().is_none(), "it has ended");
    assert_eq!(store.changes_since(last).await.unwrap(), [], "none is told");
    let of_customer = RunQuery {
        customer: Some(customer.id),
        ..RunQuery::default()
    };
    let runs = store.runs(of_customer).await.unwrap();
    assert_eq!(runs.len(), 1, "nothing is written: {runs:?}");
    let there = store.resources(customer.id).await.unwrap();
    let (begun, lease) = removal(&there).await.unwrap().unwrap();
    assert_eq!(begun, backend.open().run(begun.id).await.unwrap());
    assert_eq!((begun.number, begun.purpose), (2, Purpose::Deprovision));
    store.journal(&lease, to(RunState::Undoing)).await.unwrap();
}

/// P7: two operators press the button at the same moment.
pub async fn of_two_that_begin_a_run_one_wins(backend: &impl Backend) {
    let (one, two) = (backend.open(), backend.open());
    for round in 0..50 {
        let customer = add(&*one, &format!("Kund {round}"), &format!("kund-{round}")).await;
        let (left, right) = tokio::join!(
            one.add_run(new_run(&customer), "one", LEASE),
            two.add_run(new_run(&customer), "two", LEASE),
        );
        let (winner, loser) = match (left, right) {
            (Ok((run, _)), Err(problem)) | (Err(problem), Ok((run, _))) => (run, problem),
            (left, right) => panic!("one must win: {left:?} {right:?}"),
        };
        assert_eq!(
            *loser.cause,
            Cause::RunActive { run: winner.id },
            "round {round}"
        );
        let query = RunQuery {
            customer: Some(customer.id),
            ..RunQuery::default()
        };
        assert_eq!(
            one.runs(query).await.unwrap(),
            [winner],
            "nothing of the other is left"
        );
    }
}

pub async fn an_entry_is_written_whole(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &customer, "one").await;
    let mut repo = step("repo", StepKind::GithubRepo);
    repo.state = StepState::Deferred;
    repo.phase = Phase::Created;
    repo.attempts = 3;
    repo.not_before = Some(noon());
    repo.intended_at = Some(noon());
    repo.evidence = Some(serde_json::json!({ "ids": [1, 2], "none": null }));
    repo.ruled_out = vec!["of-others".to_owned()];
    repo.doubted = vec!["one".to_owned(), "another".to_owned()];
    repo.resource = Some(Found {
        id: "4711".to_owned(),
        name: "norrform/akermark".to_owned(),
        url: None,
        content_hash: Some("ab".to_owned()),
    });
    repo.outputs = BTreeMap::from([
        ("url".to_owned(), Output::Public("https://x".to_owned())),
        (
            "key".to_owned(),
            Output::Secret("supabase:abc/service_role".parse().unwrap()),
        ),
    ]);
    repo.error = Some(Problem::from(Cause::CredentialMissing).detail("no"));
    repo.started_at = Some(noon());
    let made = resource(&run, ResourceState::Live, Origin::Created);
    let change = RunChange {
        state: RunState::Waiting,
        reason: Some(WaitReason::NeedsCredential),
        error: repo.error.clone(),
        finished_at: None,
        undo_began_at: None,
    };
    let before = store.last_change().await.unwrap();
    let entry = JournalEntry {
        hold: Hold::AsItIs,
        run: Some(change.clone()),
        steps: vec![repo.clone()],
        resources: vec![made.clone()],
        customer: Some(CustomerPatch {
            status: Some(CustomerStatus::Active),
            ..CustomerPatch::default()
        }),
        failed_at: None,
        events: vec![event(run.id, 1), event(run.id, 2)],
        audit: Some(audit("run.waits")),
    };
    store.journal(&lease, entry.clone()).await.unwrap();
    // As after an answer that was lost.
    store
        .journal(
            &lease,
            JournalEntry {
                audit: None,
                ..entry
            },
        )
        .await
        .unwrap();

    let other = backend.open();
    let now = other.run(run.id).await.unwrap();
    assert_eq!(
        (now.state, now.reason, now.error),
        (change.state, change.reason, change.error)
    );
    assert_eq!(other.steps(run.id).await.unwrap()[1], repo);
    assert_eq!(
        other.resources(customer.id).await.unwrap(),
        std::slice::from_ref(&made)
    );
    assert_eq!(
        other
            .live_resources(&[CustomerId::new(), customer.id])
            .await
            .unwrap(),
        [made]
    );
    assert_eq!(
        other.customer(customer.id).await.unwrap().status,
        CustomerStatus::Active
    );
    assert_eq!(
        other.events_since(run.id, 0).await.unwrap(),
        [event(run.id, 1), event(run.id, 2)],
        "written twice, there once"
    );
    assert_eq!(
        other.events_since(run.id, 1).await.unwrap(),
        [event(run.id, 2)]
    );
    let log = other.audit_log(Some(customer.id), 1).await.unwrap();
    assert_eq!(
        (log[0].entry.run, log[0].entry.action.as_str()),
        (Some(run.id), "run.waits")
    );
    assert!(
        other.changes_since(before).await.unwrap().len() >= 2,
        "the run and the customer"
    );
}

pub async fn an_entry_with_a_fault_leaves_nothing(backend: &impl Backend) {
    let store = backend.open();
    add(&*store, "Taken", "taken").await;
    let customer = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &customer, "one").await;
    let steps = store.steps(run.id).await.unwrap();
    let mut changed = steps[0].clone();
    changed.attempts = 9;
    let good = JournalEntry {
        steps: vec![changed],
        resources: vec![resource(&run, ResourceState::Live, Origin::Created)],
        events: vec![event(run.id, 1)],
        ..to(RunState::Running)
    };
    let stranger = step("not-in-the-blueprint", StepKind::GithubRepo);
    let patch = CustomerPatch {
        subdomain: Some("taken".to_owned()),
        ..CustomerPatch::default()
    };
    let bad_step = JournalEntry {
        steps: good.steps.iter().cloned().chain([stranger]).collect(),
        ..good.clone()
    };
    let bad_customer = JournalEntry {
        customer: Some(patch),
        ..good
    };
    let before = store.last_change().await.unwrap();
    for (entry, code) in [(bad_step, "internal"), (bad_customer, "subdomain_taken")] {
        assert_eq!(store.journal(&lease, entry).await.unwrap_err().code(), code);
        assert_eq!(store.run(run.id).await.unwrap(), run);
        assert_eq!(store.steps(run.id).await.unwrap(), steps);
        assert!(store.resources(customer.id).await.unwrap().is_empty());
        assert!(store.events_since(run.id, 0).await.unwrap().is_empty());
        assert_eq!(store.last_change().await.unwrap(), before);
    }
}

pub async fn events_that_stand_alone_keep_their_order(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &customer, "one").await;
    for number in 1..=50 {
        store
            .events(&lease, vec![event(run.id, number)])
            .await
            .unwrap();
    }
    // Whatever was said before an entry is there with it.
    let entry = JournalEntry {
        events: vec![event(run.id, 51)],
        ..JournalEntry::default()
    };
    store.journal(&lease, entry).await.unwrap();
    let numbers = async |store: &dyn Store| -> Vec<i64> {
        let events = store.events_since(run.id, 0).await.unwrap();
        events.into_iter().map(|event| event.number).collect()
    };
    assert_eq!(numbers(&*store).await, (1..=51).collect::<Vec<_>>());

    store.events(&lease, vec![event(run.id, 52)]).await.unwrap();
    let there = tokio::time::timeout(Duration::from_secs(20), async {
        while store.events_since(run.id, 51).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    there
        .await
        .expect("an event comes to rest without anybody's help");

    store.events(&lease, vec![event(run.id, 53)]).await.unwrap();
    drop(store);
    assert_eq!(
        numbers(&*backend.open()).await.last(),
        Some(&53),
        "closing loses no event"
    );
}

pub async fn runs_are_listed_newest_first(backend: &impl Backend) {
    let store = backend.open();
    let (one, two) = (
        add(&*store, "One", "one").await,
        add(&*store, "Two", "two").await,
    );
    let (first, lease) = begin(&*store, &one, "p").await;
    store
        .journal(&lease, to(RunState::Succeeded))
        .await
        .unwrap();
    let (second, _) = begin(&*store, &two, "p").await;
    let (third, _) = begin(&*store, &one, "p").await;
    let list = async |query| -> Vec<RunId> {
        store
            .runs(query)
            .await
            .unwrap()
            .into_iter()
            .map(|run| run.id)
            .collect()
    };
    assert_eq!(
        list(RunQuery::default()).await,
        [third.id, second.id, first.id]
    );
    let of_one = RunQuery {
        customer: Some(one.id),
        ..RunQuery::default()
    };
    assert_eq!(list(of_one).await, [third.id, first.id]);
    let ended = RunQuery {
        states: vec![RunState::Succeeded, RunState::Failed],
        ..RunQuery::default()
    };
    assert_eq!(list(ended).await, [first.id]);
    assert_eq!(
        list(RunQuery {
            limit: 1,
            ..RunQuery::default()
        })
        .await,
        [third.id]
    );
    assert_eq!(
        list(RunQuery {
            limit: 1,
            offset: 1,
            ..RunQuery::default()
        })
        .await,
        [second.id]
    );
    let found = |words: &str| RunQuery {
        search: Some(words.to_owned()),
        ..RunQuery::default()
    };
    assert_eq!(list(found("ONE")).await, [third.id, first.id]);
    assert_eq!(list(found("#2")).await, [second.id], "by its number");
    assert!(list(found("one two")).await.is_empty(), "every word counts");
    let counts = store.run_counts(found("one")).await.unwrap();
    assert_eq!(
        counts,
        BTreeMap::from([(RunState::Queued, 1), (RunState::Succeeded, 1)]),
        "of what is found, in whatever state"
    );
    let nobody = CustomerId::new();
    let newest = store.last_runs(&[two.id, nobody, one.id]).await.unwrap();
    assert_eq!(newest.len(), 2, "nobody has none");
    assert_eq!(
        (newest[&one.id].id, newest[&two.id].id),
        (third.id, second.id)
    );
}

pub async fn a_customers_run_under_way_counts_and_else_the_newest(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (older, lease) = begin(&*store, &customer, "one").await;
    store.journal(&lease, to(RunState::Failed)).await.unwrap();
    store.release_lease(&lease).await.unwrap();
    let (newer, lease) = begin(&*store, &customer, "one").await;
    store
        .journal(&lease, to(RunState::RolledBack))
        .await
        .unwrap();
    let counts = async || {
        let last = store.last_runs(&[customer.id]).await.unwrap();
        let mut states = store.state_counts().await.unwrap();
        states.retain(|_, count| *count > 0);
        (last[&customer.id].id, states)
    };
    let stopped = BTreeMap::from([(InstanceState::Stopped, 1)]);
    let setting_up = BTreeMap::from([(InstanceState::SettingUp, 1)]);
    assert_eq!(counts().await, (newer.id, stopped.clone()));
    let taken = store
        .take_run(older.id, "two", LEASE, Gone::default())
        .await;
    let lease = taken.unwrap();
    store.journal(&lease, to(RunState::Undoing)).await.unwrap();
    assert_eq!(counts().await, (older.id, setting_up));
    store
        .journal(&lease, to(RunState::RolledBack))
        .await
        .unwrap();
    assert_eq!(counts().await, (newer.id, stopped));
}

pub async fn the_usual_time_is_the_median_of_the_newest(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let second = |n: i64| noon() + jiff::SignedDuration::from_secs(n);
    // Thirty runs: the first ten took 1,000 s, the last twenty 1 to 20 s.
    for n in 0..30_i64 {
        let (run, lease) = begin(&*store, &customer, "p").await;
        let mut steps = store.steps(run.id).await.unwrap();
        let took = if n < 10 { 1000 } else { n - 9 };
        steps[0].state = StepState::Done;
        steps[0].started_at = Some(second(n * 2000));
        steps[0].finished_at = Some(second(n * 2000 + took));
        // Adopted steps took no time worth knowing, and two are too few.
        steps[1].state = if n < 2 {
            StepState::Done
        } else {
            StepState::Adopted
        };
        steps[1].started_at = Some(second(0));
        steps[1].finished_at = Some(second(1));
        let entry = JournalEntry {
            steps,
            ..to(RunState::Succeeded)
        };
        store.journal(&lease, entry).await.unwrap();
    }
    let usual = store.usual_seconds().await.unwrap();
    assert_eq!(
        usual,
        BTreeMap::from([("supabase-project".to_owned(), 10.5)])
    );
}

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

pub async fn the_end_of_a_run_is_told_once(backend: &impl Backend) {
    let store = backend.open();
    let untold = async || {
        let runs = store.untold_runs(noon(), 10).await.unwrap();
        assert_eq!(store.untold_count(noon()).await.unwrap(), runs.len() as u64);
        runs.into_iter().map(|run| run.id).collect::<Vec<_>>()
    };
    let first = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &first, "one").await;
    assert_eq!(untold().await, [], "it is under way");
    store.journal(&lease, to(RunState::Failed)).await.unwrap();
    let second = add(&*store, "Berg", "berg").await;
    let (other, its_lease) = begin(&*store, &second, "one").await;
    store
        .journal(&its_lease, to(RunState::Succeeded))
        .await
        .unwrap();
    assert_eq!(untold().await, [run.id, other.id], "the oldest first");
    let later = noon() + jiff::SignedDuration::from_secs(1);
    assert!(store.untold_runs(later, 10).await.unwrap().is_empty());
    let what = PendingWrite::Run(run.id);
    let note = async |seen: Option<&str>, note: &str| {
        let noted = store.note_write_intent(what, seen.map(str::to_owned), note.to_owned());
        noted.await.unwrap()
    };
    assert!(note(None, "one").await);
    assert!(!note(None, "two").await, "another is about to write it");
    assert_eq!(
        store.write_intent(what).await.unwrap().as_deref(),
        Some("one")
    );
    assert!(note(Some("one"), "three").await, "it was taken back");
    store.set_told(run.id, noon()).await.unwrap();
    store.set_told(other.id, noon()).await.unwrap();
    assert_eq!(untold().await, [], "both were told");
    assert_eq!(store.write_intent(what).await.unwrap(), None);
    assert!(!note(None, "four").await, "it was told");

    // Taken on, it ends once more.
    store.journal(&lease, to(RunState::Running)).await.unwrap();
    assert_eq!(untold().await, [], "nothing to tell yet");
    let mut ended = to(RunState::Succeeded);
    ended.run.as_mut().unwrap().finished_at = Some(later);
    store.journal(&lease, ended).await.unwrap();
    assert_eq!(untold().await, [run.id], "how it ended this time");
}

pub async fn what_is_deferred_is_written_by_whoever_looks(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let provisioned = async || {
        let (run, lease) = begin(&*store, &customer, "p").await;
        let mut steps = store.steps(run.id).await.unwrap();
        steps[1].state = StepState::Deferred;
        let entry = JournalEntry {
            steps,
            ..to(RunState::Succeeded)
        };
        store.journal(&lease, entry).await.unwrap();
        run.id
    };
    let waiting = async || -> Vec<RunId> {
        let runs = store.deferred_runs(Some(customer.id)).await.unwrap();
        runs.into_iter().map(|run| run.id).collect()
    };
    let first = provisioned().await;
    assert_eq!(waiting().await, [first]);
    let second = provisioned().await;
    assert_eq!(waiting().await, [second], "the later one looked itself");

    let mut step = store.steps(second).await.unwrap().remove(1);
    let before = store.last_change().await.unwrap();
    assert!(store.write_deferred(second, step.clone()).await.unwrap());
    assert_eq!(
        store.last_change().await.unwrap(),
        before,
        "nothing has happened: no window looks again"
    );
    step.state = StepState::Done;
    assert!(store.write_deferred(second, step.clone()).await.unwrap());
    assert!(store.last_change().await.unwrap() > before);
    assert!(
        !store.write_deferred(second, step).await.unwrap(),
        "another process was quicker"
    );
    assert_eq!(waiting().await, [], "not the first one's again");
}

pub async fn what_is_deferred_is_a_later_runs_once_there_is_one(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (first, lease) = begin(&*store, &customer, "one").await;
    let mut waits = store.steps(first.id).await.unwrap().remove(0);
    waits.state = StepState::Deferred;
    let entry = JournalEntry {
        steps: vec![waits],
        ..to(RunState::Succeeded)
    };
    store.journal(&lease, entry).await.unwrap();
    let deferred = async || -> Vec<RunId> {
        let runs = store.deferred_runs(Some(customer.id)).await.unwrap();
        runs.into_iter().map(|run| run.id).collect()
    };
    assert_eq!(deferred().await, [first.id]);
    let (_, lease) = begin(&*store, &customer, "one").await;
    store.journal(&lease, to(RunState::Failed)).await.unwrap();
    assert_eq!(
        deferred().await,
        [first.id],
        "one that failed took nothing over"
    );
    let removal = NewRun {
        purpose: Purpose::Deprovision,
        ..new_run(&customer)
    };
    let (_, lease) = store.add_run(removal, "one", LEASE).await.unwrap();
    assert!(deferred().await.is_empty(), "it is being removed");
    store
        .journal(&lease, to(RunState::Succeeded))
        .await
        .unwrap();
    assert!(deferred().await.is_empty(), "it is gone");
}

pub async fn what_a_cancelled_removal_has_left_is_waited_for_again(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (first, lease) = begin(&*store, &customer, "one").await;
    let mut waits = store.steps(first.id).await.unwrap().remove(0);
    waits.state = StepState::Deferred;
    let mut domain = resource(&first, ResourceState::Live, Origin::Created);
    domain.step.clone_from(&waits.id);
    let entry = JournalEntry {
        steps: vec![waits],
        resources: vec![domain.clone()],
        ..to(RunState::Succeeded)
    };
    store.journal(&lease, entry).await.unwrap();
    let deferred = async || -> Vec<RunId> {
        let runs = store.deferred_runs(Some(customer.id)).await.unwrap();
        runs.into_iter().map(|run| run.id).collect()
    };
    let removal = NewRun {
        purpose: Purpose::Deprovision,
        ..new_run(&customer)
    };
    let (_, lease) = store.add_run(removal, "one", LEASE).await.unwrap();
    assert_eq!(deferred().await, [], "it is being removed");
    store
        .journal(&lease, to(RunState::Cancelled))
        .await
        .unwrap();
    assert_eq!(deferred().await, [first.id], "it was not come to");

    domain.state = ResourceState::Removed;
    let removed = JournalEntry {
        resources: vec![domain],
        ..to(RunState::Undoing)
    };
    store.journal(&lease, removed).await.unwrap();
    store
        .journal(&lease, to(RunState::Cancelled))
        .await
        .unwrap();
    assert_eq!(deferred().await, [], "it is gone, and the rest is left");
}
