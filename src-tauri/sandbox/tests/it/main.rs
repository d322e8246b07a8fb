//! The sandbox over real HTTP: a server on a loopback port, a client that knows nothing of its
//! inside, and the vendors' own documents to hold the answers against.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

mod api;
mod control;
mod faults;
mod github;
mod lifecycle;
mod openapi;
mod resend;
mod simulation;
mod site;
mod stripe;
mod supabase;
mod vercel;
