//! The exit codes: a promise to scripts.

use std::process::ExitCode;

use fabrik_domain::{Cause, Problem, run::RunState};

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// A run failed, or something that is no fault of what was asked.
    Failed,
    /// Wrong usage.
    Usage,
    /// Refused before anything was made.
    Refused,
    /// Interrupted, or waiting for somebody: can be resumed.
    Resumable,
    /// Something could not be removed.
    Leftovers,
}

impl Exit {
    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Resumable => 4,
            Self::Leftovers => 5,
        }
    }

    /// Of several customers, rows or variables the worst counts: leftovers, then failed, resumable, refused.
    pub(crate) const fn worse(self, other: Self) -> Self {
        if self.weight() >= other.weight() {
            self
        } else {
            other
        }
    }

    const fn weight(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Usage => 1,
            Self::Refused => 2,
            Self::Resumable => 3,
            Self::Failed => 4,
            Self::Leftovers => 5,
        }
    }

    /// How a run ended, or where it stands. One that went back failed, unless going back is what was asked for.
    pub(crate) const fn of_run(state: RunState) -> Self {
        match state {
            RunState::Succeeded => Self::Done,
            RunState::Failed | RunState::RolledBack => Self::Failed,
            RunState::Leftovers => Self::Leftovers,
            RunState::Queued
            | RunState::Running
            | RunState::Waiting
            | RunState::Undoing
            | RunState::Cancelled
            | RunState::Interrupted => Self::Resumable,
        }
    }

    /// What a problem that ended the command means.
    pub(crate) const fn of_problem(problem: &Problem) -> Self {
        of_cause(&problem.cause)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Exhaustive, so that every new code is given a place.
const fn of_cause(cause: &Cause) -> Exit {
    match cause {
        Cause::NameInvalid { .. }
        | Cause::SlugTaken { .. }
        | Cause::SubdomainInvalid { .. }
        | Cause::SubdomainTaken { .. }
        | Cause::SubdomainInUse { .. }
        | Cause::SubdomainChanged { .. }
        | Cause::ExternalIdTaken { .. }
        | Cause::ExternalIdAlike { .. }
        | Cause::EmailInvalid { .. }
        | Cause::LinkInvalid { .. }
        | Cause::ProjectRefInvalid { .. }
        | Cause::PlanUnknown { .. }
        | Cause::ModuleUnknown { .. }
        | Cause::BlueprintUnknown { .. }
        | Cause::BlueprintInvalid { .. }
        | Cause::BlueprintNameInvalid { .. }
        | Cause::SandboxRefused { .. }
        | Cause::BlueprintExists { .. }
        | Cause::BlueprintChanged { .. }
        | Cause::BlueprintVersionGone { .. }
        | Cause::CustomerUnknown { .. }
        | Cause::ConfirmationMismatch { .. }
        | Cause::CustomerHasInstance { .. }
        | Cause::FileUnreadable { .. }
        | Cause::ColumnMissing { .. }
        | Cause::NoCustomersInFile { .. }
        | Cause::FieldMissing { .. }
        | Cause::FieldUnreadable { .. }
        | Cause::RowRepeated { .. }
        | Cause::CellsSurplus { .. }
        | Cause::QuoteUnclosed { .. }
        | Cause::MembersUnsupported { .. }
        | Cause::LineUnreadable { .. }
        | Cause::VariableContradicted { .. }
        | Cause::DatabaseUrlKept
        | Cause::CredentialMissing
        | Cause::CredentialRejected
        | Cause::CredentialScopeMissing { .. }
        | Cause::CredentialUnrestricted
        | Cause::RequestUnknown { .. }
        | Cause::RequestDecided { .. }
        | Cause::RequestOfAnotherKind
        | Cause::PriceUnknown { .. }
        | Cause::SubscriptionUnknown { .. }
        | Cause::SettingMissing { .. }
        | Cause::SettingUnknown { .. }
        | Cause::SettingInvalid { .. }
        | Cause::BaseUrlInsecure { .. }
        | Cause::ProviderUnknown { .. }
        | Cause::LinkRefused
        | Cause::WorkspaceInvalid { .. }
        | Cause::RegionNotOffered { .. }
        | Cause::OrganizationNotVisible { .. }
        | Cause::ProjectLimitReached { .. }
        | Cause::TemplateNotTemplate { .. }
        | Cause::TemplateNotVisible { .. }
        | Cause::OwnerNotVisible { .. }
        | Cause::TeamNotVisible { .. }
        | Cause::NameTaken { .. }
        | Cause::VercelAppMissing { .. }
        | Cause::VercelAppLimited { .. }
        | Cause::VercelHobby { .. }
        | Cause::LinkedElsewhere { .. }
        | Cause::RepositoryPublic { .. }
        | Cause::SenderUnverified { .. }
        | Cause::RunUnknown { .. }
        | Cause::RunActive { .. }
        | Cause::RunOwned { .. }
        | Cause::RunEnded { .. }
        | Cause::RunUndoing { .. }
        | Cause::OutcomeUnknown { .. }
        | Cause::RunSucceeded { .. }
        | Cause::RunSuperseded { .. }
        | Cause::NothingToRollBack { .. }
        | Cause::NotLeftOver { .. }
        | Cause::NothingToRemove { .. }
        | Cause::MailUnderWay
        | Cause::NoWelcomeMail { .. }
        | Cause::InstanceMissing { .. }
        | Cause::NothingToDecide { .. }
        | Cause::CandidateUnknown { .. }
        | Cause::KeyringMissing { .. }
        | Cause::KeyringLocked
        | Cause::KeyringTimedOut
        | Cause::KeyringFailed
        | Cause::SecretMissing { .. }
        | Cause::SecretTooLong
        | Cause::SandboxKeepsNoSecrets
        | Cause::SandboxTokenRefused { .. }
        | Cause::DatabaseNewer { .. }
        | Cause::DatabaseUrlInvalid
        | Cause::DatabaseCertificate { .. }
        | Cause::DatabaseLoginRefused { .. }
        | Cause::DatabaseUnknown { .. }
        | Cause::DatabaseRightsMissing { .. }
        | Cause::DatabaseServerReadOnly { .. }
        | Cause::DatabaseNotEmpty { .. }
        | Cause::DatabaseOnlyThere { .. }
        | Cause::AuditUnanchored
        | Cause::SourceAbsent
        | Cause::SourceLoginRefused { .. }
        | Cause::SourceRightsMissing { .. }
        | Cause::SourceReadOnly { .. }
        | Cause::SourceTableMissing { .. }
        | Cause::SourceRowsHidden { .. }
        | Cause::SourceRowsKeptBack { .. }
        | Cause::SourceColumnMissing { .. }
        | Cause::SourceColumnUnfit { .. }
        | Cause::SourceColumnLocked { .. }
        | Cause::SourceFieldUnmapped { .. }
        | Cause::SourceResultsNowhere { .. }
        | Cause::SourceKeyRepeated { .. }
        | Cause::SourceKeyAstray { .. }
        | Cause::SourceRowMissing { .. }
        | Cause::ProjectOfAnother { .. }
        | Cause::ProjectPaused { .. }
        | Cause::RecoveryStands { .. }
        | Cause::SourceIdTaken { .. }
        | Cause::SourceFollowed { .. }
        | Cause::SourceWordRefused { .. }
        | Cause::DataDirectoryUnusable { .. } => Exit::Refused,
        Cause::LeaseLost
        | Cause::ImportStopped
        | Cause::NotReadyYet { .. }
        | Cause::DeadlinePassed { .. }
        | Cause::Throttled { .. }
        | Cause::Ambiguous { .. } => Exit::Resumable,
        Cause::NotOurs { .. }
        | Cause::ChangedSince { .. }
        | Cause::WasThereBefore { .. }
        | Cause::HoldsData { .. }
        | Cause::CannotSee { .. }
        | Cause::LiesInLeftover { .. }
        | Cause::UndoTookTooLong { .. }
        | Cause::UsedByLaterRun { .. } => Exit::Leftovers,
        Cause::ProjectFailed { .. }
        | Cause::SchemaRefused { .. }
        | Cause::OutsideTouched { .. }
        | Cause::SchemaDiffers { .. }
        | Cause::TableMissing { .. }
        | Cause::RowSecurityMissing { .. }
        | Cause::Forbidden { .. }
        | Cause::AdminProofFailed { .. }
        | Cause::IsolationBroken { .. }
        | Cause::DomainPending { .. }
        | Cause::DeploymentFailed { .. }
        | Cause::WorkflowNotPublished { .. }
        | Cause::SiteUnreachable { .. }
        | Cause::SiteAnswersError { .. }
        | Cause::SiteProtected { .. }
        | Cause::MailAlreadySent
        | Cause::Unreachable { .. }
        | Cause::VendorSilent { .. }
        | Cause::TimedOut { .. }
        | Cause::AnswerLost { .. }
        | Cause::Refused { .. }
        | Cause::QuotaExceeded { .. }
        | Cause::VendorFailed { .. }
        | Cause::AnswerUnreadable { .. }
        | Cause::StepChanged { .. }
        | Cause::DatabaseBusy
        | Cause::DatabaseReadOnly
        | Cause::DatabaseUnreadable
        | Cause::DatabaseDamaged
        | Cause::DatabaseUnreachable { .. }
        | Cause::DatabaseMoveUnlike { .. }
        | Cause::DatabaseLeft
        | Cause::AuditAltered { .. }
        | Cause::AuditCut { .. }
        | Cause::SourceRefused { .. }
        | Cause::DiskFull
        | Cause::DatabaseFailed
        | Cause::SandboxFailed
        | Cause::FileUnwritable { .. }
        | Cause::NothingOpens { .. }
        | Cause::ProgramMissing { .. }
        | Cause::BlueprintUnchecked { .. }
        | Cause::UpdateFailed { .. }
        | Cause::Internal => Exit::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_the_worst_counts() {
        let order = [
            Exit::Leftovers,
            Exit::Failed,
            Exit::Resumable,
            Exit::Refused,
            Exit::Done,
        ];
        for (place, worse) in order.iter().enumerate() {
            for better in &order[place..] {
                assert_eq!(worse.worse(*better), *worse);
                assert_eq!(better.worse(*worse), *worse);
            }
        }
    }

    #[test]
    fn codes_are_those_that_scripts_rely_on() {
        assert_eq!(Exit::of_run(RunState::Succeeded).code(), 0);
        assert_eq!(Exit::of_run(RunState::Failed).code(), 1);
        assert_eq!(Exit::of_run(RunState::RolledBack).code(), 1);
        assert_eq!(Exit::Usage.code(), 2);
        assert_eq!(Exit::of_problem(&Cause::CredentialMissing.into()).code(), 3);
        let until = jiff::Timestamp::UNIX_EPOCH;
        assert_eq!(
            Exit::of_problem(&Cause::Throttled { until }.into()).code(),
            4
        );
        assert_eq!(Exit::of_run(RunState::Waiting).code(), 4);
        assert_eq!(Exit::of_run(RunState::Cancelled).code(), 4);
        assert_eq!(Exit::of_run(RunState::Interrupted).code(), 4);
        assert_eq!(Exit::of_run(RunState::Leftovers).code(), 5);
    }
}
