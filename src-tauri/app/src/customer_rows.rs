//! Customers as rows of the list: the state in one word, a mark per vendor, price and usual time.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    Cause, Problem,
    blueprint::Blueprint,
    customer::{Customer, InstanceState},
    id::CustomerId,
    provider::Provider,
    resource::{Resource, ResourceState},
    run::{Purpose, Run, RunState, StepRecord, StepState},
};

use crate::{
    App,
    timeline::expected_seconds,
    views::{CustomerRow, MarkState, StackMark, StepProgress},
};

impl App {
    /// Customers as rows of the list.
    pub(crate) async fn rows(&self, customers: Vec<Customer>) -> Result<Vec<CustomerRow>, Problem> {
        let ids: Vec<_> = customers.iter().map(|customer| customer.id).collect();
        let (mut runs, live, usual) = tokio::try_join!(
            self.store.last_runs(&ids),
            self.store.live_resources(&ids),
            self.store.usual_seconds(),
        )?;
        let ended: Vec<_> = runs
            .values()
            .filter(|run| run.state == RunState::Succeeded && run.purpose == Purpose::Provision)
            .map(|run| run.id)
            .collect();
        // One that is done may have left something to wait for: a domain, until its owner sets the record. Which do is
        // asked once, for very few do.
        let waiting = match ended.as_slice() {
            [] => BTreeSet::new(),
            ended => self.store.deferred_among(ended).await?,
        };
        let mut steps = BTreeMap::new();
        for run in runs.values().filter(|run| {
            run.state.is_active() || run.state == RunState::Failed || waiting.contains(&run.id)
        }) {
            steps.insert(run.customer, self.store.steps(run.id).await?);
        }
        let mut resources: BTreeMap<CustomerId, Vec<Resource>> = BTreeMap::new();
        for resource in live {
            resources
                .entry(resource.customer)
                .or_default()
                .push(resource);
        }
        let named: BTreeSet<_> = customers.iter().map(|one| one.blueprint.clone()).collect();
        let blueprints: BTreeMap<_, _> = named
            .into_iter()
            .filter_map(|name| Some((self.blueprints.get(&name).ok()?, name)))
            .map(|(blueprint, name)| (name, blueprint))
            .collect();
        Ok(customers
            .into_iter()
            .map(|customer| {
                let blueprint = blueprints.get(&customer.blueprint);
                let last_run = runs.remove(&customer.id);
                let none = Vec::new();
                let stack = stack(
                    &customer,
                    blueprint,
                    last_run.as_ref(),
                    steps.get(&customer.id).unwrap_or(&none),
                    resources.get(&customer.id).map_or(&[], Vec::as_slice),
                );
                let progress = last_run
                    .as_ref()
                    .filter(|run| run.state.is_active())
                    .zip(steps.get(&customer.id))
                    .map(|(run, steps)| progress(run, steps));
                CustomerRow {
                    progress,
                    state: InstanceState::of(
                        customer.status,
                        customer.production_url.is_some(),
                        last_run.as_ref().map(|run| (run.state, run.purpose)),
                    ),
                    stack,
                    last_run,
                    monthly_price: blueprint.and_then(|blueprint| {
                        blueprint.plan(&customer.plan)?.monthly_price.clone()
                    }),
                    expected_seconds: blueprint
                        .map_or(0.0, |blueprint| expected_seconds(blueprint, &usual)),
                    customer,
                }
            })
            .collect())
    }
}

/// How far a run has come: forward by its complete steps, in a removal by those that are undone.
pub(crate) fn progress(run: &Run, steps: &[StepRecord]) -> StepProgress {
    let count = |done: &dyn Fn(&StepRecord) -> bool| {
        u32::try_from(steps.iter().filter(|step| done(step)).count()).unwrap_or(u32::MAX)
    };
    StepProgress {
        done: match run.purpose {
            Purpose::Provision => count(&|step| step.state.is_complete()),
            Purpose::Deprovision => count(&|step| step.state == StepState::Undone),
        },
        total: count(&|_| true),
    }
}

/// A mark per vendor of the blueprint that owns something per customer.
fn stack(
    customer: &Customer,
    blueprint: Option<&Blueprint>,
    run: Option<&Run>,
    steps: &[StepRecord],
    live: &[Resource],
) -> Vec<StackMark> {
    let providers = blueprint.map(Blueprint::providers).unwrap_or_default();
    providers
        .into_iter()
        .filter(|provider| *provider != Provider::Resend)
        .map(|provider| StackMark {
            provider,
            state: mark(provider, customer, run, steps, live),
        })
        .collect()
}

/// What there is of a vendor: the newest run's word on its steps, else whether anything of it is live, or stands in the
/// customer's details.
pub(crate) fn mark(
    provider: Provider,
    customer: &Customer,
    run: Option<&Run>,
    steps: &[StepRecord],
    live: &[Resource],
) -> MarkState {
    let mine = || {
        steps
            .iter()
            .filter(|step| step.kind.provider() == Some(provider))
    };
    if mine().any(|step| step.state == StepState::Failed || trouble(run, step).is_some()) {
        return MarkState::NeedsYou;
    }
    let under_way =
        run.is_some_and(|run| matches!(run.state, RunState::Queued | RunState::Running));
    if under_way && mine().any(|step| !step.state.is_complete()) {
        return MarkState::SettingUp;
    }
    if mine().any(|step| step.state == StepState::Deferred) {
        return MarkState::Deferred;
    }
    if live
        .iter()
        .any(|resource| resource.provider == provider && resource.state == ResourceState::Live)
        || recorded(provider, customer).is_some()
    {
        MarkState::Live
    } else {
        MarkState::Absent
    }
}

/// What the customer's details say that there is of a vendor, made by Fabrik or entered by somebody: a project's ref, a
/// repository's address, the instance's own.
pub(crate) fn recorded(provider: Provider, customer: &Customer) -> Option<&str> {
    match provider {
        Provider::Supabase => customer.supabase_project_ref.as_deref(),
        Provider::GitHub => customer.github_repo_url.as_deref(),
        Provider::Vercel => customer.production_url.as_deref(),
        Provider::Resend | Provider::N8n | Provider::Gitea | Provider::Stripe => None,
    }
}

/// A step's error that its owner should act on, as the run's screen has it: what a run tries again by itself is its own
/// matter, and what a domain waits for is no fault.
pub(crate) fn trouble<'s>(run: Option<&Run>, step: &'s StepRecord) -> Option<&'s Problem> {
    let is_live = run.is_some_and(|run| {
        matches!(
            run.state,
            RunState::Queued | RunState::Running | RunState::Undoing
        )
    });
    step.error.as_ref().filter(|problem| match step.state {
        StepState::Pending | StepState::Running => !is_live,
        StepState::Deferred => !matches!(*problem.cause, Cause::DomainPending { .. }),
        state => !state.is_complete(),
    })
}

#[cfg(test)]
mod tests {
    use fabrik_domain::blueprint::StepKind;
    use fabrik_store::CustomerQuery;

    use super::*;
    use crate::{testing, views::InstanceCard};

    #[tokio::test]
    async fn a_domain_that_waits_for_its_record_is_seen_in_the_list() {
        let (_folder, app) = testing::app().await;
        let waits = Cause::DomainPending {
            domain: "akermark.norrform.se".to_owned(),
            records: Vec::new(),
        };
        let step = StepRecord {
            state: StepState::Deferred,
            error: Some(waits.into()),
            ..StepRecord::new("domain".to_owned(), StepKind::CustomDomain, 1)
        };
        let lease = testing::run_with(&app, "me", BTreeMap::new(), vec![step]).await;
        testing::put(&app, &lease, RunState::Succeeded).await;
        let (mark, card) = vercel(&app).await;
        assert_eq!(mark, Some(MarkState::Deferred));
        assert_eq!(card.state, MarkState::Deferred, "as in the list");
        assert_eq!(card.problem, None, "it waits for its owner's DNS");
    }

    #[tokio::test]
    async fn what_a_run_tries_again_by_itself_needs_nobody() {
        let (_folder, app) = testing::app().await;
        let silent = Cause::TimedOut {
            operation: "vercel-project".to_owned(),
            reads: true,
        };
        let step = StepRecord {
            state: StepState::Running,
            error: Some(silent.into()),
            ..StepRecord::new("project".to_owned(), StepKind::VercelProject, 1)
        };
        let lease = testing::run_with(&app, "me", BTreeMap::new(), vec![step]).await;
        for (state, expected) in [
            (RunState::Running, MarkState::SettingUp),
            (RunState::Waiting, MarkState::NeedsYou),
        ] {
            testing::put(&app, &lease, state).await;
            let (mark, card) = vercel(&app).await;
            assert_eq!(mark, Some(expected), "{state:?}");
            assert_eq!(card.state, expected, "{state:?}");
            let is_told = card.problem.is_some();
            assert_eq!(is_told, expected == MarkState::NeedsYou, "{state:?}");
        }
    }

    /// Vercel's mark in the list, and its card.
    async fn vercel(app: &App) -> (Option<MarkState>, InstanceCard) {
        let page = app.customers_list(CustomerQuery::default()).await.unwrap();
        let row = &page.customers[0];
        let mut marks = row.stack.iter();
        let mark = marks.find(|mark| mark.provider == Provider::Vercel);
        let detail = app.customer_get(row.customer.id).await.unwrap();
        let mut cards = detail.cards.into_iter();
        let card = cards.find(|card| card.provider == Provider::Vercel);
        (mark.map(|mark| mark.state), card.expect("a card"))
    }
}
