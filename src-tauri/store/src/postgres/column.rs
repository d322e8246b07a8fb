//! What goes into a statement and comes out of a row. Each value brings its type, so that no statement has to
//! be prepared under a name first: behind a pooler the name would be another desktop's.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use tokio_postgres::{
    Row,
    types::{FromSqlOwned, ToSql, Type},
};

use super::fault::Fault;
use crate::value::{read_json, read_word, timestamp};

pub(super) use crate::value::{
    at_most, kept, micros, passed_over, to_json, to_json_option, to_word,
};

/// A value for a statement.
pub(super) trait Value: ToSql + Sync {
    /// The type of its column.
    fn kind(&self) -> Type;
}

macro_rules! values {
    ($($rust:ty => $sql:ident),* $(,)?) => {$(
        impl Value for $rust {
            fn kind(&self) -> Type {
                Type::$sql
            }
        }
    )*};
}

values! {
    &str => TEXT,
    Option<&str> => TEXT,
    String => TEXT,
    Option<String> => TEXT,
    Vec<String> => TEXT_ARRAY,
    Vec<Option<String>> => TEXT_ARRAY,
    i64 => INT8,
    Option<i64> => INT8,
    bool => BOOL,
}

/// The values of a statement, in the order of its `$1`, `$2` …
pub(super) type Values<'a> = &'a [&'a (dyn Value + Sync)];

/// A plain value.
pub(super) fn get<T: FromSqlOwned>(row: &Row, column: &str) -> Result<T, Fault> {
    Ok(row.try_get(column)?)
}

/// A number that is small and never negative.
pub(super) fn count(row: &Row, column: &str) -> Result<u32, Fault> {
    let number: i64 = get(row, column)?;
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

/// A time.
pub(super) fn time(row: &Row, column: &str) -> Result<Timestamp, Fault> {
    Ok(timestamp(column, get(row, column)?)?)
}

/// A time, or none.
pub(super) fn time_option(row: &Row, column: &str) -> Result<Option<Timestamp>, Fault> {
    let micros: Option<i64> = get(row, column)?;
    Ok(micros.map(|micros| timestamp(column, micros)).transpose()?)
}

/// An enum's word, an identifier or a reference.
pub(super) fn word<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T, Fault> {
    Ok(read_word(column, get(row, column)?)?)
}

/// As [`word`], or none.
pub(super) fn word_option<T: DeserializeOwned>(
    row: &Row,
    column: &str,
) -> Result<Option<T>, Fault> {
    let text: Option<String> = get(row, column)?;
    Ok(text.map(|text| read_word(column, text)).transpose()?)
}

/// A structure.
pub(super) fn json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T, Fault> {
    Ok(read_json(&get::<String>(row, column)?)?)
}

/// A structure, or none.
pub(super) fn json_option<T: DeserializeOwned>(
    row: &Row,
    column: &str,
) -> Result<Option<T>, Fault> {
    let text: Option<String> = get(row, column)?;
    Ok(text.map(|text| read_json(&text)).transpose()?)
}
