//! What a run asked for without learning whether it was made: looked for, before anything is taken back.

use fabrik_domain::{
    Cause, Problem,
    event::Happening,
    resource::{Found as Existing, Origin, Resource},
    run::{Phase, StepRecord},
};
use fabrik_store::JournalEntry;

use super::{Piece, Retreat, piece::Tried};
use crate::{
    lease::CALL,
    patience::Patience,
    settling::{Settling, window_back},
    span::milliseconds,
    step::{Found, Step},
};

/// What an intent whose outcome was not known came to.
pub(super) enum Settled {
    /// It made this.
    Ours(Existing),
    /// This is there, in a place where another run has made something, with which it goes: what the intent added to it, if
    /// anything, nobody can tell.
    Added(Existing),
    /// It made nothing.
    Nothing,
}

impl Retreat<'_> {
    /// Looks through the settle window for what an intent may have made.
    pub(super) async fn settled(
        &self,
        piece: &Piece<'_>,
        step: &dyn Step,
    ) -> Result<Tried<Settled>, Problem> {
        let clock = self.engine.clock.as_ref();
        let record = piece.past.record(&piece.row.step);
        let sent = record.and_then(|record| record.intended_at);
        let window = window_back(step.timing().settle);
        let mut settling = Settling::begin(clock, sent.unwrap_or(piece.row.at), window);
        self.say(
            piece,
            Happening::Settling {
                at_most_ms: milliseconds(settling.left()),
            },
        );
        let mut patience = Patience::default();
        loop {
            let began = clock.monotonic();
            let found = self
                .with_context(piece, step, async |cx| step.find(cx).await)
                .await;
            let found = match self.tried(piece, found, &mut patience).await? {
                Tried::Answer(found) => found,
                Tried::Again => continue,
                Tried::Never(problem) => return Ok(Tried::Never(problem)),
                Tried::Later(problem) => return Ok(Tried::Later(problem)),
                Tried::Halted => return Ok(Tried::Halted),
            };
            let is_over = settling.tells(began);
            match self.doubted(piece, found) {
                Found::Ours(existing) if !self.is_of_another(&piece.row, &existing) => {
                    return Ok(Tried::Answer(Settled::Ours(existing)));
                }
                Found::Alone(existing) if is_over && !self.is_of_another(&piece.row, &existing) => {
                    return Ok(Tried::Answer(Settled::Ours(existing)));
                }
                Found::Ours(existing) if is_over && piece.row.kind.is_place() => {
                    return Ok(if self.is_made_by_another(&piece.row, &existing) {
                        Tried::Answer(Settled::Added(existing))
                    } else {
                        // A run has only found it there: it may be gone since, and the intent's by now.
                        let name = piece.row.name.clone();
                        let candidates = vec![existing];
                        Tried::Never(Cause::Ambiguous { name, candidates }.into())
                    });
                }
                Found::Satisfied => {
                    return Ok(Tried::Answer(Settled::Ours(Existing {
                        id: String::new(),
                        ..piece.row.found()
                    })));
                }
                Found::Ambiguous(candidates) => {
                    let name = piece.row.name.clone();
                    return Ok(Tried::Never(Cause::Ambiguous { name, candidates }.into()));
                }
                Found::CannotSee(problem) => return Ok(Tried::Never(problem)),
                // Somebody else's thing in its place shows that ours is not there.
                Found::Absent { .. } | Found::Foreign(_) | Found::Ours(_) | Found::Alone(_)
                    if is_over =>
                {
                    return Ok(Tried::Answer(Settled::Nothing));
                }
                Found::Absent { .. } | Found::Foreign(_) | Found::Ours(_) | Found::Alone(_) => {
                    if !self.journal.pause(settling.pause(), self.halt).await? {
                        return Ok(Tried::Halted);
                    }
                }
            }
        }
    }

    /// What was seen, with the doubts of the run that made it and of this one.
    fn doubted(&self, piece: &Piece<'_>, found: Found) -> Found {
        let mut judged = found;
        if let Some(record) = piece.past.record(&piece.row.step) {
            judged = judged.doubted_by(&mut record.clone());
        }
        let seen = judged.clone();
        self.show(piece, |record| judged = seen.doubted_by(record));
        judged
    }

    /// Waits until no call of the step can come true any more, though something of it is there already: of several calls
    /// one may be on its way still, and one that was repeated before its time was over may be carried out twice. What
    /// comes after the undo would be nobody's. `false` where it was asked to stop meanwhile.
    pub(super) async fn outlasted(
        &self,
        piece: &Piece<'_>,
        step: &dyn Step,
    ) -> Result<bool, Problem> {
        let settle = step.timing().settle;
        let is_open = |record: &&StepRecord| {
            record.phase == Phase::Intended || (record.attempts > 1 && settle < CALL)
        };
        let Some(record) = piece.past.record(&piece.row.step).filter(is_open) else {
            return Ok(true);
        };
        let sent = record.intended_at.unwrap_or(piece.row.at);
        let clock = self.engine.clock.as_ref();
        let left = Settling::begin(clock, sent, window_back(settle)).left();
        if left.is_zero() {
            return Ok(true);
        }
        self.say(
            piece,
            Happening::Settling {
                at_most_ms: milliseconds(left),
            },
        );
        self.journal.pause(left, self.halt).await
    }

    /// Whether what was found is not what this intent made: another run has made it, or it was there before. A
    /// later run that found it has only adopted it: then this one made it. What an earlier one found chosen is not what the
    /// intent was to choose.
    fn is_of_another(&self, row: &Resource, existing: &Existing) -> bool {
        let found_before = |other: &Resource| {
            !row.kind.is_choice() && self.number_of(other) <= self.number_of(row)
        };
        self.rows().iter().any(|other| {
            accounts_for(other, row, existing)
                && (other.origin == Origin::Created || found_before(other))
        })
    }

    /// Whether another run has made it, so that it goes with that one's.
    fn is_made_by_another(&self, row: &Resource, existing: &Existing) -> bool {
        self.rows()
            .iter()
            .any(|other| accounts_for(other, row, existing) && other.origin == Origin::Created)
    }

    /// Writes the id that an intent turned out to have, before it is used.
    pub(super) async fn known_now(
        &self,
        piece: &Piece<'_>,
        existing: &Existing,
    ) -> Result<Resource, Problem> {
        let row = self.as_found(piece.row.clone(), existing);
        self.say(
            piece,
            Happening::Created {
                id: row.id.clone(),
                url: row.url.clone(),
            },
        );
        self.write(JournalEntry {
            resources: vec![row.clone()],
            ..JournalEntry::default()
        })
        .await?;
        Ok(row)
    }
}

/// Whether it is another's row than the intent's, of what was found.
fn accounts_for(other: &Resource, row: &Resource, existing: &Existing) -> bool {
    other.key != row.key && other.accounts_for(row.kind, &existing.id, &row.step)
}
