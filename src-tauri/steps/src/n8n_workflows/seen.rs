//! What is there of the set, which of it is ours, and taking that away again.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_clouds::n8n::{ListedCredential, ListedWorkflow};
use fabrik_domain::{
    Cause, Problem,
    failure::Failure,
    provider::Provider,
    resource::{Found as Existing, Resource, ResourceKind, ResourceState},
};
use fabrik_engine::step::{Context, Found, Undone};
use serde::{Deserialize, Serialize};

use super::N8nWorkflows;
use crate::{left, parts::Parts};

/// What a credential's key begins with among the parts.
const CREDENTIAL: &str = "credential.";
/// Whose key it was made with: nobody else's 404 proves that it is gone.
const USER: &str = "user.key";

/// What there is.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// By part.
    pub(super) workflows: BTreeMap<String, ListedWorkflow>,
    /// Ids, by the name that the blueprint gives them.
    pub(super) credentials: BTreeMap<String, String>,
    /// The key's user, where the key tells.
    user: Option<String>,
}

impl Seen {
    pub(super) fn is_empty(&self) -> bool {
        self.workflows.is_empty() && self.credentials.is_empty()
    }

    /// As the records have it.
    pub(super) fn parts(&self) -> Parts {
        let mut parts = Parts::default();
        for (part, workflow) in &self.workflows {
            parts.set(part, &workflow.id);
        }
        for (name, id) in &self.credentials {
            parts.set(&format!("{CREDENTIAL}{name}"), id);
        }
        if let Some(user) = &self.user {
            parts.set(USER, user);
        }
        parts
    }
}

/// The workflows among the parts.
pub(super) fn workflows(parts: &Parts) -> Parts {
    let mut workflows = Parts::default();
    for (key, id) in parts.iter() {
        if key != USER && !key.starts_with(CREDENTIAL) {
            workflows.set(key, id);
        }
    }
    workflows
}

/// What was there before the first intent, by n8n's ids.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Evidence {
    #[serde(default)]
    before: BTreeSet<String>,
}

impl Evidence {
    pub(super) fn before(seen: &Seen) -> Self {
        let workflows = seen.workflows.values().map(|one| one.id.clone());
        Self {
            before: workflows
                .chain(seen.credentials.values().cloned())
                .collect(),
        }
    }

    /// That of the run; empty before there is an intent.
    pub(super) fn of(cx: &Context<'_>) -> Self {
        let evidence = cx.evidence.and_then(|value| Self::deserialize(value).ok());
        evidence.unwrap_or_default()
    }

    /// What came since.
    pub(super) fn made(&self, seen: &Seen) -> Seen {
        let mut made = seen.clone();
        made.workflows
            .retain(|_, one| !self.before.contains(&one.id));
        made.credentials.retain(|_, id| !self.before.contains(id));
        made
    }
}

/// What the customer's rows say of the set; of two words on one part the first counts, so the newest come first.
fn recorded<'r>(rows: impl Iterator<Item = &'r Resource>, sign: &str) -> Parts {
    let mut parts = Parts::default();
    let is_of_set = |row: &&Resource| {
        row.kind == ResourceKind::Workflows && row.id == sign && row.state != ResourceState::Removed
    };
    for row in rows.filter(is_of_set) {
        let hash = row.content_hash.as_deref();
        parts.complete(&Parts::read(hash.unwrap_or_default()));
    }
    parts
}

/// The oldest of this name's ending: who copies a workflow copies its name.
fn tagged<'l>(listed: &'l [ListedWorkflow], tag: &str) -> Option<&'l ListedWorkflow> {
    let ours = listed
        .iter()
        .filter(|one| one.name.ends_with(tag) && !one.archived);
    ours.min_by_key(|one| &one.created_at)
}

impl N8nWorkflows {
    /// What is there of the set; or what keeps that from being told.
    pub(super) async fn look(&self, cx: &Context<'_>) -> Result<Result<Seen, Found>, Failure> {
        let sign = Self::sign(cx);
        let mut seen = Seen {
            user: self.n8n.user().await?,
            ..Seen::default()
        };
        let listed = self.n8n.workflows(&sign).await?;
        let recorded = recorded(cx.known.iter(), &sign);
        let same_user = seen.user.is_some() && recorded.get(USER) == seen.user.as_deref();
        for part in self.files.keys() {
            let known = recorded.get(part);
            let by_id = |id: &str| listed.iter().find(|one| one.id == id).cloned();
            let found = match known.map(|id| (id, by_id(id))) {
                Some((_, Some(workflow))) => Some(workflow),
                // Not under its name any more.
                Some((id, None)) => match self.n8n.workflow(id).await? {
                    Some(workflow) => Some(workflow.listed),
                    None if same_user => None,
                    None => return Ok(Err(hidden(part))),
                },
                None => None,
            };
            let found = found.filter(|workflow| !workflow.archived);
            let found = found.or_else(|| tagged(&listed, &Self::tag(cx, part)).cloned());
            if let Some(workflow) = found {
                seen.workflows.insert(part.clone(), workflow);
            }
        }
        if !self.credentials.is_empty() {
            seen.credentials = self.credentials_seen(cx, &sign, &recorded).await?;
        }
        Ok(Ok(seen))
    }

    /// The credentials that are there. Where the list is not for this key, what the records say has to do.
    async fn credentials_seen(
        &self,
        cx: &Context<'_>,
        sign: &str,
        recorded: &Parts,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let listed = self.n8n.credentials(sign).await?;
        let mut seen = BTreeMap::new();
        for credential in &self.credentials {
            let name = &credential.name;
            let known = recorded.get(&Parts::key(&format!("{CREDENTIAL}{name}")));
            let full = Self::full_name(cx, name, "credential");
            let is_it =
                |one: &&ListedCredential| Some(one.id.as_str()) == known || one.name == full;
            let id = match &listed {
                Some(listed) => listed.iter().find(is_it).map(|one| one.id.clone()),
                None => known.map(str::to_owned),
            };
            if let Some(id) = id {
                seen.insert(name.clone(), id);
            }
        }
        Ok(seen)
    }

    /// Whether all is there, and runs.
    pub(super) fn is_whole(&self, seen: &Seen) -> bool {
        let runs = |part| seen.workflows.get(part).is_some_and(|one| one.active);
        self.files.keys().all(runs)
            && self
                .credentials
                .iter()
                .all(|credential| seen.credentials.contains_key(&credential.name))
    }

    /// Deletes what the customer's runs have made of the set, each by its id and only while its name bears the sign.
    pub(super) async fn take_away(
        &self,
        cx: &Context<'_>,
        existing: &Existing,
    ) -> Result<Undone, Failure> {
        let sign = existing.id.as_str();
        let evidence = Evidence::of(cx);
        let mut parts = Parts::read(existing.content_hash.as_deref().unwrap_or_default());
        parts.complete(&recorded(cx.all.iter().rev(), sign));
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
        let (mut stays, mut unseen, mut refused) = (Vec::new(), Vec::new(), None);
        let all = workflows(&parts);
        let ours = all.iter().filter(|(_, id)| !evidence.before.contains(*id));
        for (part, id) in ours {
            let name = match listed.iter().find(|one| one.id == id) {
                Some(one) => Some(one.name.clone()),
                None => self.n8n.workflow(id).await?.map(|one| one.listed.name),
            };
            let deleted = match name {
                Some(name) if !name.contains(sign) => {
                    stays.push(name);
                    continue;
                }
                Some(_) => self.n8n.delete_workflow(id).await,
                None => Ok(false),
            };
            match deleted {
                Ok(deleted) if deleted || same_user => {}
                Ok(_) => unseen.push(part.to_owned()),
                // The others go all the same.
                Err(failure) => refused = Some(failure),
            }
        }
        let left = self.credentials_taken_away(sign, &parts, &evidence).await?;
        if let Some(failure) = refused {
            return Err(failure);
        }
        stays.extend(left);
        if !unseen.is_empty() {
            return Ok(left::cannot_see(Provider::N8n, &unseen.join(", ")));
        }
        if !stays.is_empty() {
            return Ok(left::not_ours(Provider::N8n, &stays.join(", ")));
        }
        Ok(Undone::Gone)
    }

    /// Gives the names of those that bear another's name by now.
    async fn credentials_taken_away(
        &self,
        sign: &str,
        parts: &Parts,
        evidence: &Evidence,
    ) -> Result<Vec<String>, Failure> {
        let ids: Vec<_> = parts
            .iter()
            .filter(|(key, id)| key.starts_with(CREDENTIAL) && !evidence.before.contains(*id))
            .collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let listed = self.n8n.credentials("").await?.unwrap_or_default();
        let mut stays = Vec::new();
        for (_, id) in ids {
            match listed.iter().find(|one| one.id == id) {
                Some(one) if !one.name.contains(sign) => stays.push(one.name.clone()),
                // Where there is none, or the list is not for this key, n8n says 404 or deletes it.
                _ => drop(self.n8n.delete_credential(id).await?),
            }
        }
        Ok(stays)
    }
}

fn hidden(part: &str) -> Found {
    let name = part.to_owned();
    Found::CannotSee(Problem::from(Cause::CannotSee { name }).by(Provider::N8n))
}
