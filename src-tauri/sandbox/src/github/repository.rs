//! A repository as it is kept, and how it is found.

use axum::http::StatusCode;
use fabrik_domain::provider::Provider;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{account::GitHubAccount, may, not_found, refused, vendor_error};
use crate::{
    answer::Refusal, documents::Documents, error::SandboxError, platform::Core,
    readiness::Readiness, token::Token,
};

/// A repository.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Repository {
    /// GitHub's number; Vercel calls it `repoId`.
    pub(crate) id: u64,
    /// A login.
    pub(crate) owner: String,
    /// Its name at present.
    pub(crate) name: String,
    /// Where a mark may be.
    pub(super) description: Option<String>,
    /// Seen by members alone.
    pub(crate) private: bool,
    /// Whether others may be made from it.
    pub(super) is_template: bool,
    /// Whether it is read-only.
    pub(super) archived: bool,
    /// The branch that is shown and deployed.
    pub(crate) default_branch: String,
    /// When it was made.
    pub(super) created_at: Timestamp,
    /// When its settings changed last.
    pub(super) updated_at: Timestamp,
    /// When a branch changed last.
    pub(super) pushed_at: Timestamp,
    /// The template's id, where it was made from one.
    pub(super) template: Option<u64>,
    /// When the content is there.
    pub(super) content: Readiness,
}

impl Repository {
    /// Whether the token sees it.
    pub(super) fn is_seen_by(&self, token: &Token) -> bool {
        (!self.private || may(token, "repo"))
            && token.sees(&[&self.full_name(), &self.id.to_string()])
    }

    /// `owner/name`.
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// Refused while the template's content is still being copied.
    pub(super) fn require_content(&self, core: &Core) -> Result<(), Refusal> {
        if self.content.is_ready(core.now()) {
            return Ok(());
        }
        Err(refused(StatusCode::CONFLICT, "Git Repository is empty."))
    }

    /// Keeps it.
    pub(super) fn save(&self, core: &Core) -> Result<(), SandboxError> {
        documents(core).put("repository", &self.id.to_string(), self)
    }
}

pub(super) fn documents(core: &Core) -> Documents {
    core.documents(Provider::GitHub)
}

/// The number of a new repository.
pub(super) fn next_id(core: &Core) -> Result<u64, SandboxError> {
    Ok(700_000_000 + documents(core).next("repository")?)
}

/// The repository of this id.
pub(crate) fn by_id(core: &Core, id: u64) -> Result<Option<Repository>, SandboxError> {
    documents(core).get("repository", &id.to_string())
}

/// The repository that has this name at present; upper and lower case are one.
pub(crate) fn by_full_name(
    core: &Core,
    owner: &str,
    name: &str,
) -> Result<Option<Repository>, SandboxError> {
    documents(core).find("repository", |repository: &Repository| {
        repository.owner.eq_ignore_ascii_case(owner) && repository.name.eq_ignore_ascii_case(name)
    })
}

/// The repository a call is about: 404 where there is none or the token may not see it, 301 (307
/// where the call writes) where it has another name now.
pub(super) fn addressed(
    core: &Core,
    token: &Token,
    owner: &str,
    name: &str,
    writes: bool,
) -> Result<Repository, Refusal> {
    let account: GitHubAccount = core.account()?;
    if !account.organization_visible {
        return Err(not_found());
    }
    if let Some(repository) = by_full_name(core, owner, name)? {
        if repository.is_seen_by(token) {
            return Ok(repository);
        }
        return Err(not_found());
    }
    let former = former_name(owner, name);
    let renamed = match documents(core).get::<u64>("former_name", &former)? {
        Some(id) => by_id(core, id)?,
        None => None,
    };
    match renamed.filter(|repository| repository.is_seen_by(token)) {
        Some(repository) => Err(moved(core, repository.id, writes)),
        None => Err(not_found()),
    }
}

/// Another name for a repository of this number or `owner/name`; the old one leads to it from then
/// on. `None` where another has the name.
pub(super) fn renamed(
    core: &Core,
    mut repository: Repository,
    name: &str,
) -> Result<Option<Repository>, SandboxError> {
    let other = by_full_name(core, &repository.owner, name)?;
    if other.is_some_and(|other| other.id != repository.id) {
        return Ok(None);
    }
    let former = former_name(&repository.owner, &repository.name);
    documents(core).put("former_name", &former, &repository.id)?;
    documents(core).remove("former_name", &former_name(&repository.owner, name))?;
    name.clone_into(&mut repository.name);
    repository.updated_at = core.now();
    repository.save(core)?;
    Ok(Some(repository))
}

/// Another name, as somebody gives it on the website.
pub(crate) fn rename(core: &Core, id: &str, name: &str) -> Result<Value, SandboxError> {
    let unknown = || SandboxError::unknown("repository", id);
    let found = match (id.parse(), id.split_once('/')) {
        (Ok(number), _) => by_id(core, number)?,
        (_, Some((owner, name))) => by_full_name(core, owner, name)?,
        _ => None,
    };
    let repository = renamed(core, found.ok_or_else(unknown)?, name)?;
    let repository = repository
        .ok_or_else(|| SandboxError::Invalid(format!("another repository is called {name}")))?;
    Ok(json!({ "id": repository.id, "full_name": repository.full_name() }))
}

/// The key under which a name that was given up leads to its repository.
pub(super) fn former_name(owner: &str, name: &str) -> String {
    format!("{}/{}", owner.to_lowercase(), name.to_lowercase())
}

fn moved(core: &Core, id: u64, writes: bool) -> Refusal {
    let status = if writes {
        StatusCode::TEMPORARY_REDIRECT
    } else {
        StatusCode::MOVED_PERMANENTLY
    };
    let location = format!("{}/github/repositories/{id}", core.base_url());
    let mut answer = vendor_error(status, "Moved Permanently");
    if let Ok(location) = location.parse() {
        answer
            .headers_mut()
            .insert(axum::http::header::LOCATION, location);
    }
    answer.into()
}
