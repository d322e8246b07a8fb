//! A vendor's own document, and what its operations say of an answer: what the tests of the whole product, which hold the
//! requests against it too, have in common with the sandbox's.

use std::{
    collections::HashMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use fabrik_tests::checkout;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// Where the documents lie beside the project, in checkouts that have them: they are not ours to hand on.
fn folder() -> PathBuf {
    checkout().join("../shared/specs")
}

/// Whether this checkout has them. Where not, nothing is held against them, and whoever runs the test is told so.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(crate) fn are_there() -> bool {
    let folder = folder();
    let there = folder.is_dir();
    if !there {
        eprintln!(
            "SKIPPED: the vendors' documents are not beside this checkout ({})",
            folder.display()
        );
    }
    there
}

/// A vendor's document.
pub(crate) struct VendorDocument {
    root: Value,
    /// What was compiled, by the schema's text: that takes long, since each schema may lead through the whole document.
    compiled: Mutex<HashMap<String, Arc<Validator>>>,
}

/// The operation that a call is, and what the document says of it.
pub(crate) struct Operation<'a> {
    pub(crate) template: &'a str,
    pub(crate) path_item: &'a Value,
    pub(crate) said: &'a Value,
    pub(crate) variables: Vec<(String, String)>,
}

impl VendorDocument {
    /// Reads the document of this name.
    pub(crate) fn load(name: &str) -> Self {
        let path = folder().join(format!("{name}.openapi.json"));
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self::of(serde_json::from_str(&text).expect("a document"))
    }

    pub(crate) fn of(mut root: Value) -> Self {
        if root["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.0"))
        {
            translate(&mut root);
        }
        Self {
            root,
            compiled: Mutex::default(),
        }
    }

    /// The operation of the template that fits with the fewest variables.
    pub(crate) fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let paths = self.root["paths"].as_object()?;
        let method = method.to_lowercase();
        let fitting = paths.iter().filter_map(|(template, item)| {
            let said = item.get(&method)?;
            let variables = variables(template, path)?;
            Some(Operation {
                template,
                path_item: item,
                said,
                variables,
            })
        });
        // A template as long as the path fits better than one whose last variable takes several pieces.
        fitting.min_by_key(|operation| {
            let as_long = operation.template.matches('/').count() == path.matches('/').count();
            (!as_long, operation.variables.len())
        })
    }

    /// The schema of an answer's JSON; none where there is none, or nothing is said of it.
    pub(crate) fn schema<'a>(&'a self, answer: &'a Value) -> Option<&'a Value> {
        let is_json = |kind: &str| kind.split(';').next() == Some("application/json");
        let kinds = self.resolve(answer)["content"].as_object()?;
        let (_, content) = kinds.iter().find(|(kind, _)| is_json(kind))?;
        content.get("schema")
    }

    /// What a `$ref` refers to, or the value itself.
    pub(crate) fn resolve<'a>(&'a self, mut value: &'a Value) -> &'a Value {
        while let Some(reference) = value["$ref"].as_str() {
            value = self
                .root
                .pointer(reference.trim_start_matches('#'))
                .expect("the document is whole");
        }
        value
    }

    /// What is wrong with `value`, by this schema of the document.
    pub(crate) fn faults(&self, schema: &Value, value: &Value) -> Vec<String> {
        let validator = match self.compiled(schema) {
            Ok(validator) => validator,
            Err(fault) => return vec![fault],
        };
        validator
            .iter_errors(value)
            .map(|error| short(&format!("{}: {error}", error.instance_path())))
            .collect()
    }

    /// A schema of the document, compiled once.
    fn compiled(&self, schema: &Value) -> Result<Arc<Validator>, String> {
        let text = schema.to_string();
        let mut compiled = self.compiled.lock().expect("nothing panics with it");
        if let Some(validator) = compiled.get(&text) {
            return Ok(Arc::clone(validator));
        }
        let whole = json!({ "components": self.root["components"], "allOf": [schema] });
        let options = jsonschema::options().should_validate_formats(true);
        let built = options.build(&whole);
        let validator = Arc::new(built.map_err(|error| format!("the schema itself: {error}"))?);
        compiled.insert(text, Arc::clone(&validator));
        Ok(validator)
    }
}

fn short(text: &str) -> String {
    text.chars().take(400).collect()
}

/// The variables of a template, decoded, where the path is one of it. A variable that ends a template may
/// hold slashes (files, refs).
pub(crate) fn variables(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut pieces = path.split('/');
    let mut wanted = template.split('/').peekable();
    let mut found = Vec::new();
    while let Some(want) = wanted.next() {
        let mut piece = pieces.next()?.to_owned();
        let Some(name) = want
            .strip_prefix('{')
            .and_then(|want| want.strip_suffix('}'))
        else {
            if want != piece {
                return None;
            }
            continue;
        };
        if wanted.peek().is_none() && may_hold_slashes(name, template) {
            for more in pieces.by_ref() {
                piece.push('/');
                piece.push_str(more);
            }
        }
        if piece.is_empty() {
            return None;
        }
        found.push((name.to_owned(), decoded(&piece)));
    }
    pieces.next().is_none().then_some(found)
}

fn may_hold_slashes(name: &str, template: &str) -> bool {
    match name {
        "path" | "filepath" | "branch" => true,
        // Elsewhere it is a project's.
        "ref" => template.starts_with("/repos/"),
        _ => false,
    }
}

fn decoded(piece: &str) -> String {
    // A form's rules but for the plus, which a path takes as it is.
    let form = format!("x={}", piece.replace('+', "%2B").replace('&', "%26"));
    let (_, value) = url::form_urlencoded::parse(form.as_bytes())
        .next()
        .expect("one pair");
    value.into_owned()
}

/// `OpenAPI` 3.0 says some things in its own way: `nullable`, and `exclusiveMinimum` as a switch.
fn translate(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(translate),
        Value::Object(fields) => {
            if fields.get("nullable") == Some(&Value::Bool(true)) {
                allow_null(fields);
            }
            bound(fields, "exclusiveMinimum", "minimum");
            bound(fields, "exclusiveMaximum", "maximum");
            fields.values_mut().for_each(translate);
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

fn bound(fields: &mut Map<String, Value>, switch: &str, limit: &str) {
    let Some(Value::Bool(on)) = fields.get(switch).cloned() else {
        return;
    };
    fields.remove(switch);
    if on && let Some(value) = fields.remove(limit) {
        fields.insert(switch.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_3_0_says_in_its_own_way_is_understood() {
        let schema = json!({
            "type": "object", "additionalProperties": false,
            "properties": { "n": { "type": "number", "minimum": 1, "exclusiveMinimum": true },
                            "s": { "type": "string", "nullable": true, "enum": ["a"] },
                            "at": { "type": "string", "format": "date-time" } },
        });
        let document = VendorDocument::of(json!({
            "openapi": "3.0.3", "components": { "schemas": { "One": schema } },
        }));
        let one = json!({ "$ref": "#/components/schemas/One" });
        let fits = |value: Value| document.faults(&one, &value).is_empty();
        assert!(fits(json!({ "n": 2, "s": null })) && fits(json!({ "s": "a" })));
        assert!(fits(json!({ "at": "2026-11-24T15:10:08Z" })));
        for wrong in [
            json!({ "n": 1 }),
            json!({ "s": "b" }),
            json!({ "n": null }),
            json!({ "x": 1 }),
            json!({ "at": "soon" }),
        ] {
            assert!(!fits(wrong.clone()), "{wrong}");
        }
    }

    #[test]
    fn an_operation_is_the_nearest_that_fits_and_else_none() {
        let answers = json!({ "responses": {} });
        let document = VendorDocument::of(json!({ "openapi": "3.1.0", "paths": {
            "/v1/projects/{ref}": { "get": answers },
            "/v1/projects/regions": { "get": answers },
            "/repos/{owner}/{repo}/git/ref/{ref}": { "get": answers },
            "/repos/{owner}/{repo}/contents/{path}": { "get": answers },
        } }));
        let fits = |method: &str, path: &str| {
            let operation = document.operation(method, path)?;
            Some(operation.template.to_owned())
        };
        for (path, template) in [
            ("/v1/projects/abc", Some("/v1/projects/{ref}")),
            ("/v1/projects/regions", Some("/v1/projects/regions")),
            ("/v1/projects/abc/regions", None),
            (
                "/repos/a/b/git/ref/heads/main",
                Some("/repos/{owner}/{repo}/git/ref/{ref}"),
            ),
            (
                "/repos/a/b/contents/c/d.txt",
                Some("/repos/{owner}/{repo}/contents/{path}"),
            ),
            ("/repos/a/b/contents", None),
        ] {
            assert_eq!(fits("GET", path).as_deref(), template, "{path}");
        }
        assert_eq!(fits("POST", "/v1/projects/abc"), None, "another method");
    }
}
