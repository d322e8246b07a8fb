//! Who runs the SQL: the roles that Supabase's own services sign in as.

use serde_json::Value;

/// Who a request to the database comes from. Every request starts from a session without leftovers
/// of the one before.
#[derive(Clone, Debug, PartialEq)]
pub enum Login {
    /// `postgres`, the owner of the project's database: the Management API's `database/query`.
    Owner,
    /// `supabase_read_only_user`: the Management API's `database/query/read-only`. Reads everything,
    /// writes nothing, and has an empty search path, so names must be qualified.
    Reader,
    /// `supabase_auth_admin`: `GoTrue`, the owner of `auth`.
    Auth,
    /// `authenticator` become another role for one transaction: `PostgREST`.
    Api(Caller),
}

/// For whom `PostgREST` asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Caller {
    /// The role that the request's key or token names.
    pub role: ApiRole,
    /// The token's claims, as `auth.jwt()` gives them.
    pub claims: Value,
    /// Whether the transaction may only read, as for `GET`.
    pub read_only: bool,
}

/// The roles of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiRole {
    /// Nobody has signed in.
    Anon,
    /// A user has signed in.
    Authenticated,
    /// The project's own server, past row-level security.
    Service,
}

impl ApiRole {
    /// The role's name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anon => "anon",
            Self::Authenticated => "authenticated",
            Self::Service => "service_role",
        }
    }

    /// The role of that name, where it is one of the API.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Anon, Self::Authenticated, Self::Service]
            .into_iter()
            .find(|role| role.name() == name)
    }
}

impl Login {
    /// Signs the session in.
    pub(crate) fn sign_in(&self) -> &'static str {
        match self {
            Self::Owner => "set session authorization postgres",
            Self::Reader => {
                "set session authorization supabase_read_only_user; set search_path = ''; \
                 set default_transaction_read_only = on"
            }
            Self::Auth => "set session authorization supabase_auth_admin; set search_path = auth",
            Self::Api(_) => {
                "set session authorization authenticator; set search_path = public, extensions"
            }
        }
    }
}

impl Caller {
    /// Opens the caller's transaction.
    pub(crate) fn begin(&self) -> String {
        let access = if self.read_only {
            "read only"
        } else {
            "read write"
        };
        format!("begin {access}; set local role {}", self.role.name())
    }
}
