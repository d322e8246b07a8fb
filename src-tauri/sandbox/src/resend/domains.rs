//! Sender domains.

use axum::{Extension, body::Bytes, extract::Path, http::StatusCode};
use fabrik_domain::provider::Provider;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{account::ResendAccount, refused, require_full_access};
use crate::{
    answer::{Answer, Refusal, json_answer},
    environment::MAIL_DOMAIN,
    error::SandboxError,
    platform::Core,
    token::Token,
};

const KIND: &str = "domain";

/// A domain as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Domain {
    id: String,
    name: String,
    region: String,
    created: Timestamp,
    /// `None` for the agency's own, which follows the account's switch.
    status: Option<String>,
}

/// The agency's own domain, where it is not there.
pub(crate) fn seed(core: &Core) -> Result<(), SandboxError> {
    let documents = core.documents(Provider::Resend);
    if !documents.ids(KIND).is_empty() {
        return Ok(());
    }
    let domain = Domain {
        id: core.seeded("resend/domain").uuid(),
        name: MAIL_DOMAIN.to_owned(),
        region: "eu-west-1".to_owned(),
        created: core.now(),
        status: None,
    };
    documents.put(KIND, &domain.id, &domain)
}

/// Whether mail may be sent from this domain.
pub(super) fn is_verified(core: &Core, name: &str) -> Result<bool, Refusal> {
    let account: ResendAccount = core.account()?;
    let all = core.documents(Provider::Resend).all::<Domain>(KIND)?;
    let domain = all
        .iter()
        .find(|domain| domain.name.eq_ignore_ascii_case(name));
    Ok(domain.is_some_and(|domain| domain.status(&account) == "verified"))
}

impl Domain {
    fn status<'a>(&'a self, account: &'a ResendAccount) -> &'a str {
        self.status.as_deref().unwrap_or(&account.domain_status)
    }

    fn show(&self, core: &Core, records: bool) -> Result<Value, SandboxError> {
        let account: ResendAccount = core.account()?;
        let status = self.status(&account);
        let mut shown = json!({
            "id": self.id, "name": self.name, "status": status, "region": self.region,
            "created_at": self.created.to_string(), "open_tracking": false, "click_tracking": false,
            "capabilities": { "sending": "enabled", "receiving": "disabled" },
        });
        if records {
            let key = core
                .seeded(&format!("resend/dkim/{}", self.id))
                .alphanumeric(216);
            shown["records"] = json!([
                { "record": "SPF", "name": "send", "type": "MX", "ttl": "Auto", "status": status,
                  "value": format!("feedback-smtp.{}.amazonses.com", self.region), "priority": 10 },
                { "record": "SPF", "name": "send", "type": "TXT", "ttl": "Auto", "status": status,
                  "value": "v=spf1 include:amazonses.com ~all" },
                { "record": "DKIM", "name": "resend._domainkey", "type": "TXT", "ttl": "Auto",
                  "status": status, "value": format!("p={key}") },
            ]);
        }
        Ok(shown)
    }
}

/// `GET /domains`, `domains/list`.
pub(super) async fn list(core: Core, Extension(token): Extension<Token>) -> Answer {
    require_full_access(&token)?;
    let all = core
        .documents(Provider::Resend)
        .listed(KIND, |_: &Domain| true)?;
    let shown = all
        .iter()
        .map(|domain| domain.show(&core, false))
        .collect::<Result<Vec<_>, _>>()?;
    json_answer(
        StatusCode::OK,
        &json!({ "object": "list", "has_more": false, "data": shown }),
    )
}

#[derive(Deserialize)]
struct Create {
    name: String,
    region: Option<String>,
}

/// `POST /domains`, `domains/create`.
pub(super) async fn create(core: Core, Extension(token): Extension<Token>, body: Bytes) -> Answer {
    let _turn = core.turn(Provider::Resend);
    require_full_access(&token)?;
    let wish: Create = serde_json::from_slice(&body).map_err(|error| {
        refused(
            StatusCode::UNPROCESSABLE_ENTITY,
            "validation_error",
            &error.to_string(),
        )
    })?;
    let documents = core.documents(Provider::Resend);
    if documents
        .all::<Domain>(KIND)?
        .iter()
        .any(|domain| domain.name == wish.name)
    {
        return Err(refused(
            StatusCode::FORBIDDEN,
            "validation_error",
            "This domain has been registered already.",
        ));
    }
    let number = documents.next(KIND)?;
    let domain = Domain {
        id: core.seeded(&format!("resend/domain/{number}")).uuid(),
        name: wish.name,
        region: wish.region.unwrap_or_else(|| "us-east-1".to_owned()),
        created: core.now(),
        status: Some("not_started".to_owned()),
    };
    documents.put(KIND, &domain.id, &domain)?;
    json_answer(StatusCode::CREATED, &domain.show(&core, true)?)
}

fn wanted(core: &Core, token: &Token, id: &str) -> Result<Domain, Refusal> {
    require_full_access(token)?;
    let domain = core.documents(Provider::Resend).get::<Domain>(KIND, id)?;
    domain.ok_or_else(|| refused(StatusCode::NOT_FOUND, "not_found", "Domain not found"))
}

/// `GET /domains/{domain_id}`, `domains/get`.
pub(super) async fn get(
    core: Core,
    Extension(token): Extension<Token>,
    Path(id): Path<String>,
) -> Answer {
    let mut shown = wanted(&core, &token, &id)?.show(&core, true)?;
    shown["object"] = json!("domain");
    json_answer(StatusCode::OK, &shown)
}

/// `POST /domains/{domain_id}/verify`, `domains/verify`: starts a check. There is no DNS here, so
/// the records count as set.
pub(super) async fn verify(
    core: Core,
    Extension(token): Extension<Token>,
    Path(id): Path<String>,
) -> Answer {
    let _turn = core.turn(Provider::Resend);
    let mut domain = wanted(&core, &token, &id)?;
    if domain.status.is_some() {
        domain.status = Some("verified".to_owned());
        core.documents(Provider::Resend)
            .put(KIND, &domain.id, &domain)?;
    }
    json_answer(
        StatusCode::OK,
        &json!({ "object": "domain", "id": domain.id }),
    )
}

/// `DELETE /domains/{domain_id}`, `domains/remove`.
pub(super) async fn remove(
    core: Core,
    Extension(token): Extension<Token>,
    Path(id): Path<String>,
) -> Answer {
    let _turn = core.turn(Provider::Resend);
    let domain = wanted(&core, &token, &id)?;
    core.documents(Provider::Resend).remove(KIND, &domain.id)?;
    json_answer(
        StatusCode::OK,
        &json!({ "object": "domain", "id": domain.id, "deleted": true }),
    )
}
