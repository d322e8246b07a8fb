//! Organizations and repositories: made, read, deleted.

use axum::{Extension, Json, extract::Path, http::StatusCode, response::IntoResponse};
use fabrik_domain::provider::Provider;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{GiteaAccount, LOGIN, documents, files, not_found, refused, user_shown};
use crate::{
    answer::{Answer, Refusal, json_answer},
    error::SandboxError,
    platform::Core,
    token::Token,
};

/// An organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Organization {
    id: u64,
    name: String,
    visibility: String,
}

/// A repository. Its files are documents of their own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Repository {
    pub(super) id: u64,
    pub(super) owner: String,
    pub(super) name: String,
    /// Names that it had; they lead to it while nobody else has them.
    #[serde(default)]
    former: Vec<String>,
    pub(super) description: String,
    pub(super) private: bool,
    pub(super) default_branch: String,
    pub(super) created: Timestamp,
}

impl Repository {
    fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// A token for `only` some owners or repositories sees no others.
    fn is_seen_by(&self, token: &Token) -> bool {
        !self.private || token.sees(&[&self.owner, &self.full_name(), &self.id.to_string()])
    }

    pub(super) fn page(&self, core: &Core) -> String {
        format!("{}/gitea/{}", core.base_url(), self.full_name())
    }

    fn show(&self, core: &Core) -> Value {
        let hidden = |one: Organization| one.visibility == "private";
        let organization = organization_of(core, &self.owner).ok().flatten();
        json!({
            "id": self.id, "owner": user_shown(core, &self.owner), "name": self.name,
            "full_name": self.full_name(), "description": self.description, "private": self.private,
            "internal": !self.private && organization.is_some_and(hidden),
            "default_branch": self.default_branch, "html_url": self.page(core), "empty": false,
            "archived": false, "template": false, "created_at": self.created.to_string(),
            "updated_at": self.created.to_string(),
        })
    }
}

fn key(name: &str) -> String {
    name.to_lowercase()
}

fn organization_of(core: &Core, name: &str) -> Result<Option<Organization>, SandboxError> {
    documents(core).get("organization", &key(name))
}

fn of_name(core: &Core, owner: &str, name: &str) -> Result<Option<Repository>, SandboxError> {
    documents(core).find("repository", |one: &Repository| {
        one.owner.eq_ignore_ascii_case(owner) && one.name.eq_ignore_ascii_case(name)
    })
}

/// The repository that a call is about: 404 where there is none or the token may not see it.
pub(super) fn addressed(
    core: &Core,
    token: &Token,
    owner: &str,
    name: &str,
) -> Result<Repository, Refusal> {
    let found = match of_name(core, owner, name)? {
        Some(repository) => Some(repository),
        None => documents(core).find("repository", |one: &Repository| {
            one.owner.eq_ignore_ascii_case(owner) && one.former.iter().any(|former| former == name)
        })?,
    };
    found
        .filter(|repository| repository.is_seen_by(token))
        .ok_or_else(not_found)
}

/// The same for its page.
pub(super) fn shown(
    core: &Core,
    owner: &str,
    name: &str,
) -> Result<Option<Repository>, SandboxError> {
    of_name(core, owner, name)
}

#[derive(Deserialize)]
pub(super) struct NewOrganization {
    username: String,
    visibility: Option<String>,
}

/// `POST /orgs`, `orgCreate`.
pub(super) async fn create_organization(
    core: Core,
    Extension(token): Extension<Token>,
    Json(wish): Json<NewOrganization>,
) -> Answer {
    let _turn = core.turn(Provider::Gitea);
    let account: GiteaAccount = core.account()?;
    if !account.users_can_create_organizations || !token.sees(&[&wish.username]) {
        let message = "user is not allowed to create an organization";
        return Err(refused(StatusCode::FORBIDDEN, message));
    }
    if organization_of(&core, &wish.username)?.is_some() || key(&wish.username) == LOGIN {
        let message = format!("user already exists [name: {}]", wish.username);
        return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, &message));
    }
    let organization = Organization {
        id: 100 + documents(&core).next("organization")?,
        name: wish.username,
        visibility: wish.visibility.unwrap_or_else(|| "public".to_owned()),
    };
    documents(&core).put("organization", &key(&organization.name), &organization)?;
    json_answer(StatusCode::CREATED, &organization_shown(&organization))
}

fn organization_shown(organization: &Organization) -> Value {
    json!({
        "id": organization.id, "name": organization.name, "username": organization.name,
        "full_name": "", "description": "", "visibility": organization.visibility,
    })
}

/// `GET /orgs/{org}`, `orgGet`.
pub(super) async fn organization(
    core: Core,
    Extension(token): Extension<Token>,
    Path(name): Path<String>,
) -> Answer {
    let found = organization_of(&core, &name)?;
    let seen = found.filter(|one| one.visibility != "private" || token.sees(&[&one.name]));
    let organization = seen.ok_or_else(not_found)?;
    json_answer(StatusCode::OK, &organization_shown(&organization))
}

#[derive(Deserialize)]
pub(super) struct NewRepository {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    private: bool,
    #[serde(default)]
    auto_init: bool,
    default_branch: Option<String>,
}

/// `POST /orgs/{org}/repos`, `createOrgRepo`.
pub(super) async fn create_in_organization(
    core: Core,
    Extension(token): Extension<Token>,
    Path(organization): Path<String>,
    Json(wish): Json<NewRepository>,
) -> Answer {
    let found = organization_of(&core, &organization)?.ok_or_else(not_found)?;
    create(&core, &token, &found.name, wish)
}

/// `POST /user/repos`, `createCurrentUserRepo`.
pub(super) async fn create_own(
    core: Core,
    Extension(token): Extension<Token>,
    Json(wish): Json<NewRepository>,
) -> Answer {
    create(&core, &token, LOGIN, wish)
}

fn create(core: &Core, token: &Token, owner: &str, wish: NewRepository) -> Answer {
    let _turn = core.turn(Provider::Gitea);
    if !token.sees(&[owner]) {
        let message = "Given user is not allowed to create repository in organization.";
        return Err(refused(StatusCode::FORBIDDEN, message));
    }
    if of_name(core, owner, &wish.name)?.is_some() {
        let message = "The repository with the same name already exists.";
        return Err(refused(StatusCode::CONFLICT, message));
    }
    let repository = make(core, owner, wish)?;
    json_answer(StatusCode::CREATED, &repository.show(core))
}

fn make(core: &Core, owner: &str, wish: NewRepository) -> Result<Repository, SandboxError> {
    let repository = Repository {
        id: 1 + documents(core).next("repository")?,
        owner: owner.to_owned(),
        name: wish.name,
        former: Vec::new(),
        description: wish.description,
        private: wish.private,
        default_branch: wish.default_branch.unwrap_or_else(|| "main".to_owned()),
        created: core.now(),
    };
    documents(core).put("repository", &repository.id.to_string(), &repository)?;
    if wish.auto_init {
        let text = format!("# {}\n\n{}\n", repository.name, repository.description);
        let sha = files::put_blob(core, &repository, text.as_bytes())?;
        files::commit(
            core,
            &repository,
            "Initial commit",
            [("README.md".to_owned(), Some(sha))].into(),
        )?;
    }
    Ok(repository)
}

/// A repository that the person has made for themself.
pub(crate) fn put_foreign(core: &Core, name: &str) -> Result<Value, SandboxError> {
    if of_name(core, LOGIN, name)?.is_some() {
        return Err(SandboxError::Invalid(format!(
            "a repository is called {name}"
        )));
    }
    let wish = NewRepository {
        name: name.to_owned(),
        description: "Somebody's".to_owned(),
        private: true,
        auto_init: true,
        default_branch: None,
    };
    let repository = make(core, LOGIN, wish)?;
    Ok(json!({ "id": repository.id, "full_name": repository.full_name() }))
}

/// `GET /repos/{owner}/{repo}`, `repoGet`.
pub(super) async fn get(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name)): Path<(String, String)>,
) -> Answer {
    let repository = addressed(&core, &token, &owner, &name)?;
    json_answer(StatusCode::OK, &repository.show(&core))
}

/// `DELETE /repos/{owner}/{repo}`, `repoDelete`.
pub(super) async fn delete(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name)): Path<(String, String)>,
) -> Answer {
    let _turn = core.turn(Provider::Gitea);
    let repository = addressed(&core, &token, &owner, &name)?;
    documents(&core).remove("repository", &repository.id.to_string())?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Another name for a repository of this number, as somebody gives it on the website.
pub(crate) fn rename(core: &Core, id: &str, name: &str) -> Result<Value, SandboxError> {
    let found = documents(core).get::<Repository>("repository", id)?;
    let mut repository = found.ok_or_else(|| SandboxError::unknown("repository", id))?;
    let former = std::mem::replace(&mut repository.name, name.to_owned());
    repository.former.push(former);
    documents(core).put("repository", id, &repository)?;
    Ok(json!({ "id": repository.id, "full_name": repository.full_name() }))
}
