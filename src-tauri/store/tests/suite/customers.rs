//! Customers one by one.

use fabrik_domain::{
    Cause, Problem,
    customer::{Customer, CustomerPatch, CustomerStatus, NewCustomer},
    id::CustomerId,
    language::Language,
    resource::{Origin, ResourceKind, ResourceState},
    run::RunState,
};
use fabrik_store::{CustomerQuery, JournalEntry, RunQuery};

use super::{
    Backend,
    samples::{add, audit, begin, named, resource, to},
};

pub async fn every_field_is_read_back_as_it_was_written(backend: &impl Backend) {
    let store = backend.open();
    let new = NewCustomer {
        contact_name: Some("Anna Åkermark".to_owned()),
        language: Language::Sv,
        credits: -12,
        external_id: Some("ckx81".to_owned()),
        status: CustomerStatus::Active,
        production_url: Some("https://akermark.se".to_owned()),
        github_repo_url: Some("https://github.com/norrform/akermark".to_owned()),
        supabase_project_ref: Some("abcdefghijklmnopqrst".to_owned()),
        database_url: Some("env:DATABASE_URL_AKERMARK".parse().unwrap()),
        source: Some("db.example:5432/agency public.clients".to_owned()),
        ..named("Åkermark \"AB\"; --", "akermark")
    };
    let added = store
        .add_customer(
            new.clone(),
            "akermark-ab".to_owned(),
            audit("customer.added"),
        )
        .await
        .unwrap();
    let read = backend.open().customer(added.id).await.unwrap();
    assert_eq!(read, added, "another process reads what was answered");
    assert_eq!(
        NewCustomer {
            name: read.name,
            subdomain: read.subdomain,
            contact_email: read.contact_email,
            contact_name: read.contact_name,
            blueprint: read.blueprint,
            plan: read.plan,
            language: read.language,
            modules: read.modules,
            credits: read.credits,
            external_id: read.external_id,
            status: read.status,
            production_url: read.production_url,
            github_repo_url: read.github_repo_url,
            supabase_project_ref: read.supabase_project_ref,
            database_url: read.database_url,
            source: read.source,
        },
        new
    );
}

pub async fn an_edit_changes_what_it_names(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let patch = CustomerPatch {
        name: Some("Öberg".to_owned()),
        status: Some(CustomerStatus::Inactive),
        production_url: Some(Some("https://oberg.se".to_owned())),
        ..CustomerPatch::default()
    };
    backend.pass(std::time::Duration::from_secs(5));
    let edited = store
        .edit_customer(customer.id, patch, audit("customer.edited"))
        .await
        .unwrap();
    assert_eq!(edited.slug, customer.slug, "the slug never changes");
    assert!(edited.updated_at > customer.updated_at && edited.created_at == customer.created_at);
    assert_eq!(store.customer(customer.id).await.unwrap(), edited);

    let patch = CustomerPatch {
        production_url: Some(None),
        ..CustomerPatch::default()
    };
    let emptied = store
        .edit_customer(customer.id, patch, audit("customer.edited"))
        .await
        .unwrap();
    assert_eq!(emptied.production_url, None);
    assert_eq!(emptied.name, "Öberg");

    let reference = "keyring:v1/a/b".parse().unwrap();
    store
        .set_database_url(customer.id, &reference, audit("customer.edited"))
        .await
        .unwrap();
    assert_eq!(
        store.customer(customer.id).await.unwrap().database_url,
        Some(reference)
    );

    let search = CustomerQuery {
        search: Some("oberg".to_owned()),
        ..CustomerQuery::default()
    };
    assert_eq!(
        store.customers(search).await.unwrap().total,
        1,
        "found by the new name"
    );
    let nobody = store
        .edit_customer(CustomerId::new(), CustomerPatch::default(), audit("x"))
        .await;
    assert!(matches!(
        *nobody.unwrap_err().cause,
        Cause::CustomerUnknown { .. }
    ));
}

pub async fn many_edits_are_judged_each_by_itself(backend: &impl Backend) {
    let store = backend.open();
    let one = add(&*store, "One", "one").await;
    let two = add(&*store, "Two", "two").await;
    let nobody = CustomerId::new();
    let called = |name: &str| CustomerPatch {
        name: Some(name.to_owned()),
        ..CustomerPatch::default()
    };
    let at_one = CustomerPatch {
        subdomain: Some("one".to_owned()),
        ..called("Two at one")
    };
    let edits = [
        (one.id, called("First")),
        (two.id, at_one),
        (nobody, called("Nobody")),
        (two.id, called("Second")),
    ];
    let edits = edits.map(|(id, patch)| (id, patch, audit("customer.followed")));
    let refused = store.edit_customers(edits.into()).await.unwrap();
    let codes: Vec<_> = refused
        .iter()
        .map(|refused| refused.as_ref().map(Problem::code))
        .collect();
    let codes: Vec<_> = codes.iter().map(Option::as_deref).collect();
    let expected = [
        None,
        Some("subdomain_taken"),
        Some("customer_unknown"),
        None,
    ];
    assert_eq!(codes, expected);
    let read = backend.open();
    assert_eq!(read.customer(one.id).await.unwrap().name, "First");
    let two = read.customer(two.id).await.unwrap();
    assert_eq!(
        (two.name.as_str(), two.subdomain.as_str()),
        ("Second", "two")
    );
    let log = read.audit_log(None, 0).await.unwrap();
    let followed = log
        .iter()
        .filter(|audit| audit.entry.action == "customer.followed");
    assert_eq!(followed.count(), 2, "what was refused is not in it");
}

pub async fn a_project_is_held_by_record_and_by_runs(backend: &impl Backend) {
    let store = backend.open();
    let one = add(&*store, "One", "one").await;
    let two = add(&*store, "Two", "two").await;
    let holder = async |reference: &str, of: &Customer| {
        let held = store.project_holder(reference, of.id).await.unwrap();
        held.map(|customer| customer.id)
    };
    assert_eq!(holder("abcdefghijklmnopqrst", &one).await, None);
    let patch = CustomerPatch {
        supabase_project_ref: Some(Some("abcdefghijklmnopqrst".to_owned())),
        ..CustomerPatch::default()
    };
    let edited = store.edit_customer(one.id, patch, audit("x")).await;
    edited.unwrap();
    assert_eq!(holder("abcdefghijklmnopqrst", &one).await, None, "its own");
    assert_eq!(holder("abcdefghijklmnopqrst", &two).await, Some(one.id));

    let (run, lease) = begin(&*store, &two, "one").await;
    let mut made = resource(&run, ResourceState::Live, Origin::Created);
    made.kind = ResourceKind::SupabaseProject;
    for (state, held) in [
        (ResourceState::Live, Some(two.id)),
        (ResourceState::Leftover, Some(two.id)),
        (ResourceState::Removed, None),
        (ResourceState::LetGo, None),
    ] {
        made.state = state;
        let entry = JournalEntry {
            resources: vec![made.clone()],
            ..JournalEntry::default()
        };
        store.journal(&lease, entry).await.unwrap();
        assert_eq!(holder(&made.id, &one).await, held, "{state:?}");
        assert_eq!(holder(&made.id, &two).await, None, "its own: {state:?}");
    }
    made.state = ResourceState::Live;
    made.origin = Origin::Adopted;
    let entry = JournalEntry {
        resources: vec![made.clone()],
        ..JournalEntry::default()
    };
    store.journal(&lease, entry).await.unwrap();
    assert_eq!(
        holder(&made.id, &one).await,
        None,
        "only the record says so"
    );
}

pub async fn a_removal_waits_for_runs_and_resources(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &customer, "one").await;
    let refused = store
        .remove_customer(customer.id, audit("x"))
        .await
        .unwrap_err();
    assert_eq!(*refused.cause, Cause::RunActive { run: run.id });

    let mut made = resource(&run, ResourceState::Live, Origin::Created);
    let found = resource(&run, ResourceState::Live, Origin::Adopted);
    let entry = JournalEntry {
        resources: vec![made.clone(), found],
        ..JournalEntry::default()
    };
    store.journal(&lease, entry).await.unwrap();
    store.journal(&lease, to(RunState::Failed)).await.unwrap();
    let refused = store
        .remove_customer(customer.id, audit("x"))
        .await
        .unwrap_err();
    assert_eq!(
        *refused.cause,
        Cause::CustomerHasInstance {
            customer: "Åberg".to_owned()
        }
    );

    made.state = ResourceState::Removed;
    let lease = store
        .renew_lease(&lease, super::samples::LEASE)
        .await
        .unwrap();
    let entry = JournalEntry {
        resources: vec![made],
        ..JournalEntry::default()
    };
    store.journal(&lease, entry).await.unwrap();
    store
        .remove_customer(customer.id, audit("customer.removed"))
        .await
        .unwrap();

    assert!(store.customer(customer.id).await.is_err());
    assert!(store.runs(RunQuery::default()).await.unwrap().is_empty());
    assert!(matches!(
        *store.steps(run.id).await.unwrap_err().cause,
        Cause::RunUnknown { .. }
    ));
    assert!(store.resources(customer.id).await.unwrap().is_empty());
    let log = store.audit_log(Some(customer.id), 0).await.unwrap();
    let actions: Vec<_> = log
        .iter()
        .map(|audit| audit.entry.action.as_str())
        .collect();
    assert_eq!(
        actions,
        ["customer.removed", "customer.added"],
        "the audit outlives the customer"
    );
    store.check().await.unwrap();

    let again = add(&*store, "Åberg", "aberg").await;
    let (next, _) = begin(&*store, &again, "one").await;
    assert!(
        next.number > run.number,
        "a run's number is never given twice"
    );
}
