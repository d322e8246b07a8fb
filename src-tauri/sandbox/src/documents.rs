//! The sandbox's records: JSON documents by provider, kind and id, in one SQLite file, read from
//! memory. A write is in the file before the call that made it is answered, so that killing the
//! sandbox at any instant loses nothing that a client was told. A simulation has no file.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fabrik_domain::{ports::Clock, secret::Secret};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use crate::document::Document;
use crate::{
    document::{Content, unreadable},
    error::SandboxError,
    lag,
    seal::Seal,
};

/// The kind of what is left of a resource that a vendor speaks of when it is gone: its name, by its id.
pub(crate) const REMOVED: &str = "removed";

#[derive(Clone)]
struct Stored {
    sequence: i64,
    created: Timestamp,
    content: Content,
}

/// Provider, kind and id.
pub type DocumentKey = (String, String, String);

/// By provider, kind and id.
type Kinds = BTreeMap<String, BTreeMap<String, BTreeMap<String, Stored>>>;

struct Records {
    /// `None` in a simulation.
    file: Option<Connection>,
    kinds: Kinds,
    sequence: i64,
}

impl Records {
    fn kind(&self, provider: &str, kind: &str) -> Option<&BTreeMap<String, Stored>> {
        self.kinds.get(provider)?.get(kind)
    }
}

/// One provider's documents. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Documents {
    provider: &'static str,
    records: Arc<Mutex<Records>>,
    seal: Arc<Seal>,
    clock: Arc<dyn Clock>,
}

impl Documents {
    /// Opens the file, or makes it.
    pub(crate) fn open(
        path: &Path,
        seal: Seal,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SandboxError> {
        let connection = Connection::open(path)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = NORMAL;
             CREATE TABLE IF NOT EXISTS documents (
                 provider TEXT NOT NULL,
                 kind TEXT NOT NULL,
                 id TEXT NOT NULL,
                 sequence INTEGER NOT NULL,
                 created_ms INTEGER NOT NULL,
                 json TEXT NOT NULL,
                 PRIMARY KEY (provider, kind, id)
             ) STRICT;
             -- A project that was removed stood among the others once.
             UPDATE documents SET kind = 'removed', json = json_quote(json ->> 'name')
             WHERE provider = 'supabase' AND kind = 'project' AND json ->> 'phase' = 'removed';",
        )?;
        let (kinds, sequence) = load(&connection)?;
        let records = Records {
            file: Some(connection),
            kinds,
            sequence,
        };
        Ok(Self::of_records(records, seal, clock))
    }

    /// Documents that are nowhere but in memory.
    pub(crate) fn in_memory(seal: Seal, clock: Arc<dyn Clock>) -> Self {
        let records = Records {
            file: None,
            kinds: Kinds::new(),
            sequence: 0,
        };
        Self::of_records(records, seal, clock)
    }

    fn of_records(records: Records, seal: Seal, clock: Arc<dyn Clock>) -> Self {
        Self {
            provider: "sandbox",
            records: Arc::new(Mutex::new(records)),
            seal: Arc::new(seal),
            clock,
        }
    }

    /// A copy in memory, by another's time.
    pub(crate) fn fork(&self, clock: Arc<dyn Clock>) -> Self {
        let records = self.lock();
        let records = Records {
            file: None,
            kinds: records.kinds.clone(),
            sequence: records.sequence,
        };
        Self {
            provider: self.provider,
            records: Arc::new(Mutex::new(records)),
            seal: Arc::clone(&self.seal),
            clock,
        }
    }

    /// The same file, seen by another provider.
    pub(crate) fn of(&self, provider: &'static str) -> Self {
        Self {
            provider,
            ..self.clone()
        }
    }

    /// The document, or `None` where there is none.
    pub(crate) fn get<T: Document + DeserializeOwned>(
        &self,
        kind: &str,
        id: &str,
    ) -> Result<Option<T>, SandboxError> {
        let records = self.lock();
        let found = records
            .kind(self.provider, kind)
            .and_then(|documents| documents.get(id));
        let read = found.map(|stored| stored.content.read_if(kind, |_| true));
        Ok(read.transpose()?.flatten())
    }

    /// Writes the document, in place of the one that was there.
    pub(crate) fn put<T: Document>(
        &self,
        kind: &str,
        id: &str,
        document: &T,
    ) -> Result<(), SandboxError> {
        let mut records = self.lock();
        let stored = records
            .kind(self.provider, kind)
            .and_then(|documents| documents.get(id));
        let (sequence, created) = match stored {
            Some(stored) => (stored.sequence, stored.created),
            None => (records.sequence + 1, self.clock.now()),
        };
        if let Some(file) = &records.file {
            let json = serde_json::to_string(document);
            let json = json.map_err(|source| unreadable(kind, source))?;
            file.prepare_cached(
                "INSERT INTO documents (provider, kind, id, sequence, created_ms, json)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (provider, kind, id) DO UPDATE SET json = excluded.json",
            )?
            .execute(params![
                self.provider,
                kind,
                id,
                sequence,
                created.as_millisecond(),
                json
            ])?;
        }
        records.sequence = records.sequence.max(sequence);
        let stored = Stored {
            sequence,
            created,
            content: Content::new(document.clone()),
        };
        let of_provider = records.kinds.entry(self.provider.to_owned()).or_default();
        let documents = of_provider.entry(kind.to_owned()).or_default();
        documents.insert(id.to_owned(), stored);
        Ok(())
    }

    /// Removes the document; whether there was one.
    pub(crate) fn remove(&self, kind: &str, id: &str) -> Result<bool, SandboxError> {
        let mut records = self.lock();
        if let Some(file) = &records.file {
            file.execute(
                "DELETE FROM documents WHERE provider = ?1 AND kind = ?2 AND id = ?3",
                params![self.provider, kind, id],
            )?;
        }
        let documents = records
            .kinds
            .get_mut(self.provider)
            .and_then(|kinds| kinds.get_mut(kind));
        Ok(documents.is_some_and(|documents| documents.remove(id).is_some()))
    }

    /// Every document of a kind, oldest first.
    pub(crate) fn all<T: Document + DeserializeOwned>(
        &self,
        kind: &str,
    ) -> Result<Vec<T>, SandboxError> {
        self.shown(kind, |_| true, |_| true)
    }

    /// The documents of a kind that are wanted, oldest first.
    pub(crate) fn wanted<T: Document + DeserializeOwned>(
        &self,
        kind: &str,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Vec<T>, SandboxError> {
        self.shown(kind, |_| true, wanted)
    }

    /// The oldest document of a kind that is wanted.
    pub(crate) fn find<T: Document + DeserializeOwned>(
        &self,
        kind: &str,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Option<T>, SandboxError> {
        Ok(self.wanted(kind, wanted)?.into_iter().next())
    }

    /// The ids of a kind, oldest first.
    pub(crate) fn ids(&self, kind: &str) -> Vec<String> {
        let records = self.lock();
        let Some(documents) = records.kind(self.provider, kind) else {
            return Vec::new();
        };
        let mut ids: Vec<_> = documents
            .iter()
            .map(|(id, stored)| (stored.sequence, id.clone()))
            .collect();
        ids.sort_unstable();
        ids.into_iter().map(|(_, id)| id).collect()
    }

    /// What a vendor's *list* shows: as [`wanted`](Self::wanted), but behind by the fault `stale_list`
    /// where one is at work. What the list is not asked for is not left out of it. A read by id or name, and of what is a
    /// part of what is read so, uses [`get`](Self::get) or [`all`](Self::all).
    pub(crate) fn listed<T: Document + DeserializeOwned>(
        &self,
        kind: &str,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Vec<T>, SandboxError> {
        let now = self.clock.now();
        self.shown(kind, |created| lag::shows(now, created), wanted)
    }

    /// The next number of a series: 1, 2, 3 … It is never given twice.
    pub(crate) fn next(&self, series: &str) -> Result<u64, SandboxError> {
        let number = self.get::<u64>("series", series)?.unwrap_or_default() + 1;
        self.put("series", series, &number)?;
        Ok(number)
    }

    /// Secret material as a text for a document.
    pub(crate) fn seal(&self, secret: &Secret) -> Result<String, SandboxError> {
        self.seal.seal(secret)
    }

    /// Secret material from a document.
    pub(crate) fn unseal(&self, sealed: &str) -> Result<Secret, SandboxError> {
        self.seal.unseal(sealed)
    }

    /// Every vendor's documents by provider, kind and id, with sealed fields as they lie on disk. The sandbox's own
    /// documents, series and what was [`REMOVED`] are left out.
    pub(crate) fn everything(&self) -> BTreeMap<DocumentKey, Arc<Value>> {
        let records = self.lock();
        let mut everything = BTreeMap::new();
        let vendors = records.kinds.iter().filter(|(it, _)| *it != "sandbox");
        for (provider, kinds) in vendors {
            let there = |kind: &str| kind != "series" && kind != REMOVED;
            for (kind, documents) in kinds.iter().filter(|(kind, _)| there(kind)) {
                for (id, stored) in documents {
                    let key = (provider.clone(), kind.clone(), id.clone());
                    // What could be written can be shown.
                    everything.insert(key, stored.content.to_json().unwrap_or_default());
                }
            }
        }
        everything
    }

    /// Drops every document but the sandbox's own (its tokens, seed and port).
    pub(crate) fn clear_vendors(&self) -> Result<(), SandboxError> {
        let mut records = self.lock();
        if let Some(file) = &records.file {
            file.execute("DELETE FROM documents WHERE provider <> 'sandbox'", [])?;
        }
        records.kinds.retain(|provider, _| provider == "sandbox");
        Ok(())
    }

    fn shown<T: Document + DeserializeOwned>(
        &self,
        kind: &str,
        shows: impl Fn(Timestamp) -> bool,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Vec<T>, SandboxError> {
        let records = self.lock();
        let Some(documents) = records.kind(self.provider, kind) else {
            return Ok(Vec::new());
        };
        let mut found: Vec<_> = documents.values().collect();
        found.sort_by_key(|stored| stored.sequence);
        found
            .into_iter()
            .filter_map(|stored| {
                let read = stored.content.read_if(kind, &wanted).transpose()?;
                shows(stored.created).then_some(read)
            })
            .collect()
    }

    /// No code panics while it holds the lock, and the file is the truth: poison means nothing.
    fn lock(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn load(connection: &Connection) -> Result<(Kinds, i64), SandboxError> {
    let mut kinds = Kinds::new();
    let mut last = 0;
    let mut statement = connection
        .prepare("SELECT provider, kind, id, sequence, created_ms, json FROM documents")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let kind: String = row.get(1)?;
        let json: String = row.get(5)?;
        let value: Value =
            serde_json::from_str(&json).map_err(|source| unreadable(&kind, source))?;
        let sequence = row.get(3)?;
        let created = Timestamp::from_millisecond(row.get(4)?).unwrap_or_default();
        last = last.max(sequence);
        let stored = Stored {
            sequence,
            created,
            content: Content::new(value),
        };
        let of_provider: &mut BTreeMap<_, BTreeMap<_, _>> = kinds.entry(row.get(0)?).or_default();
        of_provider
            .entry(kind)
            .or_default()
            .insert(row.get(2)?, stored);
    }
    Ok((kinds, last))
}
