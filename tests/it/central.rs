//! One central database for two desktops: records that move to a server and back, a customer provisioned there, and
//! what one desktop does seen by the other.

mod away;
mod heard;
mod leaving;
mod moves;
mod passwords;

use std::sync::Arc;

use fabrik_app::{App, Environment, Options};
use fabrik_domain::customer::NewCustomer;
use serde_json::Value;

use crate::world::TestApp;

async fn customers(app: &TestApp) -> Vec<String> {
    let list = app.run(&["customers", "list", "--json"]).await.exits(0);
    let list = list.json();
    let rows = list["customers"].as_array().unwrap().iter();
    let mut names: Vec<_> = rows
        .map(|row| row["subdomain"].as_str().unwrap().to_owned())
        .collect();
    names.sort_unstable();
    names
}

async fn set(app: &TestApp, url: &str, rest: &[&str]) -> Value {
    let arguments = [&["settings", "set", "database", url, "--json"], rest].concat();
    app.run(&arguments).await.exits(0).json()
}

/// What a window of this desktop has open.
pub(crate) async fn window_of(app: &TestApp) -> Arc<App> {
    let variables = app
        .variables()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let window = App::open(Options {
        environment: Environment::of(variables, true),
        data_dir: None,
        workspace: None,
        browser: None,
    });
    Arc::new(window.await.unwrap())
}

/// A customer to be added.
fn wish(name: &str) -> NewCustomer {
    NewCustomer {
        name: name.to_owned(),
        subdomain: name.to_owned(),
        contact_email: format!("info@{name}.example"),
        blueprint: "factory".to_owned(),
        plan: "starter".to_owned(),
        ..NewCustomer::default()
    }
}
