//! Projects: created, listed, read, changed, deleted.

use axum::{body::Bytes, extract::Query, http::StatusCode, response::IntoResponse};
use fabrik_domain::provider::Provider;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    account::VercelAccount,
    bad_request,
    deployment::{self, Deployment},
    environment::{NewVariable, Variable},
    project::{Project, documents, find, link, next_id},
    refused,
    scope::{At, Scope},
};
use crate::{
    answer::{Answer, Refusal, json_answer},
    platform::Core,
};

/// The longest name Vercel takes.
const NAME_LIMIT: usize = 100;

/// A body of Vercel's: closed, so an unknown field is a 400.
pub(super) fn parse<T: serde::de::DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| bad_request(&format!("Invalid request: {error}")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Repository {
    r#type: String,
    repo: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "the fields a body may hold; the rest of them changes nothing here"
)]
struct Create {
    name: String,
    framework: Option<String>,
    git_repository: Option<Repository>,
    #[serde(default)]
    environment_variables: Vec<NewVariable>,
    root_directory: Option<String>,
    build_command: Option<String>,
    command_for_ignoring_build_step: Option<String>,
    dev_command: Option<String>,
    install_command: Option<String>,
    output_directory: Option<String>,
    public_source: Option<bool>,
    enable_preview_feedback: Option<bool>,
    enable_production_feedback: Option<bool>,
    preview_deployments_disabled: Option<bool>,
    skip_git_connect_during_link: Option<bool>,
    serverless_function_region: Option<String>,
    serverless_function_zero_config_failover: Option<bool>,
    sso_protection: Option<Value>,
    oidc_token_config: Option<Value>,
    enable_affected_projects_deployments: Option<bool>,
    resource_config: Option<Value>,
}

/// `POST /v11/projects`, `createProject`.
pub(super) async fn create(core: Core, scope: Scope, body: Bytes) -> Answer {
    let _turn = core.turn(Provider::Vercel);
    let wish: Create = parse(&body)?;
    require_name(&wish.name)?;
    if find(&core, &scope, &wish.name)?.is_some() {
        return Err(name_taken(&wish.name));
    }
    let account: VercelAccount = core.account()?;
    let count = documents(&core).ids("project").len();
    if account.projects().is_some_and(|limit| count >= limit) {
        return Err(refused(
            StatusCode::PAYMENT_REQUIRED,
            "projects_limit",
            "The maximum number of projects was reached.",
        ));
    }
    let link = match &wish.git_repository {
        Some(Repository { r#type, repo }) if r#type == "github" => Some(link(&core, repo)?),
        Some(_) => return Err(bad_request("Only GitHub is connected.")),
        None => None,
    };
    let mut variables: Vec<Variable> = Vec::new();
    for new in wish.environment_variables {
        let variable = new.into_variable(&core)?;
        if variables.iter().any(|other| other.overlaps(&variable)) {
            return Err(refused(
                StatusCode::BAD_REQUEST,
                "ENV_CONFLICT",
                "A variable is given twice for a target.",
            ));
        }
        variables.push(variable);
    }
    let now = core.now();
    let project = Project {
        id: next_id(&core)?,
        account: scope.0,
        name: wish.name,
        framework: wish.framework,
        root_directory: wish.root_directory,
        link,
        variables,
        domains: Vec::new(),
        created: now,
        updated: now,
    };
    project.save(&core)?;
    json_answer(StatusCode::OK, &project.show(&core)?)
}

#[derive(Deserialize)]
pub(super) struct List {
    search: Option<String>,
    limit: Option<usize>,
    repo: Option<String>,
}

/// `GET /v10/projects`, `getProjects`: newest first.
pub(super) async fn list(core: Core, scope: Scope, Query(query): Query<List>) -> Answer {
    let of_repository = |project: &Project, full_name: &str| {
        project
            .link
            .as_ref()
            .is_some_and(|link| format!("{}/{}", link.org, link.repo) == full_name)
    };
    let mut all = documents(&core).listed("project", |project: &Project| {
        project.account == scope.0
            && query
                .search
                .as_deref()
                .is_none_or(|text| project.name.contains(text))
            && query
                .repo
                .as_deref()
                .is_none_or(|name| of_repository(project, name))
    })?;
    all.reverse();
    let limit = query.limit.unwrap_or(20).clamp(1, 100);
    let projects = all.iter().take(limit).map(|project| project.show(&core));
    let projects = projects.collect::<Result<Vec<_>, _>>()?;
    let pagination = json!({ "count": projects.len(), "next": null });
    json_answer(
        StatusCode::OK,
        &json!({ "projects": projects, "pagination": pagination }),
    )
}

/// `GET /v9/projects/{idOrName}`, `getProject`.
pub(super) async fn get(at: At) -> Answer {
    json_answer(StatusCode::OK, &at.project()?.show(&at.core)?)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update {
    name: Option<String>,
    framework: Option<Value>,
    root_directory: Option<Value>,
}

/// `PATCH /v9/projects/{idOrName}`, `updateProject`.
pub(super) async fn update(at: At, body: Bytes) -> Answer {
    let core = &at.core;
    let _turn = core.turn(Provider::Vercel);
    let mut project = at.project()?;
    let wish: Update = parse(&body)?;
    if let Some(name) = wish.name.filter(|name| *name != project.name) {
        require_name(&name)?;
        if find(core, &at.scope, &name)?.is_some() {
            return Err(name_taken(&name));
        }
        project.name = name;
    }
    if let Some(framework) = wish.framework {
        project.framework = framework.as_str().map(str::to_owned);
    }
    if let Some(directory) = wish.root_directory {
        project.root_directory = directory.as_str().map(str::to_owned);
    }
    project.updated = core.now();
    project.save(core)?;
    json_answer(StatusCode::OK, &project.show(core)?)
}

/// `DELETE /v9/projects/{idOrName}`, `deleteProject`: deployments and domains go, the repository
/// stays.
pub(super) async fn delete(at: At) -> Answer {
    let core = &at.core;
    let _turn = core.turn(Provider::Vercel);
    let project = at.project()?;
    for deployment in deployment::of_project(core, &project.id)? {
        let Deployment { id, .. } = deployment;
        documents(core).remove("deployment", &id)?;
    }
    documents(core).remove("project", &project.id)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn name_taken(name: &str) -> Refusal {
    let message = format!("Project \"{name}\" already exists, please use a new name.");
    refused(StatusCode::CONFLICT, "conflict", &message)
}

fn require_name(name: &str) -> Result<(), Refusal> {
    let allowed =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    if (1..=NAME_LIMIT).contains(&name.len()) && name.chars().all(allowed) && !name.contains("---")
    {
        return Ok(());
    }
    Err(bad_request(
        "Project names can be up to 100 characters long and must be lowercase. They can include letters, digits, and the following characters: '.', '_', '-'. However, they cannot contain the sequence '---'.",
    ))
}
