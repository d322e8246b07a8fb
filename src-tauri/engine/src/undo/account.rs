//! What is written and told of the pieces of a run on its way back.

use std::sync::{Arc, PoisonError};

use fabrik_domain::{
    Problem,
    event::Happening,
    resource::{Found, Origin, Resource, ResourceKind, ResourceState},
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
        let rows = self.rows();
        let told = |other: &&Resource| {
            self.run.purpose == Purpose::Deprovision
                && !row.id.is_empty()
                && other.kind == ResourceKind::Mail
                && matches!(
                    other.state,
                    ResourceState::Intended | ResourceState::Live | ResourceState::Leftover
                )
        };
        let let_go = rows.iter().filter(told).map(|mail| Resource {
            state: ResourceState::LetGo,
            ..mail.clone()
        });
        let others = found_by_others(&rows, &row);
        let mut resources: Vec<_> = others
            .filter(|other| !self.is_given_back(&row, other))
            .cloned()
            .collect();
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

    /// Whether what an earlier run had found there is what an undo of this has given back.
    fn is_given_back(&self, row: &Resource, other: &Resource) -> bool {
        self.run.purpose == Purpose::Provision
            && row.kind.is_choice()
            && self.number_of(other) < self.number_of(row)
    }

    /// It was asked for, and never made.
    pub(super) async fn never_made(&self, piece: &Piece<'_>) -> Result<(), Problem> {
        let row = Resource {
            state: ResourceState::Removed,
            at: self.now(),
            ..piece.row.clone()
        };
        let name = row.name.clone();
        self.say(piece, Happening::NotThere { name });
        self.end(piece, StepState::Undone, None, vec![row]).await
    }

    /// What it made, if anything, is in what another run has made in the same place, and goes with that: the row says by
    /// what it is known.
    pub(super) async fn added(&self, piece: &Piece<'_>, existing: &Found) -> Result<(), Problem> {
        let state = match self.run.purpose {
            // As of all that the run has found there.
            Purpose::Provision => ResourceState::LetGo,
            Purpose::Deprovision => ResourceState::Live,
        };
        let row = Resource {
            origin: Origin::Adopted,
            state,
            ..self.as_found(piece.row.clone(), existing)
        };
        self.say(
            piece,
            Happening::Adopted {
                id: row.id.clone(),
                url: row.url.clone(),
            },
        );
        self.end(piece, StepState::Undone, None, vec![row]).await
    }

    /// It stays where it is, and is no concern of ours any more; nor of those that have found it.
    pub(super) async fn stays(&self, piece: &Piece<'_>) -> Result<(), Problem> {
        let rows = self.rows();
        let live = |row: &&Resource| row.state == ResourceState::Live;
        let mut resources: Vec<_> = found_by_others(&rows, &piece.row)
            .filter(live)
            .cloned()
            .collect();
        resources.push(piece.row.clone());
        for resource in &mut resources {
            resource.state = ResourceState::LetGo;
            resource.at = self.now();
        }
        self.end(piece, StepState::Undone, None, resources).await
    }

    /// The row of what turned out to be there.
    pub(super) fn as_found(&self, row: Resource, existing: &Found) -> Resource {
        Resource {
            id: existing.id.clone(),
            name: existing.name.clone(),
            url: existing.url.clone(),
            content_hash: existing.content_hash.clone(),
            state: ResourceState::Live,
            at: self.now(),
            ..row
        }
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
        self.write(JournalEntry {
            steps: changed.into_iter().collect(),
            resources,
            ..JournalEntry::default()
        })
        .await
    }

    /// Writes what concerns resources: what comes next goes by it.
    pub(super) async fn write(&self, entry: JournalEntry) -> Result<(), Problem> {
        let written = entry.resources.clone();
        self.journal.write(entry).await?;
        let mut known = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rows = known.to_vec();
        for row in &mut rows {
            if let Some(now) = written.iter().rev().find(|now| now.key == row.key) {
                row.clone_from(now);
            }
        }
        *known = rows.into();
        Ok(())
    }

    /// All rows of the customer, as last written.
    pub(super) fn rows(&self) -> Arc<[Resource]> {
        Arc::clone(&self.rows.lock().unwrap_or_else(PoisonError::into_inner))
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
            .rows()
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
        self.write(JournalEntry {
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

/// The rows of those that have found the thing of this row.
fn found_by_others<'r>(
    rows: &'r [Resource],
    row: &'r Resource,
) -> impl Iterator<Item = &'r Resource> {
    rows.iter().filter(|other| {
        other.key != row.key
            && other.is_thing(row.kind, &row.id, &row.step)
            && other.origin == Origin::Adopted
            && other.state != ResourceState::Removed
    })
}
