//! Sessions: an access token that the project's own APIs accept, and a token to renew it with.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{super::super::jwt::Signer, Answer, Auth, Statement, user::User};

/// What is kept of a token to renew with. The vendor keeps the token itself.
pub(super) fn kept(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}

impl Auth {
    /// Lets a user in (`AccessTokenResponseSchema`). `method` is how: `password`, `otp`.
    pub(super) async fn sign_in(&self, user: &User, method: &str) -> Answer<Value> {
        let session = self.cloud.core.draw_uuid()?;
        let now = self.now();
        let parameters = [session.as_str(), user.id(), &now].map(Some);
        self.run(Statement::OpenSession, &parameters).await?;
        let user = self.user(user.id()).await?;
        self.tokens(&user, &session, method).await
    }

    /// The tokens of a session.
    pub(super) async fn tokens(&self, user: &User, session: &str, method: &str) -> Answer<Value> {
        let mut bytes = [0; 9];
        self.cloud.core.draw(&mut bytes)?;
        let refresh = URL_SAFE_NO_PAD.encode(bytes);
        let (hash, now) = (kept(&refresh), self.now());
        let parameters = [hash.as_str(), user.id(), &now, session].map(Some);
        self.run(Statement::AddRefreshToken, &parameters).await?;

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
