//! The key that Stripe is read with: what it may do, and what it must.

use serde_json::{Value, json};

use crate::world::TestApp;

#[tokio::test]
async fn a_key_that_may_do_anything_is_refused_with_the_reason() {
    let mut app = TestApp::new().await;
    let key = "sk_live_51KanariefagelZq7Xv9Wj3Kp5";
    // Stripe itself would take it.
    let token = json!({ "provider": "stripe", "token": key });
    app.cloud.steer("tokens", &token).await;
    app.set("FABRIK_SECRET_STRIPE", key);
    let refused = app.run(&["stripe", "poll", "--json"]).await;
    assert!(
        !format!("{refused:?}").contains("Kanariefagel"),
        "{refused:#?}"
    );
    assert_eq!(refused.exits(3).json()["code"], "credential_unrestricted");
    let calls = app.cloud.look("calls").await.to_string();
    assert!(!calls.contains("stripe"), "it was never sent: {calls}");
    let file = app.file("old.env", format!("STRIPE_SECRET_KEY={key}\n"));
    let imported = app.run(&["credentials", "import", &file, "--json"]).await;
    let imported: Value = serde_json::from_str(&imported.stdout).expect("a document");
    assert_eq!(
        imported["entries"][0]["problem"]["code"], "credential_unrestricted",
        "{imported:#}"
    );

    // A restricted one that may not read what is needed says what it lacks.
    let narrow = json!({ "provider": "stripe", "token": "rk_live_narrow0123456789", "scopes": ["account:read", "events:read"] });
    app.cloud.steer("tokens", &narrow).await;
    app.set("FABRIK_SECRET_STRIPE", "rk_live_narrow0123456789");
    let tested = app.run(&["credentials", "test", "stripe", "--json"]).await;
    let text = tested.stdout;
    assert!(
        text.contains("Subscriptions: read") && text.contains("credential_scope_missing"),
        "{text}"
    );
}
