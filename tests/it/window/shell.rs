//! What is around the page: one window however often it is started, the icon in the tray, the menus' keys, the question
//! before it closes, notifications.
//!
//! The window's own close button does what "quit" does; without a window manager nobody can press it here.

use std::sync::Arc;

use serde_json::json;
use tokio::time::{Duration, Instant, sleep};

use super::{
    agency::{begin_run, deployment_under_way, hold_deployments, set_up, within},
    bus::{Notifications, Tray},
    desktop::Desktop,
    guard::invoke,
    page::{Page, button, link, words},
    screen,
};
use crate::world::{Cloud, Latency};

const CUSTOMER: &str = "Fjällfrakt";
const CONTACT: &str = "jon@fjallfrakt.example";

/// The tray's menu.
const SHOW: &str = "Visa Fabrik";
const QUIT: &str = "Avsluta Fabrik";
/// The answers to the question before it closes.
const STAY: &str = "Låt fönstret vara öppet";
const HIDE: &str = "Fortsätt i bakgrunden";
const END: &str = "Stoppa och stäng";

/// How long what a key does may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Past the first run, with nothing set up.
async fn skip_first_run(page: &Page) {
    page.press(&button("Hoppa över guiden")).await;
    page.see(&words("Inga kunder än")).await;
}

/// Hides the window behind its icon, as the answer to the question does.
async fn hide(page: &Page) {
    let answered = invoke(page, "close", &json!({ "how": "hide" })).await;
    assert_eq!(answered, json!({ "answer": null }), "it is heard");
    screen::until_shown(false).await;
}

/// Tells whether the page has a button with these words.
fn has_button(name: &str) -> String {
    format!(
        "return [...document.querySelectorAll('button')].some((one) => one.textContent.trim() === '{name}')"
    )
}

/// A customer, and a run of it that waits for its deployment.
async fn begin(page: &Page, cloud: &Cloud) {
    set_up(page, cloud, CUSTOMER, CONTACT).await;
    begin_run(page, cloud, CUSTOMER).await;
}

/// Whoever starts it again wants to see the window there is.
#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn started_twice() {
    let cloud = Cloud::start(&Latency::None).await;
    let tray = Tray::begin().await;
    let desktop = Arc::new(Desktop::at(&cloud).on_no_named_data());
    let own = Arc::clone(&desktop);
    desktop
        .window("started-twice", |page| async move {
            skip_first_run(&page).await;
            tray.icon().await;
            hide(&page).await;
            let again = own.start_again().await;
            let said = String::from_utf8_lossy(&again.stderr);
            assert_eq!(again.status.code(), Some(0), "it ends by itself: {said}");
            screen::until_shown(true).await;
            assert_eq!(screen::shown().len(), 1, "one window");
            assert_eq!(own.at_work(), 1, "one app");
            // It is the first one's, and answers.
            page.see(&words("Inga kunder än")).await;
        })
        .await;
}

/// The icon in the tray, where the desktop has one.
#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn behind_its_icon() {
    let cloud = Cloud::start(&Latency::None).await;
    let tray = Tray::begin().await;
    let desktop = Desktop::at(&cloud);
    let (_driver, page) = desktop.open("tray").await;
    skip_first_run(&page).await;
    let icon = tray.icon().await;
    assert_eq!(icon.menu().await, [SHOW, QUIT]);
    hide(&page).await;
    icon.choose(SHOW).await;
    screen::until_shown(true).await;
    page.see(&words("Inga kunder än")).await;
    hide(&page).await;
    icon.press().await;
    screen::until_shown(true).await;
    // Nothing goes on, so nothing is asked.
    icon.choose(QUIT).await;
    desktop.ended().await;
}

/// The menu bar's keys are the system's: the page has neither of these two.
#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn keys_of_the_menus() {
    let cloud = Cloud::start(&Latency::None).await;
    let desktop = Desktop::at(&cloud);
    let (_driver, page) = desktop.open("menu-keys").await;
    skip_first_run(&page).await;
    // The menus come after the page: until then a key does nothing.
    let begun = Instant::now();
    while !page.address().await.contains("/settings/general") {
        assert!(begun.elapsed() < PATIENCE, "Ctrl+, leads to the settings");
        screen::press("ctrl+comma");
        sleep(screen::GLANCE).await;
    }
    screen::press("ctrl+q");
    desktop.ended().await;
}

/// Closing it in the middle of a run asks first; what was stopped is offered at the next start, and comes off.
#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn closed_while_a_run_goes_on() {
    let cloud = Arc::new(Cloud::start(&Latency::None).await);
    let tray = Tray::begin().await;
    let desktop = Desktop::at(&cloud);
    let (driver, page) = desktop.open("closing").await;
    begin(&page, &cloud).await;
    hold_deployments(&cloud).await;
    let icon = tray.icon().await;

    icon.choose(QUIT).await;
    page.see(&button(HIDE)).await;
    page.picture("closing-asked-sv-light").await;
    page.press(&button(STAY)).await;
    page.until("no question", &has_button(STAY), |there| *there == false)
        .await;
    deployment_under_way(&page).await;

    // Where the tray has gone, a window that were hidden would be lost.
    tray.end().await;
    icon.choose(QUIT).await;
    page.see(&button(STAY)).await;
    let can_hide = page.run(&has_button(HIDE)).await;
    assert_eq!(can_hide, false, "there is no tray any more");
    page.press_last(&button(END)).await;
    desktop.ended().await;
    drop(driver);

    cloud.faults(json!([])).await;
    let later = Arc::clone(&cloud);
    desktop
        .window("opened-again", |page| async move {
            let offer = "//section[@aria-label='Avbrutna körningar']";
            page.press(&within(offer, &button("Visa"))).await;
            page.see(&within("//header", &words("Avbröts oväntat")))
                .await;
            page.press(&within("//header", &button("Återuppta körningen")))
                .await;
            page.see(&within("//header", &words("Klar"))).await;
            let census = later.census().await;
            for made in ["supabase projects", "repositories", "vercel projects"] {
                assert_eq!(census[made], 1, "nothing is made twice: {census}");
            }
        })
        .await;
}

/// A run that ends while the window is hidden is told of by the system; a click leads to it.
#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn told_of_what_ends_unseen() {
    let cloud = Arc::new(Cloud::start(&Latency::None).await);
    let tray = Tray::begin().await;
    let mut notifications = Notifications::begin().await;
    let desktop = Desktop::at(&cloud);
    let own = Arc::clone(&cloud);
    desktop
        .window("unseen-end", |page| async move {
            begin(&page, &own).await;
            page.press(&link("Kunder")).await;
            let icon = tray.icon().await;
            icon.choose(QUIT).await;
            page.see(&button(HIDE)).await;
            // Not by the driver, which may wait for a window that has gone.
            page.run(&format!(
                "[...document.querySelectorAll('button')].find((one) => one.textContent.trim() === '{HIDE}').click()"
            ))
            .await;
            screen::until_shown(false).await;

            let told = notifications.next().await;
            assert_eq!(told.app, "Fabrik");
            assert_eq!(told.title, CUSTOMER);
            assert!(told.text.ends_with(": klar"), "{told:?}");
            assert_eq!(told.actions, ["default", "default"], "it can be clicked");
            assert!(screen::shown().is_empty(), "the window stays where it is");

            let begun = Instant::now();
            while screen::shown().is_empty() {
                assert!(begun.elapsed() < PATIENCE, "a click shows the window");
                notifications.click().await;
                sleep(screen::GLANCE).await;
            }
            page.see(&within("//header", &words("Klar"))).await;
            let address = page.address().await;
            assert!(address.contains("/runs/"), "{address}");
        })
        .await;
}
