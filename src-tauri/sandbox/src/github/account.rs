//! Who the token belongs to, and the organisation.

use axum::{Extension, extract::Path, http::StatusCode};
use fabrik_domain::provider::Provider;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{may, not_found, refused, render};
use crate::{
    answer::{Answer, json_answer},
    environment::OWNER,
    platform::{Account, Core},
    token::Token,
    vercel::VercelAccount,
};

/// The login of the person the tokens belong to.
pub(super) const LOGIN: &str = "sandbox-owner";
/// That person's id.
pub(super) const USER_ID: u64 = 1000;
/// The organisation's id.
pub(super) const ORGANIZATION_ID: u64 = 1001;

/// Switches of the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct GitHubAccount {
    /// Whether the token sees the organisation.
    pub(super) organization_visible: bool,
    /// Whether members may make repositories.
    pub(super) members_can_create_repositories: bool,
    /// Whether members may delete repositories.
    pub(super) members_can_delete_repositories: bool,
}

impl Default for GitHubAccount {
    fn default() -> Self {
        Self {
            organization_visible: true,
            members_can_create_repositories: true,
            members_can_delete_repositories: true,
        }
    }
}

impl Account for GitHubAccount {
    const PROVIDER: Provider = Provider::GitHub;
}

/// `GET /user`, `users/get-authenticated`.
pub(super) async fn authenticated(core: Core) -> Answer {
    json_answer(StatusCode::OK, &private_user(&core))
}

/// `GET /users/{username}`, `users/get-by-username`: organisations are found here too.
pub(super) async fn user(core: Core, Path(login): Path<String>) -> Answer {
    let account: GitHubAccount = core.account()?;
    if login.eq_ignore_ascii_case(LOGIN) {
        return json_answer(StatusCode::OK, &public_user(&core, LOGIN, USER_ID, "User"));
    }
    if login.eq_ignore_ascii_case(OWNER) && account.organization_visible {
        let organization = public_user(&core, OWNER, ORGANIZATION_ID, "Organization");
        return json_answer(StatusCode::OK, &organization);
    }
    Err(not_found())
}

/// `GET /user/orgs`, `orgs/list-for-authenticated-user`.
pub(super) async fn organizations(core: Core) -> Answer {
    let account: GitHubAccount = core.account()?;
    let url = format!("{}/github/orgs/{OWNER}", core.base_url());
    let seen = account.organization_visible.then(|| {
        json!({
            "login": OWNER, "id": ORGANIZATION_ID, "node_id": "O_sandbox", "url": url,
            "repos_url": format!("{url}/repos"), "events_url": format!("{url}/events"),
            "hooks_url": format!("{url}/hooks"), "issues_url": format!("{url}/issues"),
            "members_url": format!("{url}/members{{/member}}"),
            "public_members_url": format!("{url}/public_members{{/member}}"),
            "avatar_url": format!("{}/_github/avatar.png", core.base_url()),
            "description": "An agency in the sandbox",
        })
    });
    json_answer(StatusCode::OK, &Vec::from_iter(seen))
}

/// `GET /orgs/{org}`, `orgs/get`.
pub(super) async fn organization(core: Core, Path(org): Path<String>) -> Answer {
    let account = visible(&core, &org)?;
    let url = format!("{}/github/orgs/{OWNER}", core.base_url());
    let body = json!({
        "login": OWNER, "id": ORGANIZATION_ID, "node_id": "O_sandbox", "url": url,
        "repos_url": format!("{url}/repos"), "events_url": format!("{url}/events"),
        "hooks_url": format!("{url}/hooks"), "issues_url": format!("{url}/issues"),
        "members_url": format!("{url}/members{{/member}}"),
        "public_members_url": format!("{url}/public_members{{/member}}"),
        "avatar_url": format!("{}/_github/avatar.png", core.base_url()),
        "description": "An agency in the sandbox", "name": "Sandbox Agency",
        "html_url": format!("{}/_github/{OWNER}", core.base_url()),
        "has_organization_projects": true, "has_repository_projects": true,
        "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0,
        "type": "Organization",
        "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-01T00:00:00Z",
        "archived_at": null,
        "members_can_create_repositories": account.members_can_create_repositories,
        "members_can_delete_repositories": account.members_can_delete_repositories,
    });
    json_answer(StatusCode::OK, &body)
}

/// `GET /user/memberships/orgs/{org}`, `orgs/get-membership-for-authenticated-user`: the person owns it.
pub(super) async fn membership(core: Core, Path(org): Path<String>) -> Answer {
    visible(&core, &org)?;
    let url = format!("{}/github/orgs/{OWNER}", core.base_url());
    let body = json!({
        "url": format!("{url}/memberships/{LOGIN}"), "state": "active", "role": "admin",
        "organization_url": url, "organization": { "login": OWNER, "id": ORGANIZATION_ID },
        "user": render::actor(&core, LOGIN, USER_ID, "User"),
    });
    json_answer(StatusCode::OK, &body)
}

/// `GET /orgs/{org}/installations`, `orgs/list-app-installations`: whether Vercel's app is there.
pub(super) async fn installations(
    core: Core,
    Extension(token): Extension<Token>,
    Path(org): Path<String>,
) -> Answer {
    visible(&core, &org)?;
    if !may(&token, "admin:org") && !may(&token, "admin:read") {
        return Err(refused(
            StatusCode::FORBIDDEN,
            "You must be an organization owner or have the admin:read scope.",
        ));
    }
    let vercel: VercelAccount = core.account()?;
    let url = format!("{}/github/installation", core.base_url());
    let installation = vercel.app_selection().map(|selection| {
        json!({
            "id": 9001, "app_id": 8329, "app_slug": "vercel", "target_id": ORGANIZATION_ID,
            "target_type": "Organization", "single_file_name": null,
            "repository_selection": selection, "access_tokens_url": format!("{url}/tokens"),
            "html_url": format!("{url}/9001"), "repositories_url": format!("{url}/repositories"),
            "events": ["push"], "account": render::owner(&core, OWNER),
            "permissions": { "contents": "read", "metadata": "read" },
            "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-01T00:00:00Z",
            "suspended_by": null, "suspended_at": null,
        })
    });
    let installations = Vec::from_iter(installation);
    let body = json!({ "total_count": installations.len(), "installations": installations });
    json_answer(StatusCode::OK, &body)
}

/// The organisation's switches, where it is this one and the token sees it.
fn visible(core: &Core, org: &str) -> Result<GitHubAccount, crate::answer::Refusal> {
    let account: GitHubAccount = core.account()?;
    if org.eq_ignore_ascii_case(OWNER) && account.organization_visible {
        return Ok(account);
    }
    Err(not_found())
}

fn public_user(core: &Core, login: &str, id: u64, kind: &str) -> Value {
    let mut user = render::actor(core, login, id, kind);
    let more = json!({
        "name": if kind == "User" { "Sandbox Owner" } else { "Sandbox Agency" },
        "company": null, "blog": "", "location": null, "email": null, "hireable": null, "bio": null,
        "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0,
        "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-01T00:00:00Z",
    });
    render::extend(&mut user, more);
    user
}

fn private_user(core: &Core) -> Value {
    let mut user = public_user(core, LOGIN, USER_ID, "User");
    let more = json!({
        "private_gists": 0, "total_private_repos": 0, "owned_private_repos": 0, "disk_usage": 0,
        "collaborators": 0, "two_factor_authentication": true,
        "plan": { "name": "team", "space": 0, "private_repos": 0, "collaborators": 0 },
    });
    render::extend(&mut user, more);
    user
}
