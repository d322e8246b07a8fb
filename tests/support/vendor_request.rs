//! What a vendor's own document says of a request: its query, its path, its headers, its body. The answers are beside it, in
//! `vendor_document.rs`.

use std::collections::BTreeMap;

use http::HeaderMap;
use serde_json::Value;

use super::vendor_document::{Operation, VendorDocument};

/// A request, as it goes over the wire.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// A text of a parameter, and the field it is of where the parameter is an object.
struct Given {
    field: Option<String>,
    text: String,
}

impl VendorDocument {
    /// What is wrong with a request of this operation, each with where it stands.
    pub(crate) fn faults_of_request(
        &self,
        operation: &Operation<'_>,
        asked: Asked<'_>,
    ) -> Vec<String> {
        let mut wrong = self.parameters(operation, asked);
        wrong.extend(self.request_body(operation, asked));
        wrong
    }

    fn parameters(&self, operation: &Operation<'_>, asked: Asked<'_>) -> Vec<String> {
        let declared = [operation.path_item, operation.said]
            .into_iter()
            .filter_map(|place| place["parameters"].as_array())
            .flatten()
            .map(|parameter| self.resolve(parameter))
            .collect::<Vec<_>>();
        let mut given: BTreeMap<String, Vec<Given>> = BTreeMap::new();
        for (name, text) in url::form_urlencoded::parse(asked.query.as_bytes()) {
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
                Some("header") if required && !asked.headers.contains_key(name) => {
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
        let kind = &self.resolve(schema)["type"];
        let value = if kind == "array" {
            let items = &self.resolve(schema)["items"];
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
        let wrong = self.faults(schema, &value);
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

    fn request_body(&self, operation: &Operation<'_>, asked: Asked<'_>) -> Vec<String> {
        let declared = self.resolve(&operation.said["requestBody"]);
        if asked.body.is_empty() {
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
        let kind = asked
            .headers
            .get("content-type")
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        if !kind.starts_with("application/json") {
            return vec![format!("the body is {kind:?}, not application/json")];
        }
        match serde_json::from_slice(asked.body) {
            Ok(body) => self
                .faults(schema, &body)
                .into_iter()
                .map(|fault| format!("request {fault}"))
                .collect(),
            Err(error) => vec![format!("the body is no JSON: {error}")],
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
            Some(value) if self.faults(schema, &value).is_empty() => value,
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
        let document =
            VendorDocument::of(json!({ "paths": { "/v1/events": events }, "components": {} }));
        let operation = document.operation("GET", "/v1/events").unwrap();
        let asked = Asked {
            query,
            headers: &HeaderMap::new(),
            body: b"",
        };
        document.faults_of_request(&operation, asked)
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

    #[test]
    fn a_body_is_as_the_document_says_and_none_where_it_says_nothing() {
        let schema = json!({ "type": "object", "required": ["name"], "additionalProperties": false,
                             "properties": { "name": { "type": "string" } } });
        let body =
            json!({ "required": true, "content": { "application/json": { "schema": schema } } });
        let document = VendorDocument::of(json!({ "components": {}, "paths": {
            "/made": { "post": { "requestBody": body, "responses": {} } },
            "/put-away": { "post": { "responses": {} } },
        } }));
        let typed = HeaderMap::from_iter([(
            http::header::CONTENT_TYPE,
            http::HeaderValue::from_static("application/json"),
        )]);
        let wrong = |path: &str, headers: &HeaderMap, body: &[u8]| {
            let operation = document.operation("POST", path).unwrap();
            let asked = Asked {
                query: "",
                headers,
                body,
            };
            document.faults_of_request(&operation, asked).len()
        };
        assert_eq!(wrong("/made", &typed, b"{\"name\":\"a\"}"), 0);
        assert_eq!(wrong("/put-away", &HeaderMap::new(), b""), 0);
        for (path, headers, body) in [
            ("/made", &typed, &b""[..]),
            ("/made", &typed, b"{}"),
            ("/made", &typed, b"{\"name\":\"a\",\"x\":1}"),
            ("/made", &typed, b"name=a"),
            ("/made", &HeaderMap::new(), b"{\"name\":\"a\"}"),
            ("/put-away", &typed, b"{}"),
        ] {
            assert_eq!(wrong(path, headers, body), 1, "{path} {body:?}");
        }
    }
}
