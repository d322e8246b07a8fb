//! One piece on its way back: an intent whose outcome is unknown is settled first, then it is taken away
//! by its id, as often as the vendor puts it off.

use std::{collections::BTreeMap, time::Duration};

use fabrik_domain::{
    Cause, Problem,
    event::Happening,
    failure::{Failure, Outcome},
    resource::{Found as Existing, Mark, Resource, ResourceState},
    run::{Outputs, StepState},
};
use fabrik_store::JournalEntry;

use super::{Fared, Piece, Retreat, own};
use crate::{
    backoff::{MOST_ATTEMPTS, pause},
    lease::LEASE,
    perform::{later, milliseconds},
    step::{Context, Found, Inputs, Occasion, Step, Timing, Undone},
};

/// How often a vendor that puts an undo off is asked again.
const AGAIN: Duration = Duration::from_secs(5);

/// What came of a call that may be tried again.
enum Tried<T> {
    Answer(T),
    Again,
    Never(Problem),
    Halted,
}

impl Retreat<'_> {
    /// Takes a piece away. Only the journal's own failure is an error.
    pub(super) async fn take_away(&self, piece: &Piece<'_>) -> Result<Fared, Problem> {
        if let Some(run) = self.used_by(&piece.row) {
            let number = self.engine.store.run(run).await?.number;
            let name = piece.row.name.clone();
            self.left(piece, Cause::UsedByLaterRun { name, number }.into())
                .await?;
            return Ok(Fared::Left);
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
        // A process that slept past its lease may not take anything away.
        self.journal.renew(LEASE).await?;
        let steps = self.show(piece, |record| {
            record.state = StepState::Undoing;
            record.error = None;
            record.finished_at = None;
        });
        self.journal
            .write(JournalEntry {
                steps: steps.into_iter().collect(),
                ..JournalEntry::default()
            })
            .await?;

        let outputs = piece.past.outputs();
        let step = match self.built(piece, &outputs).await? {
            Tried::Answer(step) => step,
            Tried::Never(problem) => {
                self.left(piece, problem).await?;
                return Ok(Fared::Left);
            }
            Tried::Again | Tried::Halted => return Ok(Fared::Halted),
        };
        let mut row = piece.row.clone();
        if row.id.is_empty() {
            match self.settled(piece, step.as_ref()).await? {
                Tried::Answer(Some(existing)) => {
                    row = self.known_now(piece, row, &existing).await?;
                }
                // It was never made.
                Tried::Answer(None) => {
                    self.gone(piece, row, None).await?;
                    return Ok(Fared::Away);
                }
                Tried::Never(problem) => {
                    self.left(piece, problem).await?;
                    return Ok(Fared::Left);
                }
                Tried::Again | Tried::Halted => return Ok(Fared::Halted),
            }
        }
        let piece = &Piece {
            row,
            past: piece.past,
            spec: piece.spec,
            shown: piece.shown.clone(),
            within: piece.within.clone(),
        };
        self.undo(piece, step.as_ref()).await
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
        let mut failures = 0;
        loop {
            let built = self.factory.build(piece.spec, inputs).await;
            match self.tried(piece, built, &mut failures).await? {
                Tried::Again => {}
                end => return Ok(end),
            }
        }
    }

    /// Looks through the settle window for what an intent may have made: `None` where it made nothing.
    async fn settled(
        &self,
        piece: &Piece<'_>,
        step: &dyn Step,
    ) -> Result<Tried<Option<Existing>>, Problem> {
        let record = piece.past.record(&piece.row.step);
        let window = step.timing().settle;
        let intended = record.and_then(|record| record.intended_at);
        let until = later(intended.unwrap_or(piece.row.at), window);
        let left = until.duration_since(self.now());
        self.say(
            piece,
            Happening::Settling {
                at_most_ms: milliseconds(left.max(jiff::SignedDuration::ZERO).unsigned_abs()),
            },
        );
        let mut interval = Duration::from_millis(250);
        let mut failures = 0;
        loop {
            // A look that began within the window says nothing of what was done during it.
            let began = self.now();
            let found = self
                .with_context(piece, step, async |cx| step.find(cx).await)
                .await;
            let found = match self.tried(piece, found, &mut failures).await? {
                Tried::Answer(found) => found,
                Tried::Again => continue,
                Tried::Never(problem) => return Ok(Tried::Never(problem)),
                Tried::Halted => return Ok(Tried::Halted),
            };
            match found {
                // What another run made is not this one's.
                Found::Ours(existing) if !self.is_of_another(&piece.row, &existing) => {
                    return Ok(Tried::Answer(Some(existing)));
                }
                Found::Satisfied => {
                    let name = piece.row.name.clone();
                    return Ok(Tried::Answer(Some(Existing {
                        id: String::new(),
                        name,
                        url: None,
                        content_hash: piece.row.content_hash.clone(),
                    })));
                }
                Found::Ambiguous(candidates) => {
                    let name = piece.row.name.clone();
                    return Ok(Tried::Never(Cause::Ambiguous { name, candidates }.into()));
                }
                Found::CannotSee(problem) => return Ok(Tried::Never(problem)),
                // Somebody else's thing in its place shows that ours is not there.
                Found::Absent { .. } | Found::Foreign(_) | Found::Ours(_) if began >= until => {
                    return Ok(Tried::Answer(None));
                }
                Found::Absent { .. } | Found::Foreign(_) | Found::Ours(_) => {
                    if !self.pause(interval).await? {
                        return Ok(Tried::Halted);
                    }
                    interval = (interval * 2).min(Duration::from_secs(2));
                }
            }
        }
    }

    fn is_of_another(&self, row: &Resource, existing: &Existing) -> bool {
        self.rows.iter().any(|other| {
            other.key != row.key
                && other.kind == row.kind
                && other.id == existing.id
                && other.state != ResourceState::Removed
        })
    }

    /// Writes the id that an intent turned out to have, before it is used.
    async fn known_now(
        &self,
        piece: &Piece<'_>,
        row: Resource,
        existing: &Existing,
    ) -> Result<Resource, Problem> {
        let row = Resource {
            id: existing.id.clone(),
            name: existing.name.clone(),
            url: existing.url.clone(),
            content_hash: existing.content_hash.clone(),
            state: ResourceState::Live,
            at: self.now(),
            ..row
        };
        self.say(
            piece,
            Happening::Created {
                id: row.id.clone(),
                url: row.url.clone(),
            },
        );
        self.journal
            .write(JournalEntry {
                resources: vec![row.clone()],
                ..JournalEntry::default()
            })
            .await?;
        Ok(row)
    }

    async fn undo(&self, piece: &Piece<'_>, step: &dyn Step) -> Result<Fared, Problem> {
        let existing = Existing {
            id: piece.row.id.clone(),
            name: piece.row.name.clone(),
            url: piece.row.url.clone(),
            content_hash: piece.row.content_hash.clone(),
        };
        let begun = self.engine.clock.monotonic();
        let mut failures = 0;
        let mut shown = None;
        loop {
            if self.halt.is_cancelled() {
                return Ok(Fared::Halted);
            }
            self.journal.assert_fresh().await?;
            let undone = self
                .with_context(piece, step, async |cx| step.undo(cx, &existing).await)
                .await;
            match self.tried(piece, undone, &mut failures).await? {
                Tried::Answer(Undone::Gone) => {
                    self.gone(piece, piece.row.clone(), None).await?;
                    return Ok(Fared::Away);
                }
                Tried::Answer(Undone::Stays) => {
                    self.end(piece, StepState::Undone, None, Vec::new()).await?;
                    return Ok(Fared::Away);
                }
                Tried::Answer(Undone::NotYet { status }) => {
                    let now = self.engine.clock.monotonic();
                    if now.saturating_sub(begun) > Timing::UNDO {
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
                    if !self.pause(AGAIN).await? {
                        return Ok(Fared::Halted);
                    }
                }
                Tried::Answer(Undone::CannotSee(problem) | Undone::Refused(problem))
                | Tried::Never(problem) => {
                    self.left(piece, problem).await?;
                    return Ok(Fared::Left);
                }
                Tried::Again => {}
                Tried::Halted => return Ok(Fared::Halted),
            }
        }
    }

    async fn with_context<T>(
        &self,
        piece: &Piece<'_>,
        step: &dyn Step,
        call: impl AsyncFnOnce(&Context<'_>) -> T,
    ) -> T {
        let kind = step.resource_kind();
        let known = own(self.rows, piece.row.run, &piece.row.step, kind);
        let record = piece.past.record(&piece.row.step);
        let log = |what| self.say(piece, what);
        let context = Context {
            run: piece.row.run,
            step: piece.spec,
            snapshot: &piece.past.snapshot,
            mark: Mark {
                workspace: self.engine.store.workspace(),
                customer: piece.row.customer,
            },
            evidence: record.and_then(|record| record.evidence.as_ref()),
            known: &known,
            all: self.rows,
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
    async fn tried<T>(
        &self,
        piece: &Piece<'_>,
        result: Result<T, Failure>,
        failures: &mut u32,
    ) -> Result<Tried<T>, Problem> {
        let Failure { outcome, problem } = match result {
            Ok(answer) => {
                *failures = 0;
                return Ok(Tried::Answer(answer));
            }
            Err(failure) => failure,
        };
        let wait = match outcome {
            // Only time or money mends it, and more time than somebody waits here.
            _ if matches!(*problem.cause, Cause::QuotaExceeded { .. }) => {
                return Ok(Tried::Never(problem));
            }
            Outcome::Refused | Outcome::Unauthorized => return Ok(Tried::Never(problem)),
            Outcome::Throttled(until) => until
                .duration_since(self.now())
                .max(jiff::SignedDuration::ZERO)
                .unsigned_abs(),
            Outcome::NotSent | Outcome::Unknown => {
                *failures += 1;
                if *failures >= MOST_ATTEMPTS {
                    return Ok(Tried::Never(problem));
                }
                pause(*failures, self.engine.random.as_ref())
            }
        };
        self.say(
            piece,
            Happening::Retrying {
                problem,
                in_ms: milliseconds(wait),
                attempt: *failures + 1,
            },
        );
        Ok(if self.pause(wait).await? {
            Tried::Again
        } else {
            Tried::Halted
        })
    }

    /// Waits; `false` where it was asked to stop.
    async fn pause(&self, duration: Duration) -> Result<bool, Problem> {
        self.journal.flush().await?;
        tokio::select! {
            () = self.halt.cancelled() => Ok(false),
            () = self.engine.clock.sleep(duration) => Ok(true),
        }
    }
}
