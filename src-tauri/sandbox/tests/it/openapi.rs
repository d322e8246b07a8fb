//! Answers held against the vendors' documents, which lie beside the project in some checkouts.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, LazyLock, Mutex},
};

use reqwest::Method;
use serde_json::{Map, Value, json};

type Documents = HashMap<&'static str, Option<Arc<Value>>>;

static DOCUMENTS: LazyLock<Mutex<Documents>> = LazyLock::new(Mutex::default);

fn document(vendor: &'static str) -> Option<Arc<Value>> {
    let mut documents = DOCUMENTS.lock().unwrap();
    documents
        .entry(vendor)
        .or_insert_with(|| load(vendor))
        .clone()
}

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn load(vendor: &str) -> Option<Arc<Value>> {
    // From where Cargo runs a test: the package's folder.
    let folder = PathBuf::from("../../../shared/specs");
    let Ok(text) = std::fs::read_to_string(folder.join(format!("{vendor}.openapi.json"))) else {
        eprintln!("skipped: no document of {vendor} in ../shared/specs, answers are not checked");
        return None;
    };
    let mut document: Value = serde_json::from_str(&text).unwrap();
    make_json_schema(&mut document);
    Some(Arc::new(document))
}

/// `OpenAPI` 3.0 says `nullable` where JSON Schema says `null` among the types.
fn make_json_schema(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(make_json_schema),
        Value::Object(fields) => {
            if fields.get("nullable") == Some(&Value::Bool(true)) {
                allow_null(fields);
            }
            fields.values_mut().for_each(make_json_schema);
        }
        _ => {}
    }
}

fn allow_null(fields: &mut Map<String, Value>) {
    if let Some(kind) = fields.get("type").filter(|kind| kind.is_string()).cloned() {
        fields.insert("type".to_owned(), json!([kind, "null"]));
    }
    if let Some(Value::Array(values)) = fields.get_mut("enum") {
        values.push(Value::Null);
    }
}

/// Panics where the document has this operation and the answer is not as it says.
pub(crate) fn check(vendor: &'static str, method: &Method, path: &str, status: u16, body: &Value) {
    let Some(document) = document(vendor) else {
        return;
    };
    let path = path.split('?').next().unwrap();
    let Some(template) = template(&document, path, method) else {
        return;
    };
    let operation = &document["paths"][&template][method.as_str().to_lowercase()];
    let mut response = &operation["responses"][status.to_string()];
    assert!(
        !response.is_null(),
        "{vendor}: {method} {template} has no answer {status}"
    );
    while let Some(reference) = response["$ref"].as_str() {
        response = document.pointer(reference.trim_start_matches('#')).unwrap();
    }
    let schema = &response["content"]["application/json"]["schema"];
    if schema.is_null() {
        return;
    }
    let whole = json!({ "components": document["components"], "allOf": [schema] });
    let validator = jsonschema::validator_for(&whole).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(body)
        .map(|error| {
            format!("{}: {error}", error.instance_path())
                .chars()
                .take(600)
                .collect::<String>()
        })
        .collect();
    assert!(
        errors.is_empty(),
        "{vendor}: {method} {template} {status}: {errors:#?}"
    );
}

/// The path of the document that this one is an instance of: one as long where there is one (a
/// last parameter may hold slashes), and the one with the fewest parameters.
fn template(document: &Value, path: &str, method: &Method) -> Option<String> {
    let parts: Vec<_> = path.split('/').collect();
    let paths = document["paths"].as_object().unwrap();
    let fits = |template: &&String| {
        let wanted: Vec<_> = template.split('/').collect();
        let rest_is_one = template.ends_with("{path}")
            || template.ends_with("{ref}")
            || template.ends_with("{idOrUrl}");
        let long_enough =
            wanted.len() == parts.len() || (rest_is_one && parts.len() > wanted.len());
        let same = wanted
            .iter()
            .zip(&parts)
            .all(|(wanted, part)| wanted.starts_with('{') || wanted == part);
        long_enough
            && same
            && paths[*template]
                .get(method.as_str().to_lowercase())
                .is_some()
    };
    paths
        .keys()
        .filter(fits)
        .min_by_key(|template| {
            let as_long = template.split('/').count() == parts.len();
            (!as_long, template.matches('{').count())
        })
        .cloned()
}
