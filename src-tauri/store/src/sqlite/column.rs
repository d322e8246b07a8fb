//! Reading the columns of a row; how values stand there is [`crate::value`]'s.

use jiff::Timestamp;
use rusqlite::Row;
use serde::de::DeserializeOwned;

use super::fault::Fault;
use crate::value::{read_json, read_word, timestamp};

pub(super) use crate::value::{
    at_most, kept, micros, passed_over, to_json, to_json_option, to_word,
};

/// A time.
pub(super) fn time(row: &Row<'_>, column: &str) -> Result<Timestamp, Fault> {
    Ok(timestamp(column, row.get(column)?)?)
}

/// A time, or none.
pub(super) fn time_option(row: &Row<'_>, column: &str) -> Result<Option<Timestamp>, Fault> {
    let micros: Option<i64> = row.get(column)?;
    Ok(micros.map(|micros| timestamp(column, micros)).transpose()?)
}

/// An enum's word, an identifier or a reference.
pub(super) fn word<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T, Fault> {
    Ok(read_word(column, row.get(column)?)?)
}

/// As [`word`], or none.
pub(super) fn word_option<T: DeserializeOwned>(
    row: &Row<'_>,
    column: &str,
) -> Result<Option<T>, Fault> {
    let text: Option<String> = row.get(column)?;
    Ok(text.map(|text| read_word(column, text)).transpose()?)
}

/// A structure.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T, Fault> {
    Ok(read_json(&row.get::<_, String>(column)?)?)
}

/// A structure, or none.
pub(super) fn json_option<T: DeserializeOwned>(
    row: &Row<'_>,
    column: &str,
) -> Result<Option<T>, Fault> {
    let text: Option<String> = row.get(column)?;
    Ok(text.map(|text| read_json(&text)).transpose()?)
}
