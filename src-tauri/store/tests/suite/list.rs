//! The list: search, filter, order, pages, counts, and many customers.

use std::{sync::Arc, time::Duration};

use fabrik_domain::{
    customer::{Customer, CustomerPatch, CustomerStatus, InstanceState, NewCustomer, slug_of},
    run::{Purpose, RunState},
};
use fabrik_store::{
    CustomerQuery, CustomerSort, Inserted, JournalEntry, NameCounts, NewRun, Store,
};
use fabrik_tests::in_full;

use super::{
    Backend,
    samples::{LEASE, add, audit, begin, named, new_run, to},
};

async fn names(store: &dyn Store, query: CustomerQuery) -> Vec<String> {
    store
        .customers(query)
        .await
        .unwrap()
        .rows
        .into_iter()
        .map(|row| row.name)
        .collect()
}

fn search(text: &str) -> CustomerQuery {
    CustomerQuery {
        search: Some(text.to_owned()),
        sort: CustomerSort::Name,
        ..CustomerQuery::default()
    }
}

pub async fn words_are_found_whatever_their_case_and_accents(backend: &impl Backend) {
    let store = backend.open();
    add(&*store, "Åkermark Juristbyrå", "akermark").await;
    add(&*store, "Café Zoë 100%", "zoe").await;
    let new = NewCustomer {
        external_id: Some("EXT_42".to_owned()),
        ..named("Lund", "lund")
    };
    store
        .add_customer(new, "lund".to_owned(), audit("x"))
        .await
        .unwrap();
    for (text, found) in [
        ("ÅKERMARK", vec!["Åkermark Juristbyrå"]),
        ("juristbyra  aker", vec!["Åkermark Juristbyrå"]),
        ("cafe zoe", vec!["Café Zoë 100%"]),
        ("100%", vec!["Café Zoë 100%"]),
        ("info@lund", vec!["Lund"]),
        ("ext_42", vec!["Lund"]),
        ("%", vec!["Café Zoë 100%"]),
        ("_", vec!["Lund"]),
        ("*", vec![]),
        ("?afe", vec![]),
        ("[a-z]und", vec![]),
        ("lund akermark", vec![]),
        ("'; DROP TABLE customers; --", vec![]),
        ("  ", vec!["Café Zoë 100%", "Lund", "Åkermark Juristbyrå"]),
    ] {
        assert_eq!(
            names(&*store, search(text)).await,
            found,
            "search for {text:?}"
        );
    }
}

pub async fn lists_are_sorted_filtered_and_cut(backend: &impl Backend) {
    let store = backend.open();
    for (credits, (name, subdomain)) in (0..).zip([
        ("Öst", "a"),
        ("Zorn", "b"),
        ("Ärlig", "c"),
        ("Åkesson", "d"),
        ("ek", "e"),
    ]) {
        let new = NewCustomer {
            credits,
            plan: if credits < 2 { "small" } else { "large" }.to_owned(),
            ..named(name, subdomain)
        };
        store
            .add_customer(new, slug_of(name), audit("x"))
            .await
            .unwrap();
        backend.pass(Duration::from_secs(1));
    }
    let by = |sort, descending| CustomerQuery {
        sort,
        descending,
        ..CustomerQuery::default()
    };
    let sorted = names(&*store, by(CustomerSort::Name, false)).await;
    assert_eq!(sorted, ["ek", "Zorn", "Åkesson", "Ärlig", "Öst"]);
    let mut backwards = names(&*store, by(CustomerSort::Name, true)).await;
    backwards.reverse();
    assert_eq!(backwards, sorted);
    assert_eq!(
        names(&*store, by(CustomerSort::Updated, false)).await[0],
        "ek",
        "newest first"
    );
    assert_eq!(
        names(&*store, by(CustomerSort::Updated, true)).await[0],
        "Öst"
    );
    assert_eq!(
        names(&*store, by(CustomerSort::Credits, true)).await[0],
        "ek"
    );

    let zorn = store.find_customer("b").await.unwrap();
    let patch = CustomerPatch {
        status: Some(CustomerStatus::Active),
        ..CustomerPatch::default()
    };
    store
        .edit_customer(zorn.id, patch, audit("x"))
        .await
        .unwrap();
    assert_eq!(
        names(&*store, by(CustomerSort::Updated, false)).await[0],
        "Zorn"
    );
    let active = CustomerQuery {
        status: Some(CustomerStatus::Active),
        ..CustomerQuery::default()
    };
    assert_eq!(names(&*store, active).await, ["Zorn"]);

    let large = CustomerQuery {
        plan: Some("large".to_owned()),
        limit: 2,
        offset: 1,
        ..by(CustomerSort::Name, false)
    };
    let page = store.customers(large).await.unwrap();
    assert_eq!(page.total, 3, "the total is of all pages");
    assert_eq!(
        page.rows.iter().map(|row| &*row.name).collect::<Vec<_>>(),
        ["Åkesson", "Ärlig"]
    );
    let none = CustomerQuery {
        blueprint: Some("other".to_owned()),
        ..CustomerQuery::default()
    };
    assert_eq!(store.customers(none).await.unwrap().total, 0);
}

pub async fn many_customers_are_listed_page_by_page(backend: &impl Backend) {
    let all: u64 = if in_full() { 100_000 } else { 10_000 };
    let store = backend.open();
    let rows = (0..all)
        .map(|number| {
            let name = format!("Åkeri nummer {number}");
            (named(&name, &format!("akeri-{number}")), slug_of(&name))
        })
        .collect();
    let verdicts = store
        .import_customers(rows, false, audit("customers.imported"), Arc::default())
        .await
        .unwrap();
    assert!(
        verdicts
            .iter()
            .all(|verdict| matches!(verdict, Inserted::Added(_)))
    );

    let last = CustomerQuery {
        sort: CustomerSort::Name,
        limit: 10,
        offset: all - 5,
        ..CustomerQuery::default()
    };
    let page = store.customers(last.clone()).await.unwrap();
    assert_eq!((page.total, page.rows.len()), (all, 5));
    let newest = all - 1;
    assert_eq!(page.rows[4].name, format!("Åkeri nummer {newest}"));

    let everybody = CustomerQuery {
        search: Some("akeri".to_owned()),
        ..last
    };
    assert_eq!(
        store.customers(everybody.clone()).await.unwrap(),
        page,
        "a search that finds everybody has the same last page"
    );
    let uncut = CustomerQuery {
        limit: 0,
        ..everybody.clone()
    };
    assert_eq!(store.customers(uncut).await.unwrap(), page);
    let beside = store.neighbours(page.rows[3].id, everybody).await.unwrap();
    assert_eq!((beside.place, beside.total), (Some(newest), all));
    assert_eq!(beside.previous, Some(page.rows[2].id));
    assert_eq!(beside.next, Some(page.rows[4].id));

    let one = store
        .customers(CustomerQuery {
            limit: 50,
            ..search(&format!("{newest} AKERI"))
        })
        .await
        .unwrap();
    assert_eq!((one.total, one.rows.len()), (1, 1));
    let many = store
        .customers(CustomerQuery {
            limit: 50,
            ..search("1")
        })
        .await
        .unwrap();
    assert_eq!(many.rows.len(), 50);
    let holding_a_one = (0..all)
        .filter(|number| number.to_string().contains('1'))
        .count();
    assert_eq!(many.total, u64::try_from(holding_a_one).unwrap());
}

/// What one process holds of the customers in memory is of no other moment than its question.
pub async fn a_search_finds_what_another_process_has_just_written(backend: &impl Backend) {
    let (store, other) = (backend.open(), backend.open());
    let found = async |text| names(&*store, search(text)).await;
    let aberg = add(&*store, "Åberg", "aberg").await;
    let berga = add(&*store, "Berga", "berga").await;
    assert_eq!(found("berg").await, ["Berga", "Åberg"]);

    add(&*other, "Bergström", "bergstrom").await;
    assert_eq!(found("berg").await, ["Berga", "Bergström", "Åberg"]);

    let patch = CustomerPatch {
        name: Some("Lund".to_owned()),
        subdomain: Some("lund".to_owned()),
        contact_email: Some("info@lund.example".to_owned()),
        plan: Some("large".to_owned()),
        ..CustomerPatch::default()
    };
    other
        .edit_customer(aberg.id, patch, audit("x"))
        .await
        .unwrap();
    assert_eq!(found("berg").await, ["Berga", "Bergström"]);
    assert_eq!(found("lund").await, ["Lund"]);
    let large = CustomerQuery {
        plan: Some("large".to_owned()),
        ..search("")
    };
    assert_eq!(names(&*store, large).await, ["Lund"]);

    other.remove_customer(berga.id, audit("x")).await.unwrap();
    assert_eq!(found("berg").await, ["Bergström"]);
}

pub async fn plans_and_blueprints_are_counted(backend: &impl Backend) {
    let store = backend.open();
    assert_eq!(
        store.name_counts().await.unwrap(),
        NameCounts::default(),
        "where nobody is, there is no plan either"
    );
    for (name, subdomain, plan) in [
        ("Åberg", "aberg", "small"),
        ("Berg", "berg", "large"),
        ("Ceder", "ceder", "large"),
    ] {
        let new = NewCustomer {
            plan: plan.to_owned(),
            ..named(name, subdomain)
        };
        store
            .add_customer(new, subdomain.to_owned(), audit("x"))
            .await
            .unwrap();
    }
    let counts = store.name_counts().await.unwrap();
    let plans = [("large".to_owned(), 2), ("small".to_owned(), 1)];
    assert_eq!(counts.plans, plans, "the most first");
    assert_eq!(counts.blueprints, [("factory".to_owned(), 3)]);
}

pub async fn a_state_follows_status_and_newest_run(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    add(&*store, "Other", "other").await;
    let state = async || {
        let mut found = Vec::new();
        let counts = store.state_counts().await.unwrap();
        assert_eq!(
            counts.len(),
            InstanceState::ALL.len(),
            "a state nobody is in is told too"
        );
        for state in InstanceState::ALL {
            let query = CustomerQuery {
                state: Some(state),
                ..CustomerQuery::default()
            };
            let page = store.customers(query).await.unwrap();
            assert_eq!(
                page.total, counts[&state],
                "the list and the counts agree on {state:?}"
            );
            found.extend(
                page.rows
                    .iter()
                    .filter(|row| row.id == customer.id)
                    .map(|_| state),
            );
        }
        assert_eq!(found.len(), 1, "a customer is in one state");
        found[0]
    };
    assert_eq!(state().await, InstanceState::New);
    let (_, lease) = begin(&*store, &customer, "one").await;
    assert_eq!(state().await, InstanceState::SettingUp);
    store.journal(&lease, to(RunState::Failed)).await.unwrap();
    assert_eq!(state().await, InstanceState::NeedsYou);
    for ended in [RunState::Cancelled, RunState::RolledBack] {
        let (_, lease) = begin(&*store, &customer, "one").await;
        store.journal(&lease, to(ended)).await.unwrap();
        assert_eq!(state().await, InstanceState::Stopped, "{ended:?}");
    }
    let (_, lease) = begin(&*store, &customer, "one").await;
    let patch = CustomerPatch {
        status: Some(CustomerStatus::Active),
        ..CustomerPatch::default()
    };
    let entry = JournalEntry {
        customer: Some(patch),
        ..to(RunState::Succeeded)
    };
    store.journal(&lease, entry).await.unwrap();
    assert_eq!(state().await, InstanceState::Active);
    let patch = CustomerPatch {
        status: Some(CustomerStatus::Inactive),
        ..CustomerPatch::default()
    };
    store
        .edit_customer(customer.id, patch, audit("customer.edited"))
        .await
        .unwrap();
    assert_eq!(state().await, InstanceState::Paused);
    removed_is_stopped(&*store, &customer).await;
    assert_eq!(state().await, InstanceState::Stopped, "it can be made anew");
    let (_, lease) = begin(&*store, &customer, "one").await;
    store
        .journal(&lease, to(RunState::RolledBack))
        .await
        .unwrap();
    assert_eq!(
        state().await,
        InstanceState::Stopped,
        "nor has that left any"
    );
}

/// Takes the instance of a customer that is switched off away, as a removal does.
async fn removed_is_stopped(store: &dyn Store, customer: &Customer) {
    let removal = NewRun {
        purpose: Purpose::Deprovision,
        ..new_run(customer)
    };
    let (_, lease) = store.add_run(removal, "one", LEASE).await.unwrap();
    let entry = JournalEntry {
        customer: Some(CustomerPatch {
            production_url: Some(None),
            ..CustomerPatch::default()
        }),
        ..to(RunState::Succeeded)
    };
    store.journal(&lease, entry).await.unwrap();
}
