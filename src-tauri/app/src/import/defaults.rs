//! The blueprint and the plan that whoever imports has chosen for the rows that name none.

use std::collections::BTreeSet;

use fabrik_domain::blueprint::Blueprint;

use super::file::Row;

/// Each, where one was chosen.
pub(super) struct Defaults {
    pub(super) blueprint: Option<String>,
    pub(super) plan: Option<String>,
}

impl Defaults {
    /// Gives a row what it doesn't name.
    pub(super) fn fill(&self, row: &mut Row) {
        row.or_usual(self.blueprint.as_deref(), self.plan.as_deref());
    }

    /// Puts the blueprint first that has the plans of all rows which name none, the chosen plan where they name no plan
    /// either: an older system's file says its plans alone.
    pub(super) fn fitting_first(&self, rows: &[Row], blueprints: &mut [Blueprint]) {
        let plan = self.plan.as_deref();
        let plans: BTreeSet<String> = rows
            .iter()
            .filter(|row| row.says("blueprint").is_none())
            .filter_map(|row| row.says("plan").map(String::as_str).or(plan))
            .map(str::to_lowercase)
            .collect();
        let has = |blueprint: &Blueprint, plan: &String| {
            let mut own = blueprint.plans.iter();
            own.any(|one| one.name == *plan)
        };
        let fits = |blueprint: &Blueprint| plans.iter().all(|plan| has(blueprint, plan));
        if let Some(place) = blueprints.iter().position(fits) {
            blueprints[..=place].rotate_right(1);
        }
    }

    /// The blueprint that rows get which name none, where none was chosen and another could have been meant.
    pub(super) fn assumed(&self, rows: &[Row], blueprints: &[Blueprint]) -> Option<String> {
        if self.blueprint.is_some() {
            return None;
        }
        let [first, _, ..] = blueprints else {
            return None;
        };
        let mut named = rows.iter().map(|row| row.says("blueprint"));
        named
            .any(|blueprint| blueprint.is_none())
            .then(|| first.name.clone())
    }
}
