//! A vendor's document.

use std::{collections::BTreeMap, fs, path::PathBuf};

use fabrik_tests::checkout;
use serde_json::Value;

use super::schema::{faults, read, translate};
use crate::recorder::Exchange;

/// Where the documents lie beside the project, in checkouts that have them: they are not ours to hand on.
pub(crate) fn folder() -> PathBuf {
    checkout().join("../shared/specs")
}

/// A vendor's document.
pub(crate) struct Document {
    root: Value,
    /// What its paths begin with at our end.
    prefix: &'static str,
}

/// The operation that a call is, and what the document says of it.
struct Operation<'a> {
    template: &'a str,
    path_item: &'a Value,
    said: &'a Value,
    variables: Vec<(String, String)>,
}

/// A text of a parameter, and the field it is of where the parameter is an object.
struct Given {
    field: Option<String>,
    text: String,
}

impl Document {
    /// Reads the document; its paths begin below `prefix`.
    pub(crate) fn load(name: &str, prefix: &'static str) -> Self {
        let path = folder().join(format!("{name}.openapi.json"));
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut root: Value = serde_json::from_str(&text).expect("a document");
        if root["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.0"))
        {
            translate(&mut root);
        }
        Self { root, prefix }
    }

    /// What is wrong with a call, each with where it stands; and the operation's name.
    ///
    /// `undocumented` says whether a status that the document lacks is known, with its reason.
    pub(crate) fn check(
        &self,
        call: &Exchange,
        undocumented: impl Fn(&str, u16) -> bool,
    ) -> (String, Vec<String>) {
        let said = format!("{} {} {}", call.api, call.method, call.path);
        let Some(operation) = self.operation(call) else {
            return (said.clone(), vec![format!("{said}: no such operation")]);
        };
        let name = format!("{} {} {}", call.api, call.method, operation.template);
        let mut wrong = self.parameters(&operation, call);
        wrong.extend(self.request_body(&operation, call));
        wrong.extend(self.answer(&operation, call, |status| undocumented(&name, status)));
        let wrong = wrong
            .into_iter()
            .map(|fault| format!("{name} → {}: {fault}", call.status))
            .collect();
        (name, wrong)
    }

    /// The operation of the template that fits with the fewest variables.
    fn operation(&self, call: &Exchange) -> Option<Operation<'_>> {
        let path = call.path.strip_prefix(self.prefix)?;
        let paths = self.root["paths"].as_object()?;
        let method = call.method.to_lowercase();
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

    fn parameters(&self, operation: &Operation<'_>, call: &Exchange) -> Vec<String> {
        let declared = [operation.path_item, operation.said]
            .into_iter()
            .filter_map(|place| place["parameters"].as_array())
            .flatten()
            .map(|parameter| self.resolve(parameter))
            .collect::<Vec<_>>();
        let mut given: BTreeMap<String, Vec<Given>> = BTreeMap::new();
        for (name, text) in url::form_urlencoded::parse(call.query.as_bytes()) {
            let (name, field) = bracketed(&name);
            given.entry(name.to_owned()).or_default().push(Given {
                field: field.map(str::to_owned),
                text: text.into_owned(),
            });
        }
        let mut wrong = Vec::new();
        for parameter in &declared {
            let name = parameter["name"].as_str().unwrap_or_default();
            let required = parameter["required"] == true;
            match parameter["in"].as_str() {
                Some("query") => match given.remove(name) {
                    Some(values) => wrong.extend(self.parameter(parameter, name, &values)),
                    None if required => wrong.push(format!("query {name} is missing")),
                    None => {}
                },
                Some("path") => {
                    let values = operation
                        .variables
                        .iter()
                        .filter(|(variable, _)| variable == name);
                    let values: Vec<_> = values
                        .map(|(_, value)| Given {
                            field: None,
                            text: value.clone(),
                        })
                        .collect();
                    wrong.extend(self.parameter(parameter, name, &values));
                }
                Some("header") if required && !call.headers.contains_key(name) => {
                    wrong.push(format!("header {name} is missing"));
                }
                _ => {}
            }
        }
        wrong.extend(
            given
                .keys()
                .map(|name| format!("query {name} is not in the document")),
        );
        wrong
    }

    fn parameter(&self, parameter: &Value, name: &str, values: &[Given]) -> Vec<String> {
        let (schema, components) = (&parameter["schema"], &self.root["components"]);
        let kind = &self.resolve(schema)["type"];
        let value = if kind == "array" {
            let items = &self.resolve(schema)["items"];
            values
                .iter()
                .map(|given| read(components, items, &given.text))
                .collect()
        } else if values.iter().any(|given| given.field.is_some()) {
            let fields = values.iter().map(|given| {
                let field = given.field.clone().unwrap_or_default();
                let value = read(components, self.property(schema, &field), &given.text);
                (field, value)
            });
            Value::Object(fields.collect())
        } else {
            values
                .first()
                .map(|given| read(components, schema, &given.text))
                .unwrap_or_default()
        };
        let wrong = faults(components, schema, &value);
        wrong
            .into_iter()
            .map(|fault| format!("parameter {name}={value}: {fault}"))
            .collect()
    }

    /// The schema of a field, of an object or of what may be one. One that is not described may be anything: the whole
    /// says then whether it may be there.
    fn property<'a>(&'a self, schema: &'a Value, field: &str) -> &'a Value {
        static ANYTHING: Value = Value::Bool(true);
        let schema = self.resolve(schema);
        let choices = schema["anyOf"].as_array().into_iter().flatten();
        std::iter::once(schema)
            .chain(choices.map(|choice| self.resolve(choice)))
            .find_map(|schema| schema["properties"].get(field))
            .unwrap_or(&ANYTHING)
    }

    fn request_body(&self, operation: &Operation<'_>, call: &Exchange) -> Vec<String> {
        let declared = self.resolve(&operation.said["requestBody"]);
        if call.body.is_empty() {
            let missing = declared["required"] == true;
            return if missing {
                vec!["the body is missing".to_owned()]
            } else {
                Vec::new()
            };
        }
        let schema = &declared["content"]["application/json"]["schema"];
        if schema.is_null() {
            return vec!["a body that is not in the document".to_owned()];
        }
        let kind = call
            .headers
            .get("content-type")
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        if !kind.starts_with("application/json") {
            return vec![format!("the body is {kind:?}, not application/json")];
        }
        match serde_json::from_slice(&call.body) {
            Ok(body) => faults(&self.root["components"], schema, &body)
                .into_iter()
                .map(|fault| format!("request {fault}"))
                .collect(),
            Err(error) => vec![format!("the body is no JSON: {error}")],
        }
    }

    fn answer(
        &self,
        operation: &Operation<'_>,
        call: &Exchange,
        known: impl Fn(u16) -> bool,
    ) -> Vec<String> {
        let answers = &operation.said["responses"];
        let declared = match &answers[call.status.to_string()] {
            Value::Null if known(call.status) => return Vec::new(),
            Value::Null if answers["default"].is_null() => {
                return vec![format!(
                    "this status is not in the document: {}",
                    text(&call.answer)
                )];
            }
            Value::Null => self.resolve(&answers["default"]),
            declared => self.resolve(declared),
        };
        let Some((_, content)) = declared["content"].as_object().and_then(|kinds| {
            kinds
                .iter()
                .find(|(kind, _)| kind.starts_with("application/json"))
        }) else {
            return Vec::new();
        };
        match serde_json::from_slice(&call.answer) {
            Ok(body) => faults(&self.root["components"], &content["schema"], &body)
                .into_iter()
                .map(|fault| format!("answer {fault}"))
                .collect(),
            Err(error) => vec![format!(
                "the answer is no JSON: {error}: {}",
                text(&call.answer)
            )],
        }
    }

    /// What a `$ref` refers to, or the value itself.
    fn resolve<'a>(&'a self, mut value: &'a Value) -> &'a Value {
        while let Some(reference) = value["$ref"].as_str() {
            value = self
                .root
                .pointer(reference.trim_start_matches('#'))
                .expect("the document is whole");
        }
        value
    }
}

/// A query's name without its brackets: `types[]` is one of several, `created[gte]` a field of an object.
fn bracketed(name: &str) -> (&str, Option<&str>) {
    let inside = name.strip_suffix(']').and_then(|name| name.split_once('['));
    match inside {
        Some((name, "")) => (name, None),
        Some((name, field)) => (name, Some(field)),
        None => (name, None),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(200).collect()
}

/// The variables of a template, decoded, where the path is one of it. A variable that ends a template may
/// hold slashes (files, refs).
fn variables(template: &str, path: &str) -> Option<Vec<(String, String)>> {
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
        if wanted.peek().is_none() && matches!(name, "path" | "filepath" | "ref" | "branch") {
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

fn decoded(piece: &str) -> String {
    // A form's rules but for the plus, which a path takes as it is.
    let form = format!("x={}", piece.replace('+', "%2B").replace('&', "%26"));
    let (_, value) = url::form_urlencoded::parse(form.as_bytes())
        .next()
        .expect("one pair");
    value.into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is wrong with a query.
    fn wrong(query: &str) -> Vec<String> {
        let created = json!({ "anyOf": [
            { "type": "integer" },
            { "type": "object", "properties": { "gte": { "type": "integer" } }, "additionalProperties": false },
        ] });
        let parameters = json!([
            { "in": "query", "name": "created", "style": "deepObject", "schema": created },
            { "in": "query", "name": "types", "schema": { "type": "array", "items": { "type": "string" } } },
        ]);
        let answers = json!({ "200": { "description": "" } });
        let events = json!({ "get": { "parameters": parameters, "responses": answers } });
        let document = Document {
            root: json!({ "paths": { "/v1/events": events }, "components": {} }),
            prefix: "",
        };
        let call = Exchange {
            api: "stripe",
            method: "GET".to_owned(),
            path: "/v1/events".to_owned(),
            query: query.to_owned(),
            headers: axum::http::HeaderMap::new(),
            body: axum::body::Bytes::new(),
            status: 200,
            answer: axum::body::Bytes::new(),
        };
        document.check(&call, |_, _| false).1
    }

    #[test]
    fn what_is_in_brackets_is_one_of_several_or_a_field() {
        for well in [
            "created=7",
            "created%5Bgte%5D=7",
            "types[]=a&types%5B%5D=b",
            "types=a",
        ] {
            assert_eq!(wrong(well), [] as [&str; 0], "{well}");
        }
        for odd in [
            "created[gte]=soon",
            "created[since]=7",
            "created=soon",
            "kinds[]=a",
        ] {
            assert_eq!(wrong(odd).len(), 1, "{odd}: {:?}", wrong(odd));
        }
    }
}
