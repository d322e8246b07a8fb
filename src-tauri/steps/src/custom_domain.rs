//! `custom-domain`: the customer's own domain on its Vercel project. Whether it leads there is up to the DNS
//! records that the owner sets, in minutes or days: the run doesn't wait for them, and nothing fails for want
//! of them. What is wanted is told, and looked for again later.

use std::time::Duration;

use async_trait::async_trait;
use fabrik_clouds::{
    refused_with,
    vercel::{Domain, DomainConfig, Team, Vercel},
};
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    event::Detail,
    failure::Failure,
    problem::DnsRecord,
    provider::Provider,
    resource::{Found as Existing, Origin, Resource, ResourceKind, ResourceState},
    run::{Output, Outputs},
};
use fabrik_engine::step::{Context, Created, Found, Parent, Readiness, Step, Timing, Undone};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    clocks, left_standing,
    parameters::filled,
    registry::Entry,
    vercel_account::{self, Owner},
};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::CustomDomain,
    revision: 1,
    plans_alone: true,
    timing: Timing {
        usual: Duration::from_secs(1),
        ceiling: Duration::from_mins(1),
        settle: Duration::from_secs(40),
    },
    build: |clouds, parameters| {
        Ok(Box::new(CustomDomain {
            vercel: clouds.vercel.clone(),
            with: parameters.read(&[])?,
        }))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// The project's id; empty in a plan.
    project: String,
    #[serde(default)]
    team: String,
    /// Empty where the agency gives its customers none.
    #[serde(default)]
    domain: String,
}

/// What an intent says.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Evidence {
    #[serde(flatten)]
    owner: Owner,
    /// When the domain was not there yet, by our clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    looked: Option<Timestamp>,
}

impl Evidence {
    /// When that was before the run's intent, or is now where there is none yet.
    fn looked(cx: &Context<'_>) -> Option<Timestamp> {
        match cx.evidence {
            // Evidence of another shape tells no time.
            Some(evidence) => Self::deserialize(evidence).unwrap_or_default().looked,
            None => Some(cx.clock.now()),
        }
    }
}

/// The domains of a project without those that this step has given it. Whether these lead there is told by their
/// records, from one day to the next, so nobody is sent to them: an instance's address stays what it is.
pub(crate) fn without_added(mut domains: Vec<Domain>, rows: &[Resource]) -> Vec<Domain> {
    let added = |domain: &Domain| {
        let mut rows = rows.iter();
        rows.any(|row| row.kind == ResourceKind::Domain && row.name == domain.name)
    };
    domains.retain(|domain| !added(domain));
    domains
}

/// Whether the project was given the domain again since what the records say of it: by hand, or for another customer. A
/// later run of this customer's may have given it again, and a run that was rolled back left its own in what it had found.
fn was_given_anew(cx: &Context<'_>, existing: &Existing, domain: &Domain) -> bool {
    let is_ours = |row: &&Resource| {
        row.kind == ResourceKind::Domain
            && row.id == existing.id
            && match row.state {
                ResourceState::Removed => false,
                ResourceState::LetGo => row.origin == Origin::Adopted,
                ResourceState::Intended | ResourceState::Live | ResourceState::Leftover => true,
            }
    };
    let rows = cx.all.iter().filter(is_ours);
    let recorded: Vec<i64> = rows
        .map(|row| &row.content_hash)
        .chain([&existing.content_hash])
        .filter_map(|at| at.as_deref()?.parse().ok())
        .collect();
    let given = domain.created_at;
    given.is_some_and(|at| !recorded.is_empty() && !recorded.contains(&at))
}

struct CustomDomain {
    vercel: Vercel,
    with: With,
}

impl CustomDomain {
    fn team(&self) -> Team<'_> {
        filled(&self.with.team)
    }

    fn domain(&self) -> Option<&str> {
        filled(&self.with.domain)
    }

    fn existing(domain: &Domain) -> Existing {
        let name = &domain.name;
        Existing {
            id: name.clone(),
            name: name.clone(),
            url: Some(format!("https://{name}")),
            content_hash: domain.created_at.map(|at| at.to_string()),
        }
    }

    /// Whose a domain on the project is. On the one that all customers share it may be somebody else's, where no run of
    /// this customer's has given it, and none was about to.
    fn judge(&self, cx: &Context<'_>, domain: &Domain) -> Found {
        let existing = Self::existing(domain);
        if !self.is_anothers(cx, domain) {
            return Found::Ours(existing);
        }
        let is_about_to = |row: &Resource| row.state == ResourceState::Intended;
        let may_be_ours = cx.evidence.is_some() || Self::rows(cx, domain).any(is_about_to);
        if !may_be_ours || cx.ruled_out.contains(&existing.id) {
            let name = existing.name;
            let taken = Problem::from(Cause::NameTaken { name });
            return Found::Foreign(taken.by(Provider::Vercel));
        }
        if Self::can_be_of_the_intent(cx, domain) {
            Found::Ours(existing)
        } else {
            Found::Ambiguous(vec![existing])
        }
    }

    /// Another customer's run, or somebody by hand, may have given it before the call, or after the call could come
    /// true any more.
    fn can_be_of_the_intent(cx: &Context<'_>, domain: &Domain) -> bool {
        let given = domain.created_at;
        let given = given.and_then(|at| Timestamp::from_millisecond(at).ok());
        let looked = cx.evidence.and_then(|_| Evidence::looked(cx));
        looked.zip(given).is_none_or(|(looked, given)| {
            clocks::agree(looked, given, cx.sent, ENTRY.timing.settle)
        })
    }

    /// Whether it may be somebody else's where Vercel has just refused to give it, too. The intent of that call is no
    /// evidence here: had one before it come true, the domain would have been found. So a run of another customer's came
    /// between.
    fn is_anothers(&self, cx: &Context<'_>, domain: &Domain) -> bool {
        let has_given = |row: &Resource| row.state != ResourceState::Intended;
        vercel_account::is_shared(cx, &self.with.project) && !Self::rows(cx, domain).any(has_given)
    }

    /// What this customer's runs have recorded of it, and is not over.
    fn rows<'c>(cx: &Context<'c>, domain: &Domain) -> impl Iterator<Item = &'c Resource> {
        cx.all.iter().filter(move |row| {
            row.kind == ResourceKind::Domain
                && row.name == domain.name
                && !matches!(row.state, ResourceState::Removed | ResourceState::LetGo)
        })
    }

    /// `leads_there`: whoever goes to the domain meets the instance.
    fn outputs(name: &str, leads_there: bool) -> Outputs {
        let url = if name.is_empty() {
            String::new()
        } else {
            format!("https://{name}")
        };
        let live = if leads_there {
            url.clone()
        } else {
            String::new()
        };
        [
            ("domain", name.to_owned()),
            ("url", url),
            ("live_url", live),
        ]
        .map(|(name, value)| (name.to_owned(), Output::Public(value)))
        .into()
    }

    /// Where the domain leads; `None` where Vercel doesn't tell.
    async fn config(&self, name: &str) -> Result<Option<DomainConfig>, Failure> {
        let config = self
            .vercel
            .domain_config(self.team(), &self.with.project, name);
        match config.await {
            Ok(config) => Ok(Some(config)),
            Err(failure) if matches!(refused_with(&failure), Some(400 | 404)) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

#[async_trait]
impl Step for CustomDomain {
    fn name(&self) -> String {
        self.with.domain.clone()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::Domain)
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let Some(name) = self.domain() else {
            cx.say(Detail::NoBaseDomain, "");
            return Ok(Found::Satisfied);
        };
        let absent = |evidence| Ok(Found::Absent { evidence });
        let project = self.with.project.as_str();
        if project.is_empty() {
            return absent(serde_json::Value::Null);
        }
        match self.vercel.domain(self.team(), project, name).await? {
            Some(domain) => Ok(self.judge(cx, &domain)),
            None => match vercel_account::without(cx, &self.vercel, self.team(), name).await? {
                Err(problem) => Ok(Found::CannotSee(problem)),
                Ok(owner) => {
                    let looked = Evidence::looked(cx);
                    let evidence = serde_json::to_value(Evidence { owner, looked });
                    absent(evidence.unwrap_or_default())
                }
            },
        }
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let name = self
            .domain()
            .ok_or_else(|| Failure::refused(Cause::Internal))?;
        let (team, project) = (self.team(), self.with.project.as_str());
        match self.vercel.add_domain(team, project, name).await {
            Ok(domain) => Ok(Created::Resource(Self::existing(&domain))),
            // Another project has it, or another account, or another customer has put it on this very project.
            Err(failure) if matches!(*failure.problem.cause, Cause::NameTaken { .. }) => {
                match self.vercel.domain(team, project, name).await? {
                    Some(domain) if !self.is_anothers(cx, &domain) => {
                        Ok(Created::Resource(Self::existing(&domain)))
                    }
                    Some(_) | None => Err(failure),
                }
            }
            Err(failure) => Err(failure),
        }
    }

    /// Has Vercel look for the records, which changes nothing that is ours.
    async fn await_ready(
        &self,
        cx: &Context<'_>,
        _: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        let Some(name) = self.domain() else {
            return Ok(Readiness::Ready(Self::outputs("", false)));
        };
        let (team, project) = (self.team(), self.with.project.as_str());
        let (domain, config) =
            futures::join!(self.vercel.domain(team, project, name), self.config(name));
        let (Some(mut domain), config) = (domain?, config?) else {
            return Ok(Readiness::NotYet {
                status: "not visible".to_owned(),
            });
        };
        if !domain.verified {
            domain.verified = self.vercel.verify_domain(team, project, name).await?;
        }
        let leads_there = config.as_ref().is_none_or(|config| !config.misconfigured);
        if domain.verified && leads_there {
            cx.say(Detail::DomainVerified, name);
            // What Vercel doesn't tell may lead nowhere yet: then nobody is to wait for its answer.
            return Ok(Readiness::Ready(Self::outputs(name, config.is_some())));
        }
        let wanted = config.map(|config| domain.wanted(&config));
        let records: Vec<DnsRecord> = wanted
            .unwrap_or_default()
            .into_iter()
            .map(|record| DnsRecord {
                kind: record.kind,
                name: record.name,
                value: record.value,
            })
            .collect();
        for record in &records {
            let DnsRecord { kind, name, value } = record;
            cx.say(Detail::RecordWanted, format!("{name} {kind} {value}"));
        }
        let domain = name.to_owned();
        let pending = Problem::from(Cause::DomainPending { domain, records });
        Ok(Readiness::Deferred {
            outputs: Self::outputs(name, false),
            why: pending.by(Provider::Vercel),
        })
    }

    fn within(&self) -> Option<Parent> {
        Some(Parent {
            goes_first: true,
            ..Parent::covering(ResourceKind::VercelProject, filled(&self.with.project)?)
        })
    }

    async fn undo(&self, cx: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        let (team, project) = (self.team(), self.with.project.as_str());
        // Looked at first: a removal whose answer was lost has been made.
        let there = if project.is_empty() {
            None
        } else {
            self.vercel.domain(team, project, &existing.id).await?
        };
        if let Some(domain) = &there
            && vercel_account::is_shared(cx, project)
            && was_given_anew(cx, existing, domain)
        {
            return Ok(left_standing::not_ours(Provider::Vercel, &existing.name));
        }
        if there.is_some()
            && self
                .vercel
                .remove_domain(team, project, &existing.id)
                .await?
        {
            return Ok(Undone::Gone);
        }
        Ok(if vercel_account::is_seen(cx, &self.vercel, team).await? {
            Undone::Gone
        } else {
            left_standing::cannot_see(Provider::Vercel, &existing.name)
        })
    }
}

#[cfg(test)]
mod tests;
