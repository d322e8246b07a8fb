//! Which tokens the vendors accept. Records hold hashes, not tokens.

use axum::http::HeaderMap;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fabrik_domain::{
    provider::Provider,
    secret::{ExposeSecret, Secret},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{documents::Documents, error::SandboxError, n8n, seeded::Seeded};

/// A token that a vendor accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Token {
    /// The vendor's key, such as `github`.
    pub(crate) provider: String,
    /// What it may do, in the vendor's words; `None` is everything. GitHub: the classic scopes.
    /// Resend: `full_access` or `sending_access`. Supabase: permissions, as `database_write`.
    pub(crate) scopes: Option<Vec<String>>,
    /// What it may touch at all; `None` is everything. Supabase: organisations' slugs and projects'
    /// refs. GitHub: repositories, as `owner/name` or by number. Vercel: teams, by id or slug. Gitea: owners or
    /// repositories. n8n has no such keys: there it is another member's, of this name.
    #[serde(default)]
    pub(crate) only: Option<Vec<String>>,
}

impl Token {
    /// Whether it may touch what has one of these names.
    pub(crate) fn sees(&self, names: &[&str]) -> bool {
        self.only.as_ref().is_none_or(|only| {
            only.iter()
                .any(|seen| names.iter().any(|name| seen.eq_ignore_ascii_case(name)))
        })
    }

    /// Whether it may do what this scope allows.
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes
            .as_ref()
            .is_none_or(|scopes| scopes.iter().any(|known| known == scope))
    }
}

/// The tokens known. Those of a provider are looked up by hash.
pub(crate) struct Tokens {
    documents: Documents,
}

impl Tokens {
    pub(crate) fn new(documents: &Documents) -> Self {
        Self {
            documents: documents.of("sandbox"),
        }
    }

    /// Accepts a token, or changes what it may do and touch.
    pub(crate) fn register(
        &self,
        provider: Provider,
        token: &Secret,
        accepted: &Token,
    ) -> Result<(), SandboxError> {
        let hash = hash(provider, token.expose_secret());
        self.documents.remove("revoked", &hash)?;
        self.documents.put("token", &hash, accepted)
    }

    /// Accepts a token no longer, over restarts too; whether it was accepted.
    pub(crate) fn revoke(&self, provider: Provider, token: &Secret) -> Result<bool, SandboxError> {
        let hash = hash(provider, token.expose_secret());
        self.documents.put("revoked", &hash, &true)?;
        self.documents.remove("token", &hash)
    }

    /// Accepts a token that the sandbox itself hands out, unless it was narrowed before.
    pub(crate) fn register_new(
        &self,
        provider: Provider,
        token: &Secret,
    ) -> Result<(), SandboxError> {
        if self.find(provider, token.expose_secret())?.is_some() {
            return Ok(());
        }
        let everything = Token {
            provider: provider.key().to_owned(),
            scopes: None,
            only: None,
        };
        self.register(provider, token, &everything)
    }

    /// Whether the token was revoked.
    pub(crate) fn is_revoked(
        &self,
        provider: Provider,
        token: &Secret,
    ) -> Result<bool, SandboxError> {
        let revoked = self
            .documents
            .get::<bool>("revoked", &hash(provider, token.expose_secret()))?;
        Ok(revoked.unwrap_or_default())
    }

    /// The token, where the provider accepts it.
    pub(crate) fn find(
        &self,
        provider: Provider,
        token: &str,
    ) -> Result<Option<Token>, SandboxError> {
        self.documents.get("token", &hash(provider, token))
    }
}

fn hash(provider: Provider, token: &str) -> String {
    let digest = Sha256::new()
        .chain_update(provider.key())
        .chain_update([0])
        .chain_update(token);
    hex::encode(digest.finalize())
}

/// The token of `Authorization: Bearer …`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// As [`bearer`]; GitHub and Gitea also take the word `token`.
pub(crate) fn bearer_or_token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    ["bearer", "token"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
        .then_some(token.trim())
}

/// n8n's keys are signed notes that name their user.
fn key_of_n8n(id: &str, signature: &str) -> String {
    let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let head = part(json!({ "alg": "HS256", "typ": "JWT" }));
    let note = json!({ "sub": n8n::OWNER, "iss": "n8n", "aud": "public-api", "jti": id });
    format!("{head}.{}.{signature}", part(note))
}

/// The token that a sandbox hands out for a provider, of the shape that vendor's tokens have.
pub(crate) fn made_up(provider: Provider, mut seeded: Seeded) -> Secret {
    let text = match provider {
        Provider::Supabase => format!("sbp_{}", seeded.hex(40)),
        Provider::GitHub => format!("ghp_{}", seeded.alphanumeric(36)),
        Provider::Vercel => seeded.alphanumeric(24),
        Provider::Resend => format!("re_{}_{}", seeded.alphanumeric(8), seeded.alphanumeric(24)),
        Provider::N8n => key_of_n8n(&seeded.uuid(), &seeded.alphanumeric(43)),
        Provider::Gitea => seeded.hex(40),
        Provider::Stripe => format!("rk_test_{}", seeded.alphanumeric(99)),
    };
    Secret::from(text)
}
