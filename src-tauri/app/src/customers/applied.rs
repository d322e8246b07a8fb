//! What runs have left in a customer's instance.

use fabrik_domain::{
    Problem,
    blueprint::MonthlyPrice,
    customer::{Customer, CustomerStatus},
    run::{Purpose, Run, RunState, Snapshot},
};
use fabrik_store::RunQuery;

use super::RECENT;
use crate::App;

impl App {
    /// The runs that the customer's instance, where it stands, has something of, with what they began with: the last that
    /// succeeded, and those after it that ended short of that. The newest first, as `runs` are.
    pub(super) async fn applied<'a>(
        &self,
        customer: &Customer,
        runs: &'a [Run],
    ) -> Result<Vec<(&'a Run, Snapshot)>, Problem> {
        let mut applied = Vec::new();
        if customer.status != CustomerStatus::Active {
            return Ok(applied);
        }
        for run in runs {
            if run.purpose != Purpose::Provision {
                continue;
            }
            if self.has_applied(run).await? {
                applied.push((run, self.store.snapshot(run.id).await?));
            }
            if run.state == RunState::Succeeded {
                break;
            }
        }
        Ok(applied)
    }

    /// Whether a run has ended, and left something in the instance.
    async fn has_applied(&self, run: &Run) -> Result<bool, Problem> {
        match run.state {
            RunState::Succeeded | RunState::Leftovers => Ok(true),
            // If it came to anything. In an instance that stands a rollback, too, leaves what it can't put back: variables,
            // the settings of signing in, a choice that an earlier run had changed before.
            RunState::Failed | RunState::Cancelled | RunState::RolledBack => {
                let steps = self.store.steps(run.id).await?;
                Ok(steps.iter().any(|step| step.attempts > 0))
            }
            RunState::Queued
            | RunState::Running
            | RunState::Waiting
            | RunState::Undoing
            | RunState::Interrupted => Ok(false),
        }
    }

    /// What the vendors ask a month as the instance stands, where the run that begins with `next` brings another plan.
    pub(crate) async fn price_before(
        &self,
        next: &Snapshot,
    ) -> Result<Option<MonthlyPrice>, Problem> {
        if next.customer.status != CustomerStatus::Active {
            return Ok(None);
        }
        let query = RunQuery {
            customer: Some(next.customer.id),
            limit: RECENT,
            ..RunQuery::default()
        };
        let runs = self.store.runs(query).await?;
        let applied = self.applied(&next.customer, &runs).await?;
        let mut others = applied.iter();
        // What is billed apart was put back, as far as it was the first to change it.
        let before = others.find(|(run, before)| {
            run.state != RunState::RolledBack && before.customer.plan != next.customer.plan
        });
        Ok(before.and_then(|(_, before)| {
            let plan = before.blueprint.plan(&before.customer.plan)?;
            plan.monthly_price.clone()
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use fabrik_domain::{
        blueprint::StepKind, customer::CustomerPatch, id::CustomerId, run::StepRecord,
    };

    use super::*;
    use crate::testing;

    const BEFORE: &str = "starter";
    const OTHER: &str = "enterprise";

    /// A workspace with a customer whose instance a run has made.
    async fn app_with_instance() -> (tempfile::TempDir, App, CustomerId) {
        let (folder, app) = testing::app().await;
        let lease = testing::run(&app, "me", BTreeMap::new()).await;
        testing::put(&app, &lease, RunState::Succeeded).await;
        let customer = app.store.run(lease.run).await.unwrap().customer;
        let patch = CustomerPatch {
            status: Some(CustomerStatus::Active),
            ..CustomerPatch::default()
        };
        app.customer_edit(customer, patch).await.unwrap();
        (folder, app, customer)
    }

    async fn set_plan(app: &App, customer: CustomerId, plan: &str) {
        let patch = CustomerPatch {
            plan: Some(plan.to_owned()),
            ..CustomerPatch::default()
        };
        app.customer_edit(customer, patch).await.unwrap();
    }

    /// A run that has ended so, after so many calls.
    async fn run(app: &App, customer: CustomerId, state: RunState, attempts: u32) -> Snapshot {
        let customer = app.store.customer(customer).await.unwrap();
        let mut step = StepRecord::new("size".to_owned(), StepKind::ComputeSize, 1);
        step.attempts = attempts;
        let lease = testing::run_of(app, "me", customer, BTreeMap::new(), vec![step]).await;
        testing::put(app, &lease, state).await;
        app.store.snapshot(lease.run).await.unwrap()
    }

    async fn is_changed(app: &App, customer: CustomerId) -> bool {
        app.customer_get(customer).await.unwrap().plan_changed
    }

    #[tokio::test]
    async fn a_plan_that_is_set_back_has_changed_where_a_run_has_left_another() {
        for (state, attempts, expected) in [
            (RunState::Failed, 1, true),
            (RunState::Cancelled, 1, true),
            (RunState::Leftovers, 1, true),
            (RunState::Failed, 0, false),
            (RunState::Cancelled, 0, false),
            (RunState::RolledBack, 1, true),
            (RunState::RolledBack, 0, false),
        ] {
            let told = format!("{state:?} after {attempts}");
            let (_folder, app, customer) = app_with_instance().await;
            assert!(!is_changed(&app, customer).await, "{told}");
            set_plan(&app, customer, OTHER).await;
            let other = run(&app, customer, state, attempts).await;
            assert!(is_changed(&app, customer).await, "{told}: not all is there");
            set_plan(&app, customer, BEFORE).await;
            assert_eq!(is_changed(&app, customer).await, expected, "{told}");

            let back = run(&app, customer, RunState::RolledBack, 1).await;
            assert_eq!(is_changed(&app, customer).await, expected, "{told}");
            let price = app.price_before(&back).await.unwrap();
            let asked = other.blueprint.plan(OTHER).unwrap().monthly_price.clone();
            let is_billed = expected && state != RunState::RolledBack;
            assert_eq!(price, asked.filter(|_| is_billed), "{told}");
            run(&app, customer, RunState::Succeeded, 1).await;
            assert!(!is_changed(&app, customer).await, "{told}: it is back");
        }
    }
}
