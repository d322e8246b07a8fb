//! API keys: the two legacy ones, a publishable and a secret one from the start, and those made
//! later. All follow from the sandbox's seed; none is stored.

use axum::{
    Extension,
    extract::{Path, Query},
    http::StatusCode,
};
use bytes::Bytes;
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
use crate::error::SandboxError;

/// How many characters of a new key are shown where it is masked.
const SHOWN: usize = 15;

/// A key, without its text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Key {
    project: String,
    /// A UUID; a legacy key's is its name.
    id: String,
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
    pub(super) fn text(&self, cloud: &Cloud) -> String {
        let mut seeded = cloud
            .core
            .seeded(&format!("supabase/{}/key/{}", self.project, self.id));
        match self.kind {
            Kind::Publishable => format!("sb_publishable_{}", seeded.alphanumeric(31)),
            Kind::Secret => format!("sb_secret_{}", seeded.alphanumeric(31)),
            Kind::Legacy => {
                let end = self.created.checked_add((24 * 365 * 10).hours());
                Signer::of(&cloud.core, &self.project).sign(&json!({
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
    fn to_json(&self, cloud: &Cloud, reveal: bool) -> Value {
        let text = self.text(cloud);
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
pub(super) fn of(cloud: &Cloud, project: &Project) -> Result<Vec<Key>, SandboxError> {
    let from_the_start = |id: String, kind, name: &str| Key {
        project: project.reference.clone(),
        id,
        kind,
        name: name.to_owned(),
        description: None,
        created: project.created,
    };
    let uuid = |name: &str| {
        cloud
            .core
            .seeded(&format!("supabase/{}/{name}", project.reference))
            .uuid()
    };
    let mut keys = vec![
        from_the_start("anon".to_owned(), Kind::Legacy, "anon"),
        from_the_start("service_role".to_owned(), Kind::Legacy, "service_role"),
        from_the_start(uuid("publishable"), Kind::Publishable, "default"),
        from_the_start(uuid("secret"), Kind::Secret, "default"),
    ];
    keys.extend(made_later(cloud, &project.reference)?);
    Ok(keys)
}

fn made_later(cloud: &Cloud, project: &str) -> Result<Vec<Key>, SandboxError> {
    let mut keys: Vec<Key> = cloud.documents().all("api_key")?;
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
    let keys = of(&cloud, &project)?;
    Ok(ok(&keys
        .iter()
        .map(|key| key.to_json(&cloud, reveal))
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
    if of(&cloud, &project)?
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
    Ok(created(&key.to_json(&cloud, reveal)))
}

/// `DELETE /v1/projects/{ref}/api-keys/{id}` (`v1-delete-project-api-key`).
pub(super) async fn delete(
    Extension(cloud): Extension<Cloud>,
    Path((reference, id)): Path<(String, String)>,
) -> Answer {
    cloud.project(&reference)?;
    let keys = made_later(&cloud, &reference)?;
    let Some(key) = keys.iter().find(|key| key.id == id) else {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "API key not found"));
    };
    cloud.documents().remove("api_key", &id)?;
    Ok(ok(&key.to_json(&cloud, false)))
}
