//! Signing in and out, and what a user sees and changes of itself.

use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use fabrik_domain::secret::ExposeSecret;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    super::{super::sent::SentSecret, asked::Asked},
    Answer, Auth, AuthError, Statement,
    answer::{body, ok},
    session::kept,
    user::{User, email},
};

#[derive(Deserialize)]
pub(super) struct Grant {
    grant_type: Option<String>,
}

/// `POST /token` (`token`): by password, or to renew a session.
pub(super) async fn token(
    asked: Asked,
    Query(grant): Query<Grant>,
    bytes: Bytes,
) -> Answer<Response> {
    let auth = Auth::of(&asked.cloud, asked.access()?.project).await?;
    auth.count_request("rate_limit_token_refresh")?;
    match grant.grant_type.as_deref() {
        Some("password") => by_password(&auth, &bytes).await,
        Some("refresh_token") => renew(&auth, &bytes).await,
        _ => Err(AuthError::new(
            400,
            "invalid_credentials",
            "unsupported_grant_type",
        )),
    }
}

async fn by_password(auth: &Auth, bytes: &[u8]) -> Answer<Response> {
    #[derive(Deserialize)]
    struct Credentials {
        email: String,
        password: SentSecret,
    }
    let asked: Credentials = body(bytes)?;
    let wrong = || AuthError::new(400, "invalid_credentials", "Invalid login credentials");
    let user = auth
        .user_by_email(&email(&asked.email)?)
        .await?
        .ok_or_else(wrong)?;
    if user.is_banned(auth.cloud.core.now()) {
        return Err(AuthError::new(400, "user_banned", "User is banned"));
    }
    if !user.has_password(asked.password.0).await {
        return Err(wrong());
    }
    if !user.is_confirmed() && !auth.settings.is_on("mailer_autoconfirm") {
        return Err(AuthError::new(
            400,
            "email_not_confirmed",
            "Email not confirmed",
        ));
    }
    Ok(ok(&auth.sign_in(&user, "password").await?))
}

async fn renew(auth: &Auth, bytes: &[u8]) -> Answer<Response> {
    #[derive(Deserialize)]
    struct Renewal {
        refresh_token: SentSecret,
    }
    let asked: Renewal = body(bytes)?;
    let (hash, now) = (kept(asked.refresh_token.0.expose_secret()), auth.now());
    let parameters = [Some(hash.as_str()), Some(&now)];
    let used = auth.run(Statement::UseRefreshToken, &parameters).await?;
    let Some(row) = used.first() else {
        let words = "Invalid Refresh Token: Refresh Token Not Found";
        return Err(AuthError::new(400, "refresh_token_not_found", words));
    };
    let owner = auth
        .user(row["user_id"].as_str().unwrap_or_default())
        .await?;
    if owner.is_banned(auth.cloud.core.now()) {
        return Err(AuthError::new(400, "user_banned", "User is banned"));
    }
    let session = row["session_id"].as_str().unwrap_or_default();
    Ok(ok(&auth.tokens(&owner, session, "token_refresh").await?))
}

/// The user whose token this is.
async fn signed_in(asked: &Asked) -> Answer<(Auth, User, String)> {
    let access = asked.access()?;
    let Some(id) = access.user().map(str::to_owned) else {
        return Err(AuthError::bad_jwt("missing sub claim"));
    };
    let session = access.claims["session_id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let auth = Auth::of(&asked.cloud, access.project).await?;
    let parameters = [Some(session.as_str()), Some(&id)];
    let known = auth.run(Statement::FindSession, &parameters).await?;
    if known.rows.is_empty() {
        let words = "Session from session_id claim in JWT does not exist";
        return Err(AuthError::new(403, "session_not_found", words));
    }
    let user = auth.user(&id).await?;
    Ok((auth, user, session))
}

/// `GET /user` (`getUser`).
pub(super) async fn user(asked: Asked) -> Answer<Response> {
    let (_, user, _) = signed_in(&asked).await?;
    Ok(ok(&user.to_json()))
}

/// `PUT /user` (`updateUser`): the password and the user's own metadata.
pub(super) async fn change_user(asked: Asked, bytes: Bytes) -> Answer<Response> {
    #[derive(Deserialize)]
    struct Change {
        password: Option<SentSecret>,
        data: Option<Map<String, Value>>,
    }
    let wish: Change = body(&bytes)?;
    let (auth, user, _) = signed_in(&asked).await?;
    let hash = match wish.password {
        Some(password) if user.has_password(password.0.clone()).await => {
            let words = "New password should be different from the old password.";
            return Err(AuthError::new(422, "same_password", words));
        }
        Some(password) => Some(auth.hash(password.0).await?),
        None => None,
    };
    let data = wish.data.map(|data| Value::Object(data).to_string());
    let now = auth.now();
    let parameters = [
        Some(user.id()),
        hash.as_deref(),
        data.as_deref(),
        Some(&now),
    ];
    auth.run(Statement::ChangeOwn, &parameters).await?;
    Ok(ok(&auth.user(user.id()).await?.to_json()))
}

/// `POST /logout` (`logout`): ends the session.
pub(super) async fn logout(asked: Asked) -> Answer<Response> {
    let (auth, _, session) = signed_in(&asked).await?;
    auth.run(Statement::CloseSession, &[Some(&session)]).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
