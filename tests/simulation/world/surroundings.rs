//! What is there before every trial and has to be there after it, byte by byte: a neighbour's whole instance,
//! whose parts somebody renamed; look-alikes that somebody else made; what all customers share; and, in half of
//! the trials, what an earlier run of the same customer's made and kept, renamed too, or a whole instance of it in
//! another plan.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use fabrik_domain::{
    customer::{Customer, CustomerPatch, NewCustomer},
    provider::Provider,
    resource::{Origin, ResourceKind, ResourceState},
    run::{OnFailure, Run, RunState},
};
use fabrik_sandbox::DocumentKey;
use serde_json::{Value, json};

use super::{Past, World, checks::workflows, parts::Parts, standing::Standing, vendors::variables};
use crate::blueprints::{prefix, shares_project};

/// The vendors as they were.
pub(crate) struct Surroundings {
    documents: BTreeMap<DocumentKey, Arc<Value>>,
    databases: Value,
    /// What costs something: kind and id.
    pub(crate) census: BTreeSet<(String, String)>,
    /// What lies within that.
    pub(super) parts: Parts,
    /// Parents that the trial may change things in: what the customer had before, and what all share.
    parents: BTreeSet<String>,
    /// Those among them that are the customer's.
    own: BTreeSet<String>,
    /// What it has in another plan, where it has an instance.
    pub(super) standing: Option<Standing>,
    /// What the vault has of earlier runs.
    pub(super) kept: BTreeSet<String>,
}

/// A customer of this slug, with everything around it.
pub(crate) async fn surround(
    world: &mut World,
    blueprint: &str,
    past: Past,
) -> (Customer, Surroundings) {
    let shared = look_alikes(world, blueprint);
    world
        .settings
        .insert("vercel.project".to_owned(), shared.clone());
    let plans = past.plans(blueprint);
    let now = plans.last().unwrap().clone();
    let neighbour = customer_in(world, blueprint, "akermark-2", now).await;
    let run = world.provision(&neighbour, OnFailure::Keep).await;
    assert_eq!(
        run.state,
        RunState::Succeeded,
        "the neighbour's: {:?}, after {:#?}",
        run.error,
        world.refusals()
    );
    let rows = world.rows(&neighbour).await;
    for row in &rows {
        // As alike as the vendor allows.
        let name = match row.kind {
            ResourceKind::SupabaseProject => {
                world.neighbours.push(row.id.clone());
                "akermark-ny"
            }
            ResourceKind::Repository | ResourceKind::VercelProject => "akermark-ny",
            _ => continue,
        };
        rename(
            world,
            row.provider,
            &row.id,
            &format!("{}{name}", prefix(blueprint)),
        );
    }
    let mut customer = customer_in(world, blueprint, "akermark", plans[0].clone()).await;
    let mut own = BTreeSet::new();
    let mut standing = None;
    if past == Past::Kept {
        own = earlier(world, &customer).await;
    } else if past.is_another_plan() {
        for next in &plans[1..] {
            own.extend(whole(world, &customer).await);
            customer = in_plan(world, &customer, next).await;
        }
        let had = Standing::of(world, &customer, past.is_changed_before()).await;
        standing = Some(had);
        // A database is away while its instance changes.
        let resize = json!({ "base": "none", "supabase": { "ready": 8.0 } });
        world.cloud.latency(resize).unwrap();
    }
    narrow(world);
    let mut parents = own.clone();
    if shares_project(blueprint) {
        parents.extend([shared, shared_repository(world)]);
    }
    let surroundings = Surroundings {
        documents: world.cloud.documents(),
        databases: world.cloud.databases(),
        census: world.census(),
        parts: world.parts(),
        parents,
        own,
        standing,
        kept: world.vault.names().into_iter().collect(),
    };
    (customer, surroundings)
}

async fn customer_in(world: &World, blueprint: &str, slug: &str, plan: String) -> Customer {
    let new = World::new_customer(blueprint, slug);
    world.add(NewCustomer { plan, ..new }).await
}

/// The customer with another plan, which its next run brings.
async fn in_plan(world: &World, customer: &Customer, plan: &str) -> Customer {
    let patch = CustomerPatch {
        plan: Some(plan.to_owned()),
        ..CustomerPatch::default()
    };
    let edited = world
        .store
        .edit_customer(customer.id, patch, World::audit());
    edited.await.unwrap()
}

/// Things of names like ours that bear no mark, or another customer's. Gives the id of the project that all
/// customers share.
fn look_alikes(world: &World, blueprint: &str) -> String {
    let prefix = prefix(blueprint);
    let other = format!(
        "fabrik:{}:{}",
        world.store.workspace(),
        fabrik_domain::id::CustomerId::new()
    );
    let foreign = |wish: Value| world.cloud.foreign(wish).unwrap();
    foreign(json!({ "provider": "supabase", "name": format!("{prefix}Akermark") }));
    foreign(json!({ "provider": "supabase", "name": format!("{prefix}akermark-1") }));
    foreign(json!({
        "provider": "github", "name": format!("{prefix}akermark-1"), "description": format!("Akermark [{other}]"),
    }));
    foreign(json!({
        "provider": "vercel", "name": format!("{prefix}akermark-1"), "variables": { "FABRIK_MARK": other },
    }));
    foreign(json!({ "provider": "vercel", "name": format!("{prefix}akermark1") }));
    foreign(json!({ "provider": "n8n", "name": "Leads, Kund akermark [fabrik:0000000000/leads]" }));
    foreign(json!({ "provider": "gitea", "name": "client-backups" }));
    let shared = foreign(json!({
        "provider": "vercel", "name": "delat", "repository": world.settings["github.repository"],
        "variables": { "URL": "https://delat.example" },
    }));
    shared["id"].as_str().unwrap().to_owned()
}

fn shared_repository(world: &World) -> String {
    let (_, name) = world.settings["github.repository"].split_once('/').unwrap();
    let state = world.cloud.state();
    let repositories = state["resources"]["github"]["repository"]
        .as_object()
        .unwrap();
    let mut found = repositories.iter().filter(|(_, one)| one["name"] == name);
    found.next().unwrap().0.clone()
}

/// A run of the customer's that was refused in the middle, and kept what was there by then.
async fn earlier(world: &World, customer: &Customer) -> BTreeSet<String> {
    let refused = json!([{
        "provider": "supabase", "method": "PATCH", "path": "/v1/projects/*/config/auth", "every": 1, "do": "status:422",
    }]);
    world.cloud.faults(refused).unwrap();
    let run = world.provision(customer, OnFailure::Keep).await;
    assert_eq!(
        run.state,
        RunState::Failed,
        "the earlier run: {:?}",
        run.error
    );
    world.cloud.faults(json!([])).unwrap();
    let mut own = BTreeSet::new();
    for row in world.rows(customer).await {
        own.extend(workflows(&row).into_iter().map(|(_, id)| id));
        let is_parent = matches!(
            row.kind,
            ResourceKind::SupabaseProject | ResourceKind::Repository | ResourceKind::VercelProject
        );
        if is_parent && row.state == ResourceState::Live {
            rename(world, row.provider, &row.id, "omdopt");
            own.insert(row.id);
        }
    }
    assert!(!own.is_empty(), "the earlier run has made something");
    own
}

/// A run of the customer's that succeeded.
async fn whole(world: &World, customer: &Customer) -> BTreeSet<String> {
    let run = world.provision(customer, OnFailure::Keep).await;
    assert_eq!(
        run.state,
        RunState::Succeeded,
        "the earlier run: {:?}",
        run.error
    );
    let mut own = BTreeSet::new();
    for row in world.rows(customer).await {
        own.extend(workflows(&row).into_iter().map(|(_, id)| id));
        let costs = matches!(
            row.kind,
            ResourceKind::SupabaseProject
                | ResourceKind::Repository
                | ResourceKind::VercelProject
                | ResourceKind::Domain
        );
        if costs {
            own.insert(row.id);
        }
    }
    own
}

fn rename(world: &World, provider: Provider, id: &str, name: &str) {
    let wish = json!({ "provider": provider.key(), "id": id, "name": name });
    world.cloud.rename(wish).unwrap();
}

/// The tokens see one organization and one team, and no more. One of GitHub for chosen repositories makes no new
/// ones.
fn narrow(world: &World) {
    let environment = world.cloud.environment();
    let text = |name: &str| environment[name].as_str().unwrap().to_owned();
    for (provider, only) in [
        (Provider::Supabase, text("FABRIK_SUPABASE_ORGANIZATION")),
        (Provider::Vercel, text("FABRIK_VERCEL_TEAM")),
    ] {
        world.narrow_token(provider, Some(&[only.as_str()]));
    }
}

impl Surroundings {
    /// What costs something and is not the customer's.
    pub(crate) fn foreign(&self) -> BTreeSet<(String, String)> {
        let census = self.census.iter();
        census
            .filter(|(_, id)| !self.own.contains(id))
            .cloned()
            .collect()
    }

    fn lies_in_parent(&self, (_, _, id): &DocumentKey, document: &Value) -> bool {
        let mut parts = id.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let named = parts.any(|part| self.parents.contains(part));
        let mentions = |parent: &String| {
            named
                || ["project", "reference"]
                    .iter()
                    .any(|name| document[name] == parent.as_str())
        };
        self.parents.iter().any(mentions)
    }

    /// Nothing that is somebody else's is any different, to the byte.
    pub(crate) fn assert_untouched(&self, world: &World, when: &str) {
        let now = world.cloud.documents();
        for (key, document) in &self.documents {
            if !self.lies_in_parent(key, document) {
                assert_eq!(
                    now.get(key),
                    Some(document),
                    "{when}: foreign {key:?} is as it was"
                );
            }
        }
        let databases = world.cloud.databases();
        for (project, content) in self.databases.as_object().unwrap() {
            if !self.own.contains(project) {
                assert_eq!(
                    &databases[project], content,
                    "{when}: the database of {project}"
                );
            }
        }
    }

    /// What a run that was undone has changed in things that stay is as it was before.
    pub(crate) async fn assert_restored(&self, world: &World, run: &Run, when: &str) {
        let now = world.cloud.documents();
        for (key, document) in &self.documents {
            if self.lies_in_parent(key, document)
                && let Some(before) = self.content(key, document)
            {
                let after = now.get(key);
                let after = after.and_then(|document| self.content(key, document));
                assert_eq!(after, Some(before), "{when}: {key:?} is put back");
            }
        }
        let databases = world.cloud.databases();
        for project in self.databases.as_object().unwrap().keys() {
            for table in ["auth.users", "public.members", "public.users"] {
                let rows =
                    |all: &Value| all[project][table].as_array().cloned().unwrap_or_default();
                let (now, before) = (rows(&databases), rows(&self.databases));
                assert_eq!(
                    now, before,
                    "{when}: {table} of {project} is as before {}",
                    run.id
                );
            }
        }
        let rows = world.store.resources(run.customer).await.unwrap();
        self.assert_given_back(world, run, &rows, when);
        let taken = rows.iter().find(|row| {
            row.run != run.id
                && row.origin == Origin::Created
                && row.state == ResourceState::Removed
                && !row.never_was()
        });
        assert!(taken.is_none(), "{when}: of an earlier run's: {taken:?}");
    }

    /// What of a parent tells whether it is as it was: not when it was touched, nor the history of a file. A variable
    /// that an earlier run of the customer's wrote is that run's, with what is right for it by now.
    fn content(&self, (_, kind, id): &DocumentKey, document: &Value) -> Option<Value> {
        if kind == "auth_settings" {
            return Some(document.clone());
        }
        if kind != "project" {
            return None;
        }
        let variables = variables(document, !self.own.contains(id));
        Some(
            json!({ "name": document["name"], "domains": document["domains"], "variables": variables }),
        )
    }
}
