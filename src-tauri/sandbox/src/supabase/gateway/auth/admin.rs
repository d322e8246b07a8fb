//! Users as the project's own server manages them.

use axum::{
    Extension,
    extract::{Path, Query},
    http::{HeaderMap, HeaderName, HeaderValue, Uri, header},
    response::Response,
};
use bytes::Bytes;
use fabrik_postgres::Login;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    super::super::sent::SentSecret,
    Answer, Auth, AuthError, Cloud,
    answer::{body, ok},
    user::{NewUser, User, banned_until, email},
};

#[derive(Deserialize)]
pub(super) struct Page {
    page: Option<usize>,
    per_page: Option<usize>,
}

/// `GET /admin/users` (`adminListUsers`).
pub(super) async fn list(
    Extension(cloud): Extension<Cloud>,
    Path(project): Path<String>,
    Query(page): Query<Page>,
    headers: HeaderMap,
    uri: Uri,
) -> Answer<Response> {
    let auth = Auth::admin(&cloud, &project, &headers, &uri, false).await?;
    let (page, size) = (
        page.page.unwrap_or(1).max(1),
        page.per_page.unwrap_or(50).max(1),
    );
    let users = auth
        .users("true order by u.created_at desc, u.id", &[])
        .await?;
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
pub(super) async fn create(
    Extension(cloud): Extension<Cloud>,
    Path(project): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    bytes: Bytes,
) -> Answer<Response> {
    let auth = Auth::admin(&cloud, &project, &headers, &uri, true).await?;
    let asked: Parameters = body(&bytes)?;
    let words = "Cannot create a user without either an email or phone";
    let email = email(&asked.email.ok_or_else(|| AuthError::invalid(words))?)?;
    if auth.user_by_email(&email).await?.is_some() {
        return Err(AuthError::email_exists());
    }
    let mut new = NewUser::with_email(email);
    if let Some(id) = asked.id {
        let id = uuid::Uuid::parse_str(&id)
            .map_err(|_| AuthError::invalid("ID must conform to the uuid v4 format"))?;
        new.id = id.to_string();
    }
    if let Some(role) = asked.role.filter(|role| !role.is_empty()) {
        new.role = role;
    }
    new.password = asked.password.map(|password| password.0);
    new.confirmed = asked.email_confirm;
    new.user_metadata = asked.user_metadata.unwrap_or_default();
    new.app_metadata = asked.app_metadata.unwrap_or_default();
    if let Some(duration) = asked.ban_duration {
        new.banned_until = banned_until(&duration, cloud.core.now())?;
    }
    Ok(ok(&auth.add(new).await?.to_json()))
}

/// `GET /admin/users/{user}` (`adminGetUser`).
pub(super) async fn get(
    Extension(cloud): Extension<Cloud>,
    Path((project, user)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Answer<Response> {
    let auth = Auth::admin(&cloud, &project, &headers, &uri, false).await?;
    Ok(ok(&auth.user(&user).await?.to_json()))
}

/// `PUT /admin/users/{user}` (`adminUpdateUser`).
pub(super) async fn change(
    Extension(cloud): Extension<Cloud>,
    Path((project, user)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
    bytes: Bytes,
) -> Answer<Response> {
    let auth = Auth::admin(&cloud, &project, &headers, &uri, true).await?;
    let asked: Parameters = body(&bytes)?;
    let user = auth.user(&user).await?;
    let email = asked.email.as_deref().map(email).transpose()?;
    let hash = match asked.password {
        Some(password) => Some(auth.hash(password.0).await?),
        None => None,
    };
    let banned = asked
        .ban_duration
        .map(|duration| banned_until(&duration, cloud.core.now()));
    let banned = banned.transpose()?;
    let metadata = |map: Option<Map<String, Value>>| map.map(|map| Value::Object(map).to_string());
    let (app, own) = (metadata(asked.app_metadata), metadata(asked.user_metadata));
    let now = auth.now();
    // `null` leaves as it is; a key of metadata set to null goes.
    let sets = "
        email = coalesce($2, email),
        encrypted_password = coalesce($3, encrypted_password),
        role = coalesce($4, role),
        email_confirmed_at = case when $5::boolean
          then coalesce(email_confirmed_at, $6::timestamptz) else email_confirmed_at end,
        raw_app_meta_data = jsonb_strip_nulls(coalesce(raw_app_meta_data, '{}')
          || coalesce($7::jsonb, '{}')),
        raw_user_meta_data = jsonb_strip_nulls(coalesce(raw_user_meta_data, '{}')
          || coalesce($8::jsonb, '{}')),
        banned_until = case when $9::boolean then $10::timestamptz else banned_until end,
        updated_at = $6::timestamptz";
    let until = banned.flatten().map(|until| until.to_string());
    let parameters = [
        email.as_deref(),
        hash.as_deref(),
        asked.role.as_deref(),
        Some(if asked.email_confirm { "true" } else { "false" }),
        Some(now.as_str()),
        app.as_deref(),
        own.as_deref(),
        Some(if banned.is_some() { "true" } else { "false" }),
        until.as_deref(),
    ];
    auth.set(user.id(), sets, &parameters).await?;
    Ok(ok(&auth.user(user.id()).await?.to_json()))
}

/// `DELETE /admin/users/{user}` (`adminDeleteUser`). The answer is `{}`.
pub(super) async fn delete(
    Extension(cloud): Extension<Cloud>,
    Path((project, user)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
    bytes: Bytes,
) -> Answer<Response> {
    #[derive(Deserialize, Default)]
    struct Deletion {
        #[serde(default)]
        should_soft_delete: bool,
    }
    let auth = Auth::admin(&cloud, &project, &headers, &uri, true).await?;
    let asked: Deletion = if bytes.is_empty() {
        Deletion::default()
    } else {
        body(&bytes)?
    };
    let user = auth.user(&user).await?;
    if asked.should_soft_delete {
        let now = auth.now();
        // The address is free again, and nobody signs in as the user.
        let sets = "email = 'deleted-' || id, encrypted_password = '',
            deleted_at = $2::timestamptz";
        auth.set(user.id(), sets, &[Some(&now)]).await?;
    } else {
        let sql = "delete from users where id = $1::uuid";
        let deleted = auth
            .database
            .statement(&Login::Auth, sql, &[Some(user.id())])
            .await;
        deleted.map_err(AuthError::database)?;
    }
    Ok(ok(&json!({})))
}
