//! What the commands answer: records arranged for a screen or for `--json`. No secrets: a credential shows
//! its last four characters and whose it is.

mod blueprints;
mod credentials;
mod customers;
mod diagnosis;
mod frame;
mod mails;
mod members;
mod reports;
mod requests;
mod runs;
mod saved;
mod settings;
mod source;
mod workspaces;

pub use blueprints::{
    BlueprintCheck, BlueprintContents, BlueprintFault, BlueprintFile, BlueprintOnShelf,
    BlueprintSummary, BlueprintVersion, PlanSummary, StepSummary,
};
pub use credentials::{
    Credential, CredentialSource, CredentialState, CredentialsPage, EnvEntry, EnvImport,
    EnvVerdict, KeyringView, System,
};
pub use customers::{
    Activity, CustomerCounts, CustomerDetail, CustomerImport, CustomerPage, CustomerRow, Fact,
    FactLabel, ImportProgress, ImportedRow, InstanceCard, InstanceLink, LinkTarget, MarkState,
    NameCount, StackMark, StateCount, StepProgress,
};
pub use diagnosis::{Diagnosis, Finding, FindingSubject};
pub use frame::{ActiveRun, Density, Overview, Theme};
pub use mails::{MailView, WelcomePreview};
pub use members::{MemberField, MemberRow, MemberVerdict, MembersImport};
pub use reports::{ReportedResource, ReportedRun, ReportedStep, RunReport};
pub use requests::{RequestApproval, RequestCount, RequestPage, StripeView};
pub use runs::{
    DomainView, Driver, ProvisionMany, RefusedCustomer, RunCount, RunDetail, RunPage, RunRow,
    StepView,
};
pub use saved::{DiagnosticBundle, ExportFormat, Folder, SavedFile};
pub use settings::{SettingSource, SettingView};
pub use source::{
    ConnectedSource, RefusedSourceRow, SourceColumnView, SourceLook, SourcePreview, SourceReport,
    SourceRowView, SourceView,
};
pub use workspaces::{
    DatabaseCopy, DatabaseView, MovedTable, RestoredDatabase, WorkspaceView, Workspaces,
};
