//! What a run keeps in the vault from before a call until it ends: what nobody gives a second time.
//!
//! Entries are create-if-absent: after a kill the same bytes go out again. A mail's are made anew as long as nothing
//! was sent with them, for the link in it grows old. `finalize` removes all of them, those of the customer's
//! earlier runs too, and an undone run's are forgotten with it; so each is named here.
//!
//! One outlives its run: the password of a project whose addresses are taken away, for as long as the project stands.

use std::collections::BTreeSet;

use fabrik_domain::{
    Problem,
    blueprint::StepKind,
    id::RunId,
    resource::{Mark, ResourceKind},
    run::Snapshot,
    secret::{Secret, SecretRef},
};
use fabrik_engine::step::Context;

/// A secret that a step keeps until the run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The database's password, which project creation is given.
    DatabasePassword,
    /// The administrator's temporary password.
    AdminPassword,
    /// The secret parts of a mail, with the time when they were made.
    MailSecrets,
}

impl Kept {
    /// What steps of this kind keep.
    pub(crate) const fn by(kind: StepKind) -> &'static [Self] {
        match kind {
            StepKind::SupabaseProject => &[Self::DatabasePassword],
            StepKind::AdminUser => &[Self::AdminPassword],
            StepKind::WelcomeEmail => &[Self::MailSecrets],
            StepKind::RecoveryOff
            | StepKind::ComputeSize
            | StepKind::PointInTimeRecovery
            | StepKind::DatabaseUrl
            | StepKind::DatabaseSchema
            | StepKind::IsolationCheck
            | StepKind::AuthSettings
            | StepKind::GithubRepo
            | StepKind::ClientConfig
            | StepKind::VercelProject
            | StepKind::VercelEnvironment
            | StepKind::VercelDeployment
            | StepKind::CustomDomain
            | StepKind::N8nWorkflows
            | StepKind::WorkflowBackup
            | StepKind::SiteCheck
            | StepKind::Finalize => &[],
        }
    }

    const fn purpose(self) -> &'static str {
        match self {
            Self::DatabasePassword => "database-password",
            Self::AdminPassword => "admin-password",
            Self::MailSecrets => "mail-secrets",
        }
    }

    /// Where it is, for the step of this id in a run.
    pub(crate) fn reference(self, mark: Mark, run: RunId, step: &str) -> SecretRef {
        let purpose = format!("{step}/{}", self.purpose());
        SecretRef::run(mark.workspace, mark.customer, run, &purpose)
    }

    /// Where it is, for the step that runs.
    pub(crate) fn here(self, cx: &Context<'_>) -> SecretRef {
        self.reference(cx.mark, cx.run, &cx.step.id)
    }

    /// The secret of the step that runs; made and kept if there is none yet.
    pub(crate) async fn or_keep(
        self,
        cx: &Context<'_>,
        make: impl FnOnce() -> Secret + Send,
    ) -> Result<Secret, Problem> {
        cx.secrets.create_if_absent(&self.here(cx), make()).await
    }
}

/// Every entry that a run may have in the vault.
pub fn of_run(mark: Mark, run: RunId, snapshot: &Snapshot) -> BTreeSet<SecretRef> {
    let steps = snapshot.blueprint.steps.iter();
    steps
        .flat_map(|step| {
            let kept = Kept::by(step.kind).iter();
            kept.map(move |kept| kept.reference(mark, run, &step.id))
        })
        .collect()
}

/// Where the password may be that a project was made with: this run's, then those of the customer's earlier runs that
/// have a row of it, the newest first; then where it outlives them all.
pub(crate) fn database_passwords(cx: &Context<'_>, project: &str) -> Vec<SecretRef> {
    let steps = cx.snapshot.blueprint.steps.iter();
    let steps = steps.filter(|step| step.kind == StepKind::SupabaseProject);
    let rows = cx.all.iter().rev();
    let rows = rows.filter(|row| row.kind == ResourceKind::SupabaseProject && row.id == project);
    steps
        .map(|step| (cx.run, step.id.as_str()))
        .chain(rows.map(|row| (row.run, row.step.as_str())))
        .map(|(run, step)| Kept::DatabasePassword.reference(cx.mark, run, step))
        .chain(std::iter::once(lasting_password(cx.mark, project)))
        .collect()
}

/// Where a project's password outlives the runs and the addresses that hold it: the project's undo takes it away.
pub(crate) fn lasting_password(mark: Mark, project: &str) -> SecretRef {
    let purpose = format!("database/{project}/password");
    SecretRef::customer(mark.workspace, mark.customer, &purpose)
}

/// Whether addresses are made for the project, by this run or another: nobody else needs its password again.
fn has_addresses(cx: &Context<'_>, project: &str) -> bool {
    let mut steps = cx.snapshot.blueprint.steps.iter();
    let mut rows = cx.all.iter();
    steps.any(|step| step.kind == StepKind::DatabaseUrl)
        || rows.any(|row| row.kind == ResourceKind::DatabaseUrl && row.id == project)
}

/// Keeps the password of a project that is about to go: if it does not, a run makes its addresses again, and what
/// the undone run kept is forgotten by then.
pub(crate) async fn outlast(cx: &Context<'_>, project: &str) -> Result<(), Problem> {
    let lasting = lasting_password(cx.mark, project);
    if !has_addresses(cx, project) || cx.secrets.get(&lasting).await?.is_some() {
        return Ok(());
    }
    for place in database_passwords(cx, project) {
        if let Some(password) = cx.secrets.get(&place).await? {
            return cx.secrets.set(&lasting, password).await;
        }
    }
    Ok(())
}

/// Takes it away with the project.
pub(crate) async fn gone_with(cx: &Context<'_>, project: &str) -> Result<(), Problem> {
    if has_addresses(cx, project) {
        let lasting = lasting_password(cx.mark, project);
        cx.secrets.remove(&lasting).await?;
    }
    Ok(())
}

/// Where the password may be that a user was made with: this run's, then those of the customer's earlier runs that
/// have a row of it, the newest first.
pub(crate) fn admin_passwords(cx: &Context<'_>, user: &str) -> Vec<SecretRef> {
    let rows = cx.all.iter().rev();
    let rows = rows.filter(|row| row.kind == ResourceKind::AuthUser && row.id == user);
    let earlier = rows.map(|row| Kept::AdminPassword.reference(cx.mark, row.run, &row.step));
    std::iter::once(Kept::AdminPassword.here(cx))
        .chain(earlier)
        .collect()
}

/// Every entry that this run and the customer's earlier ones may have in the vault. An earlier run's blueprint
/// may have named its steps otherwise: those that made something have left a row.
pub(crate) fn of_customer(cx: &Context<'_>) -> BTreeSet<SecretRef> {
    let mut entries = of_run(cx.mark, cx.run, cx.snapshot);
    for row in cx.all {
        entries.extend(of_run(cx.mark, row.run, cx.snapshot));
        let kind = match row.kind {
            ResourceKind::SupabaseProject => StepKind::SupabaseProject,
            ResourceKind::AuthUser => StepKind::AdminUser,
            ResourceKind::Mail => StepKind::WelcomeEmail,
            ResourceKind::ComputeSize
            | ResourceKind::PointInTimeRecovery
            | ResourceKind::DatabaseUrl
            | ResourceKind::DatabaseSchema
            | ResourceKind::AuthSettings
            | ResourceKind::Repository
            | ResourceKind::RepositoryFile
            | ResourceKind::VercelProject
            | ResourceKind::VercelEnvironment
            | ResourceKind::VercelDeployment
            | ResourceKind::Domain
            | ResourceKind::Workflows
            | ResourceKind::WorkflowBackup => continue,
        };
        let kept = Kept::by(kind).iter();
        entries.extend(kept.map(|kept| kept.reference(cx.mark, row.run, &row.step)));
    }
    entries
}
