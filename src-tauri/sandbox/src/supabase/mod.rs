//! Supabase: the Management API at `/supabase`, and each project's own APIs at
//! `/_projects/{project}`. Each project's database is a real one,
//! unless this is a simulation.

mod account;
mod addons;
mod answer;
mod auth_settings;
mod database;
mod databases;
mod dialect;
mod gateway;
mod hash;
mod health;
mod jwt;
mod keys;
mod model;
mod organizations;
mod permissions;
mod project;
mod projects;
mod regions;
mod sent;

use std::sync::Arc;

use axum::{Router, http::StatusCode};
use fabrik_domain::provider::Provider;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::{
    documents::Documents, error::SandboxError, figure::Figure, platform::Core, routes::Routes,
};
use databases::{Database, Databases, failed};

pub(crate) use account::SupabaseAccount;
pub(crate) use projects::{put_foreign, rename};

/// What Supabase's operations share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Cloud {
    core: Core,
    databases: Databases,
    /// Held between looking at the records and changing them.
    changes: Arc<Mutex<()>>,
}

impl Cloud {
    pub(crate) fn open(core: &Core) -> Result<Self, SandboxError> {
        let databases = Databases::open(core.data_dir())?;
        if core.data_dir().is_some() {
            let (stopping, stopped) = (core.stopping().clone(), databases.clone());
            core.tasks().spawn(async move {
                stopping.cancelled().await;
                stopped.sleep().await;
            });
        }
        let (documents, emptied) = (core.documents(Provider::Supabase), databases.clone());
        core.on_reset(move || {
            let (documents, databases) = (documents.clone(), emptied.clone());
            Box::pin(async move {
                for project in documents.ids("project") {
                    if let Err(error) = databases.remove(&project).await {
                        tracing::error!(%error, project, "a database is left after a reset");
                    }
                }
            })
        });
        Ok(Self {
            core: core.clone(),
            databases,
            changes: Arc::default(),
        })
    }

    /// A simulation's, copied for another core.
    pub(crate) fn fork(&self, core: &Core) -> Result<Self, SandboxError> {
        let forked = Self::open(core)?;
        forked.databases.copy(&self.databases);
        Ok(forked)
    }

    /// What a simulation's databases hold: `{ref: {table: [row]}}`.
    pub(crate) fn content(&self) -> Value {
        self.databases.content()
    }

    fn documents(&self) -> Documents {
        self.core.documents(Provider::Supabase)
    }

    async fn database(&self, project: &str) -> Result<Database, SandboxError> {
        self.databases.of(project).await
    }
}

/// How the APIs of the project at this path answer who comes with this key: 200 where they take it.
/// `None`: no project has its APIs there.
pub(crate) fn accepts(core: &Core, path: &str, key: &str) -> Option<StatusCode> {
    let reference = path.trim_end_matches('/').strip_prefix("/_projects/")?;
    Some(gateway::accepts(core, reference, key))
}

/// All of Supabase.
pub(crate) fn routes() -> Router {
    let management = Routes::new(dialect::MANAGEMENT)
        .get("/v1/organizations", Figure::Read, organizations::list)
        .get("/v1/organizations/{slug}", Figure::Read, organizations::get)
        .get(
            "/v1/organizations/{slug}/projects",
            Figure::Read,
            organizations::projects,
        )
        .get(
            "/v1/projects/available-regions",
            Figure::Read,
            regions::available,
        )
        .get("/v1/projects", Figure::Read, projects::list)
        .post("/v1/projects", Figure::SupabaseCreate, projects::create)
        .get("/v1/projects/{ref}", Figure::Read, projects::get)
        .patch("/v1/projects/{ref}", Figure::SupabaseAuth, projects::update)
        .delete(
            "/v1/projects/{ref}",
            Figure::SupabaseCreate,
            projects::delete,
        )
        .post(
            "/v1/projects/{ref}/pause",
            Figure::SupabaseCreate,
            projects::pause,
        )
        .post(
            "/v1/projects/{ref}/restore",
            Figure::SupabaseCreate,
            projects::restore,
        )
        .get("/v1/projects/{ref}/health", Figure::Read, health::services)
        .get(
            "/v1/projects/{ref}/analytics/endpoints/logs.all",
            Figure::Read,
            health::no_rows,
        )
        .get(
            "/v1/projects/{ref}/analytics/endpoints/usage.api-counts",
            Figure::Read,
            health::no_rows,
        )
        .get("/v1/projects/{ref}/api-keys", Figure::Read, keys::list)
        .post(
            "/v1/projects/{ref}/api-keys",
            Figure::SupabaseAuth,
            keys::create,
        )
        .delete(
            "/v1/projects/{ref}/api-keys/{id}",
            Figure::SupabaseAuth,
            keys::delete,
        )
        .post(
            "/v1/projects/{ref}/database/query",
            Figure::SupabaseSql,
            database::query,
        )
        .reading_post(
            "/v1/projects/{ref}/database/query/read-only",
            Figure::SupabaseSql,
            database::read_only_query,
        )
        .get(
            "/v1/projects/{ref}/database/migrations",
            Figure::Read,
            database::migrations,
        )
        .post(
            "/v1/projects/{ref}/database/migrations",
            Figure::SupabaseSql,
            database::migrations,
        )
        .put(
            "/v1/projects/{ref}/database/migrations",
            Figure::SupabaseSql,
            database::migrations,
        )
        .get(
            "/v1/projects/{ref}/billing/addons",
            Figure::Read,
            addons::list,
        )
        .patch(
            "/v1/projects/{ref}/billing/addons",
            Figure::SupabaseAuth,
            addons::apply,
        )
        .delete(
            "/v1/projects/{ref}/billing/addons/{variant}",
            Figure::SupabaseAuth,
            addons::remove,
        )
        .get(
            "/v1/projects/{ref}/config/database/pooler",
            Figure::Read,
            database::pooler,
        )
        .get(
            "/v1/projects/{ref}/config/auth",
            Figure::Read,
            auth_settings::get,
        )
        .patch(
            "/v1/projects/{ref}/config/auth",
            Figure::SupabaseAuth,
            auth_settings::change,
        )
        .finish("/supabase");
    management.merge(gateway::routes())
}
