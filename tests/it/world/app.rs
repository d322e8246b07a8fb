//! The command line on a data directory of its own, pointed at a sandbox of its own.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    path::Path,
    process::{ExitStatus, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

use super::{
    cloud::{Cloud, Latency},
    program::program,
    vendor::Vendor,
};

/// The command line and its world.
pub(crate) struct TestApp {
    folder: TempDir,
    variables: BTreeMap<String, String>,
    /// The vendors.
    pub(crate) cloud: Cloud,
}

/// What a call of the command line came to.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code; −1 where a signal ended it.
    pub(crate) status: i32,
    /// The answer.
    pub(crate) stdout: String,
    /// Progress, log and complaints.
    pub(crate) stderr: String,
}

impl Ran {
    /// The answer's one document.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no document on stdout ({error}): {self:#?}"))
    }

    /// What was told on the way: each line of standard error is JSON.
    #[track_caller]
    pub(crate) fn progress(&self) -> Vec<Value> {
        let lines = self.stderr.lines();
        let told = |line| {
            serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{line} ({error}) is no JSON: {self:#?}"))
        };
        lines.map(told).collect()
    }

    /// The same, having ended with this code.
    #[track_caller]
    pub(crate) fn exits(self, status: i32) -> Self {
        assert_eq!(
            self.status, status,
            "the exit code of {}\n{}",
            self.stdout, self.stderr
        );
        self
    }
}

impl TestApp {
    /// Against vendors that take no time.
    pub(crate) async fn new() -> Self {
        Self::with(Latency::None).await
    }

    /// Against vendors that take their time.
    pub(crate) async fn with(latency: Latency) -> Self {
        let cloud = Cloud::start(&latency).await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut variables: BTreeMap<_, _> = cloud
            .environment()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let own = [("FABRIK_WORKSPACE", "agency"), ("FABRIK_LANG", "en")];
        variables.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
        variables.insert(
            "FABRIK_DATA_DIR".to_owned(),
            folder.path().join("data").display().to_string(),
        );
        Self {
            folder,
            variables,
            cloud,
        }
    }

    /// Sets a variable for all calls from now on.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.insert(name.to_owned(), value.into());
    }

    /// Takes a variable away.
    pub(crate) fn unset(&mut self, name: &str) {
        self.variables.remove(name);
    }

    /// Takes away what names the cloud's addresses: the workspace `sandbox` then starts a cloud of its own.
    pub(crate) fn name_no_cloud(&mut self) {
        self.variables.retain(|name, _| !name.ends_with("_URL"));
    }

    /// The variables that its calls get.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let variables = self.variables.iter();
        variables.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The data directory.
    pub(crate) fn data(&self) -> &Path {
        Path::new(&self.variables["FABRIK_DATA_DIR"])
    }

    /// Writes a file beside the data directory and returns its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path.display().to_string()
    }

    /// Runs the command line to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with_input(arguments, "").await
    }

    /// Runs the command line to its end, with this on standard input.
    pub(crate) async fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = self.spawn(arguments);
        let mut stdin = child.stdin.take().expect("it is piped");
        // A program that reads nothing may have ended by now.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        Self::ended(child).await
    }

    /// Starts the command line. Dropping the child kills it.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        let program = program();
        self.spawn_as(program.as_os_str(), arguments)
    }

    /// Starts a program in the command line's place, with its variables.
    pub(crate) fn spawn_as<A: AsRef<OsStr>>(&self, program: &OsStr, arguments: &[A]) -> Child {
        let mut command = Command::new(program);
        #[expect(
            clippy::disallowed_methods,
            reason = "what the test itself was given must not leak in"
        )]
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("FABRIK_") || name == "RUST_LOG" {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .envs(&self.variables)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts")
    }

    /// Waits for a child's end.
    pub(crate) async fn ended(child: Child) -> Ran {
        let output = child.wait_with_output().await.expect("it ends");
        Ran {
            status: code(output.status),
            stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
        }
    }

    /// Adds a customer called after its subdomain, on the starter plan.
    pub(crate) async fn add(&self, subdomain: &str) -> Value {
        let email = format!("anna@{subdomain}.example");
        let name = name_of(subdomain);
        let arguments = [
            "customers",
            "add",
            name.as_str(),
            "--subdomain",
            subdomain,
            "--email",
            email.as_str(),
            "--blueprint",
            "factory",
            "--plan",
            "starter",
            "--module",
            "crm",
            "--contact-name",
            "Anna Åker",
            "--language",
            "sv",
            "--json",
        ];
        self.run(&arguments).await.exits(0).json()
    }

    /// Adds a customer called by its subdomain, of a blueprint and one of its plans.
    pub(crate) async fn add_on(&self, subdomain: &str, blueprint: &str, plan: &str) {
        let email = format!("anna@{subdomain}.example");
        let arguments = [
            "customers",
            "add",
            subdomain,
            "--subdomain",
            subdomain,
            "--email",
            &email,
            "--blueprint",
            blueprint,
            "--plan",
            plan,
            "--contact-name",
            "Anna",
            "--language",
            "sv",
        ];
        self.run(&arguments).await.exits(0);
    }

    /// Adds the orchestra Lyran, called so and with this contact, below a domain of the agency's.
    pub(crate) async fn add_lyran(&self, name: &str, contact: &str) {
        self.set_base_domain("orkester.example").await;
        let arguments = [
            "customers",
            "add",
            name,
            "--subdomain",
            "lyran",
            "--email",
            "kansli@lyran.example",
            "--contact-name",
            contact,
            "--blueprint",
            "orchestra",
            "--plan",
            "small",
            "--language",
            "sv",
        ];
        self.run(&arguments).await.exits(0);
    }

    /// Sets the domain that customers get theirs below.
    pub(crate) async fn set_base_domain(&self, domain: &str) {
        let set = ["settings", "set", "domain.base", domain];
        self.run(&set).await.exits(0);
    }

    /// What the database of a customer's project says, as its owner.
    pub(crate) async fn ask_database(&self, project: &str, sql: &str) -> Value {
        let path = format!("/v1/projects/{project}/database/query");
        let query = json!({ "query": sql });
        self.vendor("supabase").post(&path, &query).await
    }

    /// A vendor's API, called as the agency may call it.
    pub(crate) fn vendor(&self, name: &'static str) -> Vendor {
        let upper = name.to_uppercase();
        let url = self.cloud.variable(&format!("FABRIK_{upper}_URL"));
        Vendor::new(url, self.cloud.variable(&format!("FABRIK_SECRET_{upper}")))
    }
}

/// `kund-1` → `Kund 1`, whose slug is the subdomain again.
pub(crate) fn name_of(subdomain: &str) -> String {
    let mut letters = subdomain.replace('-', " ").chars().collect::<Vec<_>>();
    letters[0].make_ascii_uppercase();
    letters.into_iter().collect()
}

fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or(-1)
}
