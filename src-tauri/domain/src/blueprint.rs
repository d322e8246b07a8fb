//! A blueprint: what a customer gets, as data. How one is read from a folder is `blueprints`' matter.

mod parameters;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::provider::Provider;

use parameters::{
    CREDENTIAL,
    Shape::{Flag, Language, List, Number, Table, Text, Texts},
    VARIABLE, optional, required, secret,
};
pub use parameters::{Need, Parameter, Shape};

/// Declares the kinds of steps: the name that blueprints and scripts use, whose work it is, what it hands on,
/// and what it takes.
macro_rules! step_kinds {
    ($(
        $(#[$doc:meta])+
        $kind:ident: $key:literal, $provider:expr, [$($output:literal),*], [$($takes:expr),* $(,)?];
    )+) => {
        /// The kinds of steps, as blueprints and `--json` name them (docs/command-line.md).
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS,
        )]
        pub enum StepKind {
            $($(#[$doc])+ #[serde(rename = $key)] $kind,)+
        }

        impl StepKind {
            /// All of them.
            pub const ALL: [Self; [$($key),+].len()] = [$(Self::$kind),+];

            /// `supabase-project` …
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$kind => $key,)+
                }
            }

            /// Whose work it is; `None` for Fabrik's own.
            pub const fn provider(self) -> Option<Provider> {
                match self {
                    $(Self::$kind => $provider,)+
                }
            }

            /// What a step of this kind hands on, for templates: `{{ supabase.url }}`.
            pub const fn outputs(self) -> &'static [&'static str] {
                match self {
                    $(Self::$kind => &[$($output),*],)+
                }
            }

            /// What a step of this kind takes in `with`.
            pub const fn parameters(self) -> &'static [Parameter] {
                match self {
                    $(Self::$kind => const { &[$($takes),*] },)+
                }
            }
        }
    };
}

const SUPABASE: Option<Provider> = Some(Provider::Supabase);
const GITHUB: Option<Provider> = Some(Provider::GitHub);
const VERCEL: Option<Provider> = Some(Provider::Vercel);
const N8N: Option<Provider> = Some(Provider::N8n);
const GITEA: Option<Provider> = Some(Provider::Gitea);
const RESEND: Option<Provider> = Some(Provider::Resend);

step_kinds! {
    /// A Supabase project.
    SupabaseProject: "supabase-project", SUPABASE, ["ref", "url", "publishable_key", "secret_key", "dashboard_url", "region"], [
        required("name", Text),
        optional("mark", Text),
        required("organization", Text),
        required("region", Text),
        optional("instance_size", Text),
    ];
    /// Recovery that the plan has no more, turned off.
    RecoveryOff: "recovery-off", SUPABASE, [], [
        required("project", Text),
        optional("days", Text),
    ];
    /// The size of the instance that its database runs on.
    ComputeSize: "compute-size", SUPABASE, [], [
        required("project", Text),
        optional("size", Text),
    ];
    /// Going back to any second of so many days, in it.
    PointInTimeRecovery: "point-in-time-recovery", SUPABASE, [], [
        required("project", Text),
        optional("days", Text),
        optional("size", Text),
    ];
    /// The strings with which its database is reached.
    DatabaseUrl: "database-url", SUPABASE, ["pooled_url", "direct_url", "reference"], [
        required("project", Text),
    ];
    /// Schema and policies in it.
    DatabaseSchema: "database-schema", SUPABASE, ["tables"], [
        required("project", Text),
        required("files", Texts),
        required("tables", Texts),
        optional("forbidden_columns", Texts),
        optional("forbidden_tables", Texts),
        optional("profile_table", Text),
        optional("profile", Table),
    ];
    /// The proof that its rows are shut to everybody else.
    IsolationCheck: "isolation-check", SUPABASE, [], [
        required("project", Text),
        required("project_url", Text),
        required("publishable_key", Text),
        optional("canary", Text),
    ];
    /// Site URL, redirects, link life, mail of its sign-in.
    AuthSettings: "auth-settings", SUPABASE, [], [
        required("project", Text),
        required("site_url", Text),
        optional("redirect_urls", Texts),
        required("link_seconds", Number),
        optional("sender_name", Text),
        optional("smtp_host", Text),
        optional("smtp_port", Text),
        optional("smtp_user", Text),
        optional("smtp_sender", Text),
        secret(optional("smtp_password", Text)),
    ];
    /// The first user, with the admin role.
    AdminUser: "admin-user", SUPABASE, ["user_id", "link", "password"], [
        required("project_url", Text),
        required("publishable_key", Text),
        secret(required("secret_key", Text)),
        required("email", Text),
        optional("name", Text),
        required("role", Text),
        required("table", Text),
        optional("redirect_to", Text),
        optional("temporary_password", Flag),
    ];
    /// A private repository from a template.
    GithubRepo: "github-repo", GITHUB, ["id", "full_name", "url", "default_branch"], [
        required("owner", Text),
        required("name", Text),
        required("template", Text),
        optional("description", Text),
    ];
    /// The customer's `client-config.json` in it.
    ClientConfig: "client-config", GITHUB, ["commit"], [
        required("repository", Text),
        optional("repository_id", Text),
        required("branch", Text),
        required("path", Text),
        required("content", Table),
    ];
    /// A Vercel project linked to it.
    VercelProject: "vercel-project", VERCEL, ["id", "url", "repo_id", "dashboard_url"], [
        required("name", Text),
        optional("team", Text),
        optional("repository", Text),
        optional("repository_id", Text),
        optional("framework", Text),
    ];
    /// Its variables.
    VercelEnvironment: "vercel-environment", VERCEL, [], [
        required("project", Text),
        optional("team", Text),
        required("variables", List(VARIABLE)),
    ];
    /// A production deployment.
    VercelDeployment: "vercel-deployment", VERCEL, ["id", "url", "inspector_url"], [
        required("project", Text),
        optional("name", Text),
        optional("team", Text),
        optional("repo_id", Text),
        optional("ref", Text),
    ];
    /// The customer's own domain on the project.
    CustomDomain: "custom-domain", VERCEL, ["domain", "url", "live_url"], [
        required("project", Text),
        optional("team", Text),
        optional("domain", Text),
    ];
    /// The customer's workflows, published.
    N8nWorkflows: "n8n-workflows", N8N, ["workflows", "webhook_url", "webhook_urls", "url"], [
        required("workflows", Texts),
        optional("values", Table),
        optional("credentials", List(CREDENTIAL)),
    ];
    /// A copy of them in Gitea.
    WorkflowBackup: "workflow-backup", GITEA, ["url"], [
        required("owner", Text),
        required("repository", Text),
        required("folder", Text),
        required("workflows", Text),
    ];
    /// The instance answers.
    SiteCheck: "site-check", None, [], [
        required("url", Text),
        optional("own", Text),
        optional("awaited", Text),
    ];
    /// The mail to the customer.
    WelcomeEmail: "welcome-email", RESEND, ["id"], [
        required("from", Text),
        optional("reply_to", Text),
        required("to", Text),
        required("template", Text),
        required("language", Language),
        secret(optional("values", Table)),
    ];
    /// The customer's record, and the end.
    Finalize: "finalize", None, [], [
        optional("production_url", Text),
        optional("github_repo_url", Text),
        optional("supabase_project_ref", Text),
        optional("database_url", Text),
    ];
}

impl StepKind {
    /// The customer has been told: from here on nothing is rolled back.
    pub const fn is_point_of_no_return(self) -> bool {
        matches!(self, Self::WelcomeEmail)
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
