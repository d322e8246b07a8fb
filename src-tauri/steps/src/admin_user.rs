//! `admin-user`: the first user of the customer's instance, its row among the members, the proof that it
//! can sign in and read that row, and what its mail is handed: a link, or the password.

mod access;
pub(crate) mod first_sign_in;

use std::{sync::OnceLock, time::Duration};

use async_trait::async_trait;
use fabrik_clouds::{
    refused_as,
    supabase::{Admin, NewUser, ProjectApi, User},
};
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    event::Detail,
    failure::{Failure, Outcome},
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::Output,
    secret::{Secret, SecretRef},
};
use fabrik_engine::step::{Context, Created, Found, Parent, Readiness, Step, Timing, Undone};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    kept::Kept,
    left_standing,
    parameters::Parameters,
    password,
    registry::{Clouds, Entry},
};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::AdminUser,
    revision: 1,
    plans_alone: false,
    timing: Timing {
        usual: Duration::from_secs(2),
        ceiling: Duration::from_mins(2),
        // The user's id is ours, and its row has a key: what was done twice shows as done.
        settle: Duration::from_secs(5),
    },
    build,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// The project's own URL.
    project_url: String,
    publishable_key: String,
    /// Comes apart, as a secret.
    #[serde(rename = "secret_key")]
    _secret_key: String,
    email: String,
    /// The person's name.
    #[serde(default)]
    name: String,
    /// The role: in the user's `app_metadata`, which only an administrator may change, and in its row.
    role: String,
    /// The table in `public` with a row for each user: `user_id`, `email`, `name`, `role`. Where the schema
    /// writes the row by itself, nothing is added.
    table: String,
    /// Where the link leads after it has signed its reader in.
    #[serde(default)]
    redirect_to: String,
    /// The mail is handed the password that the user is made with, in place of a link.
    #[serde(default)]
    temporary_password: bool,
}

pub(crate) use access::new_link;

/// The column that holds the user's id.
const USER: &str = "user_id";

struct AdminUser {
    with: With,
    /// `None` in a plan, which knows no project yet.
    project: Option<(ProjectApi, Admin)>,
    clouds: Clouds,
    /// From the vault, for the call that comes next.
    password: OnceLock<Secret>,
    /// It is built to be undone.
    undoes: bool,
}

fn build(clouds: &Clouds, parameters: &Parameters) -> Result<Box<dyn Step>, Problem> {
    let (with, project) = access::read(clouds, parameters)?;
    Ok(Box::new(AdminUser {
        with,
        project,
        clouds: clouds.clone(),
        password: OnceLock::new(),
        undoes: parameters.undoes(),
    }))
}

/// The user's id: the same for a customer's step whenever it is asked for, and in no other project's way.
fn id(cx: &Context<'_>) -> String {
    let hash = Sha256::digest(format!("{}/{}", cx.mark, cx.step.id));
    let mut bytes = [0; 16];
    bytes
        .iter_mut()
        .zip(hash.iter())
        .for_each(|(byte, hashed)| *byte = *hashed);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

fn existing(user: &User) -> Existing {
    Existing {
        id: user.id.clone(),
        name: user.email.clone(),
        url: None,
        content_hash: None,
    }
}

/// REST learns of a new table a moment after it was made; until then it says that there is none.
fn not_seen_yet(failure: &Failure) -> bool {
    refused_as(failure, "PGRST205")
}

impl AdminUser {
    fn project(&self) -> Result<&(ProjectApi, Admin), Failure> {
        self.project.as_ref().ok_or_else(|| {
            let reference = "secret_key".to_owned();
            Problem::from(Cause::SecretMissing {
                reference,
                variable: None,
            })
            .by(Provider::Supabase)
            .into()
        })
    }

    /// What a call may have made that nobody knows the end of. A user without its row is taken away too.
    async fn find_to_undo(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let ours = match access::back(&self.clouds, &self.with, &self.with.email).await? {
            Ok(admin) => self.ours(cx, &admin).await?,
            Err(Undone::CannotSee(problem)) => return Ok(Found::CannotSee(problem)),
            Err(_) => None,
        };
        Ok(match ours {
            Some(user) => Found::Ours(existing(&user)),
            None => Found::Absent {
                evidence: Value::Null,
            },
        })
    }

    /// The user that is ours: by the records, else by the id that only this step gives.
    async fn ours(&self, cx: &Context<'_>, admin: &Admin) -> Result<Option<User>, Failure> {
        let given = id(cx);
        let recorded = cx.known.iter().map(|known| &known.id);
        for id in recorded.filter(|id| Uuid::parse_str(id).is_ok() && **id != given) {
            if let Some(user) = admin.user(id).await? {
                return Ok(Some(user));
            }
        }
        admin.user(&given).await
    }

    async fn create_user(&self, admin: &Admin, id: &str) -> Result<User, Failure> {
        let password = self
            .password
            .get()
            .ok_or_else(|| Failure::refused(Cause::Internal))?;
        let object = |name: &str, value: &str| Map::from_iter([(name.to_owned(), json!(value))]);
        let user = NewUser {
            id,
            email: &self.with.email,
            password,
            email_confirm: true,
            user_metadata: object("name", &self.with.name),
            app_metadata: object("role", &self.with.role),
        };
        match admin.create_user(&user).await {
            // A call whose answer was lost may have been done after all.
            Err(failure) if refused_as(&failure, "email_exists") => {
                admin.user(id).await?.ok_or_else(|| {
                    let taken = Cause::NameTaken {
                        name: self.with.email.clone(),
                    };
                    Problem::from(taken).by(Provider::Supabase).into()
                })
            }
            made => made,
        }
    }

    /// The user's row, unless the schema has written it.
    async fn add_row(&self, admin: &Admin, user: &User) -> Result<(), Failure> {
        if admin.has_row(&self.with.table, USER, &user.id).await? {
            return Ok(());
        }
        let row: Map<String, Value> = [
            (USER, &user.id),
            ("email", &self.with.email),
            ("name", &self.with.name),
            ("role", &self.with.role),
        ]
        .map(|(column, value)| (column.to_owned(), json!(value)))
        .into_iter()
        .collect();
        match admin.add_row(&self.with.table, &row).await {
            // Unique violation: the call before this one did it.
            Err(failure) if refused_as(&failure, "23505") => Ok(()),
            answer => answer,
        }
    }

    /// Signs in as the user and reads its row as anybody could who has the public key.
    async fn prove(
        &self,
        cx: &Context<'_>,
        api: &ProjectApi,
        user: &User,
        password: &Secret,
    ) -> Result<bool, Failure> {
        let key = &self.with.publishable_key;
        let Some(session) = api.sign_in(key, &user.email, password).await? else {
            return Ok(false);
        };
        let rows = api
            .rows(key, &session, &self.with.table, (USER, &user.id))
            .await?;
        if rows.is_empty() {
            return Ok(false);
        }
        cx.say(Detail::AdminProved, &user.email);
        Ok(true)
    }
}

/// What `find` saw.
#[derive(Debug, Serialize, Deserialize)]
struct Evidence {
    /// The id that the user gets.
    id: String,
}

#[async_trait]
impl Step for AdminUser {
    fn name(&self) -> String {
        self.with.email.clone()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::AuthUser)
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        if self.undoes {
            return self.find_to_undo(cx).await;
        }
        let (_, admin) = self.project()?;
        let (ours, named) =
            futures::join!(self.ours(cx, admin), admin.user_by_email(&self.with.email));
        let (ours, named) = (ours?, named?);
        if let Some(user) = &ours {
            match admin.has_row(&self.with.table, USER, &user.id).await {
                Ok(true) => return Ok(Found::Ours(existing(user))),
                Ok(false) => {}
                Err(failure) if not_seen_yet(&failure) => {}
                Err(failure) => return Err(failure),
            }
        } else if let Some(other) = named {
            let taken = Problem::from(Cause::NameTaken { name: other.email });
            return Ok(Found::Foreign(taken.by(Provider::Supabase)));
        }
        let id = ours.map_or_else(|| id(cx), |user| user.id);
        let evidence = serde_json::to_value(Evidence { id });
        Ok(Found::Absent {
            evidence: evidence.map_err(|_| Problem::from(Cause::Internal))?,
        })
    }

    fn keeps(&self, cx: &Context<'_>) -> Option<SecretRef> {
        Some(Kept::AdminPassword.here(cx))
    }

    async fn prepare(&self, cx: &Context<'_>) -> Result<(), Failure> {
        let password = Kept::AdminPassword
            .or_keep(cx, || password::generate(cx.random))
            .await?;
        cx.say(Detail::PasswordKept, &self.with.email);
        // The vault gives the same again.
        let _ = self.password.set(password);
        Ok(())
    }

    /// Two calls, either of which may be repeated: the user has an id of ours, its row has it for a key.
    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let (_, admin) = self.project()?;
        let evidence = cx.evidence.cloned().unwrap_or_default();
        let Evidence { id } =
            serde_json::from_value(evidence).map_err(|_| Problem::from(Cause::Internal))?;
        let user = match admin.user(&id).await? {
            Some(user) => user,
            None => self.create_user(admin, &id).await?,
        };
        if let Err(mut failure) = self.add_row(admin, &user).await {
            if not_seen_yet(&failure) {
                failure.outcome = Outcome::NotSent;
            }
            return Ok(Created::Partly {
                existing: existing(&user),
                failure,
            });
        }
        if admin.fell_back() {
            cx.say(Detail::LegacyKeyUsed, &self.with.project_url);
        }
        Ok(Created::Resource(existing(&user)))
    }

    async fn await_ready(
        &self,
        cx: &Context<'_>,
        existing: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        let (api, _) = self.project()?;
        let Some(existing) = existing else {
            return Err(Failure::refused(Cause::Internal));
        };
        let user = User {
            id: existing.id.clone(),
            email: existing.name.clone(),
        };
        // A user that an earlier run made has its password from there, or has chosen another since.
        let password = cx.secrets.get(&Kept::AdminPassword.here(cx)).await?;
        if let Some(password) = password {
            match self.prove(cx, api, &user, &password).await {
                Ok(true) => {}
                Ok(false) => {
                    let cause = Cause::AdminProofFailed { email: user.email };
                    let problem = Problem::from(cause).by(Provider::Supabase);
                    return Ok(Readiness::Failed(problem));
                }
                Err(failure) if not_seen_yet(&failure) => {
                    let status = format!("{} is not served yet", self.with.table);
                    return Ok(Readiness::NotYet { status });
                }
                Err(failure) => return Err(failure),
            }
        }
        let by_password = self.with.temporary_password;
        let [given, left_out] = first_sign_in::outputs(cx, by_password, &user.id).await?;
        let id = ("user_id".to_owned(), Output::Public(user.id));
        Ok(Readiness::Ready([id, given, left_out].into()))
    }

    /// The user goes with its project.
    fn within(&self) -> Option<Parent> {
        let reference = self.clouds.projects.reference(&self.with.project_url);
        reference.map(left_standing::supabase)
    }

    /// Its mark is its id, which follows from customer and step. Its row goes with it.
    async fn undo(&self, cx: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        let name = existing.name.as_str();
        if existing.id != id(cx) {
            return Ok(left_standing::not_ours(Provider::Supabase, name));
        }
        match access::back(&self.clouds, &self.with, name).await? {
            Ok(admin) => {
                admin.delete_user(&existing.id).await?;
                Ok(Undone::Gone)
            }
            Err(undone) => Ok(undone),
        }
    }
}

#[cfg(test)]
mod tests;
