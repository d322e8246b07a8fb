//! Imports: each row is judged by itself, and one that is stopped leaves nothing.

use std::sync::Arc;

use fabrik_domain::{Cause, customer::NewCustomer};
use fabrik_store::{CustomerQuery, Inserted, Progress};

use super::{
    Backend,
    samples::{add, audit, named},
};

pub async fn an_import_that_is_stopped_leaves_nothing(backend: &impl Backend) {
    let store = backend.open();
    let rows: Vec<_> = (0..5000)
        .map(|number| {
            let name = format!("kund-{number}");
            (named(&name, &name), name)
        })
        .collect();
    let before = store.last_change().await.unwrap();
    let progress = Arc::new(Progress::default());
    let import = store.import_customers(rows, false, audit("x"), Arc::clone(&progress));
    let stop = async {
        while progress.now().0 == 0 {
            tokio::task::yield_now().await;
        }
        progress.stop();
    };
    let (stopped, ()) = tokio::join!(import, stop);
    assert_eq!(*stopped.unwrap_err().cause, Cause::ImportStopped);
    let list = store.customers(CustomerQuery::default()).await.unwrap();
    assert_eq!(list.total, 0, "of {:?}", progress.now());
    assert_eq!(
        store.last_change().await.unwrap(),
        before,
        "and nobody is told"
    );
    assert!(store.audit_log(None, 0).await.unwrap().is_empty());
}

pub async fn an_import_judges_each_row(backend: &impl Backend) {
    let store = backend.open();
    add(&*store, "Åberg", "aberg").await;
    let rows = vec![
        (named("One", "one"), "one".to_owned()),
        (named("Taken", "aberg"), "taken".to_owned()),
        (named("One again", "one"), "one-again".to_owned()),
        (named("Two", "two"), "two".to_owned()),
    ];
    let before = store.last_change().await.unwrap();
    let tried = store
        .import_customers(rows.clone(), true, audit("x"), Arc::default())
        .await
        .unwrap();
    assert_eq!(
        store
            .customers(CustomerQuery::default())
            .await
            .unwrap()
            .total,
        1,
        "a dry run"
    );
    assert_eq!(
        store.last_change().await.unwrap(),
        before,
        "a dry run changes nothing"
    );
    let done = store
        .import_customers(rows, false, audit("customers.imported"), Arc::default())
        .await
        .unwrap();
    for verdicts in [&tried, &done] {
        assert_eq!(verdicts.len(), 4);
        assert!(matches!(&verdicts[0], Inserted::Added(customer) if customer.name == "One"));
        for (place, other) in [(1, "Åberg"), (2, "One")] {
            assert!(
                matches!(&verdicts[place], Inserted::Refused(problem)
                    if matches!(&*problem.cause, Cause::SubdomainTaken { customer, .. } if customer == other)),
                "row {place} is refused because of {other}"
            );
        }
        assert!(matches!(&verdicts[3], Inserted::Added(customer) if customer.name == "Two"));
    }
    assert_eq!(
        store
            .customers(CustomerQuery::default())
            .await
            .unwrap()
            .total,
        3
    );
    assert_eq!(
        store.changes_since(before).await.unwrap().len(),
        1,
        "one hint for the many"
    );
    assert_eq!(
        store.audit_log(None, 1).await.unwrap()[0].entry.action,
        "customers.imported"
    );
}

pub async fn an_import_names_what_is_taken_of_each_row(backend: &impl Backend) {
    let store = backend.open();
    add(&*store, "Åberg", "aberg").await;
    let seven = |name: &str| {
        let new = NewCustomer {
            external_id: Some("7".to_owned()),
            ..named(name, name)
        };
        (new, name.to_owned())
    };
    let rows = vec![
        seven("one"),
        (named("All of it", "aberg"), "aberg".to_owned()),
        (named("Two", "two"), "two".to_owned()),
        (named("Slug", "slug"), "aberg".to_owned()),
        seven("three"),
        (named("Four", "four"), "four".to_owned()),
    ];
    let done = store
        .import_customers(rows, false, audit("x"), Arc::default())
        .await
        .unwrap();
    let told: Vec<_> = done
        .into_iter()
        .map(|verdict| match verdict {
            Inserted::Added(_) => None,
            Inserted::Refused(problem) => Some(*problem.cause),
        })
        .collect();
    let aberg = || ("aberg".to_owned(), "Åberg".to_owned());
    let (subdomain, customer) = aberg();
    let subdomain = Cause::SubdomainTaken {
        subdomain,
        customer,
    };
    let (slug, customer) = aberg();
    let slug = Cause::SlugTaken { slug, customer };
    let external_id = Cause::ExternalIdTaken {
        external_id: "7".to_owned(),
        customer: "one".to_owned(),
    };
    let expected = [
        None,
        Some(subdomain),
        None,
        Some(slug),
        Some(external_id),
        None,
    ];
    assert_eq!(told, expected);
}
