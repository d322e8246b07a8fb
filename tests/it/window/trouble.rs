//! What is wrong with the machine when the window opens: what is known is shown, and the fault is said above it.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use fabrik_tests::checkout;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use super::{
    agency::{add_customer, customer_row, fill_in, within},
    desktop::Desktop,
    keyring,
    page::{Page, button, link, words},
};
use crate::{
    read_only::Shut,
    world::{Cloud, Latency},
};

pub(super) const CUSTOMER: &str = "Fjällfrakt";
pub(super) const CONTACT: &str = "jon@fjallfrakt.example";
pub(super) const OTHER: &str = "Sundsbro";
pub(super) const OTHERS_CONTACT: &str = "eva@sundsbro.example";

/// What the bar above every page says.
const BAR: &str = "return document.querySelector('[role=status][aria-label=\"Aktuella problem\"]')?.innerText ?? ''";

/// Nobody has been here: a customer is written down, which takes no token.
pub(super) async fn begin(page: Page) {
    page.press(&button("Hoppa över guiden")).await;
    page.see(&words("Inga kunder än")).await;
    add_customer(&page, CUSTOMER, CONTACT).await;
}

/// The records are there, and the bar begins with this.
pub(super) async fn shown_with(page: &Page, fault: &str) {
    page.press(&link("Kunder")).await;
    page.see(&customer_row(CUSTOMER)).await;
    bar_begins(page, fault).await;
}

pub(super) async fn bar_begins(page: &Page, fault: &str) {
    page.until(fault, BAR, |said| {
        said.as_str().is_some_and(|said| said.starts_with(fault))
    })
    .await;
}

pub(super) async fn nothing_wrong(page: &Page) {
    page.until("nothing", BAR, |said| said == "").await;
}

#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn without_a_keyring() {
    let cloud = Cloud::start(&Latency::None).await;
    let mut desktop = Desktop::at(&cloud);
    let bus = Bus::without_services().await;
    desktop.set("DBUS_SESSION_BUS_ADDRESS", bus.address.clone());
    desktop
        .window("keyring-missing", |page| async move {
            begin(page.clone()).await;
            shown_with(&page, "Datorn har ingen nyckelring.").await;
            page.picture("keyring-missing-sv-light").await;
        })
        .await;
}

#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn with_a_locked_keyring() {
    let cloud = Cloud::start(&Latency::None).await;
    let desktop = Desktop::at(&cloud);
    desktop.window("keyring-before", begin).await;
    keyring::lock();
    desktop
        .window("keyring-locked", |page| async move {
            shown_with(&page, "Nyckelringen är låst.").await;
            page.picture("keyring-locked-sv-light").await;
            keyring::unlock();
            nothing_wrong(&page).await;
        })
        .await;
}

#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn on_a_read_only_data_directory() {
    let cloud = Cloud::start(&Latency::None).await;
    let desktop = Desktop::at(&cloud).bound_by_rights();
    desktop.window("writable", begin).await;
    let shut = Shut::whole(&desktop.data());
    desktop
        .window("read-only", |page| async move {
            let fault = "Databasen går inte att skriva i";
            shown_with(&page, &format!("{fault}.")).await;
            page.picture("read-only-sv-light").await;
            fill_in(&page, OTHER, OTHERS_CONTACT).await;
            page.press(&button("Skapa kund")).await;
            page.see(&within("//*[@role='dialog']", &words(fault)))
                .await;
            drop(shut);
            // The form is as it was left.
            let begun = Instant::now();
            let made = format!("return document.querySelector('h1')?.innerText === '{OTHER}'");
            while page.run(&made).await != true {
                assert!(begun.elapsed() < Duration::from_secs(30), "it is made");
                page.press_if_there(&button("Skapa kund")).await;
            }
            page.press(&link("Kunder")).await;
            for name in [CUSTOMER, OTHER] {
                page.see(&customer_row(name)).await;
            }
            nothing_wrong(&page).await;
        })
        .await;
}

/// Two apps on one data directory: each shows what the other does.
#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn beside_another_on_the_same_data() {
    let cloud = Cloud::start(&Latency::None).await;
    let desktop = Desktop::at(&cloud);
    let (_one, first) = desktop.open("first-of-two").await;
    begin(first.clone()).await;
    first.press(&link("Kunder")).await;
    let (_other, second) = desktop.open("second-of-two").await;
    second.press(&link("Kunder")).await;
    second.see(&customer_row(CUSTOMER)).await;
    add_customer(&second, OTHER, OTHERS_CONTACT).await;
    first.see(&customer_row(OTHER)).await;
    for page in [first, second] {
        nothing_wrong(&page).await;
        page.close().await;
    }
}

/// A bus on which nobody is, and nobody can be started.
struct Bus {
    address: String,
    _process: Child,
}

impl Bus {
    async fn without_services() -> Self {
        let config = checkout().join("tests/bus-without-services.conf");
        let mut process = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--print-address=1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("dbus-daemon: {error}; `scripts/setup` installs it"));
        // Said once it listens.
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
        Self {
            address: said.next_line().await.unwrap().unwrap(),
            _process: process,
        }
    }
}
