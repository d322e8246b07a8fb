//! What stands in a project's way before anything is made.

use fabrik_clouds::supabase::Organization;
use fabrik_domain::{Cause, Problem, failure::Failure, provider::Provider};
use fabrik_engine::step::Context;
use futures::future::join_all;

use super::{SupabaseProject, sighted::Recorded};
use crate::registry::missing_beside;

/// What a free plan allows a person, over all organizations: two active projects.
const FREE_PROJECTS: u32 = 2;

impl SupabaseProject {
    /// All that the vendor can be asked beforehand.
    pub(super) async fn in_the_way(&self, cx: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        let organization = self.with.organization.as_str();
        if organization.is_empty() {
            let asked = self.management.organizations().await;
            return Ok(missing_beside("supabase.organization", asked));
        }
        let (organizations, regions, plan, recorded) = futures::join!(
            self.management.organizations(),
            self.management.regions(organization),
            self.management.plan(organization),
            self.recorded_now(cx)
        );
        let organizations = organizations?;
        if organizations.iter().all(|one| one.slug != organization) {
            return Ok(vec![self.not_visible(&organizations)]);
        }
        let mut problems = Vec::new();
        // It sleeps, and would be waited for in vain.
        if let Ok(Recorded::There(project)) = &recorded
            && project.is_paused()
        {
            let name = project.name.clone();
            problems.push(Problem::from(Cause::ProjectPaused { name }));
        }
        // What is there already needs no region and no room; one that was deleted behind our back does. One that can't be
        // read is the next look's matter.
        let is_to_make = matches!(recorded, Ok(Recorded::No));
        let (regions, region) = (regions?, self.region(cx));
        if is_to_make && regions.selection(region).is_none() {
            let (region, offered) = (region.to_owned(), regions.codes());
            problems.push(Problem::from(Cause::RegionNotOffered { region, offered }));
        }
        // A token may lack the right to read the plan; then the vendor's own refusal has to do.
        if is_to_make
            && plan.is_ok_and(|plan| plan.is_free())
            && self.active_in_free(&organizations).await >= FREE_PROJECTS as usize
        {
            problems.push(
                Cause::ProjectLimitReached {
                    limit: FREE_PROJECTS,
                }
                .into(),
            );
        }
        Ok(problems
            .into_iter()
            .map(|problem| problem.by(Provider::Supabase))
            .collect())
    }

    /// How many active projects the free organizations hold that the token sees: the limit is the person's,
    /// not the organization's. What can't be read doesn't count.
    async fn active_in_free(&self, organizations: &[Organization]) -> usize {
        let counts = organizations.iter().map(|organization| async {
            let (plan, projects) = futures::join!(
                self.management.plan(&organization.slug),
                self.management.projects(&organization.slug, None)
            );
            match (plan, projects) {
                (Ok(plan), Ok(projects)) if plan.is_free() => projects
                    .iter()
                    .filter(|project| project.is_active())
                    .count(),
                _ => 0,
            }
        });
        join_all(counts).await.into_iter().sum()
    }
}
