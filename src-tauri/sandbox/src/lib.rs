//! Every vendor's cloud, on this machine: stateful APIs over real HTTP on loopback, with the
//! vendors' quirks, latencies and limits, faults on demand, surviving a restart. [`serve`] starts
//! it; a [`Simulation`] is the same inside one process and one clock.
//!
//! # How a vendor plugs in
//!
//! A vendor is a module with `pub(crate) fn routes() -> Router`, merged in `vendors.rs`. It builds its
//! router with [`Routes`]:
//!
//! ```ignore
//! Routes::new(DIALECT)                                         // error shape, token, limits
//!     .get("/v1/projects/{ref}", Figure::Read, project)        // latency class, handler
//!     .post("/v1/projects", Figure::SupabaseCreate, create)    // counts as mutating
//!     .reading_post("/v1/projects/{ref}/database/query/read-only", Figure::SupabaseSql, query)
//!     .finish("/supabase")                                     // the base below the port
//! ```
//!
//! - The shape of `mod.rs` of `github` is the pattern to follow; [`answer::Answer`] lets a handler
//!   end early with `?`, on a vendor's refusal and on a [`SandboxError`] alike.
//! - A handler is an axum handler that takes a [`Core`]; paths are relative to the base. It neither
//!   checks the token nor sleeps nor logs: the pipeline does, and runs it in a task of its own, so
//!   it is never dropped halfway. The accepted [`Token`] (scopes) is there as `Extension<Token>`.
//! - State: [`Core::documents`] gives the vendor's JSON documents by kind and id, written before
//!   they return. They are synchronous; between two of them without an `await` others may still
//!   run, so check-then-write goes under [`Core::turn`] (no `await` inside) or a lock of the vendor's
//!   own. Secret fields are stored through [`Documents::seal`]. A vendor's *list* reads with [`Documents::listed`].
//! - Time: [`Core::now`] and [`Core::sleep`], and nothing else: a simulation has a clock of its own.
//!   What gets ready later stores the [`Readiness`] that [`Core::begin`] returns and looks at it when
//!   asked; no task waits for it.
//! - Ids and made-up secrets come from [`Core::seeded`] with `Documents::next` for uniqueness; what
//!   nobody may guess comes from [`Core::draw`].
//! - Switches that bring about bad cases are a serde struct with [`Account`] (`#[serde(default)]`,
//!   `deny_unknown_fields`), read with [`Core::account`], listed in `vendors::set_accounts`.
//! - What is no document lies in a folder of [`Core::data_dir`] (a simulation has none); what must be
//!   closed waits for [`Core::stopping`] in a task on [`Core::tasks`]; what a reset must drop is
//!   [`Core::on_reset`].
// A vendor's answer is one `json!` of up to a hundred fields.
#![recursion_limit = "256"]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may panic"
    )
)]

mod answer;
mod call_log;
mod connection;
mod control;
mod document;
mod documents;
mod environment;
mod error;
mod fault;
mod figure;
mod gitea;
mod github;
mod hold;
mod html;
mod lag;
mod limit;
mod n8n;
mod options;
mod pipeline;
mod platform;
mod readiness;
mod request_id;
mod resend;
mod routes;
mod seal;
mod seeded;
mod server;
mod simulation;
mod sites;
mod stripe;
mod supabase;
mod token;
mod vendors;
mod vercel;
mod wall_clock;

pub use documents::DocumentKey;
pub use environment::{MAIL_DOMAIN, ORGANIZATION, OWNER, TEMPLATE};
pub use error::SandboxError;
pub use figure::LatencyChoice;
pub use options::Options;
pub use server::{ENDPOINT_FILE, Sandbox, ends_unused, serve};
pub use simulation::{Cut, Simulation, SimulationOptions};
