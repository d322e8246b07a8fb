//! What is wrong with a blueprint, as codes with places and parameters. The words are the command line's.
//! Finding it is `blueprints`' matter.

mod terms;

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::blueprint::StepKind;

pub use terms::{Expected, Part};

/// A flaw of a blueprint, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[ts(rename = "BlueprintFinding")]
pub struct Finding {
    /// The file, relative to the blueprint's folder.
    pub file: String,
    /// From 1, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub line: Option<usize>,
    /// The step, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub step: Option<String>,
    /// The place in the manifest: `with.variables[2].value`, `plans[0].monthly_price.amount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub place: Option<String>,
    /// What.
    #[serde(flatten)]
    pub flaw: Flaw,
}

impl Finding {
    /// In a file as a whole.
    pub fn new(file: impl Into<String>, flaw: Flaw) -> Self {
        Self {
            file: file.into(),
            line: None,
            step: None,
            place: None,
            flaw,
        }
    }

    /// Says the line.
    #[must_use]
    pub fn line(mut self, line: impl Into<Option<usize>>) -> Self {
        self.line = line.into();
        self
    }

    /// Says the step.
    #[must_use]
    pub fn step(mut self, step: impl Into<String>) -> Self {
        self.step = Some(step.into());
        self
    }

    /// Says the place.
    #[must_use]
    pub fn place(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// The code as it is printed: `step_unknown`.
    pub fn code(&self) -> String {
        match serde_json::to_value(&self.flaw) {
            Ok(value) => value["code"].as_str().unwrap_or_default().to_owned(),
            Err(_) => String::new(),
        }
    }
}

/// For logs, on one line. People read the catalogues' texts.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(step) = &self.step {
            write!(f, ", step {step}")?;
        }
        if let Some(place) = &self.place {
            write!(f, ", {place}")?;
        }
        write!(f, ": {}", self.flaw)
    }
}

/// Every flaw, with its parameters. Their `Display` is English, for logs.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error, Serialize, Deserialize, TS,
)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Flaw {
    // --- Files ---
    /// The folder has no `blueprint.toml`.
    #[error("there is none")]
    ManifestMissing,
    /// A file that can't be read.
    #[error("{why}")]
    FileUnreadable {
        /// In the system's words.
        why: String,
    },
    /// A file that a step names, or a language of a mail, is not in the folder.
    #[error("{missing} is not in the folder")]
    FileMissing {
        /// Its path.
        missing: String,
    },
    /// Something that looks like a token stands in the file.
    #[error("this looks like a token: it would be copied to every customer")]
    SecretWritten,

    // --- The manifest ---
    /// No TOML.
    #[error("{why}")]
    TomlBroken {
        /// In the parser's words.
        why: String,
    },
    /// A field that there is not.
    #[error("there is no field {field}; there are {}", .known.join(", "))]
    FieldUnknown {
        /// As it is written.
        field: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// A field that must be there.
    #[error("the field {field} is missing")]
    FieldMissing {
        /// Its name.
        field: String,
    },
    /// A field with a value that it can't have.
    #[error("must be {expected}")]
    FieldInvalid {
        /// What it must be.
        expected: Expected,
    },
    /// A text or a list without content.
    #[error("is empty")]
    FieldEmpty,
    /// A name that is there before.
    #[error("{name} is there twice")]
    NameTwice {
        /// Of a step, plan, module, setting or variable.
        name: String,
    },
    /// A plan changes a parameter that the blueprint hasn't.
    #[error("the blueprint has no parameter {parameter}")]
    PlanParameterUnknown {
        /// As it is written.
        parameter: String,
    },
    /// A setting that there is not.
    #[error("there is no setting {setting}")]
    SettingUnknown {
        /// As it is written.
        setting: String,
    },
    /// A kind of step that there is not.
    #[error("there is no kind of step {kind}; there are {}", .known.join(", "))]
    KindUnknown {
        /// As it is written.
        kind: String,
        /// Those there are.
        known: Vec<String>,
    },

    // --- Steps ---
    /// A parameter that the kind of step hasn't.
    #[error("a step {kind} has no parameter {parameter}; it has {}", .known.join(", "))]
    ParameterUnknown {
        /// The kind.
        kind: StepKind,
        /// As it is written.
        parameter: String,
        /// Those it has.
        known: Vec<String>,
    },
    /// A parameter that the kind of step must have.
    #[error("a step {kind} needs the parameter {parameter}")]
    ParameterMissing {
        /// The kind.
        kind: StepKind,
        /// Its name.
        parameter: String,
    },
    /// A parameter that must have a value, and has none for a customer with the settings that are listed.
    #[error("is empty where only the settings that the blueprint lists are set")]
    ParameterEmpty,
    /// A step that there is not, in a template or in `after`.
    #[error("there is no step {unknown}")]
    StepUnknown {
        /// As it is written.
        unknown: String,
    },
    /// Steps that need each other.
    #[error("steps need each other in a circle: {}", .steps.join(", "))]
    Cycle {
        /// Those of the circle, and those that wait for it.
        steps: Vec<String>,
    },

    /// A step makes a database, and none proves that it is shut.
    #[error("no step isolation-check proves that the database is shut")]
    IsolationMissing,

    // --- Templates ---
    /// A workflow's file is no JSON, or none that n8n exports.
    #[error("{why}")]
    WorkflowBroken {
        /// In the parser's words.
        why: String,
    },
    /// n8n runs what such a workflow has on a schedule again and again without a pause.
    #[error("{name:?} is no time zone")]
    TimeZoneUnknown {
        /// As it is written, or rendered.
        name: String,
    },
    /// No template.
    #[error("{why}")]
    TemplateBroken {
        /// In the template language's words.
        why: String,
    },
    /// A name without a value.
    #[error("{{{{ {name} }}}}: there is no such name")]
    NameUnknown {
        /// As it is written.
        name: String,
    },
    /// An output that the kind of step doesn't hand on.
    #[error("{{{{ {name} }}}}: {kind} hands on {}", .known.join(", "))]
    OutputUnknown {
        /// As it is written.
        name: String,
        /// The step's kind.
        kind: StepKind,
        /// Those it hands on.
        known: Vec<String>,
    },
    /// A mail names a value that its step doesn't give.
    #[error("with.values has no {name}")]
    ValueMissing {
        /// As it is written.
        name: String,
    },
    /// A template that fails when it is rendered.
    #[error("does not render for the plan {plan} ({language}): {why}")]
    NotRendered {
        /// The first plan that it fails for.
        plan: String,
        /// The customer's language.
        language: String,
        /// In the template language's words.
        why: String,
    },
    /// A secret where it would be seen.
    #[error("{{{{ {name} }}}} is a secret, and would be seen here")]
    SecretExposed {
        /// As it is written.
        name: String,
    },

    // --- SQL, as it is written ---
    /// A statement that ends the transaction, changes the role, or reaches out of the database.
    #[error("{statement}: not in a blueprint")]
    StatementForbidden {
        /// Its first words.
        statement: String,
    },
    /// A name that tells tenants apart.
    #[error("{name}: a customer is alone in its database")]
    TenancyWord {
        /// A table or a column.
        name: String,
    },

    // --- SQL, on a database ---
    /// `PostgreSQL` refuses it.
    #[error("{}{state}: {why}", if *.again { "applied again: " } else { "" })]
    SqlRefused {
        /// The second time, after it went well once.
        again: bool,
        /// The SQLSTATE.
        state: String,
        /// In `PostgreSQL`'s words.
        why: String,
    },
    /// SQL that is at it still when the time for it is over.
    #[error("not done after {seconds} s")]
    SqlEndless {
        /// How long it was waited for.
        seconds: u64,
    },
    /// SQL that the database it is tried in breaks off at: what is right elsewhere may be too much for that one.
    #[error("the database breaks off at it: {why}")]
    SqlBroke {
        /// The server's words.
        why: String,
    },
    /// Applied a second time, it leaves another database.
    #[error("applied again, it changes {}", .part.key())]
    NotRepeatable {
        /// What differs.
        part: Part,
    },
    /// A table that the step promises.
    #[error("the table {table} is not made")]
    TableMissing {
        /// Its name.
        table: String,
    },
    /// A table that the step doesn't name.
    #[error("the table {table} is not in with.tables")]
    TableUnlisted {
        /// Its name.
        table: String,
    },
    /// A table without row-level security.
    #[error("the table {table} has no row-level security")]
    RowSecurityMissing {
        /// Its name.
        table: String,
    },
    /// A table that nobody can read: it has no policy.
    #[error("the table {table} has no policy")]
    PolicyMissing {
        /// Its name.
        table: String,
    },
    /// A table without a right for the project's own server: its key is past the policies, and not past this.
    #[error("the secret key has no right to {table}")]
    ServerShutOut {
        /// Its name.
        table: String,
    },
    /// A view that shows its owner's rows to whoever may read it.
    #[error("the view {view} reads past the policies")]
    ViewPastPolicies {
        /// Its name.
        view: String,
    },
    /// A column or table that the step forbids.
    #[error("{name} is forbidden by the step")]
    NameForbidden {
        /// `table` or `table.column`.
        name: String,
    },
    /// The canary has no row in a table.
    #[error("no row in {table}: what is empty proves nothing")]
    CanaryMissing {
        /// Its name.
        table: String,
    },
    /// Who has not signed in reads or changes a table.
    #[error("anybody can read or change {table}")]
    OpenToAll {
        /// Its name.
        table: String,
    },
    /// Who has not signed in calls a function.
    #[error("anybody can call {function}")]
    FunctionOpen {
        /// With its arguments.
        function: String,
    },
    /// A function that runs as its owner, with names that its caller may redirect.
    #[error("{function} runs as its owner without a search_path of its own")]
    SearchPathLoose {
        /// With its arguments.
        function: String,
    },
    /// Something outside the customer's own schemas was made or changed.
    #[error("{what} is made or changed: it is not the blueprint's")]
    OutsideTouched {
        /// `role x`, `trigger t on auth.users`.
        what: String,
    },
}

impl Flaw {
    /// Whether the blueprint can't be run with it. The others are for those who write one.
    pub const fn stops(&self) -> bool {
        !matches!(
            self,
            Self::TenancyWord { .. } | Self::SecretWritten | Self::IsolationMissing
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_and_what() {
        let flaw = Flaw::StepUnknown {
            unknown: "site".to_owned(),
        };
        let finding = Finding::new("blueprint.toml", flaw)
            .line(7)
            .step("check")
            .place("with.url");
        assert_eq!(
            finding.to_string(),
            "blueprint.toml, line 7, step check, with.url: there is no step site"
        );
        assert_eq!(finding.code(), "step_unknown");
        let json = serde_json::to_value(&finding).unwrap_or_default();
        assert_eq!(json["unknown"], "site", "parameters stand beside the place");
        let back: Result<Finding, _> = serde_json::from_value(json);
        assert_eq!(back.ok(), Some(finding), "it can be read back");
    }
}
