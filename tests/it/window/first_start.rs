//! The first start: nothing is set up, and a customer is provisioned in the sandbox all the same.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use super::{
    desktop::Desktop,
    page::{Page, button, link, words},
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
    // Five presses, and nothing typed.
    page.see(&words("Vilket språk ska Fabrik tala?")).await;
    page.picture("first-run-language-sv-light").await;
    page.press(&button("Fortsätt till nyckelring")).await;
    page.see(&words("Upplåst")).await;
    page.picture("first-run-keyring-sv-light").await;
    page.press(&button("Fortsätt till konton")).await;
    page.see(&words("Börja i sandlådan")).await;
    page.picture("first-run-accounts-sv-light").await;
    page.press(&button("Använd sandlådan")).await;
    page.see(&words("Vad ska en kund få?")).await;
    page.picture("first-run-blueprint-sv-light").await;
    page.press(&button("Fortsätt till första kund")).await;
    page.see(&words("Ledig")).await;
    page.picture("first-run-customer-sv-light").await;
    page.press(&button("Skapa och provisionera")).await;
    page.see(&words("15 av 15 steg klara")).await;
    page.see(&button("Gå till produktion")).await;
    // WebDriver takes words that could be cut off for hidden; the button they are on it doesn't.
    for badge in ["Sandlåda", "Inget skapas på riktigt"] {
        page.see(&format!(
            "//aside//button[.//*[normalize-space()='{badge}']]"
        ))
        .await;
    }
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
