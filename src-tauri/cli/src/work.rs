//! Runs driven by this process, several at once, with their progress, until all of them have ended.

use std::sync::Arc;

use fabrik_app::{App, Begin, views::RunReport};
use fabrik_domain::{
    Cause, Problem,
    customer::Customer,
    id::{RequestId, RunId},
    run::{Decision, OnFailure, Plan, Run, RunState},
};
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{exit::Exit, interrupt, progress::Progress, session::Session, words::Label};

/// Runs under way at the same time. The vendors' limits are kept by the clients and the engine; this bounds
/// memory.
const AT_ONCE: usize = 100;

/// Something to drive.
pub(crate) enum Work {
    /// A new run; where nobody chose what a failure brings about, by whether an instance stands.
    Provision(Box<Customer>, Option<OnFailure>),
    /// A new run that the approval of a request brings about.
    Begin(RequestId, Box<Customer>, OnFailure),
    /// One that stopped.
    Resume(Box<Run>),
    /// One whose question the owner answers.
    Decide(Box<Run>, String, Decision),
    /// One whose making is taken back.
    RollBack(Box<Run>),
    /// One that is to be cancelled, to go back where its policy says so and what it made isn't to be kept.
    Cancel { run: Box<Run>, keep: bool },
    /// A customer's instance; with the subdomain as it was typed.
    Remove(Box<Customer>, String),
}

/// What became of it.
pub(crate) enum Outcome {
    /// The run ended or stands still.
    Ended(Box<RunReport>),
    /// It was cancelled as it was asked for; or the process that drives it was asked to.
    Cancelled(Box<RunReport>),
    /// It was taken back as it was asked for: nothing of it is left.
    RolledBack(Box<RunReport>),
    /// The plan says that it can't begin.
    Refused(Box<Plan>),
    /// It was stopped before it began.
    NotBegun(Option<Box<Customer>>),
    /// What was asked for is refused, or this process could not go on: with a run that was taken, it can be resumed.
    Broken(Option<Box<Customer>>, Option<RunId>, Problem),
}

/// Why a piece of work came to no account of its run.
enum Stop {
    Refused(Box<Plan>),
    NotBegun,
    Broken(Option<RunId>, Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Broken(None, problem)
    }
}

impl Outcome {
    /// Its exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Ended(report) => Exit::of_run(report.run.state),
            Self::Cancelled(_) | Self::RolledBack(_) => Exit::Done,
            Self::Refused(_) => Exit::Refused,
            Self::NotBegun(_) | Self::Broken(_, Some(_), _) => Exit::Resumable,
            Self::Broken(_, None, problem) => Exit::of_problem(problem),
        }
    }

    /// What the document says at its top.
    pub(crate) fn problem(&self) -> Option<Problem> {
        match self {
            Self::Ended(report) if report.run.state == RunState::Succeeded => None,
            Self::Ended(report) => report.run.error.clone(),
            Self::Refused(plan) => plan.refusal().cloned(),
            Self::Cancelled(_) | Self::RolledBack(_) | Self::NotBegun(_) => None,
            Self::Broken(.., problem) => Some(problem.clone()),
        }
    }
}

/// Drives all of them; Ctrl-C stops each between two calls. The outcomes are in the order of the work.
pub(crate) async fn perform(session: &Session, app: &Arc<App>, work: Vec<Work>) -> Vec<Outcome> {
    let progress = Arc::new(Progress::new(session, work.len() > 1));
    let cancel = interrupt::cancels();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut events = app.engine().events();
    let mut tasks = JoinSet::new();
    let count = work.len();
    for (number, work) in work.into_iter().enumerate() {
        let (app, progress) = (Arc::clone(app), Arc::clone(&progress));
        let (cancel, places) = (cancel.clone(), Arc::clone(&places));
        tasks.spawn(async move {
            // Closed never: the semaphore lives as long as the tasks.
            let _place = places.acquire_owned().await.ok();
            (number, one(&app, &progress, work, &cancel).await)
        });
    }
    let mut outcomes: Vec<Option<Outcome>> = std::iter::repeat_with(|| None).take(count).collect();
    let mut told = false;
    loop {
        tokio::select! {
            biased;
            // A reader that is too slow misses some; the report at the end has everything.
            event = events.recv() => if let Ok(event) = event {
                progress.observe(&event);
            },
            () = cancel.cancelled(), if !told => {
                told = true;
                progress.note(Label::Stopping.get(session.language));
            }
            ended = tasks.join_next() => match ended {
                Some(Ok((number, outcome))) => outcomes[number] = Some(outcome),
                // What a panic says may hold a secret: it is on the terminal, and goes into no log.
                Some(Err(error)) => {
                    tracing::error!(panicked = error.is_panic(), "a run's task ended");
                }
                None => break,
            },
        }
    }
    while let Ok(event) = events.try_recv() {
        progress.observe(&event);
    }
    progress.finish();
    let lost = || Outcome::Broken(None, None, Cause::Internal.into());
    outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap_or_else(lost))
        .collect()
}

async fn one(app: &App, progress: &Progress, work: Work, cancel: &CancellationToken) -> Outcome {
    let customer = match &work {
        Work::Provision(customer, _) | Work::Begin(_, customer, _) | Work::Remove(customer, _) => {
            Some(customer.clone())
        }
        Work::Resume(run)
        | Work::Decide(run, ..)
        | Work::RollBack(run)
        | Work::Cancel { run, .. } => app.store().customer(run.customer).await.ok().map(Box::new),
    };
    if cancel.is_cancelled() {
        return Outcome::NotBegun(customer);
    }
    match drive(app, progress, work, cancel).await {
        Ok(outcome) => outcome,
        Err(Stop::Refused(plan)) => Outcome::Refused(plan),
        Err(Stop::NotBegun) => Outcome::NotBegun(customer),
        Err(Stop::Broken(run, problem)) => Outcome::Broken(customer, run, problem),
    }
}

async fn drive(
    app: &App,
    progress: &Progress,
    work: Work,
    cancel: &CancellationToken,
) -> Result<Outcome, Stop> {
    let back = matches!(work, Work::RollBack(_));
    let cancels = matches!(work, Work::Cancel { .. });
    let lease_of = |begun| match begun {
        Begin::Refused(plan) => Err(Stop::Refused(plan)),
        Begin::Stopped => Err(Stop::NotBegun),
        Begin::Begun(_, lease) => Ok(lease),
    };
    let lease = match work {
        Work::Provision(customer, on_failure) => {
            lease_of(app.begin(customer.id, on_failure, cancel).await?)?
        }
        Work::Begin(request, customer, on_failure) => {
            let begin = app.begin_for(request, customer.id, on_failure, cancel);
            lease_of(begin.await?)?
        }
        Work::Resume(run) => app.resume(run.id).await?,
        Work::Decide(run, step, decision) => app.decide(run.id, &step, decision).await?,
        Work::RollBack(run) => app.take_back(run.id).await?,
        Work::Cancel { run, keep } => match app.cancel(run.id, keep).await? {
            Some(lease) => lease,
            None => return Ok(Outcome::Cancelled(Box::new(app.report(run.id).await?))),
        },
        Work::Remove(customer, confirm) => app.begin_removal(customer.id, &confirm).await?.1,
    };
    let run = lease.run;
    // Where it can't be read now, driving says why, and gives the run free.
    if let Ok(detail) = app.run_get(run).await {
        progress.follow(&detail);
    }
    let driven = if back {
        app.roll_back(lease, cancel).await
    } else {
        app.drive(lease, cancel).await
    };
    let report = account(app, run, driven.err()).await?;
    Ok(if cancels {
        cancelled(report)
    } else if back {
        rolled_back(report)
    } else {
        Outcome::Ended(report)
    })
}

/// What was asked for is done where the run has ended; what could not be removed is told all the same.
fn cancelled(report: Box<RunReport>) -> Outcome {
    let state = report.run.state;
    if state.is_active() || state == RunState::Leftovers {
        Outcome::Ended(report)
    } else {
        Outcome::Cancelled(report)
    }
}

/// What was asked for is done where all is gone, whatever the run had failed at before.
fn rolled_back(report: Box<RunReport>) -> Outcome {
    if report.run.state == RunState::RolledBack {
        Outcome::RolledBack(report)
    } else {
        Outcome::Ended(report)
    }
}

/// Where a run stands that was driven, and what driving it broke off at, where it did.
async fn account(app: &App, run: RunId, broken: Option<Problem>) -> Result<Box<RunReport>, Stop> {
    match (app.report(run).await, broken) {
        (Ok(mut report), Some(problem)) => {
            broke_off(&mut report, problem);
            Ok(Box::new(report))
        }
        (Ok(report), None) => Ok(Box::new(report)),
        (Err(_), Some(problem)) | (Err(problem), None) => Err(Stop::Broken(Some(run), problem)),
    }
}

fn broke_off(report: &mut RunReport, problem: Problem) {
    let run = &mut report.run;
    // Where not even that could be written down, the records still call it driven: unless another process has it,
    // it is not.
    if run.state.is_driven() && *problem.cause != Cause::LeaseLost {
        run.state = RunState::Interrupted;
    }
    run.error = Some(problem);
}

#[cfg(test)]
pub(crate) mod testing {
    use serde_json::json;

    use super::*;

    /// The report of a run that stands so.
    pub(crate) fn report(state: &str) -> RunReport {
        let at = "2026-11-21T10:00:00Z";
        let report = json!({
            "customer": {
                "id": "01936c5e-0000-7000-8000-000000000001", "name": "Åkermark", "slug": "akermark",
                "subdomain": "akermark", "status": "pending", "plan": "starter", "blueprint": "factory",
                "contact_email": "anna@akermark.example", "language": "sv", "credits": 0, "modules": [],
                "created_at": at, "updated_at": at,
            },
            "run": {
                "id": "01936c5e-0000-7000-8000-000000000002", "state": state, "operator": "anna",
                "on_failure": "keep", "started_at": at, "steps": [], "resources": [], "purpose": "provision",
            },
        });
        serde_json::from_value(report).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::{testing::report, *};

    #[test]
    fn a_cancelling_is_done_where_the_run_has_ended_and_left_nothing_over() {
        for (state, exit) in [
            ("cancelled", Exit::Done),
            ("rolled_back", Exit::Done),
            ("waiting", Exit::Resumable),
            ("interrupted", Exit::Resumable),
            ("leftovers", Exit::Leftovers),
        ] {
            let outcome = cancelled(Box::new(report(state)));
            assert_eq!(outcome.exit(), exit, "{state}");
        }
    }

    #[test]
    fn a_rollback_is_done_where_all_is_gone_whatever_the_run_had_failed_at() {
        for (state, exit) in [
            ("rolled_back", Exit::Done),
            ("waiting", Exit::Resumable),
            ("interrupted", Exit::Resumable),
            ("leftovers", Exit::Leftovers),
        ] {
            let mut report = report(state);
            report.run.error = Some(Cause::DatabaseBusy.into());
            let outcome = rolled_back(Box::new(report));
            assert_eq!(outcome.exit(), exit, "{state}");
            let told = outcome.problem().is_some();
            assert_eq!(told, exit != Exit::Done, "{state}: an error at the top");
        }
    }

    #[test]
    fn a_run_that_driving_broke_off_at_is_one_to_be_resumed() {
        for (state, exit) in [
            ("queued", Exit::Resumable),
            ("running", Exit::Resumable),
            ("undoing", Exit::Resumable),
            ("interrupted", Exit::Resumable),
            ("waiting", Exit::Resumable),
            ("leftovers", Exit::Leftovers),
        ] {
            let mut report = report(state);
            broke_off(&mut report, Cause::DatabaseBusy.into());
            assert!(!report.run.state.is_driven(), "{state}: nobody drives it");
            let outcome = Outcome::Ended(Box::new(report));
            assert_eq!(outcome.exit(), exit, "{state}");
            assert_eq!(outcome.problem(), Some(Cause::DatabaseBusy.into()));
        }
        let mut report = report("running");
        broke_off(&mut report, Cause::LeaseLost.into());
        assert_eq!(
            report.run.state,
            RunState::Running,
            "another process has it"
        );
    }
}
