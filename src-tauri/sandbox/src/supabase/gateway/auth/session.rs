//! Sessions: an access token that the project's own APIs accept, and a token to renew it with.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fabrik_postgres::Login;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{super::super::jwt::Signer, Answer, Auth, AuthError, user::User};
use crate::seal::random;

/// What is kept of a token to renew with. The vendor keeps the token itself.
pub(super) fn kept(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}

impl Auth {
    /// Lets a user in (`AccessTokenResponseSchema`). `method` is how: `password`, `otp`.
    pub(super) async fn sign_in(&self, user: &User, method: &str) -> Answer<Value> {
        let session = uuid::Uuid::new_v4().to_string();
        let sql = "
            with entered as (
              update users set last_sign_in_at = $3::timestamptz, updated_at = $3::timestamptz
              where id = $2::uuid
            )
            insert into sessions (id, user_id, created_at, updated_at, aal)
            values ($1::uuid, $2::uuid, $3::timestamptz, $3::timestamptz, 'aal1')";
        let now = self.now();
        let parameters = [Some(session.as_str()), Some(user.id()), Some(&now)];
        let entered = self
            .database
            .statement(&Login::Auth, sql, &parameters)
            .await;
        entered.map_err(AuthError::database)?;
        let user = self.user(user.id()).await?;
        self.tokens(&user, &session, method).await
    }

    /// The tokens of a session.
    pub(super) async fn tokens(&self, user: &User, session: &str, method: &str) -> Answer<Value> {
        let mut bytes = [0; 9];
        random(&mut bytes)?;
        let refresh = URL_SAFE_NO_PAD.encode(bytes);
        let sql = "
            insert into refresh_tokens (token, user_id, revoked, created_at, updated_at, session_id)
            values ($1, $2, false, $3::timestamptz, $3::timestamptz, $4::uuid)";
        let (hash, now) = (kept(&refresh), self.now());
        let parameters = [
            Some(hash.as_str()),
            Some(user.id()),
            Some(&now),
            Some(session),
        ];
        let made = self
            .database
            .statement(&Login::Auth, sql, &parameters)
            .await;
        made.map_err(AuthError::database)?;

        let issued = self.cloud.core.now().as_second();
        let lasts = self.settings.number("jwt_exp");
        let mut claims = user.claims();
        let extra = json!({
            "iss": self.url(),
            "iat": issued,
            "exp": issued + lasts,
            "aal": "aal1",
            "amr": [{ "method": method, "timestamp": issued }],
            "session_id": session,
        });
        claims.extend(extra.as_object().cloned().unwrap_or_default());
        let signer = Signer::of(&self.cloud.core, &self.project.reference);
        Ok(json!({
            "access_token": signer.sign(&Value::Object(claims)),
            "token_type": "bearer",
            "expires_in": lasts,
            "expires_at": issued + lasts,
            "refresh_token": refresh,
            "user": user.to_json(),
        }))
    }
}
