//! How values stand in columns: times as microseconds, words and identifiers as text, structures as JSON.

use fabrik_domain::Problem;
use jiff::Timestamp;
use rusqlite::Row;
use serde::{
    Serialize,
    de::{DeserializeOwned, IntoDeserializer, value::Error as WordError},
};

use super::fault::Fault;

/// What `PostgreSQL` keeps of a time, too: the rest is cut off.
pub(super) fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// A time as it will be read back.
pub(super) fn kept(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(micros(time)).unwrap_or(time)
}

/// A time.
pub(super) fn time(row: &Row<'_>, column: &str) -> Result<Timestamp, Fault> {
    timestamp(column, row.get(column)?)
}

/// A time, or none.
pub(super) fn time_option(row: &Row<'_>, column: &str) -> Result<Option<Timestamp>, Fault> {
    row.get::<_, Option<i64>>(column)?
        .map(|micros| timestamp(column, micros))
        .transpose()
}

fn timestamp(column: &str, micros: i64) -> Result<Timestamp, Fault> {
    Timestamp::from_microsecond(micros).map_err(|error| Fault::Column {
        column: column.to_owned(),
        why: error.to_string(),
    })
}

/// An enum's word, an identifier or a reference, as serde spells it.
pub(super) fn word<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T, Fault> {
    read_word(column, row.get(column)?)
}

/// As [`word`], or none.
pub(super) fn word_option<T: DeserializeOwned>(
    row: &Row<'_>,
    column: &str,
) -> Result<Option<T>, Fault> {
    row.get::<_, Option<String>>(column)?
        .map(|text| read_word(column, text))
        .transpose()
}

fn read_word<T: DeserializeOwned>(column: &str, text: String) -> Result<T, Fault> {
    T::deserialize(text.into_deserializer()).map_err(|error: WordError| Fault::Column {
        column: column.to_owned(),
        why: error.to_string(),
    })
}

/// A structure.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T, Fault> {
    Ok(serde_json::from_str(&row.get::<_, String>(column)?)?)
}

/// A structure, or none.
pub(super) fn json_option<T: DeserializeOwned>(
    row: &Row<'_>,
    column: &str,
) -> Result<Option<T>, Fault> {
    Ok(row
        .get::<_, Option<String>>(column)?
        .map(|text| serde_json::from_str(&text))
        .transpose()?)
}

/// The word that [`word`] reads.
pub(super) fn to_word<T: Serialize>(value: &T) -> Result<String, Fault> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        other => Err(Problem::from(fabrik_domain::Cause::Internal)
            .detail(format!("not a word: {other}"))
            .into()),
    }
}

/// The text that [`json`] reads.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, Fault> {
    Ok(serde_json::to_string(value)?)
}

/// The text that [`json_option`] reads.
pub(super) fn to_json_option<T: Serialize>(value: Option<&T>) -> Result<Option<String>, Fault> {
    value.map(to_json).transpose()
}
