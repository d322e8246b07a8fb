//! What stands in a place that an earlier run of the customer's has used already, and so has the same id: variables,
//! a domain, workflows, their copy. Made there after what was there before was let go of, or added to it by a blueprint
//! that was edited; killed at every point, then rolled back or kept, then removed: nothing is left (P1).

use fabrik_domain::{
    blueprint::{Blueprint, StepKind},
    id::RunId,
    resource::{Origin, ResourceKind, ResourceState},
    run::{OnFailure, RunState},
};
use fabrik_tests::Proof;
use serde_json::json;

use crate::{
    blueprints::blueprint,
    extent::one_in,
    world::{Image, Past, Trial, World, each, simulate},
};

/// Those that together have every such place: the customer's own, and one that all share.
const BLUEPRINTS: [&str; 3] = ["client-stack", "orchestra", "shared"];

/// What the places have seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Earlier {
    /// A removal could not take it away, so the owner did, and let go of it.
    LetGo,
    /// It stands. The blueprint has another subdomain in its names by now, and another workflow, and parts were deleted.
    Edited,
}

/// What becomes of a run that was killed, before the instance is removed.
#[derive(Clone, Copy, Debug)]
enum Then {
    RolledBack,
    Kept,
}

impl Earlier {
    async fn begin(self, name: &'static str) -> Trial {
        let trial = Trial::new(name, Past::Nothing);
        let (world, customer) = (&trial.world, &trial.customer);
        let run = world.provision(customer, OnFailure::Keep).await;
        assert_eq!(run.state, RunState::Succeeded, "{name}: {:?}", run.error);
        match self {
            Self::LetGo => {
                let refused = |provider: &str, path: &str| json!({ "provider": provider, "method": "DELETE", "path": path, "every": 1, "do": "status:403" });
                let rules = json!([
                    refused("n8n", "**/workflows/*"),
                    refused("n8n", "**/credentials/*"),
                    refused("vercel", "**/env/*"),
                    refused("vercel", "**/domains/*"),
                ]);
                world.cloud.faults(rules).unwrap();
                let removal = world.deprovision(customer).await;
                assert_eq!(removal.state, RunState::Leftovers, "{name}");
                world.cloud.faults(json!([])).unwrap();
                world.let_go_by_hand(&removal).await;
            }
            Self::Edited => world.delete_parts(customer).await,
        }
        trial
    }

    fn blueprint(self, name: &str) -> Blueprint {
        let mut blueprint = blueprint(name);
        if self == Self::Edited {
            for step in &mut blueprint.steps {
                let with = serde_json::to_string(&step.with).unwrap();
                let renamed = with.replace("customer.subdomain", "'nork'");
                step.with = serde_json::from_str(&renamed).unwrap();
                if step.kind != StepKind::N8nWorkflows {
                    continue;
                }
                let files = step.with["workflows"].as_array_mut().unwrap();
                let last = files.last().unwrap().as_str().unwrap();
                let text = blueprint.files[last].clone();
                let more = "workflows/more.json";
                blueprint.files.insert(more.to_owned(), text);
                files.push(more.into());
            }
        }
        blueprint
    }

    /// The run, and what it leaves where it is killed, at one of so many points.
    async fn killed(self, name: &'static str, step: usize) -> (RunId, Vec<(usize, Image)>) {
        let trial = self.begin(name).await;
        let world = &trial.world;
        let plan = self.blueprint(name);
        let begun = world.begin_with("first", &trial.customer, plan, OnFailure::Keep);
        let (begun, lease) = begun.await.unwrap();
        let mut at = Vec::new();
        let mut place: usize = 0;
        let passed = |point| {
            if place.is_multiple_of(step) {
                at.push((point, Image::of(&trial)));
            }
            place += 1;
        };
        let run = world.drive_through("first", lease, passed).await;
        let when = format!("{name}, {self:?}");
        assert_eq!(run.state, RunState::Succeeded, "{when}: {:?}", run.error);
        at.push((usize::MAX, Image::of(&trial)));
        (begun.id, at)
    }
}

impl Trial {
    async fn ends(&self, run: RunId, then: Then) {
        let world = &self.world;
        match then {
            Then::RolledBack => {
                if let Ok(lease) = world.taken_on(run, "last", "first", true).await {
                    let run = world.roll_back("last", lease).await;
                    assert_eq!(run.state, RunState::RolledBack, "{:?}", run.error);
                }
            }
            Then::Kept => {
                if let Ok(lease) = world.taken_on(run, "last", "first", false).await {
                    world.call_off(run).await;
                    let run = world.drive("last", lease).await.unwrap();
                    // Of one that was killed once all was made nothing is left to call off.
                    let ended = [RunState::Cancelled, RunState::Succeeded];
                    assert!(ended.contains(&run.state), "{run:#?}");
                }
            }
        }
    }

    /// Whether anything is left by the records for a removal to take away.
    async fn has_something(&self) -> bool {
        let rows = self.world.rows(&self.customer).await;
        rows.iter().any(|row| {
            row.origin == Origin::Created
                && row.kind != ResourceKind::Mail
                && matches!(
                    row.state,
                    ResourceState::Intended | ResourceState::Live | ResourceState::Leftover
                )
        })
    }
}

fn nothing_is_left(earlier: Earlier, step: usize) {
    let proof = Proof::of("P1", "killed in a place that was used before, then removed");
    for name in BLUEPRINTS {
        let (run, killed) = simulate(async || earlier.killed(name, step).await);
        each(&killed, |(point, image)| {
            for then in [Then::RolledBack, Then::Kept] {
                simulate(async || {
                    let when =
                        format!("{name}, {earlier:?}, killed at point {point}, then {then:?}");
                    let trial = image.begin(0);
                    trial.ends(run, then).await;
                    if trial.has_something().await {
                        let removal = trial.world.deprovision(&trial.customer).await;
                        trial.assert_removed(&removal, &when).await;
                    } else {
                        trial.assert_nothing_left(&when).await;
                    }
                });
                proof.held(1);
            }
        });
    }
}

#[test]
fn nothing_is_left_of_what_was_made_where_something_was_let_go_of() {
    nothing_is_left(Earlier::LetGo, one_in(7));
}

#[test]
fn nothing_is_left_of_what_was_added_to_an_instance() {
    nothing_is_left(Earlier::Edited, one_in(7));
}

impl World {
    /// The owner calls a run off, and keeps what it made.
    async fn call_off(&self, run: RunId) {
        let asked = self.store.request_cancel(run, true, Self::audit());
        asked.await.unwrap();
    }
}
