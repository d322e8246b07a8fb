//! What Vercel's GitHub app sees.

use axum::{extract::Query, http::StatusCode};
use fabrik_domain::provider::Provider;
use serde::Deserialize;
use serde_json::json;

use super::account::VercelAccount;
use crate::{
    answer::{Answer, json_answer},
    environment::OWNER,
    github::{self, Repository},
    platform::Core,
};

/// The organisation's number in GitHub.
const NAMESPACE: u64 = 1001;

#[derive(Deserialize)]
pub(super) struct Search {
    query: Option<String>,
    #[serde(rename = "namespaceId")]
    namespace_id: Option<String>,
}

/// `GET /v1/integrations/search-repo`, `searchRepo`: a missing app is a 200 with an error in it.
pub(super) async fn search_repo(core: Core, Query(search): Query<Search>) -> Answer {
    let account: VercelAccount = core.account()?;
    if account.app_selection().is_none() || !account.github_login_connection {
        let error = json!({
            "code": "installation_not_found",
            "message": "To link a GitHub repository, you need to install the GitHub integration first.",
        });
        return json_answer(StatusCode::OK, &json!({ "error": error }));
    }
    let query = search.query.unwrap_or_default().to_lowercase();
    let elsewhere = search
        .namespace_id
        .as_deref()
        .is_some_and(|id| id != NAMESPACE.to_string() && !id.eq_ignore_ascii_case(OWNER));
    let github = core.documents(Provider::GitHub);
    let seen = github.listed("repository", |repository: &Repository| {
        !elsewhere
            && account.app_sees(&repository.full_name())
            && (repository.name.to_lowercase().contains(&query)
                || repository.full_name().to_lowercase() == query)
    })?;
    let repos = seen.iter().map(|repository| {
        json!({
            "id": repository.id, "name": repository.name, "slug": repository.name,
            "namespace": repository.owner, "url": github::page_url(&core, repository),
            "provider": "github", "owner": { "id": NAMESPACE, "name": repository.owner },
            "ownerType": "team", "private": repository.private, "defaultBranch": repository.default_branch,
            "updatedAt": core.now().as_millisecond(),
        })
    });
    let repos: Vec<_> = repos.collect();
    let body =
        json!({ "gitAccount": { "provider": "github", "namespaceId": NAMESPACE }, "repos": repos });
    json_answer(StatusCode::OK, &body)
}

/// `GET /v1/integrations/git-namespaces`, `gitNamespaces`.
pub(super) async fn git_namespaces(core: Core) -> Answer {
    let account: VercelAccount = core.account()?;
    let mut namespaces = Vec::new();
    if account.github_login_connection && account.app_selection().is_some() {
        namespaces.push(json!({
            "provider": "github", "slug": OWNER, "id": NAMESPACE, "ownerType": "team",
            "name": "Sandbox Agency", "installationId": 9001, "isAccessRestricted": false,
            "requireReauth": false,
        }));
    }
    json_answer(StatusCode::OK, &namespaces)
}
