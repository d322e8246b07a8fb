//! One piece on its way back: an intent whose outcome is unknown is settled first, then it is taken away
//! by its id, as often as the vendor puts it off.

use std::{collections::BTreeMap, time::Duration};

use fabrik_domain::{
    Cause, Problem,
    event::Happening,
    failure::Failure,
    run::{Outputs, Purpose, StepRecord, StepState, WaitReason},
};
use fabrik_store::JournalEntry;
use jiff::{SignedDuration, Timestamp};

use super::{Fared, Piece, Retreat, own, put_off, unknown::Settled};
use crate::{
    backoff::LONGEST_PAUSE,
    patience::{Next, Patience},
    span::{later, milliseconds},
    step::{Context, Inputs, Occasion, Step, Timing, Undone},
};

/// How often a vendor that puts an undo off is asked again.
const AGAIN: Duration = Duration::from_secs(5);

/// What came of a call that may be tried again.
pub(super) enum Tried<T> {
    Answer(T),
    Again,
    /// It is left over.
    Never(Problem),
    /// Nothing is wrong with it: it waits.
    Later(Problem),
    Halted,
}

impl Retreat<'_> {
    /// Takes a piece away. Only the journal's own failure is an error.
    pub(super) async fn take_away(&self, piece: &Piece<'_>) -> Result<Fared, Problem> {
        if let Some(number) = self.used_by(&piece.row) {
            return self.in_use(piece, number).await;
        }
        if !self.wait_for_retry(piece).await? {
            return Ok(Fared::Halted);
        }
        self.say(
            piece,
            Happening::Removing {
                name: piece.row.name.clone(),
            },
        );
        self.say(
            piece,
            Happening::Step {
                state: StepState::Undoing,
            },
        );
        let steps = self.show(piece, |record| {
            record.state = StepState::Undoing;
            record.error = None;
            record.not_before = None;
            record.finished_at = None;
        });
        self.journal
            .write_ahead(JournalEntry {
                steps: steps.into_iter().collect(),
                ..JournalEntry::default()
            })
            .await?;
        if self.has_changed(piece) {
            let step = piece.row.step.clone();
            let problem = Cause::StepChanged { step }.into();
            return self.waits(piece, WaitReason::NeedsVersion, problem).await;
        }

        let outputs = piece.past.outputs();
        let step = match self.built(piece, &outputs).await? {
            Tried::Answer(step) => step,
            other => return self.fared(piece, other).await,
        };
        if !piece.row.id.is_empty() {
            return self.undo(piece, step.as_ref()).await;
        }
        let row = match self.settled(piece, step.as_ref()).await? {
            Tried::Answer(Settled::Ours(existing)) => self.known_now(piece, &existing).await?,
            Tried::Answer(Settled::Added(existing)) => {
                self.added(piece, &existing).await?;
                return Ok(Fared::Away);
            }
            Tried::Answer(Settled::Nothing) => {
                self.never_made(piece).await?;
                return Ok(Fared::Away);
            }
            other => return self.fared(piece, other).await,
        };
        let piece = &piece.with(row);
        match self.used_by(&piece.row) {
            Some(number) => self.in_use(piece, number).await,
            None => self.undo(piece, step.as_ref()).await,
        }
    }

    /// A later run uses it.
    async fn in_use(&self, piece: &Piece<'_>, number: i64) -> Result<Fared, Problem> {
        let name = piece.row.name.clone();
        self.left(piece, Cause::UsedByLaterRun { name, number }.into())
            .await?;
        Ok(Fared::Left)
    }

    /// Whether the step was written otherwise by the version that performed it, and would be misread by this
    /// one. An instance that stands is removed by whatever version there is: it has its ids.
    fn has_changed(&self, piece: &Piece<'_>) -> bool {
        self.run.purpose == Purpose::Provision
            && piece
                .past
                .record(&piece.row.step)
                .is_some_and(|record| record.revision != self.factory.revision(piece.spec))
    }

    /// How a piece fared whose call gave no answer.
    async fn fared<T>(&self, piece: &Piece<'_>, tried: Tried<T>) -> Result<Fared, Problem> {
        match tried {
            Tried::Never(problem) => {
                self.left(piece, problem).await?;
                Ok(Fared::Left)
            }
            Tried::Later(problem) => self.waits(piece, WaitReason::NotReadyYet, problem).await,
            Tried::Answer(_) | Tried::Again | Tried::Halted => Ok(Fared::Halted),
        }
    }

    async fn built(
        &self,
        piece: &Piece<'_>,
        outputs: &BTreeMap<String, Outputs>,
    ) -> Result<Tried<Box<dyn Step>>, Problem> {
        let inputs = Inputs {
            snapshot: &piece.past.snapshot,
            outputs,
            occasion: Occasion::Undo,
        };
        let mut patience = Patience::default();
        loop {
            let built = self.factory.build(piece.spec, inputs).await;
            match self.tried(piece, built, &mut patience).await? {
                Tried::Again => {}
                end => return Ok(end),
            }
        }
    }

    async fn undo(&self, piece: &Piece<'_>, step: &dyn Step) -> Result<Fared, Problem> {
        if !self.outlasted(piece, step).await? {
            return Ok(Fared::Halted);
        }
        let existing = piece.row.found();
        let begun = self.engine.clock.monotonic();
        let before = put_off::before(self.told, &piece.shown, &piece.row.name, self.now());
        let mut patience = Patience::default();
        let mut shown = None;
        loop {
            if self.halt.is_cancelled() {
                return Ok(Fared::Halted);
            }
            self.journal.assert_fresh().await?;
            let undone = if step.stays() {
                Ok(Undone::Stays)
            } else {
                self.with_context(piece, step, async |cx| step.undo(cx, &existing).await)
                    .await
            };
            match self.tried(piece, undone, &mut patience).await? {
                Tried::Answer(Undone::Gone) => {
                    self.gone(piece, piece.row.clone(), None).await?;
                    return Ok(Fared::Away);
                }
                Tried::Answer(Undone::Stays) => {
                    self.stays(piece).await?;
                    return Ok(Fared::Away);
                }
                Tried::Answer(Undone::NotYet { status }) => {
                    self.answered(piece).await?;
                    let now = self.engine.clock.monotonic();
                    if now.saturating_sub(begun).saturating_add(before) > Timing::UNDO {
                        let problem = Problem::from(Cause::UndoTookTooLong {
                            name: piece.row.name.clone(),
                            minutes: Timing::UNDO.as_secs() / 60,
                        });
                        self.left(piece, problem.detail(status)).await?;
                        return Ok(Fared::Left);
                    }
                    // The same word again is no news.
                    if shown.as_ref() != Some(&status) {
                        self.say(
                            piece,
                            Happening::NotYet {
                                status: status.clone(),
                                again_in_ms: milliseconds(AGAIN),
                            },
                        );
                        shown = Some(status);
                    }
                    if !self.journal.pause(AGAIN, self.halt).await? {
                        return Ok(Fared::Halted);
                    }
                }
                Tried::Answer(Undone::CannotSee(problem) | Undone::Refused(problem)) => {
                    self.left(piece, problem).await?;
                    return Ok(Fared::Left);
                }
                Tried::Again => {}
                other => return self.fared(piece, other).await,
            }
        }
    }

    pub(super) async fn with_context<T>(
        &self,
        piece: &Piece<'_>,
        step: &dyn Step,
        call: impl AsyncFnOnce(&Context<'_>) -> T,
    ) -> T {
        let kind = step.resource_kind();
        let rows = self.rows();
        let known = own(&rows, piece.row.run, &piece.row.step, kind);
        let record = piece.past.record(&piece.row.step);
        let log = |what| self.say(piece, what);
        let context = Context {
            run: piece.row.run,
            step: piece.spec,
            snapshot: &piece.past.snapshot,
            mark: self.engine.mark_of(piece.row.customer),
            evidence: record.and_then(|record| record.evidence.as_ref()),
            sent: record.and_then(|record| record.intended_at),
            known: &known,
            all: &rows,
            ruled_out: record.map_or(&[], |record| record.ruled_out.as_slice()),
            secrets: self.engine.secrets.as_ref(),
            clock: self.engine.clock.as_ref(),
            random: self.engine.random.as_ref(),
            log: &log,
        };
        call(&context).await
    }

    /// What came of a call; `Again` after the wait for another try. Taking away what is gone is no fault, so a
    /// call whose outcome is unknown is made again.
    pub(super) async fn tried<T>(
        &self,
        piece: &Piece<'_>,
        result: Result<T, Failure>,
        patience: &mut Patience,
    ) -> Result<Tried<T>, Problem> {
        let failure = match result {
            Ok(answer) => {
                patience.answered();
                return Ok(Tried::Answer(answer));
            }
            Err(failure) => failure,
        };
        let engine = self.engine;
        let next = patience.after(&failure, engine.clock.as_ref(), engine.random.as_ref());
        let problem = failure.problem;
        let wait = match next {
            Next::Again(wait) => wait,
            // Without a network nothing can be said of what is there.
            Next::Enough if matches!(*problem.cause, Cause::Unreachable { .. }) => {
                return Ok(Tried::Later(problem));
            }
            Next::Enough | Next::Refused | Next::Unauthorized | Next::Quota => {
                return Ok(Tried::Never(problem));
            }
        };
        let error = Some(problem.clone());
        self.say(
            piece,
            Happening::Retrying {
                problem,
                in_ms: milliseconds(wait),
                attempt: patience.next_try(),
            },
        );
        // The wait is in the journal before it begins.
        let not_before = later(self.now(), wait);
        let changed = self.show(piece, |record| {
            // What another resource of the step was left over for stays told.
            if record.state == StepState::Undoing {
                record.not_before = Some(not_before);
                record.error = error;
            }
        });
        self.journal
            .write(JournalEntry {
                steps: changed.into_iter().collect(),
                ..JournalEntry::default()
            })
            .await?;
        Ok(if self.journal.pause(wait, self.halt).await? {
            Tried::Again
        } else {
            Tried::Halted
        })
    }

    /// It answers: what its tries failed at before is told no more.
    async fn answered(&self, piece: &Piece<'_>) -> Result<(), Problem> {
        let mut had_failed = false;
        let changed = self.show(piece, |record| {
            had_failed = record.state == StepState::Undoing && record.not_before.is_some();
            if had_failed {
                record.not_before = None;
                record.error = None;
            }
        });
        if !had_failed {
            return Ok(());
        }
        self.journal
            .write(JournalEntry {
                steps: changed.into_iter().collect(),
                ..JournalEntry::default()
            })
            .await
    }

    /// A retry that a restart cut off waits for the rest of its time; `false` where it was asked to stop meanwhile.
    async fn wait_for_retry(&self, piece: &Piece<'_>) -> Result<bool, Problem> {
        let mut left = Duration::ZERO;
        self.show(piece, |record| left = rest_of_wait(record, self.now()));
        if left.is_zero() {
            return Ok(true);
        }
        self.journal.pause(left, self.halt).await
    }
}

/// How long the step waits before its undo is tried again. What was to be waited for on the way forward is over.
fn rest_of_wait(record: &StepRecord, now: Timestamp) -> Duration {
    let undoes = record.state == StepState::Undoing;
    let Some(not_before) = record.not_before.filter(|_| undoes) else {
        return Duration::ZERO;
    };
    let told = record.error.as_ref().map(|problem| &*problem.cause);
    // Only a vendor says to wait for long; a clock that was set back doesn't.
    let longest = match told {
        Some(Cause::Throttled { .. }) => Duration::MAX,
        _ => LONGEST_PAUSE,
    };
    let left = not_before.duration_since(now).max(SignedDuration::ZERO);
    left.unsigned_abs().min(longest)
}
