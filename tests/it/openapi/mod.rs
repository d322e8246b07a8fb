//! The vendors' own documents, and calls held against them.

mod document;
mod schema;

pub(crate) use document::{Document, folder};
