//! Projects' databases: real ones, of which few are awake at once; in a simulation models, which
//! answer at once and know what the steps ask. This is the seam between the two.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use fabrik_domain::provider::Provider;
use fabrik_postgres::{Answer, Error, Login, Pool};
use serde_json::Value;

use super::{
    gateway::{AuthStatement, RestStatement},
    model::Model,
};
use crate::error::SandboxError;

/// All of them. Cheap to clone.
#[derive(Clone)]
pub(super) enum Databases {
    Real(Arc<Pool>),
    Model(Arc<Mutex<BTreeMap<String, Model>>>),
}

/// One project's. Cheap to clone.
#[derive(Clone)]
pub(super) enum Database {
    Real(fabrik_postgres::Database),
    Model(Model),
}

/// A database that failed by itself, not by the SQL it was given.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
pub(super) fn failed(error: Error) -> SandboxError {
    SandboxError::Vendor {
        provider: Provider::Supabase.key(),
        why: error.to_string(),
    }
}

impl Databases {
    /// Those in a folder, or models where there is none.
    pub(super) fn open(folder: Option<&Path>) -> Result<Self, SandboxError> {
        Ok(match folder {
            Some(folder) => {
                let pool = Pool::open(folder.join("supabase")).map_err(failed)?;
                Self::Real(Arc::new(pool))
            }
            None => Self::Model(Arc::default()),
        })
    }

    /// The project's database, made where there is none: a kill may have come between its record and
    /// it.
    pub(super) async fn of(&self, project: &str) -> Result<Database, SandboxError> {
        let databases = match self {
            Self::Real(databases) => databases,
            Self::Model(models) => {
                let mut models = models.lock().unwrap_or_else(PoisonError::into_inner);
                let model = models.entry(project.to_owned()).or_default();
                return Ok(Database::Model(model.clone()));
            }
        };
        let found = match databases.database(project).await {
            Err(Error::Unknown(_)) => match databases.create(project).await {
                Err(Error::Exists(_)) => databases.database(project).await,
                made => made,
            },
            found => found,
        };
        found.map(Database::Real).map_err(failed)
    }

    /// Removes the project's database with all it holds. None there is no error.
    pub(super) async fn remove(&self, project: &str) -> Result<(), SandboxError> {
        match self {
            Self::Real(databases) => databases.remove(project).await.map_err(failed),
            Self::Model(models) => {
                let mut models = models.lock().unwrap_or_else(PoisonError::into_inner);
                models.remove(project);
                Ok(())
            }
        }
    }

    /// Takes what is in another's models.
    pub(super) fn copy(&self, other: &Self) {
        if let (Self::Model(models), Self::Model(others)) = (self, other) {
            let others = others.lock().unwrap_or_else(PoisonError::into_inner);
            let copies = others
                .iter()
                .map(|(project, model)| (project.clone(), model.copy()));
            *models.lock().unwrap_or_else(PoisonError::into_inner) = copies.collect();
        }
    }

    /// What is in the models; real ones are asked in SQL.
    pub(super) fn content(&self) -> Value {
        let Self::Model(models) = self else {
            return Value::Null;
        };
        let models = models.lock().unwrap_or_else(PoisonError::into_inner);
        let content = models.iter();
        content
            .map(|(project, model)| (project.clone(), model.content()))
            .collect()
    }

    /// Stops those that run.
    pub(super) async fn sleep(&self) {
        if let Self::Real(databases) = self {
            databases.sleep().await;
        }
    }
}

impl Database {
    /// Any number of statements, by the database's owner or reader.
    pub(super) async fn script(&self, login: &Login, sql: &str) -> Result<Answer, Error> {
        match self {
            Self::Real(database) => database.script(login, sql).await,
            Self::Model(model) => model.script(login, sql),
        }
    }

    /// One statement with parameters.
    pub(super) async fn statement(
        &self,
        login: &Login,
        sql: &str,
        parameters: &[Option<&str>],
    ) -> Result<Answer, Error> {
        match self {
            Self::Real(database) => database.statement(login, sql, parameters).await,
            Self::Model(model) => model.script(login, sql),
        }
    }

    /// One of Auth's own.
    pub(super) async fn auth(
        &self,
        statement: AuthStatement,
        parameters: &[Option<&str>],
    ) -> Result<Answer, Error> {
        match self {
            Self::Real(database) => {
                let sql = statement.sql();
                database.statement(&Login::Auth, sql, parameters).await
            }
            Self::Model(model) => model.auth(statement, parameters),
        }
    }

    /// One of REST's, in the name of whoever asks; the rows to answer with.
    pub(super) async fn rest(
        &self,
        login: &Login,
        statement: &RestStatement,
    ) -> Result<Vec<Value>, Error> {
        let database = match self {
            Self::Real(database) => database,
            Self::Model(model) => return model.rest(login, statement),
        };
        let (sql, values) = statement.sql();
        let values: Vec<_> = values.iter().map(|value| Some(value.as_str())).collect();
        let mut answer = database.statement(login, &sql, &values).await?;
        let body = answer.rows.first_mut().map(|row| row["body"].take());
        Ok(match body {
            Some(Value::Array(rows)) => rows,
            _ => Vec::new(),
        })
    }

    /// Starts it, so that the next request need not wait for it.
    pub(super) async fn wake(&self) -> Result<(), SandboxError> {
        match self {
            Self::Real(database) => database.wake().await.map_err(failed),
            Self::Model(_) => Ok(()),
        }
    }

    /// Stops it until it is asked again.
    pub(super) async fn sleep(&self) {
        if let Self::Real(database) = self {
            database.sleep().await;
        }
    }
}
