//! The list of customers: filtered, searched, sorted, cut; and counted.

use std::collections::BTreeMap;

use fabrik_domain::{
    customer::{Customer, CustomerStatus, InstanceState},
    id::CustomerId,
};
use futures::try_join;

use super::{
    column::{Value, at_most, get, passed_over, to_word, word},
    connections::{Moment, Session, number},
    customers::from_row,
    fault::Fault,
};
use crate::{CustomerQuery, CustomerSort, NameCounts, Neighbours, Page, text};

/// The conditions of a query, with their values.
struct Conditions {
    sql: String,
    values: Vec<String>,
}

impl Conditions {
    fn of(query: &CustomerQuery) -> Result<Self, Fault> {
        let mut conditions = Self {
            sql: "TRUE".to_owned(),
            values: Vec::new(),
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
            // `strpos` knows no wildcards, so nothing in a word needs escaping.
            conditions.add(&word, |place| format!("strpos(search_text, {place}) > 0"));
        }
        Ok(conditions)
    }

    fn add(&mut self, value: &str, sql: impl FnOnce(&str) -> String) {
        self.values.push(value.to_owned());
        self.sql.push_str(" AND ");
        self.sql.push_str(&sql(&format!("${}", self.values.len())));
    }

    fn values(&self) -> Vec<&(dyn Value + Sync)> {
        let value = |value| value as &(dyn Value + Sync);
        self.values.iter().map(value).collect()
    }
}

/// The order. Each has an index with its columns, all in the same direction.
fn order(query: &CustomerQuery) -> String {
    let columns: &[&str] = match query.sort {
        CustomerSort::Updated => &["updated_at", "id"],
        CustomerSort::Name => &["name_key", "id"],
        CustomerSort::Credits => &["credits", "name_key", "id"],
        CustomerSort::Status => &["status", "name_key", "id"],
        CustomerSort::Blueprint => &["blueprint", "name_key", "id"],
        CustomerSort::Plan => &["plan", "name_key", "id"],
    };
    // By time the newest is first, and the oldest the other way round.
    let down = query.descending != (query.sort == CustomerSort::Updated);
    let direction = if down { " DESC" } else { "" };
    let columns: Vec<_> = columns
        .iter()
        .map(|column| format!("{column}{direction}"))
        .collect();
    columns.join(", ")
}

/// The rows asked for, and how many there are in all.
pub(super) async fn page(session: Session, query: &CustomerQuery) -> Result<Page<Customer>, Fault> {
    let conditions = Conditions::of(query)?;
    let (sql, order) = (&conditions.sql, order(query));
    let limit = at_most(query.limit).map_or_else(|| "ALL".to_owned(), |limit| limit.to_string());
    let offset = passed_over(query.offset);
    let count = format!("SELECT count(*) FROM fabrik.customers WHERE {sql}");
    let list = format!(
        "SELECT * FROM fabrik.customers WHERE {sql} ORDER BY {order} LIMIT {limit} OFFSET {offset}"
    );
    let values = conditions.values();
    let moment = Moment::of(session).await?;
    let (total, rows) = try_join!(
        moment.one::<i64>(&count, &values),
        moment.rows(&list, &values)
    )?;
    moment.end().await?;
    Ok(Page {
        rows: rows.iter().map(from_row).collect::<Result<_, _>>()?,
        total: total.unsigned_abs(),
    })
}

/// Where a customer stands in the list, and beside whom.
pub(super) async fn neighbours(
    session: &Session,
    customer: CustomerId,
    query: &CustomerQuery,
) -> Result<Neighbours, Fault> {
    let mut conditions = Conditions::of(query)?;
    let order = order(query);
    conditions.values.push(customer.to_string());
    let (sql, wanted) = (&conditions.sql, conditions.values.len());
    let list = format!(
        "SELECT * FROM (
             SELECT id, row_number() OVER list AS place, count(*) OVER () AS total,
                 lag(id) OVER list AS previous, lead(id) OVER list AS next
             FROM fabrik.customers WHERE {sql} WINDOW list AS (ORDER BY {order})
         ) AS placed WHERE id = ${wanted}"
    );
    let Some(row) = session.row(&list, &conditions.values()).await? else {
        let count = format!("SELECT count(*) FROM fabrik.customers WHERE {sql}");
        conditions.values.pop();
        let total: i64 = session.one(&count, &conditions.values()).await?;
        return Ok(Neighbours {
            total: total.unsigned_abs(),
            ..Neighbours::default()
        });
    };
    Ok(Neighbours {
        place: Some(number(&row, "place")?),
        total: number(&row, "total")?,
        previous: super::column::word_option(&row, "previous")?,
        next: super::column::word_option(&row, "next")?,
    })
}

/// How many there are of each state, those of which there are none too.
pub(super) async fn counts(session: &Session) -> Result<BTreeMap<InstanceState, u64>, Fault> {
    let mut counts: BTreeMap<_, _> = InstanceState::ALL
        .into_iter()
        .map(|state| (state, 0))
        .collect();
    let sql = "SELECT instance_state, count(*) AS total FROM fabrik.customers
               GROUP BY instance_state";
    for row in session.rows(sql, &[]).await? {
        counts.insert(word(&row, "instance_state")?, number(&row, "total")?);
    }
    Ok(counts)
}

/// How many each plan and each blueprint has.
pub(super) async fn name_counts(session: &Session) -> Result<NameCounts, Fault> {
    let of = async |column: &str| {
        let sql = format!(
            "SELECT {column} AS word, count(*) AS total FROM fabrik.customers
             GROUP BY {column} ORDER BY total DESC, {column}"
        );
        let rows = session.rows(&sql, &[]).await?;
        rows.iter()
            .map(|row| Ok((get(row, "word")?, number(row, "total")?)))
            .collect::<Result<Vec<_>, Fault>>()
    };
    let (plans, blueprints) = try_join!(of("plan"), of("blueprint"))?;
    Ok(NameCounts { plans, blueprints })
}
