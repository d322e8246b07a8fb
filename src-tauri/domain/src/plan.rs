//! What a run would do, and what a removal would: the plans that precede them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    blueprint::{MonthlyPrice, StepKind},
    customer::Customer,
    problem::{Cause, Problem},
    provider::Provider,
    resource::Resource,
};

/// What a run would do about a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Make it.
    Create,
    /// Take what is there and ours.
    Adopt,
    /// Nothing.
    Skip,
    /// Can't: something that isn't ours is in the way.
    Conflict,
    /// Can't: see `because`.
    Blocked,
}

/// A step of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PlannedStep {
    /// The blueprint's short name of the step.
    pub id: String,
    /// Its kind.
    pub kind: StepKind,
    /// The vendor; none for Fabrik's own steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub provider: Option<Provider>,
    /// What would be done.
    pub action: Action,
    /// The name of what would be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
    /// Why it can't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub because: Option<Problem>,
    /// How long it usually takes, in seconds.
    pub expected_seconds: f64,
}

/// What a removal would do about a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// Taken away by a call of its own.
    Removed,
    /// Goes with what it lies in.
    Covered {
        /// The name of what it lies in.
        by: String,
    },
    /// Stays, since no run of ours made it.
    Adopted,
    /// Stays, since it can't be taken back (a mail).
    Sent,
    /// Stays where it lies, since that stays too (a deployment of a project that all customers share).
    Stays,
}

/// A resource in the plan of a removal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlannedRemoval {
    /// What.
    pub resource: Resource,
    /// What becomes of it.
    #[serde(flatten)]
    pub fate: Fate,
}

/// The plan of a removal, in the order in which it would go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct RemovalPlan {
    /// Whose.
    pub customer: Customer,
    /// What goes and what stays.
    pub resources: Vec<PlannedRemoval>,
    /// Settings that name what all customers share; it is never touched.
    pub shared: Vec<String>,
}

/// How the vendors' limits let runs go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Allowance {
    /// Whose limit is the tightest.
    pub provider: Provider,
    /// How many runs an hour the documented limits allow.
    pub per_hour: u32,
    /// When the last of them could be done. RFC 3339, UTC.
    #[ts(type = "string")]
    pub done_at: Timestamp,
}

/// A dry run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Plan {
    /// Whose.
    pub customer: Customer,
    /// A run would begin.
    pub can_run: bool,
    /// The steps, in the blueprint's order.
    pub steps: Vec<PlannedStep>,
    /// Everything that stands in the way, all at once.
    pub missing: Vec<Problem>,
    /// The longest chain of steps, in seconds.
    pub expected_seconds: f64,
    /// How long the vendors' limits make it take, where they limit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub limits: Option<Allowance>,
    /// What the vendors will ask a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub monthly_price: Option<MonthlyPrice>,
    /// What they ask until then, where the instance stands and was provisioned in another plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub price_before: Option<MonthlyPrice>,
}

impl Plan {
    /// What stands in the way first: none where a run would begin. A vendor that can't be asked now for its limits is no
    /// refusal: the run waits, and asks by itself.
    pub fn refusal(&self) -> Option<&Problem> {
        let refuses = |problem: &&Problem| !matches!(*problem.cause, Cause::Throttled { .. });
        self.missing.iter().find(refuses)
    }

    /// Says whether a run would begin, by what stands in the way. Of one that would not, nothing is told of when it is
    /// done.
    pub fn judge(&mut self) {
        self.can_run = self.refusal().is_none();
        if !self.can_run {
            self.limits = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::NewCustomer;

    #[test]
    fn what_only_waits_refuses_nothing_and_hides_no_refusal() {
        let at = Timestamp::UNIX_EPOCH;
        let mut plan = Plan {
            customer: Customer::made(NewCustomer::default(), "akermark".to_owned(), at),
            can_run: true,
            steps: Vec::new(),
            missing: Vec::new(),
            expected_seconds: 0.0,
            limits: None,
            monthly_price: None,
            price_before: None,
        };
        assert_eq!(plan.refusal(), None);
        plan.missing.push(Cause::Throttled { until: at }.into());
        assert_eq!(plan.refusal(), None, "a limit is waited for");
        plan.missing.push(Cause::CredentialMissing.into());
        let refusal = Problem::from(Cause::CredentialMissing);
        assert_eq!(plan.refusal(), Some(&refusal), "told after the limit");
    }

    #[test]
    fn only_of_a_run_that_would_begin_the_limits_tell_an_end() {
        let at = Timestamp::UNIX_EPOCH;
        let limits = Allowance {
            provider: Provider::GitHub,
            per_hour: 500,
            done_at: at,
        };
        let mut plan = Plan {
            customer: Customer::made(NewCustomer::default(), "akermark".to_owned(), at),
            can_run: false,
            steps: Vec::new(),
            missing: Vec::new(),
            expected_seconds: 0.0,
            limits: Some(limits.clone()),
            monthly_price: None,
            price_before: None,
        };
        plan.judge();
        assert_eq!((plan.can_run, &plan.limits), (true, &Some(limits)));
        plan.missing.push(Cause::CredentialMissing.into());
        plan.judge();
        assert_eq!((plan.can_run, &plan.limits), (false, &None));
    }
}
