//! What is said of a kind's parameters: names, shapes, and where a secret may stand. The kinds themselves are
//! listed in `blueprint`; a test in `steps` holds the list against what the steps read.

use self::Shape::{Flag, Table, Targets, Text};
use super::StepKind;

/// A parameter of a kind of step, or a field of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in `with`.
    pub name: &'static str,
    /// Whether it must be there.
    pub need: Need,
    /// What it must be once it is rendered.
    pub shape: Shape,
    /// Whether a secret may stand in it: it then goes where nobody reads it.
    pub secret: bool,
}

/// Whether a parameter must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It may be left out.
    Optional,
    /// It must be there, and may be empty.
    There,
    /// It must be there and not be empty.
    Filled,
}

/// What a parameter must be once it is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// `sv` or `en`.
    Language,
    /// A number, written as one or as a text.
    Number,
    /// `true` or `false`.
    Flag,
    /// A list of texts.
    Texts,
    /// A list of Vercel's targets.
    Targets,
    /// A table with fields of the blueprint's choice. A secret may stand in its texts where it may in the
    /// parameter.
    Table,
    /// A list of tables with these fields.
    List(&'static [Parameter]),
}

pub(super) const fn required(name: &'static str, shape: Shape) -> Parameter {
    Parameter {
        name,
        need: Need::Filled,
        shape,
        secret: false,
    }
}

pub(super) const fn optional(name: &'static str, shape: Shape) -> Parameter {
    Parameter {
        name,
        need: Need::Optional,
        shape,
        secret: false,
    }
}

pub(super) const fn secret(parameter: Parameter) -> Parameter {
    Parameter {
        secret: true,
        ..parameter
    }
}

pub(super) const VARIABLE: &[Parameter] = &[
    required("key", Text),
    // A variable may be empty.
    secret(Parameter {
        need: Need::There,
        ..optional("value", Text)
    }),
    optional("secret", Flag),
    optional("targets", Targets),
];

pub(super) const CREDENTIAL: &[Parameter] = &[
    required("name", Text),
    required("type", Text),
    secret(required("data", Table)),
];

impl StepKind {
    /// Whether it only changes what stands: in what the same run has made it finds nothing to do.
    pub const fn is_of_standing(self) -> bool {
        matches!(self, Self::RecoveryOff | Self::ComputeSize)
    }

    /// Those of its outputs that are secret: they go where a secret may stand, and nowhere else.
    pub const fn secret_outputs(self) -> &'static [&'static str] {
        match self {
            Self::SupabaseProject => &["secret_key"],
            Self::DatabaseUrl => &["pooled_url", "direct_url"],
            Self::AdminUser => &["link", "password"],
            Self::RecoveryOff
            | Self::ComputeSize
            | Self::PointInTimeRecovery
            | Self::DatabaseSchema
            | Self::IsolationCheck
            | Self::AuthSettings
            | Self::GithubRepo
            | Self::ClientConfig
            | Self::VercelProject
            | Self::VercelEnvironment
            | Self::VercelDeployment
            | Self::CustomDomain
            | Self::N8nWorkflows
            | Self::WorkflowBackup
            | Self::SiteCheck
            | Self::WelcomeEmail
            | Self::Finalize => &[],
        }
    }
}
