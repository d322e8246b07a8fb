//! The messages of `PostgreSQL`'s protocol 3 that are sent, and what comes back gathered to one
//! answer. Parameters travel apart from the SQL, as texts whose types the server infers.

use pglite_oxide::{BackendMessage, DatabaseError};
use serde_json::{Map, Value};

use crate::{SqlError, json};

/// What came back for a script or a statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The rows of the last statement that returned any, each an object by column.
    pub rows: Vec<Value>,
    /// The tag of the last command, such as `INSERT 0 1`.
    pub command: String,
}

impl Answer {
    /// How many rows the last command touched, by its tag.
    pub fn affected(&self) -> u64 {
        self.command
            .rsplit(' ')
            .next()
            .and_then(|count| count.parse().ok())
            .unwrap_or_default()
    }

    /// The first row.
    pub fn first(&self) -> Option<&Value> {
        self.rows.first()
    }
}

/// Everything one round trip brought.
pub(crate) struct Reply {
    pub(crate) result: Result<Answer, SqlError>,
    /// The session is inside a transaction, failed or not.
    pub(crate) in_transaction: bool,
}

/// A script of any number of statements (`Query`).
pub(crate) fn script(sql: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    message(&mut bytes, b'Q', |body| text(body, sql));
    bytes
}

/// One statement with parameters (`Parse`, `Bind`, `Describe`, `Execute`, `Sync`), all as text.
pub(crate) fn statement(sql: &str, parameters: &[Option<String>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    message(&mut bytes, b'P', |body| {
        text(body, "");
        text(body, sql);
        body.extend(0_i16.to_be_bytes());
    });
    message(&mut bytes, b'B', |body| {
        text(body, "");
        text(body, "");
        body.extend(0_i16.to_be_bytes());
        let count = u16::try_from(parameters.len()).unwrap_or(u16::MAX);
        body.extend(count.to_be_bytes());
        for parameter in parameters {
            match parameter {
                Some(value) => {
                    body.extend(length(value.len()));
                    body.extend(value.as_bytes());
                }
                None => body.extend((-1_i32).to_be_bytes()),
            }
        }
        body.extend(0_i16.to_be_bytes());
    });
    message(&mut bytes, b'D', |body| {
        body.push(b'P');
        text(body, "");
    });
    message(&mut bytes, b'E', |body| {
        text(body, "");
        body.extend(0_i32.to_be_bytes());
    });
    message(&mut bytes, b'S', |_| {});
    bytes
}

fn message(bytes: &mut Vec<u8>, tag: u8, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut body = Vec::new();
    fill(&mut body);
    bytes.push(tag);
    bytes.extend(length(body.len() + 4));
    bytes.extend(body);
}

/// A length on the wire. The server refuses what is over 1 GiB, long before this saturates.
fn length(length: usize) -> [u8; 4] {
    i32::try_from(length).unwrap_or(i32::MAX).to_be_bytes()
}

/// A zero-terminated text. A zero inside would cut it short, so it goes as U+FFFD.
fn text(body: &mut Vec<u8>, value: &str) {
    if value.contains('\0') {
        body.extend(value.replace('\0', "\u{fffd}").as_bytes());
    } else {
        body.extend(value.as_bytes());
    }
    body.push(0);
}

/// Gathers the messages of one round trip.
pub(crate) fn gather(messages: Vec<BackendMessage>) -> Reply {
    let mut answer = Answer::default();
    let mut error = None;
    let mut in_transaction = false;
    let mut columns = Vec::new();
    let mut rows = Vec::new();
    for message in messages {
        match message {
            BackendMessage::RowDescription(description) => {
                columns = description
                    .fields
                    .into_iter()
                    .map(|field| (field.name, field.data_type_id))
                    .collect();
            }
            BackendMessage::DataRow(row) => {
                let object = columns.iter().zip(row.fields).map(|((name, kind), cell)| {
                    let value = cell.map_or(Value::Null, |cell| json::value(*kind, &cell));
                    (name.clone(), value)
                });
                rows.push(Value::Object(object.collect::<Map<_, _>>()));
            }
            BackendMessage::CommandComplete(complete) => {
                answer.command = complete.text;
                if !rows.is_empty() {
                    answer.rows = std::mem::take(&mut rows);
                }
            }
            BackendMessage::Error(reported) => error = Some(sql_error(reported)),
            BackendMessage::ReadyForQuery(ready) => in_transaction = ready.status != b'I',
            _ => {}
        }
    }
    Reply {
        result: error.map_or(Ok(answer), Err),
        in_transaction,
    }
}

fn sql_error(reported: DatabaseError) -> SqlError {
    SqlError {
        state: reported.code.unwrap_or_else(|| "XX000".to_owned()),
        message: reported.message,
        position: reported.position.and_then(|position| position.parse().ok()),
        detail: reported.detail,
        hint: reported.hint,
        context: reported.r#where,
        constraint: reported.constraint,
    }
}
