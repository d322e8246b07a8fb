//! Another place for a central database on a server that can't be opened: it is away, or its password is another by now.
//! What would mend that must not need it open. No record is touched here; where they are is noted.

use std::sync::Arc;

use fabrik_domain::{
    Cause, Problem,
    ports::{Clock, Secrets},
    secret::ExposeSecret,
};
use fabrik_store::{FileHold, NewAudit, Store};
use fabrik_vault::{KeyringVault, SandboxVault};
use serde_json::json;

use super::{
    LOCAL, Place, at, blocking, entered,
    leaving::{alone, forget},
    place::Kept,
    secrets::keep_password,
    view,
};
use crate::{
    Options,
    data_dir::{DataDir, SANDBOX},
    entered::EnteredSecret,
    liveness::is_anybody_at,
    open::operator,
    system::SystemClock,
    views::DatabaseView,
};

/// The vault of a workspace that is not open.
pub(crate) fn vault_of(data_dir: &DataDir, workspace: &str) -> Result<Arc<dyn Secrets>, Problem> {
    Ok(if workspace == SANDBOX {
        Arc::new(SandboxVault::open(data_dir.sandbox_state().join("vault"))?)
    } else {
        Arc::new(KeyringVault::new())
    })
}

/// Where the central database is that can't be opened.
///
/// # Errors
/// The data directory is none, the workspace's name, or what says where it is can't be read.
pub fn database_unopened(options: &Options) -> Result<DatabaseView, Problem> {
    let (data_dir, workspace) = options.place()?;
    Ok(view(&Place::of(&data_dir, &workspace)?))
}

/// Another place, or another password, for a database on a server that could not be opened because of `problem`. Records
/// stay where they are: `bring` is refused with the problem itself, and so is a file, which has its copies.
///
/// # Errors
/// What keeps the place from being noted; `database_only_there` where the file here is older than what is on the server, and
/// another one hasn't got that either; `database_busy` where another process of this data directory lives, but for a new
/// password.
pub async fn database_set_unopened(
    options: &Options,
    problem: Problem,
    url: EnteredSecret,
    password: Option<EnteredSecret>,
    bring: bool,
) -> Result<DatabaseView, Problem> {
    let (data_dir, workspace) = options.place()?;
    let noted = data_dir.central(&workspace);
    let before = match Place::of(&data_dir, &workspace) {
        Ok(Place::File(_)) => return Err(problem),
        Ok(server) => Some(server),
        // It can't be read, and is written anew.
        Err(_) => None,
    };
    if bring {
        return Err(problem);
    }
    let typed = url.0.expose_secret().trim();
    let next = if typed == LOCAL {
        None
    } else {
        Some(entered(typed, password)?)
    };
    let left = before.as_ref().and_then(|one| one.left_for(next.as_ref()));
    // What can't be read may have named any.
    let (_alone, moved_from) = if left.is_some() || before.is_none() {
        let alone = alone_here(&data_dir, &workspace).await?;
        let moved_from = fabrik_store::moved_from(&data_dir.database(&workspace))?;
        (Some(alone), moved_from)
    } else {
        (None, None)
    };
    let only_there = || {
        let place = left.clone();
        let place = place.unwrap_or_else(|| noted.display().to_string());
        Problem::from(Cause::DatabaseOnlyThere { place })
    };
    let vault = vault_of(&data_dir, &workspace)?;
    let password = match next {
        None if moved_from.is_some() => return Err(only_there()),
        None => {
            blocking(move || forget(&noted)).await?;
            None
        }
        Some(address) => {
            // Whatever is wrong with the server is known before anything is kept.
            let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
            let store = at(&address, &clock).await?;
            let found = store.workspace();
            if moved_from.is_some_and(|workspace| workspace != found) {
                return Err(only_there());
            }
            let mut secrets = keep_password(&noted, &address, found, vault.as_ref()).await?;
            let password = secrets.password().cloned();
            let kept = Kept {
                url: address.to_string(),
                password: password.clone(),
                workspace: Some(found),
            };
            let audit = NewAudit {
                operator: operator(&options.environment),
                action: "database.chosen".to_owned(),
                customer: None,
                run: None,
                facts: json!({ "database": kept.url, "records": false }),
            };
            let chosen = async {
                store.audit(audit).await?;
                if let Some(from) = before.as_ref().and_then(Place::workspace) {
                    secrets.bring_tokens(from, vault.as_ref()).await?;
                }
                blocking(move || kept.keep(&noted)).await
            };
            let chosen = chosen.await;
            secrets.or_put_back(chosen, vault.as_ref()).await?;
            password
        }
    };
    if let Some(before) = before
        && let Err(problem) = before
            .forget_password(password.as_ref(), vault.as_ref())
            .await
    {
        // The keyring may be what kept it from being opened.
        tracing::warn!(%problem, "the password of a database that was left is kept");
    }
    Ok(DatabaseView {
        left,
        ..database_unopened(options)?
    })
}

/// The naming of the server to itself, where no other process has it open: by its connections from before one may drive a
/// run there, which it could not write to its end.
async fn alone_here(data_dir: &DataDir, workspace: &str) -> Result<FileHold, Problem> {
    let alone = alone(&data_dir.central(workspace)).await?;
    if is_anybody_at(&data_dir.processes(workspace)) {
        return Err(Cause::DatabaseBusy.into());
    }
    Ok(alone)
}
