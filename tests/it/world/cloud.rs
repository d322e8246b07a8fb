//! A sandbox: a process of its own, as in use, that lives on when the command line is killed.

use std::{path::Path, process::Stdio, time::Duration};

use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use super::program::program;

/// How long vendors take.
pub(crate) enum Latency {
    /// No time.
    None,
    /// As the real ones: for the figures.
    #[allow(dead_code, reason = "no test has the time")]
    Realistic,
    /// As this latency file says.
    File(&'static str),
}

/// A running sandbox. Dropping it ends it.
pub(crate) struct Cloud {
    /// Its state lies here.
    folder: TempDir,
    control: String,
    environment: Map<String, Value>,
    http: reqwest::Client,
    /// How many repositories the owner has from the start.
    repositories: usize,
    /// The same of Vercel projects.
    sites: usize,
    _child: Child,
}

impl Cloud {
    /// Starts one on a folder of its own, and waits until it says that it is ready.
    pub(crate) async fn start(latency: &Latency) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let choice = match latency {
            Latency::None => "none".into(),
            Latency::Realistic => "realistic".into(),
            Latency::File(text) => {
                let file = folder.path().join("latency.toml");
                std::fs::write(&file, text).expect("the latency file");
                file.into_os_string()
            }
        };
        let state = folder.path().join("cloud");
        let log = std::fs::File::create(folder.path().join("stderr")).expect("a log file");
        let mut child = Command::new(program())
            .args(["sandbox", "serve", "--port", "0", "--seed", "7", "--data"])
            .arg(&state)
            .arg("--latency")
            .arg(choice)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("the sandbox starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let line = tokio::time::timeout(Duration::from_mins(1), lines.next_line()).await;
        let line = line
            .expect("ready within a minute")
            .expect("a line")
            .unwrap_or_else(|| {
                let said =
                    std::fs::read_to_string(folder.path().join("stderr")).unwrap_or_default();
                panic!("the sandbox ended at once: {said}")
            });
        let ready: Value = serde_json::from_str(&line).expect("the ready line is JSON");
        assert_eq!(ready["ready"], true, "{line}");
        let mut cloud = Self {
            folder,
            control: ready["control"]
                .as_str()
                .expect("the control URL")
                .to_owned(),
            environment: ready["environment"]
                .as_object()
                .expect("the environment")
                .clone(),
            http: client(),
            repositories: 0,
            sites: 0,
            _child: child,
        };
        cloud.repositories = cloud.resources("github", "repository").await.len();
        cloud.sites = cloud.resources("vercel", "project").await.len();
        cloud
    }

    /// Where its state lies, with all that the vendors know.
    #[allow(dead_code, reason = "only tests of a window ask")]
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The variables of its ready line.
    pub(crate) fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        self.environment
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
    }

    /// A variable of its ready line.
    pub(crate) fn variable(&self, name: &str) -> &str {
        self.environment[name]
            .as_str()
            .unwrap_or_else(|| panic!("{name} is in the ready line"))
    }

    /// `GET` below the control endpoint.
    pub(crate) async fn look(&self, path: &str) -> Value {
        let answer = self
            .http
            .get(format!("{}/{path}", self.control))
            .send()
            .await;
        let text = answer
            .expect("the sandbox answers")
            .text()
            .await
            .expect("a body");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}"))
    }

    /// `POST` below the control endpoint.
    pub(crate) async fn steer(&self, path: &str, body: &Value) {
        let request = self
            .http
            .post(format!("{}/{path}", self.control))
            .header("content-type", "application/json")
            .body(body.to_string());
        let answer = request.send().await.expect("the sandbox answers");
        let status = answer.status();
        assert!(
            status.is_success(),
            "{path}: {status}: {}",
            answer.text().await.unwrap_or_default()
        );
    }

    /// These fault rules from now on.
    pub(crate) async fn faults(&self, rules: Value) {
        self.steer("faults", &rules).await;
    }

    /// The resources of a kind: `(id, document)`.
    pub(crate) async fn resources(&self, provider: &str, kind: &str) -> Vec<(String, Value)> {
        let state = self.look("state").await;
        let all = state["resources"][provider][kind]
            .as_object()
            .cloned()
            .unwrap_or_default();
        all.into_iter().collect()
    }

    /// How many calls of the changing kind there were.
    pub(crate) async fn mutating(&self) -> u64 {
        self.look("state").await["mutating"]
            .as_u64()
            .expect("a number")
    }

    /// Everything that was sent, the oldest first.
    pub(crate) async fn mails(&self) -> Vec<Value> {
        let mails = self.look("mails").await;
        mails["mails"].as_array().cloned().expect("a list")
    }

    /// How many there are of what a customer is given, at all vendors and of all customers.
    pub(crate) async fn census(&self) -> Value {
        let count = async |provider, kind| self.resources(provider, kind).await.len();
        json!({
            "supabase projects": count("supabase", "project").await,
            "repositories": count("github", "repository").await - self.repositories,
            "vercel projects": count("vercel", "project").await - self.sites,
            "deployments": count("vercel", "deployment").await,
            "mails": count("resend", "email").await,
        })
    }
}

/// A client that follows nothing and goes through no proxy.
pub(crate) fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder()
        .no_proxy()
        .user_agent("fabrik-tests");
    builder
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}
