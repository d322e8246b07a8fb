//! The token of an account: where it is, and where it may go.

use std::{fmt, sync::Arc};

use fabrik_domain::{
    Cause,
    failure::{Failure, Outcome},
    ports::Secrets,
    secret::{ExposeSecret, Secret, SecretRef},
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use sha2::{Digest, Sha256};

use crate::BaseUrl;

/// A token, read anew at each call: one that was replaced is used at once, and none is held here.
#[derive(Clone)]
pub struct Token {
    secrets: Arc<dyn Secrets>,
    reference: SecretRef,
    local_only: bool,
}

impl Token {
    /// The token under `reference`.
    pub fn new(secrets: Arc<dyn Secrets>, reference: SecretRef) -> Self {
        Self {
            secrets,
            reference,
            local_only: false,
        }
    }

    /// A token of the sandbox's vault: made up, and refused to every host but this machine
    /// (`sandbox_token_refused`), so that the two kinds of accounts can't be mixed up.
    #[must_use]
    pub fn local_only(mut self) -> Self {
        self.local_only = true;
        self
    }

    /// By what the gates tell accounts apart: where the token is kept and where it goes, never the token.
    pub(crate) fn digest(&self, base: &BaseUrl) -> String {
        let place = format!("{base}\n{}", self.reference);
        let digest = Sha256::digest(place.as_bytes());
        let first = digest.first_chunk().copied().unwrap_or_default();
        format!("{:016x}", u64::from_be_bytes(first))
    }

    /// The token, for a call to `base`. `credential_missing` where there is none.
    pub(crate) async fn read(&self, base: &BaseUrl) -> Result<Secret, Failure> {
        if self.local_only && !base.is_local() {
            return Err(Failure::refused(Cause::SandboxTokenRefused {
                host: base.host().to_owned(),
            }));
        }
        match self.secrets.get(&self.reference).await? {
            Some(token) if !token.expose_secret().is_empty() => Ok(token),
            _ => Err(Failure {
                outcome: Outcome::Unauthorized,
                problem: Cause::CredentialMissing.into(),
            }),
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.reference)
    }
}

/// How a token is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `Authorization: Bearer …`: Supabase's Management API, GitHub, Vercel, Resend, Stripe.
    Bearer,
    /// `Authorization: token …`: Gitea.
    Token,
    /// A header of the vendor's own: n8n's `x-n8n-api-key`. In lower case.
    Header(&'static str),
}

impl Scheme {
    /// Puts the token into a request's headers, marked sensitive.
    pub(crate) fn apply(self, token: &Secret, headers: &mut HeaderMap) -> Result<(), Failure> {
        match self {
            Self::Bearer => secret_header(headers, header::AUTHORIZATION, "Bearer ", token),
            Self::Token => secret_header(headers, header::AUTHORIZATION, "token ", token),
            Self::Header(name) => secret_header(headers, HeaderName::from_static(name), "", token),
        }
    }
}

/// Sets a header that holds a secret. It is marked sensitive: printed as such, and left out of
/// redirects to another origin. A secret that no header can hold (a line break from a paste) is as good
/// as rejected by the vendor.
pub(crate) fn secret_header(
    headers: &mut HeaderMap,
    name: HeaderName,
    prefix: &str,
    secret: &Secret,
) -> Result<(), Failure> {
    let text = [prefix, secret.expose_secret()].concat();
    let mut value = HeaderValue::try_from(text).map_err(|_| Failure {
        outcome: Outcome::Unauthorized,
        problem: Cause::CredentialRejected.into(),
    })?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

/// Takes secrets out of a text. Short ones are left: masking a letter would only spoil the text, and no secret
/// is that short.
pub(crate) fn mask(words: &str, secrets: &[Secret]) -> String {
    secrets
        .iter()
        .map(ExposeSecret::expose_secret)
        .filter(|secret| secret.len() >= 8)
        .fold(words.to_owned(), |words, secret| {
            words.replace(secret, "[…]")
        })
}
