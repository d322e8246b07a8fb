//! What a step of kind `database-schema` says.

use super::{Schema, node::Node};

impl Schema {
    /// Of rendered parameters; `line` is where the tables are listed.
    pub(super) fn of(step: String, line: usize, with: &Node) -> Self {
        let texts = |name: &str| {
            with.field(name)
                .map(|node| node.texts())
                .unwrap_or_default()
        };
        let table = with.field("profile_table");
        let table = table.as_ref().and_then(Node::text).unwrap_or_default();
        let said = with.field("profile").and_then(|profile| profile.fields());
        let said = said.filter(|_| !table.is_empty()).unwrap_or_default();
        Self {
            step,
            line,
            files: texts("files"),
            tables: texts("tables"),
            forbidden_columns: texts("forbidden_columns"),
            forbidden_tables: texts("forbidden_tables"),
            profile: said
                .into_iter()
                .map(|(column, _)| format!("{table}.{column}"))
                .collect(),
        }
    }
}
