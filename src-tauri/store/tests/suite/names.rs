//! Names that somebody chose to do harm (S6): a database takes them for text and gives them back as they were.

use std::sync::Arc;

use fabrik_domain::customer::NewCustomer;
use fabrik_store::{CustomerQuery, Inserted, NewAudit};

use super::{
    Backend,
    samples::{add, audit, named},
};

/// All in one import, and so in one transaction. Those too that no customer may have: a store knows no rule for names.
pub async fn a_naughty_name_is_kept_as_it_is(backend: &impl Backend) {
    let proof = backend.proof_of_names();
    let naughty: Vec<String> =
        serde_json::from_str(include_str!("../../../../tests/naughty.json")).unwrap();
    let store = backend.open();
    let before = add(&*store, "Åberg", "aberg").await;
    let rows = naughty.iter().enumerate().map(|(number, text)| {
        let subdomain = format!("kund-{number}");
        let new = NewCustomer {
            contact_name: Some(text.clone()),
            external_id: Some(text.clone()),
            ..named(text, &subdomain)
        };
        (new, subdomain)
    });
    let told = NewAudit {
        facts: serde_json::json!({ "names": naughty }),
        ..audit("customers.imported")
    };
    let verdicts = store
        .import_customers(rows.collect(), false, told.clone(), Arc::default())
        .await
        .unwrap();
    assert_eq!(verdicts.len(), naughty.len());

    // As another process reads them.
    let store = backend.open();
    for (text, verdict) in naughty.iter().zip(verdicts) {
        let Inserted::Added(added) = &verdict else {
            panic!("{text:?}: {verdict:?}");
        };
        let read = store.customer(added.id).await.unwrap();
        assert_eq!(read, **added, "{text:?}: as it was answered");
        assert_eq!(read.name, *text);
        assert_eq!(read.contact_name.as_ref(), Some(text));
        assert_eq!(read.external_id.as_ref(), Some(text));
        let search = CustomerQuery {
            search: Some(text.clone()),
            ..CustomerQuery::default()
        };
        let found = store.customers(search).await.unwrap().rows;
        assert!(
            found.iter().any(|one| one.id == added.id),
            "{text:?} is found by itself"
        );
        proof.held(1);
    }
    let log = store.audit_log(None, 0).await.unwrap();
    assert_eq!(log[0].entry, told, "the newest, word for word");
    let list = store.customers(CustomerQuery::default()).await.unwrap();
    assert_eq!(list.total, naughty.len() as u64 + 1, "nobody is gone");
    assert_eq!(store.customer(before.id).await.unwrap(), before);
    store.check().await.unwrap();
}
