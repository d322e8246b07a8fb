//! The organisation: there is one, the agency's.

use axum::{
    Extension,
    extract::{Path, Query},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Cloud, SupabaseAccount,
    answer::{Answer, Refusal, ok},
    project::Project,
};
use crate::{environment::ORGANIZATION, token::Token};

const NAME: &str = "Sandbox Agency";

/// Refuses an organisation that the token can't see.
pub(super) fn visible(account: &SupabaseAccount, slug: &str) -> Answer<()> {
    if slug == ORGANIZATION && !account.organization_hidden {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::NOT_FOUND,
        "Organization not found",
    ))
}

/// `GET /v1/organizations` (`v1-list-all-organizations`).
pub(super) async fn list(
    Extension(cloud): Extension<Cloud>,
    Extension(token): Extension<Token>,
) -> Answer {
    let account: SupabaseAccount = cloud.core.account()?;
    let organization = json!({ "id": ORGANIZATION, "slug": ORGANIZATION, "name": NAME });
    let seen = !account.organization_hidden && token.sees(&[ORGANIZATION]);
    let seen = seen.then_some(organization);
    Ok(ok(&seen.into_iter().collect::<Vec<_>>()))
}

/// `GET /v1/organizations/{slug}` (`v1-get-an-organization`).
pub(super) async fn get(Extension(cloud): Extension<Cloud>, Path(slug): Path<String>) -> Answer {
    let account: SupabaseAccount = cloud.core.account()?;
    visible(&account, &slug)?;
    Ok(ok(&json!({
        "id": ORGANIZATION,
        "name": NAME,
        "plan": account.plan,
        "opt_in_tags": [],
        "allowed_release_channels": ["ga", "preview"],
    })))
}

#[derive(Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
    #[serde(default)]
    search: String,
    #[serde(default)]
    statuses: String,
    #[serde(default)]
    sort: String,
}

/// `GET /v1/organizations/{slug}/projects` (`v1-get-all-projects-for-organization`).
pub(super) async fn projects(
    Extension(cloud): Extension<Cloud>,
    Path(slug): Path<String>,
    Query(page): Query<Page>,
) -> Answer {
    visible(&cloud.core.account()?, &slug)?;
    let limit = page.limit.unwrap_or(100);
    if !(1..=100).contains(&limit) {
        return Err(Refusal::bad_request("limit: must be between 1 and 100"));
    }
    let now = cloud.core.now();
    let statuses: Vec<&str> = page
        .statuses
        .split(',')
        .filter(|status| !status.is_empty())
        .collect();
    let search = page.search.to_lowercase();
    let mut found = cloud.documents().listed("project", |project: &Project| {
        (statuses.is_empty() || statuses.contains(&project.status(now).name()))
            && project.name.to_lowercase().contains(&search)
    })?;
    match page.sort.as_str() {
        "name_desc" => found.sort_by(|one, other| other.name.cmp(&one.name)),
        "created_asc" => {}
        "created_desc" => found.reverse(),
        _ => found.sort_by(|one, other| one.name.cmp(&other.name)),
    }
    let shown = found.iter().skip(page.offset).take(limit).map(|project| {
        let status = project.status(now).name();
        json!({
            "ref": project.reference,
            "name": project.name,
            "cloud_provider": "AWS",
            "region": project.region,
            "is_branch": false,
            "status": status,
            "inserted_at": project.created.to_string(),
            "databases": [{
                "infra_compute_size": project.size,
                "region": project.region,
                "status": project.database_status(now),
                "cloud_provider": "AWS",
                "identifier": project.reference,
                "type": "PRIMARY",
            }],
        })
    });
    Ok(ok(&json!({
        "projects": shown.collect::<Value>(),
        "pagination": { "count": found.len(), "limit": limit, "offset": page.offset },
    })))
}
