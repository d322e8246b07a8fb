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

/// What Vercel calls the plan that costs nothing.
const HOBBY: &str = "hobby";

impl VercelProject {
    /// All that the vendor can be asked beforehand.
    pub(super) async fn in_the_way(&self, cx: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        let (team, to_make) = futures::join!(self.team_visible(), self.to_make(cx));
        match team? {
            // Calls for a team that isn't seen are refused, which says nothing of the app.
            Some(problem) => Ok(vec![problem]),
            None => to_make,
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

    /// What is there already is linked, and asks for no app and no plan. What somebody has deleted is made anew.
    async fn to_make(&self, cx: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        if self.recorded(cx).await?.is_some() {
            return Ok(Vec::new());
        }
        let Some((owner, name)) = self.place(cx) else {
            return Ok(Vec::new());
        };
        let (access, plan) = futures::join!(
            self.vercel.git_access(self.team(), owner, name),
            self.vercel.plan(self.team())
        );
        let access = access?;
        // A plan that can't be read is not known to be too small.
        let hobby = self.hobby(owner, &access, plan.ok().flatten().as_deref());
        let app = self.unlinkable(cx, owner, name, &access).await?;
        Ok(app.into_iter().chain(hobby).collect())
    }

    /// Why the repository can't be linked, as far as Vercel's app is the reason.
    pub(super) async fn app(&self, cx: &Context<'_>) -> Result<Option<Problem>, Failure> {
        let Some((owner, name)) = self.place(cx) else {
            return Ok(None);
        };
        let access = self.vercel.git_access(self.team(), owner, name).await?;
        self.unlinkable(cx, owner, name, &access).await
    }

    /// Whose the repository is and what it is called; no name before it is there.
    fn place<'a>(&'a self, cx: &'a Context<'_>) -> Option<(&'a str, &'a str)> {
        match self.with.repository.split_once('/') {
            Some((owner, name)) if !owner.is_empty() => Some((owner, name)),
            _ => match cx.snapshot.settings.get("github.owner") {
                Some(owner) if !owner.is_empty() => Some((owner.as_str(), "")),
                _ => None,
            },
        }
    }

    /// On Hobby, Vercel deploys repositories of persons, and of an organization none that is private: "Hobby accounts can
    /// only link to personal repos" (<https://github.com/vercel/community/discussions/6645>, and 6856 there);
    /// <https://vercel.com/docs/deployments/troubleshoot-project-collaboration> says that it has no collaboration on
    /// private ones.
    fn hobby(&self, owner: &str, access: &GitAccess, plan: Option<&str>) -> Option<Problem> {
        let refused =
            plan == Some(HOBBY) && access.is_private_of_organization(&self.with.repository);
        refused.then(|| {
            let cause = Cause::VercelHobby {
                team: self.team().map(str::to_owned),
                owner: owner.to_owned(),
            };
            Problem::from(cause).by(Provider::Vercel)
        })
    }

    /// What of the app stands in the way. Before the repository is there, only the app itself can be looked for, and
    /// whether it would see one that is new.
    async fn unlinkable(
        &self,
        cx: &Context<'_>,
        owner: &str,
        name: &str,
        access: &GitAccess,
    ) -> Result<Option<Problem>, Failure> {
        let cause = match access {
            GitAccess::Missing => Cause::VercelAppMissing {
                owner: owner.to_owned(),
            },
            GitAccess::Sees { .. } if name.is_empty() => {
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
            GitAccess::Sees { .. } => Cause::VercelAppLimited {
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
