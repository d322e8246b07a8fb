//! Users as the project's own server manages them.

use axum::{
    extract::Query,
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    super::{super::sent::SentSecret, asked::Asked},
    Answer, Auth, AuthError, Statement,
    answer::{body, ok},
    user::{User, banned_until, email},
};

#[derive(Deserialize)]
pub(super) struct Page {
    page: Option<usize>,
    per_page: Option<usize>,
}

/// `GET /admin/users` (`adminListUsers`).
pub(super) async fn list(asked: Asked, Query(page): Query<Page>) -> Answer<Response> {
    let auth = Auth::admin(&asked, false).await?;
    let (page, size) = (
        page.page.unwrap_or(1).max(1),
        page.per_page.unwrap_or(50).max(1),
    );
    let users = auth.users(Statement::Users, &[]).await?;
    let (total, last) = (users.len(), users.len().div_ceil(size).max(1));
    let shown = users
        .iter()
        .skip((page - 1) * size)
        .take(size)
        .map(User::to_json);
    let mut answer = ok(&json!({ "users": shown.collect::<Value>(), "aud": "authenticated" }));
    let link = |page: usize, name: &str| {
        format!(
            "<{}/admin/users?page={page}&per_page={size}>; rel=\"{name}\"",
            auth.url()
        )
    };
    let mut links = Vec::new();
    if page < last {
        links.push(link(page + 1, "next"));
    }
    links.push(link(last, "last"));
    if let Ok(links) = HeaderValue::try_from(links.join(", ")) {
        answer.headers_mut().insert(header::LINK, links);
    }
    let count = HeaderName::from_static("x-total-count");
    answer.headers_mut().insert(count, HeaderValue::from(total));
    Ok(answer)
}

/// The body of a creation or change (`AdminUserParams`).
#[derive(Deserialize)]
struct Parameters {
    id: Option<String>,
    role: Option<String>,
    email: Option<String>,
    password: Option<SentSecret>,
    #[serde(default)]
    email_confirm: bool,
    user_metadata: Option<Map<String, Value>>,
    app_metadata: Option<Map<String, Value>>,
    ban_duration: Option<String>,
}

/// `POST /admin/users` (`adminCreateUser`).
pub(super) async fn create(asked: Asked, bytes: Bytes) -> Answer<Response> {
    let auth = Auth::admin(&asked, true).await?;
    let wish: Parameters = body(&bytes)?;
    let words = "Cannot create a user without either an email or phone";
    let email = email(&wish.email.ok_or_else(|| AuthError::invalid(words))?)?;
    if auth.user_by_email(&email).await?.is_some() {
        return Err(AuthError::email_exists());
    }
    let mut new = auth.new_user(email)?;
    if let Some(id) = wish.id {
        let id = uuid::Uuid::parse_str(&id)
            .map_err(|_| AuthError::invalid("ID must conform to the uuid v4 format"))?;
        new.id = id.to_string();
    }
    if let Some(role) = wish.role.filter(|role| !role.is_empty()) {
        new.role = role;
    }
    new.password = wish.password.map(|password| password.0);
    new.confirmed = wish.email_confirm;
    new.user_metadata = wish.user_metadata.unwrap_or_default();
    new.app_metadata = wish.app_metadata.unwrap_or_default();
    if let Some(duration) = wish.ban_duration {
        new.banned_until = banned_until(&duration, auth.cloud.core.now())?;
    }
    Ok(ok(&auth.add(new).await?.to_json()))
}

/// `GET /admin/users/{user}` (`adminGetUser`).
pub(super) async fn get(asked: Asked) -> Answer<Response> {
    let auth = Auth::admin(&asked, false).await?;
    Ok(ok(&auth.user(&asked.name).await?.to_json()))
}

/// `PUT /admin/users/{user}` (`adminUpdateUser`).
pub(super) async fn change(asked: Asked, bytes: Bytes) -> Answer<Response> {
    let auth = Auth::admin(&asked, true).await?;
    let wish: Parameters = body(&bytes)?;
    let user = auth.user(&asked.name).await?;
    let email = wish.email.as_deref().map(email).transpose()?;
    let hash = match wish.password {
        Some(password) => Some(auth.hash(password.0).await?),
        None => None,
    };
    let banned = wish
        .ban_duration
        .map(|duration| banned_until(&duration, auth.cloud.core.now()));
    let banned = banned.transpose()?;
    let metadata = |map: Option<Map<String, Value>>| map.map(|map| Value::Object(map).to_string());
    let (app, own) = (metadata(wish.app_metadata), metadata(wish.user_metadata));
    let now = auth.now();
    let until = banned.flatten().map(|until| until.to_string());
    let parameters = [
        Some(user.id()),
        email.as_deref(),
        hash.as_deref(),
        wish.role.as_deref(),
        Some(if wish.email_confirm { "true" } else { "false" }),
        Some(now.as_str()),
        app.as_deref(),
        own.as_deref(),
        Some(if banned.is_some() { "true" } else { "false" }),
        until.as_deref(),
    ];
    auth.run(Statement::ChangeUser, &parameters).await?;
    Ok(ok(&auth.user(user.id()).await?.to_json()))
}

/// `DELETE /admin/users/{user}` (`adminDeleteUser`). The answer is `{}`.
pub(super) async fn delete(asked: Asked, bytes: Bytes) -> Answer<Response> {
    #[derive(Deserialize, Default)]
    struct Deletion {
        #[serde(default)]
        should_soft_delete: bool,
    }
    let auth = Auth::admin(&asked, true).await?;
    let wish: Deletion = if bytes.is_empty() {
        Deletion::default()
    } else {
        body(&bytes)?
    };
    let user = auth.user(&asked.name).await?;
    if wish.should_soft_delete {
        let now = auth.now();
        let parameters = [Some(user.id()), Some(&now)];
        auth.run(Statement::RetireUser, &parameters).await?;
    } else {
        auth.run(Statement::RemoveUser, &[Some(user.id())]).await?;
    }
    Ok(ok(&json!({})))
}
