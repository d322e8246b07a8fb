//! A project's Auth settings. Of secrets in them (SMTP password, OAuth secrets) only a hash is kept
//! and shown, as the vendor shows them.

use std::sync::LazyLock;

use axum::{Extension, extract::Path};
use bytes::Bytes;
use serde_json::{Map, Value};

use super::{
    Cloud,
    answer::{Answer, Refusal, body, ok},
    hash,
};
use crate::error::SandboxError;

/// Every setting with its type (`?` where it may be null) and what it is at first.
static KNOWN: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    // Checked by a test: the file is part of this program.
    serde_json::from_str(include_str!("auth_settings.json")).unwrap_or_default()
});

/// Mails an hour by the vendor's own mailer, whatever is set.
const BY_THE_VENDOR: u32 = 2;
/// Mails an hour by a server of the project's own, until another number is set.
const BY_OWN_SERVER: u32 = 30;

/// The settings in force for a project: what was changed, and else what they are at first.
pub(super) struct AuthSettings(Map<String, Value>);

impl AuthSettings {
    pub(super) fn of(cloud: &Cloud, project: &str) -> Result<Self, SandboxError> {
        let changed = cloud.documents().get("auth_settings", project)?;
        Ok(Self(changed.unwrap_or_default()))
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.0
            .get(name)
            .or_else(|| KNOWN.get(name).map(|known| &known[1]))
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.value(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn number(&self, name: &str) -> i64 {
        self.value(name).and_then(Value::as_i64).unwrap_or_default()
    }

    pub(super) fn is_on(&self, name: &str) -> bool {
        self.value(name)
            .and_then(Value::as_bool)
            .unwrap_or_default()
    }

    /// How many mails Auth sends in an hour.
    pub(super) fn mails_an_hour(&self) -> u32 {
        if self.text("smtp_host").is_empty() {
            return BY_THE_VENDOR;
        }
        let set = self.0.get("rate_limit_email_sent").and_then(Value::as_u64);
        set.and_then(|most| u32::try_from(most).ok())
            .unwrap_or(BY_OWN_SERVER)
    }

    /// All of them.
    fn to_json(&self) -> Value {
        let names = KNOWN.keys();
        let shown = names.map(|name| (name.clone(), self.value(name).cloned().unwrap_or_default()));
        Value::Object(shown.collect())
    }
}

/// `GET /v1/projects/{ref}/config/auth` (`v1-get-auth-service-config`).
pub(super) async fn get(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
) -> Answer {
    cloud.project(&reference)?;
    Ok(ok(&AuthSettings::of(&cloud, &reference)?.to_json()))
}

/// `PATCH /v1/projects/{ref}/config/auth` (`v1-update-auth-service-config`).
pub(super) async fn change(
    Extension(cloud): Extension<Cloud>,
    Path(reference): Path<String>,
    bytes: Bytes,
) -> Answer {
    cloud.project(&reference)?;
    let asked: Map<String, Value> = body(&bytes)?;
    let _changes = cloud.changes.lock().await;
    let mut changed: Map<String, Value> = cloud
        .documents()
        .get("auth_settings", &reference)?
        .unwrap_or_default();
    for (name, value) in asked {
        // What is not known is ignored.
        let Some(kind) = KNOWN.get(&name).and_then(|known| known[0].as_str()) else {
            continue;
        };
        if !fits(kind, &value) {
            return Err(Refusal::bad_request(format!(
                "{name}: Expected {}, received {value}",
                kind.trim_end_matches('?')
            )));
        }
        let value = match value {
            Value::String(secret) if is_secret(&name) && !secret.is_empty() => hashed(&secret),
            value => value,
        };
        changed.insert(name, value);
    }
    cloud
        .documents()
        .put("auth_settings", &reference, &changed)?;
    Ok(ok(&AuthSettings(changed).to_json()))
}

fn fits(kind: &str, value: &Value) -> bool {
    match kind.trim_end_matches('?') {
        _ if value.is_null() => kind.ends_with('?'),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => value.is_string(),
    }
}

fn is_secret(name: &str) -> bool {
    [
        "_pass",
        "_secret",
        "_secrets",
        "_auth_token",
        "_api_key",
        "_access_key",
    ]
    .iter()
    .any(|end| name.ends_with(end))
}

fn hashed(secret: &str) -> Value {
    hash::sha256(secret).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_of_its_type_at_first() {
        assert_eq!(KNOWN.len(), 237, "as many as the vendor's document has");
        for (name, known) in KNOWN.iter() {
            let kind = known[0].as_str().unwrap();
            assert!(fits(kind, &known[1]), "{name} is {}, not {kind}", known[1]);
        }
    }
}
