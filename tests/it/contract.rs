//! What scripts rely on: documents, exit codes, languages.

mod cancels;
#[cfg(unix)]
mod ctrl_c;
mod documents;
mod failures;
mod removals;
mod sandbox;

use std::time::Duration;

use crate::world::TestApp;

/// The newest of so many runs, once a process is at work on it.
async fn under_way(app: &TestApp, runs: usize) -> String {
    loop {
        let list = app.run(&["runs", "list", "--json"]).await.exits(0).json();
        let list = list["runs"].as_array().unwrap();
        let newest = list.first().filter(|_| list.len() == runs);
        match newest.map(|run| (run["state"].as_str(), run["id"].as_str())) {
            Some((Some("running" | "undoing"), Some(id))) => return id.to_owned(),
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
