//! What a call is about: whose projects (with `teamId`, or `slug`, the team's, else the person's
//! own), and which of them.

use axum::{
    extract::{FromRequestParts, Query, RawPathParams},
    http::{StatusCode, request::Parts},
    response::IntoResponse,
};
use serde::Deserialize;

use super::{
    account::{TEAM_SLUG, sees_team},
    bad_request,
    project::{self, Project},
    refused,
};
use crate::{answer::Refusal, environment::vercel_team, platform::Core, token::Token};

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

impl<S: Sync> FromRequestParts<S> for Scope {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let core = Core::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let Query(wanted) = Query::<Wanted>::try_from_uri(&parts.uri)
            .map_err(|error| bad_request(&error.to_string()))?;
        let team = vercel_team(&core);
        let token = parts.extensions.get::<Token>();
        let named = match (&wanted.team_id, &wanted.slug) {
            (Some(id), _) => *id == team,
            (None, Some(slug)) => slug == TEAM_SLUG,
            (None, None) => {
                let user = user_id(&core);
                // A token for chosen teams is for nothing else.
                if token.is_none_or(|token| token.sees(&[&user])) {
                    return Ok(Self(user));
                }
                false
            }
        };
        let seen = token.map_or(Ok(true), |token| sees_team(&core, token))?;
        if named && seen {
            return Ok(Self(team));
        }
        Err(refused(
            StatusCode::FORBIDDEN,
            "forbidden",
            "Not authorized: Trying to access resource under scope of another team.",
        ))
    }
}

/// What a call names in its path.
pub(super) struct At {
    pub(super) core: Core,
    pub(super) scope: Scope,
    /// An id or name, where the pattern has `{project}`.
    project: String,
    /// What stands for the pattern's other name: a variable's or deployment's id, a domain.
    pub(super) name: String,
}

impl At {
    /// The project; 404 where there is none.
    pub(super) fn project(&self) -> Result<Project, Refusal> {
        project::addressed(&self.core, &self.scope, &self.project)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for At {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let path = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|error| bad_request(&error.to_string()))?;
        let (mut project, mut other) = (String::new(), String::new());
        for (name, value) in &path {
            match name {
                "project" => value.clone_into(&mut project),
                _ => value.clone_into(&mut other),
            }
        }
        Ok(Self {
            core: Core::from_request_parts(parts, state)
                .await
                .map_err(IntoResponse::into_response)?,
            scope: Scope::from_request_parts(parts, state).await?,
            project,
            name: other,
        })
    }
}
