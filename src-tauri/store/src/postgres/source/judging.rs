//! Whether a mapping fits the table, by what the database says of itself: each fault is told apart.

use fabrik_domain::{
    Cause, Problem,
    mapping::{Mapping, Relation, ResultField, ResultMapping, SourceField},
};

use super::{
    columns::{Holds, SourceColumn, columns, qualified, quoted},
    hiding::{Act, hidden},
};
use crate::postgres::{column::get, connections::Session, fault::Fault};

/// Everything that is wrong with a mapping, an id that two rows have too where customers are read by it: once a table
/// is connected, that is these rows' own fault. Where results go it stays the mapping's: none may reach two rows.
pub(super) async fn judge(
    session: &Session,
    mapping: &Mapping,
    is_connected: bool,
) -> Result<Vec<Problem>, Fault> {
    let mut problems = Vec::new();
    for field in SourceField::NEEDED {
        if !mapping.columns.contains_key(&field) {
            problems.push(unmapped(field));
        }
    }
    let read = columns(session, &mapping.table).await?;
    if read.is_empty() {
        problems.push(no_table(&mapping.table));
    } else {
        for (field, name) in &mapping.columns {
            match read.iter().find(|column| column.name == *name) {
                None => problems.push(missing(&mapping.table, name, field.key())),
                Some(column) if !can_be(*field, column.holds) => {
                    problems.push(unfit(column, field.key()));
                }
                Some(_) => {}
            }
        }
        problems.extend(hidden(session, &mapping.table, Act::Read).await?);
    }
    if let Some(key) = mapping.columns.get(&SourceField::ExternalId)
        && problems.is_empty()
        && !is_connected
    {
        problems.extend(repeated(session, &mapping.table, key).await?);
    }
    if let Some(results) = &mapping.results {
        for problem in judge_results(session, results).await? {
            // A column that is read and written is at fault once.
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        if problems.is_empty() {
            problems.extend(astray(session, mapping, results).await?);
        }
    }
    Ok(problems)
}

async fn judge_results(session: &Session, results: &ResultMapping) -> Result<Vec<Problem>, Fault> {
    let table = &results.table;
    let written = columns(session, table).await?;
    if written.is_empty() {
        return Ok(vec![no_table(table)]);
    }
    let mut problems = Vec::new();
    for act in [Act::Read, Act::Write] {
        if problems.is_empty() {
            problems.extend(hidden(session, table, act).await?);
        }
    }
    let find = |name: &str| written.iter().find(|column| column.name == name);
    let field = SourceField::ExternalId;
    match find(&results.key) {
        None => problems.push(missing(table, &results.key, field.key())),
        Some(column) if !can_be(field, column.holds) => problems.push(unfit(column, field.key())),
        Some(_) => problems.extend(repeated(session, table, &results.key).await?),
    }
    let before = problems.len();
    for (field, name) in &results.columns {
        match find(name) {
            None => problems.push(missing(table, name, field.key())),
            Some(column) if !can_take(*field, column.holds) => {
                problems.push(unfit(column, field.key()));
            }
            Some(column) if !column.writable => problems.push(
                Cause::SourceColumnLocked {
                    table: table.to_string(),
                    column: name.clone(),
                }
                .into(),
            ),
            Some(column) if *field == ResultField::Status => {
                for (outcome, word) in results.words() {
                    problems.extend(refused_word(session, column, outcome, word).await?);
                }
            }
            Some(_) => {}
        }
    }
    if problems.len() == before && !results.has_what_to_write() {
        problems.push(nowhere(table));
    }
    Ok(problems)
}

/// Whether a type can say this of a customer.
const fn can_be(field: SourceField, holds: Holds) -> bool {
    match field {
        SourceField::ExternalId => matches!(holds, Holds::Text | Holds::Whole),
        SourceField::Credits => matches!(holds, Holds::Whole | Holds::Decimal),
        SourceField::Modules => matches!(holds, Holds::Text | Holds::Json | Holds::List),
        SourceField::Status => matches!(holds, Holds::Text | Holds::Flag),
        _ => matches!(holds, Holds::Text),
    }
}

/// Whether a type can take this of a run.
const fn can_take(field: ResultField, holds: Holds) -> bool {
    match field {
        ResultField::StartedAt | ResultField::CompletedAt | ResultField::ProvisionedAt => {
            matches!(holds, Holds::Text | Holds::Time)
        }
        _ => matches!(holds, Holds::Text),
    }
}

/// A word that the column's type doesn't know, such as an enumeration's. Tried on the server, without the table.
async fn refused_word(
    session: &Session,
    column: &SourceColumn,
    outcome: &str,
    word: &String,
) -> Result<Option<Problem>, Fault> {
    let known = takes(session, column, word).await?;
    Ok((!known).then(|| {
        Cause::SourceWordRefused {
            column: column.name.clone(),
            word: word.clone(),
            outcome: outcome.to_owned(),
        }
        .into()
    }))
}

/// Whether the column's type knows a text.
async fn takes(session: &Session, column: &SourceColumn, text: &String) -> Result<bool, Fault> {
    let sql = format!("SELECT {} IS NOT NULL AS known", column.given(1));
    match session.rows(&sql, &[text]).await {
        Ok(_) => Ok(true),
        Err(fault) if fault.is_refusal() => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// Whether a row can have this id at all: `AC-1` is in no column of numbers.
pub(super) async fn can_be_key(
    session: &Session,
    results: &ResultMapping,
    key: &str,
) -> Result<bool, Fault> {
    let columns = columns(session, &results.table).await?;
    match columns.iter().find(|column| column.name == results.key) {
        Some(column) => takes(session, column, &key.to_owned()).await,
        // Which of the two is missing is said by whoever writes.
        None => Ok(true),
    }
}

/// An id that two rows have.
async fn repeated(
    session: &Session,
    table: &Relation,
    key: &str,
) -> Result<Option<Problem>, Fault> {
    let (table, column) = (qualified(table), quoted(key));
    let sql = format!(
        "SELECT {column}::text AS id FROM {table} WHERE {column} IS NOT NULL
         GROUP BY {column} HAVING count(*) > 1 LIMIT 1"
    );
    let Some(row) = session.row(&sql, &[]).await? else {
        return Ok(None);
    };
    Ok(Some(repeats(key, &get::<String>(&row, "id")?)))
}

/// What tells whose a row is, where both tables have it under one name.
const TELLING: [SourceField; 3] = [
    SourceField::Name,
    SourceField::Subdomain,
    SourceField::ContactEmail,
];

/// An id by which a result would go to another customer's row: two columns may hold numbers, and each number in either.
async fn astray(
    session: &Session,
    mapping: &Mapping,
    results: &ResultMapping,
) -> Result<Option<Problem>, Fault> {
    let Some(id) = mapping.columns.get(&SourceField::ExternalId) else {
        return Ok(None);
    };
    let sql = if mapping.table == results.table {
        if *id == results.key {
            return Ok(None);
        }
        let (table, id, key) = (qualified(&mapping.table), quoted(id), quoted(&results.key));
        format!(
            "SELECT {id}::text AS id FROM {table}
             WHERE {id} IS NOT NULL AND {id}::text IS DISTINCT FROM {key}::text LIMIT 1"
        )
    } else {
        let written = columns(session, &results.table).await?;
        let told = TELLING
            .iter()
            .filter_map(|field| mapping.columns.get(field));
        let common: Vec<_> = told
            .filter(|name| written.iter().any(|column| column.name == **name))
            .collect();
        if common.is_empty() {
            return Ok(None);
        }
        of_others(&mapping.table, id, results, &common)
    };
    let Some(row) = session.row(&sql, &[]).await? else {
        return Ok(None);
    };
    Ok(Some(
        Cause::SourceKeyAstray {
            table: results.table.to_string(),
            column: results.key.clone(),
            value: get(&row, "id")?,
        }
        .into(),
    ))
}

/// Asks for an id whose row in the table of results agrees in none of the columns that both have, and differs in one; none
/// where no more than half of the rows do. A column that holds other ids leads nearly all of them astray, and one customer
/// that is called otherwise in the other table says nothing of the column.
fn of_others(read: &Relation, id: &str, results: &ResultMapping, common: &[&String]) -> String {
    let side = |table: &Relation, id: &str| {
        let told = common.iter().enumerate().map(|(place, name)| {
            let name = quoted(name);
            format!(", lower(btrim({name}::text)) AS told_{place}")
        });
        let (told, id, table) = (told.collect::<String>(), quoted(id), qualified(table));
        format!("(SELECT {id}::text AS id{told} FROM {table})")
    };
    let each = |relation: &str| {
        let compared =
            (0..common.len()).map(|place| format!("r.told_{place} {relation} w.told_{place}"));
        compared.collect::<Vec<_>>().join(" OR ")
    };
    format!(
        "SELECT min(id) FILTER (WHERE astray) AS id
         FROM (SELECT r.id, ({}) AND NOT coalesce({}, FALSE) AS astray
               FROM {} AS r JOIN {} AS w ON w.id = r.id) AS compared
         HAVING 2 * count(*) FILTER (WHERE astray) > count(astray)",
        each("<>"),
        each("="),
        side(read, id),
        side(&results.table, &results.key),
    )
}

pub(super) fn repeats(column: &str, value: &str) -> Problem {
    Cause::SourceKeyRepeated {
        column: column.to_owned(),
        value: value.to_owned(),
    }
    .into()
}

pub(super) fn unmapped(field: SourceField) -> Problem {
    Cause::SourceFieldUnmapped {
        field: field.key().to_owned(),
    }
    .into()
}

/// Results that go to a table, and into nothing of it.
pub(super) fn nowhere(table: &Relation) -> Problem {
    Cause::SourceResultsNowhere {
        table: table.to_string(),
    }
    .into()
}

pub(super) fn no_table(table: &Relation) -> Problem {
    Cause::SourceTableMissing {
        table: table.to_string(),
    }
    .into()
}

pub(super) fn missing(table: &Relation, column: &str, field: &str) -> Problem {
    Cause::SourceColumnMissing {
        table: table.to_string(),
        column: column.to_owned(),
        field: field.to_owned(),
    }
    .into()
}

fn unfit(column: &SourceColumn, field: &str) -> Problem {
    Cause::SourceColumnUnfit {
        column: column.name.clone(),
        field: field.to_owned(),
        found: column.kind.clone(),
    }
    .into()
}
