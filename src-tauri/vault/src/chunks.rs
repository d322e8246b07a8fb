//! Secrets longer than an entry.
//!
//! Windows ends an entry at 2,560 bytes; every OS is treated alike, so that what works here works
//! there. A longer secret lies in chunks beside its entry, and the entry says how many:
//!
//! ```text
//! v1/…/database-url      fabrik-chunks:1:b:3:5000:<sha-256 of the secret>
//! v1/…/database-url#b0   the first 2,000 bytes
//! v1/…/database-url#b1 …
//! ```
//!
//! A new value goes into the other generation (`a`, `b`) before the entry is changed, which is the one
//! moment at which it becomes the secret: a crash leaves the old or the new one, never a mixture.
//! What a crash leaves beside it goes with the next change.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    MAX_BYTES, VaultError,
    entries::{Entries, Fault},
};

/// Longest value of one entry, in bytes.
const CHUNK: usize = 2_000;
const MARK: &[u8] = b"fabrik-chunks:";

/// The secret of that name.
pub(crate) fn read(entries: &dyn Entries, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
    let mut head = entries.read(name)?;
    loop {
        let Some(value) = head else { return Ok(None) };
        if !value.starts_with(MARK) {
            return Ok(Some(value));
        }
        let plan = Plan::parse(&value).ok_or(Fault::Settled(VaultError::Incomplete))?;
        if let Some(secret) = plan.gather(entries, name)? {
            return Ok(Some(secret));
        }
        // Another process may have replaced it between the two reads.
        let again = entries.read(name)?;
        if again.as_deref() == Some(&value) {
            return Err(Fault::Settled(VaultError::Incomplete));
        }
        head = again;
    }
}

/// Keeps a secret in place of the one that was there.
pub(crate) fn write(entries: &dyn Entries, name: &str, secret: &[u8]) -> Result<(), Fault> {
    if secret.len() > MAX_BYTES {
        return Err(Fault::Settled(VaultError::TooLong));
    }
    // A short secret that looks like a plan would be read as one.
    if secret.len() <= CHUNK && !secret.starts_with(MARK) {
        entries.write(name, secret)?;
        sweep(entries, name, 'a', 0)?;
        return sweep(entries, name, 'b', 0);
    }
    let before = entries.read(name)?.and_then(|value| Plan::parse(&value));
    let (generation, other) = match before {
        Some(Plan {
            generation: 'a', ..
        }) => ('b', 'a'),
        _ => ('a', 'b'),
    };
    for (index, chunk) in secret.chunks(CHUNK).enumerate() {
        entries.write(&chunk_name(name, generation, index), chunk)?;
    }
    let plan = Plan::of(secret, generation);
    entries.write(name, plan.text().as_bytes())?;
    sweep(entries, name, generation, plan.count)?;
    sweep(entries, name, other, 0)
}

/// Drops a secret, and whatever lies beside it. The entry goes last: interrupted, a removal can be
/// asked for again.
pub(crate) fn delete(entries: &dyn Entries, name: &str) -> Result<(), Fault> {
    sweep(entries, name, 'a', 0)?;
    sweep(entries, name, 'b', 0)?;
    entries.delete(name)?;
    Ok(())
}

/// Deletes the chunks from `first` on, the last one first, so that they have no gap at any time.
fn sweep(entries: &dyn Entries, name: &str, generation: char, first: usize) -> Result<(), Fault> {
    let mut end = first;
    while end < MAX_BYTES.div_ceil(CHUNK)
        && entries.read(&chunk_name(name, generation, end))?.is_some()
    {
        end += 1;
    }
    for index in (first..end).rev() {
        entries.delete(&chunk_name(name, generation, index))?;
    }
    Ok(())
}

fn chunk_name(name: &str, generation: char, index: usize) -> String {
    format!("{name}#{generation}{index}")
}

/// What the entry of a secret in chunks says.
struct Plan {
    generation: char,
    count: usize,
    bytes: usize,
    digest: String,
}

impl Plan {
    fn of(secret: &[u8], generation: char) -> Self {
        let count = secret.len().div_ceil(CHUNK);
        Self {
            generation,
            count,
            bytes: secret.len(),
            digest: digest(secret),
        }
    }

    fn text(&self) -> String {
        let Self {
            generation,
            count,
            bytes,
            digest,
        } = self;
        format!("fabrik-chunks:1:{generation}:{count}:{bytes}:{digest}")
    }

    fn parse(value: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).ok()?;
        let mut parts = text.strip_prefix("fabrik-chunks:1:")?.split(':');
        let generation = parts
            .next()?
            .chars()
            .next()
            .filter(|g| matches!(g, 'a' | 'b'))?;
        let count = parts.next()?.parse().ok()?;
        let bytes: usize = parts
            .next()?
            .parse()
            .ok()
            .filter(|bytes| *bytes <= MAX_BYTES)?;
        let digest = parts.next()?.to_owned();
        (parts.next().is_none() && count == bytes.div_ceil(CHUNK)).then_some(Self {
            generation,
            count,
            bytes,
            digest,
        })
    }

    /// The chunks put together, or `None` where one is missing or another's.
    fn gather(
        &self,
        entries: &dyn Entries,
        name: &str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        // The room is taken at once: growing would leave copies behind.
        let mut secret = Zeroizing::new(Vec::with_capacity(self.bytes));
        for index in 0..self.count {
            match entries.read(&chunk_name(name, self.generation, index))? {
                Some(chunk) if chunk.len() <= self.bytes - secret.len() => {
                    secret.extend_from_slice(&chunk);
                }
                _ => return Ok(None),
            }
        }
        Ok((digest(&secret) == self.digest).then_some(secret))
    }
}

fn digest(secret: &[u8]) -> String {
    hex::encode(Sha256::digest(secret))
}

#[cfg(test)]
mod tests {
    use std::{
        cell::{Cell, RefCell},
        collections::BTreeMap,
    };

    use super::*;

    /// Entries in memory that fail for good after so many calls, as a process that is killed.
    struct Mortal {
        left: Cell<usize>,
        entries: RefCell<BTreeMap<String, Vec<u8>>>,
    }

    impl Mortal {
        fn immortal() -> Self {
            Self {
                left: Cell::new(usize::MAX),
                entries: RefCell::default(),
            }
        }

        fn breathe(&self) -> Result<(), Fault> {
            let left = self
                .left
                .get()
                .checked_sub(1)
                .ok_or(Fault::Platform("killed".into()))?;
            self.left.set(left);
            Ok(())
        }
    }

    impl Entries for Mortal {
        fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
            self.breathe()?;
            Ok(self.entries.borrow().get(name).cloned().map(Zeroizing::new))
        }

        fn write(&self, name: &str, value: &[u8]) -> Result<(), Fault> {
            self.breathe()?;
            assert!(
                value.len() <= CHUNK,
                "no entry may be longer than {CHUNK} bytes"
            );
            self.entries
                .borrow_mut()
                .insert(name.to_owned(), value.to_vec());
            Ok(())
        }

        fn delete(&self, name: &str) -> Result<bool, Fault> {
            self.breathe()?;
            Ok(self.entries.borrow_mut().remove(name).is_some())
        }
    }

    fn value(entries: &Mortal) -> Option<Vec<u8>> {
        read(entries, "n").unwrap().map(|secret| secret.to_vec())
    }

    fn secret(letter: u8, bytes: usize) -> Vec<u8> {
        vec![letter; bytes]
    }

    #[test]
    fn every_length_comes_back_whole() {
        let entries = Mortal::immortal();
        for bytes in [0, 1, 1_999, 2_000, 2_001, 4_000, 5_000, MAX_BYTES, 5_001, 3] {
            write(&entries, "n", &secret(b'x', bytes)).unwrap();
            assert_eq!(value(&entries), Some(secret(b'x', bytes)), "{bytes} bytes");
            let expected = if bytes <= CHUNK {
                1
            } else {
                1 + bytes.div_ceil(CHUNK)
            };
            assert_eq!(
                entries.entries.borrow().len(),
                expected,
                "entries after {bytes} bytes"
            );
        }
        let long = write(&entries, "n", &secret(b'x', MAX_BYTES + 1));
        assert_eq!(long, Err(Fault::Settled(VaultError::TooLong)));
        assert_eq!(
            value(&entries),
            Some(secret(b'x', 3)),
            "the one before stays"
        );
        delete(&entries, "n").unwrap();
        assert!(
            entries.entries.borrow().is_empty(),
            "nothing may be left behind"
        );
    }

    #[test]
    fn a_secret_that_looks_like_a_plan_is_a_secret() {
        let entries = Mortal::immortal();
        let sly = b"fabrik-chunks:1:a:1:3:00";
        write(&entries, "n", sly).unwrap();
        assert_eq!(value(&entries).as_deref(), Some(&sly[..]));
    }

    #[test]
    fn a_kill_leaves_the_old_or_the_new_secret() {
        let lengths = [10, 4_500, 9_000];
        for old in lengths {
            for new in lengths {
                for calls in 0.. {
                    let entries = Mortal::immortal();
                    write(&entries, "n", &secret(b'o', old)).unwrap();
                    entries.left.set(calls);
                    let done = write(&entries, "n", &secret(b'n', new)).is_ok();
                    entries.left.set(usize::MAX);

                    let found = value(&entries).unwrap();
                    let whole = found == secret(b'o', old) || found == secret(b'n', new);
                    assert!(whole, "{old} → {new}, killed after {calls} calls");
                    delete(&entries, "n").unwrap();
                    let left: Vec<_> = entries.entries.borrow().keys().cloned().collect();
                    assert!(
                        left.is_empty(),
                        "{old} → {new} after {calls} calls left {left:?}"
                    );
                    if done {
                        break;
                    }
                }
            }
        }
    }

    #[test]
    fn a_missing_or_foreign_chunk_is_told() {
        for harm in [None, Some(secret(b'y', CHUNK))] {
            let entries = Mortal::immortal();
            write(&entries, "n", &secret(b'x', 5_000)).unwrap();
            entries.entries.borrow_mut().remove("n#a1");
            if let Some(harm) = harm {
                entries.entries.borrow_mut().insert("n#a1".into(), harm);
            }
            assert_eq!(
                read(&entries, "n"),
                Err(Fault::Settled(VaultError::Incomplete))
            );
        }
    }
}
