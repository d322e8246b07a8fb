//! What a request does to a table, and the SQL it becomes in a real database.

use serde_json::Value;

use super::parameters::{Parameters, quoted};

/// One request to one table of `public`.
pub(in crate::supabase) struct Statement {
    /// As it is in the table's name.
    pub(in crate::supabase) table: String,
    pub(in crate::supabase) action: Action,
    pub(in crate::supabase) parameters: Parameters,
    /// Whether a change answers with the rows that it wrote.
    pub(in crate::supabase) represent: bool,
}

/// What is done.
pub(in crate::supabase) enum Action {
    Read,
    Insert(Rows),
    /// The first of the rows is what all that fit become.
    Update(Rows),
    Delete,
}

/// Rows as they were sent; all of them have the same columns.
pub(in crate::supabase) struct Rows {
    pub(in crate::supabase) rows: Vec<Value>,
    pub(in crate::supabase) columns: Vec<String>,
}

impl Rows {
    fn columns(&self) -> String {
        let columns: Vec<_> = self.columns.iter().map(|column| quoted(column)).collect();
        columns.join(", ")
    }

    fn json(&self) -> String {
        Value::Array(self.rows.clone()).to_string()
    }
}

impl Statement {
    /// The SQL and its parameters. Where there are rows to answer with, it gives them as one JSON
    /// text in `body`.
    pub(in crate::supabase) fn sql(&self) -> (String, Vec<String>) {
        let table = format!("public.{}", quoted(&self.table));
        let mut values = Vec::new();
        let shown = match &self.action {
            Action::Read => {
                let condition = self.parameters.condition(&mut values);
                let columns = self.parameters.columns();
                let page = self.parameters.order_and_page();
                format!("with shown as (select {columns} from {table}{condition}{page})")
            }
            change => {
                let sql = self.change(&table, change, &mut values);
                if !self.represent {
                    return (sql, values);
                }
                let columns = self.parameters.columns();
                format!(
                    "with changed as ({sql} returning *), \
                     shown as (select {columns} from changed)"
                )
            }
        };
        let sql = format!("{shown} select coalesce(json_agg(shown), '[]') as body from shown");
        (sql, values)
    }

    fn change(&self, table: &str, change: &Action, values: &mut Vec<String>) -> String {
        match change {
            // Columns that are not sent get their defaults.
            Action::Insert(rows) => {
                values.push(rows.json());
                let columns = rows.columns();
                if columns.is_empty() {
                    return format!(
                        "insert into {table} select from json_array_elements($1::json) where false"
                    );
                }
                format!(
                    "insert into {table} ({columns}) select {columns} \
                     from json_populate_recordset(null::{table}, $1::json)"
                )
            }
            Action::Update(rows) => {
                values.push(rows.json());
                let condition = self.parameters.condition(values);
                let columns = rows.columns();
                format!(
                    "update {table} set ({columns}) = (select {columns} \
                     from json_populate_recordset(null::{table}, $1::json) limit 1){condition}"
                )
            }
            Action::Read | Action::Delete => {
                let condition = self.parameters.condition(values);
                format!("delete from {table}{condition}")
            }
        }
    }
}
