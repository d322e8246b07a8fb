//! Mail. Bodies are sealed on disk: a welcome mail holds a sign-in link.

use std::time::Duration;

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, Query},
    http::{HeaderMap, StatusCode},
};
use fabrik_domain::{
    provider::Provider,
    secret::{ExposeSecret, Secret},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    account::ResendAccount, domains::is_verified, idempotency::Key, refused, require_full_access,
};
use crate::{
    answer::{Answer, Refusal, json_answer},
    error::SandboxError,
    platform::Core,
    token::Token,
};

/// The sender that needs no domain and reaches the account's own address alone.
const TEST_DOMAIN: &str = "resend.dev";
const OWN_ADDRESS: &str = "owner@sandbox-agency.example";
const RECIPIENTS: usize = 50;
const DAY: Duration = Duration::from_hours(24);
const MONTH: Duration = Duration::from_hours(24 * 30);

/// A mail as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Email {
    id: String,
    from: String,
    to: Vec<String>,
    cc: Vec<String>,
    bcc: Vec<String>,
    reply_to: Vec<String>,
    subject: String,
    /// Sealed.
    html: Option<String>,
    /// Sealed.
    text: Option<String>,
    headers: Value,
    tags: Value,
    created: Timestamp,
    last_event: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Addresses {
    One(String),
    Many(Vec<String>),
}

impl Addresses {
    fn list(wanted: Option<Self>) -> Vec<String> {
        match wanted {
            None => Vec::new(),
            Some(Self::One(address)) => vec![address],
            Some(Self::Many(addresses)) => addresses,
        }
    }
}

#[derive(Deserialize)]
struct Send {
    from: Option<String>,
    to: Option<Addresses>,
    subject: Option<String>,
    html: Option<String>,
    text: Option<String>,
    cc: Option<Addresses>,
    bcc: Option<Addresses>,
    #[serde(alias = "replyTo")]
    reply_to: Option<Addresses>,
    #[serde(default)]
    headers: Value,
    #[serde(default)]
    tags: Value,
}

/// `POST /emails`, `emails/send`.
pub(super) async fn send(core: Core, headers: HeaderMap, body: Bytes) -> Answer {
    let _turn = core.turn(Provider::Resend);
    let key = Key::of(&headers, &body)?;
    if let Some(sent) = key
        .as_ref()
        .map(|key| key.sent(&core))
        .transpose()?
        .flatten()
    {
        return json_answer(StatusCode::OK, &json!({ "id": sent }));
    }
    let wish: Send = serde_json::from_slice(&body)
        .map_err(|error| invalid("validation_error", &error.to_string()))?;
    let email = accept(&core, wish)?;
    if let Some(key) = key {
        key.keep(&core, &email.id)?;
    }
    core.documents(Provider::Resend)
        .put("email", &email.id, &email)?;
    json_answer(StatusCode::OK, &json!({ "id": email.id }))
}

fn accept(core: &Core, wish: Send) -> Result<Email, Refusal> {
    let missing = |field: &str| {
        invalid(
            "missing_required_field",
            &format!("Missing `{field}` field."),
        )
    };
    let from = wish.from.ok_or_else(|| missing("from"))?;
    let to = Addresses::list(wish.to);
    let subject = wish.subject.ok_or_else(|| missing("subject"))?;
    if to.is_empty() {
        return Err(missing("to"));
    }
    if wish.html.is_none() && wish.text.is_none() {
        return Err(invalid(
            "missing_required_field",
            "Missing `html` or `text` field.",
        ));
    }
    if to.len() > RECIPIENTS {
        return Err(invalid(
            "validation_error",
            "The `to` field must hold at most 50 addresses.",
        ));
    }
    let sender = address(&from).ok_or_else(|| {
        invalid("invalid_from_address", "Invalid `from` field. The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.")
    })?;
    let cc = Addresses::list(wish.cc);
    let bcc = Addresses::list(wish.bcc);
    if to
        .iter()
        .chain(&cc)
        .chain(&bcc)
        .any(|to| address(to).is_none())
    {
        return Err(invalid(
            "validation_error",
            "Invalid `to` field. The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.",
        ));
    }
    require_sender(core, sender, &to)?;
    let account: ResendAccount = core.account()?;
    let documents = core.documents(Provider::Resend);
    let quotas = [
        (account.daily_quota, DAY, "daily"),
        (account.monthly_quota, MONTH, "monthly"),
    ];
    for (quota, span, name) in quotas {
        let Some(quota) = quota else { continue };
        let since = core.now() - span;
        let recent = documents.wanted("email", |email: &Email| email.created > since)?;
        if recent.len() >= quota {
            return Err(refused(
                StatusCode::TOO_MANY_REQUESTS,
                &format!("{name}_quota_exceeded"),
                &format!("You have reached your {name} email sending quota."),
            ));
        }
    }
    let number = documents.next("email")?;
    let seal = |body: Option<String>| {
        body.map(|body| documents.seal(&Secret::from(body)))
            .transpose()
    };
    Ok(Email {
        id: core.seeded(&format!("resend/email/{number}")).uuid(),
        from,
        to,
        cc,
        bcc,
        reply_to: Addresses::list(wish.reply_to),
        subject,
        html: seal(wish.html)?,
        text: seal(wish.text)?,
        headers: wish.headers,
        tags: wish.tags,
        created: core.now(),
        last_event: account.last_event,
    })
}

fn invalid(name: &str, message: &str) -> Refusal {
    refused(StatusCode::UNPROCESSABLE_ENTITY, name, message)
}

/// The address in `address` or `Name <address>`.
fn address(text: &str) -> Option<&str> {
    let address = match text.split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>')?,
        None => text,
    };
    let (local, domain) = address.split_once('@')?;
    let plain = |part: &str| {
        !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@' || c == '<')
    };
    (plain(local) && plain(domain) && domain.contains('.') && !text.contains(['\r', '\n']))
        .then_some(address)
}

fn require_sender(core: &Core, sender: &str, to: &[String]) -> Result<(), Refusal> {
    let domain = sender.rsplit_once('@').map_or("", |(_, domain)| domain);
    if domain == TEST_DOMAIN {
        if to.iter().all(|to| address(to) == Some(OWN_ADDRESS)) {
            return Ok(());
        }
        let message =
            format!("You can only send testing emails to your own email address ({OWN_ADDRESS}).");
        return Err(refused(StatusCode::FORBIDDEN, "validation_error", &message));
    }
    if is_verified(core, domain)? {
        return Ok(());
    }
    let message = format!(
        "The {domain} domain is not verified. Please, add and verify your domain on https://resend.com/domains"
    );
    Err(refused(StatusCode::FORBIDDEN, "validation_error", &message))
}

impl Email {
    fn show(&self, core: &Core, bodies: bool) -> Result<Value, SandboxError> {
        let mut shown = json!({
            "object": "email", "id": self.id, "message_id": format!("<{}@resend.sandbox>", self.id),
            "from": self.from, "to": self.to, "cc": self.cc, "bcc": self.bcc,
            "reply_to": self.reply_to, "subject": self.subject,
            "created_at": self.created.to_string(), "last_event": self.last_event,
        });
        if bodies {
            for (name, sealed) in [("html", &self.html), ("text", &self.text)] {
                if let Some(sealed) = sealed {
                    let body = core.documents(Provider::Resend).unseal(sealed)?;
                    shown[name] = Value::String(body.expose_secret().to_owned());
                }
            }
        }
        Ok(shown)
    }
}

/// Everything that was sent, oldest first, with bodies, headers and tags: for people and tests.
pub(crate) fn sent(core: &Core) -> Result<Vec<Value>, SandboxError> {
    let all = core.documents(Provider::Resend).all::<Email>("email")?;
    let shown = all.iter().map(|email| {
        let mut shown = email.show(core, true)?;
        shown["headers"] = email.headers.clone();
        shown["tags"] = email.tags.clone();
        Ok(shown)
    });
    shown.collect()
}

#[derive(Deserialize)]
pub(super) struct Page {
    limit: Option<usize>,
    after: Option<String>,
    before: Option<String>,
}

/// `GET /emails`, `emails/list`: newest first, without bodies.
pub(super) async fn list(
    core: Core,
    Extension(token): Extension<Token>,
    Query(page): Query<Page>,
) -> Answer {
    require_full_access(&token)?;
    let mut all = core
        .documents(Provider::Resend)
        .listed("email", |_: &Email| true)?;
    all.reverse();
    if let Some(after) = &page.after {
        let position = all
            .iter()
            .position(|email| email.id == *after)
            .map_or(all.len(), |at| at + 1);
        all.drain(..position);
    }
    if let Some(position) = page
        .before
        .as_ref()
        .and_then(|id| all.iter().position(|email| email.id == *id))
    {
        all.truncate(position);
    }
    let limit = page.limit.unwrap_or(20).clamp(1, 100);
    let shown = all.iter().take(limit).map(|email| email.show(&core, false));
    let shown = shown.collect::<Result<Vec<_>, _>>()?;
    let body = json!({ "object": "list", "has_more": all.len() > limit, "data": shown });
    json_answer(StatusCode::OK, &body)
}

/// `GET /emails/{email_id}`, `emails/get`.
pub(super) async fn get(
    core: Core,
    Extension(token): Extension<Token>,
    Path(id): Path<String>,
) -> Answer {
    require_full_access(&token)?;
    let email = core
        .documents(Provider::Resend)
        .get::<Email>("email", &id)?;
    let email =
        email.ok_or_else(|| refused(StatusCode::NOT_FOUND, "not_found", "Email not found"))?;
    json_answer(StatusCode::OK, &email.show(&core, true)?)
}
