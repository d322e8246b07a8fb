//! Blueprints as the surfaces show them.

use std::collections::BTreeMap;

use fabrik_blueprints::{Contents, Files};
use fabrik_domain::{Problem, blueprint::Blueprint};
use serde_json::json;

use crate::{
    App,
    timeline::expected_seconds,
    views::{
        BlueprintContents, BlueprintFile, BlueprintSummary, BlueprintVersion, PlanSummary,
        StepSummary,
    },
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

    /// What the customers have; before the first of them, what a customer gets for whom none is named.
    pub(crate) async fn blueprints_in_use(&self) -> Result<Vec<Blueprint>, Problem> {
        let counts = self.store.name_counts().await?.blueprints;
        let mut used: Vec<_> = counts.into_iter().map(|(name, _)| name).collect();
        if used.is_empty() {
            used.push(DEFAULT.to_owned());
        }
        // One that is gone, or can't be read, is named by `blueprints check`.
        Ok(used
            .iter()
            .filter_map(|name| self.blueprints.get(name).ok())
            .collect())
    }

    /// A blueprint with all its content.
    pub fn blueprint(&self, name: &str) -> Result<Blueprint, Problem> {
        self.blueprints.get(name)
    }

    /// See the table of commands.
    pub async fn blueprint_open(&self, name: String) -> Result<BlueprintContents, Problem> {
        let contents = self.blueprints.contents(&name)?;
        self.with_customers(name, contents).await
    }

    /// See the table of commands.
    pub async fn blueprint_copy(
        &self,
        name: String,
        from: String,
    ) -> Result<BlueprintContents, Problem> {
        self.blueprints.create(&name, &from)?;
        let facts = json!({ "blueprint": name, "from": from });
        self.store
            .audit(self.audit("blueprint.copied", facts))
            .await?;
        self.blueprint_open(name).await
    }

    /// See the table of commands.
    pub async fn blueprint_save(
        &self,
        name: String,
        hash: String,
        files: Vec<BlueprintFile>,
    ) -> Result<BlueprintContents, Problem> {
        let now = self.clock.now();
        let contents = self.blueprints.save(&name, &hash, by_path(files), now)?;
        let facts = json!({ "blueprint": name, "before": hash, "after": contents.hash });
        self.store
            .audit(self.audit("blueprint.saved", facts))
            .await?;
        self.with_customers(name, contents).await
    }

    /// See the table of commands.
    pub async fn blueprint_versions(&self, name: String) -> Result<Vec<BlueprintVersion>, Problem> {
        let earlier = self.blueprints.earlier(&name)?.into_iter();
        Ok(earlier
            .map(|one| BlueprintVersion {
                version: one.version,
                hash: one.hash,
                replaced_at: one.replaced_at,
            })
            .collect())
    }

    /// See the table of commands.
    pub async fn blueprint_version(
        &self,
        name: String,
        hash: String,
    ) -> Result<Vec<BlueprintFile>, Problem> {
        Ok(listed(self.blueprints.earlier_files(&name, &hash)?))
    }

    async fn with_customers(
        &self,
        name: String,
        contents: Contents,
    ) -> Result<BlueprintContents, Problem> {
        let counts = self.store.name_counts().await?.blueprints;
        let customers = counts.into_iter().find(|(blueprint, _)| *blueprint == name);
        Ok(BlueprintContents {
            customers: customers.map_or(0, |(_, count)| count),
            own: contents.own,
            hash: contents.hash,
            name,
            files: listed(contents.files),
        })
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
                    provider: step.kind.provider(),
                    needs: step.needs.clone(),
                })
                .collect(),
            expected_seconds: expected_seconds(blueprint, &BTreeMap::new()),
        }
    }
}

/// In the order of their paths, the manifest first.
fn listed(files: Files) -> Vec<BlueprintFile> {
    let mut files: Vec<_> = files
        .into_iter()
        .map(|(path, text)| BlueprintFile { path, text })
        .collect();
    files.sort_by_key(|file| file.path != "blueprint.toml");
    files
}

/// As a folder has them.
pub(crate) fn by_path(files: Vec<BlueprintFile>) -> Files {
    files
        .into_iter()
        .map(|file| (file.path, file.text))
        .collect()
}
