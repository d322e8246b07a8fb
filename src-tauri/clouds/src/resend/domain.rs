//! Which senders are allowed, and what the key may do.

use std::collections::BTreeSet;

use fabrik_domain::{Cause, Problem, failure::Failure, provider::Provider};
use serde::Deserialize;

use super::Resend;
use crate::{AccountInfo, Call};

/// The domains from which may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Senders {
    /// These.
    Domains(Vec<String>),
    /// The key may only send, so it can't be told.
    Unknown,
}

impl Senders {
    /// Whether mail from this address (`Name <address>` or an address) would be taken; `None` where that
    /// can't be told.
    pub fn allow(&self, from: &str) -> Option<bool> {
        let address = from
            .rsplit_once('<')
            .map_or(from, |(_, rest)| rest.trim_end_matches('>'));
        let domain = address
            .rsplit_once('@')
            .map_or("", |(_, domain)| domain.trim());
        match self {
            Self::Unknown => None,
            // The vendor's own sender for trials; it reaches the account's own address alone.
            Self::Domains(_) if domain.eq_ignore_ascii_case("resend.dev") => Some(true),
            Self::Domains(names) => Some(names.iter().any(|n| n.eq_ignore_ascii_case(domain))),
        }
    }
}

#[derive(Deserialize)]
struct DomainsBody {
    data: Vec<DomainBody>,
}

#[derive(Deserialize)]
struct DomainBody {
    #[serde(default)]
    id: String,
    name: String,
    #[serde(default)]
    status: String,
}

impl Resend {
    async fn domains(&self) -> Result<Option<Vec<DomainBody>>, Failure> {
        let draft = self.account.get(Call::reads("domains/list"), ["domains"]);
        match draft.receive::<DomainsBody>().await {
            Ok(body) => Ok(Some(body.data)),
            Err(failure)
                if matches!(*failure.problem.cause, Cause::CredentialScopeMissing { .. }) =>
            {
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// The domains from which may be sent: those that are verified. `domains/list`.
    pub async fn senders(&self) -> Result<Senders, Failure> {
        Ok(match self.domains().await? {
            Some(domains) => Senders::Domains(
                domains
                    .into_iter()
                    .filter(|domain| domain.status == "verified")
                    .map(|domain| domain.name)
                    .collect(),
            ),
            None => Senders::Unknown,
        })
    }

    /// Why mail from this sender would not be taken, where that can be told. A key that may only send can't; then
    /// sending does. `domains/list`.
    pub async fn refused_sender(&self, from: &str) -> Result<Option<Problem>, Failure> {
        let allowed = self.senders().await?.allow(from);
        Ok((allowed == Some(false)).then(|| {
            let sender = from.to_owned();
            Problem::from(Cause::SenderUnverified { sender }).by(Provider::Resend)
        }))
    }

    /// What tells the key's team from others, which Resend doesn't name: the ids of its domains. `None` where the
    /// key may only send, or the team has none. `domains/list`.
    pub async fn team(&self) -> Result<Option<BTreeSet<String>>, Failure> {
        let domains = self.domains().await?.unwrap_or_default();
        let ids: BTreeSet<_> = domains.into_iter().map(|domain| domain.id).collect();
        Ok(Some(ids).filter(|ids| !ids.is_empty()))
    }

    /// Tries the key without sending. Resend names no account, so its domains stand for it. A key that
    /// may only send is enough. `domains/list`.
    pub async fn whoami(&self) -> Result<AccountInfo, Failure> {
        let domains = self.domains().await?;
        let scope = if domains.is_some() {
            "full_access"
        } else {
            "sending_access"
        };
        let names: Vec<_> = domains
            .unwrap_or_default()
            .into_iter()
            .map(|domain| domain.name)
            .collect();
        Ok(AccountInfo {
            account: names.join(", "),
            scopes: vec![scope.to_owned()],
            ..AccountInfo::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_held_against_the_verified_domains() {
        let senders = Senders::Domains(vec!["norrform.se".to_owned()]);
        assert_eq!(senders.allow("Norrform <hej@Norrform.se>"), Some(true));
        assert_eq!(
            senders.allow("hej@mail.norrform.se"),
            Some(false),
            "a subdomain is another"
        );
        assert_eq!(senders.allow("onboarding@resend.dev"), Some(true));
        assert_eq!(senders.allow("nobody"), Some(false));
        assert_eq!(Senders::Unknown.allow("hej@norrform.se"), None);
    }
}
