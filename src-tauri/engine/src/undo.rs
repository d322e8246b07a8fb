//! Going back: what runs have made is taken away again, in reverse order of dependence, each piece alone.
//! One that fails is recorded as left over, and the rest go on.
//!
//! The truth is in the resources' rows: what is `removed` is done with. So a restart goes on with the
//! rest, and a retry takes what was left over.

mod account;
mod order;
mod past;
mod piece;
mod put_off;
mod removal;
mod unknown;
mod way;

pub(crate) use past::{Past, Piece, as_last_seen, is_to_go, own};
pub(crate) use removal::{Lodger, takes_away};
pub(crate) use way::{Why, ended};

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use fabrik_domain::{
    Cause, Problem,
    event::RunEvent,
    resource::{Resource, ResourceState},
    run::{Purpose, Run, StepRecord, StepState, WaitReason},
};
use futures::{StreamExt, stream::FuturesUnordered};
use tokio_util::sync::CancellationToken;

use crate::{Engine, journal::Journal, step::StepFactory};

/// How taking a piece away ended.
#[derive(Clone, Debug)]
pub(crate) enum Fared {
    /// It is gone, or costs nothing and stays.
    Away,
    /// It could not be taken away.
    Left,
    /// It is not known yet: somebody or something outside must act first.
    Waits(WaitReason, Problem),
    /// It was asked to stop between two calls.
    Halted,
}

/// A run on its way back.
pub(crate) struct Retreat<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) factory: &'a dyn StepFactory,
    pub(crate) journal: &'a Journal<'a>,
    pub(crate) run: &'a Run,
    /// All rows of the customer, as last written.
    pub(crate) rows: Mutex<Arc<[Resource]>>,
    /// All runs of the customer.
    pub(crate) runs: &'a [Run],
    /// In a removal, what is gone with what it lies in without having been made by any run.
    pub(crate) lodgers: &'a [Lodger],
    /// What processes that were killed on its way back have told.
    pub(crate) told: &'a [RunEvent],
    pub(crate) halt: &'a CancellationToken,
    /// The steps of the run under way, as last written.
    pub(crate) shown: Mutex<BTreeMap<String, StepRecord>>,
}

/// How a retreat ended.
pub(crate) enum Back {
    /// Nothing is left.
    Clear,
    /// Something is, or secrets of the run could not be dropped.
    Leftovers(Option<Problem>),
    /// Something waits, and what must go after it with it.
    Waiting(WaitReason, Problem),
    /// It was asked to stop.
    Halted,
}

/// What an earlier attempt left over tells nothing of this one.
fn begin_anew(record: &mut StepRecord) {
    if record.state == StepState::Leftover {
        record.state = StepState::Undoing;
    }
}

impl Retreat<'_> {
    /// Takes away what `pasts` have made.
    ///
    /// # Errors
    /// Those of the journal: then nothing more was done at any vendor.
    pub(crate) async fn walk(&self, pasts: &[Past]) -> Result<Back, Problem> {
        let pieces = self.pieces(pasts).await;
        for piece in &pieces {
            self.show(piece, begin_anew);
        }
        let mut ends: BTreeMap<usize, Fared> = BTreeMap::new();
        let mut begun = BTreeSet::new();
        let mut going = FuturesUnordered::new();
        let cover = |piece: &Piece<'_>| {
            pieces
                .iter()
                .position(|other| piece.is_covered_by(&other.row) && other.row.key != piece.row.key)
        };
        loop {
            let ended = ends.len();
            for (index, piece) in pieces.iter().enumerate() {
                if begun.contains(&index) {
                    continue;
                }
                // What went with something is written also where it was asked to stop: that takes no call.
                if let Some(parent) = self.gone_before(piece) {
                    begun.insert(index);
                    self.covered(piece, &parent).await?;
                    ends.insert(index, Fared::Away);
                    continue;
                }
                if let Some(parent) = cover(piece) {
                    match ends.get(&parent) {
                        Some(Fared::Away) => {
                            begun.insert(index);
                            self.covered(piece, &pieces[parent].row.name).await?;
                            ends.insert(index, Fared::Away);
                        }
                        Some(Fared::Left) => {
                            begun.insert(index);
                            let name = pieces[parent].row.name.clone();
                            self.left(piece, Cause::LiesInLeftover { name }.into())
                                .await?;
                            ends.insert(index, Fared::Left);
                        }
                        Some(Fared::Waits(..) | Fared::Halted) | None => {}
                    }
                    continue;
                }
                if self.halt.is_cancelled() {
                    continue;
                }
                let waits = pieces[..index].iter().enumerate().any(|(other, before)| {
                    !matches!(ends.get(&other), Some(Fared::Away | Fared::Left))
                        && cover(before).is_none()
                        && before.goes_before(piece)
                });
                if !waits {
                    begun.insert(index);
                    going.push(async move { (index, self.take_away(piece).await) });
                }
            }
            match going.next().await {
                Some((index, fared)) => {
                    ends.insert(index, fared?);
                    self.gone_after_all(&pieces, &mut ends, index).await?;
                }
                // What was covered may have been what others wait for.
                None if ends.len() > ended => {}
                None => break,
            }
        }
        let waits = ends.values().find_map(|end| match end {
            Fared::Waits(reason, problem) => Some((*reason, problem.clone())),
            Fared::Away | Fared::Left | Fared::Halted => None,
        });
        if let Some((reason, problem)) = waits
            && !self.halt.is_cancelled()
        {
            return Ok(Back::Waiting(reason, problem));
        }
        let ended = |end: &Fared| matches!(end, Fared::Away | Fared::Left);
        if begun.len() < pieces.len() || !ends.values().all(ended) {
            return Ok(Back::Halted);
        }
        for past in pasts {
            if let Err(problem) = self.factory.forget(past.run, &past.snapshot).await {
                return Ok(Back::Leftovers(Some(problem)));
            }
        }
        self.round_off().await?;
        Ok(if ends.values().any(|end| matches!(end, Fared::Left)) {
            Back::Leftovers(None)
        } else {
            Back::Clear
        })
    }

    /// What could not be taken away by itself went with what it lay in, if that did.
    async fn gone_after_all(
        &self,
        pieces: &[Piece<'_>],
        ends: &mut BTreeMap<usize, Fared>,
        parent: usize,
    ) -> Result<(), Problem> {
        if !matches!(ends.get(&parent), Some(Fared::Away)) {
            return Ok(());
        }
        let parent = &pieces[parent].row;
        for (index, piece) in pieces.iter().enumerate() {
            if matches!(ends.get(&index), Some(Fared::Left)) && piece.lies_in(parent) {
                self.show(piece, |record| record.state = StepState::Undoing);
                self.covered(piece, &parent.name).await?;
                ends.insert(index, Fared::Away);
            }
        }
        Ok(())
    }

    /// What there is to take away, in the order in which it goes: what a piece waits for is before it.
    async fn pieces<'p>(&self, pasts: &'p [Past]) -> Vec<Piece<'p>> {
        let mut pieces: Vec<Piece<'p>> = Vec::new();
        let goes = |row: &&Resource| is_to_go(row) && self.is_shown(row);
        let rows = self.rows();
        for row in rows.iter().filter(goes) {
            let mut runs = pasts.iter().enumerate();
            let Some((age, past)) = runs.find(|(_, past)| past.run == row.run) else {
                continue;
            };
            let Some(spec) = past.spec(&row.step) else {
                continue;
            };
            pieces.push(Piece {
                within: past.within(self.factory, &row.step).await,
                shown: self.shown_by(row),
                row: as_last_seen(row, &rows),
                past,
                spec,
                age,
            });
        }
        order::in_order(pieces)
    }

    /// In a rollback the step itself; in a removal the one that was written for the row.
    fn shown_by(&self, row: &Resource) -> String {
        if self.run.purpose == Purpose::Provision {
            return row.step.clone();
        }
        self.taken_by(row).unwrap_or_else(|| row.step.clone())
    }

    /// What it lay in and was taken away before a restart.
    fn gone_before(&self, piece: &Piece<'_>) -> Option<String> {
        let gone = |row: &&Resource| {
            row.state == ResourceState::Removed && !row.never_was() && piece.lies_in(row)
        };
        let rows = self.rows();
        let row = rows.iter().find(gone)?;
        Some(as_last_seen(row, &rows).name)
    }

    /// The number of a later run of the customer that uses what this one made, or can be taken on to use it:
    /// then it stays.
    pub(crate) fn used_by(&self, row: &Resource) -> Option<i64> {
        if self.run.purpose == Purpose::Deprovision {
            return None;
        }
        past::used_by(row, &self.rows(), self.runs)
    }

    fn run_of(&self, row: &Resource) -> Option<&Run> {
        self.runs.iter().find(|run| run.id == row.run)
    }

    /// The number of the run that the row is of. Times are of clocks that may have been set; numbers only grow.
    fn number_of(&self, row: &Resource) -> Option<i64> {
        self.run_of(row).map(|run| run.number)
    }
}
