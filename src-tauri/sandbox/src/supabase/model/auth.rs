//! Auth's statements on the model's rows.

use fabrik_postgres::Error;
use serde_json::{Value, json};

use super::{super::gateway::AuthStatement as Statement, Row, State, no_model, taken};

const USERS: &str = "auth.users";
const IDENTITIES: &str = "auth.identities";
const SESSIONS: &str = "auth.sessions";
const REFRESH_TOKENS: &str = "auth.refresh_tokens";
const LINKS: &str = "auth.one_time_tokens";

/// Runs a statement; the rows it gives.
pub(super) fn run(
    state: &mut State,
    statement: Statement,
    parameters: &[Option<&str>],
) -> Result<Vec<Value>, Error> {
    let given = |number: usize| parameters.get(number - 1).copied().flatten();
    let text = |number: usize| given(number).unwrap_or_default();
    let time = |number: usize| Value::from(text(number));
    match statement {
        Statement::Users => return Ok(users(state, |_| true)),
        Statement::UserById => return Ok(users(state, |user| is(user, "id", text(1)))),
        Statement::UserByEmail => return Ok(users(state, |user| is(user, "email", text(1)))),
        Statement::AddUser => add_user(state, parameters)?,
        Statement::ChangeUser => {
            if let Some(user) = user(state, text(1)) {
                let changed = [
                    ("email", given(2).map(Value::from)),
                    ("encrypted_password", given(3).map(Value::from)),
                    ("role", given(4).map(Value::from)),
                    (
                        "banned_until",
                        (text(9) == "true").then(|| given(10).into()),
                    ),
                    ("updated_at", Some(time(6))),
                ];
                for (column, value) in changed {
                    if let Some(value) = value {
                        user.insert(column.to_owned(), value);
                    }
                }
                if text(5) == "true" && user["email_confirmed_at"].is_null() {
                    user["email_confirmed_at"] = time(6);
                }
                merge(&mut user["raw_app_meta_data"], text(7));
                merge(&mut user["raw_user_meta_data"], text(8));
            }
        }
        Statement::ConfirmUser => {
            if let Some(user) = user(state, text(1)) {
                if user["email_confirmed_at"].is_null() {
                    user["email_confirmed_at"] = time(2);
                }
                merge(
                    &mut user["raw_user_meta_data"],
                    "{\"email_verified\": true}",
                );
            }
        }
        Statement::RemoveUser => remove_user(state, text(1)),
        Statement::OpenSession => {
            if let Some(user) = user(state, text(2)) {
                user["last_sign_in_at"] = time(3);
            }
            let session = json!({ "id": text(1), "user_id": text(2) });
            add(state, SESSIONS, session);
        }
        Statement::FindSession => {
            let open = |row: &Row| is(row, "id", text(1)) && is(row, "user_id", text(2));
            let found = rows(state, SESSIONS).iter().any(open);
            return Ok(found
                .then(|| json!({ "?column?": 1 }))
                .into_iter()
                .collect());
        }
        Statement::CloseSession => {
            rows(state, SESSIONS).retain(|row| !is(row, "id", text(1)));
        }
        Statement::AddRefreshToken => {
            let token = json!({ "token": text(1), "user_id": text(2), "session_id": text(4) });
            add(state, REFRESH_TOKENS, token);
        }
        Statement::AddConfirmation | Statement::AddRecovery => {
            let (kind, sent) = match statement {
                Statement::AddConfirmation => ("confirmation_token", "confirmation_sent_at"),
                _ => ("recovery_token", "recovery_sent_at"),
            };
            if let Some(user) = user(state, text(1)) {
                user.insert(sent.to_owned(), time(4));
            }
            let same = |row: &Row| is(row, "user_id", text(1)) && is(row, "token_type", kind);
            rows(state, LINKS).retain(|row| !same(row));
            let link = json!({ "user_id": text(1), "token_type": kind, "token_hash": text(2),
                "created_at": text(4) });
            add(state, LINKS, link);
        }
        Statement::ChangeOwn
        | Statement::RetireUser
        | Statement::UseRefreshToken
        | Statement::UseLink => return Err(no_model(statement.sql())),
    }
    Ok(Vec::new())
}

fn is(row: &Row, column: &str, value: &str) -> bool {
    row.get(column).is_some_and(|it| it == value)
}

fn rows<'state>(state: &'state mut State, table: &str) -> &'state mut Vec<Row> {
    &mut state.tables.entry(table.to_owned()).or_default().rows
}

fn add(state: &mut State, table: &str, row: Value) {
    if let Value::Object(row) = row {
        rows(state, table).push(row);
    }
}

fn user<'state>(state: &'state mut State, id: &str) -> Option<&'state mut Row> {
    rows(state, USERS)
        .iter_mut()
        .find(|user| is(user, "id", id))
}

/// Users with their identities, newest first.
fn users(state: &State, wanted: impl Fn(&Row) -> bool) -> Vec<Value> {
    let identities = state.tables.get(IDENTITIES);
    let found = state.users().iter().rev().filter(|user| wanted(user));
    let shown = found.map(|user| {
        let own = identities.into_iter().flat_map(|all| &all.rows);
        let own = own.filter(|identity| identity.get("user_id") == user.get("id"));
        json!({ "row": user, "identities": own.collect::<Vec<_>>() })
    });
    shown.collect()
}

fn add_user(state: &mut State, parameters: &[Option<&str>]) -> Result<(), Error> {
    let [
        id,
        role,
        email,
        hash,
        confirmed,
        invited,
        now,
        app,
        own,
        banned,
        identity,
    ] = parameters
    else {
        return Err(no_model(Statement::AddUser.sql()));
    };
    let same = |column: &str, value: Option<&str>| {
        let value = value.unwrap_or_default();
        state.users().iter().any(|user| is(user, column, value))
    };
    if same("id", *id) {
        return Err(taken("users_pkey"));
    }
    if same("email", *email) {
        return Err(taken("users_email_partial_key"));
    }
    let since = |is_so: Option<&str>| (is_so == Some("true")).then_some(*now);
    let user = json!({
        "id": id, "aud": "authenticated", "role": role, "email": email,
        "encrypted_password": hash, "email_confirmed_at": since(*confirmed),
        "confirmed_at": since(*confirmed), "invited_at": since(*invited),
        "raw_app_meta_data": document(*app), "raw_user_meta_data": document(*own),
        "banned_until": banned, "created_at": now, "updated_at": now, "last_sign_in_at": null,
        "is_anonymous": false,
    });
    add(state, USERS, user);
    let identity = json!({
        "id": id, "provider_id": id, "user_id": id, "identity_data": document(*identity),
        "provider": "email", "created_at": now, "updated_at": now,
    });
    add(state, IDENTITIES, identity);
    Ok(())
}

/// The user, and what is the user's.
fn remove_user(state: &mut State, id: &str) {
    rows(state, USERS).retain(|user| !is(user, "id", id));
    for table in [IDENTITIES, SESSIONS, REFRESH_TOKENS, LINKS] {
        rows(state, table).retain(|row| !is(row, "user_id", id));
    }
    for (_, table) in state.public() {
        let mut rows = std::mem::take(&mut table.rows);
        rows.retain(|row| !table.is_of(row, id));
        table.rows = rows;
    }
}

fn document(json: Option<&str>) -> Value {
    let read = json.and_then(|json| serde_json::from_str(json).ok());
    read.unwrap_or_else(|| json!({}))
}

/// Metadata with what is sent on top.
fn merge(metadata: &mut Value, sent: &str) {
    let (Value::Object(metadata), Value::Object(sent)) = (metadata, document(Some(sent))) else {
        return;
    };
    metadata.extend(sent);
    metadata.retain(|_, value| !value.is_null());
}
