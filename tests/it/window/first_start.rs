//! The first start: nothing is set up, and a customer is provisioned in the sandbox all the same.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use super::{
    desktop::Desktop,
    page::{Page, button, field, link, words},
};

#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn in_the_sandbox() {
    let desktop = Desktop::new();
    desktop
        .window("first-start", |page| async move { provision(&page).await })
        .await;
    // The cloud outlives the window, so that closing it in the middle of a run loses nothing.
    let cloud = Cloud::left_in(&desktop.data());
    assert!(cloud.is_running(), "the sandbox ended with the window");
    cloud.end();
}

async fn provision(page: &Page) {
    page.see(&words("Sandlåda")).await;
    page.see(&words("Inget skapas på riktigt")).await;
    page.picture("customers-empty-sv-light").await;
    page.press(&button("Ny kund")).await;
    page.write(&field("Namn"), "Bageri Ängen").await;
    page.see(&words("Ledig")).await;
    page.write(&field("Kontaktens e-post"), "ove@bageri-angen.example")
        .await;
    page.press(&button("Skapa kund")).await;
    page.press(&button("Provisionera")).await;
    page.see(&words("14 av 14 steg klara")).await;
    page.see(&button("Gå till produktion")).await;
    page.press(&link("Inställningar")).await;
    page.press(&link("Nycklar")).await;
    page.see(&words("Påhittad av sandlådan")).await;
    page.picture("credentials-sandbox-sv-light").await;
}

/// The sandbox that the app has started and left.
struct Cloud(String);

impl Cloud {
    fn left_in(data: &Path) -> Self {
        let endpoint = fs::read(data.join("sandbox/endpoint.json")).unwrap();
        let endpoint: Value = serde_json::from_slice(&endpoint).unwrap();
        Self(endpoint["pid"].to_string())
    }

    fn is_running(&self) -> bool {
        self.signal("-0")
    }

    /// It would end by itself in a while; the folder it works on ends now.
    fn end(&self) {
        assert!(self.signal("-TERM"), "it can be ended");
    }

    fn signal(&self, signal: &str) -> bool {
        Command::new("kill")
            .args([signal, &self.0])
            .status()
            .unwrap()
            .success()
    }
}
