//! Linux: the Secret Service of the session, over D-Bus (GNOME Keyring, KWallet, KeePassXC …).
//!
//! Source: the freedesktop.org Secret Service API, 0.2. Looking and unlocking are done here and not by
//! the store, which can't look at a keyring without unlocking it, nor make the first one.

use std::{collections::HashMap, error::Error, io::ErrorKind, sync::Arc, time::Duration};

use keyring_core::CredentialStore;
use zbus::{
    blocking::{Connection, Proxy, connection::Builder},
    zvariant::{OwnedObjectPath, OwnedValue, Value},
};

use super::Look;
use crate::VaultError;

const SERVICE: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const SERVICE_INTERFACE: &str = "org.freedesktop.Secret.Service";
const COLLECTION_INTERFACE: &str = "org.freedesktop.Secret.Collection";
const PROMPT_INTERFACE: &str = "org.freedesktop.Secret.Prompt";
const BUS: &str = "org.freedesktop.DBus";
const BUS_PATH: &str = "/org/freedesktop/DBus";
/// The path that stands for none.
const NONE: &str = "/";
/// How long a look may take. Nobody is asked, so nobody has to be waited for.
const GLANCE: Duration = Duration::from_secs(2);

/// A locked collection tells that it is.
pub(crate) const SEES_LOCKS: bool = true;

pub(crate) const PROMPTS_UNSEEN: bool = false;

pub(crate) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

/// The label is what a program such as Seahorse shows.
pub(crate) fn modifiers(name: &str) -> Vec<(&'static str, String)> {
    vec![("label", format!("Fabrik: {name}"))]
}

pub(crate) fn look() -> Look {
    let connection = Builder::session().and_then(|builder| builder.method_timeout(GLANCE).build());
    match connection {
        Err(_) => Look {
            backend: "Secret Service".into(),
            found: Err(VaultError::NoSession),
        },
        Ok(connection) => {
            let found =
                default_collection(&connection).and_then(|path| is_open(&connection, &path));
            Look {
                backend: backend(&connection),
                found,
            }
        }
    }
}

pub(crate) fn unlock() -> Result<(), VaultError> {
    let connection = Connection::session().map_err(|_| VaultError::NoSession)?;
    let prompt: OwnedObjectPath = match default_collection(&connection) {
        Ok(path) => {
            let (_, prompt): (Vec<OwnedObjectPath>, _) = call(&connection, "Unlock", &vec![path])?;
            prompt
        }
        Err(VaultError::NoKeyring) => {
            let properties = HashMap::from([(
                "org.freedesktop.Secret.Collection.Label",
                Value::from("Default keyring"),
            )]);
            let (_, prompt): (OwnedObjectPath, _) =
                call(&connection, "CreateCollection", &(properties, "default"))?;
            prompt
        }
        Err(error) => return Err(error),
    };
    if prompt.as_str() != NONE {
        answer(&connection, prompt)?;
    }
    default_collection(&connection).and_then(|path| is_open(&connection, &path))
}

/// The store tells such an error by its kind.
pub(crate) fn turned_away(_error: &(dyn Error + 'static)) -> bool {
    false
}

/// The D-Bus error's name, or the kind of an I/O error. Messages are left out: nobody promises what
/// is in them.
pub(crate) fn error_name(error: &(dyn Error + 'static)) -> String {
    let mut next = Some(error);
    while let Some(error) = next {
        match error.downcast_ref::<zbus::Error>() {
            Some(zbus::Error::MethodError(name, ..)) => return name.to_string(),
            Some(zbus::Error::InputOutput(error)) => return error.kind().to_string(),
            _ => next = error.source(),
        }
    }
    "the secret service failed".to_owned()
}

/// Shows a prompt and waits until the user has answered it.
fn answer(connection: &Connection, prompt: OwnedObjectPath) -> Result<(), VaultError> {
    let prompt = Proxy::new(connection, SERVICE, prompt, PROMPT_INTERFACE).map_err(|e| told(&e))?;
    // Listened to before it is shown: without a display it is dismissed at once.
    let mut completed = prompt.receive_signal("Completed").map_err(|e| told(&e))?;
    prompt
        .call::<_, _, ()>("Prompt", &"")
        .map_err(|e| told(&e))?;
    let message = completed.next().ok_or(VaultError::Locked)?;
    let (dismissed, _): (bool, OwnedValue) = message.body().deserialize().map_err(|e| told(&e))?;
    if dismissed {
        Err(VaultError::Locked)
    } else {
        Ok(())
    }
}

fn default_collection(connection: &Connection) -> Result<OwnedObjectPath, VaultError> {
    let path: OwnedObjectPath = call(connection, "ReadAlias", &"default")?;
    if path.as_str() == NONE {
        Err(VaultError::NoKeyring)
    } else {
        Ok(path)
    }
}

fn is_open(connection: &Connection, collection: &OwnedObjectPath) -> Result<(), VaultError> {
    let reply = connection
        .call_method(
            Some(SERVICE),
            collection,
            Some("org.freedesktop.DBus.Properties"),
            "Get",
            &(COLLECTION_INTERFACE, "Locked"),
        )
        .map_err(|e| told(&e))?;
    let locked: OwnedValue = reply.body().deserialize().map_err(|e| told(&e))?;
    match bool::try_from(locked) {
        Ok(false) => Ok(()),
        Ok(true) => Err(VaultError::Locked),
        Err(_) => Err(VaultError::Unexpected(
            "it does not say whether it is locked",
        )),
    }
}

fn call<B, R>(connection: &Connection, method: &str, body: &B) -> Result<R, VaultError>
where
    B: serde::Serialize + zbus::zvariant::DynamicType,
    R: for<'d> zbus::zvariant::DynamicDeserialize<'d>,
{
    connection
        .call_method(Some(SERVICE), PATH, Some(SERVICE_INTERFACE), method, body)
        .and_then(|reply| reply.body().deserialize())
        .map_err(|e| told(&e))
}

/// What an error of the service itself means.
fn told(error: &zbus::Error) -> VaultError {
    match error {
        zbus::Error::InputOutput(error) if error.kind() == ErrorKind::TimedOut => {
            VaultError::TimedOut
        }
        // Nobody has the name, and the bus can't start anybody who would take it.
        zbus::Error::MethodError(name, ..)
            if name
                .as_str()
                .starts_with("org.freedesktop.DBus.Error.Spawn.")
                || matches!(
                    name.as_str(),
                    "org.freedesktop.DBus.Error.ServiceUnknown"
                        | "org.freedesktop.DBus.Error.NameHasNoOwner"
                ) =>
        {
            VaultError::NoProvider
        }
        error => VaultError::Failed(error_name(error)),
    }
}

/// Which program it is. The service has no name of its own, so its process is asked for.
fn backend(connection: &Connection) -> String {
    let process = connection
        .call_method(
            Some(BUS),
            BUS_PATH,
            Some(BUS),
            "GetConnectionUnixProcessID",
            &SERVICE,
        )
        .and_then(|reply| reply.body().deserialize::<u32>());
    // A sandboxed desktop may hide other processes: then the name says less.
    let program = process
        .ok()
        .and_then(|id| std::fs::read_to_string(format!("/proc/{id}/comm")).ok());
    match program.as_deref().map(str::trim) {
        Some(name) if name.starts_with("gnome-keyring") => "Secret Service, GNOME Keyring".into(),
        Some(name) if name.starts_with("kwallet") || name.starts_with("ksecret") => {
            "Secret Service, KWallet".into()
        }
        Some("keepassxc") => "Secret Service, KeePassXC".into(),
        Some(name) => format!("Secret Service, {name}"),
        None => "Secret Service".into(),
    }
}
