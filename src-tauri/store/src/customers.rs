//! What is asked of the customers, and what an import answers.

use fabrik_domain::{
    Problem,
    customer::{Customer, CustomerPatch, CustomerStatus, InstanceState},
    id::CustomerId,
};

use crate::text;

/// Which customers are asked for, and how they are sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct CustomerQuery {
    /// Words that must all be found in name, subdomain, e-mail or external id; case and accents of no weight.
    pub search: Option<String>,
    /// Only these.
    pub status: Option<CustomerStatus>,
    /// Only those in this state, as [`InstanceState::of`] tells it from the status and the newest run.
    pub state: Option<InstanceState>,
    /// Only those on this plan.
    pub plan: Option<String>,
    /// Only those of this blueprint.
    pub blueprint: Option<String>,
    /// By what they are sorted; the newest change first where nothing is said.
    pub sort: CustomerSort,
    /// The other way round.
    pub descending: bool,
    /// At most so many; 0 is all.
    #[ts(type = "number")]
    pub limit: u64,
    /// After so many.
    #[ts(type = "number")]
    pub offset: u64,
}

/// By what customers are sorted.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
pub enum CustomerSort {
    /// Last change.
    #[default]
    Updated,
    /// Name, as a Swede sorts it: å ä ö after z.
    Name,
    /// Credits.
    Credits,
    /// Status.
    Status,
    /// Blueprint.
    Blueprint,
    /// Plan.
    Plan,
}

/// A part of a longer list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows asked for.
    pub rows: Vec<T>,
    /// How many there are in all.
    pub total: u64,
}

/// How many customers there are of each plan and each blueprint that has any, the most first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameCounts {
    /// By plan.
    pub plans: Vec<(String, u64)>,
    /// By blueprint.
    pub blueprints: Vec<(String, u64)>,
}

/// What an import did with one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It is there now.
    Added(Box<Customer>),
    /// A rule said no; the others go on.
    Refused(Problem),
}

/// Where a customer stands in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
pub struct Neighbours {
    /// From 1; none where the list doesn't have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub place: Option<u64>,
    /// How many the list has.
    #[ts(type = "number")]
    pub total: u64,
    /// Who stands before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub previous: Option<CustomerId>,
    /// Who stands after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub next: Option<CustomerId>,
}

/// Changes what a patch names.
pub(crate) fn apply(customer: &mut Customer, patch: CustomerPatch) {
    fn set<T>(field: &mut T, value: Option<T>) {
        if let Some(value) = value {
            *field = value;
        }
    }
    // Taken apart, so that a new field of the patch can't be forgotten here.
    let CustomerPatch {
        name,
        subdomain,
        contact_email,
        contact_name,
        status,
        plan,
        blueprint,
        language,
        credits,
        modules,
        external_id,
        production_url,
        github_repo_url,
        supabase_project_ref,
        database_url,
        source,
    } = patch;
    if external_id
        .as_ref()
        .is_some_and(|id| *id != customer.external_id)
    {
        customer.source = None;
    }
    set(&mut customer.name, name);
    set(&mut customer.subdomain, subdomain);
    set(&mut customer.contact_email, contact_email);
    set(&mut customer.contact_name, contact_name);
    set(&mut customer.status, status);
    set(&mut customer.plan, plan);
    set(&mut customer.blueprint, blueprint);
    set(&mut customer.language, language);
    set(&mut customer.credits, credits);
    set(&mut customer.modules, modules);
    set(&mut customer.external_id, external_id);
    set(&mut customer.production_url, production_url);
    set(&mut customer.github_repo_url, github_repo_url);
    set(&mut customer.supabase_project_ref, supabase_project_ref);
    set(&mut customer.database_url, database_url);
    set(&mut customer.source, source);
}

/// What a search for a customer looks in.
pub(crate) fn search_text(customer: &Customer) -> String {
    text::search_text(&[
        Some(&customer.name),
        Some(&customer.subdomain),
        Some(&customer.contact_email),
        customer.external_id.as_deref(),
    ])
}
