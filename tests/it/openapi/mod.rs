//! The vendors' own documents, and calls held against them.

mod document;
#[path = "../../support/vendor_document.rs"]
mod vendor_document;
#[path = "../../support/vendor_request.rs"]
mod vendor_request;

pub(crate) use document::Document;
pub(crate) use vendor_document::are_there;
