//! What the list of customers is narrowed by, held in memory from one question to the next: a search goes through a few
//! megabytes of text there, with each letter that is typed, where SQLite would hand over every row.

use std::{
    cmp::Reverse,
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use memchr::memmem::Finder;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::{fault::Fault, sums};

/// Stands after each text. No text in UTF-8 has this byte, and so no word: none is found across two of them.
const END: u8 = 0xff;

/// What customers have to be to be found. Nothing asked for: everybody is.
#[derive(Default)]
pub(super) struct Filter {
    pub(super) state: Option<String>,
    pub(super) status: Option<String>,
    pub(super) plan: Option<String>,
    pub(super) blueprint: Option<String>,
    /// Each of them is in what is searched.
    pub(super) words: Vec<String>,
}

impl Filter {
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty() && self.keys().iter().all(Option::is_none)
    }

    /// In the order of a [`Group`]'s.
    fn keys(&self) -> [Option<&str>; 4] {
        [&self.state, &self.status, &self.plan, &self.blueprint].map(Option::as_deref)
    }
}

/// The index of a database, read when it is asked for and read again when the customers have changed.
#[derive(Clone, Default)]
pub(super) struct CustomerIndex(Arc<Mutex<Option<Arc<Held>>>>);

impl CustomerIndex {
    /// The rows of those who are found, by their numbers, in the moment that `connection` reads. The lowest is first.
    pub(super) fn hits(&self, connection: &Connection, filter: &Filter) -> Result<Vec<i64>, Fault> {
        let mut hits = self.at(connection)?.hits(filter);
        hits.sort_unstable();
        Ok(hits)
    }

    /// Reads it again where it is held and the customers have changed, so that who types next need not wait for it.
    pub(super) fn renew(&self, connection: &Connection) -> Result<(), Fault> {
        let is_held = self.lock().is_some();
        if is_held {
            self.at(connection)?;
        }
        Ok(())
    }

    fn at(&self, connection: &Connection) -> Result<Arc<Held>, Fault> {
        let version = Version::of(connection)?;
        // Locked while it is read: who asks meanwhile would read the same.
        let mut place = self.lock();
        if let Some(held) = place.as_ref()
            && version.is_some()
            && held.version == version
        {
            return Ok(Arc::clone(held));
        }
        // Its memory is used again where nobody searches in it; else two would stand side by side.
        let mut held = place.take().and_then(Arc::into_inner).unwrap_or_default();
        held.read(connection)?;
        held.version = version;
        let held = Arc::new(held);
        *place = Some(Arc::clone(&held));
        Ok(held)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Held>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells one state of the table from another, whichever connection or process wrote it.
#[derive(PartialEq, Eq)]
struct Version {
    /// What its rows add up to.
    sum: i64,
    /// Grows where SQLite writes the file anew, and may number the rows anew.
    schema: i64,
}

impl Version {
    /// None where no sums are kept.
    fn of(connection: &Connection) -> Result<Option<Self>, Fault> {
        let Some(sum) = sums::of(connection, "customers")? else {
            return Ok(None);
        };
        let schema = connection.pragma_query_value(None, "schema_version", |row| row.get(0))?;
        Ok(Some(Self { sum, schema }))
    }
}

/// What the table held.
#[derive(Default)]
struct Held {
    /// None where no sums are kept: it is not known to be of any other moment.
    version: Option<Version>,
    /// Those whose keys are alike stand together.
    groups: Vec<Group>,
    /// The customers' rows.
    rows: Vec<i64>,
    /// What is searched of each, one after the other.
    texts: Vec<u8>,
    /// Where each one's text ends.
    ends: Vec<usize>,
}

/// The customers whose state, status, plan and blueprint are these.
struct Group {
    keys: [String; 4],
    members: Range<usize>,
}

impl Held {
    /// Group by group, so that no more than text and number are read of each row: that is what takes the time.
    fn read(&mut self, connection: &Connection) -> Result<(), Fault> {
        self.groups.clear();
        self.rows.clear();
        self.texts.clear();
        self.ends.clear();
        let mut next = connection.prepare_cached(
            "SELECT instance_state, status, plan, blueprint FROM customers INDEXED BY customers_searched
             WHERE (instance_state, status, plan, blueprint) > (?1, ?2, ?3, ?4)
             ORDER BY instance_state, status, plan, blueprint LIMIT 1",
        )?;
        let mut of_group = connection.prepare_cached(
            "SELECT search_text, rowid FROM customers INDEXED BY customers_searched
             WHERE instance_state = ?1 AND status = ?2 AND plan = ?3 AND blueprint = ?4",
        )?;
        let mut last: [String; 4] = Default::default();
        while let Some(keys) = next
            .query_row(params_from_iter(&last), |row| {
                Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])
            })
            .optional()?
        {
            let first = self.rows.len();
            let mut members = of_group.query(params_from_iter(&keys))?;
            while let Some(row) = members.next()? {
                let text = row.get_ref(0)?.as_bytes().map_err(rusqlite::Error::from)?;
                self.texts.extend_from_slice(text);
                self.texts.push(END);
                self.ends.push(self.texts.len());
                self.rows.push(row.get(1)?);
            }
            self.groups.push(Group {
                keys: keys.clone(),
                members: first..self.rows.len(),
            });
            last = keys;
        }
        self.rows.shrink_to_fit();
        self.texts.shrink_to_fit();
        self.ends.shrink_to_fit();
        Ok(())
    }

    fn hits(&self, filter: &Filter) -> Vec<i64> {
        let mut words: Vec<_> = filter.words.iter().map(Finder::new).collect();
        // The longest is in the fewest, and found by the longest leaps.
        words.sort_by_key(|word| Reverse(word.needle().len()));
        let keys = filter.keys();
        let is_asked_for = |group: &&Group| {
            let mut pairs = keys.iter().zip(&group.keys);
            pairs.all(|(wanted, key)| wanted.is_none_or(|wanted| wanted == key))
        };
        let mut hits = Vec::new();
        for Group { members, .. } in self.groups.iter().filter(is_asked_for) {
            match words.split_first() {
                Some((word, others)) => self.search(members.clone(), word, others, &mut hits),
                None => hits.extend_from_slice(&self.rows[members.clone()]),
            }
        }
        hits
    }

    /// Goes from one that has the first word to the next, over all between them.
    fn search(
        &self,
        members: Range<usize>,
        word: &Finder<'_>,
        others: &[Finder<'_>],
        hits: &mut Vec<i64>,
    ) {
        let mut member = members.start;
        let mut begin = self.begin(member);
        let end = self.begin(members.end);
        while let Some(place) = word.find(&self.texts[begin..end]) {
            let place = begin + place;
            while self.ends[member] <= place {
                member += 1;
            }
            let text = &self.texts[self.begin(member)..self.ends[member]];
            if others.iter().all(|word| word.find(text).is_some()) {
                hits.push(self.rows[member]);
            }
            begin = self.ends[member];
        }
    }

    fn begin(&self, member: usize) -> usize {
        member.checked_sub(1).map_or(0, |before| self.ends[before])
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*};
    use rusqlite::OpenFlags;

    use super::*;
    use crate::sqlite::connection;

    /// Few words, so that some meet.
    const WORD: &str = "[ab]{1,2}";

    fn make_table(connection: &Connection) {
        connection
            .execute_batch(
                "CREATE TABLE customers (instance_state, status, plan, blueprint, search_text);
                 CREATE INDEX customers_searched
                     ON customers (instance_state, status, plan, blueprint, search_text)",
            )
            .unwrap();
    }

    fn add(connection: &Connection, keys: &[String; 4], text: &str) {
        let values = params_from_iter(keys.iter().map(String::as_str).chain([text]));
        connection
            .execute("INSERT INTO customers VALUES (?1, ?2, ?3, ?4, ?5)", values)
            .unwrap();
    }

    #[test]
    fn it_is_read_again_when_the_customers_have_changed_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("central.db");
        connection::prepare(&path).unwrap();
        let writer = connection::open_writer(&path, connection::BUSY).unwrap();
        make_table(&writer);
        writer
            .execute_batch("CREATE TABLE sums (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, sum INTEGER NOT NULL) STRICT")
            .unwrap();
        sums::begin(&writer).unwrap();
        let keys = ["new", "pending", "small", "factory"].map(str::to_owned);
        add(&writer, &keys, "lund");

        let open = || connection::open(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let (reader, sleeper) = (open(), open());
        let index = CustomerIndex::default();
        index.renew(&reader).unwrap();
        assert!(index.lock().is_none(), "nobody has searched yet");
        let held = index.at(&reader).unwrap();
        assert!(Arc::ptr_eq(&held, &index.at(&sleeper).unwrap()));

        let moment = sleeper.unchecked_transaction().unwrap();
        let all = Filter::default();
        assert_eq!(index.hits(&moment, &all).unwrap(), [1]);
        add(&writer, &keys, "lundberg");
        index.renew(&reader).unwrap();
        let renewed = index.lock().clone().unwrap();
        assert!(Arc::ptr_eq(&renewed, &index.at(&reader).unwrap()));
        assert_eq!(index.hits(&reader, &all).unwrap(), [1, 2]);
        assert_eq!(
            index.hits(&moment, &all).unwrap(),
            [1],
            "who reads an older moment finds what was then"
        );
        assert_eq!(index.hits(&reader, &all).unwrap(), [1, 2]);
    }

    proptest! {
        #[test]
        fn those_are_found_who_are_what_is_asked_for(
            customers in vec(([WORD, WORD, WORD, WORD], "[abå\n]{0,6}"), 0..40),
            [state, status, plan, blueprint] in [option::of(WORD), option::of(WORD), option::of(WORD), option::of(WORD)],
            words in vec("[abå]{1,3}", 0..3),
        ) {
            let connection = Connection::open_in_memory().unwrap();
            make_table(&connection);
            for (keys, text) in &customers {
                add(&connection, keys, text);
            }
            let wanted = [&state, &status, &plan, &blueprint];
            let found: Vec<i64> = (1..)
                .zip(&customers)
                .filter(|(_, (keys, text))| {
                    wanted.iter().zip(keys).all(|(wanted, key)| wanted.as_ref().is_none_or(|wanted| wanted == key))
                        && words.iter().all(|word| text.contains(word))
                })
                .map(|(row, _)| row)
                .collect();
            let filter = Filter { state: state.clone(), status: status.clone(), plan: plan.clone(), blueprint: blueprint.clone(), words };
            prop_assert_eq!(CustomerIndex::default().hits(&connection, &filter).unwrap(), found);
        }
    }
}
