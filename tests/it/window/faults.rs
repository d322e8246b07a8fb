//! What goes wrong around an open window: somebody else holds the database, vendors give no answer, another process has
//! the run. It is said, what is known stays, and nothing is lost.

use std::{path::Path, sync::Arc, time::Duration};

use fabrik_domain::provider::Provider;
use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::process::Command;

use super::{
    agency::{
        STEPS, VENDORS, add_customer, customer_row, enter_token, fill_in, given, hold_deployments,
        open_credentials, row, set_up, token, within,
    },
    desktop::Desktop,
    keyring,
    page::{Page, button, link, words},
    trouble::{
        CONTACT, CUSTOMER, OTHER, OTHERS_CONTACT, bar_begins, begin, nothing_wrong, shown_with,
    },
};
use crate::world::{Cloud, Latency};

/// As it is suggested for the customer.
const SUBDOMAIN: &str = "fjallfrakt";

const DIALOG: &str = "//*[@role='dialog']";

/// What is to be read on the page.
const MAIN: &str = "return document.querySelector('main')?.innerText ?? ''";

/// What is to be read in the question: a message beside it is a dialog too.
const ASKED: &str = "return document.querySelector('[data-modal]')?.innerText ?? ''";

/// How long the command line may take to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// Holds the database's file for writing, until it is dropped.
fn hold(data: &Path) -> Connection {
    let file = Connection::open(data.join("test/central.db")).unwrap();
    file.execute_batch("BEGIN EXCLUSIVE").unwrap();
    file
}

#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn with_a_database_that_another_holds() {
    let cloud = Cloud::start(&Latency::None).await;
    let desktop = Desktop::at(&cloud);
    let fault = "Databasen är upptagen";
    let said = format!("{fault}.");

    let (data, bar) = (desktop.data(), said.clone());
    desktop
        .window("database-held", |page| async move {
            begin(page.clone()).await;
            fill_in(&page, OTHER, OTHERS_CONTACT).await;
            let held = hold(&data);
            page.press(&button("Skapa kund")).await;
            page.see(&within(DIALOG, &words(fault))).await;
            bar_begins(&page, &bar).await;
            page.picture("database-held-sv-light").await;
            drop(held);
            // The form is as it was left.
            page.press(&button("Skapa kund")).await;
            page.see(&format!("//h1[normalize-space()='{OTHER}']"))
                .await;
            page.press(&link("Kunder")).await;
            for name in [CUSTOMER, OTHER] {
                page.see(&customer_row(name)).await;
            }
            nothing_wrong(&page).await;
        })
        .await;

    // And one that is held when the window opens.
    let held = hold(&desktop.data());
    desktop
        .window("database-held-at-the-start", |page| async move {
            shown_with(&page, &said).await;
            page.see(&customer_row(OTHER)).await;
            page.picture("database-held-at-the-start-sv-light").await;
            drop(held);
            nothing_wrong(&page).await;
            add_customer(&page, "Tallbacken", "bo@tallbacken.example").await;
        })
        .await;
}

/// A vendor that is down, and a network that is gone: where a token is tried, and in the middle of a run.
#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn while_vendors_give_no_answer() {
    let cloud = Arc::new(Cloud::start(&Latency::None).await);
    let desktop = Desktop::at(&cloud);
    let vendors = Arc::clone(&cloud);
    desktop
        .window("vendors-silent", |page| async move {
            page.press(&button("Hoppa över guiden")).await;
            page.see(&words("Inga kunder än")).await;
            a_token_is_tried(&page, &vendors).await;
            add_customer(&page, CUSTOMER, CONTACT).await;
            a_run_goes_on(&page, &vendors).await;
        })
        .await;
    assert_eq!(given(&cloud, CONTACT).await, [1; 4], "one of each");
}

/// It is kept, and said to be untried rather than refused.
async fn a_token_is_tried(page: &Page, cloud: &Cloud) {
    open_credentials(page, "Inställningar", "Nycklar").await;
    let supabase = row(Provider::Supabase);
    let kept = token(cloud, Provider::Supabase);
    cloud
        .faults(json!([{ "provider": "supabase", "do": "status:503" }]))
        .await;
    enter_token(page, Provider::Supabase, "Lägg till nyckel", kept).await;
    page.see(&within(&supabase, &words("Går inte att nå")))
        .await;
    assert!(
        keyring::secrets().iter().any(|secret| secret == kept),
        "it is in the keyring"
    );
    bar_begins(page, "Supabase svarar inte som det ska.").await;
    page.picture("credentials-vendor-down-sv-light").await;
    for (provider, _) in &VENDORS[1..] {
        enter_token(page, *provider, "Lägg till nyckel", token(cloud, *provider)).await;
        page.see(&within(&row(*provider), &words("Fungerar"))).await;
    }

    // The network goes too.
    cloud.faults(json!([{ "do": "drop_before" }])).await;
    page.press(&within(
        &row(Provider::Vercel),
        &button("Kontrollera nyckeln för Vercel"),
    ))
    .await;
    page.see(&within(&row(Provider::Vercel), &words("Går inte att nå")))
        .await;

    cloud.faults(json!([])).await;
    for (provider, vendor) in [
        (Provider::Supabase, "Supabase"),
        (Provider::Vercel, "Vercel"),
    ] {
        let again = button(&format!("Kontrollera nyckeln för {vendor}"));
        page.press(&within(&row(provider), &again)).await;
        page.see(&within(&row(provider), &words("Fungerar"))).await;
    }
    nothing_wrong(page).await;
}

/// It waits for the network, with all that it has made, and goes on where it was.
async fn a_run_goes_on(page: &Page, cloud: &Cloud) {
    cloud
        .steer("latency", &json!({ "base": "none", "vercel.ready": 25 }))
        .await;
    page.press(&link("Kunder")).await;
    page.press(&within(
        &customer_row(CUSTOMER),
        &button(&format!("Provisionera {CUSTOMER}")),
    ))
    .await;
    page.until("nothing under way but the deployment", STEPS, deploys_alone)
        .await;
    cloud.faults(json!([{ "do": "drop_before" }])).await;
    bar_begins(page, "Vercel svarar inte som det ska.").await;
    page.see(&within("//header", &words("Pågår"))).await;
    let steps = page.run(STEPS).await;
    assert!(deploys_alone(&steps), "it is as it was: {steps}");
    page.picture("run-network-gone-sv-light").await;
    cloud.faults(json!([])).await;
    page.until("the deployment's end", STEPS, deployed).await;
    page.see(&within("//header", &words("Klar"))).await;
    page.see(&words("15 av 15 steg klara")).await;
    nothing_wrong(page).await;
}

/// These steps are in these states.
fn are(steps: &Value, wanted: &[(&str, &str)]) -> bool {
    let steps = steps.as_array().unwrap();
    wanted
        .iter()
        .all(|(step, state)| steps.contains(&json!([step, state])))
}

/// All that goes on beside the deployment has ended: what proves the isolation comes last.
fn deploys_alone(steps: &Value) -> bool {
    are(steps, &[("deploy", "running"), ("isolation", "done")])
}

fn deployed(steps: &Value) -> bool {
    are(steps, &[("deploy", "done")])
}

/// The command line has the run: the window follows it, begins no other, stops it, and takes it up.
#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn beside_a_run_of_another_process() {
    let cloud = Arc::new(Cloud::start(&Latency::None).await);
    let desktop = Desktop::at(&cloud);
    let mut other = desktop.command_line(&cloud);
    // What it tells on its way nobody reads.
    other.args(["provision", SUBDOMAIN, "--yes", "--json", "--quiet"]);
    let vendors = Arc::clone(&cloud);
    desktop
        .window("run-of-another", |page| async move {
            set_up(&page, &vendors, CUSTOMER, CONTACT).await;
            beside(&page, &vendors, other).await;
        })
        .await;
    assert_eq!(given(&cloud, CONTACT).await, [1; 4], "one of each");
}

async fn beside(page: &Page, cloud: &Cloud, mut other: Command) {
    hold_deployments(cloud).await;
    page.press(&link("Kunder")).await;
    let other = other.spawn().unwrap();
    let process = other.id().expect("it runs");

    // It is followed as it goes.
    let show = within(&customer_row(CUSTOMER), &link("Visa körningen"));
    page.press(&show).await;
    page.until("the deployment under way", STEPS, |steps| {
        are(steps, &[("deploy", "running"), ("schema", "done")])
    })
    .await;
    let driver = format!("Process {process} på ");
    let followed = "driver körningen. Den kan följas och avbrytas härifrån.";
    let said = page
        .until("who drives it", MAIN, |said| {
            let said = said.as_str().unwrap();
            said.contains(&driver) && said.contains(followed)
        })
        .await;
    let said = said.as_str().unwrap();
    assert!(!said.contains("Återuppta körningen"), "{said}");
    page.picture("run-of-another-sv-light").await;

    // No other is begun beside it.
    page.press(&link("Kunder")).await;
    page.see(&customer_row(CUSTOMER)).await;
    // The driver takes for hidden what could be cut off, as a name in the list.
    page.run("document.querySelector('tr[data-customer] a[data-row-link]').click()")
        .await;
    page.see(&format!("//h1[normalize-space()='{CUSTOMER}']"))
        .await;
    page.press(&button("Åtgärder")).await;
    page.press("//*[@role='menuitem'][normalize-space()='Provisionera']")
        .await;
    let refusal = words("Kunden har redan en körning som pågår");
    page.see(&within(DIALOG, &refusal)).await;
    page.picture("run-of-another-refusal-sv-light").await;
    page.press(&within(DIALOG, &button("Visa körningen"))).await;

    // It is stopped from here, and ends by itself.
    page.press(&within("//header", &button("Avbryt körningen")))
        .await;
    let hears = "En annan process driver körningen, och stannar inom ett par sekunder.";
    page.until(hears, ASKED, |asked| {
        asked.as_str().unwrap().contains(hears)
    })
    .await;
    page.press(&within(DIALOG, &button("Avbryt och behåll")))
        .await;
    let ended = tokio::time::timeout(PATIENCE, other.wait_with_output()).await;
    let ended = ended.expect("it hears of it").unwrap();
    let told = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(ended.status.code(), Some(4), "it can be resumed: {told}");

    // And is taken up here, with what is there.
    cloud.faults(json!([])).await;
    page.see(&within("//header", &words("Avbruten"))).await;
    page.press(&within("//header", &button("Återuppta körningen")))
        .await;
    page.until("the deployment's end", STEPS, deployed).await;
    page.see(&within("//header", &words("Klar"))).await;
    page.see(&words("15 av 15 steg klara")).await;
}
