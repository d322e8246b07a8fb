//! A vendor's document.

use std::collections::BTreeMap;

use serde_json::Value;

use super::vendor_document::{Operation, VendorDocument};
use crate::recorder::Exchange;

/// A vendor's document.
pub(crate) struct Document {
    vendor: VendorDocument,
    /// What its paths begin with at our end.
    prefix: &'static str,
}

/// A text of a parameter, and the field it is of where the parameter is an object.
struct Given {
    field: Option<String>,
    text: String,
}

impl Document {
    /// Reads the document; its paths begin below `prefix`.
    pub(crate) fn load(name: &str, prefix: &'static str) -> Self {
        Self {
            vendor: VendorDocument::load(name),
            prefix,
        }
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

    fn operation(&self, call: &Exchange) -> Option<Operation<'_>> {
        let path = call.path.strip_prefix(self.prefix)?;
        self.vendor.operation(&call.method, path)
    }

    fn parameters(&self, operation: &Operation<'_>, call: &Exchange) -> Vec<String> {
        let declared = [operation.path_item, operation.said]
            .into_iter()
            .filter_map(|place| place["parameters"].as_array())
            .flatten()
            .map(|parameter| self.vendor.resolve(parameter))
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
        let schema = &parameter["schema"];
        let kind = &self.vendor.resolve(schema)["type"];
        let value = if kind == "array" {
            let items = &self.vendor.resolve(schema)["items"];
            values
                .iter()
                .map(|given| self.read(items, &given.text))
                .collect()
        } else if values.iter().any(|given| given.field.is_some()) {
            let fields = values.iter().map(|given| {
                let field = given.field.clone().unwrap_or_default();
                let value = self.read(self.property(schema, &field), &given.text);
                (field, value)
            });
            Value::Object(fields.collect())
        } else {
            values
                .first()
                .map(|given| self.read(schema, &given.text))
                .unwrap_or_default()
        };
        let wrong = self.vendor.faults(schema, &value);
        wrong
            .into_iter()
            .map(|fault| format!("parameter {name}={value}: {fault}"))
            .collect()
    }

    /// The schema of a field, of an object or of what may be one. One that is not described may be anything: the whole
    /// says then whether it may be there.
    fn property<'a>(&'a self, schema: &'a Value, field: &str) -> &'a Value {
        static ANYTHING: Value = Value::Bool(true);
        let schema = self.vendor.resolve(schema);
        let choices = schema["anyOf"].as_array().into_iter().flatten();
        std::iter::once(schema)
            .chain(choices.map(|choice| self.vendor.resolve(choice)))
            .find_map(|schema| schema["properties"].get(field))
            .unwrap_or(&ANYTHING)
    }

    fn request_body(&self, operation: &Operation<'_>, call: &Exchange) -> Vec<String> {
        let declared = self.vendor.resolve(&operation.said["requestBody"]);
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
            Ok(body) => self
                .vendor
                .faults(schema, &body)
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
            Value::Null => &answers["default"],
            declared => declared,
        };
        let Some(schema) = self.vendor.schema(declared) else {
            return Vec::new();
        };
        match serde_json::from_slice(&call.answer) {
            Ok(body) => self
                .vendor
                .faults(schema, &body)
                .into_iter()
                .map(|fault| format!("answer {fault}"))
                .collect(),
            Err(error) => vec![format!(
                "the answer is no JSON: {error}: {}",
                text(&call.answer)
            )],
        }
    }

    /// A text from a query or a path, as the value its schema wants.
    fn read(&self, schema: &Value, text: &str) -> Value {
        let numeric = text
            .parse::<Value>()
            .ok()
            .filter(|value| value.is_number() || value.is_boolean());
        // An untyped union takes what fits.
        match numeric {
            Some(value) if self.vendor.faults(schema, &value).is_empty() => value,
            _ => Value::String(text.to_owned()),
        }
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
            vendor: VendorDocument::of(
                json!({ "paths": { "/v1/events": events }, "components": {} }),
            ),
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
