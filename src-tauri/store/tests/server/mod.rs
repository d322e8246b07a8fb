//! A PostgreSQL server of the tests' own, with a pooler in transaction mode before it: in a temporary directory, on
//! a socket in it and a free port, for as long as the tests' process lives.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

use fabrik_store::Address;
use tokio_postgres::NoTls;

/// Started by the first test that needs it; ends when its standard input does, however the tests end.
static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

/// The port of the pooler's socket; nobody else's, since the socket is in the server's own folder.
const POOLER: u16 = 6432;

pub struct Server {
    folder: String,
    pub port: u16,
    _process: Child,
    _input: ChildStdin,
}

/// A database of a test's own. It goes with the server.
pub struct Database {
    pub name: String,
}

impl Server {
    fn start() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        // Handed over as text: the server's user may not be let into the checkout.
        let script = include_str!("start.sh");
        // initdb refuses root.
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--", "bash", "-c", script, "start.sh"]);
            command
        } else {
            let mut command = Command::new("bash");
            command.args(["-c", script, "start.sh"]);
            command
        };
        let mut process = command
            .args([port.to_string(), POOLER.to_string()])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("bash and runuser are there");
        let input = process.stdin.take().unwrap();
        let mut folder = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut folder)
            .unwrap();
        let folder = folder.trim().to_owned();
        assert!(
            !folder.is_empty(),
            "PostgreSQL and PgBouncer are needed: scripts/setup test installs them"
        );
        Self {
            folder,
            port,
            _process: process,
            _input: input,
        }
    }
}

fn config(database: &str) -> String {
    let (folder, port) = (&SERVER.folder, SERVER.port);
    format!("host={folder} port={port} user=postgres dbname={database}")
}

/// The server's socket itself, whatever database is wanted.
pub fn socket() -> PathBuf {
    let (folder, port) = (&SERVER.folder, SERVER.port);
    PathBuf::from(format!("{folder}/.s.PGSQL.{port}"))
}

/// Runs statements as the server's owner, in a database or beside all.
pub fn admin(database: &str, sql: &str) {
    let config = config(database);
    let sql = sql.to_owned();
    // A test's own runtime may not be waited for.
    std::thread::spawn(move || {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let (client, connection) = tokio_postgres::connect(&config, NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(&sql).await.unwrap();
        });
    })
    .join()
    .unwrap();
}

impl Database {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("central_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        admin("postgres", &format!("CREATE DATABASE {name}"));
        Self { name }
    }

    /// By the server's socket, as its owner.
    pub fn direct(&self) -> Address {
        self.address("postgres", SERVER.port)
    }

    /// Through the pooler.
    pub fn pooled(&self) -> Address {
        self.address("postgres", POOLER)
    }

    fn address(&self, user: &str, port: u16) -> Address {
        let (folder, name) = (&SERVER.folder, &self.name);
        let url = format!("postgres://{user}@socket:{port}/{name}?host={folder}");
        Address::parse(&url).unwrap()
    }

    /// The same for a client without the store.
    pub fn config(&self) -> String {
        config(&self.name)
    }

    /// By TCP, where a password is asked for.
    pub fn with_password(&self, user: &str, password: &str) -> Address {
        let (port, name) = (SERVER.port, &self.name);
        Address::parse(&format!(
            "postgres://{user}:{password}@127.0.0.1:{port}/{name}"
        ))
        .unwrap()
    }

    /// By TCP and TLS. `authority` is a file of the server's: `authority.pem`, which made its certificate, or
    /// `other.pem`, which made none.
    pub fn encrypted(&self, user: &str, password: &str, host: &str, authority: &str) -> String {
        let (folder, port, name) = (&SERVER.folder, SERVER.port, &self.name);
        format!(
            "postgres://{user}:{password}@{host}:{port}/{name}\
             ?sslmode=verify-full&sslrootcert={folder}/{authority}"
        )
    }

    /// Ends every connection that a store has to it.
    pub fn cut(&self) {
        let sql = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = '{}' AND application_name = 'fabrik'",
            self.name
        );
        admin("postgres", &sql);
    }

    pub fn run(&self, sql: &str) {
        admin(&self.name, sql);
    }
}
