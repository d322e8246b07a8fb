//! API keys: the two legacy ones, a publishable and a secret one from the start, and those made
//! later. All follow from the sandbox's seed; none is stored.

use axum::{
    Extension,
    extract::{Path, Query},
    http::StatusCode,
};
use bytes::Bytes;
use fabrik_domain::provider::Provider;
use fabrik_postgres::ApiRole;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Cloud,
    answer::{Answer, Refusal, body, created, ok},
    hash,
    jwt::Signer,
    project::Project,
};
use crate::{error::SandboxError, platform::Core};

/// How many characters of a new key are shown where it is masked.
const SHOWN: usize = 15;
const PUBLISHABLE: &str = "sb_publishable_";
const SECRET: &str = "sb_secret_";

/// A key, without its text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Key {
    project: String,
    /// A UUID; a legacy key's is its name.
    pub(super) id: String,
    pub(super) kind: Kind,
    name: String,
    description: Option<String>,
    created: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Legacy,
    Publishable,
    Secret,
}

impl Key {
    /// The role of who sends it.
    pub(super) fn role(&self) -> ApiRole {
        match self.kind {
            Kind::Publishable => ApiRole::Anon,
            Kind::Legacy if self.name == "anon" => ApiRole::Anon,
            Kind::Secret | Kind::Legacy => ApiRole::Service,
        }
    }

    /// The key itself.
    pub(super) fn text(&self, core: &Core) -> String {
        let after = |prefix: &str| {
            let mut seeded = core.seeded(&format!("supabase/{}/key/{}", self.project, self.id));
            format!("{prefix}{}", seeded.alphanumeric(31))
        };
        match self.kind {
            Kind::Publishable => after(PUBLISHABLE),
            Kind::Secret => after(SECRET),
            Kind::Legacy => {
                let end = self.created.checked_add((24 * 365 * 10).hours());
                Signer::of(core, &self.project).sign(&json!({
                    "iss": "supabase",
                    "ref": self.project,
                    "role": self.name,
                    "iat": self.created.as_second(),
                    "exp": end.unwrap_or(Timestamp::MAX).as_second(),
                }))
            }
        }
    }

    /// As the Management API shows it. A new secret key is masked unless it is to be revealed.
    fn to_json(&self, core: &Core, reveal: bool) -> Value {
        let text = self.text(core);
        let hash = hash::sha256(&text);
        let shown = match self.kind {
            Kind::Secret if !reveal => format!("{}{}", &text[..SHOWN], "·".repeat(16)),
            _ => text.clone(),
        };
        let template = (self.kind == Kind::Secret).then(|| json!({ "role": "service_role" }));
        json!({
            "api_key": shown,
            "id": self.id,
            "type": self.kind,
            "prefix": &text[..SHOWN],
            "name": self.name,
            "description": self.description,
            "hash": hash,
            "secret_jwt_template": template,
            "inserted_at": self.created.to_string(),
            "updated_at": self.created.to_string(),
        })
    }
}

/// All of a project's keys.
pub(super) fn of(core: &Core, project: &Project) -> Result<Vec<Key>, SandboxError> {
    let from_the_start = |id: String, kind, name: &str| Key {
        project: project.reference.clone(),
        id,
        kind,
        name: name.to_owned(),
        description: None,
        created: project.created,
    };
    let uuid = |name: &str| {
        core.seeded(&format!("supabase/{}/{name}", project.reference))
            .uuid()
    };
    let mut keys = vec![
        from_the_start("anon".to_owned(), Kind::Legacy, "anon"),
        from_the_start("service_role".to_owned(), Kind::Legacy, "service_role"),
        from_the_start(uuid("publishable"), Kind::Publishable, "default"),
        from_the_start(uuid("secret"), Kind::Secret, "default"),
    ];
    keys.extend(made_later(core, &project.reference)?);
    Ok(keys)
}

/// The project's key that this is. Only keys that begin so are looked at: a legacy one is signed anew.
pub(super) fn find(
    core: &Core,
    project: &Project,
    text: &str,
) -> Result<Option<Key>, SandboxError> {
    let kind = if text.starts_with(PUBLISHABLE) {
        Kind::Publishable
    } else if text.starts_with(SECRET) {
        Kind::Secret
    } else {
        Kind::Legacy
    };
    let mut keys = of(core, project)?;
    keys.retain(|key| key.kind == kind && key.text(core) == text);
    Ok(keys.pop())
}

/// Those that were made by a call, without what a project has from the start.
pub(super) fn made_later(core: &Core, project: &str) -> Result<Vec<Key>, SandboxError> {
    let mut keys: Vec<Key> = core.documents(Provider::Supabase).all("api_key")?;
    keys.retain(|key| key.project == project);
    Ok(keys)
}

#[derive(Deserialize)]
pub(super) struct Reveal {
    #[serde(default)]
    reveal: bool,
}

/// `GET /v1/projects/{ref}/api-keys` (`v1-get-project-api-keys`).
pub(super) async fn list(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
    Query(Reveal { reveal }): Query<Reveal>,
) -> Answer {
    let project = cloud.project(&reference)?;
    let keys = of(&cloud.core, &project)?;
    Ok(ok(&keys
        .iter()
        .map(|key| key.to_json(&cloud.core, reveal))
        .collect::<Value>()))
}

/// The body of `CreateApiKeyBody`.
#[derive(Deserialize)]
struct Creation {
    r#type: Kind,
    name: String,
    description: Option<String>,
}

/// `POST /v1/projects/{ref}/api-keys` (`v1-create-project-api-key`).
pub(super) async fn create(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
    Query(Reveal { reveal }): Query<Reveal>,
    bytes: Bytes,
) -> Answer {
    let project = cloud.project(&reference)?;
    let asked: Creation = body(&bytes)?;
    let first = asked.name.bytes().next().unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let named = (4..=64).contains(&asked.name.len())
        && asked.name.bytes().all(plain)
        && !first.is_ascii_digit();
    if !named || asked.r#type == Kind::Legacy {
        return Err(Refusal::bad_request("name or type: Invalid"));
    }
    let _changes = cloud.changes.lock().await;
    if of(&cloud.core, &project)?
        .iter()
        .any(|key| key.name == asked.name && key.kind == asked.r#type)
    {
        return Err(Refusal::bad_request(
            "An API key with this name already exists",
        ));
    }
    let number = cloud.documents().next("api_key")?;
    let key = Key {
        id: cloud
            .core
            .seeded(&format!("supabase/{reference}/key-id/{number}"))
            .uuid(),
        project: reference,
        kind: asked.r#type,
        name: asked.name,
        description: asked.description,
        created: cloud.core.now(),
    };
    cloud.documents().put("api_key", &key.id, &key)?;
    Ok(created(&key.to_json(&cloud.core, reveal)))
}

/// `DELETE /v1/projects/{ref}/api-keys/{id}` (`v1-delete-project-api-key`).
pub(super) async fn delete(
    Extension(cloud): Extension<Cloud>,
    Path((reference, id)): Path<(String, String)>,
) -> Answer {
    cloud.project(&reference)?;
    let keys = made_later(&cloud.core, &reference)?;
    let Some(key) = keys.iter().find(|key| key.id == id) else {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "API key not found"));
    };
    cloud.documents().remove("api_key", &id)?;
    Ok(ok(&key.to_json(&cloud.core, false)))
}
