//! Vercel: projects, variables, deployments, domains. Every call for a team carries `teamId`; without it Vercel
//! acts on the token's personal account.

mod deployment;
mod dialect;
mod domain;
mod environment;
mod git;
mod identity;
mod plan;
mod project;
#[cfg(test)]
mod tests;

use fabrik_domain::id::CustomerId;

use crate::{Account, BaseUrl, Draft, Http, Scheme, Token};

pub use deployment::{Deployment, DeploymentState, NewDeployment};
pub use domain::{Challenge, DnsRecord, DomainConfig};
pub use environment::{Environment, Kind, Listed, Target, Variable};
pub use git::{GitAccess, SeenRepository};
pub use identity::TeamInfo;
pub use project::{Domain, NewProject, Project};

/// Vercel's API as an account may use it. Cheap to clone.
#[derive(Clone)]
pub struct Vercel {
    account: Account,
}

impl Vercel {
    /// The API at `base`, with the token that is there at each call.
    pub fn new(http: Http, base: BaseUrl, token: Token) -> Self {
        let account = Account::new(http, dialect::VercelDialect, base, token, Scheme::Bearer);
        Self { account }
    }

    /// The same for a customer's calls: the gates deal turns by customer.
    #[must_use]
    pub fn for_customer(&self, customer: CustomerId) -> Self {
        Self {
            account: self.account.for_customer(customer),
        }
    }

    /// Whether it is Vercel itself that is called, or something on this machine.
    pub fn is_local(&self) -> bool {
        self.account.base().is_local()
    }
}

/// A team by its id (`team_…`) or its slug; `None` is the token's personal account.
pub type Team<'a> = Option<&'a str>;

trait ForTeam {
    /// Says for which team the call is.
    fn for_team(self, team: Team<'_>) -> Self;
}

impl ForTeam for Draft<'_> {
    fn for_team(self, team: Team<'_>) -> Self {
        match team.filter(|team| !team.is_empty()) {
            Some(id) if id.starts_with("team_") => self.query("teamId", id),
            Some(slug) => self.query("slug", slug),
            None => self,
        }
    }
}

/// The address of a Vercel host, which its answers give without a scheme. A host on this machine, which
/// only a sandbox gives, has no TLS.
pub fn address(host: &str) -> String {
    let authority = host.split('/').next().unwrap_or_default();
    let scheme = if fabrik_domain::setting::is_loopback(authority) {
        "http"
    } else {
        "https"
    };
    format!("{scheme}://{host}")
}
