//! Where a project's database is reached. The host is the vendor's to tell, and differs from project to project;
//! the password is in no answer of its.

use fabrik_domain::{
    failure::Failure,
    secret::{ExposeSecret, Secret},
};
use serde::Deserialize;
use url::Url;

use super::Management;
use crate::Call;

/// Where the pooler gives a connection for as long as the client keeps it: what migrations and prepared
/// statements need. The vendor tells the other port alone.
const SESSION_PORT: u16 = 5432;

/// A way into a project's database through its pooler.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Pooler {
    /// `PRIMARY`, `READ_REPLICA`.
    database_type: String,
    /// `transaction`, `session`.
    pool_mode: String,
    /// With `[YOUR-PASSWORD]` where the password goes.
    connection_string: String,
}

/// The ways into a project's primary database, all but the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    pooled: Url,
    direct: Url,
}

impl Connection {
    fn of(poolers: &[Pooler]) -> Option<Self> {
        let way = |mode: &str| {
            let mut found = poolers.iter();
            let found =
                found.find(|one| one.database_type == "PRIMARY" && one.pool_mode == mode)?;
            let url = Url::parse(&found.connection_string).ok()?;
            let usable = matches!(url.scheme(), "postgres" | "postgresql") && url.has_host();
            usable.then_some(url)
        };
        let session = way("session");
        let pooled = way("transaction").or_else(|| session.clone())?;
        let direct = session.or_else(|| {
            let mut url = pooled.clone();
            url.set_port(Some(SESSION_PORT)).ok()?;
            Some(url)
        })?;
        Some(Self { pooled, direct })
    }

    /// For many short-lived clients: a connection is lent for a transaction.
    pub fn pooled(&self, password: &Secret) -> Option<Secret> {
        with(&self.pooled, password)
    }

    /// For migrations and long-lived clients: a connection is lent for as long as the client stays. Through the
    /// pooler too, whose address every network reaches; the database's own has none but IPv6.
    pub fn direct(&self, password: &Secret) -> Option<Secret> {
        with(&self.direct, password)
    }
}

fn with(url: &Url, password: &Secret) -> Option<Secret> {
    let mut url = url.clone();
    // The one sign that is left as it is: it could be the beginning of another.
    let password = Secret::from(password.expose_secret().replace('%', "%25"));
    url.set_password(Some(password.expose_secret())).ok()?;
    Some(Secret::from(String::from(url)))
}

impl Management {
    /// The ways into a project's database: `v1-get-pooler-config`. `None` while there are none that can be
    /// understood.
    pub async fn connection(&self, reference: &str) -> Result<Option<Connection>, Failure> {
        const CALL: Call =
            Call::reads("v1-get-pooler-config").needs(&["database_pooling_config_read"]);
        let path = ["v1", "projects", reference, "config", "database", "pooler"];
        let poolers: Vec<Pooler> = self.account.get(CALL, path).receive().await?;
        Ok(Connection::of(&poolers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pooler(kind: &str, mode: &str, string: &str) -> Pooler {
        Pooler {
            database_type: kind.to_owned(),
            pool_mode: mode.to_owned(),
            connection_string: string.to_owned(),
        }
    }

    fn shown(connection: &Connection, password: &str) -> [String; 2] {
        let password = Secret::from(password);
        [connection.pooled(&password), connection.direct(&password)]
            .map(|url| url.unwrap().expose_secret().to_owned())
    }

    const POOLED: &str = "postgresql://postgres.abc:[YOUR-PASSWORD]@aws-1-eu-north-1.pooler.supabase.com:6543/postgres";

    #[test]
    fn host_and_user_are_the_vendors_and_the_password_takes_its_place() {
        let connection = Connection::of(&[
            pooler(
                "READ_REPLICA",
                "transaction",
                "postgresql://r:x@replica:6543/postgres",
            ),
            pooler("PRIMARY", "transaction", POOLED),
        ]);
        assert_eq!(
            shown(&connection.unwrap(), "s3-cret_x"),
            [
                "postgresql://postgres.abc:s3-cret_x@aws-1-eu-north-1.pooler.supabase.com:6543/postgres",
                "postgresql://postgres.abc:s3-cret_x@aws-1-eu-north-1.pooler.supabase.com:5432/postgres",
            ]
        );
    }

    #[test]
    fn a_session_that_is_told_of_is_taken_as_it_is() {
        let session = "postgresql://u@db.example:6000/app";
        let connection = Connection::of(&[
            pooler("PRIMARY", "transaction", POOLED),
            pooler("PRIMARY", "session", session),
        ]);
        let [_, direct] = shown(&connection.unwrap(), "p");
        assert_eq!(direct, "postgresql://u:p@db.example:6000/app");
    }

    #[test]
    fn a_password_comes_out_as_it_went_in() {
        let connection = Connection::of(&[pooler("PRIMARY", "transaction", POOLED)]).unwrap();
        for url in shown(&connection, "100%41 +:@/å") {
            let url = Url::parse(&url).unwrap();
            let form = format!("p={}", url.password().unwrap().replace('+', "%2B"));
            let decoded = url::form_urlencoded::parse(form.as_bytes()).next().unwrap();
            assert_eq!(decoded.1, "100%41 +:@/å", "{url}");
        }
    }

    #[test]
    fn no_password_leads_elsewhere() {
        let connection = Connection::of(&[pooler("PRIMARY", "transaction", POOLED)]).unwrap();
        for url in shown(&connection, "a@evil.example:1/?x#y") {
            let url = Url::parse(&url).unwrap();
            assert_eq!(
                url.host_str(),
                Some("aws-1-eu-north-1.pooler.supabase.com"),
                "{url}"
            );
            assert_eq!(url.path(), "/postgres", "{url}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_none() {
        for string in ["", "aws-1.example", "https://db.example/x", "postgresql:x"] {
            assert_eq!(
                Connection::of(&[pooler("PRIMARY", "transaction", string)]),
                None,
                "{string}"
            );
        }
        assert_eq!(Connection::of(&[]), None);
    }
}
