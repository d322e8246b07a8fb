//! The main job, by clicking: tokens into the keyring, a customer, its run, its instance.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use fabrik_domain::provider::Provider;
use fabrik_tests::Proof;
use serde_json::{Value, json};

use super::{
    agency::{
        STEPS, VENDORS, all_in, customer_row, enter_token, open_credentials, row, token, within,
    },
    desktop::Desktop,
    keyring,
    page::{Page, button, choice, field, link, words},
    unseen,
};
use crate::{
    canary::{
        self,
        encodings::hits,
        memory,
        processes::{INTERVAL, Watch},
    },
    recorder::Recorder,
    world::{Cloud, Latency, client},
};

/// Calls answer at once; what gets ready takes long enough to be seen under way.
const LATENCY: &str = "base = \"none\"\n[supabase]\nready = 2\n[vercel]\nready = 2\n";

const CUSTOMER: &str = "Kafé Åkermark";

/// Keys, as `WebDriver` writes them.
const CONTROL_V: &str = "\u{e009}v";
const ESCAPE: &str = "\u{e00c}";

/// The folder among the user's data that the web view keeps its own in: the identifier in tauri.conf.json.
const WEB_DATA: &str = "se.fabrik.desktop";

/// A name under which the page keeps something there: that the guide was skipped.
const KEPT_BY_PAGE: &str = "fabrik.firstRun";

#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn from_first_token_to_instance() {
    let cloud = Arc::new(Cloud::start(&Latency::File(LATENCY)).await);
    let mut desktop = Desktop::at(&cloud);
    // The window takes no token from its variables: each is typed, and goes to the keyring.
    desktop.set(
        "FABRIK_SECRET_SUPABASE",
        "sbp_00000000000000000000000000000000000000ff",
    );
    let desktop = Arc::new(desktop);
    let seen = Seen::begin();

    let first = (Arc::clone(&cloud), Arc::clone(&desktop));
    desktop
        .window("story", |page| async move {
            let (cloud, desktop) = first;
            set_credentials(&page, &cloud).await;
            add_customer(&page).await;
            provision(&page).await;
            open_instance(&page, &desktop).await;
            change_appearance(&page).await;
            nothing_holds_a_token(&page, &cloud, &desktop).await;
        })
        .await;
    let secrets = secrets();
    let at_rest = Proof::of(
        "S1",
        "files × secrets searched after a window was at work, its web data among them",
    );
    nothing_is_at_rest(&at_rest, &desktop, &cloud, &secrets, &[]);
    drop(at_rest);
    seen.end(&secrets).await;
    let in_keyring = secrets.clone();

    // Another start finds everything again: records, choices, and tokens in the keyring. What it calls is written down.
    let (recorder, variables) = Recorder::before(&cloud).await;
    let mut desktop = Arc::into_inner(desktop).expect("the first window is closed");
    for (name, url) in variables {
        desktop.set(name, url);
    }
    let second = Arc::clone(&cloud);
    let recorder = desktop
        .window("again", |page| async move {
            // The variable wins over what was chosen the last time; the theme has none.
            page.see(&link("Kunder")).await;
            assert_eq!(theme(&page).await, "dark");
            page.see(&customer_row(CUSTOMER)).await;
            open_credentials(&page, "Inställningar", "Nycklar").await;
            for (provider, _) in VENDORS {
                page.see(&within(&row(provider), &words("Fungerar"))).await;
            }
            nothing_is_in_memory(&in_keyring);
            unseen::what_runs_make(&page, &second, &recorder).await;
            recorder
        })
        .await;
    let at_rest = Proof::of(
        "S1",
        "files × secrets, those that runs made among them, searched after a window that showed one come off and one fail",
    );
    let made = unseen::made(&recorder).into_iter();
    let mut made: Vec<_> = made.map(|(_, secret)| secret).collect();
    made.sort();
    made.dedup();
    assert!(made.len() > 5, "two runs make more than {}", made.len());
    nothing_is_at_rest(&at_rest, &desktop, &cloud, &secrets, &made);
}

/// In this window no token was typed: the web view never had one.
fn nothing_is_in_memory(secrets: &[String]) {
    let proof = Proof::of(
        "S3",
        "MiB × secrets searched in the memory of a real window's web view, in eight encodings",
    );
    let shown = memory::search(&["kafe-akermark".to_owned()]);
    assert!(
        !shown.found.is_empty(),
        "what the page shows is found there"
    );
    let searched = memory::search(secrets);
    assert_eq!(searched.found, [""; 0], "secrets in the web view");
    let mebibytes = usize::try_from(searched.bytes / 1024 / 1024).unwrap();
    proof.held(mebibytes * secrets.len());
}

/// What the keyring keeps: the tokens, and the key of the audit log. Its newest anchor is no secret.
fn secrets() -> Vec<String> {
    let mut kept = keyring::secrets();
    kept.retain(|secret| !secret.contains(' '));
    assert!(kept.len() > VENDORS.len(), "tokens, and the log's key");
    kept
}

/// All processes, looked at while the window is open.
struct Seen {
    proof: Proof,
    over: Arc<AtomicBool>,
    watch: tokio::task::JoinHandle<Watch>,
}

impl Seen {
    fn begin() -> Self {
        let over = Arc::<AtomicBool>::default();
        let until = Arc::clone(&over);
        let watch = tokio::task::spawn_blocking(move || {
            let mut watch = Watch::default();
            while !until.load(Ordering::Relaxed) {
                let next = Instant::now() + INTERVAL;
                watch.look(std::process::id());
                std::thread::sleep(next.saturating_duration_since(Instant::now()));
            }
            watch
        });
        Self {
            proof: Proof::of(
                "S2",
                "looks at all processes, 50 ms apart, while a window is at work",
            ),
            over,
            watch,
        }
    }

    async fn end(mut self, secrets: &[String]) {
        self.over.store(true, Ordering::Relaxed);
        let watch = (&mut self.watch).await.unwrap();
        assert!(watch.children > 0, "the window's processes were seen");
        for secret in secrets {
            assert_eq!(watch.found("a token", secret), [""; 0]);
        }
        self.proof.measured(watch.how_often());
        watch.assert_often();
        self.proof.held(watch.looks);
    }
}

/// A test that fails ends too: its runtime would wait for the watch.
impl Drop for Seen {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// The window's own data, the engine's of the page, and whatever else is in the session's folders.
fn nothing_is_at_rest(
    proof: &Proof,
    desktop: &Desktop,
    cloud: &Cloud,
    kept: &[String],
    made: &[String],
) {
    #[expect(clippy::disallowed_methods, reason = "where the session has its home")]
    let home = std::env::var_os("HOME").expect("a home");
    let session = Path::new(&home).parent().expect("the session's folder");
    let mut places = Vec::new();
    for folder in [&desktop.data(), session] {
        canary::files(folder, &mut places);
    }
    assert!(
        places.iter().any(|(place, _)| place.contains("logs")),
        "the logs are among what is searched"
    );
    // In which of its files WebKit has it is WebKit's affair, and another with each version.
    let is_web_data = |place: &str| Path::new(place).iter().any(|part| part == WEB_DATA);
    assert!(
        places
            .iter()
            .any(|(place, content)| is_web_data(place) && !hits(content, KEPT_BY_PAGE).is_empty()),
        "so is what the page has kept: {:?}",
        places.iter().map(|(place, _)| place).collect::<Vec<_>>()
    );
    for (place, content) in &places {
        // What runs make, the vendors know: they have it from Fabrik, or made it themselves.
        let of_vendors = Path::new(place).starts_with(cloud.folder());
        let made: &[String] = if of_vendors { &[] } else { made };
        for secret in kept.iter().chain(made) {
            assert_eq!(hits(content, secret), [""; 0], "a secret in {place}");
        }
        proof.held(kept.len() + made.len());
    }
}

async fn theme(page: &Page) -> Value {
    page.run("return document.documentElement.dataset.theme")
        .await
}

async fn set_credentials(page: &Page, cloud: &Cloud) {
    assert!(
        keyring::secrets().is_empty(),
        "the session's keyring begins empty"
    );
    page.press(&button("Hoppa över guiden")).await;
    page.see(&words("Inga kunder än")).await;
    page.picture("customers-empty-sv-light").await;
    open_credentials(page, "Inställningar", "Nycklar").await;
    for (provider, _) in VENDORS {
        page.see(&within(&row(provider), &words("Saknas"))).await;
    }
    page.picture("credentials-missing").await;

    // A token that the vendor does not know is told apart, and replaced.
    enter_token(
        page,
        Provider::Supabase,
        "Lägg till nyckel",
        "sbp_00000000000000000000000000000000000000aa",
    )
    .await;
    page.see(&within(&row(Provider::Supabase), &words("Avvisad")))
        .await;
    page.picture("credentials-rejected").await;
    enter_token(
        page,
        Provider::Supabase,
        "Ersätt",
        token(cloud, Provider::Supabase),
    )
    .await;
    page.see(&within(&row(Provider::Supabase), &words("Fungerar")))
        .await;
    for (provider, _) in &VENDORS[1..] {
        enter_token(page, *provider, "Lägg till nyckel", token(cloud, *provider)).await;
        page.see(&within(&row(*provider), &words("Fungerar"))).await;
    }
    try_again(page, cloud).await;
    take_away(page, cloud).await;
    page.see(&words("Alla nycklar som behövs fungerar.")).await;
    page.see(&words("4 nycklar sparade")).await;
    page.picture("credentials-sv-light").await;

    let kept = keyring::secrets();
    for (provider, vendor) in VENDORS {
        assert!(
            kept.iter().any(|secret| secret == token(cloud, provider)),
            "{vendor}'s is in the keyring"
        );
    }
    assert_eq!(kept.len(), VENDORS.len(), "and nothing else");
}

/// A key that the vendor refuses since it was tried, and takes again.
async fn try_again(page: &Page, cloud: &Cloud) {
    let row = row(Provider::Resend);
    for (revoked, verdict) in [(true, "Avvisad"), (false, "Fungerar")] {
        let token = token(cloud, Provider::Resend);
        let rights = json!({ "provider": "resend", "token": token, "revoked": revoked });
        cloud.steer("tokens", &rights).await;
        page.press(&within(&row, &button("Kontrollera nyckeln för Resend")))
            .await;
        page.see(&within(&row, &words(verdict))).await;
    }
}

/// A key that is taken away is in no keyring any more, and comes back where it is typed anew.
async fn take_away(page: &Page, cloud: &Cloud) {
    let row = row(Provider::Vercel);
    let token = token(cloud, Provider::Vercel);
    let is_kept = || keyring::secrets().iter().any(|secret| secret == token);
    assert!(is_kept(), "it is there");
    page.press(&within(&row, &button("Ta bort"))).await;
    page.see(&words("Ta bort nyckeln för Vercel?")).await;
    page.picture("credentials-removing").await;
    page.press(&within(
        "//*[@role='dialog' or @role='alertdialog']",
        &button("Avbryt"),
    ))
    .await;
    page.see(&within(&row, &words("Fungerar"))).await;
    assert!(is_kept(), "who thinks better of it keeps it");
    page.press(&within(&row, &button("Ta bort"))).await;
    page.press(&within(
        "//*[@role='dialog' or @role='alertdialog']",
        &button("Ta bort"),
    ))
    .await;
    page.see(&within(&row, &words("Saknas"))).await;
    assert!(
        !is_kept(),
        "it is gone from the keyring, not from the page alone"
    );
    enter_token(page, Provider::Vercel, "Lägg till nyckel", token).await;
    page.see(&within(&row, &words("Fungerar"))).await;
}

async fn add_customer(page: &Page) {
    page.press(&link("Kunder")).await;
    page.press(&button("Ny kund")).await;
    page.write(&field("Namn"), CUSTOMER).await;
    // Suggested from the name, and asked after at once.
    page.see(&words("Ledig")).await;
    page.write(&field("Kontaktens e-post"), "astrid@kafe-akermark.example")
        .await;
    page.picture("new-customer-sv-light").await;
    page.press(&button("Skapa kund")).await;
    page.see(&format!("//h1[normalize-space()='{CUSTOMER}']"))
        .await;
    page.picture("customer-new-sv-light").await;
    page.press(&button("Visa plan")).await;
    page.see(&words("13 görs")).await;
    page.picture("plan-sv-light").await;
    // A message that something was done can be closed too.
    page.press(&within("//*[@role='dialog']//footer", &button("Stäng")))
        .await;
    page.press(&link("Kunder")).await;
    // The driver takes for hidden what a parent could clip, so the row is what is looked for.
    page.see(&format!(
        "{}[.//span[normalize-space()='kafe-akermark']]",
        customer_row(CUSTOMER)
    ))
    .await;
    page.see(&within(&customer_row(CUSTOMER), &words("Ny")))
        .await;
    page.picture("customers-new-sv-light").await;
}

async fn provision(page: &Page) {
    page.press(&within(
        &customer_row(CUSTOMER),
        &button(&format!("Provisionera {CUSTOMER}")),
    ))
    .await;
    page.until("a step under way", STEPS, |steps| {
        steps
            .as_array()
            .unwrap()
            .iter()
            .any(|step| step[1] == "running")
    })
    .await;
    page.picture("run-sv-light").await;
    let ended = ["done", "adopted", "skipped", "deferred", "failed"];
    let steps = page
        .until("the end of every step", STEPS, |steps| {
            all_in(steps, &ended)
        })
        .await;
    // No domain of the agency's is set, and the project is made with its size.
    let skipped = [json!(["size", "skipped"]), json!(["domain", "skipped"])];
    let (without, others): (Vec<_>, Vec<_>) = steps
        .as_array()
        .unwrap()
        .iter()
        .cloned()
        .partition(|step| skipped.contains(step));
    assert_eq!((without.len(), others.len()), (2, 13), "{steps}");
    assert!(all_in(&json!(others), &["done"]), "{steps}");
    page.see(&within("//header", &words("Klar"))).await;
    page.see(&words("15 av 15 steg klara")).await;
    page.picture("run-done-sv-light").await;
}

const CARDS: &str =
    "return [...document.querySelectorAll('section[aria-label=\"Instans\"] article')]
    .map((card) => [card.querySelector('h4').innerText, card.innerText.includes('Fungerar')])";

/// A card per vendor, each with what there is.
async fn see_cards(page: &Page) {
    let wanted = json!(VENDORS.map(|(_, vendor)| (vendor, true)));
    page.until("the instance's cards", CARDS, |cards| *cards == wanted)
        .await;
}

async fn open_instance(page: &Page, desktop: &Desktop) {
    page.press(&link("Öppna kunden")).await;
    see_cards(page).await;
    page.picture("customer-sv-light").await;

    let open = page.see(&button("Gå till produktion")).await;
    let url = open.attr("title").await.unwrap().expect("its address");
    page.press(&button("Gå till produktion")).await;
    let opened = async {
        while !desktop.opened().contains(&url) {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let patience = std::time::Duration::from_secs(10);
    tokio::time::timeout(patience, opened)
        .await
        .expect("the instance is opened in the browser");

    let instance = client().get(&url).send().await.unwrap();
    assert_eq!(instance.status(), 200, "{url}");
    let instance = instance.text().await.unwrap();
    assert!(
        instance.contains(CUSTOMER) && instance.contains("Ansluten: databasen svarar"),
        "{instance}"
    );

    let copy = "//article//button[starts-with(@aria-label, 'Kopiera ')]";
    let label = page.see(copy).await.attr("aria-label").await.unwrap();
    let copied = label.unwrap().replace("Kopiera ", "");
    page.press(copy).await;

    page.press(&link("Kunder")).await;
    page.see(&within(&customer_row(CUSTOMER), &words("Fungerar")))
        .await;
    page.picture("customers-sv-light").await;
    paste(page, &copied).await;
}

/// What was copied is on the system's clipboard: it can be pasted, into a field of the window too.
async fn paste(page: &Page, copied: &str) {
    let filter = "//input[@aria-label='Filtrera kunder']";
    page.write(filter, CONTROL_V).await;
    page.until(
        "what was copied",
        "return document.querySelector('input[aria-label=\"Filtrera kunder\"]').value",
        |pasted| pasted == copied,
    )
    .await;
    page.write(filter, ESCAPE).await;
    page.see(&customer_row(CUSTOMER)).await;
}

async fn change_appearance(page: &Page) {
    page.press(&link("Inställningar")).await;
    page.press(&field("Tema")).await;
    page.press(&choice("Mörkt")).await;
    page.until(
        "the dark theme",
        "return document.documentElement.dataset.theme",
        |theme| theme == "dark",
    )
    .await;
    open_credentials(page, "Inställningar", "Nycklar").await;
    page.see(&words("4 nycklar sparade")).await;
    page.picture("credentials-sv-dark").await;
    page.press(&link("Körningar")).await;
    page.picture("runs-sv-dark").await;
    page.press(&link("Kunder")).await;
    page.see(&customer_row(CUSTOMER)).await;
    page.picture("customers-sv-dark").await;
    // As above: the link can't be pressed by a driver that takes it for hidden.
    page.run("document.querySelector('tr[data-customer] a').click()")
        .await;
    see_cards(page).await;
    page.picture("customer-sv-dark").await;

    page.press("//button[@title='Språk']").await;
    page.press("//*[@role='menuitemradio'][normalize-space()='English']")
        .await;
    page.until(
        "English",
        "return document.documentElement.lang",
        |language| language == "en",
    )
    .await;
    page.see(&button("Go to production")).await;
    page.picture("customer-en-dark").await;
}

async fn nothing_holds_a_token(page: &Page, cloud: &Cloud, desktop: &Desktop) {
    let shown = page.everything().await;
    for (provider, vendor) in VENDORS {
        let token = token(cloud, provider);
        assert!(!shown.contains(token), "the page holds {vendor}'s token");
        let files = keyring::files_with(token, &desktop.data());
        assert!(files.is_empty(), "{vendor}'s token is in {files:?}");
    }
}
