//! A step of several calls, one of which is refused: what the calls before it made is told to the letter, and
//! taken back (P3).

use std::collections::BTreeMap;

use fabrik_domain::{
    resource::{ResourceKind, ResourceState},
    run::{OnFailure, RunState},
};
use fabrik_tests::Proof;
use serde_json::{Value, json};

use crate::{
    blueprints::shares_project,
    failures::{calls, rule},
    world::{Past, Seen, Trial, all_cells, simulate, tally},
};

/// How a call is refused for good.
pub(crate) const REFUSED: &str = "status:422";

/// Each call that changes something, and as which of its path it comes.
pub(crate) fn changes(calls: Vec<Seen>) -> Vec<(Seen, usize)> {
    let mut counts = BTreeMap::<_, usize>::new();
    let changes = calls.into_iter().filter(|seen| seen.method != "GET");
    changes
        .map(|seen| {
            let key = (
                seen.provider.clone(),
                seen.method.clone(),
                seen.path.clone(),
            );
            let nth = counts.entry(key).or_default();
            *nth += 1;
            (seen, *nth)
        })
        .collect()
}

/// The mail is refused: the last call that may still bring about a rollback.
pub(crate) fn no_mail() -> Value {
    json!({ "provider": "resend", "method": "POST", "path": "/emails", "do": REFUSED, "every": 1 })
}

/// The last call of a run that may still bring about a rollback is refused. Another plan's run sends no mail: of its
/// changes it is the last that it fails without.
pub(crate) fn late_refusal(blueprint: &'static str, past: Past) -> Value {
    if !past.is_another_plan() {
        return no_mail();
    }
    let changes = changes(calls(blueprint, past));
    let fails = |rule: &Value| {
        simulate(async || {
            let trial = Trial::new(blueprint, past);
            let world = &trial.world;
            world.cloud.faults(json!([rule])).unwrap();
            let run = world.provision(&trial.customer, OnFailure::Keep).await;
            run.state == RunState::Failed
        })
    };
    let last_first = changes.iter().rev();
    let mut refusals = last_first.map(|(seen, nth)| rule(seen, REFUSED, Some(*nth)));
    let last = refusals.find(fails);
    last.unwrap_or_else(|| panic!("{blueprint}, {past:?}: no change is needed"))
}

#[test]
fn a_call_refused_in_the_middle_of_a_step_is_told_and_taken_back() {
    let proof = Proof::of(
        "P3",
        "a call in the middle of a step refused, rolled back or kept",
    );
    for (blueprint, past) in all_cells() {
        let changes = changes(calls(blueprint, past));
        let struck = tally(&changes, |(seen, nth)| {
            let policies = [OnFailure::Rollback, OnFailure::Keep].into_iter();
            let struck = policies.filter(|policy| {
                simulate(async || {
                    let when = format!(
                        "{blueprint}, {past:?}: {} {} number {nth} is refused, {policy:?}",
                        seen.method, seen.path
                    );
                    let trial = Trial::new(blueprint, past);
                    let rules = json!([rule(seen, REFUSED, Some(*nth))]);
                    trial.world.cloud.faults(rules).unwrap();
                    let run = trial.world.provision(&trial.customer, *policy).await;
                    trial.world.cloud.faults(json!([])).unwrap();
                    if run.state == RunState::Failed {
                        trial.assert_told(&when).await;
                        trial.assert_parts_told(&when).await;
                    }
                    trial.to_the_end(&run, &when).await;
                    trial.world.was_struck(REFUSED)
                })
            });
            struck.count()
        });
        assert!(struck > 0, "{blueprint}, {past:?}: calls are refused");
        proof.held(struck);
    }
}

impl Trial {
    /// Users, applied files and variables are there exactly where a row says so.
    pub(crate) async fn assert_parts_told(&self, when: &str) {
        let rows = self.world.rows(&self.customer).await;
        let live = |kind: ResourceKind| {
            let mut rows = rows.iter();
            rows.any(|row| row.kind == kind && row.state == ResourceState::Live)
        };
        let databases = self.world.cloud.databases();
        let projects = rows
            .iter()
            .filter(|row| row.kind == ResourceKind::SupabaseProject && !row.id.is_empty());
        for project in projects {
            let has = |table: &str| {
                let rows = databases[&project.id][table].as_array();
                rows.is_some_and(|rows| !rows.is_empty())
            };
            assert_eq!(
                has("auth.users"),
                live(ResourceKind::AuthUser),
                "{when}: the user"
            );
            assert_eq!(
                has("fabrik.applied_files"),
                live(ResourceKind::DatabaseSchema),
                "{when}: the schema"
            );
        }
        let mut variables = 0;
        let documents = self.world.cloud.documents();
        let projects = documents
            .iter()
            .filter(|((provider, kind, _), _)| provider == "vercel" && kind == "project");
        for (_, project) in projects {
            let ours = rows.iter().any(|row| project["id"] == row.id.as_str());
            let slug = self.customer.slug.as_str();
            let all = project["variables"].as_array().cloned().unwrap_or_default();
            let written = |one: &&Value| {
                let key = one["key"].as_str().unwrap_or_default();
                // In a project of its own all but the mark, in the shared one those of its name.
                (ours && !shares_project(&self.customer.blueprint) && key != "FABRIK_MARK")
                    || key.to_lowercase().ends_with(&format!("_{slug}"))
            };
            variables += all.iter().filter(written).count();
        }
        assert_eq!(
            variables > 0,
            live(ResourceKind::VercelEnvironment),
            "{when}: {variables} variables"
        );
    }
}
