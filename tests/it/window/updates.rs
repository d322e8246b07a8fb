//! New versions, in the real window: looked for on a server of this test's, refused unless they are signed with the key
//! that the app knows, for the version that is told; and put in the place of the app.

use std::{
    fs,
    io::Cursor,
    net::Ipv4Addr,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, extract::State, http::StatusCode, routing::get};
use base64::{Engine, prelude::BASE64_STANDARD};
use fabrik_tests::Proof;
use minisign::KeyPair;
use serde_json::{Value, json};
use tokio::{
    io::AsyncReadExt,
    net::TcpListener,
    time::{Instant, sleep, timeout},
};

use super::{
    desktop::Desktop,
    page::{self, Page, button, link, words},
};
use crate::world::{Cloud, Latency};

/// Newer than any that is built here.
const NEWER: &str = "999.0.0";
/// What is installed in the place of the app: a program that tells with which variables it was started, and ends.
const PROGRAM: &str = "/usr/bin/env";
/// What a TLS connection begins with.
const TLS_HANDSHAKE: u8 = 22;
/// How long the app may take to be replaced and started anew.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn only_what_is_signed_for_it() {
    let proof = Proof::of(
        "S15",
        "packages offered to a real window: installed is the one that is signed with its key, for its version",
    );
    let cloud = Cloud::start(&Latency::None).await;
    let releases = Releases::open().await;
    let mut desktop = Desktop::at(&cloud);
    let program = desktop.install();
    desktop.set("FABRIK_UPDATE_URL", &releases.url);
    desktop.set("FABRIK_UPDATE_KEY", public(&releases.key));

    let app = fs::read(&program).unwrap();
    let (_driver, page) = desktop.open("updates").await;
    page.press(&button("Hoppa över guiden")).await;
    page.press(&link("Inställningar")).await;
    page.press(&link("Om Fabrik")).await;
    what_is_no_release_is_told(&page, &releases).await;
    what_is_not_newer_is_none(&page, &releases).await;
    let refused = what_is_not_signed_for_it_is_refused(&page, &releases).await;
    assert!(
        fs::read(&program).unwrap() == app,
        "nothing that was refused has touched the program"
    );
    proof.held(refused);

    let good = signed(&releases.key, releases.package, NEWER);
    offer(&page, &releases, &manifest(&releases, NEWER, &good)).await;
    page.picture("update-found-sv-light").await;
    page.press_last(&button("Installera och starta om")).await;
    let log = page::screenshots().join("updates.log");
    // The new program was started in the place of the old one, with what the old one was started with.
    wait_for(&log, &format!("FABRIK_UPDATE_URL={}", releases.url)).await;
    assert!(
        fs::read(&program).unwrap() == releases.package,
        "the package lies where the program lay"
    );
    proof.held(1);
}

/// A release looks by `https` alone. What the page is told of a server that speaks no TLS is of no matter; that it was
/// spoken to in TLS is.
#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn looked_for_over_tls() {
    let cloud = Cloud::start(&Latency::None).await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let key = KeyPair::generate_unencrypted_keypair().unwrap();
    let mut desktop = Desktop::at(&cloud);
    desktop.set(
        "FABRIK_UPDATE_URL",
        format!("https://{}/latest.json", listener.local_addr().unwrap()),
    );
    desktop.set("FABRIK_UPDATE_KEY", public(&key));
    let asked = desktop.window("updates-tls", |page| async move {
        page.press(&button("Hoppa över guiden")).await;
        let (mut connection, _) = timeout(PATIENCE, listener.accept())
            .await
            .expect("the app looks when it starts")
            .unwrap();
        connection.read_u8().await.unwrap()
    });
    assert_eq!(asked.await, TLS_HANDSHAKE, "what it says first");
}

/// A server that has nothing, nothing to be read, nothing for this system.
async fn what_is_no_release_is_told(page: &Page, releases: &Releases) {
    let unreachable = "Det går inte att se om det finns en ny version";
    let unreadable = "Beskedet om en ny version går inte att läsa";
    page.see(&words(unreachable)).await;
    let elsewhere = json!({
        "version": NEWER,
        "platforms": { "plan9-mips": { "url": releases.package_url(), "signature": "x" } },
    });
    for answer in ["{".to_owned(), "[]".to_owned(), elsewhere.to_string()] {
        releases.answer(&answer);
        page.press(&button("Sök nu")).await;
        page.see(&words(unreadable)).await;
        releases.answer("");
        page.press(&button("Sök nu")).await;
        page.see(&words(unreachable)).await;
    }
}

async fn what_is_not_newer_is_none(page: &Page, releases: &Releases) {
    for version in ["0.0.1", env!("CARGO_PKG_VERSION")] {
        let signature = signed(&releases.key, releases.package, version);
        releases.answer(&manifest(releases, version, &signature).to_string());
        page.press(&button("Sök nu")).await;
        page.see(&words("Du har den senaste versionen")).await;
        releases.answer("");
        page.press(&button("Sök nu")).await;
        page.see(&words("Det går inte att se om det finns en ny version"))
            .await;
    }
}

/// Another's signature, one of other bytes, one of an older version, one of no version, none. Gives how many.
async fn what_is_not_signed_for_it_is_refused(page: &Page, releases: &Releases) -> usize {
    let stranger = KeyPair::generate_unencrypted_keypair().unwrap();
    let wrong = [
        signed(&stranger, releases.package, NEWER),
        signed(&releases.key, b"other bytes", NEWER),
        signed(&releases.key, releases.package, "0.0.1"),
        sign(&releases.key, releases.package, "timestamp:0\tfile:package"),
        String::new(),
    ];
    for signature in &wrong {
        offer(page, releases, &manifest(releases, NEWER, signature)).await;
        page.press(&button("Installera och starta om")).await;
        page.see(&words("Den nya versionen är inte rätt signerad"))
            .await;
    }
    wrong.len()
}

/// Has the app find what is offered, from a state in which it has found nothing.
async fn offer(page: &Page, releases: &Releases, manifest: &Value) {
    releases.answer("");
    page.press(&button("Sök nu")).await;
    page.see(&words("Det går inte att se om det finns en ny version"))
        .await;
    releases.answer(&manifest.to_string());
    page.press(&button("Sök nu")).await;
    page.see(&words(&format!("Version {NEWER} finns"))).await;
}

async fn wait_for(log: &Path, line: &str) {
    let begun = Instant::now();
    loop {
        let said = fs::read(log).unwrap();
        let said = String::from_utf8_lossy(&said);
        if said.lines().any(|one| one == line) {
            return;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "waited {PATIENCE:?} for {line}; it said: {said}"
        );
        sleep(Duration::from_millis(50)).await;
    }
}

/// Where new versions are told of.
struct Releases {
    url: String,
    key: KeyPair,
    package: &'static [u8],
    answer: Arc<Mutex<String>>,
}

impl Releases {
    async fn open() -> Self {
        let package: &[u8] = fs::read(PROGRAM).unwrap().leak();
        let answer = Arc::<Mutex<String>>::default();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/latest.json", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/latest.json", get(latest))
            .route("/package", get(async move || package))
            .with_state(Arc::clone(&answer));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url,
            key: KeyPair::generate_unencrypted_keypair().unwrap(),
            package,
            answer,
        }
    }

    /// What it tells from now on; nothing, where that is empty.
    fn answer(&self, answer: &str) {
        answer.clone_into(&mut self.answer.lock().unwrap());
    }

    fn package_url(&self) -> String {
        self.url.replace("latest.json", "package")
    }
}

async fn latest(State(answer): State<Arc<Mutex<String>>>) -> (StatusCode, String) {
    let answer = answer.lock().unwrap().clone();
    if answer.is_empty() {
        (StatusCode::NOT_FOUND, answer)
    } else {
        (StatusCode::OK, answer)
    }
}

/// What is told of a version, for the machine that this runs on.
fn manifest(releases: &Releases, version: &str, signature: &str) -> Value {
    let system = format!("linux-{}", std::env::consts::ARCH);
    json!({
        "version": version,
        "platforms": { system: { "url": releases.package_url(), "signature": signature } },
    })
}

/// The signature, as Tauri writes it into a release.
fn signed(key: &KeyPair, package: &[u8], version: &str) -> String {
    sign(
        key,
        package,
        &format!("timestamp:0\tfile:package\tversion:{version}"),
    )
}

fn sign(key: &KeyPair, package: &[u8], comment: &str) -> String {
    let package = Cursor::new(package);
    let signature = minisign::sign(Some(&key.pk), &key.sk, package, Some(comment), None).unwrap();
    BASE64_STANDARD.encode(signature.into_string())
}

fn public(key: &KeyPair) -> String {
    BASE64_STANDARD.encode(key.pk.to_box().unwrap().into_string())
}
