//! What is there of the set, and which of it is ours.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_clouds::n8n::{ListedCredential, ListedWorkflow};
use fabrik_domain::{
    Cause, Problem,
    failure::Failure,
    provider::Provider,
    resource::{Resource, ResourceKind, ResourceState},
};
use fabrik_engine::step::{Context, Found, Occasion};
use serde::{Deserialize, Serialize};

use super::{N8nWorkflows, source::Source};
use crate::parts::Parts;

/// What a credential's key begins with among the parts.
pub(super) const CREDENTIAL: &str = "credential.";
/// Whose key it was made with: nobody else's 404 proves that it is gone.
pub(super) const USER: &str = "user.key";
/// What a key begins with that says of a credential that one more of it may be there, of an id that nobody knows.
const UNHEARD: &str = "unheard.";
/// In the place of a hash: the making broke off.
const HALF: &str = "half";

/// A credential's key among the parts.
pub(super) fn credential_key(name: &str) -> String {
    Parts::key(&format!("{CREDENTIAL}{name}"))
}

/// The key that says that one more of the credential may be there.
pub(super) fn unheard_key(name: &str) -> String {
    Parts::key(&format!("{UNHEARD}{name}"))
}

/// What there is.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// By part.
    pub(super) workflows: BTreeMap<String, ListedWorkflow>,
    /// Ids, by the name that the blueprint gives them.
    pub(super) credentials: BTreeMap<String, String>,
    /// The key's user, where the key tells.
    user: Option<String>,
    /// One may be there that is neither recorded nor shown.
    pub(super) hides_credentials: bool,
    /// Their list is not for this key.
    pub(super) lists_no_credentials: bool,
    /// The credentials of which one more may be there, of an id that nobody knows.
    pub(super) unheard: BTreeSet<String>,
    /// What of it is made as it would be made now, by its hash.
    sources: BTreeMap<Source, String>,
}

impl Seen {
    pub(super) fn is_empty(&self) -> bool {
        self.workflows.is_empty() && self.credentials.is_empty()
    }

    /// Whether what is there is made of what it would be made of now.
    pub(super) fn is_of(&self, source: Source) -> bool {
        let hash = self.sources.get(&source);
        hash.is_some_and(|hash| hash != HALF)
    }

    pub(super) fn made_of(&mut self, source: Source, hash: String) {
        self.sources.insert(source, hash);
    }

    /// Whether it has to be made anew, of what there is now of this. From here on, until it is whole, some of it is
    /// of something else.
    pub(super) fn begins_anew(&mut self, source: Source, must: bool) -> bool {
        let anew = must || !self.is_of(source);
        if anew {
            self.sources.insert(source, HALF.to_owned());
        }
        anew
    }

    /// The same, of which nobody knows how far it came.
    pub(super) fn unheard_of(mut self) -> Self {
        for source in Source::ALL {
            self.begins_anew(source, true);
        }
        self
    }

    /// As the records have it.
    pub(super) fn parts(&self) -> Parts {
        let mut parts = Parts::default();
        for (part, workflow) in &self.workflows {
            parts.set(part, &workflow.id);
        }
        for (name, id) in &self.credentials {
            parts.set(&credential_key(name), id);
        }
        if let Some(user) = &self.user {
            parts.set(USER, user);
        }
        for (source, hash) in &self.sources {
            parts.set(source.key(), hash);
        }
        for name in &self.unheard {
            parts.set(&unheard_key(name), "1");
        }
        parts
    }
}

/// The workflows among the parts.
pub(super) fn workflows(parts: &Parts) -> Parts {
    let mut workflows = Parts::default();
    for (key, id) in parts.iter() {
        let is_other = key == USER || Source::ALL.iter().any(|source| source.key() == key);
        if !is_other && !key.starts_with(CREDENTIAL) && !key.starts_with(UNHEARD) {
            workflows.set(key, id);
        }
    }
    workflows
}

/// What was there before the first intent, by n8n's ids.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Evidence {
    #[serde(default)]
    pub(super) before: BTreeSet<String>,
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
pub(super) fn recorded<'r>(rows: impl Iterator<Item = &'r Resource>, sign: &str) -> Parts {
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
pub(super) fn tagged<'l>(listed: &'l [ListedWorkflow], tag: &str) -> Option<&'l ListedWorkflow> {
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
            // What is left over may be all that tells of one: its list is not for everybody.
            let is_there = |row: &&Resource| {
                matches!(row.state, ResourceState::Live | ResourceState::Leftover)
            };
            let recorded = self::recorded(cx.all.iter().rev().filter(is_there), &sign);
            self.see_credentials(cx, &sign, &recorded, &mut seen)
                .await?;
        }
        if self.occasion == Occasion::Run {
            self.see_sources(cx, &sign, &mut seen);
        }
        Ok(Ok(seen))
    }

    /// What of it the records say to be made as it would be now, or this run has made. Earlier versions wrote no
    /// hashes: what their rows name is of what there is now, since people may have mended it.
    fn see_sources(&self, cx: &Context<'_>, sign: &str, seen: &mut Seen) {
        // Whatever became of a run: the newest that said so has written it.
        let recorded = recorded(cx.all.iter().rev(), sign);
        let before = cx.evidence.map(|_| Evidence::of(cx).before);
        let is_new = |id: &String| before.as_ref().is_some_and(|before| !before.contains(id));
        let is_named = |id: &String| recorded.iter().any(|(_, named)| named == id);
        for source in Source::ALL {
            let hash = self.hash(cx, source);
            let ids: Vec<&String> = match source {
                Source::Values => seen.workflows.values().map(|one| &one.id).collect(),
                Source::Credentials => seen.credentials.values().collect(),
            };
            let is_of_now = match recorded.get(source.key()) {
                Some(earlier) => earlier == hash,
                None => ids.iter().copied().all(is_named),
            };
            if is_of_now || ids.iter().copied().all(is_new) {
                seen.made_of(source, hash);
            }
        }
    }

    /// The credentials that are there. Where the list is not for this key, what the records say has to do.
    async fn see_credentials(
        &self,
        cx: &Context<'_>,
        sign: &str,
        recorded: &Parts,
        seen: &mut Seen,
    ) -> Result<(), Failure> {
        let listed = self.n8n.credentials(sign).await?;
        seen.lists_no_credentials = listed.is_none();
        for credential in &self.credentials {
            let name = &credential.name;
            if recorded.get(&unheard_key(name)).is_some() {
                seen.unheard.insert(name.clone());
            }
            let known = recorded.get(&credential_key(name));
            let full = Self::full_name(cx, name, "credential");
            let is_it =
                |one: &&ListedCredential| Some(one.id.as_str()) == known || one.name == full;
            let id = match &listed {
                Some(listed) => listed.iter().find(is_it).map(|one| one.id.clone()),
                None => self.heard.id(name).or_else(|| known.map(str::to_owned)),
            };
            match id {
                Some(id) => drop(seen.credentials.insert(name.clone(), id)),
                None => seen.hides_credentials |= listed.is_none(),
            }
        }
        Ok(())
    }

    /// Whether all is there, runs, and is of what there is now. A plan doesn't know yet what there will be.
    pub(super) fn is_whole(&self, seen: &Seen) -> bool {
        let runs = |part| seen.workflows.get(part).is_some_and(|one| one.active);
        let is_of_now = Source::ALL.iter().all(|source| seen.is_of(*source));
        (is_of_now || self.occasion == Occasion::Plan)
            && self.files.keys().all(runs)
            && self
                .credentials
                .iter()
                .all(|credential| seen.credentials.contains_key(&credential.name))
    }
}

fn hidden(part: &str) -> Found {
    let name = part.to_owned();
    Found::CannotSee(Problem::from(Cause::CannotSee { name }).by(Provider::N8n))
}
