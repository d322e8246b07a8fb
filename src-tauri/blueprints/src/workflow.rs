//! A workflow's file, and the customer's values in it: `<% name %>`. n8n's own expressions have Jinja's braces, so
//! these files are no templates; what is computed is computed in the step's `values`.
//!
//! A value is data, wherever it stands. In a text it is put as it is; in an expression of n8n's, and in code, as
//! a quoted text: no name that a customer has can become a part of what n8n runs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

const BEGIN: &str = "<%";
const END: &str = "%>";

/// Why a file is no workflow, or can't be filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file is no JSON, or no workflow.
    #[error("line {line}: {why}")]
    Broken {
        /// From 1.
        line: usize,
        /// In the parser's words.
        why: String,
    },
    /// Names that there is no value for.
    #[error("no value for {}", .0.join(", "))]
    Unknown(Vec<String>),
}

/// Reads a workflow's file, as n8n exports one.
pub fn read(text: &str) -> Result<Value, Fault> {
    let broken = |line: usize, why: &str| Fault::Broken {
        line,
        why: why.to_owned(),
    };
    let workflow: Value =
        serde_json::from_str(text).map_err(|error| broken(error.line(), &error.to_string()))?;
    if workflow["name"].as_str().is_none_or(str::is_empty) {
        return Err(broken(1, "no name"));
    }
    let nodes = workflow["nodes"].as_array();
    if nodes.is_none_or(|nodes| nodes.is_empty() || !nodes.iter().all(Value::is_object)) {
        return Err(broken(1, "no nodes"));
    }
    if !workflow["connections"].is_object() {
        return Err(broken(1, "no connections"));
    }
    Ok(workflow)
}

/// The names that a workflow wants values for.
pub fn names(workflow: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut workflow = workflow.clone();
    each_text(&mut workflow, &mut |_, text| {
        names.extend(placeholders(text).map(|(_, name, _)| name.to_owned()));
    });
    names
}

/// Puts the values in. All of them are public: whoever opens n8n reads them, and so does its backup.
pub fn fill(workflow: &mut Value, values: &BTreeMap<String, String>) -> Result<(), Fault> {
    let unknown: Vec<_> = names(workflow)
        .into_iter()
        .filter(|name| !values.contains_key(name))
        .collect();
    if !unknown.is_empty() {
        return Err(Fault::Unknown(unknown));
    }
    each_text(workflow, &mut |field, text| {
        if placeholders(text).next().is_some() {
            *text = filled(field, text, values);
        }
    });
    Ok(())
}

/// Every text that may hold a value, with its field's name: not the names of nodes, which are what connects them.
fn each_text(workflow: &mut Value, visit: &mut impl FnMut(&str, &mut String)) {
    for field in ["name", "settings"] {
        if let Some(value) = workflow.get_mut(field) {
            walk(field, value, visit);
        }
    }
    let nodes = workflow.get_mut("nodes").and_then(Value::as_array_mut);
    for node in nodes.into_iter().flatten() {
        for field in ["parameters", "notes"] {
            if let Some(value) = node.get_mut(field) {
                walk(field, value, visit);
            }
        }
    }
}

fn walk(field: &str, value: &mut Value, visit: &mut impl FnMut(&str, &mut String)) {
    match value {
        Value::String(text) => visit(field, text),
        Value::Array(items) => items.iter_mut().for_each(|item| walk(field, item, visit)),
        Value::Object(fields) => {
            for (name, item) in fields {
                walk(name, item, visit);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The placeholders of a text: where each begins, its name, where it ends.
fn placeholders(text: &str) -> impl Iterator<Item = (usize, &str, usize)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(begin) = text[from..].find(BEGIN).map(|at| from + at) {
            let inside = begin + BEGIN.len();
            from = inside;
            let Some(end) = text[inside..].find(END).map(|at| inside + at) else {
                continue;
            };
            let name = text[inside..end].trim();
            let is_name = !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && !name.starts_with(|c: char| c.is_ascii_digit());
            if is_name {
                from = end + END.len();
                return Some((begin, name, from));
            }
        }
        None
    })
}

/// What a string in JavaScript and in Python looks like. Without braces, which would end n8n's expression.
fn literal(value: &str) -> String {
    let quoted = Value::from(value).to_string();
    quoted
        .replace('{', "\\u007b")
        .replace('}', "\\u007d")
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

fn filled(field: &str, text: &str, values: &BTreeMap<String, String>) -> String {
    let is_code = field == "code" || field.ends_with("Code");
    let is_expression = text.starts_with('=');
    let mut filled = String::with_capacity(text.len());
    let mut from = 0;
    for (begin, name, end) in placeholders(text) {
        filled.push_str(&text[from..begin]);
        let value = values.get(name).map_or("", String::as_str);
        if is_code {
            filled.push_str(&literal(value));
        } else if is_expression {
            let before = &text[..begin];
            let is_inside = before.rfind("{{") > before.rfind("}}");
            if is_inside {
                filled.push_str(&literal(value));
            } else {
                filled.extend(["{{ ", &literal(value), " }}"]);
            }
        } else {
            filled.push_str(value);
        }
        from = end;
    }
    filled.push_str(&text[from..]);
    // What begins with a sign of equality is an expression to n8n, whoever wrote it.
    if !is_code && !is_expression && filled.starts_with('=') {
        return format!("={{{{ {} }}}}", literal(&filled));
    }
    filled
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn with(parameters: &Value, name: &str) -> Value {
        let mut workflow = json!({
            "name": "Leads <% company %>", "connections": {},
            "nodes": [{ "name": "A", "type": "t", "parameters": parameters }],
        });
        let values = BTreeMap::from([("company".to_owned(), name.to_owned())]);
        fill(&mut workflow, &values).unwrap();
        workflow
    }

    fn parameter(text: &str, name: &str) -> String {
        let filled = with(&json!({ "text": text }), name);
        filled["nodes"][0]["parameters"]["text"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn a_value_stands_in_a_text_as_it_is() {
        assert_eq!(
            parameter("Hej <% company %>!", "Åker & Co"),
            "Hej Åker & Co!"
        );
        let filled = with(&json!({}), "Åker");
        assert_eq!(filled["name"], "Leads Åker");
    }

    #[test]
    fn in_an_expression_it_is_a_quoted_text() {
        for (text, expected) in [
            (
                "=Hej <% company %>, {{ $json.name }}",
                "=Hej {{ \"Åk\" }}, {{ $json.name }}",
            ),
            (
                "={{ <%company%> + $json.name }}",
                "={{ \"Åk\" + $json.name }}",
            ),
            ("={{ 1 }}<% company %>", "={{ 1 }}{{ \"Åk\" }}"),
        ] {
            assert_eq!(parameter(text, "Åk"), expected);
        }
        let code = with(
            &json!({ "jsCode": "const c = <% company %>;" }),
            "a\"; evil()//",
        );
        assert_eq!(
            code["nodes"][0]["parameters"]["jsCode"],
            "const c = \"a\\\"; evil()//\";"
        );
    }

    #[test]
    fn no_value_turns_a_text_into_an_expression() {
        assert_eq!(
            parameter("<% company %>", "={{ $env.KEY }}"),
            "={{ \"=\\u007b\\u007b $env.KEY \\u007d\\u007d\" }}"
        );
    }

    #[test]
    fn a_name_without_a_value_is_told_and_what_is_no_placeholder_stays() {
        let mut workflow = json!({
            "name": "<% a %> <% 1 %> <%= b %> <%", "nodes": [], "connections": {"<% c %>": {}},
        });
        let unknown = Fault::Unknown(vec!["a".to_owned()]);
        assert_eq!(fill(&mut workflow, &BTreeMap::new()), Err(unknown));
    }

    #[test]
    fn what_is_no_workflow_is_told_with_its_line() {
        for (text, line) in [
            ("{\n\"name\": }", 2),
            ("[]", 1),
            ("{\"name\": \"A\", \"nodes\": [], \"connections\": {}}", 1),
            ("{\"nodes\": [{}], \"connections\": {}}", 1),
        ] {
            let Err(Fault::Broken { line: told, .. }) = read(text) else {
                panic!("{text} is no workflow")
            };
            assert_eq!(told, line, "{text}");
        }
    }

    proptest! {
        /// Whatever a customer is called, what n8n evaluates is the same but for quoted texts.
        #[test]
        fn no_name_escapes_its_quotes(name in "\\PC*") {
            let filled = parameter("={{ <% company %> }}", &name);
            let inner = filled.strip_prefix("={{ ").and_then(|rest| rest.strip_suffix(" }}")).unwrap();
            let read: String = serde_json::from_str(inner).unwrap();
            prop_assert_eq!(read, name);
            prop_assert!(!inner.contains("}}") && !inner.contains("{{"));
        }
    }
}
