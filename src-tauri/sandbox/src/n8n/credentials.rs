//! Credentials. What they hold is sealed, and never shown again.

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, Query},
    http::StatusCode,
};
use fabrik_domain::{provider::Provider, secret::Secret};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{N8nAccount, Paging, not_found, paged, refused, sees, user, workflow::documents};
use crate::{
    answer::{Answer, Refusal, json_answer},
    platform::Core,
    token::Token,
};

const KIND: &str = "credential";

/// A credential as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Credential {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    owner: String,
    /// Sealed.
    data: String,
    created: Timestamp,
}

impl Credential {
    fn show(&self) -> Value {
        let created = self.created.to_string();
        json!({
            "id": self.id, "name": self.name, "type": self.kind, "isManaged": false, "isGlobal": false,
            "isResolvable": false, "resolvableAllowFallback": false, "resolverId": null,
            "createdAt": created, "updatedAt": created, "usageScope": "project",
        })
    }
}

/// The credential of this id, where the key's user sees it.
fn addressed(core: &Core, token: &Token, id: &str) -> Result<Credential, Refusal> {
    let found = documents(core).get::<Credential>(KIND, id)?;
    found
        .filter(|credential| sees(token, &credential.owner))
        .ok_or_else(not_found)
}

/// `GET /credentials`, `getCredentials`: for the owner and administrators, and without what is in them.
pub(super) async fn list(
    core: Core,
    Extension(token): Extension<Token>,
    paging: Query<Paging>,
) -> Answer {
    let account: N8nAccount = core.account()?;
    if account.version < 2 {
        return Err(refused(StatusCode::METHOD_NOT_ALLOWED, ""));
    }
    if token.only.is_some() {
        return Err(refused(StatusCode::FORBIDDEN, "Forbidden"));
    }
    let all = documents(&core).listed(KIND, |_: &Credential| true)?;
    let shown: Vec<_> = all
        .iter()
        .map(|credential| {
            let mut shown = credential.show();
            shown["shared"] = json!([]);
            shown
        })
        .collect();
    paged(&paging, &shown)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    id: Option<String>,
    name: String,
    r#type: String,
    data: Map<String, Value>,
}

/// `POST /credentials`, `createCredential`.
pub(super) async fn create(core: Core, Extension(token): Extension<Token>, bytes: Bytes) -> Answer {
    let _turn = core.turn(Provider::N8n);
    let bad = |message: &str| refused(StatusCode::BAD_REQUEST, message);
    let wish: Create = serde_json::from_slice(&bytes).map_err(|error| bad(&error.to_string()))?;
    let account: N8nAccount = core.account()?;
    let documents = documents(&core);
    let id = match wish.id {
        Some(_) if account.version < 2 => return Err(bad("request/body/id is read-only")),
        Some(id) => {
            let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            if !(1..=16).contains(&id.len()) || !id.chars().all(allowed) {
                return Err(bad(
                    "request/body/id must match pattern \"^[a-zA-Z0-9_-]+$\"",
                ));
            }
            if documents.get::<Credential>(KIND, &id)?.is_some() {
                let message = "Credential with this ID already exists";
                return Err(refused(StatusCode::CONFLICT, message));
            }
            id
        }
        None => {
            let number = documents.next(KIND)?;
            core.seeded(&format!("n8n/credential/{number}"))
                .alphanumeric(16)
        }
    };
    let data = Secret::from(Value::Object(wish.data).to_string());
    let credential = Credential {
        id,
        name: wish.name,
        kind: wish.r#type,
        owner: user(&token).to_owned(),
        data: documents.seal(&data)?,
        created: core.now(),
    };
    documents.put(KIND, &credential.id, &credential)?;
    json_answer(StatusCode::OK, &credential.show())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    name: Option<String>,
    r#type: Option<String>,
    data: Option<Map<String, Value>>,
}

/// `PATCH /credentials/{id}`, `updateCredential`: what it holds is replaced as a whole.
pub(super) async fn update(
    core: Core,
    Extension(token): Extension<Token>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let account: N8nAccount = core.account()?;
    if account.version < 2 {
        return Err(refused(StatusCode::METHOD_NOT_ALLOWED, ""));
    }
    let _turn = core.turn(Provider::N8n);
    let wish: Change = serde_json::from_slice(&bytes)
        .map_err(|error| refused(StatusCode::BAD_REQUEST, &error.to_string()))?;
    let documents = documents(&core);
    let mut credential = addressed(&core, &token, &id)?;
    credential.name = wish.name.unwrap_or(credential.name);
    credential.kind = wish.r#type.unwrap_or(credential.kind);
    if let Some(data) = wish.data {
        credential.data = documents.seal(&Secret::from(Value::Object(data).to_string()))?;
    }
    documents.put(KIND, &credential.id, &credential)?;
    json_answer(StatusCode::OK, &credential.show())
}

/// `DELETE /credentials/{id}`, `deleteCredential`.
pub(super) async fn delete(
    core: Core,
    Extension(token): Extension<Token>,
    Path(id): Path<String>,
) -> Answer {
    let _turn = core.turn(Provider::N8n);
    let credential = addressed(&core, &token, &id)?;
    documents(&core).remove(KIND, &credential.id)?;
    json_answer(StatusCode::OK, &credential.show())
}
