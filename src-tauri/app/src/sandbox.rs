//! The cloud of the sandbox workspace: joined when the workspace is opened. Where that fails the workspace opens
//! without it: its records are shown, what would ask the cloud for something says why it can't, and a window tries
//! again from time to time. Variables that name another sandbox on this machine, with its tokens, take its place.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use fabrik_domain::{
    Problem,
    id::WorkspaceId,
    ports::Secrets,
    provider::Provider,
    secret::{ExposeSecret, Secret, SecretRef},
    setting,
};
use fabrik_store::Topic;
use fabrik_vault::refuse_non_loopback;
use tokio::sync::OnceCell;
use url::Url;

use crate::{
    App,
    data_dir::DataDir,
    environment::Environment,
    sandbox_process::{SandboxProcess, command_line_program, ends_after},
};

/// How often a window tries again.
const AGAIN: Duration = Duration::from_secs(30);

/// The cloud on this machine.
pub(crate) struct Sandbox {
    state: PathBuf,
    logs: PathBuf,
    environment: Environment,
    process: OnceCell<SandboxProcess>,
    /// Why it could not be joined the last time.
    trouble: Mutex<Option<Problem>>,
}

impl Sandbox {
    /// That of a data directory, not joined yet.
    pub(crate) fn of(data_dir: &DataDir, environment: &Environment) -> Self {
        Self {
            state: data_dir.sandbox_state(),
            logs: data_dir.logs(),
            environment: environment.clone(),
            process: OnceCell::new(),
            trouble: Mutex::default(),
        }
    }

    /// Joins it, where that has not been done, and keeps its tokens in its vault. Why that can't be is kept. Where the
    /// variables name another for every vendor, there is nothing to join.
    pub(crate) async fn join(&self, vault: &dyn Secrets, workspace: WorkspaceId) {
        if self.is_replaced() {
            return;
        }
        let joined = self.process.get_or_try_init(|| async {
            let process = self.start().await?;
            keep_tokens(process.environment(), vault, workspace).await?;
            Ok::<_, Problem>(process)
        });
        let trouble = joined.await.err();
        if let Some(problem) = &trouble {
            tracing::warn!(%problem, "the sandbox can't be joined");
        }
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Whether the variables name another for every vendor.
    fn is_replaced(&self) -> bool {
        named_tokens(&self.environment).len() == Provider::ALL.len()
    }

    /// Where vendors are called, for people: its folder, and the addresses that the variables name in its place.
    pub(crate) fn place(&self) -> String {
        let own = self.state.display().to_string();
        let own = (!self.is_replaced()).then_some(own);
        let named = named_tokens(&self.environment).into_keys();
        let named: BTreeSet<_> = named
            .filter_map(|provider| named_address(&self.environment, &url_setting(provider)))
            .filter_map(|address| Url::parse(address).ok())
            .map(|address| address.origin().ascii_serialization())
            .collect();
        let places: Vec<_> = own.into_iter().chain(named).collect();
        places.join(", ")
    }

    async fn start(&self) -> Result<SandboxProcess, Problem> {
        DataDir::open(&self.logs)?;
        let log = self.logs.join("sandbox.log");
        let latency = self.environment.get("FABRIK_SANDBOX_LATENCY");
        let latency = latency.unwrap_or("realistic");
        let program = command_line_program()?;
        SandboxProcess::join(&program, &self.state, &log, latency, &self.environment).await
    }

    /// The variables that point a workspace at it; none while it is not joined.
    pub(crate) fn environment(&self) -> Option<&Environment> {
        self.process.get().map(SandboxProcess::environment)
    }

    /// Why it could not be joined; none where it was.
    pub(crate) fn trouble(&self) -> Option<Problem> {
        let trouble = self.trouble.lock();
        trouble.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The tokens of the environment for vendors whose addresses it names too, on this machine: those of a sandbox that
/// serves elsewhere. Any other token is left where it is, for it might be a real one.
pub(crate) fn named_tokens(environment: &Environment) -> BTreeMap<Provider, Secret> {
    let names = |key: &str| named_address(environment, key).is_some();
    let goes_there = |provider: &Provider| {
        names(&url_setting(*provider))
            && (*provider != Provider::Supabase || names("supabase.project.url"))
    };
    let tokens = environment.secrets().iter();
    tokens
        .filter(|(provider, _)| goes_there(provider))
        .map(|(provider, token)| (*provider, token.clone()))
        .collect()
}

/// The setting with a vendor's address.
fn url_setting(provider: Provider) -> String {
    format!("{}.url", provider.key())
}

/// The address that the environment names in a setting's place, on this machine.
fn named_address<'a>(environment: &'a Environment, setting: &str) -> Option<&'a str> {
    let variable = setting::find(setting).ok()?.variable();
    let url = environment.get(&variable)?;
    refuse_non_loopback(url).is_ok().then_some(url)
}

/// The sandbox's vault holds the tokens that the sandbox made up, and no others: one that was removed comes back.
async fn keep_tokens(
    environment: &Environment,
    vault: &dyn Secrets,
    workspace: WorkspaceId,
) -> Result<(), Problem> {
    for (provider, token) in environment.secrets() {
        let reference = SecretRef::token(workspace, *provider);
        let kept = vault.get(&reference).await?;
        let same = |kept: &Secret| kept.expose_secret() == token.expose_secret();
        if !kept.as_ref().is_some_and(same) {
            vault.set(&reference, token.clone()).await?;
        }
    }
    Ok(())
}

impl App {
    /// Why there is no cloud in the sandbox workspace; none elsewhere.
    pub(crate) fn sandbox_trouble(&self) -> Option<Problem> {
        self.sandbox.as_ref().and_then(Sandbox::trouble)
    }

    /// How many seconds after its last client has left the sandbox that is joined ends, and its instances with it; none
    /// where it goes on until stopped.
    pub fn sandbox_ends_after(&self) -> Option<u64> {
        let sandbox = self.sandbox.as_ref()?;
        // Beside the variables of another one, it is none of this process's.
        sandbox.process.get()?;
        ends_after(&sandbox.state)
    }

    /// Tries to join a sandbox that could not be joined, for as long as it is polled.
    pub(crate) async fn watch_sandbox(&self) {
        if let Some(sandbox) = &self.sandbox {
            let mut missing = sandbox.trouble().is_some();
            while missing {
                self.clock.sleep(AGAIN).await;
                let workspace = self.store.workspace();
                sandbox.join(self.vault.as_ref(), workspace).await;
                missing = sandbox.trouble().is_some();
                if !missing {
                    // A window that isn't told asks within a minute.
                    let _ = self.store.announce(Topic::Credentials, "sandbox").await;
                }
            }
        }
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::{Problem, provider::Provider};

    use super::Sandbox;
    use crate::{App, DataDir, Environment, Options, SANDBOX, testing::new_customer};

    #[test]
    fn the_address_that_takes_its_place_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = DataDir::open(folder.path()).unwrap();
        let own = data_dir.sandbox_state().display().to_string();
        let place = |providers: &[Provider]| {
            let variables = providers.iter().flat_map(|provider| {
                let key = provider.key().to_uppercase();
                let url = format!("http://127.0.0.1:4000/{}", provider.key());
                [
                    (format!("FABRIK_{key}_URL"), url.clone()),
                    (format!("FABRIK_{key}_PROJECT_URL"), url),
                    (format!("FABRIK_SECRET_{key}"), "made up".to_owned()),
                ]
            });
            let environment = Environment::of(variables, true);
            Sandbox::of(&data_dir, &environment).place()
        };
        let named = "http://127.0.0.1:4000";
        assert_eq!(place(&[]), own);
        assert_eq!(place(&Provider::ALL), named);
        assert_eq!(place(&Provider::ALL[..1]), format!("{own}, {named}"));
    }

    #[tokio::test]
    async fn a_workspace_opens_without_its_cloud_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        // A file stands where the log of the cloud should be.
        std::fs::write(folder.path().join("logs"), "no folder").unwrap();
        let app = App::open(Options {
            environment: Environment::default(),
            data_dir: Some(folder.path().to_owned()),
            workspace: Some(SANDBOX.to_owned()),
            browser: None,
        })
        .await
        .unwrap();
        assert!(app.is_sandbox(), "nothing is made for real");
        let customer = app.customer_add(new_customer()).await.unwrap();
        let there = app.store.customer(customer.id).await.unwrap();
        assert_eq!(there.id, customer.id, "the records are there");

        let standing = app.standing().await.unwrap();
        let codes: Vec<_> = standing.iter().map(Problem::code).collect();
        assert_eq!(codes, ["data_directory_unusable"], "why there is no cloud");
        let diagnosis = app.doctor().await.unwrap();
        let wrong = diagnosis.findings.iter().find(|one| one.problem.is_some());
        assert_eq!(wrong.and_then(|one| one.problem.as_ref()), standing.first());

        // No vendor is asked, in the sandbox's place least of all.
        let settings = app.settings().await.unwrap().values();
        let refused = app.clouds(&settings).err();
        assert_eq!(refused.as_ref(), standing.first());
        let removal = app.begin_removal(there.id, &there.subdomain).await;
        assert_eq!(removal.err().as_ref(), standing.first(), "nor later");
    }

    #[tokio::test]
    async fn of_a_sandbox_that_was_not_joined_no_end_is_told() {
        let folder = tempfile::tempdir().unwrap();
        // One that a window holds, say, while this process is pointed at another.
        let state = folder.path().join(SANDBOX);
        std::fs::create_dir_all(&state).unwrap();
        let endpoint = r#"{"control": "http://127.0.0.1:1/x", "until_unused": 30}"#;
        std::fs::write(state.join("endpoint.json"), endpoint).unwrap();
        let url = "http://127.0.0.1:1".to_owned();
        let mut elsewhere = vec![("FABRIK_SUPABASE_PROJECT_URL".to_owned(), url.clone())];
        for provider in Provider::ALL {
            let key = provider.key().to_uppercase();
            elsewhere.push((format!("FABRIK_{key}_URL"), url.clone()));
            elsewhere.push((format!("FABRIK_SECRET_{key}"), "token".to_owned()));
        }
        let app = App::open(Options {
            environment: Environment::of(elsewhere, true),
            data_dir: Some(folder.path().to_owned()),
            workspace: Some(SANDBOX.to_owned()),
            browser: None,
        })
        .await
        .unwrap();
        assert_eq!(app.sandbox_trouble(), None, "there was nothing to join");
        assert_eq!(app.sandbox_ends_after(), None);
    }
}
