//! A project's own domain: added, proved by a DNS record, led to Vercel by another, and removed.

use fabrik_domain::{Cause, failure::Failure};
use serde::{Deserialize, Serialize};

use super::{Domain, ForTeam, Team, Vercel};
use crate::{
    Call,
    status::{found, refused_with},
};

/// A record that Vercel wants to see in the DNS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsRecord {
    /// `TXT`, `A`, `CNAME`.
    pub kind: String,
    /// The whole host that it is for.
    pub name: String,
    /// What it must say.
    pub value: String,
}

/// A proof that Vercel wants before a domain is the project's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Challenge {
    #[serde(rename = "type")]
    kind: String,
    domain: String,
    value: String,
}

/// Where a domain leads, as Vercel sees the DNS.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DomainConfig {
    /// It doesn't lead to Vercel, or Vercel can make no certificate for it.
    pub misconfigured: bool,
    /// By what it leads there: `CNAME`, `A`, `http`, `dns-01`; `None` where it doesn't.
    #[serde(default)]
    pub configured_by: Option<String>,
    #[serde(rename = "recommendedIPv4", default)]
    recommended_ipv4: Vec<Ranked<Vec<String>>>,
    #[serde(rename = "recommendedCNAME", default)]
    recommended_cname: Vec<Ranked<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Ranked<T> {
    rank: u32,
    value: T,
}

fn best<T>(ranked: &[Ranked<T>]) -> Option<&T> {
    let best = ranked.iter().min_by_key(|one| one.rank);
    best.map(|one| &one.value)
}

#[derive(Serialize)]
struct AddBody<'a> {
    name: &'a str,
}

impl Domain {
    /// The records that are still wanted in the DNS: the proof that the domain is its owner's, and the way to
    /// Vercel, an address for a bare domain and an alias for one below it.
    pub fn wanted(&self, config: &DomainConfig) -> Vec<DnsRecord> {
        let record = |kind: &str, name: &str, value: &str| DnsRecord {
            kind: kind.to_owned(),
            name: name.to_owned(),
            value: value.trim_end_matches('.').to_owned(),
        };
        let mut wanted = Vec::new();
        if !self.verified {
            let proofs = self.verification.iter();
            wanted.extend(proofs.map(|proof| record(&proof.kind, &proof.domain, &proof.value)));
        }
        if config.misconfigured {
            let bare = self.apex_name.as_deref() == Some(self.name.as_str());
            if bare {
                let addresses = best(&config.recommended_ipv4);
                let address = addresses.and_then(|addresses| addresses.first());
                wanted.extend(address.map(|address| record("A", &self.name, address)));
            } else if let Some(alias) = best(&config.recommended_cname) {
                wanted.push(record("CNAME", &self.name, alias));
            }
        }
        wanted
    }
}

impl Vercel {
    /// Adds a domain to a project. `addProjectDomain`. Not verified yet where its owner must prove it first.
    ///
    /// `name_taken` where this or another project has it, or another account.
    pub async fn add_domain(
        &self,
        team: Team<'_>,
        project: &str,
        name: &str,
    ) -> Result<Domain, Failure> {
        let call = Call::changes("addProjectDomain");
        let draft = self
            .account
            .post(call, ["v10", "projects", project, "domains"])
            .for_team(team)
            .json(&AddBody { name });
        draft.receive().await.map_err(|mut failure| {
            if refused_with(&failure) == Some(409) {
                *failure.problem.cause = Cause::NameTaken {
                    name: name.to_owned(),
                };
            }
            failure
        })
    }

    /// A domain of a project; `None` where the project hasn't got it, or isn't there. `getProjectDomain`.
    pub async fn domain(
        &self,
        team: Team<'_>,
        project: &str,
        name: &str,
    ) -> Result<Option<Domain>, Failure> {
        let call = Call::reads("getProjectDomain");
        let path = ["v9", "projects", project, "domains", name];
        found(self.account.get(call, path).for_team(team).receive().await)
    }

    /// Has Vercel look for the proof now. Whether the domain is verified; while the record is missing, Vercel
    /// says 400. It may be asked again and again. `verifyProjectDomain`.
    pub async fn verify_domain(
        &self,
        team: Team<'_>,
        project: &str,
        name: &str,
    ) -> Result<bool, Failure> {
        let call = Call::reads("verifyProjectDomain");
        let path = ["v9", "projects", project, "domains", name, "verify"];
        let answer = self.account.post(call, path).for_team(team);
        match answer.receive::<Domain>().await {
            Ok(domain) => Ok(domain.verified),
            Err(failure) if refused_with(&failure) == Some(400) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Where a project's domain leads. `getDomainConfig`.
    pub async fn domain_config(
        &self,
        team: Team<'_>,
        project: &str,
        name: &str,
    ) -> Result<DomainConfig, Failure> {
        let call = Call::reads("getDomainConfig");
        let path = ["v6", "domains", name, "config"];
        let draft = self.account.get(call, path);
        draft
            .query("projectIdOrName", project)
            .for_team(team)
            .receive()
            .await
    }

    /// Takes a domain away from a project. `false` where Vercel says 404: the project hasn't got it, or can't
    /// be seen. `removeProjectDomain`.
    pub async fn remove_domain(
        &self,
        team: Team<'_>,
        project: &str,
        name: &str,
    ) -> Result<bool, Failure> {
        let call = Call::changes("removeProjectDomain");
        let path = ["v9", "projects", project, "domains", name];
        let answer = self.account.delete(call, path).for_team(team).send().await;
        Ok(found(answer)?.is_some())
    }
}
