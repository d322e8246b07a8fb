//! Opening a workspace: data directory, database, vault, sandbox, engine.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use fabrik_blueprints::Catalog;
use fabrik_clouds::{Gates, Http};
use fabrik_domain::{
    Cause, Problem,
    ports::{Clock, Secrets},
    provider::Provider,
    secret::Secret,
};
use fabrik_engine::Engine;
use fabrik_vault::{EnvironmentSecrets, KeyringVault, SandboxVault, VaultStatus};

use crate::{
    App, Browser,
    central::{Central, Place},
    copies::Copies,
    data_dir::{DataDir, SANDBOX, check_workspace},
    environment::Environment,
    liveness::{self, Presence},
    logging,
    sandbox::{Sandbox, named_tokens},
    shared_limits::SharedLimits,
    system::{SystemClock, SystemRandom},
};

/// How a workspace is opened.
pub struct Options {
    /// The process's variables.
    pub environment: Environment,
    /// The data directory; else as the variables say.
    pub data_dir: Option<PathBuf>,
    /// The workspace; else as the variables say, else the one used last, else the sandbox.
    pub workspace: Option<String>,
    /// What opens pages; none on a machine without a display.
    pub browser: Option<Browser>,
}

impl Options {
    /// The data directory, made where there is none, and the name of the workspace in it.
    pub(crate) fn place(&self) -> Result<(DataDir, String), Problem> {
        let path = self.data_dir.clone();
        let path = path.or_else(|| self.environment.data_dir());
        let path = path.ok_or_else(|| Cause::DataDirectoryUnusable {
            path: "FABRIK_DATA_DIR".to_owned(),
        })?;
        let data_dir = DataDir::open(&path)?;
        let asked = self.workspace.as_deref();
        let workspace = asked
            .or_else(|| self.environment.get("FABRIK_WORKSPACE"))
            .map_or_else(|| data_dir.last_workspace(), ToOwned::to_owned);
        check_workspace(&workspace)?;
        Ok((data_dir, workspace))
    }

    /// Starts the log of this process, before the workspace is opened: what goes wrong then is what it is wanted for.
    /// `filter` as in [`logging::start`]. Where there is no data directory, or no such workspace, there is no log.
    pub fn start_log(&self, filter: Option<&str>) {
        if let Ok((data_dir, _)) = self.place() {
            logging::start(&data_dir.logs(), filter);
        }
    }
}

/// Which vault the workspace's secrets are in.
pub(crate) enum Keyring {
    /// The operating system's.
    System(Arc<KeyringVault>),
    /// The sandbox's own.
    Sandbox,
}

impl App {
    /// Opens a workspace, and with the sandbox workspace the sandbox. A keyring that can't be used stops
    /// nothing here: what needs a secret says so. Nor does a sandbox that doesn't start, or a data directory or a
    /// database that can be read and not written: [`standing`](Self::standing) says so.
    pub async fn open(options: Options) -> Result<Self, Problem> {
        let opened = Self::opened(options).await;
        if let Err(problem) = &opened {
            tracing::error!(%problem, "the workspace was not opened");
        }
        opened
    }

    async fn opened(options: Options) -> Result<Self, Problem> {
        let (data_dir, workspace) = options.place()?;
        let Options {
            environment,
            browser,
            ..
        } = options;
        DataDir::open(&data_dir.workspace(&workspace))?;
        let processes = data_dir.processes(&workspace);
        let presence = Presence::enter(processes);

        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let place = Place::of(&data_dir, &workspace)?;
        let (vault, keyring): (Arc<dyn Secrets>, _) = if workspace == SANDBOX {
            let vault = SandboxVault::open(data_dir.sandbox_state().join("vault"))?;
            (Arc::new(vault), Keyring::Sandbox)
        } else {
            let vault = Arc::new(KeyringVault::new());
            (Arc::clone(&vault) as _, Keyring::System(vault))
        };
        let Central { store, windows } = place.open(Arc::clone(&vault), Arc::clone(&clock)).await?;
        let copy_trouble = match Copies::of(&data_dir, &workspace, &place) {
            Some(copies) => copies.keep(store.as_ref(), clock.now()).await?,
            None => None,
        };
        let sandbox = if workspace == SANDBOX {
            let sandbox = Sandbox::of(&data_dir, &environment);
            sandbox.join(vault.as_ref(), store.workspace()).await;
            Some(sandbox)
        } else {
            None
        };
        let tokens = tokens_of(&environment, sandbox.is_some());
        let variables = environment.clone();
        let secrets: Arc<dyn Secrets> = Arc::new(EnvironmentSecrets::over(
            Arc::clone(&vault),
            store.workspace(),
            tokens,
            move |name| variables.secret(name),
        ));
        let gates = Arc::new(Gates::new(
            Arc::clone(&clock),
            Arc::clone(&windows),
            presence.name().to_owned(),
        ));
        let shared_limits = SharedLimits::new(Arc::clone(&gates), windows, Arc::clone(&clock));
        if let Err(problem) = shared_limits.look().await {
            // A run looks again before its first call.
            tracing::warn!(%problem, "what others use of the limits was not read");
        }
        let http = Http::over_network(Arc::clone(&clock))?.gated(gates.clone());
        #[cfg(debug_assertions)]
        let http = match environment.get("FABRIK_PANIC_AT") {
            Some(path) => http.panicking_at(path.to_owned()),
            None => http,
        };
        // Last, so that one that can't be opened is not what the next start begins with.
        if let Err(problem) = data_dir.remember_workspace(&workspace) {
            tracing::warn!(%problem, "the workspace is not noted for the next start");
        }
        let engine = Engine::new(
            Arc::clone(&store),
            Arc::clone(&secrets),
            Arc::clone(&clock),
            Arc::new(SystemRandom),
            presence.name().to_owned(),
        )
        .gated(gates.clone());
        Ok(Self {
            http,
            blueprints: Catalog::new(data_dir.blueprints(&workspace)),
            operator: operator(&environment),
            environment,
            data_dir,
            workspace,
            place,
            store,
            vault,
            keyring,
            secrets,
            clock,
            engine,
            presence,
            shared_limits,
            sandbox,
            driving: tokio::sync::Mutex::default(),
            drafts: std::sync::atomic::AtomicU64::default(),
            looked_for_cleared: std::sync::atomic::AtomicBool::default(),
            expired: std::sync::Mutex::default(),
            language_chosen: std::sync::atomic::AtomicBool::default(),
            stripe_trouble: std::sync::Mutex::default(),
            shown_diagnostics: std::sync::Mutex::default(),
            copy_trouble: std::sync::Mutex::new(copy_trouble),
            importing: std::sync::Mutex::default(),
            source: crate::source::SourceState::default(),
            browser,
        })
    }

    /// How the vault is, without a prompt.
    pub async fn vault_status(&self) -> VaultStatus {
        match &self.keyring {
            Keyring::System(vault) => vault.status().await,
            Keyring::Sandbox => VaultStatus::sandbox(),
        }
    }

    /// Whether a read of the vault may ask the user, or can't be done: as it was found, where it was looked at.
    pub(crate) async fn vault_may_ask(&self, found: Option<&VaultStatus>) -> bool {
        let is_system = matches!(self.keyring, Keyring::System(_));
        if is_system && KeyringVault::PROMPTS_UNSEEN {
            return true;
        }
        match found {
            Some(status) => status.problem.is_some(),
            None => self.vault_status().await.problem.is_some(),
        }
    }

    /// Lets the keyring ask again, where its prompt was turned away before: the user does what it is needed for.
    pub(crate) async fn keyring_asks_again(&self) {
        if let Keyring::System(vault) = &self.keyring {
            vault.ask_again().await;
        }
    }

    /// See the table of commands. Of use in the sandbox too, which needs none: real accounts will.
    pub async fn keyring_check(&self) -> Result<VaultStatus, Problem> {
        Ok(match &self.keyring {
            Keyring::System(vault) => vault.status().await,
            Keyring::Sandbox => KeyringVault::new().status().await,
        })
    }
}

/// The tokens of the environment that count in a workspace: in the sandbox those alone that go to another sandbox.
pub(crate) fn tokens_of(environment: &Environment, sandbox: bool) -> BTreeMap<Provider, Secret> {
    if sandbox {
        named_tokens(environment)
    } else {
        environment.secrets().clone()
    }
}

/// Who works here: `name@machine`.
pub(crate) fn operator(environment: &Environment) -> String {
    let name = ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| environment.get(name));
    format!("{}@{}", name.unwrap_or("operator"), liveness::machine())
}

#[cfg(test)]
mod tests {
    use crate::{App, DataDir, Environment, Options};

    #[tokio::test]
    async fn a_workspace_that_cannot_be_opened_is_not_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let options = |workspace: &str| Options {
            environment: Environment::default(),
            data_dir: Some(folder.path().to_owned()),
            workspace: Some(workspace.to_owned()),
            browser: None,
        };
        App::open(options("good")).await.unwrap();
        // A folder stands where the database should be.
        std::fs::create_dir_all(folder.path().join("bad/central.db")).unwrap();
        for name in ["bad", "workspace", "logs"] {
            assert!(App::open(options(name)).await.is_err(), "{name} is refused");
        }
        let last = DataDir::open(folder.path()).unwrap().last_workspace();
        assert_eq!(last, "good");
    }
}
