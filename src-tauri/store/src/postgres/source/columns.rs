//! What a database says of a table's columns, and how they stand in a statement. Names are the agency's: each is
//! quoted, whatever it holds.

use fabrik_domain::mapping::Relation;

use crate::postgres::{column::get, connections::Session, fault::Fault};

/// A column of an agency's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceColumn {
    /// Its name, as the database has it.
    pub name: String,
    /// Its type, as the database writes it, without its length.
    pub kind: String,
    /// Whether it may be written, as whom we are.
    pub writable: bool,
    /// The words of an enumeration, in its own letters; none of any other type.
    pub labels: Vec<String>,
    pub(super) holds: Holds,
}

/// What a type can hold, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    Whole,
    Decimal,
    Flag,
    Time,
    Json,
    List,
    Other,
}

impl Holds {
    fn of(data_type: &str) -> Self {
        match data_type {
            "text" | "character varying" | "character" | "uuid" | "name" | "USER-DEFINED" => {
                Self::Text
            }
            "smallint" | "integer" | "bigint" => Self::Whole,
            "numeric" => Self::Decimal,
            "boolean" => Self::Flag,
            "json" | "jsonb" => Self::Json,
            "ARRAY" => Self::List,
            "date" => Self::Time,
            other if other.starts_with("timestamp") => Self::Time,
            _ => Self::Other,
        }
    }
}

impl SourceColumn {
    /// An expression that gives what it holds as a text.
    pub(super) fn as_text(&self) -> String {
        let name = quoted(&self.name);
        match self.holds {
            Holds::List => format!("to_json({name})::text"),
            // Without the zeros that stand for cents.
            Holds::Decimal => format!("trim_scale({name})::text"),
            _ => format!("{name}::text"),
        }
    }

    /// An expression that turns the `place`th value, a text, into what it holds.
    pub(super) fn given(&self, place: usize) -> String {
        // As the server itself writes the type, so that it needs no quoting of ours; without its length, so that what
        // is too long is refused and not cut.
        format!("${place}::text::{}", self.kind)
    }
}

/// A name in a statement.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A table in a statement.
pub(super) fn qualified(table: &Relation) -> String {
    format!("{}.{}", quoted(&table.schema), quoted(&table.name))
}

/// A table's columns in their order; none where there is no such table, or it may not be read.
pub(super) async fn columns(
    session: &Session,
    table: &Relation,
) -> Result<Vec<SourceColumn>, Fault> {
    // With -1 and not NULL: a `char(8)` would be written `character`, which is `char(1)` where it stands in a statement.
    let sql = "SELECT c.column_name::text AS name, c.data_type::text AS data_type,
                   format_type(a.atttypid, -1) AS kind,
                   c.is_updatable::text = 'YES'
                       AND has_column_privilege(a.attrelid, a.attnum, 'UPDATE') AS writable,
                   ARRAY(SELECT e.enumlabel::text FROM pg_enum AS e WHERE e.enumtypid = a.atttypid
                         ORDER BY e.enumsortorder) AS labels
               FROM information_schema.columns AS c
               JOIN pg_attribute AS a
                   ON a.attrelid = format('%I.%I', c.table_schema, c.table_name)::regclass
                   AND a.attname = c.column_name::name
               WHERE c.table_schema::text = $1 AND c.table_name::text = $2
                   AND has_column_privilege(a.attrelid, a.attnum, 'SELECT')
               ORDER BY c.ordinal_position";
    let rows = session.rows(sql, &[&table.schema, &table.name]).await?;
    rows.iter()
        .map(|row| {
            Ok(SourceColumn {
                name: get(row, "name")?,
                holds: Holds::of(&get::<String>(row, "data_type")?),
                kind: get(row, "kind")?,
                writable: get(row, "writable")?,
                labels: get(row, "labels")?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_name_whatever_it_holds() {
        let table = Relation {
            schema: "public".to_owned(),
            name: "Customer\"; DROP TABLE x; --".to_owned(),
        };
        assert_eq!(
            qualified(&table),
            "\"public\".\"Customer\"\"; DROP TABLE x; --\""
        );
    }
}
