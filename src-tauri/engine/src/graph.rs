//! The order of a blueprint's steps: what may start, and how long the longest chain is.

use std::collections::BTreeMap;

use fabrik_domain::blueprint::StepSpec;

/// The length in seconds of the longest chain of steps, each as long as `seconds` says: the least time
/// that a run can take, since what does not depend on each other runs at the same time.
pub fn longest_chain(steps: &[StepSpec], seconds: impl Fn(&StepSpec) -> f64) -> f64 {
    fn end(
        id: &str,
        steps: &BTreeMap<&str, &StepSpec>,
        seconds: &dyn Fn(&StepSpec) -> f64,
        ends: &mut BTreeMap<String, f64>,
    ) -> f64 {
        if let Some(known) = ends.get(id) {
            return *known;
        }
        let Some(step) = steps.get(id) else {
            return 0.0;
        };
        // Kept before the recursion, so that a cycle (which the loader refuses) ends.
        ends.insert(id.to_owned(), 0.0);
        let start = step
            .needs
            .iter()
            .map(|need| end(need, steps, seconds, ends))
            .fold(0.0, f64::max);
        let value = start + seconds(step);
        ends.insert(id.to_owned(), value);
        value
    }
    let by_id = steps.iter().map(|step| (step.id.as_str(), step)).collect();
    let mut ends = BTreeMap::new();
    steps
        .iter()
        .map(|step| end(&step.id, &by_id, &seconds, &mut ends))
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use fabrik_domain::blueprint::StepKind;

    use super::*;

    #[test]
    fn parallel_steps_do_not_add_up() {
        let step = |id: &str, needs: &[&str]| StepSpec {
            id: id.to_owned(),
            kind: StepKind::SiteCheck,
            with: serde_json::Map::new(),
            needs: needs.iter().map(ToString::to_string).collect(),
        };
        let steps = [
            step("database", &[]),
            step("repository", &[]),
            step("site", &["repository"]),
            step("end", &["database", "site"]),
        ];
        let seconds = |step: &StepSpec| match step.id.as_str() {
            "database" => 45.0,
            "site" => 2.0,
            _ => 1.0,
        };
        assert!(
            (longest_chain(&steps, seconds) - 46.0).abs() < 1e-9,
            "45 s beside 1 s + 2 s, then 1 s"
        );
    }
}
