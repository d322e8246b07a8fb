//! A request's parameters as SQL: `select`, `order`, `limit`, `offset`, and filters by column. Values
//! never become part of the SQL, and names only quoted.

use super::answer::{Answer, RestError};

/// The parameters of a request.
pub(in crate::supabase) struct Parameters {
    columns: Vec<Column>,
    filters: Vec<Filter>,
    order: Vec<String>,
    limit: Option<u64>,
    offset: usize,
}

struct Column {
    /// As it is in the table.
    name: String,
    /// As it is in the answer.
    alias: Option<String>,
}

/// A condition on a column.
pub(in crate::supabase) struct Filter {
    pub(in crate::supabase) column: String,
    pub(in crate::supabase) negated: bool,
    pub(in crate::supabase) test: Test,
}

/// What is asked of a value.
pub(in crate::supabase) enum Test {
    /// An operator and its right side.
    Compare(&'static str, String),
    /// One of these.
    In(Vec<String>),
    /// `null`, `true`, `false` or `unknown`.
    Is(&'static str),
}

/// Parameters that are no column.
const OTHER: [&str; 3] = ["apikey", "columns", "on_conflict"];

impl Parameters {
    /// Reads a query string.
    pub(super) fn parse(query: &str) -> Answer<Self> {
        let mut parameters = Self {
            columns: Vec::new(),
            filters: Vec::new(),
            order: Vec::new(),
            limit: None,
            offset: 0,
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "select" => parameters.columns = columns(&value)?,
                "order" => parameters.order = order(&value)?,
                "limit" => parameters.limit = Some(value.parse().map_err(|_| unreadable(&value))?),
                "offset" => parameters.offset = value.parse().map_err(|_| unreadable(&value))?,
                other if OTHER.contains(&other) => {}
                column => parameters.filters.push(filter(column, &value)?),
            }
        }
        Ok(parameters)
    }

    /// What stands after `select`.
    pub(super) fn columns(&self) -> String {
        if self.columns.is_empty() {
            return "*".to_owned();
        }
        let columns = self
            .columns
            .iter()
            .map(|column| match (&*column.name, &column.alias) {
                ("*", _) => "*".to_owned(),
                (name, Some(alias)) => format!("{} as {}", quoted(name), quoted(alias)),
                (name, None) => quoted(name),
            });
        columns.collect::<Vec<_>>().join(", ")
    }

    /// ` where …`, or nothing; values are appended to `values`.
    pub(super) fn condition(&self, values: &mut Vec<String>) -> String {
        let mut tests = Vec::new();
        for filter in &self.filters {
            let column = quoted(&filter.column);
            let mut value = |value: &str| {
                values.push(value.to_owned());
                format!("${}", values.len())
            };
            let test = match &filter.test {
                Test::Compare(operator, right) => format!("{column} {operator} {}", value(right)),
                Test::In(options) if options.is_empty() => "false".to_owned(),
                Test::In(options) => {
                    let options: Vec<_> = options.iter().map(|option| value(option)).collect();
                    format!("{column} in ({})", options.join(", "))
                }
                Test::Is(what) => format!("{column} is {what}"),
            };
            tests.push(if filter.negated {
                format!("not ({test})")
            } else {
                test
            });
        }
        if tests.is_empty() {
            String::new()
        } else {
            format!(" where {}", tests.join(" and "))
        }
    }

    /// ` order by … limit … offset …`, or nothing.
    pub(super) fn order_and_page(&self) -> String {
        let order = self.order.join(", ");
        let order = (!order.is_empty()).then(|| format!(" order by {order}"));
        let limit = self.limit.map(|limit| format!(" limit {limit}"));
        let offset = (self.offset > 0).then(|| format!(" offset {}", self.offset));
        [order, limit, offset].into_iter().flatten().collect()
    }

    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    /// The conditions, all of which must hold.
    pub(in crate::supabase) fn filters(&self) -> &[Filter] {
        &self.filters
    }

    /// The columns of an answer, each with the name it has there; none are all.
    pub(in crate::supabase) fn shown(&self) -> impl Iterator<Item = (&str, &str)> {
        self.columns.iter().map(|column| {
            let name = column.name.as_str();
            (name, column.alias.as_deref().unwrap_or(name))
        })
    }
}

/// A name as SQL.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn unreadable(text: &str) -> RestError {
    RestError::new(
        400,
        "PGRST100",
        format!("failed to parse parameter ({text})"),
    )
}

fn columns(text: &str) -> Answer<Vec<Column>> {
    let column = |part: &str| {
        let part = part.trim();
        if part.is_empty() || part.contains(['(', ')']) {
            return Err(unreadable(text));
        }
        // A cast (`::`) is no alias.
        Ok(match part.split_once(':') {
            Some((alias, name)) if !name.starts_with(':') => Column {
                name: name.to_owned(),
                alias: Some(alias.to_owned()),
            },
            Some(_) => return Err(unreadable(text)),
            None => Column {
                name: part.to_owned(),
                alias: None,
            },
        })
    };
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split(',').map(column).collect()
}

fn order(text: &str) -> Answer<Vec<String>> {
    let term = |part: &str| {
        let mut words = part.split('.');
        let mut sql = quoted(words.next().unwrap_or_default());
        for word in words {
            sql += match word {
                "asc" => " asc",
                "desc" => " desc",
                "nullsfirst" => " nulls first",
                "nullslast" => " nulls last",
                _ => return Err(unreadable(text)),
            };
        }
        Ok(sql)
    };
    text.split(',').map(term).collect()
}

fn filter(column: &str, value: &str) -> Answer<Filter> {
    let (negated, comparison) = match value.strip_prefix("not.") {
        Some(comparison) => (true, comparison),
        None => (false, value),
    };
    let (operator, right) = comparison
        .split_once('.')
        .ok_or_else(|| unreadable(value))?;
    let compare = |sql| Test::Compare(sql, right.to_owned());
    let test = match operator {
        "eq" => compare("="),
        "neq" => compare("<>"),
        "gt" => compare(">"),
        "gte" => compare(">="),
        "lt" => compare("<"),
        "lte" => compare("<="),
        "like" => Test::Compare("like", right.replace('*', "%")),
        "ilike" => Test::Compare("ilike", right.replace('*', "%")),
        "is" => Test::Is(match right.to_ascii_lowercase().as_str() {
            "null" => "null",
            "true" => "true",
            "false" => "false",
            "unknown" => "unknown",
            _ => return Err(unreadable(value)),
        }),
        "in" => {
            let list = right
                .strip_prefix('(')
                .and_then(|list| list.strip_suffix(')'));
            Test::In(list_of(list.ok_or_else(|| unreadable(value))?))
        }
        _ => return Err(unreadable(value)),
    };
    Ok(Filter {
        column: column.to_owned(),
        negated,
        test,
    })
}

/// The elements of `a,"b,c",d`.
fn list_of(text: &str) -> Vec<String> {
    let mut elements = vec![String::new()];
    let mut quoted = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let last = elements.last_mut();
        match (character, last) {
            ('"', _) => quoted = !quoted,
            ('\\', Some(last)) if quoted => last.extend(characters.next()),
            (',', _) if !quoted => elements.push(String::new()),
            (character, Some(last)) => last.push(character),
            (_, None) => {}
        }
    }
    if text.is_empty() {
        Vec::new()
    } else {
        elements
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(query: &str) -> (String, Vec<String>) {
        let Ok(parameters) = Parameters::parse(query) else {
            panic!("{query} must be read")
        };
        let mut values = Vec::new();
        let condition = parameters.condition(&mut values);
        let columns = parameters.columns();
        (
            format!(
                "select {columns} from t{condition}{}",
                parameters.order_and_page()
            ),
            values,
        )
    }

    #[test]
    fn parameters_become_sql_with_values_apart() {
        assert_eq!(sql(""), ("select * from t".to_owned(), vec![]));
        let query = "select=id,title:name&id=eq.7&note=not.is.null&kind=in.(a,%22b,c%22)\
                     &order=id.desc,name.asc.nullslast&limit=5&offset=10";
        assert_eq!(
            sql(query),
            (
                "select \"id\", \"name\" as \"title\" from t where \"id\" = $1 and \
                 not (\"note\" is null) and \"kind\" in ($2, $3) \
                 order by \"id\" desc, \"name\" asc nulls last limit 5 offset 10"
                    .to_owned(),
                vec!["7".to_owned(), "a".to_owned(), "b,c".to_owned()]
            )
        );
    }

    #[test]
    fn nothing_of_a_request_becomes_sql_unquoted() {
        let (text, values) = sql("id%22%3B+drop+table+t%3B--=eq.'%3B+drop");
        assert_eq!(
            text,
            "select * from t where \"id\"\"; drop table t;--\" = $1"
        );
        assert_eq!(values, ["'; drop"]);
        for bad in [
            "order=id.sideways",
            "limit=1;drop",
            "id=like",
            "select=id,other(*)",
            "a=is.x",
        ] {
            assert!(Parameters::parse(bad).is_err(), "{bad} must be refused");
        }
    }
}
