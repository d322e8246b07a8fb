//! A writing into the agency's own table, done once. Before it is committed it is noted in the records what the table's
//! server will know it by: where the answer is lost, or this process, whoever goes on asks the server what became of it.
//! What the agency has changed since is not written over.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause, Problem,
    mapping::{ResultField, ResultMapping},
};
use fabrik_store::{PendingWrite, Source, SourceMark, Written};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Kept;
use crate::App;

/// What is to be written.
pub(super) struct WriteBack<'a> {
    /// Of what.
    pub(super) what: PendingWrite,
    /// When that was: a run that is taken on ends again.
    pub(super) at: Timestamp,
    /// The row's id.
    pub(super) key: &'a str,
    pub(super) values: BTreeMap<ResultField, Option<String>>,
}

/// What came of it.
pub(super) enum Once {
    /// It was written, now or before.
    Written,
    /// There is no such row.
    Missing,
    /// Another desktop is writing it, or has.
    Elsewhere,
    /// It was perhaps written, and the agency has written something else since: that stays.
    Left,
}

/// A writing as it is noted.
#[derive(Serialize, Deserialize)]
struct Note {
    at: Timestamp,
    /// The server and the table, where the number means something.
    table: String,
    results: ResultMapping,
    key: String,
    mark: SourceMark,
}

impl App {
    pub(super) async fn write_once(
        &self,
        kept: &Kept,
        results: &ResultMapping,
        source: &Source,
        write_back: WriteBack<'_>,
    ) -> Result<Once, Problem> {
        let WriteBack {
            what,
            at,
            key,
            values,
        } = write_back;
        let table = kept.table()?;
        let seen = self.store.write_intent(what).await?;
        let noted = seen
            .as_deref()
            .and_then(|text| serde_json::from_str::<Note>(text).ok());
        // Of another end, or by another mapping, it says nothing of what is to stand there now.
        let noted = noted.filter(|note| {
            note.at == at && note.table == table && note.results == *results && note.key == key
        });
        if let Some(note) = noted {
            match source.written(results, key, &note.mark).await? {
                Written::Yes => return Ok(Once::Written),
                Written::No => {}
                Written::Changed => return Ok(Once::Left),
            }
        }
        let Some(write) = source.begin_write(results, key, &values).await? else {
            return Ok(Once::Missing);
        };
        let note = Note {
            at,
            table,
            results: results.clone(),
            key: key.to_owned(),
            mark: write.mark().clone(),
        };
        let note = serde_json::to_string(&note)
            .map_err(|error| Problem::from(Cause::Internal).detail(error.to_string()))?;
        if !self.store.note_write_intent(what, seen, note).await? {
            write.roll_back().await;
            return Ok(Once::Elsewhere);
        }
        write.commit().await?;
        Ok(Once::Written)
    }
}
