//! Which of the variables that Vercel shows are ours, and taking these away again: only those that we have
//! written and nobody has touched since.

use std::{collections::BTreeSet, fmt};

use fabrik_clouds::{
    refused_with,
    vercel::{Environment, Kind, Listed, Target, Variable},
};
use fabrik_domain::{
    failure::{Failure, Outcome},
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    secret::{ExposeSecret, Secret},
};
use fabrik_engine::step::{Context, Created, Found, Undone};
use serde::{Deserialize, Serialize};

use super::{VercelEnvironment, Wanted, progress::Stopped};
use crate::{
    left_standing,
    vercel_account::{self, Owner},
};

/// How much later than the records know, in milliseconds, a writing whose answer was lost may be carried out: after the same
/// was written once more, or after the run has begun to go back. Where there was one, a change of a secret within this is
/// taken for ours; what can be read is compared instead.
const LATE: i64 = 60_000;

/// What the records have of a writing: what was written, and when by Vercel's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) hash: String,
    pub(super) at: i64,
    /// What became of one of its calls was not known: it may have come true after that.
    pub(super) open: bool,
}

impl Stamp {
    pub(super) fn of(text: &str) -> Self {
        let (hash, at) = text.split_once('@').unwrap_or((text, ""));
        let (at, open) = match at.strip_suffix('+') {
            Some(at) => (at, true),
            None => (at, false),
        };
        Self {
            hash: hash.to_owned(),
            at: at.parse().unwrap_or_default(),
            open,
        }
    }

    /// Until when a secret that has changed was changed by us.
    fn ours_until(&self) -> i64 {
        let late = if self.open { LATE } else { 0 };
        self.at.saturating_add(late)
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = if self.open { "+" } else { "" };
        write!(f, "{}@{}{open}", self.hash, self.at)
    }
}

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
struct Before {
    id: String,
    key: String,
    /// Its value, where it is shown and isn't to be a secret.
    plain: Option<String>,
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

    fn before(&self, listed: &Listed) -> Option<&Before> {
        let id = listed.id.as_ref()?;
        self.before.iter().find(|before| before.id == *id)
    }
}

impl VercelEnvironment {
    /// What is shown of the names wanted, each with how it is wanted.
    fn shown<'e>(
        &'e self,
        environment: &'e Environment,
    ) -> impl Iterator<Item = (&'e Wanted, &'e Listed)> {
        environment.variables.iter().filter_map(|listed| {
            let wanted = self.wanted.iter().find(|wanted| {
                let overlaps = |target: &Target| wanted.targets.contains(target);
                wanted.key == listed.key && listed.targets.iter().any(overlaps)
            })?;
            Some((wanted, listed))
        })
    }

    /// What is there before the first intent.
    pub(super) fn seen(
        &self,
        cx: &Context<'_>,
        environment: &Environment,
        owner: Owner,
    ) -> Evidence {
        // By the records: names that an earlier run has written here.
        let ours: BTreeSet<&str> = cx
            .known
            .iter()
            .filter(|known| known.id == self.project)
            .flat_map(|known| known.name.split(", "))
            .collect();
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
            if !ours.contains(listed.key.as_str()) {
                evidence.before.push(Before {
                    id: id.clone(),
                    key: listed.key.clone(),
                    plain: listed.plain.clone().filter(|_| !wanted.secret),
                });
            }
        }
        evidence
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
            ..self.existing(at)
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

    /// What the customer's runs have written.
    fn stamps(cx: &Context<'_>, existing: &Existing) -> Vec<Stamp> {
        let rows = cx.all.iter().filter(|row| {
            row.kind == ResourceKind::VercelEnvironment
                && row.id == existing.id
                && row.step == cx.step.id
        });
        rows.filter_map(|row| row.content_hash.as_deref())
            .chain(existing.content_hash.as_deref())
            .map(Stamp::of)
            .collect()
    }

    pub(super) async fn take_away(
        &self,
        cx: &Context<'_>,
        existing: &Existing,
    ) -> Result<Undone, Failure> {
        let environment = match self.vercel.variables(self.team(), &existing.id).await {
            Ok(environment) => environment,
            Err(failure) if refused_with(&failure) == Some(404) => {
                return self.without_project(cx, existing).await;
            }
            Err(failure) => return Err(failure),
        };
        let (evidence, stamps) = (Evidence::of(cx), Self::stamps(cx, existing));
        let last = |when: fn(&Stamp) -> i64| stamps.iter().map(when).max().unwrap_or_default();
        let (written_at, ours_until) = (last(|stamp| stamp.at), last(Stamp::ours_until));
        let mut stays: BTreeSet<&str> = BTreeSet::new();
        let (mut gone, mut back) = (Vec::new(), Vec::new());
        for (wanted, listed) in self.shown(&environment) {
            // We write one target at a time: what holds in several is somebody else's.
            let ([target], Some(id)) = (listed.targets.as_slice(), &listed.id) else {
                continue;
            };
            let untouched = if wanted.secret {
                listed.changed_at <= ours_until
            } else {
                listed.changed_at <= written_at
                    || listed.plain.as_deref() == Some(wanted.value.expose_secret())
            };
            match evidence.before(listed) {
                Some(before) if before.plain.is_some() && before.plain == listed.plain => {}
                _ if !untouched => drop(stays.insert(&listed.key)),
                Some(Before {
                    plain: Some(value), ..
                }) => back.push((*target, &listed.key, Secret::from(value.as_str()))),
                // What it said before nobody can read.
                Some(_) => drop(stays.insert(&listed.key)),
                None => gone.push(id),
            }
        }
        let (team, project) = (self.team(), existing.id.as_str());
        // One after another: where the limits let one through and not the next, this one is carried out all the same, and
        // not given up for both to be begun again.
        for id in gone {
            self.vercel.delete_variable(team, project, id).await?;
        }
        for (target, key, value) in &back {
            let variable = Variable {
                key,
                value,
                kind: Kind::Plain,
            };
            self.vercel
                .set_variables(team, project, *target, &[variable])
                .await?;
        }
        if !stays.is_empty() {
            let names: Vec<_> = stays.into_iter().collect();
            return Ok(left_standing::changed_since(
                Provider::Vercel,
                &names.join(", "),
            ));
        }
        let is_shown = |wanted: &Wanted| {
            let mut variables = environment.variables.iter();
            variables.any(|listed| listed.key == wanted.key)
        };
        if environment.hides_some && !self.wanted.iter().all(is_shown) {
            return Ok(left_standing::cannot_see(Provider::Vercel, &existing.name));
        }
        Ok(Undone::Gone)
    }

    /// The project answers 404: the variables are gone with it, if the account is seen.
    async fn without_project(
        &self,
        cx: &Context<'_>,
        existing: &Existing,
    ) -> Result<Undone, Failure> {
        let seen = vercel_account::is_seen(cx, &self.vercel, self.team());
        Ok(if seen.await? {
            Undone::Gone
        } else {
            left_standing::cannot_see(Provider::Vercel, &existing.name)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_as_it_was_written_and_an_older_record_has_no_time() {
        for open in [false, true] {
            let stamp = Stamp {
                hash: "ab".to_owned(),
                at: 17,
                open,
            };
            assert_eq!(Stamp::of(&stamp.to_string()), stamp);
        }
        assert_eq!(
            Stamp::of("ab").at,
            0,
            "then nothing counts as untouched by its time"
        );
    }
}
