//! Reads a script for what it changes and asks; of grammar only as much as the effects need.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use serde_json::Value;

use super::{
    Row, Table,
    tokens::{Reader, Statement, Token, statements},
};

/// The same few scripts are read in thousands of runs.
static READ: LazyLock<Mutex<BTreeMap<String, Arc<Script>>>> = LazyLock::new(Mutex::default);
/// So many are kept.
const KEPT: usize = 64;

/// A script's effects, in its order.
pub(super) struct Script {
    pub(super) effects: Vec<Effect>,
}

/// What a statement does. Tables are named `schema.table`.
pub(super) enum Effect {
    Begin,
    Commit,
    Rollback,
    Table {
        name: String,
        made: Table,
        /// One that is there stays as it is.
        keeps: bool,
    },
    Drop(String),
    Secure(String),
    /// Every table of `public`, as a block of code does that loops over them.
    SecureAll,
    LetRead(String),
    ShutToAnon,
    Insert {
        name: String,
        rows: Vec<Row>,
        /// `on conflict`: a row whose key is taken is left out.
        skips: bool,
    },
    /// Every row gets these values.
    Update {
        name: String,
        row: Row,
    },
    /// A question, as it was asked.
    Ask(String),
    /// It changes rows in a way that is not known.
    Unknown(String),
}

impl Script {
    pub(super) fn of(sql: &str) -> Arc<Self> {
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(script) = read.get(sql) {
            return script.clone();
        }
        let script = Arc::new(Self {
            effects: statements(sql).filter_map(effect).collect(),
        });
        if read.len() == KEPT {
            read.clear();
        }
        read.insert(sql.to_owned(), script.clone());
        script
    }

    /// Whether it does more than ask.
    pub(super) fn changes(&self) -> bool {
        let mut effects = self.effects.iter();
        effects.any(|effect| !matches!(effect, Effect::Ask(_)))
    }
}

fn effect(statement: Statement<'_>) -> Option<Effect> {
    let Statement { sql, tokens } = statement;
    let mut reader = Reader { tokens: &tokens };
    let first = reader.word()?;
    match first {
        "begin" | "start" => Some(Effect::Begin),
        "commit" | "end" => Some(Effect::Commit),
        "rollback" | "abort" => Some(Effect::Rollback),
        "select" | "with" | "values" | "show" => Some(Effect::Ask(sql.to_owned())),
        "update" => update(&mut reader).or_else(|| Some(Effect::Unknown(sql.to_owned()))),
        "delete" | "truncate" | "merge" | "call" => Some(Effect::Unknown(sql.to_owned())),
        "insert" if reader.takes("into") => insert(&mut reader),
        "create" if reader.takes("table") => create(&mut reader),
        "create" if reader.takes("policy") => policy(&mut reader),
        "drop" if reader.takes("table") => {
            reader.takes("if exists");
            reader.table().map(Effect::Drop)
        }
        "alter" if reader.takes("table") => {
            let _ = reader.takes("if exists") || reader.takes("only");
            let name = reader.table()?;
            let secures = reader.takes("enable row level security");
            secures.then_some(Effect::Secure(name))
        }
        "revoke" if reader.takes("all on all tables in schema public from") => {
            reader.has("anon").then_some(Effect::ShutToAnon)
        }
        "do" => match reader.tokens.first() {
            Some(Token::Body(code)) if code.contains("enable row level security") => {
                Some(Effect::SecureAll)
            }
            _ => None,
        },
        // Functions, triggers, indexes, comments, grants and settings leave nothing that is known.
        _ => None,
    }
}

fn create(reader: &mut Reader<'_>) -> Option<Effect> {
    let keeps = reader.takes("if not exists");
    let name = reader.table()?;
    let mut made = Table::default();
    for part in reader.list().unwrap_or_default() {
        let mut part = Reader { tokens: part };
        let named = part.takes("constraint");
        if named {
            part.word();
        }
        if part.takes("primary key") {
            let columns = part.list().unwrap_or_default();
            let columns = columns.iter().filter_map(|column| match column {
                [Token::Word(column)] => Some(column.clone()),
                _ => None,
            });
            made.key = columns.collect();
            continue;
        }
        let apart = ["unique", "check", "foreign key", "exclude", "like"];
        if named || apart.iter().any(|word| part.takes(word)) {
            continue;
        }
        let column = part.word()?.to_owned();
        if part.has("primary key") {
            made.key = vec![column.clone()];
        }
        let refers = part.tokens.windows(4).any(|four| {
            let [
                Token::Word(verb),
                Token::Word(schema),
                Token::Sign('.'),
                Token::Word(table),
            ] = four
            else {
                return false;
            };
            (verb.as_str(), schema.as_str(), table.as_str()) == ("references", "auth", "users")
        });
        if refers {
            made.users.push(column.clone());
        }
        made.columns.push(column);
    }
    Some(Effect::Table { name, made, keeps })
}

fn policy(reader: &mut Reader<'_>) -> Option<Effect> {
    reader.word()?;
    if !reader.takes("on") {
        return None;
    }
    let name = reader.table()?;
    let for_some = reader.has("for insert") || reader.has("for update") || reader.has("for delete");
    let for_users = reader.has("to authenticated") || !reader.has("to");
    (!for_some && for_users).then_some(Effect::LetRead(name))
}

fn insert(reader: &mut Reader<'_>) -> Option<Effect> {
    let name = reader.table()?;
    let columns = reader.list().unwrap_or_default();
    let columns: Vec<&String> = columns
        .iter()
        .filter_map(|column| match column {
            [Token::Word(column)] => Some(column),
            _ => None,
        })
        .collect();
    let mut rows = Vec::new();
    if reader.takes("default values") {
        rows.push(Row::new());
    } else if reader.takes("values") {
        while let Some(values) = reader.list() {
            let row = columns.iter().zip(values);
            rows.push(
                row.map(|(name, value)| ((*name).clone(), plain(value)))
                    .collect(),
            );
            if !reader.sign(',') {
                break;
            }
        }
    }
    if rows.is_empty() {
        // From a question: at least one row, of which nothing is known.
        rows.push(Row::new());
    }
    let skips = reader.has("on conflict");
    Some(Effect::Insert { name, rows, skips })
}

/// Of all rows, to texts that stand in the SQL; none for any other.
fn update(reader: &mut Reader<'_>) -> Option<Effect> {
    let name = reader.table()?;
    if !reader.takes("set") {
        return None;
    }
    let mut row = Row::new();
    loop {
        let column = reader.word()?.to_owned();
        if !reader.sign('=') {
            return None;
        }
        let (Token::Text(text), rest) = reader.tokens.split_first()? else {
            return None;
        };
        row.insert(column, text.as_str().into());
        reader.tokens = rest;
        if !reader.sign(',') {
            break;
        }
    }
    let whole = reader.tokens.is_empty();
    whole.then_some(Effect::Update { name, row })
}

/// A value that stands in the SQL; null for one that is worked out.
fn plain(tokens: &[Token<'_>]) -> Value {
    match tokens.first() {
        Some(Token::Text(text)) => text.as_str().into(),
        Some(Token::Word(word)) => match word.as_str() {
            "true" => true.into(),
            "false" => false.into(),
            number => number.parse::<i64>().map_or(Value::Null, Into::into),
        },
        _ => Value::Null,
    }
}

/// The columns and the table of a question without conditions: `select a, b from c`.
pub(super) fn columns_and_table(sql: &str) -> Option<(Vec<String>, String)> {
    let statement = statements(sql).next()?;
    let mut reader = Reader {
        tokens: &statement.tokens,
    };
    if !reader.takes("select") {
        return None;
    }
    let mut columns = Vec::new();
    loop {
        columns.push(reader.word()?.to_owned());
        if !reader.sign(',') {
            break;
        }
    }
    let table = if reader.takes("from") {
        reader.table()
    } else {
        None
    };
    reader.tokens.is_empty().then_some((columns, table?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_end_outside_of_texts_bodies_and_comments() {
        let sql = "-- one; two\nselect ';' as \"a;b\"; do $x$ begin; $$ end $x$; /* ; */ commit";
        let found: Vec<_> = statements(sql).map(|it| it.tokens.len()).collect();
        assert_eq!(found, [4, 2, 1]);
    }

    #[test]
    fn a_table_tells_its_columns_key_and_users() {
        let sql = "create table if not exists public.members (
            user_id uuid primary key references auth.users (id) on delete cascade,
            role text not null check (role in ('a', 'b')),
            constraint odd check (role <> 'c'), unique (role)
        )";
        let script = Script::of(sql);
        let [
            Effect::Table {
                name,
                made,
                keeps: true,
            },
        ] = script.effects.as_slice()
        else {
            panic!("one table, that stays")
        };
        assert_eq!(name, "public.members");
        assert_eq!(made.columns, ["user_id", "role"]);
        assert_eq!(
            (&made.key, &made.users),
            (&vec!["user_id".to_owned()], &vec!["user_id".to_owned()])
        );
    }

    #[test]
    fn texts_with_quotes_and_backslashes_are_whole() {
        let script = Script::of("insert into a.b (c, d, e) values ('it''s', E'\\\\ \\'', 7)");
        let [
            Effect::Insert {
                name,
                rows,
                skips: false,
            },
        ] = script.effects.as_slice()
        else {
            panic!("one insertion")
        };
        assert_eq!(name, "a.b");
        assert_eq!(
            Value::Object(rows[0].clone()),
            serde_json::json!({"c": "it's", "d": "\\ '", "e": 7})
        );
    }
}
