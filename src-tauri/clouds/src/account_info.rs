//! What a token turns out to be when it is tried: the answer of every client's `whoami`.

use jiff::Timestamp;

/// Whose a token is and what it may do. Holds no part of the token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountInfo {
    /// The account as its owner knows it: a login, an address, an organisation's name.
    pub account: String,
    /// What the vendor says the token may do, in its own words; empty where it doesn't say.
    pub scopes: Vec<String>,
    /// What the token lacks for what Fabrik does, in the vendor's words; empty where that can't be told.
    pub missing_scopes: Vec<String>,
    /// When the token ends, where the vendor says so.
    pub expires_at: Option<Timestamp>,
}
