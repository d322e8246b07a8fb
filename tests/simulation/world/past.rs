//! What a customer's earlier runs have left, in which plans.

use crate::{blueprints::blueprint, extent::share};

/// What the customer's earlier runs have left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Past {
    /// Nothing: there were none.
    Nothing,
    /// One that failed in the middle, and kept what it had made.
    Kept,
    /// One that succeeded, in the plan with the least in it. The plan is raised to the one with the most.
    Raised,
    /// The other way.
    Lowered,
    /// Two that succeeded: the plan was raised between them. It is lowered to what it was at first.
    RaisedThenLowered,
    /// The other way.
    LoweredThenRaised,
}

/// Of a customer who is to have an instance.
pub(crate) const PASTS: [Past; 2] = [Past::Nothing, Past::Kept];

/// Of one whose instance stands, in another plan.
pub(crate) const OTHER_PLANS: [Past; 4] = [
    Past::Lowered,
    Past::Raised,
    Past::RaisedThenLowered,
    Past::LoweredThenRaised,
];

impl Past {
    pub(crate) fn is_another_plan(self) -> bool {
        OTHER_PLANS.contains(&self)
    }

    /// Whether an earlier run had changed what its plan says already: the one under trial is not the first to.
    pub(crate) fn is_changed_before(self) -> bool {
        matches!(self, Self::RaisedThenLowered | Self::LoweredThenRaised)
    }

    /// One in so many points of a run is tried. A run of another plan changes little of what stands: for it, few of them are
    /// enough.
    pub(crate) fn share(self) -> usize {
        if self.is_another_plan() { share() } else { 1 }
    }

    /// The plans that the customer has one after another: of each that is followed by another, a run succeeded.
    pub(super) fn plans(self, name: &str) -> Vec<String> {
        let plans = blueprint(name).plans;
        let most = plans.last().unwrap().name.clone();
        let least = plans.iter().min_by_key(|plan| plan.parameters.len());
        let least = least.unwrap().name.clone();
        match self {
            Self::Nothing | Self::Kept => vec![most],
            Self::Raised => vec![least, most],
            Self::Lowered => vec![most, least],
            Self::RaisedThenLowered => vec![least.clone(), most, least],
            Self::LoweredThenRaised => vec![most.clone(), least, most],
        }
    }
}
