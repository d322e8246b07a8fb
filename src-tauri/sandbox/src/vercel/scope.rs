//! Whose projects a call is about: with `teamId` (or `slug`) the team's, else the person's own.

use axum::{
    extract::{FromRequestParts, Query},
    http::{StatusCode, request::Parts},
};
use serde::Deserialize;

use super::{
    account::{TEAM_SLUG, VercelAccount},
    bad_request, refused,
};
use crate::{answer::Refusal, environment::vercel_team, platform::Core};

/// The id of the account whose projects a call is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope(pub(super) String);

#[derive(Deserialize)]
struct Wanted {
    #[serde(rename = "teamId")]
    team_id: Option<String>,
    slug: Option<String>,
}

/// The id of the person.
pub(super) fn user_id(core: &Core) -> String {
    core.seeded("vercel/user").alphanumeric(24)
}

impl FromRequestParts<Core> for Scope {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, core: &Core) -> Result<Self, Refusal> {
        let Query(wanted) = Query::<Wanted>::try_from_uri(&parts.uri)
            .map_err(|error| bad_request(&error.to_string()))?;
        let team = vercel_team(core);
        let named = match (&wanted.team_id, &wanted.slug) {
            (None, None) => return Ok(Self(user_id(core))),
            (Some(id), _) => *id == team,
            (None, Some(slug)) => slug == TEAM_SLUG,
        };
        let account: VercelAccount = core.account()?;
        if named && account.team_visible {
            return Ok(Self(team));
        }
        Err(refused(
            StatusCode::FORBIDDEN,
            "forbidden",
            "Not authorized: Trying to access resource under scope of another team.",
        ))
    }
}
