//! Customers one by one, and imports.

use std::{collections::BTreeSet, sync::Arc};

use fabrik_domain::{
    Cause, Problem,
    customer::{Customer, CustomerPatch, CustomerStatus, InstanceState, NewCustomer},
    id::CustomerId,
    language::Language,
    resource::{Origin, Resource, ResourceKind, ResourceState},
    run::{Purpose, RunState},
};
use fabrik_store::{
    CustomerCounts, CustomerQuery, Inserted, JournalEntry, NewRun, Progress, RunQuery, Store,
};

use super::{
    Backend,
    samples::{LEASE, add, audit, begin, named, new_run, resource, to},
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

pub async fn plans_and_blueprints_are_counted(backend: &impl Backend) {
    let store = backend.open();
    assert_eq!(
        store.customer_counts().await.unwrap(),
        CustomerCounts::default(),
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
    let counts = store.customer_counts().await.unwrap();
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
