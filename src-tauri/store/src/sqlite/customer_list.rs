//! The list of customers: filtered, searched, sorted, cut; and counted.

use std::collections::BTreeMap;

use fabrik_domain::{
    customer::{Customer, InstanceState},
    id::CustomerId,
};
use rusqlite::Connection;

use super::{
    column::{at_most, passed_over, to_word, word},
    customer_index::{CustomerIndex, Filter},
    customers::from_row,
    fault::Fault,
};
use crate::{CustomerQuery, CustomerSort, NameCounts, Neighbours, Page, text};

/// With more hits than this, a page is found sooner by walking the list in its order, past those who are
/// none, than by collecting the hits and sorting them.
const MANY_HITS: usize = 5000;

fn filter_of(query: &CustomerQuery) -> Result<Filter, Fault> {
    Ok(Filter {
        state: query.state.as_ref().map(to_word).transpose()?,
        status: query.status.map(|status| status.key().to_owned()),
        plan: query.plan.clone(),
        blueprint: query.blueprint.clone(),
        words: text::search_words(query.search.as_deref().unwrap_or_default()),
    })
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
    searched: &CustomerIndex,
    query: &CustomerQuery,
) -> Result<Page<Customer>, Fault> {
    let filter = filter_of(query)?;
    if filter.is_empty() {
        return whole(connection, query);
    }
    let mut hits = searched.hits(connection, &filter)?;
    let total = hits.len() as u64;
    let mut offset = passed_over(query.offset);
    if hits.len() > MANY_HITS && query.limit > 0 {
        hits = cut(connection, &hits, query)?;
        offset = 0;
    }
    let (_, order) = order(query);
    let rows = connection
        .prepare_cached(&format!(
            "SELECT * FROM customers WHERE rowid IN (SELECT value FROM json_each(?1))
             ORDER BY {order} LIMIT {} OFFSET {offset}",
            at_most(query.limit).unwrap_or(-1)
        ))?
        .query_and_then([format!("{hits:?}")], from_row)?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Page { rows, total })
}

/// A page of all customers. SQLite counts its smallest index.
fn whole(connection: &Connection, query: &CustomerQuery) -> Result<Page<Customer>, Fault> {
    let total: i64 = connection
        .prepare_cached("SELECT count(*) FROM customers")?
        .query_row([], |row| row.get(0))?;
    let (index, order) = order(query);
    let rows = connection
        .prepare_cached(&format!(
            "SELECT * FROM customers INDEXED BY {index} ORDER BY {order} LIMIT {} OFFSET {}",
            at_most(query.limit).unwrap_or(-1),
            passed_over(query.offset),
        ))?
        .query_and_then([], from_row)?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Page {
        rows,
        total: total.unsigned_abs(),
    })
}

/// Those of the hits who are on the page.
fn cut(connection: &Connection, hits: &[i64], query: &CustomerQuery) -> Result<Vec<i64>, Fault> {
    let (index, order) = order(query);
    let mut statement = connection.prepare_cached(&format!(
        "SELECT rowid FROM customers INDEXED BY {index} ORDER BY {order}"
    ))?;
    let mut rows = statement.query([])?;
    let (mut passed, mut page) = (0, Vec::new());
    while let Some(row) = rows.next()? {
        let number = row.get(0)?;
        if hits.binary_search(&number).is_err() {
            continue;
        }
        if passed < query.offset {
            passed += 1;
            continue;
        }
        page.push(number);
        if page.len() as u64 == query.limit {
            break;
        }
    }
    Ok(page)
}

/// Where a customer stands in the list, and beside whom. The ids are read in the list's order.
pub(super) fn neighbours(
    connection: &Connection,
    searched: &CustomerIndex,
    customer: CustomerId,
    query: &CustomerQuery,
) -> Result<Neighbours, Fault> {
    let filter = filter_of(query)?;
    let hits = (!filter.is_empty())
        .then(|| searched.hits(connection, &filter))
        .transpose()?;
    let (index, order) = order(query);
    let ids = connection
        .prepare_cached(&format!(
            "SELECT rowid, id FROM customers INDEXED BY {index} ORDER BY {order}"
        ))?
        .query_and_then([], |row| {
            let number = row.get("rowid")?;
            if hits
                .as_ref()
                .is_none_or(|hits| hits.binary_search(&number).is_ok())
            {
                word::<CustomerId>(row, "id").map(Some)
            } else {
                Ok(None)
            }
        })?
        .filter_map(Result::transpose)
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
