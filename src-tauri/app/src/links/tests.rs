//! Links that lead elsewhere, and those that don't.

use std::sync::{Arc, Mutex};

use fabrik_domain::{
    blueprint::StepKind,
    customer::CustomerPatch,
    id::ResourceId,
    mail::{Mail, MailKind},
    resource::{Found, Origin, ResourceState},
    run::StepRecord,
};
use fabrik_store::JournalEntry;
use fabrik_tests::{
    Proof,
    links::{NO_SITES, NOT_AT_GITHUB},
};
use serde_json::json;

use super::*;
use crate::testing;

/// Links to this machine, where the workspace has no vendor: the rest are in `fabrik_tests::links`.
const SITES_HERE: &[&str] = &[
    "http://127.0.0.1:4000/_sites/akermark",
    "https://localhost:4000",
];
const GITHUB_HERE: &[&str] = &["http://127.0.0.1:4000/x", "http://[::1]:4000/x"];

/// A workspace, and the pages that were opened.
async fn app_with_browser() -> (tempfile::TempDir, App, Arc<Mutex<Vec<String>>>) {
    let (folder, mut app) = testing::app().await;
    let opened = Arc::<Mutex<Vec<String>>>::default();
    let browser = Arc::clone(&opened);
    app.browser = Some(Box::new(move |page| {
        browser.lock().unwrap().push(page.to_owned());
        true
    }));
    (folder, app, opened)
}

/// As if somebody who has the database had written it: the rules of the fields are not asked.
#[tokio::test]
async fn whatever_stands_in_the_records_only_pages_we_know_are_opened() {
    let proof = Proof::of(
        "S9",
        "links in the records that lead elsewhere: none is opened",
    );
    let (_folder, app, opened) = app_with_browser().await;
    let customer = app.customer_add(testing::new_customer()).await;
    let customer = customer.unwrap().id;
    let write = async |target, url: &str| {
        let link = Some(Some(url.to_owned()));
        let patch = match target {
            LinkTarget::GitHub => CustomerPatch {
                github_repo_url: link,
                ..CustomerPatch::default()
            },
            _ => CustomerPatch {
                production_url: link,
                ..CustomerPatch::default()
            },
        };
        let audit = app.audit("customer.changed", json!({}));
        app.store
            .edit_customer(customer, patch, audit)
            .await
            .unwrap();
        app.link_open(customer, target).await
    };
    let links = [
        (LinkTarget::Production, NO_SITES),
        (LinkTarget::Production, SITES_HERE),
        (LinkTarget::GitHub, NOT_AT_GITHUB),
        (LinkTarget::GitHub, GITHUB_HERE),
    ];
    for (target, urls) in links {
        for &url in urls {
            let refused = write(target, url).await;
            assert_eq!(refused, Err(Cause::LinkRefused.into()), "{url:?}");
        }
        proof.held(urls.len());
    }
    assert_eq!(*opened.lock().unwrap(), [""; 0], "none was opened");

    let good = [
        (LinkTarget::GitHub, "https://github.com/norrform/akermark"),
        (
            LinkTarget::Production,
            "https://akermark.norrform.se/x?a=b#c",
        ),
        (
            LinkTarget::Production,
            "http://127.0.0.1:4000/_sites/akermark",
        ),
    ];
    set(&app, "vercel.url", "http://127.0.0.1:4000").await;
    for (target, url) in good {
        write(target, url).await.unwrap();
    }
    assert_eq!(*opened.lock().unwrap(), good.map(|(_, url)| url));
    a_vendors_page_is_where_the_workspace_has_the_vendor(&proof).await;
}

#[tokio::test]
async fn the_page_that_mends_a_missing_vercel_app_is_opened() {
    let (_folder, app, opened) = app_with_browser().await;
    app.vercel_app_open().await.unwrap();
    // Where the workspace has the vendors on this machine, the app is at GitHub all the same.
    set(&app, "github.url", "http://127.0.0.1:4000").await;
    app.vercel_app_open().await.unwrap();
    assert_eq!(*opened.lock().unwrap(), [VERCEL_APP_PAGE; 2]);
}

#[tokio::test]
async fn what_is_gone_has_no_link() {
    let (_folder, app) = testing::app().await;
    let customer = app.customer_add(testing::new_customer()).await.unwrap();
    let repository = |state| Resource {
        key: ResourceId::new(),
        customer: customer.id,
        run: RunId::new(),
        step: "repo".to_owned(),
        provider: Provider::GitHub,
        kind: ResourceKind::Repository,
        id: "1".to_owned(),
        name: "akermark".to_owned(),
        url: Some("https://github.com/norrform/akermark".to_owned()),
        content_hash: None,
        origin: Origin::Created,
        state,
        at: app.clock.now(),
    };
    for (state, links) in [
        (ResourceState::Live, 1),
        (ResourceState::Leftover, 1),
        (ResourceState::Removed, 0),
        (ResourceState::LetGo, 0),
    ] {
        assert_eq!(
            of(&customer, &[repository(state)]).len(),
            links,
            "{state:?}"
        );
    }
}

async fn set(app: &App, setting: &str, url: &str) {
    let set = app.setting_set(setting.to_owned(), Some(url.to_owned()));
    set.await.unwrap();
}

/// Pages of vendors' that are none, in a workspace with an n8n and a Gitea of its own.
const ELSEWHERE: [(StepKind, &str); 20] = [
    (StepKind::SupabaseProject, "https://supabase.com.evil.se/x"),
    (StepKind::SupabaseProject, "https://abc.supabase.co/x"),
    (StepKind::SupabaseProject, "https://n8n.norrform.se/x"),
    (StepKind::SupabaseProject, "http://127.0.0.1:5432"),
    (StepKind::GithubRepo, "http://localhost:631"),
    (StepKind::GithubRepo, "https://git.norrform.se/x"),
    (StepKind::VercelProject, "https://vercel.com.evil.se/x"),
    (StepKind::VercelProject, "https://evil.vercel.app/x"),
    (StepKind::VercelProject, "http://127.0.0.1:4000/x"),
    (StepKind::N8nWorkflows, "https://evil.se/workflow/1"),
    (StepKind::N8nWorkflows, "https://n8n.norrform.se.evil.se/x"),
    (StepKind::N8nWorkflows, "https://x.n8n.norrform.se/x"),
    (StepKind::N8nWorkflows, "https://git.norrform.se/x"),
    (StepKind::N8nWorkflows, "http://127.0.0.1:5678/x"),
    (StepKind::N8nWorkflows, "https://user@n8n.norrform.se/x"),
    (StepKind::WorkflowBackup, "https://evil.se/x"),
    (
        StepKind::WorkflowBackup,
        "https://git.norrform.se@evil.se/x",
    ),
    (StepKind::WorkflowBackup, "https://n8n.norrform.se/x"),
    (StepKind::WorkflowBackup, "http://localhost:3000/x"),
    (StepKind::WorkflowBackup, "http://git.norrform.se/x"),
];

/// Pages that are.
const THERE: [(StepKind, &str); 5] = [
    (StepKind::SupabaseProject, "https://supabase.com/dashboard"),
    (StepKind::GithubRepo, "https://github.com/norrform/x"),
    (StepKind::VercelProject, "https://vercel.com/norrform/x"),
    (StepKind::N8nWorkflows, "https://n8n.norrform.se/workflow/1"),
    (StepKind::WorkflowBackup, "https://git.norrform.se/x/src"),
];

async fn a_vendors_page_is_where_the_workspace_has_the_vendor(proof: &Proof) {
    let (_folder, app, opened) = app_with_browser().await;
    set(&app, "n8n.url", "https://n8n.norrform.se").await;
    set(&app, "gitea.url", "https://git.norrform.se:3000/git").await;
    let pages = [ELSEWHERE.as_slice(), &THERE].concat();
    let mut steps = Vec::new();
    for (number, (kind, url)) in pages.iter().enumerate() {
        let candidate = Found {
            id: "it".to_owned(),
            name: "it".to_owned(),
            url: Some((*url).to_owned()),
            content_hash: None,
        };
        let asks = Cause::Ambiguous {
            name: "it".to_owned(),
            candidates: vec![candidate],
        };
        let mut step = StepRecord::new(format!("s{number}"), *kind, 1);
        step.error = Some(asks.into());
        steps.push(step);
    }
    let lease = testing::run_with(&app, "me", BTreeMap::new(), steps).await;
    let customer = app.store.run(lease.run).await.unwrap().customer;
    let rows: Vec<_> = pages
        .iter()
        .map(|(kind, url)| Resource {
            key: ResourceId::new(),
            customer,
            run: lease.run,
            step: "it".to_owned(),
            provider: kind.provider().unwrap(),
            kind: ResourceKind::Workflows,
            id: (*url).to_owned(),
            name: "it".to_owned(),
            url: Some((*url).to_owned()),
            content_hash: None,
            origin: Origin::Created,
            state: ResourceState::Live,
            at: app.clock.now(),
        })
        .collect();
    let entry = JournalEntry {
        resources: rows.clone(),
        ..JournalEntry::default()
    };
    app.store.journal(&lease, entry).await.unwrap();
    for (number, row) in rows.iter().enumerate() {
        let of_row = app.resource_open(customer, row.key.to_string()).await;
        let step = format!("s{number}");
        let of_step = app.candidate_open(lease.run, step, "it".to_owned()).await;
        let expected: Result<(), Problem> = if number < ELSEWHERE.len() {
            Err(Cause::LinkRefused.into())
        } else {
            Ok(())
        };
        let told = format!("{:?}", pages[number]);
        assert_eq!((of_row, of_step), (expected.clone(), expected), "{told}");
    }
    assert_eq!(opened.lock().unwrap().len(), 2 * THERE.len());
    proof.held(2 * ELSEWHERE.len());
    a_mail_links_to_no_other(&app, lease.run).await;
    for provider in [Provider::N8n, Provider::Gitea] {
        app.token_page_open(provider).await.unwrap();
        let setting = format!("{}.url", provider.key());
        app.setting_set(setting, None).await.unwrap();
        app.token_page_open(provider).await.unwrap();
    }
}

/// The mail about a failed run names all that there is, and has the addresses of those pages alone.
async fn a_mail_links_to_no_other(app: &App, run: RunId) {
    let proof = Proof::of(
        "S9",
        "links in the records that lead elsewhere: none is in a failed run's mail",
    );
    for (setting, address) in [
        ("email.owner", "o@norrform.se"),
        ("email.from", "f@norrform.se"),
    ] {
        set(app, setting, address).await;
    }
    let run = app.store.run(run).await.unwrap();
    let mail = Mail::new(MailKind::Failure, run.customer, app.clock.now());
    let settings = app.settings().await.unwrap().values();
    let mail = app.fixed(&mail, &run, &settings).await.unwrap();
    let mail = mail.expect("the owner is to be told");
    // As it is read: a template writes the slashes of a value so.
    let html = mail.html.replace("&#x2f;", "/");
    for (_, url) in THERE {
        let link = format!("<a href=\"{url}\">it</a>");
        assert!(
            html.contains(&link) && mail.text.contains(url),
            "{url}: {html}"
        );
    }
    assert_eq!(html.matches("href=").count(), THERE.len(), "{html}");
    for told in [&html, &mail.text] {
        assert_eq!(told.matches("://").count(), THERE.len(), "{told}");
    }
    let named = mail.text.matches(": it").count();
    assert_eq!(named, ELSEWHERE.len() + THERE.len(), "{}", mail.text);
    proof.held(ELSEWHERE.len());
}
