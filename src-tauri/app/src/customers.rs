//! Customers: listed, shown, added, changed, removed.

mod applied;
mod faults;
mod naming;
mod project;
mod removal;
mod resources;

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    Cause, Problem,
    customer::{Customer, CustomerPatch, NewCustomer, check_name, check_subdomain, slug_of},
    id::CustomerId,
};
use fabrik_store::CustomerQuery;
use serde_json::json;

pub(crate) use self::naming::BaseNames;
use self::resources::newest_of_each;
use crate::{
    App, cards, links, members,
    views::{Activity, CustomerCounts, CustomerDetail, CustomerPage, NameCount, StateCount},
};

/// Runs and entries that the detail screen shows.
const RECENT: u64 = 50;

impl App {
    /// See the table of commands.
    pub async fn customers_list(&self, query: CustomerQuery) -> Result<CustomerPage, Problem> {
        let page = self.store.customers(query).await?;
        Ok(CustomerPage {
            customers: self.rows(page.rows).await?,
            total: page.total,
        })
    }

    /// See the table of commands.
    pub async fn customer_counts(&self) -> Result<CustomerCounts, Problem> {
        let (of_states, of_names) =
            tokio::try_join!(self.store.state_counts(), self.store.name_counts())?;
        let named = |counts: Vec<(String, u64)>| {
            let counts = counts.into_iter();
            counts
                .map(|(name, count)| NameCount { name, count })
                .collect()
        };
        Ok(CustomerCounts {
            states: of_states
                .into_iter()
                .map(|(state, count)| StateCount { state, count })
                .collect(),
            plans: named(of_names.plans),
            blueprints: named(of_names.blueprints),
        })
    }

    /// See the table of commands.
    pub async fn customer_get(&self, customer: CustomerId) -> Result<CustomerDetail, Problem> {
        let customer = self.store.customer(customer).await?;
        let id = customer.id;
        let query = fabrik_store::RunQuery {
            customer: Some(id),
            limit: RECENT,
            ..Default::default()
        };
        let (resources, runs, log) = tokio::try_join!(
            self.store.resources(id),
            self.store.runs(query),
            self.store.audit_log(Some(id), RECENT),
        )?;
        let row = self
            .rows(vec![customer])
            .await?
            .pop()
            .ok_or_else(|| Cause::CustomerUnknown {
                customer: id.to_string(),
            })?;
        let steps = match runs.first() {
            Some(run) => self.store.steps(run.id).await?,
            None => Vec::new(),
        };
        let blueprint = self.blueprints.get(&row.customer.blueprint).ok();
        let resources = newest_of_each(resources);
        let numbers: BTreeMap<_, _> = runs.iter().map(|run| (run.id, run.number)).collect();
        let activity = log
            .into_iter()
            .map(|line| Activity {
                at: line.at,
                operator: line.entry.operator,
                action: line.entry.action,
                run: line.entry.run,
                run_number: line.entry.run.and_then(|run| numbers.get(&run).copied()),
                facts: facts(&line.entry.facts),
            })
            .collect();
        let applied = self.applied(&row.customer, &runs).await?;
        Ok(CustomerDetail {
            links: links::of(&row.customer, &resources),
            cards: cards::of(&row, blueprint.as_ref(), &resources, &steps),
            blueprint: blueprint.as_ref().map(|blueprint| self.summary(blueprint)),
            domains: self.waiting_domains(row.customer.id).await?,
            modules_changed: applied
                .iter()
                .any(|(_, before)| modules(&before.customer) != modules(&row.customer)),
            plan_changed: applied
                .iter()
                .any(|(_, before)| before.customer.plan != row.customer.plan),
            takes_members: row.customer.supabase_project_ref.is_some()
                && blueprint.as_ref().is_some_and(members::has_members),
            row,
            resources,
            runs,
            activity,
        })
    }

    /// See the table of commands.
    pub async fn customer_neighbours(
        &self,
        customer: CustomerId,
        query: fabrik_store::CustomerQuery,
    ) -> Result<fabrik_store::Neighbours, Problem> {
        self.store.neighbours(customer, query).await
    }

    /// See the table of commands.
    pub async fn customer_add(&self, new: NewCustomer) -> Result<Customer, Problem> {
        let new = trimmed(new);
        if let Some(problem) = self.faults(&new).into_iter().next() {
            return Err(problem);
        }
        if let Some(problem) = self.alike_of_new(&new).await? {
            return Err(problem);
        }
        if let Some(reference) = &new.supabase_project_ref {
            self.assert_nobody_elses(CustomerId::new(), reference)
                .await?;
        }
        let slug = slug_of(&new.name);
        let audit = self.audit(
            "customer.added",
            json!({ "name": new.name, "subdomain": new.subdomain }),
        );
        self.store.add_customer(new, slug, audit).await
    }

    /// See the table of commands.
    pub async fn customer_edit(
        &self,
        customer: CustomerId,
        patch: CustomerPatch,
    ) -> Result<Customer, Problem> {
        let before = self.store.customer(customer).await?;
        self.assert_not_followed(&before, &patch).await?;
        self.change(customer, patch, "customer.edited").await
    }

    /// Changes a customer, as the audit log is to call it.
    pub(crate) async fn change(
        &self,
        customer: CustomerId,
        patch: CustomerPatch,
        action: &str,
    ) -> Result<Customer, Problem> {
        let before = self.store.customer(customer).await?;
        // Nothing is to be changed: there is nothing to tell of either.
        if patch == CustomerPatch::default() {
            return Ok(before);
        }
        if let Some(problem) = self.patch_faults(&before, &patch).into_iter().next() {
            return Err(problem);
        }
        if let Some(problem) = self.alike_of_edit(&before, &patch).await? {
            return Err(problem);
        }
        if let Some(Some(reference)) = &patch.supabase_project_ref
            && before.supabase_project_ref.as_ref() != Some(reference)
        {
            self.assert_nobody_elses(customer, reference).await?;
        }
        let facts = serde_json::to_value(&patch).unwrap_or_default();
        self.store
            .edit_customer(customer, patch, self.audit(action, facts))
            .await
    }

    /// See the table of commands.
    pub async fn customer_check(
        &self,
        name: String,
        subdomain: String,
        except: Option<CustomerId>,
    ) -> Result<Vec<Problem>, Problem> {
        let (name, subdomain) = (name.trim(), subdomain.trim());
        let mut problems = Vec::new();
        problems.extend(check_name(name).err());
        match check_subdomain(subdomain) {
            Err(problem) => problems.push(problem),
            Ok(()) => {
                if let Some(owner) = self.store.subdomain_owner(subdomain).await?
                    && Some(owner.id) != except
                {
                    problems.push(
                        Cause::SubdomainTaken {
                            subdomain: subdomain.to_owned(),
                            customer: owner.name,
                        }
                        .into(),
                    );
                }
            }
        }
        let slug = slug_of(name);
        if !slug.is_empty()
            && except.is_none()
            && let Ok(owner) = self.store.find_customer(&slug).await
            && owner.slug == slug
        {
            problems.push(
                Cause::SlugTaken {
                    slug,
                    customer: owner.name,
                }
                .into(),
            );
        }
        Ok(problems)
    }

    /// See the table of commands.
    pub async fn subdomain_suggest(&self, name: String) -> Result<String, Problem> {
        let base = slug_of(name.trim());
        if base.is_empty() {
            return Ok(base);
        }
        let mut candidate = base.clone();
        let mut number = 2;
        while check_subdomain(&candidate).is_err()
            || self.store.subdomain_owner(&candidate).await?.is_some()
        {
            candidate = format!("{base}-{number}");
            number += 1;
        }
        Ok(candidate)
    }
}

fn modules(customer: &Customer) -> BTreeSet<&str> {
    customer.modules.iter().map(String::as_str).collect()
}

fn facts(facts: &serde_json::Value) -> BTreeMap<String, String> {
    let Some(fields) = facts.as_object() else {
        return BTreeMap::new();
    };
    fields
        .iter()
        .map(|(name, value)| {
            (
                name.clone(),
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), ToOwned::to_owned),
            )
        })
        .collect()
}

fn trimmed(mut new: NewCustomer) -> NewCustomer {
    for text in [
        &mut new.name,
        &mut new.subdomain,
        &mut new.contact_email,
        &mut new.plan,
        &mut new.blueprint,
    ] {
        *text = text.trim().to_owned();
    }
    for text in [
        &mut new.contact_name,
        &mut new.external_id,
        &mut new.production_url,
        &mut new.github_repo_url,
        &mut new.supabase_project_ref,
    ] {
        *text = text
            .take()
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty());
    }
    new
}

#[cfg(test)]
mod tests {
    use fabrik_domain::{
        id::ResourceId,
        provider::Provider,
        resource::{Origin, Resource, ResourceKind, ResourceState},
        run::RunState,
    };
    use fabrik_store::JournalEntry;

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn a_subdomain_stays_for_as_long_as_something_is_named_by_it() {
        let (_folder, app) = testing::app().await;
        let lease = testing::run(&app, "me", BTreeMap::new()).await;
        let customer = app.store.run(lease.run).await.unwrap().customer;
        let edit = async |subdomain: &str| {
            let patch = CustomerPatch {
                subdomain: Some(subdomain.to_owned()),
                ..CustomerPatch::default()
            };
            let told = app.faults_of_edit(customer, &patch).await.unwrap();
            let done = app.customer_edit(customer, patch).await.map(drop);
            assert_eq!(done.is_err(), !told.is_empty(), "all at once, or the first");
            done
        };
        let kept = || {
            let subdomain = "akermark".to_owned();
            Err(Problem::from(Cause::SubdomainInUse { subdomain }))
        };
        assert_eq!(edit("annat").await, kept(), "a run is about to name by it");
        assert_eq!(edit("akermark").await, Ok(()), "the one that it has");
        let resource = |kind, state| Resource {
            key: ResourceId::new(),
            customer,
            run: lease.run,
            step: "it".to_owned(),
            provider: Provider::GitHub,
            kind,
            id: "it".to_owned(),
            name: "it".to_owned(),
            url: None,
            content_hash: None,
            origin: Origin::Created,
            state,
            at: app.clock.now(),
        };
        let mut made = resource(ResourceKind::Repository, ResourceState::Live);
        let mail = resource(ResourceKind::Mail, ResourceState::Live);
        let journal = async |resources: Vec<Resource>| {
            let entry = JournalEntry {
                resources,
                ..JournalEntry::default()
            };
            app.store.journal(&lease, entry).await.unwrap();
        };
        journal(vec![made.clone(), mail]).await;
        testing::put(&app, &lease, RunState::Failed).await;
        assert_eq!(edit("annat").await, kept(), "the repository is");
        made.state = ResourceState::Leftover;
        journal(vec![made.clone()]).await;
        assert_eq!(edit("annat").await, kept(), "it could not be removed");
        made.state = ResourceState::Removed;
        journal(vec![made]).await;
        app.store.release_lease(&lease).await.unwrap();
        assert_eq!(edit("annat").await, Ok(()), "a mail that was sent isn't");
        // Somebody else may have the old one by now.
        let refused = app.resume(lease.run).await.unwrap_err();
        let renamed = Cause::SubdomainChanged {
            before: "akermark".to_owned(),
            subdomain: "annat".to_owned(),
        };
        assert_eq!(*refused.cause, renamed);
        let held = app.store.lease(lease.run).await.unwrap();
        assert_eq!(held, None, "and nobody has it");
        let shown = async || app.run_get(lease.run).await.unwrap().renamed;
        assert_eq!(shown().await, Some(Problem::from(renamed)), "and why");
        let reported = app.report(lease.run).await.unwrap().run.renamed;
        assert_eq!(shown().await, reported, "scripts are told the same");
        assert_eq!(edit("akermark").await, Ok(()));
        assert_eq!(shown().await, None);
        app.resume(lease.run).await.unwrap();
    }

    #[tokio::test]
    async fn a_change_of_nothing_is_not_told_of() {
        let (_folder, app) = testing::app().await;
        let customer = app.customer_add(testing::new_customer()).await.unwrap();
        let log = async || app.store.audit_log(Some(customer.id), 0).await.unwrap();
        let before = log().await;
        let nothing = app.customer_edit(customer.id, CustomerPatch::default());
        assert_eq!(nothing.await, Ok(customer.clone()), "not its time either");
        assert_eq!(log().await.len(), before.len());
    }
}
