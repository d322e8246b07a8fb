//! A repository's page, where the links in its answers lead people.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{files, repositories::shown};
use crate::{
    error::SandboxError,
    html::{escape, page},
    platform::Core,
};

/// `GET /gitea/{owner}/{repo}`.
pub(super) async fn show(core: Core, Path((owner, name)): Path<(String, String)>) -> Response {
    render(&core, &owner, &name).unwrap_or_else(IntoResponse::into_response)
}

fn render(core: &Core, owner: &str, name: &str) -> Result<Response, SandboxError> {
    let Some(repository) = shown(core, owner, name)? else {
        let body = "<h1>There is no such repository</h1>";
        return Ok(page(StatusCode::NOT_FOUND, "en", "Not found", body));
    };
    let history = files::history(core, &repository, &repository.default_branch)?;
    let history = history.unwrap_or_default();
    let mut list = String::from("<ul class=\"files\">");
    for path in files::tree(&history).keys() {
        list.extend(["<li><code>", &escape(path), "</code></li>"]);
    }
    let message = history.last().map(|commit| escape(&commit.message));
    let title = format!("{}/{}", repository.owner, repository.name);
    let body = format!(
        "<h1>{}</h1><p class=\"lead\">{}</p><h2>Files</h2>{list}</ul>\
         <footer>A repository in the sandbox.</footer>",
        escape(&title),
        message.unwrap_or_default(),
    );
    Ok(page(StatusCode::OK, "en", &title, &body))
}
