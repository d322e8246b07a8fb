//! Passwords at rest: bcrypt, off the thread that serves. A simulation keeps them for a moment in
//! memory, and a real hash would be most of its time: there it is a digest.

use fabrik_domain::secret::{ExposeSecret, Secret};

use super::super::super::hash::sha256;
use crate::platform::Core;

/// bcrypt's work factor. The vendor's is 10, which costs a build without optimisation a second of
/// processor time for each sign-in; what is guarded here are made-up users.
const COST: u32 = 5;

/// How a digest begins; no hash of bcrypt does so.
const SIMULATED: &str = "simulated:";

/// What is kept of a password; `None` where it could not be hashed.
pub(super) async fn kept(core: &Core, password: Secret) -> Option<String> {
    if core.data_dir().is_none() {
        return Some(digest(&password));
    }
    let hashed = tokio::task::spawn_blocking(move || bcrypt::hash(password.expose_secret(), COST));
    hashed.await.ok()?.ok()
}

/// Whether this is the password.
pub(super) async fn fits(password: Secret, kept: String) -> bool {
    if kept.starts_with(SIMULATED) {
        return digest(&password) == kept;
    }
    let checked = tokio::task::spawn_blocking(move || {
        bcrypt::verify(password.expose_secret(), &kept).unwrap_or_default()
    });
    checked.await.unwrap_or_default()
}

fn digest(password: &Secret) -> String {
    format!("{SIMULATED}{}", sha256(password.expose_secret()))
}
