//! `auth-settings`: where the project's sign-in links lead and how long they hold. Without it they lead to
//! localhost. What they were before is kept in the evidence, as far as it is public, and put back by an undo.

use std::time::Duration;

use async_trait::async_trait;
use fabrik_clouds::supabase::{AuthConfig, AuthConfigChange, Management};
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    failure::Failure,
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::Outputs,
    secret::Secret,
};
use fabrik_engine::step::{Context, Created, Found, Parent, Readiness, Step, Timing, Undone};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{digest::sha256, left_standing, registry::Entry, values::secret_settings};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::AuthSettings,
    revision: 1,
    plans_alone: false,
    timing: Timing {
        usual: Duration::from_secs(1),
        ceiling: Duration::from_mins(1),
        // The same values may be set twice.
        settle: Duration::from_secs(2),
    },
    build: |clouds, parameters| {
        let with: With = parameters.read(&["/smtp_password"])?;
        // Without a server nobody needs one that is gone.
        let smtp_password = if with.smtp_host.is_empty() {
            None
        } else {
            parameters.secret("/smtp_password")?.cloned()
        };
        Ok(Box::new(AuthSettings {
            management: clouds.supabase.clone(),
            with,
            smtp_password,
        }))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// The project's ref.
    project: String,
    site_url: String,
    #[serde(default)]
    redirect_urls: Vec<String>,
    /// A number, as a template renders it.
    link_seconds: Number,
    /// The name that mails come from; empty to leave it.
    #[serde(default)]
    sender_name: String,
    /// The agency's mail server; empty for the vendor's, which only writes to the team.
    #[serde(default)]
    smtp_host: String,
    #[serde(default)]
    smtp_port: String,
    #[serde(default)]
    smtp_user: String,
    /// The address that mails come from.
    #[serde(default)]
    smtp_sender: String,
    /// Comes apart, as a secret.
    #[serde(default, rename = "smtp_password")]
    _smtp_password: String,
}

/// A number, written as one or as a text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Number {
    Number(i64),
    Text(String),
}

struct AuthSettings {
    management: Management,
    with: With,
    smtp_password: Option<Secret>,
}

impl AuthSettings {
    fn link_seconds(&self) -> Result<i64, Problem> {
        let seconds = match &self.with.link_seconds {
            Number::Number(number) => Some(*number),
            Number::Text(text) => text.trim().parse().ok(),
        };
        seconds.filter(|seconds| *seconds > 0).ok_or_else(|| {
            let setting = "link_seconds".to_owned();
            Cause::SettingInvalid {
                setting,
                expected: "86400".to_owned(),
            }
            .into()
        })
    }

    fn wanted(&self) -> Result<AuthConfigChange, Problem> {
        let with = &self.with;
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let urls: Vec<_> = with
            .redirect_urls
            .iter()
            .filter(|url| !url.is_empty())
            .cloned()
            .collect();
        // A comma would end the entry, and what follows would be a place of its own.
        if let Some(url) = urls
            .iter()
            .chain([&with.site_url])
            .find(|url| url.contains(','))
        {
            let field = "redirect_urls".to_owned();
            return Err(Cause::LinkInvalid {
                field,
                link: url.clone(),
            }
            .into());
        }
        let mut wanted = AuthConfigChange {
            site_url: text(&with.site_url),
            uri_allow_list: text(&urls.join(",")),
            mailer_otp_exp: Some(self.link_seconds()?),
            smtp_sender_name: text(&with.sender_name),
            ..AuthConfigChange::default()
        };
        if !with.smtp_host.is_empty() {
            wanted.smtp_host = text(&with.smtp_host);
            wanted.smtp_port = text(&with.smtp_port);
            wanted.smtp_user = text(&with.smtp_user);
            wanted.smtp_admin_email = text(&with.smtp_sender);
            wanted.smtp_password.clone_from(&self.smtp_password);
        }
        Ok(wanted)
    }

    /// What is not as it is wanted.
    async fn difference(&self) -> Result<AuthConfigChange, Failure> {
        let wanted = self.wanted()?;
        Ok(wanted.from(&self.management.auth_config(&self.with.project).await?))
    }

    fn existing(&self) -> Result<Existing, Problem> {
        let public = AuthConfigChange {
            smtp_password: None,
            ..self.wanted()?
        };
        let written = serde_json::to_string(&public).map_err(|_| Problem::from(Cause::Internal))?;
        Ok(Existing {
            id: self.with.project.clone(),
            name: self.name(),
            url: None,
            content_hash: Some(sha256(written)),
        })
    }
}

/// What `find` saw.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Evidence {
    /// The settings before they were changed. No password is among them.
    before: AuthConfig,
}

/// Whether something of what was wanted is by now neither so nor as it was before, or can't go back.
fn stays(wanted: AuthConfigChange, before: &AuthConfig, now: &AuthConfig) -> bool {
    let server = before
        .smtp_host
        .as_ref()
        .is_some_and(|host| !host.is_empty());
    if server && wanted.smtp_password.is_some() && now.smtp_host == wanted.smtp_host {
        return true;
    }
    let differs = serde_json::to_value(wanted.from(now)).unwrap_or_default();
    let (before, now) = (serde_json::to_value(before), serde_json::to_value(now));
    let (before, now) = (before.unwrap_or_default(), now.unwrap_or_default());
    // One that was not set is an empty text to the vendor.
    let is_unset = |value: &Value| value.is_null() || value == "";
    let fields = differs.as_object().into_iter().flat_map(Map::keys);
    fields.filter(|field| *field != "smtp_pass").any(|field| {
        let (was, is) = (&before[field], &now[field]);
        was != is && !(is_unset(was) && is_unset(is))
    })
}

#[async_trait]
impl Step for AuthSettings {
    fn name(&self) -> String {
        self.with.site_url.clone()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::AuthSettings)
    }

    async fn check(&self, cx: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        let mut problems: Vec<Problem> = self.wanted().err().into_iter().collect();
        if self.with.smtp_host.is_empty() {
            return Ok(problems);
        }
        // A plan has no secrets; one that is gone would be missed when the project is there already.
        let password = cx.step.with.get("smtp_password").and_then(Value::as_str);
        let named = secret_settings(password.unwrap_or_default(), cx.snapshot, cx.mark.workspace);
        for reference in named {
            if cx.secrets.get(&reference).await?.is_none() {
                let gone = Cause::SecretMissing {
                    reference: reference.to_string(),
                    variable: None,
                };
                problems.push(gone.into());
            }
        }
        Ok(problems)
    }

    async fn find(&self, _: &Context<'_>) -> Result<Found, Failure> {
        let before = self.management.auth_config(&self.with.project).await?;
        if self.wanted()?.from(&before).is_empty() {
            return Ok(Found::Ours(self.existing()?));
        }
        let evidence = serde_json::to_value(Evidence { before });
        Ok(Found::Absent {
            evidence: evidence.map_err(|_| Problem::from(Cause::Internal))?,
        })
    }

    /// Sets all of it: what differs may have changed since `find` looked.
    async fn create(&self, _: &Context<'_>) -> Result<Created, Failure> {
        self.management
            .change_auth_config(&self.with.project, &self.wanted()?)
            .await?;
        Ok(Created::Resource(self.existing()?))
    }

    async fn await_ready(
        &self,
        _: &Context<'_>,
        _: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        if self.difference().await?.is_empty() {
            return Ok(Readiness::Ready(Outputs::new()));
        }
        Ok(Readiness::NotYet {
            status: "not taken over yet".to_owned(),
        })
    }

    /// The settings go with their project.
    fn within(&self) -> Option<Parent> {
        Some(left_standing::supabase(&self.with.project))
    }

    /// Puts the settings of before back, those that are still as they were written.
    async fn undo(&self, cx: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        if let Some(undone) = left_standing::with_project(&self.management, existing).await? {
            return Ok(undone);
        }
        let changed = || {
            Ok(left_standing::changed_since(
                Provider::Supabase,
                &existing.name,
            ))
        };
        let evidence = cx
            .evidence
            .and_then(|value| Evidence::deserialize(value).ok());
        let (Some(Evidence { before }), wanted) = (evidence, self.wanted()?) else {
            return changed();
        };
        let now = self.management.auth_config(&existing.id).await?;
        let back = wanted.undone(&before, &now);
        if !back.is_empty() {
            self.management
                .restore_auth_config(&existing.id, &back)
                .await?;
        }
        if stays(wanted, &before, &now) {
            return changed();
        }
        Ok(Undone::Gone)
    }
}

#[cfg(test)]
mod tests;
