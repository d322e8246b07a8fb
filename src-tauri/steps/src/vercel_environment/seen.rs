//! Which of the variables that Vercel shows are ours.

use std::collections::BTreeSet;

use fabrik_clouds::{
    refused_with,
    vercel::{Environment, Kind, Listed, Target},
};
use fabrik_domain::{
    failure::{Failure, Outcome},
    resource::Found as Existing,
};
use fabrik_engine::step::{Context, Created, Found};
use serde::{Deserialize, Serialize};

use super::{VercelEnvironment, Wanted, progress::Stopped, records::Records};
use crate::{
    parameters::filled,
    vercel_account::{Owner, is_shared},
};

/// What `find` saw. Holds no secret.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Evidence {
    /// In whose account the project is.
    #[serde(flatten)]
    owner: Owner,
    /// Variables of the names wanted that somebody else has written.
    #[serde(default)]
    before: Vec<Before>,
    /// Variables that anybody may read and nobody shall any more.
    #[serde(default)]
    replaces: BTreeSet<String>,
}

/// A variable that was there.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Before {
    id: String,
    key: String,
    /// Its value, where it is shown and isn't to be a secret.
    pub(super) plain: Option<String>,
}

impl Evidence {
    /// That of the run; empty before there is an intent.
    pub(super) fn of(cx: &Context<'_>) -> Self {
        let evidence = cx.evidence.and_then(|value| Self::deserialize(value).ok());
        evidence.unwrap_or_default()
    }

    /// The name of a variable that is not ours.
    pub(super) fn anybodys(&self) -> Option<String> {
        self.before.first().map(|before| before.key.clone())
    }

    /// The ids of those that are deleted before they are written.
    pub(super) fn replaces(&self) -> impl Iterator<Item = &str> {
        self.replaces.iter().map(String::as_str)
    }

    pub(super) fn before(&self, listed: &Listed) -> Option<&Before> {
        let id = listed.id.as_ref()?;
        self.before.iter().find(|before| before.id == *id)
    }
}

impl VercelEnvironment {
    /// How it is wanted.
    pub(super) fn wanted_as(&self, listed: &Listed) -> Option<&Wanted> {
        self.wanted.iter().find(|wanted| {
            let overlaps = |target: &Target| wanted.targets.contains(target);
            wanted.key == listed.key && listed.targets.iter().any(overlaps)
        })
    }

    /// What is shown of the names wanted, each with how it is wanted.
    fn shown<'e>(
        &'e self,
        environment: &'e Environment,
    ) -> impl Iterator<Item = (&'e Wanted, &'e Listed)> {
        let listed = environment.variables.iter();
        listed.filter_map(|listed| Some((self.wanted_as(listed)?, listed)))
    }

    /// What is there before the first intent.
    pub(super) fn seen(
        &self,
        records: &Records<'_>,
        environment: &Environment,
        owner: Owner,
    ) -> Evidence {
        let mut evidence = Evidence {
            owner,
            ..Evidence::default()
        };
        for (wanted, listed) in self.shown(environment) {
            let Some(id) = &listed.id else {
                continue;
            };
            let is_whole = listed
                .targets
                .iter()
                .all(|target| wanted.targets.contains(target) && *target != Target::Development);
            if wanted.secret && listed.kind == Kind::Plain.key() && is_whole {
                evidence.replaces.insert(id.clone());
            }
            if !records.have(listed) {
                evidence.before.push(Before {
                    id: id.clone(),
                    key: listed.key.clone(),
                    plain: listed.plain.clone().filter(|_| !wanted.secret),
                });
            }
        }
        evidence
    }

    /// What can be told before the values are known: that a name is taken in a project that all customers share. In one
    /// of the customer's own nobody else writes.
    pub(super) async fn planned(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let absent = Found::Absent {
            evidence: serde_json::Value::Null,
        };
        if filled(&self.project).is_none() || !is_shared(cx, &self.project) {
            return Ok(absent);
        }
        let environment = match self.vercel.variables(self.team(), &self.project).await {
            Ok(environment) => environment,
            // The step that deploys there says that the project isn't seen.
            Err(failure) if refused_with(&failure) == Some(404) => return Ok(absent),
            Err(failure) => return Err(failure),
        };
        let records = Records::of(cx, &self.project);
        let evidence = self.seen(&records, &environment, Owner::default());
        let found = self.in_the_way(&records, &environment, &evidence);
        Ok(found.unwrap_or(absent))
    }

    /// What of an intent whose outcome was never known is there: what is not as it was before.
    pub(super) fn made(&self, cx: &Context<'_>, environment: &Environment) -> Found {
        match self.made_so_far(cx, environment) {
            Some(existing) => Found::Ours(existing),
            None => Found::Absent {
                evidence: cx.evidence.cloned().unwrap_or_default(),
            },
        }
    }

    fn made_so_far(&self, cx: &Context<'_>, environment: &Environment) -> Option<Existing> {
        let evidence = Evidence::of(cx);
        let made: Vec<&Listed> = self
            .shown(environment)
            .map(|(_, listed)| listed)
            .filter(|listed| {
                evidence
                    .before(listed)
                    .is_none_or(|before| before.plain != listed.plain)
            })
            .collect();
        let at = made.iter().map(|listed| listed.changed_at).max()?;
        let keys: BTreeSet<&str> = made.iter().map(|listed| listed.key.as_str()).collect();
        Some(Existing {
            name: keys.into_iter().collect::<Vec<_>>().join(", "),
            ..self.existing(&self.stamp(at).half())
        })
    }

    /// A call failed, and others may have written their part; an answer of success that holds failures has. What
    /// is there tells. Where that can't be read, or a list lags, the outcome is as unknown as if no answer had come.
    pub(super) async fn stopped(
        &self,
        cx: &Context<'_>,
        Stopped { mut failure, wrote }: Stopped,
    ) -> Result<Created, Failure> {
        // The rest may be written later than what is seen now: by this call, or by the next, of which nobody may hear.
        self.progress.leave_open();
        let seen = self.vercel.variables(self.team(), &self.project).await;
        match seen.map(|environment| self.made_so_far(cx, &environment)) {
            Ok(Some(existing)) => Ok(Created::Partly { existing, failure }),
            Ok(None) if !wrote => Err(failure),
            _ => {
                failure.outcome = Outcome::Unknown;
                Err(failure)
            }
        }
    }
}
