//! A customer of the agency, and the rules its fields obey.

mod base_name;
mod rules;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    id::CustomerId,
    language::Language,
    run::{Purpose, RunState},
    secret::SecretRef,
};

pub use base_name::BaseName;
pub use rules::{
    RESERVED_SUBDOMAINS, check_contact_name, check_email, check_link, check_name,
    check_project_ref, check_subdomain, slug_of, without_login,
};

/// What the central database says of a customer's instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum CustomerStatus {
    /// Not provisioned yet.
    #[default]
    Pending,
    /// Has a working instance.
    Active,
    /// Was switched off.
    Inactive,
}

impl CustomerStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Active, Self::Inactive];

    /// `pending`, `active` or `inactive`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }

    /// Whether an instance stands: a run would change it rather than make it. One that was switched off stands for as
    /// long as it has an address, which a removal takes away.
    pub const fn has_instance(self, has_address: bool) -> bool {
        match self {
            Self::Pending => false,
            Self::Active => true,
            Self::Inactive => has_address,
        }
    }
}

/// What a customer's row shows first: the status and the newest run, as one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum InstanceState {
    /// Waits for the owner: its newest run failed, waits, was interrupted or left something over.
    NeedsYou,
    /// A run is under way.
    SettingUp,
    /// Has a working instance.
    Active,
    /// Its newest run was cancelled or undone before there was an instance, or has removed the one there was: that run
    /// says which, and so whether it can go on or is begun anew.
    Stopped,
    /// Nothing was made yet.
    New,
    /// Was switched off.
    Paused,
}

impl InstanceState {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::NeedsYou,
        Self::SettingUp,
        Self::Active,
        Self::Stopped,
        Self::New,
        Self::Paused,
    ];

    /// The state that follows from a customer's status, whether it has an address, and its run under way, else its
    /// newest.
    pub const fn of(
        status: CustomerStatus,
        has_address: bool,
        newest_run: Option<(RunState, Purpose)>,
    ) -> Self {
        let came_to_nothing = matches!(
            newest_run,
            Some(
                (RunState::Cancelled | RunState::RolledBack, _)
                    | (RunState::Succeeded, Purpose::Deprovision)
            )
        );
        match (newest_run, status) {
            (Some((RunState::Queued | RunState::Running | RunState::Undoing, _)), _) => {
                Self::SettingUp
            }
            (
                Some((
                    RunState::Waiting
                    | RunState::Failed
                    | RunState::Interrupted
                    | RunState::Leftovers,
                    _,
                )),
                _,
            ) => Self::NeedsYou,
            (_, CustomerStatus::Active) => Self::Active,
            _ if came_to_nothing && !status.has_instance(has_address) => Self::Stopped,
            (_, CustomerStatus::Pending) => Self::New,
            (_, CustomerStatus::Inactive) => Self::Paused,
        }
    }
}

/// A customer. Optional instance fields may be edited by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Customer {
    /// Ours.
    pub id: CustomerId,
    /// The id in an older system: a cuid, uuid or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub external_id: Option<String>,
    /// The agency's own table that it was taken over from: server, database and table. `external_id` is its id there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub source: Option<String>,
    /// The name as the customer writes it.
    pub name: String,
    /// Made from the name once, unique, never changed.
    pub slug: String,
    /// A DNS label, unique.
    pub subdomain: String,
    /// What the instance is.
    pub status: CustomerStatus,
    /// A plan of the blueprint.
    pub plan: String,
    /// The blueprint's name.
    pub blueprint: String,
    /// Who hears of the instance.
    pub contact_email: String,
    /// That person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub contact_name: Option<String>,
    /// The language of the mail to the customer.
    pub language: Language,
    /// Credits left.
    #[ts(type = "number")]
    pub credits: i64,
    /// Enabled modules of the blueprint.
    pub modules: Vec<String>,
    /// Where the instance answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub production_url: Option<String>,
    /// The repository's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub github_repo_url: Option<String>,
    /// The Supabase project's ref.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub supabase_project_ref: Option<String>,
    /// Where the database URL of an older system is kept; never the URL itself: it holds a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub database_url: Option<SecretRef>,
    /// RFC 3339, UTC.
    #[ts(type = "string")]
    pub created_at: Timestamp,
    /// RFC 3339, UTC.
    #[ts(type = "string")]
    pub updated_at: Timestamp,
}

impl Customer {
    /// See [`CustomerStatus::has_instance`].
    pub const fn has_instance(&self) -> bool {
        self.status.has_instance(self.production_url.is_some())
    }

    /// A new one.
    pub fn made(new: NewCustomer, slug: String, now: Timestamp) -> Self {
        Self {
            id: CustomerId::new(),
            external_id: new.external_id,
            source: new.source,
            name: new.name,
            slug,
            subdomain: new.subdomain,
            status: new.status,
            plan: new.plan,
            blueprint: new.blueprint,
            contact_email: new.contact_email,
            contact_name: new.contact_name,
            language: new.language,
            credits: new.credits,
            modules: new.modules,
            production_url: new.production_url,
            github_repo_url: new.github_repo_url,
            supabase_project_ref: new.supabase_project_ref,
            database_url: new.database_url,
            created_at: now,
            updated_at: now,
        }
    }
}

/// What is asked for when a customer is added. [`NewCustomer::check`] holds it against the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NewCustomer {
    /// See [`Customer::name`].
    pub name: String,
    /// See [`Customer::subdomain`].
    pub subdomain: String,
    /// See [`Customer::contact_email`].
    pub contact_email: String,
    /// See [`Customer::contact_name`].
    #[serde(default)]
    #[ts(optional)]
    pub contact_name: Option<String>,
    /// See [`Customer::blueprint`].
    pub blueprint: String,
    /// See [`Customer::plan`].
    pub plan: String,
    /// See [`Customer::language`].
    #[serde(default)]
    pub language: Language,
    /// See [`Customer::modules`].
    #[serde(default)]
    pub modules: Vec<String>,
    /// See [`Customer::credits`].
    #[serde(default)]
    #[ts(type = "number")]
    pub credits: i64,
    /// See [`Customer::external_id`].
    #[serde(default)]
    #[ts(optional)]
    pub external_id: Option<String>,
    /// See [`Customer::status`].
    #[serde(default)]
    pub status: CustomerStatus,
    /// See [`Customer::production_url`].
    #[serde(default)]
    #[ts(optional)]
    pub production_url: Option<String>,
    /// See [`Customer::github_repo_url`].
    #[serde(default)]
    #[ts(optional)]
    pub github_repo_url: Option<String>,
    /// See [`Customer::supabase_project_ref`].
    #[serde(default)]
    #[ts(optional)]
    pub supabase_project_ref: Option<String>,
    /// See [`Customer::database_url`].
    #[serde(default)]
    #[ts(optional, type = "string")]
    pub database_url: Option<SecretRef>,
    /// See [`Customer::source`]. Nobody types it.
    #[serde(skip)]
    #[ts(skip)]
    pub source: Option<String>,
}

/// A change of a customer: `None` leaves a field as it is. For the optional fields `Some(None)`
/// empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct CustomerPatch {
    /// See [`Customer::name`]. The slug stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// See [`Customer::subdomain`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subdomain: Option<String>,
    /// See [`Customer::contact_email`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_email: Option<String>,
    /// See [`Customer::contact_name`].
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[ts(optional, type = "string | null")]
    pub contact_name: Option<Option<String>>,
    /// See [`Customer::status`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<CustomerStatus>,
    /// See [`Customer::plan`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// See [`Customer::blueprint`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blueprint: Option<String>,
    /// See [`Customer::language`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// See [`Customer::credits`].
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub credits: Option<i64>,
    /// See [`Customer::modules`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modules: Option<Vec<String>>,
    /// See [`Customer::external_id`]. With another one it is nobody's in the table that it came from.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[ts(optional, type = "string | null")]
    pub external_id: Option<Option<String>>,
    /// See [`Customer::production_url`].
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[ts(optional, type = "string | null")]
    pub production_url: Option<Option<String>>,
    /// See [`Customer::github_repo_url`].
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[ts(optional, type = "string | null")]
    pub github_repo_url: Option<Option<String>>,
    /// See [`Customer::supabase_project_ref`].
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[ts(optional, type = "string | null")]
    pub supabase_project_ref: Option<Option<String>>,
    /// See [`Customer::database_url`]. Nobody types it: a run writes it.
    #[serde(skip)]
    #[ts(skip)]
    pub database_url: Option<Option<SecretRef>>,
    /// See [`Customer::source`]. Nobody types it either.
    #[serde(skip)]
    #[ts(skip)]
    pub source: Option<Option<String>>,
}

/// A field that is there, be it null, is `Some`; serde would read null as `None`.
#[expect(
    clippy::option_option,
    reason = "absent, null and a value are three things here"
)]
fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
