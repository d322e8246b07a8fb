//! Who asks a project's own API: the key says which project's, the bearer who.

use axum::http::{HeaderMap, StatusCode, Uri, header};
use fabrik_domain::provider::Provider;
use fabrik_postgres::{ApiRole, Caller, Login};
use serde_json::{Value, json};

use super::super::{
    jwt::{Fault, Signer},
    keys::{self, Kind},
    project::{Project, Status},
};
use crate::{error::SandboxError, platform::Core, token::bearer};

/// Who asks.
pub(super) struct Access {
    pub(super) project: Project,
    pub(super) role: ApiRole,
    /// The bearer's claims, or the key's where none was sent.
    pub(super) claims: Value,
    /// The kind of the key.
    pub(super) key: Kind,
}

/// Why nobody may ask.
pub(super) enum Denied {
    /// The project is not there, does not run, or not yet.
    Down(StatusCode, &'static str),
    /// No key was sent.
    NoKey,
    /// A key that is none of the project's.
    WrongKey,
    /// A secret key from a browser.
    Browser,
    /// A bearer that is no token of the project.
    BadToken(Fault),
    /// The sandbox failed.
    Sandbox(SandboxError),
}

impl From<SandboxError> for Denied {
    fn from(error: SandboxError) -> Self {
        Self::Sandbox(error)
    }
}

impl Access {
    /// Looks at key and bearer.
    pub(super) fn of(
        core: &Core,
        reference: &str,
        headers: &HeaderMap,
        uri: &Uri,
    ) -> Result<Self, Denied> {
        let project = running(core, reference)?;
        let sent = sent_key(headers, uri).ok_or(Denied::NoKey)?;
        let key = keys::find(core, &project, &sent)?.ok_or(Denied::WrongKey)?;
        let agent = headers
            .get(header::USER_AGENT)
            .and_then(|agent| agent.to_str().ok());
        if key.kind == Kind::Secret && agent.is_some_and(|agent| agent.contains("Mozilla/")) {
            return Err(Denied::Browser);
        }
        let (role, claims) = match bearer(headers) {
            None => (
                key.role(),
                json!({ "iss": "supabase", "role": key.role().name() }),
            ),
            Some(token) => {
                let signer = Signer::of(core, reference);
                let claims = signer.verify(token, core.now()).map_err(Denied::BadToken)?;
                let role = claims["role"].as_str().and_then(ApiRole::named);
                (role.ok_or(Denied::BadToken(Fault::Malformed))?, claims)
            }
        };
        Ok(Self {
            key: key.kind,
            project,
            role,
            claims,
        })
    }

    /// How the caller is in the database.
    pub(super) fn login(&self, read_only: bool) -> Login {
        Login::Api(Caller {
            role: self.role,
            claims: self.claims.clone(),
            read_only,
        })
    }

    /// The user that has signed in.
    pub(super) fn user(&self) -> Option<&str> {
        self.claims["sub"].as_str()
    }
}

/// The project, where its services run.
pub(super) fn running(core: &Core, reference: &str) -> Result<Project, Denied> {
    let now = core.now();
    let documents = core.documents(Provider::Supabase);
    let project: Option<Project> = documents.get("project", reference)?;
    let down = |status: u16, words| {
        Denied::Down(
            StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY),
            words,
        )
    };
    match project {
        Some(project) if project.services_run(now) => Ok(project),
        Some(project) => Err(match project.status(now) {
            Status::Pausing | Status::Inactive => down(540, "Project paused"),
            _ => down(503, "Project is not ready"),
        }),
        None => Err(down(404, "Project not found")),
    }
}

/// The header `apikey`, or the parameter.
fn sent_key(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    if let Some(key) = headers.get("apikey") {
        return key.to_str().ok().map(str::to_owned);
    }
    let query = uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "apikey")
        .map(|(_, key)| key.into_owned())
}

impl Denied {
    /// The gateway's own answer: status, message, hint. `None` where the service behind it answers.
    pub(super) fn words(&self) -> Option<(StatusCode, &'static str, &'static str)> {
        Some(match self {
            Self::Down(status, words) => (*status, words, ""),
            Self::NoKey => (
                StatusCode::UNAUTHORIZED,
                "No API key found in request",
                "No `apikey` request header or url param was found.",
            ),
            Self::WrongKey => (
                StatusCode::UNAUTHORIZED,
                "Invalid API key",
                "Double check your Supabase `anon` or `service_role` API key.",
            ),
            Self::Browser => (
                StatusCode::UNAUTHORIZED,
                "Forbidden use of secret API key in browser",
                "Secret API keys can only be used in a protected environment and should never be used in a browser.",
            ),
            Self::BadToken(_) | Self::Sandbox(_) => return None,
        })
    }
}
