//! `fabrik provision`.

use clap::{Args, ValueEnum};
use fabrik_app::{App, CustomerQuery, CustomerSort};
use fabrik_domain::{
    Problem,
    customer::{Customer, CustomerStatus},
    run,
};

use super::{asking, outcome};
use crate::{
    exit::Exit,
    session::Session,
    words::{self, Label},
    work::{self, Work},
};

/// `fabrik provision CUSTOMER… | --pending`.
#[derive(Args)]
pub(crate) struct Provision {
    /// The customers, by id or subdomain
    #[arg(required_unless_present = "pending", conflicts_with = "pending")]
    customers: Vec<String>,
    /// Every customer that is pending
    #[arg(long)]
    pending: bool,
    /// What to do when a step fails for good; else the run is rolled back
    #[arg(long, value_enum)]
    on_failure: Option<OnFailure>,
    /// Asks nothing
    #[arg(long, short)]
    yes: bool,
}

/// What to do when a step fails for good.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum OnFailure {
    /// Undo what the run made
    Rollback,
    /// Keep what exists
    Keep,
}

impl From<OnFailure> for run::OnFailure {
    fn from(asked: OnFailure) -> Self {
        match asked {
            OnFailure::Rollback => Self::Rollback,
            OnFailure::Keep => Self::Keep,
        }
    }
}

/// Runs to the end.
pub(crate) async fn run(command: Provision, session: &Session) -> Result<Exit, Problem> {
    let app = session.open().await?;
    // A run that a killed process left is then named as one that can be resumed.
    app.mark_interrupted().await?;
    let customers = if command.pending {
        pending(&app).await?
    } else {
        let mut customers: Vec<Customer> = Vec::with_capacity(command.customers.len());
        for text in &command.customers {
            let customer = session.customer(&app, text).await?;
            if customers.iter().all(|other| other.id != customer.id) {
                customers.push(customer);
            }
        }
        customers
    };
    let single = customers.len() == 1 && !command.pending;
    if customers.len() > 1 {
        let ids = customers.iter().map(|customer| customer.id).collect();
        // What can't be told now is told by the runs.
        if let Ok(Some(limits)) = app.allowance(ids).await {
            session
                .output
                .note(words::allowance(session.language, &limits));
        }
    }
    if customers.is_empty() {
        session
            .output
            .note(Label::NothingPending.get(session.language));
    } else if !command.yes && !app.is_sandbox() && !agreed(session, &customers) {
        session.output.note(Label::Declined.get(session.language));
        return Ok(Exit::Refused);
    }
    // What scripts are promised, whether an instance stands or not: they have no dialog that says which it is.
    let on_failure = command.on_failure.map(run::OnFailure::from);
    let on_failure = Some(on_failure.unwrap_or_default());
    let work = customers
        .into_iter()
        .map(|customer| Work::Provision(Box::new(customer), on_failure))
        .collect();
    let outcomes = work::perform(session, &app, work).await;
    let exit = outcome::print(session, &outcomes, single);
    outcome::note_end(session, &app, &outcomes);
    Ok(exit)
}

async fn pending(app: &App) -> Result<Vec<Customer>, Problem> {
    let query = CustomerQuery {
        status: Some(CustomerStatus::Pending),
        sort: CustomerSort::Name,
        ..CustomerQuery::default()
    };
    let page = app.customers_list(query).await?;
    Ok(page.customers.into_iter().map(|row| row.customer).collect())
}

/// Asks whoever sits at a terminal; a script has said what it wants.
fn agreed(session: &Session, customers: &[Customer]) -> bool {
    let named = |customer: &Customer| format!("  {}  ({})", customer.name, customer.subdomain);
    let mut lines: Vec<_> = customers.iter().map(named).collect();
    lines.push(Label::Provision.get(session.language).to_owned());
    asking::agreed(session, &lines.join("\n"))
}
