//! Repositories, owners, commits and files as GitHub shows them.

use serde_json::{Value, json};

use super::{
    account::{LOGIN, ORGANIZATION_ID, USER_ID},
    objects::{self, Commit, Entry},
    repository::{Repository, by_id},
};
use crate::{environment::OWNER, error::SandboxError, platform::Core};

/// Adds the fields of `more` to `value`.
pub(super) fn extend(value: &mut Value, more: Value) {
    if let (Value::Object(fields), Value::Object(more)) = (value, more) {
        fields.extend(more);
    }
}

/// A user or organisation in brief.
pub(super) fn actor(core: &Core, login: &str, id: u64, kind: &str) -> Value {
    let url = format!("{}/github/users/{login}", core.base_url());
    json!({
        "login": login, "id": id, "node_id": format!("U_{id}"), "gravatar_id": "",
        "avatar_url": format!("{}/_github/avatar.png", core.base_url()),
        "url": url, "html_url": format!("{}/_github/{login}", core.base_url()),
        "followers_url": format!("{url}/followers"),
        "following_url": format!("{url}/following{{/other_user}}"),
        "gists_url": format!("{url}/gists{{/gist_id}}"),
        "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{url}/subscriptions"),
        "organizations_url": format!("{url}/orgs"), "repos_url": format!("{url}/repos"),
        "events_url": format!("{url}/events{{/privacy}}"),
        "received_events_url": format!("{url}/received_events"),
        "type": kind, "site_admin": false,
    })
}

/// The owner of a repository.
pub(super) fn owner(core: &Core, login: &str) -> Value {
    if login.eq_ignore_ascii_case(OWNER) {
        actor(core, OWNER, ORGANIZATION_ID, "Organization")
    } else {
        actor(core, LOGIN, USER_ID, "User")
    }
}

/// The base URL of a repository in the API.
pub(super) fn url(core: &Core, repository: &Repository) -> String {
    format!(
        "{}/github/repos/{}",
        core.base_url(),
        repository.full_name()
    )
}

/// The URL of a repository's page.
pub(crate) fn page_url(core: &Core, repository: &Repository) -> String {
    format!("{}/_github/{}", core.base_url(), repository.full_name())
}

/// A repository as lists show it.
pub(super) fn repository(core: &Core, repository: &Repository) -> Value {
    let url = url(core, repository);
    let page = page_url(core, repository);
    let mut value = json!({
        "id": repository.id, "node_id": format!("R_{}", repository.id),
        "name": repository.name, "full_name": repository.full_name(),
        "private": repository.private, "owner": owner(core, &repository.owner),
        "html_url": page, "description": repository.description, "fork": false, "url": url,
        "git_url": format!("{page}.git"), "ssh_url": format!("git@127.0.0.1:{}.git", repository.full_name()),
        "clone_url": format!("{page}.git"), "svn_url": page, "mirror_url": null,
        "homepage": null, "language": "TypeScript", "license": null,
        "forks": 0, "forks_count": 0, "stargazers_count": 0, "watchers": 0, "watchers_count": 0,
        "open_issues": 0, "open_issues_count": 0, "size": 12,
        "default_branch": repository.default_branch, "is_template": repository.is_template,
        "topics": [], "has_issues": true, "has_projects": true, "has_wiki": false,
        "has_pages": false, "has_downloads": true, "has_discussions": false,
        "archived": repository.archived, "disabled": false,
        "visibility": if repository.private { "private" } else { "public" },
        "pushed_at": repository.pushed_at, "created_at": repository.created_at,
        "updated_at": repository.updated_at,
        "permissions": { "admin": true, "maintain": true, "push": true, "triage": true, "pull": true },
    });
    extend(&mut value, links(&url));
    value
}

/// A repository as a call about it shows it.
pub(super) fn full_repository(core: &Core, shown: &Repository) -> Result<Value, SandboxError> {
    let mut value = repository(core, shown);
    extend(
        &mut value,
        json!({ "network_count": 0, "subscribers_count": 1 }),
    );
    if let Some(template) = shown
        .template
        .map(|id| by_id(core, id))
        .transpose()?
        .flatten()
    {
        extend(
            &mut value,
            json!({ "template_repository": repository(core, &template) }),
        );
    }
    if shown.owner.eq_ignore_ascii_case(OWNER) {
        extend(&mut value, json!({ "organization": owner(core, OWNER) }));
    }
    Ok(value)
}

fn links(url: &str) -> Value {
    let link = |rest: &str| format!("{url}/{rest}");
    json!({
        "archive_url": link("{archive_format}{/ref}"), "assignees_url": link("assignees{/user}"),
        "blobs_url": link("git/blobs{/sha}"), "branches_url": link("branches{/branch}"),
        "collaborators_url": link("collaborators{/collaborator}"),
        "comments_url": link("comments{/number}"), "commits_url": link("commits{/sha}"),
        "compare_url": link("compare/{base}...{head}"), "contents_url": link("contents/{+path}"),
        "contributors_url": link("contributors"), "deployments_url": link("deployments"),
        "downloads_url": link("downloads"), "events_url": link("events"), "forks_url": link("forks"),
        "git_commits_url": link("git/commits{/sha}"), "git_refs_url": link("git/refs{/sha}"),
        "git_tags_url": link("git/tags{/sha}"), "hooks_url": link("hooks"),
        "issue_comment_url": link("issues/comments{/number}"),
        "issue_events_url": link("issues/events{/number}"), "issues_url": link("issues{/number}"),
        "keys_url": link("keys{/key_id}"), "labels_url": link("labels{/name}"),
        "languages_url": link("languages"), "merges_url": link("merges"),
        "milestones_url": link("milestones{/number}"),
        "notifications_url": link("notifications{?since,all,participating}"),
        "pulls_url": link("pulls{/number}"), "releases_url": link("releases{/id}"),
        "stargazers_url": link("stargazers"), "statuses_url": link("statuses/{sha}"),
        "subscribers_url": link("subscribers"), "subscription_url": link("subscription"),
        "tags_url": link("tags"), "teams_url": link("teams"), "trees_url": link("git/trees{/sha}"),
    })
}

fn person(commit: &Commit) -> Value {
    json!({ "name": commit.author_name, "email": commit.author_email, "date": commit.date })
}

fn verification() -> Value {
    json!({ "verified": false, "reason": "unsigned", "signature": null, "payload": null, "verified_at": null })
}

/// A commit as git data shows it.
pub(super) fn git_commit(core: &Core, repository: &Repository, commit: &Commit) -> Value {
    let url = url(core, repository);
    let page = page_url(core, repository);
    let parents = commit.parents.iter().map(|sha| {
        json!({ "sha": sha, "url": format!("{url}/git/commits/{sha}"), "html_url": format!("{page}/commit/{sha}") })
    });
    json!({
        "sha": commit.sha, "node_id": format!("C_{}", commit.sha),
        "url": format!("{url}/git/commits/{}", commit.sha),
        "html_url": format!("{page}/commit/{}", commit.sha),
        "author": person(commit), "committer": person(commit), "message": commit.message,
        "tree": { "sha": commit.tree, "url": format!("{url}/git/trees/{}", commit.tree) },
        "parents": parents.collect::<Vec<_>>(), "verification": verification(),
    })
}

/// A commit as branches and lists show it.
pub(super) fn commit(core: &Core, repository: &Repository, commit: &Commit) -> Value {
    let url = url(core, repository);
    let git = git_commit(core, repository, commit);
    json!({
        "sha": commit.sha, "node_id": format!("C_{}", commit.sha),
        "url": format!("{url}/commits/{}", commit.sha),
        "html_url": git["html_url"],
        "comments_url": format!("{url}/commits/{}/comments", commit.sha),
        "commit": {
            "url": git["url"], "author": git["author"], "committer": git["committer"],
            "message": commit.message, "tree": git["tree"], "comment_count": 0,
            "verification": verification(),
        },
        "author": owner(core, LOGIN), "committer": owner(core, LOGIN), "parents": git["parents"],
    })
}

/// A file as the contents calls show it; with its content where that is given.
pub(super) fn file(
    core: &Core,
    shown: &Repository,
    path: &str,
    entry: &Entry,
    content: Option<&[u8]>,
) -> Value {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let url = url(core, shown);
    let address = format!("{url}/contents/{path}?ref={}", shown.default_branch);
    let page = format!(
        "{}/blob/{}/{path}",
        page_url(core, shown),
        shown.default_branch
    );
    let git = format!("{url}/git/blobs/{}", entry.sha);
    let mut value = json!({
        "type": "file", "name": path.rsplit('/').next().unwrap_or(path), "path": path,
        "sha": entry.sha, "size": entry.size, "url": address, "html_url": page, "git_url": git,
        "download_url": page, "_links": { "self": address, "git": git, "html": page },
    });
    if let Some(content) = content {
        extend(
            &mut value,
            json!({ "encoding": "base64", "content": STANDARD.encode(content) }),
        );
    }
    value
}

/// A folder's entry in a listing.
pub(super) fn folder(core: &Core, shown: &Repository, path: &str) -> Value {
    let url = url(core, shown);
    let address = format!("{url}/contents/{path}?ref={}", shown.default_branch);
    let page = format!(
        "{}/tree/{}/{path}",
        page_url(core, shown),
        shown.default_branch
    );
    json!({
        "type": "dir", "name": path.rsplit('/').next().unwrap_or(path), "path": path,
        "sha": objects::blob_name(path.as_bytes()), "size": 0, "url": address, "html_url": page,
        "git_url": address, "download_url": null,
        "_links": { "self": address, "git": address, "html": page },
    })
}
