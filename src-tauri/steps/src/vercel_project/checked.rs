//! What stands in a project's way before anything is made.

use fabrik_clouds::vercel::GitAccess;
use fabrik_domain::{
    Cause, Problem,
    failure::Failure,
    provider::Provider,
    resource::{ResourceKind, ResourceState},
};
use fabrik_engine::step::Context;

use super::VercelProject;

/// What GitHub calls Vercel's app.
const APP: &str = "vercel";

impl VercelProject {
    /// All that the vendor can be asked beforehand.
    pub(super) async fn in_the_way(&self, cx: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        let (team, app) = futures::join!(self.team_visible(), self.app_to_make(cx));
        match team? {
            // Calls for a team that isn't seen are refused, which says nothing of the app.
            Some(problem) => Ok(vec![problem]),
            None => Ok(app?.into_iter().collect()),
        }
    }

    async fn team_visible(&self) -> Result<Option<Problem>, Failure> {
        let Some(team) = self.team() else {
            return Ok(None);
        };
        Ok(match self.vercel.team(team).await? {
            Some(_) => None,
            None => Some(
                Problem::from(Cause::TeamNotVisible {
                    team: team.to_owned(),
                })
                .by(Provider::Vercel),
            ),
        })
    }

    /// What is there already is linked, and asks for no app. What somebody has deleted is made anew.
    async fn app_to_make(&self, cx: &Context<'_>) -> Result<Option<Problem>, Failure> {
        if self.recorded(cx).await?.is_some() {
            return Ok(None);
        }
        self.app(cx).await
    }

    /// Why the repository can't be linked, as far as Vercel's app is the reason. Before the repository is
    /// there, only the app itself can be looked for, and whether it would see one that is new.
    pub(super) async fn app(&self, cx: &Context<'_>) -> Result<Option<Problem>, Failure> {
        let (owner, name) = match self.with.repository.split_once('/') {
            Some((owner, name)) if !owner.is_empty() => (owner, name),
            _ => match cx.snapshot.settings.get("github.owner") {
                Some(owner) if !owner.is_empty() => (owner.as_str(), ""),
                _ => return Ok(None),
            },
        };
        let access = self.vercel.git_access(self.team(), owner, name).await?;
        let cause = match access {
            GitAccess::Missing => Cause::VercelAppMissing {
                owner: owner.to_owned(),
            },
            GitAccess::Sees(_) if name.is_empty() => {
                // One that the customer has may be among those that were chosen.
                if self.has_repository(cx).await?
                    || self.github.app_is_limited(owner, APP).await? != Some(true)
                {
                    return Ok(None);
                }
                Cause::VercelAppLimited {
                    repository: format!("{owner}/*"),
                }
            }
            access if access.sees(&self.with.repository) => return Ok(None),
            GitAccess::Sees(_) => Cause::VercelAppLimited {
                repository: self.with.repository.clone(),
            },
        };
        Ok(Some(Problem::from(cause).by(Provider::Vercel)))
    }

    /// Whether a repository of the customer's is there still, and not in our records alone.
    async fn has_repository(&self, cx: &Context<'_>) -> Result<bool, Failure> {
        for row in cx.all {
            if row.kind == ResourceKind::Repository
                && row.state == ResourceState::Live
                && self.github.repository_by_id(&row.id).await?.is_some()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
