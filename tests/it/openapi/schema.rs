//! `OpenAPI` schemas as JSON Schema.

use serde_json::{Map, Value, json};

/// `OpenAPI` 3.0 says some things in its own way: `nullable`, and `exclusiveMinimum` as a switch.
pub(super) fn translate(value: &mut Value) {
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

/// What is wrong with `value`, by this schema of a document with these `components`.
pub(super) fn faults(components: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let whole = json!({ "components": components, "allOf": [schema] });
    let options = jsonschema::options().should_validate_formats(true);
    let validator = match options.build(&whole) {
        Ok(validator) => validator,
        Err(error) => return vec![format!("the schema itself: {error}")],
    };
    validator
        .iter_errors(value)
        .map(|error| short(&format!("{}: {error}", error.instance_path())))
        .collect()
}

/// A text from a query or a path, as the value its schema wants.
pub(super) fn read(components: &Value, schema: &Value, text: &str) -> Value {
    let numeric = text
        .parse::<Value>()
        .ok()
        .filter(|value| value.is_number() || value.is_boolean());
    // An untyped union takes what fits.
    match numeric {
        Some(value) if faults(components, schema, &value).is_empty() => value,
        _ => Value::String(text.to_owned()),
    }
}

fn short(text: &str) -> String {
    text.chars().take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_3_0_says_in_its_own_way_is_understood() {
        let mut schema = json!({
            "type": "object", "additionalProperties": false,
            "properties": { "n": { "type": "number", "minimum": 1, "exclusiveMinimum": true },
                            "s": { "type": "string", "nullable": true, "enum": ["a"] } },
        });
        translate(&mut schema);
        let fits = |value: Value| faults(&json!({}), &schema, &value).is_empty();
        assert!(fits(json!({ "n": 2, "s": null })) && fits(json!({ "s": "a" })));
        for wrong in [
            json!({ "n": 1 }),
            json!({ "s": "b" }),
            json!({ "n": null }),
            json!({ "x": 1 }),
        ] {
            assert!(!fits(wrong.clone()), "{wrong}");
        }
    }
}
