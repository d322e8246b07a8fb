//! `auth-settings`: where the project's sign-in links lead and how long they hold. Without it they lead to
//! localhost.

use std::time::Duration;

use async_trait::async_trait;
use fabrik_clouds::supabase::{AuthConfigChange, Management};
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    failure::Failure,
    resource::{Found as Existing, ResourceKind},
    run::Outputs,
    secret::Secret,
};
use fabrik_engine::step::{Context, Created, Found, Readiness, Step, Timing};
use serde::Deserialize;

use crate::registry::Entry;

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
        Ok(Box::new(AuthSettings {
            management: clouds.supabase.clone(),
            with: parameters.read(&["/smtp_password"])?,
            smtp_password: parameters.secret("/smtp_password")?.cloned(),
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
}

#[async_trait]
impl Step for AuthSettings {
    fn name(&self) -> String {
        self.with.site_url.clone()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    /// The settings go with their project.
    fn resource_kind(&self) -> Option<ResourceKind> {
        None
    }

    async fn check(&self, _: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        Ok(self.wanted().err().into_iter().collect())
    }

    async fn find(&self, _: &Context<'_>) -> Result<Found, Failure> {
        if self.difference().await?.is_empty() {
            return Ok(Found::Satisfied);
        }
        Ok(Found::Absent {
            evidence: serde_json::Value::Null,
        })
    }

    /// Sets all of it: what differs may have changed since `find` looked.
    async fn create(&self, _: &Context<'_>) -> Result<Created, Failure> {
        self.management
            .change_auth_config(&self.with.project, &self.wanted()?)
            .await?;
        Ok(Created::Effect)
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
}

#[cfg(test)]
mod tests;
