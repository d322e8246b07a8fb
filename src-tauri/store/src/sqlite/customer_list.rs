//! The list of customers: filtered, searched, sorted, cut; and counted.

use std::collections::BTreeMap;

use fabrik_domain::{
    customer::{Customer, CustomerStatus, InstanceState},
    id::CustomerId,
};
use rusqlite::{Connection, params_from_iter, types::Value};

use super::{
    column::{at_most, passed_over, to_word, word},
    contains::CONTAINS,
    customers::from_row,
    fault::Fault,
};
use crate::{CustomerQuery, CustomerSort, NameCounts, Neighbours, Page, text};

/// With more hits than this, a page is found sooner by walking the list in its order and testing each
/// customer than by collecting the hits and sorting them.
const MANY_HITS: usize = 5000;

/// The conditions of a query, with their parameters.
struct Conditions {
    sql: Vec<String>,
    parameters: Vec<Value>,
}

impl Conditions {
    fn of(query: &CustomerQuery) -> Result<Self, Fault> {
        let mut conditions = Self {
            sql: Vec::new(),
            parameters: Vec::new(),
        };
        let state = query.state.as_ref().map(to_word).transpose()?;
        for (column, value) in [
            ("instance_state", state.as_deref()),
            ("status", query.status.map(CustomerStatus::key)),
            ("plan", query.plan.as_deref()),
            ("blueprint", query.blueprint.as_deref()),
        ] {
            if let Some(value) = value {
                conditions.add(value, |place| format!("{column} = {place}"));
            }
        }
        for word in text::search_words(query.search.as_deref().unwrap_or_default()) {
            conditions.add(&word, |place| format!("{CONTAINS}(search_text, {place})"));
        }
        Ok(conditions)
    }

    fn add(&mut self, value: &str, sql: impl FnOnce(&str) -> String) {
        self.parameters.push(Value::Text(value.to_owned()));
        self.sql.push(sql(&format!("?{}", self.parameters.len())));
    }

    /// The narrow index that holds every column of every condition is read from end to end; SQLite
    /// would rather look up each customer of a plan. With no condition it counts its smallest index.
    fn hits(&self, what: &str) -> String {
        if self.sql.is_empty() {
            format!("SELECT {what} FROM customers")
        } else {
            let sql = self.sql.join(" AND ");
            format!("SELECT {what} FROM customers INDEXED BY customers_searched WHERE {sql}")
        }
    }
}

/// What a filter finds.
enum Hits {
    /// These rows, as a JSON list: one look at the index found them all.
    Few { rows: String, total: i64 },
    /// More than one would collect.
    Many { total: i64 },
}

impl Hits {
    fn of(connection: &Connection, conditions: &Conditions) -> Result<Self, Fault> {
        let parameters = || params_from_iter(&conditions.parameters);
        if !conditions.sql.is_empty() {
            let enough = MANY_HITS + 1;
            let rows = connection
                .prepare_cached(&format!("{} LIMIT {enough}", conditions.hits("rowid")))?
                .query_and_then(parameters(), |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<i64>>>()?;
            if rows.len() < enough {
                return Ok(Self::Few {
                    rows: format!("{rows:?}"),
                    total: i64::try_from(rows.len()).unwrap_or(i64::MAX),
                });
            }
        }
        let total = connection
            .prepare_cached(&conditions.hits("count(*)"))?
            .query_row(parameters(), |row| row.get(0))?;
        Ok(Self::Many { total })
    }
}

/// The order, and the index that has it: its columns, all in the same direction, so that it can be
/// read from either end.
fn order(query: &CustomerQuery) -> (&'static str, String) {
    let (index, columns): (_, &[&str]) = match query.sort {
        CustomerSort::Updated => ("customers_by_update", &["updated_at", "id"]),
        CustomerSort::Name => ("customers_by_name", &["name_key", "id"]),
        CustomerSort::Credits => ("customers_by_credits", &["credits", "name_key", "id"]),
        CustomerSort::Status => ("customers_by_status", &["status", "name_key", "id"]),
        CustomerSort::Blueprint => ("customers_by_blueprint", &["blueprint", "name_key", "id"]),
        CustomerSort::Plan => ("customers_by_plan", &["plan", "name_key", "id"]),
    };
    // By time the newest is first, and the oldest the other way round.
    let down = query.descending != (query.sort == CustomerSort::Updated);
    let direction = if down { " DESC" } else { "" };
    let columns: Vec<_> = columns
        .iter()
        .map(|column| format!("{column}{direction}"))
        .collect();
    (index, columns.join(", "))
}

/// The rows asked for, and how many there are in all.
pub(super) fn page(
    connection: &Connection,
    query: &CustomerQuery,
) -> Result<Page<Customer>, Fault> {
    let conditions = Conditions::of(query)?;
    let (index, order) = order(query);
    let (from, parameters, total) = match Hits::of(connection, &conditions)? {
        Hits::Few { rows, total } => (
            "customers WHERE rowid IN (SELECT value FROM json_each(?1))".to_owned(),
            vec![Value::Text(rows)],
            total,
        ),
        Hits::Many { total } if conditions.sql.is_empty() => {
            (format!("customers INDEXED BY {index}"), Vec::new(), total)
        }
        Hits::Many { total } => (
            format!(
                "customers INDEXED BY {index} WHERE {}",
                conditions.sql.join(" AND ")
            ),
            conditions.parameters,
            total,
        ),
    };
    let limit = at_most(query.limit).unwrap_or(-1);
    let offset = passed_over(query.offset);
    let rows = connection
        .prepare_cached(&format!(
            "SELECT * FROM {from} ORDER BY {order} LIMIT {limit} OFFSET {offset}"
        ))?
        .query_and_then(params_from_iter(&parameters), from_row)?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Page {
        rows,
        total: total.unsigned_abs(),
    })
}

/// Where a customer stands in the list, and beside whom. The ids are read in the list's order.
pub(super) fn neighbours(
    connection: &Connection,
    customer: CustomerId,
    query: &CustomerQuery,
) -> Result<Neighbours, Fault> {
    let conditions = Conditions::of(query)?;
    let (_, order) = order(query);
    let filter = match conditions.sql.as_slice() {
        [] => "TRUE".to_owned(),
        sql => sql.join(" AND "),
    };
    let ids = connection
        .prepare_cached(&format!(
            "SELECT id FROM customers WHERE {filter} ORDER BY {order}"
        ))?
        .query_and_then(params_from_iter(&conditions.parameters), |row| {
            word::<CustomerId>(row, "id")
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let total = ids.len() as u64;
    let Some(place) = ids.iter().position(|id| *id == customer) else {
        return Ok(Neighbours {
            total,
            ..Neighbours::default()
        });
    };
    Ok(Neighbours {
        place: Some(place as u64 + 1),
        total,
        previous: place.checked_sub(1).map(|before| ids[before]),
        next: ids.get(place + 1).copied(),
    })
}

/// How many there are of each state, those of which there are none too.
pub(super) fn counts(connection: &Connection) -> Result<BTreeMap<InstanceState, u64>, Fault> {
    let mut counts: BTreeMap<_, _> = InstanceState::ALL
        .into_iter()
        .map(|state| (state, 0))
        .collect();
    let mut statement = connection.prepare_cached(
        "SELECT instance_state, count(*) FROM customers INDEXED BY customers_by_state GROUP BY instance_state",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        counts.insert(
            word(row, "instance_state")?,
            row.get::<_, i64>(1)?.unsigned_abs(),
        );
    }
    Ok(counts)
}

/// How many each plan and each blueprint has. Each count reads an index of its own from end to end.
pub(super) fn name_counts(connection: &Connection) -> Result<NameCounts, Fault> {
    let of = |column: &str| {
        connection
            .prepare_cached(&format!(
                "SELECT {column}, count(*) FROM customers INDEXED BY customers_by_{column}
                 GROUP BY {column} ORDER BY count(*) DESC, {column}"
            ))?
            .query_and_then([], |row| {
                Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
            })?
            .collect::<Result<Vec<_>, Fault>>()
    };
    Ok(NameCounts {
        plans: of("plan")?,
        blueprints: of("blueprint")?,
    })
}
