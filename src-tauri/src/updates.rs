//! New versions: looked for where the configuration of a release says, shown by the page, installed on the owner's
//! word. A package is installed only if it is signed by the key that this build was made with, for the version that
//! was announced; no configuration can loosen that. A build without such a configuration looks nowhere.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use fabrik_app::{Cause, Environment, Problem, UpdateFault};
use serde::Serialize;
use serde_json::{Value, json};
use tauri::{AppHandle, Config, Manager};
use tauri_plugin_updater::{Error, Update, UpdaterExt};

use crate::workspace::Workspace;

/// The plugin's place in the configuration.
const PLUGIN: &str = "updater";
/// What a release's configuration decides of it: where to look, whose signature counts, how Windows shows it.
const DECIDED: [&str; 3] = ["endpoints", "pubkey", "windows"];
/// How long the question whether there is a new version may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is known of new versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub(crate) enum Updates {
    /// This build was not told where to look.
    Unconfigured,
    /// In the sandbox nothing leaves this machine, so nothing is looked for.
    Sandbox,
    /// This is the newest.
    Newest,
    /// There is a newer one.
    Found { version: String },
}

/// How far an installation came. Where all goes well nobody hears it: the app begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Installing {
    /// Runs that this process drives, which stand in the way.
    runs: usize,
}

/// The new version that was found, until it is installed.
#[derive(Default)]
pub(crate) struct Found(Mutex<Option<Update>>);

impl Found {
    fn keep(&self, update: Option<Update>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = update;
    }

    fn take(&self) -> Option<Update> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Makes the configuration what it has to be, whatever else it says, and tells whether there is one.
pub(crate) fn settle(config: &mut Config, environment: &Environment) -> bool {
    let Some(given) = for_development(environment).or_else(|| config.plugins.0.remove(PLUGIN))
    else {
        return false;
    };
    config.plugins.0.insert(PLUGIN.to_owned(), settled(&given));
    true
}

/// Only what a release may decide; and a signature must name the version that it is for, or an old package could be
/// passed off as a new one.
fn settled(given: &Value) -> Value {
    let mut settled = json!({ "requireSignedVersion": true });
    for key in DECIDED {
        if let Some(value) = given.get(key) {
            settled[key] = value.clone();
        }
    }
    settled
}

/// A developer's build, and a test, look where the variables say. A release doesn't read them.
fn for_development(environment: &Environment) -> Option<Value> {
    if !cfg!(debug_assertions) {
        return None;
    }
    let endpoint = environment.get("FABRIK_UPDATE_URL")?;
    let key = environment.get("FABRIK_UPDATE_KEY")?;
    Some(json!({ "endpoints": [endpoint], "pubkey": key }))
}

/// Looks for a newer version.
pub(crate) async fn look(app: &AppHandle) -> Result<Updates, Problem> {
    if !app.config().plugins.0.contains_key(PLUGIN) {
        return Ok(Updates::Unconfigured);
    }
    // Where no workspace can be opened, a new version may be just what is missing.
    let opened = app.state::<Workspace>().app().await;
    if opened.is_ok_and(|workspace| workspace.is_sandbox()) {
        return Ok(Updates::Sandbox);
    }
    let updater = app
        .updater_builder()
        .timeout(PATIENCE)
        // The package may take longer, but not stand still.
        .configure_client(|client| client.read_timeout(PATIENCE))
        .build()
        .map_err(|error| problem(&error))?;
    let update = updater.check().await.map_err(|error| problem(&error))?;
    if let Some(update) = &update
        && !comes_safely(update.download_url.scheme())
    {
        return Err(failed(UpdateFault::Untrusted).detail(update.download_url.as_str()));
    }
    let known = update
        .as_ref()
        .map_or(Updates::Newest, |update| Updates::Found {
            version: update.version.clone(),
        });
    app.state::<Found>().keep(update);
    Ok(known)
}

/// A release fetches nothing that others on the way can read or hold back unseen.
fn comes_safely(scheme: &str) -> bool {
    scheme == "https" || cfg!(debug_assertions)
}

/// Fetches the version that was found, puts it in the place of this one and begins anew. Runs under way are stopped
/// only if `stop_runs`; otherwise nothing is installed and they are told of.
pub(crate) async fn install(app: &AppHandle, stop_runs: bool) -> Result<Installing, Problem> {
    let found = app.state::<Found>();
    let Some(update) = found.take() else {
        return Err(Problem::from(Cause::Internal).detail("no new version was found before"));
    };
    let installing = put_in_place(app, &update, stop_runs).await;
    // Installed or not: what comes next may ask for it again.
    found.keep(Some(update));
    let installing = installing?;
    if installing.runs == 0 {
        app.request_restart();
    }
    Ok(installing)
}

async fn put_in_place(
    app: &AppHandle,
    update: &Update,
    stop_runs: bool,
) -> Result<Installing, Problem> {
    let in_the_way = async || {
        let runs = app.state::<Workspace>().driven().await;
        (runs > 0 && !stop_runs).then_some(Installing { runs })
    };
    if let Some(installing) = in_the_way().await {
        return Ok(installing);
    }
    // Its signature is looked at before it is given to us.
    let package = update
        .download(|_, _| {}, || {})
        .await
        .map_err(|error| problem(&error))?;
    // That took its time: a run may have begun.
    if let Some(installing) = in_the_way().await {
        return Ok(installing);
    }
    let update = update.clone();
    // The system may ask for a password meanwhile.
    tauri::async_runtime::spawn_blocking(move || update.install(package))
        .await
        .map_err(|error| failed(UpdateFault::NotInstalled).detail(error.to_string()))?
        .map_err(|error| problem(&error))?;
    Ok(Installing { runs: 0 })
}

fn failed(fault: UpdateFault) -> Problem {
    Cause::UpdateFailed { fault }.into()
}

fn problem(error: &Error) -> Problem {
    failed(fault_of(error)).detail(error.to_string())
}

fn fault_of(error: &Error) -> UpdateFault {
    match error {
        Error::Reqwest(error) if error.is_decode() => UpdateFault::Unreadable,
        Error::Reqwest(_) | Error::Network(_) | Error::ReleaseNotFound => UpdateFault::Unreachable,
        Error::Serialization(_)
        | Error::Semver(_)
        | Error::UrlParse(_)
        | Error::TargetNotFound(_)
        | Error::TargetsNotFound(_) => UpdateFault::Unreadable,
        Error::Minisign(_)
        | Error::Base64(_)
        | Error::SignatureUtf8(_)
        | Error::SignedVersionMismatch { .. }
        | Error::MissingSignedVersion
        | Error::InsecureTransportProtocol => UpdateFault::Untrusted,
        _ => UpdateFault::NotInstalled,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn no_configuration_loosens_what_a_package_must_be() {
        let given = json!({
            "endpoints": ["https://releases.example/latest.json"],
            "pubkey": "key",
            "requireSignedVersion": false,
            "allowDowngrades": true,
            "dangerousInsecureTransportProtocol": true,
            "dangerousAcceptInvalidCerts": true,
            "dangerousAcceptInvalidHostnames": true,
        });
        let expected = json!({
            "requireSignedVersion": true,
            "endpoints": ["https://releases.example/latest.json"],
            "pubkey": "key",
        });
        assert_eq!(
            settled(&given),
            expected,
            "where to look, and whose signature counts"
        );
    }

    #[test]
    fn what_is_in_the_repository_looks_nowhere() {
        let config: Value = serde_json::from_str(include_str!("../../tauri.conf.json")).unwrap();
        assert_eq!(
            config.get("plugins"),
            None,
            "a release is told where by its workflow"
        );
    }

    #[test]
    fn a_signature_that_fails_is_no_network_that_fails() {
        let mismatch = Error::SignedVersionMismatch {
            signed: "0.1.0".into(),
            announced: "9.0.0".into(),
        };
        assert_eq!(fault_of(&mismatch), UpdateFault::Untrusted);
        assert_eq!(
            fault_of(&Error::MissingSignedVersion),
            UpdateFault::Untrusted
        );
        assert_eq!(fault_of(&Error::ReleaseNotFound), UpdateFault::Unreachable);
        assert_eq!(
            fault_of(&Error::AuthenticationFailed),
            UpdateFault::NotInstalled
        );
        assert_eq!(
            fault_of(&Error::TargetsNotFound(vec!["linux-x86_64-deb".into()])),
            UpdateFault::Unreadable
        );
    }
}
