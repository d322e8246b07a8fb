//! How long the list takes with a hundred thousand customers, an import of as many, and a journal
//! entry alone and in company. Prints the medians.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub,
    reason = "a measurement that can't go on should fail where it stands; it prints what it measured"
)]

#[path = "../tests/suite/noon.rs"]
mod noon;
#[path = "../tests/suite/samples.rs"]
#[allow(dead_code, reason = "the tests use the others")]
mod samples;

use std::{sync::Arc, time::Instant};

use fabrik_domain::{
    customer::{CustomerPatch, CustomerStatus, InstanceState, slug_of},
    run::RunState,
};
use fabrik_store::{CustomerQuery, CustomerSort, JournalEntry, SqliteStore, Store};

use crate::{
    noon::Noon,
    samples::{add, audit, begin, event, named, to},
};

const MANY: usize = 100_000;
const ROUNDS: usize = 21;

#[tokio::main]
async fn main() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("central.db");
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path, Arc::new(Noon)).unwrap());

    let words = [
        "Åkeri",
        "Bygg",
        "Juristbyrå",
        "Måleri",
        "Redovisning",
        "Café",
        "Örtagård",
    ];
    let rows: Vec<_> = (0..MANY)
        .map(|number| {
            let name = format!("{} Nummer {number} i Norr", words[number % words.len()]);
            (
                named(&name, &format!("{}-{number}", slug_of(words[number % 7]))),
                slug_of(&name),
            )
        })
        .collect();
    for dry_run in [true, false] {
        let rows = rows.clone();
        let begun = Instant::now();
        store
            .import_customers(rows, dry_run, audit("customers.imported"), Arc::default())
            .await
            .unwrap();
        println!("import of {MANY}, dry run {dry_run}: {:?}", begun.elapsed());
    }

    let page = CustomerQuery {
        limit: 100,
        ..CustomerQuery::default()
    };
    let by_name = CustomerQuery {
        sort: CustomerSort::Name,
        ..page.clone()
    };
    let search = |text: &str| CustomerQuery {
        search: Some(text.to_owned()),
        ..by_name.clone()
    };
    for (what, query) in [
        ("first page", page.clone()),
        (
            "last page by name",
            CustomerQuery {
                offset: 99_900,
                ..by_name.clone()
            },
        ),
        (
            "filter by status, sort by credits",
            CustomerQuery {
                status: Some(CustomerStatus::Pending),
                sort: CustomerSort::Credits,
                ..page.clone()
            },
        ),
        (
            "filter by state and plan",
            CustomerQuery {
                state: Some(InstanceState::New),
                plan: Some("small".to_owned()),
                ..page.clone()
            },
        ),
        ("search, one hit", search("99999")),
        ("search, no hit", search("finns inte")),
        ("search, one letter", search("a")),
        ("search, two words", search("juristbyra 77")),
        (
            "search, filter and sort",
            CustomerQuery {
                plan: Some("small".to_owned()),
                ..search("cafe")
            },
        ),
    ] {
        median(what, async || {
            drop(store.customers(query.clone()).await.unwrap());
        })
        .await;
    }
    changed(&store, search("99999")).await;
    median("counts by state", async || {
        drop(store.state_counts().await.unwrap());
    })
    .await;
    median("find by subdomain", async || {
        drop(store.find_customer("cafe-5").await.unwrap());
    })
    .await;

    journal(&store).await;
}

async fn median(what: &str, work: impl AsyncFn()) {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        work().await;
        times.push(begun.elapsed());
    }
    times.sort();
    println!(
        "{what}: {:?} (longest {:?})",
        times[ROUNDS / 2],
        times[ROUNDS - 1]
    );
}

/// The first search after a change: what is held in memory of the customers is read anew.
async fn changed(store: &Arc<dyn Store>, query: CustomerQuery) {
    let customer = store.find_customer("cafe-5").await.unwrap().id;
    let mut times = Vec::new();
    for credits in 0..ROUNDS {
        let patch = CustomerPatch {
            credits: Some(i64::try_from(credits).unwrap()),
            ..CustomerPatch::default()
        };
        store
            .edit_customer(customer, patch, audit("customer.changed"))
            .await
            .unwrap();
        let begun = Instant::now();
        drop(store.customers(query.clone()).await.unwrap());
        times.push(begun.elapsed());
    }
    times.sort();
    println!("search after a change: {:?}", times[ROUNDS / 2]);
}

async fn journal(store: &Arc<dyn Store>) {
    const ENTRIES: i64 = 50;
    for company in [1, 10, 50] {
        let mut writers = Vec::new();
        for number in 0..company {
            let name = format!("{company} {number}");
            let customer = add(&**store, &name, &slug_of(&name)).await;
            let (run, lease) = begin(&**store, &customer, "bench").await;
            let store = Arc::clone(store);
            writers.push((store, run, lease));
        }
        let begun = Instant::now();
        let tasks: Vec<_> = writers
            .into_iter()
            .map(|(store, run, lease)| {
                tokio::spawn(async move {
                    for number in 0..ENTRIES {
                        let events = vec![event(run.id, number)];
                        let entry = JournalEntry {
                            events,
                            ..to(RunState::Running)
                        };
                        store.journal(&lease, entry).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let each = begun.elapsed() / u32::try_from(company * ENTRIES).unwrap();
        println!("journal entry, {company} runs at once: {each:?} each");
    }
}
