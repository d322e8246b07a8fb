//! Supabase: the Management API of the platform, and the APIs of a project of its own.
//!
//! - [`Management`]: organizations, projects, keys, SQL, sign-in settings; the agency's token.
//! - [`ProjectApi`]: a project's Auth and REST; the project's keys. [`Admin`] is its administrative part,
//!   [`Visitor`] somebody who has but a key.
//! - [`SupabaseKeys`]: a project's secret keys as [`Secrets`](fabrik_domain::ports::Secrets), fetched on
//!   demand, so that none is kept.

mod addons;
mod admin;
mod auth_config;
mod connection;
mod dialect;
mod keys;
mod management;
#[cfg(test)]
mod mutations;
mod project_api;
mod project_url;
mod removal;
mod statement;
#[cfg(test)]
mod tests;
mod types;
mod visitor;

pub use admin::{Admin, Link, LinkKind, NewUser, User};
pub use auth_config::{AuthConfig, AuthConfigChange};
pub use connection::Connection;
pub use keys::{ApiKey, ApiKeys, SupabaseKeys};
pub use management::{Management, Sighting, sql_state};
pub use project_api::{ProjectApi, Session};
pub use project_url::ProjectUrl;
pub use removal::Deletion;
pub use types::{
    ListedProject, NewProject, Organization, OrganizationPlan, Project, Region, RegionSelection,
    Regions, ServiceHealth,
};
pub use visitor::{Reach, Visitor};
