//! What a blueprint does that a `factory` does not: by the journal's times of its steps, and the sandbox's of its
//! requests. A `factory` is killed around every request: what it does too is proven there.

use std::collections::BTreeSet;

use fabrik_blueprints::load_built_in;
use fabrik_domain::{
    blueprint::{StepKind, StepSpec},
    provider::Provider,
};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::world::TestApp;

/// A kind of step, and whether it works on what all customers share: such a step goes back on its own, and not with
/// what it lies in.
pub(super) type Work = (StepKind, bool);

/// What a setting names is there for all customers; what a step has made is the customer's.
const SHARED: &str = "settings.";

/// Both sides tell whole milliseconds, or count from some.
const ROUNDED: i64 = 2;

/// Steps that ask the same vendor at the same time may come to it in another order: so many points on either side of a
/// step's own are tried with them.
const NEAR: usize = 2;

/// What a `factory` does, once for all tests.
static OF_FACTORY: OnceCell<BTreeSet<Work>> = OnceCell::const_new();

/// What a blueprint does at a vendor, and a `factory` does not.
pub(super) struct Own {
    /// Whose.
    pub(super) vendor: Provider,
    /// What it is.
    pub(super) works: Vec<Work>,
    /// Of the points that a run passes at this vendor alone, those at which it was under way, or nearly.
    pub(super) points: Vec<usize>,
    /// How many a run passes there.
    pub(super) of: usize,
}

/// A step of a run that had something to do, and when, in milliseconds.
struct Performed {
    work: Work,
    from: i64,
    to: i64,
}

impl Performed {
    fn was_under_way(&self, at: i64) -> bool {
        (self.from - ROUNDED..=self.to.saturating_add(ROUNDED)).contains(&at)
    }

    fn is_at(&self, vendor: Provider) -> bool {
        self.work.0.provider() == Some(vendor)
    }
}

/// What a `factory` does that is set up as in [`points`](super::points): a step that it skips, such as its domain where
/// the agency has none, is not among it.
pub(super) async fn of_factory() -> &'static BTreeSet<Work> {
    let look = || async {
        let app = TestApp::new().await;
        app.add("kund-matt").await;
        let report = provisioned(&app, "kund-matt").await;
        let steps = performed("factory", &report);
        steps
            .into_iter()
            .map(|step| step.work)
            .collect::<BTreeSet<_>>()
    };
    OF_FACTORY.get_or_init(look).await
}

/// What a blueprint does that a `factory` does not, by vendor. Two customers come of it, and stay.
pub(super) async fn own(app: &TestApp, blueprint: &str) -> Vec<Own> {
    // The first of all makes what the others find, such as the repository for copies of workflows.
    app.add_on("kund-forst", blueprint, "enterprise").await;
    provisioned(app, "kund-forst").await;
    app.add_on("kund-matt", blueprint, "enterprise").await;
    let earlier = app.cloud.look("calls").await;
    let earlier = earlier["calls"].as_array().expect("calls").len();
    let report = provisioned(app, "kund-matt").await;
    let log = app.cloud.look("calls").await;
    let begun = millisecond(&log["started_at"]).expect("when it began");
    let calls = &log["calls"].as_array().expect("calls")[earlier..];

    let factory = of_factory().await;
    let mut steps = performed(blueprint, &report);
    // What only another plan changes asks nobody for a new customer.
    steps.retain(|step| !factory.contains(&step.work) && !step.work.0.is_of_standing());
    let vendors: BTreeSet<_> = steps
        .iter()
        .filter_map(|step| step.work.0.provider())
        .collect();
    let mut all = Vec::new();
    for vendor in vendors {
        let steps: Vec<_> = steps.iter().filter(|step| step.is_at(vendor)).collect();
        // A point before a request goes on, and one before its answer comes back.
        let mut times: Vec<i64> = calls
            .iter()
            .filter(|call| call["provider"] == vendor.key())
            .flat_map(|call| [&call["started_ms"], &call["ended_ms"]])
            .map(|since| begun + since.as_i64().expect("milliseconds"))
            .collect();
        times.sort_unstable();
        for step in &steps {
            let asks = times.iter().any(|at| step.was_under_way(*at));
            assert!(asks, "{blueprint}: {:?} asks nothing", step.work);
        }
        let met: Vec<usize> = (1..=times.len())
            .filter(|point| {
                let at = times[point - 1];
                steps.iter().any(|step| step.was_under_way(at))
            })
            .collect();
        let points = (1..=times.len())
            .filter(|point| met.iter().any(|own| own.abs_diff(*point) <= NEAR))
            .collect();
        all.push(Own {
            vendor,
            works: steps.iter().map(|step| step.work).collect(),
            points,
            of: times.len(),
        });
    }
    all
}

/// The steps of a run that had something to do.
fn performed(blueprint: &str, report: &Value) -> Vec<Performed> {
    let blueprint = load_built_in(blueprint).expect("it is built in");
    let steps = report["run"]["steps"].as_array().expect("steps");
    let had_to = steps.iter().filter(|step| step["state"] != "skipped");
    had_to
        .map(|step| {
            let mut specs = blueprint.steps.iter();
            let spec = specs.find(|spec| step["id"] == *spec.id);
            Performed {
                work: work(spec.expect("a step of the blueprint")),
                from: millisecond(&step["started_at"]).expect("it began"),
                // One that waits for something outside has no end yet.
                to: millisecond(&step["finished_at"]).unwrap_or(i64::MAX),
            }
        })
        .collect()
}

fn work(step: &StepSpec) -> Work {
    let works_on = ["project", "repository"].map(|name| step.with.get(name));
    let is_shared = works_on
        .iter()
        .flatten()
        .any(|given| given.as_str().is_some_and(|text| text.contains(SHARED)));
    (step.kind, is_shared)
}

async fn provisioned(app: &TestApp, subdomain: &str) -> Value {
    let provision = ["provision", subdomain, "--json"];
    app.run(&provision).await.exits(0).json()
}

fn millisecond(at: &Value) -> Option<i64> {
    let at: Timestamp = at.as_str()?.parse().ok()?;
    Some(at.as_millisecond())
}
