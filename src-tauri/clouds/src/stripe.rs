//! Stripe: who subscribes, read with a key that can do nothing else.

mod body;
mod dialect;
mod event;
mod subscription;
#[cfg(test)]
mod tests;

use fabrik_domain::{
    Cause, Problem,
    failure::{Failure, Outcome},
    provider::Provider,
    secret::{ExposeSecret, Secret},
};
use http::HeaderName;
use serde::Deserialize;

use crate::{Account, AccountInfo, BaseUrl, Call, Draft, Http, Scheme, Token};

pub use event::{Event, EventPage, EventsFrom};
pub use subscription::{Payer, Price, Standing, Subscription, SubscriptionPage};

/// The version of the API whose answers are read here, whatever the account's own is.
const VERSION: &str = "2026-10-28.endive";

/// What the key must be allowed to read, in Stripe's words.
pub const NEEDED: [&str; 5] = [
    "Events: read",
    "Checkout Sessions: read",
    "Subscriptions: read",
    "Prices: read",
    "Customers: read",
];

/// How the keys begin that are taken: a restricted one, or one of a mode in which there is nothing to lose.
const TAKEN: [&str; 3] = ["rk_live_", "rk_test_", "sk_test_"];

/// Refuses a key that may do anything in a live account, or an organization, and what is none of Stripe's API. Such a
/// one is never sent from here.
pub fn check_key(key: &Secret) -> Result<(), Problem> {
    let key = key.expose_secret().trim();
    if TAKEN.iter().any(|beginning| key.starts_with(beginning)) {
        return Ok(());
    }
    let cause = if key.starts_with("sk_") {
        Cause::CredentialUnrestricted
    } else {
        Cause::CredentialRejected
    };
    Err(Problem::from(cause).by(Provider::Stripe))
}

/// Stripe's API as an account may use it. Cheap to clone.
#[derive(Clone)]
pub struct Stripe {
    account: Account,
    token: Token,
}

#[derive(Deserialize)]
struct AccountBody {
    id: String,
    #[serde(default)]
    settings: Settings,
    #[serde(default)]
    email: Option<String>,
}

#[derive(Default, Deserialize)]
struct Settings {
    #[serde(default)]
    dashboard: Dashboard,
}

#[derive(Default, Deserialize)]
struct Dashboard {
    #[serde(default)]
    display_name: Option<String>,
}

impl Stripe {
    /// The API at `base`, with the key that is there at each call.
    pub fn new(http: Http, base: BaseUrl, token: Token) -> Self {
        let dialect = dialect::StripeDialect;
        let account = Account::new(http, dialect, base, token.clone(), Scheme::Bearer)
            .with_header(HeaderName::from_static("stripe-version"), VERSION);
        Self { account, token }
    }

    /// The key, where it is one that is taken.
    async fn key(&self) -> Result<Secret, Failure> {
        let key = self.token.read(self.account.base()).await;
        let key = key.map_err(|failure| failure.by(Provider::Stripe))?;
        match check_key(&key) {
            Ok(()) => Ok(key),
            Err(problem) => Err(Failure {
                outcome: Outcome::Unauthorized,
                problem,
            }),
        }
    }

    /// Begins a read.
    async fn read<'s>(
        &self,
        call: Call,
        path: impl IntoIterator<Item = &'s str>,
    ) -> Result<Draft<'_>, Failure> {
        self.key().await?;
        Ok(self.account.get(call, ["v1"].into_iter().chain(path)))
    }

    /// Whose objects the key reads: `live acct_1`, or `test` alone where it may not read whose it is. A live key and a
    /// test key of one account have nothing in common. `GetAccount`.
    pub async fn whose(&self) -> Result<String, Failure> {
        let mode = if self.key().await?.expose_secret().contains("_live_") {
            "live"
        } else {
            "test"
        };
        Ok(match self.account().await? {
            Some(AccountBody { id, .. }) => format!("{mode} {id}"),
            None => mode.to_owned(),
        })
    }

    /// The account; none where the key may not read it.
    async fn account(&self) -> Result<Option<AccountBody>, Failure> {
        let draft = self.read(Call::reads("GetAccount"), ["account"]).await?;
        match draft.receive().await {
            Ok(account) => Ok(Some(account)),
            Err(failure) if lacks_scope(&failure) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Tries the key, and names the account. Whether the key may read all that is needed is seen by reading one of
    /// each. `GetAccount`, `GetEvents`, `GetSubscriptions`, `GetCheckoutSessions`, `GetPrices`, `GetCustomers`.
    pub async fn whoami(&self) -> Result<AccountInfo, Failure> {
        // A key need not be allowed to read whose it is.
        let account = self.account().await?.map_or_else(String::new, |account| {
            let named = account.settings.dashboard.display_name.or(account.email);
            named.unwrap_or(account.id)
        });
        let mut missing = Vec::new();
        for (operation, path, scope) in [
            ("GetEvents", &["events"][..], NEEDED[0]),
            ("GetCheckoutSessions", &["checkout", "sessions"], NEEDED[1]),
            ("GetSubscriptions", &["subscriptions"], NEEDED[2]),
            ("GetPrices", &["prices"], NEEDED[3]),
            ("GetCustomers", &["customers"], NEEDED[4]),
        ] {
            let draft = self
                .read(Call::reads(operation), path.iter().copied())
                .await?;
            match draft.query("limit", "1").send().await {
                Ok(_) => {}
                Err(failure) if lacks_scope(&failure) => missing.push(scope.to_owned()),
                Err(failure) => return Err(failure),
            }
        }
        let scopes = NEEDED
            .iter()
            .map(ToString::to_string)
            .filter(|scope| !missing.contains(scope));
        Ok(AccountInfo {
            account,
            scopes: scopes.collect(),
            missing_scopes: missing,
            expires_at: None,
        })
    }
}

fn lacks_scope(failure: &Failure) -> bool {
    matches!(*failure.problem.cause, Cause::CredentialScopeMissing { .. })
}
