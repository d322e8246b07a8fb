//! Shapes that Stripe's answers share.

use fabrik_domain::failure::Failure;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use crate::{refused_as, refused_with};

/// A list, or a page of one.
#[derive(Deserialize)]
pub(super) struct ListBody<T> {
    pub(super) data: Vec<T>,
    #[serde(default)]
    pub(super) has_more: bool,
}

/// Another object: its id, or the whole of it, as the account's settings of old have it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Reference {
    Id(String),
    Whole { id: String },
}

/// The id of another object.
pub(super) fn id_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Reference::deserialize(deserializer)? {
        Reference::Id(id) | Reference::Whole { id } => id,
    })
}

/// The id of another object, or none.
pub(super) fn id_of_option<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let reference = Option::<Reference>::deserialize(deserializer)?;
    Ok(reference.map(|reference| match reference {
        Reference::Id(id) | Reference::Whole { id } => id,
    }))
}

/// A list, which may be null.
pub(super) fn list_or_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    let list = Option::<Vec<String>>::deserialize(deserializer)?;
    Ok(list.unwrap_or_default())
}

/// Whole seconds since 1970.
pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let seconds = i64::deserialize(deserializer)?;
    Timestamp::from_second(seconds).map_err(serde::de::Error::custom)
}

/// A time that may be none.
pub(super) fn time_option<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    let seconds = Option::<i64>::deserialize(deserializer)?;
    let time = seconds.map(Timestamp::from_second).transpose();
    time.map_err(serde::de::Error::custom)
}

/// Whether Stripe has no such object (any more): 404 by its path, 400 where a list should go on from it.
pub(super) fn is_missing(failure: &Failure) -> bool {
    refused_with(failure) == Some(404) || refused_as(failure, "resource_missing")
}
