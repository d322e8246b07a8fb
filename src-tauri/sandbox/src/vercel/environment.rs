//! Environment variables. Values are sealed on disk, whatever their type.

use axum::{body::Bytes, extract::Query, http::StatusCode};
use base64::{Engine, engine::general_purpose::STANDARD};
use fabrik_domain::{provider::Provider, secret::Secret};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    account::VercelAccount,
    bad_request, not_found,
    project::{Project, documents, plain},
    projects::parse,
    refused,
    scope::{At, user_id},
};
use crate::{
    answer::{Answer, Refusal, json_answer},
    error::SandboxError,
    platform::Core,
};

const TARGETS: [&str; 3] = ["production", "preview", "development"];

/// A variable as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Variable {
    pub(super) id: String,
    pub(super) key: String,
    /// Sealed.
    pub(super) value: String,
    pub(super) r#type: String,
    /// Sorted.
    pub(super) targets: Vec<String>,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

/// One target, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Targets {
    One(String),
    Many(Vec<String>),
}

/// A variable as it is given. Closed: an unknown field is a 400.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewVariable {
    key: String,
    value: String,
    r#type: Option<String>,
    target: Targets,
    #[serde(rename = "gitBranch")]
    git_branch: Option<String>,
    #[expect(dead_code, reason = "a field the body may hold")]
    comment: Option<String>,
}

impl NewVariable {
    /// Checks it against the vendor's rules and seals its value.
    pub(super) fn into_variable(self, core: &Core) -> Result<Variable, Refusal> {
        let account: VercelAccount = core.account()?;
        let mut targets = match self.target {
            Targets::One(target) => vec![target],
            Targets::Many(targets) => targets,
        };
        targets.sort();
        targets.dedup();
        if targets.is_empty()
            || !targets
                .iter()
                .all(|target| TARGETS.contains(&target.as_str()))
        {
            return Err(bad_request(
                "Invalid request: `target` should be production, preview or development.",
            ));
        }
        if self.git_branch.is_some() && targets != ["preview"] {
            return Err(bad_request(
                "A git branch can only be given for the target preview.",
            ));
        }
        let first = self.key.chars().next();
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !first.is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            || !self.key.chars().all(letters)
        {
            return Err(refused(
                StatusCode::BAD_REQUEST,
                "INVALID_ENV_KEY",
                "The name contains invalid characters. Only letters, digits, and underscores are allowed.",
            ));
        }
        let mut r#type = self.r#type.unwrap_or_else(|| "encrypted".to_owned());
        if !["plain", "encrypted", "sensitive", "system"].contains(&r#type.as_str()) {
            return Err(bad_request(
                "Invalid request: `type` should be plain, encrypted, sensitive or system.",
            ));
        }
        if r#type == "sensitive" && targets.iter().any(|target| target == "development") {
            return Err(bad_request(
                "You cannot set a Sensitive Environment Variable's target to development.",
            ));
        }
        if account.sensitive_policy
            && matches!(r#type.as_str(), "plain" | "encrypted")
            && targets.iter().any(|target| target != "development")
        {
            "sensitive".clone_into(&mut r#type);
        }
        let variable = Variable::new(core, self.key, self.value, &r#type, targets);
        Ok(variable?)
    }
}

impl Variable {
    /// One for production that everybody may read.
    pub(super) fn plain(core: &Core, key: String, value: &str) -> Result<Self, SandboxError> {
        Self::new(
            core,
            key,
            value.to_owned(),
            "plain",
            vec!["production".to_owned()],
        )
    }

    fn new(
        core: &Core,
        key: String,
        value: String,
        kind: &str,
        targets: Vec<String>,
    ) -> Result<Self, SandboxError> {
        let number = documents(core).next("variable")?;
        let now = core.now();
        Ok(Self {
            id: core
                .seeded(&format!("vercel/variable/{number}"))
                .alphanumeric(16),
            key,
            value: documents(core).seal(&Secret::from(value))?,
            r#type: kind.to_owned(),
            targets,
            created: now,
            updated: now,
        })
    }

    /// Whether both are for the same key and share a target.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.key == other.key
            && self
                .targets
                .iter()
                .any(|target| other.targets.contains(target))
    }

    /// As the API shows it: a `plain` value as it is, an `encrypted` one only where it is asked
    /// for, a `sensitive` one never.
    pub(super) fn show(&self, core: &Core, decrypt: bool) -> Result<Value, SandboxError> {
        let decrypted = self.r#type == "plain" || (decrypt && self.r#type != "sensitive");
        let value = match self.r#type.as_str() {
            "sensitive" => String::new(),
            _ if decrypted => plain(core, self)?,
            _ => STANDARD.encode(Sha256::digest(&self.value)),
        };
        Ok(json!({
            "id": self.id, "key": self.key, "value": value, "type": self.r#type,
            "target": self.targets, "decrypted": decrypted, "configurationId": null,
            "createdAt": self.created.as_millisecond(), "updatedAt": self.updated.as_millisecond(),
            "createdBy": user_id(core), "updatedBy": user_id(core),
        }))
    }
}

/// One variable, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Wish {
    Many(Vec<NewVariable>),
    One(NewVariable),
}

#[derive(Deserialize)]
pub(super) struct CreateQuery {
    upsert: Option<String>,
}

/// `POST /v10/projects/{idOrName}/env`, `createProjectEnv`. With `upsert=true` a variable with the
/// same key and *exactly* the same targets gets the new value and keeps its type; one that only
/// shares a target is an `ENV_CONFLICT`. Of several, those that fail are in `failed`.
pub(super) async fn create(at: At, Query(query): Query<CreateQuery>, body: Bytes) -> Answer {
    let core = &at.core;
    let _turn = core.turn(Provider::Vercel);
    let mut project = at.project()?;
    let (single, wishes) = match parse::<Wish>(&body)? {
        Wish::One(one) => (true, vec![one]),
        Wish::Many(many) => (false, many),
    };
    let upsert = query.upsert.as_deref() == Some("true");
    let mut created = Vec::new();
    let mut failed = Vec::new();
    for wish in wishes {
        let new = wish.into_variable(core)?;
        let same = project
            .variables
            .iter_mut()
            .find(|old| upsert && old.key == new.key && old.targets == new.targets);
        if let Some(old) = same {
            old.value = new.value;
            old.updated = new.updated;
            created.push(old.show(core, false)?);
        } else if project.variables.iter().any(|old| old.overlaps(&new)) {
            failed.push(new);
        } else {
            created.push(new.show(core, false)?);
            project.variables.push(new);
        }
    }
    if let (true, Some(conflicting)) = (created.is_empty(), failed.first()) {
        return Err(refused(
            StatusCode::BAD_REQUEST,
            "ENV_CONFLICT",
            &conflict(conflicting),
        ));
    }
    project.updated = core.now();
    project.save(core)?;
    let failed = failed.iter().map(|variable| {
        json!({ "error": {
            "code": "ENV_CONFLICT", "message": conflict(variable), "key": variable.key,
            "envVarKey": variable.key, "target": variable.targets, "project": project.name,
        } })
    });
    let failed: Vec<_> = failed.collect();
    let created = if single {
        created.into_iter().next().unwrap_or_default()
    } else {
        Value::Array(created)
    };
    json_answer(
        StatusCode::CREATED,
        &json!({ "created": created, "failed": failed }),
    )
}

fn conflict(variable: &Variable) -> String {
    format!(
        "Another Environment Variable with the same Name and Environment exists in your project: {} ({}).",
        variable.key,
        variable.targets.join(", ")
    )
}

#[derive(Deserialize)]
pub(super) struct ListQuery {
    decrypt: Option<String>,
}

/// `GET /v10/projects/{idOrName}/env`, `filterProjectEnvs`. Variables are a part of the project, which is read by its id
/// or name: this list is never behind.
pub(super) async fn list(at: At, Query(query): Query<ListQuery>) -> Answer {
    let (core, project) = (&at.core, at.project()?);
    let decrypt = query.decrypt.as_deref() == Some("true");
    let shown = project
        .variables
        .iter()
        .map(|variable| variable.show(core, decrypt));
    let shown = shown.collect::<Result<Vec<_>, _>>()?;
    json_answer(StatusCode::OK, &json!({ "envs": shown }))
}

/// `GET /v1/projects/{idOrName}/env/{id}`, `getProjectEnv`: decrypted, unless it is sensitive.
pub(super) async fn get(at: At) -> Answer {
    let (core, project) = (&at.core, at.project()?);
    let variable = &project.variables[position(&project, &at.name)?];
    json_answer(StatusCode::OK, &variable.show(core, true)?)
}

/// Where a variable is among the project's.
fn position(project: &Project, id: &str) -> Result<usize, Refusal> {
    let found = project
        .variables
        .iter()
        .position(|variable| variable.id == id);
    found.ok_or_else(|| not_found("Environment variable"))
}

#[derive(Deserialize)]
struct Edit {
    value: Option<String>,
    target: Option<Targets>,
}

/// `PATCH /v9/projects/{idOrName}/env/{id}`, `editProjectEnv`.
pub(super) async fn edit(at: At, body: Bytes) -> Answer {
    let core = &at.core;
    let _turn = core.turn(Provider::Vercel);
    let mut project = at.project()?;
    let wish: Edit = parse(&body)?;
    let position = position(&project, &at.name)?;
    let variable = &mut project.variables[position];
    if let Some(value) = wish.value {
        variable.value = documents(core).seal(&Secret::from(value))?;
    }
    match wish.target {
        Some(Targets::One(target)) => variable.targets = vec![target],
        Some(Targets::Many(mut targets)) => {
            targets.sort();
            variable.targets = targets;
        }
        None => {}
    }
    variable.updated = core.now();
    let shown = variable.show(core, false)?;
    project.save(core)?;
    json_answer(StatusCode::OK, &shown)
}

/// `DELETE /v9/projects/{idOrName}/env/{id}`, `removeProjectEnv`.
pub(super) async fn remove(at: At) -> Answer {
    let core = &at.core;
    let _turn = core.turn(Provider::Vercel);
    let mut project = at.project()?;
    let position = position(&project, &at.name)?;
    let removed = project.variables.remove(position).show(core, false)?;
    project.save(core)?;
    json_answer(StatusCode::OK, &removed)
}
