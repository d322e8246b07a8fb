//! What is written and told of the pieces of a run on its way back.

use std::sync::PoisonError;

use fabrik_domain::{
    Problem,
    event::Happening,
    resource::{Origin, Resource, ResourceKind, ResourceState},
    run::{Purpose, StepRecord, StepState, WaitReason},
};
use fabrik_store::JournalEntry;
use jiff::Timestamp;

use super::{Fared, Piece, Retreat};

impl Retreat<'_> {
    /// It went with what it lay in.
    pub(super) async fn covered(&self, piece: &Piece<'_>, by: &str) -> Result<(), Problem> {
        self.gone(piece, piece.row.clone(), Some(by.to_owned()))
            .await
    }

    /// It is not there any more; nor is it for other runs whose same step had adopted it. Whoever was told of the
    /// instance was told of one that is not there any more.
    pub(super) async fn gone(
        &self,
        piece: &Piece<'_>,
        row: Resource,
        with: Option<String>,
    ) -> Result<(), Problem> {
        let name = row.name.clone();
        let at = self.now();
        // Variables bear their project's id, and a schema its database's: of another step they are other things.
        let same = |other: &&Resource| {
            other.key != row.key
                && !row.id.is_empty()
                && other.kind == row.kind
                && other.id == row.id
                && other.step == row.step
                && other.origin == Origin::Adopted
                && other.state != ResourceState::Removed
        };
        let told = |other: &&Resource| {
            self.run.purpose == Purpose::Deprovision
                && !row.id.is_empty()
                && other.kind == ResourceKind::Mail
                && matches!(
                    other.state,
                    ResourceState::Intended | ResourceState::Live | ResourceState::Leftover
                )
        };
        let let_go = self.rows.iter().filter(told).map(|mail| Resource {
            state: ResourceState::LetGo,
            ..mail.clone()
        });
        let mut resources: Vec<_> = self.rows.iter().filter(same).cloned().collect();
        // What runs have found in it went with it.
        let lodgers = self.lodgers.iter();
        let lodgers = lodgers.filter(|lodger| lodger.parent.is(&row));
        resources.extend(lodgers.map(|lodger| lodger.row.clone()));
        resources.push(row.clone());
        for resource in &mut resources {
            resource.state = ResourceState::Removed;
            resource.at = at;
        }
        resources.extend(let_go);
        self.say(piece, Happening::Removed { name, with });
        self.end(piece, StepState::Undone, None, resources).await
    }

    /// It could not be taken away.
    pub(super) async fn left(&self, piece: &Piece<'_>, problem: Problem) -> Result<(), Problem> {
        self.say(
            piece,
            Happening::LeftOver {
                name: piece.row.name.clone(),
                problem: problem.clone(),
            },
        );
        let row = Resource {
            state: ResourceState::Leftover,
            at: self.now(),
            ..piece.row.clone()
        };
        self.end(piece, StepState::Leftover, Some(problem), vec![row])
            .await
    }

    /// Writes a piece's end with the step that shows it.
    pub(super) async fn end(
        &self,
        piece: &Piece<'_>,
        state: StepState,
        error: Option<Problem>,
        resources: Vec<Resource>,
    ) -> Result<(), Problem> {
        let changed = self.show(piece, |record| {
            // Of several resources of a step, the one that is left over tells.
            if record.state != StepState::Leftover || state == StepState::Leftover {
                record.state = state;
                record.error.clone_from(&error);
            }
            record.not_before = None;
            record.finished_at = Some(self.now());
        });
        self.say(piece, Happening::Step { state });
        self.journal
            .write(JournalEntry {
                steps: changed.into_iter().collect(),
                resources,
                ..JournalEntry::default()
            })
            .await
    }

    /// Changes the step that shows a piece; gives back what is to be written.
    pub(super) fn show(
        &self,
        piece: &Piece<'_>,
        change: impl FnOnce(&mut StepRecord),
    ) -> Option<StepRecord> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let record = shown.get_mut(&piece.shown)?;
        change(record);
        Some(record.clone())
    }

    /// It can't be taken away before somebody or something outside has acted.
    pub(super) async fn waits(
        &self,
        piece: &Piece<'_>,
        reason: WaitReason,
        problem: Problem,
    ) -> Result<Fared, Problem> {
        self.say(
            piece,
            Happening::Problem {
                problem: problem.clone(),
            },
        );
        let changed = self.show(piece, |record| {
            record.error = Some(problem.clone());
            record.not_before = None;
        });
        self.journal
            .write(JournalEntry {
                steps: changed.into_iter().collect(),
                ..JournalEntry::default()
            })
            .await?;
        Ok(Fared::Waits(reason, problem))
    }

    /// What only had an effect on things that are gone by now is undone with them, and what the run had found
    /// there is no concern of it any more.
    pub(super) async fn round_off(&self) -> Result<(), Problem> {
        let found = |row: &&Resource| {
            self.run.purpose == Purpose::Provision
                && row.run == self.run.id
                && row.origin == Origin::Adopted
                && row.state == ResourceState::Live
        };
        let resources: Vec<_> = self
            .rows
            .iter()
            .filter(found)
            .map(|row| Resource {
                state: ResourceState::LetGo,
                at: self.now(),
                ..row.clone()
            })
            .collect();
        let steps: Vec<_> = {
            let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            shown
                .values_mut()
                .filter(|record| record.state == StepState::Done && record.resource.is_none())
                .map(|record| {
                    record.state = StepState::Undone;
                    record.clone()
                })
                .collect()
        };
        if steps.is_empty() && resources.is_empty() {
            return Ok(());
        }
        self.journal
            .write(JournalEntry {
                steps,
                resources,
                ..JournalEntry::default()
            })
            .await
    }

    pub(super) fn say(&self, piece: &Piece<'_>, what: Happening) {
        self.journal.say(Some(&piece.shown), what);
    }

    pub(super) fn now(&self) -> Timestamp {
        self.engine.clock.now()
    }
}
