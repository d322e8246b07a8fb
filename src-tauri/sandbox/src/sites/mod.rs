//! What was deployed answers here: `/_sites/<project>` is a project's production, and
//! `/_sites/<label>` one deployment. The page reads its repository's `client-config.json` and its
//! own environment, and asks its Supabase project with the publishable key it finds there: so it
//! shows that the parts of a stack are wired to each other.

mod backend;
mod show;

use axum::{
    Router,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::Value;

use crate::{
    error::SandboxError,
    github,
    html::page,
    platform::Core,
    vercel::{self, Deployment},
};

pub(crate) fn routes() -> Router {
    Router::new().route("/_sites/{label}", get(site))
}

async fn site(core: Core, Path(label): Path<String>) -> Response {
    match deployed(&core, &label) {
        Ok(Some(deployment)) => {
            render(&core, &deployment).unwrap_or_else(IntoResponse::into_response)
        }
        Ok(None) => {
            let body =
                "<h1>Nothing is deployed here</h1><p class=\"lead\">DEPLOYMENT_NOT_FOUND</p>";
            page(StatusCode::NOT_FOUND, "en", "Not found", body)
        }
        Err(error) => error.into_response(),
    }
}

/// The deployment that answers under this label, once it is built.
fn deployed(core: &Core, label: &str) -> Result<Option<Deployment>, SandboxError> {
    if let Some(project) = vercel::by_name(core, label)? {
        return vercel::latest_ready(core, &project.id);
    }
    let own = vercel::by_label(core, label)?;
    Ok(own.filter(|deployment| deployment.state(core.now()) == "READY"))
}

fn render(core: &Core, deployment: &Deployment) -> Result<Response, SandboxError> {
    let repository = github::by_id(core, deployment.repository())?;
    let config = match &repository {
        Some(repository) => github::read_file(core, repository, "client-config.json")?,
        None => None,
    };
    let config: Value = config
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let environment = deployment.environment(core)?;
    let backend = backend::check(core, &environment);
    Ok(show::show(&config, &environment, &backend))
}
