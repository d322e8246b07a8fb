//! The credentials page and an `.env` import. A value never comes back.

use fabrik_domain::{Problem, provider::Provider};
use fabrik_vault::VaultHint;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::SettingSource;

/// A provider's credential. The value itself never comes back.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Credential {
    /// The provider.
    pub provider: Provider,
    /// Where it stands.
    pub state: CredentialState,
    /// Where the token comes from.
    pub source: CredentialSource,
    /// The keyring holds one too, which that of the environment goes before.
    pub overruled: bool,
    /// The last four characters, where there is a token of at least twelve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub last_four: Option<String>,
    /// Whose account it is, as the vendor says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub account: Option<String>,
    /// The scopes it was seen to have, where the vendor says.
    pub scopes: Vec<String>,
    /// The scopes that are needed.
    pub needed_scopes: Vec<String>,
    /// When it ends, where the vendor says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub expires_at: Option<Timestamp>,
    /// When it was last tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub checked_at: Option<Timestamp>,
    /// What was wrong then; or why the keyring could not be read now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<Problem>,
    /// The vendor's page where a token is made.
    pub token_page: String,
    /// What a token begins with, such as `sbp_`.
    pub prefix: String,
    /// A blueprint in use needs it: one that customers have, or before the first of them the one they would get.
    pub needed: bool,
}

/// Where a credential stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CredentialState {
    /// None is set.
    Missing,
    /// Set, not tried since.
    Untested,
    /// The vendor took it, and it may do all that is needed.
    Works,
    /// It works and ends within two weeks.
    ExpiresSoon,
    /// The vendor refuses it, or it lacks a scope.
    Rejected,
    /// The vendor asks to wait, and has said nothing of it yet.
    Waits,
    /// The vendor could not be asked, or the keyring whether there is a token.
    Unreachable,
}

/// Where a token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CredentialSource {
    /// Nowhere.
    None,
    /// The OS keyring.
    Keyring,
    /// `FABRIK_SECRET_…`, for this process alone.
    Environment,
    /// Made up by the sandbox.
    Sandbox,
}

/// The keyring, as the credentials page and `doctor` show it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct KeyringView {
    /// Its name: `Secret Service, GNOME Keyring` …
    pub backend: String,
    /// It can be used.
    pub usable: bool,
    /// How many of the workspace's tokens are in it.
    pub tokens: u32,
    /// What mends it, where something is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hint: Option<VaultHint>,
    /// The system that it is of: each is mended in a way of its own.
    pub system: System,
    /// What is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<Problem>,
}

/// An operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// Linux and its kin.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl System {
    /// This machine's.
    pub(crate) const fn here() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }
}

/// The credentials page.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CredentialsPage {
    /// The workspace is the sandbox, whose tokens are made up.
    pub sandbox: bool,
    /// The keyring.
    pub keyring: KeyringView,
    /// A row per provider.
    pub credentials: Vec<Credential>,
}

/// What an `.env` file holds, as it would be (or was) imported. No values of secrets.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct EnvImport {
    /// A row per line that was understood or not.
    pub entries: Vec<EnvEntry>,
    /// It was done, not only looked at.
    pub done: bool,
}

/// A line of an `.env` file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct EnvEntry {
    /// The variable; `:` and the line's number where that can't be told.
    pub name: String,
    /// What became of it.
    pub verdict: EnvVerdict,
    /// Where it goes: a provider's key, a setting's key, or a customer's subdomain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub target: Option<String>,
    /// The value of what is no secret; the last four characters of what is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub shown: Option<String>,
    /// What holds all the same of a setting that is kept: a variable of this process, or what the sandbox says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub overruled: Option<SettingSource>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<Problem>,
}

/// What becomes of a line of an `.env` file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EnvVerdict {
    /// A token, to the keyring.
    Credential,
    /// A setting.
    Setting,
    /// A customer's database URL, to the keyring.
    DatabaseUrl,
    /// Nothing that is known here.
    Ignored,
    /// Empty.
    Empty,
    /// Can't be used.
    Refused,
}
