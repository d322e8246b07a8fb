//! Runs: begun one at a time, and what is read and told of them.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause,
    customer::InstanceState,
    id::{CustomerId, ResourceId, RunId},
    resource::{Origin, Resource, ResourceState},
    run::{Purpose, RunState, StepState},
};
use fabrik_store::{Gone, JournalEntry, NewRun, PendingWrite, RunQuery};

use super::{
    Backend,
    samples::{LEASE, add, begin, new_run, noon, resource, snapshot, to},
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
