//! `WebKitWebDriver`, which starts the app with its own variables and drives its window.

use std::{
    ffi::OsString,
    fs::{self, File},
    net::Ipv4Addr,
    path::Path,
    process::Stdio,
    time::Duration,
};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};

use super::page;

/// How long the window may take to open: the first start writes a database and reads the keyring.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running driver. Dropping it ends it.
pub(crate) struct Driver {
    _process: Child,
    port: u16,
}

impl Driver {
    /// Starts one that listens. What it and the app say goes to `NAME.log` among the screenshots.
    pub(crate) async fn start(variables: &[(OsString, OsString)], name: &str) -> Self {
        fs::create_dir_all(page::screenshots()).unwrap();
        let log = File::create(page::screenshots().join(format!("{name}.log"))).unwrap();
        // It takes no socket, and tells of no port that it chose itself.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut process = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .envs(variables.iter().map(|(name, value)| (name, value)))
            // Without it the driver waits for ever for a window that can be driven.
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("WebKitWebDriver: {error}; `scripts/setup` installs it")
            });
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .is_err()
        {
            if let Some(status) = process.try_wait().unwrap() {
                panic!("WebKitWebDriver ended with {status}");
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "WebKitWebDriver does not listen"
            );
            sleep(Duration::from_millis(10)).await;
        }
        Self {
            _process: process,
            port,
        }
    }

    /// Starts the app, and gives its window.
    pub(crate) async fn open(&self, program: &Path) -> Client {
        let options = json!({ "binary": program, "args": [] });
        let capabilities = [("webkitgtk:browserOptions".to_owned(), options)];
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(
            capabilities
                .into_iter()
                .collect::<serde_json::Map<String, Value>>(),
        );
        timeout(
            PATIENCE,
            builder.connect(&format!("http://127.0.0.1:{}", self.port)),
        )
        .await
        .expect("the app opens a window; what it said is among the screenshots")
        .unwrap()
    }
}
