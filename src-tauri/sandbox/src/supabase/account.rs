//! The organisation's switches.

use fabrik_domain::provider::Provider;
use serde::{Deserialize, Serialize};

use crate::platform::Account;

/// What the organisation is like, and what goes wrong in it. The default: a paying one in which
/// everything works.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SupabaseAccount {
    /// `free`, `pro`, `team`, `enterprise` or `platform`. On `free` two projects may be active; on
    /// the others none can be paused.
    pub(crate) plan: String,
    /// How many projects may be active; `null` is as the plan says.
    pub(crate) project_limit: Option<u32>,
    /// The token can't see the organisation.
    pub(crate) organization_hidden: bool,
    /// Regions that have no room at present: they are offered, and refuse.
    pub(crate) regions_full: Vec<String>,
    /// Projects created from now on end as `INIT_FAILED`.
    pub(crate) creation_fails: bool,
    /// Auth refuses `sb_secret_…` keys for writing, as was seen on hosted projects: 403 `bad_jwt`.
    pub(crate) secret_key_cannot_write: bool,
}

impl Default for SupabaseAccount {
    fn default() -> Self {
        Self {
            plan: "pro".to_owned(),
            project_limit: None,
            organization_hidden: false,
            regions_full: Vec::new(),
            creation_fails: false,
            secret_key_cannot_write: false,
        }
    }
}

impl SupabaseAccount {
    /// How many projects may be active.
    pub(crate) fn limit(&self) -> Option<u32> {
        self.project_limit.or((self.plan == "free").then_some(2))
    }
}

impl Account for SupabaseAccount {
    const PROVIDER: Provider = Provider::Supabase;
}
