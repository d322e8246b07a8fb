//! Taking the set away again: what is ours of it, each by its id.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    failure::Failure,
    provider::Provider,
    resource::{Found as Existing, Origin, Resource, ResourceKind, ResourceState},
};
use fabrik_engine::step::{Context, Undone};

use super::{
    N8nWorkflows,
    seen::{CREDENTIAL, Evidence, USER, credential_key, recorded, tagged, unheard_key, workflows},
};
use crate::{left_standing, parts::Parts};

/// What is still there, or may be.
#[derive(Default)]
struct Left {
    /// It bears another's name by now.
    stays: Vec<String>,
    /// It bears the sign, and was there before the run.
    before: Vec<String>,
    /// It may be there, and is not shown.
    unseen: Vec<String>,
    /// Why one could not be taken away.
    refused: Option<Failure>,
}

impl N8nWorkflows {
    /// Deletes what the customer's runs have made of the set, each by its id and only while its name bears the sign.
    pub(super) async fn take_away(
        &self,
        cx: &Context<'_>,
        existing: &Existing,
    ) -> Result<Undone, Failure> {
        let sign = existing.id.as_str();
        let evidence = Evidence::of(cx);
        let mut parts = Parts::read(existing.content_hash.as_deref().unwrap_or_default());
        // A later run may have put another in the place of what this row names: both go.
        let newest = recorded(cx.all.iter().rev().filter(|row| is_ours(row)), sign);
        parts.complete(&newest);
        let listed = self.n8n.workflows(sign).await?;
        // A call that nobody has heard of may have made one more.
        for part in self.files.keys() {
            let unheard = parts.get(part).is_none();
            if let Some(one) = tagged(&listed, &Self::tag(cx, part)).filter(|_| unheard) {
                parts.set(part, &one.id);
            }
        }
        let user = self.n8n.user().await?;
        let same_user = user.is_some() && parts.get(USER) == user.as_deref();
        let mut left = Left::default();
        let all = [workflows(&parts), workflows(&newest)];
        let all: BTreeSet<_> = all.iter().flat_map(Parts::iter).collect();
        let others_have = others_have(cx);
        for &(part, id) in &all {
            let was_there = evidence.before.contains(id);
            if was_there && others_have {
                continue;
            }
            let name = match listed.iter().find(|one| one.id == id) {
                Some(one) => Some(one.name.clone()),
                None => self.n8n.workflow(id).await?.map(|one| one.listed.name),
            };
            let deleted = match name {
                Some(name) if was_there => {
                    left.before
                        .extend(Some(name).filter(|name| name.contains(sign)));
                    continue;
                }
                None if was_there => continue,
                Some(name) if !name.contains(sign) => {
                    left.stays.push(name);
                    continue;
                }
                Some(_) => self.n8n.delete_workflow(id).await,
                None => Ok(false),
            };
            match deleted {
                Ok(deleted) if deleted || same_user => {}
                Ok(_) => left.unseen.push(part.to_owned()),
                // The others go all the same.
                Err(failure) => left.refused = Some(failure),
            }
        }
        self.take_credentials_away(cx, existing, [&parts, &newest], same_user, &mut left)
            .await?;
        if let Some(failure) = left.refused {
            return Err(failure);
        }
        if !left.unseen.is_empty() {
            return Ok(left_standing::cannot_see(
                Provider::N8n,
                &left.unseen.join(", "),
            ));
        }
        if !left.before.is_empty() {
            return Ok(left_standing::was_there_before(
                Provider::N8n,
                &left.before.join(", "),
            ));
        }
        if !left.stays.is_empty() {
            return Ok(left_standing::not_ours(
                Provider::N8n,
                &left.stays.join(", "),
            ));
        }
        Ok(Undone::Gone)
    }

    /// Of which credentials one more may be there, by the keys in the records.
    fn unheard(cx: &Context<'_>, existing: &Existing) -> Parts {
        let mut parts = Parts::read(existing.content_hash.as_deref().unwrap_or_default());
        let rows = cx.all.iter().rev().filter(|row| is_ours(row));
        parts.complete(&recorded(rows, &existing.id));
        parts
    }

    async fn take_credentials_away(
        &self,
        cx: &Context<'_>,
        existing: &Existing,
        [parts, newest]: [&Parts; 2],
        same_user: bool,
        left: &mut Left,
    ) -> Result<(), Failure> {
        let (sign, evidence) = (existing.id.as_str(), Evidence::of(cx));
        // By id, with the keys.
        let mut ids: BTreeMap<String, String> = parts
            .iter()
            .chain(newest.iter())
            .filter(|(key, _)| key.starts_with(CREDENTIAL))
            .map(|(key, id)| (id.to_owned(), key.to_owned()))
            .collect();
        if ids.is_empty() && self.credentials.is_empty() {
            return Ok(());
        }
        let listed = self.n8n.credentials("").await?;
        let shown = listed.as_deref().unwrap_or_default();
        let unheard = Self::unheard(cx, existing);
        let (mut gone, mut missing) = (BTreeSet::new(), BTreeSet::new());
        // A call that nobody has heard of may have made one more.
        for credential in &self.credentials {
            let name = &credential.name;
            let key = credential_key(name);
            if parts.get(&key).is_some() && unheard.get(&unheard_key(name)).is_none() {
                continue;
            }
            let (full, own) = (
                Self::full_name(cx, name, "credential"),
                Self::own_id(cx, name),
            );
            match &listed {
                Some(listed) => {
                    let more = listed.iter().filter(|one| one.name == full);
                    ids.extend(more.map(|one| (one.id.clone(), key.clone())));
                }
                // Where it has another id than it was asked for with, nobody knows which.
                None => {
                    let gives_ids = ids.iter().any(|(id, of)| *of == key && *id != own);
                    if self.n8n.delete_credential(&own).await? {
                        gone.insert(key);
                    } else if gives_ids || !self.n8n.takes_ids().await? {
                        left.unseen.push(name.clone());
                    }
                }
            }
        }
        for (id, key) in &ids {
            if evidence.before.contains(id) {
                let there = shown
                    .iter()
                    .find(|one| one.id == *id && one.name.contains(sign));
                let there = there.filter(|_| !others_have(cx));
                left.before.extend(there.map(|one| one.name.clone()));
                continue;
            }
            match shown.iter().find(|one| one.id == *id) {
                Some(one) if !one.name.contains(sign) => left.stays.push(one.name.clone()),
                // Where there is none, or the list is not for this key, n8n says 404 or deletes it.
                _ => {
                    let was_there = self.n8n.delete_credential(id).await?;
                    let of = if was_there { &mut gone } else { &mut missing };
                    of.insert(key.clone());
                }
            }
        }
        // Who sees the one that came in its place sees that it is gone.
        if listed.is_none() && !same_user {
            let names = missing.difference(&gone);
            let names = names.filter_map(|key| key.strip_prefix(CREDENTIAL));
            left.unseen.extend(names.map(str::to_owned));
        }
        Ok(())
    }
}

/// Whether it is for the customer's runs to take away. What the owner has let go of was looked for by hand.
fn is_ours(row: &Resource) -> bool {
    row.state != ResourceState::LetGo || row.origin == Origin::Adopted
}

/// Whether another run has made something of the set, or may have, that is not gone: what was there before this one is
/// that one's to take away.
fn others_have(cx: &Context<'_>) -> bool {
    cx.all.iter().any(|row| {
        row.run != cx.run
            && row.step == cx.step.id
            && row.kind == ResourceKind::Workflows
            && row.origin == Origin::Created
            && matches!(
                row.state,
                ResourceState::Intended | ResourceState::Live | ResourceState::Leftover
            )
    })
}
