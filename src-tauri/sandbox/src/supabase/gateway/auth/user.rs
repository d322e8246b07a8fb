//! A user, as the database has it and as Auth shows it.

use fabrik_domain::secret::{ExposeSecret, Secret};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Answer, Auth, AuthError, Statement, password};

/// The longest password that bcrypt takes whole.
const LONGEST: usize = 72;

/// What is shown of a row of `auth.users`, in the vendor's order.
const SHOWN: [&str; 15] = [
    "id",
    "aud",
    "role",
    "email",
    "email_confirmed_at",
    "invited_at",
    "phone",
    "phone_confirmed_at",
    "confirmation_sent_at",
    "confirmed_at",
    "recovery_sent_at",
    "last_sign_in_at",
    "banned_until",
    "created_at",
    "updated_at",
];

/// A user's row, with its identities.
pub(super) struct User {
    row: Value,
    identities: Value,
}

impl User {
    pub(super) fn id(&self) -> &str {
        self.row["id"].as_str().unwrap_or_default()
    }

    pub(super) fn email(&self) -> &str {
        self.row["email"].as_str().unwrap_or_default()
    }

    pub(super) fn is_confirmed(&self) -> bool {
        !self.row["email_confirmed_at"].is_null()
    }

    pub(super) fn is_banned(&self, now: Timestamp) -> bool {
        let until = self.row["banned_until"]
            .as_str()
            .and_then(|until| until.parse().ok());
        until.is_some_and(|until: Timestamp| until > now)
    }

    /// The claims that a token of the user's carries beside its session.
    pub(super) fn claims(&self) -> Map<String, Value> {
        let row = &self.row;
        let claims = json!({
            "sub": row["id"],
            "aud": row["aud"],
            "role": row["role"],
            "email": row["email"],
            "phone": row["phone"].as_str().unwrap_or_default(),
            "app_metadata": row["raw_app_meta_data"],
            "user_metadata": row["raw_user_meta_data"],
            "is_anonymous": row["is_anonymous"],
        });
        claims.as_object().cloned().unwrap_or_default()
    }

    /// As Auth shows it (`UserSchema`): what is not set is left out.
    pub(super) fn to_json(&self) -> Value {
        let mut shown = Map::new();
        for name in SHOWN {
            let value = &self.row[name];
            if name == "phone" {
                shown.insert(name.to_owned(), value.as_str().unwrap_or_default().into());
            } else if !value.is_null() {
                shown.insert(name.to_owned(), value.clone());
            }
        }
        shown.insert(
            "app_metadata".to_owned(),
            self.row["raw_app_meta_data"].clone(),
        );
        shown.insert(
            "user_metadata".to_owned(),
            self.row["raw_user_meta_data"].clone(),
        );
        let identities = self
            .identities
            .as_array()
            .into_iter()
            .flatten()
            .map(|identity| {
                json!({
                    "identity_id": identity["id"],
                    "id": identity["provider_id"],
                    "user_id": identity["user_id"],
                    "identity_data": identity["identity_data"],
                    "provider": identity["provider"],
                    "created_at": identity["created_at"],
                    "updated_at": identity["updated_at"],
                    "email": identity["email"],
                })
            });
        shown.insert("identities".to_owned(), identities.collect());
        shown.insert("is_anonymous".to_owned(), self.row["is_anonymous"].clone());
        Value::Object(shown)
    }

    /// Whether this is the user's password.
    pub(super) async fn has_password(&self, password: Secret) -> bool {
        let Some(hash) = self.row["encrypted_password"].as_str().map(str::to_owned) else {
            return false;
        };
        password::fits(password, hash).await
    }
}

/// What a new user is made of.
pub(super) struct NewUser {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) role: String,
    pub(super) password: Option<Secret>,
    pub(super) confirmed: bool,
    pub(super) invited: bool,
    pub(super) app_metadata: Map<String, Value>,
    pub(super) user_metadata: Map<String, Value>,
    pub(super) banned_until: Option<Timestamp>,
}

/// The address in the form it is stored in.
pub(super) fn email(text: &str) -> Answer<String> {
    let text = text.trim().to_lowercase();
    let valid = text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && host.contains('.')
            && !host.contains('@')
            && !host.starts_with('.')
            && !host.ends_with('.')
            && !text.chars().any(char::is_whitespace)
    });
    if valid {
        return Ok(text);
    }
    Err(AuthError::invalid(
        "Unable to validate email address: invalid format",
    ))
}

/// The time until which `ban_duration` bans: a number of hours, minutes or seconds, or `none`.
pub(super) fn banned_until(duration: &str, now: Timestamp) -> Answer<Option<Timestamp>> {
    if duration == "none" {
        return Ok(None);
    }
    let invalid = || AuthError::invalid("Invalid format for ban duration");
    let (number, unit) = duration.split_at(duration.len().saturating_sub(1));
    let number: i64 = number.parse().map_err(|_| invalid())?;
    let seconds = match unit {
        "h" => 3600,
        "m" => 60,
        "s" => 1,
        _ => return Err(invalid()),
    };
    let span = jiff::SignedDuration::from_secs(number.saturating_mul(seconds));
    now.checked_add(span).map(Some).map_err(|_| invalid())
}

impl Auth {
    /// A user to be made, of whom nothing is known but an address.
    pub(super) fn new_user(&self, email: String) -> Answer<NewUser> {
        Ok(NewUser {
            id: self.cloud.core.draw_uuid()?,
            email,
            role: "authenticated".to_owned(),
            password: None,
            confirmed: false,
            invited: false,
            app_metadata: Map::new(),
            user_metadata: Map::new(),
            banned_until: None,
        })
    }

    /// The password's hash, where the password is good enough.
    pub(super) async fn hash(&self, password: Secret) -> Answer<String> {
        let length = password.expose_secret().len();
        let least = self.settings.number("password_min_length");
        if i64::try_from(length).unwrap_or(i64::MAX) < least {
            let words = format!("Password should be at least {least} characters.");
            return Err(AuthError::new(422, "weak_password", words));
        }
        if length > LONGEST {
            return Err(AuthError::invalid(
                "Password cannot be longer than 72 characters",
            ));
        }
        let kept = password::kept(&self.cloud.core, password).await;
        kept.ok_or_else(|| {
            AuthError::new(500, "unexpected_failure", "Password could not be hashed")
        })
    }

    /// The users that a statement selects.
    pub(super) async fn users(
        &self,
        statement: Statement,
        parameters: &[Option<&str>],
    ) -> Answer<Vec<User>> {
        let rows = self.run(statement, parameters).await?.rows;
        let users = rows.into_iter().map(|mut row| User {
            row: row["row"].take(),
            identities: row["identities"].take(),
        });
        Ok(users.collect())
    }

    pub(super) async fn user(&self, id: &str) -> Answer<User> {
        if uuid::Uuid::parse_str(id).is_err() {
            return Err(AuthError::new(
                404,
                "validation_failed",
                "user_id must be an UUID",
            ));
        }
        let found = self.users(Statement::UserById, &[Some(id)]).await?;
        found
            .into_iter()
            .next()
            .ok_or_else(AuthError::user_not_found)
    }

    pub(super) async fn user_by_email(&self, email: &str) -> Answer<Option<User>> {
        let found = self.users(Statement::UserByEmail, &[Some(email)]).await?;
        Ok(found.into_iter().next())
    }

    /// Makes a user and its e-mail identity, at once or not at all.
    pub(super) async fn add(&self, mut new: NewUser) -> Answer<User> {
        let hash = match new.password.take() {
            Some(password) => Some(self.hash(password).await?),
            None => None,
        };
        let mut app = Map::new();
        app.insert("provider".to_owned(), "email".into());
        app.insert("providers".to_owned(), json!(["email"]));
        app.extend(new.app_metadata);
        if new.confirmed {
            new.user_metadata
                .entry("email_verified")
                .or_insert(true.into());
        }
        let identity = json!({
            "sub": new.id,
            "email": new.email,
            "email_verified": new.confirmed,
            "phone_verified": false,
        });
        let (now, app) = (self.now(), Value::Object(app).to_string());
        let user_metadata = Value::Object(new.user_metadata).to_string();
        let banned = new.banned_until.map(|until| until.to_string());
        let identity = identity.to_string();
        let parameters = [
            Some(new.id.as_str()),
            Some(&new.role),
            Some(&new.email),
            hash.as_deref(),
            Some(if new.confirmed { "true" } else { "false" }),
            Some(if new.invited { "true" } else { "false" }),
            Some(&now),
            Some(&app),
            Some(&user_metadata),
            banned.as_deref(),
            Some(&identity),
        ];
        self.run(Statement::AddUser, &parameters).await?;
        self.user(&new.id).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_stored_in_lower_case_and_bad_ones_refused() {
        assert!(email(" Anna@Example.com ").is_ok_and(|email| email == "anna@example.com"));
        for bad in [
            "",
            "anna",
            "@example.com",
            "a@b",
            "a b@example.com",
            "a@b@example.com",
        ] {
            assert!(email(bad).is_err(), "{bad:?} is no address");
        }
    }

    #[test]
    fn bans_last_as_long_as_they_say() {
        let now = Timestamp::UNIX_EPOCH;
        let until = |text| {
            banned_until(text, now)
                .ok()
                .flatten()
                .map(Timestamp::as_second)
        };
        assert_eq!(until("876000h"), Some(876_000 * 3600));
        assert_eq!(until("none"), None);
        assert!(banned_until("soon", now).is_err());
    }
}
