//! What is wrong with a customer as it was typed in: all of it, not only the first.

use fabrik_domain::{
    Cause, Problem,
    blueprint::Blueprint,
    customer::{Customer, CustomerPatch, NewCustomer, without_login},
    id::CustomerId,
    run::Snapshot,
};

use super::trimmed;
use crate::App;

impl App {
    /// Every fault of a new customer, what others have among them: for whoever shows them all at once.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn faults_of_new(&self, new: &NewCustomer) -> Result<Vec<Problem>, Problem> {
        let new = trimmed(new.clone());
        let mut faults = self.faults(&new);
        faults.extend(self.alike_of_new(&new).await?);
        for problem in self.customer_check(new.name, new.subdomain, None).await? {
            if !faults.contains(&problem) {
                faults.push(problem);
            }
        }
        Ok(faults)
    }

    /// The same of what is to be changed.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn faults_of_edit(
        &self,
        customer: CustomerId,
        patch: &CustomerPatch,
    ) -> Result<Vec<Problem>, Problem> {
        let before = self.store.customer(customer).await?;
        let followed = self.assert_not_followed(&before, patch).await;
        let mut faults: Vec<_> = followed.err().into_iter().collect();
        faults.extend(self.patch_faults(&before, patch));
        faults.extend(self.alike_of_edit(&before, patch).await?);
        let in_use = self.assert_renameable(&before, patch).await;
        faults.extend(in_use.err());
        if let Some(subdomain) = &patch.subdomain {
            let mut told = self
                .customer_check(before.name, subdomain.clone(), Some(customer))
                .await?;
            told.retain(|problem| matches!(*problem.cause, Cause::SubdomainTaken { .. }));
            faults.append(&mut told);
        }
        Ok(faults)
    }

    /// That another subdomain is refused, as the store does when it is written.
    async fn assert_renameable(
        &self,
        customer: &Customer,
        patch: &CustomerPatch,
    ) -> Result<(), Problem> {
        let is_other = |wanted: &String| *wanted != customer.subdomain;
        if patch.subdomain.as_ref().is_some_and(is_other)
            && self.store.goes_by_subdomain(customer.id).await?
        {
            let subdomain = customer.subdomain.clone();
            return Err(Cause::SubdomainInUse { subdomain }.into());
        }
        Ok(())
    }

    /// Every fault of a change that can be told without the other customers.
    pub(crate) fn patch_faults(&self, before: &Customer, patch: &CustomerPatch) -> Vec<Problem> {
        let mut faults = patch.check();
        if patch.blueprint.is_some() || patch.plan.is_some() || patch.modules.is_some() {
            faults.extend(self.blueprint_faults(
                patch.blueprint.as_ref().unwrap_or(&before.blueprint),
                Some(patch.plan.as_ref().unwrap_or(&before.plan)),
                patch.modules.as_ref().unwrap_or(&before.modules),
            ));
        }
        faults
    }

    /// Every fault of a new customer that can be told without the other customers.
    pub fn faults(&self, new: &NewCustomer) -> Vec<Problem> {
        let mut faults = new.check();
        faults.extend(self.blueprint_faults(&new.blueprint, Some(&new.plan), &new.modules));
        faults
    }

    /// The same for one of many, without reading the blueprints again for each.
    pub(crate) fn faults_among(&self, new: &NewCustomer, known: &[Blueprint]) -> Vec<Problem> {
        let mut faults = new.check();
        match known.iter().find(|one| one.name == new.blueprint) {
            Some(blueprint) => {
                faults.extend(faults_with(blueprint, Some(&new.plan), &new.modules));
            }
            None => {
                faults.extend(self.blueprint_faults(&new.blueprint, Some(&new.plan), &new.modules));
            }
        }
        faults
    }

    pub(crate) fn blueprint_faults(
        &self,
        name: &str,
        plan: Option<&str>,
        modules: &[String],
    ) -> Vec<Problem> {
        match self.blueprints.get(name) {
            Ok(blueprint) => faults_with(&blueprint, plan, modules),
            Err(problem) => vec![problem],
        }
    }

    /// What is wrong with a customer by its blueprint as that is now, when a run is to begin: a plan or modules that it
    /// has no more, settings that it needs and nobody has set.
    pub(crate) fn faults_of_run(snapshot: &Snapshot) -> Vec<Problem> {
        let (blueprint, customer) = (&snapshot.blueprint, &snapshot.customer);
        let unset = |key: &&String| !snapshot.settings.contains_key(*key);
        let mut faults: Vec<Problem> = blueprint
            .settings
            .iter()
            .filter(unset)
            .map(|key| {
                let setting = key.clone();
                Cause::SettingMissing { setting }.into()
            })
            .collect();
        faults.extend(faults_with(
            blueprint,
            Some(&customer.plan),
            &customer.modules,
        ));
        faults
    }
}

/// What is wrong with a plan and modules, by the blueprint they are of.
fn faults_with(blueprint: &Blueprint, plan: Option<&str>, modules: &[String]) -> Vec<Problem> {
    let mut faults = Vec::new();
    if let Some(plan) = plan
        && blueprint.plan(plan).is_none()
    {
        let known = blueprint.plans.iter().map(|plan| plan.name.clone());
        let cause = Cause::PlanUnknown {
            plan: without_login(plan),
            known: known.collect(),
        };
        faults.push(cause.into());
    }
    for module in modules
        .iter()
        .filter(|module| !blueprint.modules.contains(module))
    {
        let cause = Cause::ModuleUnknown {
            module: without_login(module),
            known: blueprint.modules.clone(),
        };
        faults.push(cause.into());
    }
    faults
}
