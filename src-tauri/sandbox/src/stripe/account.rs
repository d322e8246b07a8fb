//! The account, and its switches.

use axum::http::StatusCode;
use fabrik_domain::provider::Provider;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    answer::{Answer, json_answer},
    platform::{Account, Core},
};

/// Switches of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StripeAccount {
    /// For how many days events are told of.
    pub(super) event_days: u32,
    /// Its id, in place of the one that it has always.
    pub(super) id: Option<String>,
    /// Whether as much may be called as in live mode. What is there is of test mode all the same.
    pub(super) live_limits: bool,
    /// How many objects a page holds at most, whatever is asked for.
    pub(super) page: usize,
}

impl Default for StripeAccount {
    fn default() -> Self {
        Self {
            event_days: 30,
            id: None,
            live_limits: false,
            page: 100,
        }
    }
}

impl Account for StripeAccount {
    const PROVIDER: Provider = Provider::Stripe;
}

/// `GET /v1/account`, `GetAccount`.
pub(super) async fn get(core: Core) -> Answer {
    let account: StripeAccount = core.account()?;
    let always = || format!("acct_{}", core.seeded("stripe/account").alphanumeric(16));
    let id = account.id.unwrap_or_else(always);
    json_answer(
        StatusCode::OK,
        &json!({
            "id": id, "object": "account", "country": "SE", "default_currency": "sek",
            "email": "owner@sandbox-agency.example",
            "settings": { "dashboard": { "display_name": "Sandbox Agency", "timezone": "Europe/Stockholm" } },
        }),
    )
}
