//! Deployments: begun by a call or by a push, read, canceled, deleted.

use std::collections::BTreeMap;

use axum::{body::Bytes, extract::Query, http::StatusCode};
use fabrik_domain::provider::Provider;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    a_day,
    account::VercelAccount,
    bad_request,
    deployment::{Deployment, Source, begin},
    not_found,
    project::{Project, addressed, documents, host},
    projects::parse,
    refused,
    scope::{At, Scope},
};
use crate::{
    answer::{Answer, Refusal, json_answer},
    error::SandboxError,
    github,
    platform::Core,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GitSource {
    r#type: String,
    r#ref: Option<String>,
    sha: Option<String>,
    repo_id: Option<Value>,
    org: Option<String>,
    repo: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "the fields a body may hold; the rest of them changes nothing here"
)]
struct Create {
    name: String,
    project: Option<String>,
    target: Option<String>,
    git_source: Option<GitSource>,
    project_settings: Option<Value>,
    meta: Option<BTreeMap<String, String>>,
    git_metadata: Option<Value>,
    files: Option<Value>,
    deployment_id: Option<String>,
    monorepo_manager: Option<Value>,
    custom_environment_slug_or_id: Option<String>,
    with_latest_commit: Option<bool>,
}

/// `POST /v13/deployments`, `createDeployment`, from a repository.
pub(super) async fn create(core: Core, scope: Scope, body: Bytes) -> Answer {
    let _turn = core.turn(Provider::Vercel);
    let wish: Create = parse(&body)?;
    let project = addressed(&core, &scope, wish.project.as_deref().unwrap_or(&wish.name))?;
    let git = wish
        .git_source
        .ok_or_else(|| bad_request("Only deployments from a repository are served here."))?;
    if git.r#type != "github" {
        return Err(bad_request("Only GitHub is connected."));
    }
    let target = match wish.target.as_deref() {
        Some("production") => Some("production".to_owned()),
        None | Some("preview") => None,
        Some(_) => {
            return Err(bad_request(
                "Invalid request: `target` should be production, staging or preview.",
            ));
        }
    };
    let repository = source_repository(&core, &git)?;
    let reference = git.r#ref.as_deref().unwrap_or(&repository.default_branch);
    let head = github::head_of(&core, &repository, reference)?;
    let sha = head.ok_or_else(|| {
        let message = "The provided GitHub repository does not contain the requested branch or commit reference. Please ensure the repository is not empty.";
        refused(StatusCode::BAD_REQUEST, "incorrect_git_source_info", message)
    })?;
    let sha = git.sha.unwrap_or(sha);
    let source = Source {
        repository: &repository,
        reference,
        sha,
        target,
        begun_by: "api-trigger-git-deploy",
        meta: wish.meta.unwrap_or_default(),
    };
    let deployment = begin(&core, &project, source)?;
    json_answer(StatusCode::OK, &deployment.show(&core, &project))
}

fn source_repository(core: &Core, git: &GitSource) -> Result<github::Repository, Refusal> {
    let id = match &git.repo_id {
        Some(Value::Number(id)) => id.as_u64(),
        Some(Value::String(id)) => id.parse().ok(),
        _ => None,
    };
    let found = match (id, &git.org, &git.repo) {
        (Some(id), ..) => github::by_id(core, id)?,
        (None, Some(org), Some(repo)) => github::by_full_name(core, org, repo)?,
        _ => {
            return Err(bad_request(
                "Invalid request: `gitSource` needs `repoId`, or `org` and `repo`.",
            ));
        }
    };
    let account: VercelAccount = core.account()?;
    found
        .filter(|repository| account.app_sees(&repository.full_name()))
        .ok_or_else(|| {
            refused(
                StatusCode::BAD_REQUEST,
                "incorrect_git_source_info",
                "The provided GitHub repository can't be found.",
            )
        })
}

/// A push to a repository: projects linked to it build, for production where it is their branch.
pub(crate) fn pushed(
    core: &Core,
    repository: &github::Repository,
    branch: &str,
    sha: &str,
) -> Result<(), SandboxError> {
    let _turn = core.turn(Provider::Vercel);
    let linked = |project: &Project| {
        let link = project.link.as_ref();
        link.is_some_and(|link| link.repository == repository.id)
    };
    for project in documents(core).wanted("project", linked)? {
        let Some(link) = &project.link else {
            continue;
        };
        // Over the day's limit a push builds nothing.
        if core.limiter().count(vec![a_day(core)], core.now()).is_err() {
            continue;
        }
        let target = (link.branch == branch).then(|| "production".to_owned());
        let source = Source {
            repository,
            reference: branch,
            sha: sha.to_owned(),
            target,
            begun_by: "git",
            meta: BTreeMap::new(),
        };
        begin(core, &project, source)?;
    }
    Ok(())
}

/// A deployment by id or host, and its project.
fn wanted(at: &At) -> Result<(Deployment, Project), Refusal> {
    let At {
        core,
        scope,
        name: id_or_url,
        ..
    } = at;
    let missing = || not_found("Deployment");
    let own_host = |deployment: &Deployment| host(core, &deployment.label) == *id_or_url;
    let found = match documents(core).get("deployment", id_or_url)? {
        Some(deployment) => Some(deployment),
        None => documents(core).find("deployment", own_host)?,
    };
    let deployment = match found {
        Some(deployment) => deployment,
        None => by_alias(core, id_or_url)?.ok_or_else(missing)?,
    };
    if deployment.account != scope.0 {
        return Err(missing());
    }
    let project = addressed(core, scope, &deployment.project)?;
    Ok((deployment, project))
}

fn by_alias(core: &Core, alias: &str) -> Result<Option<Deployment>, SandboxError> {
    for project in documents(core).all::<Project>("project")? {
        let domains = project.domains.iter().any(|domain| domain.name == alias);
        if domains || project.production_host(core) == alias {
            return super::latest_ready(core, &project.id);
        }
    }
    Ok(None)
}

/// `GET /v13/deployments/{idOrUrl}`, `getDeployment`.
pub(super) async fn get(at: At) -> Answer {
    let (deployment, project) = wanted(&at)?;
    json_answer(StatusCode::OK, &deployment.show(&at.core, &project))
}

/// `DELETE /v13/deployments/{idOrUrl}`, `deleteDeployment`.
pub(super) async fn delete(at: At) -> Answer {
    let _turn = at.core.turn(Provider::Vercel);
    let (deployment, _) = wanted(&at)?;
    documents(&at.core).remove("deployment", &deployment.id)?;
    json_answer(
        StatusCode::OK,
        &json!({ "uid": deployment.id, "state": "DELETED" }),
    )
}

/// `PATCH /v12/deployments/{id}/cancel`, `cancelDeployment`.
pub(super) async fn cancel(at: At) -> Answer {
    let core = &at.core;
    let _turn = core.turn(Provider::Vercel);
    let (mut deployment, project) = wanted(&at)?;
    if deployment.build.is_ready(core.now()) {
        return Err(bad_request("The deployment is not cancelable anymore."));
    }
    deployment.canceled = Some(core.now());
    deployment.save(core)?;
    json_answer(StatusCode::OK, &deployment.show(core, &project))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List {
    project_id: Option<String>,
    target: Option<String>,
    state: Option<String>,
    limit: Option<usize>,
}

/// `GET /v7/deployments`, `getDeployments`: newest first.
pub(super) async fn list(core: Core, scope: Scope, Query(query): Query<List>) -> Answer {
    let now = core.now();
    let all = documents(&core).listed("deployment", |deployment: &Deployment| {
        let target = deployment.target.as_deref().unwrap_or("preview");
        let states = query.state.as_deref().map(|states| states.split(','));
        deployment.account == scope.0
            && query
                .project_id
                .as_deref()
                .is_none_or(|id| id == deployment.project)
            && query
                .target
                .as_deref()
                .is_none_or(|wanted| wanted == target)
            && states.is_none_or(|mut states| states.any(|state| state == deployment.state(now)))
    })?;
    let limit = query.limit.unwrap_or(20).clamp(1, 100);
    let mut shown = Vec::new();
    for deployment in all.iter().rev().take(limit) {
        let project = addressed(&core, &scope, &deployment.project)?;
        shown.push(deployment.show_in_list(&core, &project));
    }
    let pagination = json!({ "count": shown.len(), "next": null, "prev": null });
    json_answer(
        StatusCode::OK,
        &json!({ "deployments": shown, "pagination": pagination }),
    )
}

/// `GET /v3/deployments/{idOrUrl}/events`, `getDeploymentEvents`: the build's output so far.
pub(super) async fn events(at: At) -> Answer {
    let (deployment, _) = wanted(&at)?;
    let core = &at.core;
    let done = deployment.build.progress(core.now());
    let failed = deployment.ends == "ERROR";
    let lines = [
        (0.05, "stdout", "Cloning the repository".to_owned()),
        (0.15, "command", "npm install".to_owned()),
        (0.5, "command", "npm run build".to_owned()),
        (
            0.95,
            "stdout",
            format!("Built {}", &deployment.sha[..deployment.sha.len().min(7)]),
        ),
        (
            1.0,
            if failed { "stderr" } else { "stdout" },
            if failed {
                "Command \"npm run build\" exited with 1".to_owned()
            } else {
                "Deployment completed".to_owned()
            },
        ),
    ];
    let span = deployment.build.ready.as_millisecond() - deployment.build.started.as_millisecond();
    let reached = lines
        .into_iter()
        .filter(|(from, ..)| done >= *from)
        .enumerate();
    let events = reached.map(|(number, (from, kind, text))| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "milliseconds of a build")]
        let at = deployment.build.started.as_millisecond() + (span as f64 * from) as i64;
        let serial = format!("{at}{number:04}");
        json!({
            "type": kind, "created": at,
            "payload": {
                "deploymentId": deployment.id, "id": serial, "date": at, "serial": serial, "text": text,
            },
        })
    });
    json_answer(StatusCode::OK, &events.collect::<Vec<_>>())
}

/// `GET /v2/deployments/{id}/aliases`, `listDeploymentAliases`.
pub(super) async fn aliases(at: At) -> Answer {
    let (deployment, project) = wanted(&at)?;
    let core = &at.core;
    let ready = deployment.state(core.now()) == "READY";
    let hosts = if ready {
        deployment.aliases(core, &project)
    } else {
        Vec::new()
    };
    let created = deployment.build.ready.to_string();
    let aliases = hosts.iter().map(|host| {
        json!({ "uid": format!("als_{}", deployment.label), "alias": host, "created": created, "redirect": null })
    });
    json_answer(
        StatusCode::OK,
        &json!({ "aliases": aliases.collect::<Vec<_>>() }),
    )
}
