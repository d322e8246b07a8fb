//! Customers in JSON, as the older systems wrote them.

use fabrik_domain::Problem;
use serde_json::{Map, Value};

use super::{
    fields::{field, field_in, unreadable, words},
    file::Row,
};

/// Customers in JSON: a list, a list or a map under `customers` (or `clients`, `tenants`), a map by id or
/// subdomain, or one customer alone.
pub(super) fn rows(value: Value) -> Option<Vec<Row>> {
    let row = |line: usize, mut object: Map<String, Value>, key: Option<String>| {
        if is_ours(&object) {
            object.remove("id");
        }
        let mut row = Row::at(line as u64 + 1);
        flatten("", object, &mut row);
        if let Some(key) = key {
            row.take("subdomain", key);
        }
        row
    };
    match value {
        Value::Array(items) => Some(
            items
                .into_iter()
                .enumerate()
                .map(|(line, item)| row(line, item.as_object().cloned().unwrap_or_default(), None))
                .collect(),
        ),
        Value::Object(mut object) => {
            for key in ["customers", "clients", "tenants", "organizations"] {
                if let Some(inner) = object.remove(key) {
                    return rows(inner);
                }
            }
            if object.keys().any(|key| field(key) == Some("name")) {
                return Some(vec![row(0, object, None)]);
            }
            if object.is_empty() || !object.values().all(Value::is_object) {
                return None;
            }
            let items = object.into_iter().enumerate();
            Some(
                items
                    .map(|(line, (key, item))| {
                        row(
                            line,
                            item.as_object().cloned().unwrap_or_default(),
                            Some(key),
                        )
                    })
                    .collect(),
            )
        }
        _ => None,
    }
}

/// A customer as Fabrik prints it, whose id is its own and no other system's.
fn is_ours(object: &Map<String, Value>) -> bool {
    ["slug", "contact_email", "created_at"]
        .iter()
        .all(|key| object.contains_key(*key))
}

/// Takes the fields of the object called `parent`; those of objects within it too, where the outer one has none
/// of that name.
fn flatten(parent: &str, object: Map<String, Value>, row: &mut Row) {
    let mut inner = Vec::new();
    let mut entries: Vec<_> = object.into_iter().collect();
    // A field's own name counts before the others it goes by: an export has `slug` beside `subdomain`.
    entries.sort_by_key(|(key, _)| field(key) != Some(key.as_str()));
    for (key, value) in entries {
        match (field_in(parent, &key), value) {
            (_, Value::Null) => {}
            (Some("modules"), value) => modules(value, row),
            (Some(field), Value::String(text)) => {
                row.take(field, text.trim().to_owned());
            }
            (Some(field), Value::Number(number)) => {
                row.take(field, number.to_string());
            }
            (found, Value::Object(object)) => inner.push((key, found, object)),
            (Some(field), value) => row.faults.push(fault(field, &value)),
            (None, _) => {}
        }
    }
    for (key, found, object) in inner {
        let before = row.fields.clone();
        flatten(&key, object, row);
        // An object in a field's place is one of its own where something in it is known: a contact with a name.
        if let Some(field) = found
            && row.fields == before
            && !row.fields.contains_key(field)
        {
            row.faults.push(unreadable(field, "{…}", TEXT));
        }
    }
}

/// Modules: their names in a list or in one text, or a switch for each.
pub(super) fn modules(value: Value, row: &mut Row) {
    match value {
        Value::Array(items) => {
            for item in items {
                match (&item, item["name"].as_str().or(item["key"].as_str())) {
                    (Value::String(text), _) => row.modules.extend(words(text)),
                    (Value::Object(module), Some(name)) => {
                        match module.get("enabled").map_or(Some(true), is_on) {
                            Some(true) => row.modules.extend(words(name)),
                            Some(false) => {}
                            None => row.faults.push(no_switch(&item["enabled"])),
                        }
                    }
                    _ => row.faults.push(fault("modules", &item)),
                }
            }
        }
        Value::Object(switches) => {
            for (name, switch) in switches {
                let switch = match switch {
                    Value::Object(mut module) => {
                        module.remove("enabled").unwrap_or_else(|| module.into())
                    }
                    switch => switch,
                };
                match is_on(&switch) {
                    Some(true) => row.modules.extend(words(&name)),
                    Some(false) => {}
                    None => row.faults.push(no_switch(&switch)),
                }
            }
        }
        Value::String(text) => row.modules = words(&text),
        other => row.faults.push(fault("modules", &other)),
    }
}

/// What a switch says, as the older systems write it; nothing where it is none.
fn is_on(switch: &Value) -> Option<bool> {
    match switch {
        Value::Null => Some(false),
        Value::Bool(on) => Some(*on),
        Value::Number(number) => match number.as_i64()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
        Value::String(word) => word.trim().to_lowercase().parse().ok(),
        _ => None,
    }
}

/// What a field is to hold in a file, for people of any language.
const TEXT: &str = "\"…\"";

/// A field that holds something of another kind.
fn fault(field: &str, value: &Value) -> Problem {
    unreadable(field, &redacted(value), TEXT)
}

/// A module's switch that is none.
fn no_switch(value: &Value) -> Problem {
    unreadable("modules", &redacted(value), "true, false")
}

/// A value as it is told. What is within a list or a text isn't: it may be a secret.
fn redacted(value: &Value) -> String {
    match value {
        Value::Array(_) => "[…]".to_owned(),
        Value::Object(_) => "{…}".to_owned(),
        Value::String(_) => TEXT.to_owned(),
        plain => plain.to_string(),
    }
}
