//! A project's sign-in settings: `v1-get-auth-service-config` and `v1-update-auth-service-config`.

use fabrik_domain::secret::Secret;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::types::expose;

/// The settings that are compared before anything is changed. None is secret: as evidence they are what an
/// undo goes back to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthConfig {
    /// Where links lead that say no other place.
    pub site_url: Option<String>,
    /// Where links may lead: URLs and patterns, with commas between.
    pub uri_allow_list: Option<String>,
    /// How long a link or code holds, in seconds.
    pub mailer_otp_exp: Option<i64>,
    /// Nobody may sign up by himself.
    pub disable_signup: Option<bool>,
    /// The name that mails come from.
    pub smtp_sender_name: Option<String>,
    /// The address that mails come from.
    pub smtp_admin_email: Option<String>,
    /// The agency's own mail server.
    pub smtp_host: Option<String>,
    /// Its port: a text at the vendor's.
    pub smtp_port: Option<String>,
    /// The user there.
    pub smtp_user: Option<String>,
}

/// What to change: fields that are `None` are not sent, and stay as they are.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AuthConfigChange {
    /// See [`AuthConfig::site_url`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site_url: Option<String>,
    /// See [`AuthConfig::uri_allow_list`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri_allow_list: Option<String>,
    /// See [`AuthConfig::mailer_otp_exp`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailer_otp_exp: Option<i64>,
    /// See [`AuthConfig::disable_signup`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_signup: Option<bool>,
    /// See [`AuthConfig::smtp_sender_name`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp_sender_name: Option<String>,
    /// See [`AuthConfig::smtp_admin_email`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp_admin_email: Option<String>,
    /// See [`AuthConfig::smtp_host`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp_host: Option<String>,
    /// See [`AuthConfig::smtp_port`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp_port: Option<String>,
    /// See [`AuthConfig::smtp_user`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp_user: Option<String>,
    /// The password there. The vendor doesn't give it back.
    #[serde(
        rename = "smtp_pass",
        skip_serializing_if = "Option::is_none",
        serialize_with = "password"
    )]
    pub smtp_password: Option<Secret>,
}

#[expect(clippy::ref_option, reason = "serde hands a reference to the field")]
fn password<S: Serializer>(password: &Option<Secret>, to: S) -> Result<S::Ok, S::Error> {
    match password {
        Some(password) => expose(password, to),
        None => to.serialize_none(),
    }
}

impl AuthConfigChange {
    /// What of this is not so yet. A password alone is no difference: it can't be compared, and goes along
    /// only with another change of the mail server.
    #[must_use]
    pub fn from(mut self, current: &AuthConfig) -> Self {
        fn drop_equal<T: PartialEq>(wanted: &mut Option<T>, current: Option<&T>) {
            if wanted.as_ref() == current {
                *wanted = None;
            }
        }
        let allowed = current.uri_allow_list.as_deref().unwrap_or_default();
        if self
            .uri_allow_list
            .as_deref()
            .is_some_and(|wanted| list(wanted) == list(allowed))
        {
            self.uri_allow_list = None;
        }
        drop_equal(&mut self.site_url, current.site_url.as_ref());
        drop_equal(&mut self.mailer_otp_exp, current.mailer_otp_exp.as_ref());
        drop_equal(&mut self.disable_signup, current.disable_signup.as_ref());
        drop_equal(
            &mut self.smtp_sender_name,
            current.smtp_sender_name.as_ref(),
        );
        drop_equal(
            &mut self.smtp_admin_email,
            current.smtp_admin_email.as_ref(),
        );
        drop_equal(&mut self.smtp_host, current.smtp_host.as_ref());
        drop_equal(&mut self.smtp_port, current.smtp_port.as_ref());
        drop_equal(&mut self.smtp_user, current.smtp_user.as_ref());
        if self.smtp_host.is_none() && self.smtp_port.is_none() && self.smtp_user.is_none() {
            self.smtp_password = None;
        }
        self
    }

    /// What must be sent to take this change back: of the settings that are still as it made them, those that
    /// were otherwise `before` it. What was changed since stays as it is.
    ///
    /// The vendor doesn't give a password back, so an earlier mail server can't be set again: then its
    /// settings are left as well. Where there was none, its password is taken away with it.
    pub fn undone(&self, before: &AuthConfig, current: &AuthConfig) -> Map<String, Value> {
        let fields = |value: serde_json::Result<Value>| match value {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let made = fields(serde_json::to_value(Self {
            smtp_password: None,
            ..self.clone()
        }));
        let before_it = fields(serde_json::to_value(before));
        let current = fields(serde_json::to_value(current));
        let same = |name: &str, one: &Value, other: &Value| match (one.as_str(), other.as_str()) {
            (Some(one), Some(other)) if name == "uri_allow_list" => list(one) == list(other),
            _ => one == other,
        };
        let no_way_back = before.smtp_host.is_some() && self.smtp_password.is_some();
        let mut undone = Map::new();
        for (name, made) in &made {
            let at = |fields: &Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
            let (was, is) = (at(&before_it), at(&current));
            let server = matches!(name.as_str(), "smtp_host" | "smtp_port" | "smtp_user");
            if same(name, made, &is) && !same(name, made, &was) && !(server && no_way_back) {
                undone.insert(name.clone(), was);
            }
        }
        if self.smtp_password.is_some() && undone.get("smtp_host").is_some_and(Value::is_null) {
            undone.insert("smtp_pass".to_owned(), Value::Null);
        }
        undone
    }

    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        serde_json::to_value(self)
            .is_ok_and(|value| value.as_object().is_some_and(serde_json::Map::is_empty))
    }
}

/// The URLs of a list, in whatever order they were.
fn list(text: &str) -> Vec<&str> {
    let mut urls: Vec<_> = text.split(',').map(str::trim).collect();
    urls.sort_unstable();
    urls.dedup();
    urls
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> AuthConfigChange {
        AuthConfigChange {
            site_url: Some("https://a.example".into()),
            uri_allow_list: Some("https://a.example/**,https://b.example/**".into()),
            mailer_otp_exp: Some(86_400),
            smtp_password: Some(Secret::from("hunter2hunter2")),
            ..AuthConfigChange::default()
        }
    }

    #[test]
    fn what_is_so_already_is_no_change() {
        let current = AuthConfig {
            site_url: Some("https://a.example".into()),
            uri_allow_list: Some("https://b.example/**, https://a.example/**".into()),
            mailer_otp_exp: Some(86_400),
            ..AuthConfig::default()
        };
        assert!(
            wanted().from(&current).is_empty(),
            "order and spaces of the list don't matter"
        );
    }

    #[test]
    fn only_what_differs_is_sent() {
        let current = AuthConfig {
            mailer_otp_exp: Some(3600),
            ..AuthConfig::default()
        };
        let mut change = wanted();
        change.site_url = None;
        change.uri_allow_list = None;
        let body = serde_json::to_string(&change.from(&current)).unwrap();
        assert_eq!(body, r#"{"mailer_otp_exp":86400}"#);
    }

    #[test]
    fn only_what_is_still_ours_goes_back() {
        let before = AuthConfig {
            mailer_otp_exp: Some(3600),
            uri_allow_list: Some(String::new()),
            ..AuthConfig::default()
        };
        let change = AuthConfigChange {
            smtp_host: Some("smtp.example".into()),
            disable_signup: Some(true),
            ..wanted()
        };
        let current = AuthConfig {
            // In another order, and with one that somebody changed since.
            site_url: Some("https://other.example".into()),
            uri_allow_list: Some("https://b.example/**, https://a.example/**".into()),
            mailer_otp_exp: Some(86_400),
            disable_signup: Some(true),
            smtp_host: Some("smtp.example".into()),
            ..AuthConfig::default()
        };
        let undone = Value::Object(change.undone(&before, &current));
        let expected = serde_json::json!({
            "uri_allow_list": "", "mailer_otp_exp": 3600, "disable_signup": null,
            "smtp_host": null, "smtp_pass": null,
        });
        assert_eq!(undone, expected);
        let again = change.undone(&before, &before);
        assert!(again.is_empty(), "what went back already stays: {again:?}");
        let kept: AuthConfig =
            serde_json::from_value(serde_json::to_value(&before).unwrap()).unwrap();
        assert_eq!(kept, before, "evidence is read back as it was");
    }

    #[test]
    fn a_mail_server_whose_password_is_lost_is_not_set_again() {
        let before = AuthConfig {
            smtp_host: Some("smtp.before.example".into()),
            ..AuthConfig::default()
        };
        let change = AuthConfigChange {
            smtp_host: Some("smtp.example".into()),
            smtp_password: Some(Secret::from("hunter2hunter2")),
            ..AuthConfigChange::default()
        };
        let current = AuthConfig {
            smtp_host: Some("smtp.example".into()),
            ..AuthConfig::default()
        };
        assert!(change.undone(&before, &current).is_empty());
    }
}
