//! The keyring's own program is killed, in the middle of a run. The session starts it anew, unlocked
//! (`scripts/session`).

use std::{process::Command, time::Duration};

use tokio::time::timeout;
use zbus::{Connection, fdo::DBusProxy};

use super::{LATENCY, one_of_each};
use crate::{
    session,
    world::{Latency, TestApp},
};

const KEYRING: &str = "org.freedesktop.secrets";

/// How long a keyring lives: who asked the last one at its end has its answer of the next one long before that ends.
const LIFE: Duration = Duration::from_secs(3);

#[test]
fn a_keyring_that_ends_in_the_middle_of_a_run_is_asked_once_it_is_back() {
    session::run("kill::keyring::ends_in_the_middle");
}

#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn ends_in_the_middle() {
    let app = TestApp::with(Latency::File(LATENCY)).await;
    app.add("nordvik").await;
    let bus = Connection::session().await.unwrap();
    let bus = DBusProxy::new(&bus).await.unwrap();
    let mut run = app.spawn(&["provision", "nordvik", "--json"]);
    let mut ended = Vec::new();
    while timeout(LIFE, run.wait()).await.is_err() {
        // None, where nobody has asked since the last one ended.
        if let Ok(keyring) = bus
            .get_connection_unix_process_id(KEYRING.try_into().unwrap())
            .await
        {
            kill(keyring);
            ended.push(keyring);
        }
    }
    let report = TestApp::ended(run).await.exits(0).json();
    ended.dedup();
    assert!(!ended.is_empty(), "no keyring ended in the run");
    one_of_each(&app, "nordvik", &report, "keyrings ended").await;
}

fn kill(process: u32) {
    let killed = Command::new("kill")
        .args(["-KILL", &process.to_string()])
        .status()
        .unwrap();
    assert!(killed.success(), "the keyring lives until it is killed");
}
