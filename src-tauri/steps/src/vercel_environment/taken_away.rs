//! Taking the variables away again: only those that we have written and nobody has touched since.

use std::collections::BTreeSet;

use fabrik_clouds::{
    refused_with,
    vercel::{Kind, Variable},
};
use fabrik_domain::{
    failure::Failure,
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    secret::{ExposeSecret, Secret},
};
use fabrik_engine::step::{Context, Undone};

use super::{
    VercelEnvironment,
    records::{Records, Stamp},
    seen::{Before, Evidence},
};
use crate::{left_standing, vercel_account};

impl VercelEnvironment {
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
        // Later runs have found this row's thing and added to it: what they added goes with it, for it has no other.
        let records = Records::of(cx, &existing.id);
        let own: BTreeSet<&str> = self.wanted.iter().map(|one| one.key.as_str()).collect();
        let added: BTreeSet<&str> = records.names().difference(&own).copied().collect();
        let mut stays: BTreeSet<&str> = BTreeSet::new();
        let (mut gone, mut back) = (Vec::new(), Vec::new());
        for listed in &environment.variables {
            let wanted = self.wanted_as(listed);
            if wanted.is_none() && !added.contains(listed.key.as_str()) {
                continue;
            }
            // We write one target at a time: what holds in several is somebody else's.
            let ([target], Some(id)) = (listed.targets.as_slice(), &listed.id) else {
                continue;
            };
            let untouched = match wanted {
                None => records.wrote_last(listed),
                Some(wanted) if wanted.secret => listed.changed_at <= ours_until,
                Some(wanted) => {
                    listed.changed_at <= written_at
                        || listed.plain.as_deref() == Some(wanted.value.expose_secret())
                }
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
        if environment.hides_some {
            let shown = environment.variables.iter().map(|one| one.key.as_str());
            let shown: BTreeSet<&str> = shown.collect();
            let unseen: Vec<_> = (own.union(&added).copied())
                .filter(|name| !shown.contains(name))
                .collect();
            if !unseen.is_empty() {
                let names = unseen.join(", ");
                return Ok(left_standing::cannot_see(Provider::Vercel, &names));
            }
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
