//! What another plan changes of an instance that stands: what its project is billed for beside its plan.

use fabrik_domain::{
    customer::Customer,
    resource::{Resource, ResourceKind, ResourceState},
    run::Run,
};

use super::{Surroundings, Trial, World};

/// What a Supabase project is billed for beside its plan.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Billed {
    size: Option<String>,
    recovery: Option<String>,
}

/// An instance that was provisioned whole in another plan than its customer has now.
pub(super) struct Standing {
    /// Its project's ref.
    project: String,
    before: Billed,
    /// The same by the records, which say nothing of the smallest size where a project was made with it.
    told: Billed,
    /// As a new customer's instance in the plan of now: the neighbour's.
    planned: Billed,
    /// An earlier run had changed it already.
    is_changed: bool,
}

/// What runs have chosen for a project, by the newest row of each kind that stands.
fn told(rows: &[Resource], project: &str) -> Billed {
    let of = |kind: ResourceKind| {
        let mut newest_first = rows.iter().rev();
        let row = newest_first
            .find(|row| row.kind == kind && row.id == project && row.is_standing_choice());
        row?.content_hash.clone()
    };
    Billed {
        size: of(ResourceKind::ComputeSize),
        recovery: of(ResourceKind::PointInTimeRecovery),
    }
}

impl Standing {
    pub(super) async fn of(world: &World, customer: &Customer, is_changed: bool) -> Self {
        let rows = world.rows(customer).await;
        let mut projects = rows.iter().filter(|row| {
            row.kind == ResourceKind::SupabaseProject && row.state == ResourceState::Live
        });
        let project = projects.next().unwrap().id.clone();
        let neighbour = world.neighbours.first().unwrap();
        let (before, planned) = (world.billed(&project), world.billed(neighbour));
        assert_ne!(before, planned, "the plans differ in what is billed");
        let told = told(&rows, &project);
        let size = told.size.clone().or_else(|| before.size.clone());
        let recovery = told.recovery.clone();
        let there = Billed { size, recovery };
        assert_eq!(there, before, "the records say what there is");
        Self {
            project,
            before,
            told,
            planned,
            is_changed,
        }
    }

    /// Whether what a run has chosen is there after its undo. Where it `may` be, no undo takes it back; elsewhere each does.
    fn is_left(
        &self,
        kind: ResourceKind,
        may: bool,
        run: &Run,
        rows: &[Resource],
        when: &str,
    ) -> bool {
        let mut rows = rows.iter();
        let own = rows.find(|row| row.run == run.id && row.kind == kind && row.id == self.project);
        if let Some(row) = own {
            let what = if may { "stays" } else { "is given back" };
            assert_eq!(row.is_standing_choice(), may, "{when}: it {what}: {row:?}");
        }
        own.is_some() && may
    }
}

impl World {
    fn billed(&self, project: &str) -> Billed {
        let documents = self.cloud.documents();
        let document = |kind: &str| {
            let key = ("supabase".to_owned(), kind.to_owned(), project.to_owned());
            documents.get(&key)
        };
        let size = document("project").and_then(|project| project["size"].as_str());
        let recovery = document("recovery").and_then(|recovery| recovery.as_str());
        Billed {
            size: size.map(str::to_owned),
            recovery: recovery.map(str::to_owned),
        }
    }
}

impl Surroundings {
    /// An instance that stood has by now what the customer's plan says, and the records say so.
    pub(super) fn assert_as_planned(&self, world: &World, rows: &[Resource], when: &str) {
        if let Some(standing) = &self.standing {
            let now = world.billed(&standing.project);
            assert_eq!(now, standing.planned, "{when}: as its plan says");
            let told = told(rows, &standing.project);
            assert_eq!(told, now, "{when}: the records say what there is");
        }
    }

    /// It has what it had in the plan before, but for what an earlier run had changed already: that stays as it is by then.
    /// Recovery that was turned off is not turned on again: what it could have gone back to is lost. The records say what
    /// there is. Of recovery that was turned off they say it once the run has come to the step that writes it down; until
    /// then, what there was before.
    pub(super) fn assert_given_back(
        &self,
        world: &World,
        run: &Run,
        rows: &[Resource],
        when: &str,
    ) {
        let Some(standing) = &self.standing else {
            return;
        };
        let Standing {
            project,
            before,
            told: told_before,
            planned,
            is_changed,
        } = standing;
        let turns_off = planned.recovery.is_none();
        let left = |kind, may| standing.is_left(kind, may, run, rows, when);
        let size_is_left = left(ResourceKind::ComputeSize, *is_changed);
        let recovery_is_left = left(ResourceKind::PointInTimeRecovery, *is_changed || turns_off);
        let unless_left = |was: &Billed| {
            let size = if size_is_left { planned } else { was };
            let recovery = if recovery_is_left { planned } else { was };
            Billed {
                size: size.size.clone(),
                recovery: recovery.recovery.clone(),
            }
        };
        let now = world.billed(project);
        let mut wanted = unless_left(before);
        if turns_off && now.recovery.is_none() {
            wanted.recovery = None;
        }
        assert_eq!(now, wanted, "{when}: of {before:?} and {planned:?}");
        let told = told(rows, project);
        assert_eq!(told, unless_left(told_before), "{when}: by the records");
    }
}

impl Trial {
    /// Whether an instance that stood has the size of the customer's plan, and not the one that it had before.
    pub(crate) fn has_planned_size(&self) -> bool {
        let standing = self.before.standing.as_ref().unwrap();
        let now = self.world.billed(&standing.project);
        assert_ne!(standing.before.size, standing.planned.size);
        now.size == standing.planned.size
    }
}
