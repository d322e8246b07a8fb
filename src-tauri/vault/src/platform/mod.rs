//! The keyrings of the operating systems. Each file offers the same functions:
//!
//! - `open`: a store, new at every call (the connection behind an old one may be gone);
//! - `modifiers`: what an entry is given beside its name;
//! - `look`: how the keyring is, without ever asking the user; [`SEES_LOCKS`] says whether it can tell that it
//!   is locked, and [`PROMPTS_UNSEEN`] whether a read may ask the user though nothing was seen;
//! - `unlock`: asks the user;
//! - `turned_away`: whether an error says that the user turned a dialog away, or that none can be shown;
//! - `error_name`: what may be said of an error, never its message.
//!
//! All of them block, and some panic inside an async function: they are for a thread of their own.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(target_os = "windows", path = "windows.rs")]
#[cfg_attr(
    not(any(target_os = "linux", target_os = "macos", target_os = "windows")),
    path = "none.rs"
)]
mod os;

pub(crate) use os::{
    PROMPTS_UNSEEN, SEES_LOCKS, error_name, look, modifiers, open, turned_away, unlock,
};

use crate::VaultError;

/// A keyring as it was found.
pub(crate) struct Look {
    /// Its name, for people.
    pub(crate) backend: String,
    /// Whether it can be used without asking, else why not.
    pub(crate) found: Result<(), VaultError>,
}
