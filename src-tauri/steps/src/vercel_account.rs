//! In whose account at Vercel something is made. A 404 says that it is gone only to a token of that account: a
//! team shows itself, and a person is known by an id that the intent keeps.

use fabrik_clouds::vercel::{Team, Vercel};
use fabrik_domain::{Cause, Problem, failure::Failure, provider::Provider};
use fabrik_engine::step::Context;
use serde::{Deserialize, Serialize};

/// What an intent says of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    /// The person's id, where it is no team's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<String>,
}

impl Owner {
    /// That of a call made now.
    pub(crate) async fn now(vercel: &Vercel, team: Team<'_>) -> Result<Self, Failure> {
        Ok(Self {
            person: match team {
                Some(_) => None,
                None => Some(vercel.user_id().await?),
            },
        })
    }

    /// That of the run's intent, where there is one.
    pub(crate) fn of(cx: &Context<'_>) -> Option<Self> {
        // Evidence of another shape names nobody.
        cx.evidence
            .map(|evidence| Self::deserialize(evidence).unwrap_or_default())
    }

    /// Whether the token would see what was made.
    pub(crate) async fn is_seen(&self, vercel: &Vercel, team: Team<'_>) -> Result<bool, Failure> {
        match (team, &self.person) {
            (Some(team), _) => Ok(vercel.team(team).await?.is_some()),
            (None, Some(person)) => Ok(vercel.user_id().await? == *person),
            (None, None) => Ok(false),
        }
    }
}

/// Whether the project is the one that all customers share: a setting, so no resource of anybody's.
pub(crate) fn is_shared(cx: &Context<'_>, project: &str) -> bool {
    let shared = cx.snapshot.settings.get("vercel.project");
    shared.is_some_and(|shared| shared == project)
}

/// Whether what the run made would be seen: only then is a 404 to be believed.
pub(crate) async fn is_seen(
    cx: &Context<'_>,
    vercel: &Vercel,
    team: Team<'_>,
) -> Result<bool, Failure> {
    let owner = Owner::of(cx).unwrap_or_default();
    owner.is_seen(vercel, team).await
}

/// The account in which `name` was looked for and is not, for the evidence; or why that isn't sure.
pub(crate) async fn without(
    cx: &Context<'_>,
    vercel: &Vercel,
    team: Team<'_>,
    name: &str,
) -> Result<Result<Owner, Problem>, Failure> {
    let cause = match (Owner::of(cx), team) {
        // 404 may also mean that the token has been narrowed.
        (_, Some(slug)) if vercel.team(slug).await?.is_none() => Cause::TeamNotVisible {
            team: slug.to_owned(),
        },
        // What a call of before has made is in the account of before.
        (Some(owner), None) if !owner.is_seen(vercel, None).await? => Cause::CannotSee {
            name: name.to_owned(),
        },
        (Some(owner), _) => return Ok(Ok(owner)),
        (None, _) => return Ok(Ok(Owner::now(vercel, team).await?)),
    };
    Ok(Err(Problem::from(cause).by(Provider::Vercel)))
}
