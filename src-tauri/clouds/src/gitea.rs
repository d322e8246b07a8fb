//! Gitea: repositories on a server of the agency's own.

mod contents;
mod repository;
#[cfg(test)]
mod tests;

use fabrik_domain::{failure::Failure, id::CustomerId, provider::Provider};
use serde::Deserialize;

use crate::{
    Account, AccountInfo, BaseUrl, Call, Http, Scheme, Token,
    own_server::{OwnServer, api},
    status::{found, refused_with},
};

pub use contents::{Change, FileAt};
pub use repository::Repository;

/// What a token must be allowed for all that the steps do.
const NEEDED: [&str; 3] = ["write:repository", "write:organization", "read:user"];

/// What it must be allowed besides to make a repository of its own user's.
pub const NEEDED_FOR_OWN: &str = "write:user";

/// Gitea's API as an account may use it. Cheap to clone.
#[derive(Clone)]
pub struct Gitea {
    account: Account,
}

#[derive(Deserialize)]
struct UserBody {
    login: String,
}

#[derive(Deserialize)]
struct TokenBody {
    #[serde(default)]
    scopes: Vec<String>,
}

impl Gitea {
    /// The server at `base` (without `/api/v1`), with the token that is there at each call.
    pub fn new(http: Http, base: BaseUrl, token: Token) -> Self {
        let account = Account::new(http, OwnServer(Provider::Gitea), base, token, Scheme::Token);
        Self { account }
    }

    /// The same for a customer's calls: the gates deal turns by customer.
    #[must_use]
    pub fn for_customer(&self, customer: CustomerId) -> Self {
        Self {
            account: self.account.for_customer(customer),
        }
    }

    /// Where the server is.
    pub fn base(&self) -> &BaseUrl {
        self.account.base()
    }

    /// Whose the token is. `userGetCurrent`.
    pub async fn login(&self) -> Result<String, Failure> {
        let call = Call::reads("userGetCurrent").needs(&["read:user"]);
        let draft = self.account.get(call, api(["user"]));
        Ok(draft.receive::<UserBody>().await?.login)
    }

    /// Tries the token. What it may do is told from 1.27 on. `userGetCurrent`, `getCurrentToken`.
    pub async fn whoami(&self) -> Result<AccountInfo, Failure> {
        let account = self.login().await?;
        let draft = self
            .account
            .get(Call::reads("getCurrentToken"), api(["token"]));
        let scopes = match found(draft.receive::<TokenBody>().await) {
            Ok(body) => body.map(|body| body.scopes),
            // An older server takes the name for something else.
            Err(failure) if refused_with(&failure).is_some() => None,
            Err(failure) => return Err(failure),
        };
        let scopes = scopes.unwrap_or_default();
        let missing = NEEDED
            .iter()
            .filter(|needed| !scopes.is_empty() && !allows(&scopes, needed));
        Ok(AccountInfo {
            account,
            missing_scopes: missing.map(ToString::to_string).collect(),
            scopes,
            expires_at: None,
        })
    }
}

/// Whether these scopes cover the one: `all` covers everything, and writing covers reading.
pub fn allows(scopes: &[String], needed: &str) -> bool {
    let writes = needed.replace("read:", "write:");
    scopes
        .iter()
        .any(|scope| scope == "all" || scope == needed || *scope == writes)
}
