//! Answers held against the vendors' documents, which lie beside the project in some checkouts.

#[path = "../../../../tests/support/vendor_document.rs"]
#[allow(
    dead_code,
    reason = "the whole product's tests hold the requests against them too"
)]
mod vendor_document;

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use reqwest::Method;
use serde_json::Value;

use self::vendor_document::{VendorDocument, are_there, variables};

type Documents = HashMap<&'static str, Arc<VendorDocument>>;

static DOCUMENTS: LazyLock<Mutex<Documents>> = LazyLock::new(Mutex::default);

/// Looked for once: each call of every test asks.
static ARE_THERE: LazyLock<bool> = LazyLock::new(are_there);

/// Operations that the documents lack and the vendors have: document, method, path, source.
const UNDESCRIBED: [(&str, &str, &str, &str); 4] = [
    (
        "github",
        "GET",
        "/repositories/{id}",
        "where GitHub's own redirects from a former name lead",
    ),
    (
        "github",
        "GET",
        "/users/{username}",
        "in GitHub's document, which is cut to what is called",
    ),
    (
        "github",
        "GET",
        "/repos/{owner}/{repo}/contents",
        "the root's content: GitHub's document has it with a path alone",
    ),
    (
        "supabase-auth",
        "POST",
        "/verify",
        "in Supabase's document, which is cut to what is called",
    ),
];

fn document(name: &'static str) -> Arc<VendorDocument> {
    let mut documents = DOCUMENTS.lock().unwrap();
    let document = documents
        .entry(name)
        .or_insert_with(|| Arc::new(VendorDocument::load(name)));
    Arc::clone(document)
}

/// Panics where the vendor's document does not have this operation, or the answer is not as it says.
pub(crate) fn check(vendor: &'static str, method: &Method, path: &str, status: u16, body: &Value) {
    if !*ARE_THERE {
        return;
    }
    // What the document is called, and what its paths begin with at the sandbox's end.
    let (name, prefix) = match vendor {
        "supabase" => ("supabase-management", ""),
        "gitea" | "n8n" => (vendor, "/api/v1"),
        _ => (vendor, ""),
    };
    let path = path.split('?').next().unwrap();
    let document = document(name);
    let below = path.strip_prefix(prefix);
    let Some(operation) = below.and_then(|path| document.operation(method.as_str(), path)) else {
        let is_known = UNDESCRIBED.iter().any(|(of, called, template, _)| {
            *of == name && *called == method.as_str() && variables(template, path).is_some()
        });
        assert!(is_known, "{name}: {method} {path}: no such operation");
        return;
    };
    let call = format!("{name}: {method} {} {status}", operation.template);
    let declared = &operation.said["responses"][status.to_string()];
    assert!(
        !declared.is_null(),
        "{call}: this status is not in the document"
    );
    let Some(schema) = document.schema(declared) else {
        return;
    };
    let wrong = document.faults(schema, body);
    assert!(wrong.is_empty(), "{call}: {wrong:#?}");
}
