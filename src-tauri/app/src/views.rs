//! What the commands answer: records arranged for a screen or for `--json`. No secrets: a credential shows
//! its last four characters and whose it is.

mod blueprints;
mod credentials;
mod customers;
mod diagnosis;
mod frame;
mod mails;
mod reports;
mod runs;
mod settings;

pub use blueprints::{BlueprintSummary, PlanSummary, StepSummary};
pub use credentials::{
    Credential, CredentialSource, CredentialState, CredentialsPage, EnvEntry, EnvImport,
    EnvVerdict, KeyringView,
};
pub use customers::{
    Activity, CustomerDetail, CustomerImport, CustomerPage, CustomerRow, Fact, FactLabel,
    ImportedRow, InstanceCard, InstanceLink, LinkTarget, MarkState, StackMark, StateCount,
    StepProgress,
};
pub use diagnosis::{Diagnosis, Finding, FindingSubject};
pub use frame::{ActiveRun, Overview, Theme};
pub use mails::{MailView, WelcomePreview};
pub use reports::{ReportedResource, ReportedRun, ReportedStep, RunReport};
pub use runs::{DomainView, ProvisionMany, RefusedCustomer, RunDetail, RunRow, StepView};
pub use settings::{SettingSource, SettingView};
