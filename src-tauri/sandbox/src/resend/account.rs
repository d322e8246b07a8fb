//! The team's switches.

use fabrik_domain::provider::Provider;
use serde::{Deserialize, Serialize};

use crate::platform::Account;

/// Switches of the team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ResendAccount {
    /// The sender domain's status: `verified`, `pending`, `not_started`, `failed`.
    pub(super) domain_status: String,
    /// How many mails a day; the next is refused with `daily_quota_exceeded`.
    pub(super) daily_quota: Option<usize>,
    /// How many mails in thirty days; the next is refused with `monthly_quota_exceeded`.
    pub(super) monthly_quota: Option<usize>,
    /// What becomes of mail: `delivered`, `bounced`, `complained` …
    pub(super) last_event: String,
}

impl Default for ResendAccount {
    fn default() -> Self {
        Self {
            domain_status: "verified".to_owned(),
            daily_quota: None,
            monthly_quota: None,
            last_event: "delivered".to_owned(),
        }
    }
}

impl Account for ResendAccount {
    const PROVIDER: Provider = Provider::Resend;
}
