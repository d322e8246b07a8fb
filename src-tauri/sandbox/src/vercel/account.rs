//! The person, the team, and the account's switches.

use axum::{Extension, extract::Path, http::StatusCode};
use fabrik_domain::provider::Provider;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{refused, scope::user_id};
use crate::{
    answer::{Answer, json_answer},
    environment::{OWNER, vercel_team},
    error::SandboxError,
    github::Repository,
    platform::{Account, Core},
    token::Token,
};

/// Deployments a day where nothing is paid.
pub(super) const HOBBY_DAY: u32 = 100;

/// What a plan allows.
struct Allowed {
    /// `None` is as many as one likes.
    projects: Option<usize>,
    builds_at_once: usize,
    deployments_a_day: u32,
}

const HOBBY: Allowed = Allowed {
    projects: Some(200),
    builds_at_once: 1,
    deployments_a_day: HOBBY_DAY,
};
const PRO: Allowed = Allowed {
    projects: None,
    builds_at_once: 12,
    deployments_a_day: 6000,
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

/// What is paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Plan {
    /// Nothing.
    Hobby,
    /// The team.
    #[default]
    Pro,
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
    /// `pro` or `hobby`.
    pub(super) plan: Plan,
    /// How many projects there may be; `null` is as the plan says.
    pub(super) projects_limit: Option<usize>,
    /// How many builds run at once; the others are queued. `null` is as the plan says.
    pub(super) builds_at_once: Option<usize>,
    /// Domains (the last two labels) that another account has: what is below them must be proved.
    pub(super) domains_elsewhere: Vec<String>,
    /// What becomes of builds: `ready`, `error`, `canceled` or `blocked`.
    pub(super) builds_end: String,
    /// Whether every variable that is for more than development is kept as `sensitive`, however it is given.
    pub(super) sensitive_policy: bool,
}

impl Default for VercelAccount {
    fn default() -> Self {
        Self {
            github_app: GitHubApp::Installed,
            github_app_repositories: Vec::new(),
            github_login_connection: true,
            team_visible: true,
            plan: Plan::Pro,
            projects_limit: None,
            builds_at_once: None,
            domains_elsewhere: Vec::new(),
            builds_end: "ready".to_owned(),
            sensitive_policy: false,
        }
    }
}

impl Account for VercelAccount {
    const PROVIDER: Provider = Provider::Vercel;
}

impl VercelAccount {
    fn allowed(&self) -> Allowed {
        match self.plan {
            Plan::Hobby => HOBBY,
            Plan::Pro => PRO,
        }
    }

    /// How many projects there may be; `None` is as many as one likes.
    pub(super) fn projects(&self) -> Option<usize> {
        self.projects_limit.or(self.allowed().projects)
    }

    /// How many builds run at once.
    pub(super) fn builds(&self) -> usize {
        self.builds_at_once.unwrap_or(self.allowed().builds_at_once)
    }

    /// How many deployments may be made in a day, by calls and pushes together.
    pub(super) fn deployments_a_day(&self) -> u32 {
        self.allowed().deployments_a_day
    }

    /// What becomes of a build of this repository: what costs nothing builds no private one of an organization's.
    pub(super) fn end_of(&self, repository: &Repository) -> String {
        let of_organization = repository.owner.eq_ignore_ascii_case(OWNER);
        if self.plan == Plan::Hobby && repository.private && of_organization {
            return "BLOCKED".to_owned();
        }
        self.builds_end.to_uppercase()
    }

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
pub(super) async fn user(core: Core) -> Answer {
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

/// Whether the token sees the team.
pub(super) fn sees_team(core: &Core, token: &Token) -> Result<bool, SandboxError> {
    let account: VercelAccount = core.account()?;
    Ok(account.team_visible && token.sees(&[&vercel_team(core), TEAM_SLUG]))
}

/// `GET /v2/teams`, `getTeams`.
pub(super) async fn teams(core: Core, Extension(token): Extension<Token>) -> Answer {
    let seen = sees_team(&core, &token)?;
    let teams = Vec::from_iter(seen.then(|| team_document(&core)));
    let pagination = json!({ "count": teams.len(), "next": null, "prev": null });
    json_answer(
        StatusCode::OK,
        &json!({ "teams": teams, "pagination": pagination }),
    )
}

/// `GET /v2/teams/{teamId}`, `getTeam`.
pub(super) async fn team(
    core: Core,
    Extension(token): Extension<Token>,
    Path(team): Path<String>,
) -> Answer {
    if sees_team(&core, &token)? && (team == vercel_team(&core) || team == TEAM_SLUG) {
        return json_answer(StatusCode::OK, &team_document(&core));
    }
    Err(refused(
        StatusCode::FORBIDDEN,
        "forbidden",
        "You don't have permission to access this team.",
    ))
}
