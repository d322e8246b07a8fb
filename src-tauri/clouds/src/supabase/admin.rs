//! A project's own Auth and REST, with the key that may do everything.

use std::sync::Arc;

use fabrik_domain::{
    failure::Failure,
    ports::Secrets,
    secret::{ExposeSecret, Secret, SecretRef},
};
use futures::{FutureExt, TryFutureExt, future::BoxFuture};
use http::{HeaderName, header};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use tokio::sync::OnceCell;

use super::{ProjectApi, project_api::secret, types::expose};
use crate::{Account, Call, Draft, refused_as, status::found};

/// The header that every call of a project's APIs wants.
pub(super) const API_KEY: HeaderName = HeaderName::from_static("apikey");
/// Users a page.
const PAGE: usize = 50;
/// A project with more users than these pages hold is nobody's first instance.
const PAGES: usize = 200;

/// A user of a project.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct User {
    /// A UUID.
    pub id: String,
    /// The address, in lower case at the vendor's; empty for a user without one.
    #[serde(default)]
    pub email: String,
}

/// A user to be created: the body of `adminCreateUser`.
#[derive(Clone, Debug, Serialize)]
pub struct NewUser<'a> {
    /// A UUID of ours, by which a retry knows it again.
    pub id: &'a str,
    /// The address.
    pub email: &'a str,
    /// The password to begin with.
    #[serde(serialize_with = "expose")]
    pub password: &'a Secret,
    /// The address counts as confirmed.
    pub email_confirm: bool,
    /// What the user may read and change: its name.
    pub user_metadata: Map<String, Value>,
    /// What only an administrator may change: its role.
    pub app_metadata: Map<String, Value>,
}

/// A link that signs its reader in, for a mail of our own.
#[derive(Clone, Debug, Deserialize)]
pub struct Link {
    /// The link itself: whoever has it is that user.
    #[serde(deserialize_with = "secret")]
    pub action_link: Secret,
}

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkKind {
    /// To choose a new password.
    Recovery,
    /// To sign in, once.
    MagicLink,
}

/// A project's APIs with the key that may do everything.
///
/// The newer `sb_secret_…` goes as `apikey` alone, since it is no JWT. Some projects refuse it for
/// writes (403 `bad_jwt`): then, and only then, the older `service_role` is fetched and used.
pub struct Admin {
    api: ProjectApi,
    key: Secret,
    secrets: Arc<dyn Secrets>,
    legacy: Option<SecretRef>,
    fallen_back: OnceCell<Secret>,
}

impl Admin {
    /// With `key`; should it be refused as no JWT, with the one that `secrets` has under `legacy`.
    pub fn new(
        api: ProjectApi,
        key: Secret,
        secrets: Arc<dyn Secrets>,
        legacy: Option<SecretRef>,
    ) -> Self {
        Self {
            api,
            key,
            secrets,
            legacy,
            fallen_back: OnceCell::new(),
        }
    }

    /// Whether the older key had to be used.
    pub fn fell_back(&self) -> bool {
        self.fallen_back.initialized()
    }

    /// A user by id: `adminGetUser`. `None` where there is none.
    pub async fn user(&self, id: &str) -> Result<Option<User>, Failure> {
        const CALL: Call = Call::reads("adminGetUser");
        found(
            self.receive(|api| api.get(CALL, ["auth", "v1", "admin", "users", id]))
                .await,
        )
    }

    /// The user with an address, in any case: `adminListUsers`, page by page.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>, Failure> {
        const CALL: Call = Call::reads("adminListUsers");
        #[derive(Deserialize)]
        struct Page {
            users: Vec<User>,
        }
        for page in 1..=PAGES {
            let Page { users } = self
                .receive(|api| {
                    api.get(CALL, ["auth", "v1", "admin", "users"])
                        .query("page", page.to_string())
                        .query("per_page", PAGE.to_string())
                })
                .await?;
            let last = users.len() < PAGE;
            let found = users
                .into_iter()
                .find(|user| user.email.eq_ignore_ascii_case(email));
            if found.is_some() || last {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Creates a user: `adminCreateUser`. 422 `email_exists` where the address has one.
    pub async fn create_user(&self, user: &NewUser<'_>) -> Result<User, Failure> {
        const CALL: Call = Call::changes("adminCreateUser");
        self.receive(|api| {
            api.post(CALL, ["auth", "v1", "admin", "users"])
                .masking(user.password)
                .json(user)
        })
        .await
    }

    /// Deletes a user for good: `adminDeleteUser`. `false` where there was none; an answer that isn't Auth's own
    /// (the project is paused or gone) is a failure.
    pub async fn delete_user(&self, id: &str) -> Result<bool, Failure> {
        const CALL: Call = Call::changes("adminDeleteUser");
        let answer = self
            .send(|api| api.delete(CALL, ["auth", "v1", "admin", "users", id]))
            .await;
        match answer {
            Ok(()) => Ok(true),
            Err(failure) if refused_as(&failure, "user_not_found") => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Makes a link and sends no mail: `adminGenerateLink`. Each makes the one before it worthless and
    /// changes nothing else, so it counts as a read: it may be repeated.
    pub async fn link(
        &self,
        kind: LinkKind,
        email: &str,
        redirect_to: Option<&str>,
    ) -> Result<Link, Failure> {
        const CALL: Call = Call::reads("adminGenerateLink");
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(rename = "type")]
            kind: LinkKind,
            email: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            redirect_to: Option<&'a str>,
        }
        let body = Body {
            kind,
            email,
            redirect_to,
        };
        self.receive(|api| {
            api.post(CALL, ["auth", "v1", "admin", "generate_link"])
                .json(&body)
        })
        .await
    }

    /// Whether `table` has a row whose `column` is `value`: `GET /rest/v1/<table>`, past row-level
    /// security.
    pub async fn has_row(&self, table: &str, column: &str, value: &str) -> Result<bool, Failure> {
        const CALL: Call = Call::reads("rest-select");
        let rows: Vec<Map<String, Value>> = self
            .receive(|api| {
                api.get(CALL, ["rest", "v1", table])
                    .query("select", column)
                    .query(column, format!("eq.{value}"))
                    .query("limit", "1")
            })
            .await?;
        Ok(!rows.is_empty())
    }

    /// Adds a row to `table`: `POST /rest/v1/<table>`.
    pub async fn add_row(&self, table: &str, row: &Map<String, Value>) -> Result<(), Failure> {
        const CALL: Call = Call::changes("rest-insert");
        self.send(|api| {
            api.post(CALL, ["rest", "v1", table])
                .header(HeaderName::from_static("prefer"), "return=minimal")
                .json(row)
        })
        .await
    }

    async fn receive<T: DeserializeOwned + Send + 'static>(
        &self,
        draft: impl Drafting,
    ) -> Result<T, Failure> {
        self.keyed(draft, |draft| draft.receive().boxed()).await
    }

    async fn send(&self, draft: impl Drafting) -> Result<(), Failure> {
        self.keyed(draft, |draft| draft.send().map_ok(drop).boxed())
            .await
    }

    /// Sends with the key, and again with the older one where that is what it takes.
    async fn keyed<T: 'static>(
        &self,
        draft: impl Drafting,
        send: impl for<'a> Fn(Draft<'a>) -> BoxFuture<'a, Result<T, Failure>> + Sync,
    ) -> Result<T, Failure> {
        let account = &self.api.account;
        let first = self.fallen_back.get().unwrap_or(&self.key);
        match send(with_key(draft(account), first)).await {
            Err(failure) => {
                let legacy = self.fall_back(failure).await?;
                send(with_key(draft(account), legacy)).await
            }
            answer => answer,
        }
    }

    /// The older key, where it was the newer kind that was refused; else the failure again. Nothing was
    /// done by a call that was refused, so repeating it is safe.
    async fn fall_back(&self, failure: Failure) -> Result<&Secret, Failure> {
        let no_jwt = is_newer(&self.key) && !self.fell_back() && refused_as(&failure, "bad_jwt");
        let Some(legacy) = self.legacy.as_ref().filter(|_| no_jwt) else {
            return Err(failure);
        };
        match self.secrets.get(legacy).await? {
            Some(key) => Ok(self.fallen_back.get_or_init(|| async { key }).await),
            None => Err(failure),
        }
    }
}

/// Makes a request anew: it may have to be sent twice.
trait Drafting: for<'a> Fn(&'a Account) -> Draft<'a> + Sync + Send {}
impl<F: for<'a> Fn(&'a Account) -> Draft<'a> + Sync + Send> Drafting for F {}

fn is_newer(key: &Secret) -> bool {
    key.expose_secret().starts_with("sb_secret_")
}

/// The newer kind is no JWT, and as a bearer it fails.
fn with_key<'a>(draft: Draft<'a>, key: &Secret) -> Draft<'a> {
    let draft = draft.secret(API_KEY, "", key);
    if is_newer(key) {
        draft
    } else {
        draft.secret(header::AUTHORIZATION, "Bearer ", key)
    }
}
