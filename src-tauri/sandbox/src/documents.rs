//! The sandbox's records: JSON documents by provider, kind and id, in one SQLite file, read from
//! memory. A write is in the file before the call that made it is answered, so that killing the
//! sandbox at any instant loses nothing that a client was told.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fabrik_domain::{ports::Clock, secret::Secret};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{error::SandboxError, seal::Seal};

tokio::task_local! {
    /// How far the lists of the present call lag behind (the fault `stale_list`).
    pub(crate) static LIST_LAG: Duration;
}

struct Stored {
    sequence: i64,
    created: Timestamp,
    value: Value,
}

type Kinds = BTreeMap<(String, String), BTreeMap<String, Stored>>;

struct Records {
    connection: Connection,
    kinds: Kinds,
    sequence: i64,
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
             ) STRICT;",
        )?;
        let (kinds, sequence) = load(&connection)?;
        Ok(Self {
            provider: "sandbox",
            records: Arc::new(Mutex::new(Records {
                connection,
                kinds,
                sequence,
            })),
            seal: Arc::new(seal),
            clock,
        })
    }

    /// The same file, seen by another provider.
    pub(crate) fn of(&self, provider: &'static str) -> Self {
        Self {
            provider,
            ..self.clone()
        }
    }

    /// The document, or `None` where there is none.
    pub(crate) fn get<T: DeserializeOwned>(
        &self,
        kind: &str,
        id: &str,
    ) -> Result<Option<T>, SandboxError> {
        let records = self.lock();
        let found = records
            .kinds
            .get(&self.key(kind))
            .and_then(|documents| documents.get(id));
        found.map(|stored| read(kind, &stored.value)).transpose()
    }

    /// Writes the document, in place of the one that was there.
    pub(crate) fn put<T: Serialize>(
        &self,
        kind: &str,
        id: &str,
        document: &T,
    ) -> Result<(), SandboxError> {
        let value = serde_json::to_value(document).map_err(|source| SandboxError::Document {
            kind: kind.to_owned(),
            source,
        })?;
        let mut records = self.lock();
        let key = self.key(kind);
        let (sequence, created) = match records.kinds.get(&key).and_then(|all| all.get(id)) {
            Some(stored) => (stored.sequence, stored.created),
            None => (records.sequence + 1, self.clock.now()),
        };
        records
            .connection
            .prepare_cached(
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
                value.to_string()
            ])?;
        records.sequence = records.sequence.max(sequence);
        let stored = Stored {
            sequence,
            created,
            value,
        };
        records
            .kinds
            .entry(key)
            .or_default()
            .insert(id.to_owned(), stored);
        Ok(())
    }

    /// Removes the document; whether there was one.
    pub(crate) fn remove(&self, kind: &str, id: &str) -> Result<bool, SandboxError> {
        let mut records = self.lock();
        let removed = records.connection.execute(
            "DELETE FROM documents WHERE provider = ?1 AND kind = ?2 AND id = ?3",
            params![self.provider, kind, id],
        )?;
        if let Some(documents) = records.kinds.get_mut(&self.key(kind)) {
            documents.remove(id);
        }
        Ok(removed > 0)
    }

    /// Every document of a kind, oldest first.
    pub(crate) fn all<T: DeserializeOwned>(&self, kind: &str) -> Result<Vec<T>, SandboxError> {
        self.since(kind, Timestamp::MAX)
    }

    /// The ids of a kind, oldest first.
    pub(crate) fn ids(&self, kind: &str) -> Vec<String> {
        let records = self.lock();
        let Some(documents) = records.kinds.get(&self.key(kind)) else {
            return Vec::new();
        };
        let mut ids: Vec<_> = documents
            .iter()
            .map(|(id, stored)| (stored.sequence, id.clone()))
            .collect();
        ids.sort_unstable();
        ids.into_iter().map(|(_, id)| id).collect()
    }

    /// What a vendor's *list* shows: as [`all`](Self::all), but behind by the fault `stale_list`
    /// where one is at work. A read by id or name uses [`get`](Self::get) or [`all`](Self::all).
    pub(crate) fn listed<T: DeserializeOwned>(&self, kind: &str) -> Result<Vec<T>, SandboxError> {
        let lag = LIST_LAG.try_with(|lag| *lag).unwrap_or_default();
        let newest = if lag.is_zero() {
            Timestamp::MAX
        } else {
            self.clock.now() - lag
        };
        self.since(kind, newest)
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

    /// Everything there is, for the control endpoint: `{provider: {kind: {id: document}}}`, with
    /// sealed fields as they lie on disk. The sandbox's own documents and series are left out.
    pub(crate) fn everything(&self) -> Value {
        let records = self.lock();
        let mut tree = serde_json::Map::new();
        for ((provider, kind), documents) in &records.kinds {
            if provider == "sandbox" || kind == "series" || documents.is_empty() {
                continue;
            }
            let kinds = tree
                .entry(provider.clone())
                .or_insert_with(|| Value::Object(serde_json::Map::new()));
            let by_id = documents
                .iter()
                .map(|(id, stored)| (id.clone(), stored.value.clone()));
            kinds[kind.as_str()] = Value::Object(by_id.collect());
        }
        Value::Object(tree)
    }

    /// Drops every document but the sandbox's own (its tokens, seed and port).
    pub(crate) fn clear_vendors(&self) -> Result<(), SandboxError> {
        let mut records = self.lock();
        records
            .connection
            .execute("DELETE FROM documents WHERE provider <> 'sandbox'", [])?;
        records
            .kinds
            .retain(|(provider, _), _| provider == "sandbox");
        Ok(())
    }

    fn since<T: DeserializeOwned>(
        &self,
        kind: &str,
        newest: Timestamp,
    ) -> Result<Vec<T>, SandboxError> {
        let records = self.lock();
        let Some(documents) = records.kinds.get(&self.key(kind)) else {
            return Ok(Vec::new());
        };
        let mut found: Vec<_> = documents
            .values()
            .filter(|stored| stored.created <= newest)
            .collect();
        found.sort_by_key(|stored| stored.sequence);
        found
            .into_iter()
            .map(|stored| read(kind, &stored.value))
            .collect()
    }

    fn key(&self, kind: &str) -> (String, String) {
        (self.provider.to_owned(), kind.to_owned())
    }

    /// No code panics while it holds the lock, and the file is the truth: poison means nothing.
    fn lock(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read<T: DeserializeOwned>(kind: &str, value: &Value) -> Result<T, SandboxError> {
    T::deserialize(value).map_err(|source| SandboxError::Document {
        kind: kind.to_owned(),
        source,
    })
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
        let value = serde_json::from_str(&json).map_err(|source| SandboxError::Document {
            kind: kind.clone(),
            source,
        })?;
        let sequence = row.get(3)?;
        let created = Timestamp::from_millisecond(row.get(4)?).unwrap_or_default();
        last = last.max(sequence);
        let stored = Stored {
            sequence,
            created,
            value,
        };
        kinds
            .entry((row.get(0)?, kind))
            .or_default()
            .insert(row.get(2)?, stored);
    }
    Ok((kinds, last))
}
