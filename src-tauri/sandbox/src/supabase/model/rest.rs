//! Requests of REST on the model's rows: conditions of equality, keys, references to users. Order and
//! page are left out, since no step asks for them.

use fabrik_postgres::{ApiRole, Error, Login};
use serde_json::{Map, Value};

use super::{
    super::gateway::{Action, Filter, RestStatement as Statement, Rows, Test},
    Row, State, Table, missing, no_column, no_model, refusal,
};

/// Who asks, as far as it decides what is seen.
enum Caller<'claims> {
    /// The project's own server.
    Server,
    /// Nobody, or a user's id.
    User(Option<&'claims str>),
}

/// Runs a request; the rows to answer with.
pub(super) fn run(
    state: &mut State,
    login: &Login,
    statement: &Statement,
) -> Result<Vec<Value>, Error> {
    let Login::Api(caller) = login else {
        return Err(refusal("42501", "only the API asks so"));
    };
    let caller = match caller.role {
        ApiRole::Service => Caller::Server,
        ApiRole::Anon => Caller::User(None),
        ApiRole::Authenticated => Caller::User(caller.claims["sub"].as_str()),
    };
    let short = &statement.table;
    let name = format!("public.{short}");
    let table = state.tables.get(&name).ok_or_else(|| missing(&name))?;
    let filters = statement.parameters.filters();
    let shown = statement.parameters.shown().map(|(column, _)| column);
    let asked = filters.iter().map(|filter| filter.column.as_str());
    if let Some(unknown) = asked
        .chain(shown)
        .find(|column| *column != "*" && !table.has(column))
    {
        return Err(no_column(unknown, short));
    }
    if let Some(filter) = filters.iter().find(|filter| !is_modelled(&filter.test)) {
        return Err(no_model(&format!("a condition on {}", filter.column)));
    }
    if let Caller::User(user) = caller {
        let refused = || refusal("42501", &format!("permission denied for table {short}"));
        if user.is_none() && state.shut_to_anon {
            return Err(refused());
        }
        if table.secured && !matches!(statement.action, Action::Read) {
            return Err(refused());
        }
    }
    let touched = match &statement.action {
        Action::Insert(rows) => inserted(state, &name, rows)?,
        change => {
            let member = is_member(state, &caller);
            let Some(table) = state.tables.get_mut(&name) else {
                return Err(missing(&name));
            };
            let fits = |row: &Row| {
                sees(table, row, &caller, member) && filters.iter().all(|filter| holds(filter, row))
            };
            match change {
                Action::Update(rows) => {
                    let fitting: Vec<_> = table.rows.iter().map(fits).collect();
                    let new = rows.rows.first().and_then(Value::as_object);
                    let mut touched = Vec::new();
                    for (row, fits) in table.rows.iter_mut().zip(fitting) {
                        if fits {
                            row.extend(new.cloned().unwrap_or_default());
                            touched.push(row.clone());
                        }
                    }
                    touched
                }
                Action::Delete => {
                    let (gone, kept) = table.rows.iter().cloned().partition(fits);
                    table.rows = kept;
                    gone
                }
                Action::Read | Action::Insert(_) => {
                    table.rows.iter().filter(|row| fits(row)).cloned().collect()
                }
            }
        }
    };
    if !statement.represent && !matches!(statement.action, Action::Read) {
        return Ok(Vec::new());
    }
    Ok(touched.into_iter().map(|row| cut(statement, row)).collect())
}

fn inserted(state: &mut State, name: &str, rows: &Rows) -> Result<Vec<Row>, Error> {
    let rows = rows.rows.iter().filter_map(Value::as_object);
    let rows: Vec<Row> = rows.cloned().collect();
    // All or none of them.
    let mut next = state.clone();
    for row in &rows {
        next.insert(name, row.clone())?;
    }
    *state = next;
    Ok(rows)
}

/// Whether the user has a row of its own in a table that refers to users.
fn is_member(state: &State, caller: &Caller<'_>) -> bool {
    let Caller::User(Some(user)) = caller else {
        return false;
    };
    let mut tables = state.tables.iter();
    tables.any(|(name, table)| {
        name.starts_with("public.") && table.rows.iter().any(|row| table.is_of(row, user))
    })
}

fn sees(table: &Table, row: &Row, caller: &Caller<'_>, member: bool) -> bool {
    match caller {
        Caller::Server => true,
        Caller::User(_) if !table.secured => true,
        Caller::User(None) => false,
        Caller::User(Some(user)) => (table.readable && member) || table.is_of(row, user),
    }
}

fn is_modelled(test: &Test) -> bool {
    match test {
        Test::Compare(operator, _) => ["=", "<>"].contains(operator),
        Test::In(_) | Test::Is(_) => true,
    }
}

fn holds(filter: &Filter, row: &Row) -> bool {
    let value = row.get(&filter.column).unwrap_or(&Value::Null);
    let is = |wanted: &str| match value {
        Value::Null => false,
        Value::String(text) => text == wanted,
        other => {
            let text = other.to_string();
            text == wanted
        }
    };
    let found = match &filter.test {
        Test::Compare(operator, wanted) => is(wanted) == (*operator == "="),
        Test::In(options) => options.iter().any(|option| is(option)),
        Test::Is("null") => value.is_null(),
        Test::Is(what) => is(what),
    };
    found != filter.negated
}

/// The columns of a row that were asked for.
fn cut(statement: &Statement, row: Row) -> Value {
    let mut cells = Map::new();
    for (column, alias) in statement.parameters.shown() {
        if column == "*" {
            cells.extend(row.clone());
        } else {
            let value = row.get(column).cloned().unwrap_or_default();
            cells.insert(alias.to_owned(), value);
        }
    }
    if cells.is_empty() {
        cells = row;
    }
    Value::Object(cells)
}
