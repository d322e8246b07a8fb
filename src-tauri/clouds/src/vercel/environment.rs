//! A project's variables.
//!
//! Writing is one call per target: with `upsert` Vercel refuses a variable whose targets are not those
//! stored (`ENV_CONFLICT`), and one target can't differ from itself. Variables are never looked up and
//! patched: the list hides some.

use fabrik_domain::{
    Cause, Problem,
    failure::{Failure, Outcome},
    provider::Provider,
    secret::{ExposeSecret, Secret},
};
use serde::{Deserialize, Serialize};

use super::{ForTeam, Team, Vercel, project::Pagination};
use crate::{
    Call,
    status::{found, refused_with, says},
};

/// Where a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// What visitors meet.
    Production,
    /// Branches and pull requests.
    Preview,
    /// `vercel dev` on a developer's machine.
    Development,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Production, Self::Preview, Self::Development];

    /// As Vercel writes it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Preview => "preview",
            Self::Development => "development",
        }
    }
}

/// How a value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Readable by everybody in the project.
    Plain,
    /// Readable by those who may.
    Encrypted,
    /// Never readable again. Refused for development.
    Sensitive,
}

impl Kind {
    /// As Vercel writes it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Encrypted => "encrypted",
            Self::Sensitive => "sensitive",
        }
    }
}

/// A variable to be set for one target.
#[derive(Clone, Debug)]
pub struct Variable<'a> {
    /// Its name.
    pub key: &'a str,
    /// Its value. A public one is held the same way, for it costs nothing.
    pub value: &'a Secret,
    /// How it is kept. An upsert leaves the kind of one that is there.
    pub kind: Kind,
}

#[derive(Serialize)]
struct VariableBody<'a> {
    key: &'a str,
    value: &'a str,
    r#type: Kind,
    target: [Target; 1],
}

#[derive(Deserialize)]
struct WrittenBody {
    #[serde(default)]
    created: Created,
    #[serde(default)]
    failed: Vec<Failed>,
}

/// One or several, as they were asked for.
#[derive(Deserialize)]
#[serde(untagged)]
enum Created {
    Several(Vec<Written>),
    One(Written),
}

impl Default for Created {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(default)]
    created_at: Option<f64>,
    #[serde(default)]
    updated_at: Option<f64>,
}

/// A time of Vercel's as a whole number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds; casts saturate"
)]
pub(super) fn milliseconds(time: f64) -> i64 {
    time as i64
}

#[derive(Deserialize)]
struct Failed {
    error: FailedError,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FailedError {
    code: String,
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    env_var_key: Option<String>,
}

/// A project's variables, as far as the list shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// Those it shows.
    pub variables: Vec<Listed>,
    /// Whether it says that there are more.
    pub hides_some: bool,
}

/// A variable of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Vercel's id of it, by which it is deleted.
    pub id: Option<String>,
    /// Its name.
    pub key: String,
    /// Where it holds.
    pub targets: Vec<Target>,
    /// How it is kept: `plain`, `encrypted`, `sensitive` …
    pub kind: String,
    /// Its value, where it is plain.
    pub plain: Option<String>,
    /// When it was last written, in milliseconds since 1970 by Vercel's clock.
    pub changed_at: i64,
}

impl Environment {
    /// The plain value of a variable, whatever it is for.
    pub fn plain(&self, key: &str) -> Option<&str> {
        self.variables
            .iter()
            .filter(|v| v.key == key)
            .find_map(|v| v.plain.as_deref())
    }

    /// When production's variables last changed, in milliseconds since 1970 by Vercel's clock.
    pub fn changed_at(&self) -> i64 {
        self.variables
            .iter()
            .filter(|v| v.targets.contains(&Target::Production))
            .map(|v| v.changed_at)
            .max()
            .unwrap_or(0)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListBody {
    envs: Vec<ListedBody>,
    #[serde(default)]
    hidden_production_env_count: Option<u64>,
    #[serde(default)]
    pagination: Pagination,
}

impl From<ListBody> for Environment {
    fn from(body: ListBody) -> Self {
        let hidden = body.hidden_production_env_count;
        Self {
            // How a page after this one is asked for is nowhere said.
            hides_some: hidden.is_some_and(|count| count > 0) || body.pagination.next.is_some(),
            variables: body.envs.into_iter().map(Listed::from).collect(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedBody {
    #[serde(default)]
    id: Option<String>,
    key: String,
    r#type: String,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    target: Option<Targets>,
    #[serde(default)]
    created_at: Option<f64>,
    #[serde(default)]
    updated_at: Option<f64>,
}

/// One or several, as texts: names of targets to come are no fault.
#[derive(Deserialize)]
#[serde(untagged)]
enum Targets {
    One(String),
    Several(Vec<String>),
}

impl Targets {
    fn known(self) -> Vec<Target> {
        let names = match self {
            Self::One(name) => vec![name],
            Self::Several(names) => names,
        };
        Target::ALL
            .into_iter()
            .filter(|t| names.iter().any(|name| name == t.key()))
            .collect()
    }
}

impl From<ListedBody> for Listed {
    fn from(body: ListedBody) -> Self {
        let changed_at = body.updated_at.or(body.created_at).unwrap_or(0.0);
        Self {
            id: body.id,
            key: body.key,
            targets: body.target.map(Targets::known).unwrap_or_default(),
            plain: body.value.filter(|_| body.r#type == "plain"),
            kind: body.r#type,
            changed_at: milliseconds(changed_at),
        }
    }
}

impl Vercel {
    /// Sets variables for one target, those that are there included. May be repeated: the same values
    /// give the same state. `createProjectEnv` with `upsert`.
    ///
    /// Gives when they were written, in milliseconds since 1970 by Vercel's clock. An answer of success can hold
    /// failures; then the variables are named, and where it made others its outcome is unknown. While another writing
    /// of the same project is under way nothing is set: it may be tried again.
    pub async fn set_variables(
        &self,
        team: Team<'_>,
        project: &str,
        target: Target,
        variables: &[Variable<'_>],
    ) -> Result<i64, Failure> {
        let call = Call::changes("createProjectEnv");
        let body: Vec<_> = variables
            .iter()
            .map(|variable| VariableBody {
                key: variable.key,
                value: variable.value.expose_secret(),
                r#type: variable.kind,
                target: [target],
            })
            .collect();
        let mut draft = self
            .account
            .post(call, ["v10", "projects", project, "env"])
            .query("upsert", "true")
            .for_team(team)
            .json(&body);
        for variable in variables
            .iter()
            .filter(|variable| variable.kind != Kind::Plain)
        {
            draft = draft.masking(variable.value);
        }
        let written: WrittenBody = draft.receive().await.map_err(|mut failure| {
            if is_busy(&failure) {
                failure.outcome = Outcome::NotSent;
            }
            failure
        })?;
        let created = match written.created {
            Created::Several(several) => several,
            Created::One(one) => vec![one],
        };
        if written.failed.is_empty() {
            let times = created.iter().map(|one| {
                let time = one.updated_at.or(one.created_at);
                milliseconds(time.unwrap_or_default())
            });
            return Ok(times.max().unwrap_or_default());
        }
        // The message may repeat a value; code and name can't.
        let named: Vec<_> = written
            .failed
            .iter()
            .map(|failed| failed.error.named())
            .collect();
        let refused = Problem::from(Cause::Refused {
            operation: call.operation.to_owned(),
            status: 201,
        });
        Err(Failure {
            outcome: if created.is_empty() {
                Outcome::Refused
            } else {
                Outcome::Unknown
            },
            problem: refused.by(Provider::Vercel).detail(named.join(", ")),
        })
    }

    /// Deletes a variable by its id. `false` where Vercel says 404: there is none, or the project can't be seen.
    /// `removeProjectEnv`.
    pub async fn delete_variable(
        &self,
        team: Team<'_>,
        project: &str,
        id: &str,
    ) -> Result<bool, Failure> {
        let call = Call::changes("removeProjectEnv");
        let draft = self
            .account
            .delete(call, ["v9", "projects", project, "env", id]);
        Ok(found(draft.for_team(team).send().await)?.is_some())
    }

    /// The project's variables. Not complete: see [`Environment::hides_some`]. `filterProjectEnvs`.
    pub async fn variables(&self, team: Team<'_>, project: &str) -> Result<Environment, Failure> {
        let call = Call::reads("filterProjectEnvs");
        let path = ["v10", "projects", project, "env"];
        let body: ListBody = self
            .account
            .get(call, path)
            .for_team(team)
            .receive()
            .await?;
        Ok(body.into())
    }
}

/// Whether somebody else's writing was under way. Vercel has no code for it; as a word of its own it is no
/// variable's name.
fn is_busy(failure: &Failure) -> bool {
    refused_with(failure) == Some(400) && says(failure, " ongoing ")
}

impl FailedError {
    fn named(&self) -> String {
        match self.env_var_key.as_ref().or(self.key.as_ref()) {
            Some(key) => format!("{key}: {}", self.code),
            None => self.code.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_gives_plain_values_alone() {
        let body = r#"{"envs":[
            {"key":"A","type":"plain","value":"1","target":["production","staging"],"createdAt":5},
            {"key":"B","type":"encrypted","value":"x","target":"preview","updatedAt":7.0,"createdAt":5},
            {"key":"C","type":"sensitive","value":"","target":["production"],"updatedAt":9},
            {"key":"C","type":"plain","value":"3","target":["development"],"updatedAt":11}],
            "hiddenProductionEnvCount":1}"#;
        let body: ListBody = serde_json::from_str(body).unwrap();
        let environment = Environment::from(body);
        assert_eq!(environment.plain("A"), Some("1"));
        assert_eq!(environment.plain("B"), None, "not plain");
        assert_eq!(environment.plain("C"), Some("3"), "where it can be read");
        assert_eq!(environment.changed_at(), 9);
    }

    #[test]
    fn a_list_that_counts_hidden_ones_or_goes_on_hides_some() {
        for (rest, hides) in [
            ("", false),
            (r#", "hiddenProductionEnvCount": 0"#, false),
            (r#", "hiddenProductionEnvCount": 1"#, true),
            (
                r#", "pagination": {"count": 0, "next": null, "prev": null}"#,
                false,
            ),
            (
                r#", "pagination": {"count": 0, "next": 5, "prev": null}"#,
                true,
            ),
        ] {
            let body = format!(r#"{{"envs": []{rest}}}"#);
            let body: ListBody = serde_json::from_str(&body).unwrap();
            assert_eq!(Environment::from(body).hides_some, hides, "{rest}");
        }
    }

    #[test]
    fn a_success_can_hold_failures() {
        let body = r#"{"created":[],"failed":[{"error":{"code":"ENV_CONFLICT","message":"…","envVarKey":"A"}}]}"#;
        let body: WrittenBody = serde_json::from_str(body).unwrap();
        assert_eq!(body.failed[0].error.named(), "A: ENV_CONFLICT");
    }
}
