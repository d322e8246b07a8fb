//! The questions of the steps that the model knows, told by what their answers are called.

use serde_json::{Value, json};

use super::{State, Table, script::columns_and_table, tokens::texts_until};

/// The rows of an answer; `None` where there is no model of the question.
pub(super) fn answer(state: &State, sql: &str) -> Option<Vec<Value>> {
    if sql.contains("as has_records") {
        return Some(vec![survey(state, sql)]);
    }
    if sql.contains("as attempts") {
        return Some(vec![survey_of_rights(state)]);
    }
    if sql.contains("as served") {
        return Some(vec![json!({ "served": names(state) })]);
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

/// `isolation-check`, with the canary's rows in: which tables are empty, and which stand open. Rights are not
/// modelled one by one, so nothing is left to be tried (`attempts`): a table without row-level security is open
/// to all, unless everything was taken from `anon`.
fn survey_of_rights(state: &State) -> Value {
    let mut breaches = Vec::new();
    for (name, table) in tables(state) {
        let mut open = |breach: &str| breaches.push(json!({ "breach": breach, "subject": name }));
        if table.rows.is_empty() {
            open("no_canary");
        }
        if !table.secured && !state.shut_to_anon {
            open("readable");
            open("writable");
        }
    }
    json!({ "breaches": breaches, "attempts": [], "served": names(state) })
}

/// The tables of `public`.
fn tables(state: &State) -> impl Iterator<Item = (&str, &Table)> {
    let tables = state.tables.iter();
    tables.filter_map(|(name, table)| Some((name.strip_prefix("public.")?, table)))
}

fn names(state: &State) -> Vec<&str> {
    tables(state).map(|(name, _)| name).collect()
}

/// `database-schema`: tables, their security, and which of the forbidden names are there.
fn survey(state: &State, sql: &str) -> Value {
    let [forbidden_tables, forbidden_columns] = ["where name = any(", "a.attname::text = any("]
        .map(|before| {
            let (_, after) = sql.split_once(before).unwrap_or_default();
            texts_until(after, ']')
        });
    let whole = tables(state)
        .map(|(name, _)| name.to_owned())
        .filter(|name| forbidden_tables.contains(name));
    let columns = tables(state).flat_map(|(name, table)| {
        let columns = table.columns.iter();
        let forbidden = columns.filter(|column| forbidden_columns.contains(column));
        forbidden.map(move |column| format!("{name}.{column}"))
    });
    let forbidden: Vec<String> = whole.chain(columns).collect();
    let unsecured = tables(state).filter(|(_, table)| !table.secured);
    json!({
        "has_records": state.tables.contains_key("fabrik.applied_files"),
        "tables": names(state),
        "unsecured": unsecured.map(|(name, _)| name).collect::<Vec<_>>(),
        "forbidden": forbidden,
    })
}
