//! One client per vendor. The only HTTP.
//!
//! From the wire up:
//! - [`transport`]: bytes out, bytes in, as one `tower` service. Simulation swaps the innermost one.
//!   [`Http`] lays the timeout, the redirect rules and the log over it, once for all vendors.
//! - [`Account`]: an API of a vendor as somebody may use it: base URL, token, [`Dialect`]. What comes out
//!   of it is an answer or a [`Failure`](fabrik_domain::failure::Failure) that says what may have been done.
//! - [`Gates`]: what the vendors' limits allow each account. A call that is one too many is not sent: its
//!   failure says when its turn comes.
//! - one module per vendor: typed calls, with the quirks that its documents don't tell.
//!
//! Nothing here retries: whether a call may be repeated is the engine's to decide.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test that can't go on must fail loudly"
    )
)]

mod account;
mod account_info;
mod base_url;
mod call;
mod classify;
mod decode;
mod dialect;
mod gate;
pub mod gitea;
pub mod github;
mod instant;
pub mod n8n;
mod own_server;
pub mod resend;
mod silence;
pub mod site;
mod status;
pub mod stripe;
pub mod supabase;
#[cfg(test)]
mod testing;
mod throttle;
mod token;
pub mod transport;
mod turn;
pub mod vercel;

pub use account::{Account, Draft};
pub use account_info::AccountInfo;
pub use base_url::BaseUrl;
pub use call::{Call, Effect};
pub use classify::refused_as;
pub use dialect::{Count, Dialect, Refusal, Verdict, Words};
pub use gate::Gates;
pub use gitea::Gitea;
pub use github::GitHub;
pub use n8n::N8n;
pub use resend::Resend;
pub use site::Site;
pub use status::refused_with;
pub use stripe::Stripe;
pub use throttle::Reset;
pub use token::{Scheme, Token};
pub use transport::{Http, Transport, TransportError};
pub use vercel::Vercel;
