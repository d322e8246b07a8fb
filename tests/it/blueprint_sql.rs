//! The SQL of the built-in blueprints on a real `PostgreSQL` with Supabase's roles: who does what.

use fabrik_blueprints::load_built_in;
use fabrik_domain::blueprint::{Blueprint, StepKind};
use fabrik_postgres::{Answer, ApiRole, Caller, Error, Login, ScratchDatabase};
use serde_json::{Value, json};

mod access;
mod agency;
mod check;
mod client_stack;
mod factory;
mod grants;
mod held;
mod hour;
mod invoices;
mod isolation;
#[cfg(unix)] // The server is started by a script.
mod meanwhile;
mod orchestra;
mod provisioned;
mod shape;
mod stacks;

/// A project's database with a blueprint's SQL in it.
struct Instance {
    blueprint: Blueprint,
    database: ScratchDatabase,
}

/// What Supabase gives on whatever is made in `public`, in a project from before 30 May 2026. The database as it is
/// has what it gives since: nothing.
const OLDER_DEFAULTS: &str = "\
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role";

/// Not allowed, by a right, a policy or a trigger.
const REFUSED: &str = "42501";

/// Against a constraint, or a trigger that stands for one.
const VIOLATED: &str = "23514";

impl Instance {
    async fn new(name: &str) -> Self {
        let instance = Self::empty(name);
        instance.apply().await;
        instance
    }

    /// One in a project of each kind, with the kind's name.
    async fn in_each(name: &str) -> [(&'static str, Self); 2] {
        let older = Self::empty(name);
        older.owner(OLDER_DEFAULTS).await;
        older.apply().await;
        [("newer", Self::new(name).await), ("older", older)]
    }

    /// Nothing is applied yet.
    fn empty(name: &str) -> Self {
        Self {
            blueprint: load_built_in(name).unwrap(),
            database: ScratchDatabase::new().unwrap(),
        }
    }

    /// What the schema's step says.
    fn with(&self, field: &str) -> Vec<String> {
        let schema = self
            .blueprint
            .steps
            .iter()
            .find(|step| step.kind == StepKind::DatabaseSchema);
        let list = schema.unwrap().with[field].as_array().unwrap();
        list.iter()
            .map(|text| text.as_str().unwrap().to_owned())
            .collect()
    }

    async fn apply(&self) {
        for file in self.with("files") {
            let sql = format!(
                "begin;\n{};\ncommit",
                self.blueprint.files[&file].trim_end()
            );
            if let Err(error) = self.database.script(&Login::Owner, &sql).await {
                panic!(
                    "{file}: {error}: {:?}",
                    error.sql().map(|error| error.line(&sql))
                );
            }
        }
    }

    /// With the canary's rows in it, to stay.
    async fn with_canary(name: &str) -> Self {
        let instance = Self::new(name).await;
        instance.fill().await;
        instance
    }

    /// Puts the canary's rows in, to stay.
    async fn fill(&self) {
        self.owner(&self.blueprint.files["canary.sql"]).await;
    }

    async fn owner(&self, sql: &str) -> Vec<Value> {
        self.database
            .script(&Login::Owner, sql)
            .await
            .unwrap_or_else(|e| panic!("{sql}: {e}"))
            .rows
    }

    /// How many rows a statement touched or gave.
    async fn count(&self, login: &Login, sql: &str) -> Result<usize, String> {
        let answer: Result<Answer, Error> = self.database.script(login, sql).await;
        match answer {
            Ok(answer) if sql.starts_with("select") => Ok(answer.rows.len()),
            Ok(answer) => Ok(usize::try_from(answer.affected()).unwrap()),
            Err(error) => Err(error
                .sql()
                .unwrap_or_else(|| panic!("{sql}: {error}"))
                .state
                .clone()),
        }
    }

    /// Whether a statement came to nothing: it was refused, or found no row.
    async fn is_shut(&self, login: &Login, sql: &str) -> Result<(), String> {
        match self.count(login, sql).await {
            Ok(0) => Ok(()),
            Err(state) if state == REFUSED => Ok(()),
            other => Err(format!("{sql}: {other:?}")),
        }
    }
}

fn user(number: u8) -> String {
    format!("00000000-0000-4000-8000-0000000000{number:02}")
}

fn signed_in(number: u8) -> Login {
    let claims = json!({"role": "authenticated", "sub": user(number)});
    Login::Api(Caller {
        role: ApiRole::Authenticated,
        claims,
        read_only: false,
    })
}

fn anonymous() -> Login {
    Login::Api(Caller {
        role: ApiRole::Anon,
        claims: json!({"role": "anon"}),
        read_only: false,
    })
}

/// The project's own server, with the secret key.
fn server() -> Login {
    let claims = json!({"role": "service_role"});
    Login::Api(Caller {
        role: ApiRole::Service,
        claims,
        read_only: false,
    })
}

fn names(rows: &[Value], column: &str) -> Vec<String> {
    rows.iter()
        .map(|row| row[column].as_str().unwrap().to_owned())
        .collect()
}
