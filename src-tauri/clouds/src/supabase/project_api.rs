//! A project's own Auth and REST, as one of its users: sign-in, rows under row-level security.

use fabrik_domain::{failure::Failure, secret::Secret};
use http::header;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{admin::API_KEY, dialect::ProjectDialect, types::expose};
use crate::{Account, BaseUrl, Call, Http, refused_as};

/// A signed-in user.
#[derive(Clone, Debug, Deserialize)]
pub struct Session {
    /// The user's token.
    #[serde(deserialize_with = "secret")]
    pub access_token: Secret,
}

/// Takes a secret out of an answer.
pub(super) fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
    Ok(Secret::from(String::deserialize(from)?))
}

/// A project's APIs, with keys given call by call.
#[derive(Clone)]
pub struct ProjectApi {
    pub(super) account: Account,
}

impl ProjectApi {
    /// The APIs of the project at `base`.
    pub fn new(http: Http, base: BaseUrl) -> Self {
        Self {
            account: Account::anonymous(http, ProjectDialect, base),
        }
    }

    /// Signs in with a password: `token`. Makes a session that ends by itself, so it may be repeated.
    /// `None` where address and password don't fit.
    pub async fn sign_in(
        &self,
        publishable_key: &str,
        email: &str,
        password: &Secret,
    ) -> Result<Option<Session>, Failure> {
        #[derive(Serialize)]
        struct Body<'a> {
            email: &'a str,
            #[serde(serialize_with = "expose")]
            password: &'a Secret,
        }
        let answer = self
            .account
            .post(Call::reads("token"), ["auth", "v1", "token"])
            .query("grant_type", "password")
            .header(API_KEY, publishable_key)
            .masking(password)
            .json(&Body { email, password })
            .receive()
            .await;
        match answer {
            Ok(session) => Ok(Some(session)),
            Err(failure)
                if ["invalid_credentials", "invalid_grant"]
                    .iter()
                    .any(|code| refused_as(&failure, code)) =>
            {
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// The rows of `table` whose `column` is `value` that this user may see: `GET /rest/v1/<table>`.
    pub async fn rows(
        &self,
        publishable_key: &str,
        session: &Session,
        table: &str,
        (column, value): (&str, &str),
    ) -> Result<Vec<Map<String, Value>>, Failure> {
        self.account
            .get(Call::reads("rest-select"), ["rest", "v1", table])
            .query("select", column)
            .query(column, format!("eq.{value}"))
            .header(API_KEY, publishable_key)
            .secret(header::AUTHORIZATION, "Bearer ", &session.access_token)
            .receive()
            .await
    }
}
