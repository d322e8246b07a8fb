//! `fabrik deprovision CUSTOMER --confirm SUBDOMAIN`: the plan first, then everything that was made is taken
//! away again.

use clap::Args;
use fabrik_app::{App, RunQuery};
use fabrik_domain::{
    Cause, Problem,
    customer::Customer,
    language::Language,
    run::{Fate, PlannedRemoval, RemovalPlan},
};

use super::outcome;
use crate::{
    exit::Exit,
    output::{Output, strong},
    session::Session,
    words::{Label, Term},
    work::{self, Work},
};

/// `fabrik deprovision CUSTOMER`.
#[derive(Args)]
pub(crate) struct Deprovision {
    /// The customer, by id or subdomain
    customer: String,
    /// The customer's subdomain, typed; without it only the plan is shown
    #[arg(long, value_name = "SUBDOMAIN")]
    confirm: Option<String>,
}

/// Shows what goes and what stays; with the subdomain typed, removes it.
pub(crate) async fn run(command: Deprovision, session: &Session) -> Result<Exit, Problem> {
    let app = session.open().await?;
    if command.confirm.is_some() {
        app.mark_interrupted().await?;
    } else {
        super::look_for_interrupted(&app).await;
    }
    let customer = session.customer(&app, &command.customer).await?;
    let plan = app.removal_plan(customer.id).await?;
    let unconfirmed = || {
        Problem::from(Cause::ConfirmationMismatch {
            expected: customer.subdomain.clone(),
        })
    };
    if command
        .confirm
        .as_ref()
        .is_some_and(|typed| typed.trim() != customer.subdomain)
    {
        return Err(unconfirmed());
    }
    if !plan.resources.iter().any(is_concerned) {
        refuse_under_way(&app, &customer).await?;
        session.answer(&plan, |out| {
            nothing(out, session.language, &customer, &plan);
        })?;
        return Ok(Exit::Done);
    }
    let Some(confirm) = command.confirm else {
        session.answer_with(&plan, Some(&unconfirmed()), |out| {
            print(out, session.language, &plan);
            out.line("");
            out.line(format_args!(
                "{}: fabrik deprovision {} --confirm {}",
                Label::ConfirmBy.get(session.language),
                customer.subdomain,
                customer.subdomain
            ));
        })?;
        return Ok(Exit::Refused);
    };
    if !session.json {
        print(&session.output, session.language, &plan);
    }
    let outcomes = work::perform(
        session,
        &app,
        vec![Work::Remove(Box::new(customer), confirm)],
    )
    .await;
    let exit = outcome::print(session, &outcomes, true);
    if !session.json && exit == Exit::Done {
        stays(&session.output, session.language, &plan);
    }
    Ok(exit)
}

/// Whether a removal has something to do about it. The others were there before, or were sent.
const fn is_concerned(planned: &PlannedRemoval) -> bool {
    !matches!(planned.fate, Fate::Adopted | Fate::Sent)
}

/// A run that has not ended may still make something.
async fn refuse_under_way(app: &App, customer: &Customer) -> Result<(), Problem> {
    let newest = RunQuery {
        customer: Some(customer.id),
        limit: 1,
        ..RunQuery::default()
    };
    match app.store().runs(newest).await?.first() {
        Some(run) if run.state.is_active() => Err(Cause::RunActive { run: run.id }.into()),
        _ => Ok(()),
    }
}

/// That there is nothing to remove, and what can be done instead.
fn nothing(out: &Output, language: Language, customer: &Customer, plan: &RemovalPlan) {
    let say = |label: Label| label.get(language);
    let subdomain = &customer.subdomain;
    out.line(format_args!(
        "{}: {}",
        strong(&customer.name),
        say(Label::NothingToRemove)
    ));
    for (label, command) in [
        (Label::SetUpWith, "provision"),
        (Label::RemoveCustomerWith, "customers remove"),
    ] {
        out.line(format_args!(
            "  {}: fabrik {command} {subdomain}",
            say(label)
        ));
    }
    stays(out, language, plan);
}

fn print(out: &Output, language: Language, plan: &RemovalPlan) {
    out.line(strong(Label::TakenAway.get(language)));
    let goes =
        |planned: &&PlannedRemoval| matches!(planned.fate, Fate::Removed | Fate::Covered { .. });
    for planned in plan.resources.iter().filter(goes) {
        let kind = planned.resource.kind.word(language);
        let with = match &planned.fate {
            Fate::Covered { by } => format!(" ({} {by})", Label::WithIt.get(language)),
            _ => String::new(),
        };
        out.line(format_args!("  - {kind} {}{with}", planned.resource.name));
    }
    stays(out, language, plan);
}

/// What is there afterwards, and why.
fn stays(out: &Output, language: Language, plan: &RemovalPlan) {
    let mut lines: Vec<String> = Vec::new();
    for planned in &plan.resources {
        let why = match planned.fate {
            Fate::Adopted => Label::StaysAdopted,
            Fate::Sent => Label::StaysSent,
            Fate::Stays => Label::StaysInPlace,
            Fate::Removed | Fate::Covered { .. } => continue,
        };
        let kind = planned.resource.kind.word(language);
        lines.push(format!(
            "{kind} {} ({})",
            planned.resource.name,
            why.get(language)
        ));
    }
    for shared in &plan.shared {
        lines.push(format!("{shared} ({})", Label::StaysShared.get(language)));
    }
    if lines.is_empty() {
        return;
    }
    out.line(strong(Label::Stays.get(language)));
    for line in lines {
        out.line(format_args!("  - {line}"));
    }
}
