//! How values stand in columns, in every database alike: times as microseconds, words and identifiers as
//! text, structures as JSON.

use jiff::Timestamp;
use serde::{
    Serialize,
    de::{DeserializeOwned, IntoDeserializer, value::Error as WordError},
};

/// Why a value can't be read, or be written so that it can be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// A structure.
    #[error("unreadable structure: {0}")]
    Structure(#[from] serde_json::Error),
    /// A word or time.
    #[error("unreadable column {column}: {why}")]
    Column {
        /// The column's name.
        column: String,
        /// Why.
        why: String,
    },
    /// Something with parts was given where a word goes.
    #[error("not a word: {0}")]
    NotAWord(serde_json::Value),
}

/// What is kept of a time: the rest is cut off.
pub(crate) fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// A time as it will be read back.
pub(crate) fn kept(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(micros(time)).unwrap_or(time)
}

/// The time that [`micros`] wrote.
pub(crate) fn timestamp(column: &str, micros: i64) -> Result<Timestamp, Unreadable> {
    Timestamp::from_microsecond(micros).map_err(|error| Unreadable::Column {
        column: column.to_owned(),
        why: error.to_string(),
    })
}

/// An enum's word, an identifier or a reference, as serde spells it.
pub(crate) fn read_word<T: DeserializeOwned>(column: &str, text: String) -> Result<T, Unreadable> {
    T::deserialize(text.into_deserializer()).map_err(|error: WordError| Unreadable::Column {
        column: column.to_owned(),
        why: error.to_string(),
    })
}

/// The structure that [`to_json`] wrote.
pub(crate) fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    Ok(serde_json::from_str(text)?)
}

/// The word that [`read_word`] reads.
pub(crate) fn to_word<T: Serialize>(value: &T) -> Result<String, Unreadable> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        other => Err(Unreadable::NotAWord(other)),
    }
}

/// The text that [`read_json`] reads.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, Unreadable> {
    Ok(serde_json::to_string(value)?)
}

/// The same, of what may not be there.
pub(crate) fn to_json_option<T: Serialize>(
    value: Option<&T>,
) -> Result<Option<String>, Unreadable> {
    value.map(to_json).transpose()
}

/// How many rows are asked for at the most: 0 is all, and so is more than a database counts.
pub(crate) fn at_most(limit: u64) -> Option<i64> {
    i64::try_from(limit).ok().filter(|limit| *limit > 0)
}

/// How many rows are passed over first.
pub(crate) fn passed_over(offset: u64) -> i64 {
    i64::try_from(offset).unwrap_or(i64::MAX)
}
