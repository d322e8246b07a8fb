//! A project's domains: the one it has from the start, where production answers, and those added.

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
};
use fabrik_domain::provider::Provider;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    bad_request, not_found,
    project::{Domain, Project, addressed, documents},
    projects::parse,
    refused,
    scope::Scope,
};
use crate::{
    answer::{Answer, json_answer},
    platform::Core,
};

fn show(project: &Project, name: &str, created: Timestamp) -> Value {
    let labels: Vec<_> = name.rsplitn(3, '.').collect();
    let apex = match labels.as_slice() {
        [last, second, ..] if !name.contains('/') => format!("{second}.{last}"),
        _ => name.to_owned(),
    };
    json!({
        "name": name, "apexName": apex, "projectId": project.id, "verified": true,
        "redirect": null, "redirectStatusCode": null, "gitBranch": null,
        "createdAt": created.as_millisecond(), "updatedAt": created.as_millisecond(),
    })
}

/// The domains of a project, those that were added first, as the vendor orders them.
fn all(core: &Core, project: &Project) -> Vec<Value> {
    let added = project
        .domains
        .iter()
        .rev()
        .map(|domain| show(project, &domain.name, domain.created));
    added
        .chain([show(
            project,
            &project.production_host(core),
            project.created,
        )])
        .collect()
}

/// `GET /v9/projects/{idOrName}/domains`, `getProjectDomains`.
pub(super) async fn list(
    State(core): State<Core>,
    scope: Scope,
    Path(project): Path<String>,
) -> Answer {
    let project = addressed(&core, &scope, &project)?;
    let domains = all(&core, &project);
    let pagination = json!({ "count": domains.len(), "next": null, "prev": null });
    json_answer(
        StatusCode::OK,
        &json!({ "domains": domains, "pagination": pagination }),
    )
}

/// `GET /v9/projects/{idOrName}/domains/{domain}`, `getProjectDomain`.
pub(super) async fn get(
    State(core): State<Core>,
    scope: Scope,
    Path((project, domain)): Path<(String, String)>,
) -> Answer {
    let project = addressed(&core, &scope, &project)?;
    let found = all(&core, &project)
        .into_iter()
        .find(|shown| shown["name"] == domain);
    json_answer(StatusCode::OK, &found.ok_or_else(|| not_found("Domain"))?)
}

#[derive(Deserialize)]
struct Add {
    name: String,
}

/// `POST /v10/projects/{idOrName}/domains`, `addProjectDomain`.
pub(super) async fn add(
    State(core): State<Core>,
    scope: Scope,
    Path(project): Path<String>,
    body: Bytes,
) -> Answer {
    let _turn = core.turn(Provider::Vercel);
    let mut project = addressed(&core, &scope, &project)?;
    let Add { name } = parse(&body)?;
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !name.contains('.')
        || !name
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(letters))
    {
        return Err(bad_request("The domain is not valid."));
    }
    let projects = documents(&core).all::<Project>("project")?;
    let taken = projects
        .iter()
        .find(|other| other.domains.iter().any(|domain| domain.name == name));
    if let Some(other) = taken {
        let message = if other.id == project.id {
            format!("Cannot add {name} since it's already in use by your account.")
        } else {
            format!("Cannot add {name} since it's already assigned to another project.")
        };
        return Err(refused(
            StatusCode::CONFLICT,
            "domain_already_in_use",
            &message,
        ));
    }
    let domain = Domain {
        name,
        created: core.now(),
    };
    let shown = show(&project, &domain.name, domain.created);
    project.domains.push(domain);
    project.save(&core)?;
    json_answer(StatusCode::OK, &shown)
}

/// `POST /v9/projects/{idOrName}/domains/{domain}/verify`, `verifyProjectDomain`.
pub(super) async fn verify(
    state: State<Core>,
    scope: Scope,
    path: Path<(String, String)>,
) -> Answer {
    get(state, scope, path).await
}

/// `DELETE /v9/projects/{idOrName}/domains/{domain}`, `removeProjectDomain`.
pub(super) async fn remove(
    State(core): State<Core>,
    scope: Scope,
    Path((project, domain)): Path<(String, String)>,
) -> Answer {
    let _turn = core.turn(Provider::Vercel);
    let mut project = addressed(&core, &scope, &project)?;
    let before = project.domains.len();
    project.domains.retain(|own| own.name != domain);
    if project.domains.len() == before {
        return Err(not_found("Domain"));
    }
    project.save(&core)?;
    json_answer(StatusCode::OK, &json!({}))
}
