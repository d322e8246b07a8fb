//! `fabrik runs`.

use std::collections::BTreeSet;

use clap::Subcommand;
use fabrik_app::{
    App, RunQuery,
    views::{RunDetail, RunPage},
};
use fabrik_domain::{
    Problem,
    language::Language,
    run::{Decision, RunState},
};
use serde_json::json;

use super::{outcome, watch};
use crate::{
    exit::Exit,
    output::{Output, strong},
    session::Session,
    table::{Table, facts},
    words::{self, Label, Term, local},
    work::{self, Work},
};

/// `fabrik runs …`.
#[derive(Subcommand)]
pub(crate) enum Runs {
    /// The runs, the newest first
    List {
        /// Only this customer's, by id or subdomain
        #[arg(long)]
        customer: Option<String>,
        /// At most so many; 0 is all
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// One run, with its steps and what it made
    Show {
        /// The run, by id or number
        run: String,
        /// Its log too
        #[arg(long)]
        log: bool,
    },
    /// Goes on with a run that stopped; where none is named, with every interrupted one
    Resume {
        /// The run, by id or number
        run: Option<String>,
    },
    /// Takes back what a run made that has not succeeded, and what was left over
    Rollback {
        /// The run, by id or number
        run: String,
    },
    /// Stops a run between two calls, then follows its policy on failure; a removal stands still
    Cancel {
        /// The run, by id or number
        run: String,
        /// Keeps what it made, whatever its policy says: it can be resumed
        #[arg(long)]
        keep: bool,
    },
    /// Says which resource is the customer's where a run asks, and goes on with it
    Decide {
        /// The run, by id or number
        run: String,
        /// The step that asks
        step: String,
        /// The id of the one that is the customer's
        #[arg(
            long = "use",
            value_name = "ID",
            required_unless_present = "new",
            conflicts_with = "new"
        )]
        adopt: Option<String>,
        /// None of them is: make a new one
        #[arg(long)]
        new: bool,
    },
    /// Lets something left over be: it was seen to by hand, or may stay
    LetGo {
        /// The run, by id or number
        run: String,
        /// What was left over, by its id or name
        resource: String,
    },
    /// Follows a run until it ends, in whichever process it is
    Watch {
        /// The run, by id or number
        run: String,
    },
}

/// Runs it.
pub(crate) async fn run(command: Runs, session: &Session) -> Result<Exit, Problem> {
    let app = session.open().await?;
    let language = session.language;
    // What a killed process left is shown, and can be taken on, as what it is.
    let interrupted = match command {
        Runs::List { .. } | Runs::Show { .. } | Runs::Watch { .. } => {
            super::look_for_interrupted(&app).await;
            Vec::new()
        }
        _ => app.mark_interrupted().await?,
    };
    match command {
        Runs::List { customer, limit } => {
            let customer = match customer {
                Some(text) => Some(session.customer(&app, &text).await?.id),
                None => None,
            };
            let query = RunQuery {
                customer,
                limit: limit.into(),
                ..RunQuery::default()
            };
            let page = app.runs_list(query).await?;
            session.answer(&page, |out| list(out, language, &page))?;
            Ok(Exit::Done)
        }
        Runs::Show { run, log } => {
            let run = session.run(&app, &run).await?;
            show(session, &app, run.id, log).await?;
            Ok(Exit::Done)
        }
        Runs::Resume { run } => {
            let single = run.is_some();
            let runs = match run {
                Some(run) => vec![session.run(&app, &run).await?],
                // Removals too: each was confirmed when it began.
                None => interrupted,
            };
            if runs.is_empty() {
                session.output.note(Label::NothingInterrupted.get(language));
                note_standing(session, &app).await?;
            }
            let work = runs
                .into_iter()
                .map(|run| Work::Resume(Box::new(run)))
                .collect();
            let outcomes = work::perform(session, &app, work).await;
            // A killed process may have left a mail too.
            app.tell_owner().await;
            let exit = outcome::print(session, &outcomes, single);
            outcome::note_end(session, &app, &outcomes);
            Ok(exit)
        }
        Runs::Rollback { run } => {
            let run = session.run(&app, &run).await?;
            let outcomes = work::perform(session, &app, vec![Work::RollBack(Box::new(run))]).await;
            Ok(outcome::print(session, &outcomes, true))
        }
        Runs::Decide {
            run,
            step,
            adopt,
            new: _,
        } => {
            let run = session.run(&app, &run).await?;
            let decision = adopt.map_or(Decision::New, |id| Decision::Adopt { id });
            let work = Work::Decide(Box::new(run), step, decision);
            let outcomes = work::perform(session, &app, vec![work]).await;
            Ok(outcome::print(session, &outcomes, true))
        }
        Runs::Cancel { run, keep } => {
            let run = session.run(&app, &run).await?;
            let run = Box::new(run);
            let outcomes = work::perform(session, &app, vec![Work::Cancel { run, keep }]).await;
            Ok(outcome::print(session, &outcomes, true))
        }
        Runs::LetGo { run, resource } => {
            let run = session.run(&app, &run).await?;
            app.run_let_go(run.id, resource).await?;
            show(session, &app, run.id, false).await?;
            Ok(Exit::Done)
        }
        Runs::Watch { run } => {
            let run = session.run(&app, &run).await?;
            watch::run(session, &app, run.id).await
        }
    }
}

fn list(out: &Output, language: Language, page: &RunPage) {
    if page.runs.is_empty() {
        out.line(Label::NoRuns.get(language));
        return;
    }
    let headings = [
        Label::Run,
        Label::Customer,
        Label::State,
        Label::Steps,
        Label::Started,
        Label::Took,
        Label::Operator,
        Label::Id,
    ];
    let mut table = Table::new(&headings.map(|label| label.get(language)));
    for row in &page.runs {
        let run = &row.run;
        let took = run
            .finished_at
            .map(|end| words::seconds(end.duration_since(run.started_at).as_secs_f64()));
        table.row([
            run.number.to_string(),
            row.customer_name.clone(),
            state(language, run.state, row.left == Some(0)).to_owned(),
            format!("{}/{}", row.steps_done, row.steps_total),
            local(run.started_at),
            took.unwrap_or_default(),
            run.operator.clone(),
            run.id.to_string(),
        ]);
    }
    table.print(out);
    let of = Label::Of.get(language);
    out.line(format_args!("{} {of} {}", page.runs.len(), page.total));
}

/// Those that stand still are gone on with by name alone, once what they wait for is there, or what they failed at is
/// mended.
async fn note_standing(session: &Session, app: &App) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    for run in app.store().runs(RunQuery::default()).await? {
        // Of those that have ended, only a customer's newest is gone on with.
        let is_newest = seen.insert(run.customer);
        let stands = matches!(
            run.state,
            RunState::Waiting | RunState::Failed | RunState::Cancelled
        );
        if !(is_newest && stands) {
            continue;
        }
        let report = app.report(run.id).await?;
        let state = run.state.word(session.language);
        let go_on = outcome::going_on(session.language, &report.run).join("; ");
        let name = &report.customer.name;
        session
            .output
            .note(format_args!("{name}: {state}. {go_on}"));
    }
    Ok(())
}

async fn show(
    session: &Session,
    app: &App,
    run: fabrik_domain::id::RunId,
    log: bool,
) -> Result<(), Problem> {
    let language = session.language;
    let report = app.report(run).await?;
    let detail = app.run_get(run).await?;
    let mut document = json!(report);
    if log {
        document["events"] = json!(detail.events);
    }
    session.answer(&document, |out| {
        outcome::account(out, language, &report);
        steps(out, language, &detail, outcome::gone_since(&report.run));
        if log {
            out.line("");
            out.line(strong(Label::Log.get(language)));
            for event in &detail.events {
                let step = event
                    .step
                    .as_ref()
                    .map(|step| format!("{step}: "))
                    .unwrap_or_default();
                let what = words::happening(language, &event.what);
                out.line(format_args!("{}  {step}{what}", local(event.at)));
            }
        }
    })
}

/// The word for a run's state. What it left over may be gone by now, though the state stays what it ended in.
fn state(language: Language, state: RunState, gone_since: bool) -> &'static str {
    if state == RunState::Leftovers && gone_since {
        Label::LeftoversGoneShort.get(language)
    } else {
        state.word(language)
    }
}

fn steps(out: &Output, language: Language, detail: &RunDetail, gone_since: bool) {
    out.line("");
    facts(
        out,
        &[
            (
                Label::Run.get(language),
                format!("{} ({})", detail.run.number, detail.run.id),
            ),
            (
                Label::State.get(language),
                state(language, detail.run.state, gone_since).to_owned(),
            ),
            (Label::Started.get(language), local(detail.run.started_at)),
            (Label::Operator.get(language), detail.run.operator.clone()),
        ],
    );
    out.line("");
    let headings = [Label::Step, Label::State, Label::Took, Label::Attempts];
    let mut table = Table::new(&headings.map(|label| label.get(language)));
    for step in &detail.steps {
        let took = step
            .started_at
            .zip(step.finished_at)
            .map(|(start, end)| words::seconds(end.duration_since(start).as_secs_f64()));
        table.row([
            step.kind.word(language).to_owned(),
            step.state.word(language).to_owned(),
            took.unwrap_or_default(),
            step.attempts.to_string(),
        ]);
    }
    table.print(out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_since_is_not_said_to_remain() {
        for language in [Language::Sv, Language::En] {
            let word = |ended, gone_since| state(language, ended, gone_since);
            let remain = RunState::Leftovers.word(language);
            assert_eq!(word(RunState::Leftovers, false), remain);
            assert_ne!(word(RunState::Leftovers, true), remain);
            // Another try, after the look at what is left, has ended well.
            let done = RunState::RolledBack.word(language);
            assert_eq!(word(RunState::RolledBack, true), done);
        }
    }
}
