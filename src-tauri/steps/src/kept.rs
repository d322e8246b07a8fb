//! What a run keeps in the vault from before a call until it ends (rule 10).
//!
//! Entries are create-if-absent: after a kill the same bytes go out again. `finalize` removes all of them,
//! so each is named here.

use fabrik_domain::{
    Problem,
    blueprint::StepKind,
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
    /// The administrator's sign-in link.
    AdminLink,
    /// The secret parts of a mail, as a JSON object of texts.
    MailSecrets,
}

impl Kept {
    /// What steps of this kind keep.
    pub(crate) const fn by(kind: StepKind) -> &'static [Self] {
        match kind {
            StepKind::SupabaseProject => &[Self::DatabasePassword],
            StepKind::AdminUser => &[Self::AdminPassword, Self::AdminLink],
            StepKind::WelcomeEmail => &[Self::MailSecrets],
            _ => &[],
        }
    }

    const fn purpose(self) -> &'static str {
        match self {
            Self::DatabasePassword => "database-password",
            Self::AdminPassword => "admin-password",
            Self::AdminLink => "admin-link",
            Self::MailSecrets => "mail-secrets",
        }
    }

    /// Where it is, for the step of this id in this run.
    pub(crate) fn reference(self, cx: &Context<'_>, step: &str) -> SecretRef {
        let purpose = format!("{step}/{}", self.purpose());
        SecretRef::run(cx.mark.workspace, cx.mark.customer, cx.run, &purpose)
    }

    /// The secret of the step that runs; made and kept if there is none yet.
    pub(crate) async fn or_keep(
        self,
        cx: &Context<'_>,
        make: impl FnOnce() -> Secret + Send,
    ) -> Result<Secret, Problem> {
        let reference = self.reference(cx, &cx.step.id);
        if let Some(secret) = cx.secrets.get(&reference).await? {
            return Ok(secret);
        }
        let secret = make();
        cx.secrets.set(&reference, secret.clone()).await?;
        Ok(secret)
    }
}

/// Every entry that this run may have in the vault.
pub(crate) fn entries(cx: &Context<'_>) -> Vec<SecretRef> {
    let steps = &cx.snapshot.blueprint.steps;
    steps
        .iter()
        .flat_map(|step| {
            Kept::by(step.kind)
                .iter()
                .map(|kept| kept.reference(cx, &step.id))
        })
        .collect()
}
