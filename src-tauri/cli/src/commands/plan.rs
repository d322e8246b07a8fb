//! `fabrik plan`.

use clap::Args;
use fabrik_domain::{
    Problem,
    language::Language,
    run::{Action, Plan as DryRun},
};

use super::blueprints::price;
use crate::{
    exit::Exit,
    output::{Output, bad, good, strong, warning},
    session::Session,
    words::{self, Label, Term},
};

/// `fabrik plan CUSTOMER`.
#[derive(Args)]
pub(crate) struct Plan {
    /// The customer, by id or subdomain
    customer: String,
}

/// Plans; makes nothing.
pub(crate) async fn run(command: Plan, session: &Session) -> Result<Exit, Problem> {
    let app = session.open().await?;
    let customer = session.customer(&app, &command.customer).await?;
    answer(session, &app.plan(customer.id).await?)
}

/// The plan, and 3 where it can't run.
pub(super) fn answer(session: &Session, plan: &DryRun) -> Result<Exit, Problem> {
    session.answer_with(plan, plan.refusal(), |out| {
        print(out, session.language, plan);
    })?;
    Ok(if plan.can_run {
        Exit::Done
    } else {
        Exit::Refused
    })
}

/// The plan for people.
pub(crate) fn print(out: &Output, language: Language, plan: &DryRun) {
    out.line(strong(&plan.customer.name));
    let width = plan
        .steps
        .iter()
        .map(|step| step.kind.word(language).chars().count())
        .max()
        .unwrap_or_default();
    for step in &plan.steps {
        let kind = step.kind.word(language);
        let gap = " ".repeat(width - kind.chars().count());
        let mark = match step.action {
            Action::Create => good("+"),
            Action::Adopt | Action::Skip => good("="),
            Action::Conflict | Action::Blocked => bad("✗"),
        };
        let action = step.action.word(language);
        let name = step.name.as_deref().unwrap_or_default();
        let because = match &step.because {
            // What is missing for several steps is told once, below.
            Some(problem) if plan.missing.iter().all(|told| told.cause != problem.cause) => {
                format!("  {}", words::problem(language, problem).message)
            }
            _ => String::new(),
        };
        let line = format!("{mark} {kind}{gap}  {action}  {name}{because}");
        out.line(format_args!("  {}", line.trim_end()));
    }
    if !plan.missing.is_empty() {
        out.line(warning(format_args!("{}:", Label::Missing.get(language))));
        for problem in &plan.missing {
            for (place, line) in words::problem_lines(language, problem).iter().enumerate() {
                let mark = if place == 0 { "- " } else { "  " };
                out.line(format_args!("  {mark}{line}"));
            }
        }
    }
    let verdict = if plan.can_run {
        good(Label::CanRun.get(language))
    } else {
        bad(Label::CanNotRun.get(language))
    };
    let usually = Label::Usually.get(language);
    out.line(format_args!(
        "{verdict}; {usually} {}",
        words::seconds(plan.expected_seconds)
    ));
    if let Some(limits) = &plan.limits {
        out.line(words::allowance(language, limits));
    }
    if let Some(monthly) = &plan.monthly_price {
        out.line(price(language, monthly));
    }
    if let Some(before) = &plan.price_before {
        let label = Label::UntilNow.get(language);
        out.line(format_args!("{label}: {}", price(language, before)));
    }
}
