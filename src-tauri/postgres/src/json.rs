//! A column's text as JSON, in the forms that Supabase's Management API answers with: numbers where
//! JavaScript keeps them exact, JSON as it is, arrays as arrays, everything else as its text.

use serde_json::{Number, Value};

/// The integers that a double holds exactly.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// The value of a cell, by the OID of its type (`pg_type.oid`).
pub(crate) fn value(kind: i32, text: &str) -> Value {
    match kind {
        16 => Value::Bool(text == "t"),
        20 | 21 | 23 | 26 => integer(text),
        700 | 701 => float(text),
        114 | 3802 => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        17 => bytes(text),
        1000 => array(text, 16),
        1005 | 1007 | 1016 | 1028 => array(text, 23),
        1021 | 1022 => array(text, 701),
        199 | 3807 => array(text, 3802),
        // Arrays of names, characters, texts, bit strings, dates, times, numerics and UUIDs.
        1002 | 1003 | 1009 | 1014 | 1015 | 1115 | 1182 | 1183 | 1185 | 1231 | 2951 => {
            array(text, 25)
        }
        _ => text.into(),
    }
}

fn integer(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(number) if number.unsigned_abs() <= MAX_SAFE_INTEGER => number.into(),
        _ => text.into(),
    }
}

/// NaN and the infinities have no JSON: `null`, as JavaScript writes them.
fn float(text: &str) -> Value {
    let number = text.parse::<f64>().ok().and_then(Number::from_f64);
    number.map_or(Value::Null, Value::Number)
}

/// As Node writes a buffer: `{"type":"Buffer","data":[…]}`.
fn bytes(text: &str) -> Value {
    let Some(digits) = text.strip_prefix("\\x") else {
        return text.into();
    };
    let data: Vec<u8> = digits
        .as_bytes()
        .chunks(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    serde_json::json!({ "type": "Buffer", "data": data })
}

/// An array's text, such as `{1,NULL,"a b"}`, with its elements of type `element`.
fn array(text: &str, element: i32) -> Value {
    // Bounds other than from 1 are told before the braces: `[0:1]={a,b}`.
    let start = text.find('{').unwrap_or_default();
    let mut characters = text[start..].chars().peekable();
    if characters.next() != Some('{') {
        return text.into();
    }
    elements(&mut characters, element)
}

/// The elements up to the closing brace; the opening one has been read.
fn elements(
    characters: &mut std::iter::Peekable<impl Iterator<Item = char>>,
    element: i32,
) -> Value {
    let mut items = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    while let Some(character) = characters.next() {
        match character {
            '{' => items.push(elements(characters, element)),
            '"' => {
                quoted = true;
                while let Some(inner) = characters.next() {
                    match inner {
                        '\\' => cell.extend(characters.next()),
                        '"' => break,
                        _ => cell.push(inner),
                    }
                }
            }
            ',' | '}' => {
                if quoted || !cell.is_empty() {
                    let null = !quoted && cell.eq_ignore_ascii_case("null");
                    items.push(if null {
                        Value::Null
                    } else {
                        value(element, &cell)
                    });
                    cell.clear();
                    quoted = false;
                }
                if character == '}' {
                    break;
                }
            }
            _ => cell.push(character),
        }
    }
    Value::Array(items)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_become_what_the_management_api_answers() {
        let cases = [
            (16, "t", json!(true)),
            (23, "42", json!(42)),
            (20, "9007199254740993", json!("9007199254740993")),
            (701, "1.5", json!(1.5)),
            (701, "NaN", json!(null)),
            (1700, "1.50", json!("1.50")),
            (3802, r#"{"a": [1]}"#, json!({"a": [1]})),
            (17, "\\x00ff", json!({"type": "Buffer", "data": [0, 255]})),
            (
                2950,
                "c0ffee00-0000-4000-8000-000000000000",
                json!("c0ffee00-0000-4000-8000-000000000000"),
            ),
        ];
        for (kind, text, expected) in cases {
            assert_eq!(value(kind, text), expected, "type {kind}, text {text}");
        }
    }

    #[test]
    fn arrays_keep_nulls_quotes_and_nesting() {
        assert_eq!(value(1007, "{1,NULL,3}"), json!([1, null, 3]));
        assert_eq!(
            value(1009, r#"{a,"b \"c\", d","",NULL,"NULL"}"#),
            json!(["a", "b \"c\", d", "", null, "NULL"])
        );
        assert_eq!(value(1007, "{{1,2},{3,4}}"), json!([[1, 2], [3, 4]]));
        assert_eq!(value(1009, "{}"), json!([]));
    }
}
