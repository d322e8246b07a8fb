//! `fabrik stripe`: what has happened to subscriptions, read without a server.

use clap::Subcommand;
use fabrik_app::StripePoll;
use fabrik_domain::{Problem, language::Language};
use serde_json::json;

use super::outcome;
use crate::{
    exit::Exit,
    output::{Output, warning},
    session::Session,
    words::{self, Label, Term, local},
    work::{self, Work},
};

/// `fabrik stripe …`.
#[derive(Subcommand)]
pub(crate) enum Stripe {
    /// Reads what has happened since the last time; what is to be approved at once is provisioned
    Poll,
}

/// Reads, and provisions what needs nobody's word.
pub(crate) async fn run(command: Stripe, session: &Session) -> Result<Exit, Problem> {
    let Stripe::Poll = command;
    let app = session.open().await?;
    let poll = app.stripe_read().await?;
    let work: Vec<_> = app
        .due_beginnings()
        .await?
        .into_iter()
        .map(|due| Work::Begin(due.request, Box::new(due.customer), due.on_failure))
        .collect();
    if work.is_empty() {
        session.answer(&poll, |out| print(out, session.language, &poll))?;
        return Ok(Exit::Done);
    }
    if !session.json {
        print(&session.output, session.language, &poll);
    }
    let outcomes = work::perform(session, &app, work).await;
    Ok(outcome::print_with(session, &outcomes, &json!(poll)))
}

fn print(out: &Output, language: Language, poll: &StripePoll) {
    let say = |label: Label| label.get(language);
    if let Some(since) = poll.missed_since {
        let missed = say(Label::StripeMissed);
        out.line(warning(format_args!("{missed}: {}", local(since))));
    }
    out.line(format_args!(
        "{} {}, {} {}, {} {}",
        say(Label::StripeRead),
        poll.events,
        say(Label::StripeAdded),
        poll.added.len(),
        say(Label::StripeWithdrawn),
        poll.withdrawn.len(),
    ));
    if let Some(at) = poll.read_at {
        let until = say(Label::StripeReadUntil);
        out.line(format_args!("{until} {}", local(at)));
    }
    for request in poll.added.iter().chain(&poll.withdrawn) {
        let (kind, state) = (words::asks(language, request), request.state.word(language));
        out.line(format_args!("  {}: {kind}, {state}", request.wish.name));
        if let Some(problem) = &request.problem {
            for line in words::problem_lines(language, problem) {
                out.line(format_args!("    {line}"));
            }
        }
    }
}
