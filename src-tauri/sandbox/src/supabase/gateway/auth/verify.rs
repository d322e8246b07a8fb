//! Following a link, or typing its code: the user's address is confirmed, and it is let in.

use axum::{
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use super::{
    super::{access::running, asked::Asked},
    Answer, Auth, AuthError, Statement,
    answer::{body, ok},
    links::{Purpose, hashed, kept},
    user::email,
};

/// The setting that says how many there may be.
const VERIFICATIONS: &str = "rate_limit_verify";

#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    token: String,
    r#type: Purpose,
    redirect_to: Option<String>,
}

/// `GET /verify`, as a browser follows the link: without a key, and on to the site with the session
/// (or the error) behind `#`.
pub(super) async fn follow(asked: Asked, Query(link): Query<Link>) -> Answer<Response> {
    let project = running(&asked.cloud.core, &asked.project)?;
    let auth = Auth::of(&asked.cloud, project).await?;
    auth.count_request(VERIFICATIONS)?;
    let site = auth.redirect(link.redirect_to.as_deref());
    let let_in = auth.let_in(&link.token, link.r#type).await;
    let mut fragment = url::form_urlencoded::Serializer::new(String::new());
    match let_in {
        Ok(session) => {
            for name in [
                "access_token",
                "expires_at",
                "expires_in",
                "refresh_token",
                "token_type",
            ] {
                let value = &session[name];
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                fragment.append_pair(name, &text);
            }
            fragment.append_pair("type", link.r#type.name());
        }
        Err(AuthError::Said(_, code, words)) => {
            fragment.append_pair("error", "access_denied");
            fragment.append_pair("error_code", code);
            fragment.append_pair("error_description", &words);
        }
        Err(error) => return Err(error),
    }
    Ok(Redirect::to(&format!("{site}#{}", fragment.finish())).into_response())
}

/// `POST /verify`: by the link's hash (`token_hash`), or by address and code.
pub(super) async fn verify(asked: Asked, bytes: Bytes) -> Answer<Response> {
    #[derive(Deserialize)]
    struct Proof {
        r#type: Purpose,
        token_hash: Option<String>,
        token: Option<String>,
        email: Option<String>,
    }
    let auth = Auth::of(&asked.cloud, asked.access()?.project).await?;
    auth.count_request(VERIFICATIONS)?;
    let proof: Proof = body(&bytes)?;
    let token = match (proof.token_hash, proof.token, proof.email) {
        (Some(hash), _, _) => hash,
        (None, Some(code), Some(address)) => hashed(&email(&address)?, &code),
        _ => {
            return Err(AuthError::invalid(
                "Verify requires a token or a token hash",
            ));
        }
    };
    Ok(ok(&auth.let_in(&token, proof.r#type).await?))
}

impl Auth {
    /// Uses a link's token up and lets its user in.
    async fn let_in(&self, token: &str, purpose: Purpose) -> Answer<Value> {
        let lasts = self.settings.number("mailer_otp_exp").to_string();
        let (hash, now) = (kept(token), self.now());
        let parameters = [hash.as_str(), purpose.kinds(), &now, &lasts].map(Some);
        let used = self.run(Statement::UseLink, &parameters).await?;
        let in_time = used.first().filter(|row| row["in_time"] == true);
        let Some(id) = in_time.and_then(|row| row["user_id"].as_str()) else {
            let words = "Email link is invalid or has expired";
            return Err(AuthError::new(403, "otp_expired", words));
        };
        let owner = self.user(id).await?;
        if owner.is_banned(self.cloud.core.now()) {
            return Err(AuthError::new(403, "user_banned", "User is banned"));
        }
        self.run(Statement::ConfirmUser, &[Some(id), Some(&now)])
            .await?;
        self.sign_in(&owner, "otp").await
    }
}
