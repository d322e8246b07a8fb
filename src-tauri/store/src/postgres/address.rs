//! Where the central database is: a `postgres://` URL without its password, and what follows from it.
//!
//! TLS is decided by where the server is. On this machine (a loopback address, `localhost`, or a socket in the file
//! system) nothing is encrypted unless `sslmode` asks for it. Anywhere else the connection is encrypted and the server's
//! certificate and name are checked, whatever `sslmode` says: `require` and `verify-ca`, which elsewhere check
//! less, mean `verify-full` here, and `disable`, `allow` and `prefer` are refused. `sslrootcert` names a
//! file with the authority of a server that the system doesn't know.

use std::{
    borrow::Cow,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::PathBuf,
    time::Duration,
};

use fabrik_domain::{
    Cause, Problem,
    secret::{ExposeSecret, Secret},
    setting::is_loopback_host,
};
use percent_encoding::percent_decode_str;
use tokio_postgres::{Client, Config, Connection, Socket, config::SslMode, tls::MakeTlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;

use super::{fault::Fault, tls};

/// How long the way to the server may take.
const CONNECT: Duration = Duration::from_secs(8);

/// How long what was sent may stay unheard by the other machine.
const UNHEARD: Duration = Duration::from_secs(15);

/// Where `localhost` is, whatever the hosts file or DNS says: it counts as this machine, and is spoken to in the clear. The
/// driver tells what the last of them says, and few servers are on the first alone.
const LOCALHOST: [IpAddr; 2] = [
    IpAddr::V6(Ipv6Addr::LOCALHOST),
    IpAddr::V4(Ipv4Addr::LOCALHOST),
];

/// Where the central database is, and as whom.
#[derive(Clone)]
pub struct Address {
    url: Url,
    host: Host,
    port: u16,
    database: String,
    user: String,
    encrypted: bool,
    root: Option<PathBuf>,
    password: Option<Secret>,
}

/// What rustls makes of a socket.
type Encrypted = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

/// What the URL says of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Named(String),
    /// A folder with a socket in it.
    Socket(PathBuf),
}

fn invalid(why: &str) -> Problem {
    Problem::from(Cause::DatabaseUrlInvalid).detail(why)
}

impl Address {
    /// Reads a URL. A password that stands in it is taken out: [`Display`](fmt::Display) never shows one.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut url = Url::parse(text.trim()).map_err(|error| invalid(&error.to_string()))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(invalid("it begins with postgres://"));
        }
        let password = url.password().map(decoded).transpose()?.map(Secret::from);
        if url.set_password(None).is_err() && password.is_some() {
            return Err(invalid("a server is missing"));
        }
        let user = decoded(url.username())?;
        if user.is_empty() {
            return Err(invalid(
                "a user is missing: postgres://user@server/database",
            ));
        }
        let database = decoded(url.path().trim_start_matches('/'))?;
        if database.is_empty() {
            return Err(invalid(
                "a database is missing: postgres://user@server/database",
            ));
        }
        let mut host = url.host_str().map(decoded).transpose()?;
        let (mut mode, mut root) = (None, None);
        for (key, value) in url.query_pairs() {
            match &*key {
                "host" => host = Some(value.into_owned()),
                "sslmode" => mode = Some(value.into_owned()),
                "sslrootcert" => root = Some(PathBuf::from(&*value)),
                // Others' words for their own drivers, which say nothing here.
                "pgbouncer" | "connection_limit" | "application_name" | "connect_timeout"
                | "channel_binding" => {}
                other => return Err(invalid(&format!("unknown parameter {other}"))),
            }
        }
        let host = match host.filter(|host| !host.is_empty()) {
            Some(path) if path.starts_with('/') => Host::Socket(PathBuf::from(path)),
            Some(name) => Host::Named(name.trim_matches(['[', ']']).to_owned()),
            None => {
                return Err(invalid(
                    "a server is missing: postgres://user@server/database",
                ));
            }
        };
        let encrypted = is_encrypted(&host, mode.as_deref())?;
        Ok(Self {
            port: url.port().unwrap_or(5432),
            url,
            host,
            database,
            user,
            encrypted,
            root,
            password,
        })
    }

    /// The same with another password, or none.
    #[must_use]
    pub fn with_password(mut self, password: Option<Secret>) -> Self {
        self.password = password;
        self
    }

    /// The password that stood in the URL, or was given since.
    pub fn password(&self) -> Option<&Secret> {
        self.password.as_ref()
    }

    /// The server, as people know it: `db.studio.se:5432`, or the folder with its socket.
    pub fn server(&self) -> String {
        match &self.host {
            Host::Named(name) => format!("{name}:{}", self.port),
            Host::Socket(folder) => folder.display().to_string(),
        }
    }

    /// Which database, whoever asks: `db.studio.se:5432/byran`.
    pub fn place(&self) -> String {
        format!("{}/{}", self.server(), self.database)
    }

    /// As whom.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Whether what goes over the line is encrypted, and the server's certificate checked.
    pub const fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    fn config(&self) -> Config {
        let mut config = Config::new();
        config
            .user(&self.user)
            .dbname(&self.database)
            .port(self.port)
            .application_name("fabrik")
            .connect_timeout(CONNECT)
            .tcp_user_timeout(UNHEARD)
            .keepalives_idle(Duration::from_secs(30))
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3)
            .ssl_mode(if self.encrypted {
                SslMode::Require
            } else {
                SslMode::Disable
            });
        match &self.host {
            Host::Named(name) if name == "localhost" => {
                let [first, last] = LOCALHOST;
                config.host(name).hostaddr(first).host(name).hostaddr(last)
            }
            Host::Named(name) => config.host(name),
            #[cfg(unix)]
            Host::Socket(folder) => config.host_path(folder),
            // There are none elsewhere; the name finds nothing, and that is what is said.
            #[cfg(not(unix))]
            Host::Socket(folder) => config.host(folder.to_string_lossy()),
        };
        if let Some(password) = &self.password {
            config.password(password.expose_secret());
        }
        config
    }

    /// Opens a connection. Its second half must be polled for the first to hear anything.
    pub(super) async fn connect(&self) -> Result<(Client, Connection<Socket, Encrypted>), Fault> {
        let tls = MakeRustlsConnect::new(tls::config(self.root.as_deref())?);
        // The driver's own limit is for each address of a name; this is for the greeting too.
        let connecting = self.config();
        match tokio::time::timeout(CONNECT, connecting.connect(tls)).await {
            Ok(connected) => Ok(connected?),
            Err(_) => Err(Fault::Silent(CONNECT.as_secs())),
        }
    }
}

fn decoded(text: &str) -> Result<String, Problem> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(Cow::into_owned)
        .map_err(|_| invalid("it is not UTF-8"))
}

fn is_encrypted(host: &Host, mode: Option<&str>) -> Result<bool, Problem> {
    let here = match host {
        Host::Socket(_) => return Ok(false),
        Host::Named(name) => is_loopback_host(name),
    };
    match mode {
        None => Ok(!here),
        Some("require" | "verify-ca" | "verify-full") => Ok(true),
        Some("disable" | "allow" | "prefer") if here => Ok(false),
        Some(mode @ ("disable" | "allow" | "prefer")) => Err(invalid(&format!(
            "sslmode={mode} would send everything in the clear to another machine"
        ))),
        Some(other) => Err(invalid(&format!("unknown sslmode {other}"))),
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_out() {
        let address = Address::parse("postgres://anna:p%40ss%2Fw@db.studio.se/central").unwrap();
        assert_eq!(address.to_string(), "postgres://anna@db.studio.se/central");
        assert!(!format!("{address:?}").contains("p@ss"), "{address:?}");
        assert!(!format!("{address:?}").contains("p%40ss"), "{address:?}");
        let password = address.password().map(ExposeSecret::expose_secret);
        assert_eq!(password, Some("p@ss/w"));
        assert_eq!(address.server(), "db.studio.se:5432");
    }

    #[test]
    fn only_two_digits_after_a_percent_sign_are_a_byte() {
        let address = Address::parse("postgres://an%6ea:%+5%4@localhost/b%2Fc").unwrap();
        assert_eq!(address.user(), "anna");
        let password = address.password().map(ExposeSecret::expose_secret);
        assert_eq!(password, Some("%+5%4"));
        assert_eq!(address.place(), "localhost:5432/b/c");
        for url in [
            "postgres://%ff@localhost/b",
            "postgres://anna:%c3%28@localhost/b",
            "postgres://anna@localhost/%e5",
        ] {
            let problem = Address::parse(url).unwrap_err();
            assert_eq!(*problem.cause, Cause::DatabaseUrlInvalid, "{url}");
            assert_eq!(problem.detail.as_deref(), Some("it is not UTF-8"), "{url}");
        }
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for (url, encrypted) in [
            ("postgres://a@localhost/b", Some(false)),
            ("postgres://a@127.0.0.1:6432/b", Some(false)),
            ("postgres://a@[::1]/b", Some(false)),
            ("postgres://a@localhost/b?sslmode=verify-full", Some(true)),
            ("postgres://a@socket/b?host=/run/postgresql", Some(false)),
            ("postgresql://a@10.0.0.7/b", Some(true)),
            (
                "postgres://a@db.studio.se/b?sslmode=require&pgbouncer=true",
                Some(true),
            ),
            ("postgres://a@db.studio.se/b?sslmode=disable", None),
            ("postgres://a@db.studio.se/b?sslmode=prefer", None),
            // Only the name itself is this machine.
            ("postgres://a@localhost.studio.se/b", Some(true)),
        ] {
            let found = Address::parse(url).map(|address| address.is_encrypted());
            assert_eq!(found.ok(), encrypted, "{url}");
        }
    }

    #[test]
    fn localhost_is_this_machine_whatever_a_hosts_file_says() {
        for mode in ["", "?sslmode=verify-full"] {
            let url = format!("postgres://a@localhost/b{mode}");
            let config = Address::parse(&url).unwrap().config();
            assert_eq!(config.get_hostaddrs(), LOCALHOST, "{url}");
            // Which the server's certificate is for.
            let named = tokio_postgres::config::Host::Tcp("localhost".to_owned());
            assert_eq!(config.get_hosts(), [named.clone(), named], "{url}");
        }
        let other = Address::parse("postgres://a@db.studio.se/b").unwrap();
        assert!(other.config().get_hostaddrs().is_empty());
    }

    #[test]
    fn what_is_missing_is_named() {
        for (url, word) in [
            ("db.studio.se", "relative URL"),
            ("mysql://a@b/c", "postgres://"),
            ("postgres://db.studio.se/b", "user"),
            ("postgres://a@db.studio.se", "database"),
            ("postgres:///b", "user"),
            ("postgres://a@db.studio.se/b?sslmod=require", "sslmod"),
        ] {
            let problem = Address::parse(url).unwrap_err();
            assert_eq!(*problem.cause, Cause::DatabaseUrlInvalid, "{url}");
            let detail = problem.detail.unwrap_or_default();
            assert!(detail.contains(word), "{url}: {detail}");
        }
    }
}
