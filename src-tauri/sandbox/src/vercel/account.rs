//! The person, the team, and the account's switches.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use fabrik_domain::provider::Provider;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{refused, scope::user_id};
use crate::{
    answer::{Answer, json_answer},
    environment::vercel_team,
    platform::{Account, Core},
};

/// The team's slug.
pub(super) const TEAM_SLUG: &str = "sandbox-agency";

/// Whether Vercel's GitHub app sees the organisation's repositories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GitHubApp {
    /// Installed for all repositories.
    Installed,
    /// Installed for the repositories of `github_app_repositories` alone.
    Limited,
    /// Not installed.
    Missing,
}

/// The account's switches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct VercelAccount {
    /// Vercel's GitHub app on the owner of the repositories.
    pub(super) github_app: GitHubApp,
    /// The repositories (`owner/name`) a limited app sees.
    pub(super) github_app_repositories: Vec<String>,
    /// Whether the token's user has GitHub as a login connection.
    pub(super) github_login_connection: bool,
    /// Whether the token sees the team.
    pub(super) team_visible: bool,
    /// How many projects there may be.
    pub(super) projects_limit: usize,
    /// What becomes of builds: `ready`, `error`, `canceled` or `blocked`.
    pub(super) builds_end: String,
    /// Whether every variable that is given as `encrypted` is kept as `sensitive`.
    pub(super) sensitive_policy: bool,
}

impl Default for VercelAccount {
    fn default() -> Self {
        Self {
            github_app: GitHubApp::Installed,
            github_app_repositories: Vec::new(),
            github_login_connection: true,
            team_visible: true,
            projects_limit: 200,
            builds_end: "ready".to_owned(),
            sensitive_policy: false,
        }
    }
}

impl Account for VercelAccount {
    const PROVIDER: Provider = Provider::Vercel;
}

impl VercelAccount {
    /// GitHub's word for what the app sees; `None` where it is not installed.
    pub(crate) fn app_selection(&self) -> Option<&'static str> {
        match self.github_app {
            GitHubApp::Installed => Some("all"),
            GitHubApp::Limited => Some("selected"),
            GitHubApp::Missing => None,
        }
    }

    /// Whether the app sees this repository.
    pub(super) fn app_sees(&self, full_name: &str) -> bool {
        match self.github_app {
            GitHubApp::Installed => true,
            GitHubApp::Missing => false,
            GitHubApp::Limited => self
                .github_app_repositories
                .iter()
                .any(|name| name.eq_ignore_ascii_case(full_name)),
        }
    }
}

/// `GET /v2/user`, `getAuthUser`.
pub(super) async fn user(State(core): State<Core>) -> Answer {
    let user = json!({
        "id": user_id(&core), "email": "owner@sandbox-agency.example", "name": "Sandbox Owner",
        "username": "sandbox-owner", "avatar": null, "defaultTeamId": vercel_team(&core),
        "createdAt": 1_704_067_200_000_u64, "softBlock": null, "billing": null,
        "resourceConfig": {}, "stagingPrefix": "sandbox", "hasTrialAvailable": false,
    });
    json_answer(StatusCode::OK, &json!({ "user": user }))
}

fn team_document(core: &Core) -> Value {
    json!({
        "id": vercel_team(core), "slug": TEAM_SLUG, "name": "Sandbox Agency", "avatar": null,
        "creatorId": user_id(core), "description": null, "stagingPrefix": "sandbox",
        "createdAt": 1_704_067_200_000_u64, "updatedAt": 1_704_067_200_000_u64,
        "membership": {
            "confirmed": true, "role": "OWNER", "uid": user_id(core), "teamId": vercel_team(core),
            "createdAt": 1_704_067_200_000_u64, "created": 1_704_067_200_000_u64,
        },
    })
}

/// `GET /v2/teams`, `getTeams`.
pub(super) async fn teams(State(core): State<Core>) -> Answer {
    let account: VercelAccount = core.account()?;
    let teams = Vec::from_iter(account.team_visible.then(|| team_document(&core)));
    let pagination = json!({ "count": teams.len(), "next": null, "prev": null });
    json_answer(
        StatusCode::OK,
        &json!({ "teams": teams, "pagination": pagination }),
    )
}

/// `GET /v2/teams/{teamId}`, `getTeam`.
pub(super) async fn team(State(core): State<Core>, Path(team): Path<String>) -> Answer {
    let account: VercelAccount = core.account()?;
    if account.team_visible && (team == vercel_team(&core) || team == TEAM_SLUG) {
        return json_answer(StatusCode::OK, &team_document(&core));
    }
    Err(refused(
        StatusCode::FORBIDDEN,
        "forbidden",
        "You don't have permission to access this team.",
    ))
}
