//! Auth (`GoTrue`): users in the project's `auth.users`, sign-in, and links that let a user in.

mod admin;
mod answer;
mod limits;
mod links;
mod password;
mod session;
mod sign_in;
mod statements;
mod user;
mod verify;

use axum::{
    Router,
    response::{IntoResponse, Response},
};
use fabrik_domain::provider::Provider;
use serde_json::{Value, json};

use super::{
    super::{
        Cloud, SupabaseAccount, auth_settings::AuthSettings, databases::Database, keys::Kind,
        project::Project,
    },
    asked::Asked,
};
use crate::{
    figure::Figure,
    routes::{Dialect, Routes},
};
use answer::{Answer, AuthError, ok};

pub(in super::super) use statements::Statement;

const AUTH: Dialect = Dialect::plain(Provider::Supabase, answer::infrastructure);

pub(super) fn routes() -> Router {
    Routes::new(AUTH)
        .get("/health", Figure::Read, health)
        .get("/admin/users", Figure::Read, admin::list)
        .post("/admin/users", Figure::SupabaseAuth, admin::create)
        .get("/admin/users/{user}", Figure::Read, admin::get)
        .put("/admin/users/{user}", Figure::SupabaseAuth, admin::change)
        .delete("/admin/users/{user}", Figure::SupabaseAuth, admin::delete)
        .post(
            "/admin/generate_link",
            Figure::SupabaseAuth,
            links::generate,
        )
        .post("/invite", Figure::SupabaseAuth, links::invite)
        .post("/token", Figure::SupabaseAuth, sign_in::token)
        .post("/logout", Figure::SupabaseAuth, sign_in::logout)
        .get("/user", Figure::Read, sign_in::user)
        .put("/user", Figure::SupabaseAuth, sign_in::change_user)
        .get("/verify", Figure::SupabaseAuth, verify::follow)
        .post("/verify", Figure::SupabaseAuth, verify::verify)
        .finish("/_projects/{project}/auth/v1")
}

/// What a request to Auth works on.
struct Auth {
    cloud: Cloud,
    project: Project,
    database: Database,
    settings: AuthSettings,
}

impl Auth {
    async fn of(cloud: &Cloud, project: Project) -> Result<Self, AuthError> {
        let database = cloud.database(&project.reference).await?;
        let settings = AuthSettings::of(cloud, &project.reference)?;
        Ok(Self {
            cloud: cloud.clone(),
            project,
            database,
            settings,
        })
    }

    /// The request of a project's own server, by `service_role`.
    async fn admin(asked: &Asked, writes: bool) -> Result<Self, AuthError> {
        let access = asked.access()?;
        if access.role != fabrik_postgres::ApiRole::Service {
            return Err(AuthError::not_admin());
        }
        if writes && access.key == Kind::Secret {
            let account: SupabaseAccount = asked.cloud.core.account()?;
            if account.secret_key_cannot_write {
                return Err(AuthError::bad_jwt(
                    "token is unverifiable: error while executing keyfunc",
                ));
            }
        }
        Self::of(&asked.cloud, access.project).await
    }

    /// Runs a statement.
    async fn run(
        &self,
        statement: Statement,
        parameters: &[Option<&str>],
    ) -> Answer<fabrik_postgres::Answer> {
        let answer = self.database.auth(statement, parameters).await;
        answer.map_err(AuthError::database)
    }

    /// The time as `PostgreSQL` reads it.
    fn now(&self) -> String {
        self.cloud.core.now().to_string()
    }

    /// The URL of this project's Auth.
    fn url(&self) -> String {
        let base = self.cloud.core.base_url();
        format!("{base}/_projects/{}/auth/v1", self.project.reference)
    }
}

/// What `/health` answers.
pub(in super::super) fn auth_health() -> Value {
    json!({
        "version": "v2.180.0",
        "name": "GoTrue",
        "description": "GoTrue is a user registration and authentication API",
    })
}

/// `GET /health` (`health`).
async fn health(asked: Asked) -> Answer<Response> {
    asked.access()?;
    Ok(ok(&auth_health()).into_response())
}
