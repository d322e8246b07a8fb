//! An embedded `PostgreSQL` 17 as Supabase sets it up: its roles and grants, the schemas `auth`,
//! `storage` and `extensions`, and the functions that row-level security policies are written with.
//!
//! [`Pool`] keeps the databases of many projects, of which few run at once; [`ScratchDatabase`] is
//! one for a moment. Requests name who runs them ([`Login`]), as Supabase's own services would sign
//! in. A database on a server elsewhere is not here: the sandbox needs no server installed.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a test ends at the first surprise"
    )
)]

mod awake;
mod backend;
mod bootstrap;
mod database;
mod error;
mod json;
mod login;
mod pool;
mod scratch;
#[cfg(test)]
mod tests;
mod wire;

pub use database::Database;
pub use error::{Error, SqlError};
pub use login::{ApiRole, Caller, Login};
pub use pool::Pool;
pub use scratch::ScratchDatabase;
pub use wire::Answer;
