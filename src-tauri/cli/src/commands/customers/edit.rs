//! What `fabrik customers edit` changes.

use clap::Args;
use fabrik_domain::{
    customer::{CustomerPatch, CustomerStatus},
    language::Language,
};

use super::status;
use crate::arguments::Tag;

/// `fabrik customers edit`: what is not given stays as it is; an empty text empties what may be empty.
#[derive(Args)]
pub(crate) struct Edit {
    /// The customer, by id or subdomain
    pub(super) customer: String,
    /// The name; the slug stays
    #[arg(long)]
    name: Option<String>,
    /// The subdomain
    #[arg(long, allow_hyphen_values = true)]
    subdomain: Option<String>,
    /// Who is written to
    #[arg(long)]
    email: Option<String>,
    /// The contact's name
    #[arg(long, value_name = "NAME")]
    contact_name: Option<String>,
    /// The status
    #[arg(long, value_parser = status())]
    status: Option<CustomerStatus>,
    /// The plan
    #[arg(long)]
    plan: Option<String>,
    /// The blueprint
    #[arg(long)]
    blueprint: Option<String>,
    /// The customer's language
    #[arg(long, value_parser = Tag)]
    language: Option<Language>,
    /// Credits
    #[arg(long, allow_negative_numbers = true)]
    credits: Option<i64>,
    /// The modules that are switched on, in place of those before; an empty one switches all off
    #[arg(long = "module", value_name = "MODULE")]
    modules: Option<Vec<String>>,
    /// The id in an older system
    #[arg(long)]
    external_id: Option<String>,
    /// Where the instance answers
    #[arg(long, value_name = "URL")]
    production_url: Option<String>,
    /// The repository
    #[arg(long, value_name = "URL")]
    github_repo_url: Option<String>,
    /// The ref of the Supabase project
    #[arg(long, value_name = "REF")]
    supabase_project_ref: Option<String>,
}

impl Edit {
    /// What it changes.
    pub(super) fn patch(self) -> CustomerPatch {
        let emptied =
            |text: Option<String>| text.map(|text| Some(text).filter(|text| !text.is_empty()));
        CustomerPatch {
            name: self.name,
            subdomain: self.subdomain,
            contact_email: self.email,
            contact_name: emptied(self.contact_name),
            status: self.status,
            plan: self.plan,
            blueprint: self.blueprint,
            language: self.language,
            credits: self.credits,
            modules: self.modules.map(|modules| {
                modules
                    .into_iter()
                    .filter(|module| !module.is_empty())
                    .collect()
            }),
            external_id: emptied(self.external_id),
            production_url: emptied(self.production_url),
            github_repo_url: emptied(self.github_repo_url),
            supabase_project_ref: emptied(self.supabase_project_ref),
            // A run writes it.
            database_url: None,
            // Whoever takes a row over writes it.
            source: None,
        }
    }
}
