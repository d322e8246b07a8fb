//! The Management API: what is done with the agency's token.

use std::time::Duration;

use fabrik_domain::{Cause, failure::Failure, gate::Charge, id::CustomerId};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    ApiKeys, AuthConfig, AuthConfigChange, ListedProject, NewProject, Organization,
    OrganizationPlan, Project, Regions, ServiceHealth,
    dialect::{ManagementDialect, counted, is_removed},
    types::ProjectPage,
};
use crate::{Account, AccountInfo, BaseUrl, Call, Http, Scheme, Token, decode::Room, refused_with};

/// Projects a page.
const PAGE: usize = 100;
/// No agency has more pages; what says so is garbage.
const PAGES: usize = 100;
/// A blueprint's schema is long, and locks may have to be waited for.
pub(super) const SQL_TIMEOUT: Duration = Duration::from_mins(2);

/// The Management API. Cheap to clone.
#[derive(Clone)]
pub struct Management {
    pub(super) account: Account,
}

/// What a look at something by its id shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sighting<T> {
    /// It is there.
    There(T),
    /// The vendor says that it was deleted.
    Removed,
    /// It isn't there, or the token can't see it: the vendor doesn't tell which.
    NotVisible,
}

impl Management {
    /// The API at `base`, with the agency's token.
    pub fn new(http: Http, base: BaseUrl, token: Token) -> Self {
        Self {
            account: Account::new(http, ManagementDialect, base, token, Scheme::Bearer),
        }
    }

    /// The same for a customer's calls: the gates deal turns by customer.
    #[must_use]
    pub fn for_customer(&self, customer: CustomerId) -> Self {
        Self {
            account: self.account.for_customer(customer),
        }
    }

    /// What so many calls of an operation count, for a project or an organization: for the gates' forecast.
    pub fn demand(&self, operation: &'static str, whom: &str, calls: u32) -> Vec<Charge> {
        self.account.charges(vec![counted(operation, whom)], calls)
    }

    /// Where it is.
    pub fn base(&self) -> &BaseUrl {
        self.account.base()
    }

    /// What it is called with, for a project's own API.
    pub fn http(&self) -> &Http {
        self.account.http()
    }

    /// The organizations that the token sees: `v1-list-all-organizations`.
    pub async fn organizations(&self) -> Result<Vec<Organization>, Failure> {
        const CALL: Call = Call::reads("v1-list-all-organizations").needs(&["organizations_read"]);
        self.account
            .get(CALL, ["v1", "organizations"])
            .receive()
            .await
    }

    /// An organization's plan: `v1-get-an-organization`.
    pub async fn plan(&self, organization: &str) -> Result<OrganizationPlan, Failure> {
        const CALL: Call =
            Call::reads("v1-get-an-organization").needs(&["organization_admin_read"]);
        self.account
            .get(CALL, ["v1", "organizations", organization])
            .receive()
            .await
    }

    /// The regions an organization may use: `v1-get-available-regions`.
    pub async fn regions(&self, organization: &str) -> Result<Regions, Failure> {
        const CALL: Call = Call::reads("v1-get-available-regions");
        self.account
            .get(CALL, ["v1", "projects", "available-regions"])
            .query("organization_slug", organization)
            .receive()
            .await
    }

    /// All projects of an organization, or those that a search for `name` gives, which may be more than
    /// those of that name: `v1-get-all-projects-for-organization`.
    pub async fn projects(
        &self,
        organization: &str,
        name: Option<&str>,
    ) -> Result<Vec<ListedProject>, Failure> {
        const CALL: Call = Call::reads("v1-get-all-projects-for-organization")
            .needs(&["organization_projects_read"]);
        let (mut projects, mut room) = (Vec::new(), Room::for_list());
        for _ in 0..PAGES {
            let mut draft = self
                .account
                .get(CALL, ["v1", "organizations", organization, "projects"])
                .query("limit", PAGE.to_string())
                .query("offset", projects.len().to_string());
            if let Some(name) = name {
                draft = draft.query("search", name);
            }
            let page: ProjectPage = draft.receive_page(&mut room).await?;
            // A page over the limit is no page of ours: collecting more of it would have no end.
            let last = page.projects.is_empty() || page.projects.len() > PAGE;
            projects.extend(page.projects);
            #[expect(
                clippy::cast_precision_loss,
                reason = "no list comes near 2^52 entries"
            )]
            if last || projects.len() as f64 >= page.pagination.count {
                break;
            }
        }
        Ok(projects)
    }

    /// Creates a project: `v1-create-a-project`. Neither idempotent nor unique by name.
    pub async fn create_project(&self, project: &NewProject<'_>) -> Result<Project, Failure> {
        const CALL: Call =
            Call::changes("v1-create-a-project").needs(&["organization_projects_create"]);
        self.account
            .post(CALL, ["v1", "projects"])
            .masking(project.database_password)
            .json(project)
            .receive()
            .await
    }

    /// A project by its ref: `v1-get-project`.
    pub async fn project(&self, reference: &str) -> Result<Sighting<Project>, Failure> {
        const CALL: Call = Call::reads("v1-get-project").needs(&["project_admin_read"]);
        match self
            .account
            .get(CALL, ["v1", "projects", reference])
            .receive()
            .await
        {
            Ok(project) => Ok(Sighting::There(project)),
            Err(failure) if is_removed(&failure) => Ok(Sighting::Removed),
            Err(failure) if refused_with(&failure) == Some(404) => Ok(Sighting::NotVisible),
            Err(failure) => Err(failure),
        }
    }

    /// How services of a project are: `v1-get-services-health`.
    pub async fn health(
        &self,
        reference: &str,
        services: &[&str],
    ) -> Result<Vec<ServiceHealth>, Failure> {
        const CALL: Call = Call::reads("v1-get-services-health").needs(&["project_admin_read"]);
        let mut draft = self
            .account
            .get(CALL, ["v1", "projects", reference, "health"]);
        for service in services {
            draft = draft.query("services", service);
        }
        draft.receive().await
    }

    /// A project's API keys, secret ones included: `v1-get-project-api-keys`.
    pub async fn api_keys(&self, reference: &str) -> Result<ApiKeys, Failure> {
        const CALL: Call = Call::reads("v1-get-project-api-keys").needs(&["api_gateway_keys_read"]);
        self.account
            .get(CALL, ["v1", "projects", reference, "api-keys"])
            .query("reveal", "true")
            .receive()
            .await
    }

    /// Runs SQL as the database's owner: `v1-run-a-query`. Whatever it answers is dropped.
    ///
    /// Several statements may be given; wrap them in `begin; … commit;` to have all or none.
    pub async fn execute(&self, reference: &str, sql: &str) -> Result<(), Failure> {
        const CALL: Call = Call::changes("v1-run-a-query")
            .needs(&["database_write"])
            .within(SQL_TIMEOUT);
        self.account
            .post(CALL, ["v1", "projects", reference, "database", "query"])
            .json(&Query { query: sql })
            .send()
            .await
            .map(drop)
    }

    /// Reads rows by SQL, as objects by column: `v1-read-only-query`. Names need their schema.
    pub async fn read<T: DeserializeOwned>(
        &self,
        reference: &str,
        sql: &str,
    ) -> Result<Vec<T>, Failure> {
        const CALL: Call = Call::reads("v1-read-only-query").needs(&["database_read"]);
        self.account
            .post(
                CALL,
                [
                    "v1",
                    "projects",
                    reference,
                    "database",
                    "query",
                    "read-only",
                ],
            )
            .json(&Query { query: sql })
            .receive()
            .await
    }

    /// Runs SQL as the database's owner in a transaction that is rolled back, and gives the rows of the last
    /// statement that has any: `v1-run-a-query`. Nothing of it stays, so it may be repeated; the SQL itself
    /// must not commit. An error ends it, and says why ([`sql_state`]).
    pub async fn rolled_back<T: DeserializeOwned>(
        &self,
        reference: &str,
        sql: &str,
    ) -> Result<Vec<T>, Failure> {
        const CALL: Call = Call::reads("v1-run-a-query")
            .needs(&["database_write"])
            .within(SQL_TIMEOUT)
            // What it is for: to try whether the database refuses something.
            .tries(&[400]);
        let sql = format!("begin;\n{}\n;\nrollback;", sql.trim().trim_end_matches(';'));
        self.account
            .post(CALL, ["v1", "projects", reference, "database", "query"])
            .json(&Query { query: &sql })
            .receive()
            .await
    }

    /// A project's sign-in settings: `v1-get-auth-service-config`.
    pub async fn auth_config(&self, reference: &str) -> Result<AuthConfig, Failure> {
        const CALL: Call = Call::reads("v1-get-auth-service-config").needs(&["auth_config_read"]);
        self.account
            .get(CALL, ["v1", "projects", reference, "config", "auth"])
            .receive()
            .await
    }

    /// Changes a project's sign-in settings, those given alone: `v1-update-auth-service-config`.
    pub async fn change_auth_config(
        &self,
        reference: &str,
        change: &AuthConfigChange,
    ) -> Result<(), Failure> {
        const CALL: Call = Call::changes("v1-update-auth-service-config")
            .needs(&["auth_config_write", "project_admin_write"]);
        let mut draft = self
            .account
            .patch(CALL, ["v1", "projects", reference, "config", "auth"]);
        if let Some(password) = &change.smtp_password {
            draft = draft.masking(password);
        }
        draft.json(change).send().await.map(drop)
    }

    /// Puts sign-in settings back, those in `settings` alone, as
    /// [`undone`](AuthConfigChange::undone) gives them: `v1-update-auth-service-config`.
    pub async fn restore_auth_config(
        &self,
        reference: &str,
        settings: &Map<String, Value>,
    ) -> Result<(), Failure> {
        const CALL: Call = Call::changes("v1-update-auth-service-config")
            .needs(&["auth_config_write", "project_admin_write"]);
        self.account
            .patch(CALL, ["v1", "projects", reference, "config", "auth"])
            .json(settings)
            .send()
            .await
            .map(drop)
    }

    /// Tries the token, and names the organizations it sees: `v1-list-all-organizations`. A token tells
    /// neither its owner nor what it may do; a narrow one may not even list organizations.
    pub async fn whoami(&self) -> Result<AccountInfo, Failure> {
        match self.organizations().await {
            Ok(organizations) => {
                let names: Vec<_> = organizations.into_iter().map(|one| one.name).collect();
                Ok(AccountInfo {
                    account: names.join(", "),
                    ..AccountInfo::default()
                })
            }
            Err(failure) => match *failure.problem.cause {
                Cause::CredentialScopeMissing { scopes } => Ok(AccountInfo {
                    missing_scopes: scopes,
                    ..AccountInfo::default()
                }),
                _ => Err(failure),
            },
        }
    }
}

/// The SQLSTATE of SQL that `PostgreSQL` refused: the platform hands its words on, as in `Failed to run sql
/// query: ERROR:  42501: permission denied for table tasks`.
pub fn sql_state(failure: &Failure) -> Option<&str> {
    let words = failure.problem.detail.as_deref()?;
    let (_, error) = words.split_once("ERROR:")?;
    let (state, _) = error.trim_start().split_once(':')?;
    let is_state = state.len() == 5 && state.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (refused_with(failure) == Some(400) && is_state).then_some(state)
}

/// The body of both SQL calls.
#[derive(Serialize)]
struct Query<'a> {
    query: &'a str,
}
