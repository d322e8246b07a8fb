//! What another plan changes of an instance that stands: what its project is billed for beside its plan.

use fabrik_domain::{
    customer::Customer,
    resource::{ResourceKind, ResourceState},
};
use serde_json::Value;

use super::{Surroundings, World};

/// What a Supabase project is billed for beside its plan.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Billed {
    size: Value,
    recovery: Value,
}

/// An instance that was provisioned whole in another plan than its customer has now.
pub(super) struct Standing {
    /// Its project's ref.
    project: String,
    before: Billed,
    /// As a new customer's instance in the plan of now: the neighbour's.
    planned: Billed,
}

impl Standing {
    pub(super) async fn of(world: &World, customer: &Customer) -> Self {
        let rows = world.rows(customer).await;
        let mut projects = rows.into_iter().filter(|row| {
            row.kind == ResourceKind::SupabaseProject && row.state == ResourceState::Live
        });
        let project = projects.next().unwrap().id;
        let neighbour = world.neighbours.first().unwrap();
        let (before, planned) = (world.billed(&project), world.billed(neighbour));
        assert_ne!(before, planned, "the plans differ in what is billed");
        Self {
            project,
            before,
            planned,
        }
    }
}

impl World {
    fn billed(&self, project: &str) -> Billed {
        let documents = self.cloud.documents();
        let document = |kind: &str| {
            let key = ("supabase".to_owned(), kind.to_owned(), project.to_owned());
            documents.get(&key)
        };
        Billed {
            size: document("project").map_or(Value::Null, |project| project["size"].clone()),
            recovery: document("recovery").map_or(Value::Null, |recovery| Value::clone(recovery)),
        }
    }
}

impl Surroundings {
    /// An instance that stood has by now what the customer's plan says.
    pub(super) fn assert_as_planned(&self, world: &World, when: &str) {
        if let Some(standing) = &self.standing {
            let now = world.billed(&standing.project);
            assert_eq!(now, standing.planned, "{when}: as its plan says");
        }
    }

    /// It has what it had in the plan before. Recovery that was turned off is not turned on again: what it could have gone
    /// back to is lost.
    pub(super) fn assert_given_back(&self, world: &World, when: &str) {
        if let Some(Standing {
            project,
            before,
            planned,
        }) = &self.standing
        {
            let now = world.billed(project);
            assert_eq!(now.size, before.size, "{when}: the size before");
            let is_off = now.recovery.is_null() && planned.recovery.is_null();
            assert!(
                is_off || now.recovery == before.recovery,
                "{when}: {before:?} is given back, not {now:?}"
            );
        }
    }
}
