//! Supabase: the Management API at `/supabase`, and each project's own APIs at
//! `/_projects/{project}`. Each project's database is a real one.

mod account;
mod answer;
mod auth_settings;
mod database;
mod dialect;
mod gateway;
mod hash;
mod health;
mod jwt;
mod keys;
mod organizations;
mod project;
mod projects;
mod regions;
mod sent;

use std::sync::Arc;

use axum::{Extension, Router};
use fabrik_domain::provider::Provider;
use fabrik_postgres::{Database, Error, Pool};
use tokio::sync::Mutex;

use crate::{
    documents::Documents, error::SandboxError, figure::Figure, platform::Core, routes::Routes,
};

pub(crate) use account::SupabaseAccount;

/// What Supabase's operations share. Cheap to clone.
#[derive(Clone)]
struct Cloud {
    core: Core,
    databases: Arc<Pool>,
    /// Held between looking at the records and changing them.
    changes: Arc<Mutex<()>>,
}

impl Cloud {
    fn open(core: &Core) -> Result<Self, SandboxError> {
        let databases = Pool::open(core.data_dir().join("supabase")).map_err(failed)?;
        let cloud = Self {
            core: core.clone(),
            databases: Arc::new(databases),
            changes: Arc::default(),
        };
        let stopped = cloud.clone();
        core.tasks().spawn(async move {
            stopped.core.stopping().cancelled().await;
            stopped.databases.sleep().await;
        });
        let emptied = cloud.clone();
        core.on_reset(move || {
            let cloud = emptied.clone();
            Box::pin(async move {
                if let Err(error) = cloud.remove_databases().await {
                    tracing::error!(%error, "databases left after a reset");
                }
            })
        });
        Ok(cloud)
    }

    fn documents(&self) -> Documents {
        self.core.documents(Provider::Supabase)
    }

    /// The project's database, made where a kill came between the record and it.
    async fn database(&self, project: &str) -> Result<Database, SandboxError> {
        match self.databases.database(project).await {
            Err(Error::Unknown(_)) => match self.databases.create(project).await {
                Err(Error::Exists(_)) => self.databases.database(project).await,
                made => made,
            },
            found => found,
        }
        .map_err(failed)
    }

    async fn remove_databases(&self) -> Result<(), SandboxError> {
        for project in self.documents().all::<project::Project>("project")? {
            self.databases
                .remove(&project.reference)
                .await
                .map_err(failed)?;
        }
        Ok(())
    }
}

/// A database that failed by itself, not by the SQL it was given.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
fn failed(error: Error) -> SandboxError {
    SandboxError::Vendor {
        provider: Provider::Supabase.key(),
        why: error.to_string(),
    }
}

/// All of Supabase.
pub(crate) fn routes(core: &Core) -> Result<Router, SandboxError> {
    let cloud = Cloud::open(core)?;
    let management = Routes::new(core, dialect::MANAGEMENT)
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
    Ok(management
        .merge(gateway::routes(core))
        .layer(Extension(cloud)))
}
