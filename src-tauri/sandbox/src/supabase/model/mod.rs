//! A model of SQL's effects, for simulation alone: a project's database as far as provisioning can
//! tell it from a real one, in microseconds and without a process.
//!
//! It knows: which tables were made, their columns, keys and references to users, whether row-level
//! security is on and whether a policy lets signed-in users read; rows that were inserted with plain
//! values; users, sessions and links of Auth; transactions; keys that are taken. It answers the
//! questions in `questions`, and says of any other SQL that it has no model of it.
//!
//! It does not know: types, defaults, checks, triggers, functions, grants one by one, what a policy
//! says. Of those who come through the API the project's own server sees and writes everything;
//! a signed-in user reads its own row, and where a policy lets users read and it is among the
//! members, all; anonymous callers and writes of users are refused. Whether a blueprint's SQL is
//! right is proved on a real `PostgreSQL`, not here.

mod auth;
mod questions;
mod rest;
mod script;
mod tokens;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fabrik_postgres::{Answer, Error, Login, SqlError};
use serde_json::{Map, Value};

use super::gateway::{AuthStatement, RestStatement};
use script::{Effect, Script};

/// A project's database. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Model(Arc<Mutex<State>>);

type Row = Map<String, Value>;

/// What is in the database, by `schema.table`.
#[derive(Clone, Default)]
struct State {
    tables: BTreeMap<String, Table>,
    /// What an older project gives to `anon` from the start was taken back. The model is of such a one: as it knows
    /// no grants, in a newer one nothing would ever stand open.
    shut_to_anon: bool,
}

#[derive(Clone, Default)]
struct Table {
    /// None for a table whose columns are not known.
    columns: Vec<String>,
    /// The columns of the primary key.
    key: Vec<String>,
    /// The columns that refer to `auth.users`; its rows go with the user.
    users: Vec<String>,
    /// Row-level security is on.
    secured: bool,
    /// A policy lets signed-in users read.
    readable: bool,
    rows: Vec<Row>,
}

impl Model {
    /// Runs a script as a whole, or as far as its own transactions committed.
    pub(super) fn script(&self, login: &Login, sql: &str) -> Result<Answer, Error> {
        let script = Script::of(sql);
        let mut state = self.lock();
        if *login == Login::Reader && script.changes() {
            let words = "cannot execute a change in a read-only transaction";
            return Err(refusal("25006", words));
        }
        let mut answer = Answer::default();
        if !script.changes() {
            for effect in &script.effects {
                state.answer_into(effect, &mut answer)?;
            }
            return Ok(answer);
        }
        let mut next = state.clone();
        let mut open = false;
        for effect in &script.effects {
            match effect {
                Effect::Begin => open = true,
                Effect::Commit => {
                    *state = next.clone();
                    open = false;
                }
                Effect::Rollback => {
                    next = state.clone();
                    open = false;
                }
                Effect::Ask(_) => next.answer_into(effect, &mut answer)?,
                change => next.apply(change)?,
            }
        }
        if !open {
            *state = next;
        }
        Ok(answer)
    }

    /// One of Auth's statements.
    pub(super) fn auth(
        &self,
        statement: AuthStatement,
        parameters: &[Option<&str>],
    ) -> Result<Answer, Error> {
        let rows = auth::run(&mut self.lock(), statement, parameters)?;
        Ok(Answer {
            rows,
            command: String::new(),
        })
    }

    /// One of REST's; the rows to answer with.
    pub(super) fn rest(
        &self,
        login: &Login,
        statement: &RestStatement,
    ) -> Result<Vec<Value>, Error> {
        rest::run(&mut self.lock(), login, statement)
    }

    /// Another with the same in it.
    pub(super) fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.lock().clone())))
    }

    /// The rows of every table.
    pub(super) fn content(&self) -> Value {
        let state = self.lock();
        let tables = state.tables.iter();
        tables
            .map(|(name, table)| (name.clone(), Value::from(table.rows.clone())))
            .collect()
    }

    /// Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn apply(&mut self, effect: &Effect) -> Result<(), Error> {
        match effect {
            Effect::Table { name, made, keeps } => match self.tables.get(name) {
                Some(_) if *keeps => {}
                Some(_) => {
                    let name = name.rsplit('.').next().unwrap_or(name);
                    return Err(refusal(
                        "42P07",
                        &format!("relation \"{name}\" already exists"),
                    ));
                }
                None => drop(self.tables.insert(name.clone(), made.clone())),
            },
            Effect::Drop(name) => drop(self.tables.remove(name)),
            Effect::Secure(name) => self.table(name)?.secured = true,
            Effect::SecureAll => {
                for (_, table) in self.public() {
                    table.secured = true;
                }
            }
            // What a policy says of stored files is not asked here.
            Effect::LetRead(name) if name.starts_with("storage.") => {}
            Effect::LetRead(name) => self.table(name)?.readable = true,
            Effect::ShutToAnon => self.shut_to_anon = true,
            Effect::Insert { name, rows, skips } => {
                for row in rows {
                    match self.insert(name, row.clone()) {
                        Err(Error::Sql(error)) if *skips && error.state == "23505" => {}
                        inserted => inserted?,
                    }
                }
            }
            Effect::Update { name, row } => {
                for there in &mut self.table(name)?.rows {
                    there.extend(row.clone());
                }
            }
            Effect::Unknown(sql) => return Err(no_model(sql)),
            Effect::Begin | Effect::Commit | Effect::Rollback | Effect::Ask(_) => {}
        }
        Ok(())
    }

    /// Adds a row, where its key is free and the users are there that it refers to.
    fn insert(&mut self, name: &str, row: Row) -> Result<(), Error> {
        let (schema, short) = name.split_once('.').unwrap_or(("public", name));
        let known = self.tables.get(name);
        // What Supabase brings has no `create table` in any script.
        if known.is_none() && !matches!(schema, "auth" | "storage") {
            return Err(missing(name));
        }
        let users = known.map(|table| table.users.clone()).unwrap_or_default();
        for column in users {
            let user = row.get(&column).filter(|user| !user.is_null());
            if let Some(user) = user
                && !self
                    .users()
                    .iter()
                    .any(|known| known.get("id") == Some(user))
            {
                let words = format!(
                    "insert or update on table \"{short}\" violates foreign key constraint \
                     \"{short}_{column}_fkey\""
                );
                return Err(refusal("23503", &words));
            }
        }
        let table = self.tables.entry(name.to_owned()).or_default();
        if let Some(column) = row.keys().find(|column| !table.has(column)) {
            return Err(no_column(column, short));
        }
        let same = |other: &Row| table.key.iter().all(|key| other.get(key) == row.get(key));
        // A key that is left out gets a value of its own.
        let mut key = table.key.iter();
        let given = key.all(|key| row.get(key).is_some_and(|value| !value.is_null()));
        if given && !table.key.is_empty() && table.rows.iter().any(same) {
            return Err(taken(&format!("{short}_pkey")));
        }
        table.rows.push(row);
        Ok(())
    }

    fn table(&mut self, name: &str) -> Result<&mut Table, Error> {
        self.tables.get_mut(name).ok_or_else(|| missing(name))
    }

    /// The tables that the API serves, by their names in `public`.
    fn public(&mut self) -> impl Iterator<Item = (&str, &mut Table)> {
        let tables = self.tables.iter_mut();
        tables.filter_map(|(name, table)| Some((name.strip_prefix("public.")?, table)))
    }

    fn users(&self) -> &[Row] {
        let users = self.tables.get("auth.users");
        users.map_or(&[], |users| &users.rows)
    }

    /// The answer to a question replaces the one before it.
    fn answer_into(&self, effect: &Effect, answer: &mut Answer) -> Result<(), Error> {
        match effect {
            Effect::Ask(sql) => {
                answer.rows = questions::answer(self, sql).ok_or_else(|| no_model(sql))?;
                answer.command = format!("SELECT {}", answer.rows.len());
            }
            Effect::Unknown(sql) => return Err(no_model(sql)),
            _ => {}
        }
        Ok(())
    }
}

impl Table {
    fn has(&self, column: &str) -> bool {
        self.columns.is_empty() || self.columns.iter().any(|known| known == column)
    }

    /// Whether the row is this user's own.
    fn is_of(&self, row: &Row, user: &str) -> bool {
        let mut users = self.users.iter();
        users.any(|column| row.get(column).is_some_and(|value| value == user))
    }
}

/// What `PostgreSQL` would say.
fn refusal(state: &str, message: &str) -> Error {
    Error::Sql(Box::new(SqlError {
        state: state.to_owned(),
        message: message.to_owned(),
        position: None,
        detail: None,
        hint: None,
        context: None,
        constraint: None,
    }))
}

/// A key that another row has.
fn taken(constraint: &str) -> Error {
    let message = format!("duplicate key value violates unique constraint \"{constraint}\"");
    let mut error = refusal("23505", &message);
    if let Error::Sql(error) = &mut error {
        error.constraint = Some(constraint.to_owned());
    }
    error
}

fn missing(table: &str) -> Error {
    refusal("42P01", &format!("relation \"{table}\" does not exist"))
}

fn no_column(column: &str, table: &str) -> Error {
    let words = format!("column \"{column}\" of relation \"{table}\" does not exist");
    refusal("42703", &words)
}

fn no_model(sql: &str) -> Error {
    let begin: String = sql.chars().take(200).collect();
    refusal(
        "0A000",
        &format!("the simulation has no model of this: {begin}"),
    )
}
