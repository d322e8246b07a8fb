//! `fabrik blueprints`.

mod check;
mod new;

use clap::Subcommand;
use fabrik_app::views::{BlueprintOnShelf, BlueprintSummary};
use fabrik_domain::{Problem, blueprint::MonthlyPrice, language::Language};
use serde_json::{Value, json};

use crate::{
    exit::Exit,
    output::{Output, bad, strong},
    session::Session,
    table::{Table, facts},
    words::{self, Label, Term},
};

/// `fabrik blueprints …`.
#[derive(Subcommand)]
pub(crate) enum Blueprints {
    /// Those there are
    List,
    /// One, with its plans and steps
    Show {
        /// Its name
        name: String,
    },
    /// Everything that is wrong with one, its SQL tried on a database of its own
    Check {
        /// Its name, or the path of a folder
        name: String,
    },
    /// A new one of the workspace's own, a copy to be changed
    New {
        /// Its name: lower-case letters, digits and hyphens
        name: String,
        /// The one that is copied
        #[arg(long, value_name = "BLUEPRINT")]
        from: String,
    },
}

/// Runs it.
pub(crate) async fn run(command: Blueprints, session: &Session) -> Result<Exit, Problem> {
    match command {
        Blueprints::List => {
            let app = session.open().await?;
            let usable = app.blueprints_list().await?;
            let mut unusable = app.blueprints_shelf().await?;
            unusable.retain(|one| one.summary.is_none());
            session.answer(&document(&usable, &unusable), |out| {
                list(out, session.language, &usable, &unusable);
            })?;
            Ok(Exit::Done)
        }
        Blueprints::Show { name } => {
            let app = session.open().await?;
            let one = app.summary(&app.blueprint(&name)?);
            session.answer(&one, |out| show(out, session.language, &one))?;
            Ok(Exit::Done)
        }
        Blueprints::Check { name } => check::run(session, &name).await,
        Blueprints::New { name, from } => new::run(session, &name, &from).await,
    }
}

/// Those that can't be used stand among the others, with why.
fn document(usable: &[BlueprintSummary], unusable: &[BlueprintOnShelf]) -> Value {
    let usable = usable.iter().map(|one| json!(one));
    let unusable = unusable
        .iter()
        .map(|one| json!({ "name": one.name, "problem": one.problem }));
    json!({ "blueprints": usable.chain(unusable).collect::<Vec<_>>() })
}

fn list(
    out: &Output,
    language: Language,
    usable: &[BlueprintSummary],
    unusable: &[BlueprintOnShelf],
) {
    let headings = [
        Label::Blueprint,
        Label::Version,
        Label::Title,
        Label::Plan,
        Label::Usually,
    ];
    let mut table = Table::new(&headings.map(|label| label.get(language)));
    for one in usable {
        let plans: Vec<_> = one.plans.iter().map(|plan| plan.name.as_str()).collect();
        table.row([
            one.name.clone(),
            one.version.to_string(),
            one.title.get(language).to_owned(),
            plans.join(", "),
            words::seconds(one.expected_seconds),
        ]);
    }
    table.print(out);
    for problem in unusable.iter().filter_map(|one| one.problem.as_ref()) {
        let lines = words::problem_lines(language, problem);
        out.line("");
        for (place, line) in lines.iter().enumerate() {
            if place == 0 {
                out.line(bad(line));
            } else {
                out.line(format_args!("  {line}"));
            }
        }
    }
}

fn show(out: &Output, language: Language, one: &BlueprintSummary) {
    out.line(strong(format_args!(
        "{} – {}",
        one.name,
        one.title.get(language)
    )));
    out.line(one.description.get(language).trim());
    let providers: Vec<_> = one
        .providers
        .iter()
        .map(|provider| provider.title())
        .collect();
    facts(
        out,
        &[
            (Label::Version.get(language), one.version.to_string()),
            (Label::Providers.get(language), providers.join(", ")),
            (Label::Modules.get(language), one.modules.join(", ")),
            (
                Label::Usually.get(language),
                words::seconds(one.expected_seconds),
            ),
        ],
    );
    out.line("");
    let headings = [Label::Plan, Label::Title, Label::Price];
    let mut plans = Table::new(&headings.map(|label| label.get(language)));
    for plan in &one.plans {
        plans.row([
            plan.name.clone(),
            plan.title.get(language).to_owned(),
            plan.monthly_price
                .as_ref()
                .map(|price| self::price(language, price))
                .unwrap_or_default(),
        ]);
    }
    plans.print(out);
    out.line("");
    let headings = [Label::Step, Label::Action, Label::Needs];
    let mut steps = Table::new(&headings.map(|label| label.get(language)));
    for step in &one.steps {
        steps.row([
            step.id.clone(),
            step.kind.word(language).to_owned(),
            step.needs.join(", "),
        ]);
    }
    steps.print(out);
}

/// `45.00 USD a month at the vendors, as of 2026-11-21`; in Swedish `45,00 USD`.
pub(crate) fn price(language: Language, price: &MonthlyPrice) -> String {
    let amount = match language {
        Language::Sv => price.amount.replace('.', ","),
        Language::En => price.amount.clone(),
    };
    format!(
        "{amount} {} {} {}",
        price.currency,
        Label::AMonth.get(language),
        price.as_of
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_has_the_decimal_sign_of_its_language() {
        let monthly = MonthlyPrice {
            amount: "45.00".to_owned(),
            currency: "USD".to_owned(),
            as_of: "2026-11-21".to_owned(),
        };
        for (language, amount) in [(Language::Sv, "45,00 USD "), (Language::En, "45.00 USD ")] {
            let told = price(language, &monthly);
            assert!(told.starts_with(amount), "{told}");
        }
    }
}
