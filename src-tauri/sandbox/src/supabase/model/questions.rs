//! The questions of the steps that the model knows, told by what their answers are called.

use serde_json::{Value, json};

use super::{State, script::columns_and_table, tokens::texts_until};

/// The rows of an answer; `None` where there is no model of the question.
pub(super) fn answer(state: &State, sql: &str) -> Option<Vec<Value>> {
    if sql.contains("as has_records") {
        return Some(vec![survey(state, sql)]);
    }
    if sql.contains("as breaches") {
        return Some(vec![trial(state)]);
    }
    if sql.contains("as breaches") {
        return Some(vec![isolation(state)]);
    }
    if sql == "select 1" {
        return Some(vec![json!({ "?column?": 1 })]);
    }
    let (columns, table) = columns_and_table(sql)?;
    let rows = state.tables.get(&table)?.rows.iter();
    let shown = rows.map(|row| {
        let cells = columns.iter().map(|column| {
            let value = row.get(column).cloned().unwrap_or_default();
            (column.clone(), value)
        });
        cells.collect()
    });
    Some(shown.collect())
}

/// `isolation-check`: what stands open with the canary's rows in it, and what is served.
fn trial(state: &State) -> Value {
    let tables = state.tables.iter();
    let tables = tables.filter_map(|(name, table)| Some((name.strip_prefix("public.")?, table)));
    let (mut breaches, mut served) = (Vec::new(), Vec::new());
    for (name, table) in tables {
        let mut open = |breach: &str| breaches.push(json!({ "breach": breach, "subject": name }));
        if table.rows.is_empty() {
            open("no_canary");
        }
        if !table.secured && !state.shut_to_anon {
            open("readable");
            open("writable");
        }
        served.push(name);
    }
    json!({ "breaches": breaches, "served": served })
}

/// `isolation-check`: tables in which the canary has no row, and those that anybody may read.
fn isolation(state: &State) -> Value {
    let tables = || {
        let tables = state.tables.iter();
        tables.filter_map(|(name, table)| Some((name.strip_prefix("public.")?, table)))
    };
    let empty = tables().filter(|(_, table)| table.rows.is_empty());
    let empty = empty.map(|(name, _)| json!({ "breach": "no_canary", "subject": name }));
    let open = tables().filter(|(_, table)| !table.secured && !state.shut_to_anon);
    let open = open.map(|(name, _)| json!({ "breach": "readable", "subject": name }));
    json!({
        "breaches": empty.chain(open).collect::<Vec<_>>(),
        "served": tables().map(|(name, _)| name).collect::<Vec<_>>(),
    })
}

/// `database-schema`: tables, their security, and which of the forbidden names are there.
fn survey(state: &State, sql: &str) -> Value {
    let tables = || {
        let tables = state.tables.iter();
        tables.filter_map(|(name, table)| Some((name.strip_prefix("public.")?, table)))
    };
    let [forbidden_tables, forbidden_columns] = ["where name = any(", "a.attname::text = any("]
        .map(|before| {
            let (_, after) = sql.split_once(before).unwrap_or_default();
            texts_until(after, ']')
        });
    let whole = tables()
        .map(|(name, _)| name.to_owned())
        .filter(|name| forbidden_tables.contains(name));
    let columns = tables().flat_map(|(name, table)| {
        let columns = table.columns.iter();
        let forbidden = columns.filter(|column| forbidden_columns.contains(column));
        forbidden.map(move |column| format!("{name}.{column}"))
    });
    let forbidden: Vec<String> = whole.chain(columns).collect();
    let unsecured = tables().filter(|(_, table)| !table.secured);
    json!({
        "has_records": state.tables.contains_key("fabrik.applied_files"),
        "tables": tables().map(|(name, _)| name).collect::<Vec<_>>(),
        "unsecured": unsecured.map(|(name, _)| name).collect::<Vec<_>>(),
        "forbidden": forbidden,
    })
}
