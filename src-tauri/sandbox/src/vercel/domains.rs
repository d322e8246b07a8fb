//! A project's domains: the one it has from the start, where production answers, and those added.

use std::time::Duration;

use axum::{body::Bytes, extract::Query, http::StatusCode};
use fabrik_domain::provider::Provider;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    account::VercelAccount,
    bad_request, dns, not_found,
    project::{Domain, Project, documents},
    projects::parse,
    refused,
    scope::At,
};
use crate::{
    answer::{Answer, Refusal, json_answer},
    lag,
    platform::Core,
};

/// The domain that was bought: the last two labels.
fn apex(name: &str) -> String {
    let labels: Vec<_> = name.rsplitn(3, '.').collect();
    match labels.as_slice() {
        [last, second, ..] if !name.contains('/') => format!("{second}.{last}"),
        _ => name.to_owned(),
    }
}

fn shown(project: &Project, name: &str, created: Timestamp) -> Value {
    json!({
        "name": name, "apexName": apex(name), "projectId": project.id, "verified": true,
        "redirect": null, "redirectStatusCode": null, "gitBranch": null,
        "createdAt": created.as_millisecond(), "updatedAt": created.as_millisecond(),
    })
}

impl Domain {
    /// With the challenge, where it is not verified.
    fn show(&self, core: &Core, project: &Project) -> Value {
        let mut shown = shown(project, &self.name, self.created);
        if !self.verified {
            let token = core
                .seeded(&format!("vercel/challenge/{}", self.name))
                .hex(20);
            shown["verified"] = false.into();
            shown["verification"] = json!([{
                "type": "TXT", "domain": format!("_vercel.{}", apex(&self.name)),
                "value": format!("vc-domain-verify={},{token}", self.name),
                "reason": "pending_domain_verification",
            }]);
        }
        shown
    }
}

/// The domains of a project, those that were added first, as the vendor orders them. Its own comes with it.
fn all(core: &Core, project: &Project, shows: impl Fn(&Domain) -> bool) -> Vec<Value> {
    let added = project
        .domains
        .iter()
        .rev()
        .filter(|domain| shows(domain))
        .map(|domain| domain.show(core, project));
    added
        .chain([shown(
            project,
            &project.production_host(core),
            project.created,
        )])
        .collect()
}

#[derive(Deserialize)]
pub(super) struct ListQuery {
    limit: Option<usize>,
    until: Option<i64>,
}

/// `GET /v9/projects/{idOrName}/domains`, `getProjectDomains`: a page of those that are older than `until`.
pub(super) async fn list(at: At, Query(query): Query<ListQuery>) -> Answer {
    let created = |domain: &Value| domain["createdAt"].as_i64().unwrap_or_default();
    let now = at.core.now();
    let wanted = |created: i64| query.until.is_none_or(|until| created < until);
    let mut domains = all(&at.core, &at.project()?, |domain| {
        wanted(domain.created.as_millisecond()) && lag::shows(now, domain.created)
    });
    domains.retain(|domain| wanted(created(domain)));
    let limit = query.limit.unwrap_or(20).clamp(1, 100);
    let more = domains.len() > limit;
    domains.truncate(limit);
    let next = domains.last().filter(|_| more).map(created);
    let pagination = json!({ "count": domains.len(), "next": next, "prev": null });
    json_answer(
        StatusCode::OK,
        &json!({ "domains": domains, "pagination": pagination }),
    )
}

/// `GET /v9/projects/{idOrName}/domains/{domain}`, `getProjectDomain`.
pub(super) async fn get(at: At) -> Answer {
    let found = all(&at.core, &at.project()?, |_| true)
        .into_iter()
        .find(|shown| shown["name"] == *at.name);
    json_answer(StatusCode::OK, &found.ok_or_else(|| not_found("Domain"))?)
}

#[derive(Deserialize)]
struct Add {
    name: String,
}

/// `POST /v10/projects/{idOrName}/domains`, `addProjectDomain`. A domain that another account has
/// must be proved first; else it is verified at once, wherever it leads.
pub(super) async fn add(at: At, body: Bytes) -> Answer {
    let core = &at.core;
    let _turn = core.turn(Provider::Vercel);
    let mut project = at.project()?;
    let Add { name } = parse(&body)?;
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !name.contains('.')
        || !name
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(letters))
    {
        return Err(bad_request("The domain is not valid."));
    }
    let has = |other: &Project| other.domains.iter().any(|domain| domain.name == name);
    if let Some(other) = documents(core).find("project", has)? {
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
    let account: VercelAccount = core.account()?;
    // A page ends at a time, so no two are of the same millisecond.
    let newest = project.domains.last();
    let newest = newest.map_or(project.created, |domain| domain.created);
    let domain = Domain {
        verified: !account.domains_elsewhere.contains(&apex(&name)),
        name,
        created: core.now().max(newest + Duration::from_millis(1)),
    };
    let shown = domain.show(core, &project);
    project.domains.push(domain);
    project.save(core)?;
    json_answer(StatusCode::OK, &shown)
}

/// `POST /v9/projects/{idOrName}/domains/{domain}/verify`, `verifyProjectDomain`: 400 while the record
/// is missing.
pub(super) async fn verify(at: At) -> Answer {
    prove(&at)?;
    get(at).await
}

fn prove(at: &At) -> Result<(), Refusal> {
    let core = &at.core;
    let _turn = core.turn(Provider::Vercel);
    let mut project = at.project()?;
    let domain = project.domains.iter_mut().find(|own| own.name == at.name);
    if let Some(domain) = domain.filter(|domain| !domain.verified) {
        if !dns::records(core, &domain.name)?.challenge {
            let message = "Domain verification failed: the TXT record was not found.";
            return Err(refused(
                StatusCode::BAD_REQUEST,
                "missing_txt_record",
                message,
            ));
        }
        domain.verified = true;
        project.save(core)?;
    }
    Ok(())
}

/// `DELETE /v9/projects/{idOrName}/domains/{domain}`, `removeProjectDomain`.
pub(super) async fn remove(at: At) -> Answer {
    let core = &at.core;
    let _turn = core.turn(Provider::Vercel);
    let mut project = at.project()?;
    let before = project.domains.len();
    project.domains.retain(|own| own.name != at.name);
    if project.domains.len() == before {
        return Err(not_found("Domain"));
    }
    project.save(core)?;
    json_answer(StatusCode::OK, &json!({}))
}
