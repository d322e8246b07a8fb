//! Blueprints as the surfaces show them.

use std::collections::BTreeMap;

use fabrik_domain::{Problem, blueprint::Blueprint};

use crate::{
    App,
    timeline::expected_seconds,
    views::{BlueprintSummary, PlanSummary, StepSummary},
};

/// A whole stack of the customer's own.
const DEFAULT: &str = "factory";

impl App {
    /// See the table of commands.
    pub async fn blueprints_list(&self) -> Result<Vec<BlueprintSummary>, Problem> {
        Ok(self
            .all_blueprints()
            .iter()
            .map(|blueprint| self.summary(blueprint))
            .collect())
    }

    /// Every blueprint that can be used, the one for whoever names none first; the others are named by
    /// `blueprints check`.
    pub(crate) fn all_blueprints(&self) -> Vec<Blueprint> {
        let usable = self.blueprints.list().into_iter();
        let mut all: Vec<_> = usable.filter_map(|(_, blueprint)| blueprint.ok()).collect();
        all.sort_by_key(|blueprint| blueprint.name != DEFAULT);
        all
    }

    /// A blueprint with all its content.
    pub fn blueprint(&self, name: &str) -> Result<Blueprint, Problem> {
        self.blueprints.get(name)
    }

    /// What a list shows of a blueprint.
    pub fn summary(&self, blueprint: &Blueprint) -> BlueprintSummary {
        BlueprintSummary {
            name: blueprint.name.clone(),
            version: blueprint.version,
            title: blueprint.title.clone(),
            description: blueprint.description.clone(),
            plans: blueprint
                .plans
                .iter()
                .map(|plan| PlanSummary {
                    name: plan.name.clone(),
                    title: plan.title.clone(),
                    monthly_price: plan.monthly_price.clone(),
                })
                .collect(),
            modules: blueprint.modules.clone(),
            providers: blueprint.providers(),
            steps: blueprint
                .steps
                .iter()
                .map(|step| StepSummary {
                    id: step.id.clone(),
                    kind: step.kind,
                    needs: step.needs.clone(),
                })
                .collect(),
            expected_seconds: expected_seconds(blueprint, &BTreeMap::new()),
        }
    }
}
