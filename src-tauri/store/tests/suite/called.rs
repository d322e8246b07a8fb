//! What a customer goes by: its subdomain, its slug, and the id of an older system.

use std::{collections::BTreeSet, sync::Arc};

use fabrik_domain::{
    Cause, Problem,
    customer::{Customer, CustomerPatch, NewCustomer},
    id::CustomerId,
    resource::{Origin, Resource, ResourceKind, ResourceState},
    run::RunState,
};
use fabrik_store::{Inserted, JournalEntry, Store};

use super::{
    Backend,
    samples::{LEASE, add, audit, begin, named, new_run, resource, to},
};

pub async fn of_two_that_would_be_called_alike_one_is_refused(backend: &impl Backend) {
    let store = backend.open();
    let client = |name: &str, id: Option<&str>| NewCustomer {
        blueprint: "client-stack".to_owned(),
        external_id: id.map(str::to_owned),
        ..named(name, name)
    };
    let code = |result: Result<Customer, fabrik_domain::Problem>| {
        result.map_or_else(|problem| problem.code(), |_| String::new())
    };
    let add = async |name: &str, id: Option<&str>| {
        let added = store.add_customer(client(name, id), name.to_owned(), audit("x"));
        code(added.await)
    };
    assert_eq!(
        add("ett", Some("A/7")).await,
        "",
        "nothing is said of blueprints"
    );
    assert_eq!(add("alike", Some("A-7")).await, "");
    store.set_named_by_external_id(BTreeSet::from(["client-stack".to_owned()]));
    assert_eq!(add("tva", Some("B/7")).await, "");
    assert_eq!(add("tre", Some("B-7")).await, "external_id_alike");
    assert_eq!(add("b-7", None).await, "slug_taken");
    let (one, other) = tokio::join!(add("fyra", Some("C/7")), add("fem", Some("C-7")));
    let mut both = [one, other];
    both.sort();
    assert_eq!(both, ["", "external_id_alike"], "at once");

    let rows = [("rad-1", "b.7"), ("rad-2", "D/7"), ("rad-3", "d-7")];
    let rows = rows.map(|(name, id)| (client(name, Some(id)), name.to_owned()));
    let import = async || {
        let done = store.import_customers(rows.to_vec(), false, audit("x"), Arc::default());
        let verdicts = done.await.unwrap().into_iter();
        let code = |verdict: Inserted| match verdict {
            Inserted::Added(_) => String::new(),
            Inserted::Refused(problem) => problem.code(),
        };
        verdicts.map(code).collect::<Vec<_>>()
    };
    let alike = "external_id_alike";
    assert_eq!(import().await, [alike, "", alike], "also of one file");
    let again = import().await;
    assert_eq!((&*again[0], &*again[2]), (alike, alike), "{again:?}");
    assert!(!["", alike].contains(&&*again[1]), "its own: {again:?}");

    let by = async |name: &str| store.find_customer(name).await.unwrap().id;
    let to = |id: &str| CustomerPatch {
        external_id: Some(Some(id.to_owned())),
        ..CustomerPatch::default()
    };
    let edit = async |name: &str, patch: CustomerPatch| {
        let id = by(name).await;
        code(store.edit_customer(id, patch, audit("x")).await)
    };
    assert_eq!(edit("ett", to("B_7")).await, "external_id_alike");
    assert_eq!(edit("tva", to("E/7")).await, "");
    assert_eq!(edit("ett", to("B_7")).await, "", "it is free by now");
    let plan = CustomerPatch {
        plan: Some("large".to_owned()),
        ..CustomerPatch::default()
    };
    assert_eq!(edit("alike", plan).await, "", "it is called as it was");
    let edits = vec![(by("alike").await, to("e-7"), audit("x"))];
    let refused = store.edit_customers(edits).await.unwrap();
    let refused = refused.into_iter().flatten().map(|problem| problem.code());
    assert_eq!(refused.collect::<Vec<_>>(), ["external_id_alike"]);
}

pub async fn who_was_there_before_is_called_by_its_id_too(backend: &impl Backend) {
    let of = |blueprint: &str, name: &str, id: &str| NewCustomer {
        blueprint: blueprint.to_owned(),
        external_id: Some(id.to_owned()),
        ..named(name, name)
    };
    let add = async |store: &dyn Store, new: NewCustomer| {
        let slug = new.name.clone();
        let added = store.add_customer(new, slug, audit("x")).await;
        added.map_or_else(|problem| problem.code(), |_| String::new())
    };
    let before = backend.open();
    for new in [
        of("client-stack", "ett", "A/7"),
        of("own-stack", "tva", "B/7"),
        of("factory", "tre", "C/7"),
    ] {
        let added = add(&*before, new).await;
        assert_eq!(added, "", "nothing is said of blueprints");
    }
    let store = backend.open();
    let client = |name: &str, id: &str| of("client-stack", name, id);
    let set_named = |blueprints: &[&str]| {
        let blueprints = blueprints.iter().map(ToString::to_string);
        store.set_named_by_external_id(blueprints.collect());
    };
    set_named(&["client-stack"]);
    let alike = "external_id_alike";
    assert_eq!(add(&*store, client("fyra", "A-7")).await, alike);
    set_named(&["client-stack", "own-stack"]);
    assert_eq!(add(&*store, client("fem", "B-7")).await, alike, "as late");
    let other = add(&*store, client("sex", "C-7")).await;
    assert_eq!(other, "", "its blueprint goes by something else");

    // While it went by something else.
    set_named(&["own-stack"]);
    assert_eq!(add(&*store, client("sju", "D/7")).await, "");
    set_named(&["client-stack", "own-stack"]);
    assert_eq!(add(&*store, client("atta", "D-7")).await, alike);
}

pub async fn by_another_id_it_is_of_no_table(backend: &impl Backend) {
    let store = backend.open();
    let table = "db.example:5432/agency public.clients";
    let new = NewCustomer {
        external_id: Some("7".to_owned()),
        source: Some(table.to_owned()),
        ..named("Åberg", "aberg")
    };
    let slug = "aberg".to_owned();
    let added = store.add_customer(new, slug, audit("customer.added")).await;
    let id = added.unwrap().id;
    let change = async |patch: CustomerPatch| {
        let changed = store
            .edit_customer(id, patch, audit("customer.edited"))
            .await;
        let read = backend.open().customer(id).await.unwrap();
        assert_eq!(changed.unwrap(), read, "it is written");
        read.source
    };
    let external_id = |id: &str| CustomerPatch {
        external_id: Some(Some(id.to_owned())),
        ..CustomerPatch::default()
    };
    assert_eq!(change(external_id("7")).await.as_deref(), Some(table));
    assert_eq!(change(external_id("8")).await, None, "row 8 is another's");
    let found = CustomerPatch {
        source: Some(Some(table.to_owned())),
        ..external_id("9")
    };
    assert_eq!(change(found).await.as_deref(), Some(table));
}

pub async fn unique_fields_name_the_customer_that_has_them(backend: &impl Backend) {
    let store = backend.open();
    let first = NewCustomer {
        external_id: Some("7".to_owned()),
        ..named("Åberg", "aberg")
    };
    store
        .add_customer(first, "aberg".to_owned(), audit("customer.added"))
        .await
        .unwrap();

    let same_subdomain = store
        .add_customer(named("Other", "aberg"), "other".to_owned(), audit("x"))
        .await;
    assert_eq!(
        *same_subdomain.unwrap_err().cause,
        Cause::SubdomainTaken {
            subdomain: "aberg".to_owned(),
            customer: "Åberg".to_owned()
        }
    );
    let same_slug = store
        .add_customer(named("Aberg", "aberg2"), "aberg".to_owned(), audit("x"))
        .await;
    assert_eq!(
        *same_slug.unwrap_err().cause,
        Cause::SlugTaken {
            slug: "aberg".to_owned(),
            customer: "Åberg".to_owned()
        }
    );
    let other = add(&*store, "Other", "other").await;
    let patch = CustomerPatch {
        external_id: Some(Some("7".to_owned())),
        ..CustomerPatch::default()
    };
    let same_external_id = store.edit_customer(other.id, patch, audit("x")).await;
    assert_eq!(
        *same_external_id.unwrap_err().cause,
        Cause::ExternalIdTaken {
            external_id: "7".to_owned(),
            customer: "Åberg".to_owned()
        }
    );
    assert_eq!(
        store.customer(other.id).await.unwrap(),
        other,
        "a refused edit changes nothing"
    );
    let kept = store.audit_log(None, 0).await.unwrap();
    assert_eq!(kept.len(), 2, "what was refused is not in the audit log");
}

pub async fn a_customer_is_found_as_people_name_it(backend: &impl Backend) {
    let store = backend.open();
    let one = add(&*store, "Åberg Bygg", "bygg").await;
    let new = NewCustomer {
        external_id: Some("Cuid1".to_owned()),
        ..named("Two", "two")
    };
    let two = store
        .add_customer(new, "second".to_owned(), audit("x"))
        .await
        .unwrap();
    for (text, id) in [
        (one.id.to_string().as_str(), one.id),
        ("bygg", one.id),
        (" BYGG ", one.id),
        ("aberg-bygg", one.id),
        ("Cuid1", two.id),
        ("second", two.id),
    ] {
        assert_eq!(store.find_customer(text).await.unwrap().id, id, "{text:?}");
    }
    let new = NewCustomer {
        external_id: Some("second".to_owned()),
        ..named("Three", "three")
    };
    store
        .add_customer(new, "three".to_owned(), audit("x"))
        .await
        .unwrap();
    for text in ["second", "cuid1", "", "%", &CustomerId::new().to_string()] {
        let found = store.find_customer(text).await;
        assert!(
            matches!(*found.unwrap_err().cause, Cause::CustomerUnknown { .. }),
            "{text:?} is nobody, or could be two"
        );
    }
    assert_eq!(store.subdomain_owner("two").await.unwrap(), Some(two));
    assert_eq!(store.subdomain_owner("second").await.unwrap(), None);
}

pub async fn a_subdomain_stays_for_as_long_as_something_goes_by_it(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let to_other = || CustomerPatch {
        subdomain: Some("annat".to_owned()),
        ..CustomerPatch::default()
    };
    // By another process, alone or among others: what it refuses is kept out where it is written.
    let kept = async |when: &str| {
        let other = backend.open();
        let in_use = Problem::from(Cause::SubdomainInUse {
            subdomain: "aberg".to_owned(),
        });
        let edited = other.edit_customer(customer.id, to_other(), audit("x"));
        assert_eq!(edited.await, Err(in_use.clone()), "{when}");
        let edits = vec![(customer.id, to_other(), audit("x"))];
        let refused = other.edit_customers(edits).await.unwrap();
        assert_eq!(refused, [Some(in_use)], "{when}");
        let patch = CustomerPatch {
            name: Some("Öberg".to_owned()),
            subdomain: Some("aberg".to_owned()),
            ..CustomerPatch::default()
        };
        let edited = other.edit_customer(customer.id, patch, audit("x")).await;
        assert!(edited.is_ok(), "{when}: the rest changes: {edited:?}");
    };
    let goes_by_it = async || backend.open().goes_by_subdomain(customer.id).await.unwrap();
    assert!(!goes_by_it().await, "nothing is there");
    let (run, lease) = begin(&*store, &customer, "one").await;
    for state in RunState::OPEN {
        store.journal(&lease, to(state)).await.unwrap();
        assert!(goes_by_it().await, "while {state:?}");
        kept(state.key()).await;
    }
    let mail = Resource {
        kind: ResourceKind::Mail,
        ..resource(&run, ResourceState::Live, Origin::Created)
    };
    let mut made = resource(&run, ResourceState::Live, Origin::Created);
    store.journal(&lease, to(RunState::Failed)).await.unwrap();
    let write = async |resources: Vec<Resource>| {
        let entry = JournalEntry {
            resources,
            ..JournalEntry::default()
        };
        store.journal(&lease, entry).await.unwrap();
    };
    write(vec![mail]).await;
    for (state, is_there) in [
        (ResourceState::Intended, true),
        (ResourceState::Live, true),
        (ResourceState::Leftover, true),
        (ResourceState::Removed, false),
        (ResourceState::LetGo, false),
    ] {
        made.state = state;
        write(vec![made.clone()]).await;
        assert_eq!(goes_by_it().await, is_there, "{state:?}");
        // Whoever has the run is about to take it on.
        kept(&format!("{state:?}")).await;
    }
    store.release_lease(&lease).await.unwrap();
    let edited = store.edit_customer(customer.id, to_other(), audit("x"));
    assert_eq!(edited.await.unwrap().subdomain, "annat");
}

pub async fn what_is_named_by_an_earlier_subdomain_is_not_begun(backend: &impl Backend) {
    let store = backend.open();
    let before = add(&*store, "Åberg", "aberg").await;
    let patch = CustomerPatch {
        subdomain: Some("annat".to_owned()),
        ..CustomerPatch::default()
    };
    let another = backend.open();
    let edited = another.edit_customer(before.id, patch, audit("x"));
    let customer = edited.await.unwrap();
    let renamed = Problem::from(Cause::SubdomainChanged {
        before: "aberg".to_owned(),
        subdomain: "annat".to_owned(),
    });
    let refused = store.add_run(new_run(&before), "one", LEASE).await;
    assert_eq!(refused.map(drop), Err(renamed));
    begin(&*store, &customer, "one").await;
}
