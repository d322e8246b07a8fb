//! Whose a key is, and what it may do.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fabrik_domain::{failure::Failure, secret::ExposeSecret};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{ListedWorkflow, N8n, api};
use crate::{AccountInfo, Call, status::found};

/// What a key must be allowed for all that the steps do with workflows, in n8n's words.
pub const NEEDED: [&str; 6] = [
    "workflow:create",
    "workflow:read",
    "workflow:list",
    "workflow:update",
    "workflow:delete",
    "workflow:activate",
];

/// What it must be allowed besides where workflows sign in somewhere. Without `credential:list` all can be done.
pub const NEEDED_FOR_CREDENTIALS: [&str; 3] = [
    "credential:create",
    "credential:update",
    "credential:delete",
];

/// What a key lacks, as far as n8n tells what it may do; of one that is to make credentials too more is asked.
pub fn missing_scopes(key: AccountInfo, makes_credentials: bool) -> Vec<String> {
    let is_told = !(key.scopes.is_empty() && key.missing_scopes.is_empty());
    let lacks = |needed: &&str| !key.scopes.iter().any(|scope| scope == needed);
    let mut more: Vec<String> = Vec::new();
    if is_told && makes_credentials {
        let needed = NEEDED_FOR_CREDENTIALS.iter().copied().filter(lacks);
        more.extend(needed.map(str::to_owned));
    }
    [key.missing_scopes, more].concat()
}

#[derive(Deserialize)]
struct DiscoverBody {
    data: Discovered,
}

#[derive(Deserialize)]
struct Discovered {
    #[serde(default)]
    scopes: Vec<String>,
}

/// What of a key's content is read.
#[derive(Deserialize)]
struct Claims {
    sub: String,
}

impl N8n {
    /// Tries the key. n8n names no account, so the server's host stands for it. What a key may do is told from
    /// some 2.x on; before, that it may list workflows has to do. `discover`, `getWorkflows`.
    pub async fn whoami(&self) -> Result<AccountInfo, Failure> {
        let account = self.base().host().to_owned();
        if let Some(body) = self.discovered().await? {
            // Of some fifty, those that are of concern here.
            let mut scopes = body.data.scopes;
            scopes.retain(|scope| {
                NEEDED.contains(&scope.as_str()) || scope.starts_with("credential:")
            });
            let lacks = |scope: &&str| !scopes.iter().any(|known| known == scope);
            return Ok(AccountInfo {
                account,
                missing_scopes: NEEDED
                    .iter()
                    .filter(|scope| lacks(scope))
                    .map(ToString::to_string)
                    .collect(),
                scopes,
                expires_at: None,
            });
        }
        let call = Call::reads("getWorkflows").needs(&["workflow:list"]);
        let draft = self.account.get(call, api(["workflows"]));
        let _: super::Page<ListedWorkflow> = draft.query("limit", "1").receive().await?;
        Ok(AccountInfo {
            account,
            ..AccountInfo::default()
        })
    }

    async fn discovered(&self) -> Result<Option<DiscoverBody>, Failure> {
        let draft = self.account.get(Call::reads("discover"), api(["discover"]));
        found(draft.receive().await)
    }

    /// Whether a credential has the id that it was asked for with. Not so in the versions that don't tell what a key
    /// may do. `discover`.
    pub async fn takes_ids(&self) -> Result<bool, Failure> {
        Ok(self.discovered().await?.is_some())
    }

    /// Tells the key's user from others, without a call: keys are signed notes that name the user by an id. `None`
    /// for the opaque keys of old versions. A 404 about something that another user has made proves nothing.
    pub async fn user(&self) -> Result<Option<String>, Failure> {
        let token = self.token.read(self.base()).await?;
        let claims = token
            .expose_secret()
            .split('.')
            .nth(1)
            .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok())
            .and_then(|json| serde_json::from_slice::<Claims>(&json).ok());
        Ok(claims.map(|claims| {
            let digest = Sha256::digest(claims.sub.as_bytes());
            let first = digest.first_chunk().copied().unwrap_or_default();
            format!("{:016x}", u64::from_be_bytes(first))
        }))
    }
}
