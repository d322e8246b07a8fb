//! Links that lead elsewhere, written into the records past Fabrik, and asked for by the page (S9): the system's browser
//! is started for none of them.

use std::{collections::BTreeMap, time::Duration};

use fabrik_blueprints::load_built_in;
use fabrik_domain::{
    customer::{Customer, CustomerPatch},
    id::{ResourceId, RunId},
    provider::Provider,
    resource::{Origin, Resource, ResourceKind, ResourceState},
    run::{OnFailure, Purpose, RunState, Snapshot},
};
use fabrik_store::{JournalEntry, NewAudit, NewRun, RunChange, SqliteStore, Store};
use fabrik_tests::links::{NO_SITES, NOT_AT_GITHUB};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::{desktop::Desktop, guard::invoke, page::Page};
use crate::stripe::store_at;

/// How long the browser may take to be started.
const PATIENCE: Duration = Duration::from_secs(10);

/// As a resource's page at its vendor: beside those that the use case's own test has.
const NOT_AT_THE_VENDOR: [(Provider, &str); 4] = [
    (Provider::GitHub, "https://vercel.com/x"),
    (Provider::Vercel, "file:///etc/passwd"),
    (Provider::Resend, "http://resend.com/x"),
    (Provider::Stripe, "https://stripe.com.evil.se/x"),
];

/// What is opened, so that the rest would have been.
const SITE: &str = "https://akermark.norrform.se/x?a=b#c";
const REPOSITORY: &str = "https://github.com/norrform/akermark";
const PROJECT: (Provider, &str) = (Provider::Supabase, "https://supabase.com/dashboard/x");

/// Gives how many were refused.
pub(super) async fn none_leads_elsewhere(page: &Page, desktop: &Desktop) -> usize {
    let wish = json!({
        "name": "Åkermark", "subdomain": "akermark", "contact_email": "anna@akermark.example",
        "contact_name": null, "blueprint": "factory", "plan": "starter", "language": "sv", "modules": [],
    });
    let added = call(page, "customer_add", json!({ "new": wish })).await;
    let customer: Customer = serde_json::from_value(added["answer"].clone())
        .unwrap_or_else(|error| panic!("{error}: {added}"));
    let store = store_at(&desktop.data().join("test/central.db"));
    let before = desktop.opened();

    for url in NO_SITES {
        let refused = open_site(page, &store, &customer, url).await;
        assert_eq!(refused["error"]["code"], "link_refused", "{url}: {refused}");
    }
    for url in NOT_AT_GITHUB {
        let refused = open_repository(page, &store, &customer, url).await;
        assert_eq!(refused["error"]["code"], "link_refused", "{url}: {refused}");
    }
    let pages: Vec<_> = NOT_AT_THE_VENDOR.into_iter().chain([PROJECT]).collect();
    let rows = write_resources(&store, &customer, &pages).await;
    let (last, others) = rows.split_last().unwrap();
    for row in others {
        let refused = open_resource(page, row).await;
        assert_eq!(
            refused["error"]["code"], "link_refused",
            "{row:?}: {refused}"
        );
    }

    let opened = [
        open_site(page, &store, &customer, SITE).await,
        open_repository(page, &store, &customer, REPOSITORY).await,
        open_resource(page, last).await,
    ];
    for answer in opened {
        assert_eq!(answer, json!({ "answer": null }), "it is opened");
    }
    let wanted = format!("{before}{SITE}\n{REPOSITORY}\n{}\n", PROJECT.1);
    let seen = async {
        while desktop.opened().len() < wanted.len() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    let _ = timeout(PATIENCE, seen).await;
    assert_eq!(desktop.opened(), wanted, "these, and none of the others");
    NO_SITES.len() + NOT_AT_GITHUB.len() + others.len()
}

async fn call(page: &Page, name: &str, arguments: Value) -> Value {
    let call = json!({ "name": name, "arguments": arguments });
    invoke(page, "call", &call).await
}

async fn open_site(page: &Page, store: &SqliteStore, customer: &Customer, url: &str) -> Value {
    let patch = CustomerPatch {
        production_url: Some(Some(url.to_owned())),
        ..CustomerPatch::default()
    };
    open_link(page, store, customer, patch, "production").await
}

async fn open_repository(
    page: &Page,
    store: &SqliteStore,
    customer: &Customer,
    url: &str,
) -> Value {
    let patch = CustomerPatch {
        github_repo_url: Some(Some(url.to_owned())),
        ..CustomerPatch::default()
    };
    open_link(page, store, customer, patch, "github").await
}

async fn open_link(
    page: &Page,
    store: &SqliteStore,
    customer: &Customer,
    patch: CustomerPatch,
    target: &str,
) -> Value {
    let audit = NewAudit {
        operator: "mallory@elsewhere".to_owned(),
        action: "customer.changed".to_owned(),
        customer: Some(customer.id),
        run: None,
        facts: json!({}),
    };
    store
        .edit_customer(customer.id, patch, audit)
        .await
        .unwrap();
    let asked = json!({ "customer": customer.id, "target": target });
    call(page, "link_open", asked).await
}

async fn open_resource(page: &Page, row: &Resource) -> Value {
    let asked = json!({ "customer": row.customer, "resource": row.key });
    call(page, "resource_open", asked).await
}

/// Rows of a run that has ended.
async fn write_resources(
    store: &SqliteStore,
    customer: &Customer,
    pages: &[(Provider, &str)],
) -> Vec<Resource> {
    let new = NewRun {
        id: RunId::new(),
        customer: customer.id,
        purpose: Purpose::Provision,
        snapshot: Snapshot {
            blueprint: load_built_in("factory").unwrap(),
            customer: customer.clone(),
            settings: BTreeMap::new(),
            names: BTreeMap::new(),
        },
        on_failure: OnFailure::Keep,
        operator: "mallory@elsewhere".to_owned(),
        steps: Vec::new(),
        at: Timestamp::UNIX_EPOCH,
    };
    let (run, lease) = store
        .add_run(new, "elsewhere", Duration::from_mins(1))
        .await
        .unwrap();
    let rows: Vec<_> = pages
        .iter()
        .map(|(provider, url)| Resource {
            key: ResourceId::new(),
            customer: customer.id,
            run: run.id,
            step: "it".to_owned(),
            provider: *provider,
            // Of no link of the customer's own page.
            kind: ResourceKind::Workflows,
            id: (*url).to_owned(),
            name: "it".to_owned(),
            url: Some((*url).to_owned()),
            content_hash: None,
            origin: Origin::Created,
            state: ResourceState::Live,
            at: Timestamp::UNIX_EPOCH,
        })
        .collect();
    let ended = RunChange {
        state: RunState::Succeeded,
        reason: None,
        error: None,
        finished_at: Some(Timestamp::UNIX_EPOCH),
        undo_began_at: None,
    };
    let entry = JournalEntry {
        run: Some(ended),
        resources: rows.clone(),
        ..JournalEntry::default()
    };
    store.journal(&lease, entry).await.unwrap();
    rows
}
