//! A blueprint: what a customer gets, as data. How one is read from a folder is `blueprints`' matter.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::provider::Provider;

/// The kinds of steps, as the contracts name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// A Supabase project.
    SupabaseProject,
    /// Schema and policies in it.
    DatabaseSchema,
    /// Site URL, redirects, link life, mail of its sign-in.
    AuthSettings,
    /// The first user, with the admin role.
    AdminUser,
    /// A private repository from a template.
    GithubRepo,
    /// The customer's `client-config.json` in it.
    ClientConfig,
    /// A Vercel project linked to it.
    VercelProject,
    /// Its variables.
    VercelEnvironment,
    /// A production deployment.
    VercelDeployment,
    /// The instance answers.
    SiteCheck,
    /// The mail to the customer.
    WelcomeEmail,
    /// The customer's record, and the end.
    Finalize,
}

impl StepKind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::SupabaseProject,
        Self::DatabaseSchema,
        Self::AuthSettings,
        Self::AdminUser,
        Self::GithubRepo,
        Self::ClientConfig,
        Self::VercelProject,
        Self::VercelEnvironment,
        Self::VercelDeployment,
        Self::SiteCheck,
        Self::WelcomeEmail,
        Self::Finalize,
    ];

    /// `supabase-project` …
    pub const fn key(self) -> &'static str {
        match self {
            Self::SupabaseProject => "supabase-project",
            Self::DatabaseSchema => "database-schema",
            Self::AuthSettings => "auth-settings",
            Self::AdminUser => "admin-user",
            Self::GithubRepo => "github-repo",
            Self::ClientConfig => "client-config",
            Self::VercelProject => "vercel-project",
            Self::VercelEnvironment => "vercel-environment",
            Self::VercelDeployment => "vercel-deployment",
            Self::SiteCheck => "site-check",
            Self::WelcomeEmail => "welcome-email",
            Self::Finalize => "finalize",
        }
    }

    /// Whose work it is; `None` for Fabrik's own.
    pub const fn provider(self) -> Option<Provider> {
        match self {
            Self::SupabaseProject | Self::DatabaseSchema | Self::AuthSettings | Self::AdminUser => {
                Some(Provider::Supabase)
            }
            Self::GithubRepo | Self::ClientConfig => Some(Provider::GitHub),
            Self::VercelProject | Self::VercelEnvironment | Self::VercelDeployment => {
                Some(Provider::Vercel)
            }
            Self::WelcomeEmail => Some(Provider::Resend),
            Self::SiteCheck | Self::Finalize => None,
        }
    }

    /// What a step of this kind hands on, for templates: `{{ supabase.url }}`.
    pub const fn outputs(self) -> &'static [&'static str] {
        match self {
            Self::SupabaseProject => &[
                "ref",
                "url",
                "publishable_key",
                "secret_key",
                "dashboard_url",
                "region",
            ],
            Self::DatabaseSchema => &["tables"],
            Self::AdminUser => &["user_id", "link"],
            Self::GithubRepo => &["id", "full_name", "url", "default_branch"],
            Self::ClientConfig => &["commit"],
            Self::VercelProject => &["id", "url", "repo_id", "dashboard_url"],
            Self::VercelDeployment => &["id", "url", "inspector_url"],
            Self::WelcomeEmail => &["id"],
            Self::AuthSettings | Self::VercelEnvironment | Self::SiteCheck | Self::Finalize => &[],
        }
    }
}

impl std::fmt::Display for StepKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.key())
    }
}

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Bilingual {
    /// Swedish.
    pub sv: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// The text in one of them.
    pub fn get(&self, language: crate::language::Language) -> &str {
        match language {
            crate::language::Language::Sv => &self.sv,
            crate::language::Language::En => &self.en,
        }
    }
}

/// A step of a blueprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepSpec {
    /// Short name, by which other steps refer to its outputs: `supabase`, `repo`, `site`.
    pub id: String,
    /// What it does.
    pub kind: StepKind,
    /// Parameters of the kind; texts in them are templates (`{{ supabase.url }}`).
    pub with: serde_json::Map<String, serde_json::Value>,
    /// Every step that must be complete before: those whose outputs `with` uses, and those named in
    /// the blueprint's `after`.
    pub needs: Vec<String>,
}

/// What the vendors ask a month, as of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MonthlyPrice {
    /// A decimal number as text, such as `25.00`.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
    /// The day the prices were read, `2026-11-21`.
    pub as_of: String,
}

/// A plan that customers are sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SalesPlan {
    /// Its name, as stored on the customer.
    pub name: String,
    /// For people.
    pub title: Bilingual,
    /// What the vendors ask a month for it.
    pub monthly_price: Option<MonthlyPrice>,
    /// Overrides of the blueprint's parameters.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

/// A blueprint, whole: its content is what a run's snapshot keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blueprint {
    /// Its name, the folder's.
    pub name: String,
    /// Counts its published changes.
    pub version: u32,
    /// For people.
    pub title: Bilingual,
    /// For people.
    pub description: Bilingual,
    /// Plans, the default first.
    pub plans: Vec<SalesPlan>,
    /// Modules that can be enabled for a customer.
    pub modules: Vec<String>,
    /// Parameters with their defaults, for `{{ parameters.… }}`.
    pub parameters: BTreeMap<String, String>,
    /// Steps, in the order in which they are shown.
    pub steps: Vec<StepSpec>,
    /// Settings it needs, such as `supabase.organization`.
    pub settings: Vec<String>,
    /// The other files of the folder by relative path: `schema.sql`, `email/welcome.sv.html` …
    pub files: BTreeMap<String, String>,
    /// SHA-256 of the whole folder, in hex.
    pub hash: String,
}

impl Blueprint {
    /// The vendors its steps call.
    pub fn providers(&self) -> Vec<Provider> {
        let mut providers: Vec<_> = self
            .steps
            .iter()
            .filter_map(|step| step.kind.provider())
            .collect();
        providers.sort_unstable();
        providers.dedup();
        providers
    }

    /// The plan of this name.
    pub fn plan(&self, name: &str) -> Option<&SalesPlan> {
        self.plans.iter().find(|plan| plan.name == name)
    }
}
