//! The inbox: a request becomes a customer with an instance, once, whoever approves and whoever is killed.

mod decided;
mod once;

use serde_json::Value;

use crate::world::TestApp;

async fn ask(app: &TestApp, name: &str, subdomain: &str) -> String {
    let email = format!("anna@{subdomain}.example");
    let arguments = [
        "requests",
        "add",
        name,
        "--subdomain",
        subdomain,
        "--email",
        &email,
        "--blueprint",
        "factory",
        "--plan",
        "starter",
        "--message",
        "Hej!",
        "--json",
    ];
    let request = app.run(&arguments).await.exits(0).json();
    assert_eq!(request["state"], "open", "{request:#}");
    request["id"].as_str().expect("an id").to_owned()
}

async fn show(app: &TestApp, id: &str) -> Value {
    app.run(&["requests", "show", id, "--json"])
        .await
        .exits(0)
        .json()
}
