//! Repositories: made from a template, read, changed, deleted.

use axum::{
    Extension, Json,
    extract::{Path, Query},
    http::StatusCode,
    response::IntoResponse,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    account::{GitHubAccount, LOGIN},
    may, not_found, objects, refused, render,
    repository::{
        Repository, addressed, by_full_name, by_id, documents, former_name, next_id, renamed,
    },
};
use crate::{
    answer::{Answer, Refusal, json_answer},
    environment::OWNER,
    figure::Figure,
    platform::Core,
    readiness::Readiness,
    token::Token,
};
use fabrik_domain::provider::Provider;

/// The longest name GitHub takes.
const NAME_LIMIT: usize = 100;

#[derive(Deserialize)]
pub(super) struct Page {
    page: Option<usize>,
    per_page: Option<usize>,
}

/// `GET /repos/{owner}/{repo}`, `repos/get`.
pub(super) async fn get(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name)): Path<(String, String)>,
) -> Answer {
    let repository = addressed(&core, &token, &owner, &name, false)?;
    json_answer(
        StatusCode::OK,
        &render::full_repository(&core, &repository)?,
    )
}

/// `GET /repositories/{id}`: where a renamed repository's old name leads to.
pub(super) async fn get_by_id(
    core: Core,
    Extension(token): Extension<Token>,
    Path(id): Path<u64>,
) -> Answer {
    let repository = by_id(&core, id)?.ok_or_else(not_found)?;
    let repository = addressed(&core, &token, &repository.owner, &repository.name, false)?;
    json_answer(
        StatusCode::OK,
        &render::full_repository(&core, &repository)?,
    )
}

/// `GET /orgs/{org}/repos`, `repos/list-for-org`.
pub(super) async fn list_of_organization(
    core: Core,
    Extension(token): Extension<Token>,
    Path(org): Path<String>,
    Query(page): Query<Page>,
) -> Answer {
    if !org.eq_ignore_ascii_case(OWNER) {
        return Err(not_found());
    }
    list(&core, &token, OWNER, &page)
}

/// `GET /user/repos`, `repos/list-for-authenticated-user`.
pub(super) async fn list_own(
    core: Core,
    Extension(token): Extension<Token>,
    Query(page): Query<Page>,
) -> Answer {
    list(&core, &token, "", &page)
}

fn list(core: &Core, token: &Token, owner: &str, page: &Page) -> Answer {
    let size = page.per_page.unwrap_or(30).clamp(1, 100);
    let skip = (page.page.unwrap_or(1).max(1) - 1) * size;
    let of_owner = documents(core).listed("repository", |repository: &Repository| {
        (owner.is_empty() || repository.owner == owner) && repository.is_seen_by(token)
    })?;
    let shown = of_owner
        .iter()
        .skip(skip)
        .take(size)
        .map(|repository| render::repository(core, repository));
    json_answer(StatusCode::OK, &shown.collect::<Vec<_>>())
}

#[derive(Deserialize)]
pub(super) struct Generate {
    name: String,
    owner: Option<String>,
    description: Option<String>,
    #[serde(default)]
    private: bool,
}

/// `POST /repos/{template_owner}/{template_repo}/generate`, `repos/create-using-template`. The
/// answer comes before the content.
pub(super) async fn generate(
    core: Core,
    Extension(token): Extension<Token>,
    Path((template_owner, template_name)): Path<(String, String)>,
    Json(wish): Json<Generate>,
) -> Answer {
    let _turn = core.turn(Provider::GitHub);
    let template = addressed(&core, &token, &template_owner, &template_name, true)?;
    if !may(&token, "repo") {
        return Err(not_found());
    }
    if token.only.is_some() {
        // A token for chosen repositories makes no new ones.
        return Err(refused(
            StatusCode::FORBIDDEN,
            "Resource not accessible by personal access token",
        ));
    }
    if !template.is_template {
        return Err(unprocessable(
            "Could not clone: The source repository is not a template repository",
        ));
    }
    let owner = wish.owner.unwrap_or_else(|| LOGIN.to_owned());
    require_creatable(&core, &owner)?;
    require_name(&wish.name)?;
    if by_full_name(&core, &owner, &wish.name)?.is_some() {
        return Err(unprocessable(
            "Could not clone: Name already exists on this account",
        ));
    }
    let id = next_id(&core)?;
    let now = core.now();
    let repository = Repository {
        id,
        owner,
        name: wish.name,
        description: wish.description.filter(|text| !text.is_empty()),
        private: wish.private,
        is_template: false,
        archived: false,
        default_branch: template.default_branch.clone(),
        created_at: now,
        updated_at: now,
        pushed_at: now,
        template: Some(template.id),
        content: core.begin(Provider::GitHub, Figure::GitHubContent, &id.to_string()),
    };
    objects::copy(&core, &template, &repository)?;
    documents(&core).remove(
        "former_name",
        &former_name(&repository.owner, &repository.name),
    )?;
    repository.save(&core)?;
    json_answer(
        StatusCode::CREATED,
        &render::full_repository(&core, &repository)?,
    )
}

#[derive(Deserialize)]
pub(super) struct Update {
    name: Option<String>,
    description: Option<Value>,
    private: Option<bool>,
    is_template: Option<bool>,
    archived: Option<bool>,
    default_branch: Option<String>,
}

/// `PATCH /repos/{owner}/{repo}`, `repos/update`: also renames.
pub(super) async fn update(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name)): Path<(String, String)>,
    Json(changes): Json<Update>,
) -> Answer {
    let _turn = core.turn(Provider::GitHub);
    let mut repository = addressed(&core, &token, &owner, &name, true)?;
    if let Some(new) = changes.name.filter(|new| *new != repository.name) {
        require_name(&new)?;
        repository = renamed(&core, repository, &new)?
            .ok_or_else(|| unprocessable("Name already exists on this account"))?;
    }
    if let Some(branch) = changes.default_branch {
        repository.require_content(&core)?;
        if objects::head(&core, &repository, &branch)?.is_none() {
            return Err(unprocessable(
                "The branch was not found. Please push that ref first.",
            ));
        }
        repository.default_branch = branch;
    }
    if let Some(description) = changes.description {
        repository.description = description.as_str().map(str::to_owned);
    }
    repository.private = changes.private.unwrap_or(repository.private);
    repository.is_template = changes.is_template.unwrap_or(repository.is_template);
    repository.archived = changes.archived.unwrap_or(repository.archived);
    repository.updated_at = core.now();
    repository.save(&core)?;
    json_answer(
        StatusCode::OK,
        &render::full_repository(&core, &repository)?,
    )
}

/// `DELETE /repos/{owner}/{repo}`, `repos/delete`.
pub(super) async fn delete(
    core: Core,
    Extension(token): Extension<Token>,
    Path((owner, name)): Path<(String, String)>,
) -> Answer {
    let _turn = core.turn(Provider::GitHub);
    let repository = addressed(&core, &token, &owner, &name, true)?;
    if !may(&token, "delete_repo") {
        return Err(refused(
            StatusCode::FORBIDDEN,
            "Must have admin rights to Repository.",
        ));
    }
    let account: GitHubAccount = core.account()?;
    if !account.members_can_delete_repositories {
        return Err(refused(
            StatusCode::FORBIDDEN,
            "Organization members cannot delete repositories.",
        ));
    }
    objects::drop_all(&core, &repository)?;
    documents(&core).remove("repository", &repository.id.to_string())?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn require_creatable(core: &Core, owner: &str) -> Result<(), Refusal> {
    if owner.eq_ignore_ascii_case(LOGIN) {
        return Ok(());
    }
    if !owner.eq_ignore_ascii_case(OWNER) {
        return Err(unprocessable("Could not clone: owner not found"));
    }
    let account: GitHubAccount = core.account()?;
    if account.members_can_create_repositories {
        return Ok(());
    }
    Err(refused(
        StatusCode::FORBIDDEN,
        "You need admin access to the organization before adding a repository to it.",
    ))
}

fn require_name(name: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if (1..=NAME_LIMIT).contains(&name.len())
        && name.chars().all(allowed)
        && name != "."
        && name != ".."
    {
        return Ok(());
    }
    Err(unprocessable("Repository creation failed: name is invalid"))
}

/// 422 as GitHub puts it: the reason is in the list.
pub(super) fn unprocessable(message: &str) -> Refusal {
    let body = json!({
        "message": message,
        "errors": [message],
        "documentation_url": "https://docs.github.com/rest",
        "status": "422",
    });
    (StatusCode::UNPROCESSABLE_ENTITY, Json(body))
        .into_response()
        .into()
}

/// Content that is there from the start.
pub(super) fn complete(core: &Core) -> Readiness {
    Readiness::at_once(core.now())
}
