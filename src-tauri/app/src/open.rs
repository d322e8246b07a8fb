//! Opening a workspace: data directory, database, vault, sandbox, engine.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use fabrik_blueprints::Catalog;
use fabrik_clouds::Http;
use fabrik_domain::{
    Cause, Problem,
    ports::{Clock, Secrets},
    secret::SecretRef,
};
use fabrik_engine::Engine;
use fabrik_store::{SqliteStore, Store};
use fabrik_vault::{EnvironmentSecrets, KeyringVault, SandboxVault, VaultStatus};

use crate::{
    App, Browser,
    data_dir::{DataDir, SANDBOX, check_workspace},
    environment::Environment,
    liveness,
    sandbox_process::{SandboxProcess, command_line_program},
    system::{SystemClock, SystemRandom},
};

/// Who opens the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// The command line: takes tokens from the environment too.
    CommandLine,
    /// The window.
    Desktop,
}

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

/// Which vault the workspace's secrets are in.
pub(crate) enum Keyring {
    /// The operating system's.
    System(Arc<KeyringVault>),
    /// The sandbox's own.
    Sandbox,
}

impl App {
    /// Opens a workspace, and with the sandbox workspace the sandbox. A keyring that can't be used stops
    /// nothing here: what needs a secret says so.
    pub async fn open(options: Options) -> Result<Self, Problem> {
        let Options {
            environment,
            data_dir,
            workspace,
            browser,
        } = options;
        let path = data_dir.or_else(|| environment.data_dir()).ok_or_else(|| {
            Problem::from(Cause::DataDirectoryUnusable {
                path: "FABRIK_DATA_DIR".to_owned(),
            })
        })?;
        let data_dir = DataDir::open(&path)?;
        let workspace = workspace
            .or_else(|| environment.get("FABRIK_WORKSPACE").map(ToOwned::to_owned))
            .unwrap_or_else(|| data_dir.last_workspace());
        check_workspace(&workspace)?;
        data_dir.remember_workspace(&workspace)?;
        DataDir::open(&data_dir.workspace(&workspace))?;

        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let database = data_dir.database(&workspace);
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&database, Arc::clone(&clock))?);
        let sandbox = if workspace == SANDBOX {
            DataDir::open(&data_dir.logs())?;
            let log = data_dir.logs().join("sandbox.log");
            let latency = environment
                .get("FABRIK_SANDBOX_LATENCY")
                .unwrap_or("realistic");
            let program = command_line_program()?;
            Some(SandboxProcess::join(&program, &data_dir.sandbox_state(), &log, latency).await?)
        } else {
            None
        };
        let (vault, keyring): (Arc<dyn Secrets>, _) = match &sandbox {
            Some(_) => {
                let vault = SandboxVault::open(data_dir.sandbox_state().join("vault"))?;
                (Arc::new(vault), Keyring::Sandbox)
            }
            None => {
                let vault = Arc::new(KeyringVault::new());
                (Arc::clone(&vault) as _, Keyring::System(vault))
            }
        };
        // The sandbox's vault begins with the tokens that the sandbox made up; one that is set in their
        // place holds, so that a wrong one can be tried.
        let tokens = match &sandbox {
            Some(sandbox) => {
                for (provider, token) in sandbox.environment().secrets() {
                    let reference = SecretRef::token(store.workspace(), *provider);
                    vault.create_if_absent(&reference, token.clone()).await?;
                }
                BTreeMap::new()
            }
            None => environment.secrets().clone(),
        };
        let variables = environment.clone();
        let secrets: Arc<dyn Secrets> = Arc::new(EnvironmentSecrets::over(
            Arc::clone(&vault),
            store.workspace(),
            tokens,
            move |name| variables.secret(name),
        ));
        let engine = Engine::new(
            Arc::clone(&store),
            Arc::clone(&secrets),
            Arc::clone(&clock),
            Arc::new(SystemRandom),
            liveness::this_process(),
        );
        Ok(Self {
            http: Http::over_network(Arc::clone(&clock))?,
            blueprints: Catalog::new(data_dir.blueprints(&workspace)),
            operator: operator(&environment),
            environment,
            data_dir,
            workspace,
            database,
            store,
            vault,
            keyring,
            secrets,
            clock,
            engine,
            sandbox,
            driving: tokio::sync::Mutex::default(),
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
}

/// Who works here: `name@machine`.
fn operator(environment: &Environment) -> String {
    let name = ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| environment.get(name));
    format!("{}@{}", name.unwrap_or("operator"), liveness::machine())
}
