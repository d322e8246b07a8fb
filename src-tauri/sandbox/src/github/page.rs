//! A repository's page, where the links in its answers lead people.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{objects, repository::by_full_name};
use crate::{
    error::SandboxError,
    html::{escape, page, rows},
    platform::Core,
};

/// `GET /_github/{owner}/{repo}`.
pub(super) async fn show(core: Core, Path((owner, name)): Path<(String, String)>) -> Response {
    render(&core, &owner, &name).unwrap_or_else(IntoResponse::into_response)
}

fn render(core: &Core, owner: &str, name: &str) -> Result<Response, SandboxError> {
    let Some(repository) = by_full_name(core, owner, name)? else {
        return Ok(page(
            StatusCode::NOT_FOUND,
            "en",
            "Not found",
            "<h1>There is no such repository</h1>",
        ));
    };
    let head = objects::head(core, &repository, &repository.default_branch)?;
    let ready = repository.content.is_ready(core.now());
    let mut files = String::from("<ul class=\"files\">");
    if let Some(head) = head.as_ref().filter(|_| ready) {
        for path in objects::tree(core, &repository, &head.tree)?
            .unwrap_or_default()
            .keys()
        {
            files.extend(["<li><code>", &escape(path), "</code></li>"]);
        }
    }
    let visibility = if repository.private {
        "Private"
    } else {
        "Public"
    };
    let facts = rows([
        ("Branch", escape(&repository.default_branch)),
        ("Visibility", visibility.to_owned()),
        (
            "Last commit",
            head.map_or_else(String::new, |head| escape(&head.message)),
        ),
        ("Created", repository.created_at.to_string()),
    ]);
    let full_name = repository.full_name();
    let description = repository
        .description
        .as_deref()
        .unwrap_or("No description");
    let body = format!(
        "<h1>{}</h1><p class=\"lead\">{}</p><h2>Repository</h2>{facts}<h2>Files</h2>{files}</ul>\
         <footer>A repository in the sandbox.</footer>",
        escape(&full_name),
        escape(description),
    );
    Ok(page(StatusCode::OK, "en", &full_name, &body))
}
